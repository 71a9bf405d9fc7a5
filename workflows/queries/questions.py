"""A new question: who may take it down, whether the family is known, what is asked first, and what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings

from padwijzer.forms.core.field_types import Answer
from padwijzer.forms.core.schema import in_language
from padwijzer.forms.form_context import EVERYBODY, FormContext, Person
from padwijzer.permissions.models import Organisation, RoleAssignment
from padwijzer.permissions.roles import RoleKind, shipped_roles
from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row, Run, TermTimes
from padwijzer.workflows.core.definition import Activity
from padwijzer.workflows.core.facts.age import age_of
from padwijzer.workflows.core.facts.contact_person import contact_person_on
from padwijzer.workflows.models import OPEN, Case, Event, Membership, PathRun, RegisterRow, Task
from padwijzer.workflows.queries.case_files import calendars, stored_row
from padwijzer.workflows.queries.inbox import MONTHS_IN_YEAR, PERSON_TASK, title_of
from padwijzer.workflows.queries.people import known_persons, name_of
from padwijzer.workflows.queries.releases import RunningRelease, newest_release, running_release
from padwijzer.workflows.queries.timeline import role_words
from padwijzer.workflows.queries.viewing import registers_of

MOST: Final = 5
"""How many known families are shown: whoever has more of them must give a birth date."""
RUN: Final = 1
"""Number that the first run of a case will have."""
WORKS: Final = frozenset({RoleKind.MUNICIPAL, RoleKind.GI, RoleKind.PROVIDER})


def organisations_that_open(user: Any, on: date) -> tuple[Organisation, ...]:
    """The organisations in which somebody may open a case that day, by name; one query."""
    held = RoleAssignment.objects.filter(user=user, role__in=shipped_roles().that_may("open_case")).in_force(on)
    return tuple(Organisation.objects.filter(pk__in=held.values("organisation")).order_by("name"))


# Is this family known?


@dataclass(frozen=True, slots=True)
class Colleague:
    """Whom to ask about a case. Args: name: name; roles: there, in words; organisation: where; phone: number."""

    name: str
    roles: str
    organisation: str
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class KnownFamily:
    """
    A case in which this child may stand already: just enough to know whether it is the same one.

    Args:
        case: the case.
        child: first name of the child.
        age: in years; None when it is not known.
        is_mine: whether he is involved in it.
        contact: the fixed contact person, or who works on it; None when nobody does.
        has_contact_person: whether `contact` is the fixed contact person.
        team: names of who work on it.
    """

    case: Case
    child: str = field(repr=False)
    age: int | None
    is_mine: bool
    contact: Colleague | None
    has_contact_person: bool
    team: tuple[str, ...]


def known_families(
    organisation: Organisation, name: str, born: date | None, user: Any, on: date
) -> tuple[tuple[KnownFamily, ...], bool]:
    """
    Cases of an organisation in which a child of this name stands, the newest first; four queries.

    With a birth date the first name is enough; without one only the whole name finds somebody, so that nobody can
    read a list of families by typing a few letters.

    Args:
        organisation: other organisations' families are not found.
        name: of the child, as typed.
        born: birth date, when it is known.
        user: who asks.
        on: the day in Europe/Amsterdam.

    Returns:
        At most `MOST` families, and whether there are more.
    """
    words = name.split()
    found = known_persons(organisation.pk, words[0] if born and words else " ".join(words), born)
    if born is None:
        found = found.filter(search_name=" ".join(words).casefold())
    rows = found.filter(values__kind="child").select_related("case__release", "case__organisation")
    rows = rows.order_by("-case__opened_at", "order")
    children: dict[Any, RegisterRow] = {}
    for row in rows[: MOST * 4]:
        children.setdefault(row.case_id, row)
    chosen = list(children.values())[:MOST]
    return _families(chosen, user, on), len(children) > MOST


def _families(children: Sequence[RegisterRow], user: Any, on: date) -> tuple[KnownFamily, ...]:
    if not children:
        return ()
    cases = [row.case for row in children]
    rows: dict[Any, dict[str, list[Row]]] = {case.pk: {} for case in cases}
    stored = RegisterRow.objects.filter(case__in=cases, register__in=("person", "contact_person"))
    for row in stored.order_by("order"):
        rows[row.case_id].setdefault(row.register, []).append(stored_row(row))
    members: dict[Any, list[Membership]] = {case.pk: [] for case in cases}
    working = Membership.objects.filter(case__in=cases).in_force(on).select_related("user", "organisation")
    for member in working.order_by("since", "pk"):
        members[member.case_id].append(member)
    mine = set(
        Case.objects.visible_to(user, on).filter(pk__in=[case.pk for case in cases]).values_list("pk", flat=True)
    )
    return tuple(
        _family(row, rows[row.case_id], members[row.case_id], on, is_mine=row.case_id in mine) for row in children
    )


def _family(
    child: RegisterRow, rows: Mapping[str, list[Row]], members: Sequence[Membership], on: date, *, is_mine: bool
) -> KnownFamily:
    case = child.case
    file = registers_of(case, on, {register: tuple(found) for register, found in rows.items()})
    months = age_of(file, str(child.pk), on)
    roles = shipped_roles()
    team = [it for it in members if it.role in roles and roles[it.role].kind in WORKS]
    chosen = contact_person_on(file, on)
    fixed = [it for it in team if chosen and str(it.person_id) == chosen]
    asked = fixed or team
    row = file.person(str(asked[0].person_id or "")) if asked else None
    contact = None
    if asked:
        contact = Colleague(
            name=name_of(asked[0].user),
            roles=role_words(it.role for it in team if it.user_id == asked[0].user_id),
            organisation=asked[0].organisation.name if asked[0].organisation else case.organisation.name,
            phone=row.text("phone") if row is not None else "",
        )
    return KnownFamily(
        case=case,
        child=str(child.values.get("name") or "").split(" ")[0],
        age=months // MONTHS_IN_YEAR if isinstance(months, int) else None,
        is_mine=is_mine,
        contact=contact,
        has_contact_person=bool(fixed),
        team=tuple(dict.fromkeys(name_of(it.user) for it in team)),
    )


# What is asked first


@dataclass(frozen=True, slots=True)
class FirstStep:
    """The step with which a case begins. Args: release: the newest one; definition: key of its path; activity: it."""

    release: RunningRelease
    definition: str
    activity: Activity

    def context(self, persons: Mapping[str, Mapping[str, Any]], on: date) -> FormContext:
        """
        What its questions must know of a case that is not there yet.

        Args:
            persons: id of each person who will be in it to the columns of the register of persons.
            on: the day in Europe/Amsterdam.
        """
        rows = tuple(Row(id_, "person", values, on) for id_, values in persons.items())
        file = CaseFile(
            today=on,
            times=TermTimes(self.release.terms, calendars(), region=getattr(settings, "PADWIJZER_SCHOOL_REGION", "")),
            registers={"person": rows},
            runs=(Run(RUN, self.definition, on),),
            settings=dict(getattr(settings, "PADWIJZER_SETTINGS", {})),
        )

        def lookup_for(answers: Mapping[str, Answer]) -> CaseLookup:
            return CaseLookup(file, RUN, self.activity.key, answers)

        people = tuple(Person(row.id, row.text("name")) for row in rows)
        return FormContext(lookup_for=lookup_for, today=on, persons={EVERYBODY: people})


def first_step() -> FirstStep | None:
    """The first step of a case that is opened now; None when nothing was published yet."""
    release = newest_release()
    if release is None:
        return None
    running = running_release(release.digest)
    definition = running.plan.definition(running.plan.start)
    return FirstStep(running, definition.key, running.plan.activity(definition.key, definition.start))


# What follows


@dataclass(frozen=True, slots=True)
class Next:
    """A step that waits now. Args: title: what; due: before when; holder: name of who has taken it up."""

    title: str
    due: datetime | None
    holder: str
    is_mine: bool


def next_steps(case: Case, user: Any) -> tuple[Next, ...]:
    """The steps of a case that people must do now, the first due on top; one query."""
    tasks = Task.objects.filter(case=case, status__in=OPEN, flow_task_type=PERSON_TASK).select_related(
        "process", "case__release", "owner"
    )
    waiting = sorted(tasks, key=lambda task: (task.due is None, task.due or case.opened_at, task.pk))
    return tuple(Next(title_of(task), task.due, name_of(task.owner), task.owner_id == user.pk) for task in waiting)


def outside_words(case: Case) -> tuple[str, ...]:
    """Who takes over what cannot go on within the release of a case, in words; one query."""
    plan = running_release(case.release.digest).plan
    found = []
    for run in PathRun.objects.filter(case=case, standing="waiting_outside").order_by("number"):
        words = dict(plan.definition(run.definition).outside)
        if run.outside in words:
            found.append(in_language(words[run.outside]))
    return tuple(found)


def hash_of_completion(task: Task) -> bytes | None:
    """Hash of the event that completed a step, for its receipt; None while it is open. One query."""
    if task.event is None:
        return None
    event = Event.objects.filter(stream=task.case.stream, seq=task.event).first()
    return bytes(event.hash) if event is not None else None
