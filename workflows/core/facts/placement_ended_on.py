"""The day on which the last ended placement of a child ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import PERSON, FactSpec, Law, Writer
from padwijzer.workflows.core.facts.placement_count import begun_placements, has_ended

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="placement_ended_on",
    type="date",
    law=Law.RISE,
    writers=("placement", Writer.CLOCK),
    doc="The end of the last placement that ended; not before its start.",
    arguments=(PERSON,),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That day; unknown when none has ended."""
    child = context.person(ref.argument("person", "child"))
    begun = begun_placements(context.case_file, child) if child else ()
    days = [day for row in begun if has_ended(row, context.case_file.today) and (day := row.day("ended_on"))]
    return max(days, default=UNKNOWN)
