"""
The templates of safeguards, one file for each; the folder is the registry.

A template says one thing about every run. It has a statement in Dutch with its parameters filled in, and a monitor:
an automaton over what happens to what it is about. The proof walks the monitor over all reachable states, the engine
over the state that is happening, and conformance over what happened. A structural template has no monitor: it says
how steps are made, is read from the plan, and has a reading of its own of a step that was done.

Source of the names: Pesic, Schonenberg and Van der Aalst, "DECLARE: full support for loosely-structured processes"
(EDOC 2007), where one fits.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias, runtime_checkable

from padwijzer.forms.core.conditions import Condition
from padwijzer.workflows.core.meanings import happens, starting, thing
from padwijzer.workflows.core.plan import ActivityPlan, Place, Plan
from padwijzer.workflows.core.recorded import DoneStep

BREACH: Final = "breach"
"""The state of a monitor where no run may come."""

Meanings: TypeAlias = tuple[str, ...]
"""Keys of meanings, any of which will do."""
Role: TypeAlias = str
"""Key of a role."""
Roles: TypeAlias = tuple[str, ...]
"""Keys of roles, any of which will do."""
Rungs: TypeAlias = tuple[str, ...]
"""Keys of the rungs of a ladder, the least invasive first."""

STEP: Final = "step"
"""The letter that follows the meanings of every completed step, for statements about what comes directly before."""


class Scope(StrEnum):
    """About what a statement is: the family as a whole, or each child, help, measure or placement by itself."""

    FAMILY = "family"
    CHILD = "child"
    HELP = "help"
    MEASURE = "measure"
    PLACEMENT = "placement"


THIS: Final[Mapping[Scope, str]] = MappingProxyType(
    {
        Scope.FAMILY: "dit gezin",
        Scope.CHILD: "dit kind",
        Scope.HELP: "deze hulp",
        Scope.MEASURE: "deze maatregel",
        Scope.PLACEMENT: "deze plaatsing",
    }
)
"""What a statement is about, in Dutch."""


def around(meaning: str) -> str:
    """The letter of a meaning that happens in a run about the family or child around what the statement is about."""
    return f"*{meaning}"


def skipped(meaning: str) -> str:
    """The letter of skipping a step with a meaning."""
    return f"skip:{meaning}"


def with_answer(meaning: str, *, holds: bool) -> str:
    """The letter of a meaning about which a condition is asked, with whether it holds."""
    return f"{meaning}{'+' if holds else '-'}"


def as_heard(name: str, scope: Scope, subject: str | None, row: str, child: str) -> str:
    """
    What the monitor of a statement hears of something that happens in a run: its name, with a star, or nothing.

    Args:
        name: a meaning, a skipped one, or `step`.
        scope: about what the statement is.
        subject: id of the row that the run is about; None is the family.
        row: id of the row that the statement is judged for; empty for the family, or a row that is not there yet.
        child: id of the child whose row that is; empty for none.
    """
    if scope is Scope.FAMILY or (subject and subject == row):
        return name
    return around(name) if subject is None or subject == child else ""


def meaning_of(letter: str) -> str:
    """The meaning that a letter is about, near or around, done or skipped, whatever was asked of it."""
    return letter.removeprefix(around("")).removeprefix(skipped("")).rstrip("+-")


@dataclass(frozen=True, slots=True)
class Monitor:
    """
    A statement as an automaton over what happens to what it is about.

    Letters are meanings of completed steps. A meaning in a run about that row itself is the letter `m`; in a run
    about the family or child around it `*m`; a skipped step is `skip:m`. Where a condition is asked of `m`, its
    letter is `m+` when the condition is true and `m-` when not. After the meanings of a step comes the letter `step`.

    Args:
        start: its first state.
        moves: state and letter to the next state; what is absent changes nothing. `BREACH` is never left.
        asks: meaning to the condition that is asked, in its step, when it happens in a run about the row itself.
        width: of how many runs the events are enough to break it, whatever the others do.
    """

    start: str
    moves: Mapping[tuple[str, str], str]
    asks: Mapping[str, Condition] = field(default_factory=dict)
    width: int = 1

    @property
    def letters(self) -> frozenset[str]:
        """Every letter that can change its state."""
        return frozenset(letter for _, letter in self.moves)

    @property
    def states(self) -> frozenset[str]:
        """Every state, the breach included."""
        return frozenset((self.start, BREACH, *(state for state, _ in self.moves), *self.moves.values()))

    @property
    def order(self) -> frozenset[tuple[str, str]]:
        """Pairs of states of which the second is at least as bad: every word that breaks the first breaks it too."""
        pairs = {(one, other) for one in self.states for other in self.states if one != BREACH or other == BREACH}
        while True:
            kept = {
                (one, other)
                for one, other in pairs
                if all((self.after(one, it), self.after(other, it)) in pairs for it in self.letters)
            }
            if kept == pairs:
                return frozenset(kept)
            pairs = kept

    def after(self, state: str, letter: str) -> str:
        """The state after a letter. Args: state: before; letter: what happens."""
        return BREACH if state == BREACH else self.moves.get((state, letter), state)

    def judge(self, word: tuple[str, ...]) -> bool:
        """Whether a sequence of letters keeps the statement."""
        state = self.start
        for letter in word:
            state = self.after(state, letter)
        return state != BREACH


@runtime_checkable
class Template(Protocol):
    """What every template has; it is either `Watched` or `Structural`."""

    def statement(self) -> str:
        """What it says, in one Dutch sentence."""


@runtime_checkable
class Watched(Template, Protocol):
    """A template about what happens, in which order."""

    def monitor(self) -> Monitor:
        """What it says, as an automaton."""

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """
        What is lost in a run that breaks it, in one Dutch sentence that is true of that run.

        Args:
            heard: the letters of every meaning that happened, in order, the last of which breaks it; what a
                condition was answered is left out.
            scope: about what the statement is.
        """


@runtime_checkable
class Deviable(Watched, Protocol):
    """A watched template that a reasoned deviation can fulfil, where its safeguard allows that."""

    @property
    def fulfilled_by(self) -> Meanings:
        """The meanings that must happen."""


@runtime_checkable
class Structural(Template, Protocol):
    """A template about how steps are made, whatever happens."""

    @property
    def what(self) -> Meanings:
        """The meanings of the steps that it is about."""

    def faults(self, plan: Plan) -> tuple[Place, ...]:
        """The steps that break it; none when it holds."""

    def broken_by(self, done: DoneStep) -> str:
        """Why a step that was done, or skipped, breaks it, in one Dutch sentence; empty when it does not."""


def demanding(meanings: Meanings) -> tuple[str, ...]:
    """The letters of what is forbidden or triggers: also what happens around the row counts."""
    return (*meanings, *map(around, meanings))


def apart(*groups: Meanings) -> None:
    """Raises: ValueError when a group has no meaning, or two groups share one."""
    if not all(groups):
        message = "At least one meaning is needed in each place."
        raise ValueError(message)
    found = [meaning for group in groups for meaning in group]
    if len(set(found)) != len(found):
        message = "A meaning stands twice, and would then say two things at once."
        raise ValueError(message)


def owing(when: Meanings, what: Meanings, before: Meanings) -> Monitor:
    """The automaton of a debt: opened by `when`, paid by `what`, too late at `before`."""
    return Monitor(
        "clear",
        {
            **{("clear", letter): "owed" for letter in demanding(when)},
            **{("owed", meaning): "clear" for meaning in what},
            **{("owed", letter): BREACH for letter in demanding(before)},
        },
        width=2,
    )


def latest(meanings: Meanings, heard: Sequence[str]) -> Meanings:
    """That one of these meanings which was heard last, near or around; all of them when none was."""
    found = [letter.removeprefix("*") for letter in heard if letter in demanding(meanings)]
    return tuple(found[-1:]) or meanings


def never(meanings: Meanings, heard: Sequence[str], scope: Scope) -> str:
    """The Dutch sentence that none of these meanings happened for what the statement is about."""
    elsewhere = latest(meanings, heard)
    if set(map(around, elsewhere)) & set(heard):
        return f"{starting(thing(elsewhere))} is er wel, maar niet voor {THIS[scope]}."
    return f"Er is hier nooit {thing(meanings)} geweest."


def never_after(when: Meanings, what: Meanings, heard: Sequence[str], scope: Scope) -> str:
    """The Dutch sentence that after one of the first meanings none of the second happened."""
    mine = f"voor {THIS[scope]} " if set(map(around, what)) & set(heard) else ""
    return f"Nadat {happens(latest(when, heard))}, komt er {mine}nooit {thing(what)}."


def forgiving(template: Deviable) -> Monitor:
    """The monitor of a template in which a reasoned deviation from what must happen is as good as its happening."""
    monitor = template.monitor()
    forgiven = {
        (state, skipped(letter)): after
        for (state, letter), after in monitor.moves.items()
        if letter in template.fulfilled_by
    }
    return replace(monitor, moves={**monitor.moves, **forgiven})


def sharing(template: Deviable, monitor: Monitor) -> Monitor:
    """
    A monitor in which what must happen may also happen for the family or the child around what it is about.

    Args:
        template: of the monitor.
        monitor: as it is, with or without forgiveness.
    """
    needed = {*template.fulfilled_by, *map(skipped, template.fulfilled_by)}
    shared = {(state, around(letter)): after for (state, letter), after in monitor.moves.items() if letter in needed}
    return replace(monitor, moves={**monitor.moves, **shared})


def steps_with(plan: Plan, meanings: Meanings) -> Iterator[ActivityPlan]:
    """The steps of a plan that have one of these meanings."""
    for definition in plan.definitions.values():
        for step in definition.activities.values():
            if not set(meanings).isdisjoint(step.activity.meanings):
                yield step


@cache
def templates() -> Mapping[str, type]:
    """Every template by key, read from the files of this folder; the class is named like its file."""
    found: dict[str, type] = {}
    for module in pkgutil.iter_modules(__path__):
        name = "".join(part.capitalize() for part in module.name.split("_"))
        found[module.name] = getattr(import_module(f"{__name__}.{module.name}"), name)
    return found
