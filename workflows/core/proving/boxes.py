"""
Boxes: sets of possible values, and conditions that divide them.

A fact holds the set of the values that it can still have, as a bit mask. A condition divides a box of facts into the
boxes for which it is true, false or unknown (strong Kleene logic). Nothing is ever turned into normal form, and a
fact that is not in a box can still be anything.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from padwijzer.forms.core.conditions import Truth

Box: TypeAlias = "dict[str, int]"
"""Fact to the mask of its possible values; a fact that is absent can be any of its values."""


@dataclass(frozen=True, slots=True)
class Known:
    """A condition whose truth is the same everywhere. Args: truth: which."""

    truth: Truth


@dataclass(frozen=True, slots=True)
class Some:
    """A condition of which it is only known how true it can be. Args: truths: which, in the order of `TRUTHS`."""

    truths: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """
    A comparison of one fact.

    Args:
        fact: name of the fact.
        true: mask of the values for which it is true.
        false: mask of those for which it is false; for all others it is unknown.
    """

    fact: str
    true: int
    false: int


@dataclass(frozen=True, slots=True)
class Both:
    """True when every part is true; false when one is false."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """True when one part is true; false when every part is false."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    """The opposite; unknown stays unknown."""

    part: Formula


Formula: TypeAlias = Known | Some | Within | Both | Either | Opposite
TRUE = Known(True)
FALSE = Known(False)
UNKNOWN = Known(None)
TRUTHS: Final[tuple[Truth, ...]] = (True, False, None)
Divided: TypeAlias = "list[tuple[Truth, Box]]"


def divide(formula: Formula, box: Box, full: Mapping[str, int]) -> Divided:
    """
    Divide a box by a condition.

    Args:
        formula: the condition.
        box: the values that are possible.
        full: fact to the mask of all its values.

    Returns:
        The parts that are not empty, each with how true the condition can be in it. Together they are the box.
    """
    match formula:
        case Known(truth):
            return [(truth, box)]
        case Some(truths):
            return [(truth, box) for truth in truths]
        case Within(fact, true, false):
            known = box.get(fact)
            possible = full[fact] if known is None else known
            found: Divided = []
            for truth, mask in (
                (True, possible & true),
                (False, possible & false),
                (None, possible & ~(true | false)),
            ):
                if mask == possible:
                    return [(truth, box)]
                if mask:
                    found.append((truth, {**box, fact: mask}))
            return found
        case Opposite(part):
            return [(None if truth is None else not truth, rest) for truth, rest in divide(part, box, full)]
        case Both(parts):
            return _joined(parts, box, full, stop=False)
        case Either(parts):
            return _joined(parts, box, full, stop=True)


def _joined(parts: Sequence[Formula], box: Box, full: Mapping[str, int], *, stop: bool) -> Divided:
    """Walk the parts; a box for which one of them decides is done with."""
    done: Divided = []
    rest: Divided = [(not stop, box)]
    for part in parts:
        further: Divided = []
        for so_far, open_ in rest:
            for truth, smaller in divide(part, open_, full):
                if truth is stop:
                    done.append((stop, smaller))
                else:
                    further.append((None if truth is None or so_far is None else so_far, smaller))
        rest = further
    return [*done, *rest]


def both(*parts: Formula) -> Formula:
    """All of these, as short as it can be said."""
    kept = [part for part in parts if part != TRUE]
    if FALSE in kept:
        return FALSE
    return TRUE if not kept else kept[0] if len(kept) == 1 else Both(tuple(kept))


def either(*parts: Formula) -> Formula:
    """One of these, as short as it can be said."""
    kept = [part for part in parts if part != FALSE]
    if TRUE in kept:
        return TRUE
    return FALSE if not kept else kept[0] if len(kept) == 1 else Either(tuple(kept))


def facts_of(formula: Formula) -> Iterator[str]:
    """The facts that a condition asks, from left to right."""
    match formula:
        case Within(fact):
            yield fact
        case Opposite(part):
            yield from facts_of(part)
        case Both(parts) | Either(parts):
            for part in parts:
                yield from facts_of(part)
        case Known() | Some():
            return


def cut(formula: Formula, kept: Container[str], full: Mapping[str, int]) -> Formula:
    """
    A condition that looks only at some facts: of all else it is only known how true it can be.

    Args:
        formula: the condition.
        kept: names of the facts that it goes on looking at.
        full: fact to the mask of all its values.

    Returns:
        A condition that can be whatever the first one can be, in each box of the facts that are kept.
    """
    match formula:
        case Within(fact, true, false) if fact not in kept:
            masks = zip(TRUTHS, (true, false, ~(true | false)), strict=True)
            return _some(truth for truth, mask in masks if full[fact] & mask)
        case Opposite(part):
            smaller = cut(part, kept, full)
            if isinstance(smaller, Known | Some):
                return _some(None if truth is None else not truth for truth in _truths(smaller))
            return Opposite(smaller)
        case Both(parts):
            return _gathered(Both, [cut(part, kept, full) for part in parts], stop=False)
        case Either(parts):
            return _gathered(Either, [cut(part, kept, full) for part in parts], stop=True)
        case _:
            return formula


def _gathered(kind: type[Both | Either], parts: Sequence[Formula], *, stop: bool) -> Formula:
    """Parts of which only is known how true they can be become one, which stands first."""
    truths: set[Truth] = {not stop}
    rest: list[Formula] = []
    for part in parts:
        if isinstance(part, Known | Some):
            truths = {
                stop if stop in (one, other) else None if None in (one, other) else not stop
                for one in truths
                for other in _truths(part)
            }
        else:
            rest.append(part)
    first = _some(truths)
    if not rest or first == Known(stop):
        return first
    if first != Known(not stop):
        rest.insert(0, first)
    return rest[0] if len(rest) == 1 else kind(tuple(rest))


def _truths(formula: Known | Some) -> tuple[Truth, ...]:
    return formula.truths if isinstance(formula, Some) else (formula.truth,)


def _some(truths: Iterable[Truth]) -> Known | Some:
    found = set(truths)
    return Known(found.pop()) if len(found) == 1 else Some(tuple(truth for truth in TRUTHS if truth in found))
