"""
Exits: which way on is taken, and which can be taken at all.

The list is read from the top (rules Exit-1 and Exit-2 of the language): the first exit whose condition is true is
taken, and reading never goes past an unknown condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final, TypeAlias

from padwijzer.forms.core.conditions import (
    ALWAYS,
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
from padwijzer.workflows.core.definition import Activity, Detour, Effect, Interrupt, Rule, Target
from padwijzer.workflows.core.graph import needs_person

MOST_VALUATIONS: Final = 20_000
"""Above this number of combinations of answers nothing is said: too cautious never means wrong here."""
MOST_WITH_MORE: Final = 2_000
"""The same where more than the exits and the step's own choices are looked at."""

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
    What is known about the exits of one step from what its conditions can see.

    Args:
        never: numbers of exits that no combination of answers reaches.
        unknown: number of an exit to the answers under which reading stops there, the first of each.
        certain: whether only choices of the step itself were looked at, so that every combination can occur.
        shut: numbers of exits that are reached only where a rule blocks the step.
        blocked: whether a rule blocks the step under every combination.
    """

    never: tuple[int, ...]
    unknown: tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
    certain: bool
    shut: tuple[int, ...] = ()
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """
    What is known of what a condition reads beside the choices of its own step.

    Args:
        values: fact to everything it can be here, `UNKNOWN` included where it can be that.
        false: questions that are never true here.
    """

    values: Mapping[FactRef, Sequence[Value]]
    false: frozenset[Atom] = frozenset()


NOTHING: Final = Beside({})


def study_exits(
    activity: Activity, values: Mapping[str, Sequence[str]], beside: Beside = NOTHING
) -> ExitStudy | None:
    """
    Try every combination of answers that the exits, and the rules that block, can see.

    Answers of this step that are hidden are unknown; questions about what is not known are taken as free, true or
    false. Where that gives too many combinations, less is looked at: first the rules are let be, then what is beside.

    Args:
        activity: the step.
        values: choices by key of each choice or yes/no field of this step.
        beside: what is known of other facts.

    Returns:
        What was found, or None when there are more than 20,000 combinations.
    """
    exits = [exit_.when for exit_ in activity.exits if exit_.when is not None]
    blocks = [rule.when for rule in activity.rules if _blocks(activity, rule)]
    for read, known, most in (
        ([*exits, *_of_choices(blocks, values)], beside, MOST_WITH_MORE),
        (exits, beside, MOST_WITH_MORE),
        (exits, Beside({}, beside.false), MOST_VALUATIONS),
    ):
        cases = _Cases(activity, values, known, read)
        if cases.size <= most:
            return _study(activity, blocks, cases)
    return None


def can_hold(
    activity: Activity | None, condition: Condition, values: Mapping[str, Sequence[str]], beside: Beside = NOTHING
) -> bool:
    """
    Whether a condition is true under any combination of answers, those that are still to be given included.

    It is also said when there are too many to try.

    Args:
        activity: the step to which it belongs; None for one of a track.
        condition: the condition.
        values: choices by key of each choice or yes/no field of this step.
        beside: what is known of other facts.
    """
    for known, most in ((beside, MOST_WITH_MORE), (Beside({}, beside.false), MOST_VALUATIONS)):
        cases = _Cases(activity, values, known, [condition], unanswered=True)
        if True not in cases.each_by_itself(condition):
            return False
        if cases.size <= most:
            holds = cases.reader(condition)
            return cases.are_apart(condition) or any(holds(case) is True for case in cases)
    return True


def _study(activity: Activity, blocks: Sequence[Condition], cases: _Cases) -> ExitStudy:
    exits = [cases.reader(exit_.when or ALWAYS) for exit_ in activity.exits]
    stops = [cases.reader(block) for block in blocks if True in cases.each_by_itself(block)]
    goes_on = [isinstance(exit_.target, Detour | Interrupt) for exit_ in activity.exits]
    reached: dict[int, bool] = {}
    stopped: dict[int, tuple[tuple[str, str], ...]] = {}
    blocked = True
    for case in cases:
        free = not any(stop(case) is True for stop in stops)
        blocked = blocked and not free
        for index, exit_ in enumerate(exits):
            holds = exit_(case)
            if holds is None and free and not cases.is_unknown_beside(case):
                stopped.setdefault(index, cases.answers(case))
            if holds:
                reached[index] = free or reached.get(index, False)
            if holds is None or (holds and not goes_on[index]):
                break
    never = tuple(index for index in range(len(exits)) if index not in reached)
    shut = tuple(sorted(index for index, free in reached.items() if not free))
    return ExitStudy(never, tuple(sorted(stopped.items())), cases.certain, shut, blocked)


def _blocks(activity: Activity, rule: Rule) -> bool:
    """Whether nobody completes the step while the rule acts: an emergency puts no duty in its place."""
    return rule.effect is Effect.BLOCK and not rule.afterwards and not activity.unblockable and needs_person(activity)


def _of_choices(conditions: Sequence[Condition], values: Mapping[str, Sequence[str]]) -> list[Condition]:
    """Those parts of conditions that read a choice of the step itself."""
    found = (atom for condition in conditions for atom in atoms(condition))
    return [atom for atom in found if isinstance(atom, Compare) and own_answer(atom.fact) in values]


@dataclass(frozen=True, slots=True)
class _One:
    """One value, whatever fact is asked. Args: value: it; None: nothing."""

    value: Value | None

    def fact(self, ref: FactRef) -> Value:
        return UNKNOWN if self.value is None else self.value

    def rows(self, collection: RowsOf) -> Sequence[Mapping[str, Value]]:
        raise AssertionError  # pragma: no cover - only comparisons with constants are evaluated

    def shifted(self, day: object, sign: int, term: object) -> None:
        raise AssertionError  # pragma: no cover - and so is nothing about dates


_Case: TypeAlias = Sequence[int]
"""One combination: of each thing that can be read, the number of what it is."""
_Reader: TypeAlias = Callable[[_Case], Truth]
"""Whether a condition holds in a case."""


class _Cases:
    """
    Every combination of what conditions can see.

    Args:
        activity: the step to which they belong; None: none.
        values: choices by key of each choice or yes/no field of the step.
        beside: what is known of other facts.
        conditions: what is read.
        unanswered: whether a choice that must be made may not be made yet.
    """

    def __init__(
        self,
        activity: Activity | None,
        values: Mapping[str, Sequence[str]],
        beside: Beside,
        conditions: Sequence[Condition],
        *,
        unanswered: bool = False,
    ) -> None:
        self.fields = {field.key: field for field in (activity.fields if activity else ()) if field.key in values}
        self.beside = beside
        self.number: dict[str | FactRef | Atom, int] = {}
        self.options: list[Sequence[Value | None]] = []
        waiting = list(conditions)
        while waiting:
            for atom in atoms(waiting.pop(0)):
                about = self.about(atom)
                if about in self.number:
                    continue
                self.number[about] = len(self.options)
                if isinstance(about, str):
                    field = self.fields[about]
                    open_ = unanswered or not field.required or field.may_be_unknown
                    self.options.append((*values[about], None) if open_ else values[about])
                    waiting += [field.shown_if] if field.shown_if is not None else []
                elif isinstance(about, FactRef):
                    self.options.append(beside.values[about])
                else:
                    self.options.append((False,) if about in beside.false else (True, False))
        self.own = {about: at for about, at in self.number.items() if isinstance(about, str)}
        self.unknown = [
            (at, self.options[at].index(UNKNOWN))
            for about, at in self.number.items()
            if isinstance(about, FactRef) and UNKNOWN in self.options[at]
        ]
        self.certain = len(self.own) == len(self.number)
        self.hidden = [
            (at, len(self.options[at]), self.reader(when))
            for key, at in self.own.items()
            if (when := self.fields[key].shown_if) is not None
        ]

    def about(self, atom: Atom) -> str | FactRef | Atom:
        """What a question is about: a choice of the step, a fact of which every value is known, or only itself."""
        own = _own_choice(atom, self.fields)
        if own:
            return own
        constant = isinstance(atom, Compare) and (atom.value is None or isinstance(atom.value, str | int | tuple))
        return atom.fact if isinstance(atom, Compare) and constant and atom.fact in self.beside.values else atom

    @property
    def size(self) -> int:
        """How many there are."""
        return prod(len(options) for options in self.options)

    def __iter__(self) -> Iterator[_Case]:
        for case in product(*(range(len(options)) for options in self.options)):
            yield self.visible(case) if self.hidden else case

    def visible(self, case: _Case) -> _Case:
        """The case with what is hidden unanswered."""
        shown = list(case)
        for _ in self.hidden:  # a chain of questions that hide each other settles within their number
            after = list(case)
            for at, nothing, when in self.hidden:
                if not when(shown):
                    after[at] = nothing
            shown = after
        return shown

    def answers(self, case: _Case) -> tuple[tuple[str, str], ...]:
        """The choices made in a case."""
        return tuple((key, str(answer)) for key, at in self.own.items() if (answer := self.at(at, case)) is not None)

    def at(self, number: int, case: _Case) -> Value | None:
        """What something is in a case; None: hidden or not answered."""
        return self.options[number][case[number]] if case[number] < len(self.options[number]) else None

    def is_unknown_beside(self, case: _Case) -> bool:
        """Whether a fact beside the step is unknown in a case."""
        return any(case[at] == unknown for at, unknown in self.unknown)

    def truths(self, atom: Atom) -> tuple[Truth, ...]:
        """Whether a question holds, for each of what it is about, a hidden choice last; empty: it is not read."""
        about = self.about(atom)
        if about not in self.number:
            return ()
        options = self.options[self.number[about]]
        if about is atom:
            return tuple(option is True for option in options)
        hidden = (None,) if isinstance(about, str) else ()
        return tuple(evaluate(atom, _One(option)) for option in (*options, *hidden))

    def reader(self, condition: Condition) -> _Reader:
        """Whether a condition holds, from a case."""
        match condition:
            case Always():
                return lambda case: True
            case Not(part):
                read = self.reader(part)
                return lambda case: None if (truth := read(case)) is None else not truth
            case All(parts) | AnyOf(parts):
                decides = isinstance(condition, AnyOf)
                reads = [self.reader(part) for part in parts]

                def together(case: _Case) -> Truth:
                    truths = [read(case) for read in reads]
                    return decides if decides in truths else None if None in truths else not decides

                return together
            case _:
                table = self.truths(condition)
                if not table:
                    return lambda case: None
                at = self.number[self.about(condition)]
                return lambda case: table[case[at]]

    def each_by_itself(self, condition: Condition) -> frozenset[Truth]:
        """The truths that a condition can have if every question in it were answered apart from the others."""
        match condition:
            case Always():
                return frozenset({True})
            case Not(part):
                return frozenset(None if truth is None else not truth for truth in self.each_by_itself(part))
            case All(parts) | AnyOf(parts):
                decides = isinstance(condition, AnyOf)
                each = [self.each_by_itself(part) for part in parts]
                found: set[Truth] = {decides} if any(decides in truths for truths in each) else set()
                if all(truths - {decides} for truths in each):
                    found |= {None} if any(None in truths for truths in each) else set()
                    found |= {not decides} if all((not decides) in truths for truths in each) else set()
                return frozenset(found)
            case _:
                return frozenset(self.truths(condition)) or frozenset({None})

    def are_apart(self, condition: Condition) -> bool:
        """Whether no two questions of a condition are about one thing, and none decides whether another is shown."""
        about = [self.about(atom) for atom in atoms(condition)]
        return not self.hidden and len(about) == len(set(about))


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
