"""Which child protection measure runs for a child (BW 1:255 ots, BW 1:257 vots)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import PERSON, FactSpec, Law, Writer
from padwijzer.workflows.core.facts.age import age_of

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row

NONE: Final = "none"
KINDS: Final = ("ots", "vots")
ADULT: Final = "age_18y"

FACT = FactSpec(
    key="running_measure",
    type="choice",
    law=Law.KEEP,
    writers=("measure", Writer.CLOCK),
    doc="The kind of measure that runs; the clock can only end it, and from the 18th birthday there is none.",
    arguments=(PERSON,),
    values=(NONE, *KINDS),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """`none`, `ots` or `vots`; unknown when it is not one child."""
    child = context.person(ref.argument("person", "child"))
    return UNKNOWN if child is None else running_measure(context.case_file, child)


def running_measure(case_file: CaseFile, child: str) -> Value:
    """The kind of the measure of a child that runs today; `ots` before `vots`."""
    age = age_of(case_file, child, case_file.today)
    if isinstance(age, int) and age >= case_file.times.age(ADULT):
        return NONE
    kinds = {row.text("kind") for row in case_file.of_child("measure", child) if runs(row, case_file.today)}
    return next((kind for kind in KINDS if kind in kinds), NONE)


def runs(row: Row, on: date) -> bool:
    """Whether a measure runs on a day: from its first up to and including its last, unless it was ended before."""
    first, last, ended = row.day("from") or row.day("ruling_on"), row.day("until"), row.day("ended_on")
    return (first is None or first <= on) and (last is None or on <= last) and (ended is None or on < ended)


def last_day(row: Row) -> date | None:
    """The last day of a measure: its end, or the day on which it was ended earlier; None when that is open."""
    return min(filter(None, (row.day("until"), row.day("ended_on"))), default=None)
