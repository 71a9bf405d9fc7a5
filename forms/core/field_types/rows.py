"""
Repeating rows of a few questions each.

A row that was kept before has its identity under `__key`, and keeps it: a row that is carried to a later step stays
the same row. A row in which nothing is answered is no row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from padwijzer.forms.core.conditions import Scalar, Unknown, Value
from padwijzer.forms.core.field_types import (
    NOTHING,
    Answer,
    Fault,
    FieldType,
    FileAnswer,
    Json,
    LadderAnswer,
    Parsed,
    Question,
    RowAnswer,
    field_types,
    refused,
)
from padwijzer.forms.core.field_types.person import LONGEST_ID, is_id
from padwijzer.forms.core.field_types.text import presence
from padwijzer.forms.core.schema import Column, FieldSpec, in_language, labelled

MOST: Final = 50
KEY: Final = "__key"
LINES: Final = "\n"


def parse_rows(raw: object, columns: Sequence[Column], *, given: str = "", keep_bare: bool = False) -> Parsed:
    """
    Rows out of a list of mappings.

    Args:
        raw: what was posted.
        columns: the questions of a row.
        given: a column that is filled in beforehand, and so does not make a row answered by itself.
        keep_bare: whether a row with nothing but that column is a row all the same.

    Returns:
        A tuple of rows, or faults with the place of each.
    """
    if raw is None or raw == "":
        return NOTHING
    if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw):
        return refused("not_rows")
    if len(raw) > MOST:
        return refused("too_many_rows", most=MOST)
    rows: list[RowAnswer] = []
    faults: list[Fault] = []
    for number, posted in enumerate(raw):
        cells, wrong = _cells(posted, number, columns)
        answered = {key for key, _ in cells} - ({given} if given and not keep_bare else set())
        if not answered and not wrong:
            continue
        lacking = [column.key for column in columns if column.required and column.key not in dict(cells)]
        told = {fault.place for fault in wrong}
        wrong += [fault for key in lacking if (fault := Fault("missing").at(number, key)).place not in told]
        key = posted.get(KEY) or ""
        if key and (not is_id(key) or key in {row.id for row in rows}):
            wrong.append(Fault("row_twice").at(number, columns[0].key))
        faults += wrong
        rows.append(RowAnswer(str(key), cells))
    if faults:
        return Parsed(faults=tuple(faults))
    return Parsed(tuple(rows)) if rows else NOTHING


def rows_to_json(answer: Answer, columns: Sequence[Column]) -> Json:
    """Rows as a list of objects, each with its identity under `__key` when it has one."""
    rows = answer if isinstance(answer, tuple) else ()
    asked = {column.key: column for column in columns}
    return [
        {
            **{key: field_types()[asked[key].type].to_json(value, asked[key]) for key, value in row.cells},
            **({KEY: row.id} if row.id else {}),
        }
        for row in rows
    ]


def show_rows(answer: Answer, columns: Sequence[Column], names: Mapping[str, str]) -> str:
    """One line for each row: `question: answer; question: answer`."""
    rows = answer if isinstance(answer, tuple) else ()
    return LINES.join(
        "; ".join(
            labelled(in_language(column.label), field_types()[column.type].show(value, column, names))
            for column in columns
            if not isinstance(value := row.get(column.key), Unknown)
        )
        for row in rows
    )


def rows_schema(columns: Sequence[Column]) -> dict[str, Json]:
    """JSON Schema of a list of rows."""
    properties: dict[str, Json] = {column.key: field_types()[column.type].json_schema(column) for column in columns}
    return {
        "type": "array",
        "maxItems": MOST,
        "items": {
            "type": "object",
            "properties": {**properties, KEY: {"type": "string", "minLength": 1, "maxLength": LONGEST_ID}},
            "required": [column.key for column in columns if column.required],
            "additionalProperties": False,
        },
    }


def _cells(
    posted: Mapping[str, object], number: int, columns: Sequence[Column]
) -> tuple[tuple[tuple[str, Value], ...], list[Fault]]:
    cells: list[tuple[str, Value]] = []
    faults: list[Fault] = []
    for column in columns:
        parsed = field_types()[column.type].parse(posted.get(column.key), column)
        faults += [fault.at(number, column.key) for fault in parsed.faults]
        if (value := _cell(parsed.value)) is not None:
            cells.append((column.key, value))
    return tuple(cells), faults


def _cell(value: Answer | None) -> Scalar | frozenset[Scalar] | None:
    return None if isinstance(value, Unknown | tuple | LadderAnswer | FileAnswer) else value


def _columns(question: Question) -> tuple[Column, ...]:
    return question.columns if isinstance(question, FieldSpec) else ()


def _parse(raw: object, question: Question) -> Parsed:
    columns = _columns(question)
    if isinstance(question, FieldSpec) and question.each is not None:
        return parse_rows(raw, columns, given=columns[0].key, keep_bare=question.required)
    return parse_rows(raw, columns)


def _to_json(answer: Answer, question: Question) -> Json:
    return rows_to_json(answer, _columns(question))


def _show(answer: Answer, question: Question, names: Mapping[str, str]) -> str:
    return show_rows(answer, _columns(question), names)


def _schema(question: Question) -> dict[str, Json]:
    return rows_schema(_columns(question))


FIELD_TYPE = FieldType(
    key="rows",
    parse=_parse,
    to_json=_to_json,
    show=_show,
    json_schema=_schema,
    values=presence,
    field_class="django.forms.Field",
    widget="Rows",
    column=False,
)
