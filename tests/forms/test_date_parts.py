"""A date typed in three boxes."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.date_parts import DateParts, NoDateError, clock_of, read_time


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_every_date_comes_back_from_its_boxes_and_from_its_text(day: date) -> None:
    parts = DateParts.of(day)
    assert parts.date() == day
    assert parts.text() == day.isoformat()
    assert DateParts.of(parts.text()) == parts


@given(st.builds(DateParts, day=st.text(), month=st.text(), year=st.text()))
def test_whatever_is_typed_gives_a_date_or_the_box_that_is_wrong(parts: DateParts) -> None:
    wrong = ""
    try:
        parts.date()
    except NoDateError as error:
        wrong = error.part
    assert wrong in {"", "day", "month", "year"}


@pytest.mark.parametrize("parts", [DateParts("21", "", "2026"), DateParts("", "11", ""), DateParts("x", "OKT", "26")])
def test_half_a_date_keeps_what_was_typed(parts: DateParts) -> None:
    assert DateParts.of(parts.text()) == parts
    assert DateParts.of(f"{parts.text()}T10:30") == parts


@pytest.mark.parametrize(("day", "month"), [("1", "3"), ("01", "03"), ("1", "maart"), ("1", "mrt"), ("1", "MAR")])
def test_one_number_two_numbers_and_the_name_of_a_month_are_all_right(day: str, month: str) -> None:
    assert DateParts(day, month, "2026").date() == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("parts", "part", "code"),
    [
        (DateParts("", "11", "2026"), "day", "missing"),
        (DateParts("21", "", "2026"), "month", "missing"),
        (DateParts("21", "11", ""), "year", "missing"),
        (DateParts("een", "11", "2026"), "day", "no_number"),
        (DateParts("32", "11", "2026"), "day", "out_of_range"),
        (DateParts("21", "13", "2026"), "month", "out_of_range"),
        (DateParts("21", "11", "26"), "year", "out_of_range"),
        (DateParts("21", "11", "9" * 5000), "year", "no_number"),
        (DateParts("31", "11", "2026"), "day", "no_such_day"),
        (DateParts("29", "2", "2026"), "day", "no_such_day"),
    ],
)
def test_the_first_wrong_box_is_named(parts: DateParts, part: str, code: str) -> None:
    with pytest.raises(NoDateError) as refused:
        parts.date()
    assert (refused.value.part, refused.value.code) == (part, code)


@pytest.mark.parametrize(
    ("text", "clock"), [("10:30", time(10, 30)), ("9.05", time(9, 5)), ("23:59:00", time(23, 59))]
)
def test_a_time_is_read(text: str, clock: time) -> None:
    assert read_time(text) == clock


@pytest.mark.parametrize(("text", "code"), [("", "missing"), ("tien", "no_number"), ("24:00", "out_of_range")])
def test_no_time_is_refused(text: str, code: str) -> None:
    with pytest.raises(NoDateError) as refused:
        read_time(text)
    assert (refused.value.part, refused.value.code) == ("time", code)


def test_the_time_of_a_moment_is_found() -> None:
    assert clock_of("2026-11-21T10:30") == "10:30"
    assert clock_of("2026-11-21") == ""
