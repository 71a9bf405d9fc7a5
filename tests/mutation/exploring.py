"""
The graph of a case: how it can be with it, and what leads from one to another.

Two cases that differ in nothing that anything looks at are one node. The graph grows when it is asked for, and knows
for each event which parts of the release it rested on: a mutant of the release, in which none of these differ, shares
it. An event costs nothing on the main line, nor on a track that the mutant edits; whatever else somebody does beside
it (skipping, a hand, a track) costs one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar

from padwijzer.forms.core.conditions import Collection, FactRef, evaluate, references
from padwijzer.workflows.core.case_file import CaseFile, Row, VisitState
from padwijzer.workflows.core.consent import consent_on
from padwijzer.workflows.core.definition import Obligation, RowsSource, TimeBefore
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.graph import needs_person
from padwijzer.workflows.core.plan import DefinitionPlan, Plan, TrackPlan
from padwijzer.workflows.core.safeguards import Monitor, Scope, around, with_answer
from padwijzer.workflows.core.semantics import (
    ActivityState,
    CloseTrack,
    Complete,
    Event,
    OpenedAs,
    OpenTrack,
    Recheck,
    RunMarking,
    RunStatus,
    SaveOpen,
    Skip,
    StartCase,
    StartEmergency,
)
from tests.mutation.cases import CHILD, TODAY, Life, Said, lived, lookup_of, times
from tests.mutation.choosing import COLUMNS, Choosing, Looked, conditions_of, looked_at, ways_to_answer

ASIDE: Final = frozenset({
    "V.school", "V.share_information", "V.stop_sharing", "V.choose_mentor", "V.change_contact_person",
    "V.look_with_experts", "V.tailor_made", "V.tailor_made_for_help", "V.help_runs",
    "P.school", "P.towards_18", "P.first_week", "P.family_help", "OTS.towards_18", "D-18.eighteenth_birthday",
})  # fmt: skip
"""Tracks on which nothing is done: no statement hears of them, and nothing that anybody asks comes from them."""
GATES: Final = frozenset({"close_together"})
"""Before these, what stands open beside the main line is done in order, at no cost."""
REGISTER: Final = {
    Scope.HELP: "help_item", Scope.PLACEMENT: "placement", Scope.CHILD: "person", Scope.MEASURE: "measure",
}  # fmt: skip
OVER: Final = {"help_item": ("not_started", "stopped"), "placement": ("ended",), "order": ("ended", "lapsed")}
ROWS: Final = {"placement": 2, "measure": 1, "help_item": 2}
"""So many rows there can be in a register."""
WIDE: Final = 15
"""A release with more definitions is wide."""
FREE_TRACK: Final = "D-WACHT.help_begins"
FREE_HAND: Final = "V.withdraw_consent"
"""In a release that is not wide, steps on these tracks have no price, nor has taking consent back."""
FREE_PATHS: Final = 3
"""So many times a case begins, or goes over to another path, at no cost."""
MORE_PATHS: Final = 5
"""The same in a case in which the child lives elsewhere already."""
READ_OFF: Final = frozenset({"ask_consent", "intake_and_waiting"})
"""Only at these steps is anything asked about helps that did not come to anything."""
ANSWERED: Final = ("matched_on", "place")
"""Columns of which only counts whether they are filled."""

Label: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Watch:
    """
    A statement about each row by itself, or one about the family that asks something; that is kept with the child.

    Args:
        key: of the safeguard.
        register: of the rows.
        monitor: as it is.
        of_all: whether it is about the family.
    """

    key: str
    register: str
    monitor: Monitor
    of_all: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """
    One event in a node.

    Args:
        event: with the numbers of the life of the node.
        answers: those of the step that it completes.
        cost: 1 beside the main line, else 0.
        target: number of the node it leads to.
        letters: what statements about the family hear, in order.
        broken: keys of the statements about rows that it breaks.
    """

    event: Event
    answers: Choosing
    cost: int
    target: int
    letters: tuple[str, ...]
    broken: frozenset[str]


V = TypeVar("V")


class Watched(dict[str, V]):
    """A mapping that tells which of its keys were looked up."""

    def __init__(self, name: str, told: set[tuple[str, str]], content: Mapping[str, V]) -> None:
        super().__init__(content)
        self.name, self.told = name, told

    def __getitem__(self, key: str) -> V:
        self.told.add((self.name, key))
        return super().__getitem__(key)

    def values(self) -> Any:
        self.told.add((self.name, "*"))
        return super().values()

    def items(self) -> Any:
        self.told.add((self.name, "*"))
        return super().items()

    def get(self, key: str, default: Any = None) -> Any:
        self.told.add((self.name, key))
        return super().get(key, default)


def watched(plan: Plan, told: set[tuple[str, str]]) -> Plan:
    """The same plan, that tells what is looked up in it. Args: plan: the release; told: where it tells."""
    definitions: dict[str, DefinitionPlan] = {
        key: replace(it, activities=Watched(key, told, it.activities)) for key, it in plan.definitions.items()
    }
    return replace(
        plan, definitions=Watched("definitions", told, definitions), tracks=Watched("tracks", told, plan.tracks)
    )


def differing(one: Plan, other: Plan) -> frozenset[tuple[str, str]]:
    """The parts in which two plans differ, as `watched` tells them."""
    found: set[tuple[str, str]] = set()
    for key in {*one.definitions, *other.definitions}:
        if key not in one.definitions or key not in other.definitions:
            found |= {("definitions", key), ("definitions", "*")}
            continue
        mine, yours = one.definitions[key], other.definitions[key]
        if _header(mine) != _header(yours):
            found.add(("definitions", key))
        for step in {*mine.activities, *yours.activities}:
            if _step(mine, step) != _step(yours, step):
                found |= {(key, step), (key, "*")}
    for track in {*one.tracks, *other.tracks}:
        if one.tracks.get(track) != other.tracks.get(track):
            found |= {("tracks", track), ("tracks", "*")}
    return frozenset(found)


def _header(it: DefinitionPlan) -> object:
    definition = it.definition
    tracks = tuple(sorted(it.tracks))
    return (
        definition.start,
        definition.scope,
        definition.entries,
        definition.per_child_from,
        definition.children,
        tracks,
    )


def _step(it: DefinitionPlan, key: str) -> object:
    found = it.activities.get(key)
    if found is None:
        return None
    first = it.definition.per_child_from
    splits = bool(first) and first in it.activities and found.index >= it.activities[first].index
    activity = replace(found.activity, performers=())  # who does a step changes nothing of what it leads to
    return replace(found, index=splits, activity=activity, deciders=(), advisers=())


class Universe:
    """
    The nodes of the shipped release, and what leads from one to another where a mutant does not differ.

    Args:
        plan: the shipped release.
        watches: the statements about rows, which belong to how it is with a case.
        first: how it is with a case before it starts.
        free_paths: so many times it begins, or goes over to another path, at no cost.
    """

    def __init__(
        self, plan: Plan, watches: tuple[Watch, ...], first: Life | None = None, free_paths: int = FREE_PATHS
    ) -> None:
        self.plan, self.watches, self.free_paths = plan, watches, free_paths
        self.first = first or Life()
        self.looked: Looked = looked_at(plan)
        self.asked = _Asked(plan)
        self.numbers: dict[object, int] = {}
        self.lives: list[Life] = []
        self.states: list[Mapping[str, tuple[str, ...]]] = []
        self.moves: dict[tuple[int, Event], tuple[tuple[Move, ...], frozenset[tuple[str, str]]]] = {}
        self.whole: dict[tuple[int, int], tuple[tuple[Move, ...], frozenset[tuple[str, str]]]] = {}
        self.start = self.node(self.first, {})

    def node(self, life: Life, states: Mapping[str, tuple[str, ...]]) -> int:
        """The number of the node of a life."""
        key = self.asked.seen(life, states).key
        number = self.numbers.setdefault(key, len(self.lives))
        if number == len(self.lives):
            self.lives.append(life)
            self.states.append(states)
        return number


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What counts of a life.

    Args:
        key: equal when nothing that counts differs.
        runs: numbers of the runs that count, in order.
        rows: ids of the rows that count, in order, by register.
    """

    key: object
    runs: tuple[int, ...]
    rows: Mapping[str, tuple[str, ...]]

    def label(self, row: str | None) -> object:
        """How a row is called in every life that counts as this one."""
        for register, ids in self.rows.items():
            if row in ids:
                return register, ids.index(row)
        return row

    def named(self, label: object) -> str | None:
        """The id of the row that is called so."""
        if isinstance(label, tuple):
            return self.rows[label[0]][label[1]]
        return label if isinstance(label, str) else None


class _Asked:
    """What the conditions of a release ask about the past, and so what counts of a life."""

    def __init__(self, plan: Plan) -> None:
        self.steps: dict[tuple[str, str, str, bool], None] = {}
        self.answers: dict[tuple[str, str, str], None] = {}
        looked = looked_at(plan)
        for definition in plan.definitions.values():
            for step in definition.activities.values():
                for condition in conditions_of(step.activity):
                    for reference in references(condition):
                        self.take_in(reference, step.place.definition, plan)
            for track in definition.tracks.values():
                if track.track.possible_when is not None:
                    for reference in references(track.track.possible_when):
                        self.take_in(reference, track.definition, plan)

        self.compared = {
            key: [it for it in looked.fields.get(key, ()) if isinstance(it, frozenset)] for key in self.answers
        }

    def take_in(self, reference: FactRef | Collection, definition: str, plan: Plan) -> None:
        if isinstance(reference, Collection):
            return
        match reference.name:
            case "state" | "round":
                of = reference.argument("of")
                if of in plan.definitions:
                    return
                home, _, step = of.rpartition(".")
                since = reference.argument("since")
                counted = reference.name == "round"
                self.steps[home or definition, step, since, counted] = None
            case "answer":
                parts = reference.argument("field").split(".")
                if len(parts) == 2:
                    self.answers[definition, parts[0], parts[1]] = None
                elif len(parts) == 3:
                    self.answers[parts[0], parts[1], parts[2]] = None

    def seen(self, life: Life, states: Mapping[str, tuple[str, ...]]) -> Seen:
        """What counts of a life. Args: life: it; states: of the statements about each row."""
        marking = life.marking
        kept = {run.number for run in marking.alive() if run.track not in ASIDE}
        waiting = list(kept)
        while waiting:
            run = marking.run(waiting.pop())
            for number in (*run.calls, *((run.parent[0],) if run.parent else ())):
                if number not in kept and (number in run.calls or marking.run(number).is_alive):
                    kept.add(number)
                    waiting.append(number)
        numbers = tuple(sorted(kept))
        new = {number: place for place, number in enumerate(numbers)}
        subjects = {marking.run(number).subject for number in numbers} | {duty.subject for duty in marking.duties}
        reading = any(run.position in READ_OFF for run in marking.alive())
        rows: dict[str, tuple[str, ...]] = {}
        told: list[object] = []
        for register, columns in COLUMNS.items():
            if register == "consent":
                continue
            here = life.registers.get(register, ())
            going_on: list[Row] = []
            over: list[Row] = []
            for row in here:
                is_over = row.text("status") in OVER.get(register, ()) and row.id not in subjects
                (over if is_over else going_on).append(row)
            rows[register] = tuple(row.id for row in going_on)
            told.append(
                (
                    register,
                    tuple((*_cells(row, columns, life), _consent(life, row), states.get(row.id)) for row in going_on),
                    frozenset(
                        _cells(row, columns[:5], life) for row in over if reading and row.is_yes("in_this_decision")
                    ),
                )
            )
        seen = Seen(None, numbers, rows)
        runs = tuple(self.of_run(life, marking.run(number), new, seen) for number in numbers)
        duties = frozenset(
            (row.get("kind"), row.get("origin"), row.get("state"), seen.label(row.text("subject") or None))
            for row in life.registers.get("duty", ())
            if row.get("state") == "open" or row.get("kind") == "legal_ground"
        )
        owed = frozenset((duty.kind, seen.label(duty.subject), duty.opened_by) for duty in marking.duties)
        crisis = any(run.opened_as is OpenedAs.INTERRUPT for run in marking.runs)
        known = bool(life.registers.get("contact_person")), bool(life.registers.get("deviation")), crisis
        return replace(seen, key=(runs, tuple(told), duties, owed, known, self.past(life), states.get(CHILD)))

    def of_run(self, life: Life, run: RunMarking, new: Mapping[int, int], seen: Seen) -> object:
        parent = None if run.parent is None or run.parent[0] not in new else (new[run.parent[0]], run.parent[1])
        here = run.state(run.position) if run.position else None
        return (
            run.definition, parent, run.opened_as, run.track, seen.label(run.subject), run.position, here, run.status,
            run.outcome, run.detour_at, tuple(new[number] for number in run.calls), run.handed_over,
        )  # fmt: skip

    def past(self, life: Life) -> object:
        visits: dict[tuple[str, str], list[int]] = {}
        for index, visit in enumerate(life.visits):
            visits.setdefault((visit.definition, visit.activity), []).append(index)
        told: list[object] = []
        for definition, step, since, counted in self.steps:
            found = visits.get((definition, step), [])
            if since and (definition, since) in visits:
                done = [it for it in visits[definition, since] if life.visits[it].state is VisitState.DONE]
                found = [it for it in found if not done or it > done[-1]]
            if counted:
                found = [it for it in found if life.marking.run(life.visits[it].run).is_alive]
                told.append(min(len(found), 4))
            else:
                told.append(life.visits[found[-1]].state if found else None)
        for definition, step, key in self.answers:
            done = [it for it in visits.get((definition, step), []) if life.visits[it].state is VisitState.DONE]
            answer = life.visits[done[-1]].answers.get(key) if done else None
            told.append(tuple(answer in test for test in self.compared[definition, step, key]))
            told.append(answer is not None)
        return tuple(told)


def _cells(row: Row, columns: tuple[str, ...], life: Life) -> tuple[object, ...]:
    return tuple(
        (column in row.values) if column in ANSWERED else _when(row.values.get(column), life) for column in columns
    )


def _when(value: object, life: Life) -> object:
    """A day as it lies from today; everything else as it is."""
    if not isinstance(value, date):
        return value
    day = value.date() if isinstance(value, datetime) else value
    return ("past", "today", "ahead")[(day > life.today) - (day < life.today) + 1]


def _extra(life: Life, free_paths: int) -> int:
    """What is beyond the plain course of a case: every crisis, and going over to another path more than once."""
    crises = sum(run.opened_as is OpenedAs.INTERRUPT for run in life.marking.runs)
    paths = sum(run.opened_as is OpenedAs.MAIN and run.subject is None for run in life.marking.runs)
    return 2 * crises + max(0, paths - free_paths)


def _beyond(life: Life) -> bool:
    """Whether a case lies outside the bound: too many rows, two helps of a kind, twice closed or withdrawn."""
    if any(len(life.registers.get(register, ())) > most for register, most in ROWS.items()):
        return True
    if life.today > TODAY + timedelta(days=1):
        return True
    if sum(row.text("kind") == "withdrawal" for row in life.registers.get("consent", ())) > 1:
        return True
    found = [
        (row.text("kind"), row.text("regime"))
        for row in life.registers.get("help_item", ())
        if row.text("status") not in OVER["help_item"]
    ]
    return len(set(found)) < len(found)


_CONSENT: dict[tuple[int, int, date], tuple[object, Row, str]] = {}


def _consent(life: Life, row: Row) -> str | None:
    if row.register not in ("help_item", "placement"):
        return None
    said = life.registers.get("consent", ())
    key = (id(said), id(row), life.today)
    known = _CONSENT.get(key)
    if known is None or known[0] is not said or known[1] is not row:
        file = CaseFile(life.today, times=times(), registers=life.registers, closed_on=life.closed_on)
        known = _CONSENT[key] = (said, row, consent_on(file, row, life.today).state.value)
    return known[2]


@dataclass
class Graph:
    """
    The graph of one release.

    Args:
        universe: what is known of the shipped release.
        plan: the release.
    """

    universe: Universe
    plan: Plan
    told: set[tuple[str, str]] = field(default_factory=set)
    whole: dict[tuple[int, int], tuple[Move, ...]] = field(default_factory=dict)
    made: int = 0

    def __post_init__(self) -> None:
        self.differs = differing(self.universe.plan, self.plan)
        self.seen_through = watched(self.plan, self.told)
        self.is_wide = len(self.plan.definitions) > WIDE
        self.by_hand = tuple(
            track
            for track in self.plan.tracks.values()
            if track.key not in ASIDE
            and track.body is not None
            and (track.by_hand or isinstance(track.track.opens_by, TimeBefore))
        )

    def moves(self, node: int, most: int) -> tuple[Move, ...]:
        """Everything that can happen in a node at a cost of at most so much."""
        key = node, min(most, 1)
        found = self.whole.get(key)
        if found is None:
            shared = self.universe.whole.get(key)
            if shared is not None and shared[1].isdisjoint(self.differs):
                found = shared[0]
            else:
                found = self.all_of(node, min(most, 1), shared is None)
            self.whole[key] = found
        return tuple(it for it in found if it.cost <= most)

    def all_of(self, node: int, most: int, is_new: bool) -> tuple[Move, ...]:
        life = self.universe.lives[node]
        self.told.clear()
        events = [event for event in self.events(life) if event[1] <= most]
        rests_on = set(self.told)
        found: list[Move] = []
        for event, cost in events:
            moves, parts = self.moved(node, life, event, cost)
            found += moves
            rests_on |= parts
        if is_new and self.differs.isdisjoint(rests_on):
            self.universe.whole[node, most] = tuple(found), frozenset(rests_on)
        return tuple(found)

    def moved(
        self, node: int, life: Life, event: Event, cost: int
    ) -> tuple[tuple[Move, ...], frozenset[tuple[str, str]]]:
        shared = self.universe.moves.get((node, event))
        if shared is not None and shared[1].isdisjoint(self.differs):
            return shared
        self.told.clear()
        made = tuple(self.made_of(node, life, event, cost))
        found = made, frozenset(self.told)
        self.made += 1
        if shared is None and found[1].isdisjoint(self.differs):
            self.universe.moves[node, event] = found
        return found

    def made_of(self, node: int, life: Life, event: Event, cost: int) -> Iterator[Move]:
        plan, universe = self.seen_through, self.universe
        answers: list[Choosing] = [{}]
        if isinstance(event, Complete | SaveOpen):
            run = life.marking.run(event.run)
            activity = plan.activity(run.definition, run.position or "")
            lookup = lookup_of(plan, life, run.number, activity.key)
            answers = ways_to_answer(universe.looked, run.definition, activity, lookup)
        met: set[object] = set()
        for given in answers:
            try:
                done = lived(plan, life, event, given)
            except Impossible:
                continue
            if _beyond(done.life):
                continue
            states, broken = self.watched_rows(done.that_day, done.said, universe.states[node])
            target = universe.node(done.life, states)
            price = cost + _extra(done.life, universe.free_paths) - _extra(life, universe.free_paths)
            letters = tuple(letter for said in done.said for letter in said.letters)
            if (target, letters, broken) not in met:
                met.add((target, letters, broken))
                yield Move(event, given, price, target, letters, broken)

    def watched_rows(
        self, life: Life, said: tuple[Said, ...], before: Mapping[str, tuple[str, ...]]
    ) -> tuple[Mapping[str, tuple[str, ...]], frozenset[str]]:
        states = {}
        broken: set[str] = set()
        for watch_register in {watch.register for watch in self.universe.watches}:
            for row in life.registers.get(watch_register, ()):
                if row.register == "person" and row.id != CHILD:
                    continue
                known = before.get(row.id)
                new = []
                for index, watch in enumerate(self.universe.watches):
                    if watch.register != row.register:
                        new.append("")
                        continue
                    state = known[index] if known else watch.monitor.start
                    state = self.after(watch, state, life, row.id, said)
                    if state == "breach":
                        broken.add(watch.key)
                        state = known[index] if known else watch.monitor.start
                    new.append(state)
                states[row.id] = tuple(new)
        return states, frozenset(broken)

    def after(self, watch: Watch, state: str, life: Life, row: str, said: tuple[Said, ...]) -> str:
        monitor = watch.monitor
        for it in said:
            own = watch.of_all or it.subject == row
            if not own and it.subject not in (None, CHILD):
                continue
            for letter in it.letters:
                if not own:
                    state = monitor.after(state, around(letter))
                elif letter in monitor.asks:
                    lookup = lookup_of(self.seen_through, life, it.run, it.activity)
                    truth = evaluate(monitor.asks[letter], lookup)
                    state = monitor.after(state, with_answer(letter, holds=truth is True))
                else:
                    state = monitor.after(state, letter)
        return state

    def events(self, life: Life) -> Iterator[tuple[Event, int]]:
        """Everything that may be tried, with what it costs; not each of it is possible."""
        marking = life.marking
        if not marking.runs:
            yield StartCase(), 0
            return
        at_gate = any(run.position in GATES and run.status is RunStatus.RUNNING for run in marking.alive())
        halted = marking.waits
        for run in marking.alive():
            if run.status is not RunStatus.RUNNING or not run.position:
                continue
            track = self.track_of(life, run)
            if track in ASIDE or run.position not in self.plan.definitions[run.definition].activities:
                continue
            activity = self.seen_through.activity(run.definition, run.position)
            if run.state(run.position) is not ActivityState.OPEN:
                continue
            if not needs_person(activity):
                halted = halted or activity.call is None
            cost = 1 if track and not self.is_free(track, run) else 0
            if cost and at_gate:
                cost, at_gate = 0, False
            if needs_person(activity):
                yield (SaveOpen if activity.stays_open else Complete)(run.number), cost
            if activity.skippable:
                yield Skip(run.number), int(self.was_skippable(run))
            if run.track and self.seen_through.tracks[run.track].track.closed_by_hand:
                was = self.universe.plan.tracks.get(run.track)
                yield CloseTrack(run.number, by_hand=True), int(was is not None and was.track.closed_by_hand)
        if halted:
            yield Recheck(), 0
        self.told.add(("tracks", "*"))
        for track_plan in self.by_hand:
            main = next(
                (it.number for it in marking.alive() if it.definition == track_plan.definition and not it.track), None
            )
            for subject in self.subjects(life, track_plan.track.for_each, track_plan):
                price = int(self.is_wide or track_plan.key != FREE_HAND) and not self.is_edited(track_plan)
                yield OpenTrack(main, track_plan.track.key, subject, track_plan.definition), int(price)
        if not any(run.opened_as is OpenedAs.INTERRUPT for run in marking.runs):
            for key in self.seen_through.emergencies:
                yield StartEmergency(key), 0

    def is_free(self, track: str, run: RunMarking) -> bool:
        if (run.definition, run.position or "") in self.differs or self.is_edited(self.plan.tracks.get(track)):
            return True
        return not self.is_wide and (track == FREE_TRACK or (track == FREE_HAND and run.track == FREE_HAND))

    def is_edited(self, track: TrackPlan | None) -> bool:
        """Whether a mutant edits a track or its first step: then what happens on it has no price."""
        if track is None or track.body is None:
            return False
        body = track.body.definition, track.body.activity
        return ("tracks", f"{track.definition}.{track.track.key}") in self.differs or body in self.differs

    def was_skippable(self, run: RunMarking) -> bool:
        """Whether the shipped release lets its step be skipped; what only a mutant allows has no price."""
        known = self.universe.plan.definitions[run.definition].activities.get(run.position or "")
        return known is not None and known.activity.skippable and known.activity.obligation is not Obligation.LAW

    def subjects(self, life: Life, source: RowsSource | None, track: TrackPlan) -> tuple[str | None, ...]:
        register = source.collection.register if source is not None else ""
        if register in ("children", "case_children"):
            return (CHILD,)
        if register:
            return tuple(
                row.id for row in life.registers.get(register, ()) if row.text("status") not in OVER["help_item"]
            )
        if isinstance(track.track.opens_by, TimeBefore):
            return tuple(row.id for row in life.registers.get("measure", ()) if row.day("ended_on") is None)
        return (None,)

    def track_of(self, life: Life, run: RunMarking) -> str:
        """The track on which a run is, itself or by who called it; empty on the main line."""
        while not run.track and run.parent is not None and run.opened_as in (OpenedAs.CALL, OpenedAs.DETOUR):
            run = life.marking.run(run.parent[0])
        return run.track
