import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.permissions.separation import SEPARATIONS, Deed, Duty, may_also

PEOPLE = st.sampled_from(["a1", "a2", "a3"])
DEEDS = st.lists(st.builds(Deed, st.sampled_from(Duty), PEOPLE), max_size=6)


@pytest.mark.parametrize(
    ("done", "asked"),
    [
        (Duty.AUTHOR, Duty.APPROVER),
        (Duty.ADVISER, Duty.DECIDER),
        (Duty.DECIDER, Duty.ADVISER),
        (Duty.DEVIATOR, Duty.DEVIATION_REVIEWER),
        (Duty.GLASS_USER, Duty.GLASS_REVIEWER),
        (Duty.DESTRUCTION_PROPOSER, Duty.DESTRUCTION_APPROVER),
    ],
)
def test_the_other_half_is_done_by_somebody_else(done: Duty, asked: Duty) -> None:
    deeds = [Deed(done, "a1")]
    assert not may_also(asked, "a1", deeds)
    assert may_also(asked, "a2", deeds)


def test_nobody_who_saved_any_revision_since_the_last_publication_approves() -> None:
    deeds = [Deed(Duty.AUTHOR, "a1"), Deed(Duty.AUTHOR, "a2"), Deed(Duty.AUTHOR, "a1")]
    assert [who for who in ("a1", "a2", "a3") if may_also(Duty.APPROVER, who, deeds)] == ["a3"]


def test_an_author_may_go_on_writing() -> None:
    assert may_also(Duty.AUTHOR, "a1", [Deed(Duty.AUTHOR, "a1")])


def test_nobody_in_particular_may_do_nothing() -> None:
    assert not may_also(Duty.APPROVER, "", [])


@given(st.sampled_from(Duty), st.sampled_from(Duty), PEOPLE)
def test_a_separation_holds_in_whichever_order_the_duties_come(one: Duty, other: Duty, who: str) -> None:
    assert may_also(one, who, [Deed(other, who)]).allowed == may_also(other, who, [Deed(one, who)]).allowed


@given(st.sampled_from(Duty), PEOPLE, DEEDS, DEEDS)
def test_more_that_was_done_never_allows_more(duty: Duty, who: str, deeds: list[Deed], more: list[Deed]) -> None:
    if may_also(duty, who, deeds + more):
        assert may_also(duty, who, deeds)


@given(st.sampled_from(Duty), PEOPLE, DEEDS)
def test_what_others_did_never_stands_in_the_way(duty: Duty, who: str, deeds: list[Deed]) -> None:
    assert may_also(duty, who, [deed for deed in deeds if deed.by != who])


def test_every_separation_is_of_two_duties_and_says_why() -> None:
    assert all(len(pair) == 2 and str(why) for pair, why in SEPARATIONS.items())
    assert {duty for pair in SEPARATIONS for duty in pair} == set(Duty)
