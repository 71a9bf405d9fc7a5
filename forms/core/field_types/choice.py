"""One of a list of choices, kept as its key."""

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
    options,
    refused,
)
from padwijzer.forms.core.field_types.text import as_it_is
from padwijzer.forms.core.schema import in_language


def keys(question: Question) -> tuple[str, ...]:
    """The keys of what can be chosen, in order."""
    return tuple(option.key for option in options(question))


def labels(question: Question) -> dict[str, str]:
    """Key of each choice to its Dutch words, in order."""
    return {option.key: in_language(option.label) for option in options(question)}


def _parse(raw: object, question: Question) -> Parsed:
    if raw is None or raw == "":
        return NOTHING
    if isinstance(raw, str) and raw in keys(question):
        return Parsed(raw)
    return refused("no_such_choice")


def _show(answer: Answer, question: Question, _names: Mapping[str, str]) -> str:
    return labels(question).get(str(answer), str(answer))


def _schema(question: Question) -> dict[str, Json]:
    return {"type": "string", "enum": list(keys(question))}


def _values(question: Question) -> Domain:
    return Domain(DomainKind.ONE, keys(question))


FIELD_TYPE = FieldType(
    key="choice",
    parse=_parse,
    to_json=as_it_is,
    show=_show,
    json_schema=_schema,
    values=_values,
    field_class="django.forms.ChoiceField",
    widget="choice_widget",
)
