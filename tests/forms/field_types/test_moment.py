from datetime import UTC, datetime, timedelta, timezone

import pytest

from padwijzer.forms.core.field_types import field_types
from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("moment")


@pytest.mark.parametrize(
    "raw",
    [
        "2026-11-21T10:30",
        "21-11-2026 10:30",
        "21 november 2026 om 10.30 uur",
        "2026-11-21T09:30:00Z",
        "2026-11-21T11:30:00+02:00",
        datetime(2026, 11, 21, 12, 30, 59, tzinfo=timezone(timedelta(hours=3))),
    ],
)
def test_is_written_in_amsterdam_and_kept_in_utc(raw: object) -> None:
    assert answer(raw, QUESTION) == datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def test_is_shown_in_words_and_kept_as_iso_8601() -> None:
    assert shown("2026-07-01T09:05", QUESTION) == "1 juli 2026 om 9.05 uur"
    value = answer("2026-07-01T09:05", QUESTION)
    assert value is not None
    assert field_types()["moment"].to_json(value, QUESTION) == "2026-07-01T07:05:00Z"


def test_a_time_that_the_clock_skips_does_not_exist() -> None:
    assert faults("2026-03-29T02:30", QUESTION) == [("no_such_time", "")]


def test_a_time_that_comes_twice_is_the_first_unless_it_says_otherwise() -> None:
    first, second = "25 oktober 2026 om 2.30 uur", "25 oktober 2026 om 2.30 uur (wintertijd)"

    assert answer(first, QUESTION) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert answer(second, QUESTION) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert [shown(first, QUESTION), shown(second, QUESTION)] == [first, second]


@pytest.mark.parametrize(
    "raw", ["2026-11-21", "2026-11-21T24:00", "2026-11-21T10:60", "T10:30", "x", 5, "2026-13-01T10:00Z", "0001-01-01"]
)
def test_what_is_no_moment_is_refused(raw: object) -> None:
    assert faults(raw, QUESTION) == [("not_a_moment", "")]


def test_the_same_years_as_a_date() -> None:
    assert faults("1899-12-31T10:00", QUESTION) == [("date_out_of_range", "")]
    assert faults("2200-01-01T10:00", QUESTION) == [("date_out_of_range", "")]
