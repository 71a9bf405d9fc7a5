import pytest

from padwijzer.workflows.core.safeguards import Scope, forgiving
from padwijzer.workflows.core.safeguards.existence import Existence

TALK = Existence(("first_talk",))


def test_once_it_happened_the_case_can_close():
    assert TALK.monitor().judge(("first_talk", "step", "closing", "step"))


def test_closing_without_it_is_a_breach():
    assert not TALK.monitor().judge(("application", "step", "closing", "step"))


def test_as_long_as_nothing_closes_there_is_time():
    assert TALK.monitor().judge(("application", "step"))


def test_what_happened_around_the_row_did_not_happen_to_the_row():
    assert not TALK.monitor().judge(("*first_talk", "*step", "*closing"))


def test_a_deviation_stands_in_for_it_only_where_that_is_allowed():
    word = ("skip:first_talk", "closing")
    assert not TALK.monitor().judge(word)
    assert forgiving(TALK).judge(word)


def test_what_must_happen_is_not_also_the_end():
    with pytest.raises(ValueError, match="stands twice"):
        Existence(("closing",))


def test_what_is_lost_is_that_it_never_happened_here():
    talk = Existence(("first_talk",))
    assert talk.lost(("application", "closing"), Scope.CHILD) == "Er is hier nooit een eerste gesprek geweest."
    around = talk.lost(("*first_talk", "closing"), Scope.CHILD)
    assert around == "Een eerste gesprek is er wel, maar niet voor dit kind."
