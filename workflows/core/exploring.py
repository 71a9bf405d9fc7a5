"""
The plain explorer: every control state that a definition can be in. Conditions are not looked at; every exit counts.

A state of the main line is the stack of steps at which its runs stand, calls inlined (once, also for each row). A
jump and an end leave the definition. A crisis is not walked; reading goes on after it. Tracks do not touch the main
line, so each is explored by itself; how large their product with the main line would be is told for information.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Final, TypeAlias

from padwijzer.workflows.core.definition import (
    Activity,
    Completed,
    Detour,
    End,
    Goto,
    Interrupt,
    Jump,
    OpenTrack,
    Return,
    Target,
)
from padwijzer.workflows.core.graph import main_starts, reachable, ways_on
from padwijzer.workflows.core.plan import Place, Plan, TrackPlan

BOUND: Final = 200_000


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a run stands. Args: place: at which step; after: number of the exit whose detour is under way, or -1."""

    place: Place
    after: int = -1


Location: TypeAlias = tuple[Frame, ...]
"""The outermost run first; empty: the line has ended."""

ENDED: Final[Location] = ()


@dataclass(frozen=True, slots=True)
class Component:
    """The size of one line. Args: key: of the track or definition; states, edges: how many."""

    key: str
    states: int
    edges: int


@dataclass(frozen=True, slots=True)
class Exploration:
    """
    What was found.

    Args:
        key: key of the definition.
        states: control states of its main line, the end included.
        edges: steps from one to another.
        tracks: the size of each track that it, or what it calls, can open.
        product: states of main line and tracks together, as far as they were counted.
        complete: whether the product was counted to the end within the bound.
        dead_ends: steps from which no way leads to an end.
        unreachable: steps of the definition that neither the main line nor a track can reach.
    """

    key: str
    states: int
    edges: int
    tracks: tuple[Component, ...]
    product: int
    complete: bool
    dead_ends: tuple[str, ...]
    unreachable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """
    A row of the table.

    Args:
        found: the exploration.
        steps: how many steps the definition has.
        milliseconds: how long its main line and tracks took.
        with_product: how long it took with counting the product.
    """

    found: Exploration
    steps: int
    milliseconds: float
    with_product: float


def explore(plan: Plan, key: str, bound: int = BOUND) -> Exploration:
    """
    Every control state of a definition.

    Args:
        plan: the release.
        key: key of the definition.
        bound: how many states of the product are counted before giving up on that number.

    Returns:
        Counts, dead ends and unreachable steps.

    Raises:
        KeyError: when the release has no such definition.
    """
    lines = _Lines(plan)
    definition = plan.definition(key)
    starts: tuple[Location, ...] = tuple((Frame(Place(key, start)),) for start in main_starts(definition))
    main = lines.walk(starts)
    tracks = lines.tracks_of(main)
    components = {track.key: lines.walk(((Frame(_body(track)),),)) for track in tracks}
    product, complete = _Product(lines, tracks).count(starts, bound)
    met = {frame.place.activity for walk in (main, *components.values()) for location in walk for frame in location
           if frame.place.definition == key}  # fmt: skip
    return Exploration(
        key=key,
        states=len(main),
        edges=sum(len(following) for following in main.values()),
        tracks=tuple(
            Component(name, len(walk), sum(len(following) for following in walk.values()))
            for name, walk in components.items()
        ),
        product=product,
        complete=complete,
        dead_ends=_dead_ends(main),
        unreachable=tuple(activity.key for activity in definition.activities if activity.key not in met),
    )


def _body(track: TrackPlan) -> Place:
    assert track.body is not None  # noqa: S101 - only tracks with a body are explored
    return track.body


def _dead_ends(walk: dict[Location, tuple[Location, ...]]) -> tuple[str, ...]:
    before: dict[Location, list[Location]] = {}
    for location, following in walk.items():
        for other in following:
            before.setdefault(other, []).append(location)
    alive = reachable((ENDED,), lambda location: before.get(location, ()))
    dead = {location[-1].place: None for location in walk if location not in alive}
    return tuple(f"{place.definition}.{place.activity}" for place in dead)


class _Lines:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.known: dict[Location, tuple[Location, ...]] = {}

    def walk(self, starts: tuple[Location, ...]) -> dict[Location, tuple[Location, ...]]:
        return {location: self.following(location) for location in reachable(starts, self.following)}

    def following(self, location: Location) -> tuple[Location, ...]:
        if location not in self.known:
            self.known[location] = tuple(dict.fromkeys(self.moves(location)))
        return self.known[location]

    def moves(self, location: Location) -> Iterator[Location]:
        if location == ENDED:
            return
        *outer, frame = location
        activity = self.plan.activity(frame.place.definition, frame.place.activity)
        if activity.call is not None and frame.after < 0:
            yield self.begin(location, activity.call.definition)
            if activity.call.for_each is not None or activity.call.goes_on_when is not None:
                yield from self.exits(tuple(outer), frame, activity, -1)
        else:
            yield from self.exits(tuple(outer), frame, activity, frame.after)
        if frame.after < 0:
            for _, target in list(ways_on(activity))[len(activity.exits) :]:
                yield from self.lead(tuple(outer), frame, activity, -1, target)

    def exits(self, outer: Location, frame: Frame, activity: Activity, after: int) -> Iterator[Location]:
        for index, exit_ in enumerate(activity.exits):
            if index > after:
                yield from self.lead(outer, frame, activity, index, exit_.target)

    def lead(
        self, outer: Location, frame: Frame, activity: Activity, index: int, target: Target
    ) -> Iterator[Location]:
        definition = frame.place.definition
        match target:
            case Goto(key):
                yield (*outer, Frame(Place(definition, key)))
            case Jump(other, key) if other == definition:
                yield (*outer, Frame(Place(definition, key or self.plan.definition(definition).start)))
            case Detour(other):
                yield self.begin((*outer, Frame(frame.place, index)), other)
            case Interrupt():
                yield from self.exits(outer, frame, activity, index)
            case Jump() | Return() | End():
                yield from self.back(outer)

    def begin(self, location: Location, definition: str) -> Location:
        return (*location, Frame(Place(definition, self.plan.definition(definition).start)))

    def back(self, outer: Location) -> Iterator[Location]:
        if not outer:
            yield ENDED
            return
        *above, frame = outer
        activity = self.plan.activity(frame.place.definition, frame.place.activity)
        yield from self.exits(tuple(above), frame, activity, frame.after)

    def tracks_of(self, walk: dict[Location, tuple[Location, ...]]) -> tuple[TrackPlan, ...]:
        found: dict[str, TrackPlan] = {}
        waiting = [walk]
        while waiting:
            definitions = {frame.place.definition: None for location in waiting.pop() for frame in location}
            for key in definitions:
                for track in self.plan.definitions[key].tracks.values():
                    if track.body is not None and track.key not in found:
                        found[track.key] = track
                        waiting.append(self.walk(((Frame(track.body),),)))
        return tuple(found[key] for key in sorted(found))


_Tracks: TypeAlias = tuple[Location | None, ...]


class _Product:
    """Main line and tracks together: a track is closed (None), or somewhere in its body."""

    def __init__(self, lines: _Lines, tracks: tuple[TrackPlan, ...]) -> None:
        self.lines = lines
        self.tracks = tracks
        self.number = {track.key: index for index, track in enumerate(tracks)}

    def count(self, starts: tuple[Location, ...], bound: int) -> tuple[int, bool]:
        closed: _Tracks = tuple(None for _ in self.tracks)
        found: dict[tuple[Location, _Tracks], None] = {}
        for start in starts:
            for tracks in self.opened(start, closed):
                found[start, tracks] = None
        waiting = list(found)
        for state in waiting:
            for other in self.following(*state):
                if other not in found:
                    if len(found) >= bound:
                        return len(found), False
                    found[other] = None
                    waiting.append(other)
        return len(found), True

    def following(self, main: Location, tracks: _Tracks) -> Iterator[tuple[Location, _Tracks]]:
        left = self.completed(main, tracks)
        for other in self.lines.following(main):
            for opened in self.opened(other, left):
                yield other, opened
        if main == ENDED:
            return
        for index, location in enumerate(tracks):
            track = self.tracks[index]
            if location is None:
                if track.by_hand or track.by_itself:
                    yield main, _put(tracks, index, (Frame(_body(track)),))
                continue
            after = self.completed(location, tracks)
            for other in self.lines.following(location):
                mine = _put(after, index, other or None)
                for opened in self.opened(other, mine):
                    yield main, opened
            if track.track.closed_by_hand or any(
                not isinstance(closer, Completed) for closer in track.track.closes_on
            ):
                yield main, _put(tracks, index, None)

    def completed(self, location: Location, tracks: _Tracks) -> _Tracks:
        """The tracks after leaving a place, those closed that it closes."""
        if location == ENDED:
            return tracks
        place = location[-1].place
        for key in self.lines.plan.step(place.definition, place.activity).closes:
            if key in self.number:
                tracks = _put(tracks, self.number[key], None)
        return tracks

    def opened(self, location: Location, tracks: _Tracks) -> Iterator[_Tracks]:
        """The tracks after reaching a place: those that it opens for certain, and with and without the others."""
        choices = [tracks]
        place = location[-1].place if location else None
        opens = self.lines.plan.activity(place.definition, place.activity).opens if place else ()
        for open_ in opens:
            key = f"{place.definition}.{open_.what.track}" if place and isinstance(open_.what, OpenTrack) else ""
            index = self.number.get(key)
            if index is None or tracks[index] is not None:
                continue
            with_it = [_put(choice, index, (Frame(_body(self.tracks[index])),)) for choice in choices]
            certain = open_.when is None and open_.for_each is None
            choices = with_it if certain else [*choices, *with_it]
        yield from dict.fromkeys(choices)


def _put(tracks: _Tracks, index: int, location: Location | None) -> _Tracks:
    return (*tracks[:index], location, *tracks[index + 1 :])


def table(plan: Plan, clock: Callable[[], float], bound: int = BOUND) -> Iterator[Row]:
    """
    The exploration of every definition of a release, with how long it took.

    Args:
        plan: the release.
        clock: a clock that only goes forward, in seconds, for example `time.perf_counter`.
        bound: as in `explore`; 0 leaves the product uncounted.

    Returns:
        A row for each definition, in the order of the keys.
    """
    for key, definition in plan.definitions.items():
        begun = clock()
        lines = explore(plan, key, 0)
        told = clock()
        whole = explore(plan, key, bound) if bound else lines
        yield Row(whole, len(definition.activities), (told - begun) * 1000, (clock() - told) * 1000)


def written(rows: Iterable[Row]) -> str:
    """The rows of `table` as a table in Markdown, one line each."""
    lines = [
        "| definition | steps | states | edges | ms | tracks | their states | product at most | counted | ms |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        found = row.found
        beside = sum(track.states for track in found.tracks)
        at_most = found.states * prod(track.states for track in found.tracks)
        product = f"{found.product:,}" if found.complete else f"> {found.product:,}"
        lines.append(
            f"| {found.key} | {row.steps} | {found.states} | {found.edges} | {row.milliseconds:.1f} "
            f"| {len(found.tracks)} | {beside} | {at_most:,} | {product} | {row.with_product:.0f} |"
        )
    return "\n".join(lines)
