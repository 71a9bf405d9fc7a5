"""Who somebody is and how he stands to a case: the values on which `permissions.policies` decides."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from padwijzer.permissions.models import Mandate, RoleAssignment
from padwijzer.permissions.policies import Actor, HeldMandate, Involvement, RoleInCase
from padwijzer.workflows.models import Case, Membership, Pseudonym, Task

ATTRIBUTE = "_padwijzer_actor"


def actor_of(user: Any, on: date) -> Actor:
    """
    Who acts, with the roles, organisations and mandates of that day; asked once for each user object and day.

    Args:
        user: a stored user; somebody who is not signed in has no roles.
        on: the day in Europe/Amsterdam.
    """
    if not getattr(user, "is_authenticated", False):
        return Actor("", is_active=False)
    known: tuple[date, Actor] | None = getattr(user, ATTRIBUTE, None)
    if known is not None and known[0] == on:
        return known[1]
    held = list(
        RoleAssignment.objects.filter(user=user)
        .in_force(on)
        .annotate(pseudonym=Subquery(Pseudonym.objects.filter(user=OuterRef("user")).values("pseudonym")))
        .values_list("role", "organisation", "pseudonym")
    )
    pseudonym = next((name for _, _, name in held if name), None) or Pseudonym.objects.of(user)
    roles = frozenset(role for role, _, _ in held)
    actor = Actor(
        id=pseudonym,
        roles=roles,
        organisations=frozenset(str(organisation) for _, organisation, _ in held),
        mandates=_mandates(user) if "mandaathouder" in roles else (),
        is_active=user.is_active,
        is_superuser=user.is_superuser,
    )
    setattr(user, ATTRIBUTE, (on, actor))
    return actor


def _mandates(user: Any) -> tuple[HeldMandate, ...]:
    mandates = Mandate.objects.filter(holder=user).values_list("organisation", "since", "until")
    return tuple(HeldMandate(str(organisation), since, until) for organisation, since, until in mandates)


def involvement_of(
    case: Case, user: Any, on: date, *, now: datetime | None = None, task: Task | None = None
) -> Involvement:
    """
    How somebody stands to a case, and to one of its tasks.

    Args:
        case: the case.
        user: who asks.
        on: the day in Europe/Amsterdam.
        now: the moment; without it no exceptional grant counts.
        task: the task in question, with its run.
    """
    held = Membership.objects.filter(case=case, user=user).values_list("role", "since", "until", "organisation")
    roles = tuple(
        RoleInCase(role, since, until, str(organisation) if organisation else "")
        for role, since, until, organisation in held
    )
    return Involvement(
        on=on,
        roles=roles,
        organisation=str(case.organisation_id),
        performers=None if task is None else frozenset(task.performers.strip(",").split(",")),
        holder=_holder(task, user, on),
        closed=case.status != Case.Status.OPEN,
        now=now,
    )


def _holder(task: Task | None, user: Any, on: date) -> str:
    """Pseudonym of who has taken up a task; somebody else's need not be known."""
    if task is None or task.owner_id is None:
        return ""
    return actor_of(user, on).id if task.owner_id == user.pk else "somebody else"
