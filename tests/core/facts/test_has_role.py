from padwijzer.forms.core.conditions import UNKNOWN
from tests.support.case_files import a_case, a_lookup, a_row, asked

CASE = a_case(a_row("person", "worker", kind="professional"), roles={"worker": frozenset({"gedragswetenschapper"})})


def test_says_whether_the_person_has_the_role_today() -> None:
    lookup = a_lookup(CASE, wie="worker")

    assert asked(lookup, "has_role", person="field:wie", role="gedragswetenschapper") == "ja"
    assert asked(lookup, "has_role", person="field:wie", role="vap") == "nee"


def test_somebody_without_any_role_has_none_and_nobody_is_unknown() -> None:
    assert asked(a_lookup(CASE, wie="other"), "has_role", person="field:wie", role="vap") == "nee"
    assert asked(a_lookup(CASE), "has_role", person="field:wie", role="vap") is UNKNOWN
