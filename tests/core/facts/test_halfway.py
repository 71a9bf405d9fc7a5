from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import UNKNOWN
from tests.support.case_files import a_case, a_lookup, asked


def test_is_the_day_in_the_middle() -> None:
    lookup = a_lookup(a_case(), van=date(2026, 1, 1), tot=date(2026, 1, 11))

    assert asked(lookup, "halfway", from_="van", to="tot") == date(2026, 1, 6)


def test_is_unknown_when_one_of_both_is() -> None:
    assert asked(a_lookup(a_case(), van=date(2026, 1, 1)), "halfway", from_="van", to="tot") is UNKNOWN


@given(st.dates(), st.dates())
def test_lies_between_both(one: date, other: date) -> None:
    middle = asked(a_lookup(a_case(), van=one, tot=other), "halfway", from_="van", to="tot")

    assert isinstance(middle, date)
    assert min(one, other) <= middle <= max(one, other)
