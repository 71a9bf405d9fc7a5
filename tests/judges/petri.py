"""
The control flow of a definition as a Petri net, for a judge that knows nothing of the language.

Every exit is possible, whatever its condition says. Calls are walked inside their caller, once, also those for each
row; a crisis is not walked. A step opens tracks, which run beside the main line, one of each at a time; the net ends
when the line and all its tracks have. Tracks that a person or the clock opens are left out, and so is cancellation:
a track ends with its body, and a form that stays open ends there. Nothing here is shared with `core.exploring`,
`core.structure` or `core.graph`.

Source of the kind of net: Van der Aalst, "The application of Petri nets to workflow management" (1998).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from pm4py.algo.analysis.woflan import algorithm as woflan
from pm4py.objects.petri_net.obj import Marking, PetriNet
from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to, remove_place, remove_transition

from padwijzer.workflows.core.definition import (
    Activity,
    Detour,
    Goto,
    Interrupt,
    Jump,
    Moment,
    Open,
    OpenTrack,
    ProcessDefinition,
    Target,
)
from padwijzer.workflows.core.releases import ReleaseSpec

MOST_BRANCHES: Final = 8
"""The line and its tracks; of more Woflan says nothing within a minute."""


@dataclass(frozen=True, slots=True)
class Net:
    """
    A workflow net.

    Args:
        net: places and transitions.
        source, sink: the places where a run begins and ends.
        tracks: names of the tracks that run beside the line.
        steps: the steps that were walked, with the key of their definition.
    """

    net: PetriNet
    source: PetriNet.Place
    sink: PetriNet.Place
    tracks: tuple[str, ...]
    steps: frozenset[tuple[str, str]]

    def is_sound(self) -> bool:
        """
        The verdict of pm4py's Woflan: no task is dead, and the end can be reached from everywhere.

        Its steps 3 to 9 are left out. They are a short cut by linear programs, which gave one net two verdicts.
        """
        closed, _ = woflan.short_circuit_petri_net(self.net)
        if closed is None:
            return False
        asked = woflan.woflan(self.net, Marking({self.source: 1}), Marking({self.sink: 1}))
        asked.set_s_c_net(closed)
        asked.set_left(left=True)
        return bool(woflan.step_10(asked, return_asap_when_unsound=True))

    def markings(self, most: int) -> int:
        """How many markings can be reached; counting stops above `most`. The net is safe as it is made."""
        takes = {it: frozenset(arc.source for arc in it.in_arcs) for it in self.net.transitions}
        gives = {it: frozenset(arc.target for arc in it.out_arcs) for it in self.net.transitions}
        found = {frozenset((self.source,))}
        waiting = list(found)
        while waiting and len(found) <= most:
            marking = waiting.pop()
            for transition, taken in takes.items():
                after = marking - taken | gives[transition]
                if taken <= marking and after not in found:
                    found.add(after)
                    waiting.append(after)
        return len(found)


def net_of(spec: ReleaseSpec, key: str, tracks: Collection[str] | None = None) -> Net:
    """
    The net of the main line of a definition, with the tracks that its steps open.

    Args:
        spec: the release; it need not compile.
        key: key of the definition.
        tracks: names of the tracks, as `V.help_runs`, beside which none is looked at; None: all.
    """
    return _Translation(spec, tracks).net_of(spec.definitions[key])


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is walked. Args: name: unlike all others; definition: its; leaving: place where it has ended."""

    name: str
    definition: ProcessDefinition
    leaving: str

    def at(self, key: str) -> str:
        """The place of a step."""
        return f"{self.name}/{self.definition.key}.{key}"


@dataclass(slots=True)
class _Translation:
    spec: ReleaseSpec
    wanted: Collection[str] | None
    net: PetriNet = field(default_factory=PetriNet)
    places: dict[str, PetriNet.Place] = field(default_factory=dict)
    tracks: dict[str, None] = field(default_factory=dict)
    walked: set[str] = field(default_factory=set)
    steps: set[tuple[str, str]] = field(default_factory=set)
    waiting: deque[tuple[_Line, Activity]] = field(default_factory=deque)

    def net_of(self, definition: ProcessDefinition) -> Net:
        main = _Line("", definition, "line ended")
        starts = [self.enter(main, key) for key in dict.fromkeys((definition.start, *definition.entries))]
        self.walk()
        for key in _on_no_track(definition):
            self.enter(main, key)
        self.walk()
        closed = [f"{name} closed" for name in self.tracks]
        for start in starts:
            self.move(["source"], [start, *closed], f"begin at {start}")
        self.move(["line ended", *closed], ["sink"], "end")
        source, sink = self.place("source"), self.place("sink")
        _reduce(self.net, {source, sink})
        return Net(self.net, source, sink, tuple(self.tracks), frozenset(self.steps))

    # places and transitions

    def place(self, name: str) -> PetriNet.Place:
        if name not in self.places:
            self.places[name] = PetriNet.Place(name)
            self.net.places.add(self.places[name])
        return self.places[name]

    def move(self, before: Iterable[str], after: Iterable[str], label: str | None) -> None:
        """A transition; without a label it is a way of opening a track, and Woflan allows that it never happens."""
        transition = PetriNet.Transition(f"t{len(self.net.transitions)}", label)
        self.net.transitions.add(transition)
        for name in before:
            add_arc_from_to(self.place(name), transition, self.net)
        for name in after:
            add_arc_from_to(transition, self.place(name), self.net)

    # lines

    def enter(self, line: _Line, key: str) -> str:
        """The place of a step of a line; the step is walked once."""
        name = line.at(key)
        if name not in self.walked:
            self.walked.add(name)
            self.steps.add((line.definition.key, key))
            self.place(name)
            self.waiting.append((line, line.definition.activity(key)))
        return name

    def walk(self) -> None:
        while self.waiting:
            self.walk_step(*self.waiting.popleft())

    def walk_step(self, line: _Line, activity: Activity) -> None:
        arrived = line.at(activity.key)
        at = self.opening(line, activity, Moment.OPENING, arrived)
        if activity.stays_open:
            self.move([at], [line.leaving], f"{arrived} closes")
            return
        for target in (activity.skip, activity.unavailable):
            if target is not None:
                self.lead(line, activity, -1, at, target)
        call = activity.call
        if call is not None and call.definition in self.spec.definitions:
            done = self.called(f"{arrived} calls ", call.definition, at)
            if call.for_each is not None or call.goes_on_when is not None:
                self.move([at], [done], f"{arrived} does not wait")
            at = done
        self.take_exits(line, activity, -1, self.opening(line, activity, Moment.COMPLETING, at))

    def called(self, name: str, definition: str, at: str) -> str:
        """Walk a call. Args: name: unlike all others; at: the place before it. Returns: the place after it."""
        whole = self.spec.definitions[definition]
        inside = _Line(name, whole, f"{name}{definition} returned")
        self.move([at], [self.enter(inside, whole.start)], f"{name}{definition}")
        return inside.leaving

    def take_exits(self, line: _Line, activity: Activity, after: int, at: str) -> None:
        for number, exit_ in enumerate(activity.exits):
            if number > after:
                self.lead(line, activity, number, at, exit_.target)

    def lead(self, line: _Line, activity: Activity, number: int, at: str, target: Target) -> None:
        """Lead on from a place. Args: number: of the exit: after a detour the next is read; -1 for a skip."""
        name = f"{at} to {target}"
        match target:
            case Goto(key):
                self.move([at], [self.enter(line, key)], name)
            case Jump(other, key) if other == line.definition.key:
                self.move([at], [self.enter(line, key or line.definition.start)], name)
            case Detour(other) if other in self.spec.definitions:
                done = self.called(f"{line.at(activity.key)} by {number} ", other, at)
                self.take_exits(line, activity, number, done)
            case Detour() | Interrupt():
                if number < 0:
                    self.take_exits(line, activity, number, at)
            case _:
                self.move([at], [line.leaving], name)

    # tracks

    def opening(self, line: _Line, activity: Activity, moment: Moment, at: str) -> str:
        """What a step opens at a moment, one after the other. Returns: the place after all of that."""
        for number, open_ in enumerate(activity.opens):
            if open_.at is moment and isinstance(open_.what, OpenTrack):
                after = f"{line.at(activity.key)} opened {number}"
                self.open(line, open_, open_.what.track, at, after)
                at = after
        return at

    def open(self, line: _Line, open_: Open, key: str, at: str, after: str) -> None:
        """Open a track that was closed; or leave it, when it runs already, as it does for a step of its own body."""
        track, name = line.definition.track(key), f"{line.definition.key}.{key}"
        body = self.spec.definitions.get(track.definition) if track.definition else line.definition
        is_left_out = body is None or (self.wanted is not None and name not in self.wanted)
        may_stay_closed = open_.when is not None or open_.for_each is not None
        if is_left_out or may_stay_closed:
            self.move([at], [after], f"{after} not")
        if body is None or is_left_out:
            return
        inside = _Line(f"[{name}]", body, f"{name} ended")
        start = self.enter(inside, track.activity or body.start)
        if not line.name.startswith(inside.name):
            self.move([at, f"{name} closed"], [after, f"{name} open", start], None)
        if not may_stay_closed:
            self.move([at, f"{name} open"], [after, f"{name} open"], None)
        if name not in self.tracks:
            self.tracks[name] = None
            self.move([f"{name} ended", f"{name} open"], [f"{name} closed"], f"{name} is over")


def _on_no_track(definition: ProcessDefinition) -> list[str]:
    """Keys of the steps that are not in the body of a track."""
    found = {track.activity for track in definition.tracks if track.activity}
    waiting = list(found)
    while waiting:
        activity = definition.activity(waiting.pop())
        for target in (*(it.target for it in activity.exits), activity.skip, activity.unavailable):
            match target:
                case Goto(key):
                    following = key
                case Jump(other, key) if other == definition.key:
                    following = key or definition.start
                case _:
                    continue
            if following not in found:
                found.add(following)
                waiting.append(following)
    return [activity.key for activity in definition.activities if activity.key not in found]


def _reduce(net: PetriNet, kept: Collection[PetriNet.Place]) -> None:
    """
    Make a net smaller while it stays sound or unsound: Woflan's time grows with the square of its markings.

    Transitions that do the same are one; one that changes nothing goes; and a place from which only one transition
    leads, to one other place and from nothing else, is that other place. Source of the rules: Murata, "Petri nets:
    properties, analysis and applications" (1989), section VI-D.
    """
    rising = True
    while rising:
        rising = _joined_transitions(net) or any(_joined_places(it, net, kept) for it in _ordered(net))


def _ordered(net: PetriNet) -> list[PetriNet.Transition]:
    return sorted(net.transitions, key=lambda it: it.name)


def _joined_transitions(net: PetriNet) -> bool:
    seen = set()
    before = len(net.transitions)
    for transition in _ordered(net):
        takes = frozenset(arc.source for arc in transition.in_arcs)
        gives = frozenset(arc.target for arc in transition.out_arcs)
        if (takes, gives) in seen or (takes == gives and len(takes) == 1):
            remove_transition(net, transition)
        seen.add((takes, gives))
    return len(net.transitions) < before


def _joined_places(transition: PetriNet.Transition, net: PetriNet, kept: Collection[PetriNet.Place]) -> bool:
    if len(transition.in_arcs) != 1 or len(transition.out_arcs) != 1:
        return False
    (place,), (other,) = (arc.source for arc in transition.in_arcs), (arc.target for arc in transition.out_arcs)
    makers = [arc.source for arc in place.in_arcs]
    if place is other or {place, other} & set(kept) or len(place.out_arcs) != 1 or not makers:
        return False
    if any(other is arc.target for maker in makers for arc in maker.out_arcs):
        return False
    remove_transition(net, transition)
    remove_place(net, place)
    for maker in makers:
        add_arc_from_to(maker, other, net)
    return True
