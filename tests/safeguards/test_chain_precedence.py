from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.chain_precedence import ChainPrecedence

DIRECTLY = ChainPrecedence(("legal_ground",), ("placement_start",)).monitor()


def test_directly_before_is_kept():
    assert DIRECTLY.judge(("legal_ground", "step", "placement_start", "step"))


def test_a_step_between_is_a_breach():
    assert not DIRECTLY.judge(("legal_ground", "step", "first_talk", "step", "placement_start", "step"))
    assert not DIRECTLY.judge(("legal_ground", "step", "step", "placement_start", "step"))


def test_without_it_is_a_breach():
    assert not DIRECTLY.judge(("placement_start", "step"))


def test_in_one_step_in_that_order_is_kept():
    assert DIRECTLY.judge(("legal_ground", "placement_start", "step"))
    assert not DIRECTLY.judge(("placement_start", "legal_ground", "step"))


def test_another_meaning_of_the_same_step_does_not_come_between():
    assert DIRECTLY.judge(("legal_ground", "child_heard", "step", "child_heard", "placement_start", "step"))


def test_a_step_around_the_row_does_not_come_between():
    assert DIRECTLY.judge(("legal_ground", "step", "*first_talk", "*step", "placement_start", "step"))


def test_twice_directly_before_is_kept():
    assert DIRECTLY.judge(("legal_ground", "step", "legal_ground", "step", "*placement_start", "*step"))


def test_around_the_row_it_does_not_count_for_the_row():
    assert not DIRECTLY.judge(("*legal_ground", "*step", "placement_start", "step"))


def test_what_is_lost_is_that_it_did_not_come_just_before():
    lost = ChainPrecedence(("legal_ground",), ("placement_start",)).lost(("placement_start",), Scope.FAMILY)
    assert lost == "Een wettelijke grond is er niet vlak voordat een plaatsing start."
