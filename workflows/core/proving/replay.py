"""
Walking a breaking run on the reference semantics, event by event, before it is shown to anybody.

The semantics asks the world whether conditions hold and which rows there are. Here the world says whatever leads to
the state in which the search saw the run. That these answers go together the search has seen, which remembers every
fact when it walks a run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from padwijzer.forms.core.conditions import Condition, Truth
from padwijzer.workflows.core.definition import RowsSource
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.plan import TrackPlan
from padwijzer.workflows.core.proving.machine import (
    ANSWERED,
    PERSONS,
    REGISTERS,
    Aspect,
    Component,
    Machine,
    StartKind,
    lasts,
)
from padwijzer.workflows.core.proving.search import Move, Verdict, prove
from padwijzer.workflows.core.proving.walking import CASE_BEGINS, Here, Walker
from padwijzer.workflows.core.safeguards import BREACH, STEP, Monitor, Scope, skipped, with_answer
from padwijzer.workflows.core.semantics import (
    EMPTY,
    CloseTrack,
    ComeBack,
    Complete,
    EndOutside,
    Event,
    Happening,
    Marking,
    OpenTrack,
    Recheck,
    RunMarking,
    SaveOpen,
    Skip,
    StartCase,
    StartEmergency,
    What,
    opens_about,
    step,
)

SUBJECTS: Final = {Aspect.FAMILY: None, Aspect.FOCUS: "focus", Aspect.CHILD: "child", Aspect.OTHER: "other"}
"""The id of the row that stands for an aspect."""
MOST_WORLDS: Final = 4_000
"""How many ways for the world to answer during one event are tried."""

FEWER: Final = 20_000
"""How many states a second search for a run may look at: it is only for showing."""
DONE: Final = {What.STEP_COMPLETED: "complete", What.STEP_SAVED: "save", What.STEP_SKIPPED: "skip"}
"""What the semantics tells of a step that was done, and what the search calls it."""
PASSED: Final = (What.STEP_PASSED, What.STEP_SKIPPED, What.STEP_CANCELLED)
"""What the semantics tells of a step that is left without being done."""

Said: TypeAlias = "bool | tuple[str, ...] | None"


@dataclass(frozen=True, slots=True)
class Replayed:
    """
    A run on the reference semantics.

    Args:
        events: its events in order.
        answers: for each event, what the world said, in the order in which it was asked.
        happened: for each event, what followed.
        marking: how it is with the case afterwards.
        moves: its moves with what is known of the answers while every fact is remembered.
    """

    events: tuple[Event, ...]
    answers: tuple[tuple[Said, ...], ...]
    happened: tuple[tuple[Happening, ...], ...]
    marking: Marking
    moves: tuple[Move, ...]


class _Asked(Exception):
    """The world is asked more than was said. Args: of rows: whether the question is which rows there are."""

    def __init__(self, source: RowsSource | None) -> None:
        self.source = source


class _World:
    def __init__(self, said: Sequence[Said]) -> None:
        self.said = list(said)
        self.next = 0

    def truth(self, marking: Marking, run: int | None, activity: str, condition: Condition) -> Truth:
        found = self._answer(None)
        return found if isinstance(found, bool) else None

    def rows(self, marking: Marking, run: int | None, activity: str, source: RowsSource) -> Sequence[str]:
        found = self._answer(source)
        return found if isinstance(found, tuple) else ()

    def _answer(self, source: RowsSource | None) -> Said:
        if self.next == len(self.said):
            raise _Asked(source)
        self.next += 1
        return self.said[self.next - 1]


def replayed(
    machine: Machine, monitor: Monitor, members: frozenset[Component], run: Sequence[Move]
) -> Replayed | None:
    """
    Walk a run that the search found on the reference semantics.

    Args:
        machine: the release, as it was searched.
        monitor: the statement that the run breaks.
        members: the components that were followed.
        run: the run.

    Returns:
        The events with what the world said, or None when the semantics cannot walk it or it breaks nothing there.
    """
    states = states_along(machine, monitor, members, run)
    if states is None:
        return None
    walker = Walker(machine, monitor, members, frozenset())
    walks = (_Replay(machine, monitor, walker, register).walk(run, states) for register in _registers(machine))
    return next((walked for walked in walks if walked is not None), None)


def walked_alone(machine: Machine, monitor: Monitor, bound: int = FEWER) -> tuple[Machine, Verdict, Replayed] | None:
    """
    Search again for a run that can be walked, where the one that was found cannot.

    With one other row, that is followed too; then with everything followed of which the statement hears something.

    Args:
        machine: the release, as it was searched.
        monitor: the statement that is broken.
        bound: how many states may be looked at.

    Returns:
        The release as it was searched now, what was found, and its walk; None when that cannot be walked either.
    """
    alone = Machine(machine.plan, machine.scope, alone=True)
    for whole in (False, True):
        found = prove(alone, monitor, bound, whole=whole)
        members = frozenset(it for it in alone.components if it.name in found.components)
        walked = replayed(alone, monitor, members, found.run) if found.run else None
        if walked is not None:
            return alone, found, walked
    return None


def _registers(machine: Machine) -> tuple[str, ...]:
    """The registers of which the other row can be, as far as a release asks for rows."""
    found: dict[str, None] = {}
    for definition in machine.plan.definitions.values():
        for track in definition.tracks.values():
            found |= dict.fromkeys(opens_about(track.track) or () if track.by_itself else ())
            found |= dict.fromkeys((track.track.for_each.collection.register,) if track.track.for_each else ())
        for it in definition.activities.values():
            opens = (each.for_each for each in it.activity.opens)
            call = it.activity.call.for_each if it.activity.call is not None else None
            found |= dict.fromkeys(source.collection.register for source in (*opens, call) if source is not None)
    return tuple(dict.fromkeys("person" if it in PERSONS else it for it in found)) or ("person",)


def states_along(
    machine: Machine, monitor: Monitor, members: frozenset[Component], run: Sequence[Move]
) -> tuple[Here, ...] | None:
    """
    The states that a breaking run goes through while every fact is known.

    Args:
        machine: a release; the run may have been found in another one.
        monitor: the statement that the run breaks at its last move.
        members: the components that are followed.
        run: the run.

    Returns:
        A state after each move, each from the one before; None when the run cannot be walked.
    """
    kept = frozenset(machine.full) - machine.volatile
    walkers = [Walker(machine, monitor, members, kept, move.path) for move in run]
    states: list[Here] = []
    tried: set[object] = set()

    def after(number: int) -> Iterator[Here]:
        """The states after this move, unless it was tried before from a state like this."""
        before = states[-1]
        box = {fact: mask for fact, mask in before.box.items() if lasts(fact)}
        key = number, frozenset(before.at.items()), frozenset(box.items()), before.watch
        if key not in tried:
            tried.add(key)
            yield from walkers[number].moves(Here(before.at, box, before.watch))

    def following() -> Iterator[Here]:
        number = len(states)
        ways: Iterable[Here] = walkers[0].first() if number == 0 else after(number)
        last = number == len(run) - 1
        return (it for it in ways if it.path == run[number].path and (it.watch == BREACH) is last)

    waiting = [following()]
    while waiting:
        here = next(waiting[-1], None)
        if here is None:
            waiting.pop()
            del states[-1:]
            continue
        states.append(here)
        if len(states) == len(run):
            return tuple(states)
        waiting.append(following())
    return None


class _Made(NamedTuple):
    """One event of a walk. Args: watched: the state of the monitor after it."""

    event: Event
    marking: Marking
    happened: tuple[Happening, ...]
    said: tuple[Said, ...]
    watched: str


class _Replay:
    def __init__(self, machine: Machine, monitor: Monitor, walker: Walker, register: str) -> None:
        self.register = register
        self.machine = machine
        self.monitor = monitor
        self.walker = walker
        self.by_name = {it.name: it for it in machine.components}

    def walk(self, run: Sequence[Move], states: Sequence[Here]) -> Replayed | None:
        made: list[_Made] = []
        tried: set[object] = set()

        def following() -> Iterator[_Made]:
            """What can come of the next move, each marking once."""
            number = len(made)
            marking, watched = (made[-1].marking, made[-1].watched) if made else (EMPTY, self.monitor.start)
            for event in self._events(marking, run[number]):
                for found in self._found(marking, event, states[number], watched, last=number == len(run) - 1):
                    if (number, found.marking) not in tried:
                        tried.add((number, found.marking))
                        yield found

        waiting = [following()]
        while waiting:
            found = next(waiting[-1], None)
            if found is None:
                waiting.pop()
                del made[-1:]
                continue
            made.append(found)
            if len(made) == len(run):
                return Replayed(
                    tuple(it.event for it in made),
                    tuple(it.said for it in made),
                    tuple(it.happened for it in made),
                    found.marking,
                    tuple(Move(here.path, here.seen) for here in states),
                )
            waiting.append(following())
        return None

    def _found(self, marking: Marking, event: Event, here: Here, watched: str, *, last: bool) -> Iterator[_Made]:
        """What an event can have led to: as the search saw it, or at the last event else to any breach."""
        others: list[_Made] = []
        for after, happened, said in self._outcomes(marking, event):
            heard = self._heard(after, happened, frozenset((watched,)))
            found = _Made(event, after, happened, said, here.watch)
            if here.watch not in heard:
                continue
            if self._is_done(after, happened, here, last=last) and (last or self._is_there(after, here)):
                yield found
            elif last:
                others.append(found)
        yield from others

    def _outcomes(
        self, marking: Marking, event: Event
    ) -> Iterator[tuple[Marking, tuple[Happening, ...], tuple[Said, ...]]]:
        """Everything an event can lead to, whatever the world says."""
        waiting: list[tuple[Said, ...]] = [()]
        tried = 0
        while waiting and tried < MOST_WORLDS:
            said = waiting.pop()
            tried += 1
            try:
                after, happened = step(self.machine.plan, marking, event, _World(said))
            except _Asked as asked:
                options: tuple[Said, ...] = (None, False, True)
                if asked.source is not None:
                    options = tuple(self._rows(asked.source.collection.register))
                waiting += [(*said, it) for it in options]
            except Impossible:
                continue
            else:
                yield after, happened, said

    def _rows(self, register: str) -> Iterator[tuple[str, ...]]:
        """Which rows there can be in a register."""
        yield ()
        if register in (ANSWERED, *REGISTERS.get(self.machine.scope, ())):
            yield ("focus",)
        if register in (ANSWERED, *PERSONS):
            yield ("focus",) if self.machine.scope is Scope.CHILD else ("child",)
        if register in (ANSWERED, self.register) or (self.register == "person" and register in PERSONS):
            yield ("other",)

    def _events(self, marking: Marking, move: Move) -> Iterator[Event]:
        """What can have been the event of a move."""
        if move.path[0] == CASE_BEGINS:
            yield StartCase()
            return
        what, who, activity, _ = move.path[0]
        component = self.by_name[who]
        subject = SUBJECTS.get(component.aspect)
        run = next((it for it in marking.alive() if self._component(marking, it) == component), None)
        kind = what.split(":")[1] if what.startswith("start:") else ""
        if kind in (StartKind.HAND, StartKind.ITSELF):
            yield from self._openings(marking, self.machine.plan.tracks[activity], subject)
        elif kind == StartKind.EMERGENCY:
            yield StartEmergency(component.definition, subject)
        elif run is None:
            return
        elif what == "complete":
            yield Complete(run.number)
        elif what == "save":
            yield SaveOpen(run.number)
        elif what == "skip":
            yield Skip(run.number)
        elif what == "back":
            yield ComeBack(run.number, activity)
        elif what == "outside":
            yield EndOutside(run.number)
        elif what == "vanish":
            yield CloseTrack(run.number)
            yield CloseTrack(run.number, by_hand=True)
        else:
            yield Recheck()

    def _openings(self, marking: Marking, track: TrackPlan, subject: str | None) -> Iterator[OpenTrack]:
        """What can have opened a track about something."""
        key, owner = track.track.key, track.definition
        yield OpenTrack(None, key, subject, owner)
        if not track.by_itself:
            return
        if subject is None and track.track.definition:
            yield from (OpenTrack(None, key, row, owner) for row in SUBJECTS.values() if row is not None)
        for run in marking.alive():
            if run.subject == subject and run.definition == owner and not run.track:
                yield OpenTrack(run.number, key, None, owner)

    def _component(self, marking: Marking, run: RunMarking) -> Component:
        aspect = next((it for it, subject in SUBJECTS.items() if subject == run.subject), Aspect.OTHER)
        is_step = bool(run.track) and bool(self.machine.plan.tracks[run.track].track.activity)
        return Component(run.definition, run.track if is_step else "", aspect)

    def _is_done(self, marking: Marking, happened: Sequence[Happening], here: Here, *, last: bool) -> bool:
        """
        Whether the components that are followed did the steps that the search saw, and took the same ways on.

        At the last move the search stops at the breach.
        """
        done = [
            (component.name, it.activity, DONE[it.what])
            for it in happened
            if it.what in DONE
            and (component := self._component(marking, marking.run(it.run))) in self.walker.followed
        ]
        seen = [it[:3] for it in here.seen]
        exits = [it[1:] for it in here.path if it[0] == "exit"]
        same_ways = last or sorted(self._taken(marking, happened)) == sorted(exits)
        return done[: len(seen)] == seen and (last or len(done) == len(seen)) and same_ways

    def _taken(self, marking: Marking, happened: Sequence[Happening]) -> Iterator[tuple[str, str, int]]:
        """The exits taken after steps that were done: by which component, at which step, which."""
        passed: set[tuple[int, str]] = set()
        for it in happened:
            if it.what in PASSED:
                passed.add((it.run, it.activity))
            elif it.what in DONE:
                passed.discard((it.run, it.activity))
            elif it.what is What.EXIT_TAKEN and it.number >= 0 and (it.run, it.activity) not in passed:
                component = self._component(marking, marking.run(it.run))
                if component in self.walker.followed:
                    yield component.name, it.activity, it.number

    def _is_there(self, marking: Marking, here: Here) -> bool:
        """Whether the components that are followed stand where the search saw them."""
        found = {self._component(marking, run): run.position for run in marking.alive()}
        return all((here.at[it].activity if it in here.at else None) == found.get(it) for it in self.walker.order)

    def _heard(self, marking: Marking, happened: Sequence[Happening], watched: frozenset[str]) -> frozenset[str]:
        """The states in which the monitor can be afterwards; a condition that it asks can be true or not."""
        for it in happened:
            if it.what not in DONE:
                continue
            run = marking.run(it.run)
            component = self._component(marking, run)
            was_skipped = it.what is What.STEP_SKIPPED
            meanings = self.machine.plan.activity(run.definition, it.activity).meanings
            for meaning in meanings if was_skipped else (*meanings, STEP):
                name = skipped(meaning) if was_skipped else meaning
                letter = self.machine.letter(component, name)
                letters = [letter]
                if letter in self.monitor.asks:
                    letters = [with_answer(letter, holds=True), with_answer(letter, holds=False)]
                watched = frozenset(self.monitor.after(state, letter) for state in watched for letter in letters)
        return watched
