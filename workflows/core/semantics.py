"""
Reference semantics: plan + marking + event → next marking, in small steps. The engine must do exactly this.

The numbers are those of the rules in the domain's description of the language (steps, exits, calls, jumps, tracks,
emergency). What a rule of that description leaves open is settled here.

Order. One event is worked off completely before the next: everything that follows by itself follows at once. Runs are
numbered from 1 in the order in which they begin and are always visited in that order; rows in the order in which the
world names them, each once. A calling step is looked at again when everything that the event set going has come to
rest, in the order in which its calls returned.

- Step-1. Opening a step: its round rises by one, then its opens with moment *opening* happen in order.
- Step-2. A step whose `available` is not true is not opened. An optional one is passed through its *else*. Another
  one goes to `unavailable` when the condition is false and there is such a way; else it waits. On `Recheck` a waiting
  step opens when it has become true, and a waiting or open one leaves through `unavailable` when it has become false.
- Step-3. Completing a form, decision, ladder or wait: the exit is chosen on what is stored; then the step is done,
  tracks close on it, duties are discharged, its opens with moment *completing* happen, and the exit is taken.
- Step-4. Skipping: only what is not bound by law (a call may make the steps it calls less binding, never more). It
  closes, discharges and opens nothing, and goes to `skip` or through the only exit. Rules that block a skip are for
  the world to look at, before the event.
- Step-5. Completing from data known afterwards is completing, with the state `afterwards`.
- Step-8. Automatic steps and ends are completed as soon as they are open. Is their exit unknown: they halt, open,
  until `Recheck`.
- Exit-1, Exit-2. See `exits`. A detour leaves the step done, with its position, until the called run has ended;
  then reading goes on with the next exit. Its outcome is not read. An interrupt likewise, until the crisis is over.
- Call-1. A call runs the definition once, or once for each row, which is then the subject; a definition about the
  family has no subject, another one keeps that of its caller. The step is complete when every run has ended, or as
  soon as `goes_on_when` is true. Runs still open then go on beside it, and their return changes nothing.
- Call-2. `return` ends the run with its outcome; `end` ends it with none.
- Call-4. A definition that is already running about the same subject is joined: the caller waits for that run. It is
  never run twice; this holds for calls, detours, tracks, interrupts and jumps.
- Jump-1. A jump ends the run; the target begins as a main line. An awaited call of a run that ends this way, by the
  closing of its track or by a crisis ends with it, unless another run waits for it.
- Jump-2. At a jump the run's own tracks are handed over or closed as they say; at an end they close. Tracks with
  another owner, and calls that nobody awaits, are handed over at both. Duties always stay.
- Jump-4. A jump to the definition one is in is a goto.
- Scope-3. A main line about the family that comes to `per_child_from`, or to a step after it in the list, ends and
  goes on as one main line for each child about whom it is; as itself when there is none. Its own tracks are handed
  over or closed as at a jump.
- Outside. A jump or interrupt to a definition that the release lacks leaves the run *waiting outside* at its step,
  with its tracks as at a jump (untouched at an interrupt), until `ComeBack` or `EndOutside`. A track whose body the
  release lacks is told and not opened.
- Track-1. A track opens once for each subject, and for each run when a run owns it. Open already: nothing happens.
- Track-3. It closes on its `closes_on`, when its body ends, when its owner ends, or by hand where that is allowed. A
  completed step closes the tracks about the same subject, or about any when one of both is about the family.
- Track-5, Track-6. Opened by `OpenTrack`: by hand only when possible, otherwise by the clock or a register. What
  happens to a register opens it about a row of that register, an age or a date about a row of its owner.
- A form that stays open is saved (`SaveOpen`): each save is a completed round, and the next opens at once.
- Duties open once for each kind and subject and are discharged by the completed steps they name, about the same
  subject, or about any when one of both is about the family.
- Crisis-1. An interrupt suspends every main line about its subject, or all when it is about the family, with what
  they called. Tracks go on.
- Crisis-5. When it ends, what it suspended goes on, unless another crisis still holds it. When it jumps, the lines
  that it suspended about its own subject or about the family end; others go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from padwijzer.forms.core.conditions import Collection, Condition, Truth
from padwijzer.workflows.core.definition import (
    Activity,
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
    Open,
    OpenDuty,
    Owner,
    RecordEvent,
    Return,
    RowsSource,
    RunScope,
    Target,
    Track,
)
from padwijzer.workflows.core.definition import (
    OpenTrack as OpensTrack,
)
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.exits import Taken, UnknownExit, choose_exit
from padwijzer.workflows.core.graph import needs_person
from padwijzer.workflows.core.plan import WEAKER, Place, Plan, TrackPlan


class RunStatus(StrEnum):
    """How it is with a run. Suspended: a crisis goes first. Waiting outside: somebody else took over."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    WAITING_OUTSIDE = "waiting_outside"
    ENDED = "ended"


class OpenedAs(StrEnum):
    """How a run began."""

    MAIN = "main"
    CALL = "call"
    DETOUR = "detour"
    TRACK = "track"
    INTERRUPT = "interrupt"


class ActivityState(StrEnum):
    """How it is with a step of a run, as of its last round; a step never met has none."""

    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    AFTERWARDS = "afterwards"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RunMarking:
    """
    One run of one definition.

    Args:
        number: from 1, in the order in which runs began.
        definition: key of its definition.
        parent: number of the run and key of the step that opened it; None when nothing did.
        opened_as: how it began.
        track: for a track: `definition.track`; else empty.
        subject: the row it is about; None is the family.
        position: key of the step where it is; None before it begins and after it ended.
        rounds: how often each step was opened, in the order of the keys.
        states: state of each step met, in the order of the keys.
        status: running, suspended, waiting outside or ended.
        outcome: with which it returned; empty for none.
        detour_at: number of the exit whose detour, interrupt or jump outside is under way; -1 for none.
        calls: numbers of the runs that the step at its position called in this round, ended ones included; the run
            of a detour under way is the last.
        handed_over: whether it outlives the run that opened it.
    """

    number: int
    definition: str
    parent: tuple[int, str] | None
    opened_as: OpenedAs
    track: str
    subject: str | None
    position: str | None = None
    rounds: tuple[tuple[str, int], ...] = ()
    states: tuple[tuple[str, ActivityState], ...] = ()
    status: RunStatus = RunStatus.RUNNING
    outcome: str = ""
    detour_at: int = -1
    calls: tuple[int, ...] = ()
    handed_over: bool = False

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self.status is not RunStatus.ENDED

    def round(self, activity: str) -> int:
        """How often a step was opened; 0 for never."""
        return dict(self.rounds).get(activity, 0)

    def state(self, activity: str) -> ActivityState | None:
        """The state of a step; None when the run never met it."""
        return dict(self.states).get(activity)


@dataclass(frozen=True, slots=True)
class DutyMarking:
    """
    An open duty.

    Args:
        kind: its kind.
        subject: the row it is about; None is the family.
        opened_by: the step that opened it.
        run: number of the run that opened it.
    """

    kind: str
    subject: str | None
    opened_by: Place
    run: int


@dataclass(frozen=True, slots=True)
class Marking:
    """How it is with a case. Args: runs: every run, ended ones included, by number; duties: the open ones."""

    runs: tuple[RunMarking, ...] = ()
    duties: tuple[DutyMarking, ...] = ()

    def run(self, number: int) -> RunMarking:
        """The run of that number. Raises: Impossible when there is none."""
        if not 1 <= number <= len(self.runs):
            raise Impossible("no_such_run")
        return self.runs[number - 1]

    @property
    def waits(self) -> bool:
        """Whether a step of it waits until its condition is true."""
        return any(run.position and run.state(run.position) is ActivityState.WAITING for run in self.alive())

    def alive(self) -> Iterator[RunMarking]:
        """The runs that have not ended."""
        return (run for run in self.runs if run.is_alive)


EMPTY = Marking()
CHILDREN = RowsSource(Collection(register="children"))
"""The children about whom a run is."""
ROWS_OF: Final[Mapping[RecordEvent | Owner, tuple[str, ...]]] = MappingProxyType(
    {
        RecordEvent.CONSENT_COMPLETE: ("help_item", "placement", "sharing"),
        RecordEvent.CONSENT_WITHDRAWN: ("consent",),
        RecordEvent.HELP_MATCHED: ("help_item",),
        RecordEvent.HELP_STARTED: ("help_item",),
        RecordEvent.HELP_STOPPED: ("help_item",),
        RecordEvent.MEASURE_STARTED: ("measure",),
        RecordEvent.MEASURE_ENDED: ("measure",),
        RecordEvent.ORDER_ENDED: ("order",),
        RecordEvent.PLACEMENT_STARTED: ("placement",),
        RecordEvent.PLACEMENT_ENDED: ("placement",),
        RecordEvent.CAME_HOME: ("placement",),
        RecordEvent.DEVIATION_MADE: ("deviation",),
        Owner.CHILD: ("case_children",),
        Owner.MEASURE: ("measure",),
        Owner.PLACEMENT: ("placement",),
        Owner.HELP: ("help_item",),
    }
)
"""To what happens to registers, and to owners of tracks: the registers of the rows that it is about."""


@dataclass(frozen=True, slots=True)
class StartCase:
    """A main line begins. Args: definition: empty for that of the release; activity: empty for its first step."""

    definition: str = ""
    activity: str = ""
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    """A person completes the step at which a run is; afterwards: from what was known of an emergency."""

    run: int
    afterwards: bool = False


@dataclass(frozen=True, slots=True)
class Skip:
    """A person skips the step at which a run is."""

    run: int


@dataclass(frozen=True, slots=True)
class SaveOpen:
    """A person saves the form that stays open at which a run is."""

    run: int


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """
    A track is opened by hand, by the clock or by a register.

    Args:
        run: the run to which it belongs; None for the case, and then `definition` says whose track it is.
        track: key of the track.
        subject: the row it is about; None is what the run is about.
        definition: key of the definition that has the track; empty for that of the run.
    """

    run: int | None
    track: str
    subject: str | None = None
    definition: str = ""


@dataclass(frozen=True, slots=True)
class CloseTrack:
    """A track is closed by the clock or a register, or by a person. Args: run: the run that is the track."""

    run: int
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class StartEmergency:
    """A person starts a crisis from anywhere. Args: definition: a definition that can interrupt."""

    definition: str
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class ComeBack:
    """A run that waits outside comes back. Args: activity: where; empty goes on after an interrupt."""

    run: int
    activity: str = ""


@dataclass(frozen=True, slots=True)
class EndOutside:
    """A run that waits outside does not come back."""

    run: int


@dataclass(frozen=True, slots=True)
class Recheck:
    """The clock went on or a register changed: what waits on a condition is looked at again."""


Event: TypeAlias = (
    StartCase | Complete | Skip | SaveOpen | OpenTrack | CloseTrack | StartEmergency | ComeBack | EndOutside | Recheck
)


class What(StrEnum):
    """What can follow from an event."""

    RUN_STARTED = "run_started"
    RUN_JOINED = "run_joined"
    RUN_RETURNED = "run_returned"
    RUN_ENDED = "run_ended"
    RUN_JUMPED = "run_jumped"
    RUN_SPLIT = "run_split"
    RUN_CANCELLED = "run_cancelled"
    RUN_SUSPENDED = "run_suspended"
    RUN_RESUMED = "run_resumed"
    RUN_HANDED_OVER = "run_handed_over"
    WENT_OUTSIDE = "went_outside"
    CAME_BACK = "came_back"
    STEP_OPENED = "step_opened"
    STEP_WAITS = "step_waits"
    STEP_PASSED = "step_passed"
    STEP_COMPLETED = "step_completed"
    STEP_SAVED = "step_saved"
    STEP_SKIPPED = "step_skipped"
    STEP_CANCELLED = "step_cancelled"
    STEP_HALTED = "step_halted"
    EXIT_TAKEN = "exit_taken"
    TRACK_OPENED = "track_opened"
    TRACK_CLOSED = "track_closed"
    TRACK_OUTSIDE = "track_outside"
    DUTY_OPENED = "duty_opened"
    DUTY_DISCHARGED = "duty_discharged"


@dataclass(frozen=True, slots=True)
class Happening:
    """
    One thing that followed from an event.

    Args:
        what: which.
        run: number of the run it happened to, or that did it; 0 for none.
        activity: key of the step, where there is one.
        name: for a run: its definition, outcome or the definition it went to; for a track: `definition.track`; for a
            duty: its kind.
        number: for a step opened or saved: its round; for an exit: its number (-1: `skip` or `unavailable`); for a
            run joined: the run that waits for it; else 0.
        subject: the row it is about.
    """

    what: What
    run: int
    activity: str = ""
    name: str = ""
    number: int = 0
    subject: str | None = None


class World(Protocol):
    """What the semantics asks about answers, registers and time. The marking is the one of that very moment."""

    def truth(self, marking: Marking, run: int | None, activity: str, condition: Condition) -> Truth:
        """Whether a condition of a step holds for a run; run None and no step: for the case as a whole."""

    def rows(self, marking: Marking, run: int | None, activity: str, source: RowsSource) -> Sequence[str]:
        """Ids of the rows for which something is done, in their own lasting order."""


def step(plan: Plan, marking: Marking, event: Event, world: World) -> tuple[Marking, tuple[Happening, ...]]:
    """
    What an event makes of a case.

    Args:
        plan: the release of the case.
        marking: how it is with the case.
        event: what happens.
        world: answers, registers and time, as they are after storing what belongs to the event.

    Returns:
        The next marking, and what happened in order.

    Raises:
        Impossible: when the event cannot happen in this marking; nothing has happened then.
    """
    walk = _Walk(plan, marking, world)
    walk.happens(event)
    return walk.marking, tuple(walk.happened)


def obligation_of(plan: Plan, marking: Marking, run: RunMarking, activity: Activity) -> Obligation:
    """How binding a step of a run is there: a call may make the steps that it calls less binding."""
    found = [activity.obligation]
    while run.opened_as is OpenedAs.CALL and run.parent is not None:
        number, key = run.parent
        run = marking.run(number)
        call = plan.call(Place(run.definition, key))
        if call is not None and call.obligation is not None:
            found.append(call.obligation)
    return max(found, key=WEAKER.index)


def opens_about(track: Track) -> tuple[str, ...] | None:
    """
    About rows of which registers an age, a date or a register opens a track.

    Args:
        track: no person and no step opens it.

    Returns:
        Keys of registers, none when nothing opens it; None when it is about what its run is about.
    """
    match track.opens_by:
        case OnEvent(event):
            return ROWS_OF.get(event, ())
        case _:
            return ROWS_OF.get(track.owner)


def about_the_same(one: str | None, other: str | None) -> bool:
    """Whether two subjects concern each other: they are equal, or one of both is the family."""
    return one is None or other is None or one == other


class _Walk:
    def __init__(self, plan: Plan, marking: Marking, world: World) -> None:
        self.plan = plan
        self.marking = marking
        self.world = world
        self.happened: list[Happening] = []
        self.agenda: deque[int] = deque()

    # events

    def happens(self, event: Event) -> None:
        match event:
            case StartCase():
                self.start_case(event)
            case Complete(number, afterwards):
                run = self.at_open_step(number)
                activity = self.activity_of(run)
                _require(needs_person(activity) and not activity.stays_open, "not_completed_by_hand")
                self.complete(run, ActivityState.AFTERWARDS if afterwards else ActivityState.DONE, by_person=True)
            case Skip(number):
                self.skip(self.at_open_step(number))
            case SaveOpen(number):
                self.save_open(self.at_open_step(number))
            case OpenTrack():
                self.open_track_from_outside(event)
            case CloseTrack(number, by_hand):
                self.close_track_from_outside(self.marking.run(number), by_hand=by_hand)
            case StartEmergency(definition, subject):
                _require(definition in self.plan.emergencies and definition in self.plan, "not_an_emergency")
                self.interrupt(definition, None, self.subject_in(definition, subject))
            case ComeBack(number, activity_key):
                self.come_back(self.marking.run(number), activity_key)
            case EndOutside(number):
                run = self.marking.run(number)
                _require(run.status is RunStatus.WAITING_OUTSIDE, "not_outside")
                self.end(run, "", What.RUN_ENDED)
            case Recheck():
                self.recheck()
        self.work_off()

    def start_case(self, event: StartCase) -> None:
        key = event.definition or self.plan.start
        _require(key in self.plan, "no_such_definition")
        definition = self.plan.definition(key)
        start = event.activity or definition.start
        _require(start in (definition.start, *definition.entries), "no_such_entry")
        subject = self.subject_in(key, event.subject)
        _require(self.running(key, subject) is None, "already_running")
        self.enter(self.new_run(key, OpenedAs.MAIN, None, subject), start)

    def skip(self, run: RunMarking) -> None:
        activity = self.activity_of(run)
        target = activity.skip or (activity.exits[0].target if len(activity.exits) == 1 else None)
        may = activity.skippable and obligation_of(self.plan, self.marking, run, activity) is not Obligation.LAW
        _require(may and activity.kind not in (Kind.AUTOMATIC, Kind.END) and target is not None, "not_skippable")
        assert target is not None  # noqa: S101 - the line above requires it
        self.cancel_awaited(run)
        self.set_state(run.number, activity.key, ActivityState.SKIPPED)
        self.tell(What.STEP_SKIPPED, run.number, activity.key, number=run.round(activity.key))
        self.take(run.number, activity, -1, target)

    def save_open(self, run: RunMarking) -> None:
        activity = self.activity_of(run)
        _require(activity.stays_open, "not_stays_open")
        self.tell(What.STEP_SAVED, run.number, activity.key, number=run.round(activity.key))
        self.follow_completion(run.number, activity)
        run = self.run(run.number)
        if run.is_alive:
            self.set(run.number, rounds=_put(run.rounds, activity.key, run.round(activity.key) + 1))

    def open_track_from_outside(self, event: OpenTrack) -> None:
        run = None if event.run is None else self.marking.run(event.run)
        _require(run is None or run.is_alive, "not_running")
        definition = event.definition or ("" if run is None else run.definition)
        track = self.plan.tracks.get(f"{definition}.{event.track}")
        if track is None:
            raise Impossible("no_such_track")
        _require(track.by_hand or track.by_itself, "opened_by_a_step")
        number = None if run is None else run.number
        activity = (run.position or "") if run is not None and run.definition == definition else ""
        subject = event.subject
        source = track.track.for_each
        if source is None:
            subject = subject if subject is not None or run is None else run.subject
        else:
            _require(subject in self.world.rows(self.marking, number, activity, source), "no_such_row")
        if track.by_itself:
            _require(run is None or (run.definition == definition and not run.track), "not_its_main_line")
            registers = opens_about(track.track)
            known = event.subject is None if registers is None else self.is_row(event.subject, registers, number)
            _require(known, "no_such_row")
        possible = track.track.possible_when
        if track.by_hand and possible is not None:
            _require(self.world.truth(self.marking, number, activity, possible) is True, "not_possible")
        parent = None if run is None else (run.number, activity)
        self.open_track(track, parent, subject)

    def is_row(self, subject: str | None, registers: Sequence[str], number: int | None) -> bool:
        """Whether something is a row of one of these registers."""
        sources = (RowsSource(Collection(register=key)) for key in registers)
        return subject is not None and any(
            subject in self.world.rows(self.marking, number, "", source) for source in sources
        )

    def close_track_from_outside(self, run: RunMarking, *, by_hand: bool) -> None:
        _require(run.is_alive and run.opened_as is OpenedAs.TRACK, "not_a_track")
        track = self.plan.tracks[run.track].track
        if by_hand:
            _require(track.closed_by_hand, "not_closed_by_hand")
        else:
            _require(any(isinstance(closer, OnEvent | AtAge) for closer in track.closes_on), "closed_by_a_step")
        self.close_track(run)

    def come_back(self, run: RunMarking, activity: str) -> None:
        _require(run.status is RunStatus.WAITING_OUTSIDE, "not_outside")
        definition = self.plan.definition(run.definition)
        interrupted = isinstance(self.activity_of(run).exits[run.detour_at].target, Interrupt)
        _require(
            activity in (definition.start, *definition.entries) or (not activity and interrupted), "no_such_entry"
        )
        self.set(run.number, status=RunStatus.RUNNING)
        self.tell(What.CAME_BACK, run.number, activity)
        if run.opened_as is OpenedAs.INTERRUPT:
            self.suspend_what_is_held()
        if activity:
            self.enter(run.number, activity)
        else:
            self.read_on(self.run(run.number))

    def recheck(self) -> None:
        for number in range(1, len(self.marking.runs) + 1):
            run = self.run(number)
            if run.status is not RunStatus.RUNNING or run.position is None:
                continue
            activity = self.activity_of(run)
            state = run.state(activity.key)
            if activity.available is not None and state in (ActivityState.WAITING, ActivityState.OPEN):
                truth = self.truth(run, activity.available)
                if truth is True and state is ActivityState.WAITING:
                    self.open(number, activity)
                    continue
                if truth is False and activity.unavailable is not None:
                    self.cancel_awaited(run)
                    self.cancel_step(run)
                    self.take(number, activity, -1, activity.unavailable)
                    continue
            self.agenda.append(number)

    # steps

    def enter(self, number: int, key: str) -> None:
        if self.splits_at(self.run(number), key):
            return
        self.set(number, position=key, detour_at=-1, calls=())
        run = self.run(number)
        activity = self.activity_of(run)
        if activity.available is not None:
            truth = self.truth(run, activity.available)
            if truth is not True:
                passed = activity.obligation is Obligation.OPTIONAL
                way = activity.exits[-1].target if passed else activity.unavailable
                if passed or (truth is False and way is not None):
                    assert way is not None  # noqa: S101 - the last exit always leads somewhere
                    self.tell(What.STEP_PASSED, number, key)
                    self.take(number, activity, len(activity.exits) - 1 if passed else -1, way)
                else:
                    self.set_state(number, key, ActivityState.WAITING)
                    self.tell(What.STEP_WAITS, number, key)
                return
        self.open(number, activity)

    def splits_at(self, run: RunMarking, key: str) -> bool:
        """Let a main line about several children go on as one for each; whether it did."""
        definition = self.plan.definition(run.definition)
        if not definition.per_child_from or run.opened_as is not OpenedAs.MAIN or run.subject is not None:
            return False
        first = self.plan.step(run.definition, definition.per_child_from).index
        if self.plan.step(run.definition, key).index < first:
            return False
        children = tuple(dict.fromkeys(self.world.rows(self.marking, run.number, key, CHILDREN)))
        if not children:
            return False
        self.set(run.number, status=RunStatus.ENDED, position=None, detour_at=-1, calls=())
        self.tell(What.RUN_SPLIT, run.number, key)
        self.let_go(run, jumped=True)
        begun = []
        for child in children:
            running = self.running(run.definition, child)
            if running is None:
                begun.append(self.new_run(run.definition, OpenedAs.MAIN, None, child))
            else:
                self.tell(What.RUN_JOINED, running.number, name=run.definition, number=run.number, subject=child)
        for number in begun:
            self.enter(number, key)
        return True

    def open(self, number: int, activity: Activity) -> None:
        run = self.run(number)
        round_ = run.round(activity.key) + 1
        self.set(number, rounds=_put(run.rounds, activity.key, round_))
        self.set_state(number, activity.key, ActivityState.OPEN)
        self.tell(What.STEP_OPENED, number, activity.key, number=round_)
        self.do_opens(number, activity, Moment.OPENING)
        run = self.run(number)
        if not run.is_alive:
            return
        if activity.kind in (Kind.AUTOMATIC, Kind.END):
            self.complete(run, ActivityState.DONE)
        elif activity.call is not None:
            self.call(number, activity)

    def complete(self, run: RunMarking, state: ActivityState, *, by_person: bool = False) -> None:
        activity = self.activity_of(run)
        chosen = choose_exit(activity, self.truths_of(run))
        if isinstance(chosen, UnknownExit):
            _require(not by_person, "unknown_exit")
            self.tell(What.STEP_HALTED, run.number, activity.key, number=chosen.index)
            return
        self.set_state(run.number, activity.key, state)
        self.tell(What.STEP_COMPLETED, run.number, activity.key, number=run.round(activity.key))
        self.follow_completion(run.number, activity)
        if self.run(run.number).is_alive:
            self.take(run.number, activity, chosen.index, chosen.target)

    def follow_completion(self, number: int, activity: Activity) -> None:
        run = self.run(number)
        here = self.plan.step(run.definition, activity.key)
        for other in tuple(self.marking.alive()):
            if other.track in here.closes and about_the_same(other.subject, run.subject) and self.lives(other):
                self.close_track(other)
        discharged = [
            duty
            for duty in self.marking.duties
            if (duty.kind, duty.opened_by) in here.discharges and about_the_same(duty.subject, run.subject)
        ]
        for duty in discharged:
            self.marking = replace(self.marking, duties=tuple(d for d in self.marking.duties if d != duty))
            self.tell(What.DUTY_DISCHARGED, number, activity.key, duty.kind, subject=duty.subject)
        self.do_opens(number, activity, Moment.COMPLETING)

    def do_opens(self, number: int, activity: Activity, moment: Moment) -> None:
        for opens in activity.opens:
            run = self.run(number)
            if opens.at is not moment or not run.is_alive:
                continue
            if opens.when is not None and self.truth(run, opens.when) is not True:
                continue
            for subject in self.subjects_of(run, activity, opens):
                match opens.what:
                    case OpensTrack(key):
                        track = self.plan.tracks[f"{run.definition}.{key}"]
                        self.open_track(track, (number, activity.key), subject, given=opens.for_each is not None)
                    case OpenDuty(kind):
                        self.open_duty(run, activity, kind, subject)

    def subjects_of(self, run: RunMarking, activity: Activity, opens: Open) -> tuple[str | None, ...]:
        if opens.for_each is None:
            return (run.subject,)
        return self.rows(run, activity, opens.for_each)

    def open_duty(self, run: RunMarking, activity: Activity, kind: str, subject: str | None) -> None:
        if any(duty.kind == kind and duty.subject == subject for duty in self.marking.duties):
            return
        duty = DutyMarking(kind, subject, Place(run.definition, activity.key), run.number)
        self.marking = replace(self.marking, duties=(*self.marking.duties, duty))
        self.tell(What.DUTY_OPENED, run.number, activity.key, kind, subject=subject)

    # ways on

    def take(self, number: int, activity: Activity, index: int, target: Target) -> None:
        self.tell(What.EXIT_TAKEN, number, activity.key, number=index)
        run = self.run(number)
        match target:
            case Goto(key):
                self.enter(number, key)
            case Jump(definition, key) if definition == run.definition:
                self.enter(number, key or self.plan.definition(definition).start)
            case Jump(definition, key):
                self.jump(run, index, definition, key)
            case Interrupt(definition):
                self.set(number, detour_at=index)
                if definition in self.plan:
                    self.interrupt(definition, run, self.subject_in(definition, run.subject))
                else:
                    self.go_outside(number, definition)
            case Detour(definition):
                self.set(number, detour_at=index)
                subject = self.subject_in(definition, run.subject)
                self.begin_calls(number, activity, OpenedAs.DETOUR, definition, (subject,))
            case Return(outcome):
                self.end(run, outcome, What.RUN_RETURNED)
            case End():
                self.end(run, "", What.RUN_ENDED)

    def call(self, number: int, activity: Activity) -> None:
        call = activity.call
        assert call is not None  # noqa: S101 - reading gives every step of kind call its call
        run = self.run(number)
        subjects: Sequence[str | None] = (
            (self.subject_in(call.definition, run.subject),)
            if call.for_each is None
            else self.rows(run, activity, call.for_each)
        )
        self.begin_calls(number, activity, OpenedAs.CALL, call.definition, subjects)

    def begin_calls(
        self, number: int, activity: Activity, opened_as: OpenedAs, definition: str, subjects: Sequence[str | None]
    ) -> None:
        begun: list[RunMarking] = []
        for subject in subjects:
            running = self.running(definition, subject)
            if running is None:
                called = self.run(self.new_run(definition, opened_as, (number, activity.key), subject))
                begun.append(called)
            else:
                called = running
                self.tell(What.RUN_JOINED, called.number, name=definition, number=number, subject=subject)
            self.set(number, calls=(*self.run(number).calls, called.number))
        for called in begun:
            if self.run(called.number).status is RunStatus.RUNNING:
                self.enter(called.number, self.plan.definition(definition).start)
        self.agenda.append(number)

    def read_on(self, run: RunMarking) -> None:
        activity = self.activity_of(run)
        chosen = choose_exit(activity, self.truths_of(run), run.detour_at)
        if isinstance(chosen, Taken):
            self.take(run.number, activity, chosen.index, chosen.target)
        else:
            self.tell(What.STEP_HALTED, run.number, activity.key, number=chosen.index)

    def work_off(self) -> None:
        while self.agenda:
            self.look_again(self.run(self.agenda.popleft()))

    def look_again(self, run: RunMarking) -> None:
        if run.status is not RunStatus.RUNNING:
            return
        if run.position is None:
            self.enter(run.number, self.plan.definition(run.definition).start)
            return
        activity = self.activity_of(run)
        if run.detour_at >= 0:
            if isinstance(activity.exits[run.detour_at].target, Interrupt) or not self.run(run.calls[-1]).is_alive:
                self.read_on(run)
        elif run.state(activity.key) is ActivityState.OPEN and not needs_person(activity):
            call = activity.call
            ready = call is None or not any(self.run(number).is_alive for number in run.calls)
            if ready or (call and call.goes_on_when and self.truth(run, call.goes_on_when) is True):
                self.complete(run, ActivityState.DONE)

    # runs

    def new_run(
        self,
        definition: str,
        opened_as: OpenedAs,
        parent: tuple[int, str] | None,
        subject: str | None,
        track: str = "",
    ) -> int:
        number = len(self.marking.runs) + 1
        run = RunMarking(number, definition, parent, opened_as, track, subject)
        self.marking = replace(self.marking, runs=(*self.marking.runs, run))
        self.tell(What.RUN_STARTED, number, name=definition, subject=subject)
        return number

    def running(self, definition: str, subject: str | None) -> RunMarking | None:
        """A run of the whole definition that is alive about that very subject."""
        for run in self.marking.alive():
            whole = not run.track or not self.plan.tracks[run.track].track.activity
            if run.definition == definition and run.subject == subject and whole:
                return run
        return None

    def end(self, run: RunMarking, outcome: str, what: What) -> None:
        self.set(run.number, status=RunStatus.ENDED, position=None, outcome=outcome, detour_at=-1, calls=())
        self.tell(what, run.number, name=outcome)
        if run.track:
            self.tell(What.TRACK_CLOSED, run.number, name=run.track, subject=run.subject)
        self.let_go(run, jumped=False)
        self.tell_callers(run)
        if run.opened_as is OpenedAs.INTERRUPT:
            self.after_crisis(run, jumped=False)

    def cancel(self, run: RunMarking) -> None:
        """End a run from outside, with the calls that only it awaits."""
        self.cancel_awaited(run)
        self.cancel_step(run)
        self.set(run.number, status=RunStatus.ENDED, position=None, detour_at=-1, calls=())
        self.tell(What.RUN_CANCELLED, run.number)
        if run.track:
            self.tell(What.TRACK_CLOSED, run.number, name=run.track, subject=run.subject)
        self.let_go(run, jumped=False)
        self.tell_callers(run)

    def cancel_step(self, run: RunMarking) -> None:
        if run.position and run.state(run.position) in (ActivityState.OPEN, ActivityState.WAITING):
            self.set_state(run.number, run.position, ActivityState.CANCELLED)
            self.tell(What.STEP_CANCELLED, run.number, run.position)

    def cancel_awaited(self, run: RunMarking) -> None:
        self.set(run.number, calls=())
        for number in run.calls:
            called = self.run(number)
            awaited = any(number in other.calls for other in self.marking.alive() if other.number != run.number)
            mine = called.opened_as in (OpenedAs.CALL, OpenedAs.DETOUR) and called.parent == (
                run.number,
                run.position,
            )
            if called.is_alive and mine and not awaited:
                self.cancel(called)

    def let_go(self, run: RunMarking, *, jumped: bool) -> None:
        """Close or hand over what a run opened and leaves behind."""
        for other in tuple(self.marking.alive()):
            if other.parent is None or other.parent[0] != run.number or other.handed_over or not self.lives(other):
                continue
            track = self.plan.tracks[other.track].track if other.track else None
            if track is not None and track.owner is Owner.RUN and not (jumped and track.handed_over):
                self.close_track(self.run(other.number))
            else:
                self.set(other.number, handed_over=True)
                self.tell(What.RUN_HANDED_OVER, other.number, name=other.definition)

    def tell_callers(self, run: RunMarking) -> None:
        self.agenda.extend(other.number for other in self.marking.alive() if run.number in other.calls)

    def jump(self, run: RunMarking, index: int, definition: str, key: str) -> None:
        if definition not in self.plan:
            self.set(run.number, detour_at=index)
            self.go_outside(run.number, definition)
            self.let_go(run, jumped=True)
        else:
            self.set(run.number, status=RunStatus.ENDED, position=None, detour_at=-1, calls=())
            self.tell(What.RUN_JUMPED, run.number, name=definition)
            self.let_go(run, jumped=True)
        if run.opened_as is OpenedAs.INTERRUPT:
            self.after_crisis(run, jumped=True)
        if definition in self.plan:
            subject = self.subject_in(definition, run.subject)
            running = self.running(definition, subject)
            if running is None:
                number = self.new_run(definition, OpenedAs.MAIN, None, subject)
                self.enter(number, key or self.plan.definition(definition).start)
            else:
                self.tell(What.RUN_JOINED, running.number, name=definition, number=run.number, subject=subject)

    def go_outside(self, number: int, definition: str) -> None:
        self.set(number, status=RunStatus.WAITING_OUTSIDE)
        self.tell(What.WENT_OUTSIDE, number, name=definition)

    # tracks

    def open_track(
        self, track: TrackPlan, parent: tuple[int, str] | None, subject: str | None, *, given: bool = False
    ) -> None:
        opener = 0 if parent is None else parent[0]
        if track.body is None:
            self.tell(What.TRACK_OUTSIDE, opener, name=track.key, subject=subject)
            return
        if track.track.definition and not given and track.track.for_each is None:
            subject = self.subject_in(track.body.definition, subject)
        for run in self.marking.alive():
            owned = track.track.owner is not Owner.RUN or (run.parent[0] if run.parent else 0) == opener
            if run.track == track.key and run.subject == subject and owned:
                return
        running = self.running(track.body.definition, subject) if track.track.definition else None
        if running is not None:
            self.tell(What.RUN_JOINED, running.number, name=running.definition, number=opener, subject=subject)
            return
        number = self.new_run(track.body.definition, OpenedAs.TRACK, parent, subject, track.key)
        self.tell(What.TRACK_OPENED, number, name=track.key, subject=subject)
        self.enter(number, track.body.activity)

    def close_track(self, run: RunMarking) -> None:
        self.cancel(self.run(run.number))

    # emergency

    def interrupt(self, definition: str, by: RunMarking | None, subject: str | None) -> None:
        running = self.running(definition, subject)
        number = 0
        if running is None:
            parent = None if by is None or by.position is None else (by.number, by.position)
            number = self.new_run(definition, OpenedAs.INTERRUPT, parent, subject)
            self.set(number, handed_over=True)
        else:
            opener = 0 if by is None else by.number
            self.tell(What.RUN_JOINED, running.number, name=definition, number=opener, subject=subject)
        self.suspend_what_is_held()
        if number:
            self.enter(number, self.plan.definition(definition).start)

    def suspend_what_is_held(self) -> None:
        for run in tuple(self.marking.alive()):
            if run.status is RunStatus.RUNNING and self.held(run):
                self.set(run.number, status=RunStatus.SUSPENDED)
                self.tell(What.RUN_SUSPENDED, run.number)

    def held(self, run: RunMarking) -> bool:
        """Whether a crisis holds a run: its root is a main line that concerns what the crisis is about."""
        root = self.root_of(run)
        return root.opened_as is OpenedAs.MAIN and any(
            about_the_same(root.subject, crisis.subject)
            or (crisis.parent is not None and self.root_of(self.run(crisis.parent[0])) == root)
            for crisis in self.marking.alive()
            if crisis.opened_as is OpenedAs.INTERRUPT and crisis.status is RunStatus.RUNNING
        )

    def root_of(self, run: RunMarking) -> RunMarking:
        while run.opened_as in (OpenedAs.CALL, OpenedAs.DETOUR) and run.parent is not None and not run.handed_over:
            run = self.run(run.parent[0])
        return run

    def after_crisis(self, crisis: RunMarking, *, jumped: bool) -> None:
        for run in tuple(self.marking.alive()):
            if not self.lives(run) or run.status is not RunStatus.SUSPENDED or self.root_of(run) != run:
                continue
            if jumped and run.subject in (None, crisis.subject):
                self.cancel(run)
        for run in tuple(self.marking.alive()):
            if run.status is RunStatus.SUSPENDED and not self.held(run):
                self.set(run.number, status=RunStatus.RUNNING)
                self.tell(What.RUN_RESUMED, run.number)
                self.agenda.append(run.number)

    # small questions and changes

    def run(self, number: int) -> RunMarking:
        return self.marking.runs[number - 1]

    def lives(self, run: RunMarking) -> bool:
        return self.run(run.number).is_alive

    def at_open_step(self, number: int) -> RunMarking:
        run = self.marking.run(number)
        _require(run.status is RunStatus.RUNNING, "not_running")
        _require(run.position is not None and run.state(run.position) is ActivityState.OPEN, "not_open")
        return run

    def activity_of(self, run: RunMarking) -> Activity:
        return self.plan.activity(run.definition, run.position or "")

    def subject_in(self, definition: str, subject: str | None) -> str | None:
        return None if self.plan.definition(definition).scope is RunScope.FAMILY else subject

    def truth(self, run: RunMarking, condition: Condition) -> Truth:
        return self.world.truth(self.marking, run.number, run.position or "", condition)

    def truths_of(self, run: RunMarking) -> Callable[[Condition], Truth]:
        return lambda condition: self.truth(run, condition)

    def rows(self, run: RunMarking, activity: Activity, source: RowsSource) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.world.rows(self.marking, run.number, activity.key, source)))

    def set(self, number: int, **changes: object) -> None:
        runs = self.marking.runs
        changed = replace(runs[number - 1], **changes)  # type: ignore[arg-type] # names and types of its own fields
        self.marking = replace(self.marking, runs=(*runs[: number - 1], changed, *runs[number:]))

    def set_state(self, number: int, activity: str, state: ActivityState) -> None:
        self.set(number, states=_put(self.run(number).states, activity, state))

    def tell(
        self, what: What, run: int, activity: str = "", name: str = "", *, number: int = 0, subject: str | None = None
    ) -> None:
        self.happened.append(Happening(what, run, activity, name, number, subject))


def _require(holds: bool, code: str) -> None:
    if not holds:
        raise Impossible(code)


def _put(pairs: tuple[tuple[str, object], ...], key: str, value: object) -> tuple[tuple[str, object], ...]:
    return tuple(sorted({**dict(pairs), key: value}.items(), key=lambda pair: pair[0]))
