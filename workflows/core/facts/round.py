"""How many times a step was opened since something happened, this time included."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from padwijzer.forms.core.conditions import FactRef, Value
from padwijzer.workflows.core.definition import RecordEvent
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row, Visit

COUNTED: Final = 5
"""Counting stops here: conditions compare with at most 4."""

FACT = FactSpec(
    key="round",
    type="number",
    law=Law.FREE,
    writers=(Writer.STEPS, "help_item", "measure", "order", "placement", "consent", "deviation"),
    doc="How many times a step was opened since the anchor: one more each time, anew when the anchor recurs.",
    arguments=(
        Argument("of", ArgumentKind.ELEMENT, required=True),
        Argument("since", ArgumentKind.ANCHOR),
    ),
    may_be_unknown=False,
)
EVENTS: Final = frozenset(event.value for event in RecordEvent)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """The number of openings, at most 5; 0 when it was never opened."""
    visits = since(context, context.visits_of(ref.argument("of")), ref.argument("since"))
    return min(len(visits), COUNTED)


def since(context: CaseLookup, visits: tuple[Visit, ...], anchor: str) -> tuple[Visit, ...]:
    """
    The openings after an anchor.

    Args:
        context: the case.
        visits: openings, in order.
        anchor: a step that was completed, or a record event; empty, or not happened yet: the start of the run.
    """
    if not anchor:
        return visits
    if anchor in EVENTS:
        day = event_day(context, RecordEvent(anchor))
        return visits if day is None else tuple(visit for visit in visits if visit.opened_on >= day)
    finished = context.finished(context.visits_of(anchor))
    if not finished or finished[-1].completed_on is None:
        return visits
    every, meant, day = context.case_file.visits, {id(visit) for visit in visits}, finished[-1].completed_on
    place = max(index for index, visit in enumerate(every) if visit is finished[-1])
    return tuple(visit for visit in every[place + 1 :] if id(visit) in meant and visit.opened_on >= day)


def event_day(context: CaseLookup, event: RecordEvent) -> date | None:
    """
    The day from which something that happened to a register counts, for the children of this run; None: not yet.

    Of the start of help it is the first of the helps that run now, so that a second help does not begin the count
    again. Of all else it is the last.
    """
    case_file, children = context.case_file, context.children()
    match event:
        case RecordEvent.HELP_STARTED:
            running = [row for row in _about(case_file, "help_item", children) if row.text("status") == "running"]
            days = _days(running, "started_on", case_file.today)
            return min(days) if days else _last(context, "help_item", "started_on")
        case RecordEvent.HELP_MATCHED:
            return _last(context, "help_item", "matched_on")
        case RecordEvent.HELP_STOPPED:
            return _last(context, "help_item", "ended_on")
        case RecordEvent.MEASURE_STARTED:
            return _last(context, "measure", "ruling_on") or _last(context, "measure", "from")
        case RecordEvent.MEASURE_ENDED:
            return max(filter(None, (_last(context, "measure", key) for key in ("ended_on", "until"))), default=None)
        case RecordEvent.ORDER_ENDED:
            return _last(context, "order", "until")
        case RecordEvent.PLACEMENT_STARTED:
            return _last(context, "placement", "started_on")
        case RecordEvent.PLACEMENT_ENDED:
            return _last(context, "placement", "ended_on")
        case RecordEvent.CAME_HOME:
            home = [row for row in _about(case_file, "placement", children) if row.text("ended_to") == "home"]
            return max(_days(home, "ended_on", case_file.today), default=None)
        case RecordEvent.DEVIATION_MADE:
            return max(_days(case_file.rows("deviation"), "on", case_file.today), default=None)
        case RecordEvent.CONSENT_WITHDRAWN:
            withdrawn = [row for row in case_file.rows("consent") if row.text("kind") == "withdrawal"]
            return max(_days(withdrawn, "on", case_file.today), default=None)
        case RecordEvent.CONSENT_COMPLETE:
            return max(_days(case_file.rows("consent"), "on", case_file.today), default=None)
        case RecordEvent.CASE_OPENED:
            return min((run.started_on for run in case_file.runs), default=None)
        case RecordEvent.TRACK_OPENED:
            return context.this_run.started_on


def _about(case_file: CaseFile, register: str, children: frozenset[str]) -> list[Row]:
    return [row for row in case_file.rows(register) if not row.text("child") or row.text("child") in children]


def _days(rows: list[Row] | tuple[Row, ...], column: str, today: date) -> list[date]:
    return [day for row in rows if (day := row.day(column)) is not None and day <= today]


def _last(context: CaseLookup, register: str, column: str) -> date | None:
    rows = _about(context.case_file, register, context.children())
    return max(_days(rows, column, context.case_file.today), default=None)
