"""
What each person who must consent said: rows with fixed columns, those of the register of consents.

A talk, a letter or a message counts; a signature is not required. `deels` and `niet_bereikt` are no consent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from padwijzer.forms.core.field_types import Answer, FieldType, Json, Parsed, Question
from padwijzer.forms.core.field_types.rows import parse_rows, rows_schema, rows_to_json, show_rows
from padwijzer.forms.core.field_types.text import presence
from padwijzer.forms.core.schema import Choice, Column, FieldSpec, Text


def _nl(words: str) -> Text:
    return (("nl", words),)


ANSWERS: Final = (
    Choice("akkoord", _nl("Ja, akkoord")),
    Choice("deels", _nl("Deels")),
    Choice("nee", _nl("Nee")),
    Choice("niet_bereikt", _nl("Niet bereikt")),
)
MANNERS: Final = (Choice("gesprek", _nl("Gesprek")), Choice("brief", _nl("Brief")), Choice("app", _nl("App")))
COLUMNS: Final = (
    Column("person", _nl("Wie"), "person", required=True),
    Column("answer", _nl("Antwoord"), "choice", choices=ANSWERS, required=True),
    Column("on", _nl("Datum"), "date", required=True),
    Column("manner", _nl("Hoe"), "choice", choices=MANNERS),
    Column("own_words", _nl("In eigen woorden"), "long_text"),
)
"""The questions about each person."""


def _parse(raw: object, question: Question) -> Parsed:
    keep_bare = isinstance(question, FieldSpec) and question.required
    return parse_rows(raw, COLUMNS, given=COLUMNS[0].key, keep_bare=keep_bare)


def _to_json(answer: Answer, _question: Question) -> Json:
    return rows_to_json(answer, COLUMNS)


def _show(answer: Answer, _question: Question, names: Mapping[str, str]) -> str:
    return show_rows(answer, COLUMNS, names)


def _schema(_question: Question) -> dict[str, Json]:
    return rows_schema(COLUMNS)


FIELD_TYPE = FieldType(
    key="consent",
    parse=_parse,
    to_json=_to_json,
    show=_show,
    json_schema=_schema,
    values=presence,
    field_class="django.forms.Field",
    widget="Rows",
    column=False,
)
