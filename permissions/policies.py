"""
Who may do what in a case, and who may see which answer: two questions, both decided on values.

`may` asks about an action, `may_see` about one field. Neither knows a case, a form or a database: what they need is
computed above and handed in. What nothing allows is refused; unknown is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from padwijzer.permissions.catalogue import CATALOGUE, Permission, Reach
from padwijzer.permissions.roles import Privacy, Role, RoleKind, Roles, shipped_roles

SYSTEM_MAY: Final = frozenset({"run_clock"})
"""What the system itself may do; it is nobody and may do nothing else."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer with its reason. True when it is allowed. Args: allowed: the answer; why: a sentence for people."""

    allowed: bool
    why: Promise

    def __bool__(self) -> bool:
        return self.allowed


# Who asks, and how they are involved


@dataclass(frozen=True, slots=True)
class HeldMandate:
    """
    Power to decide for another body (mandaat, Awb article 10:1).

    Args:
        organisation: id of the body for which may be decided.
        since: first day.
        until: last day; None when it has no end.
    """

    organisation: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """
    Who acts.

    Args:
        id: pseudonym; never a name.
        roles: slugs of the roles held in the organisation today.
        organisations: ids of the organisations worked for today; empty for a family member.
        mandates: mandates held, past and future ones too.
        is_active: whether the account may still be used.
        is_superuser: a technical administrator, who sees no case.
        is_system: the clock.
    """

    id: str
    roles: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    mandates: tuple[HeldMandate, ...] = ()
    is_active: bool = True
    is_superuser: bool = False
    is_system: bool = False


class AgeBand(StrEnum):
    """The age steps of the Jeugdwet (articles 7.3.4 and 7.3.5); which months they are is in the terms file."""

    CHILD = "child"
    """Parents decide; the child is heard."""
    TOGETHER = "together"
    """The youth and the parents decide together."""
    ALONE = "alone"
    """The youth decides alone."""
    ADULT = "adult"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Child:
    """
    A child as it stands to the one who asks.

    Args:
        person: id of the person.
        band: its age step today.
        allows: whether the youth, who decides alone, lets this person see the file.
    """

    person: str
    band: AgeBand
    allows: bool = False

    @property
    def open_to_parents(self) -> bool:
        """Whether a parent with authority may see its file today."""
        if self.band is AgeBand.ALONE:
            return self.allows
        return self.band in {AgeBand.CHILD, AgeBand.TOGETHER}


@dataclass(frozen=True, slots=True)
class RoleInCase:
    """
    A role in one case, for a period, both ends included.

    Args:
        role: slug.
        since: first day.
        until: last day; None when it has no end.
        organisation: id of the organisation on whose behalf; empty for a family member.
    """

    role: str
    since: date
    until: date | None = None
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """
    An exceptional, time-boxed permission to look: an audit of a named case, or an emergency access.

    Args:
        permission: key of a permission that changes nothing.
        since: first moment.
        until: the moment it ends; it always does.
    """

    permission: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Involvement:
    """
    How somebody stands to one case, and the step in question.

    Args:
        on: the day, in Europe/Amsterdam.
        roles: roles in the case, past and future ones too.
        organisation: id of the organisation that owns the case.
        performers: slugs of the roles that may do the step; None when no step is in question.
        holder: pseudonym of who has taken up the task; empty when nobody has.
        closed: whether the case is closed.
        band: for a youth who acts: the age step.
        children: for a parent: the children under their authority.
        grants: exceptional permissions for this case.
        now: the moment; without it no grant counts.
    """

    on: date
    roles: tuple[RoleInCase, ...] = ()
    organisation: str = ""
    performers: frozenset[str] | None = None
    holder: str = ""
    closed: bool = False
    band: AgeBand = AgeBand.UNKNOWN
    children: tuple[Child, ...] = ()
    grants: tuple[Grant, ...] = ()
    now: datetime | None = None


NO_CASE: Final = None
"""For an action that is about no case."""

UNKNOWN = Verdict(False, _("This action does not exist."))
NOT_ACTIVE = Verdict(False, _("This account is no longer in use."))
NOT_SYSTEM = Verdict(False, _("The system itself may not do this."))
NO_ROLE = Verdict(False, _("None of your roles may do this."))
BY_ROLE = Verdict(True, _("Your role in the organisation may do this."))
SUPERUSER = Verdict(False, _("A technical administrator sees no case. Sign in with an ordinary account."))
NOT_INVOLVED = Verdict(False, _("You are not involved in this case today."))
NOT_YOUR_STEP = Verdict(False, _("This step is done by another role."))
OTHER_HOLDER = Verdict(False, _("Somebody else has taken up this task."))
NOT_HOLDER = Verdict(False, _("You have not taken up this task."))
NO_DECIDER = Verdict(False, _("Your role advises and does not decide."))
NO_MANDATE = Verdict(False, _("You hold no mandate for this decision today."))
CLOSED = Verdict(False, _("This case is closed."))
TOO_YOUNG = Verdict(False, _("Parents decide here; the child is heard."))
NO_OPEN_CHILD = Verdict(False, _("The youth decides who sees this case."))
BY_INVOLVEMENT = Verdict(True, _("You are involved in this case."))
BY_GRANT = Verdict(True, _("You may look for a limited time; others are told."))


def may(
    actor: Actor, action: str, involvement: Involvement | None = NO_CASE, *, roles: Roles | None = None
) -> Verdict:
    """
    Whether somebody may do something.

    Args:
        actor: who.
        action: key of a permission of the catalogue.
        involvement: how they stand to the case; None for an action that is about no case.
        roles: the roles that exist; those that come with Padwijzer when left out.

    Returns:
        The answer and why, in a sentence.
    """
    permission = CATALOGUE.get(action)
    if permission is None:
        return UNKNOWN
    if not actor.is_active:
        return NOT_ACTIVE
    if actor.is_system or action in SYSTEM_MAY:
        return BY_ROLE if actor.is_system and action in SYSTEM_MAY else NOT_SYSTEM
    known = shipped_roles() if roles is None else roles
    if permission.reach is Reach.ORGANISATION:
        return BY_ROLE if actor.roles & known.that_may(action) else NO_ROLE
    if actor.is_superuser:
        return SUPERUSER
    if involvement is None:
        return NOT_INVOLVED
    if not permission.writes and _granted(actor, action, involvement, known):
        return BY_GRANT
    return _may_by_involvement(actor, permission, involvement, known)


def roles_in_force(actor: Actor, involvement: Involvement) -> frozenset[str]:
    """
    The roles that somebody has in the case on that day.

    A role held on behalf of an organisation counts only for somebody who works there.
    """
    return frozenset(
        held.role
        for held in involvement.roles
        if held.since <= involvement.on
        and (held.until is None or involvement.on <= held.until)
        and held.organisation in {"", *actor.organisations}
    )


def _granted(actor: Actor, action: str, involvement: Involvement, known: Roles) -> bool:
    exceptional = known.that_may("audit_case" if action == "audit_case" else "break_glass")
    now = involvement.now
    return (
        now is not None
        and bool(actor.roles & exceptional)
        and any(grant.permission == action and grant.since <= now < grant.until for grant in involvement.grants)
    )


def _may_by_involvement(actor: Actor, permission: Permission, involvement: Involvement, known: Roles) -> Verdict:
    held = roles_in_force(actor, involvement) & set(known)
    if not held:
        return NOT_INVOLVED
    able = {slug for slug in held if permission.key in known[slug].permissions}
    if not able or permission.key == "audit_case":  # an audit needs its grant: the role alone names no case
        return NO_ROLE
    if permission.never_blocked:
        return BY_INVOLVEMENT
    if able == {"ouder_gezag"} and not any(child.open_to_parents for child in involvement.children):
        return NO_OPEN_CHILD
    if able == {"jeugdige"} and permission.key == "give_consent" and not _may_consent(involvement.band):
        return TOO_YOUNG
    if involvement.closed and permission.writes and not permission.on_closed_case:
        return CLOSED
    if permission.reach is Reach.STEP:
        return _may_on_step(actor, permission, involvement, frozenset(known[slug] for slug in able))
    return BY_INVOLVEMENT


def _may_consent(band: AgeBand) -> bool:
    return band in {AgeBand.TOGETHER, AgeBand.ALONE, AgeBand.ADULT}


def _may_on_step(actor: Actor, permission: Permission, involvement: Involvement, able: frozenset[Role]) -> Verdict:
    performers = involvement.performers or frozenset()
    performing = {role for role in able if role.slug in performers}
    if not performing:
        return NOT_YOUR_STEP
    if permission.task_holder_only and involvement.holder != actor.id:
        return NOT_HOLDER
    if permission.key != "claim_task" and involvement.holder not in {"", actor.id}:
        return OTHER_HOLDER
    if permission.key in {"take_decision", "sign_decision"} and not any(role.decides for role in performing):
        return NO_DECIDER
    if permission.needs_mandate and not _holds_mandate(actor, involvement):
        return NO_MANDATE
    return BY_INVOLVEMENT


def _holds_mandate(actor: Actor, involvement: Involvement) -> bool:
    return involvement.organisation != "" and any(
        mandate.organisation == involvement.organisation
        and mandate.since <= involvement.on
        and (mandate.until is None or involvement.on <= mandate.until)
        for mandate in actor.mandates
    )


# Who may see which answer


class Part(StrEnum):
    """To which part of the file an answer belongs."""

    FILE = "file"
    OVERVIEW = "overview"
    PLAN = "plan"
    AGREEMENTS = "agreements"
    CONVERSATIONS = "conversations"
    PEOPLE = "people"
    SAFETY = "safety"
    PERSPECTIVE = "perspective"
    LESSONS = "lessons"
    DECISION = "decision"
    BESPOKE = "bespoke"
    CONSENT = "consent"
    EVALUATION = "evaluation"
    DEVIATION = "deviation"
    DEADLINE = "deadline"
    HISTORY = "history"
    READERS = "readers"
    PLACEMENT = "placement"
    CONTACT_ARRANGEMENT = "contact_arrangement"
    OWN_VIEW = "own_view"
    OWN_TASK = "own_task"


@dataclass(frozen=True, slots=True)
class Viewer:
    """
    Who looks, in one role. Somebody with several roles looks once in each.

    Args:
        role: the role.
        id: pseudonym.
        person: id of the own person in the case, for family, network and school.
        organisation: id of the organisation worked for.
        band: for a youth: the own age step.
        can_weigh: for a youth who decides together with the parents: whether able to weigh the own interests.
        children: for a parent: children under their authority; for a confidant (JIM): the youth; for a foster parent:
            the children in their care.
        assignments: for a provider: ids of the own help items.
        ticked_by_youth: for a confidant: the parts that the youth ticked.
        ticked_by_parents: for a confidant: the parts that the parents ticked.
        case_named: for an auditor: whether this case was named, with a reason and an end date that has not passed.
        is_superuser: a technical administrator.
    """

    role: Role
    id: str = ""
    person: str = ""
    organisation: str = ""
    band: AgeBand = AgeBand.UNKNOWN
    can_weigh: bool = True
    children: tuple[Child, ...] = ()
    assignments: frozenset[str] = frozenset()
    ticked_by_youth: frozenset[Part] = frozenset()
    ticked_by_parents: frozenset[Part] = frozenset()
    case_named: bool = False
    is_superuser: bool = False

    def is_one_of(self, names: frozenset[str]) -> bool:
        """Whether the viewer, the own person, role or organisation is among these ids."""
        return bool(names & ({self.id, self.person, self.organisation, self.role.slug} - {""}))

    def child(self, person: str) -> Child | None:
        """The child of that id, as it stands to the viewer."""
        return next((child for child in self.children if child.person == person), None)


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """
    What decides who may see one answer.

    Args:
        privacy: how sensitive it is.
        part: to which part of the file it belongs.
        about: id of the person it is about; empty for the family as a whole.
        only_for: ids of those for whom it is reserved (a parent's private part, "alleen met mij"); empty for none.
        owner: whose record it is: of the municipality, of a provider or of a certified institution.
        organisation: id of the organisation that owns the record.
        assignment: id of the help item it belongs to.
        shared_with: ids and role slugs with whom it was shared, with a ground.
        harms_other: whether showing it would harm somebody else's privacy (Jeugdwet 7.3.10).
        identifying: whether it can tell who it is about: a name, an address, free text.
    """

    privacy: Privacy = Privacy.SPECIAL
    part: Part = Part.FILE
    about: str = ""
    only_for: frozenset[str] = frozenset()
    owner: RoleKind = RoleKind.MUNICIPAL
    organisation: str = ""
    assignment: str = ""
    shared_with: frozenset[str] = frozenset()
    harms_other: bool = False
    identifying: bool = True


FAMILY_PARTS: Final = frozenset(
    {Part.PLAN, Part.AGREEMENTS, Part.PEOPLE, Part.DECISION, Part.EVALUATION, Part.READERS, Part.SAFETY}
)
CHILD_PARTS: Final = frozenset({Part.PLAN, Part.AGREEMENTS, Part.OWN_VIEW})
CONFIDANT_PARTS: Final = frozenset({Part.PLAN, Part.AGREEMENTS, Part.CONVERSATIONS})
PROVIDER_PARTS: Final = frozenset({Part.PLAN, Part.SAFETY, Part.PEOPLE, Part.LESSONS})
CRISIS_PARTS: Final = frozenset({Part.OVERVIEW, Part.SAFETY, Part.PERSPECTIVE, Part.PEOPLE})
FOSTER_PARTS: Final = frozenset({Part.PLACEMENT, Part.CONTACT_ARRANGEMENT})
AUDIT_PARTS: Final = frozenset(
    {Part.HISTORY, Part.DECISION, Part.DEVIATION, Part.DEADLINE, Part.CONSENT, Part.EVALUATION, Part.READERS}
)
LEARNING_PARTS: Final = frozenset({Part.DEVIATION, Part.EVALUATION, Part.LESSONS})
MANDATE_PARTS: Final = frozenset({Part.DECISION, Part.BESPOKE})
WHOLE_CASE: Final = frozenset({"vap", "jeugdconsulent", "gezinscoach", "gedragswetenschapper", "jeugdbeschermer"})
STAFF: Final = frozenset({RoleKind.MUNICIPAL, RoleKind.PROVIDER, RoleKind.GI})


@dataclass(frozen=True, slots=True)
class Row:
    """
    One line of the table.

    Args:
        key: stable key.
        applies: whether it is about this viewer and this field.
        verdict: what it says then.
    """

    key: str
    applies: Callable[[Viewer, FieldAccess], bool]
    verdict: Verdict


def _own(viewer: Viewer, field: FieldAccess) -> bool:
    return viewer.person != "" and field.about == viewer.person


def _other_owner(viewer: Viewer, field: FieldAccess) -> bool:
    if viewer.role.kind not in STAFF or field.owner not in {RoleKind.PROVIDER, RoleKind.GI}:
        return False
    own = viewer.role.kind is field.owner and field.organisation == viewer.organisation != ""
    return not own


def _parent_sees(viewer: Viewer, field: FieldAccess) -> bool:
    open_children = {child.person for child in viewer.children if child.open_to_parents}
    if _own(viewer, field) or field.about in open_children:
        return True
    if not open_children or viewer.child(field.about) is not None:
        return False
    return field.about == "" or field.part is Part.PEOPLE


def _youth_sees(viewer: Viewer, field: FieldAccess) -> bool:
    grown = viewer.band in {AgeBand.ALONE, AgeBand.ADULT} or (viewer.band is AgeBand.TOGETHER and viewer.can_weigh)
    if field.about == "":
        return field.part in (FAMILY_PARTS if grown else CHILD_PARTS)
    if not _own(viewer, field):
        return grown and field.part is Part.PEOPLE
    return grown or field.part in CHILD_PARTS


def _confidant_sees(viewer: Viewer, field: FieldAccess) -> bool:
    if field.part not in CONFIDANT_PARTS & viewer.ticked_by_youth:
        return False
    about = [child for child in viewer.children if field.about in {"", child.person}]
    return bool(about) and all(
        child.band in {AgeBand.ALONE, AgeBand.ADULT} or field.part in viewer.ticked_by_parents for child in about
    )


def _provider_sees(viewer: Viewer, field: FieldAccess) -> bool:
    if field.assignment:
        return field.assignment in viewer.assignments
    if field.owner is RoleKind.PROVIDER:  # a record of another provider was refused before
        return True
    return bool(viewer.assignments) and field.part in PROVIDER_PARTS


def _foster_parent_sees(viewer: Viewer, field: FieldAccess) -> bool:
    return _own(viewer, field) or (field.part in FOSTER_PARTS and viewer.child(field.about) is not None)


def _auditor_sees(viewer: Viewer, field: FieldAccess) -> bool:
    return field.part in AUDIT_PARTS and (viewer.case_named or not field.identifying)


def _no(why: Promise) -> Verdict:
    return Verdict(False, why)


def _yes(why: Promise) -> Verdict:
    return Verdict(True, why)


TABLE: Final[tuple[Row, ...]] = (
    # what holds for everybody, closed doors first
    Row("superuser", lambda v, f: v.is_superuser, _no(_("A technical administrator sees no case."))),
    Row(
        "administrator",
        lambda v, f: v.role.kind is RoleKind.ADMIN,
        _no(_("An administrator of paths sees no content of cases.")),
    ),
    Row(
        "class",
        lambda v, f: f.privacy not in v.role.sees,
        _no(_("This role does not see answers this sensitive.")),
    ),
    Row(
        "reserved_for_others",
        lambda v, f: bool(f.only_for) and not v.is_one_of(f.only_for),
        _no(_("This was written for named people only.")),
    ),
    Row("reserved", lambda v, f: bool(f.only_for), _yes(_("This was written for you too."))),
    Row(
        "secret_address",
        lambda v, f: f.privacy is Privacy.SECRET_ADDRESS and v.role.kind not in STAFF and not _own(v, f),
        _no(_("This address is kept secret.")),
    ),
    Row(
        "harms_other",
        lambda v, f: f.harms_other and v.role.kind not in STAFF,
        _no(_("Showing this would harm somebody else's privacy.")),
    ),
    Row("shared", lambda v, f: v.is_one_of(f.shared_with), _yes(_("This was shared with you, with a ground."))),
    Row(
        "other_organisation",
        _other_owner,
        _no(_("This record is another organisation's, and it was not shared.")),
    ),
    Row(
        "own_words",
        lambda v, f: f.part is Part.OWN_VIEW and _own(v, f),
        _yes(_("These are your own words.")),
    ),
    # then each role
    Row(
        "professional",
        lambda v, f: v.role.slug in WHOLE_CASE,
        _yes(_("You are involved in this family.")),
    ),
    Row(
        "mandate_holder",
        lambda v, f: v.role.slug == "mandaathouder" and f.part in MANDATE_PARTS,
        _yes(_("You decide on this.")),
    ),
    Row(
        "provider",
        lambda v, f: v.role.slug == "zorgaanbieder" and _provider_sees(v, f),
        _yes(_("This belongs to your assignment.")),
    ),
    Row(
        "crisis",
        lambda v, f: v.role.slug == "crisisdienst" and f.part in CRISIS_PARTS,
        _yes(_("This is on the page for emergencies.")),
    ),
    Row(
        "parent",
        lambda v, f: v.role.slug == "ouder_gezag" and _parent_sees(v, f),
        _yes(_("You have authority over this child.")),
    ),
    Row("youth", lambda v, f: v.role.slug == "jeugdige" and _youth_sees(v, f), _yes(_("This is about you."))),
    Row(
        "confidant",
        lambda v, f: v.role.slug == "jim" and _confidant_sees(v, f),
        _yes(_("The youth lets you see this.")),
    ),
    Row(
        "network",
        lambda v, f: v.role.slug == "netwerk" and f.part is Part.OWN_TASK and _own(v, f),
        _yes(_("This is your own task in the plan.")),
    ),
    Row(
        "foster_parent",
        lambda v, f: v.role.slug == "pleegouder" and _foster_parent_sees(v, f),
        _yes(_("This child lives with you.")),
    ),
    Row(
        "auditor",
        lambda v, f: v.role.slug == "auditor" and _auditor_sees(v, f),
        _yes(_("This is part of a review.")),
    ),
    Row(
        "quality",
        lambda v, f: v.role.slug == "kwaliteitsmedewerker" and f.part in LEARNING_PARTS and not f.identifying,
        _yes(_("This is for learning, without names.")),
    ),
)
"""Read from the top; the first line that applies decides. What no line allows is refused."""

NOTHING_ALLOWS = _no(_("Nothing says that you may see this."))


def look(viewer: Viewer, field: FieldAccess) -> Verdict:
    """Whether somebody may see an answer, and why. Args: viewer: who looks; field: what is looked at."""
    return next((row.verdict for row in TABLE if row.applies(viewer, field)), NOTHING_ALLOWS)


def may_see(viewer: Viewer, field: FieldAccess) -> bool:
    """Whether somebody may see an answer. Args: viewer: who looks; field: what is looked at."""
    return look(viewer, field).allowed
