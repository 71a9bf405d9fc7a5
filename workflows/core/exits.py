"""
Exits: which way on is taken, and which can be taken at all.

The list is read from the top (rules Exit-1 and Exit-2 of the language): the first exit whose condition is true is
taken, and reading never goes past an unknown condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, TypeAlias

from padwijzer.forms.core.conditions import (
    UNKNOWN,
    All,
    Always,
    AnyOf,
    Compare,
    Condition,
    FactRef,
    Not,
    Operator,
    Rows,
    Scalar,
    SetCompare,
    Truth,
    Value,
    atoms,
    evaluate,
)
from padwijzer.forms.core.conditions import Collection as RowsOf
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.core.definition import Activity, Detour, Interrupt, Target

MOST_VALUATIONS: Final = 20_000
"""Above this number of combinations of answers nothing is said: too cautious never means wrong here."""

Atom: TypeAlias = Compare | Rows | SetCompare


@dataclass(frozen=True, slots=True)
class Taken:
    """The exit that is taken. Args: index: its number from 0; target: where it leads."""

    index: int
    target: Target


@dataclass(frozen=True, slots=True)
class UnknownExit:
    """Reading stopped: whether this exit is to be taken is unknown. Args: index: its number from 0."""

    index: int


def choose_exit(activity: Activity, truth: Callable[[Condition], Truth], after: int = -1) -> Taken | UnknownExit:
    """
    The exit that a completed step takes.

    Args:
        activity: the step; its last exit has no condition.
        truth: whether a condition holds on the state after storing.
        after: number of the exit after which reading goes on; -1 reads from the top.

    Returns:
        The exit taken, or the exit at which reading stopped because its condition is unknown.

    Raises:
        ValueError: when no exit is left, which compiling excludes.
    """
    for index, exit_ in enumerate(activity.exits):
        if index <= after:
            continue
        holds = True if exit_.when is None else truth(exit_.when)
        if holds is None:
            return UnknownExit(index)
        if holds:
            return Taken(index, exit_.target)
    message = f"Step {activity.key} has no exit left after number {after}."
    raise ValueError(message)


@dataclass(frozen=True, slots=True)
class ExitStudy:
    """
    What is known about the exits of one step from its own choices.

    Args:
        never: numbers of exits that no combination of answers reaches.
        unknown: number of an exit to the answers under which reading stops there, the first of each.
        certain: whether only choices of the step itself were looked at, so that every combination can occur.
    """

    never: tuple[int, ...]
    unknown: tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
    certain: bool


def study_exits(activity: Activity, values: Mapping[str, Sequence[str]]) -> ExitStudy | None:
    """
    Try every combination of answers that the exits can see.

    Answers of this step that are hidden are unknown; questions about anything else are taken as free, true or false.

    Args:
        activity: the step.
        values: choices by key of each choice or yes/no field of this step.

    Returns:
        What was found, or None when there are more than 20,000 combinations.
    """
    fields = {field.key: field for field in activity.fields if field.key in values}
    conditions = [exit_.when for exit_ in activity.exits if exit_.when is not None]
    read, free = _read_by(conditions, fields)
    options: list[Sequence[str | None]] = [_options(fields[key], values[key]) for key in read]
    size = 2 ** len(free)
    for choices in options:
        size *= len(choices)
    if size > MOST_VALUATIONS:
        return None
    reached: set[int] = set()
    stopped: dict[int, tuple[tuple[str, str], ...]] = {}
    for answers in product(*options):
        for truths in product((True, False), repeat=len(free)):
            given = _visible(dict(zip(read, answers, strict=True)), fields, dict(zip(free, truths, strict=True)))
            _read_list(activity, given, reached, stopped)
    never = tuple(index for index in range(len(activity.exits)) if index not in reached)
    return ExitStudy(never, tuple(sorted(stopped.items())), certain=not free)


@dataclass(frozen=True, slots=True)
class _Given:
    answers: Mapping[str, str | None]
    truths: Mapping[Atom, bool]

    def fact(self, ref: FactRef) -> Value:
        answer = self.answers.get(ref.argument("field"))
        return UNKNOWN if answer is None else answer

    def rows(self, collection: RowsOf) -> Sequence[Mapping[str, Value]]:
        raise AssertionError  # pragma: no cover - questions about rows are put in before evaluating

    def shifted(self, day: object, sign: int, term: object) -> None:
        raise AssertionError  # pragma: no cover - and so are those about dates

    def truth(self, condition: Condition) -> Truth:
        return evaluate(self.put_in(condition), self)

    def put_in(self, condition: Condition) -> Condition:
        match condition:
            case All(parts):
                return All(tuple(self.put_in(part) for part in parts))
            case AnyOf(parts):
                return AnyOf(tuple(self.put_in(part) for part in parts))
            case Not(part):
                return Not(self.put_in(part))
            case Compare() | Rows() | SetCompare() if condition in self.truths:
                return Always() if self.truths[condition] else Not(Always())
            case _:
                return condition


def own_answer(ref: FactRef) -> str:
    """Key of the field of this step and this round that the fact reads; empty when it reads something else."""
    if ref.name != "answer" or ref.argument("round", "this") != "this":
        return ""
    field = ref.argument("field")
    return "" if "." in field else field


def _own_choice(atom: Atom, fields: Mapping[str, FieldSpec]) -> str:
    if not isinstance(atom, Compare) or atom.operator not in _OF_A_CHOICE:
        return ""
    field = own_answer(atom.fact)
    constant = atom.value is None or isinstance(atom.value, str | tuple)
    return field if field in fields and constant else ""


_OF_A_CHOICE: Final = (
    Operator.IS, Operator.IS_NOT, Operator.IN, Operator.NOT_IN, Operator.ANSWERED, Operator.NOT_ANSWERED,
)  # fmt: skip


def _read_by(conditions: Sequence[Condition], fields: Mapping[str, FieldSpec]) -> tuple[list[str], list[Atom]]:
    read: dict[str, None] = {}
    free: dict[Atom, None] = {}
    waiting = list(conditions)
    while waiting:
        for atom in atoms(waiting.pop(0)):
            key = _own_choice(atom, fields)
            if not key:
                free[atom] = None
            elif key not in read:
                read[key] = None
                shown_if = fields[key].shown_if
                if shown_if is not None:
                    waiting.append(shown_if)
    return list(read), list(free)


def _options(field: FieldSpec, values: Sequence[str]) -> Sequence[str | None]:
    return values if field.required and not field.may_be_unknown else (*values, None)


def _visible(answers: dict[str, str | None], fields: Mapping[str, FieldSpec], truths: Mapping[Atom, bool]) -> _Given:
    shown = dict(answers)
    for _ in answers:  # a chain of questions that hide each other settles within their number
        given = _Given(shown, truths)
        shown = {
            key: answer if (when := fields[key].shown_if) is None or given.truth(when) else None
            for key, answer in answers.items()
        }
    return _Given(shown, truths)


def _read_list(
    activity: Activity, given: _Given, reached: set[int], stopped: dict[int, tuple[tuple[str, str], ...]]
) -> None:
    for index, exit_ in enumerate(activity.exits):
        holds = True if exit_.when is None else given.truth(exit_.when)
        if holds is None:
            stopped.setdefault(
                index, tuple((key, value) for key, value in given.answers.items() if value is not None)
            )
            return
        if holds:
            reached.add(index)
            if not isinstance(exit_.target, Detour | Interrupt):
                return


def choices_of(field: FieldSpec, lists: Mapping[str, Sequence[str]] | None = None) -> tuple[str, ...]:
    """The values a field of type choice or yes/no can have; empty when they are not known here."""
    if field.type == "yes_no":
        return ("ja", "nee")
    if field.type not in ("choice", "choices"):
        return ()
    if field.choice_list:
        return tuple((lists or {}).get(field.choice_list, ()))
    return tuple(choice.key for choice in field.choices)


def constants(value: object) -> Iterator[Scalar]:
    """The constants on the right-hand side of a comparison."""
    if isinstance(value, tuple):
        yield from value
    elif isinstance(value, str | int):
        yield value
