import pytest

from padwijzer.workflows.core.safeguards import Scope, forgiving
from padwijzer.workflows.core.safeguards.precedence import Precedence

PLAN = Precedence(("family_plan",), ("municipal_decision",))
ANEW = Precedence(("informed_consent",), ("start_of_help",), again=("withdrawal_of_consent",)).monitor()
EACH_TIME = Precedence(("family_plan",), ("municipal_decision",), again=("municipal_decision",)).monitor()


def test_first_before_then_is_kept():
    assert PLAN.monitor().judge(("family_plan", "step", "municipal_decision", "step"))


def test_then_without_first_is_a_breach():
    assert not PLAN.monitor().judge(("municipal_decision", "step"))


def test_first_after_then_comes_too_late():
    assert not PLAN.monitor().judge(("municipal_decision", "step", "family_plan", "step"))


def test_neither_happening_is_kept():
    assert PLAN.monitor().judge(("first_talk", "step"))


def test_in_one_step_the_first_may_come_first():
    assert PLAN.monitor().judge(("family_plan", "municipal_decision", "step"))


def test_the_first_around_the_row_does_not_count_for_the_row():
    assert not PLAN.monitor().judge(("*family_plan", "municipal_decision"))


def test_then_around_the_row_waits_too():
    assert not PLAN.monitor().judge(("*municipal_decision",))
    assert PLAN.monitor().judge(("family_plan", "*municipal_decision"))


def test_after_a_withdrawal_it_is_needed_anew():
    assert not ANEW.judge(("informed_consent", "withdrawal_of_consent", "start_of_help"))
    assert not ANEW.judge(("informed_consent", "*withdrawal_of_consent", "start_of_help"))
    assert ANEW.judge(("informed_consent", "withdrawal_of_consent", "informed_consent", "start_of_help"))


def test_without_a_withdrawal_once_is_enough():
    assert ANEW.judge(("informed_consent", "start_of_help", "start_of_help"))


def test_what_waits_can_itself_ask_for_it_anew():
    assert not EACH_TIME.judge(("family_plan", "municipal_decision", "municipal_decision"))
    assert EACH_TIME.judge(("family_plan", "municipal_decision", "family_plan", "municipal_decision"))


def test_a_deviation_stands_in_for_the_first_only_where_that_is_allowed():
    word = ("skip:family_plan", "municipal_decision")
    assert not PLAN.monitor().judge(word)
    assert forgiving(PLAN).judge(word)


def test_nothing_comes_before_itself():
    with pytest.raises(ValueError, match="stands twice"):
        Precedence(("family_plan",), ("family_plan",))


def test_what_is_lost_is_that_it_never_happened_before():
    lost = "Er is hier nooit een plan van het gezin geweest."
    assert PLAN.lost(("first_talk", "municipal_decision"), Scope.FAMILY) == lost
    assert PLAN.lost(("skip:family_plan", "municipal_decision"), Scope.FAMILY) == lost


def test_what_is_lost_says_that_it_happened_around_the_row():
    lost = "Een plan van het gezin is er wel, maar niet voor deze hulp."
    assert PLAN.lost(("*family_plan", "municipal_decision"), Scope.HELP) == lost


def test_what_is_lost_anew_was_there_before():
    anew = Precedence(("informed_consent",), ("start_of_help",), again=("withdrawal_of_consent", "end_of_help"))
    word = ("informed_consent", "*withdrawal_of_consent", "start_of_help")
    assert (
        anew.lost(word, Scope.HELP)
        == "Nadat iemand de toestemming intrekt, komt er niet opnieuw toestemming na uitleg."
    )
    each = Precedence(("family_plan",), ("municipal_decision",), again=("municipal_decision",))
    word = ("family_plan", "municipal_decision", "municipal_decision")
    assert each.lost(word, Scope.FAMILY) == "Nadat de gemeente besluit, komt er niet opnieuw een plan van het gezin."
