from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.standing_duty import StandingDuty

LOOK_BACK = StandingDuty(("placement_end",), ("evaluation_after_placement",), ("closing",)).monitor()


def test_an_open_duty_stands_in_the_way():
    assert not LOOK_BACK.judge(("placement_end", "step", "closing", "step"))


def test_a_discharged_duty_does_not():
    assert LOOK_BACK.judge(("placement_end", "step", "evaluation_after_placement", "step", "closing", "step"))


def test_nothing_stands_in_the_way_of_what_never_opened_it():
    assert LOOK_BACK.judge(("closing", "step"))


def test_meanwhile_everything_else_goes_on():
    assert LOOK_BACK.judge(("placement_end", "step", "help_contact", "step", "evaluation", "step"))


def test_it_opens_again():
    assert not LOOK_BACK.judge(("placement_end", "evaluation_after_placement", "placement_end", "closing"))


def test_skipping_does_not_discharge_it():
    assert not LOOK_BACK.judge(("placement_end", "skip:evaluation_after_placement", "closing"))


def test_doing_it_elsewhere_does_not_discharge_it():
    assert not LOOK_BACK.judge(("placement_end", "*evaluation_after_placement", "*closing"))


def test_what_is_lost_is_that_the_duty_was_never_done():
    duty = StandingDuty(("placement_end",), ("evaluation_after_placement",), ("closing",))
    lost = "Nadat een plaatsing stopt, komt er nooit een terugblik op de plaatsing."
    assert duty.lost(("placement_end", "closing"), Scope.FAMILY) == lost
