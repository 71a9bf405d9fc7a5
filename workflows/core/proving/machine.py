"""
The machine that a proof explores: a release, seen from one child, help or placement.

A *component* is everything of the release that can be alive at most once from there: a definition about the family,
about the row in focus, about the child whose row it is, or about some other row; or a track whose body is a step.
That there is one of each is a rule of the language (a definition that runs about the same subject is joined). A fact
keeps a set of values; what is not modelled can be anything at any moment. So the machine can do whatever the
reference semantics can do in a world that keeps the laws of the facts, and more.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from types import NoneType
from typing import Final

from padwijzer.forms.core.conditions import (
    All,
    Always,
    AnyOf,
    ColumnCompare,
    Compare,
    Condition,
    FactRef,
    Filter,
    Not,
    Operator,
    Quantifier,
    Rows,
    references,
)
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.core.definition import (
    Activity,
    Call,
    Constant,
    Detour,
    Effect,
    FromFact,
    FromRecorded,
    Goto,
    Interrupt,
    Jump,
    Kind,
    Moment,
    Obligation,
    OpenDuty,
    OpenTrack,
    Owner,
    Parameter,
    RowsSource,
    RunScope,
    Target,
)
from padwijzer.workflows.core.facts import consent_state, state
from padwijzer.workflows.core.graph import needs_person, ways_on
from padwijzer.workflows.core.plan import Place, Plan, TrackPlan
from padwijzer.workflows.core.proving.boxes import (
    FALSE,
    TRUE,
    UNKNOWN,
    Both,
    Either,
    Formula,
    Known,
    Opposite,
    Some,
    Within,
    both,
    either,
    facts_of,
)
from padwijzer.workflows.core.registers import registers
from padwijzer.workflows.core.safeguards import Scope, around
from padwijzer.workflows.core.semantics import opens_about


class Aspect(StrEnum):
    """How what a run is about stands to what is in focus: the family, the child of the focus, itself, another row."""

    FAMILY = "family"
    CHILD = "child"
    FOCUS = "focus"
    OTHER = "other"


REGISTERS = {
    Scope.CHILD: ("children", "case_children"),
    Scope.HELP: ("help_item",),
    Scope.MEASURE: ("measure",),
    Scope.PLACEMENT: ("placement",),
}
PERSONS: Final = (*REGISTERS[Scope.CHILD], "person")
"""Registers of which a row can be a child."""
ANSWERED: Final = ""
"""The register of what is filled in at a step: a row of it can be a row of any register."""
STATES: Final = state.FACT.values
"""How a step can stand, as conditions ask it."""


@dataclass(frozen=True, slots=True)
class Component:
    """
    What can be alive once.

    Args:
        definition: whose steps it walks.
        track: key of the track whose body it is, when that is a step; else empty.
        aspect: about what.

    Attributes:
        name: its name, for example `D-WACHT@focus`.
    """

    definition: str
    track: str
    aspect: Aspect
    name: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{self.track or self.definition}@{self.aspect.value}")


BRIEFLY: Final = "~"
"""What is known of a fact whose name begins so is forgotten after each event."""


def lasts(fact: str) -> bool:
    """Whether what is known of a fact is still so at the next event."""
    return fact[0] not in ("?", BRIEFLY)


def state_of(component: Component, activity: str) -> str:
    """The fact of how a step of a component stands, for conditions of the component itself."""
    return f"state:{component.definition}.{activity}@{component.aspect.value}"


EVER: Final = "ever:"
"""How a fact begins that is never taken back."""


def ever(definition: str, activity: str) -> str:
    """The fact whether a step on a track was ever completed in the case."""
    return f"{EVER}{definition}.{activity}"


def since_then(component: Component, activity: str, other: str) -> str:
    """The fact whether a step of a component was completed after another one of it was."""
    return f"since:{component.name}.{activity}>{other}"


class StartKind(StrEnum):
    """How a component can begin."""

    CASE = "case"
    EMERGENCY = "emergency"
    CALL = "call"
    DETOUR = "detour"
    JUMP = "jump"
    INTERRUPT = "interrupt"
    OPENED = "opened"
    HAND = "hand"
    ITSELF = "itself"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Start:
    """
    One way in which a component can begin.

    Args:
        kind: how.
        by: the component that does it, or for whose run a date does; None for a person, the clock or a register.
        activity: the step that does it.
        entry: where it begins.
        guard: what must be so at that moment; for a row in focus, that it is among the rows.
        parameters: facts that it sets.
    """

    kind: StartKind
    by: Component | None
    activity: str
    entry: str
    guard: Formula
    parameters: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CallPlan:
    """
    A call.

    Args:
        target: the component about the focus that is called, if any.
        guard: when it is.
        goes_on: when the step is done before all have returned.
        parameters: facts that are set.
        outcome: the fact that keeps with what it returned.
    """

    target: Component | None
    guard: Formula
    goes_on: Formula | None
    parameters: tuple[tuple[str, int], ...]
    outcome: str


@dataclass(slots=True)
class Step:
    """A step as a component sees it; every condition compiled for its aspect."""

    place: Place
    activity: Activity
    by_person: bool
    letters: tuple[str, ...]
    locals: tuple[tuple[str, int, Formula | None], ...] = ()
    block: Formula = FALSE
    available: Formula | None = None
    exits: tuple[tuple[Formula, Target], ...] = ()
    skip: tuple[Target, Formula] | None = None
    call: CallPlan | None = None
    writes: tuple[tuple[str, int], ...] = ()
    opens: tuple[tuple[Moment, Formula, str, Component | None, str], ...] = ()
    closes: tuple[Component, ...] = ()
    discharges: tuple[str, ...] = ()
    maybe_discharges: tuple[str, ...] = ()
    marks: tuple[tuple[str, int], ...] = ()
    touches: tuple[tuple[str, int], ...] = ()
    forgets: bool = False


@dataclass
class Machine:
    """
    A release seen from a focus. Make one for each scope and use it for every statement about that scope.

    Args:
        plan: the release.
        scope: what is in focus.
        alone: whether all that is about another row is about one and the same, everything is there once, and a crisis
            holds the main lines. That leaves runs out: it is for finding one that can be walked, never for proving.
    """

    plan: Plan
    scope: Scope
    alone: bool = False
    sizes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    full: dict[str, int] = field(default_factory=dict)
    init: dict[str, int] = field(default_factory=dict)
    components: dict[Component, None] = field(default_factory=dict)
    starts: dict[Component, list[Start]] = field(default_factory=dict)
    steps: dict[tuple[Component, str], Step] = field(default_factory=dict)
    reach: dict[Component, dict[str, None]] = field(default_factory=dict)
    numbers: dict[object, str] = field(default_factory=dict)
    volatile: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._asked: dict[tuple[Condition, Component, str], Formula] = {}
        self._walk()
        self._finish()

    def _finish(self) -> None:
        """What needs every fact to be known: which answers steps look at, what they write, and who writes what."""
        for (component, _), step in self.steps.items():
            step.locals = tuple(self._locals(component, step.activity, _read_by(step)))
        for (component, _), step in self.steps.items():
            step.writes = tuple(self._writes(component, step.activity))
            step.forgets = bool(step.activity.records)
        self._own: dict[Component, tuple[str, ...]] = {}
        self._since = self._counted_since()
        for (component, key), step in self.steps.items():
            step.touches = tuple(self._touched(component, step.activity))
            step.marks = tuple(self._marks(component, key))
        self.volatile = set()
        self.writers: dict[str, set[Component]] = {}
        self.markers: dict[str, set[tuple[Component, str]]] = {}
        self.closers: dict[Component, set[Component]] = {}
        for (component, _), step in self.steps.items():
            for fact, _ in step.writes:
                self.writers.setdefault(fact, set()).add(component)
            for closed in step.closes:
                self.closers.setdefault(closed, set()).add(component)
            for _, _, what, _, key in step.opens:
                if what == "duty":
                    self.writers.setdefault(f"duty:{key}", set()).add(component)
            for kind in step.maybe_discharges:
                self.writers.setdefault(f"duty:{kind}", set()).add(component)
            fact = state_of(component, step.place.activity)
            if fact in self.full:
                self.writers.setdefault(fact, set()).add(component)
            for name, _ in step.marks:
                if name.startswith(EVER):
                    self.markers.setdefault(name, set()).add((component, step.place.activity))
                else:
                    self.writers.setdefault(name, set()).add(component)
            if step.call is not None:
                self.writers.setdefault(step.call.outcome, set()).add(component)
                if step.call.target is not None:
                    self.writers[step.call.outcome].add(step.call.target)
        for component, starts in self.starts.items():
            for start in starts:
                for fact, _ in start.parameters:
                    self.writers.setdefault(fact, set()).add(component)
        self.rememberable = self._rememberable()
        for fact, writers in self.writers.items():
            if any(self.is_loose(writer) for writer in writers):
                self.volatile.add(fact)

    def _rememberable(self) -> frozenset[str]:
        """
        The facts that can exclude a run when they are known.

        What can be anything, and is looked at in one place, excludes none.
        """
        looked: Counter[str] = Counter()
        for step in self.steps.values():
            formulas = [step.block, *(formula for formula, _ in step.exits), *(when for _, when, *_ in step.opens)]
            formulas += [step.available] if step.available is not None else []
            formulas += [step.skip[1]] if step.skip is not None else []
            formulas += [shown for *_, shown in step.locals if shown is not None]
            if step.call is not None:
                formulas += [step.call.guard, *([step.call.goes_on] if step.call.goes_on is not None else [])]
            looked.update(fact for formula in formulas for fact in facts_of(formula))
        guards = (start.guard for starts in self.starts.values() for start in starts)
        looked.update(fact for guard in guards for fact in facts_of(guard))
        return frozenset(it for it in self.full if not it[1:].isdigit() or looked[it] > 1)

    def _counted_since(self) -> dict[str, dict[str, tuple[str, str]]]:
        """For each component by name: the facts whether one of its steps was done after another, with both."""
        found: dict[str, dict[str, tuple[str, str]]] = {}
        for component in self.components:
            begins = f"since:{component.name}."
            for name in self.full:
                if name.startswith(begins):
                    one, _, other = name.removeprefix(begins).partition(">")
                    found.setdefault(component.name, {})[name] = one, other
        return found

    @cached_property
    def waiting(self) -> dict[Component, set[Component]]:
        """Component to those that can wait for it."""
        found: dict[Component, set[Component]] = {it: set() for it in self.components}
        for (component, _), step in self.steps.items():
            if step.call is not None and step.call.target is not None:
                found[step.call.target].add(component)
            for _, target in ways_on(step.activity):
                if isinstance(target, Detour):
                    found[self.within(component, target.definition)].add(component)
        return found

    def is_loose(self, component: Component) -> bool:
        """
        Whether there can be several of it at once, so that nothing is known of where it stands.

        So it is with what is about another row, and with a track that outlives the run that owns it.
        """
        if self.alone:
            return False
        if component.aspect is Aspect.OTHER:
            return True
        track = self.plan.tracks[component.track].track if component.track else None
        return track is not None and track.owner is Owner.RUN and track.handed_over

    # components

    def _walk(self) -> None:
        waiting: deque[Component] = deque()

        def met(component: Component, start: Start) -> None:
            is_new = component not in self.components
            if is_new:
                self.components[component] = None
                self.reach[component] = {}
            known = self.starts.setdefault(component, [])
            if start not in known:
                known.append(start)
            if start.entry not in self.reach[component]:
                self.reach[component][start.entry] = None
                waiting.append(component)
            if is_new:
                for body, beginning in self._timed_of(component):
                    met(body, beginning)

        self.meet = met
        start = self.plan.definition(self.plan.start)
        met(
            Component(start.key, "", Aspect.FAMILY),
            Start(
                StartKind.CASE,
                None,
                "",
                start.start,
                TRUE,
                self.parameters(Component(start.key, "", Aspect.FAMILY), None),
            ),
        )
        for key in self.plan.emergencies:
            if key in self.plan:
                entry = self.plan.definition(key).start
                for aspect in self._aspects_in(key, tuple(Aspect)):
                    crisis = Component(key, "", aspect)
                    met(crisis, Start(StartKind.EMERGENCY, None, "", entry, TRUE, self.parameters(crisis, None)))
        for key in self.plan.definitions:
            self._tracks_of(key)
        done: set[tuple[Component, str]] = set()
        while waiting:
            component = waiting.popleft()
            queue = deque(self.reach[component])
            while queue:
                key = queue.popleft()
                if (component, key) in done:
                    continue
                done.add((component, key))
                step = self._step(component, key)
                self.steps[component, key] = step
                for following in self._follow(component, step):
                    if following not in self.reach[component]:
                        self.reach[component][following] = None
                        queue.append(following)

    def _aspects_in(self, definition: str, aspects: tuple[Aspect, ...]) -> tuple[Aspect, ...]:
        if self.plan.definition(definition).scope is RunScope.FAMILY:
            return (Aspect.FAMILY,)
        return tuple(it for it in aspects if it in self.aspects)

    @cached_property
    def aspects(self) -> tuple[Aspect, ...]:
        """The aspects that there are from this focus."""
        match self.scope:
            case Scope.FAMILY:
                return (Aspect.FAMILY, Aspect.OTHER)
            case Scope.CHILD:
                return (Aspect.FAMILY, Aspect.FOCUS, Aspect.OTHER)
            case _:
                return tuple(Aspect)

    def _tracks_of(self, definition: str) -> None:
        for track in self.plan.definitions[definition].tracks.values():
            if track.body is None or not (track.by_hand or track.by_itself):
                continue
            home = Component(definition, "", Aspect.FAMILY)
            for aspect, guard in self._subjects(home, track.track.for_each, track):
                possible: Formula = TRUE
                about_family = self.plan.definition(definition).scope is RunScope.FAMILY
                if track.by_hand and track.track.possible_when is not None and about_family:
                    possible = self._compiled(track.track.possible_when, home, "")
                kind = StartKind.HAND if track.by_hand else StartKind.ITSELF
                body = self.body_of(track, aspect)
                given = self.parameters(body, None)
                self.meet(body, Start(kind, None, track.key, track.body.activity, both(possible, guard), given))

    def _subjects(
        self, home: Component, source: RowsSource | None, track: TrackPlan
    ) -> Iterator[tuple[Aspect, Formula]]:
        """About what a track or a call goes on, each with when that is so."""
        aspects = self._aspects_of(track)
        if source is not None:
            if self._can_be_of(track, source.collection.register):
                yield from (found for found in self._rows(home, source) if found[0] in aspects)
            return
        if track.track.definition:
            aspects = self._aspects_in(track.body.definition, aspects) if track.body else ()
        for aspect in aspects:
            yield aspect, TRUE

    def _aspects_of(self, track: TrackPlan) -> tuple[Aspect, ...]:
        """About what a track can be that is opened from outside; for one of a run see `_timed_of`."""
        if not track.by_itself:
            return self.aspects
        registers = opens_about(track.track)
        if registers is None:
            return (Aspect.FAMILY,)
        found = [Aspect.OTHER]
        if not set(registers).isdisjoint(REGISTERS.get(self.scope, ())):
            found.insert(0, Aspect.FOCUS)
        elif Aspect.CHILD in self.aspects and not set(registers).isdisjoint(REGISTERS[Scope.CHILD]):
            found.insert(0, Aspect.CHILD)
        return tuple(found)

    def _can_be_of(self, track: TrackPlan, register: str) -> bool:
        """Whether a track that is opened from outside can be about a row of a register; a row is of one register."""
        if not track.by_itself:
            return True
        registers = opens_about(track.track) or ()
        persons = register in PERSONS and not set(PERSONS).isdisjoint(registers)
        return persons or (bool(registers) and register in (ANSWERED, *registers))

    def _timed_of(self, component: Component) -> Iterator[tuple[Component, Start]]:
        """What a date opens about what a run is about, as long as that run is there."""
        for track in self.plan.definitions[component.definition].tracks.values():
            timed = track.by_itself and track.track.for_each is None and opens_about(track.track) is None
            if component.track or track.body is None or not timed:
                continue
            aspects: tuple[Aspect, ...] = (component.aspect,)
            if track.track.definition:
                aspects = self._aspects_in(track.body.definition, aspects)
            for aspect in aspects:
                body = self.body_of(track, aspect)
                given = self.parameters(body, None)
                yield body, Start(StartKind.ITSELF, component, track.key, track.body.activity, TRUE, given)

    def _rows(self, home: Component, source: RowsSource, activity: str = "") -> Iterator[tuple[Aspect, Formula]]:
        register = source.collection.register
        anything = (Aspect.FOCUS,) if register == ANSWERED or self.scope is Scope.CHILD else ()
        if register in REGISTERS.get(self.scope, ()):
            yield Aspect.FOCUS, self._filter(source.where, home, activity)
        elif register in (ANSWERED, *PERSONS):
            for aspect in (*anything, Aspect.CHILD):
                if aspect in self.aspects:
                    yield aspect, self._free((aspect, "among", source, home))
        yield Aspect.OTHER, TRUE

    def body_of(self, track: TrackPlan, aspect: Aspect) -> Component:
        """The component that is the body of a track. Args: track: it has a body; aspect: about what it is opened."""
        if track.track.definition:
            return Component(track.track.definition, "", aspect)
        return Component(track.definition, track.key, aspect)

    def within(self, component: Component, definition: str) -> Component:
        """The component that runs a definition for what another one is about."""
        scope = self.plan.definition(definition).scope
        return Component(definition, "", Aspect.FAMILY if scope is RunScope.FAMILY else component.aspect)

    def _follow(self, component: Component, step: Step) -> Iterator[str]:
        """Steps of the component that can come next; what else it can start is noted."""
        activity, definition = step.activity, self.plan.definition(component.definition)
        place = step.place.activity
        for _, target in ways_on(activity):
            match target:
                case Goto(key):
                    yield from self._entered(component, key)
                case Jump(other, key) if other == definition.key:
                    yield from self._entered(component, key or definition.start)
                case Jump(other, key) if other in self.plan:
                    goal = self.within(component, other)
                    entry = key or self.plan.definition(other).start
                    self.meet(goal, Start(StartKind.JUMP, component, place, entry, TRUE, self.parameters(goal, None)))
                case Interrupt(other) if other in self.plan:
                    goal = self.within(component, other)
                    entry = self.plan.definition(other).start
                    given = self.parameters(goal, None)
                    self.meet(goal, Start(StartKind.INTERRUPT, component, place, entry, TRUE, given))
                case Detour(other):
                    goal = self.within(component, other)
                    entry = self.plan.definition(other).start
                    self.meet(
                        goal, Start(StartKind.DETOUR, component, place, entry, TRUE, self.parameters(goal, None))
                    )
                case _:
                    pass
            if isinstance(target, Jump | Interrupt) and target.definition not in self.plan:
                for key in (definition.start, *definition.entries):
                    yield from self._entered(component, key)
        call = activity.call
        if call is not None:
            entry = self.plan.definition(call.definition).start
            if call.for_each is None:
                called = self.within(component, call.definition)
                self.meet(
                    called,
                    Start(
                        StartKind.CALL, component, place, entry, TRUE, self.parameters(called, call, definition.key)
                    ),
                )
            else:
                plan = self._call(component, activity, call)
                for aspect, guard in self._rows(component, call.for_each, place):
                    called = Component(call.definition, "", aspect)
                    # Only one is waited for. What is called beside it begins when it likes.
                    by = component if called == plan.target or aspect is Aspect.OTHER else None
                    given = self.parameters(called, call, definition.key)
                    self.meet(called, Start(StartKind.CALL, by, place, entry, guard, given))
        for _, guard, what, target_, _ in step.opens:
            if what == "track" and target_ is not None:
                entry = self.entry_of(target_)
                given = self.parameters(target_, None)
                self.meet(target_, Start(StartKind.OPENED, component, place, entry, guard, given))

    def entry_of(self, target: Component) -> str:
        """Where a component begins when it is opened as a track."""
        if target.track:
            return self.plan.tracks[target.track].track.activity
        return self.plan.definition(target.definition).start

    def _entered(self, component: Component, key: str) -> Iterator[str]:
        yield key
        if self.splits_at(component, key):
            for aspect in self.aspects:
                if aspect is not Aspect.FAMILY and (aspect is not Aspect.FOCUS or self.scope is Scope.CHILD):
                    child = Component(component.definition, "", aspect)
                    self.meet(child, Start(StartKind.SPLIT, component, key, key, TRUE))

    def splits_at(self, component: Component, key: str) -> bool:
        """Whether a main line about the family goes on from a step as one for each child."""
        definition = self.plan.definition(component.definition)
        if not definition.per_child_from or component.aspect is not Aspect.FAMILY or component.track:
            return False
        steps = self.plan.definitions[definition.key].activities
        return steps[key].index >= steps[definition.per_child_from].index

    def letter(self, component: Component, name: str) -> str:
        """What a monitor hears of a component: the name, the name with a star, or nothing."""
        if component.aspect is Aspect.FOCUS or self.scope is Scope.FAMILY:
            return name
        return "" if component.aspect is Aspect.OTHER else around(name)

    @cached_property
    def crisis_can_jump(self) -> bool:
        """Whether a crisis can end what it interrupts."""
        return any(
            isinstance(exit_.target, Jump)
            for key in self.plan.emergencies
            if key in self.plan
            for step in self.plan.definitions[key].activities.values()
            for exit_ in step.activity.exits
        )

    def own_states(self, component: Component) -> tuple[str, ...]:
        """The facts of how the steps of a component stand."""
        if component.track:
            return ()
        if component not in self._own:
            steps = self.plan.definitions[component.definition].activities
            mine = {state_of(component, key) for key in steps} | self._since.get(component.name, {}).keys()
            self._own[component] = tuple(name for name in self.full if name in mine)
        return self._own[component]

    # facts

    def fact(self, name: str, values: tuple[str, ...], init: int | None = None) -> int:
        """Declare a fact; its full mask."""
        if name not in self.full:
            self.sizes[name] = values
            self.full[name] = (1 << len(values)) - 1
            self.init[name] = self.full[name] if init is None else init
        return self.full[name]

    def mask(self, name: str, *values: str) -> int:
        """The mask of some values of a fact; values it does not have are left out."""
        known = self.sizes[name]
        return sum(1 << known.index(value) for value in set(values) if value in known)

    def _free(self, what: object, *, lasts: bool = False) -> Formula:
        name = self.numbers.setdefault(what, f"?{'reg' if lasts else ''}{len(self.numbers)}")
        self.fact(name, ("true", "false", "unknown"))
        return Within(name, 1, 2)

    def _consent(self) -> str:
        self.fact("consent", consent_state.FACT.values, 1)
        return "consent"

    def _outcome(self, component: Component, activity: str, call: Call) -> str:
        name = f"outcome:{component.name}.{activity}"
        self.fact(name, ("", *self.plan.definition(call.definition).returns), 1)
        return name

    def _obligation(self, component: Component) -> str:
        name = f"obligation:{component.name}"
        self.fact(name, tuple(it.value for it in Obligation), 1)
        return name

    def _parameter(self, component: Component, parameter: Parameter) -> str:
        name = f"parameter:{component.name}:{parameter.key}"
        self.fact(name, ("", *parameter.values), 1)
        return name

    def parameters(self, called: Component, call: Call | None, by: str = "") -> tuple[tuple[str, int], ...]:
        """
        The facts that are set when a component begins.

        Args:
            called: which.
            call: of the step that calls it.
            by: key of the definition of that step.
        """
        found = []
        definition = self.plan.definition(called.definition)
        given = dict(call.parameters) if call is not None else {}
        for parameter in definition.parameters:
            name = self._parameter(called, parameter)
            found.append((name, self.mask(name, given.get(parameter.key, ""))))
        if self._is_weakened(called.definition):
            name = self._obligation(called)
            given_by_call = call.obligation if call is not None else None
            mask = self.mask(name, (given_by_call or Obligation.LAW).value)
            if call is not None and given_by_call is None and self._is_weakened(by):
                mask = self.full[name]
            found.append((name, mask))
        return tuple(found)

    def _is_weakened(self, definition: str) -> bool:
        """Whether some call makes the steps of a definition less binding, or those of a definition that calls it."""
        waiting, seen = [definition], {definition}
        while waiting:
            for place in self.plan.definitions[waiting.pop()].callers:
                call = self.plan.call(place)
                if call is not None and call.obligation not in (None, Obligation.LAW):
                    return True
                if place.definition not in seen:
                    seen.add(place.definition)
                    waiting.append(place.definition)
        return False

    # steps

    def _step(self, component: Component, key: str) -> Step:
        resolved = self.plan.step(component.definition, key)
        activity = resolved.activity
        step = Step(resolved.place, activity, needs_person(activity), activity.meanings)
        step.available = None if activity.available is None else self._compiled(activity.available, component, key)
        step.exits = tuple(
            (TRUE if it.when is None else self._compiled(it.when, component, key), it.target) for it in activity.exits
        )
        blocks = []
        for rule in activity.rules:
            if rule.effect is not Effect.BLOCK or (rule.afterwards and self._can_soften(rule.afterwards)):
                continue
            formula = self._compiled(rule.when, component, key)
            blocks.append(_or_unknown(formula) if rule.unknown_counts else formula)
        step.block = either(*blocks) if not activity.unblockable else FALSE
        step.skip = self._skip(component, activity)
        if activity.call is not None:
            step.call = self._call(component, activity, activity.call)
        step.opens = tuple(self._opens(component, activity))
        step.closes = tuple(self._closes(component, resolved.closes))
        step.maybe_discharges = tuple(kind for kind, _ in resolved.discharges)
        step.discharges = tuple(
            kind
            for kind, _ in resolved.discharges
            if component.aspect is Aspect.FAMILY
            and set(self._openers(kind)) <= {it for other, it in resolved.discharges if other == kind}
        )
        return step

    def _marks(self, component: Component, key: str) -> Iterator[tuple[str, int]]:
        """What is known of having been completed once this step is."""
        done = ever(component.definition, key)
        of_another_child = (
            self.scope is Scope.CHILD
            and component.aspect is Aspect.OTHER
            and not component.track
            and bool(self.plan.definition(component.definition).per_child_from)
        )
        if done in self.full and not of_another_child:
            yield done, 2
        for name, (one, other) in self._since.get(component.name, {}).items():
            if key == one:
                yield name, 2
            elif key == other:
                yield name, 1

    def _touched(self, component: Component, activity: Activity) -> Iterator[tuple[str, int]]:
        """Columns of the row in focus that completing a step may write, with the values they can have then."""
        register = REGISTERS.get(self.scope, ("",))[0]
        for record in activity.records:
            if record.register != register:
                continue
            for column, source in record.set:
                name = f"?cell:{column}"
                if name not in self.full:
                    continue
                sure = record.subject and record.when is None and component.aspect is Aspect.FOCUS
                if sure and isinstance(source, Constant) and isinstance(source.value, str):
                    yield name, self.mask(name, source.value if source.value in self.sizes[name] else "*")
                else:
                    yield name, self.full[name]

    def _openers(self, kind: str) -> Iterator[Place]:
        for definition in self.plan.definitions.values():
            for step in definition.activities.values():
                if any(duty.kind == kind for duty in step.duties):
                    yield step.place

    def _can_soften(self, kind: str) -> bool:
        return any(True for _ in self._openers(kind))

    def _skip(self, component: Component, activity: Activity) -> tuple[Target, Formula] | None:
        target = activity.skip or (activity.exits[0].target if len(activity.exits) == 1 else None)
        if not activity.skippable or activity.kind in (Kind.AUTOMATIC, Kind.END) or target is None:
            return None
        if activity.obligation is not Obligation.LAW:
            return target, TRUE
        if component.track or not self._is_weakened(component.definition):
            return None
        name = self._obligation(component)
        return target, Within(name, self.full[name] & ~1, 1)

    def _call(self, component: Component, activity: Activity, call: Call) -> CallPlan:
        outcome = self._outcome(component, activity.key, call)
        goes_on = None if call.goes_on_when is None else self._compiled(call.goes_on_when, component, activity.key)
        if call.for_each is None:
            called = self.within(component, call.definition)
            return CallPlan(called, TRUE, goes_on, self.parameters(called, call, component.definition), outcome)
        for aspect, guard in self._rows(component, call.for_each, activity.key):
            if aspect is not Aspect.OTHER:
                called = Component(call.definition, "", aspect)
                return CallPlan(called, guard, goes_on, self.parameters(called, call, component.definition), outcome)
        return CallPlan(None, FALSE, goes_on, (), outcome)

    def _opens(
        self, component: Component, activity: Activity
    ) -> Iterator[tuple[Moment, Formula, str, Component | None, str]]:
        for open_ in activity.opens:
            when = TRUE if open_.when is None else self._compiled(open_.when, component, activity.key)
            subjects: list[tuple[Aspect, Formula]] = [(component.aspect, TRUE)]
            if open_.for_each is not None:
                subjects = list(self._rows(component, open_.for_each, activity.key))
            match open_.what:
                case OpenDuty(kind):
                    self.fact(f"duty:{kind}", ("closed", "open"), 1)
                    certain = when if open_.for_each is None else self._free(("some", open_, component, activity.key))
                    yield open_.at, both(when, certain), "duty", None, kind
                case OpenTrack(key):
                    track = self.plan.tracks[f"{component.definition}.{key}"]
                    if track.body is None:
                        continue
                    for aspect, guard in subjects:
                        if track.track.definition and open_.for_each is None and track.track.for_each is None:
                            body = self.within(component, track.body.definition)
                        else:
                            body = self.body_of(track, aspect)
                        yield open_.at, both(when, guard), "track", body, track.key

    def _closes(self, component: Component, tracks: tuple[str, ...]) -> Iterator[Component]:
        for key in tracks:
            track = self.plan.tracks[key]
            if track.body is None:
                continue
            for aspect in self.aspects:
                if Aspect.FAMILY in (aspect, component.aspect) or aspect is component.aspect:
                    yield self.body_of(track, aspect)

    def _writes(self, component: Component, activity: Activity) -> Iterator[tuple[str, int]]:
        registers = {record.register for record in activity.records}
        if self.scope in (Scope.HELP, Scope.PLACEMENT):
            for record in activity.records:
                if record.register != "consent" or component.aspect is Aspect.OTHER:
                    continue
                about = dict(record.set).get("subject")
                if isinstance(about, FromRecorded) or (
                    component.aspect is not Aspect.FOCUS
                    and isinstance(about, FromFact)
                    and about.fact == FactRef("subject", (("column", "id"),))
                ):
                    continue
                yield self._consent(), self.full[self._consent()]
        for name in list(self.full):
            if name.startswith("register:"):
                register = name.split(":")[1]
                if register in registers:
                    yield name, self.full[name]

    @staticmethod
    def _values(spec: FieldSpec) -> tuple[str, ...]:
        if spec.type == "yes_no":
            return ("", "ja", "nee")
        if spec.type in ("choice", "ladder"):
            return ("", *(it.key for it in spec.choices), "*")
        return ("", "*")

    def _locals(
        self, component: Component, activity: Activity, used: set[str]
    ) -> Iterator[tuple[str, int, Formula | None]]:
        prefix = f"?{activity.key}."
        wanted = {it.removeprefix(prefix) for it in used if it.startswith(prefix)}
        rising = True
        while rising:
            rising = False
            for spec in activity.fields:
                if spec.key not in wanted or spec.shown_if is None:
                    continue
                for name in facts_of(self._compiled(spec.shown_if, component, activity.key)):
                    if name.startswith(prefix) and name.removeprefix(prefix) not in wanted:
                        wanted.add(name.removeprefix(prefix))
                        rising = True
        deciding = {
            ref.argument("field")
            for exit_ in activity.exits
            for ref in references(exit_.when)
            if isinstance(ref, FactRef) and ref.name == "answer"
        }
        for spec in activity.fields:
            if spec.key not in wanted:
                continue
            name = prefix + spec.key
            full = self.fact(name, self._values(spec))
            must = full & ~1 if spec.required and spec.key in deciding else full
            shown = None if spec.shown_if is None else self._compiled(spec.shown_if, component, activity.key)
            yield name, must, shown

    # conditions

    def compiled(self, condition: Condition, home: Component, activity: str) -> Formula:
        """A condition as a statement asks it in a step; what it asks that no step does is known from then on."""
        key = condition, home, activity
        if key not in self._asked:
            before = len(self.full)
            self._asked[key] = self._compiled(condition, home, activity)
            if any(not it[1:].isdigit() for it in list(self.full)[before:]):
                self._finish()
        return self._asked[key]

    def _compiled(self, condition: Condition, home: Component, activity: str) -> Formula:
        match condition:
            case Always():
                return TRUE
            case All(parts):
                return Both(tuple(self._compiled(part, home, activity) for part in parts))
            case AnyOf(parts):
                return Either(tuple(self._compiled(part, home, activity) for part in parts))
            case Not(part):
                return Opposite(self._compiled(part, home, activity))
            case Compare():
                return self._compare(condition, home, activity)
            case Rows():
                return self._question(condition, home, activity)
            case _:
                return self._free((condition, home, activity))

    def _question(self, condition: Rows, home: Component, activity: str) -> Formula:
        collection, question, filter_ = condition.collection, condition.question, condition.where
        free = self._free((replace(condition, question=Quantifier.ANY), home, activity))
        if collection.register == "duty" and filter_ is not None and question in (Quantifier.ANY, Quantifier.NONE):
            named = self._duty(filter_)
            if named is not None:
                kind, certain = named
                name = f"duty:{kind}"
                self.fact(name, ("closed", "open"), 1)
                atom = Within(name, 2, 1)
                found: Formula = atom if certain else Both((atom, free))
                return found if question is Quantifier.ANY else Opposite(found)
        if collection.register in REGISTERS.get(self.scope, ()) and question in (Quantifier.ANY, Quantifier.NONE):
            mine = self._filter(filter_, home, activity)
            some = Either((mine, free))
            return some if question is Quantifier.ANY else Opposite(some)
        if question is Quantifier.NONE:
            return Opposite(free)
        return free if question is Quantifier.ANY else self._free((condition, home, activity))

    def _duty(self, filter_: Filter) -> tuple[str, bool] | None:
        if filter_.joined is not Quantifier.ALL:
            return None
        parts = {part.column: part for part in filter_.parts}
        kind, state = parts.get("kind"), parts.get("state")
        if kind is None or state is None or kind.operator is not Operator.IS or state.operator is not Operator.IS:
            return None
        if state.value != "open" or not isinstance(kind.value, str):
            return None
        return kind.value, len(parts) == 2

    def _filter(self, filter_: Filter | None, home: Component, activity: str) -> Formula:
        if filter_ is None:
            return self._free(("exists", home, activity))
        parts = tuple(self._column(part, home, activity) for part in filter_.parts)
        return Both(parts) if filter_.joined is Quantifier.ALL else Either(parts)

    def _column(self, part: ColumnCompare, home: Component, activity: str) -> Formula:
        if part.column == "consent_state" and self.scope in (Scope.HELP, Scope.PLACEMENT):
            return self._on(self._consent(), part.operator, part.value)
        if part.column == "outcome" and activity:
            step = self.plan.activity(home.definition, activity)
            if step.call is not None:
                return self._on(self._outcome(home, activity, step.call), part.operator, part.value)
        name = self._cell(part.column)
        if name and part.operator in Operator:
            return self._on(name, part.operator, part.value, closed=True)
        return self._free(("column", part, home, activity))

    def _cell(self, column: str) -> str:
        """The fact for a column of the row in focus. People may change it at any time: it lasts for one move."""
        register = registers().get(REGISTERS.get(self.scope, ("",))[0])
        spec = register.column(column) if register is not None else None
        if spec is None or spec.computed or spec.type not in ("choice", "yes_no"):
            return ""
        name = f"?cell:{column}"
        values = ("ja", "nee") if spec.type == "yes_no" else spec.choices
        self.fact(name, ("", *values, "*"))
        return name

    def _on(self, name: str, operator: object, value: object, *, closed: bool = False) -> Formula:
        """A fact compared with constants; its first value, if empty, stands for unknown."""
        full, empty = self.full[name], 1 if self.sizes[name][0] == "" else 0
        values = value if isinstance(value, tuple) else (value,)
        if operator is Operator.ANSWERED:
            return Within(name, full & ~empty, empty)
        if operator is Operator.NOT_ANSWERED:
            return Within(name, empty, full & ~empty)
        if not all(isinstance(it, str) for it in values):
            return self._free((name, operator, value))
        named = self.mask(name, *values)
        if closed:
            empty = 0
        rest = full & ~named & ~empty
        if "*" in self.sizes[name] and any(it not in self.sizes[name] for it in values):
            return self._free((name, operator, value))
        if operator in (Operator.IS, Operator.IN):
            return Within(name, named & ~empty, rest)
        if operator in (Operator.IS_NOT, Operator.NOT_IN, Operator.ANOTHER_THAN):
            return Within(name, rest, named & ~empty)
        return self._free((name, operator, value))

    def _compare(self, condition: Compare, home: Component, activity: str) -> Formula:
        ref, operator, value = condition.fact, condition.operator, condition.value
        if ref.name == "state" and (done := self._done(condition, home, activity)) is not None:
            return done
        if ref.name == "subject" and not self._has_column(home, ref.argument("column", "id")):
            return {Operator.ANSWERED: FALSE, Operator.NOT_ANSWERED: TRUE}.get(operator, UNKNOWN)
        if isinstance(value, str | tuple) or value is None:
            name = self._fact_of(ref, home, activity)
            if name:
                return self._on(name, operator, value)
        if operator in (Operator.ANSWERED, Operator.NOT_ANSWERED) and ref.name == "contact_person":
            name = "register:contact_person:contact_person"
            self.fact(name, ("", "*"), 1)
            return self._on(name, operator, value)
        if ref.name == "subject" and isinstance(value, str | NoneType):
            return self._free((condition, home), lasts=True)
        return self._free((condition, home, activity))

    def _has_column(self, home: Component, column: str) -> bool:
        """Whether the row that a run is about can have something in a column; there is none when it is the family."""
        match home.aspect:
            case Aspect.FAMILY:
                return False
            case Aspect.CHILD:
                return column == "id" or registers()["person"].column(column) is not None
            case _:
                return True

    def _fact_of(self, ref: FactRef, home: Component, activity: str) -> str:
        match ref.name:
            case "answer":
                return self._answer(ref, home, activity)
            case "consent_state" if home.aspect is Aspect.FOCUS and self.scope in (Scope.HELP, Scope.PLACEMENT):
                if ref.argument("subject", "this") == "this":
                    return self._consent()
            case "subject" if home.aspect is Aspect.FOCUS:
                if ref.argument("column") == "consent_state":
                    return self._consent()
                return self._cell(ref.argument("column"))
            case "parameter":
                definition = self.plan.definition(home.definition)
                for parameter in definition.parameters:
                    if parameter.key == ref.argument("key") and not home.track:
                        return self._parameter(home, parameter)
            case "outcome" if activity:
                step = self.plan.activity(home.definition, activity)
                if step.call is not None and step.call.for_each is None:
                    return self._outcome(home, activity, step.call)
            case "state" if not ref.argument("since"):
                return self._state(ref.argument("of"), home)
            case _:
                return ""
        return ""

    def _answer(self, ref: FactRef, home: Component, activity: str) -> str:
        field_, round_ = ref.argument("field"), ref.argument("round", "this")
        _, dot, key = field_.rpartition(".")
        if not dot:
            if round_ != "this" or not activity:
                return ""
            spec = next((it for it in self.plan.activity(home.definition, activity).fields if it.key == key), None)
            if spec is None:
                return ""
            name = f"?{activity}.{key}"
            self.fact(name, self._values(spec))
            return name
        return ""

    def _state(self, element: str, home: Component) -> str:
        _, dot, key = element.rpartition(".")
        if home.aspect is Aspect.OTHER:
            return ""
        if not dot:
            steps = self.plan.definitions[home.definition].activities
            if key not in steps or steps[key].on_track or home.track or self._shared(key):
                return ""
            if self._is_before_split(home, key):
                return ""
            name = state_of(home, key)
            self.fact(name, STATES, 1)
            return name
        return ""

    def _done(self, condition: Compare, home: Component, activity: str) -> Formula | None:
        """
        Whether a step is done, or is done since another: that it cannot be so before it was completed.

        Returns:
            A condition that can be true only after that; None when it is another question.
        """
        ref, operator = condition.fact, condition.operator
        if condition.value != "done" or operator not in (Operator.IS, Operator.IS_NOT):
            return None
        since = ref.argument("since")
        name = self._ever(ref.argument("of"), since, home)
        if not name:
            return None
        self.fact(name, ("no", "yes"), 1)
        own = "" if since else self._state(ref.argument("of"), home)
        asked = Compare(ref, Operator.IS, "done")
        stands = self._on(own, Operator.IS, "done") if own else self._free((asked, home, activity))
        found = Both((Within(name, 2, 1), stands))
        return found if operator is Operator.IS else Opposite(found)

    def _ever(self, element: str, since: str, home: Component) -> str:
        definition, dot, key = element.rpartition(".")
        if dot:
            known = not since and definition in self.plan and key in self.plan.definitions[definition].activities
            return ever(definition, key) if known else ""
        steps = self.plan.definitions[home.definition].activities
        if key not in steps or home.track or self._shared(key):
            return ""
        if not since:
            return ever(home.definition, key)
        if since not in steps or steps[since].on_track or steps[key].on_track or home.aspect is Aspect.OTHER:
            return ""
        return "" if self._shared(since) else since_then(home, key, since)

    def _is_before_split(self, component: Component, key: str) -> bool:
        """Whether a run about one child came from one about the family, which may have done a step."""
        definition = self.plan.definition(component.definition)
        if not definition.per_child_from or component.aspect is Aspect.FAMILY:
            return False
        steps = self.plan.definitions[definition.key].activities
        return steps[key].index < steps[definition.per_child_from].index

    def _shared(self, key: str) -> bool:
        return sum(key in it.activities for it in self.plan.definitions.values()) > 1


def _read_by(step: Step) -> set[str]:
    """The facts that the conditions of a step ask."""
    found = {it for formula in (step.block, *(way for way, _ in step.exits)) for it in facts_of(formula)}
    found.update(it for _, formula, *_ in step.opens for it in facts_of(formula))
    if step.available is not None:
        found.update(facts_of(step.available))
    if step.call is not None and step.call.goes_on is not None:
        found.update(facts_of(step.call.goes_on))
    return found


def _or_unknown(formula: Formula) -> Formula:
    """True also where it is unknown."""
    match formula:
        case Known(truth):
            return Known(truth is not False)
        case Within(fact, _, false):
            return Within(fact, ~false, false)
        case Opposite(part):
            return Opposite(_and_known(part))
        case Some(truths):
            return Some(tuple(dict.fromkeys(truth is not False for truth in truths)))
        case Both(parts) | Either(parts):
            return type(formula)(tuple(_or_unknown(part) for part in parts))


def _and_known(formula: Formula) -> Formula:
    """False also where it is unknown."""
    match formula:
        case Known(truth):
            return Known(truth is True)
        case Within(fact, true, _):
            return Within(fact, true, ~true)
        case Opposite(part):
            return Opposite(_or_unknown(part))
        case Some(truths):
            return Some(tuple(dict.fromkeys(truth is True for truth in truths)))
        case Both(parts) | Either(parts):
            return type(formula)(tuple(_and_known(part) for part in parts))
