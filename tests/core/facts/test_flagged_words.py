from padwijzer.forms.core.conditions import UNKNOWN, Value
from padwijzer.workflows.core.facts import facts
from tests.support.case_files import a_case, a_lookup, asked


def flagged(text: str, words: Value = frozenset({"drang", "u moet"})) -> Value:
    return asked(a_lookup(a_case(settings={"flagged_words": words}), brief=text), "flagged_words", field="brief")


def test_finds_a_word_of_the_list_whatever_the_capitals() -> None:
    assert flagged("Dit is Drang.") == "ja"
    assert flagged("Want u moet komen") == "ja"


def test_a_part_of_a_word_is_not_that_word() -> None:
    assert flagged("Er is gedrang bij de deur") == "nee"
    assert flagged("U moeten wij spreken") == "nee"


def test_without_a_list_nothing_is_flagged_and_without_a_text_it_is_unknown() -> None:
    assert flagged("drang", frozenset()) == "nee"
    assert asked(a_lookup(a_case()), "flagged_words", field="brief") is UNKNOWN


def test_is_a_reading_aid_that_no_proof_relies_on() -> None:
    assert [name for name, fact in facts().items() if not fact.spec.in_proof] == ["flagged_words"]
