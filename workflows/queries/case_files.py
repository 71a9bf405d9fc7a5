"""
The case file: everything that conditions, facts and pages may ask about a case, read when it is first asked for.

A plain step asks for nothing and reads nothing; registers, steps and answers are each one query, once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from django.conf import settings as django_settings

from padwijzer.forms.core.answers import from_json
from padwijzer.forms.core.field_types import Answer, with_lists
from padwijzer.forms.lists import shipped_lists
from padwijzer.workflows.core.calendars import Calendars, load_calendars
from padwijzer.workflows.core.case_file import CaseFile, Row, Run, RunStatus, TermTimes, Visit, VisitState
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.definition import Activity
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.rebuilding import ANSWERS
from padwijzer.workflows.core.recording import read_row
from padwijzer.workflows.core.semantics import Marking, RunMarking
from padwijzer.workflows.models import Case, Membership, Opening, PathRun, RegisterRow, Task
from padwijzer.workflows.models.prepared import Select
from padwijzer.workflows.queries.releases import RunningRelease
from padwijzer.workflows.queries.settled import Settled, settled

_ROWS = Select(RegisterRow, lambda case: RegisterRow.objects.filter(case=case).order_by("order"), case="case")
_TASKS = Select(
    Task, lambda case: Task.objects.filter(case=case).select_related("process").order_by("pk"), case="case"
)
_OPENINGS = Select(
    Opening,
    lambda stream, seq: Opening.objects.filter(
        event__stream=stream, event__seq=seq, name__startswith=ANSWERS
    ).values_list("name", "value"),
    stream="event__stream",
    seq="event__seq",
)


def case_file(
    case: Case, release: RunningRelease, runs: Sequence[PathRun], marking: Marking, today: date
) -> CaseFile:
    """
    The case on a day, read when it is asked for.

    Args:
        case: the case.
        release: the release it runs on.
        runs: rows of all its runs.
        marking: how it is with them, which can be ahead of the rows.
        today: the day in Europe/Amsterdam, or the day that is replayed.
    """
    visits = LazyVisits(case, release)
    return CaseFile(
        today=today,
        times=TermTimes(release.terms, calendars(), region=getattr(django_settings, "PADWIJZER_SCHOOL_REGION", "")),
        registers=LazyRegisters(case),
        visits=cast("tuple[Visit, ...]", visits),
        runs=tuple(_run(release, runs, run, visits) for run in marking.runs),
        roles=LazyRoles(case, today),
        settings=dict(getattr(django_settings, "PADWIJZER_SETTINGS", {})),
        closed_on=case.closed_on,
    )


def moved_on(case: CaseFile, release: RunningRelease, runs: Sequence[PathRun], marking: Marking) -> CaseFile:
    """The same case with its runs as they stand in another marking; what was read is not read again."""
    visits = cast("LazyVisits", case.visits)
    return replace(case, runs=tuple(_run(release, runs, run, visits) for run in marking.runs))


@cache
def calendars() -> Calendars:
    """The calendars that Padwijzer comes with, or those of the municipality: `PADWIJZER_CALENDARS`, a path."""
    own = getattr(django_settings, "PADWIJZER_CALENDARS", "")
    shipped = files("padwijzer") / "fixtures" / "calendars.json"
    return load_calendars(Path(own).read_bytes() if own else shipped.read_bytes())


def _run(release: RunningRelease, rows: Sequence[PathRun], run: RunMarking, visits: LazyVisits) -> Run:
    row = rows[run.number - 1] if run.number <= len(rows) else None
    call = None
    if run.parent is not None:
        definition = next((other.definition for other in rows if other.number == run.parent[0]), "")
        if definition and run.opened_as == "call":
            call = release.plan.call(Place(definition, run.parent[1]))
    return Run(
        number=run.number,
        definition=run.definition,
        started_on=local_day(row.created) if row else date.min,
        subject=run.subject or "",
        children=_children(release, run, visits),
        opened_as=run.opened_as.value,
        track=run.track.partition(".")[2],
        status=RunStatus.ENDED if not run.is_alive else RunStatus.RUNNING,
        outcome=run.outcome,
        parent=run.parent[0] if run.parent else None,
        parameters=dict(call.parameters) if call else {},
    )


def _children(release: RunningRelease, run: RunMarking, visits: LazyVisits) -> tuple[str, ...]:
    activity, _, field = release.plan.definition(run.definition).children.partition(".")
    if not field:
        return ()
    answers = [visit.answers.get(field) for visit in visits if (visit.run, visit.activity) == (run.number, activity)]
    latest = next((answer for answer in reversed(answers) if isinstance(answer, frozenset)), frozenset())
    return tuple(sorted(str(child) for child in latest))


def stored_row(row: RegisterRow) -> Row:
    """A row of a register as a value."""
    return read_row(str(row.id), row.register, row.values, row.recorded_on)


class LazyRegisters(Mapping[str, tuple[Row, ...]]):
    """The registers of a case, read with one query at the first question. Args: case: the case."""

    def __init__(self, case: Case) -> None:
        self._case = case

    @cached_property
    def _rows(self) -> dict[str, tuple[Row, ...]]:
        found: dict[str, list[Row]] = {}
        for row in _ROWS(case=self._case.pk):
            found.setdefault(row.register, []).append(stored_row(row))
        return {register: tuple(rows) for register, rows in found.items()}

    def __getitem__(self, key: str) -> tuple[Row, ...]:
        return self._rows[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class LazyVisits(Sequence[Visit]):
    """
    The openings of steps of a case, read with one query at the first question.

    One more query where a question of a step can be saved alone.
    """

    def __init__(self, case: Case, release: RunningRelease) -> None:
        self._case = case
        self._release = release

    @cached_property
    def _visits(self) -> list[Visit]:
        tasks = list(_TASKS(case=self._case.pk))
        alone = settled(self._case, [(task, self._activity(task)) for task in tasks])
        return [self._visit(task, alone.get(task.pk, {})) for task in tasks]

    def _activity(self, task: Task) -> Activity:
        return self._release.plan.activity(task.process.definition, task.activity)

    def _visit(self, task: Task, alone: Mapping[str, Settled]) -> Visit:
        definition, activity = task.process.definition, self._activity(task)
        is_open = task.event is None and bool(alone)
        return Visit(
            run=task.process.number,
            definition=definition,
            activity=task.activity,
            round=task.round,
            opened_on=task.opened_on,
            state=_state(task),
            completed_on=task.completed_on,
            track=task.process.track.partition(".")[2],
            answers=answers_from({key: it.value for key, it in alone.items()}, activity)
            if is_open
            else LazyAnswers(self._case, task.event, activity),
            answered_on={key: it.on for key, it in alone.items()},
        )

    def __getitem__(self, index: Any) -> Any:
        return self._visits[index]

    def __len__(self) -> int:
        return len(self._visits)


def _state(task: Task) -> VisitState:
    match task.outcome:
        case "":
            return VisitState.OPEN
        case "saved":
            return VisitState.DONE
        case outcome:
            return VisitState(outcome)


class LazyAnswers(Mapping[str, Answer]):
    """The answers of one completed step, read from the history with one query at the first question."""

    def __init__(self, case: Case, event: int | None, activity: Activity) -> None:
        self._case = case
        self._event = event
        self._activity = activity

    @cached_property
    def _answers(self) -> Mapping[str, Answer]:
        if self._event is None or not self._activity.fields:
            return {}
        stored = _OPENINGS(stream=self._case.stream, seq=self._event)
        return answers_from({name.removeprefix(ANSWERS): json.loads(value) for name, value in stored}, self._activity)

    def __getitem__(self, key: str) -> Answer:
        return self._answers[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)


def answers_from(stored: Mapping[str, Any], activity: Activity) -> Mapping[str, Answer]:
    """Stored answers as typed ones; null is "weet ik niet", and what the step no longer asks is left out."""
    known = {key: value for key, value in stored.items() if value is not None}
    unknown = [key for key, value in stored.items() if value is None]
    return from_json(with_lists(activity.form, shipped_lists()), {"values": known, "unknown": unknown}).values


class LazyRoles(Mapping[str, frozenset[str]]):
    """Person to the roles he has in the case today, read with one query at the first question."""

    def __init__(self, case: Case, today: date) -> None:
        self._case = case
        self._today = today

    @cached_property
    def _roles(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        members = Membership.objects.filter(case=self._case, person__isnull=False).in_force(self._today)
        for person, role in members.values_list("person", "role"):
            found.setdefault(str(person), set()).add(role)
        return {person: frozenset(roles) for person, roles in found.items()}

    def __getitem__(self, key: str) -> frozenset[str]:
        return self._roles[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._roles)

    def __len__(self) -> int:
        return len(self._roles)
