"""Short text: one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from padwijzer.forms.core.field_types import (
    NOTHING,
    PRESENCE,
    Answer,
    Domain,
    FieldType,
    Json,
    Parsed,
    Question,
    refused,
)

LONGEST: Final = 500
"""Characters (Unicode code points)."""


def cleaned(raw: object, longest: int) -> Parsed:
    """
    Text as it is kept: line ends as line feeds, no white space around it; nothing else is changed.

    Args:
        raw: what was posted.
        longest: the limit in code points.
    """
    if raw is None:
        return NOTHING
    if not isinstance(raw, str):
        return refused("not_text")
    if "\x00" in raw or any(0xD800 <= ord(character) <= 0xDFFF for character in raw):
        return refused("unreadable_character")
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > longest:
        return refused("too_long", most=longest)
    return Parsed(text) if text else NOTHING


def as_it_is(answer: Answer, _question: Question) -> Json:
    """Text as JSON: itself."""
    return str(answer)


def shown(answer: Answer, _question: Question, _names: Mapping[str, str]) -> str:
    """Text as it was written."""
    return str(answer)


def presence(_question: Question) -> Domain:
    """A proof sees only whether there is an answer."""
    return PRESENCE


def _parse(raw: object, _question: Question) -> Parsed:
    parsed = cleaned(raw, LONGEST)
    if isinstance(parsed.value, str) and len(parsed.value.splitlines()) > 1:
        return refused("one_line")
    return parsed


def _schema(_question: Question) -> dict[str, Json]:
    return {"type": "string", "maxLength": LONGEST}


FIELD_TYPE = FieldType(
    key="text",
    parse=_parse,
    to_json=as_it_is,
    show=shown,
    json_schema=_schema,
    values=presence,
    field_class="django.forms.CharField",
    widget="ShortText",
)
