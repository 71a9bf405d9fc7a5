"""
Every move that some components of the machine can make from one state.

Each is worked off to the end, in the order in which the reference semantics does. A crisis holds
nothing back here: what it suspends may go on all the same, or later, or end with it. That only adds runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from functools import partial
from typing import NamedTuple, TypeAlias

from padwijzer.workflows.core.definition import (
    AtAge,
    Detour,
    End,
    Goto,
    Interrupt,
    Jump,
    Kind,
    Moment,
    Obligation,
    OnEvent,
    Owner,
    Return,
    Target,
)
from padwijzer.workflows.core.proving.boxes import FALSE, Box, Divided, Formula, cut, divide, facts_of
from padwijzer.workflows.core.proving.machine import (
    BRIEFLY,
    STATES,
    Aspect,
    CallPlan,
    Component,
    Machine,
    StartKind,
    Step,
    lasts,
    state_of,
)
from padwijzer.workflows.core.safeguards import BREACH, STEP, Monitor, Scope, skipped, with_answer


class Phase(StrEnum):
    """How a component stands at a step. Out: it waits for what the release lacks."""

    OPEN = "open"
    WAIT = "wait"
    HALT = "halt"
    CALL = "call"
    DETOUR = "detour"
    OUT = "out"


ROOTS = {StartKind.JUMP: "main", StartKind.INTERRUPT: "crisis", StartKind.EMERGENCY: "crisis"}
CALLED = "called"
"""How a component began that something calls which is followed: nothing else can end it."""


class Spot(NamedTuple):
    """
    Where a component stands.

    Args:
        activity: at which step.
        phase: how.
        root: `main` for a main line, `crisis` for what interrupts those, `called` for what is called and could be
            ended from outside as a track; else empty.
        waits: for which components.
        number: of the exit whose detour, interrupt or jump outside is under way.
    """

    activity: str
    phase: Phase
    root: str = ""
    waits: frozenset[Component] = frozenset()
    number: int = -1


GONE = Spot("", Phase.OUT)
"""Where a component stands that is not alive."""

Token: TypeAlias = tuple[str, str, str, int]
"""A choice: what, by which component, at which step, and a number."""
Seen: TypeAlias = "tuple[str, str, str, tuple[tuple[str, int], ...]]"
"""A step that was done: by which component, which, how, and what is known of its answers."""
CASE_BEGINS: Token = ("case", "", "", -1)
HIDDEN = 1
"""The mask of an answer that is not given: its first value."""

State: TypeAlias = tuple[int, ...]
"""A state of a walker: the number of where each component stands, the mask of each fact that lasts, the watch."""


class Effect(NamedTuple):
    """
    What a move changes, from whatever state it is made.

    Args:
        changes: places in the state, each with what it becomes.
        path: the choices made.
        seen: the steps done.
        breaks: whether it breaks the statement.
    """

    changes: tuple[tuple[int, int], ...]
    path: tuple[Token, ...]
    seen: tuple[Seen, ...]
    breaks: bool

    def on(self, state: State) -> State:
        """The state after it. Args: state: before."""
        after = list(state)
        for place, value in self.changes:
            after[place] = value
        return tuple(after)


Node: TypeAlias = "tuple[int, dict[int, Node]] | list[Effect]"
"""
What is remembered of a sort of move: what it leads to, or at which place of the state to look and what then.

A place that is turned round (`~`) says: look only whether a component is alive there.
"""


class Here(NamedTuple):
    """
    A state; while a move is worked off, only what the move has changed so far.

    Args:
        at: where each component stands that is followed and alive; `GONE` when the move has ended it.
        box: what is known of the facts.
        watch: the state of the monitor; empty while a move has not changed it.
        agenda: the components that are looked at again.
        path: the choices made so far.
        seen: the steps done so far.
    """

    at: dict[Component, Spot]
    box: Box
    watch: str
    agenda: tuple[Component, ...] = ()
    path: tuple[Token, ...] = ()
    seen: tuple[Seen, ...] = ()

    def but(
        self,
        *,
        at: dict[Component, Spot] | None = None,
        box: Box | None = None,
        watch: str | None = None,
        agenda: tuple[Component, ...] | None = None,
        path: tuple[Token, ...] | None = None,
        seen: tuple[Seen, ...] | None = None,
    ) -> Here:
        """The same with other parts."""
        return Here(
            self.at if at is None else at,
            self.box if box is None else box,
            self.watch if watch is None else watch,
            self.agenda if agenda is None else agenda,
            self.path if path is None else path,
            self.seen if seen is None else seen,
        )

    def put(self, component: Component, spot: Spot | None) -> Here:
        """The same with a component elsewhere; None: it has ended."""
        at = {**self.at, component: GONE if spot is None else spot}
        return Here(at, self.box, self.watch, self.agenda, self.path, self.seen)

    def told(self, what: str, component: Component | None, activity: str, index: int = -1) -> Here:
        """The same after one more choice."""
        token = what, component.name if component else "", activity, index
        return Here(self.at, self.box, self.watch, self.agenda, (*self.path, token), self.seen)


class _Before(dict[str, int]):
    """
    The state from which a move is made, as the masks of its facts; it notes what of it is looked at.

    Args:
        masks: those of the facts when each can be anything.
        places: where in a state the facts are that last.
    """

    def __init__(self, masks: Mapping[str, int], places: Mapping[str, int]) -> None:
        super().__init__(masks)
        for fact in places:
            del self[fact]
        self.places = places
        self.state: State = ()
        self.looked: dict[int, int] = {}

    def begin(self, state: State) -> None:
        """Another state, of which nothing was looked at yet. Args: state: it."""
        self.state, self.looked = state, {}

    def look(self, place: int) -> int:
        """What is at a place of the state."""
        value = self.looked[place] = self.state[place]
        return value

    def is_alive(self, place: int) -> bool:
        """Whether a component stands at a place of the state."""
        if place in self.looked:
            return self.looked[place] > 0
        value = self.looked[~place] = self.state[place] > 0
        return value

    def __missing__(self, fact: str) -> int:
        return self.look(self.places[fact])


class Walker:
    """
    Moves of some components of a machine; the others can do what they like.

    A move looks at a small part of the state and changes a small part. What it looked at is remembered with what it
    changed, and in every state that is the same there it is not worked off again.

    Args:
        machine: the machine.
        monitor: what watches.
        members: the components that are followed, and those whose events count though nothing is known of them.
        kept: names of the facts that are known; every other one can be anything whenever it is asked. A name that
            begins with `BRIEFLY` is known within one event only.
        like: the path of one move, when only that one is wanted.

    Attributes:
        worked_off: how often the moves of one sort were worked off, and not remembered.
    """

    def __init__(
        self,
        machine: Machine,
        monitor: Monitor,
        members: frozenset[Component],
        kept: AbstractSet[str],
        like: tuple[Token, ...] = (),
    ) -> None:
        self.machine, self.monitor = machine, monitor
        self.kept = frozenset(it.removeprefix(BRIEFLY) for it in kept)
        self.lasting = frozenset(it for it in kept if lasts(it))
        self.letters = monitor.letters
        self.asked: set[str] = set()
        self._cut: dict[int, Formula] = {}
        self.members = members
        self.followed = frozenset(it for it in members if not machine.is_loose(it))
        self.loose = sorted(members - self.followed, key=lambda it: it.name)
        self.aside = self._aside()
        self.full = machine.full
        self.plan = machine.plan
        self.order = sorted(self.followed, key=lambda it: it.name)
        self.facts = sorted(self.lasting)
        self.outside = {
            it: [
                start
                for start in machine.starts[it]
                if start.kind is StartKind.ITSELF
                or (start.kind is not StartKind.CASE and start.by not in self.followed)
            ]
            for it in self.order
        }
        self.states = {it: machine.own_states(it) for it in self.order}
        self.vanishing = {it: self._vanishes(it) for it in self.order}
        self.waiting = {it: [other for other in self.order if other in machine.waiting[it]] for it in self.order}
        self.spots = [GONE]
        self.watches = [BREACH]
        self._numbers = {GONE: 0}
        self._places = {it: place for place, it in enumerate(self.order)}
        places = {fact: len(self.order) + place for place, fact in enumerate(self.facts)}
        self._at_watch = len(self.order) + len(self.facts)
        self._before = _Before(self.full, places)
        self.worked_off = 0
        self.want(like)

    def want(self, like: tuple[Token, ...]) -> None:
        """Make only one move from now on. Args: like: its path; empty: make every move."""
        self.like = like
        self._sorts = tuple(self._sorts_of_moves())
        self._known: dict[int, Node] = {}

    def _aside(self) -> list[tuple[Component, str]]:
        """Steps of what is not followed that mark what is known: they can be done at any moment."""
        here = self.followed | set(self.loose)
        marking = (it for it in self.kept if it in self.machine.markers)
        found = {it for fact in marking for it in self.machine.markers[fact] if it[0] not in here}
        return sorted(found, key=lambda it: (it[0].name, it[1]))

    def _sorts_of_moves(self) -> Iterator[Callable[[Here], Iterable[Here]]]:
        """What makes moves, each by itself; only that of which one is wanted."""
        wanted = self.like[0][1] if self.like else ""
        for component, key in (*((it, key) for it in self.loose for key in self.machine.reach[it]), *self.aside):
            if wanted in ("", component.name):
                yield partial(self._happened, component=component, key=key)
        for component in self.order:
            if wanted in ("", component.name):
                yield partial(self._moved, component=component)

    # states

    def state_of(self, here: Here) -> State:
        """A state in numbers."""
        spots = (self._number(here.at.get(it, GONE)) for it in self.order)
        masks = (here.box.get(it, self.full[it]) for it in self.facts)
        return *spots, *masks, self._number_of_watch(here.watch)

    def here_of(self, state: State) -> Here:
        """A state from its numbers."""
        spots = zip(self.order, state, strict=False)
        at = {it: self.spots[number] for it, number in spots if number}
        masks = state[len(self.order) : -1]
        return Here(at, dict(zip(self.facts, masks, strict=True)), self.watches[state[-1]])

    def _number(self, spot: Spot) -> int:
        number = self._numbers.setdefault(spot, len(self.spots))
        if number == len(self.spots):
            self.spots.append(spot)
        return number

    def _number_of_watch(self, watch: str) -> int:
        if watch not in self.watches:
            self.watches.append(watch)
        return self.watches.index(watch)

    def _spot(self, here: Here, component: Component) -> Spot | None:
        """Where a component stands; None when it is not alive."""
        spot = here.at.get(component)
        if spot is None:
            spot = self.spots[self._before.look(self._places[component])]
        return None if spot is GONE else spot

    def _is_alive(self, here: Here, component: Component) -> bool:
        """Whether a component is alive; where it stands is not looked at."""
        spot = here.at.get(component)
        return self._before.is_alive(self._places[component]) if spot is None else spot is not GONE

    def _watched(self, here: Here) -> str:
        """The state of the monitor."""
        return here.watch or self.watches[self._before.look(self._at_watch)]

    def _mask(self, box: Box, fact: str) -> int:
        """What a fact can be."""
        mask = box.get(fact)
        return self._before[fact] if mask is None else mask

    def _effect(self, here: Here) -> Effect:
        """What was changed."""
        found = {self._places[it]: self._number(spot) for it, spot in here.at.items()}
        found.update({self._before.places[it]: mask for it, mask in here.box.items() if it in self.lasting})
        if here.watch:
            found[self._at_watch] = self._number_of_watch(here.watch)
        looked = self._before.looked
        changes = tuple((place, it) for place, it in found.items() if looked.get(place) != it)
        return Effect(changes, here.path, here.seen, here.watch == BREACH)

    # beginnings

    def first(self) -> list[Here]:
        """What a case can begin with."""
        nowhere, effects = self.beginnings()
        return [self._after(nowhere, it) for it in effects]

    def beginnings(self) -> tuple[State, list[Effect]]:
        """The state before a case, and what it can begin with."""
        nowhere = self.state_of(Here({}, {}, self.monitor.start))
        self._before.begin(nowhere)
        here = Here({}, self._with({}, self.machine.init.items()), "", path=(CASE_BEGINS,))
        found: list[Here] = []
        for component in self.order:
            for start in self.machine.starts[component]:
                if start.kind is StartKind.CASE:
                    begun = self._begun(here, component, start.entry, "main", start.parameters)
                    found += self._settled(begun)
        return nowhere, [self._effect(it) for it in found or [here]]

    def moves(self, here: Here) -> Iterator[Here]:
        """Every state that one event can lead to, with the path of choices to it. Args: here: the state."""
        state = self.state_of(here)
        for effect in self.effects(state):
            yield self._after(state, effect)

    def _after(self, state: State, effect: Effect) -> Here:
        return self.here_of(effect.on(state)).but(path=effect.path, seen=effect.seen)

    def effects(self, state: State) -> Iterator[Effect]:
        """Every move that can be made from a state. Args: state: it."""
        broken = self.watches[state[-1]] == BREACH
        for number in range(len(self._sorts)):
            sort = ~number if broken else number
            found = self._known.get(sort)
            while isinstance(found, tuple):
                place, ways = found
                found = ways.get(state[place] if place >= 0 else state[~place] > 0)
            yield from self._worked_off(sort, state) if found is None else found

    def _worked_off(self, sort: int, state: State) -> list[Effect]:
        """The moves of one sort, remembered from now on. Args: sort: its number, turned round after a breach."""
        self.worked_off += 1
        self._before.begin(state)
        here = Here({}, {}, BREACH if sort < 0 else "")
        found = [self._effect(it) for it in self._sorts[~sort if sort < 0 else sort](here)]
        ways, key = self._known, sort
        for place, value in self._before.looked.items():
            node = ways.setdefault(key, (place, {}))
            if isinstance(node, tuple):
                ways, key = node[1], value
        ways[key] = found
        return found

    def _moved(self, here: Here, component: Component) -> Iterator[Here]:
        """What a component can do, and how it can begin or end without doing anything."""
        spot = self._spot(here, component)
        if spot is None:
            yield from self._appear(here, component)
            return
        if not self._is_held(here, component, spot):
            yield from self._act(here, component, spot)
        if spot.root in self.vanishing[component]:
            yield from self._settled(self._cancelled(here.told("vanish", component, spot.activity), component))

    def _is_held(self, here: Here, component: Component, spot: Spot) -> bool:
        """Whether a crisis holds a main line, where a run is wanted that can be walked; for a proof it never does."""
        if not self.machine.alone or spot.root != "main":
            return False
        about_it = (it for it in self.order if Aspect.FAMILY in (it.aspect, component.aspect))
        others = (self._spot(here, it) for it in about_it)
        return any(it is not None and it.root == "crisis" and it.phase != Phase.OUT for it in others)

    def _happened(self, here: Here, component: Component, key: str) -> Iterator[Here]:
        """What is loose may do any of its steps at any moment."""
        step = self.machine.steps[component, key]
        told = here.told("loose", component, key)
        told = told.but(seen=(*told.seen, (component.name, key, "complete", ())))
        for box in self._allowed([told.box], step):
            done = told.but(box=self._with(box, step.marks))
            yield from self._emitted(done, component, key, (*step.letters, STEP))
        if step.skip is not None:
            yield from self._emitted(told, component, key, tuple(skipped(it) for it in step.letters))

    def _appear(self, here: Here, component: Component) -> Iterator[Here]:
        """What begins because of a person, the clock, a register, or a component that is not followed."""
        for number, start in enumerate(self.outside[component]):
            if start.by in self.followed and not self._is_alive(here, start.by):
                continue
            for truth, box in self._divide(start.guard, here.box):
                if truth is not True:
                    continue
                what = f"start:{start.kind.value}:{start.by.name if start.by else ''}"
                there = here.but(box=box).told(what, component, start.activity, number)
                if start.kind is StartKind.SPLIT:
                    there = there.but(box=self._unsettled(there.box, component))
                    yield from self._settled(self._entered(there, component, start.entry, "main"))
                else:
                    root = ROOTS.get(start.kind, "")
                    yield from self._settled(self._begun(there, component, start.entry, root, start.parameters))

    def _act(self, here: Here, component: Component, spot: Spot) -> Iterator[Here]:
        step = self.machine.steps[component, spot.activity]
        match spot.phase:
            case Phase.OPEN if step.by_person:
                if step.activity.stays_open:
                    yield from self._settled(
                        self._completed(here.told("save", component, spot.activity), component, step, save=True)
                    )
                else:
                    yield from self._settled(
                        self._completed(here.told("complete", component, spot.activity), component, step)
                    )
            case Phase.HALT:
                yield from self._settled(
                    self._completed(here.told("recheck", component, spot.activity), component, step)
                )
            case Phase.WAIT:
                yield from self._rechecked(here, component, spot, step)
            case Phase.CALL:
                ready = not spot.waits
                ways: Divided = [(True, here.box)] if ready else []
                if not ready and step.call is not None and step.call.goes_on is not None:
                    ways = [way for way in self._divide(step.call.goes_on, here.box) if way[0] is True]
                for _, box in ways:
                    there = here.but(box=box).told("proceed", component, spot.activity)
                    if step.call is not None and (
                        step.call.target is not None and step.call.target not in self.followed
                    ):
                        there = self._set(there, step.call.outcome, self.full[step.call.outcome])
                    yield from self._settled(self._completed(there, component, step))
            case Phase.DETOUR if not spot.waits:
                yield from self._settled(
                    self._read_on(here.told("proceed", component, spot.activity), component, step, spot.number)
                )
            case Phase.OUT:
                yield from self._came_back(here, component, spot, step)
        if spot.phase in (Phase.OPEN, Phase.CALL, Phase.HALT):
            yield from self._skipped(here, component, spot, step)
            if step.activity.unavailable is not None:
                yield from self._rechecked(here, component, spot, step)

    def _rechecked(self, here: Here, component: Component, spot: Spot, step: Step) -> Iterator[Here]:
        if step.available is None:
            return
        for truth, box in self._divide(step.available, here.box):
            there = here.but(box=box).told("recheck", component, spot.activity)
            if truth is True and spot.phase is Phase.WAIT:
                yield from self._settled(self._opened(there, component, step, spot.root))
            elif truth is False and step.activity.unavailable is not None:
                for further in self._let_wait(self._state(there, component, spot.activity, *STATES), component):
                    yield from self._settled(self._taken(further, component, step, -1, step.activity.unavailable))

    def _skipped(self, here: Here, component: Component, spot: Spot, step: Step) -> Iterator[Here]:
        if step.skip is None:
            return
        target, may = step.skip
        for truth, box in self._divide(may, here.box):
            if truth is True:
                there = here.but(box=box, seen=(*here.seen, (component.name, spot.activity, "skip", ()))).told(
                    "skip", component, spot.activity
                )
                there = self._state(there, component, spot.activity, "skipped")
                for told in self._emitted(there, component, spot.activity, tuple(skipped(it) for it in step.letters)):
                    for further in self._let_wait(told, component):
                        yield from self._settled(self._taken(further, component, step, -1, target))

    def _came_back(self, here: Here, component: Component, spot: Spot, step: Step) -> Iterator[Here]:
        definition = self.plan.definition(component.definition)
        for key in (definition.start, *definition.entries):
            yield from self._settled(self._entered(here.told("back", component, key), component, key, spot.root))
        if isinstance(step.activity.exits[spot.number].target, Interrupt):
            yield from self._settled(self._read_on(here.told("back", component, ""), component, step, spot.number))
        yield from self._settled(self._ended(here.told("outside", component, ""), component, "", jumped=False))

    # working off

    def _settled(self, some: Iterable[Here]) -> Iterator[Here]:
        while some:
            further: list[Here] = []
            for here in self._merged(some):
                if here.watch == BREACH or not here.agenda:
                    yield here
                    continue
                component, rest = here.agenda[0], here.agenda[1:]
                further += self._looked_again(here.but(agenda=rest), component)
            some = further

    def _looked_again(self, here: Here, component: Component) -> list[Here]:
        spot = self._spot(here, component)
        if spot is None:
            return [here]
        step = self.machine.steps[component, spot.activity]
        if spot.phase == Phase.DETOUR:
            goal = step.activity.exits[spot.number].target
            calls = isinstance(goal, Detour) and self.machine.within(component, goal.definition) not in self.followed
            if spot.waits or calls:
                return [here]
            return [here, *self._read_on(here, component, step, spot.number)]
        if spot.phase != Phase.CALL or step.call is None:
            return [here]
        if spot.waits:
            if step.call.goes_on is None:
                return [here]
            found = []
            for truth, box in self._divide(step.call.goes_on, here.box):
                there = here.but(box=box)
                found += self._completed(there, component, step) if truth is True else [there]
            return found
        target = step.call.target
        if target is not None and target not in self.followed:
            return [here]
        now = self._completed(here.told("returned", component, spot.activity), component, step)
        return [here, *now]

    def _begun(
        self, here: Here, component: Component, entry: str, root: str, parameters: Iterable[tuple[str, int]]
    ) -> list[Here]:
        box = self._with(here.box, (*parameters, *self._as_before(here.box, component)))
        return self._entered(here.but(box=box), component, entry, root)

    def _as_before(self, box: Box, component: Component) -> Iterator[tuple[str, int]]:
        """How the steps of a component stand when it begins: never, or as in an earlier run from which it comes."""
        for fact in self.states[component]:
            if fact in self.kept:
                yield fact, self._mask(box, fact) | 1

    def _entered(self, here: Here, component: Component, key: str, root: str) -> list[Here]:
        here = here.but(
            box={fact: mask for fact, mask in here.box.items() if fact[0] != "?" or fact[:4] in ("?cel", "?reg")}
        )
        if root == "main" and self.machine.splits_at(component, key):
            return [*self._opening(here, component, key, root), *self._split(here, component, key)]
        return self._opening(here, component, key, root)

    def _split(self, here: Here, component: Component, key: str) -> list[Here]:
        found = []
        here = here.put(component, Spot(key, Phase.WAIT, "main")).told("split", component, key)
        for there in self._ended(here, component, "", jumped=True):
            found.append(there)
            for aspect in (Aspect.FOCUS, Aspect.CHILD):
                child = Component(component.definition, "", aspect)
                if (
                    child in self.followed
                    and not self._is_alive(there, child)
                    and (aspect is Aspect.CHILD or self.machine.scope is Scope.CHILD)
                ):
                    box = self._unsettled(there.box, child)
                    found += self._entered(there.but(box=box).told("mine", child, key), child, key, "main")
        return found

    def _unsettled(self, box: Box, component: Component) -> Box:
        """A box in which nothing is known of the steps of a component; the run before it split counts too."""
        return self._with(box, ((fact, self.full[fact]) for fact in self.states[component]))

    def _opening(self, here: Here, component: Component, key: str, root: str) -> list[Here]:
        step = self.machine.steps[component, key]
        if step.available is None:
            return self._opened(here, component, step, root)
        found = []
        for truth, box in self._divide(step.available, here.box):
            there = here.but(box=box)
            if truth is True:
                found += self._opened(there, component, step, root)
                continue
            passed = step.activity.obligation is Obligation.OPTIONAL
            way = step.activity.exits[-1].target if passed else step.activity.unavailable
            there = there.put(component, Spot(key, Phase.WAIT, root))
            if way is not None and (passed or truth is False):
                found += self._taken(there.told("pass", component, key), component, step, -1, way)
            else:
                found.append(there)
        return self._merged(found)

    def _opened(self, here: Here, component: Component, step: Step, root: str) -> list[Here]:
        key = step.place.activity
        here = self._state(here.put(component, Spot(key, Phase.OPEN, root)), component, key, "open")
        found = []
        for told in self._did_open(here, component, step, Moment.OPENING):
            there = told.but(box={fact: mask for fact, mask in told.box.items() if not fact[1:].isdigit()})
            if not self._is_alive(there, component):
                found.append(there)
            elif step.activity.kind in (Kind.AUTOMATIC, Kind.END):
                found += self._completed(there, component, step, automatic=True)
            elif step.call is not None:
                found += self._called(there, component, step, step.call, root)
            else:
                found.append(there)
        return found

    def _called(self, here: Here, component: Component, step: Step, call: CallPlan, root: str) -> list[Here]:
        key = step.place.activity
        here = self._set(here, call.outcome, 1)
        if call.target is None or call.target not in self.followed:
            there = here.put(component, Spot(key, Phase.CALL, root))
            return [there.but(agenda=(*there.agenda, component))]
        found = []
        for truth, box in self._divide(call.guard, here.box):
            there = here.but(box=box)
            if truth is not True:
                there = there.put(component, Spot(key, Phase.CALL, root))
                found.append(there.but(agenda=(*there.agenda, component)))
                continue
            joined = self._is_alive(there, call.target)
            there = there.put(component, Spot(key, Phase.CALL, root, frozenset((call.target,))))
            if joined:
                found.append(there.but(agenda=(*there.agenda, component)))
                continue
            entry = self.plan.definition(call.target.definition).start
            there = there.told("call", call.target, key)
            begun = self._begun(there, call.target, entry, self._as_called(call.target), call.parameters)
            found += [it.but(agenda=(*it.agenda, component)) for it in begun]
        return found

    def _completed(
        self, here: Here, component: Component, step: Step, *, save: bool = False, automatic: bool = False
    ) -> list[Here]:
        if self._strays(here):
            return []
        key = step.place.activity
        by_person = step.by_person
        boxes = [here.box]
        if step.locals:
            boxes = self._answered(here.box, step)
        if step.forgets:
            boxes = [{fact: mask for fact, mask in box.items() if fact[:4] != "?reg"} for box in boxes]
        boxes = [self._with(box, (*step.touches, *step.writes)) for box in boxes]
        boxes = self._allowed(boxes, step)
        found: list[Here] = []
        if save:
            for box in boxes:
                saved = self._noted(here.but(box=self._with(box, _done(step))), component, step, "save")
                found += self._followed(saved, component, step)
            return found
        for index, target, box in self._ways(boxes, step):
            if target is None:
                if not by_person:
                    spot = self._spot(here, component)
                    if spot is not None:
                        phase = spot.phase if step.call is not None else Phase.HALT
                        found.append(here.but(box=box).put(component, spot._replace(phase=phase)))
                continue
            there = self._noted(here.but(box=box), component, step, "complete")
            there = self._state(there, component, key, "done", *(("afterwards",) if by_person else ()))
            there = there.but(box=self._with(there.box, step.marks))
            there = there.told("exit", component, key, index)
            if self._strays(there):
                continue
            for further in self._followed(there, component, step):
                found += self._taken(further, component, step, index, target)
        return self._merged(found)

    def _allowed(self, boxes: list[Box], step: Step) -> list[Box]:
        """What is left where a rule of the step stands in the way."""
        if not step.by_person or step.block is FALSE:
            return boxes
        return _distinct(rest for box in boxes for truth, rest in self._divide(step.block, box) if truth is not True)

    def _ways(self, boxes: list[Box], step: Step, after: int = -1) -> Iterator[tuple[int, Target | None, Box]]:
        """The exits that can be taken, each with when; no target: reading stops there, at what is unknown."""
        for index, (formula, target) in enumerate(step.exits):
            if index <= after:
                continue
            rest: list[Box] = []
            for box in boxes:
                for truth, smaller in self._divide(formula, box):
                    if truth is False:
                        rest.append(smaller)
                    else:
                        yield index, target if truth else None, smaller
            boxes = _distinct(rest)

    def _noted(self, here: Here, component: Component, step: Step, what: str) -> Here:
        locals_ = tuple((name, here.box[name]) for name, *_ in step.locals if name in here.box)
        return here.but(seen=(*here.seen, (component.name, step.place.activity, what, locals_)))

    def _answered(self, box: Box, step: Step) -> list[Box]:
        given = ((name, must if shown is None else self.full[name]) for name, must, shown in step.locals)
        boxes = [self._with(box, given)]
        for name, must, shown in step.locals:
            if shown is None or name not in self.kept:
                continue
            further = []
            for it in boxes:
                for truth, rest in self._divide(shown, it):
                    mask = self._mask(rest, name) & (must if truth is True else HIDDEN)
                    if mask:
                        further.append({**rest, name: mask})
            boxes = further
        return boxes

    def _followed(self, here: Here, component: Component, step: Step) -> list[Here]:
        found = []
        for there in self._emitted(here, component, step.place.activity, (*step.letters, STEP)):
            if there.watch == BREACH:
                found.append(there)
                continue
            some = [there]
            for closed in step.closes:
                if closed in self.followed:
                    some = [further for it in some for further in self._cancelled(it, closed)]
            for kind in step.maybe_discharges:
                fact = f"duty:{kind}"
                if fact in self.kept:
                    sure = kind in step.discharges
                    some = [self._set(it, fact, 1 if sure else self._mask(it.box, fact) | 1) for it in some]
            for it in self._merged(some):
                alive = self._is_alive(it, component)
                found += self._did_open(it, component, step, Moment.COMPLETING) if alive else [it]
        return self._merged(found)

    def _did_open(self, here: Here, component: Component, step: Step, moment: Moment) -> list[Here]:
        some = [here]
        for at, when, what, target, key in step.opens:
            followed = target is not None and target in self.followed
            if at is not moment or not (f"duty:{key}" in self.kept if what == "duty" else followed):
                continue
            further = []
            for it in some:
                if it.watch == BREACH or not self._is_alive(it, component):
                    further.append(it)
                    continue
                for truth, box in self._divide(when, it.box):
                    there = it.but(box=box)
                    if truth is not True:
                        further.append(there)
                    elif what == "duty":
                        further.append(self._set(there, f"duty:{key}", 2))
                    elif target is not None and not self._is_alive(there, target):
                        entry = self.machine.entry_of(target)
                        further += self._begun(
                            there.told("open", target, key), target, entry, "", self.machine.parameters(target, None)
                        )
                    else:
                        further.append(there)
            some = self._merged(further)
        return some

    def _taken(self, here: Here, component: Component, step: Step, index: int, target: Target) -> list[Here]:
        spot = self._spot(here, component)
        if spot is None or self._strays(here):
            return [here]
        root = spot.root
        key = step.place.activity
        definition = self.plan.definition(component.definition)
        match target:
            case Goto(to):
                return self._entered(here, component, to, root)
            case Jump(other, to) if other == definition.key:
                return self._entered(here, component, to or definition.start, root)
            case Jump(other, to):
                if other not in self.plan:
                    there = here.put(component, Spot(key, Phase.OUT, root, frozenset(), index))
                    return self._merged(self._left(there, component, root, jumped=True))
                found = []
                for there in self._ended(here, component, "", jumped=True):
                    goal = self.machine.within(component, other)
                    if goal in self.followed and not self._is_alive(there, goal):
                        entry = to or self.plan.definition(other).start
                        found += self._begun(
                            there.told("jump", goal, entry), goal, entry, "main", self.machine.parameters(goal, None)
                        )
                    else:
                        found.append(there)
                return found
            case Interrupt(other):
                if other not in self.plan:
                    return [here.put(component, Spot(key, Phase.OUT, root, frozenset(), index))]
                crisis = self.machine.within(component, other)
                there = here.put(component, Spot(key, Phase.DETOUR, root, frozenset(), index))
                if crisis not in self.followed or self._is_alive(there, crisis):
                    return [there]
                return self._begun(
                    there.told("interrupt", crisis, key),
                    crisis,
                    self.plan.definition(other).start,
                    "crisis",
                    self.machine.parameters(crisis, None),
                )
            case Detour(other):
                called = self.machine.within(component, other)
                if called not in self.followed:
                    return [here.put(component, Spot(key, Phase.DETOUR, root, frozenset(), index))]
                there = here.put(component, Spot(key, Phase.DETOUR, root, frozenset((called,)), index))
                if self._is_alive(there, called):
                    return [there]
                return self._begun(
                    there.told("detour", called, key),
                    called,
                    self.plan.definition(other).start,
                    self._as_called(called),
                    self.machine.parameters(called, None),
                )
            case Return(outcome):
                return self._ended(here, component, outcome, jumped=False)
            case End():
                return self._ended(here, component, "", jumped=False)

    def _read_on(self, here: Here, component: Component, step: Step, after: int) -> list[Here]:
        found = []
        for index, target, box in self._ways([here.box], step, after):
            there = here.but(box=box)
            if target is None:
                found.append(there)
            else:
                there = there.told("exit", component, step.place.activity, index)
                found += self._taken(there, component, step, index, target)
        return found

    def _ended(self, here: Here, component: Component, outcome: str, *, jumped: bool) -> list[Here]:
        spot = self._spot(here, component)
        root = spot.root if spot is not None else ""
        here = here.put(component, None)
        for other in self.waiting[component]:
            spot = self._spot(here, other)
            if spot is None or component not in spot.waits:
                continue
            here = here.put(other, spot._replace(waits=spot.waits - {component}))
            fact = f"outcome:{other.name}.{spot.activity}"
            if fact in self.kept:
                mask = self.machine.mask(fact, outcome) if spot.phase == Phase.CALL else self.full[fact]
                here = self._set(here, fact, mask)
            here = here.but(agenda=(*here.agenda, other))
        return self._merged(self._left(here, component, root, jumped=jumped))

    def _left(self, here: Here, component: Component, root: str, *, jumped: bool) -> list[Here]:
        """A component ended or went outside: what ends with it."""
        some = [here]
        for track in self.plan.definitions[component.definition].tracks.values():
            if track.track.owner is Owner.RUN and track.body is not None and not (jumped and track.track.handed_over):
                for aspect in self.machine.aspects:
                    body = self.machine.body_of(track, aspect)
                    if body in self.followed:
                        some = [further for it in some for further in self._let_go(it, component, body)]
        if root == "crisis" and jumped:
            for other in self.order:
                if other.aspect in (Aspect.FAMILY, component.aspect):
                    some = [further for it in some for further in self._maybe_interrupted(it, other)]
        return some

    def _let_go(self, here: Here, owner: Component, body: Component) -> list[Here]:
        """A track of a run that ended closes, when that run opened it; that is sure when nothing else can."""
        if not self._is_alive(here, body):
            return [here]
        closed = self._cancelled(here, body)
        only = all(start.kind is StartKind.OPENED and start.by == owner for start in self.machine.starts[body])
        return closed if only else [here, *closed]

    def _maybe_interrupted(self, here: Here, component: Component) -> list[Here]:
        """A main line may end when a crisis goes on elsewhere."""
        spot = self._spot(here, component)
        return [here, *self._cancelled(here, component)] if spot is not None and spot.root == "main" else [here]

    def _cancelled(self, here: Here, component: Component) -> list[Here]:
        spot = self._spot(here, component)
        if spot is None:
            return [here]
        here = self._state(here, component, spot.activity, *STATES)
        found = []
        for there in self._let_wait(here, component):
            alive = self._is_alive(there, component)
            found += self._ended(there, component, "", jumped=False) if alive else [there]
        return self._merged(found)

    def _let_wait(self, here: Here, component: Component) -> list[Here]:
        """A component stops waiting; what only it waited for may end with that."""
        spot = self._spot(here, component)
        if spot is None:
            return [here]
        some = [here.put(component, spot._replace(waits=frozenset()))]
        for called in spot.waits:
            some = [further for it in some for further in (it, *self._cancelled(it, called))]
        return some

    # letters and facts

    def _divide(self, formula: Formula, box: Box) -> Divided:
        """A box divided by a condition, of which only is looked at what is known."""
        known = self._cut.get(id(formula))
        if known is None:
            known = self._cut[id(formula)] = cut(formula, self.kept, self.full)
            self.asked.update(facts_of(known))
        return divide(known, box, self._before)

    def _with(self, box: Box, changes: Iterable[tuple[str, int]]) -> Box:
        """A box with other values of the facts that are known."""
        return {**box, **{fact: mask for fact, mask in changes if fact in self.kept}}

    def _set(self, here: Here, fact: str, mask: int) -> Here:
        """The same with other values of a fact, if it is known."""
        return here.but(box={**here.box, fact: mask}) if fact in self.kept else here

    def _strays(self, here: Here) -> bool:
        """Whether this is not on the way that is wanted."""
        return bool(self.like) and here.path != self.like[: len(here.path)]

    def _merged(self, some: Iterable[Here]) -> list[Here]:
        """What is on the way that is wanted, without those that differ only in how they came there."""
        some = list(some)
        if len(some) < 2 and not self.like:
            return some
        found: dict[object, Here] = {}
        for here in some:
            if self._strays(here):
                continue
            at, box = frozenset(here.at.items()), frozenset(here.box.items())
            found.setdefault((at, box, here.watch, here.agenda, len(here.path) if self.like else 0), here)
        return list(found.values())

    def _state(self, here: Here, component: Component, key: str, *values: str) -> Here:
        fact = state_of(component, key)
        if fact in self.full:
            return self._set(here, fact, self.machine.mask(fact, *values))
        return here

    def _emitted(self, here: Here, component: Component, activity: str, meanings: Iterable[str]) -> list[Here]:
        some = [here]
        for meaning in meanings:
            further = []
            for it in some:
                further += self._heard(it, component, meaning, activity)
            some = further
        return some

    def _heard(self, here: Here, component: Component, meaning: str, activity: str) -> list[Here]:
        letter = self.machine.letter(component, meaning)
        asked = self.monitor.asks.get(letter)
        if asked is None:
            return self._hear(here, letter)
        found = []
        for truth, box in self._divide(self.machine.compiled(asked, component, activity), here.box):
            found += self._hear(here.but(box=box), with_answer(meaning, holds=truth is True))
        return found

    def _hear(self, here: Here, letter: str) -> list[Here]:
        if letter not in self.letters:
            return [here]
        following = self.monitor.moves.get((self._watched(here), letter))
        return [here if following is None else here.but(watch=following)]

    def _as_called(self, component: Component) -> str:
        return CALLED if "" in self.vanishing[component] else ""

    def _vanishes(self, component: Component) -> frozenset[str]:
        """How a component began, for what can be ended by what is not followed."""
        crisis = {"main"} if self.machine.crisis_can_jump and not component.track else set()
        return frozenset(crisis | ({""} if self._is_ended(component) else set()))

    def _is_ended(self, component: Component) -> bool:
        """Whether what is not followed can end a component that is a track, or that it called itself."""
        machine = self.machine
        if machine.closers.get(component, set()) - self.followed:
            return True
        tracks = (
            [machine.plan.tracks[component.track]]
            if component.track
            else [machine.plan.tracks[key] for key in machine.plan.definitions[component.definition].bodies]
        )
        for track in tracks:
            if track.track.closed_by_hand or any(isinstance(it, OnEvent | AtAge) for it in track.track.closes_on):
                return True
            if track.track.owner is Owner.RUN:
                return True
        starts = machine.starts[component]
        return any(it.kind in (StartKind.CALL, StartKind.DETOUR) and it.by not in self.followed for it in starts)


def _done(step: Step) -> Iterator[tuple[str, int]]:
    """What saving a form that stays open marks as done; it begins no count again."""
    return ((fact, mask) for fact, mask in step.marks if mask > 1)


def _distinct(boxes: Iterable[Box]) -> list[Box]:
    some = list(boxes)
    return some if len(some) < 2 else list({frozenset(box.items()): box for box in some}.values())
