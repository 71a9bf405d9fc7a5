"""Questions for tests of field types and answers."""

from typing import Any

from padwijzer.forms.core.field_types import Answer, Parsed, field_types, show
from padwijzer.forms.core.schema import Choice, Column, FieldSpec, Text

NAMES = {"p1": "Fenna", "p2": "Joris"}


def nl(words: str) -> Text:
    """A text in Dutch."""
    return (("nl", words),)


def some_choices(*keys: str) -> tuple[Choice, ...]:
    """Choices whose words are their keys in capitals."""
    return tuple(Choice(key, nl(key.upper())) for key in keys)


def a_column(key: str, kind: str = "text", **more: Any) -> Column:
    """A column of a rows field."""
    return Column(key, nl(key.capitalize()), kind, **more)


def a_question(kind: str, key: str = "x", **more: Any) -> FieldSpec:
    """A field of that type: choices `a`, `b`, `c`, or rungs, or columns for rows, unless others are given."""
    defaults: dict[str, dict[str, Any]] = {
        "choice": {"choices": some_choices("a", "b", "c")},
        "choices": {"choices": some_choices("a", "b", "c")},
        "ladder": {"choices": some_choices("t1", "t2", "t3", "none")},
        "rows": {"columns": (a_column("wie", "person"), a_column("wat"), a_column("op", "date", required=True))},
    }
    return FieldSpec(key, nl(key.capitalize()), kind, **{**defaults.get(kind, {}), **more})


def parsed(raw: object, question: FieldSpec) -> Parsed:
    """What its type makes of what was posted."""
    return field_types()[question.type].parse(raw, question)


def answer(raw: object, question: FieldSpec) -> Answer | None:
    """The typed answer to what was posted, which is right."""
    found = parsed(raw, question)
    assert found.faults == ()
    return found.value


def faults(raw: object, question: FieldSpec) -> list[tuple[str, str]]:
    """Codes and places of what is wrong."""
    return [(fault.code, fault.place) for fault in parsed(raw, question).faults]


def shown(raw: object, question: FieldSpec) -> str:
    """The answer to what was posted, in Dutch."""
    value = answer(raw, question)
    assert value is not None
    return show(value, question, NAMES)
