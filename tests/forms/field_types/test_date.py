from datetime import date, datetime

import pytest

from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("date")


@pytest.mark.parametrize(
    "raw",
    [
        "2026-11-12",
        "12-11-2026",
        "12/11/2026",
        "12 11 2026",
        "12 november 2026",
        "12 November 2026",
        date(2026, 11, 12),
    ],
)
def test_is_read_as_people_write_it(raw: object) -> None:
    assert answer(raw, QUESTION) == date(2026, 11, 12)


def test_is_shown_in_words() -> None:
    assert shown("2026-11-12", QUESTION) == "12 november 2026"
    assert shown("2026-03-01", QUESTION) == "1 maart 2026"


@pytest.mark.parametrize(
    "raw", ["2026-02-30", "2026-13-01", "2026--21", "morgen", "12 nov 2026", 20261112, ["2026-11-12"], "٢٠٢٦-11-12"]
)
def test_what_is_no_date_is_refused(raw: object) -> None:
    assert faults(raw, QUESTION) == [("not_a_date", "")]


def test_a_moment_is_no_date() -> None:
    assert faults(datetime(2026, 11, 12, 9), QUESTION) == [("not_a_date", "")]  # noqa: DTZ001 - what a browser sends


def test_only_dates_of_people_who_may_still_live_or_be_born() -> None:
    assert answer("1900-01-01", QUESTION) == date(1900, 1, 1)
    assert answer("2199-12-31", QUESTION) == date(2199, 12, 31)
    assert faults("1899-12-31", QUESTION) == [("date_out_of_range", "")]
    assert faults("2200-01-01", QUESTION) == [("date_out_of_range", "")]
