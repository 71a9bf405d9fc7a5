import pytest

from padwijzer.workflows.core.safeguards import Scope, forgiving
from padwijzer.workflows.core.safeguards.response import Response

CONTACT = Response(("placement_start",), ("contact_arrangement",), ("closing",))


def test_an_answer_in_time_is_kept():
    assert CONTACT.monitor().judge(("placement_start", "step", "contact_arrangement", "step", "closing", "step"))


def test_no_answer_before_the_end_is_a_breach():
    assert not CONTACT.monitor().judge(("placement_start", "step", "closing", "step"))


def test_an_answer_to_nothing_yet_does_not_count():
    assert not CONTACT.monitor().judge(("contact_arrangement", "placement_start", "closing"))


def test_whoever_is_not_asked_need_not_answer():
    assert CONTACT.monitor().judge(("first_talk", "closing"))


def test_as_long_as_nothing_ends_there_is_time():
    assert CONTACT.monitor().judge(("placement_start", "step"))


def test_each_new_question_needs_a_new_answer():
    assert not CONTACT.monitor().judge(("placement_start", "contact_arrangement", "placement_start", "closing"))


def test_around_the_row_it_asks_and_ends_but_does_not_answer():
    assert not CONTACT.monitor().judge(("*placement_start", "*contact_arrangement", "*closing"))
    assert CONTACT.monitor().judge(("*placement_start", "contact_arrangement", "*closing"))


def test_skipping_answers_only_where_deviation_is_allowed_and_never_asks():
    assert not CONTACT.monitor().judge(("placement_start", "skip:contact_arrangement", "closing"))
    assert forgiving(CONTACT).judge(("placement_start", "skip:contact_arrangement", "closing"))
    assert forgiving(CONTACT).judge(("skip:placement_start", "closing"))


def test_an_end_must_be_named():
    with pytest.raises(ValueError, match="At least one meaning"):
        Response(("placement_start",), ("contact_arrangement",), ())


def test_what_is_lost_is_the_answer():
    response = Response(("placement_start", "placement_end"), ("contact_arrangement",), ("closing",))
    word = ("contact_arrangement", "placement_end", "*placement_start", "closing")
    assert (
        response.lost(word, Scope.PLACEMENT) == "Nadat een plaatsing start, komt er nooit een afspraak over contact."
    )
    word = ("placement_start", "*contact_arrangement", "closing")
    lost = "Nadat een plaatsing start, komt er voor deze plaatsing nooit een afspraak over contact."
    assert response.lost(word, Scope.PLACEMENT) == lost
