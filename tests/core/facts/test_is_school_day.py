from dataclasses import replace
from datetime import date

import pytest

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.workflows.core.calendars import Calendar, CalendarKind, Calendars, Period
from padwijzer.workflows.core.case_file import CaseFile
from tests.support.case_files import a_case, a_lookup, asked, shipped_times

SCHOOL = Calendar(
    "noord",
    CalendarKind.SCHOOL_DAYS,
    periods=(Period("herfstvakantie", date(2026, 10, 10), date(2026, 10, 18)),),
    known_from=2026,
    known_until=2026,
)


def case_of_region(today: date) -> CaseFile:
    shipped = shipped_times().calendars
    calendars = Calendars(shipped.statutory, shipped.working_days, {"noord": SCHOOL})
    return a_case(today=today, times=replace(shipped_times(), calendars=calendars, region="noord"))


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        (date(2026, 10, 9), "ja"),
        (date(2026, 10, 10), "nee"),
        (date(2026, 10, 19), "ja"),
        (date(2026, 11, 21), "nee"),
        (date(2027, 11, 22), UNKNOWN),
    ],
)
def test_is_no_weekend_and_no_holiday(day: date, answer: object) -> None:
    assert asked(a_lookup(case_of_region(day)), "is_school_day") == answer
    assert asked(a_lookup(case_of_region(date(2026, 1, 1)), dag=day), "is_school_day", on="dag") == answer


def test_of_a_date_that_was_not_answered_is_unknown() -> None:
    assert asked(a_lookup(case_of_region(date(2026, 10, 9))), "is_school_day", on="dag") is UNKNOWN
