"""
Whether a case is whole: its rows, its tasks and its history say the same, and no step is half done.

Everything is worked out again from the history, which is written last in every transaction, and laid beside the rows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from padwijzer.forms.core.conditions import Compare, Condition, FactRef, Operator, Truth
from padwijzer.workflows.core.definition import Kind, RowsSource
from padwijzer.workflows.core.semantics import EMPTY, ActivityState, Complete, Marking, StartCase, step
from padwijzer.workflows.history.timeline import PastEvent, events_of
from padwijzer.workflows.history.verifying import verify_all
from padwijzer.workflows.models import Case, Draft, PathRun, RegisterRow, RunningDeadline, Task
from padwijzer.workflows.models.runs import UNFINISHED
from padwijzer.workflows.queries.markings import marking_of
from padwijzer.workflows.queries.releases import RunningRelease, running_release

BY_HAND = ("done", "saved", "skipped", "afterwards")
COMPLETIONS = ("task.completed", "task.saved", "task.skipped")


def whole_history(case: Case) -> Sequence[PastEvent]:
    """Every event of a case with all its values, the first one first."""
    return events_of(case.stream, lambda _type, _name: True)


def faults() -> list[str]:
    """What is wrong with any case, and with the history as a whole; empty when all is well."""
    broken = [f"{it.stream} {it.seq} {it.code}" for it in verify_all()]
    for case in Case.objects.select_related("release").order_by("pk"):
        broken += [f"{case.number}: {fault}" for fault in faults_of(case)]
    return broken


def faults_of(case: Case) -> list[str]:
    """What is wrong with one case."""
    release = running_release(case.release.digest)
    runs = list(PathRun.objects.filter(case=case).order_by("number"))
    tasks = list(Task.objects.filter(case=case).select_related("process"))
    events = whole_history(case)
    marking = marking_of(case, runs)
    return [
        *_events_and_tasks(events, tasks),
        *_places(release, marking, tasks),
        *_registers(case, events),
        *_left_overs(case, tasks),
    ]


def replayed(case: Case) -> Marking:
    """
    Where a case stands when its history is played again on the reference semantics.

    For releases whose conditions ask the answers of their own step and nothing else.
    """
    plan = running_release(case.release.digest).plan
    marking = EMPTY
    for event in whole_history(case):
        match event.type:
            case "case.opened":
                marking, _followed = step(plan, marking, StartCase(), _Answered({}))
            case "task.completed":
                marking, _followed = step(plan, marking, Complete(_ref(event)["run"]), _Answered(event.values))
    return marking


class _Answered:
    """The world as one event knows it: what was answered in it. Args: values: of the event."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def truth(self, marking: Marking, run: int | None, activity: str, condition: Condition) -> Truth:
        match condition:
            case Compare(FactRef("answer", (("field", str(field)),)), Operator.IS, str(wanted)):
                return bool(self._values.get(f"answers.{field}") == wanted)
        message = f"A replay knows no {condition}."
        raise AssertionError(message)

    def rows(self, marking: Marking, run: int | None, activity: str, source: RowsSource) -> Sequence[str]:
        message = "A replay knows no rows."
        raise AssertionError(message)


def _ref(event: PastEvent) -> Mapping[str, Any]:
    return event.ref


def _events_and_tasks(events: Sequence[PastEvent], tasks: Sequence[Task]) -> Iterator[str]:
    """Each completed task has its event and each event its task; the task that it says was opened is there."""
    told = {event.seq: event.ref["task"] for event in events if event.type in COMPLETIONS}
    done = {task.event: task.pk for task in tasks if task.event is not None}
    if told != done:
        yield f"completed tasks by event {done}, told by the history {told}"
    for task in tasks:
        if task.flow_task_type == "HUMAN" and (task.outcome in BY_HAND) != (task.event is not None):
            yield f"task {task.pk} is {task.outcome or 'open'} with event {task.event}"
        if (task.finished is None) != (task.outcome == ""):
            yield f"task {task.pk} is {task.outcome or 'open'} and finished at {task.finished}"
    openings = Counter(
        word.removeprefix("opened ") for event in events for word in _ref(event).get("followed", ()) if "#" in word
    )
    rows = Counter(f"{task.process.definition}.{task.activity}#{task.round}" for task in tasks)
    if openings != rows:
        yield f"opened by the history and not there: {openings - rows}; there and not opened: {rows - openings}"


def _places(release: RunningRelease, marking: Marking, tasks: Sequence[Task]) -> Iterator[str]:
    """Each place where a run stands open has exactly one unfinished task, and there are no others."""
    expected = Counter(
        (run.number, run.position, run.round(run.position))
        for run in marking.alive()
        if run.position and run.state(run.position) is ActivityState.OPEN
    )
    found = Counter((it.process.number, it.activity, it.round) for it in tasks if it.status in UNFINISHED)
    if expected != found:
        yield f"open places {dict(expected)}, unfinished tasks {dict(found)}"
    for task in tasks:
        kind = release.plan.activity(task.process.definition, task.activity).kind
        if task.status in UNFINISHED and task.is_open == (kind is Kind.CALL):
            yield f"task {task.pk} of kind {kind} has status {task.status}"


def _registers(case: Case, events: Sequence[PastEvent]) -> Iterator[str]:
    """The registers are what the events made of them."""
    folded: dict[str, tuple[str, dict[str, Any]]] = {}
    for event in events:
        values: Mapping[str, Any] = event.values
        for name, value in values.items():
            if name.startswith("row."):
                _row, register, row = name.split(".", 2)
                folded[row] = register, {**folded.get(row, ("", {}))[1], **value}
    stored = {str(row.pk): (row.register, row.values) for row in RegisterRow.objects.filter(case=case)}
    if folded != stored:
        differing = [row for row in folded.keys() | stored.keys() if folded.get(row) != stored.get(row)]
        registers = sorted((folded.get(row) or stored[row])[0] for row in differing)
        yield f"registers differ from their history: {json.dumps(registers)}"


def _left_overs(case: Case, tasks: Sequence[Task]) -> Iterator[str]:
    """A finished task has no running deadline, and who completed it no draft."""
    finished = {task.pk: task for task in tasks if task.finished is not None}
    running = RunningDeadline.objects.filter(case=case, task__in=finished, next_signal__isnull=False)
    for task in running.values_list("task", flat=True):
        yield f"the deadline of finished task {task} still runs"
    for task, user in Draft.objects.filter(task__in=finished, lost=False).values_list("task", "user"):
        if finished[task].completed_by_id == user:
            yield f"the draft of finished task {task} is still there"
