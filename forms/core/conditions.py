"""
Conditions: a closed tree of *fact – operator – value*, with all, any and not.

A condition never fails and never loops. It answers true, false or unknown (strong Kleene logic): what is not
answered is unknown, and a rule acts on true only. This module knows no fact; it asks a `Lookup`.

Source of the meaning: Kleene, "Introduction to Metamathematics" (1952), section 64, for the three values.
"""

from __future__ import annotations

from collections.abc import Collection as Container
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Final, Protocol, TypeAlias

Truth: TypeAlias = bool | None
"""True, false, or None for unknown."""

Scalar: TypeAlias = str | int | Decimal | date | datetime
"""One value of a fact or a column: a choice key, a person's id, `ja`/`nee`, a number, a date or a moment."""


class Unknown(Enum):
    """The value of what has not been answered, is hidden, or was answered with "weet ik niet"."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = Unknown.UNKNOWN

Value: TypeAlias = Scalar | frozenset[Scalar] | Unknown
"""What a fact or a column can be: one scalar, a set of scalars (possibly empty), or unknown."""


class Operator(StrEnum):
    """How a fact is compared with a value."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    ANSWERED = "answered"
    NOT_ANSWERED = "not_answered"
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    ANOTHER_THAN = "another_than"


class SetOperator(StrEnum):
    """How a set (persons, choices) is compared with another."""

    CONTAINS_ALL = "contains_all"
    CONTAINS_ANY = "contains_any"
    CONTAINS_NONE = "contains_none"
    SUBSET_OF = "subset_of"


class Quantifier(StrEnum):
    """How many rows must answer to a filter."""

    ANY = "any"
    ALL = "all"
    NONE = "none"


class CountOperator(StrEnum):
    """How a number of rows is compared with a constant of at most ten."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    FEWER_THAN = "fewer_than"


@dataclass(frozen=True, slots=True)
class FactRef:
    """
    A named fact with its arguments, for example the age of the child of this run.

    Args:
        name: key of the fact in the catalogue, for example `age` or `answer`.
        arguments: named arguments in alphabetical order; keys, groups or constants, never conditions.
    """

    name: str
    arguments: tuple[tuple[str, str | int | tuple[str, ...]], ...] = ()

    def argument(self, name: str, default: str = "") -> str:
        """The argument of that name as text, or the default."""
        for key, value in self.arguments:
            if key == name:
                return value if isinstance(value, str) else str(value)
        return default

    def persons(self, name: str) -> tuple[str, ...]:
        """The argument of that name as a tuple of keys, empty when it was not given."""
        for key, value in self.arguments:
            if key == name:
                return value if isinstance(value, tuple) else (str(value),)
        return ()


@dataclass(frozen=True, slots=True)
class TermRef:
    """
    A duration from the terms file: by key, by the choice made in a field, or by a municipal setting.

    Exactly one of the three is filled.
    """

    key: str = ""
    field: str = ""
    by_choice: tuple[tuple[str, str], ...] = ()
    setting: str = ""


@dataclass(frozen=True, slots=True)
class Offset:
    """A date fact plus (`sign` 1) or minus (`sign` -1) a term."""

    fact: FactRef
    sign: int
    term: TermRef


Right: TypeAlias = Scalar | tuple[Scalar, ...] | FactRef | Offset | None
"""The right-hand side of a comparison; None for `answered` and `not_answered`."""


@dataclass(frozen=True, slots=True)
class Compare:
    """A fact compared with a constant, constants, another fact, or a date fact moved by a term."""

    fact: FactRef
    operator: Operator
    value: Right = None


@dataclass(frozen=True, slots=True)
class ColumnCompare:
    """A column of a row compared; the operator may be a set operator when the column holds a set."""

    column: str
    operator: Operator | SetOperator
    value: Right = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A flat list of column comparisons, joined by all or any."""

    joined: Quantifier
    parts: tuple[ColumnCompare, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """
    Rows to ask about: a register, the children of the case, or the rows of one field.

    Args:
        register: key of the register, or `children`; empty for the rows of a field.
        field: key of a rows field, `field` of this step or `activity.field` of another.
        round: which round of that field is read: `this`, `previous` or `latest`.
    """

    register: str = ""
    field: str = ""
    round: str = "this"


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows compared with a constant from 0 to 10."""

    operator: CountOperator
    number: int


@dataclass(frozen=True, slots=True)
class Rows:
    """A question about the rows of a collection: any, all, none, or how many answer to the filter."""

    collection: Collection
    question: Quantifier | Count
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class Projection:
    """The set of values in one column of the rows that answer to the filter."""

    column: str
    collection: Collection
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class SetCompare:
    """A set of persons or choices compared with another set."""

    left: Projection | FactRef
    operator: SetOperator
    right: Projection | FactRef | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is true; false when one is false."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when one part is true; false when every part is false."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Always:
    """Always true."""


Condition: TypeAlias = All | AnyOf | Not | Always | Compare | Rows | SetCompare
ALWAYS: Final = Always()


class Lookup(Protocol):
    """What a condition asks the world."""

    def fact(self, ref: FactRef) -> Value:
        """The value of a fact, or `UNKNOWN`."""

    def rows(self, collection: Collection) -> Sequence[Mapping[str, Value]]:
        """The rows of a collection, each a mapping of column to value."""

    def shifted(self, day: date, sign: int, term: TermRef) -> date | None:
        """A date moved by a term; None when the term itself is not known yet (a choice not made)."""


def evaluate(condition: Condition, lookup: Lookup) -> Truth:
    """
    Whether a condition holds.

    Args:
        condition: the tree.
        lookup: where facts and rows come from.

    Returns:
        True, False, or None when it is unknown.
    """
    match condition:
        case Always():
            return True
        case All(parts):
            return _all(evaluate(part, lookup) for part in parts)
        case AnyOf(parts):
            return _any(evaluate(part, lookup) for part in parts)
        case Not(part):
            return _not(evaluate(part, lookup))
        case Compare(fact, operator, value):
            return _compare(lookup.fact(fact), operator, _right(value, lookup))
        case Rows(collection, question, where):
            return _rows([_matches(row, where, lookup) for row in lookup.rows(collection)], question)
        case SetCompare(left, operator, right):
            return _sets(_as_set(left, lookup), operator, _as_set(right, lookup))


def matching(rows: Sequence[Mapping[str, Value]], where: Filter | None, lookup: Lookup) -> list[Mapping[str, Value]]:
    """The rows that certainly answer to a filter, in their order; without a filter all of them."""
    return [row for row in rows if _matches(row, where, lookup) is True]


def atoms(condition: Condition | None) -> Iterator[Compare | Rows | SetCompare]:
    """Every comparison in a condition, from left to right."""
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from atoms(part)
        case Not(part):
            yield from atoms(part)
        case Compare() | Rows() | SetCompare():
            yield condition
        case Always() | None:
            return


def depth(condition: Condition) -> int:
    """How deep the tree is; a single comparison is 1."""
    match condition:
        case All(parts) | AnyOf(parts):
            return 1 + max((depth(part) for part in parts), default=0)
        case Not(part):
            return 1 + depth(part)
        case _:
            return 1


def references(condition: Condition | None) -> Iterator[FactRef | Collection]:
    """Every fact and collection that a condition reads, filters and right-hand sides included."""
    for atom in atoms(condition):
        match atom:
            case Compare(fact, _, value):
                yield fact
                yield from _value_references(value)
            case Rows(collection, _, where):
                yield collection
                yield from _filter_references(where)
            case SetCompare(left, _, right):
                yield from _set_references(left)
                yield from _set_references(right)


def term_references(condition: Condition | None) -> Iterator[TermRef]:
    """Every term that a condition uses."""
    for atom in atoms(condition):
        for value in _right_hand_sides(atom):
            if isinstance(value, Offset):
                yield value.term


def _right_hand_sides(atom: Compare | Rows | SetCompare) -> list[Right]:
    match atom:
        case Compare(_, _, value):
            return [value]
        case Rows(_, _, where):
            return _filter_values(where)
        case SetCompare(left, _, right):
            return [
                value
                for side in (left, right)
                if isinstance(side, Projection)
                for value in _filter_values(side.where)
            ]


def _filter_values(where: Filter | None) -> list[Right]:
    return [part.value for part in where.parts] if where else []


def _set_references(side: Projection | FactRef | tuple[Scalar, ...]) -> Iterator[FactRef | Collection]:
    match side:
        case Projection(_, collection, where):
            yield collection
            yield from _filter_references(where)
        case FactRef():
            yield side
        case _:
            return


def _filter_references(where: Filter | None) -> Iterator[FactRef | Collection]:
    for part in where.parts if where else ():
        yield from _value_references(part.value)


def _value_references(value: Right) -> Iterator[FactRef | Collection]:
    match value:
        case FactRef():
            yield value
        case Offset(fact):
            yield fact
        case _:
            return


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _all(truths: Iterator[Truth]) -> Truth:
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def _any(truths: Iterator[Truth]) -> Truth:
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def _rows(truths: list[Truth], question: Quantifier | Count) -> Truth:
    if isinstance(question, Count):
        return _count(truths, question)
    match question:
        case Quantifier.ANY:
            return _any(iter(truths))
        case Quantifier.NONE:
            return _not(_any(iter(truths)))
        case Quantifier.ALL:
            # Nobody having to agree is not everybody agreeing.
            return _all(iter(truths)) if truths else None


def _count(truths: list[Truth], count: Count) -> Truth:
    certain = truths.count(True)
    possible = certain + truths.count(None)
    match count.operator:
        case CountOperator.AT_LEAST:
            low, high = certain >= count.number, possible >= count.number
        case CountOperator.MORE_THAN:
            low, high = certain > count.number, possible > count.number
        case CountOperator.FEWER_THAN:
            low, high = certain < count.number, possible < count.number
    return low if low == high else None


def _matches(row: Mapping[str, Value], where: Filter | None, lookup: Lookup) -> Truth:
    if where is None:
        return True
    truths = (_column(row, part, lookup) for part in where.parts)
    return _all(truths) if where.joined is Quantifier.ALL else _any(truths)


def _column(row: Mapping[str, Value], part: ColumnCompare, lookup: Lookup) -> Truth:
    left = row.get(part.column, UNKNOWN)
    right = _right(part.value, lookup)
    if isinstance(part.operator, SetOperator):
        return _sets(_set_of(left), part.operator, _set_of(right))
    return _compare(left, part.operator, right)


def _right(value: Right, lookup: Lookup) -> Value:
    match value:
        case None:
            return UNKNOWN
        case tuple():
            return frozenset(value)
        case FactRef():
            return lookup.fact(value)
        case Offset(fact, sign, term):
            day = lookup.fact(fact)
            if not isinstance(day, date):
                return UNKNOWN
            shifted = lookup.shifted(_day(day), sign, term)
            return UNKNOWN if shifted is None else shifted
        case _:
            return value


def _compare(left: Value, operator: Operator, right: Value) -> Truth:
    match operator:
        case Operator.ANSWERED:
            return is_answered(left)
        case Operator.NOT_ANSWERED:
            return not is_answered(left)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    match operator:
        case Operator.IS:
            return _same(left, right)
        case Operator.IS_NOT | Operator.ANOTHER_THAN:
            return not _same(left, right)
        case Operator.IN | Operator.NOT_IN:
            members: Container[Scalar] = right if isinstance(right, frozenset) else (right,)
            found = left in members
            return found if operator is Operator.IN else not found
        case _:
            return _ordered(left, operator, right)


def is_answered(value: Value) -> bool:
    """Whether there is an answer: not unknown, not an empty text, not an empty set."""
    return not isinstance(value, Unknown) and value not in ("", frozenset())


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, date) and isinstance(right, date):
        return _day(left) == _day(right)
    return left == right


def _ordered(left: Value, operator: Operator, right: Value) -> Truth:
    if isinstance(left, date) and isinstance(right, date):
        left, right = _day(left), _day(right)
    numbers = isinstance(left, int | Decimal) and isinstance(right, int | Decimal)
    dates = isinstance(left, date) and isinstance(right, date)
    texts = isinstance(left, str) and isinstance(right, str)
    if not (numbers or dates or texts):
        return None
    difference = (left > right) - (left < right)  # type: ignore[operator] # the three lines above made them alike
    match operator:
        case Operator.LESS:
            return difference < 0
        case Operator.AT_MOST:
            return difference <= 0
        case Operator.MORE:
            return difference > 0
        case _:
            return difference >= 0


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _set_of(value: Value) -> frozenset[Scalar] | None:
    if isinstance(value, Unknown):
        return None
    return value if isinstance(value, frozenset) else frozenset((value,))


def _as_set(side: Projection | FactRef | tuple[Scalar, ...], lookup: Lookup) -> frozenset[Scalar] | None:
    match side:
        case tuple():
            return frozenset(side)
        case FactRef():
            return _set_of(lookup.fact(side))
        case Projection(column, collection, where):
            found: set[Scalar] = set()
            for row in lookup.rows(collection):
                if _matches(row, where, lookup) is True:
                    found |= _set_of(row.get(column, UNKNOWN)) or frozenset()
            return frozenset(found)


def _sets(left: frozenset[Scalar] | None, operator: SetOperator, right: frozenset[Scalar] | None) -> Truth:
    if left is None or right is None:
        return None
    match operator:
        case SetOperator.CONTAINS_ALL:
            # An empty group is nobody: "all of nobody" must not satisfy a safeguard.
            return right <= left if right else None
        case SetOperator.CONTAINS_ANY:
            return bool(left & right)
        case SetOperator.CONTAINS_NONE:
            return not left & right
        case SetOperator.SUBSET_OF:
            return left <= right if left else False
