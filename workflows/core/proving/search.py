"""
The search: a statement is proven when no reachable state breaks it, and refuted by the shortest run that does.

It starts by following only the components whose events can break the statement, and by remembering nothing: every
other component can do what it likes at any moment, every fact can be anything. A run that breaks the statement there
is looked at again. Does it rest on what a component outside did, that component is followed too; can it not happen
when facts are remembered, a smallest set of facts that excludes it is remembered. Both take runs away and never add
one, so "proven" is right at every moment; what cannot be finished within the bounds is not proven.

Sources: Clarke, Grumberg, Jha, Lu and Veith, "Counterexample-guided abstraction refinement" (CAV 2000) for growing;
the argument about how many components are needed is that of the width of a monitor (`safeguards.Monitor`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias

from padwijzer.workflows.core.proving.boxes import facts_of
from padwijzer.workflows.core.proving.machine import BRIEFLY, Component, Machine, Step, lasts
from padwijzer.workflows.core.proving.walking import GONE, Effect, Here, Seen, Spot, State, Token, Walker
from padwijzer.workflows.core.safeguards import BREACH, STEP, Monitor, skipped, with_answer

BOUND: Final = 100_000
"""How many states one statement may need. States and not seconds: a verdict is the same on every machine."""
MOST_WORKED_OFF: Final = 25_000
"""How often a move may be worked off for one statement: where all hangs together, that is for nearly every state."""
MOST_BOXES: Final = 256
"""How many ways to walk one run are kept when it is walked again."""

Walked: TypeAlias = "dict[State, tuple[State | None, Effect]]"
"""States that can be reached, each with how it was first: from which other one, if any, by which move."""


@dataclass(frozen=True, slots=True)
class Move:
    """One event of a run. Args: path: the choices made; seen: the steps done, with what is known of their answers."""

    path: tuple[Token, ...]
    seen: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """
    A part of a release that was walked to the end without a breach.

    Args:
        components: names of what was followed.
        facts: what was remembered.
        states: how many states it has.
        digest: SHA-256, in lower-case hexadecimal, over those states in a fixed order.
    """

    components: tuple[str, ...]
    facts: tuple[str, ...]
    states: int
    digest: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What came out.

    Args:
        proven: whether no run breaks the statement.
        states: how many states were looked at.
        vacuous: whether it is true because nothing of what it is about can happen.
        components: names of what was followed, of the last slice.
        facts: what was remembered there.
        run: the shortest run found that breaks it, one move for each event; empty when proven or not finished.
        unfinished: why it could not be decided; empty when it was.
        slices: what was walked to the end, when it is proven: enough to look at it again without searching.
    """

    proven: bool
    states: int
    vacuous: bool = False
    components: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    run: tuple[Move, ...] = ()
    unfinished: str = ""
    slices: tuple[Slice, ...] = ()


def reviewed(machine: Machine, monitor: Monitor, slices: Sequence[Slice], bound: int = BOUND) -> bool:
    """
    Whether slices prove a statement: looked at again, without searching for what must be followed or remembered.

    Args:
        machine: the release, seen from what the statement is about.
        monitor: the statement.
        slices: what a proof says that was walked.
        bound: how many states may be looked at.

    Returns:
        True when they cover every way to a breach, and each has exactly these states and none that is a breach.
    """
    search = _Search(machine, monitor, bound)
    for chosen in search.chosen():
        if not any({it.name for it in chosen} <= set(some.components) for some in slices):
            return False
    try:
        return all(search.has(some) for some in slices)
    except _UndecidedError:
        return False


class _UndecidedError(Exception):
    """Neither proven nor refuted; the message says why."""


def prove(machine: Machine, monitor: Monitor, bound: int = BOUND, *, whole: bool = False) -> Verdict:
    """
    Prove a statement over every run of a release, or find a shortest run that breaks it.

    Args:
        machine: the release, seen from what the statement is about.
        monitor: the statement.
        bound: how many states may be looked at.
        whole: whether everything is followed of which the statement hears something, all at once. That is never
            needed to prove; a run that is found so rests on less.

    Returns:
        The verdict. Neither proven nor with a run: it could not be decided within the bounds.
    """
    search = _Search(machine, monitor, bound, whole=whole)
    try:
        return search.verdict()
    except _UndecidedError as error:
        return Verdict(False, search.states, components=search.names, facts=search.facts, unfinished=str(error))


class _Search:
    def __init__(self, machine: Machine, monitor: Monitor, bound: int, *, whole: bool = False) -> None:
        self.machine = machine
        self.monitor = monitor
        self.bound = bound
        self.whole = whole
        self.states = 0
        self.worked_off = 0
        self.names: tuple[str, ...] = ()
        self.facts: tuple[str, ...] = ()
        self.walked: Walked = {}
        asked = {
            fact
            for (component, key), step in machine.steps.items()
            for meaning in step.letters
            if (condition := monitor.asks.get(machine.letter(component, meaning))) is not None
            for fact in facts_of(machine.compiled(condition, component, key))
        }
        known = machine.rememberable | asked
        self.known = (known - machine.volatile) | {BRIEFLY + it for it in machine.volatile & known}
        self.by_name = {it.name: it for it in machine.components}
        self.letters = {it: _letters(machine, monitor, it) for it in machine.components}

    def verdict(self) -> Verdict:
        if not any(True for _ in self.chosen()):
            return Verdict(True, 0, vacuous=True)
        best: Verdict | None = None
        slices: list[Slice] = []
        for chosen in self.chosen():
            found = self._slice(frozenset(chosen))
            slices += found.slices
            if not found.proven and (best is None or len(found.run) < len(best.run)):
                best = found
        return best or Verdict(
            True, self.states, components=self.names, facts=self.facts, slices=tuple(dict.fromkeys(slices))
        )

    def chosen(self) -> Iterator[tuple[Component, ...]]:
        """The components whose events are enough for a breach, each choice by itself."""
        if self.whole:
            everything = tuple(it for it, letters in self.letters.items() if letters)
            if self._can_break(everything):
                yield everything
            return
        harmful = harmful_letters(self.monitor)
        carriers = [it for it, letters in self.letters.items() if letters & harmful]
        for some in combinations(carriers, min(self.monitor.width, len(carriers))):
            if self._can_break(some):
                yield some

    def has(self, some: Slice) -> bool:
        """Whether a slice has these states, and no breach."""
        if not set(some.components) <= set(self.by_name):
            return False
        members = frozenset(self.by_name[name] for name in some.components)
        walker = Walker(self.machine, self.monitor, members, frozenset(some.facts))
        run = self._explore(walker)
        return not run and len(self.walked) == some.states and _digest(walker, self.walked) == some.digest

    def _can_break(self, some: Iterable[Component]) -> bool:
        letters = frozenset(letter for it in some for letter in self.letters[it])
        states, waiting = {self.monitor.start}, [self.monitor.start]
        while waiting:
            state = waiting.pop()
            for letter in letters:
                after = self.monitor.after(state, letter)
                if after == BREACH:
                    return True
                if after not in states:
                    states.add(after)
                    waiting.append(after)
        return False

    def _slice(self, members: frozenset[Component]) -> Verdict:
        facts: frozenset[str] = frozenset()
        while True:
            walker = Walker(self.machine, self.monitor, members, facts)
            self.names = tuple(it.name for it in (*walker.order, *walker.loose))
            self.facts = tuple(sorted(facts))
            run = self._explore(walker)
            if not run:
                walked = Slice(self.names, self.facts, len(self.walked), _digest(walker, self.walked))
                return Verdict(True, self.states, components=self.names, facts=self.facts, slices=(walked,))
            again = Walk(walker, run, self.known, len(run) - 1)
            if again.failed >= 0:
                facts |= self._needed(again, facts)
                members = self._grown(members, facts)
                continue
            outside = self._outside(run, members)
            if not outside:
                return Verdict(False, self.states, components=self.names, facts=self.facts, run=again.moves)
            members = self._grown(members | outside, facts)

    def _explore(self, walker: Walker) -> tuple[Move, ...]:
        """Breadth first; the shortest breaking run, empty when there is none."""
        self.walked = {}
        try:
            return self._walk(walker, self.walked)
        finally:
            self.states += len(self.walked)
            self.worked_off += walker.worked_off

    def _walk(self, walker: Walker, known: Walked) -> tuple[Move, ...]:
        nowhere, begun = walker.beginnings()
        front: list[State] = []
        for effect in begun:
            if effect.breaks:
                return (_made(effect),)
            state = effect.on(nowhere)
            if state not in known:
                known[state] = None, effect
                front.append(state)
        while front:
            further: list[State] = []
            for state in front:
                for effect in walker.effects(state):
                    if effect.breaks:
                        return _run_to(known, state, effect)
                    new = effect.on(state)
                    if new not in known:
                        known[new] = state, effect
                        further.append(new)
                if self.states + len(known) > self.bound:
                    raise self._too_much(f"{self.bound} states")
                if self.worked_off + walker.worked_off > MOST_WORKED_OFF:
                    raise self._too_much(f"{MOST_WORKED_OFF} moves")
            front = further
        return ()

    def _too_much(self, bound: str) -> _UndecidedError:
        return _UndecidedError(f"More than {bound}: what belongs together is {', '.join(self.names)}.")

    def _needed(self, walk: Walk, facts: frozenset[str]) -> frozenset[str]:
        """
        A smallest set of facts, besides those remembered, with which this run cannot be walked.

        Source: Junker, "QuickXplain: preferred explanations and relaxations for over-constrained problems" (AAAI
        2004). Preferred are facts that last one event, and those that only what is followed writes: they cost least.
        """

        def weight(fact: str) -> tuple[bool, int, str]:
            writers = self.machine.writers.get(fact, set())
            return lasts(fact), len(writers - walk.walker.followed), fact

        def excluded(kept: frozenset[str]) -> bool:
            return Walk(walk.walker, run, kept, walk.breaks).failed >= 0

        def smallest(kept: frozenset[str], added: bool, some: Sequence[str]) -> frozenset[str]:
            if added and excluded(kept):
                return frozenset()
            if len(some) == 1:
                return frozenset(some)
            half = len(some) // 2
            later = smallest(kept | set(some[:half]), True, some[half:])
            sooner = smallest(kept | later, bool(later), some[:half])
            return sooner | later

        run = walk.run[: walk.failed + 1]
        brief = {it if it[0] == "?" else BRIEFLY + it for it in walk.asked}
        for some in (brief, brief | (walk.asked & self.known)):
            candidates = sorted(some - facts, key=weight)
            if candidates and excluded(facts | some):
                return smallest(facts, False, candidates)
        raise _UndecidedError("A run was found that can neither be walked nor be excluded.")

    def _outside(self, run: Iterable[Move], members: frozenset[Component]) -> frozenset[Component]:
        """The components that this run rests on and that are not followed yet."""
        found: set[Component] = set()
        for move in run:
            for what, who, activity, _ in move.path:
                if what == "proceed":
                    step = self.machine.steps[self.by_name[who], activity]
                    called = step.call.target if step.call is not None else None
                    if called is not None:
                        found.add(called)
                elif what == "loose":
                    found.add(self.by_name[who])
                elif what.startswith("start:"):
                    by = self.by_name.get(what.split(":", 2)[2])
                    if by is not None:
                        found.add(by)
        return frozenset(it for it in found if it not in members and not self.machine.is_loose(it))

    def _grown(self, members: frozenset[Component], facts: Iterable[str]) -> frozenset[Component]:
        """With whoever writes a fact that is remembered."""
        return members | {it for fact in facts for it in self.machine.writers.get(fact, ())}


def _digest(walker: Walker, states: Iterable[State]) -> str:
    """SHA-256 over states; their order does not matter."""
    spots = [_written(it) for it in walker.spots]
    watches = [json.dumps(it) for it in walker.watches]
    count = len(walker.order)
    lines = (
        f"[[{', '.join([spots[it] for it in state[:count]])}], {list(state[count:-1])}, {watches[state[-1]]}]"
        for state in states
    )
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _written(spot: Spot) -> str:
    """A spot as JSON; null when it is none."""
    if spot is GONE:
        return "null"
    return json.dumps((spot.activity, spot.phase.value, spot.root, sorted(it.name for it in spot.waits), spot.number))


def harmful_letters(monitor: Monitor) -> frozenset[str]:
    """Letters that can bring a run nearer to a breach: leaving out any other keeps every breach."""
    order = monitor.order
    return frozenset(
        letter
        for letter in monitor.letters
        if not all((monitor.after(state, letter), state) in order for state in monitor.states)
    )


def _letters(machine: Machine, monitor: Monitor, component: Component) -> frozenset[str]:
    """The letters of the monitor that a component can make happen."""
    found: set[str] = set()
    for key in machine.reach[component]:
        for heard in heard_of(machine, monitor, component, machine.steps[component, key]):
            found.update(heard)
    return frozenset(found) & monitor.letters


def heard_of(machine: Machine, monitor: Monitor, component: Component, step: Step) -> Iterator[tuple[str, ...]]:
    """For each way in which a step can be done, the letters that it can give, in order."""
    if not machine.letter(component, STEP):
        return
    done: list[str] = []
    for meaning in step.letters:
        letter = machine.letter(component, meaning)
        asked = letter in monitor.asks
        done += [with_answer(letter, holds=True), with_answer(letter, holds=False)] if asked else [letter]
    yield (*done, machine.letter(component, STEP))
    if step.skip is not None:
        yield tuple(machine.letter(component, skipped(it)) for it in step.letters)


def _made(effect: Effect) -> Move:
    return Move(effect.path, effect.seen)


def _run_to(known: Walked, last: State | None, effect: Effect) -> tuple[Move, ...]:
    run = [_made(effect)]
    while last is not None:
        last, before = known[last]
        run.append(_made(before))
    return tuple(reversed(run))


class Walk:
    """
    A run, walked again while some facts are known.

    Args:
        walker: what was followed when it was found.
        run: the run, or its first moves.
        kept: names of the facts.
        breaks: the number of the move at which the whole run breaks the statement.

    Attributes:
        failed: the number of the first move that cannot be made, or -1.
        states: the states in which the run can be after each of its moves; none ends it.
        asked: the facts on which a condition looked.
    """

    def __init__(self, walker: Walker, run: Sequence[Move], kept: frozenset[str], breaks: int) -> None:
        self.walker, self.run, self.breaks = walker, run, breaks
        self.asked: set[str] = set()
        self.states: list[list[Here]] = []
        self.failed = -1
        some: list[Here] = []
        again = Walker(walker.machine, walker.monitor, walker.members, kept)
        for number, move in enumerate(run):
            again.want(move.path)
            ways = (
                again.first() if number == 0 else (there for here in some for there in again.moves(here.but(seen=())))
            )
            found: dict[object, Here] = {}
            for there in ways:
                if there.path == move.path and (there.watch == BREACH or number < breaks):
                    box = {fact: mask for fact, mask in there.box.items() if fact in again.lasting}
                    after = Here(there.at, box, there.watch, seen=there.seen)
                    found.setdefault((frozenset(box.items()), frozenset(after.at.items()), after.watch), after)
            some = list(found.values())[:MOST_BOXES]
            self.states.append(some)
            self.asked |= again.asked
            if not some:
                self.failed = number
                return

    @property
    def moves(self) -> tuple[Move, ...]:
        """The run with what is known of the answers given in it; it can be walked."""
        return tuple(Move(move.path, states[0].seen) for move, states in zip(self.run, self.states, strict=True))
