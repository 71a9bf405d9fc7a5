"""
Field types: what can be asked, one file for each; the folder is the registry.

A type reads what was posted, keeps it as JSON that RFC 8785 accepts, shows it in Dutch, says which values a proof
must consider, and names the Django field and widget that ask it. It knows no Django, no case and no other field.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from padwijzer.forms.core.conditions import UNKNOWN, Scalar, Unknown, Value
from padwijzer.forms.core.schema import Choice, Column, FieldSpec, FormSpec

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
NONE_FITS: Final = "none"
"""The choice of a ladder that says that no rung fits."""

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"
Question: TypeAlias = FieldSpec | Column
"""What is asked: a field, or a column of a rows field."""


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """A file that was uploaded. Args: id: id of the stored document; name: what the user called it."""

    id: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """
    One row of a rows field.

    Args:
        id: its identity, which it keeps when it is carried on; empty for a row that was just added.
        cells: column and value, in the order of the columns; an unanswered cell is left out.
    """

    id: str
    cells: tuple[tuple[str, Value], ...] = field(repr=False)

    def get(self, column: str) -> Value:
        """The value in a column, or unknown."""
        return next((value for key, value in self.cells if key == column), UNKNOWN)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rung of a ladder that does not fit, and why. Args: reason_kinds: the meaning of the reason, as keys."""

    rung: str
    reason: str = field(default="", repr=False)
    reason_kinds: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class LadderAnswer:
    """
    The rung that was chosen on a ladder, and every rung below it with why it does not fit.

    Args:
        chosen: key of a rung, or `none`.
        below: the lower rungs in order; all of them, reasons given or not.
    """

    chosen: str
    below: tuple[Rejection, ...] = ()


Answer: TypeAlias = Scalar | frozenset[Scalar] | Unknown | tuple[RowAnswer, ...] | LadderAnswer | FileAnswer
"""One answer. `UNKNOWN` is the answer "weet ik niet"; a question without an answer has none."""


def msgid(sentence: str) -> str:
    """Marks a sentence for translation by who shows it; the sentence itself."""
    return sentence


SENTENCES: Final[Mapping[str, str]] = {
    "missing": msgid("Answer this question."),
    "must_be_known": msgid("“I do not know” is no answer here."),
    "not_text": msgid("Write this as text."),
    "one_line": msgid("Write this on one line."),
    "unreadable_character": msgid("This text holds a character that cannot be kept."),
    "too_long": msgid("This is too long. Use at most %(most)s characters."),
    "not_yes_no": msgid("Choose yes or no."),
    "no_such_choice": msgid("Choose one of the answers."),
    "not_a_date": msgid("Write a date, for example 21 11 2026."),
    "not_a_moment": msgid("Write a date and a time, for example 21 11 2026, 10:30."),
    "no_such_time": msgid("This time does not exist: the clock goes from 2:00 to 3:00 that night."),
    "date_out_of_range": msgid("Choose a date from 1900 to 2199."),
    "not_a_number": msgid("Write a number, for example 12 or 12,5."),
    "number_with_dots": msgid("Write the number without dots, for example 1250."),
    "too_precise": msgid("Use at most 2 digits after the comma."),
    "number_out_of_range": msgid("This number is too large or too small."),
    "not_a_person": msgid("Choose somebody from the list."),
    "not_in_group": msgid("Choose somebody who can be chosen here."),
    "nobody": msgid("There is nobody yet to answer this for. First add the persons and who has authority."),
    "each_person": msgid("Fill this in for every person."),
    "person_twice": msgid("This person stands here twice."),
    "not_rows": msgid("Fill in at least one row."),
    "too_many_rows": msgid("Use at most %(most)s rows."),
    "row_twice": msgid("This row stands here twice."),
    "carried_row_lacks": msgid("A row from an earlier step may not be removed."),
    "not_a_file": msgid("Choose a file."),
}
"""Code of a fault to its English sentence, which is shown translated."""


@dataclass(frozen=True, slots=True)
class Fault:
    """
    What is wrong with an answer. It never holds the answer itself.

    Args:
        code: a key of `SENTENCES`.
        place: for rows: `<row>.<column>`, rows counted from 0.
        parameters: names and values for the sentence.
    """

    code: str
    place: str = ""
    parameters: tuple[tuple[str, int], ...] = ()

    @property
    def sentence(self) -> str:
        """The English sentence to translate, with its parameters still open."""
        return SENTENCES[self.code]

    def at(self, row: int, column: str) -> Fault:
        """The same fault in a cell of a rows field."""
        return replace(self, place=f"{row}.{column}")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What parsing gave. Args: value: the typed answer, None when nothing was answered; faults: what is wrong."""

    value: Answer | None = field(default=None, repr=False)
    faults: tuple[Fault, ...] = ()


NOTHING: Final = Parsed()


def refused(code: str, **parameters: int) -> Parsed:
    """A parse that failed."""
    return Parsed(faults=(Fault(code, "", tuple(sorted(parameters.items()))),))


class DomainKind(StrEnum):
    """How a proof must look at a question."""

    ONE = "one"
    SEVERAL = "several"
    PRESENCE = "presence"


@dataclass(frozen=True, slots=True)
class Domain:
    """
    The values that a proof must consider; that there may be no answer always comes on top.

    Args:
        kind: exactly one of the values, any number of them, or only whether there is an answer.
        values: keys of choices; empty when only presence counts.
    """

    kind: DomainKind
    values: tuple[str, ...] = ()


PRESENCE: Final = Domain(DomainKind.PRESENCE)


@dataclass(frozen=True, slots=True)
class FieldType:
    """
    A type of field.

    Args:
        key: stable key, the name of its file.
        parse: what was posted, or JSON, to a typed answer or faults.
        to_json: a typed answer to JSON: fractions as text, dates as ISO 8601, sets as sorted lists.
        show: a typed answer in Dutch; the mapping gives the names of persons by id.
        json_schema: JSON Schema (2020-12) of the JSON form.
        values: what a proof must consider.
        field_class: dotted name of its Django form field.
        widget: name of its widget in `forms.widgets`.
        column: whether a column of a rows field may be of this type.
    """

    key: str
    parse: Callable[[object, Question], Parsed]
    to_json: Callable[[Answer, Question], Json]
    show: Callable[[Answer, Question, Mapping[str, str]], str]
    json_schema: Callable[[Question], dict[str, Json]]
    values: Callable[[Question], Domain]
    field_class: str
    widget: str
    column: bool = True

    def from_json(self, data: Json, question: Question) -> Answer:
        """
        The typed answer that was kept as JSON.

        Raises:
            ValueError: when it is no answer of this type.
        """
        parsed = self.parse(data, question)
        if parsed.value is None or parsed.faults:
            message = f"What is kept for {question.key} is no {self.key}."
            raise ValueError(message)
        return parsed.value


@cache
def field_types() -> Mapping[str, FieldType]:
    """Every field type by key, read from the files of this folder."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        field_type: FieldType = import_module(f"{__name__}.{module.name}").FIELD_TYPE
        found[field_type.key] = field_type
    return found


def show(answer: Answer, question: Question, names: Mapping[str, str]) -> str:
    """An answer in Dutch, "Weet ik niet" included. Args: names: names of persons by id."""
    if isinstance(answer, Unknown):
        return "Weet ik niet"
    return field_types()[question.type].show(answer, question, names)


def options(question: Question) -> tuple[Choice, ...]:
    """
    What can be chosen.

    Raises:
        ValueError: when its list was not filled in yet (`with_lists`).
    """
    if question.choice_list and not question.choices:
        message = f"The list {question.choice_list} of {question.key} was not filled in."
        raise ValueError(message)
    return question.choices


def with_lists(form: FormSpec, lists: Mapping[str, tuple[Choice, ...]]) -> FormSpec:
    """
    The form with the choices of its lists filled in.

    Args:
        form: what is asked.
        lists: choices by key of a list.

    Raises:
        KeyError: when a list is missing.
    """

    def filled(choices: tuple[Choice, ...], key: str) -> tuple[Choice, ...]:
        return lists[key] if key and not choices else choices

    return FormSpec(
        tuple(
            replace(
                spec,
                choices=filled(spec.choices, spec.choice_list),
                columns=tuple(
                    replace(column, choices=filled(column.choices, column.choice_list)) for column in spec.columns
                ),
            )
            for spec in form.fields
        )
    )


def plain(answer: Answer | None) -> Value:
    """
    What a condition sees of an answer.

    A ladder is its chosen rung, a file its id, a moment that moment in Europe/Amsterdam (so that its day is the day
    on the calendar there), and rows the set of their ids or, for new rows, their numbers: enough to see presence.
    """
    match answer:
        case None:
            return UNKNOWN
        case LadderAnswer(chosen):
            return chosen
        case FileAnswer(id):
            return id
        case tuple():
            return frozenset(row.id or str(number) for number, row in enumerate(answer))
        case datetime():
            return answer.astimezone(AMSTERDAM)
        case _:
            return answer


def rows_of(answer: Answer | None) -> tuple[Mapping[str, Value], ...]:
    """
    The rows of an answer, as a condition asks about them.

    Rows have their columns and `id`. A set has one row per member, in the columns `id` and `value`. A ladder has one
    row for each rung below the chosen one, with `rung`, `position` (from 1), `chosen` (`nee`), `rejected` (`ja`),
    `reason` and `reason_kinds`.
    """
    match answer:
        case tuple():
            return tuple({**{key: plain(value) for key, value in row.cells}, "id": row.id} for row in answer)
        case frozenset():
            return tuple({"value": member, "id": member} for member in sorted(answer, key=str))
        case LadderAnswer():
            return tuple(_rungs(answer))
        case _:
            return ()


def _rungs(answer: LadderAnswer) -> Iterator[dict[str, Value]]:
    for position, below in enumerate(answer.below, 1):
        yield {
            "rung": below.rung,
            "position": position,
            "chosen": "nee",
            "rejected": "ja",
            "reason": below.reason or UNKNOWN,
            "reason_kinds": below.reason_kinds or UNKNOWN,
        }


def rungs_of(answer: LadderAnswer) -> tuple[Mapping[str, Value], ...]:
    """The rungs of a ladder up to and including the chosen one, as rows; none is chosen when none fits."""
    rows: list[Mapping[str, Value]] = list(_rungs(answer))
    if answer.chosen != NONE_FITS:
        rows.append({"rung": answer.chosen, "position": len(rows) + 1, "chosen": "ja", "rejected": "nee"})
    return tuple(rows)
