import pytest

from padwijzer.forms.core.field_types import Domain, DomainKind, field_types
from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("choices")


def test_is_kept_as_a_set_and_as_a_sorted_list() -> None:
    assert answer(["c", "a", "c"], QUESTION) == frozenset({"a", "c"})
    assert answer("b", QUESTION) == frozenset({"b"})
    assert answer([], QUESTION) is None
    assert field_types()["choices"].to_json(frozenset({"c", "a"}), QUESTION) == ["a", "c"]


def test_is_shown_in_the_order_of_the_choices() -> None:
    assert shown(["c", "a"], QUESTION) == "A, C"


@pytest.mark.parametrize("raw", [["a", "d"], [1], {"a": 1}, 3])
def test_what_cannot_be_chosen_is_refused(raw: object) -> None:
    assert faults(raw, QUESTION) == [("no_such_choice", "")]


def test_a_proof_considers_any_number_of_them() -> None:
    assert field_types()["choices"].values(QUESTION) == Domain(DomainKind.SEVERAL, ("a", "b", "c"))
