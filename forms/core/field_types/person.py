"""One person of the case, kept as the id of that person's row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from padwijzer.forms.core.field_types import NOTHING, Answer, FieldType, Json, Parsed, Question, refused
from padwijzer.forms.core.field_types.text import as_it_is, presence

LONGEST_ID: Final = 64
NAMELESS: Final = "onbekende persoon"


def is_id(raw: object) -> bool:
    """Whether this can be the id of a row: printable ASCII without white space, at most 64 characters."""
    return isinstance(raw, str) and 0 < len(raw) <= LONGEST_ID and all("!" <= character <= "~" for character in raw)


def _parse(raw: object, _question: Question) -> Parsed:
    if raw is None or raw == "":
        return NOTHING
    return Parsed(raw) if isinstance(raw, str) and is_id(raw) else refused("not_a_person")


def _show(answer: Answer, _question: Question, names: Mapping[str, str]) -> str:
    return names.get(str(answer), NAMELESS)


def _schema(_question: Question) -> dict[str, Json]:
    return {"type": "string", "minLength": 1, "maxLength": LONGEST_ID}


FIELD_TYPE = FieldType(
    key="person",
    parse=_parse,
    to_json=as_it_is,
    show=_show,
    json_schema=_schema,
    values=presence,
    field_class="django.forms.ChoiceField",
    widget="choice_widget",
)
