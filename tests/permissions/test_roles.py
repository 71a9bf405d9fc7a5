import json
from typing import Any

import pytest

from padwijzer.permissions.catalogue import CATALOGUE, Reach
from padwijzer.permissions.roles import SHIPPED, Privacy, RoleKind, RolesError, load_roles, shipped_roles

ROLES = shipped_roles()


def test_the_roles_of_the_domain_are_there() -> None:
    assert set(ROLES) == {
        "jeugdconsulent",
        "vap",
        "gezinscoach",
        "gedragswetenschapper",
        "jeugdbeschermer",
        "zorgaanbieder",
        "mandaathouder",
        "ouder_gezag",
        "ouder_zonder_gezag",
        "jeugdige",
        "jim",
        "netwerk",
        "pleegouder",
        "school",
        "vertrouwenspersoon",
        "clientondersteuner",
        "advocaat",
        "crisisdienst",
        "auditor",
        "kwaliteitsmedewerker",
        "functioneel_beheerder",
    }


def test_a_behavioural_scientist_advises_and_never_decides() -> None:
    role = ROLES["gedragswetenschapper"]
    assert not role.decides
    assert "advise_on_step" in role.permissions
    assert not role.permissions & {"take_decision", "sign_decision"}


def test_only_a_mandate_holder_signs_a_decision_of_the_municipality() -> None:
    assert ROLES.that_may("sign_decision") == {"mandaathouder"}


def test_whoever_may_take_a_decision_may_be_its_decider() -> None:
    for slug in ROLES.that_may("take_decision"):
        assert ROLES[slug].decides, slug


def test_an_administrator_of_paths_has_no_access_to_cases_and_sees_no_answers() -> None:
    role = ROLES["functioneel_beheerder"]
    assert {CATALOGUE[key].reach for key in role.permissions} == {Reach.ORGANISATION}
    assert role.sees == frozenset()


def test_an_auditor_changes_nothing_and_sees_cases_without_names() -> None:
    role = ROLES["auditor"]
    assert role.pseudonymised
    assert not any(CATALOGUE[key].writes for key in role.permissions)


def test_the_confidant_the_network_and_the_school_never_see_the_whole_file() -> None:
    for slug in ("jim", "netwerk", "school", "vertrouwenspersoon", "clientondersteuner", "advocaat"):
        assert "see_history" not in ROLES[slug].permissions
        assert Privacy.SECRET_ADDRESS not in ROLES[slug].sees


def test_consent_is_given_by_families_only() -> None:
    assert {ROLES[slug].kind for slug in ROLES.that_may("give_consent")} == {RoleKind.FAMILY}


def test_the_family_writes_its_own_view_and_staff_cannot() -> None:
    assert {ROLES[slug].kind for slug in ROLES.that_may("write_own_view")} == {RoleKind.FAMILY}


def a_file(**changes: object) -> str:
    role: dict[str, Any] = {"label": "VAP", "kind": "municipal", "permissions": ["see_case"], "sees": ["personal"]}
    return json.dumps({"schema_version": 1, "roles": {"vap": {**role, **changes}}})


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"label": " "}, "roles.vap.label"),
        ({"kind": "friend"}, "roles.vap.kind"),
        ({"permissions": ["see_everything"]}, "roles.vap.permissions"),
        ({"permissions": ["see_case", "see_case"]}, "roles.vap.permissions"),
        ({"permissions": "see_case"}, "roles.vap.permissions"),
        ({"sees": ["secret"]}, "roles.vap.sees"),
        ({"kind": "admin"}, "roles.vap.permissions"),
        ({"decides": "yes"}, "roles.vap.decides"),
        ({"colour": "blue"}, "roles.vap"),
    ],
)
def test_a_fault_in_the_roles_file_is_refused_at_its_place(changes: dict[str, object], place: str) -> None:
    with pytest.raises(RolesError) as refusal:
        load_roles(a_file(**changes))
    assert refusal.value.place == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", "line 1, column 2"),
        ("[]", "(the whole)"),
        ('{"schema_version": 1, "schema_version": 1}', "(the whole)"),
        ('{"schema_version": 2, "roles": {}}', "schema_version"),
        ('{"schema_version": 1, "roles": []}', "roles"),
        ('{"schema_version": 1, "roles": {"VAP": {}}}', "roles.VAP"),
        ('{"schema_version": 1, "roles": {"vap": []}}', "roles.vap"),
        ('{"schema_version": 1, "roles": {"vap": {}}}', "roles.vap"),
    ],
)
def test_what_is_no_roles_file_is_refused(text: str, place: str) -> None:
    with pytest.raises(RolesError) as refusal:
        load_roles(text)
    assert refusal.value.place == place


def test_the_shipped_roles_are_read_from_the_file() -> None:
    assert load_roles(SHIPPED.read_text(encoding="utf-8")) == ROLES
