"""
A case rebuilt from its events alone, on the reference semantics.

Of the case it knows the events: what they refer to, and the values in their openings. What is not of the case is
taken as it is: the release, terms and calendars, the settings of the municipality, whose a pseudonym is.
Rebuilt is what conditions can ask: its runs, steps with their answers, registers, duties, and who is involved.

An event that cannot follow on those before it is no reason to stop: what it says that was done is taken at its word,
and that it does not fit is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, NamedTuple, Protocol

from padwijzer.forms.core.conditions import Value
from padwijzer.forms.core.field_types import Answer, LadderAnswer
from padwijzer.workflows.core.case_file import (
    CaseFile,
    CaseLookup,
    Row,
    Run,
    RunStatus,
    Times,
    Visit,
    VisitState,
)
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.definition import Activity, Kind
from padwijzer.workflows.core.envelopes import Json
from padwijzer.workflows.core.errors import HistoryRefused, Impossible
from padwijzer.workflows.core.graph import needs_person
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.recorded import DoneStep, Flaw, Flawed, RecordedCase, RecordedDeviation, Review
from padwijzer.workflows.core.recording import Happened, applied, happened, read_row
from padwijzer.workflows.core.semantics import (
    EMPTY,
    CloseTrack,
    Complete,
    Event,
    Happening,
    Marking,
    OpenTrack,
    Recheck,
    RunMarking,
    SaveOpen,
    Skip,
    StartCase,
    What,
    World,
    step,
)
from padwijzer.workflows.core.timing import timed_events
from padwijzer.workflows.core.watching import deviated_in
from padwijzer.workflows.core.worlds import CaseWorld

ANSWERS: Final = "answers."
"""In front of the name of a field in an event: `answers.doel` is the answer to the question `doel`."""
ROW: Final = "row."
"""In front of the name of a field in an event: `row.help_item.<id>` is what was set in that row."""
OPENER: Final = "jeugdconsulent"
"""Role in the case of who opens it."""
CONTACT: Final = "vap"
"""Role of the fixed contact person (vast aanspreekpunt)."""
REVIEW: Final = "deviation_review"
"""Kind of the duty to look again at a deviation."""
DONE: Final = {
    What.STEP_COMPLETED: VisitState.DONE,
    What.STEP_SAVED: VisitState.DONE,
    What.STEP_SKIPPED: VisitState.SKIPPED,
    What.STEP_CANCELLED: VisitState.CANCELLED,
}
BY_TYPE: Final = {
    "task.completed": What.STEP_COMPLETED,
    "task.saved": What.STEP_SAVED,
    "task.skipped": What.STEP_SKIPPED,
}
"""Type of the event with which a person does a step, and what that does."""
MOVING_NOTHING: Final = frozenset(
    {
        "case.refused",
        "clock.looked",
        "deadline.passed",
        "deadline.warned",
        "document.added",
        "document.removed",
        "notice.done",
        "task.claimed",
        "task.delegated",
        "task.refused",
        "task.released",
    }
)
"""Types of events that change nothing that a condition can ask."""


class Told(Protocol):
    """An event of a stream, with its values."""

    @property
    def seq(self) -> int:
        """Its place in the stream, from 0."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def actor(self) -> str:
        """Pseudonym of who did it."""

    @property
    def type(self) -> str:
        """What happened."""

    @property
    def ref(self) -> Mapping[str, Json]:
        """What it refers to."""

    @property
    def values(self) -> Mapping[str, Json]:
        """Its values by name of the field."""

    @property
    def erased(self) -> frozenset[str]:
        """Names of fields whose value is gone."""


ReadAnswers = Callable[[Mapping[str, Any], Activity], Mapping[str, Answer]]
"""Makes typed answers of stored ones to the questions of a step."""


class Involved(NamedTuple):
    """Who is involved in a case. Args: account: whose; others: as of a membership; reason: why."""

    account: str
    role: str
    since: date
    until: date | None
    organisation: Json
    reason: str = ""

    def on(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.since <= day <= (self.until or day)


@dataclass(slots=True)
class StepOpening:
    """One opening of a step, as its events tell it."""

    run: int
    definition: str
    activity: str
    round: int
    track: str
    opened_on: date
    what: What | None = None
    completed_on: date | None = None
    event: int | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict, repr=False)
    stored: Mapping[str, Json] = field(default_factory=dict, repr=False)
    settled: dict[str, tuple[Json, date]] = field(default_factory=dict, repr=False)


class Runs:
    """
    The runs of a case that is rebuilt.

    Args:
        plan: the release.
        told: told of everything that happens to them.
        day: today.
    """

    def __init__(self, plan: Plan, told: Callable[[Sequence[Happening]], None], day: Callable[[], date]) -> None:
        self.plan = plan
        self.marking = EMPTY
        self.began: list[date] = []
        self._told = told
        self._day = day

    def happens(self, event: Event, world: World, *, task: Any = None) -> tuple[Happening, ...]:
        """Let an event happen. Raises: Impossible: it cannot happen now."""
        self.marking, told = step(self.plan, self.marking, event, world)
        self.began += [self._day()] * (len(self.marking.runs) - len(self.began))
        self._told(told)
        return told


class Rebuilding(CaseWorld):
    """
    A case to which its events happen again.

    Args:
        plan: the release it runs on.
        versions: definition key to version number.
        times: terms and calendars.
        accounts: pseudonym to the account, as the register of persons keeps it.
        settings: of the municipality.
        read_answers: makes typed answers of stored ones.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        versions: Mapping[str, int],
        times: Times,
        accounts: Mapping[str, str],
        settings: Mapping[str, Value],
        read_answers: ReadAnswers,
    ) -> None:
        self._plan = plan
        self.versions = versions
        self.times = times
        self.accounts = accounts
        self.settings = settings
        self.read_answers = read_answers
        self.movement: Runs = Runs(plan, self.follow_steps, lambda: local_day(self.event.at))
        self.status = ""
        self.organisation: Json = None
        self.opened_on: date | None = None
        self.closed_on: date | None = None
        self.stored: dict[str, tuple[str, dict[str, Any], date]] = {}
        self.openings: list[StepOpening] = []
        self.members: list[Involved] = []
        self.deviations: dict[str, RecordedDeviation] = {}
        self.steps: list[DoneStep] = []
        self.flaws: list[Flawed] = []
        self.visits: tuple[Visit, ...] = ()
        self.answered = {}
        self.happened = []
        self.itself = []
        self._ids = 0
        self._read: dict[str, Row] = {}
        self._next = 0

    @property
    def plan(self) -> Plan:
        """The release it runs on."""
        return self._plan

    # What is known

    @property
    def on(self) -> date:
        """The day on which the event happened."""
        entered = self.event.ref.get("happened_on")
        return date.fromisoformat(str(entered)) if entered else local_day(self.event.at)

    @property
    def account(self) -> str:
        """The account of who did it; empty when nobody did."""
        return self.accounts.get(self.event.actor, "")

    def roles_of(self, account: str, day: date) -> frozenset[str]:
        """The roles of an account in the case on a day."""
        return frozenset(it.role for it in self.members if account and it.account == account and it.on(day))

    def file(self, marking: Marking | None = None) -> CaseFile:
        """The case as it is now. Args: marking: how it is with its runs, where that is ahead."""
        registers: dict[str, list[Row]] = {}
        for id_, (register, values, day) in self.stored.items():
            if id_ not in self._read:
                self._read[id_] = read_row(id_, register, values, day)
            registers.setdefault(register, []).append(self._read[id_])
        known = CaseFile(
            today=self.on,
            times=self.times,
            registers={register: tuple(rows) for register, rows in registers.items()},
            visits=self.visits,
            runs=tuple(map(self._run, (marking or self.movement.marking).runs)),
            roles=self._roles_of_persons(),
            settings=self.settings,
            closed_on=self.closed_on,
        )
        ahead = [change for it in self.itself for change in it.changes]
        return applied(known, ahead)

    def new_id(self) -> str:
        """An id for a row that the history has not told yet."""
        self._ids += 1
        return f"ahead-{self._ids}"

    def _run(self, run: RunMarking) -> Run:
        began, call = self.movement.began, None
        if run.parent is not None and run.opened_as == "call" and run.parent[0] <= len(began):
            caller = self.movement.marking.run(run.parent[0])
            call = self.plan.call(Place(caller.definition, run.parent[1]))
        activity, _dot, question = self.plan.definition(run.definition).children.partition(".")
        chosen = [it.answers.get(question) for it in self.visits if (it.run, it.activity) == (run.number, activity)]
        children = next((it for it in reversed(chosen) if isinstance(it, frozenset)), frozenset())
        return Run(
            number=run.number,
            definition=run.definition,
            started_on=began[run.number - 1] if run.number <= len(began) else date.min,
            subject=run.subject or "",
            children=tuple(sorted(str(child) for child in children)) if question else (),
            opened_as=run.opened_as.value,
            track=run.track.partition(".")[2],
            status=RunStatus.RUNNING if run.is_alive else RunStatus.ENDED,
            outcome=run.outcome,
            parent=run.parent[0] if run.parent else None,
            parameters=dict(call.parameters) if call else {},
        )

    def _roles_of_persons(self) -> dict[str, frozenset[str]]:
        return {
            row: self.roles_of(str(values["user"]), self.on)
            for row, (register, values, _day) in self.stored.items()
            if register == "person" and values.get("user")
        }

    def _visit(self, it: StepOpening) -> Visit:
        alone = {key: (value, day) for key, (value, day) in it.settled.items()}
        answers = it.answers
        if it.event is not None:
            alone = {key: found for key, found in alone.items() if it.stored.get(key) == found[0]}
        elif alone:
            activity = self.plan.activity(it.definition, it.activity)
            answers = self.read_answers({key: value for key, (value, _day) in alone.items()}, activity)
        return Visit(
            run=it.run,
            definition=it.definition,
            activity=it.activity,
            round=it.round,
            opened_on=it.opened_on,
            state=VisitState.OPEN if it.what is None else DONE[it.what],
            completed_on=it.completed_on,
            track=it.track,
            answers=answers,
            answered_on={key: day for key, (_value, day) in alone.items()},
        )

    # One event

    def take(self, event: Told) -> None:
        """
        Let an event happen again.

        Raises:
            HistoryRefused: its type is not known.
        """
        self.event = event
        if event.seq != self._next:
            self._flaw(Flaw.MISSING)
        self._next = event.seq + 1
        if event.erased:
            self._flaw(Flaw.ERASED)
        self.happened, self.answered = [], {}
        self.visits = tuple(map(self._visit, self.openings))
        if event.type == "step.recorded":
            place = self._number("run"), event.ref.get("activity")
            self.itself = [it for it in self.itself if (it.run, it.activity) != place]
        self.before = self.file() if self.stored else None
        flaws = len(self.flaws)
        self.new = self._take_in(duties=False)
        done = len(self.steps)
        try:
            self.happen()
        except Impossible:
            self._flaw(Flaw.IMPOSSIBLE)
        self._take_in(duties=True)
        self._look_back()
        if event.type in BY_TYPE and not any(it.by_person for it in self.steps[done:]):
            self._done_at_its_word(BY_TYPE[event.type])
        if "followed" in event.ref and len(self.flaws) == flaws and event.ref["followed"] != self.told(self.happened):
            self._flaw(Flaw.CONSEQUENCE)
        self._choose_contact_person()
        status = event.ref.get("case")
        if status:
            if self.status == "open":
                self.closed_on = self.on
            self.status = str(status)

    def happen(self) -> None:
        """What the event does, by its type. Raises: HistoryRefused: it is not known; Impossible: it cannot happen."""
        ref = self.event.ref
        match self.event.type:
            case "case.opened":
                self.organisation, self.status, self.opened_on = ref["organisation"], "open", self.on
                self.members.append(Involved(self.account, OPENER, self.on, None, self.organisation))
                self.move(StartCase())
            case "task.completed":
                self._do(Complete(self._number("run")))
            case "task.saved":
                self._do(SaveOpen(self._number("run")))
            case "task.skipped":
                self._do(Skip(self._number("run")))
            case "task.answered":
                self._settle()
            case "register.changed" | "step.recorded":
                events = self._happened()
                self.move(Recheck())
                self.follow(events)
            case "track.opened":
                self._open_track()
            case "track.closed":
                self.move(CloseTrack(self._number("run"), by_hand=True))
            case "time.passed":
                self._let_time_pass()
            case "member.added":
                reason = str(self.event.values.get("reason", ""))
                account = self.accounts.get(str(ref["who"]), "")
                self.members.append(Involved(account, str(ref["role"]), self.on, None, ref["organisation"], reason))
            case "member.ended":
                self._end_membership()
            case type_ if type_ not in MOVING_NOTHING:
                raise HistoryRefused("unknown_type", type_, "a case cannot be rebuilt from an event of this type")

    def follow_steps(self, told: Sequence[Happening]) -> None:
        """Keep what happened to steps: which are open, which were done."""
        for it in told:
            if it.what is What.STEP_OPENED:
                self.open(it.run, it.activity, it.number)
            elif it.what in DONE:
                opened = self.open_one(it.run, it.activity)
                if it.what is not What.STEP_CANCELLED:
                    self._note_done(it)
                if opened is None:
                    continue  # a step that waited was not open yet
                opened.what = it.what
                if it.what is not What.STEP_CANCELLED:
                    opened.completed_on = self.on
                if it.what is What.STEP_SAVED and self.movement.marking.run(it.run).is_alive:
                    self.open(it.run, it.activity, it.number + 1)

    def open(self, number: int, activity: str, round_: int) -> StepOpening:
        """A step is open. Args: number: of its run; activity: its key; round_: which opening it is."""
        run = self.movement.marking.run(number)
        opened = StepOpening(number, run.definition, activity, round_, run.track.partition(".")[2], self.on)
        self.openings.append(opened)
        return opened

    def open_one(self, run: int, activity: str) -> StepOpening | None:
        """The opening of a step that was not done yet."""
        mine = (it for it in self.openings if (it.run, it.activity, it.what) == (run, activity, None))
        return next(mine, None)

    def opening(self) -> StepOpening:
        """The opening that the event is about. Raises: Impossible: there is none."""
        ref = self.event.ref
        wanted = (ref.get("run"), ref.get("activity"), ref.get("round"))
        for it in self.openings:
            if (it.run, it.activity, it.round) == wanted:
                return it
        raise Impossible("not_open")

    # By type

    def _do(self, moves: Complete | SaveOpen | Skip) -> None:
        opened = self.opening()
        activity = self.plan.activity(opened.definition, opened.activity)
        opened.stored = self._stored_answers()
        answers = self.read_answers(opened.stored, activity)
        opened.event = self.event.seq
        if not isinstance(moves, Skip):
            self.answered[opened.run, opened.activity] = answers
        events = self._happened()
        self.move(moves)
        opened.answers = answers
        self.follow(events)

    def _settle(self) -> None:
        opened = self.opening()
        for key, value in self._stored_answers().items():
            known = opened.settled.get(key)
            if known is None or known[0] != value:
                opened.settled[key] = value, self.on

    def _happened(self) -> tuple[Happened, ...]:
        """What the event did to registers."""
        return () if self.before is None else tuple(happened(self.before, self.file()))

    def _open_track(self) -> None:
        definition, _dot, track = str(self.event.ref["track"]).partition(".")
        runs = [it for it in self.movement.marking.alive() if it.definition == definition and not it.track]
        subject = str(self.event.ref.get("subject", "")) or None
        self.move(OpenTrack(runs[0].number if runs else None, track, subject, definition))

    def _let_time_pass(self) -> None:
        after = self.file()
        before = replace(after, today=date.fromisoformat(str(self.event.ref["since"])))
        for event in timed_events(self.plan, self.movement.marking, before, after):
            try:
                self.move(event)
            except Impossible:
                continue  # it ended with another track, or is not for this row
        self.move(Recheck())

    def _end_membership(self) -> None:
        ref = self.event.ref
        account, until = self.accounts.get(str(ref["who"]), ""), date.fromisoformat(str(ref["until"]))
        mine = [index for index, it in enumerate(self.members) if (it.account, it.role) == (account, ref["role"])]
        if not mine:
            raise Impossible("not_involved")
        self.members[mine[-1]] = self.members[mine[-1]]._replace(until=until)

    def _choose_contact_person(self) -> None:
        chosen = [self.stored[row][1]["person"] for row in self.new if self.stored[row][0] == "contact_person"]
        person = self.stored.get(str(chosen[-1])) if chosen else None
        if person is not None:
            self.choose_contact_person(str(person[1].get("user", "")))

    def choose_contact_person(self, account: str) -> None:
        """From today somebody is the fixed contact person, and nobody else is."""
        now = [index for index, it in enumerate(self.members) if it.role == CONTACT and it.until is None]
        for index in now:
            if self.members[index].account != account:
                self.members[index] = self.members[index]._replace(until=self.on)
        if any(self.members[index].account == account for index in now):
            return
        known = max((it for it in self.members if it.account == account), key=lambda it: it.since, default=None)
        organisation = known.organisation if known else self.organisation
        self.members.append(Involved(account, CONTACT, self.on, None, organisation))

    # Rows

    def _take_in(self, *, duties: bool) -> list[str]:
        """The rows that an event sets, in order; duties that follow from a step come after it moved the case."""
        told: dict[str, tuple[str, dict[str, Any]]] = {}
        for name, values in self.event.values.items():
            if name.startswith(ROW) and isinstance(values, Mapping):
                _row, register, id_ = name.split(".", 2)
                told[id_] = register, dict(values)
        listed = self.event.ref.get("added")
        added = [str(row) for row in listed] if isinstance(listed, list) else []
        changed = sorted(told.keys() - set(added))
        taken = [row for row in [*added, *changed] if row in told and _follows(*told[row]) is duties]
        for row in taken:
            register, values = told[row]
            if row not in added and row not in self.stored:
                self._flaw(Flaw.IMPOSSIBLE)
            known, day = ({}, self.on) if row in added or row not in self.stored else self.stored[row][1:]
            self.stored[row] = register, {**known, **values}, day
            self._read.pop(row, None)
        return [row for row in taken if row in added]

    def _look_back(self) -> None:
        """Deviations that were recorded now, and the duties to look again at one that are done now."""
        at, actor, seq = self.event.at, self.event.actor, self.event.seq
        for id_ in self.new:
            if self.stored[id_][0] == "deviation":
                again = self.stored[id_][1].get("look_again_on")
                day = date.fromisoformat(str(again)) if again else None
                self.deviations[id_] = RecordedDeviation(id_, seq, at, actor, day)
        for register, values, _day in self.stored.values():
            if register == "duty" and values.get("kind") == REVIEW and values.get("state") == "done":
                known = self.deviations.get(str(values.get("subject")))
                if known is not None and known.review is None:
                    self.deviations[known.id] = replace(known, review=Review(seq, at, actor))

    # Steps that were done

    def _note_done(self, it: Happening) -> None:
        run = self.movement.marking.run(it.run)
        activity = self.plan.activity(run.definition, it.activity)
        self.steps.append(self._done(it.what, run.number, run.definition, activity, subject=run.subject))

    def _done_at_its_word(self, what: What) -> None:
        """What an event says that was done, though that could not be, and what of its run then went by itself."""
        ref = self.event.ref
        definition = str(ref.get("definition", "")).partition("@")[0]
        plan = self.plan.definitions.get(definition)
        found = plan.activities.get(str(ref.get("activity"))) if plan else None
        if plan is None or found is None:
            return
        run, subject = self._number("run"), str(ref.get("subject") or "") or None
        self.steps.append(self._done(what, run, definition, found.activity, subject=subject))
        followed = ref.get("followed")
        for line in followed if isinstance(followed, list) else []:
            place = str(line).removeprefix("opened ").partition("#")[0]
            here, _dot, key = place.rpartition(".")
            opened = plan.activities.get(key) if here == definition else None
            if opened is not None and opened.activity.kind in (Kind.AUTOMATIC, Kind.END):
                itself = self._done(What.STEP_COMPLETED, run, definition, opened.activity, subject=subject)
                self.steps.append(itself)

    def _done(self, what: What, run: int, definition: str, activity: Activity, *, subject: str | None) -> DoneStep:
        event, account, day = self.event, self.account, local_day(self.event.at)
        by_person = needs_person(activity) and event.type in BY_TYPE
        answers = self.read_answers(self._stored_answers(), activity) if by_person else {}
        file = self.file()
        if run > len(file.runs):
            file = replace(file, runs=(*file.runs, Run(run, definition, day, subject or "")))
        others = [it for it in self.members if it.account != account and it.on(day)]
        made = next((id_ for id_ in self.new if self.stored[id_][0] == "deviation"), "")
        deviated = deviated_in(event.ref)
        return DoneStep(
            seq=event.seq,
            at=event.at,
            actor=event.actor,
            roles=self.roles_of(account, day),
            what=what,
            run=run,
            release=self.plan.digest,
            definition=definition,
            version=self.versions.get(definition, 0),
            activity=activity.key,
            subject=subject,
            by_person=by_person,
            lookup=CaseLookup(file, run, activity.key, answers),
            deviation=made if by_person or deviated else "",
            deviated=deviated,
            named=self._named(activity, answers, file, account) if by_person else None,
            beside=frozenset(it.role for it in others),
            ladder=next((it for it in answers.values() if isinstance(it, LadderAnswer)), None),
        )

    def _named(
        self, activity: Activity, answers: Mapping[str, Answer], file: CaseFile, account: str
    ) -> tuple[frozenset[str], ...] | None:
        questions = [spec.key for spec in activity.fields if spec.type in ("person", "persons")]
        if not questions:
            return None
        lookup = CaseLookup(file, 0, activity.key)
        ids = {id_ for key in questions for id_ in lookup.persons_in(answers.get(key))}
        mine = {row.id for row in file.rows("person") if account and row.text("user") == account}
        return tuple(file.roles.get(id_, frozenset()) for id_ in sorted(ids - mine))

    # Small questions

    def _stored_answers(self) -> dict[str, Json]:
        return {name.removeprefix(ANSWERS): it for name, it in self.event.values.items() if name.startswith(ANSWERS)}

    def _number(self, key: str) -> int:
        value = self.event.ref.get(key)
        return value if isinstance(value, int) else 0

    def _flaw(self, flaw: Flaw) -> None:
        found = Flawed(flaw, self.event.seq)
        if found not in self.flaws:
            self.flaws.append(found)


def recorded_case(rebuilding: Rebuilding, events: Iterable[Told]) -> RecordedCase:
    """
    What is recorded of a case.

    Args:
        rebuilding: of a case to which nothing happened yet.
        events: of its stream, all of them in order, with their values.

    Raises:
        HistoryRefused: there is an event of a type that is not known.
    """
    count = 0
    for event in events:
        rebuilding.take(event)
        count += 1
    rows = rebuilding.file().registers if count else {}
    return RecordedCase(
        steps=tuple(rebuilding.steps),
        rows={
            row.id: row
            for register in ("person", "help_item", "placement")
            for row in rows.get(register, ())
            if register != "person" or row.text("kind") == "child"
        },
        deviations=rebuilding.deviations,
        is_closed=rebuilding.status not in ("", "open"),
        events=count,
        flaws=tuple(rebuilding.flaws) if count else (Flawed(Flaw.MISSING, 0),),
    )


def _follows(register: str, values: Mapping[str, Any]) -> bool:
    """Whether a row is a duty that a moving case opened or discharged, and none of a deviation."""
    return register == "duty" and values.get("origin") != "deviation"
