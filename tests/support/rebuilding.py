"""
A case rebuilt from its event stream, and the same case as its tables have it.

Rebuilding plays the events on the reference semantics. Of the case it knows the events alone: their `ref`s and the
values in their openings. What is not of the case is taken as it is: the release by its digest, the calendars, the
settings of the municipality as they were, and which account a pseudonym stands for.

The history promises what happened, so these are rebuilt: how the case stands, its runs, its tasks and who has them,
its registers, its duties, who is involved and its files. Not rebuilt is what follows from those and is told again:
the dates of running terms, and the words of notices. Neither is a draft: it was never handed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, cast

from django.conf import settings
from django.db import connection

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.consequences import CONTACT
from padwijzer.workflows.actions.open_case import OPENER
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.case_file import CaseFile, Row, Run, RunStatus, TermTimes, Visit, VisitState
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.definition import Kind
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.recording import happened, read_row
from padwijzer.workflows.core.semantics import (
    EMPTY,
    CloseTrack,
    Complete,
    Event,
    Happening,
    Marking,
    OpenTrack,
    Recheck,
    RunMarking,
    SaveOpen,
    Skip,
    StartCase,
    What,
    World,
    step,
)
from padwijzer.workflows.core.timing import timed_events
from padwijzer.workflows.history.timeline import PastEvent, events_of
from padwijzer.workflows.models import SYSTEM_ACTOR, Case, Document, Membership, PathRun, Pseudonym, RegisterRow, Task
from padwijzer.workflows.queries.access import Member
from padwijzer.workflows.queries.case_files import answers_from, calendars
from padwijzer.workflows.queries.markings import marking_of
from padwijzer.workflows.queries.releases import RunningRelease, running_release
from padwijzer.workflows.queries.settled import ANSWERS

OUTCOMES = {
    What.STEP_COMPLETED: "done",
    What.STEP_SAVED: "saved",
    What.STEP_SKIPPED: "skipped",
    What.STEP_CANCELLED: "cancelled",
}
STATES = {"": VisitState.OPEN, "saved": VisitState.DONE}
TOLD_AGAIN = frozenset(
    {"clock.looked", "deadline.warned", "deadline.passed", "notice.done", "task.answered", "task.refused"}
)
"""Types of events that move nothing of what is rebuilt."""


@dataclass(frozen=True, slots=True)
class State:
    """
    What a case is, whether rebuilt or read.

    Args:
        case: number, organisation, status, day of opening and of closing.
        marking: its runs and open duties.
        tasks: run, step and round of each task, with what came of it, when, by whom and who has it.
        rows: the rows of its registers in their order.
        members: who is involved, as what, for which organisation, from when until when, and why.
        documents: its files by id.
    """

    case: Mapping[str, Any]
    marking: Marking
    tasks: Mapping[tuple[int, str, int], tuple[Any, ...]]
    rows: Sequence[tuple[str, str, Mapping[str, Any], date]] = field(repr=False)
    members: Sequence[tuple[Any, ...]]
    documents: Mapping[str, tuple[Any, ...]] = field(repr=False)


def stored(case: Case) -> State:
    """A case as its tables have it."""
    case = Case.objects.get(pk=case.pk)
    return State(
        case={
            "number": case.number,
            "organisation": case.organisation_id,
            "status": str(case.status),
            "opened_on": case.opened_on,
            "closed_on": case.closed_on,
        },
        marking=marking_of(case, PathRun.objects.filter(case=case).order_by("number")),
        tasks={
            (task.process.number, task.activity, task.round): (
                task.outcome,
                task.opened_on,
                task.completed_on,
                task.finished,
                task.completed_by_id,
                task.event,
                task.owner_id,
            )
            for task in Task.objects.filter(case=case).select_related("process")
        },
        rows=[
            (row.register, str(row.pk), row.values, row.recorded_on)
            for row in RegisterRow.objects.filter(case=case).order_by("order")
        ],
        members=sorted(
            (it.user_id, it.role, it.since, it.until, it.organisation_id, it.reason)
            for it in Membership.objects.filter(case=case)
        ),
        documents={
            str(it.pk): (it.task_id, it.field, it.name, it.type, it.size, it.sha256, it.uploaded_by_id)
            for it in Document.objects.filter(case=case)
        },
    )


def rebuilt(events: Sequence[PastEvent]) -> State:
    """A case as its events make it. Args: events: of its stream, all of them in order, with their values."""
    release = running_release(str(events[0].ref["sha256"]))
    users = dict(Pseudonym.objects.values_list("pseudonym", "user_id"))
    calendars()
    with _no_more_questions():
        return _Rebuilding(release, users).after(events)


def whole_history(case: Case) -> list[PastEvent]:
    """Every event of a case with all its values."""
    return events_of(case.stream, lambda _type, _name: True)


@contextmanager
def _no_more_questions() -> Iterator[None]:
    def refuse(_execute: Any, sql: str, *_rest: Any) -> Any:
        message = f"A history tells everything by itself: {sql}"
        raise AssertionError(message)

    with connection.execute_wrapper(refuse):
        yield


@dataclass(slots=True)
class _Opened:
    """One opening of a step, as its events tell it."""

    run: int
    definition: str
    activity: str
    round: int
    track: str
    opened_on: date
    holder: int | None = None
    outcome: str = ""
    completed_on: date | None = None
    finished: datetime | None = None
    completed_by: int | None = None
    event: int | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


class _Moving:
    """Where the runs of a case stand: the semantics, without rows."""

    def __init__(self, release: RunningRelease) -> None:
        self.release = release
        self.marking = EMPTY
        self.runs: list[Any] = []
        self.opened: list[Task] = []

    def happens(self, event: Event, world: World, *, task: None = None) -> tuple[Happening, ...]:
        rebuilding = cast("_Rebuilding", world)
        after, told = step(self.release.plan, self.marking, event, world)
        self.marking = after
        self.runs += [
            SimpleNamespace(number=run.number, definition=run.definition, day=local_day(rebuilding.acting.at))
            for run in after.runs[len(self.runs) :]
        ]
        rebuilding.follow_tasks(told)
        return told


class _Rebuilding(Work):
    """The work on a case, done again from what was written down of it."""

    def __init__(self, release: RunningRelease, users: Mapping[str, int]) -> None:
        self.release = release
        self.users = users
        self.movement: Any = _Moving(release)
        self.facts: dict[str, Any] = {}
        self.stored: dict[str, tuple[str, dict[str, Any], date]] = {}
        self.openings: list[_Opened] = []
        self.steps: dict[int, _Opened] = {}
        self.members: list[Member] = []
        self.reasons: dict[int, str] = {}
        self.documents: dict[str, tuple[Any, ...]] = {}

    def after(self, events: Sequence[PastEvent]) -> State:
        for event in events:
            self.event = event
            self._begin()
            if event.type not in TOLD_AGAIN:
                getattr(self, f"_{event.type.replace('.', '_')}")()
            self._end()
        return State(
            case=self.facts,
            marking=self.movement.marking,
            tasks={
                (it.run, it.activity, it.round): (
                    it.outcome,
                    it.opened_on,
                    it.completed_on,
                    it.finished,
                    it.completed_by,
                    it.event,
                    it.holder,
                )
                for it in self.openings
            },
            rows=[(register, row, values, day) for row, (register, values, day) in self.stored.items()],
            members=sorted(
                (it.user, it.role, it.since, it.until, it.organisation, self.reasons.get(index, ""))
                for index, it in enumerate(self.members)
            ),
            documents=self.documents,
        )

    # The world, as it was told

    def file(self, marking: Marking | None = None) -> CaseFile:
        today = self.acting.on
        registers: dict[str, tuple[Row, ...]] = {}
        for row, (register, values, day) in self.stored.items():
            registers[register] = (*registers.get(register, ()), read_row(row, register, values, day))
        return CaseFile(
            today=today,
            times=TermTimes(self.release.terms, calendars(), region=getattr(settings, "PADWIJZER_SCHOOL_REGION", "")),
            registers=registers,
            visits=self.visits,
            runs=tuple(self._run(run) for run in (marking or self.movement.marking).runs),
            roles=self._roles_of_persons(today),
            settings=dict(getattr(settings, "PADWIJZER_SETTINGS", {})),
            closed_on=self.facts.get("closed_on"),
        )

    def _run(self, run: RunMarking) -> Run:
        known = self.movement.runs[run.number - 1] if run.number <= len(self.movement.runs) else None
        call = None
        if run.parent is not None and run.opened_as == "call" and run.parent[0] <= len(self.movement.runs):
            caller = self.movement.runs[run.parent[0] - 1]
            call = self.release.plan.call(Place(caller.definition, run.parent[1]))
        activity, _dot, question = self.release.plan.definition(run.definition).children.partition(".")
        chosen = [it.answers.get(question) for it in self.visits if (it.run, it.activity) == (run.number, activity)]
        children = next((it for it in reversed(chosen) if isinstance(it, frozenset)), frozenset())
        return Run(
            number=run.number,
            definition=run.definition,
            started_on=known.day if known else date.min,
            subject=run.subject or "",
            children=tuple(sorted(str(child) for child in children)) if question else (),
            opened_as=run.opened_as.value,
            track=run.track.partition(".")[2],
            status=RunStatus.RUNNING if run.is_alive else RunStatus.ENDED,
            outcome=run.outcome,
            parent=run.parent[0] if run.parent else None,
            parameters=dict(call.parameters) if call else {},
        )

    def _roles_of_persons(self, today: date) -> dict[str, frozenset[str]]:
        return {
            row: frozenset(
                it.role
                for it in self.members
                if str(it.user) == values.get("user") and it.since <= today <= (it.until or today)
            )
            for row, (register, values, _day) in self.stored.items()
            if register == "person" and values.get("user")
        }

    # One event

    def _begin(self) -> None:
        event = self.event
        on = event.ref.get("happened_on")
        user = None
        if event.actor != SYSTEM_ACTOR:
            user = SimpleNamespace(pk=self.users[event.actor])
        self.acting = Acting(user, event.at, date.fromisoformat(str(on)) if on else None)
        self.happened: list[Happening] = []
        self.answered: dict[tuple[int, str], Any] = {}
        self._roles = frozenset()
        self._members = self.members
        self.visits = tuple(self._visit(it) for it in self.openings)
        self.before = self.file() if self.stored else None
        self.new = self._take_in(duties=False)

    def _visit(self, it: _Opened) -> Visit:
        return Visit(
            run=it.run,
            definition=it.definition,
            activity=it.activity,
            round=it.round,
            opened_on=it.opened_on,
            state=STATES.get(it.outcome) or VisitState(it.outcome),
            completed_on=it.completed_on,
            track=it.track,
            answers=it.answers,
        )

    def _take_in(self, *, duties: bool) -> list[str]:
        """The rows that an event sets, in order; duties that follow from a step come after it moved the case."""
        told = {
            name.split(".", 2)[2]: (name.split(".", 2)[1], cast("dict[str, Any]", values))
            for name, values in self.event.values.items()
            if name.startswith("row.")
        }
        added = [str(row) for row in cast("list[str]", self.event.ref.get("added", []))]
        taken = [row for row in [*added, *(told.keys() - set(added))] if _follows(*told[row]) is duties]
        for row in taken:
            register, values = told[row]
            if row in added:
                self.stored[row] = register, values, self.acting.on
            else:
                _register, known, day = self.stored[row]
                self.stored[row] = register, {**known, **values}, day
        return [row for row in taken if row in added]

    def _end(self) -> None:
        self._take_in(duties=True)
        self._choose_contact_person()
        status = self.event.ref.get("case")
        if status:
            if self.facts["status"] == "open":
                self.facts["closed_on"] = self.acting.on
            self.facts["status"] = status

    def _choose_contact_person(self) -> None:
        chosen = [self.stored[row][1]["person"] for row in self.new if self.stored[row][0] == "contact_person"]
        if not chosen:
            return
        user, today = int(self.stored[str(chosen[-1])][1]["user"]), self.acting.on
        now = [index for index, it in enumerate(self.members) if it.role == CONTACT and it.until is None]
        for index in now:
            if self.members[index].user != user:
                self.members[index] = self.members[index]._replace(until=today)
        if any(self.members[index].user == user for index in now):
            return
        known = max((it for it in self.members if it.user == user), key=lambda it: it.since, default=None)
        organisation = known.organisation if known else self.facts["organisation"]
        self.members.append(Member(user, CONTACT, today, None, organisation))
        for it in self.openings:
            deciders = self.release.plan.step(it.definition, it.activity).deciders
            if not it.outcome and deciders and deciders[0] == CONTACT and self._is_done_by_people(it):
                it.holder = user

    def _is_done_by_people(self, it: _Opened) -> bool:
        kind = self.release.plan.activity(it.definition, it.activity).kind
        return kind not in (Kind.CALL, Kind.AUTOMATIC, Kind.END)

    # What moves

    def follow_tasks(self, told: Sequence[Happening]) -> None:
        for it in told:
            if it.what is What.STEP_OPENED:
                self._open(it.run, it.activity, it.number)
            elif it.what in OUTCOMES:
                task = self._open_one(it.run, it.activity)
                if task is None:
                    continue  # a step that waited had no task yet
                task.outcome, task.finished = OUTCOMES[it.what], self.acting.at
                if it.what is not What.STEP_CANCELLED:
                    task.completed_on = self.acting.on
                    task.completed_by = self.acting.user.pk if self.acting.user else None
                if it.what is What.STEP_SAVED and self.movement.marking.run(it.run).is_alive:
                    self._open(it.run, it.activity, it.number + 1)

    def _open_one(self, run: int, activity: str) -> _Opened | None:
        mine = (it for it in self.openings if (it.run, it.activity, it.outcome) == (run, activity, ""))
        return next(mine, None)

    def _open(self, number: int, activity: str, round_: int) -> None:
        run = self.movement.marking.run(number)
        track = run.track.partition(".")[2]
        opened = _Opened(number, run.definition, activity, round_, track, self.acting.on)
        self.openings.append(opened)
        plan = self.release.plan.step(run.definition, activity)
        if plan.deciders and self._is_done_by_people(opened) and not plan.activity.stays_open:
            opened.holder = self._holder(plan.deciders[0])

    # By type

    def _case_opened(self) -> None:
        ref = self.event.ref
        self.facts = {
            "number": ref["number"],
            "organisation": ref["organisation"],
            "status": "open",
            "opened_on": self.acting.on,
            "closed_on": None,
        }
        self.members.append(Member(self.acting.user.pk, OPENER, self.acting.on, None, ref["organisation"]))
        self.move(StartCase())

    def _task_completed(self) -> None:
        self._do(Complete(self._number()))

    def _task_saved(self) -> None:
        self._do(SaveOpen(self._number()))

    def _task_skipped(self) -> None:
        self._do(Skip(self._number()))

    def _do(self, moves: Complete | SaveOpen | Skip) -> None:
        task = self._task()
        values = {
            name.removeprefix(ANSWERS): it for name, it in self.event.values.items() if name.startswith(ANSWERS)
        }
        activity = self.release.plan.activity(task.definition, task.activity)
        answers = answers_from(values, activity)
        task.event = self.event.seq
        today = self.acting.today
        self._roles = frozenset(
            it.role
            for it in self.members
            if it.user == self.acting.user.pk and it.since <= today <= (it.until or today)
        )
        if not isinstance(moves, Skip):
            self.answered[task.run, task.activity] = answers
        self.move(moves)
        task.answers = answers
        if not isinstance(moves, Skip):
            self._follow_registers()

    def _follow_registers(self) -> None:
        if self.before is not None:
            self.follow(happened(self.before, self.file()))

    def _register_changed(self) -> None:
        self.move(Recheck())
        self._follow_registers()

    def _track_opened(self) -> None:
        definition, _dot, track = str(self.event.ref["track"]).partition(".")
        runs = [it for it in self.movement.marking.alive() if it.definition == definition and not it.track]
        subject = str(self.event.ref.get("subject", "")) or None
        self.move(OpenTrack(runs[0].number if runs else None, track, subject, definition))

    def _track_closed(self) -> None:
        self.move(CloseTrack(self._number(), by_hand=True))

    def _time_passed(self) -> None:
        after = self.file()
        before = replace(after, today=date.fromisoformat(str(self.event.ref["since"])))
        for event in timed_events(self.release.plan, self.movement.marking, before, after):
            try:
                self.move(event)
            except Impossible:
                continue
        self.move(Recheck())

    def _task_claimed(self) -> None:
        self._task().holder = self.acting.user.pk

    def _task_released(self) -> None:
        self._task().holder = None

    def _task_delegated(self) -> None:
        self._task().holder = self.users[str(self.event.ref["to"])]

    def _member_added(self) -> None:
        ref = self.event.ref
        user = self.users[str(ref["who"])]
        self.reasons[len(self.members)] = str(self.event.values.get("reason", ""))
        self.members.append(Member(user, str(ref["role"]), self.acting.on, None, ref["organisation"]))

    def _member_ended(self) -> None:
        ref = self.event.ref
        user, until = self.users[str(ref["who"])], date.fromisoformat(str(ref["until"]))
        mine = [index for index, it in enumerate(self.members) if (it.user, it.role) == (user, ref["role"])]
        self.members[mine[-1]] = self.members[mine[-1]]._replace(until=until)

    def _document_added(self) -> None:
        ref = self.event.ref
        self.documents[str(ref["document"])] = (
            ref["task"],
            ref["field"],
            self.event.values["name"],
            ref["media_type"],
            ref["size"],
            ref["sha256"],
            self.acting.user.pk,
        )

    def _document_removed(self) -> None:
        del self.documents[str(self.event.ref["document"])]

    def _number(self) -> int:
        return int(str(self.event.ref["run"]))

    def _task(self) -> _Opened:
        ref = self.event.ref
        wanted = (ref["run"], ref["activity"], ref["round"])
        return next(it for it in self.openings if (it.run, it.activity, it.round) == wanted)


def _follows(register: str, values: Mapping[str, Any]) -> bool:
    """Whether a row is a duty that a moving case opened or discharged, and none of a deviation."""
    return register == "duty" and values.get("origin") != "deviation"
