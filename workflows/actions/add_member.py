"""Involve a professional in a case, and end that."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from padwijzer.forms.core.conditions import Value
from padwijzer.permissions.models import RoleAssignment
from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.permission import held_case
from padwijzer.workflows.actions.work import Work, new_id
from padwijzer.workflows.core.errors import InvalidAnswers, Refused
from padwijzer.workflows.core.recording import RowChange
from padwijzer.workflows.models import Membership, RegisterRow
from padwijzer.workflows.queries.access import actor_of
from padwijzer.workflows.queries.people import name_of


def add_member(acting: Acting, case_id: UUID, user: Any, role: str, *, reason: str = "") -> Membership:
    """
    Involve somebody in a case in a role, from today.

    Args:
        acting: who, and when.
        case_id: the case.
        user: who is involved; he has that role in an organisation.
        role: slug of the role.
        reason: why, where it is not clear by itself.

    Raises:
        NotAllowed: there is no such case for this user.
        Refused: that person does not have that role in any organisation.
    """
    with transaction.atomic():
        case = held_case(acting, case_id, "manage_members")
        known = Membership.objects.filter(case=case, user=user, role=role, until=None).first()
        if known is not None:
            return known
        held = RoleAssignment.objects.filter(user=user, role=role).in_force(acting.today).first()
        if held is None or role not in shipped_roles():
            raise Refused(_("This person does not have this role in any organisation."))
        work = Work(acting, case)
        person = _person(work, user)
        fields = work.write_rows()
        membership = Membership.objects.create(
            case=case,
            user=user,
            role=role,
            organisation=held.organisation,
            person=RegisterRow.objects.get(pk=person),
            since=acting.on,
            reason=reason,
        )
        ref = {"organisation": held.organisation_id, "role": role, "who": actor_of(user, acting.today).id}
        work.note("member.added", ref, {**fields, **({"reason": reason} if reason else {})})
        work.append()
    return membership


def end_membership(acting: Acting, membership: Membership, until: date) -> None:
    """
    End an involvement on a day; ended on that day already changes nothing.

    The role of fixed contact person ends only by choosing another one.

    Raises:
        NotAllowed: there is no such case for this user.
        Refused: for the fixed contact person.
        InvalidAnswers: the day lies before the involvement began.
    """
    with transaction.atomic():
        case = held_case(acting, membership.case_id, "manage_members")
        if membership.role == "vap":
            raise Refused(_("First choose another fixed contact person, together with the family."), ground="R81")
        membership.refresh_from_db(fields=["since", "until"])
        if until < membership.since:
            raise InvalidAnswers({"until": (_("Choose a day on or after the first day."),)})
        if membership.until == until:
            return
        membership.until = until
        membership.save(update_fields=["until"])
        work = Work(acting, case)
        who = actor_of(membership.user, acting.today).id
        work.note("member.ended", {"role": membership.role, "until": until.isoformat(), "who": who}, {})
        work.append()


def _person(work: Work, user: Any) -> str:
    """The row of this user among the persons of the case, made where there is none."""
    for row in work.file().rows("person"):
        if row.text("user") == str(user.pk):
            return row.id
    values: dict[str, Value] = {"kind": "professional", "name": name_of(user), "user": str(user.pk)}
    change = RowChange("person", new_id(), values, is_new=True)
    work.expect([change])
    return change.row
