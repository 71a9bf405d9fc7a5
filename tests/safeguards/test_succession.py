from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.succession import Succession

LIST = Succession(("crisis_report",), ("afterwards_list",), ("closing",)).monitor()


def test_one_after_the_other_is_kept():
    assert LIST.judge(("crisis_report", "step", "afterwards_list", "step", "closing", "step"))


def test_neither_is_kept():
    assert LIST.judge(("first_talk", "step", "closing", "step"))


def test_the_second_alone_is_a_breach():
    assert not LIST.judge(("afterwards_list", "step"))


def test_the_first_alone_is_a_breach_at_the_end():
    assert LIST.judge(("crisis_report", "step"))
    assert not LIST.judge(("crisis_report", "step", "closing", "step"))


def test_a_new_first_asks_for_a_new_second():
    assert not LIST.judge(("crisis_report", "afterwards_list", "crisis_report", "closing"))
    assert not LIST.judge(("crisis_report", "afterwards_list", "*crisis_report", "closing"))


def test_the_second_may_come_more_often():
    assert LIST.judge(("crisis_report", "afterwards_list", "afterwards_list", "closing"))


def test_the_first_around_the_row_asks_but_does_not_fulfil():
    assert not LIST.judge(("*crisis_report", "closing"))
    assert not LIST.judge(("*crisis_report", "afterwards_list"))
    assert LIST.judge(("*crisis_report", "crisis_report", "afterwards_list", "closing"))


def test_the_second_around_the_row_waits_but_does_not_settle():
    assert not LIST.judge(("*afterwards_list",))
    assert not LIST.judge(("crisis_report", "*afterwards_list", "closing"))


def test_what_is_lost_is_what_lacks_before_or_after():
    crisis = Succession(("crisis_report",), ("afterwards_list",), ("closing",))
    assert crisis.lost(("afterwards_list",), Scope.CHILD) == "Er is hier nooit een spoedmelding geweest."
    word = ("*crisis_report", "afterwards_list")
    assert crisis.lost(word, Scope.CHILD) == "Een spoedmelding is er wel, maar niet voor dit kind."
    lost = "Nadat een spoedmelding is gedaan, komt er nooit een lijst voor daarna."
    assert crisis.lost(("crisis_report", "closing"), Scope.CHILD) == lost
