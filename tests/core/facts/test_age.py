from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.workflows.core.facts.age import age_of
from tests.support.case_files import a_case, a_child, a_lookup, a_parent, about, asked

DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))


def test_age_is_counted_in_whole_months() -> None:
    lookup = a_lookup(a_case(a_child(birth=date(2014, 5, 20)), today=date(2026, 5, 19)))

    assert asked(lookup, "age", person="child") == 143
    assert (
        asked(a_lookup(a_case(a_child(birth=date(2014, 5, 20)), today=date(2026, 5, 20))), "age", person="child")
        == 144
    )


def test_age_on_an_answered_date() -> None:
    lookup = a_lookup(a_case(a_child(birth=date(2014, 5, 20))), start=date(2030, 5, 20))

    assert asked(lookup, "age", person="child", on="start") == 192
    assert asked(lookup, "age", person="child", on="not_answered") is UNKNOWN


def test_who_was_born_on_a_leap_day_has_a_birthday_on_the_first_of_march() -> None:
    case = a_case(a_child(birth=date(2012, 2, 29)))

    assert age_of(case, "child", date(2025, 2, 28)) == 155
    assert age_of(case, "child", date(2025, 3, 1)) == 156


def test_an_unborn_child_counts_as_nought() -> None:
    assert age_of(a_case(a_child(birth=None, birth_="expected")), "child", date(2026, 1, 1)) == 0
    assert age_of(a_case(a_child(birth=date(2027, 1, 1))), "child", date(2026, 1, 1)) == 0


def test_without_a_birth_date_or_for_a_stranger_age_is_unknown() -> None:
    case = a_case(a_child(birth=None))

    assert age_of(case, "child", date(2026, 1, 1)) is UNKNOWN
    assert age_of(case, "nobody", date(2026, 1, 1)) is UNKNOWN


def test_of_a_person_who_is_answered_in_this_step() -> None:
    case = a_case(a_child(), a_parent("aunt", birth_date=date(1990, 1, 1)))

    assert asked(a_lookup(case, wie="aunt"), "age", person="field:wie") == 442
    assert asked(a_lookup(case), "age", person="field:wie") is UNKNOWN


def test_of_the_child_of_a_run_about_more_children_it_is_unknown() -> None:
    case = a_case(a_child("one"), a_child("two"))

    assert asked(a_lookup(case), "age", person="child") is UNKNOWN
    assert asked(a_lookup(about(case, "", "two")), "age", person="child") == 150


@given(DAYS, DAYS, st.integers(0, 40_000))
def test_age_never_falls(birth: date, first: date, later: int) -> None:
    case = a_case(a_child(birth=birth))
    before = age_of(case, "child", first)
    after = age_of(case, "child", first + timedelta(days=later))

    assert isinstance(before, int)
    assert isinstance(after, int)
    assert before <= after


@given(DAYS, DAYS)
def test_age_rises_by_at_most_one_from_day_to_day(birth: date, day: date) -> None:
    case = a_case(a_child(birth=birth))
    before, after = age_of(case, "child", day), age_of(case, "child", day + timedelta(days=1))

    assert isinstance(before, int)
    assert isinstance(after, int)
    assert after - before in (0, 1)
