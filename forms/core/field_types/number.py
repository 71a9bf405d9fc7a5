"""A number with at most two digits after the comma, kept exactly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from padwijzer.forms.core.field_types import NOTHING, Answer, FieldType, Json, Parsed, Question, refused
from padwijzer.forms.core.field_types.text import presence

LARGEST: Final = Decimal(999_999_999)
WRITTEN = re.compile(r"-?\d{1,30}(?:[.,]\d{1,30})?", re.ASCII)
WITH_DOTS = re.compile(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?", re.ASCII)
DIGITS_KEPT: Final = 2


def _parse(raw: object, _question: Question) -> Parsed:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return NOTHING
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        return refused("not_a_number")
    text = raw.strip() if isinstance(raw, str) else format(Decimal(str(raw)), "f")
    if isinstance(raw, str) and WITH_DOTS.fullmatch(text):
        return refused("number_with_dots")
    if not WRITTEN.fullmatch(text):
        return refused("not_a_number")
    number = Decimal(text.replace(",", "."))
    if abs(number) > LARGEST:
        return refused("number_out_of_range")
    kept = round(number, DIGITS_KEPT)
    return Parsed(kept.normalize() + 0) if kept == number else refused("too_precise")


def _to_json(answer: Answer, _question: Question) -> Json:
    return format(answer, "f") if isinstance(answer, Decimal) else None


def _show(answer: Answer, _question: Question, _names: Mapping[str, str]) -> str:
    return format(answer, "f").replace(".", ",") if isinstance(answer, Decimal) else ""


def _schema(_question: Question) -> dict[str, Json]:
    return {"type": "string", "pattern": r"^-?[0-9]{1,9}(\.[0-9]{1,2})?$"}


FIELD_TYPE = FieldType(
    key="number",
    parse=_parse,
    to_json=_to_json,
    show=_show,
    json_schema=_schema,
    values=presence,
    field_class="django.forms.CharField",
    widget="NumberBox",
)
