"""Since when, without a break, a child under a measure lives away from home under a court order (BW 1:265j)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import PERSON, FactSpec, Law, Writer
from padwijzer.workflows.core.facts.order_kinds import NO_LONGER
from padwijzer.workflows.core.facts.placement_count import begun_placements, has_ended
from padwijzer.workflows.core.facts.running_measure import last_day

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseFile, CaseLookup

Stretch: TypeAlias = tuple[date, date]
"""First and last day, both included."""
MOVE: Final = "measure_break_14d"
"""Term within which a move does not break the time."""
ONE_DAY: Final = timedelta(days=1)

FACT = FactSpec(
    key="placed_under_measure_since",
    type="date",
    law=Law.KEEP,
    writers=("measure", "order", "placement", Writer.CLOCK),
    doc="The start of the unbroken time under a measure and away from home; it stays while both last.",
    arguments=(PERSON,),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That day; unknown when the child is not placed under a measure and an order now."""
    child = context.person(ref.argument("person", "child"))
    if child is None:
        return UNKNOWN
    case_file, today = context.case_file, context.case_file.today
    together = _overlap(_overlap(_measures(case_file, child), _orders(case_file, child)), _away(case_file, child))
    return next((first for first, last in together if first <= today <= last), UNKNOWN)


def _measures(case_file: CaseFile, child: str) -> list[Stretch]:
    rows = case_file.of_child("measure", child)
    found = [(first, last_day(row) or date.max) for row in rows if (first := row.day("from") or row.day("ruling_on"))]
    return _joined(found, case_file, "")


def _orders(case_file: CaseFile, child: str) -> list[Stretch]:
    rows = [row for row in case_file.of_child("order", child) if row.day("from")]
    found = []
    for row in rows:
        first, last = row.day("from"), row.day("until") or date.max
        if row.text("status") in NO_LONGER:
            last = min(last, case_file.today - ONE_DAY)
        if first is not None and first <= last:
            found.append((first, last))
    return _joined(found, case_file, "")


def _away(case_file: CaseFile, child: str) -> list[Stretch]:
    found = []
    for row in begun_placements(case_file, child):
        first = row.day("started_on")
        last = (row.day("ended_on") or row.recorded_on) if has_ended(row, case_file.today) else date.max
        if first is not None and first <= last:
            found.append((first, last))
    return _joined(found, case_file, MOVE)


def _joined(stretches: list[Stretch], case_file: CaseFile, gap: str) -> list[Stretch]:
    joined: list[Stretch] = []
    for first, last in sorted(stretches):
        if joined and first <= _reach(joined[-1][1], case_file, gap):
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _reach(last: date, case_file: CaseFile, gap: str) -> date:
    """The last day on which a new stretch still joins one that ended."""
    if last == date.max:
        return last
    moved = case_file.times.shift(last, 1, gap) if gap else None
    return moved or last + ONE_DAY


def _overlap(one: list[Stretch], other: list[Stretch]) -> list[Stretch]:
    return [
        (max(first, start), min(last, end))
        for first, last in one
        for start, end in other
        if max(first, start) <= min(last, end)
    ]
