"""The day on which a step was last completed. Skipping is not completing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="completed_on",
    type="date",
    law=Law.RISE,
    writers=(Writer.STEPS,),
    doc="The day of the last completion of a step; not before that round was opened.",
    arguments=(Argument("of", ArgumentKind.ELEMENT, required=True),),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That day; unknown when it was never completed."""
    element = ref.argument("of")
    visits = context.visits_of(element) or context.visits_on_track(element)
    days = [visit.completed_on for visit in context.finished(visits) if visit.completed_on is not None]
    return days[-1] if days else UNKNOWN
