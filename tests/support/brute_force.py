"""
An oracle for proofs: every run of the reference semantics up to a bound, one event after another.

The world answers each question in every way that goes together with what the language keeps: answers of a step are
chosen when it is completed; the state of a step, the outcome of a call and the open duties are read from the marking.
Everything else is free, but the same for the same row during one event. Where it is not certain what an engine would
say, a run is given up. So a run that is found is a real one; that none is found says something only when the oracle
has finished, and then only about these subjects and rows.

It shares no code with the prover.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from padwijzer.forms.core.conditions import (
    ALWAYS,
    UNKNOWN,
    All,
    AnyOf,
    Collection,
    Compare,
    Condition,
    FactRef,
    Filter,
    Not,
    Operator,
    Rows,
    SetCompare,
    TermRef,
    Truth,
    Value,
    evaluate,
)
from padwijzer.workflows.core.definition import Activity, Effect, RowsSource
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.plan import Plan, TrackPlan
from padwijzer.workflows.core.safeguards import BREACH, STEP, Monitor, Scope, around, skipped, with_answer
from padwijzer.workflows.core.semantics import (
    EMPTY,
    ActivityState,
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
    RunStatus,
    SaveOpen,
    Skip,
    StartCase,
    StartEmergency,
    What,
    opens_about,
    step,
)

FOCUS, OTHER, CHILD = "r1", "r2", "c1"
CHILDREN = ("children", "case_children", "person")
IN_FOCUS = {Scope.FAMILY: ("help_item",), Scope.HELP: ("help_item",), Scope.CHILD: CHILDREN}
"""Of which registers the row in focus and the other one are; of a statement about the family, two rows beside it."""
SUBJECTS = {
    Scope.FAMILY: (None, FOCUS),
    Scope.HELP: (None, FOCUS, CHILD, OTHER),
    Scope.CHILD: (None, FOCUS, OTHER),
}
"""About what a hand may open a track, or start a crisis."""
UNDECIDED: Condition = Compare(FactRef("nothing"), Operator.IS, "")
CERTAIN: Mapping[Truth, Condition] = {True: ALWAYS, False: Not(ALWAYS), None: UNDECIDED}

Answer: TypeAlias = "str | bool | tuple[str, ...] | None"
Answers: TypeAlias = tuple[Answer, ...]


Followed: TypeAlias = tuple[Marking, tuple[Happening, ...]]


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What the oracle found.

    Args:
        events: the events of a shortest run that breaks the statement; empty when there is none within the bound.
        answers: for each of these, what the world said, in the order in which it was asked.
        followed: for each of these, the marking afterwards and what happened.
        tried: how many runs were made, each by one event in one world.
        states: how many different states were met.
        finished: whether no other state can be reached.
    """

    events: tuple[Event, ...]
    answers: tuple[Answers, ...]
    followed: tuple[Followed, ...]
    tried: int
    states: int
    finished: bool

    @property
    def broken(self) -> bool:
        """Whether a run breaks the statement."""
        return bool(self.events)


def judged(plan: Plan, monitor: Monitor, scope: Scope, *, events: int, tries: int) -> Judged:
    """
    Search every run, the shortest first, for one that breaks a statement.

    Args:
        plan: the release.
        monitor: the statement.
        scope: about what it is; in focus is `FOCUS`.
        events: how long a run may be.
        tries: how many times an event may be tried in a world.
    """
    return _Judge(plan, monitor, scope).search(events, tries)


class _Asked(Exception):
    """The world is asked what was not said. Args: options: what it can say."""

    def __init__(self, options: Sequence[Answer]) -> None:
        self.options = options


class _GivenUp(Exception):
    """It is not certain what is so in this run."""


Trail: TypeAlias = "tuple[Trail | None, Event, Answers, Followed] | None"


class _Judge:
    def __init__(self, plan: Plan, monitor: Monitor, scope: Scope) -> None:
        self.plan, self.monitor, self.scope = plan, monitor, scope
        self.tried = 0

    def search(self, events: int, tries: int) -> Judged:
        front: list[tuple[Marking, str, Trail]] = [(EMPTY, self.monitor.start, None)]
        met = {(_canonical(EMPTY), self.monitor.start)}
        for _ in range(events):
            further: list[tuple[Marking, str, Trail]] = []
            for marking, state, trail in front:
                for event in self.events(marking):
                    for after, happened, world in self.outcomes(marking, event):
                        if self.tried > tries:
                            return Judged((), (), (), self.tried, len(met), finished=False)
                        for new, said in self.heard(state, after, happened, world):
                            if new == BREACH:
                                return self.broken((trail, event, said, (after, happened)), len(met))
                            key = (_canonical(after), new)
                            if key not in met:
                                met.add(key)
                                further.append((after, new, (trail, event, said, (after, happened))))
            front = further
            if not front:
                break
        return Judged((), (), (), self.tried, len(met), finished=not front)

    def broken(self, trail: Trail, states: int) -> Judged:
        steps: list[tuple[Event, Answers, Followed]] = []
        while trail is not None:
            before, event, said, made = trail
            steps.append((event, said, made))
            trail = before
        events, answers, followed = zip(*reversed(steps), strict=True)
        return Judged(events, answers, followed, self.tried, states, finished=False)

    def events(self, marking: Marking) -> Iterator[Event]:
        """Everything that may be tried; not each of it is possible."""
        if not marking.runs:
            yield StartCase()
            return
        for run in marking.alive():
            definition = self.plan.definition(run.definition)
            if run.status is RunStatus.WAITING_OUTSIDE:
                yield EndOutside(run.number)
                for key in dict.fromkeys(("", definition.start, *definition.entries)):
                    yield ComeBack(run.number, key)
            if run.status is RunStatus.RUNNING and run.position:
                yield Complete(run.number)
                yield SaveOpen(run.number)
                yield Skip(run.number)
            if run.track:
                yield CloseTrack(run.number)
                yield CloseTrack(run.number, by_hand=True)
            for track in self.plan.definitions[run.definition].tracks.values():
                for subject in dict.fromkeys((None, FOCUS if track.track.for_each else None)):
                    yield OpenTrack(run.number, track.track.key, subject)
        yield Recheck()
        for track in self.plan.tracks.values():
            for subject in self.about(track):
                yield OpenTrack(None, track.track.key, subject, track.definition)
        for subject in SUBJECTS[self.scope]:
            for key in self.plan.emergencies:
                yield StartEmergency(key, subject)

    def about(self, track: TrackPlan) -> Sequence[str | None]:
        """About what a track may be tried to be opened."""
        registers = opens_about(track.track) if track.by_itself else None
        if registers is None:
            return SUBJECTS[self.scope]
        return tuple(dict.fromkeys(row for key in registers for some in rows_in(self.scope, key) for row in some))

    def outcomes(self, marking: Marking, event: Event) -> Iterator[tuple[Marking, tuple[Happening, ...], _World]]:
        """Everything that one event can lead to."""
        waiting: list[Answers] = [()]
        while waiting:
            said = waiting.pop()
            world = _World(self.plan, self.scope, said)
            self.tried += 1
            try:
                if isinstance(event, Complete | SaveOpen):
                    self.require_no_block(marking, event.run, world)
                after, happened = step(self.plan, marking, event, world)
            except _Asked as asked:
                waiting += [(*said, option) for option in asked.options]
            except (Impossible, _GivenUp):
                continue
            else:
                yield after, happened, world

    def require_no_block(self, marking: Marking, number: int, world: _World) -> None:
        run = marking.run(number)
        activity = self.plan.activity(run.definition, run.position or "")
        for rule in () if activity.unblockable else activity.rules:
            if rule.effect is Effect.BLOCK:
                truth = world.truth(marking, number, activity.key, rule.when)
                if truth is True or (truth is None and rule.unknown_counts):
                    raise Impossible("blocked")

    def heard(
        self, state: str, after: Marking, happened: Sequence[Happening], world: _World
    ) -> Iterator[tuple[str, Answers]]:
        """The states of the monitor after an event, with all that the world said."""
        waiting: list[Answers] = [world.said]
        while waiting:
            said = waiting.pop()
            try:
                yield self.state_after(state, after, happened, _World(self.plan, self.scope, said, world.kept)), said
            except _Asked as asked:
                waiting += [(*said, option) for option in asked.options]

    def state_after(self, state: str, after: Marking, happened: Sequence[Happening], world: _World) -> str:
        for it in happened:
            if it.what not in (What.STEP_COMPLETED, What.STEP_SAVED, What.STEP_SKIPPED):
                continue
            run = after.run(it.run)
            own = self.scope is Scope.FAMILY or run.subject == FOCUS
            if not own and run.subject not in (None, CHILD):
                continue
            letters = self.plan.activity(run.definition, it.activity).meanings
            if it.what is What.STEP_SKIPPED:
                letters = tuple(skipped(letter) for letter in letters)
            else:
                letters = (*letters, STEP)
            for letter in letters:
                if not own:
                    state = self.monitor.after(state, around(letter))
                elif letter in self.monitor.asks:
                    truth = world.truth(after, it.run, it.activity, self.monitor.asks[letter])
                    state = self.monitor.after(state, with_answer(letter, holds=truth is True))
                else:
                    state = self.monitor.after(state, letter)
        return state


class _World:
    def __init__(self, plan: Plan, scope: Scope, said: Answers, kept: Mapping[object, Answer] | None = None) -> None:
        self.plan, self.scope, self.said = plan, scope, said
        self.kept: dict[object, Answer] = dict(kept or {})
        self.told = len(self.kept)

    def choose(self, question: object, options: Sequence[Answer]) -> Answer:
        """The answer to a question, the same each time that it is asked during this event."""
        if question not in self.kept:
            if self.told == len(self.said):
                raise _Asked(options)
            self.kept[question] = self.said[self.told]
            self.told += 1
        return self.kept[question]

    def rows(self, marking: Marking, run: int | None, activity: str, source: RowsSource) -> Sequence[str]:
        register = source.collection.register
        found = self.choose(("rows", _subject(marking, run), register), rows_in(self.scope, register))
        assert isinstance(found, tuple)
        return found

    def truth(self, marking: Marking, run: int | None, activity: str, condition: Condition) -> Truth:
        asking = _Question(self, marking, run, activity)
        return evaluate(asking.settled(condition), asking)


class _Question:
    """A condition asked in a step of a run: what the language keeps is looked up, the rest is chosen."""

    def __init__(self, world: _World, marking: Marking, run: int | None, activity: str) -> None:
        self.world, self.marking, self.activity = world, marking, activity
        self.run = None if run is None else marking.run(run)

    def settled(self, condition: Condition) -> Condition:
        """The condition with a constant for each comparison that is free."""
        match condition:
            case All(parts):
                return All(tuple(self.settled(part) for part in parts))
            case AnyOf(parts):
                return AnyOf(tuple(self.settled(part) for part in parts))
            case Not(part):
                return Not(self.settled(part))
            case Compare(ref) if self.is_kept(ref):
                return condition
            case Rows(Collection("duty"), _, Filter()):
                return condition
            case Compare() | Rows() | SetCompare():
                subject = None if self.run is None else self.run.subject
                chosen = self.world.choose(("free", subject, condition), (False, True, None))
                assert chosen is None or isinstance(chosen, bool)
                return CERTAIN[chosen]
            case _:
                return condition

    def is_kept(self, ref: FactRef) -> bool:
        if self.run is None and ref.name == "state":
            raise _GivenUp
        if self.run is None or not self.activity:
            return False
        match ref.name:
            case "answer":
                return any(it.key == ref.argument("field") for it in self.step.fields)
            case "state":
                return ref.argument("of") in self.world.plan.definitions[self.run.definition].activities
            case "outcome":
                return self.step.call is not None
            case _:
                return False

    @property
    def step(self) -> Activity:
        assert self.run is not None
        return self.world.plan.activity(self.run.definition, self.activity)

    def fact(self, ref: FactRef) -> Value:
        if ref.name == "nothing" or self.run is None:
            return UNKNOWN
        match ref.name:
            case "answer":
                return self.answer(ref.argument("field"))
            case "state":
                return self.state(self.run, ref.argument("of"))
            case _:
                outcome = self.marking.run(self.run.calls[-1]).outcome if self.run.calls else ""
                return outcome or UNKNOWN

    def answer(self, key: str) -> Value:
        assert self.run is not None
        spec = next(it for it in self.step.fields if it.key == key)
        options = [choice.key for choice in spec.choices]
        if not spec.required:
            options.append("")
        chosen = self.world.choose(("answer", self.run.number, self.activity, key), options)
        assert isinstance(chosen, str)
        return chosen or UNKNOWN

    def state(self, run: RunMarking, key: str) -> Value:
        """The state of a step; given up where it depends on an earlier round or on another run."""
        if run.track:
            raise _GivenUp
        found = run.state(key)
        if found is None:
            others = [it for it in self.marking.runs if it.definition == run.definition and it.number != run.number]
            if not others:
                return "never"
            # Of a step that this run never met, the tracks beside it are looked at; of a family all of them.
            if run.subject is not None or len(others) > 1 or not self.is_track_of(others[0], run):
                raise _GivenUp
            found = others[0].state(key)
            if found is None:
                return "never"
        if found in (ActivityState.WAITING, ActivityState.CANCELLED):
            raise _GivenUp
        return found.value

    def is_track_of(self, run: RunMarking, owner: RunMarking) -> bool:
        return bool(run.track) and run.parent is not None and run.parent[0] == owner.number

    def rows(self, collection: Collection) -> Sequence[Mapping[str, Value]]:
        return [{"kind": duty.kind, "state": "open"} for duty in self.marking.duties]

    def shifted(self, day: object, sign: int, term: TermRef) -> None:
        raise AssertionError(day, sign, term)


def rows_in(scope: Scope, register: str) -> Sequence[tuple[str, ...]]:
    """Which rows there can be in a register; in that of an answer there can be rows of any."""
    if register in IN_FOCUS[scope]:
        return (), (FOCUS,), (OTHER,), (FOCUS, OTHER)
    beside = OTHER if scope is Scope.CHILD else CHILD
    if not register:
        return (), (FOCUS,), (beside,), (FOCUS, beside)
    return (), (CHILD if register in CHILDREN else f"{register}1",)


def _subject(marking: Marking, run: int | None) -> str | None:
    return None if run is None else marking.run(run).subject


def _canonical(marking: Marking) -> object:
    """A marking without what can make no difference any more: how often, and runs that ended and nobody looks at."""
    kept = {run.number for run in marking.alive()}
    waiting = list(kept)
    while waiting:
        run = marking.run(waiting.pop())
        for number in (*run.calls, *((run.parent[0],) if run.parent else ())):
            if number not in kept:
                kept.add(number)
                waiting.append(number)
    new: Callable[[int], int] = {number: place for place, number in enumerate(sorted(kept))}.__getitem__
    runs = tuple(
        (
            run.definition,
            None if run.parent is None else (new(run.parent[0]), run.parent[1]),
            run.opened_as,
            run.track,
            run.subject,
            run.position,
            run.states,
            run.status,
            run.outcome,
            run.detour_at,
            tuple(map(new, run.calls)),
            run.handed_over,
        )
        for run in marking.runs
        if run.number in kept
    )
    duties = tuple(
        (duty.kind, duty.subject, duty.opened_by, new(duty.run) if duty.run in kept else -1)
        for duty in marking.duties
    )
    # Whether another run of a definition ever was decides what is known of the state of a step.
    return bool(marking.runs), runs, duties, frozenset(run.definition for run in marking.runs)
