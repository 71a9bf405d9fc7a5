"""Any number of persons of the case, kept as the set of the ids of their rows."""

from __future__ import annotations

from collections.abc import Mapping

from padwijzer.forms.core.field_types import NOTHING, Answer, FieldType, Json, Parsed, Question, refused
from padwijzer.forms.core.field_types.choices import as_set, sorted_list
from padwijzer.forms.core.field_types.person import LONGEST_ID, NAMELESS, is_id
from padwijzer.forms.core.field_types.text import presence


def _parse(raw: object, _question: Question) -> Parsed:
    if raw is None:
        return NOTHING
    chosen = as_set(raw)
    if chosen is None or not all(map(is_id, chosen)):
        return refused("not_a_person")
    return Parsed(frozenset[str | int](chosen)) if chosen else NOTHING


def _show(answer: Answer, _question: Question, names: Mapping[str, str]) -> str:
    chosen = answer if isinstance(answer, frozenset) else frozenset()
    return ", ".join(sorted(names.get(str(person), NAMELESS) for person in chosen))


def _schema(_question: Question) -> dict[str, Json]:
    return {
        "type": "array",
        "uniqueItems": True,
        "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_ID},
    }


FIELD_TYPE = FieldType(
    key="persons",
    parse=_parse,
    to_json=sorted_list,
    show=_show,
    json_schema=_schema,
    values=presence,
    field_class="django.forms.MultipleChoiceField",
    widget="ManyChoices",
)
