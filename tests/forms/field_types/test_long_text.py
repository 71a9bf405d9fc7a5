from tests.support.questions import a_question, answer, faults

QUESTION = a_question("long_text")


def test_lines_are_kept_and_end_alike() -> None:
    assert answer("een\r\ntwee\rdrie\n", QUESTION) == "een\ntwee\ndrie"


def test_twenty_thousand_characters_fit_whatever_they_are() -> None:
    assert answer("😀" * 20_000, QUESTION) == "😀" * 20_000
    assert faults("a" * 20_001, QUESTION) == [("too_long", "")]


def test_what_cannot_be_stored_is_refused() -> None:
    assert faults("a\x00", QUESTION) == [("unreadable_character", "")]
