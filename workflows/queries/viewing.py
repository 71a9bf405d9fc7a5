"""What somebody may see of a case: the roles in which he looks, and each answer, column and step to those roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from django.conf import settings

from padwijzer.forms.core.schema import FieldSpec
from padwijzer.permissions.policies import (
    WHOLE_CASE,
    Actor,
    AgeBand,
    Child,
    FieldAccess,
    Involvement,
    Part,
    RoleInCase,
    Viewer,
    may,
    may_see,
)
from padwijzer.permissions.roles import Privacy, Role, RoleKind, shipped_roles
from padwijzer.workflows.core.case_file import CaseFile, Row, TermTimes
from padwijzer.workflows.core.consent import ADULT, ALONE, YOUTH, authority_holders
from padwijzer.workflows.core.definition import Activity
from padwijzer.workflows.core.facts.age import age_of
from padwijzer.workflows.core.registers import ColumnSpec, registers
from padwijzer.workflows.models import Case, Membership
from padwijzer.workflows.queries.access import actor_of
from padwijzer.workflows.queries.case_files import LazyRegisters, calendars
from padwijzer.workflows.queries.releases import running_release

PART_OF_MEANING: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "family_plan": Part.PLAN,
        "help_chosen": Part.PLAN,
        "shared_history": Part.LESSONS,
        "municipal_decision": Part.DECISION,
        "consent_asked": Part.CONSENT,
        "explained": Part.CONSENT,
        "informed_consent": Part.CONSENT,
        "withdrawal_of_consent": Part.CONSENT,
        "evaluation": Part.EVALUATION,
        "evaluation_after_placement": Part.EVALUATION,
        "deviation": Part.DEVIATION,
        "deviation_review": Part.DEVIATION,
        "contact_person_chosen": Part.PEOPLE,
    }
)
"""Meaning of a step to the part of the file to which its answers belong; another step's belong to the file."""

PART_OF_REGISTER: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "person": Part.PEOPLE,
        "relation": Part.PEOPLE,
        "contact_person": Part.PEOPLE,
        "agreement": Part.AGREEMENTS,
        "consent": Part.CONSENT,
        "deviation": Part.DEVIATION,
        "help_item": Part.PLAN,
        "meeting": Part.CONVERSATIONS,
        "placement": Part.PLACEMENT,
    }
)
"""Register to the part of the file to which its rows belong; another one's belong to the file."""

BESIDE_THE_FAMILY: Final = frozenset(
    {RoleKind.MUNICIPAL, RoleKind.GI, RoleKind.PROVIDER, RoleKind.AUDITOR, RoleKind.ADMIN}
)


def registers_of(case: Case, on: date, rows: Mapping[str, tuple[Row, ...]] | None = None) -> CaseFile:
    """
    A case as far as its registers say: who it is about, consent, help, contact person; no runs, no steps.

    Args:
        case: the case, with its release.
        on: the day in Europe/Amsterdam.
        rows: its registers, when they were read already; else they are read at the first question.
    """
    region = getattr(settings, "PADWIJZER_SCHOOL_REGION", "")
    return CaseFile(
        today=on,
        times=TermTimes(running_release(case.release.digest).terms, calendars(), region=region),
        registers=LazyRegisters(case) if rows is None else rows,
        closed_on=case.closed_on,
    )


def viewers_of(
    case: Case,
    user: Any,
    on: date,
    *,
    case_file: CaseFile | None = None,
    memberships: Iterable[Membership] | None = None,
) -> tuple[Viewer, ...]:
    """
    Somebody who looks at a case, once for each role he has in it that day.

    Args:
        case: the case, with its release.
        user: who looks; a superuser and who is not involved look in no role and see nothing.
        on: the day in Europe/Amsterdam.
        case_file: the case, when it was read already.
        memberships: of this user or of everybody in this case, with their organisations, when read already.
    """
    actor = actor_of(user, on)
    if actor.is_superuser or not actor.is_active:
        return ()
    if memberships is None:
        memberships = Membership.objects.filter(case=case).in_force(on).select_related("organisation")
    held = [member for member in memberships if _holds(member, on)]
    file = case_file or registers_of(case, on)
    return tuple(
        _viewer(file, actor, member, held)
        for member in held
        if member.user_id == user.pk and _counts(member, actor) and member.role in shipped_roles()
    )


def _holds(member: Membership, on: date) -> bool:
    return bool(member.since <= on and (member.until is None or on <= member.until))


def _counts(member: Membership, actor: Actor) -> bool:
    """A role on behalf of an organisation counts only for who works there."""
    return member.organisation_id is None or str(member.organisation_id) in actor.organisations


def _viewer(file: CaseFile, actor: Actor, member: Membership, everybody: Sequence[Membership]) -> Viewer:
    role = shipped_roles()[member.role]
    if role.kind not in BESIDE_THE_FAMILY:
        return replace(viewer_of(file, role, str(member.person_id or "")), id=actor.id)
    return Viewer(
        role=role,
        id=actor.id,
        organisation=str(member.organisation_id or ""),
        assignments=_assignments(file, member, everybody) if role.kind is RoleKind.PROVIDER else frozenset(),
    )


def viewer_of(case_file: CaseFile, role: Role, person: str) -> Viewer:
    """
    A member of the family who looks at the case today, in one role.

    Args:
        case_file: the case.
        role: the role.
        person: id of the own row in the register of persons.
    """
    return Viewer(
        role=role,
        person=person,
        band=band_of(case_file, person),
        children=tuple(
            Child(row.id, band_of(case_file, row.id))
            for row in case_file.rows("person")
            if row.text("kind") == "child" and person in authority_holders(case_file, row.id, case_file.today)
        ),
    )


def band_of(case_file: CaseFile, person: str) -> AgeBand:
    """The age step of a person today."""
    months = age_of(case_file, person, case_file.today)
    if not isinstance(months, int):
        return AgeBand.UNKNOWN
    bands = ((ADULT, AgeBand.ADULT), (ALONE, AgeBand.ALONE), (YOUTH, AgeBand.TOGETHER))
    return next((band for term, band in bands if months >= case_file.times.age(term)), AgeBand.CHILD)


def _assignments(file: CaseFile, member: Membership, everybody: Sequence[Membership]) -> frozenset[str]:
    """
    The help items that are a provider's own: those that name its organisation.

    Help for which no provider was named yet belongs to the only provider in the case; with more of them it is
    nobody's until one is named.
    """
    providers = {it.organisation_id for it in everybody if it.role == member.role}
    alone = providers == {member.organisation_id}
    own = member.organisation.name.casefold() if member.organisation else ""
    return frozenset(
        row.id
        for row in file.rows("help_item")
        if (named := row.text("provider").strip().casefold()) == own != "" or (not named and alone)
    )


# What they may see


def access_to_answer(activity: Activity, field: FieldSpec, about: str) -> FieldAccess:
    """
    What an answer is to who looks at it.

    Args:
        activity: the step.
        field: the question.
        about: id of the child its run is about; empty for the family.
    """
    parts = (PART_OF_MEANING[meaning] for meaning in activity.meanings if meaning in PART_OF_MEANING)
    return FieldAccess(privacy=Privacy(field.privacy.value), part=next(parts, Part.FILE), about=about)


def access_to_column(row: Row, column: ColumnSpec) -> FieldAccess:
    """What a column of a row is to who looks at it. Args: row: of a register; column: one of its columns."""
    about = row.id if row.register == "person" else row.text("child")
    return FieldAccess(
        privacy=Privacy(column.privacy.value), part=PART_OF_REGISTER.get(row.register, Part.FILE), about=about
    )


def may_see_answer(
    viewers: Iterable[Viewer], activity: Activity, field: FieldSpec, *, about: str = "", assignment: str = ""
) -> bool:
    """
    Whether the answer to a question of a step may be seen in one of the roles.

    Args:
        viewers: of `viewers_of`.
        activity: the step.
        field: the question.
        about: id of the child its run is about; empty for the family.
        assignment: id of the help item it belongs to.
    """
    access = replace(access_to_answer(activity, field, about), assignment=assignment)
    return any(may_see(viewer, access) for viewer in viewers)


def may_see_cell(viewers: Iterable[Viewer], row: Row, column: str) -> bool:
    """
    Whether a column of a row may be seen. Args: viewers: of `viewers_of`; row: of a register; column: its key.

    Raises:
        KeyError: when the register has no such column.
    """
    spec = registers()[row.register].column(column)
    if spec is None:
        raise KeyError(column)
    access = replace(access_to_column(row, spec), assignment=row.id if row.register == "help_item" else "")
    return any(may_see(viewer, access) for viewer in viewers)


def may_see_step(
    viewers: Iterable[Viewer],
    activity: Activity,
    performers: frozenset[str],
    *,
    about: str = "",
    assignment: str = "",
) -> bool:
    """
    Whether somebody may know that a step is there: it is his to do, or he may see an answer or the whole case.

    Args:
        viewers: of `viewers_of`.
        activity: the step.
        performers: slugs of the roles that may do it.
        about: id of the person its run is about; empty for the family.
        assignment: id of the help item its run is about; another provider's steps are not a provider's to do.
    """
    return any(
        viewer.role.slug in WHOLE_CASE
        or (viewer.role.slug in performers and _is_his(viewer, assignment))
        or any(may_see_answer((viewer,), activity, it, about=about, assignment=assignment) for it in activity.fields)
        for viewer in viewers
    )


def _is_his(viewer: Viewer, assignment: str) -> bool:
    return viewer.role.kind is not RoleKind.PROVIDER or not assignment or assignment in viewer.assignments


def subject_of(file: CaseFile, subject: str) -> tuple[str, str]:
    """
    What a run is about, for `about` and `assignment`.

    Args:
        file: the case.
        subject: id of the row that the run is about; empty for the family.

    Returns:
        Id of the child (empty for the family) and id of the help item (empty for none).
    """
    row = file.row(subject) if subject else None
    if row is None:
        return "", ""
    about = row.id if row.register == "person" else row.text("child")
    return about, row.id if row.register == "help_item" else ""


# What they may do


def may_in_case(case: Case, user: Any, on: date, memberships: Iterable[Membership], action: str) -> bool:
    """
    Whether somebody may do something in a case, decided on memberships that were read already.

    Args:
        case: the case.
        user: who asks.
        on: the day in Europe/Amsterdam.
        memberships: everybody's in this case, or only his.
        action: key of a permission that is about a case and no step.
    """
    roles = tuple(
        RoleInCase(it.role, it.since, it.until, str(it.organisation_id) if it.organisation_id else "")
        for it in memberships
        if it.user_id == user.pk
    )
    involvement = Involvement(
        on=on, roles=roles, organisation=str(case.organisation_id), closed=case.status == Case.Status.CLOSED
    )
    return bool(may(actor_of(user, on), action, involvement))
