"""
A case rebuilt from its event stream, and the same case as its tables have it.

The rebuilding is that of `core/rebuilding.py`; here it also keeps what no condition asks. What is not of the case is
taken as it is: the release by its digest, the calendars, the settings of the municipality as they were, and which
account a pseudonym stands for.

The history promises what happened, so these are rebuilt: how the case stands, its runs, its tasks and who has them,
its registers, its duties, who is involved and its files. Not rebuilt is what follows from those and is told again:
the dates of running terms, and the words of notices. Neither is a draft: it was never handed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from padwijzer.workflows.core.case_file import Run, TermTimes, Visit
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.definition import Kind
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.rebuilding import BY_TYPE, CONTACT, REVIEW, Rebuilding, StepOpening
from padwijzer.workflows.core.semantics import Happening, Marking, What
from padwijzer.workflows.history.timeline import PastEvent, events_of
from padwijzer.workflows.models import Case, Document, Membership, PathRun, Pseudonym, RegisterRow, Task
from padwijzer.workflows.queries.case_files import answers_from, calendars, case_file
from padwijzer.workflows.queries.markings import marking_of
from padwijzer.workflows.queries.releases import running_release


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
        visits, runs: its steps with their answers, and its runs, as conditions ask them.
    """

    case: Mapping[str, Any]
    marking: Marking
    tasks: Mapping[tuple[int, str, int], tuple[Any, ...]]
    rows: Sequence[tuple[str, str, Mapping[str, Any], date]] = field(repr=False)
    members: Sequence[tuple[Any, ...]]
    documents: Mapping[str, tuple[Any, ...]] = field(repr=False)
    visits: Sequence[Visit] = field(repr=False)
    runs: Sequence[Run] = field(repr=False)


def stored(case: Case) -> State:
    """A case as its tables have it."""
    case = Case.objects.get(pk=case.pk)
    rows = list(PathRun.objects.filter(case=case).order_by("number"))
    marking = marking_of(case, rows)
    file = case_file(case, running_release(case.release.digest), rows, marking, case.opened_on)
    return State(
        case={
            "number": case.number,
            "organisation": case.organisation_id,
            "status": str(case.status),
            "opened_on": case.opened_on,
            "closed_on": case.closed_on,
        },
        marking=marking,
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
        visits=list(map(_whole, file.visits)),
        runs=file.runs,
    )


def rebuilt(events: Sequence[PastEvent]) -> State:
    """A case as its events make it. Args: events: of its stream, all of them in order, with their values."""
    release = running_release(str(events[0].ref["sha256"]))
    users = dict(Pseudonym.objects.values_list("pseudonym", "user_id"))
    rebuilding = _Rebuilding(
        release.plan,
        versions=release.versions,
        times=TermTimes(release.terms, calendars(), region=getattr(settings, "PADWIJZER_SCHOOL_REGION", "")),
        accounts={pseudonym: str(user) for pseudonym, user in users.items() if user is not None},
        settings=dict(getattr(settings, "PADWIJZER_SETTINGS", {})),
        read_answers=answers_from,
    )
    with _no_more_questions():
        return rebuilding.after(events)


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


OUTCOMES = {
    None: "",
    What.STEP_COMPLETED: "done",
    What.STEP_SAVED: "saved",
    What.STEP_SKIPPED: "skipped",
    What.STEP_CANCELLED: "cancelled",
}


@dataclass(slots=True)
class _Task:
    """What a table says of an opening besides. Args: holder, completed_by: accounts; finished: when."""

    opened: StepOpening
    holder: str = ""
    completed_by: str = ""
    finished: datetime | None = None


class _Rebuilding(Rebuilding):
    """With what no condition asks: who has which task, and which files there are."""

    def __init__(self, plan: Plan, **more: Any) -> None:
        super().__init__(plan, **more)
        self.facts: dict[str, Any] = {}
        self.tasks: list[_Task] = []
        self.documents: dict[str, tuple[Any, ...]] = {}

    def after(self, events: Sequence[PastEvent]) -> State:
        self.facts = {key: events[0].ref[key] for key in ("number", "organisation")}
        for event in events:
            self.take(event)
        return State(
            case={**self.facts, "status": self.status, "opened_on": self.opened_on, "closed_on": self.closed_on},
            marking=self.movement.marking,
            tasks={
                (it.opened.run, it.opened.activity, it.opened.round): (
                    OUTCOMES[it.opened.what],
                    it.opened.opened_on,
                    it.opened.completed_on,
                    it.finished,
                    _user(it.completed_by),
                    it.opened.event,
                    _user(it.holder),
                )
                for it in self.tasks
            },
            rows=[(register, row, values, day) for row, (register, values, day) in self.stored.items()],
            members=sorted(
                (_user(it.account), it.role, it.since, it.until, it.organisation, it.reason) for it in self.members
            ),
            documents=self.documents,
            visits=[_whole(self._visit(it)) for it in self.openings],
            runs=self.file().runs,
        )

    def happen(self) -> None:
        match self.event.type:
            case "task.claimed":
                self.task(self.opening()).holder = self.account
            case "task.released":
                self.task(self.opening()).holder = ""
            case "task.delegated":
                self.task(self.opening()).holder = self.accounts[str(self.event.ref["to"])]
            case "document.added":
                self.add_document()
            case "document.removed":
                del self.documents[str(self.event.ref["document"])]
            case _:
                super().happen()

    def task(self, opened: StepOpening) -> _Task:
        return next(it for it in self.tasks if it.opened is opened)

    def open(self, number: int, activity: str, round_: int) -> StepOpening:
        opened = super().open(number, activity, round_)
        task = _Task(opened)
        self.tasks.append(task)
        plan = self.plan.step(opened.definition, activity)
        is_offered = plan.activity.stays_open or REVIEW in plan.activity.meanings
        if plan.deciders and self.is_done_by_people(opened) and not is_offered:
            task.holder = self.holder_of(plan.deciders[0])
        return opened

    def follow_steps(self, told: Sequence[Happening]) -> None:
        unfinished = [it for it in self.tasks if it.opened.what is None]
        super().follow_steps(told)
        for it in [*unfinished, *self.tasks]:
            if it.opened.what is not None and it.finished is None:
                it.finished = self.event.at
                if it.opened.what is not What.STEP_CANCELLED:
                    it.completed_by = self.account

    def choose_contact_person(self, account: str) -> None:
        had = len(self.members)
        super().choose_contact_person(account)
        for it in self.tasks:
            deciders = self.plan.step(it.opened.definition, it.opened.activity).deciders
            is_hers = it.opened.what is None and deciders and deciders[0] == CONTACT
            if len(self.members) > had and is_hers and self.is_done_by_people(it.opened):
                it.holder = account

    def is_done_by_people(self, it: StepOpening) -> bool:
        kind = self.plan.activity(it.definition, it.activity).kind
        return kind not in (Kind.CALL, Kind.AUTOMATIC, Kind.END)

    def holder_of(self, role: str) -> str:
        """Who gets the tasks of a role: who does a step and has it; else its only member; else nobody yet."""
        today = local_day(self.event.at)
        if self.event.type in BY_TYPE and role in self.roles_of(self.account, today):
            return self.account
        accounts = {it.account for it in self.members if it.role == role and it.on(today)}
        return accounts.pop() if len(accounts) == 1 else ""

    def add_document(self) -> None:
        ref = self.event.ref
        self.documents[str(ref["document"])] = (
            ref["task"],
            ref["field"],
            self.event.values["name"],
            ref["media_type"],
            ref["size"],
            ref["sha256"],
            _user(self.account),
        )


def _whole(visit: Visit) -> Visit:
    """A visit with its answers read."""
    return replace(visit, answers=dict(visit.answers), answered_on=dict(visit.answered_on))


def _user(account: str) -> int | None:
    return int(account) if account else None
