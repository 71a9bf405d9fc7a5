"""A date that is typed in three boxes, kept as text until it is right.

The text is `year-month-day`. A complete date reads `2026-11-21`, as ISO 8601 writes it; a half one keeps what was
typed, for example `2026--21`, so that a draft loses nothing. A moment is the same text with `T` and the time.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, time
from typing import Literal, Self

Part = Literal["day", "month", "year", "time"]

MONTHS = {
    **{name: number for number, name in enumerate(("jan", "feb", "maa", "apr", "mei", "jun"), start=1)},
    **{name: number for number, name in enumerate(("jul", "aug", "sep", "okt", "nov", "dec"), start=7)},
    "mrt": 3,
    "mar": 3,
    "may": 5,
    "oct": 10,
}
LONGEST_PART = 20
CLOCK = re.compile(r"T([^T-]*)$")


class NoDateError(ValueError):
    """The boxes hold no date. For the form field, which words it.

    Args:
        part: the first box that is wrong.
        code: `missing`, `no_number`, `out_of_range`, `no_such_day`.
    """

    def __init__(self, part: Part, code: str) -> None:
        self.part: Part = part
        self.code = code
        super().__init__(f"{part}: {code}")


@dataclass(frozen=True, slots=True)
class DateParts:
    """What stands in the three boxes, as it was typed."""

    day: str = ""
    month: str = ""
    year: str = ""

    @classmethod
    def of(cls, value: object) -> Self:
        """The parts of a date, of the text of a date, or of nothing."""
        if isinstance(value, date):
            return cls(day=str(value.day), month=str(value.month), year=f"{value.year:04d}")
        year, month, day = [*CLOCK.sub("", str(value or "")).split("-"), "", "", ""][:3]
        return cls(day=_plain(day), month=_plain(month), year=year)

    def text(self) -> str:
        """One text for the three boxes: ISO 8601 for a date, `year-month-day` as typed for half of one."""
        if not (self.day or self.month or self.year):
            return ""
        try:
            return self.date().isoformat()
        except NoDateError:
            return "-".join(part.replace("-", "/")[:LONGEST_PART] for part in (self.year, self.month, self.day))

    def date(self) -> date:
        """The date.

        Raises:
            NoDateError: with the first box that is wrong, in the order day, month, year.
        """
        for part, typed in (("day", self.day), ("month", self.month), ("year", self.year)):
            if not typed:
                raise NoDateError(part, "missing")  # type: ignore[arg-type]  # mypy widens the literal names
        day = _number(self.day, "day", lowest=1, highest=31, digits=2)
        month = MONTHS.get(self.month[:3].lower()) or _number(self.month, "month", lowest=1, highest=12, digits=2)
        year = _number(self.year, "year", lowest=1900, highest=2199, digits=4)
        if day > calendar.monthrange(year, month)[1]:
            raise NoDateError("day", "no_such_day")
        return date(year, month, day)


def clock_of(moment: str) -> str:
    """The time of the text of a moment, as it was typed."""
    found = CLOCK.search(moment)
    return found[1] if found else ""


def read_time(text: str) -> time:
    """The time of day of `10:42`, `10.42` or `9:05`.

    Raises:
        NoDateError: for part `time`.
    """
    if not text:
        raise NoDateError("time", "missing")
    found = re.fullmatch(r"([0-9]{1,2})[:.]([0-9]{2})(?::[0-9]{2})?", text)
    if found is None:
        raise NoDateError("time", "no_number")
    hour, minute = int(found[1]), int(found[2])
    if hour > 23 or minute > 59:
        raise NoDateError("time", "out_of_range")
    return time(hour, minute)


def _plain(text: str) -> str:
    """A box of an ISO date as a person writes it: without the leading zero."""
    return text[1:] if re.fullmatch("0[1-9]", text) else text


def _number(text: str, part: Part, *, lowest: int, highest: int, digits: int) -> int:
    if not re.fullmatch(f"[0-9]{{1,{digits}}}", text):
        raise NoDateError(part, "no_number")
    number = int(text)
    if not lowest <= number <= highest:
        raise NoDateError(part, "out_of_range")
    return number
