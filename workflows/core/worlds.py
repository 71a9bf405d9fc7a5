"""
A case as the semantics asks it about: what holds, which rows there are, and what follows from what happens to it.

A running case and one that is rebuilt from its history are both such a world; they differ in where the case file
comes from and in what moves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Protocol, cast

from padwijzer.forms.core.answers import Answers
from padwijzer.forms.core.conditions import Condition, Truth, evaluate, matching
from padwijzer.forms.core.field_types import Answer
from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Run, Visit, VisitState
from padwijzer.workflows.core.definition import Kind, RecordEvent, RowsSource
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.recording import Happened, RowChange, applied, changes, happened
from padwijzer.workflows.core.semantics import (
    ActivityState,
    CloseTrack,
    Event,
    Happening,
    Marking,
    OpenTrack,
    Recheck,
    RunMarking,
    What,
    World,
    about_the_same,
)

TOLD: Final = {
    What.STEP_OPENED: "opened",
    What.STEP_CANCELLED: "cancelled",
    What.RUN_RETURNED: "returned",
    What.RUN_ENDED: "ended",
    What.RUN_JUMPED: "jumped",
    What.TRACK_OPENED: "track_opened",
    What.TRACK_CLOSED: "track_closed",
    What.WENT_OUTSIDE: "outside",
    What.CAME_BACK: "came_back",
    What.RUN_SUSPENDED: "suspended",
    What.RUN_RESUMED: "resumed",
    What.DUTY_OPENED: "duty_opened",
    What.DUTY_DISCHARGED: "duty_done",
}
"""What the history says of what followed from an event; the rest follows from these."""


STATES: Final = {
    ActivityState.OPEN: VisitState.OPEN,
    ActivityState.WAITING: VisitState.DONE,
    ActivityState.DONE: VisitState.DONE,
    ActivityState.SKIPPED: VisitState.SKIPPED,
    ActivityState.AFTERWARDS: VisitState.AFTERWARDS,
    ActivityState.CANCELLED: VisitState.CANCELLED,
}
"""How the last opening of a step stands, as its run says; of a step that waits for the next one it is over."""


@dataclass(frozen=True, slots=True)
class RecordedItself:
    """
    What a step that no person does has recorded.

    Args:
        run: number of its run.
        activity: key of the step.
        changes: of registers.
        events: what happened to registers by that.
    """

    run: int
    activity: str
    changes: tuple[RowChange, ...]
    events: tuple[Happened, ...]


class Moving(Protocol):
    """The runs of a case, and how they move."""

    @property
    def marking(self) -> Marking:
        """How it is with them now."""

    def happens(self, event: Event, world: World, *, task: Any = None) -> tuple[Happening, ...]:
        """Let an event happen to them. Args: task: what a person did, where it was that. Raises: Impossible."""


class CaseWorld(ABC):
    """
    A case to which something happens. Implements the semantics' `World`.

    Attributes:
        movement: its runs.
        happened: everything that happened so far.
        answered: the answers of steps that are given now, by run and step.
        itself: what steps that no person does have recorded, and what has not been followed yet.
    """

    movement: Moving
    happened: list[Happening]
    answered: dict[tuple[int, str], Mapping[str, Answer]]
    itself: list[RecordedItself]
    _rounds: dict[tuple[int, str], int] | None = None
    _caught_up: Marking | None = None

    @property
    @abstractmethod
    def plan(self) -> Plan:
        """The release it runs on."""

    @abstractmethod
    def file(self, marking: Marking | None = None) -> CaseFile:
        """The case as it is now, with `itself`. Args: marking: how it is with its runs, where that is ahead."""

    @abstractmethod
    def new_id(self) -> str:
        """An id for a row that is added."""

    # What is known

    def lookup(self, run: int, activity: str, answers: Mapping[str, Answer] | None = None) -> CaseLookup:
        """The lookup that the conditions of a step ask. Args: answers: those being given; default those on hand."""
        return self._lookup(self.movement.marking, run, activity, answers)

    def truth(self, marking: Marking, run: int | None, activity: str, condition: Condition) -> Truth:
        """Whether a condition of a step holds for a run, now."""
        return evaluate(condition, self._lookup(marking, run or 1, activity, None))

    def rows(self, marking: Marking, run: int | None, activity: str, source: RowsSource) -> Sequence[str]:
        """Ids of the rows for which something is done, in the order in which they were recorded."""
        lookup = self._lookup(marking, run or 1, activity, None)
        return [str(row["id"]) for row in matching(lookup.rows(source.collection), source.where, lookup)]

    def _lookup(self, marking: Marking, run: int, activity: str, answers: Mapping[str, Answer] | None) -> CaseLookup:
        self._catch_up(marking)
        now = self.file(marking)
        visits = cast("tuple[Visit, ...]", _VisitsAhead(now, marking, self.answered))
        now = replace(now, visits=visits, runs=self._runs_ahead(now.runs))
        if answers is None:
            answers = self.answered.get((run, activity))
        if answers is None:
            answers = next(
                (
                    visit.answers
                    for visit in reversed(now.visits)
                    if (visit.run, visit.activity) == (run, activity) and visit.completed_on
                ),
                {},
            )
        return CaseLookup(now, run, activity, answers, self._call_outcomes(marking, run))

    def _catch_up(self, marking: Marking) -> None:
        """What a step records that no person does counts from the moment that the case is there."""
        if marking is self._caught_up:
            return
        self._caught_up = marking
        recording = _recording_itself(self.plan)
        reached = [(run, key) for run in marking.runs for key in recording.get(run.definition, ()) if run.round(key)]
        if self._rounds is None:
            self._rounds = {(run.number, key): run.round(key) for run, key in reached}
        for run, key in reached:
            if run.round(key) > self._rounds.get((run.number, key), 0):
                self._rounds[run.number, key] = run.round(key)
                activity, lookup = self.plan.activity(run.definition, key), self._lookup(marking, run.number, key, {})
                made = changes(activity, Answers({}), lookup, lookup.subject, self.new_id)
                events = happened(lookup.case_file, applied(lookup.case_file, made))
                self.itself.append(RecordedItself(run.number, key, made, tuple(events)))

    def _runs_ahead(self, runs: tuple[Run, ...]) -> tuple[Run, ...]:
        """The runs, each about the children that were just chosen for it."""
        for (number, activity), answers in self.answered.items():
            if number <= len(runs):
                chosen_in, _dot, question = self.plan.definition(runs[number - 1].definition).children.partition(".")
                chosen = answers.get(question) if chosen_in == activity else None
                if isinstance(chosen, frozenset):
                    about = replace(runs[number - 1], children=tuple(sorted(map(str, chosen))))
                    runs = (*runs[: number - 1], about, *runs[number:])
        return runs

    def _call_outcomes(self, marking: Marking, run: int) -> dict[str, str]:
        called = [marking.run(number) for number in marking.run(run).calls] if run <= len(marking.runs) else []
        return {it.subject or "": it.outcome for it in called if not it.is_alive and it.outcome}

    # What moves

    def move(self, event: Event, task: Any = None) -> tuple[Happening, ...]:
        """
        Let an event happen to the case; what waits on a condition is looked at again.

        Raises:
            Impossible: when it cannot happen now.
        """
        self._catch_up(self.movement.marking)
        itself, rounds = list(self.itself), dict(self._rounds or {})
        try:
            told = self.movement.happens(event, self, task=task)
        except Impossible:
            self.itself, self._rounds, self._caught_up = itself, rounds, self.movement.marking
            raise
        if not isinstance(event, Recheck) and self.movement.marking.waits:
            told += self.movement.happens(Recheck(), self)
        self._catch_up(self.movement.marking)
        self.happened += told
        return told

    def follow(self, events: Iterable[Happened]) -> None:
        """Open and close the tracks that hang on what happened to registers."""
        for it in events:
            event, subject = it.event, it.row
            for number, run in enumerate(self.movement.marking.runs, start=1):
                concerns = about_the_same(run.subject, subject or None)
                if (
                    run.is_alive
                    and run.track
                    and concerns
                    and _hangs_on(self.plan.tracks[run.track].track.closes_on, event)
                ):
                    self.move(CloseTrack(number))
            for track in self.plan.tracks.values():
                if _hangs_on((track.track.opens_by,), event):
                    self._open_by_event(track.definition, track.track.key, subject)

    def _open_by_event(self, definition: str, track: str, subject: str) -> None:
        main = next(
            (run.number for run in self.movement.marking.alive() if run.definition == definition and not run.track),
            None,
        )
        try:
            self.move(OpenTrack(main, track, subject or None, definition))
        except Impossible:
            return  # the track is not for this row

    def told(self, what: Iterable[Happening]) -> list[str]:
        """What followed, for the `ref` of an event: words and keys, no personal data."""
        return [_in_words(self.movement.marking, it) for it in what if it.what in TOLD]


def _hangs_on(closers: Iterable[object], event: RecordEvent) -> bool:
    return any(getattr(closer, "event", None) is event for closer in closers)


def _in_words(marking: Marking, it: Happening) -> str:
    definition = marking.run(it.run).definition if it.run else ""
    place = f"{definition}.{it.activity}" if it.activity else (it.name or definition)
    words = f"{TOLD[it.what]} {place}"
    return f"{words}#{it.number}" if it.what is What.STEP_OPENED else words


@lru_cache(maxsize=64)
def _recording_itself(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """The steps that record something and that no person does, by definition."""
    found = {
        key: tuple(it.key for it in one.definition.activities if it.records and it.kind is Kind.AUTOMATIC)
        for key, one in plan.definitions.items()
    }
    return {key: steps for key, steps in found.items() if steps}


def _stands(run: RunMarking, activity: str, round_: int) -> VisitState:
    """How an opening of a step stands; one before the last is over."""
    state = run.state(activity)
    return STATES[state] if state is not None and round_ == run.round(activity) else VisitState.DONE


class _VisitsAhead(Sequence[Visit]):
    """
    The openings of steps as they stand in a marking that is ahead of what is stored, read when first asked for.

    Args:
        case: as it is stored.
        marking: how it is with its runs.
        answered: the answers that are given now, by run and step.
    """

    def __init__(
        self, case: CaseFile, marking: Marking, answered: Mapping[tuple[int, str], Mapping[str, Answer]]
    ) -> None:
        self._case, self._marking, self._answered = case, marking, answered
        self._found: tuple[Visit, ...] | None = None

    @property
    def _visits(self) -> tuple[Visit, ...]:
        if self._found is None:
            self._found = tuple(self._ahead())
        return self._found

    def _ahead(self) -> Iterator[Visit]:
        runs, today = {run.number: run for run in self._marking.runs}, self._case.today
        last: dict[tuple[int, str], int] = {}
        for visit in self._case.visits:
            key = visit.run, visit.activity
            last[key] = max(visit.round, last.get(key, 0))
        for visit in self._case.visits:
            key = visit.run, visit.activity
            stands = visit.state
            if stands is VisitState.OPEN and visit.run in runs and visit.round == last[key]:
                stands = _stands(runs[visit.run], visit.activity, visit.round)
            if stands is visit.state:
                yield visit
            else:
                answers = self._answered.get(key, visit.answers)
                yield replace(visit, state=stands, completed_on=today, answers=answers)
        for run in self._marking.runs:
            for activity, rounds in run.rounds:
                for number in range(last.get((run.number, activity), 0) + 1, rounds + 1):
                    stands = _stands(run, activity, number)
                    yield Visit(
                        run=run.number,
                        definition=run.definition,
                        activity=activity,
                        round=number,
                        opened_on=today,
                        state=stands,
                        completed_on=None if stands is VisitState.OPEN else today,
                        track=run.track.partition(".")[2],
                    )

    def __getitem__(self, index: Any) -> Any:
        return self._visits[index]

    def __len__(self) -> int:
        return len(self._visits)
