"""Yes or no, kept as `ja` or `nee`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from padwijzer.forms.core.field_types import (
    NOTHING,
    Answer,
    Domain,
    DomainKind,
    FieldType,
    Json,
    Parsed,
    Question,
    refused,
)
from padwijzer.forms.core.field_types.text import as_it_is

YES: Final = "ja"
NO: Final = "nee"


def _parse(raw: object, _question: Question) -> Parsed:
    if raw is None or raw == "":
        return NOTHING
    if isinstance(raw, bool):
        return Parsed(YES if raw else NO)
    if isinstance(raw, str) and raw.strip().lower() in (YES, NO):
        return Parsed(raw.strip().lower())
    return refused("not_yes_no")


def _show(answer: Answer, _question: Question, _names: Mapping[str, str]) -> str:
    return str(answer).capitalize()


def _schema(_question: Question) -> dict[str, Json]:
    return {"type": "string", "enum": [YES, NO]}


def _values(_question: Question) -> Domain:
    return Domain(DomainKind.ONE, (YES, NO))


FIELD_TYPE = FieldType(
    key="yes_no",
    parse=_parse,
    to_json=as_it_is,
    show=_show,
    json_schema=_schema,
    values=_values,
    field_class="django.forms.ChoiceField",
    widget="YesNo",
)
