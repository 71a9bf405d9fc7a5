"""Where a child lives, as far as placements say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import PERSON, FactSpec, Law, Writer
from padwijzer.workflows.core.facts.placement_count import begun_placements, has_ended

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseFile, CaseLookup

HOME: Final = "home"
PLACED: Final = "placed"
NOT_KNOWN: Final = "unknown"
PLACES: Final = (
    HOME, PLACED, "other_family", "independent", "foster_after_18", "secure", "missing", NOT_KNOWN,
)  # fmt: skip

FACT = FactSpec(
    key="lives_at",
    type="choice",
    law=Law.KEEP,
    writers=("placement", Writer.CLOCK),
    doc="Where a child lives; it changes only when a placement begins or ends.",
    arguments=(PERSON,),
    values=PLACES,
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """One of the places; unknown only when it is not one child."""
    child = context.person(ref.argument("person", "child"))
    return UNKNOWN if child is None else lives_at(context.case_file, child)


def lives_at(case_file: CaseFile, child: str) -> str:
    """`placed` while a placement runs; else where the last one ended; `home` when there never was one."""
    begun = begun_placements(case_file, child)
    if not begun:
        return HOME
    if any(not has_ended(row, case_file.today) for row in begun):
        return PLACED
    ended_to = begun[-1].text("ended_to")
    return ended_to if ended_to in PLACES else NOT_KNOWN
