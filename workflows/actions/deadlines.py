"""
The rows of running deadlines: made when a step or duty is opened, closed with it, computed anew with another start.

Called by the actions, inside their transaction. A step without deadlines costs no statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, Final, cast
from uuid import UUID

from django.db.models import Case as Choose
from django.db.models import Q, QuerySet, Value, When

from padwijzer.forms.core.nodes import Node
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Visit, VisitState
from padwijzer.workflows.core.deadlines import (
    EARLY,
    DeadlineState,
    Due,
    Ledger,
    local_day,
    read_ledger,
    start_of_day,
    write_explanation,
    write_ledger,
)
from padwijzer.workflows.core.definition import Activity
from padwijzer.workflows.core.scheduling import Held, Scheduled, duty_due, reminder, reschedule, schedule
from padwijzer.workflows.core.semantics import What
from padwijzer.workflows.models import RegisterRow, RunningDeadline, Task
from padwijzer.workflows.models.prepared import Insert, Update
from padwijzer.workflows.models.runs import UNFINISHED
from padwijzer.workflows.queries.case_files import LazyVisits, calendars

State = RunningDeadline.State
CLOSED: Final = (State.MET, State.CANCELLED)
COMPUTED: Final = (
    "term",
    "start",
    "due",
    "state",
    "explanation",
    "ledger",
    "next_signal",
    "signalled",
    "known_at",
    "appears_on",
)
"""Columns that follow from a start."""
DONE: Final = (What.STEP_COMPLETED, What.STEP_SAVED, What.STEP_SKIPPED)
BROKEN_OFF: Final = (What.STEP_CANCELLED,)

_ADD = Insert(RunningDeadline)
_GIVE_DUE_DATE = Update(Task, ("due",))


def open_deadlines(work: Work, tasks: Iterable[Task]) -> None:
    """
    Let the terms of opened tasks run: one insert for all, and an update for each task that gets a due date.

    Args:
        work: the case; what was recorded in this action is known to it.
        tasks: tasks that were opened in it.
    """
    opened = [task for task in tasks if task.finished is None and work.activity(task).deadlines]
    if not opened:
        return
    file = _file(work)
    rows = [row for task in opened for row in _opened(work, file, task)]
    _ADD(rows)
    _give_due_dates(opened, rows)


def open_duty_deadline(work: Work, row: RegisterRow, term: str) -> None:
    """
    Let the term of a duty run from now.

    Args:
        work: the case.
        row: the duty, stored.
        term: key of its term.
    """
    due = due_of_duty(work, term)
    scheduled = Scheduled(0, term, local_day(due.explanation.start), due)
    _fill(RunningDeadline(case=work.case, duty=row), scheduled, work.acting.at).save(force_insert=True)


def due_of_duty(work: Work, term: str) -> Due:
    """When a duty is due that is opened in this action. Args: work: the case; term: key of its term."""
    return duty_due(work.release.terms[term], _moment(work), calendars())


def close_deadlines(work: Work) -> None:
    """
    Close the deadlines of all that ended in this action.

    That is the step somebody did, what the engine completed by itself, what ended with its track or its run, and the
    duties that were discharged. One update for each of done steps, steps broken off, and duties; none where nothing
    with a term ended.

    Args:
        work: the case.
    """
    for ways, met in ((DONE, True), (BROKEN_OFF, False)):
        ended = Q()
        for it in work.happened:
            if it.what in ways and _activity(work, it.run, it.activity).deadlines:
                ended |= Q(task__process__number=it.run, task__activity=it.activity)
        if ended:
            rows = RunningDeadline.objects.filter(ended, case=work.case, task__finished=work.acting.at)
            _close(work, rows, met=met)
    states = {change.row: change.values.get("state") for change in work.written if change.register == "duty"}
    for state, met in (("done", True), ("cancelled", False)):
        if ids := [UUID(row) for row, its_state in states.items() if its_state == state]:
            _close(work, RunningDeadline.objects.filter(case=work.case, duty__in=ids), met=met)


def reschedule_deadlines(work: Work) -> bool:
    """
    Compute the deadlines of open steps anew, where a start became known or was corrected.

    One query, and where something changed an update of the deadlines, and one for each task with another due date.
    What is late already stays so, with a line in its ledger.

    Args:
        work: the case.

    Returns:
        Whether something changed.
    """
    rows = list(
        RunningDeadline.objects.filter(case=work.case, task__status__in=UNFINISHED)
        .exclude(state__in=CLOSED)
        .select_related("task__process")
        .order_by("task", "index")
    )
    if not rows:
        return False
    file = _file(work)
    changed: list[RunningDeadline] = []
    tasks: list[Task] = []
    for _task, group in groupby(rows, key=lambda row: row.task_id):
        mine = list(group)
        if fresh := _rescheduled(work, file, mine):
            changed += fresh
            tasks.append(cast("Task", mine[0].task))
    if not changed:
        return False
    RunningDeadline.objects.bulk_update(changed, COMPUTED)
    _give_due_dates(tasks, rows)
    return True


def next_signal(due: Due | None, given: int, percentages: Sequence[int] = (EARLY,)) -> datetime | None:
    """
    When a deadline next asks for attention.

    Args:
        due: when it is due; None while that is not known.
        given: how often it asked already.
        percentages: at which parts of its term it warns.
    """
    coming = None if due is None else reminder(due, given, calendars(), percentages)
    return coming.at if coming else None


def ledger_of(row: RunningDeadline) -> Ledger:
    """What happened to a running deadline. Raises: Unreadable when what is stored is none."""
    return read_ledger(Node(row.ledger))


def percentages_of(activity: Activity, index: int) -> tuple[int, ...]:
    """At which parts of its term a deadline of a step warns. Args: activity: the step; index: which deadline."""
    return activity.deadlines[index].warn if index < len(activity.deadlines) else (EARLY,)


def _moment(work: Work) -> datetime:
    """When it happened: now, or the first moment of the day that was entered afterwards."""
    acting = work.acting
    return acting.at if acting.happened_on is None else start_of_day(acting.happened_on)


def _opened(work: Work, file: CaseFile, task: Task) -> list[RunningDeadline]:
    activity = work.activity(task)
    found = schedule(
        activity,
        _lookup(work, file, task),
        definition=task.process.definition,
        round=task.round,
        opened_on=_moment(work),
        terms=work.release.terms,
        calendars=calendars(),
    )
    return [
        _fill(
            RunningDeadline(case=work.case, task=task, index=it.index),
            it,
            work.acting.at,
            percentages_of(activity, it.index),
        )
        for it in found
    ]


def _rescheduled(work: Work, file: CaseFile, rows: Sequence[RunningDeadline]) -> list[RunningDeadline]:
    """The deadlines of one task that changed."""
    task = cast("Task", rows[0].task)
    activity = work.activity(task)
    found = reschedule(
        activity,
        _lookup(work, file, task),
        [Held(row.index, row.term, row.start, DeadlineState(row.state), ledger_of(row)) for row in rows],
        definition=task.process.definition,
        round=task.round,
        opened_on=task.created if local_day(task.created) == task.opened_on else task.opened_on,
        terms=work.release.terms,
        calendars=calendars(),
        on=work.acting.today,
        by=work.acting.pseudonym(),
    )
    by_index = {row.index: row for row in rows}
    changed = []
    for it in found:
        row = by_index[it.index]
        if it.scheduled is not None:
            _fill(row, it.scheduled, work.acting.at, percentages_of(activity, it.index))
        row.ledger = write_ledger(it.ledger)
        changed.append(row)
    return changed


def _fill(
    row: RunningDeadline, scheduled: Scheduled, known_at: datetime, percentages: Sequence[int] = (EARLY,)
) -> RunningDeadline:
    due = scheduled.due
    row.term = scheduled.term
    row.start = scheduled.start
    row.due = due.at if due else None
    row.state = scheduled.state.value
    row.explanation = write_explanation(due.explanation) if due else {}
    row.ledger = write_ledger(due.ledger) if due else []
    row.next_signal = next_signal(due, 0, percentages)
    row.signalled = 0
    row.known_at = known_at if due else None
    row.appears_on = scheduled.appears_on
    return row


def _give_due_dates(tasks: Sequence[Task], rows: Sequence[RunningDeadline]) -> None:
    """A task is due on the first of its days that is not behind it as cancelled or met."""
    for task in tasks:
        days = [row.due for row in rows if row.task_id == task.pk and row.due is not None]
        due = min(days, default=None)
        if due != task.due:
            task.due = due
            _GIVE_DUE_DATE(task)


def _close(work: Work, rows: QuerySet[RunningDeadline], *, met: bool) -> None:
    """Close deadlines in one update. One that never began, or stands still, was not exceeded."""
    outcome: Any = Value(State.CANCELLED)
    if met:
        outcome = Choose(
            When(due=None, then=Value(State.CANCELLED)),
            When(state=State.SUSPENDED, then=Value(State.MET)),
            When(due__lt=_moment(work), then=Value(State.LATE)),
            default=Value(State.MET),
        )
    rows.exclude(state__in=CLOSED).update(state=outcome, next_signal=None)


def _activity(work: Work, run: int, activity: str) -> Activity:
    return work.release.plan.activity(work.movement.marking.run(run).definition, activity)


def _file(work: Work) -> CaseFile:
    """The case as this action leaves it, with the steps as they stand now."""
    return replace(work.file(), visits=cast("tuple[Visit, ...]", _Visits(work)))


def _lookup(work: Work, file: CaseFile, task: Task) -> CaseLookup:
    """The case as a step sees it that was opened: it has no answers yet."""
    return CaseLookup(file, task.process.number, task.activity)


class _Visits(LazyVisits):
    """The openings of steps, read now, with the answers of this action, which the history does not have yet."""

    def __init__(self, work: Work) -> None:
        super().__init__(work.case, work.release)
        self._work = work

    @cached_property
    def _visits(self) -> list[Visit]:
        found = list(super()._visits)
        latest = {(visit.run, visit.activity): place for place, visit in enumerate(found) if _was_done(visit)}
        for (run, activity), place in latest.items():
            answers = self._work.given(run, activity)
            if answers is not None and found[place].completed_on == self._work.acting.on:
                found[place] = replace(found[place], answers=answers)
        return found


def _was_done(visit: Visit) -> bool:
    return visit.state in (VisitState.DONE, VisitState.AFTERWARDS)
