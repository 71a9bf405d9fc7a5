import pytest

from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.not_coexistence import NotCoexistence

NOT_BOTH = NotCoexistence(("ordinary_support",), ("investigation_request",)).monitor()


@pytest.mark.parametrize("one", ["ordinary_support", "investigation_request", "*ordinary_support"])
def test_one_of_them_as_often_as_one_likes_is_kept(one):
    assert NOT_BOTH.judge((one, "step", one, "step", "closing"))


def test_neither_is_kept():
    assert NOT_BOTH.judge(("closing",))


@pytest.mark.parametrize("one", ["ordinary_support", "*ordinary_support"])
@pytest.mark.parametrize("other", ["investigation_request", "*investigation_request"])
def test_both_in_either_order_are_a_breach(one, other):
    assert not NOT_BOTH.judge((one, "step", other))
    assert not NOT_BOTH.judge((other, "step", one))


def test_what_is_lost_is_that_both_happened():
    never = NotCoexistence(("ordinary_support", "closing"), ("investigation_request",))
    lost = never.lost(("investigation_request", "*closing"), Scope.HELP)
    assert lost == "Er is een afronding en ook een verzoek tot onderzoek."
