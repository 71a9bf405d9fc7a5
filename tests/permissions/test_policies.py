from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.permissions.catalogue import CATALOGUE, Reach
from padwijzer.permissions.policies import (
    BY_GRANT,
    CLOSED,
    NO_DECIDER,
    NO_MANDATE,
    NO_OPEN_CHILD,
    NO_ROLE,
    NOT_ACTIVE,
    NOT_HOLDER,
    NOT_INVOLVED,
    NOT_SYSTEM,
    NOT_YOUR_STEP,
    NOTHING_ALLOWS,
    OTHER_HOLDER,
    SUPERUSER,
    TABLE,
    TOO_YOUNG,
    UNKNOWN,
    Actor,
    AgeBand,
    Child,
    FieldAccess,
    Grant,
    HeldMandate,
    Involvement,
    Part,
    RoleInCase,
    Verdict,
    Viewer,
    look,
    may,
    may_see,
)
from padwijzer.permissions.roles import Privacy, Role, RoleKind, load_roles, shipped_roles

ROLES = shipped_roles()
TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
TOWN, OTHER_TOWN = "town", "other-town"
ANNA = Actor("anna", frozenset({"jeugdconsulent"}), frozenset({TOWN}))


def involved(role: str, **changes: object) -> Involvement:
    held = RoleInCase(role, date(2026, 1, 1))
    return replace(Involvement(TODAY, (held,), TOWN), **changes)  # type: ignore[arg-type]  # fields of one dataclass


def on_step(role: str, **changes: object) -> Involvement:
    return involved(role, performers=frozenset({role}), **changes)


# What somebody may do


def test_a_verdict_is_true_when_it_allows() -> None:
    assert may(ANNA, "see_case", involved("vap"))
    assert not may(ANNA, "see_case")


@pytest.mark.parametrize("action", ["", "see_everything", "SEE_CASE", "see_case "])
def test_what_is_not_in_the_catalogue_is_refused(action: str) -> None:
    assert may(ANNA, action, involved("vap")) is UNKNOWN


def test_an_account_that_is_no_longer_in_use_may_do_nothing() -> None:
    gone = replace(ANNA, is_active=False)
    assert may(gone, "see_case", involved("vap")) is NOT_ACTIVE
    assert may(gone, "open_case") is NOT_ACTIVE


def test_a_role_in_the_organisation_opens_a_case_but_shows_none() -> None:
    assert may(ANNA, "open_case")
    assert may(ANNA, "see_case", Involvement(TODAY, organisation=TOWN)) is NOT_INVOLVED
    assert may(ANNA, "edit_definition") is NO_ROLE


def test_involvement_in_a_case_opens_no_other_case() -> None:
    somebody = Actor("s", frozenset())
    assert may(somebody, "open_case", involved("jeugdconsulent")) is NO_ROLE


@pytest.mark.parametrize(
    ("since", "until", "allowed"),
    [
        (TODAY, None, True),
        (TODAY, TODAY, True),
        (TODAY + timedelta(1), None, False),
        (date(2026, 1, 1), TODAY - timedelta(1), False),
    ],
)
def test_involvement_counts_from_its_first_day_to_its_last(since: date, until: date | None, allowed: bool) -> None:
    involvement = Involvement(TODAY, (RoleInCase("vap", since, until),))
    assert may(ANNA, "see_case", involvement).allowed is allowed


def test_a_guardianship_worker_sees_the_case_from_the_day_of_the_measure() -> None:
    worker = Actor("jb", frozenset({"jeugdbeschermer"}), frozenset({"gi"}))
    involvement = Involvement(TODAY, (RoleInCase("jeugdbeschermer", TODAY, organisation="gi"),))
    assert may(worker, "see_case", involvement)
    assert may(worker, "see_case", replace(involvement, on=TODAY - timedelta(1))) is NOT_INVOLVED


def test_a_role_held_for_an_organisation_counts_only_while_working_there() -> None:
    held = RoleInCase("zorgaanbieder", date(2026, 1, 1), organisation="provider")
    here = Actor("p", organisations=frozenset({"provider"}))
    elsewhere = Actor("p", organisations=frozenset({"other-provider"}))
    assert may(here, "see_case", Involvement(TODAY, (held,)))
    assert may(elsewhere, "see_case", Involvement(TODAY, (held,))) is NOT_INVOLVED


def test_a_role_that_does_not_exist_gives_nothing() -> None:
    assert may(ANNA, "see_case", involved("burgemeester")) is NOT_INVOLVED


@pytest.mark.parametrize("action", [key for key, one in CATALOGUE.items() if one.reach is not Reach.ORGANISATION])
def test_a_superuser_sees_and_does_nothing_in_a_case_even_when_involved(action: str) -> None:
    boss = replace(ANNA, is_superuser=True)
    grant = Grant(action, NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    everywhere = tuple(RoleInCase(slug, date(2026, 1, 1)) for slug in ROLES)
    involvement = Involvement(TODAY, everywhere, TOWN, frozenset(ROLES), grants=(grant,), now=NOW)
    assert may(boss, action, involvement) is SUPERUSER


def test_being_a_superuser_gives_no_role_in_the_organisation_either() -> None:
    assert may(Actor("root", is_superuser=True), "publish_release") is NO_ROLE


def test_only_the_system_runs_the_clock_and_it_does_nothing_else() -> None:
    system = Actor("system", frozenset(ROLES), is_system=True)
    assert may(system, "run_clock")
    assert may(ANNA, "run_clock") is NOT_SYSTEM
    for action in set(CATALOGUE) - {"run_clock"}:
        assert may(system, action, on_step("vap")) is NOT_SYSTEM


# Steps


def test_a_step_is_done_by_the_roles_it_names() -> None:
    assert may(ANNA, "perform_step", on_step("vap"))
    assert may(ANNA, "perform_step", involved("vap", performers=frozenset({"zorgaanbieder"}))) is NOT_YOUR_STEP
    assert may(ANNA, "perform_step", involved("vap")) is NOT_YOUR_STEP


def test_two_roles_do_not_add_up_to_one_that_may() -> None:
    both = (RoleInCase("netwerk", date(2026, 1, 1)), RoleInCase("vap", date(2026, 1, 1)))
    assert may(ANNA, "perform_step", Involvement(TODAY, both, TOWN, frozenset({"netwerk"}))) is NOT_YOUR_STEP


def test_a_task_that_somebody_took_up_is_theirs() -> None:
    theirs = on_step("vap", holder="bert")
    assert may(ANNA, "perform_step", theirs) is OTHER_HOLDER
    assert may(ANNA, "deviate", theirs) is OTHER_HOLDER
    assert may(ANNA, "release_task", theirs) is NOT_HOLDER
    assert may(ANNA, "perform_step", on_step("vap", holder="anna"))
    assert may(ANNA, "release_task", on_step("vap", holder="anna"))


def test_a_task_that_nobody_took_up_cannot_be_given_back() -> None:
    assert may(ANNA, "release_task", on_step("vap")) is NOT_HOLDER


def test_the_race_for_a_task_is_decided_by_the_database_and_not_here() -> None:
    assert may(ANNA, "claim_task", on_step("vap", holder="bert"))


def test_a_behavioural_scientist_gives_advice_and_takes_no_decision() -> None:
    assert may(ANNA, "advise_on_step", involved("gedragswetenschapper"))
    assert may(ANNA, "take_decision", on_step("gedragswetenschapper")) is NO_ROLE


def test_a_role_that_does_not_decide_is_never_the_decider_whatever_its_permissions() -> None:
    roles = load_roles(
        '{"schema_version": 1, "roles": {"gedragswetenschapper": {"label": "G", "kind": "municipal", '
        '"permissions": ["take_decision"], "sees": []}}}'
    )
    assert may(ANNA, "take_decision", on_step("gedragswetenschapper"), roles=roles) is NO_DECIDER


@pytest.mark.parametrize(
    ("mandate", "allowed"),
    [
        (HeldMandate(TOWN, TODAY, TODAY), True),
        (HeldMandate(TOWN, date(2026, 1, 1)), True),
        (HeldMandate(TOWN, date(2026, 1, 1), TODAY - timedelta(1)), False),
        (HeldMandate(TOWN, TODAY + timedelta(1)), False),
        (HeldMandate(OTHER_TOWN, date(2026, 1, 1)), False),
    ],
)
def test_a_decision_is_signed_under_a_mandate_of_this_municipality_that_holds_today(
    mandate: HeldMandate, allowed: bool
) -> None:
    signer = replace(ANNA, mandates=(mandate,))
    verdict = may(signer, "sign_decision", on_step("mandaathouder"))
    assert verdict.allowed is allowed
    assert allowed or verdict is NO_MANDATE


def test_a_mandate_of_nobody_in_particular_signs_nothing() -> None:
    signer = replace(ANNA, mandates=(HeldMandate("", date(2026, 1, 1)),))
    assert may(signer, "sign_decision", on_step("mandaathouder", organisation="")) is NO_MANDATE


# Closed cases and families


def test_a_closed_case_is_read_corrected_and_opened_again_and_nothing_else() -> None:
    closed = involved("vap", closed=True)
    for action in ("see_case", "see_history", "correct_record", "reopen_case"):
        assert may(ANNA, action, closed)
    assert may(ANNA, "change_people", closed) is CLOSED
    assert may(ANNA, "perform_step", on_step("vap", closed=True)) is CLOSED


def test_an_emergency_can_always_be_started() -> None:
    sixteen = (Child("lisa", AgeBand.ALONE),)
    assert may(ANNA, "start_emergency", involved("vap", closed=True))
    assert may(Actor("mother"), "start_emergency", involved("ouder_gezag", children=sixteen, closed=True))


@pytest.mark.parametrize(
    ("child", "allowed"),
    [
        (Child("noor", AgeBand.CHILD), True),
        (Child("tess", AgeBand.TOGETHER), True),
        (Child("lisa", AgeBand.ALONE), False),
        (Child("lisa", AgeBand.ALONE, allows=True), True),
        (Child("yassin", AgeBand.ADULT, allows=True), False),
        (Child("nobody", AgeBand.UNKNOWN), False),
    ],
)
def test_a_parent_sees_the_case_while_a_child_is_young_enough_or_allows_it(child: Child, allowed: bool) -> None:
    verdict = may(Actor("mother"), "see_case", involved("ouder_gezag", children=(child,)))
    assert verdict.allowed is allowed
    assert allowed or verdict is NO_OPEN_CHILD


@pytest.mark.parametrize(
    ("band", "allowed"),
    [
        (AgeBand.CHILD, False),
        (AgeBand.UNKNOWN, False),
        (AgeBand.TOGETHER, True),
        (AgeBand.ALONE, True),
        (AgeBand.ADULT, True),
    ],
)
def test_a_youth_gives_consent_from_the_age_at_which_the_law_asks_it(band: AgeBand, allowed: bool) -> None:
    verdict = may(Actor("tess"), "give_consent", involved("jeugdige", band=band))
    assert verdict.allowed is allowed
    assert allowed or verdict is TOO_YOUNG


# Exceptional access


def glass(**changes: object) -> Involvement:
    grant = Grant("see_case", NOW - timedelta(minutes=10), NOW + timedelta(minutes=50))
    return replace(Involvement(TODAY, grants=(grant,), now=NOW), **changes)  # type: ignore[arg-type]  # fields of one dataclass


CRISIS = Actor("crisis", frozenset({"crisisdienst"}))


def test_an_emergency_access_shows_a_case_for_its_time() -> None:
    assert may(CRISIS, "see_case", glass()) is BY_GRANT
    assert may(CRISIS, "see_case", glass(now=NOW + timedelta(minutes=50))) is NOT_INVOLVED
    assert may(CRISIS, "see_case", glass(now=NOW - timedelta(minutes=11))) is NOT_INVOLVED
    assert may(CRISIS, "see_case", glass(now=None)) is NOT_INVOLVED


def test_an_emergency_access_shows_no_more_than_it_names_and_changes_nothing() -> None:
    assert may(CRISIS, "see_history", glass()) is NOT_INVOLVED
    for action in ("change_people", "correct_record"):
        grant = Grant(action, NOW - timedelta(hours=1), NOW + timedelta(hours=1))
        assert may(CRISIS, action, glass(grants=(grant,))) is NOT_INVOLVED


def test_an_emergency_access_is_of_no_use_to_a_role_that_may_not_have_it() -> None:
    assert may(ANNA, "see_case", glass()) is NOT_INVOLVED


def test_an_auditor_reviews_a_named_case_until_the_end_date_and_no_other() -> None:
    auditor = Actor("auditor", frozenset({"auditor"}))
    grant = Grant("audit_case", NOW - timedelta(days=1), NOW + timedelta(days=13))
    assert may(auditor, "audit_case", glass(grants=(grant,))) is BY_GRANT
    assert may(auditor, "audit_case", glass(grants=(grant,), now=NOW + timedelta(days=13))) is NOT_INVOLVED
    assert may(auditor, "audit_case", involved("auditor")) is NO_ROLE
    assert may(ANNA, "audit_case", glass(grants=(grant,))) is NOT_INVOLVED


@given(st.sampled_from(sorted(CATALOGUE)), st.sampled_from(sorted(ROLES)), st.booleans())
def test_somebody_who_is_not_involved_does_nothing_in_a_case(action: str, role: str, closed: bool) -> None:
    outsider = Actor("o", frozenset({role}), frozenset({TOWN}))
    involvement = Involvement(TODAY, organisation=TOWN, performers=frozenset(ROLES), closed=closed)
    if may(outsider, action, involvement):
        assert CATALOGUE[action].reach is Reach.ORGANISATION


@given(st.sampled_from(sorted(CATALOGUE)), st.sampled_from(sorted(ROLES)))
def test_a_role_does_in_a_case_only_what_the_roles_file_gives_it(action: str, role: str) -> None:
    children = (Child("noor", AgeBand.CHILD),)
    if may(Actor("x"), action, on_step(role, children=children, band=AgeBand.ALONE)):
        assert action in ROLES[role].permissions


# Who may see which answer


def viewer(slug: str, **changes: object) -> Viewer:
    organisations = {RoleKind.MUNICIPAL: TOWN, RoleKind.GI: "gi", RoleKind.PROVIDER: "provider"}
    organisation = organisations.get(ROLES[slug].kind, "")
    return replace(Viewer(ROLES[slug], "me", organisation=organisation), **changes)  # type: ignore[arg-type]  # as above


def field(part: Part = Part.FILE, privacy: Privacy = Privacy.SPECIAL, **changes: object) -> FieldAccess:
    return replace(FieldAccess(privacy, part), **changes)  # type: ignore[arg-type]  # fields of one dataclass


MOTHER = viewer(
    "ouder_gezag", person="mother", children=(Child("noor", AgeBand.CHILD), Child("tess", AgeBand.TOGETHER))
)
LISAS_MOTHER = viewer("ouder_gezag", person="mother", children=(Child("lisa", AgeBand.ALONE),))
LISAS_ALLOWED_MOTHER = viewer("ouder_gezag", person="mother", children=(Child("lisa", AgeBand.ALONE, allows=True),))
GROWN_UPS_MOTHER = viewer("ouder_gezag", person="mother", children=(Child("yassin", AgeBand.ADULT, allows=True),))
NOOR = viewer("jeugdige", person="noor", band=AgeBand.CHILD)
TESS = viewer("jeugdige", person="tess", band=AgeBand.TOGETHER)
UNABLE_TESS = replace(TESS, can_weigh=False)
LISA = viewer("jeugdige", person="lisa", band=AgeBand.ALONE)
YASSIN = viewer("jeugdige", person="yassin", band=AgeBand.ADULT)
AUNT = viewer(
    "jim",
    person="aunt",
    children=(Child("lisa", AgeBand.ALONE),),
    ticked_by_youth=frozenset({Part.AGREEMENTS, Part.FILE}),
)
COACH = viewer(
    "jim",
    person="coach",
    children=(Child("tess", AgeBand.TOGETHER),),
    ticked_by_youth=frozenset({Part.PLAN, Part.AGREEMENTS}),
    ticked_by_parents=frozenset({Part.AGREEMENTS}),
)
CLINIC = viewer("zorgaanbieder", assignments=frozenset({"help-1"}))
FOSTER = viewer("pleegouder", person="foster", children=(Child("noor", AgeBand.CHILD),))


def address(about: str = "") -> FieldAccess:
    return field(Part.PEOPLE, Privacy.SECRET_ADDRESS, about=about)


SENTENCES: list[tuple[str, str, Viewer, FieldAccess, bool]] = [
    ("superuser", "a superuser sees nothing, in whatever role", viewer("vap", is_superuser=True), field(), False),
    ("administrator", "an administrator of paths sees no content", viewer("functioneel_beheerder"), field(), False),
    ("class", "a school sees no sensitive answer, shared or not", viewer("school", person="s"),
     field(shared_with=frozenset({"school"})), False),
    ("class", "a provider sees no secret address", CLINIC, address(), False),
    ("reserved_for_others", "a parent never sees the other parent's private part", MOTHER,
     field(about="father", only_for=frozenset({"father"})), False),
    ("reserved_for_others", "a contact person does not see what a youth wrote for somebody else", viewer("vap"),
     field(about="lisa", only_for=frozenset({"lisa", "other"})), False),
    ("reserved_for_others", "what is reserved stays so when it was shared by mistake", viewer("jeugdconsulent"),
     field(only_for=frozenset({"lisa"}), shared_with=frozenset({"jeugdconsulent"})), False),
    ("reserved", "a contact person sees the note that a youth wrote for them", viewer("vap"),
     field(about="lisa", only_for=frozenset({"lisa", "me"})), True),
    ("secret_address", "a parent never sees the secret address of the other", MOTHER,
     address("father"), False),
    ("secret_address", "a parent never sees the secret address at which the child lives", MOTHER,
     address("noor"), False),
    ("secret_address", "a youth does not see the secret address of a parent", LISA,
     address("mother"), False),
    ("parent", "a parent sees their own address", MOTHER, address("mother"), True),
    ("harms_other", "what harms somebody else's privacy is not shown to a parent", MOTHER,
     field(about="noor", harms_other=True), False),
    ("professional", "what harms somebody else's privacy is shown to a professional of the case", viewer("vap"),
     field(about="noor", harms_other=True), True),
    ("shared", "a school sees what was shared with it", viewer("school", person="s"),
     field(Part.PEOPLE, Privacy.PERSONAL, shared_with=frozenset({"s"})), True),
    ("shared", "a lawyer sees what the client shows", viewer("advocaat", person="lawyer"),
     field(about="mother", shared_with=frozenset({"lawyer"})), True),
    ("shared", "a parent without authority sees the general facts that were shared on request",
     viewer("ouder_zonder_gezag", person="father"), field(about="noor", shared_with=frozenset({"father"})), True),
    ("shared", "a municipality sees the report of a guardianship institution that was shared", viewer("vap"),
     field(owner=RoleKind.GI, organisation="gi", shared_with=frozenset({TOWN})), True),
    ("other_organisation", "a municipality does not see the records of a guardianship institution", viewer("vap"),
     field(owner=RoleKind.GI, organisation="gi"), False),
    ("other_organisation", "a provider does not see the notes of another provider", CLINIC,
     field(owner=RoleKind.PROVIDER, organisation="other-provider", assignment="help-1"), False),
    ("other_organisation", "a guardianship institution does not see the records of another one",
     viewer("jeugdbeschermer"), field(owner=RoleKind.GI, organisation="other-gi"), False),
    ("other_organisation", "a record of an organisation that is not known is nobody's",
     replace(CLINIC, organisation=""), field(owner=RoleKind.PROVIDER), False),
    ("own_words", "a parent without authority sees their own view", viewer("ouder_zonder_gezag", person="father"),
     field(Part.OWN_VIEW, about="father"), True),
    ("own_words", "a foster parent sees their own view", FOSTER, field(Part.OWN_VIEW, about="foster"), True),
    ("professional", "a contact person sees the whole case", viewer("vap"), field(about="noor"), True),
    ("professional", "a contact person sees a secret address, to be able to go there", viewer("vap"),
     address("mother"), True),
    ("professional", "a guardianship worker sees the case", viewer("jeugdbeschermer"), field(about="noor"), True),
    ("professional", "a guardianship worker sees the own records", viewer("jeugdbeschermer"),
     field(owner=RoleKind.GI, organisation="gi"), True),
    ("professional", "a behavioural scientist sees the case on which advice is asked",
     viewer("gedragswetenschapper"), field(about="noor"), True),
    ("mandate_holder", "a mandate holder sees the decision", viewer("mandaathouder"), field(Part.DECISION), True),
    ("", "a mandate holder does not see the rest of the file", viewer("mandaathouder"), field(), False),
    ("provider", "a provider sees the own assignment", CLINIC, field(assignment="help-1"), True),
    ("", "a provider does not see the assignment of another", CLINIC, field(assignment="help-2"), False),
    ("provider", "a provider sees the goals of the plan", CLINIC, field(Part.PLAN), True),
    ("provider", "a provider sees the safety agreements", CLINIC, field(Part.SAFETY), True),
    ("", "a provider without an assignment sees no plan", viewer("zorgaanbieder"), field(Part.PLAN), False),
    ("", "a provider sees no decision beyond the own help", CLINIC, field(Part.DECISION), False),
    ("provider", "a provider sees the decision on the own help", CLINIC,
     field(Part.DECISION, assignment="help-1"), True),
    ("provider", "a provider sees the own notes", CLINIC,
     field(owner=RoleKind.PROVIDER, organisation="provider"), True),
    ("crisis", "the crisis service sees the page for emergencies", viewer("crisisdienst"),
     field(Part.OVERVIEW), True),
    ("", "the crisis service does not see the rest of the file", viewer("crisisdienst"), field(), False),
    ("parent", "a parent with authority sees the file of a child under 12", MOTHER, field(about="noor"), True),
    ("parent", "a parent with authority sees the file of a youth of 12 to 15", MOTHER, field(about="tess"), True),
    ("parent", "a parent sees the file of a youth of 16 who consents", LISAS_ALLOWED_MOTHER,
     field(about="lisa"), True),
    ("", "a parent does not see the file of a youth of 16 who does not consent", LISAS_MOTHER,
     field(about="lisa"), False),
    ("", "a parent does not even see who is involved with a youth of 16 who does not consent", LISAS_MOTHER,
     field(Part.PEOPLE, Privacy.PERSONAL, about="lisa"), False),
    ("", "a parent of a youth of 16 sees nothing of the family's file either", LISAS_MOTHER, field(Part.PLAN), False),
    ("", "on the eighteenth birthday the access of parents ends", GROWN_UPS_MOTHER, field(about="yassin"), False),
    ("", "a parent does not see the file of a child of somebody else", MOTHER, field(about="half-brother"), False),
    ("", "a parent does not see the help of the other parent", MOTHER, field(Part.PLAN, about="father"), False),
    ("parent", "a parent sees who is involved", MOTHER, field(Part.PEOPLE, Privacy.PERSONAL, about="father"), True),
    ("parent", "a parent sees the plan of the family", MOTHER, field(Part.PLAN), True),
    ("parent", "a parent sees what is about themselves", LISAS_MOTHER, field(about="mother"), True),
    ("", "a parent without authority sees nothing by itself", viewer("ouder_zonder_gezag", person="father"),
     field(Part.PLAN, Privacy.PERSONAL), False),
    ("youth", "a child under 12 sees the own page", NOOR, field(Part.PLAN, about="noor"), True),
    ("youth", "a child under 12 sees the plan of the family", NOOR, field(Part.PLAN), True),
    ("", "a child under 12 does not see the file", NOOR, field(about="noor"), False),
    ("", "a child under 12 does not see the decision", NOOR, field(Part.DECISION), False),
    ("", "a youth of unknown age sees what a child sees", replace(LISA, band=AgeBand.UNKNOWN),
     field(about="lisa"), False),
    ("youth", "a youth of 12 to 15 who can weigh the own interests sees the own file", TESS,
     field(about="tess"), True),
    ("", "a youth of 12 to 15 who cannot does not", UNABLE_TESS, field(about="tess"), False),
    ("youth", "a youth of 16 sees the own file", LISA, field(about="lisa"), True),
    ("youth", "a youth of 18 sees the own file", YASSIN, field(about="yassin"), True),
    ("youth", "a youth sees the decision on the family", TESS, field(Part.DECISION), True),
    ("youth", "a youth sees who is involved", TESS, field(Part.PEOPLE, Privacy.PERSONAL, about="mother"), True),
    ("", "a youth does not see the file of a brother", TESS, field(about="noor"), False),
    ("", "a child under 12 does not see what is about others", NOOR, field(Part.PEOPLE, about="mother"), False),
    ("confidant", "a confidant sees the agreements that a youth of 16 ticked", AUNT, field(Part.AGREEMENTS), True),
    ("", "a confidant does not see what was not ticked", AUNT, field(Part.PLAN), False),
    ("", "a confidant never sees the file, ticked or not", AUNT, field(Part.FILE), False),
    ("confidant", "under 16 the parents tick too", COACH, field(Part.AGREEMENTS, about="tess"), True),
    ("", "under 16 what only the youth ticked is not shown", COACH, field(Part.PLAN, about="tess"), False),
    ("", "a confidant sees nothing about another child", COACH, field(Part.AGREEMENTS, about="noor"), False),
    ("network", "somebody of the network sees the own task", viewer("netwerk", person="neighbour"),
     field(Part.OWN_TASK, Privacy.PERSONAL, about="neighbour"), True),
    ("", "somebody of the network sees no task of another", viewer("netwerk", person="neighbour"),
     field(Part.OWN_TASK, Privacy.PERSONAL, about="grandmother"), False),
    ("foster_parent", "a foster parent sees the placement of the child", FOSTER,
     field(Part.PLACEMENT, about="noor"), True),
    ("foster_parent", "a foster parent sees the own part of the plan", FOSTER,
     field(Part.PLAN, about="foster"), True),
    ("", "a foster parent sees no placement of another child", FOSTER, field(Part.PLACEMENT, about="tess"), False),
    ("", "a foster parent does not see the help of the parents", FOSTER, field(about="mother"), False),
    ("", "a school sees nothing without consent", viewer("school", person="s"),
     field(Part.PEOPLE, Privacy.PERSONAL), False),
    ("", "a client supporter sees nothing by itself", viewer("clientondersteuner", person="c"), field(), False),
    ("", "a confidential adviser sees nothing by itself", viewer("vertrouwenspersoon", person="v"), field(), False),
    ("auditor", "an auditor sees deviations without names", viewer("auditor"),
     field(Part.DEVIATION, identifying=False), True),
    ("", "an auditor sees no name while no case is named", viewer("auditor"), field(Part.DEVIATION), False),
    ("auditor", "an auditor sees the free text of a named case", viewer("auditor", case_named=True),
     field(Part.DEVIATION), True),
    ("", "an auditor does not see the rest of a named file", viewer("auditor", case_named=True), field(), False),
    ("class", "an auditor never sees a secret address", viewer("auditor", case_named=True), address(), False),
    ("quality", "a quality officer learns from deviations without names", viewer("kwaliteitsmedewerker"),
     field(Part.DEVIATION, identifying=False), True),
    ("", "a quality officer sees no names", viewer("kwaliteitsmedewerker"), field(Part.DEVIATION), False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "viewer", "field", "allowed"),
    [pytest.param(row, who, what, allowed, id=sentence) for row, sentence, who, what, allowed in SENTENCES],
)
def test_who_may_see_what(row: str, viewer: Viewer, field: FieldAccess, allowed: bool) -> None:
    verdict = look(viewer, field)
    expected = next((one.verdict for one in TABLE if one.key == row), NOTHING_ALLOWS)
    assert verdict is expected
    assert may_see(viewer, field) is allowed is verdict.allowed


def test_every_line_of_the_table_has_a_sentence_that_shows_it() -> None:
    assert {row for row, *_ in SENTENCES} - {""} == {row.key for row in TABLE}
    assert len({row.key for row in TABLE}) == len(TABLE)


VIEWERS = st.builds(
    Viewer,
    st.sampled_from(sorted(ROLES)).map(ROLES.__getitem__),
    id=st.just("me"),
    person=st.sampled_from(["", "mother", "lisa"]),
    organisation=st.sampled_from(["", TOWN, "gi", "provider"]),
    band=st.sampled_from(AgeBand),
    can_weigh=st.booleans(),
    children=st.lists(
        st.builds(Child, st.sampled_from(["lisa", "noor"]), st.sampled_from(AgeBand), st.booleans())
    ).map(tuple),
    assignments=st.frozensets(st.sampled_from(["help-1", "help-2"])),
    ticked_by_youth=st.frozensets(st.sampled_from(Part)),
    ticked_by_parents=st.frozensets(st.sampled_from(Part)),
    case_named=st.booleans(),
)
NAMES = st.frozensets(st.sampled_from(["me", "mother", "lisa", TOWN, "gi", "provider"]), max_size=2)
FIELDS = st.builds(
    FieldAccess,
    st.sampled_from(Privacy),
    st.sampled_from(Part),
    about=st.sampled_from(["", "mother", "father", "lisa", "noor"]),
    only_for=NAMES,
    owner=st.sampled_from([RoleKind.MUNICIPAL, RoleKind.GI, RoleKind.PROVIDER]),
    organisation=st.sampled_from(["", TOWN, "gi", "provider"]),
    assignment=st.sampled_from(["", "help-1", "help-2"]),
    shared_with=NAMES,
    harms_other=st.booleans(),
    identifying=st.booleans(),
)


@given(VIEWERS, FIELDS)
def test_nobody_sees_a_class_of_answers_that_the_role_does_not_see(who: Viewer, what: FieldAccess) -> None:
    if may_see(who, what):
        assert what.privacy in who.role.sees


@given(VIEWERS, FIELDS)
def test_what_is_reserved_is_seen_by_those_it_was_written_for_only(who: Viewer, what: FieldAccess) -> None:
    if what.only_for and may_see(who, what):
        assert who.is_one_of(what.only_for)


@given(VIEWERS, FIELDS)
def test_a_superuser_never_sees_an_answer(who: Viewer, what: FieldAccess) -> None:
    assert not may_see(replace(who, is_superuser=True), what)


@given(VIEWERS, FIELDS)
def test_no_parent_sees_a_grown_up_child_unless_it_shares_or_reserves_it(who: Viewer, what: FieldAccess) -> None:
    adult = replace(
        who, role=ROLES["ouder_gezag"], person="mother", children=(Child("lisa", AgeBand.ADULT, allows=True),)
    )
    about = replace(what, about="lisa", only_for=frozenset(), shared_with=frozenset())
    assert not may_see(adult, about)


@given(VIEWERS, FIELDS)
def test_sharing_never_takes_something_away(who: Viewer, what: FieldAccess) -> None:
    if may_see(who, what):
        assert may_see(who, replace(what, shared_with=what.shared_with | {"school", "lawyer"}))


def test_a_role_that_no_line_knows_sees_nothing() -> None:
    stranger = Role("vreemdeling", "Vreemdeling", RoleKind.PARTNER, frozenset(), frozenset(Privacy))
    assert look(Viewer(stranger), field(Part.PLAN, Privacy.ORDINARY)) is NOTHING_ALLOWS


def test_every_refusal_says_why() -> None:
    verdicts: list[Verdict] = [row.verdict for row in TABLE] + [NOTHING_ALLOWS, UNKNOWN, NOT_INVOLVED, SUPERUSER]
    assert all(str(verdict.why).endswith(".") for verdict in verdicts)
