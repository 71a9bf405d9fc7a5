"""
An oracle for the shipped release and its mutants: which statements a run breaks, by trying every run within a bound.

The bound. One child and one parent; rows of registers as `exploring` says; the clock stands still. What goes beyond
the plain course of a case has its price, and the prices of a run together are at most `most`: 1 for a step that is
skipped, for a hand that opens or ends a track and for a step on a track, but not on a track that is edited; 1 for
each time that the case goes over to another path after the second (where the child lives elsewhere already, after the
fourth); 2 for a crisis. A search that met no other node
has *finished*.

A run that is found is walked again from its first event, on the release itself, and heard by the statement itself.

It shares no code with the prover, and looks at what a structural statement means with eyes of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from padwijzer.forms.core.conditions import evaluate
from padwijzer.forms.core.field_types import Answer, LadderAnswer
from padwijzer.workflows.core.definition import (
    Activity,
    AtAge,
    Completed,
    Moment,
    Obligation,
    OnEvent,
    OpenDuty,
    Owner,
    RecordEvent,
)
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.safeguards import BREACH, Monitor, Scope, around, with_answer
from padwijzer.workflows.core.safeguards.ladder_order import LadderOrder
from padwijzer.workflows.core.safeguards.separation_of_duties import SeparationOfDuties
from padwijzer.workflows.core.safeguards.standing_track import StandingTrack
from padwijzer.workflows.core.safeguards.who_may_perform import WhoMayPerform
from padwijzer.workflows.core.semantics import Event
from tests.mutation.cases import CHILD, PLACED, Life, Said, lived, lookup_of
from tests.mutation.choosing import Choosing
from tests.mutation.exploring import MORE_PATHS, REGISTER, Graph, Move, Seen, Universe, Watch
from tests.mutation.ladders import can_be_left_without_reason

MOST: Final = 1
"""The price of a run is at most this."""

Path: TypeAlias = tuple[tuple[int, Move], ...]


@dataclass(frozen=True, slots=True)
class Breach:
    """
    A run that breaks a statement.

    Args:
        events: what happened, in order.
        answers: those of each event that completed a step.
        steps: what statements heard of each event.
    """

    events: tuple[Event, ...]
    answers: tuple[Choosing, ...]
    steps: tuple[tuple[Said, ...], ...]

    def __str__(self) -> str:
        lines = []
        for number, (event, answers, said) in enumerate(zip(self.events, self.answers, self.steps, strict=True), 1):
            told = ", ".join(f"{key}={_short(value)}" for key, value in answers.items() if _short(value))
            heard = "; ".join(f"{it.activity}: {' '.join(it.letters)}" for it in said)
            lines.append(f"{number:3} {event} [{told}] -> {heard}")
        return "\n".join(lines)


def _short(value: Answer) -> str:
    if isinstance(value, LadderAnswer):
        return value.chosen
    return value if isinstance(value, str) and value != "x" else ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """
    What the oracle says of a release.

    Args:
        broken: key of each safeguard that is broken, to a run that breaks it, or to where it is broken.
        unreal: keys of safeguards with a run that could not be walked again.
        finished: every run of at most this price was tried; -1 for not even those at no price.
        nodes: how many nodes were met.
    """

    broken: Mapping[str, Breach | str]
    unreal: frozenset[str]
    finished: int
    nodes: int


def universe_of(plan: Plan, pack: Pack, *, placed: bool = False) -> Universe:
    """
    What mutants of a release share.

    Args:
        plan: the shipped release.
        pack: the statements.
        placed: whether the child lives elsewhere already when the case starts, as was entered on the family page.
    """
    watches = tuple(
        Watch(it.key, REGISTER.get(it.scope, "person"), it.monitor, it.scope is Scope.FAMILY)
        for it in pack.safeguards
        if it.monitor and is_watched(it)
    )
    return Universe(plan, watches, PLACED, MORE_PATHS) if placed else Universe(plan, watches)


def is_watched(safeguard: Safeguard) -> bool:
    """Whether a statement is about rows, or asks something: then it is kept with how it is with a case."""
    monitor = safeguard.monitor
    return monitor is not None and (safeguard.scope is not Scope.FAMILY or bool(monitor.asks))


def opinion(
    universe: Universe,
    plan: Plan,
    pack: Pack,
    *,
    most: int = MOST,
    nodes: int = 200_000,
    known: frozenset[str] | None = None,
) -> Opinion:
    """
    Which statements a release breaks.

    Args:
        universe: what it shares with the shipped release.
        plan: the release.
        pack: the statements.
        most: the highest price of a run.
        nodes: so many nodes are met at most.
        known: when given: stop at the first statement about rows that is broken and is not one of these.
    """
    return _Judge(universe, plan, most, nodes, known).opinion(pack)


class _Judge:
    def __init__(self, universe: Universe, plan: Plan, most: int, nodes: int, known: frozenset[str] | None) -> None:
        self.universe, self.plan, self.most, self.limit, self.known = universe, plan, most, nodes, known
        self.graph = Graph(universe, plan)
        self.ways: dict[int, tuple[Move, ...]] = {}
        self.heard: set[str] = set()
        self.finished = -1

    def opinion(self, pack: Pack) -> Opinion:
        broken = structural_faults(self.plan, pack)
        unreal: set[str] = set()
        self.walk()
        for safeguard in pack.safeguards:
            monitor = safeguard.monitor
            if monitor is None:
                continue
            if is_watched(safeguard):
                path = self.path_of(safeguard.key)
            else:
                path = self.path_to_breach(monitor) if self.can_be_broken(monitor) else None
            if path is None:
                continue
            breach = self.walked_again(path, safeguard, monitor)
            if breach is None:
                unreal.add(safeguard.key)
            else:
                broken[safeguard.key] = breach
        return Opinion(broken, frozenset(unreal), self.finished, len(self.ways))

    def walk(self) -> None:
        """Meet every node within the bound, the cheapest first; from where each was come to is kept."""
        self.come_from: dict[int, tuple[int, Move]] = {}
        self.found: dict[str, tuple[int, Move]] = {}
        price = {self.universe.start: 0}
        levels = [deque([self.universe.start]), *(deque[int]() for _ in range(self.most))]
        for level in range(self.most + 1):
            while levels[level]:
                node = levels[level].popleft()
                if price[node] < level:
                    continue
                if len(self.ways) >= self.limit:
                    return
                self.ways[node] = self.graph.moves(node, self.most - level)
                for move in self.ways[node]:
                    self.heard.update(move.letters)
                    for key in move.broken:
                        self.found.setdefault(key, (node, move))
                    if self.known is not None and not move.broken <= self.known:
                        return
                    cost = level + max(0, move.cost)
                    if cost < price.get(move.target, self.most + 1):
                        price[move.target] = cost
                        self.come_from[move.target] = node, move
                        levels[cost].append(move.target)
            self.finished = level

    def path_of(self, key: str) -> Path | None:
        if key not in self.found:
            return None
        node, move = self.found[key]
        path = [(node, move)]
        while node != self.universe.start:
            node, move = self.come_from[node]
            path.append((node, move))
        return tuple(reversed(path))

    def can_be_broken(self, monitor: Monitor) -> bool:
        """Whether what was heard anywhere, in some order, breaks a statement."""
        states = {monitor.start}
        while True:
            more = {monitor.after(state, letter) for state in states for letter in self.heard} - states
            if not more:
                return BREACH in states
            states |= more

    def path_to_breach(self, monitor: Monitor) -> Path | None:
        """The path to a breach of a statement about the family."""
        start = self.universe.start, monitor.start
        price = {start: 0}
        come_from: dict[tuple[int, str], tuple[tuple[int, str], Move]] = {}
        levels = [deque([start]), *(deque[tuple[int, str]]() for _ in range(self.most))]
        heard = monitor.letters
        for level in range(self.most + 1):
            while levels[level]:
                here = levels[level].popleft()
                if price[here] < level:
                    continue
                node, state = here
                for move in self.ways.get(node, ()):
                    cost = level + max(0, move.cost)
                    if cost > self.most:
                        continue
                    after = state
                    for letter in move.letters:
                        if letter in heard:
                            after = monitor.after(after, letter)
                    there = move.target, after
                    if cost < price.get(there, self.most + 1):
                        price[there] = cost
                        come_from[there] = here, move
                        if after == BREACH:
                            path = []
                            while there != start:
                                there, taken = come_from[there]
                                path.append((there[0], taken))
                            return tuple(reversed(path))
                        levels[cost].append(there)
        return None

    def walked_again(self, path: Path, safeguard: Safeguard, monitor: Monitor) -> Breach | None:
        """The run of a path, from its first event; None when it cannot be walked or does not break the statement."""
        life = self.universe.first
        states: dict[str, str] = {}
        state = monitor.start
        events: list[Event] = []
        steps: list[tuple[Said, ...]] = []
        for node, move in path:
            mine = self.seen(node)
            event = _translated(move.event, mine, self.universe.asked.seen(life, {}))
            if event is None:
                return None
            try:
                done = lived(self.plan, life, event, move.answers)
            except Impossible:
                return None
            life = done.life
            events.append(event)
            steps.append(done.said)
            if not is_watched(safeguard):
                for letter in (letter for said in done.said for letter in said.letters):
                    state = monitor.after(state, letter)
            else:
                of_all = safeguard.scope is Scope.FAMILY
                for row in life.registers.get(REGISTER.get(safeguard.scope, "person"), ()):
                    if row.register == "person" and row.id != CHILD:
                        continue
                    said = tuple(replace(it, subject=row.id) for it in done.said) if of_all else done.said
                    known = states.get(row.id, monitor.start)
                    states[row.id] = self.heard_by(monitor, known, done.that_day, row.id, said)
                    state = BREACH if states[row.id] == BREACH else state
            if state == BREACH:
                answers = tuple(move.answers for _, move in path[: len(events)])
                return Breach(tuple(events), answers, tuple(steps))
        return None

    def seen(self, node: int) -> Seen:
        return self.universe.asked.seen(self.universe.lives[node], {})

    def heard_by(self, monitor: Monitor, state: str, life: Life, row: str, said: tuple[Said, ...]) -> str:
        for it in said:
            if it.subject not in (row, None, CHILD):
                continue
            for letter in it.letters:
                if it.subject != row:
                    state = monitor.after(state, around(letter))
                elif letter in monitor.asks:
                    truth = evaluate(monitor.asks[letter], lookup_of(self.plan, life, it.run, it.activity))
                    state = monitor.after(state, with_answer(letter, holds=truth is True))
                else:
                    state = monitor.after(state, letter)
        return state


def _translated(event: Event, theirs: Seen, mine: Seen) -> Event | None:
    """An event of one life as it is in another one that counts as the same."""
    changes: dict[str, Any] = {}
    number = getattr(event, "run", None)
    if number is not None:
        if number not in theirs.runs or theirs.runs.index(number) >= len(mine.runs):
            return None
        changes["run"] = mine.runs[theirs.runs.index(number)]
    subject = getattr(event, "subject", None)
    if subject is not None:
        label = theirs.label(subject)
        if isinstance(label, tuple) and label[1] >= len(mine.rows[label[0]]):
            return None
        changes["subject"] = mine.named(label)
    return replace(event, **changes)


# Structural statements, read anew from what they say


def structural_faults(plan: Plan, pack: Pack) -> dict[str, Breach | str]:
    """The structural statements that a release breaks, with where."""
    return {it.key: fault for it in pack.safeguards if it.monitor is None for fault in (misread(plan, it),) if fault}


def misread(plan: Plan, safeguard: Safeguard) -> str:
    """Where the release breaks a structural statement; empty when nowhere."""
    template = safeguard.template
    reading: Callable[[Plan, object], str] | None = READINGS.get(type(template))
    assert reading is not None, template
    return reading(plan, template)


def _places(plan: Plan, meanings: tuple[str, ...]) -> list[tuple[str, Activity]]:
    return [
        (f"{key}.{activity.key}", activity)
        for key, definition in plan.definitions.items()
        for activity in definition.definition.activities
        if any(meaning in activity.meanings for meaning in meanings)
    ]


def _who(plan: Plan, template: object) -> str:
    assert isinstance(template, WhoMayPerform)
    for place, activity in _places(plan, template.what):
        for performer in activity.performers:
            if not performer.adviser and performer.role not in template.roles:
                return f"{place}: {performer.role}"
    return ""


def _apart(plan: Plan, template: object) -> str:
    assert isinstance(template, SeparationOfDuties)
    for place, activity in _places(plan, template.what):
        deciding = [it.role for it in activity.performers if not it.adviser]
        advising = [it.role for it in activity.performers if it.adviser]
        if not deciding or template.adviser in deciding or template.adviser not in advising:
            return f"{place}: {deciding} with {advising}"
    return ""


def _ladder(plan: Plan, template: object) -> str:
    """Whoever does the step must choose a rung, and cannot choose one above a rung without a reason."""
    assert isinstance(template, LadderOrder)
    for place, activity in _places(plan, template.what):
        if fault := can_be_left_without_reason(activity, template.rungs):
            return f"{place}: {fault}"
    return ""


def _standing(plan: Plan, template: object) -> str:
    """The event opens the track for each row, somebody can do its step, and nothing takes it away but what may."""
    assert isinstance(template, StandingTrack)
    needing = _places(plan, template.when)
    lacks = [place for place, _ in needing]
    for track in plan.tracks.values():
        activity = None if track.body is None else plan.activity(track.body.definition, track.body.activity)
        if activity is None or not track.track.activity or not set(template.what) & set(activity.meanings):
            continue
        ends = [
            it
            for it in track.track.closes_on
            if not (isinstance(it, AtAge) and it.months >= ADULT)
            and not (isinstance(it, OnEvent) and it.event is template.until_event)
            and not (isinstance(it, Completed) and _means(plan, track.definition, it.activity, template.until))
        ]
        duties = [it.what for it in activity.opens if isinstance(it.what, OpenDuty) and it.what.duty == template.duty]
        lacks = [
            text
            for text, is_so in (
                (f"{track.key} does not open", track.track.opens_by != OnEvent(template.event)),
                (f"{track.key} belongs to {track.track.owner}", track.track.owner != OWNER[template.event]),
                (f"{track.key} is not for each", track.track.possible_when or track.track.for_each),
                (f"{track.key} can be ended by hand", track.track.closed_by_hand),
                (f"{track.key} ends by {ends}", ends),
                (f"{track.key} can be skipped", not template.may_skip and _can_be_skipped(activity)),
                (f"{track.key} is done once", template.until and not activity.stays_open),
                (f"{track.key} waits", activity.available is not None),
                (f"{track.key} is nobody's", not any(not it.adviser for it in activity.performers)),
                (f"{track.key} opens no duty", template.duty and not duties),
                (
                    f"{track.key}: another step discharges its duty",
                    any(it.discharged_by != (activity.key,) for it in duties),
                ),
                (
                    f"{track.key} opens its duty sometimes",
                    any(
                        it.when or it.for_each or it.at is not Moment.OPENING
                        for it in activity.opens
                        if it.what in duties
                    ),
                ),
            )
            if is_so
        ]
        if not lacks:
            return ""
    return ", ".join(lacks)


OWNER: Final = {
    RecordEvent.MEASURE_STARTED: Owner.MEASURE,
    RecordEvent.PLACEMENT_STARTED: Owner.PLACEMENT,
    RecordEvent.PLACEMENT_ENDED: Owner.PLACEMENT,
}
ADULT: Final = 216


def _can_be_skipped(activity: Activity) -> bool:
    return activity.skippable and activity.obligation is not Obligation.LAW


def _means(plan: Plan, home: str, written: str, meanings: tuple[str, ...]) -> bool:
    definition, _, key = written.rpartition(".")
    steps = plan.definitions[definition or home].activities if (definition or home) in plan else {}
    return key in steps and bool(set(meanings) & set(steps[key].activity.meanings))


READINGS: Final[Mapping[type, Callable[[Plan, object], str]]] = {
    WhoMayPerform: _who,
    SeparationOfDuties: _apart,
    LadderOrder: _ladder,
    StandingTrack: _standing,
}
