"""A file, kept as the id of the stored document and its name. Its content is read and judged elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from padwijzer.forms.core.field_types import (
    NOTHING,
    Answer,
    FieldType,
    FileAnswer,
    Json,
    Parsed,
    Question,
    refused,
)
from padwijzer.forms.core.field_types.person import LONGEST_ID, is_id
from padwijzer.forms.core.field_types.text import cleaned, presence

LONGEST_NAME: Final = 255


def _parse(raw: object, _question: Question) -> Parsed:
    if raw is None or raw == "":
        return NOTHING
    if isinstance(raw, FileAnswer):
        raw = {"id": raw.id, "name": raw.name}
    if not isinstance(raw, Mapping) or not is_id(raw.get("id")):
        return refused("not_a_file")
    name = cleaned(raw.get("name"), LONGEST_NAME)
    if not isinstance(name.value, str):
        return Parsed(faults=name.faults) if name.faults else refused("not_a_file")
    return Parsed(FileAnswer(str(raw["id"]), name.value))


def _to_json(answer: Answer, _question: Question) -> Json:
    return {"id": answer.id, "name": answer.name} if isinstance(answer, FileAnswer) else None


def _show(answer: Answer, _question: Question, _names: Mapping[str, str]) -> str:
    return answer.name if isinstance(answer, FileAnswer) else ""


def _schema(_question: Question) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {
            "id": {"type": "string", "minLength": 1, "maxLength": LONGEST_ID},
            "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
        },
        "required": ["id", "name"],
        "additionalProperties": False,
    }


FIELD_TYPE = FieldType(
    key="file",
    parse=_parse,
    to_json=_to_json,
    show=_show,
    json_schema=_schema,
    values=presence,
    field_class="django.forms.FileField",
    widget="FileUpload",
    column=False,
)
