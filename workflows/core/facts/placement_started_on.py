"""The day on which the open or last placement of a child began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import PERSON, FactSpec, Law, Writer
from padwijzer.workflows.core.facts.placement_count import begun_placements

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="placement_started_on",
    type="date",
    law=Law.RISE,
    writers=("placement", Writer.CLOCK),
    doc="The start of the open or last placement; today or earlier.",
    arguments=(PERSON,),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That day; unknown when the child was never placed."""
    child = context.person(ref.argument("person", "child"))
    begun = begun_placements(context.case_file, child) if child else ()
    return (begun[-1].day("started_on") or UNKNOWN) if begun else UNKNOWN
