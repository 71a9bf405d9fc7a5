"""On which rung of the ladder the open or last placement of a child is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import PERSON, FactSpec, Law, Writer
from padwijzer.workflows.core.facts.placement_count import begun_placements

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="placement_rung",
    type="choice",
    law=Law.KEEP,
    writers=("placement", Writer.CLOCK),
    doc="The rung of the open or last placement; it stays the same during a placement.",
    arguments=(PERSON,),
    values=("t1", "t2", "t3", "t4", "t5"),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """`t1` to `t5`, in order; unknown when the child was never placed."""
    child = context.person(ref.argument("person", "child"))
    begun = begun_placements(context.case_file, child) if child else ()
    return (begun[-1].text("rung") or UNKNOWN) if begun else UNKNOWN
