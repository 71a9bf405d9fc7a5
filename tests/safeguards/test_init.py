from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.init import Init

BEGINS = Init(("application",)).monitor()


def test_what_begins_with_it_is_kept():
    assert BEGINS.judge(("application", "step", "first_talk", "step"))


def test_another_first_step_is_a_breach():
    assert not BEGINS.judge(("first_talk", "step", "application", "step"))


def test_a_first_step_without_any_meaning_is_a_breach():
    assert not BEGINS.judge(("step",))


def test_a_step_around_the_row_is_not_its_first():
    assert BEGINS.judge(("*first_talk", "*step", "application", "step"))


def test_nothing_at_all_is_kept():
    assert BEGINS.judge(())


def test_what_is_lost_is_the_beginning():
    assert Init(("application",)).lost(("first_talk",), Scope.FAMILY) == "Dit begint niet met een vraag of signaal."
