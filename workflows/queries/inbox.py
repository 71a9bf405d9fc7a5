"""My work: which tasks somebody has, which wait for his team, and what asks for his attention; one definition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Case as Choose
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models import When as If
from django.db.models.functions import Concat

from padwijzer.forms.core.answers import UNKNOWN_POSTED
from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.forms.core.field_types import field_types, show, with_lists
from padwijzer.forms.core.schema import FieldSpec, in_language
from padwijzer.forms.lists import shipped_lists
from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.core.case_file import CaseFile, Row
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.facts.age import age_of
from padwijzer.workflows.models import OPEN, Case, Draft, Membership, Notice, RegisterRow, RunningDeadline, Task
from padwijzer.workflows.models.memberships import MembershipQuerySet
from padwijzer.workflows.queries.access import actor_of
from padwijzer.workflows.queries.case_files import stored_row
from padwijzer.workflows.queries.releases import running_release
from padwijzer.workflows.queries.viewing import may_see_cell, registers_of, subject_of, viewers_of

PERSON_TASK = "HUMAN"
"""Type of a task that a person does; others are calls and automatic steps."""
MONTHS_IN_YEAR = 12
BY_PAGE = "values"
"""Where a draft that was kept page by page has its answers; another draft is its answers."""
MOST_BESIDE = 30
"""How many drafts and how many notices are shown at once; the next ones come when these are done."""


class Group(StrEnum):
    """In which group of the list a task stands."""

    LATE = "late"
    THIS_WEEK = "soon"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Child:
    """A child on a card. Args: name: first name; age: in whole years; None when it is not known."""

    name: str = field(repr=False)
    age: int | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """
    A task as a card shows it.

    Args:
        task: its id.
        case: id of its case.
        number: of the case.
        title: of the step.
        path: title of the path or sub-process.
        children: whom it is about, as far as he may see.
        due: when it must be done.
        group: in which group it stands.
        is_begun: whether he has a draft of it.
        rests: whether its path stands still.
    """

    task: int
    case: Any
    number: str
    title: str
    path: str
    children: tuple[Child, ...]
    due: datetime | None
    group: Group
    is_begun: bool = False
    rests: bool = False


@dataclass(frozen=True, slots=True)
class LostDraft:
    """
    A draft of a step that is no longer his to do, or that somebody else did first.

    Args:
        draft: its id.
        work: the step.
        lost: whether somebody else was first.
        saved_at: when he last typed.
        typed: question and what he typed, in the order of the questions.
    """

    draft: int
    work: Work
    lost: bool
    saved_at: datetime
    typed: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signal:
    """A notice for one of his roles. Args: notice: the row; number: of its case; children: whom it is about."""

    notice: Notice
    number: str
    children: tuple[Child, ...]

    @property
    def is_alarm(self) -> bool:
        """Whether something went wrong."""
        return self.notice.kind == Notice.Kind.ALARM

    @property
    def is_work(self) -> bool:
        """Whether something must be done; else it is to be read."""
        return self.notice.kind in (Notice.Kind.ALARM, Notice.Kind.TASK)


@dataclass(frozen=True, slots=True)
class Inbox:
    """
    A list of work.

    Args:
        total: how many tasks are his.
        work: the tasks of this page.
        drafts: what he typed and did not hand in, of steps that are not his.
        signals: alarms, to-dos and messages for his roles.
        waiting: how many tasks wait for his team.
    """

    total: int
    work: tuple[Work, ...]
    waiting: int
    drafts: tuple[LostDraft, ...] = ()
    signals: tuple[Signal, ...] = ()


# Which


def roles_held(user: Any, on: date) -> MembershipQuerySet:
    """The roles of a user in cases on a day, as far as he works for the organisation they are held for."""
    actor = actor_of(user, on)
    if actor.is_superuser or not actor.is_active:
        return Membership.objects.none()
    own = [int(organisation) for organisation in actor.organisations]
    held: MembershipQuerySet = Membership.objects.filter(
        Q(organisation=None) | Q(organisation__in=own), user=user
    ).in_force(on)
    return held


def tasks_for(user: Any, on: date) -> QuerySet[Task]:
    """
    The open tasks that somebody has taken up, in cases in which he is involved; the first due first.

    What comes back at a set time is not in the list before its day.
    """
    mine = Task.objects.filter(
        Exists(roles_held(user, on).filter(case=OuterRef("case"))),
        owner=user,
        status__in=OPEN,
        flow_task_type=PERSON_TASK,
    )
    return _by_due(_appeared(mine, on))


def pool_for(user: Any, on: date) -> QuerySet[Task]:
    """The open tasks that nobody has taken up, in cases in which one of his roles may do them."""
    able = shipped_roles().that_may("claim_task")
    fitting = _whose_role_is_in(roles_held(user, on).filter(role__in=able), "performers")
    free = Task.objects.filter(
        Exists(fitting), owner=None, status__in=OPEN, flow_task_type=PERSON_TASK, process__standing="running"
    ).exclude(case__status=Case.Status.CLOSED)
    return _by_due(_appeared(free, on))


def notices_for(user: Any, on: date) -> QuerySet[Notice]:
    """
    What rules and terms tell the roles that somebody has in cases, and is not done; alarms first.

    The term of a task that he has himself is left out: it stands with that task. Of what a term has said more than
    once, the last is there.
    """
    fitting = _whose_role_is_in(roles_held(user, on), "roles")
    rank = Choose(
        If(kind=Notice.Kind.ALARM, then=0),
        If(kind=Notice.Kind.TASK, then=1),
        If(kind=Notice.Kind.WARNING, then=2),
        default=3,
    )
    of_a_term = Q(source__startswith="deadline:")
    said_again = Notice.objects.filter(
        of_a_term, task=OuterRef("task"), case=OuterRef("case"), done_at=None, pk__gt=OuterRef("pk")
    )
    found = (
        Notice.objects.filter(Exists(fitting), done_at=None)
        .exclude(of_a_term, task__owner=user, task__status__in=OPEN)
        .exclude(of_a_term, Exists(said_again), task__isnull=False)
        .order_by(rank, F("due").asc(nulls_last=True), "pk")
    )
    return _with_case(found)


def drafts_for(user: Any, on: date) -> QuerySet[Draft]:
    """
    What somebody typed and did not hand in, in cases in which he is involved; the last typed first.

    A draft of a task that he has taken up is left out: it stands with that task.
    """
    held = roles_held(user, on).filter(case=OuterRef("task__case"))
    mine = Draft.objects.filter(Exists(held), user=user).exclude(task__owner=user, task__status__in=OPEN)
    return (
        mine.select_related("task__process", "task__case__release")
        .defer("task__case__release__terms", "task__case__release__members")
        .order_by("-saved_at")
    )


def lost_draft(user: Any, at: datetime, draft: int) -> LostDraft | None:
    """One of `drafts_for`; None when there is no such draft. Args: as for `inbox`; draft: its id."""
    on = local_day(at)
    found = drafts_for(user, on).filter(pk=draft).first()
    if found is None:
        return None
    about = _Children([found.task.case], [found.task.process.subject], user, on)
    return _draft(found, about, at)


def task_count(user: Any, on: date) -> int:
    """How many tasks somebody has; one query."""
    return tasks_for(user, on).order_by().count()


def _whose_role_is_in(held: MembershipQuerySet, column: str) -> MembershipQuerySet:
    """The roles that stand in a column of the row outside, which holds roles between commas."""
    wanted = ExpressionWrapper(OuterRef(column), output_field=CharField())
    between = Concat(Value(","), F("role"), Value(","), output_field=CharField())
    fitting: MembershipQuerySet = held.filter(case=OuterRef("case")).alias(wanted=wanted)
    return fitting.filter(wanted__contains=between)


def _appeared(tasks: QuerySet[Task], on: date) -> QuerySet[Task]:
    return tasks.exclude(Exists(RunningDeadline.objects.filter(task=OuterRef("pk"), appears_on__gt=on)))


def _by_due(tasks: QuerySet[Task]) -> QuerySet[Task]:
    return _with_case(tasks).select_related("process", "case__release").order_by(F("due").asc(nulls_last=True), "pk")


def _with_case(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With case and release, without the terms of the release, which are long."""
    return rows.select_related("case__release").defer("case__release__terms", "case__release__members")


# As cards


def inbox(user: Any, at: datetime, *, first: int = 0, size: int = 50) -> Inbox:
    """
    Somebody's list of work: eight queries at most, however much there is.

    Args:
        user: whose.
        at: now, with time zone.
        first: how many tasks are left out before the page.
        size: how many tasks stand on a page.
    """
    on = local_day(at)
    tasks = list(tasks_for(user, on)[first : first + size])
    drafts = list(drafts_for(user, on)[:MOST_BESIDE])
    notices = list(notices_for(user, on)[:MOST_BESIDE])
    every = [*tasks, *(draft.task for draft in drafts)]
    cases = [*(task.case for task in every), *(notice.case for notice in notices)]
    about = _Children(cases, [task.process.subject for task in every], user, on)
    return Inbox(
        total=task_count(user, on),
        work=_cards(tasks, about, user, at),
        drafts=tuple(_draft(draft, about, at) for draft in drafts),
        signals=tuple(Signal(it, it.case.number, about.of(it.case, "")) for it in notices),
        waiting=pool_for(user, on).order_by().count(),
    )


def pool(user: Any, at: datetime, *, first: int = 0, size: int = 50) -> Inbox:
    """What waits for somebody's team, as a list of work; six queries at most. Args: as `inbox`."""
    on = local_day(at)
    tasks = list(pool_for(user, on)[first : first + size])
    about = _Children([task.case for task in tasks], [task.process.subject for task in tasks], user, on)
    return Inbox(
        total=task_count(user, on),
        work=_cards(tasks, about, user, at),
        waiting=pool_for(user, on).order_by().count(),
    )


def children_of_cases(cases: Sequence[Case], user: Any, on: date) -> Mapping[Any, tuple[Child, ...]]:
    """Id of each case to its children, as far as somebody may see; two queries."""
    about = _Children(cases, [], user, on)
    return {case.pk: about.of(case, "") for case in cases}


def title_of(task: Task) -> str:
    """Title of the step of a task. Args: task: with its run, its case and the release of that."""
    plan = running_release(task.case.release.digest).plan
    return in_language(plan.activity(task.process.definition, task.activity).title)


def group_of(due: datetime | None, at: datetime) -> Group:
    """In which group of the list something stands that is due then. A week ends on Sunday."""
    if due is None:
        return Group.LATER
    if due < at:
        return Group.LATE
    today = local_day(at)
    return Group.THIS_WEEK if local_day(due) <= today + timedelta(days=6 - today.weekday()) else Group.LATER


def _cards(tasks: Sequence[Task], about: _Children, user: Any, at: datetime) -> tuple[Work, ...]:
    begun: frozenset[int] = frozenset()
    if tasks:
        begun = frozenset(Draft.objects.filter(user=user, lost=False, task__in=tasks).values_list("task", flat=True))
    return tuple(_work(task, about, at, is_begun=task.pk in begun) for task in tasks)


def _draft(draft: Draft, about: _Children, at: datetime) -> LostDraft:
    return LostDraft(
        draft.pk,
        _work(draft.task, about, at, is_begun=True),
        draft.lost or not draft.task.is_open,
        draft.saved_at,
        tuple(_typed(draft, about.names(draft.task.case))),
    )


def _work(task: Task, about: _Children, at: datetime, *, is_begun: bool) -> Work:
    plan = running_release(task.case.release.digest).plan
    return Work(
        task=task.pk,
        case=task.case_id,
        number=task.case.number,
        title=title_of(task),
        path=in_language(plan.definition(task.process.definition).title),
        children=about.of(task.case, task.process.subject),
        due=task.due,
        group=group_of(task.due, at),
        is_begun=is_begun,
        rests=task.process.standing != "running",
    )


def _typed(draft: Draft, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    task = draft.task
    activity = running_release(task.case.release.digest).plan.activity(task.process.definition, task.activity)
    by_page = draft.values.get(BY_PAGE)
    typed = by_page if isinstance(by_page, Mapping) else draft.values
    for spec in with_lists(activity.form, shipped_lists()).fields:
        if words := _words(typed.get(spec.key), spec, names):
            yield in_language(spec.label), words


def _words(raw: object, spec: FieldSpec, names: Mapping[str, str]) -> str:
    """What was typed, shown as the answer it is; as it was typed where it is none."""
    if raw == UNKNOWN_POSTED:
        return show(UNKNOWN, spec, names)
    answer = field_types()[spec.type].parse(raw, spec).value
    return "\n".join(_texts(raw)) if answer is None else show(answer, spec, names)


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield from (part for part in (value.strip(),) if part)
        case Mapping():
            for part in value.values():
                yield from _texts(part)
        case Iterable():
            for part in value:
                yield from _texts(part)
        case None:
            return
        case _:
            yield str(value)


class _Children:
    """Names in cases, and the children with their ages, as far as somebody may see them; two queries for all."""

    def __init__(self, cases: Sequence[Case], subjects: Iterable[str], user: Any, on: date) -> None:
        by_id = {case.pk: case for case in cases}
        rows: defaultdict[Any, defaultdict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        wanted = Q(register__in=("person", "help_item", "authority")) | Q(pk__in={it for it in subjects if it})
        members: defaultdict[Any, list[Membership]] = defaultdict(list)
        if by_id:
            for row in RegisterRow.objects.filter(wanted, case__in=by_id).order_by("order"):
                rows[row.case_id][row.register].append(stored_row(row))
            held = Membership.objects.filter(case__in=by_id).in_force(on).select_related("organisation")
            for member in held:
                members[member.case_id].append(member)
        self._files: dict[Any, CaseFile] = {}
        self._seen: dict[Any, dict[str, Child]] = {}
        self._names: dict[Any, dict[str, str]] = {}
        for id_, case in by_id.items():
            file = registers_of(case, on, {register: tuple(found) for register, found in rows[id_].items()})
            viewers = viewers_of(case, user, on, case_file=file, memberships=members[id_])
            self._files[id_] = file
            persons = [row for row in file.rows("person") if may_see_cell(viewers, row, "name")]
            self._seen[id_] = {row.id: _child(file, row) for row in persons if row.text("kind") == "child"}
            self._names[id_] = {row.id: row.text("name") for row in persons}

    def of(self, case: Case, subject: str) -> tuple[Child, ...]:
        """The child that a run is about, or all children of the case."""
        child, _assignment = subject_of(self._files[case.pk], subject)
        seen = self._seen[case.pk]
        if child:
            return (seen[child],) if child in seen else ()
        return tuple(seen.values())

    def names(self, case: Case) -> Mapping[str, str]:
        """Id to name of everybody in a case whose name may be seen."""
        return self._names[case.pk]


def _child(file: CaseFile, row: Row) -> Child:
    months = age_of(file, row.id, file.today)
    first = row.text("name").split()
    return Child(first[0] if first else "", months // MONTHS_IN_YEAR if isinstance(months, int) else None)
