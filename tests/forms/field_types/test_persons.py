import pytest

from padwijzer.forms.core.field_types import field_types
from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("persons")


def test_is_kept_as_a_set_and_shown_by_name_in_order() -> None:
    assert answer(["p2", "p1", "p2"], QUESTION) == frozenset({"p1", "p2"})
    assert answer("p1", QUESTION) == frozenset({"p1"})
    assert answer([], QUESTION) is None
    assert shown(["p2", "p1"], QUESTION) == "Fenna, Joris"
    assert field_types()["persons"].to_json(frozenset({"p2", "p1"}), QUESTION) == ["p1", "p2"]


@pytest.mark.parametrize("raw", [["a b"], [3], {"p1": 1}, 3])
def test_what_can_be_no_id_is_refused(raw: object) -> None:
    assert faults(raw, QUESTION) == [("not_a_person", "")]
