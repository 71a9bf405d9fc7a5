"""Any number of a list of choices, kept as the set of their keys."""

from __future__ import annotations

from collections.abc import Mapping

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
from padwijzer.forms.core.field_types.choice import keys, labels


def as_set(raw: object) -> frozenset[str] | None:
    """The texts in what was posted: one, or a list or set of them; None when it holds something else."""
    members = [raw] if isinstance(raw, str) else raw
    if not isinstance(members, list | tuple | set | frozenset):
        return None
    texts = [member for member in members if isinstance(member, str)]
    return frozenset(texts) - {""} if len(texts) == len(members) else None


def sorted_list(answer: Answer, _question: Question) -> Json:
    """A set as JSON: a sorted list."""
    return sorted(str(member) for member in answer) if isinstance(answer, frozenset) else []


def _parse(raw: object, question: Question) -> Parsed:
    if raw is None:
        return NOTHING
    chosen = as_set(raw)
    if chosen is None or not chosen <= frozenset(keys(question)):
        return refused("no_such_choice")
    return Parsed(frozenset[str | int](chosen)) if chosen else NOTHING


def _show(answer: Answer, question: Question, _names: Mapping[str, str]) -> str:
    chosen = answer if isinstance(answer, frozenset) else frozenset()
    return ", ".join(words for key, words in labels(question).items() if key in chosen)


def _schema(question: Question) -> dict[str, Json]:
    return {"type": "array", "uniqueItems": True, "items": {"type": "string", "enum": list(keys(question))}}


def _values(question: Question) -> Domain:
    return Domain(DomainKind.SEVERAL, keys(question))


FIELD_TYPE = FieldType(
    key="choices",
    parse=_parse,
    to_json=sorted_list,
    show=_show,
    json_schema=_schema,
    values=_values,
    field_class="django.forms.MultipleChoiceField",
    widget="ManyChoices",
)
