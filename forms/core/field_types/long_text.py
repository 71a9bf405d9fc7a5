"""Long text: any number of lines."""

from __future__ import annotations

from typing import Final

from padwijzer.forms.core.field_types import FieldType, Json, Parsed, Question
from padwijzer.forms.core.field_types.text import as_it_is, cleaned, presence, shown

LONGEST: Final = 20_000
"""Characters (Unicode code points)."""


def _parse(raw: object, _question: Question) -> Parsed:
    return cleaned(raw, LONGEST)


def _schema(_question: Question) -> dict[str, Json]:
    return {"type": "string", "maxLength": LONGEST}


FIELD_TYPE = FieldType(
    key="long_text",
    parse=_parse,
    to_json=as_it_is,
    show=shown,
    json_schema=_schema,
    values=presence,
    field_class="django.forms.CharField",
    widget="LongText",
)
