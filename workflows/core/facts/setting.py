"""A setting of the municipality."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="setting",
    type="any",
    law=Law.KEEP,
    writers=(Writer.SETTINGS,),
    doc="A setting of the municipality, as it was on the day the step opened.",
    arguments=(Argument("key", ArgumentKind.KEY, required=True),),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """The value in force; unknown when the municipality never set it."""
    return context.case_file.settings.get(ref.argument("key"), UNKNOWN)
