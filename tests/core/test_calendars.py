from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.errors import Unreadable
from padwijzer.forms.core.nodes import Node
from padwijzer.workflows.core.calendars import (
    Calendar,
    CalendarKind,
    Calendars,
    Period,
    load_calendars,
    read_calendars,
)

FIXTURES = Path(__file__).parents[2] / "fixtures"
SHIPPED = load_calendars((FIXTURES / "calendars.json").read_bytes())
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))

STATUTORY_2026 = {
    date(2026, 1, 1): "Nieuwjaarsdag",
    date(2026, 1, 2): "gelijkgestelde dag",
    date(2026, 4, 3): "Goede Vrijdag",
    date(2026, 4, 6): "Tweede Paasdag",
    date(2026, 4, 27): "Koningsdag",
    date(2026, 5, 5): "Bevrijdingsdag",
    date(2026, 5, 14): "Hemelvaartsdag",
    date(2026, 5, 15): "gelijkgestelde dag",
    date(2026, 5, 25): "Tweede Pinksterdag",
    date(2026, 12, 25): "Eerste Kerstdag",
    date(2026, 12, 26): "Tweede Kerstdag",
}


def test_the_statutory_calendar_of_2026_holds_exactly_the_days_the_law_names_and_the_weekends() -> None:
    free = {
        day: name
        for number in range(365)
        if (name := SHIPPED.statutory.why_free(day := date(2026, 1, 1) + timedelta(number)))
        and name not in {"zaterdag", "zondag"}
    }
    assert free == STATUTORY_2026


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2025, 4, 26), "Koningsdag"),  # 27 April 2025 is a Sunday
        (date(2025, 4, 27), "zondag"),
        (date(2013, 4, 30), "Koninginnedag"),
        (date(2006, 4, 29), "Koninginnedag"),  # 30 April 2006 is a Sunday
        (date(2013, 4, 27), "zaterdag"),
        (date(2014, 4, 30), None),
    ],
)
def test_the_birthday_of_the_king_is_kept_a_day_early_when_it_falls_on_a_sunday(day: date, name: str | None) -> None:
    assert SHIPPED.statutory.why_free(day) == name


def test_good_friday_and_5_may_stop_a_statutory_term_but_are_working_days_of_the_municipality() -> None:
    for day in (date(2026, 4, 3), date(2026, 5, 5)):
        assert SHIPPED.statutory.is_free(day)
        assert not SHIPPED.working_days.is_free(day)


def test_the_days_made_equal_by_decree_are_known_for_the_years_of_the_decrees_only() -> None:
    assert SHIPPED.statutory.knows(date(2028, 12, 31))
    assert not SHIPPED.statutory.knows(date(2029, 1, 1))
    assert not SHIPPED.statutory.knows(date(2022, 12, 31))


def test_an_unbroken_run_of_free_days_names_each_of_them() -> None:
    names = [free.name for free in SHIPPED.statutory.free_run(date(2026, 4, 3))]
    assert names == ["Goede Vrijdag", "zaterdag", "zondag", "Tweede Paasdag"]


def test_an_open_day_starts_no_run_of_free_days() -> None:
    assert SHIPPED.statutory.free_run(date(2026, 4, 7)) == ()


@given(DAYS)
def test_the_next_open_day_is_open_and_every_day_before_it_is_free(day: date) -> None:
    found = SHIPPED.statutory.next_open(day)
    assert found >= day
    assert not SHIPPED.statutory.is_free(found)
    assert all(SHIPPED.statutory.is_free(day + timedelta(number)) for number in range((found - day).days))


@given(DAYS, st.integers(1, 40))
def test_counting_working_days_passes_exactly_that_many_of_them(day: date, amount: int) -> None:
    end, passed = SHIPPED.working_days.count(day, amount)
    between = [day + timedelta(number) for number in range(1, (end - day).days + 1)]
    assert [one for one in between if SHIPPED.working_days.is_free(one)] == [free.day for free in passed]
    assert len(between) == amount + len(passed)
    assert not SHIPPED.working_days.is_free(end)


@given(DAYS, st.integers(1, 40))
def test_counting_back_from_a_working_day_undoes_counting_on(day: date, amount: int) -> None:
    day = SHIPPED.working_days.next_open(day)
    end, _ = SHIPPED.working_days.count(day, amount)
    assert SHIPPED.working_days.count(end, -amount)[0] == day


def region(*periods: Period) -> Calendars:
    school = Calendar("noord", CalendarKind.SCHOOL_DAYS, periods=periods, known_from=2026, known_until=2026)
    return Calendars(SHIPPED.statutory, SHIPPED.working_days, {"noord": school})


def test_a_school_day_is_no_weekend_and_no_school_holiday() -> None:
    calendars = region(Period("herfstvakantie", date(2026, 10, 10), date(2026, 10, 18)))
    assert calendars.is_school_day(date(2026, 10, 9), "noord") is True
    assert calendars.is_school_day(date(2026, 10, 18), "noord") is False
    assert calendars.is_school_day(date(2026, 10, 12), "noord") is False
    assert calendars.is_school_day(date(2026, 10, 24), "noord") is False


def test_whether_it_is_a_school_day_is_unknown_without_the_calendar_of_that_year_or_region() -> None:
    assert region().is_school_day(date(2027, 1, 11), "noord") is None
    assert region().is_school_day(date(2026, 1, 12), "zuid") is None


def calendars_file(**changes: object) -> dict[str, object]:
    week = {"weekend": [6, 7], "source": "test"}
    municipality: dict[str, object] = {"kind": "working_days", **week, **changes}
    return {
        "schema_version": 1,
        "calendars": {"law": {"kind": "statutory", **week}, "town": municipality},
    }


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"weekend": [1, 2, 3, 4, 5, 6, 7]}, "calendars.town.weekend"),
        ({"weekend": [8]}, "calendars.town.weekend[0]"),
        ({"kind": "statutory"}, "calendars"),
        ({"colour": "blue"}, "calendars.town.colour"),
        ({"holidays": [{"name": "X"}]}, "calendars.town.holidays[0]"),
        ({"holidays": [{"name": "X", "month": 4}]}, "calendars.town.holidays[0]"),
        ({"holidays": [{"name": "X", "month": 2, "day": 29}]}, "calendars.town.holidays[0].day"),
        ({"holidays": [{"name": "X", "month": 4, "day": 1, "easter": 1}]}, "calendars.town.holidays[0]"),
        (
            {"holidays": [{"name": "X", "month": 1, "day": 1, "if_sunday": -1}]},
            "calendars.town.holidays[0].if_sunday",
        ),
        (
            {"holidays": [{"name": "X", "easter": 1, "from_year": 2020, "until_year": 2019}]},
            "calendars.town.holidays[0].until_year",
        ),
        ({"periods": [{"name": "X", "first": "2026-02-30"}]}, "calendars.town.periods[0].first"),
        ({"periods": [{"name": "X", "first": "20260201"}]}, "calendars.town.periods[0].first"),
        (
            {"periods": [{"name": "X", "first": "2026-02-02", "last": "2026-02-01"}]},
            "calendars.town.periods[0].last",
        ),
        ({"known_from": 2027, "known_until": 2026}, "calendars.town.known_until"),
    ],
)
def test_a_fault_in_the_calendars_file_is_refused_at_its_exact_place(changes: dict[str, object], place: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_calendars(Node(calendars_file(**changes)))
    assert refusal.value.place == place


def test_another_version_of_the_calendars_file_is_refused() -> None:
    with pytest.raises(Unreadable) as refusal:
        read_calendars(Node({**calendars_file(), "schema_version": 2}))
    assert refusal.value.place == "schema_version"


def test_school_regions_are_read_by_their_key() -> None:
    file = calendars_file()
    file["calendars"]["midden"] = {"kind": "school_days", "weekend": [6, 7], "source": "test"}  # type: ignore[index]  # a literal
    assert set(read_calendars(Node(file)).school_days) == {"midden"}
