"""
Calendars as data: the days on which the law lets no term end, a municipality's working days, a region's school days.

The statutory calendar is that of the Algemene termijnenwet: Saturdays, Sundays, the public holidays of article 3
paragraph 1, Good Friday (paragraph 2) and the days that a decree makes equal to them (paragraph 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum
from functools import lru_cache

from dateutil.easter import easter

from padwijzer.forms.core.nodes import Node, parse

SATURDAY = 6
SUNDAY = 7
ONE_DAY = timedelta(days=1)
WEEKDAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")


class CalendarKind(StrEnum):
    """What a calendar is for."""

    STATUTORY = "statutory"
    WORKING_DAYS = "working_days"
    SCHOOL_DAYS = "school_days"


@dataclass(frozen=True, slots=True)
class Holiday:
    """
    A free day that comes back each year, on a date or a number of days from Easter Sunday.

    Args:
        name: what people call it, in Dutch.
        month: month of a fixed date; 0 when it hangs on Easter.
        day: day of a fixed date; 0 when it hangs on Easter.
        easter: days after Easter Sunday, negative before it; used when `month` is 0.
        if_sunday: by how many days it shifts when it falls on a Sunday (King's Day: -1).
        from_year: first year in which it is kept.
        until_year: last year in which it is kept.
    """

    name: str
    month: int = 0
    day: int = 0
    easter: int = 0
    if_sunday: int = 0
    from_year: int = MINYEAR
    until_year: int = MAXYEAR

    def on(self, year: int) -> date | None:
        """The day in that year, or None when it is not kept in that year."""
        if not self.from_year <= year <= self.until_year:
            return None
        found = date(year, self.month, self.day) if self.month else _easter(year) + timedelta(days=self.easter)
        return found + timedelta(days=self.if_sunday) if found.isoweekday() == SUNDAY else found


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of free days, both ends included. Args: name: in Dutch; first, last: its first and last day."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day that does not count. Args: day: the day; name: why, in Dutch: `zaterdag`, `Koningsdag`."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """
    Which days are free, and why.

    Args:
        key: stable key.
        kind: what it is for.
        weekend: free weekdays, ISO numbers (Monday is 1).
        holidays: free days that come back each year.
        periods: free stretches, for example school holidays, and single days that a decree or a municipality names.
        known_from: first year for which the list is complete.
        known_until: last year for which the list is complete.
        source: where it comes from.
    """

    key: str
    kind: CalendarKind
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    holidays: tuple[Holiday, ...] = ()
    periods: tuple[Period, ...] = ()
    known_from: int = MINYEAR
    known_until: int = MAXYEAR
    source: str = ""

    def why_free(self, day: date) -> str | None:
        """Why that day is free, in a Dutch word or two; None when it is not."""
        names = _named(self.holidays, day.year)
        if day in names:
            return names[day]
        for period in self.periods:
            if period.first <= day <= period.last:
                return period.name
        return WEEKDAYS[day.weekday()] if day.isoweekday() in self.weekend else None

    def is_free(self, day: date) -> bool:
        """Whether that day is free."""
        return self.why_free(day) is not None

    def knows(self, day: date) -> bool:
        """Whether the list is complete for the year of that day."""
        return self.known_from <= day.year <= self.known_until

    def free_run(self, day: date) -> tuple[FreeDay, ...]:
        """The unbroken free days from that day on; empty when that day itself is not free."""
        return tuple(self._free_from(day, ONE_DAY))

    def next_open(self, day: date) -> date:
        """That day, or the first later one that is not free."""
        return day + len(self.free_run(day)) * ONE_DAY

    def count(self, day: date, amount: int) -> tuple[date, tuple[FreeDay, ...]]:
        """
        The day reached by counting days that are not free, the day itself not counted.

        Args:
            day: where counting starts.
            amount: how many days that are not free; negative counts backwards.

        Returns:
            The day that is reached, and the free days that were passed over, in the order of counting.
        """
        step = ONE_DAY if amount > 0 else -ONE_DAY
        passed: list[FreeDay] = []
        for _ in range(abs(amount)):
            skipped = tuple(self._free_from(day + step, step))
            passed.extend(skipped)
            day += (len(skipped) + 1) * step
        return day, tuple(passed)

    def _free_from(self, day: date, step: timedelta) -> Iterator[FreeDay]:
        while (name := self.why_free(day)) is not None:
            yield FreeDay(day, name)
            day += step


@dataclass(frozen=True, slots=True)
class Calendars:
    """
    The calendars that terms are counted with.

    Args:
        statutory: the days on which no statutory term ends.
        working_days: the municipality's own working days.
        school_days: region to its school days.
    """

    statutory: Calendar
    working_days: Calendar
    school_days: Mapping[str, Calendar] = field(default_factory=dict)

    def is_school_day(self, day: date, region: str) -> bool | None:
        """Whether schools of that region are open that day; None when its holidays of that year are not known."""
        calendar = self.school_days.get(region)
        if calendar is None or not calendar.knows(day):
            return None
        return not calendar.is_free(day)


def load_calendars(text: str | bytes) -> Calendars:
    """
    The calendars of a calendars file.

    Args:
        text: the JSON document.

    Returns:
        The calendars.

    Raises:
        Unreadable: with the exact place of the first fault.
    """
    return read_calendars(parse(text))


def read_calendars(node: Node) -> Calendars:
    """The calendars of a parsed file: one statutory, one of working days, and any number of school regions."""
    node.object(required=("schema_version", "calendars"))
    if node.child("schema_version").integer() != 1:
        node.child("schema_version").refuse("Only version 1 can be read.")
    statutory: list[Calendar] = []
    working_days: list[Calendar] = []
    school_days: dict[str, Calendar] = {}
    for key, child in node.child("calendars").items():
        calendar = _read_calendar(key, child)
        if calendar.kind is CalendarKind.STATUTORY:
            statutory.append(calendar)
        elif calendar.kind is CalendarKind.WORKING_DAYS:
            working_days.append(calendar)
        else:
            school_days[key] = calendar
    if len(statutory) != 1 or len(working_days) != 1:
        node.child("calendars").refuse("Exactly one statutory calendar and one of working days were expected here.")
    return Calendars(statutory[0], working_days[0], school_days)


def read_day(node: Node) -> date:
    """A day written as yyyy-mm-dd. Raises: Unreadable when it is none."""
    written = node.string()
    day: date | None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or day.isoformat() != written:
        node.refuse("A day was expected here, written as yyyy-mm-dd.")
    return day


def _read_calendar(key: str, node: Node) -> Calendar:
    node.object("holidays", "periods", "known_from", "known_until", required=("kind", "weekend", "source"))
    Node(key, node.path).key()
    weekend = frozenset(node.child("weekend").list(lambda child: _integer_between(child, 1, SUNDAY)))
    if len(weekend) == SUNDAY:
        node.child("weekend").refuse("A week without one open day would never end.")
    calendar = Calendar(
        key=key,
        kind=node.child("kind").member(CalendarKind),
        weekend=weekend,
        holidays=node.optional_list("holidays", _read_holiday),
        periods=node.optional_list("periods", _read_period),
        known_from=_optional_year(node, "known_from", MINYEAR),
        known_until=_optional_year(node, "known_until", MAXYEAR),
        source=node.child("source").string(),
    )
    if calendar.known_from > calendar.known_until:
        node.child("known_until").refuse("The last known year lies before the first.")
    return calendar


def _read_holiday(node: Node) -> Holiday:
    node.object("month", "day", "easter", "if_sunday", "from_year", "until_year", required=("name",))
    fixed = node.has("month") and node.has("day")
    if fixed == node.has("easter") or node.has("month") != node.has("day"):
        node.refuse("Either month and day, or easter (days after Easter Sunday), was expected here.")
    holiday = Holiday(
        name=node.child("name").string(),
        month=_integer_between(node.child("month"), 1, 12) if fixed else 0,
        day=_integer_between(node.child("day"), 1, 31) if fixed else 0,
        easter=0 if fixed else _integer_between(node.child("easter"), -80, 200),
        if_sunday=_integer_between(node.child("if_sunday"), -6, 6) if node.has("if_sunday") else 0,
        from_year=_optional_year(node, "from_year", MINYEAR),
        until_year=_optional_year(node, "until_year", MAXYEAR),
    )
    if holiday.from_year > holiday.until_year:
        node.child("until_year").refuse("The last year lies before the first.")
    if fixed:
        _refuse_impossible(node, holiday)
    return holiday


def _refuse_impossible(node: Node, holiday: Holiday) -> None:
    try:
        day = date(2001, holiday.month, holiday.day)
    except ValueError:
        node.child("day").refuse("This date does not exist each year.")
    if (day + timedelta(days=holiday.if_sunday)).year != day.year:
        node.child("if_sunday").refuse("A free day may not shift into another year.")


def _read_period(node: Node) -> Period:
    node.object("last", required=("name", "first"))
    first = read_day(node.child("first"))
    last = read_day(node.child("last")) if node.has("last") else first
    if last < first:
        node.child("last").refuse("The last day lies before the first.")
    return Period(node.child("name").string(), first, last)


def _integer_between(node: Node, lowest: int, highest: int) -> int:
    number = node.integer()
    if not lowest <= number <= highest:
        node.refuse(f"A whole number from {lowest} to {highest} was expected here.")
    return number


def _optional_year(node: Node, key: str, default: int) -> int:
    return _integer_between(node.child(key), MINYEAR, MAXYEAR) if node.has(key) else default


@lru_cache(maxsize=512)
def _easter(year: int) -> date:
    return easter(year)


@lru_cache(maxsize=1024)
def _named(holidays: tuple[Holiday, ...], year: int) -> Mapping[date, str]:
    return {day: holiday.name for holiday in reversed(holidays) if (day := holiday.on(year)) is not None}
