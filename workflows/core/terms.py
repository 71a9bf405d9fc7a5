"""
Terms: every duration that a path, a rule or a register works with, as data with its source.

No number of the law stands in code. A term says how long, on what ground, how sure that is, and whether its end moves
when it falls on a day on which the law lets no term end (Algemene termijnenwet, Atw).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from padwijzer.forms.core.nodes import Node, leave_out_defaults, parse
from padwijzer.forms.core.schema import Text
from padwijzer.workflows.core.calendars import read_day
from padwijzer.workflows.core.definition import DeadlineClass

SCHEMA_VERSION: Final = 1
LONGEST: Final = 9999
WRITTEN = re.compile(r"([1-9][0-9]{0,3})(wd|h|d|w|m|y)")


class Unit(StrEnum):
    """Hours are real time; the other units count calendar days in Europe/Amsterdam, `wd` only working days."""

    HOURS = "h"
    DAYS = "d"
    WORKING_DAYS = "wd"
    WEEKS = "w"
    MONTHS = "m"
    YEARS = "y"


IN_DUTCH: Final[Mapping[Unit, tuple[str, str]]] = {
    Unit.HOURS: ("uur", "uur"),
    Unit.DAYS: ("dag", "dagen"),
    Unit.WORKING_DAYS: ("werkdag", "werkdagen"),
    Unit.WEEKS: ("week", "weken"),
    Unit.MONTHS: ("maand", "maanden"),
    Unit.YEARS: ("jaar", "jaar"),
}
LONGEST_THAT_MOVES: Final[Mapping[Unit, int]] = {Unit.DAYS: 90, Unit.WEEKS: 12, Unit.MONTHS: 3}
"""Atw article 4 under a: longer terms, and terms in hours or years, do not move."""
SHORTEST_THAT_MOVES: Final = 7
"""Days. Shorter terms may also need the two open days of Atw article 2, which is not counted here."""


@dataclass(frozen=True, slots=True)
class Duration:
    """
    A length of time in one unit.

    Args:
        amount: 1 to 9999.
        unit: of what.

    Raises:
        ValueError: when the amount is out of range.
    """

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= LONGEST:
            message = f"A duration is 1 to {LONGEST} units long."
            raise ValueError(message)

    @classmethod
    def parse(cls, written: str) -> Duration:
        """
        A duration as it is written in data, for example `5wd`, `24h`, `8w`.

        Raises:
            ValueError: when it is none.
        """
        match = WRITTEN.fullmatch(written)
        if match is None:
            message = "A duration is a whole number and a unit: h, d, wd, w, m or y, for example 5wd."
            raise ValueError(message)
        return cls(int(match[1]), Unit(match[2]))

    def __str__(self) -> str:
        return f"{self.amount}{self.unit.value}"

    @property
    def months(self) -> int | None:
        """Its length in whole months, for months and years; None for the other units."""
        return {Unit.MONTHS: self.amount, Unit.YEARS: 12 * self.amount}.get(self.unit)

    def in_dutch(self) -> str:
        """In words, for example `5 werkdagen`."""
        return f"{self.amount} {IN_DUTCH[self.unit][self.amount != 1]}"


class Use(StrEnum):
    """What a term is for."""

    DEADLINE = "deadline"
    """Something is to be done within it."""
    BEFORE = "before"
    """Something appears that long before a date."""
    REPEAT = "repeat"
    """Something comes back after it."""
    LIMIT = "limit"
    """Something may not last longer."""
    LOOK_BACK = "look_back"
    """Something may not be longer ago."""
    AGE = "age"
    """An age, in months."""
    RETENTION = "retention"
    """A record is kept that long."""


@dataclass(frozen=True, slots=True)
class SuspensionGround:
    """Why a term may stand still. Args: key: stable key; text: in Dutch; source: article."""

    key: str
    text: Text
    source: str


@dataclass(frozen=True, slots=True)
class Term:
    """
    A duration with its meaning, ground and certainty.

    Args:
        key: stable English key.
        duration: how long.
        kind: from the law, a norm of the field, or policy.
        use: what it is for.
        text: what it is for, in words.
        moves: whether its end moves to the next day on which a term may end (Atw article 1).
        moves_ground: why it moves or stays, in Dutch.
        ground: requirements and rules it rests on, for example `C3`.
        source: the article, or where the number comes from.
        certainty: how sure the number is, in Dutch.
        verify: whether a legal reader must still confirm it before anyone relies on it.
        checked_on: when the source was last read; None when it was not.
        valid_from: first day on which this length holds; None when it always did as far as known.
        steps: where the domain's documents use it, for example `V12`.
        suspendable: grounds on which it may stand still.
        extendable: whether it may be lengthened once, before its end, with notice.
    """

    key: str
    duration: Duration
    kind: DeadlineClass
    use: Use
    text: Text
    moves: bool
    moves_ground: str
    ground: tuple[str, ...]
    source: str
    certainty: str
    verify: bool
    checked_on: date | None = None
    valid_from: date | None = None
    steps: tuple[str, ...] = ()
    suspendable: tuple[SuspensionGround, ...] = ()
    extendable: bool = False


class Terms(Mapping[str, Term]):
    """
    The terms of a release by key. Immutable.

    Args:
        terms: in the order of the file; no key twice.

    Raises:
        ValueError: when a key stands twice.
    """

    __slots__ = ("_terms",)

    def __init__(self, terms: tuple[Term, ...]) -> None:
        self._terms = {term.key: term for term in terms}
        if len(self._terms) != len(terms):
            message = "A key of a term stands twice."
            raise ValueError(message)

    def __getitem__(self, key: str) -> Term:
        return self._terms[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms)

    def __len__(self) -> int:
        return len(self._terms)

    def __hash__(self) -> int:
        return hash(frozenset(self._terms))


def load_terms(text: str | bytes) -> Terms:
    """
    The terms of a terms file.

    Args:
        text: the JSON document.

    Returns:
        The terms, by key.

    Raises:
        Unreadable: with the exact place of the first fault.
    """
    return read_terms(parse(text))


def read_terms(node: Node) -> Terms:
    """The terms of a parsed file. Raises: Unreadable with the exact place of the first fault."""
    node.object("$schema", required=("schema_version", "terms"))
    if node.child("schema_version").integer() != SCHEMA_VERSION:
        node.child("schema_version").refuse(f"Only version {SCHEMA_VERSION} can be read.")
    return Terms(tuple(_read_term(key, child) for key, child in node.child("terms").items()))


def write_terms(terms: Terms) -> dict[str, object]:
    """The terms as JSON values, defaults left out; `read_terms` reads the same terms back."""
    return {"schema_version": SCHEMA_VERSION, "terms": {key: _write_term(term) for key, term in terms.items()}}


def _read_term(key: str, node: Node) -> Term:
    node.object(
        "moves", "verify", "checked_on", "valid_from", "steps", "suspendable", "extendable",
        required=("duration", "kind", "use", "text", "moves_ground", "ground", "source", "certainty"),
    )  # fmt: skip
    Node(key, node.path).key()
    term = Term(
        key=key,
        duration=read_duration(node.child("duration")),
        kind=node.child("kind").member(DeadlineClass),
        use=node.child("use").member(Use),
        text=node.child("text").text(),
        moves=node.boolean("moves", default=False),
        moves_ground=_words(node.child("moves_ground")),
        ground=node.child("ground").list(_words, at_least=1),
        source=_words(node.child("source")),
        certainty=_words(node.child("certainty")),
        verify=node.boolean("verify", default=False),
        checked_on=_optional_day(node, "checked_on"),
        valid_from=_optional_day(node, "valid_from"),
        steps=node.optional_list("steps", _words),
        suspendable=node.optional_list("suspendable", _read_suspension_ground),
        extendable=node.boolean("extendable", default=False),
    )
    _refuse_contradictions(node, term)
    return term


def _refuse_contradictions(node: Node, term: Term) -> None:
    if term.moves:
        _refuse_moving(node.child("moves"), term)
    if term.use is Use.AGE and term.duration.unit is not Unit.MONTHS:
        node.child("duration").refuse("An age is written in months.")
    if term.suspendable and (term.use is not Use.DEADLINE or term.duration.unit is Unit.HOURS):
        node.child("suspendable").refuse("Only a deadline in days or longer can stand still.")
    if term.extendable and term.use is not Use.DEADLINE:
        node.child("extendable").refuse("Only a deadline can be extended.")
    keys = [ground.key for ground in term.suspendable]
    if len(set(keys)) != len(keys):
        node.child("suspendable").refuse("A ground stands twice here.")


def _refuse_moving(node: Node, term: Term) -> None:
    if term.kind is not DeadlineClass.STATUTORY or term.use is not Use.DEADLINE:
        node.refuse("Only a statutory deadline moves; norms, policy and terms counted back do not (Atw article 1).")
    longest = LONGEST_THAT_MOVES.get(term.duration.unit)
    if longest is None or term.duration.amount > longest:
        node.refuse("Atw article 4: terms in hours, working days or years, over 90 days, 12 weeks or 3 months stay.")
    if term.duration.unit is Unit.DAYS and term.duration.amount < SHORTEST_THAT_MOVES:
        node.refuse("A term shorter than a week needs the two open days of Atw article 2, which is not counted here.")


def read_duration(node: Node) -> Duration:
    """A duration. Raises: Unreadable when it is none."""
    try:
        return Duration.parse(node.string())
    except ValueError as error:
        node.refuse(str(error))


def _read_suspension_ground(node: Node) -> SuspensionGround:
    node.object(required=("key", "text", "source"))
    return SuspensionGround(node.child("key").key(), node.child("text").text(), _words(node.child("source")))


def _words(node: Node) -> str:
    words = node.string()
    if not words.strip():
        node.refuse("Words were expected here.")
    return words


def _optional_day(node: Node, key: str) -> date | None:
    return read_day(node.child(key)) if node.has(key) else None


def _write_term(term: Term) -> dict[str, object]:
    return leave_out_defaults(
        {
            "duration": str(term.duration),
            "kind": term.kind.value,
            "use": term.use.value,
            "text": dict(term.text),
            "moves": term.moves,
            "moves_ground": term.moves_ground,
            "ground": list(term.ground),
            "source": term.source,
            "certainty": term.certainty,
            "verify": term.verify,
            "checked_on": term.checked_on and term.checked_on.isoformat(),
            "valid_from": term.valid_from and term.valid_from.isoformat(),
            "steps": list(term.steps),
            "suspendable": [
                {"key": ground.key, "text": dict(ground.text), "source": ground.source} for ground in term.suspendable
            ],
            "extendable": term.extendable,
        }
    )
