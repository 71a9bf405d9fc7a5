"""Who somebody is and how he stands to a case: the values on which `permissions.policies` decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery

from padwijzer.permissions.models import Mandate, RoleAssignment
from padwijzer.permissions.policies import Actor, HeldMandate, Involvement, RoleInCase
from padwijzer.workflows.models import Case, Membership, Pseudonym, Task
from padwijzer.workflows.models.prepared import Select

_ASSIGNED = Select(
    RoleAssignment,
    lambda user, on: (
        RoleAssignment.objects.filter(user=user)
        .in_force(on)
        .annotate(pseudonym=Subquery(Pseudonym.objects.filter(user=OuterRef("user")).values("pseudonym")))
        .values_list("role", "organisation", "pseudonym")
    ),
    user="user",
    on="since",
)
_MEMBERS = Select(
    Membership,
    lambda case: Membership.objects.filter(case=case).values_list("user", "role", "since", "until", "organisation"),
    case="case",
)

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
    held = _ASSIGNED(user=user.pk, on=on)
    pseudonym = next((name for _, _, name in held if name), None) or Pseudonym.objects.of(user)
    roles = frozenset(role for role, _, _ in held)
    actor = Actor(
        id=pseudonym,
        roles=roles,
        organisations=frozenset(str(organisation) for _, organisation, _ in held),
        mandates=_mandates(user, on) if "mandaathouder" in roles else (),
        is_active=user.is_active,
        is_superuser=user.is_superuser,
    )
    setattr(user, ATTRIBUTE, (on, actor))
    return actor


def _mandates(user: Any, on: date) -> tuple[HeldMandate, ...]:
    mandates = Mandate.objects.in_force(on).filter(holder=user).values_list("organisation", "since", "until")
    return tuple(HeldMandate(str(organisation), since, until) for organisation, since, until in mandates)


class Member(NamedTuple):
    """One membership of a case. Args: user, organisation: primary keys; role: slug; since, until: days, included."""

    user: Any
    role: str
    since: date
    until: date | None
    organisation: Any


def members_of(case: Case) -> tuple[Member, ...]:
    """Every membership of a case, past and future ones too."""
    return tuple(Member(*row) for row in _MEMBERS(case=case.pk))


def involvement_of(
    case: Case,
    user: Any,
    on: date,
    *,
    now: datetime | None = None,
    task: Task | None = None,
    members: Iterable[Member] | None = None,
) -> Involvement:
    """
    How somebody stands to a case, and to one of its tasks.

    Args:
        case: the case.
        user: who asks.
        on: the day in Europe/Amsterdam.
        now: the moment; without it no exceptional grant counts.
        task: the task in question, with its run.
        members: the memberships of the case, where they are known already.
    """
    roles = tuple(
        RoleInCase(it.role, it.since, it.until, str(it.organisation) if it.organisation else "")
        for it in (members_of(case) if members is None else members)
        if it.user == getattr(user, "pk", None)
    )
    return Involvement(
        on=on,
        roles=roles,
        organisation=str(case.organisation_id),
        performers=None if task is None else frozenset(task.performers.strip(",").split(",")),
        holder=_holder(task, user, on),
        closed=case.status == Case.Status.CLOSED,
        now=now,
    )


def _holder(task: Task | None, user: Any, on: date) -> str:
    """Pseudonym of who has taken up a task; somebody else's need not be known."""
    if task is None or task.owner_id is None:
        return ""
    return actor_of(user, on).id if task.owner_id == user.pk else "somebody else"
