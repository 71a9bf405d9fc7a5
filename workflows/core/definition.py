"""
What a process is: a definition as a frozen value, in BPMN's and CMMN's words where they exist.

A definition is data: it is read from canonical JSON (`reading`), checked and compiled (`compiling`), explored and
walked (`semantics`). Nothing here runs anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from padwijzer.forms.core.conditions import Collection, Condition, FactRef, Filter, Scalar, TermRef
from padwijzer.forms.core.schema import FieldSpec, FormSpec, Text

SCHEMA_VERSION: Final = 1
"""Version of the JSON form of a definition; it changes when old definitions would be read differently."""


class Kind(StrEnum):
    """What sort of step an activity is."""

    FORM = "form"
    DECISION = "decision"
    LADDER = "ladder"
    AUTOMATIC = "automatic"
    WAIT = "wait"
    CALL = "call"
    END = "end"


class Obligation(StrEnum):
    """What a professional may skip in one case: nothing, with a reasoned deviation, or freely."""

    LAW = "law"
    POLICY = "policy"
    OPTIONAL = "optional"


class RunScope(StrEnum):
    """What a run of the definition is about."""

    FAMILY = "family"
    CHILD = "child"
    HELP = "help"
    PLACEMENT = "placement"
    DEVIATION = "deviation"


class Effect(StrEnum):
    """What a rule does when its condition is true."""

    BLOCK = "block"
    DEVIATION = "deviation"
    WARN = "warn"
    TASK = "task"
    ALARM = "alarm"


class Moment(StrEnum):
    """When an activity opens a track or a duty, or changes a register."""

    OPENING = "opening"
    COMPLETING = "completing"


class Owner(StrEnum):
    """To what a track, a duty or a deadline belongs, and so how long it lives."""

    RUN = "run"
    CHILD = "child"
    FAMILY = "family"
    MEASURE = "measure"
    PLACEMENT = "placement"
    HELP = "help"


class DeadlineClass(StrEnum):
    """Where a term comes from: the law, a norm of the field, or the municipality's policy."""

    STATUTORY = "statutory"
    NORM = "norm"
    POLICY = "policy"


class RecordEvent(StrEnum):
    """What can happen to a register, as far as a deadline or a track may hang on it."""

    CASE_OPENED = "case_opened"
    CONSENT_COMPLETE = "consent_complete"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    HELP_MATCHED = "help_matched"
    HELP_STARTED = "help_started"
    HELP_STOPPED = "help_stopped"
    MEASURE_STARTED = "measure_started"
    MEASURE_ENDED = "measure_ended"
    ORDER_ENDED = "order_ended"
    PLACEMENT_STARTED = "placement_started"
    PLACEMENT_ENDED = "placement_ended"
    CAME_HOME = "came_home"
    DEVIATION_MADE = "deviation_made"
    TRACK_OPENED = "track_opened"


@dataclass(frozen=True, slots=True)
class RowsSource:
    """The rows for which something is done: a call, or the opening of a track, once for each."""

    collection: Collection
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on at an activity of the same definition."""

    activity: str


@dataclass(frozen=True, slots=True)
class Jump:
    """Go over to another definition: the run that is left ends; the case and what it owns stay."""

    definition: str
    activity: str = ""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Suspend this run and start another definition (a crisis) that decides how it goes on."""

    definition: str


@dataclass(frozen=True, slots=True)
class Detour:
    """Call a definition first; at its return, reading the exits goes on with the next one."""

    definition: str


@dataclass(frozen=True, slots=True)
class Return:
    """End a called definition with an outcome; its caller decides what follows."""

    outcome: str


@dataclass(frozen=True, slots=True)
class End:
    """End of this run. The case stays while anything of it is open."""


Target: TypeAlias = Goto | Jump | Interrupt | Detour | Return | End


@dataclass(frozen=True, slots=True)
class Exit:
    """One way on: taken when its condition is true and none before it was; no condition is *else*."""

    target: Target
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """
    A call activity: runs another definition, then goes on.

    Args:
        definition: key of the called definition.
        for_each: once for each of these rows, which is then the subject of that run; none is once, for the
            subject of the calling run.
        goes_on_when: the step is done as soon as this holds; runs still open then go on beside it. None: when
            every run has returned.
        parameters: named constants for the called definition.
        obligation: how binding the called steps are here, when that is weaker than their own.
    """

    definition: str
    for_each: RowsSource | None = None
    goes_on_when: Condition | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    obligation: Obligation | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A condition and what it does.

    Args:
        when: the condition; it acts when true (also when unknown, if `unknown_counts`).
        effect: block, deviation, warn, task or alarm.
        text: what the user reads: what is the matter and what to do.
        ground: the requirement or rule it rests on, for example `C12`.
        unknown_counts: whether an unknown condition acts too.
        obligation: default that of the step.
        afterwards: key of the duty of the afterwards list that replaces the rule in an emergency; empty: it stays.
        look_again: for a deviation: the latest moment to look again.
        term: for a task: its term.
        to: roles who get the task or alarm.
    """

    when: Condition
    effect: Effect
    text: Text
    ground: str
    unknown_counts: bool = False
    obligation: Obligation | None = None
    afterwards: str = ""
    look_again: str = ""
    term: TermRef | None = None
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """Open a track of this definition."""

    track: str


@dataclass(frozen=True, slots=True)
class OpenDuty:
    """
    Open a standing duty of a kind, with a term, discharged by completing one of the named activities.

    Args:
        duty: its kind.
        title: what is to be done.
        term: key of its term; empty for none.
        discharged_by: activities, of this definition or as `D-TOEST.answers`.
        emergency: a line of the afterwards list: its origin is an emergency.
    """

    duty: str
    title: Text
    term: str = ""
    discharged_by: tuple[str, ...] = ()
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """What an activity opens beside the main line, when, for whom, and under which condition."""

    what: OpenTrack | OpenDuty
    at: Moment = Moment.OPENING
    owner: Owner = Owner.RUN
    when: Condition | None = None
    for_each: RowsSource | None = None


@dataclass(frozen=True, slots=True)
class FromField:
    """The answer of a field of this step."""

    field: str


@dataclass(frozen=True, slots=True)
class FromColumn:
    """The column of the row of the rows field that is being walked."""

    column: str


@dataclass(frozen=True, slots=True)
class FromFact:
    """A fact, for example today or the subject of this run."""

    fact: FactRef


@dataclass(frozen=True, slots=True)
class Constant:
    """A fixed value."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class FromRecorded:
    """The id of the row of that register that an earlier record of this step wrote last."""

    register: str


Source: TypeAlias = FromField | FromColumn | FromFact | FromRecorded | Constant


@dataclass(frozen=True, slots=True)
class Record:
    """
    What completing a step writes into a register.

    Args:
        register: key of the register.
        set: columns and where their values come from; an unanswered source leaves its column alone.
        each: key of a rows or persons field, or `children`: once for each of its rows or persons.
        subject: change the row the run is about.
        where: change the rows that answer to this filter, and no others; none such: nothing is written.
        match: change every row whose columns of these names equal what is set (subject and match empty: a new
            row); with `match` and no such row: a new one.
        when: only then.
    """

    register: str
    set: tuple[tuple[str, Source], ...]
    each: str = ""
    subject: bool = False
    match: tuple[str, ...] = ()
    when: Condition | None = None
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The day an activity was opened."""

    activity: str


@dataclass(frozen=True, slots=True)
class Completed:
    """The day an activity was completed."""

    activity: str


@dataclass(frozen=True, slots=True)
class OnDate:
    """A date that is known, for example the date of the application."""

    fact: FactRef


@dataclass(frozen=True, slots=True)
class Answered:
    """The moment a field was answered, or got a certain answer."""

    field: str
    value: Scalar | None = None


@dataclass(frozen=True, slots=True)
class OnEvent:
    """Something that happened to a register."""

    event: RecordEvent


@dataclass(frozen=True, slots=True)
class AtAge:
    """An age of the child, in months."""

    months: int


@dataclass(frozen=True, slots=True)
class Before:
    """A term before a date."""

    fact: FactRef


@dataclass(frozen=True, slots=True)
class PreviousRound:
    """The completion of the previous round of this step; in the first round the fallback."""

    fallback: Opened | Completed | OnDate | OnEvent


Anchor: TypeAlias = Opened | Completed | OnDate | Answered | OnEvent | AtAge | Before | PreviousRound


@dataclass(frozen=True, slots=True)
class Instead:
    """Another term and anchor while a condition holds."""

    when: Condition
    term: TermRef
    start: Anchor


@dataclass(frozen=True, slots=True)
class Deadline:
    """
    A term on an activity.

    Args:
        term: which term of the terms file.
        start: from when it runs.
        repeats: further terms from the same start, in order, for a step that comes back.
        repeats_each: the term after which it comes back, again and again.
        instead: variants under a condition, first match.
        warn: percentages of the term at which it warns.
    """

    term: TermRef
    start: Anchor
    repeats: tuple[str, ...] = ()
    repeats_each: str = ""
    instead: tuple[Instead, ...] = ()
    warn: tuple[int, ...] = (75,)


@dataclass(frozen=True, slots=True)
class Notify:
    """Who is told what when the step is completed."""

    to: tuple[str, ...]
    text: Text
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Performer:
    """A role that may do the step; the first performer is the default. An adviser advises and never decides."""

    role: str
    adviser: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """
    A step.

    Args:
        key: stable English key, unique in the definition.
        reference: id of the step in the domain's own documents, for example `V6`.
        title: its name.
        instruction: what to do and why, in a sentence or two.
        kind: form, decision, ladder, automatic, wait, call or end.
        obligation: law, policy or optional.
        grounds: requirements and rules it rests on.
        meanings: what safeguards point at; renaming or moving the step changes nothing.
        performers: roles that may do it.
        available: opened only when true.
        unavailable: where to go when it can no longer become available.
        form: what is asked.
        rules: conditions and effects.
        records: what completing writes into registers.
        opens: tracks and duties.
        deadlines: terms.
        exits: ways on, in order; the last has no condition.
        skip: where to go when it is skipped, if it has more than one exit.
        notify: who is told.
        shows: panels shown beside the form.
        skippable: whether it may be skipped at all (law steps never).
        unblockable: nothing may ever stand in its way.
        call: for a call.
        stays_open: a form on a track that is saved many times and ends with its track.
        minutes: how long it takes, about.
    """

    key: str
    reference: str
    title: Text
    kind: Kind
    obligation: Obligation
    exits: tuple[Exit, ...]
    instruction: Text = ()
    grounds: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    performers: tuple[Performer, ...] = ()
    available: Condition | None = None
    unavailable: Target | None = None
    fields: tuple[FieldSpec, ...] = ()
    rules: tuple[Rule, ...] = ()
    records: tuple[Record, ...] = ()
    opens: tuple[Open, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    skip: Target | None = None
    notify: tuple[Notify, ...] = ()
    shows: tuple[str, ...] = ()
    skippable: bool = True
    unblockable: bool = False
    call: Call | None = None
    stays_open: bool = False
    minutes: int = 5

    @property
    def form(self) -> FormSpec:
        """What is asked."""
        return FormSpec(self.fields)


class ByHand(StrEnum):
    """How a track opens when it is not by a clock or a register: by an activity, or by a person at any time."""

    ACTIVITY = "activity"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class TimeBefore:
    """A term before a date that is known."""

    fact: FactRef
    term: str


Opener: TypeAlias = ByHand | AtAge | TimeBefore | OnEvent
Closer: TypeAlias = Completed | OnEvent | AtAge


@dataclass(frozen=True, slots=True)
class Track:
    """
    A parallel branch with its own life beside the main line; the language's only parallelism.

    Args:
        key: stable key.
        title: its name.
        activity: key of the activity of this definition that is its body; or
        definition: key of the definition that is its body.
        opens_by: an activity (named in its `opens`), a person's hand, an age, a date, or a register event.
        owner: to what it belongs.
        closes_on: the first of these ends it; it also ends when its body ends.
        closed_by_hand: whether a person may end it.
        possible_when: opened by hand only when true.
        for_each: opened by hand for one of these rows, which is chosen.
        handed_over: at a jump of the run that owns it: goes on (true) or closes.
    """

    key: str
    title: Text
    opens_by: Opener
    owner: Owner
    activity: str = ""
    definition: str = ""
    closes_on: tuple[Closer, ...] = ()
    closed_by_hand: bool = False
    possible_when: Condition | None = None
    for_each: RowsSource | None = None
    handed_over: bool = True


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value that a caller passes, out of a closed list."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessDefinition:
    """
    A path or a sub-process.

    Args:
        key: stable key, for example `V` or `D-TOEST`.
        title: its name.
        purpose: what it is for, in a sentence.
        scope: what a run is about.
        activities: the steps; the first is where a run starts.
        entries: activities that other definitions may jump to, besides the first.
        tracks: parallel branches.
        returns: outcomes with which it can return to a caller.
        parameters: what a caller passes.
        outside: what is said when an exit leads to a definition that the release lacks: who takes over.
        whole: false for a skeleton: fields, texts and terms may lack, so it cannot be published.
        children: `activity.field` of type persons that says about which children a run is; empty: all of the case.
        per_child_from: from this activity on, in the order of the list, a run is about one child; one about several
            goes on there as one run for each.
    """

    key: str
    title: Text
    scope: RunScope
    activities: tuple[Activity, ...]
    purpose: Text = ()
    entries: tuple[str, ...] = ()
    tracks: tuple[Track, ...] = ()
    returns: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    outside: tuple[tuple[str, Text], ...] = ()
    whole: bool = True
    children: str = ""
    per_child_from: str = ""

    def activity(self, key: str) -> Activity:
        """The activity of that key. Raises: KeyError when there is none."""
        for activity in self.activities:
            if activity.key == key:
                return activity
        raise KeyError(key)

    def track(self, key: str) -> Track:
        """The track of that key. Raises: KeyError when there is none."""
        for track in self.tracks:
            if track.key == key:
                return track
        raise KeyError(key)

    @property
    def start(self) -> str:
        """Key of the activity where a run starts."""
        return self.activities[0].key
