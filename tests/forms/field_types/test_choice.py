import pytest

from padwijzer.forms.core.field_types import Domain, DomainKind, field_types
from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("choice")


def test_is_kept_as_its_key_and_shown_in_its_words() -> None:
    assert answer("b", QUESTION) == "b"
    assert shown("b", QUESTION) == "B"


@pytest.mark.parametrize("raw", ["d", "B", ["a"], 1, {"a": 1}])
def test_what_cannot_be_chosen_is_refused(raw: object) -> None:
    assert faults(raw, QUESTION) == [("no_such_choice", "")]


def test_a_proof_considers_every_choice() -> None:
    assert field_types()["choice"].values(QUESTION) == Domain(DomainKind.ONE, ("a", "b", "c"))
