"""What a form must know of its case: who can be chosen, what is known, what conditions see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.utils.translation import get_language

from padwijzer.forms.core.conditions import FactRef, Lookup
from padwijzer.forms.core.field_types import Answer, with_lists
from padwijzer.forms.core.schema import Choice, FormSpec, Text, in_language
from padwijzer.forms.core.visibility import LookupFor
from padwijzer.forms.lists import shipped_lists

EVERYBODY: Final = ""
"""Group of all persons of the case."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be chosen. Args: id: id of the person's row; details: who it is, for example `moeder`."""

    id: str
    name: str = field(repr=False)
    details: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """
    An answer that is known from earlier, to be confirmed with one click.

    Args:
        value: the answer.
        source: from where, in words, for example `stap 1, door A. Bakker`.
        on: since when it is known.
        stays: for rows: whether they are kept elsewhere, and so cannot be taken away here.
    """

    value: Answer = field(repr=False)
    source: str = field(default="", repr=False)
    on: date | None = None
    stays: bool = False


@dataclass(frozen=True, slots=True)
class FormContext:
    """
    What a form must know of its case.

    Args:
        lookup_for: makes the lookup that conditions ask, for the answers that count.
        today: the day, in Europe/Amsterdam.
        persons: group to its persons in the order to show; `""` is everybody in the case and must be there. The
            members of a group that is not there are asked of the lookup.
        known: key of a question about what stays true (nature `attribute`) to what is known of it.
        lists: key of a list to its choices; None for the shipped ones.
        language: code of the language of labels; empty is the active one.
    """

    lookup_for: LookupFor
    today: date
    persons: Mapping[str, tuple[Person, ...]] = field(default_factory=dict, repr=False)
    known: Mapping[str, Known] = field(default_factory=dict, repr=False)
    lists: Mapping[str, tuple[Choice, ...]] | None = field(default=None, repr=False)
    language: str = ""

    def people(self, group: str, lookup: Lookup) -> tuple[Person, ...]:
        """The persons of a group, in the order to show."""
        if group in self.persons or group == EVERYBODY:
            return self.persons.get(group, ())
        members = lookup.fact(FactRef("persons", (("group", group),)))
        return self.of(members if isinstance(members, frozenset) else frozenset())

    def of(self, ids: frozenset[Any]) -> tuple[Person, ...]:
        """The persons with these ids, in the order to show."""
        return tuple(person for person in self.persons.get(EVERYBODY, ()) if person.id in ids)

    def names(self) -> dict[str, str]:
        """Id of each person to the name."""
        return {person.id: person.name for group in self.persons.values() for person in group}

    def words(self, text: Text) -> str:
        """A text in the language of the form."""
        return in_language(text, self.language or (get_language() or "nl").split("-")[0])

    def filled(self, form: FormSpec) -> FormSpec:
        """The form with the choices of its lists filled in."""
        needed = any(spec.choice_list or any(column.choice_list for column in spec.columns) for spec in form.fields)
        return with_lists(form, shipped_lists() if self.lists is None else self.lists) if needed else form
