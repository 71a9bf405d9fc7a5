"""With what the call of this step returned, for a call that runs once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="outcome",
    type="choice",
    law=Law.KEEP,
    writers=(Writer.CALLS,),
    doc="The outcome of the call of this step; set once, when the called run returns.",
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That outcome; unknown while the called run is open."""
    return context.call_outcomes.get("", UNKNOWN)
