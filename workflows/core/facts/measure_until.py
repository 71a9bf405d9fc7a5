"""The last day of the running or last child protection measure of a child."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import PERSON, FactSpec, Law
from padwijzer.workflows.core.facts.running_measure import last_day

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="measure_until",
    type="date",
    law=Law.KEEP,
    writers=("measure",),
    doc="The last day of the running or last measure, renewals that were granted included.",
    arguments=(PERSON,),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That day; unknown when there was no measure or its end is open."""
    child = context.person(ref.argument("person", "child"))
    ends = [last_day(row) for row in context.case_file.of_child("measure", child)] if child else []
    days = [day for day in ends if day is not None]
    return max(days) if days and len(days) == len(ends) else UNKNOWN
