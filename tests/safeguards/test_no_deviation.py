import pytest

from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation

ASKED = NoDeviation(("consent_asked",)).monitor()


def test_doing_it_is_kept():
    assert ASKED.judge(("consent_asked", "step"))


def test_not_coming_to_it_is_kept():
    assert ASKED.judge(("first_talk", "step", "closing", "step"))


def test_skipping_it_is_a_breach():
    assert not ASKED.judge(("skip:consent_asked",))


def test_skipping_it_around_the_row_is_a_breach():
    assert not ASKED.judge(("*skip:consent_asked",))


def test_skipping_something_else_is_kept():
    assert ASKED.judge(("skip:first_talk", "consent_asked", "step"))


@pytest.mark.parametrize("heard", [("skip:consent_asked",), ("closing", "*skip:consent_asked")])
def test_what_is_lost_is_what_was_skipped(heard):
    lost = NoDeviation(("closing", "consent_asked")).lost(heard, Scope.HELP)
    assert lost == "Een vraag om toestemming is hier overgeslagen."
