"""
Raw answers: what stands in the boxes, before it is judged. A draft keeps them; typed answers become them to be shown.

A raw answer is what a widget reads and `forms.core.answers` accepts: text, a list of texts, a list of mappings for
rows, a mapping for a ladder, or a file that was stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias

from padwijzer.forms.core.answers import UNKNOWN_POSTED
from padwijzer.forms.core.conditions import Unknown
from padwijzer.forms.core.field_types import (
    AMSTERDAM,
    Answer,
    FileAnswer,
    LadderAnswer,
    Question,
    RowAnswer,
    field_types,
)
from padwijzer.forms.core.field_types.consent import COLUMNS as CONSENT_COLUMNS
from padwijzer.forms.core.field_types.moment import SECOND_TIME
from padwijzer.forms.core.field_types.rows import KEY, MOST
from padwijzer.forms.core.schema import Column, FieldSpec, FormSpec

Raw: TypeAlias = object
LONGEST_KEPT: Final = 100_000
"""Characters of one text that a draft keeps: five times what any answer may have."""
MOST_MEMBERS: Final = 1_000


def columns_of(question: Question) -> tuple[Column, ...]:
    """The columns of rows or of consents; none for another type."""
    if question.type == "consent":
        return CONSENT_COLUMNS
    return question.columns if isinstance(question, FieldSpec) else ()


def raw_of(answer: Answer, question: Question) -> Raw:
    """A typed answer as it stands in its boxes; read again it is the same answer."""
    match answer:
        case Unknown():
            return UNKNOWN_POSTED
        case Decimal():
            return format(answer, "f").replace(".", ",")
        case datetime():
            local = answer.astimezone(AMSTERDAM)
            return f"{local:%Y-%m-%dT%H:%M}{SECOND_TIME if local.fold else ''}"
        case FileAnswer():
            return answer
        case tuple():
            return [_row(row, columns_of(question)) for row in answer]
        case _:
            return field_types()[question.type].to_json(answer, question)


def shaped(raw: Raw, question: Question) -> Raw:
    """
    A raw answer that its widget can show, whatever was kept: what has another shape is left out.

    Args:
        raw: a member of a draft.
        question: what it answers.
    """
    if raw == UNKNOWN_POSTED:
        return raw
    match question.type:
        case "choices" | "persons":
            return _texts(raw)
        case "rows" | "consent":
            rows = raw[:MOST] if isinstance(raw, list | tuple) else ()
            return [_shaped_row(row, columns_of(question)) for row in rows if isinstance(row, Mapping)]
        case "ladder":
            return _shaped_ladder(raw)
        case "file":
            parsed = field_types()["file"].parse(raw, question).value
            return parsed if isinstance(parsed, FileAnswer) else None
        case _:
            return raw if isinstance(raw, str) else ""


def storable(raw: Raw) -> Raw:
    """
    A raw answer as JSON that any database keeps.

    NUL and lone surrogates, which cannot be kept, become U+FFFD, and a text longer than `LONGEST_KEPT` is cut there:
    no such answer can be right, and the question is asked again with what is left of it.
    """
    match raw:
        case str():
            text = raw[:LONGEST_KEPT]
            return "".join(
                "\ufffd" if character == "\x00" or "\ud800" <= character <= "\udfff" else character
                for character in text
            )
        case FileAnswer():
            return {"id": raw.id, "name": storable(raw.name)}
        case Mapping():
            return {str(storable(str(key))): storable(value) for key, value in list(raw.items())[:MOST_MEMBERS]}
        case list() | tuple():
            return [storable(member) for member in raw[:MOST_MEMBERS]]
        case bool() | int():
            return raw
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Draft:
    """
    What was filled in so far, right or wrong.

    Args:
        values: key of a question to its raw answer, for each question whose page was sent.
        confirmed: keys of the questions whose known answer was confirmed.
    """

    values: Mapping[str, Raw] = field(default_factory=dict, repr=False)
    confirmed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, form: FormSpec, data: object) -> Draft:
        """The draft in its JSON; what the form does not have, or has another shape, is left out."""
        stored = data if isinstance(data, Mapping) else {}
        values, confirmed = stored.get("values"), stored.get("confirmed")
        return cls(
            {
                spec.key: shaped(values[spec.key], spec)
                for spec in form.fields
                if isinstance(values, Mapping) and spec.key in values
            },
            frozenset(_texts(confirmed)) & {spec.key for spec in form.fields},
        )

    def to_json(self) -> dict[str, object]:
        """The draft as JSON, for `of`."""
        values = {key: storable(value) for key, value in self.values.items()}
        return {"values": values, "confirmed": sorted(self.confirmed)}


def is_empty(raw: Raw) -> bool:
    """Whether nothing was filled in: no text, nothing chosen, no cell of any row, no rung and no reason."""
    match raw:
        case None | "" | False:
            return True
        case Mapping():
            return all(is_empty(value) for key, value in raw.items() if key != KEY)
        case list() | tuple() | frozenset():
            return all(is_empty(member) for member in raw)
        case str():
            return not raw.strip()
        case _:
            return False


def _row(row: RowAnswer, columns: tuple[Column, ...]) -> dict[str, Raw]:
    asked = {column.key: column for column in columns}
    cells = {key: raw_of(value, asked[key]) for key, value in row.cells if key in asked}
    return cells | ({KEY: row.id} if row.id else {})


def _shaped_row(row: Mapping[str, Raw], columns: tuple[Column, ...]) -> dict[str, Raw]:
    cells = {column.key: shaped(row.get(column.key), column) for column in columns if column.key in row}
    return cells | ({KEY: row[KEY]} if isinstance(row.get(KEY), str) and row[KEY] else {})


def _shaped_ladder(raw: Raw) -> Raw:
    if isinstance(raw, LadderAnswer):
        return raw_of(raw, FieldSpec("", (), "ladder"))
    if not isinstance(raw, Mapping):
        return {"chosen": "", "below": []}
    rows = raw.get("below")
    below = [
        {
            "rung": row["rung"],
            "reason": row["reason"] if isinstance(row.get("reason"), str) else "",
            "reason_kinds": _texts(row.get("reason_kinds")),
        }
        for row in (rows[:MOST] if isinstance(rows, list | tuple) else ())
        if isinstance(row, Mapping) and isinstance(row.get("rung"), str)
    ]
    return {"chosen": raw["chosen"] if isinstance(raw.get("chosen"), str) else "", "below": below}


def _texts(raw: Raw) -> list[str]:
    members = raw[:MOST_MEMBERS] if isinstance(raw, list | tuple) else ()
    return [member for member in members if isinstance(member, str)]
