import pytest

from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("person")


def test_is_kept_as_an_id_and_shown_by_name() -> None:
    assert answer("p1", QUESTION) == "p1"
    assert shown("p1", QUESTION) == "Fenna"
    assert shown("p9", QUESTION) == "onbekende persoon"


@pytest.mark.parametrize("raw", ["a b", "x" * 65, 3, ["p1"], "p\x00", "é"])
def test_what_can_be_no_id_is_refused(raw: object) -> None:
    assert faults(raw, QUESTION) == [("not_a_person", "")]
