"""The day on which a step was last opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="opened_on",
    type="date",
    law=Law.RISE,
    writers=(Writer.STEPS,),
    doc="The day of the last opening of a step; today or earlier, and later in each round.",
    arguments=(Argument("of", ArgumentKind.ELEMENT, required=True),),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That day; unknown when it was never opened."""
    element = ref.argument("of")
    visits = context.visits_of(element) or context.visits_on_track(element)
    return visits[-1].opened_on if visits else UNKNOWN
