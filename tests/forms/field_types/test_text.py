import pytest

from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("text")


def test_text_is_kept_as_it_was_written_without_space_around_it() -> None:
    assert answer("  Hallo, Fenna  ", QUESTION) == "Hallo, Fenna"
    assert shown("Hallo", QUESTION) == "Hallo"
    assert answer("   ", QUESTION) is None


def test_five_hundred_characters_fit_whatever_they_are() -> None:
    assert answer("😀" * 500, QUESTION) == "😀" * 500
    assert faults("😀" * 501, QUESTION) == [("too_long", "")]


def test_marks_for_writing_from_right_to_left_are_kept() -> None:
    assert answer("a\u200f\u202eb\u2066c", QUESTION) == "a\u200f\u202eb\u2066c"


@pytest.mark.parametrize("raw", ["a\x00b", "a\ud800b"])
def test_what_cannot_be_stored_is_refused(raw: str) -> None:
    assert faults(raw, QUESTION) == [("unreadable_character", "")]


def test_more_than_one_line_is_refused() -> None:
    assert faults("een\ntwee", QUESTION) == [("one_line", "")]


@pytest.mark.parametrize("raw", [3, ["a"], {"a": 1}, True])
def test_what_is_no_text_is_refused(raw: object) -> None:
    assert faults(raw, QUESTION) == [("not_text", "")]
