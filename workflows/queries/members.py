"""Who works on a case, who can be asked in, and to whom a task can be handed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db.models import QuerySet

from padwijzer.permissions.models import Organisation, RoleAssignment
from padwijzer.permissions.roles import RoleKind, shipped_roles
from padwijzer.workflows.models import Case, Membership, Task
from padwijzer.workflows.queries.people import name_of
from padwijzer.workflows.queries.timeline import role_words

WORKS: Final = frozenset({RoleKind.MUNICIPAL, RoleKind.GI, RoleKind.PROVIDER})
CONTACT: Final = "vap"
"""Role of the fixed contact person, who is chosen together with the family, in a step."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    Somebody who can be involved in a case.

    Args:
        assignment: id of the role that he has in the organisation.
        user: the user.
        role: slug of that role.
        words: name and role.
    """

    assignment: int
    user: Any = field(repr=False)
    role: str
    words: str


def working_on(case: Case, on: date) -> tuple[Membership, ...]:
    """The roles in a case that hold today, of professionals; by name. One query."""
    members = Membership.objects.filter(case=case).in_force(on).select_related("user", "organisation")
    roles = shipped_roles()
    working = [it for it in members if it.role in roles and roles[it.role].kind in WORKS]
    return tuple(sorted(working, key=lambda it: (it.role != CONTACT, name_of(it.user).casefold(), it.pk)))


def organisations_to_ask(on: date) -> QuerySet[Organisation]:
    """The organisations with people who can be involved in a case, by name."""
    held = RoleAssignment.objects.in_force(on).filter(role__in=_can_join(), user__is_active=True)
    return Organisation.objects.filter(pk__in=held.values("organisation")).order_by("name")


def candidates_of(organisation: Organisation, members: Sequence[Membership], on: date) -> tuple[Candidate, ...]:
    """
    Who of an organisation can be involved in a case, in which role; by name. One query.

    Args:
        organisation: where they work.
        members: of the case now; who has a role already is left out in that role.
        on: the day in Europe/Amsterdam.
    """
    known = {(it.user_id, it.role) for it in members}
    held = (
        RoleAssignment.objects.in_force(on)
        .filter(organisation=organisation, role__in=_can_join(), user__is_active=True, user__is_superuser=False)
        .select_related("user")
    )
    found = [
        Candidate(it.pk, it.user, it.role, f"{name_of(it.user)}, {role_words([it.role])}")
        for it in held
        if (it.user_id, it.role) not in known
    ]
    return tuple(sorted(found, key=lambda it: it.words.casefold()))


def membership_of(case: Case, membership: int, on: date) -> Membership | None:
    """A role in a case that holds today, or None when there is no such role in this case."""
    found: Membership | None = (
        Membership.objects.filter(case=case, pk=membership)
        .in_force(on)
        .select_related("user", "organisation")
        .first()
    )
    return found


def colleagues_for(task: Task, on: date, *, but: Any = None) -> tuple[Any, ...]:
    """
    Who is involved in the case of a task in a role that may do it; by name.

    Args:
        task: the task.
        on: the day in Europe/Amsterdam.
        but: a user to leave out.
    """
    roles = task.performers.strip(",").split(",")
    members = Membership.objects.filter(case=task.case_id, role__in=roles).in_force(on).select_related("user")
    users = {member.user_id: member.user for member in members if member.user.is_active and member.user != but}
    return tuple(sorted(users.values(), key=name_of))


def _can_join() -> list[str]:
    return [slug for slug, role in shipped_roles().items() if role.kind in WORKS and slug != CONTACT]
