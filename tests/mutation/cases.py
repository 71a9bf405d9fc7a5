"""
A case that lives on the pure core: answers, registers, consent and runs, one event after another, as the engine does.

One child of ten and one parent with authority. What a step records is worked out before it moves; rules that block
are looked at on what will be; what happens to registers opens and closes tracks. The clock stands still, but for the
night after a case was closed. Nothing here knows how a release is proven.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from padwijzer.forms.core.answers import Answers
from padwijzer.forms.core.conditions import Condition, Truth, Value, evaluate, matching
from padwijzer.forms.core.field_types import Answer
from padwijzer.workflows.core.calendars import load_calendars
from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row, Run, RunStatus, TermTimes, Visit, VisitState
from padwijzer.workflows.core.definition import Effect, Kind, OnEvent, OpenDuty, RowsSource
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.recording import Happened, applied, changes, happened
from padwijzer.workflows.core.rules import acting_rules
from padwijzer.workflows.core.safeguards import STEP, skipped
from padwijzer.workflows.core.semantics import (
    EMPTY,
    ActivityState,
    CloseTrack,
    Complete,
    Event,
    Happening,
    Marking,
    OpenedAs,
    OpenTrack,
    Recheck,
    RunMarking,
    SaveOpen,
    Skip,
    What,
    about_the_same,
    step,
)
from padwijzer.workflows.core.terms import load_terms

TODAY: Final = date(2026, 11, 25)
CHILD, PARENT, WORKER = "child", "parent", "worker"
SETTINGS: Final = MappingProxyType({"besluit_naast_machtiging": "ja", "norm_regio": "6w"})
NO_ANSWERS: Final[Mapping[str, Answer]] = MappingProxyType({})
CLOSING: Final = "closing"
STATES: Final = {
    What.STEP_COMPLETED: VisitState.DONE,
    What.STEP_SAVED: VisitState.DONE,
    What.STEP_SKIPPED: VisitState.SKIPPED,
    What.STEP_CANCELLED: VisitState.CANCELLED,
}


@cache
def times() -> TermTimes:
    """The terms and calendars that ship."""
    fixtures = files("padwijzer") / "fixtures"
    calendars = load_calendars((fixtures / "calendars.json").read_bytes())
    return TermTimes(load_terms((fixtures / "terms.json").read_bytes()), calendars)


def _row(register: str, key: str, **values: Value) -> Row:
    return Row(key, register, MappingProxyType(values), date(2026, 1, 1))


FAMILY: Final[Mapping[str, tuple[Row, ...]]] = {
    "person": (
        _row("person", CHILD, kind="child", birth_date=date(2016, 3, 1)),
        _row("person", PARENT, kind="parent"),
        _row("person", WORKER, kind="professional"),
    ),
    "authority": (_row("authority", "authority", child=CHILD, person=PARENT, kind="gezag"),),
}


@dataclass(frozen=True, slots=True)
class Life:
    """
    How it is with a case.

    Args:
        marking: its runs and duties.
        registers: its registers; the duties that were ever opened among them.
        visits: its openings of steps.
        today: the day.
        closed_on: the day on which it was last closed.
    """

    marking: Marking = EMPTY
    registers: Mapping[str, tuple[Row, ...]] = field(default_factory=lambda: FAMILY)
    visits: tuple[Visit, ...] = ()
    today: date = TODAY
    closed_on: date | None = None


PLACED: Final = Life(
    registers={
        **FAMILY,
        "placement": (_row("placement", "placement", child=CHILD, status="running", started_on=date(2026, 5, 1)),),
    }
)
"""A child that lives elsewhere when the case starts."""


@dataclass(frozen=True, slots=True)
class Said:
    """
    What a statement hears of one step.

    Args:
        letters: the meanings of the step, as it was completed or skipped, and that it was a step.
        subject: the row the run is about.
        run: number of the run.
        activity: key of the step.
    """

    letters: tuple[str, ...]
    subject: str | None
    run: int
    activity: str


@dataclass(frozen=True, slots=True)
class Lived:
    """
    What an event made of a case.

    Args:
        life: how it is then.
        said: what statements heard, in order.
        that_day: how it is on the day itself, before the night in which a case that was closed is closed.
    """

    life: Life
    said: tuple[Said, ...]
    that_day: Life


def lived(plan: Plan, life: Life, event: Event, answers: Mapping[str, Answer] = NO_ANSWERS) -> Lived:
    """
    Let an event happen to a case.

    Args:
        plan: the release.
        life: how it is.
        event: what happens.
        answers: those of the step that it completes.

    Raises:
        Impossible: when it cannot happen, or a rule stands in its way.
    """
    return _Living(plan, life).happens(event, answers)


def lookup_of(
    plan: Plan, life: Life, run: int, activity: str, answers: Mapping[str, Answer] | None = None
) -> CaseLookup:
    """What the conditions of a step of a run see. Args: answers: those being given; default the last ones."""
    return _Living(plan, life).lookup(life.marking, run, activity, answers)


class _Living:
    """Implements the `World` of the semantics during one event."""

    def __init__(self, plan: Plan, life: Life) -> None:
        self.plan, self.life = plan, life
        self.registers = life.registers
        self.visits = list(life.visits)
        self.given: dict[tuple[int, str], Mapping[str, Answer]] = {}
        self.marking = life.marking
        self.said: list[Said] = []
        self.closing = False
        self._file: CaseFile | None = None
        self._seen: Marking | None = life.marking
        self._recorded = {(run.number, key): run.round(key) for run, key in _automatic(plan, life.marking)}

    def happens(self, event: Event, answers: Mapping[str, Answer]) -> Lived:
        before = self.file(self.marking)
        if isinstance(event, Complete | SaveOpen):
            self.store(event.run, answers)
        elif isinstance(event, Skip):
            self.look_for_blocks(event.run, NO_ANSWERS)
        self.move(event)
        if isinstance(event, Skip) and not self.registers.get("deviation"):
            self.put(
                "deviation",
                Row(self.new_id(), "deviation", MappingProxyType({"on": self.life.today}), self.life.today),
            )
        self.catch_up(self.marking)
        if self.registers is not self.life.registers:
            self.follow(happened(before, self.file(self.marking)))
        closes = self.closing or not any(run.is_alive for run in self.marking.runs)
        today = self.life.today
        that_day = replace(self.life, marking=self.marking, registers=self.registers, visits=tuple(self.visits))
        night = replace(that_day, today=today + timedelta(days=1), closed_on=today)
        return Lived(night if closes else that_day, tuple(self.said), that_day)

    def store(self, number: int, answers: Mapping[str, Answer]) -> None:
        run = self.marking.run(number)
        activity = self.plan.activity(run.definition, run.position or "")
        self.given[number, activity.key] = answers
        if activity.records:
            lookup = self.lookup(self.marking, number, activity.key, answers)
            made = changes(activity, Answers(answers), lookup, lookup.subject, self.new_id)
            self.registers = applied(lookup.case_file, made).registers
            self._file = None
        self.look_for_blocks(number, answers)

    def look_for_blocks(self, number: int, answers: Mapping[str, Answer]) -> None:
        run = self.marking.run(number)
        if run.position is None:
            raise Impossible("not_open")
        activity = self.plan.activity(run.definition, run.position)
        if activity.unblockable or not any(rule.effect is Effect.BLOCK for rule in activity.rules):
            return
        lookup = self.lookup(self.marking, number, activity.key, answers)
        if any(it.effect is Effect.BLOCK for it in acting_rules(activity, lookup)):
            raise Impossible("blocked")

    def move(self, event: Event) -> None:
        self.moved(event)
        if not isinstance(event, Recheck) and self.marking.waits:
            self.moved(Recheck())

    def moved(self, event: Event) -> None:
        self.marking, told = step(self.plan, self.marking, event, self)
        self._file = None
        for it in told:
            self.hear(it)

    def hear(self, it: Happening) -> None:
        match it.what:
            case What.DUTY_OPENED:
                self.open_duty(it)
            case What.DUTY_DISCHARGED:
                rows = tuple(
                    replace(row, values=MappingProxyType({**row.values, "state": "done"}))
                    if row.get("kind") == it.name and row.text("subject") == (it.subject or "")
                    else row
                    for row in self.registers.get("duty", ())
                )
                self.registers = {**self.registers, "duty": rows}
            case What.STEP_OPENED:
                self.open_visit(it.run, it.activity, it.number)
            case What.STEP_COMPLETED | What.STEP_SAVED | What.STEP_SKIPPED | What.STEP_CANCELLED:
                self.end_visit(it)

    def open_visit(self, number: int, activity: str, round_: int) -> None:
        run = self.marking.run(number)
        track = run.track.partition(".")[2]
        self.visits.append(Visit(number, run.definition, activity, round_, self.life.today, track=track))

    def end_visit(self, it: Happening) -> None:
        run = self.marking.run(it.run)
        self.settle(it.run, it.activity, STATES[it.what])
        if it.what is What.STEP_CANCELLED:
            return
        if it.what is What.STEP_SAVED and run.is_alive:
            self.open_visit(it.run, it.activity, it.number + 1)
        letters = self.plan.activity(run.definition, it.activity).meanings
        if it.what is What.STEP_SKIPPED:
            letters = tuple(map(skipped, letters))
        else:
            self.closing = self.closing or CLOSING in letters
            letters = (*letters, STEP)
        if letters:
            self.said.append(Said(letters, run.subject, it.run, it.activity))

    def settle(self, number: int, activity: str, state: VisitState) -> None:
        """Close the open visit of a step, once."""
        for place in reversed(range(len(self.visits))):
            visit = self.visits[place]
            if (visit.run, visit.activity, visit.state) == (number, activity, VisitState.OPEN):
                answers = self.given.get((number, activity), NO_ANSWERS)
                self.visits[place] = replace(visit, state=state, completed_on=self.life.today, answers=answers)
                self._file = None
                return

    def open_duty(self, it: Happening) -> None:
        activity = self.plan.activity(self.marking.run(it.run).definition, it.activity)
        made = next(o.what for o in activity.opens if isinstance(o.what, OpenDuty) and o.what.duty == it.name)
        values = {"kind": it.name, "state": "open", "origin": "emergency" if made.emergency else "path"}
        if it.subject:
            values["subject"] = it.subject
        others = tuple(
            row
            for row in self.registers.get("duty", ())
            if (row.get("kind"), row.text("subject")) != (it.name, it.subject or "")
        )
        fresh = Row(self.new_id(), "duty", MappingProxyType(values), self.life.today)
        self.registers = {**self.registers, "duty": (*others, fresh)}

    def follow(self, events: Sequence[Happened]) -> None:
        for it in events:
            for number, run in enumerate(self.marking.runs, start=1):
                concerned = run.is_alive and run.track and about_the_same(run.subject, it.row or None)
                if concerned and OnEvent(it.event) in self.plan.tracks[run.track].track.closes_on:
                    self.move(CloseTrack(number))
            for track in self.plan.tracks.values():
                if track.track.opens_by == OnEvent(it.event):
                    self.open_by_event(track.definition, track.track.key, it.row)

    def open_by_event(self, definition: str, track: str, subject: str) -> None:
        main = next(
            (run.number for run in self.marking.alive() if run.definition == definition and not run.track), None
        )
        try:
            self.move(OpenTrack(main, track, subject or None, definition))
        except Impossible:
            return

    # The world of the semantics

    def truth(self, marking: Marking, run: int | None, activity: str, condition: Condition) -> Truth:
        return evaluate(condition, self.lookup(marking, run or 1, activity))

    def rows(self, marking: Marking, run: int | None, activity: str, source: RowsSource) -> Sequence[str]:
        lookup = self.lookup(marking, run or 1, activity)
        return [str(row["id"]) for row in matching(lookup.rows(source.collection), source.where, lookup)]

    def lookup(
        self, marking: Marking, run: int, activity: str, answers: Mapping[str, Answer] | None = None
    ) -> CaseLookup:
        self.catch_up(marking)
        if answers is None:
            answers = self.given.get((run, activity))
        if answers is None:
            answers = next(
                (
                    visit.answers
                    for visit in reversed(self.visits)
                    if (visit.run, visit.activity) == (run, activity) and visit.completed_on
                ),
                NO_ANSWERS,
            )
        called = [marking.run(number) for number in marking.run(run).calls] if run <= len(marking.runs) else []
        outcomes = {it.subject or "": it.outcome for it in called if not it.is_alive and it.outcome}
        return CaseLookup(self.file(marking), run, activity, answers, outcomes)

    def catch_up(self, marking: Marking) -> None:
        """What was answered counts as soon as its step is done, and automatic steps record when they are there."""
        if marking is self._seen:
            return
        self._seen = marking
        for number, key in self.given:
            run = marking.run(number)
            if run.state(key) is ActivityState.DONE or not run.is_alive:
                self.settle(number, key, VisitState.DONE)
        for run, key in _automatic(self.plan, marking):
            if run.round(key) > self._recorded.get((run.number, key), 0):
                self._recorded[run.number, key] = run.round(key)
                activity = self.plan.activity(run.definition, key)
                lookup = CaseLookup(self.file(marking), run.number, key)
                made = changes(activity, Answers(), lookup, lookup.subject, self.new_id)
                self.registers = applied(lookup.case_file, made).registers
                self._file = None

    def file(self, marking: Marking) -> CaseFile:
        if self._file is None or self._file_of is not marking:
            self._file_of = marking
            self._file = CaseFile(
                today=self.life.today,
                times=times(),
                registers=self.registers,
                visits=tuple(self.visits),
                runs=_runs(self.plan, marking),
                settings=SETTINGS,
                closed_on=self.life.closed_on,
            )
        return self._file

    _file_of: Marking | None = None

    def put(self, register: str, row: Row) -> None:
        self.registers = {**self.registers, register: (*self.registers.get(register, ()), row)}
        self._file = None

    def new_id(self) -> str:
        self._fresh += 1
        return f"row{sum(map(len, self.life.registers.values()))}_{self._fresh}"

    _fresh = 0


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked up at every step of a plan. Args: plan: which; recording, parameters: of which steps what."""

    plan: Plan
    recording: Mapping[str, tuple[str, ...]]
    parameters: Mapping[tuple[str, str], Mapping[str, str]]


_KNOWN: list[_Known] = []


def _known(plan: Plan) -> _Known:
    if not _KNOWN or _KNOWN[0].plan is not plan:
        recording: dict[str, tuple[str, ...]] = {}
        parameters = {}
        for key, definition in plan.definitions.items():
            steps = definition.definition.activities
            recording[key] = tuple(it.key for it in steps if it.kind is Kind.AUTOMATIC and it.records)
            parameters.update({(key, it.key): dict(it.call.parameters) for it in steps if it.call is not None})
        _KNOWN[:] = [_Known(plan, {key: found for key, found in recording.items() if found}, parameters)]
    return _KNOWN[0]


def _automatic(plan: Plan, marking: Marking) -> Iterator[tuple[RunMarking, str]]:
    """Runs with the automatic steps that record something and that they met."""
    recording = _known(plan).recording
    for run in marking.runs:
        for key in recording.get(run.definition, ()):
            if run.round(key):
                yield run, key


_RUNS: dict[int, tuple[RunMarking, Run]] = {}


def _runs(plan: Plan, marking: Marking) -> tuple[Run, ...]:
    return tuple(_run(plan, marking, run) for run in marking.runs)


def _run(plan: Plan, marking: Marking, run: RunMarking) -> Run:
    known = _RUNS.get(id(run))
    if known is None or known[0] is not run:
        made = Run(
            number=run.number,
            definition=run.definition,
            started_on=TODAY,
            subject=run.subject or "",
            opened_as=run.opened_as.value,
            track=run.track.partition(".")[2],
            status=RunStatus.RUNNING if run.is_alive else RunStatus.ENDED,
            outcome=run.outcome,
            parent=run.parent[0] if run.parent else None,
            parameters=_parameters(plan, marking, run),
        )
        known = _RUNS[id(run)] = (run, made)
    return known[1]


def _parameters(plan: Plan, marking: Marking, run: RunMarking) -> Mapping[str, str]:
    if run.parent is None or run.opened_as is not OpenedAs.CALL:
        return {}
    number, activity = run.parent
    return _known(plan).parameters.get((marking.run(number).definition, activity), {})
