"""How many placements of a child have begun."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import PERSON, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row

FACT = FactSpec(
    key="placement_count",
    type="number",
    law=Law.RISE,
    writers=("placement", Writer.CLOCK),
    doc="Placements that have begun, moves included; it never falls.",
    arguments=(PERSON,),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """Their number; unknown when it is not one child."""
    child = context.person(ref.argument("person", "child"))
    return UNKNOWN if child is None else len(begun_placements(context.case_file, child))


def begun_placements(case_file: CaseFile, child: str) -> tuple[Row, ...]:
    """The placements of a child that have begun, the earliest first. What is only planned is none."""
    begun = [row for row in case_file.of_child("placement", child) if has_begun(row, case_file.today)]
    return tuple(sorted(begun, key=lambda row: row.day("started_on") or row.recorded_on))


def has_begun(row: Row, on: date) -> bool:
    """Whether a placement has begun on a day."""
    start = row.day("started_on")
    return start <= on if start else row.text("status") in ("running", "ended")


def has_ended(row: Row, on: date) -> bool:
    """Whether a placement that began has ended on a day."""
    end = row.day("ended_on")
    return end <= on if end else row.text("status") == "ended"
