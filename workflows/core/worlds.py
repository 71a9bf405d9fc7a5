"""
A case as the semantics asks it about: what holds, which rows there are, and what follows from what happens to it.

A running case and one that is rebuilt from its history are both such a world; they differ in where the case file
comes from and in what moves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from padwijzer.forms.core.conditions import Condition, Truth, evaluate, matching
from padwijzer.forms.core.field_types import Answer
from padwijzer.workflows.core.case_file import CaseFile, CaseLookup
from padwijzer.workflows.core.definition import RecordEvent, RowsSource
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.recording import Happened
from padwijzer.workflows.core.semantics import (
    CloseTrack,
    Event,
    Happening,
    Marking,
    OpenTrack,
    Recheck,
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
    """

    movement: Moving
    happened: list[Happening]
    answered: dict[tuple[int, str], Mapping[str, Answer]]

    @property
    @abstractmethod
    def plan(self) -> Plan:
        """The release it runs on."""

    @abstractmethod
    def file(self, marking: Marking | None = None) -> CaseFile:
        """The case as it is now. Args: marking: how it is with its runs, where that is ahead."""

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
        case_file_now = self.file(marking)
        if answers is None:
            answers = self.answered.get((run, activity))
        if answers is None:
            answers = next(
                (
                    visit.answers
                    for visit in reversed(case_file_now.visits)
                    if (visit.run, visit.activity) == (run, activity) and visit.completed_on
                ),
                {},
            )
        return CaseLookup(case_file_now, run, activity, answers, self._call_outcomes(marking, run))

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
        happened = self.movement.happens(event, self, task=task)
        if not isinstance(event, Recheck) and self.movement.marking.waits:
            happened += self.movement.happens(Recheck(), self)
        self.happened += happened
        return happened

    def follow(self, events: Iterable[Happened]) -> None:
        """Open and close the tracks that hang on what happened to registers."""
        for happened in events:
            event, subject = happened.event, happened.row
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

    def told(self, happened: Iterable[Happening]) -> list[str]:
        """What followed, for the `ref` of an event: words and keys, no personal data."""
        return [_in_words(self.movement.marking, it) for it in happened if it.what in TOLD]


def _hangs_on(closers: Iterable[object], event: RecordEvent) -> bool:
    return any(getattr(closer, "event", None) is event for closer in closers)


def _in_words(marking: Marking, it: Happening) -> str:
    definition = marking.run(it.run).definition if it.run else ""
    place = f"{definition}.{it.activity}" if it.activity else (it.name or definition)
    words = f"{TOLD[it.what]} {place}"
    return f"{words}#{it.number}" if it.what is What.STEP_OPENED else words
