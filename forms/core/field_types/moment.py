"""
A date and a time, to the minute: written in Europe/Amsterdam, kept in UTC.

In the night that the clock goes back, a time between 2:00 and 3:00 comes twice; without `(wintertijd)` behind it, it
is the first. In the night that the clock goes forward, those times do not exist and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Final

from padwijzer.forms.core.field_types import AMSTERDAM, NOTHING, Answer, FieldType, Json, Parsed, Question, refused
from padwijzer.forms.core.field_types.date import in_words, read_day, within_range
from padwijzer.forms.core.field_types.text import presence

SECOND_TIME: Final = " (wintertijd)"
WRITTEN = re.compile(r"(.+?)(?:T| om |, | )(\d{1,2})[:.](\d{2})(?::\d{2})?(?: uur)?( \(wintertijd\))?", re.ASCII)


def _parse(raw: object, _question: Question) -> Parsed:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return NOTHING
    if isinstance(raw, datetime):
        return _kept(raw)
    return _read(raw.strip()) if isinstance(raw, str) else refused("not_a_moment")


def _read(text: str) -> Parsed:
    if text[-1:] == "Z" or re.search(r"[+-]\d\d:\d\d$", text):
        try:
            return _kept(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            return refused("not_a_moment")
    match = WRITTEN.fullmatch(text)
    day = read_day(match[1]) if match else None
    if match is None or day is None or int(match[2]) > 23 or int(match[3]) > 59:
        return refused("not_a_moment")
    clock = time(int(match[2]), int(match[3]), fold=1 if match[4] else 0)
    return _kept(datetime.combine(day, clock))


def _kept(moment: datetime) -> Parsed:
    local = moment.replace(tzinfo=AMSTERDAM) if moment.tzinfo is None else moment.astimezone(AMSTERDAM)
    local = local.replace(second=0, microsecond=0)
    if not within_range(local.date()):
        return refused("date_out_of_range")
    kept = local.astimezone(UTC)
    if kept.astimezone(AMSTERDAM).replace(tzinfo=None) != local.replace(tzinfo=None):
        return refused("no_such_time")
    return Parsed(kept)


def _to_json(answer: Answer, _question: Question) -> Json:
    return answer.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(answer, datetime) else None


def _show(answer: Answer, _question: Question, _names: Mapping[str, str]) -> str:
    if not isinstance(answer, datetime):
        return ""
    local = answer.astimezone(AMSTERDAM)
    return f"{in_words(local.date())} om {local.hour}.{local:%M} uur{SECOND_TIME if local.fold else ''}"


def _schema(_question: Question) -> dict[str, Json]:
    return {"type": "string", "format": "date-time"}


FIELD_TYPE = FieldType(
    key="moment",
    parse=_parse,
    to_json=_to_json,
    show=_show,
    json_schema=_schema,
    values=presence,
    field_class="padwijzer.forms.date_fields.MomentBoxesField",
    widget="MomentBoxes",
)
