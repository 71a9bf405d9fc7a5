"""What is asked: fields and the choices, columns and rows they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from padwijzer.forms.core.conditions import Condition, FactRef

Text: TypeAlias = tuple[tuple[str, str], ...]
"""A text in one or more languages: pairs of language code and words, in alphabetical order; `nl` is there."""


def in_language(text: Text, language: str = "nl") -> str:
    """The words in that language, or in Dutch where it lacks them; empty for no text."""
    words = dict(text)
    return words.get(language) or words.get("nl", "")


def labelled(label: str, words: str) -> str:
    """Words behind their label; a label that ends as a sentence gets no colon after it."""
    return f"{label} {words}" if label.endswith(("?", "!", ".")) else f"{label}: {words}"


class Scope(StrEnum):
    """To what an answer belongs: this step, the family, one child, or the case."""

    STEP = "step"
    FAMILY = "family"
    CHILD = "child"
    CASE = "case"


class Nature(StrEnum):
    """An attribute stays true until it changes and is prefilled; an act was done once and is asked anew."""

    ATTRIBUTE = "attribute"
    ACT = "act"


class Privacy(StrEnum):
    """How sensitive an answer is: it decides who may see it (GDPR articles 4, 9; Jeugdwet 7.3)."""

    ORDINARY = "ordinary"
    PERSONAL = "personal"
    SPECIAL = "special"
    SECRET_ADDRESS = "secret_address"  # noqa: S105 - the class of an address that is kept secret, no password


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a choice: a stable key and its words."""

    key: str
    label: Text


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column of a field with repeating rows.

    Args:
        key: stable key.
        label: the words above it.
        type: key of a field type that is no rows and no file.
        choices: the options, for a choice.
        choice_list: key of a list kept as data, instead of own choices.
        required: whether a row without it is refused.
        persons: which persons may be chosen, for a person: key of a group, for example `family`.
    """

    key: str
    label: Text
    type: str
    choices: tuple[Choice, ...] = ()
    choice_list: str = ""
    required: bool = False
    persons: str = ""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """
    One question of a step.

    Args:
        key: stable key, kept from the domain's own data (Dutch), unique in its step.
        label: the question.
        type: key of a field type, for example `choice`.
        help: a sentence or two under the question.
        choices: the options of a choice, in order.
        choice_list: key of a list kept as data, instead of own choices.
        columns: the columns of repeating rows.
        each: for rows: one row for each person of this group, and no others can be added.
        persons: for a person or persons: which group may be chosen; empty is everybody in the case.
        required: whether the step can be completed without it while it is shown.
        may_be_unknown: whether "weet ik niet" is an answer.
        shown_if: hidden unless this is true. Hidden is not asked, not required, not stored.
        scope: to what the answer belongs.
        nature: attribute (prefilled) or act (asked anew).
        carried: `activity.field` whose rows are carried on, each keeping its identity.
        default: `today`, for a date that is filled in beforehand.
        saved_alone: can be saved as final before the rest of the step; it has a day of its own then.
        privacy: how sensitive it is.
        why: the requirement or rule for which it is asked, for example `R66`.
    """

    key: str
    label: Text
    type: str
    help: Text = ()
    choices: tuple[Choice, ...] = ()
    choice_list: str = ""
    columns: tuple[Column, ...] = ()
    each: FactRef | None = None
    persons: str = ""
    required: bool = False
    may_be_unknown: bool = False
    shown_if: Condition | None = None
    scope: Scope = Scope.STEP
    nature: Nature = Nature.ACT
    carried: str = ""
    default: str = ""
    saved_alone: bool = False
    privacy: Privacy = Privacy.PERSONAL
    why: str = ""


@dataclass(frozen=True, slots=True)
class FormSpec:
    """The questions of one step, in order."""

    fields: tuple[FieldSpec, ...] = ()

    def field(self, key: str) -> FieldSpec | None:
        """The field of that key, if the form has it."""
        return next((field for field in self.fields if field.key == key), None)
