"""Cases: which ones somebody works on, and everything the page of one case shows, limited to what he may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, QuerySet

from padwijzer.forms.core.nodes import Node
from padwijzer.forms.core.schema import in_language
from padwijzer.forms.lists import shipped_lists
from padwijzer.permissions.policies import Involvement, RoleInCase, Viewer, may
from padwijzer.permissions.roles import RoleKind, shipped_roles
from padwijzer.workflows.core.case_file import CaseFile, Row
from padwijzer.workflows.core.consent import ORGANISATION, Consent, authority_holders, consent_on
from padwijzer.workflows.core.deadlines import explain, local_day, read_explanation
from padwijzer.workflows.core.facts.age import age_of
from padwijzer.workflows.core.facts.contact_person import contact_person_on
from padwijzer.workflows.models import (
    OPEN,
    Case,
    Draft,
    Membership,
    Notice,
    PathRun,
    RegisterRow,
    RunningDeadline,
    Task,
)
from padwijzer.workflows.queries.access import actor_of
from padwijzer.workflows.queries.case_files import stored_row
from padwijzer.workflows.queries.inbox import MONTHS_IN_YEAR, PERSON_TASK, Child, children_of_cases, roles_held
from padwijzer.workflows.queries.people import name_of
from padwijzer.workflows.queries.releases import RunningRelease, running_release
from padwijzer.workflows.queries.timeline import CaseNames, EventSight, definitions_of_tasks, doers, role_words
from padwijzer.workflows.queries.viewing import (
    may_in_case,
    may_see_cell,
    may_see_step,
    registers_of,
    subject_of,
    viewers_of,
)

FAMILY_KINDS: Final = ("child", "parent", "family", "network")
"""Kinds of persons around a family, in the order in which they are shown."""
CONSENTED: Final = {"help_item": ("stopped", "not_started"), "placement": ("ended",)}
"""Registers for whose rows consent is asked, with the statuses in which it no longer matters."""
CLOSED_DEADLINES: Final = (RunningDeadline.State.MET, RunningDeadline.State.CANCELLED)
ACTIONS: Final = ("see_history", "change_people", "manage_members", "add_own_step", "start_emergency")
"""What the page of a case asks permission for."""


# Which cases


@dataclass(frozen=True, slots=True)
class CaseCard:
    """
    A case in the list.

    Args:
        case: the case.
        children: its children, as far as he may see.
        mine: how many open steps in it are his.
    """

    case: Case
    children: tuple[Child, ...]
    mine: int


def cases_visible_to(user: Any, on: date, *, status: str = "") -> QuerySet[Case]:
    """
    The cases in which somebody is involved, the newest first.

    Args:
        user: who.
        on: the day in Europe/Amsterdam.
        status: only those of this status; empty is all.
    """
    held = roles_held(user, on).filter(case=OuterRef("pk"))
    cases = Case.objects.filter(Exists(held)).select_related("release").defer("release__terms", "release__members")
    if status:
        cases = cases.filter(status=status)
    return cases.order_by("-opened_at", "-pk")


def counts_by_status(user: Any, on: date) -> dict[str, int]:
    """Status to the number of cases in which somebody is involved; one query."""
    cases = cases_visible_to(user, on).order_by()
    return {str(status): number for status, number in cases.values_list("status").annotate(Count("pk"))}


def case_cards(cases: Sequence[Case], user: Any, on: date) -> tuple[CaseCard, ...]:
    """Cases as cards; three queries, whatever their number. Args: cases: one page of `cases_visible_to`."""
    open_tasks = Task.objects.filter(case__in=cases, owner=user, status__in=OPEN, flow_task_type=PERSON_TASK)
    mine = Counter(open_tasks.values_list("case", flat=True))
    children = children_of_cases(cases, user, on)
    return tuple(CaseCard(case, children[case.pk], mine[case.pk]) for case in cases)


# One case


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """
    Somebody of the family or around it.

    Args:
        id: of the row.
        kind: child, parent, family or network.
        name: name.
        age: in years, of a child.
        authority_over: names of the children over whom this person has authority.
        phone: number, when it may be seen.
    """

    id: str
    kind: str
    name: str = field(repr=False)
    age: int | None = None
    authority_over: tuple[str, ...] = field(default=(), repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Professional:
    """
    Somebody who works on the case.

    Args:
        name: name.
        roles: in the case, in words.
        organisation: on whose behalf.
        is_contact: whether this is the fixed contact person.
        phone: number, when it is known.
    """

    name: str
    roles: str
    organisation: str = ""
    is_contact: bool = False
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StepLine:
    """
    A step in the list of a case.

    Args:
        task: id of the task.
        title: title of the step.
        status: done, busy, todo, late, waiting or not_needed.
        part: title of the sub-process it stands in; empty on the line of the path.
        about: name of the child that it is about, when it is about one.
        who: who holds it or did it.
        on: the day it was done.
        due: when it must be done.
        event: number in the history of what completed it.
        times: how often a form that stays open was filled in.
        is_mine: whether he has taken it up.
        may_do: whether he may do it now.
        is_begun: whether he has a draft of it.
    """

    task: int
    title: str
    status: str
    part: str = ""
    about: str = field(default="", repr=False)
    who: str = ""
    on: date | None = None
    due: datetime | None = None
    event: int | None = None
    times: int = 0
    is_mine: bool = False
    may_do: bool = False
    is_begun: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.status in {"busy", "todo", "late", "waiting"}


@dataclass(frozen=True, slots=True)
class DutyLine:
    """Something that must still be done. Args: title: what; about: name of the child; due: before when."""

    title: str
    about: str = field(default="", repr=False)
    due: date | None = None


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """A running term. Args: title: of what; state: how it stands; due: when it ends; why: how that was found."""

    title: str
    state: str
    due: datetime | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """Consent to one help or placement. Args: what: which, in words; about: the child; consent: how it stands."""

    what: str
    about: str = field(repr=False)
    consent: Consent


@dataclass(frozen=True, slots=True)
class DeviationLine:
    """A deviation. Args: step: title of the step; look_again_on: when to look again."""

    step: str
    look_again_on: date | None


@dataclass(frozen=True, slots=True)
class OutsideLine:
    """A run that somebody else took over. Args: path: title of what was left; words: who takes over."""

    path: str
    words: str


@dataclass(frozen=True, slots=True)
class Overview:
    """
    Everything the page of a case shows, as far as somebody may see it.

    Args:
        case: the case.
        release: the release it runs on.
        file: its registers.
        viewers: the roles in which he looks.
        memberships: everybody's roles in the case, past ones too.
        family: who it is about.
        hidden_people: how many persons he may not see.
        professionals: who works on it, the fixed contact person first.
        has_contact_person: whether one was chosen.
        steps: of the path, in the order in which they were opened.
        tracks: title of each track beside the line, with its steps.
        hidden_steps: how many steps he may not see.
        duties: what must still be done.
        notices: open alarms, warnings and to-dos of the case.
        deadlines: terms that run.
        consents: consent to each help and placement.
        deviations: reasoned deviations.
        outside: what somebody else took over.
        allowed: keys of the permissions that he has here, of `ACTIONS`.
        runs: number of each run to what it runs, for `CaseNames`.
        tasks: id of each task to the key of its definition.
        subjects: number of each run to the id of the row it is about.
    """

    case: Case
    release: RunningRelease
    file: CaseFile
    viewers: tuple[Viewer, ...]
    memberships: tuple[Membership, ...]
    family: tuple[FamilyMember, ...]
    hidden_people: int
    professionals: tuple[Professional, ...]
    has_contact_person: bool
    steps: tuple[StepLine, ...]
    tracks: tuple[tuple[str, tuple[StepLine, ...]], ...]
    hidden_steps: int
    duties: tuple[DutyLine, ...]
    notices: tuple[Notice, ...]
    deadlines: tuple[DeadlineLine, ...]
    consents: tuple[ConsentLine, ...]
    deviations: tuple[DeviationLine, ...]
    outside: tuple[OutsideLine, ...]
    allowed: frozenset[str]
    runs: Mapping[int, str]
    tasks: Mapping[int, str]
    subjects: Mapping[int, str]

    @property
    def to_do(self) -> tuple[StepLine, ...]:
        """The open steps that he may do, his own first, then the first due."""
        every = (*self.steps, *(step for _title, steps in self.tracks for step in steps))
        far = datetime.max.replace(tzinfo=self.case.opened_at.tzinfo)
        return tuple(
            sorted((it for it in every if it.may_do), key=lambda it: (not it.is_mine, it.due or far, it.task))
        )

    def names(self) -> dict[str, str]:
        """Id of each person to the name that he may see."""
        return names_seen(self.file, self.viewers)


def members_of(case: Case) -> tuple[Membership, ...]:
    """Everybody's roles in a case, past ones too, the oldest first, with user and organisation; one query."""
    found = Membership.objects.filter(case=case).select_related("user", "organisation").order_by("since", "pk")
    return tuple(found)


def professionals_of(
    file: CaseFile, memberships: Iterable[Membership], on: date, contact: str
) -> tuple[Professional, ...]:
    """
    Who works on a case on a day, the fixed contact person on top.

    Args:
        file: the case.
        memberships: of the case, past ones too, with their users and organisations.
        on: the day in Europe/Amsterdam.
        contact: id of the person who is the fixed contact person; empty for nobody.
    """
    by_user: dict[int, list[Membership]] = {}
    for it in memberships:
        is_family = it.role in shipped_roles() and shipped_roles()[it.role].kind is RoleKind.FAMILY
        if it.since <= on and (it.until is None or on <= it.until) and not is_family:
            by_user.setdefault(it.user_id, []).append(it)
    persons = {row.id: row for row in file.rows("person")}
    found = [_professional(held, persons, contact) for held in by_user.values()]
    row = persons.get(contact)
    if row is not None and not any(it.is_contact for it in found):
        found.append(Professional(row.text("name"), row.text("function"), is_contact=True, phone=row.text("phone")))
    return tuple(sorted(found, key=lambda it: not it.is_contact))


def _professional(held: Sequence[Membership], persons: Mapping[str, Row], contact: str) -> Professional:
    mine = [str(it.person_id) for it in held if it.person_id]
    return Professional(
        name=name_of(held[0].user),
        roles=role_words(it.role for it in held),
        organisation=next((it.organisation.name for it in reversed(held) if it.organisation), ""),
        is_contact=contact in mine,
        phone=next((persons[it].text("phone") for it in mine if it in persons and persons[it].text("phone")), ""),
    )


def names_seen(file: CaseFile, viewers: Sequence[Viewer]) -> dict[str, str]:
    """
    Id of each person to the name that somebody may see.

    Professionals, and organisations that are guardian, are known to all who are involved.
    """
    return {
        row.id: row.text("name")
        for row in file.rows("person")
        if row.text("kind") in ("professional", ORGANISATION) or may_see_cell(viewers, row, "name")
    }


def overview(case: Case, user: Any, at: datetime) -> Overview:
    """
    What the page of a case shows; five queries.

    Args:
        case: the case, with its release; the caller knows that this user may see it.
        user: who looks.
        at: now, with time zone.
    """
    return _Reading(case, user, at).overview()


class _Reading:
    """Reads a case and puts an overview together. Args: as `overview`."""

    def __init__(self, case: Case, user: Any, at: datetime) -> None:
        self.case = case
        self.user = user
        self.at = at
        self.on = local_day(at)
        self.release = running_release(case.release.digest)
        rows: dict[str, list[Row]] = {}
        for row in RegisterRow.objects.filter(case=case).order_by("order"):
            rows.setdefault(row.register, []).append(stored_row(row))
        registers = {register: tuple(found) for register, found in rows.items()}
        self.file = registers_of(case, self.on, registers)
        self.memberships = members_of(case)
        self.viewers = viewers_of(case, user, self.on, case_file=self.file, memberships=self.memberships)
        self.names = names_seen(self.file, self.viewers)
        drafts = Draft.objects.filter(task=OuterRef("pk"), user=user, lost=False)
        self.tasks = list(
            Task.objects.filter(case=case)
            .select_related("process", "owner", "completed_by")
            .annotate(is_begun=Exists(drafts))
            .order_by("pk")
        )
        self.runs: dict[int, PathRun] = {task.process.number: task.process for task in self.tasks}

    def overview(self) -> Overview:
        """The overview."""
        family, hidden_people = self._family()
        lines, hidden_steps = self._lines()
        contact = contact_person_on(self.file, self.on)
        visible = {task.pk for task, _track, _line in lines}
        return Overview(
            case=self.case,
            release=self.release,
            file=self.file,
            viewers=self.viewers,
            memberships=self.memberships,
            family=family,
            hidden_people=hidden_people,
            professionals=professionals_of(self.file, self.memberships, self.on, contact),
            has_contact_person=bool(contact),
            steps=tuple(line for _task, track, line in lines if not track),
            tracks=self._tracks(lines),
            hidden_steps=hidden_steps,
            duties=tuple(self._duties()),
            notices=self._notices(visible),
            deadlines=tuple(self._deadlines(visible)),
            consents=consent_lines(self.file, self.viewers, self.names, self.on),
            deviations=tuple(self._deviations()),
            outside=tuple(self._outside()),
            allowed=frozenset(
                it for it in ACTIONS if may_in_case(self.case, self.user, self.on, self.memberships, it)
            ),
            runs={number: run.track or run.definition for number, run in self.runs.items()},
            tasks={task.pk: task.process.definition for task in self.tasks},
            subjects={number: run.subject for number, run in self.runs.items()},
        )

    # Who

    def _family(self) -> tuple[tuple[FamilyMember, ...], int]:
        rows = [row for row in self.file.rows("person") if row.text("kind") in FAMILY_KINDS]
        seen = [row for row in rows if row.id in self.names]
        seen.sort(key=lambda row: FAMILY_KINDS.index(row.text("kind")))
        return tuple(self._family_member(row) for row in seen), len(rows) - len(seen)

    def _family_member(self, row: Row) -> FamilyMember:
        months = age_of(self.file, row.id, self.on) if row.text("kind") == "child" else None
        over = tuple(
            self.names[child.id]
            for child in self.file.rows("person")
            if child.text("kind") == "child"
            and child.id in self.names
            and row.id in authority_holders(self.file, child.id, self.on)
            and any(may_see_cell(self.viewers, it, "person") for it in self.file.of_child("authority", child.id))
        )
        return FamilyMember(
            id=row.id,
            kind=row.text("kind"),
            name=self.names[row.id],
            age=months // MONTHS_IN_YEAR if isinstance(months, int) else None,
            authority_over=over,
            phone=row.text("phone") if may_see_cell(self.viewers, row, "phone") else "",
        )

    # Steps

    def _lines(self) -> tuple[list[tuple[Task, str, StepLine]], int]:
        """Each step that may be seen, with the track it is on (empty for the main line); and how many may not."""
        rounds = Counter((task.process.number, task.activity) for task in self.tasks if task.outcome == "saved")
        lines = []
        hidden = 0
        for task in self.tasks:
            if task.flow_task_type != PERSON_TASK or task.outcome == "saved":
                continue
            activity = self.release.plan.activity(task.process.definition, task.activity)
            about, assignment = subject_of(self.file, task.process.subject)
            roles = _roles(task)
            if not may_see_step(self.viewers, activity, roles, about=about, assignment=assignment):
                hidden += 1
                continue
            line = self._line(task, in_language(activity.title), about, rounds[task.process.number, task.activity])
            lines.append((task, self._track_of(task.process), line))
        return lines, hidden

    def _line(self, task: Task, title: str, about: str, times: int) -> StepLine:
        run = task.process
        is_mine = task.is_open and task.owner_id == self.user.pk
        children = sum(row.text("kind") == "child" for row in self.file.rows("person"))
        return StepLine(
            task=task.pk,
            title=title,
            status=self._status(task, times),
            part=in_language(self.release.plan.definition(run.definition).title) if run.opened_as == "call" else "",
            about=self.names.get(about, "") if children > 1 else "",
            who=name_of(task.owner if task.is_open else task.completed_by),
            on=task.completed_on,
            due=task.due if task.is_open else None,
            event=task.event,
            times=times,
            is_mine=is_mine,
            may_do=task.is_open and run.standing == "running" and self._may_do(task),
            is_begun=bool(getattr(task, "is_begun", False)),
        )

    def _status(self, task: Task, times: int) -> str:
        if task.outcome in ("done", "afterwards"):
            return "done"
        if task.outcome:
            return "not_needed"
        if task.process.standing != "running":
            return "waiting"
        if task.due is not None and task.due < self.at:
            return "late"
        return "busy" if task.owner_id or times else "todo"

    def _may_do(self, task: Task) -> bool:
        if task.owner_id not in (None, self.user.pk):
            return False
        actor = actor_of(self.user, self.on)
        roles = tuple(
            RoleInCase(it.role, it.since, it.until, str(it.organisation_id) if it.organisation_id else "")
            for it in self.memberships
            if it.user_id == self.user.pk
        )
        involvement = Involvement(
            on=self.on,
            roles=roles,
            organisation=str(self.case.organisation_id),
            performers=_roles(task),
            holder=actor.id if task.owner_id else "",
            closed=self.case.status == Case.Status.CLOSED,
        )
        return bool(may(actor, "perform_step", involvement))

    def _track_of(self, run: PathRun | None) -> str:
        """Title of the track that a run is or stands under; empty on the main line."""
        seen: set[int] = set()
        while run is not None and run.number not in seen:
            if run.track:
                return in_language(self.release.plan.tracks[run.track].track.title)
            seen.add(run.number)
            run = self.runs.get(run.parent_run)
        return ""

    def _tracks(self, lines: Iterable[tuple[Task, str, StepLine]]) -> tuple[tuple[str, tuple[StepLine, ...]], ...]:
        found: dict[str, list[StepLine]] = {}
        for _task, track, line in lines:
            if track:
                found.setdefault(track, []).append(line)
        return tuple((track, tuple(steps)) for track, steps in found.items())

    # What asks for attention

    def _duties(self) -> Iterator[DutyLine]:
        for row in self.file.rows("duty"):
            if row.text("state") == "open" and may_see_cell(self.viewers, row, "title"):
                yield DutyLine(row.text("title"), self.names.get(row.text("child"), ""), row.day("due"))

    def _notices(self, visible: set[int]) -> tuple[Notice, ...]:
        found = Notice.objects.filter(case=self.case, done_at=None).exclude(kind=Notice.Kind.MESSAGE).order_by("pk")
        held = {viewer.role.slug for viewer in self.viewers}
        return tuple(it for it in found if it.task_id in visible or (it.task_id is None and held & _split(it.roles)))

    def _deadlines(self, visible: set[int]) -> Iterator[DeadlineLine]:
        titles = {
            task.pk: in_language(self.release.plan.activity(task.process.definition, task.activity).title)
            for task in self.tasks
            if task.pk in visible
        }
        rows = RunningDeadline.objects.filter(case=self.case).exclude(state__in=CLOSED_DEADLINES)
        for row in rows.order_by("due", "pk"):
            title = titles.get(row.task_id or 0, "")
            duty = self.file.row(str(row.duty_id)) if row.duty_id else None
            if duty is not None and may_see_cell(self.viewers, duty, "title"):
                title = duty.text("title")
            if title:
                why = explain(read_explanation(Node(row.explanation))) if row.explanation else ""
                yield DeadlineLine(title, row.state, row.due, why)

    # Safeguards

    def _deviations(self) -> Iterator[DeviationLine]:
        for row in self.file.rows("deviation"):
            if may_see_cell(self.viewers, row, "look_again_on"):
                definition, _dot, activity = row.text("step").rpartition(".")
                plan = self.release.plan.definitions.get(definition)
                step = plan.activities.get(activity) if plan else None
                title = in_language(step.activity.title) if step else activity
                yield DeviationLine(title, row.day("look_again_on"))

    def _outside(self) -> Iterator[OutsideLine]:
        for run in self.runs.values():
            if run.standing == "waiting_outside":
                definition = self.release.plan.definition(run.definition)
                words = next((in_language(text) for key, text in definition.outside if key == run.outside), "")
                yield OutsideLine(in_language(definition.title), words)


def consent_lines(
    file: CaseFile, viewers: Sequence[Viewer], names: Mapping[str, str], on: date
) -> tuple[ConsentLine, ...]:
    """
    Consent to each help and placement that still matters, as far as somebody may see it.

    Args:
        file: the registers of the case.
        viewers: the roles in which he looks.
        names: id of each person to the name that he may see.
        on: the day on which it is read.
    """
    return tuple(
        ConsentLine(what_is_consented(row), names.get(row.text("child"), ""), consent_on(file, row, on))
        for register, over in CONSENTED.items()
        for row in file.rows(register)
        if row.text("status") not in over and may_see_cell(viewers, row, "consent_state")
    )


def what_is_consented(row: Row) -> str:
    """A help or placement in words: its name, else its kind; empty for a placement, which has neither."""
    if row.register != "help_item":
        return ""
    kinds = {choice.key: in_language(choice.label) for choice in shipped_lists()["help_kinds"]}
    return row.text("name") or kinds.get(row.text("kind"), row.text("kind"))


def _roles(task: Task) -> frozenset[str]:
    return _split(task.performers)


def _split(roles: str) -> frozenset[str]:
    return frozenset(roles.strip(",").split(",")) - {""}


# Its history


@dataclass(frozen=True, slots=True)
class HistorySight:
    """
    What somebody may see of the history of a case.

    Args:
        case: the case.
        file: its registers.
        viewers: the roles in which he looks.
        memberships: everybody's roles in the case, past ones too.
        is_allowed: whether he may see the history at all.
    """

    case: Case
    file: CaseFile
    viewers: tuple[Viewer, ...]
    memberships: tuple[Membership, ...]
    is_allowed: bool

    def seeing(self, pseudonyms: Iterable[str]) -> EventSight:
        """With the names of who acts and of what it is about; three queries. Args: pseudonyms: of who acts."""
        release = running_release(self.case.release.digest)
        runs = list(PathRun.objects.filter(case=self.case))
        names = CaseNames(
            release,
            self.file,
            runs={run.number: run.track or run.definition for run in runs},
            tasks=definitions_of_tasks(self.case),
            actors=doers(pseudonyms, self.memberships),
        )
        subjects = {run.number: run.subject for run in runs}
        return EventSight(self.file, self.viewers, names, subjects, names_seen(self.file, self.viewers))


def history_sight(case: Case, user: Any, on: date) -> HistorySight:
    """What somebody may see of the history of a case; one query, and one when it is read. Args: as `overview`."""
    memberships = members_of(case)
    file = registers_of(case, on)
    return HistorySight(
        case=case,
        file=file,
        viewers=viewers_of(case, user, on, case_file=file, memberships=memberships),
        memberships=memberships,
        is_allowed=may_in_case(case, user, on, memberships, "see_history"),
    )
