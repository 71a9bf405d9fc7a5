import pytest

from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.coexistence import Coexistence

BOTH = Coexistence(("mentor_chosen",), ("first_talk",), ("closing",)).monitor()


@pytest.mark.parametrize("pair", [("mentor_chosen", "first_talk"), ("first_talk", "mentor_chosen")])
def test_both_in_either_order_are_kept(pair):
    assert BOTH.judge((*pair, "closing"))


def test_neither_is_kept():
    assert BOTH.judge(("application", "closing"))


@pytest.mark.parametrize("one", ["mentor_chosen", "first_talk"])
def test_one_alone_is_a_breach_at_the_end_and_not_before(one):
    assert BOTH.judge((one, "step"))
    assert not BOTH.judge((one, "step", "closing"))


@pytest.mark.parametrize(
    "word", [("*mentor_chosen",), ("mentor_chosen", "*first_talk"), ("*first_talk", "first_talk")]
)
def test_around_the_row_it_asks_for_the_other_but_does_not_fulfil(word):
    assert not BOTH.judge((*word, "closing"))


def test_what_also_happened_around_the_row_does_no_harm():
    assert BOTH.judge(("*mentor_chosen", "first_talk", "mentor_chosen", "*first_talk", "closing"))


@pytest.mark.parametrize(
    ("heard", "lost"),
    [
        (("mentor_chosen", "closing"), "Er is een JIM, maar nooit een eerste gesprek."),
        (("*first_talk", "closing"), "Er is een eerste gesprek, maar nooit een JIM."),
        (("*mentor_chosen", "first_talk", "*closing"), "Een JIM is er wel, maar niet voor deze hulp."),
        (("*first_talk", "mentor_chosen", "closing"), "Een eerste gesprek is er wel, maar niet voor deze hulp."),
    ],
)
def test_what_is_lost_is_the_one_that_lacks(heard, lost):
    assert Coexistence(("mentor_chosen",), ("first_talk",), ("closing",)).lost(heard, Scope.HELP) == lost
