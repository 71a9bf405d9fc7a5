"""A date, without a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from padwijzer.forms.core.field_types import NOTHING, Answer, FieldType, Json, Parsed, Question, refused
from padwijzer.forms.core.field_types.text import presence

EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2199, 12, 31)
MONTHS: Final = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
IN_FIGURES = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", re.ASCII)
IN_WORDS = re.compile(r"(\d{1,2}) ([a-z]+) (\d{4})", re.ASCII)


def in_words(day: date) -> str:
    """A date in Dutch, for example `12 november 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def read_day(text: str) -> date | None:
    """The date in a text: `2026-11-12`, `12-11-2026` or `12 november 2026`; None when there is none."""
    parts: tuple[str, str, str]
    if match := IN_FIGURES.fullmatch(text):
        parts = (match[1], match[2], match[3])
    elif match := DAY_FIRST.fullmatch(text):
        parts = (match[3], match[2], match[1])
    elif (match := IN_WORDS.fullmatch(text.lower())) and match[2] in MONTHS:
        parts = (match[3], str(MONTHS.index(match[2]) + 1), match[1])
    else:
        return None
    try:
        return date(*map(int, parts))
    except ValueError:
        return None


def within_range(day: date) -> bool:
    """Whether a date can be kept: from 1900 up to and including 2199."""
    return EARLIEST <= day <= LATEST


def _parse(raw: object, _question: Question) -> Parsed:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return NOTHING
    day = read_day(raw.strip()) if isinstance(raw, str) else raw
    if not isinstance(day, date) or isinstance(day, datetime):
        return refused("not_a_date")
    return Parsed(day) if within_range(day) else refused("date_out_of_range")


def _to_json(answer: Answer, _question: Question) -> Json:
    return answer.isoformat() if isinstance(answer, date) else None


def _show(answer: Answer, _question: Question, _names: Mapping[str, str]) -> str:
    return in_words(answer) if isinstance(answer, date) else ""


def _schema(_question: Question) -> dict[str, Json]:
    return {"type": "string", "format": "date"}


FIELD_TYPE = FieldType(
    key="date",
    parse=_parse,
    to_json=_to_json,
    show=_show,
    json_schema=_schema,
    values=presence,
    field_class="padwijzer.forms.date_fields.DateBoxesField",
    widget="DateBoxes",
)
