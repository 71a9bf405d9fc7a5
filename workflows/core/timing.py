"""
Which tracks open and close because time went by: an age, a time before a date, a measure that is over.

Nothing here moves a case; it says what the clock has to let happen. A track is opened once for the same moment: one
that ran since then, or runs now, is not opened again. One that began after something happened is not closed by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Run
from padwijzer.workflows.core.deadlines import day_of_age, local_day
from padwijzer.workflows.core.definition import AtAge, OnEvent, Owner, RecordEvent, RunScope, TimeBefore
from padwijzer.workflows.core.plan import Plan, TrackPlan
from padwijzer.workflows.core.recording import Happened, happened
from padwijzer.workflows.core.semantics import ROWS_OF, CloseTrack, Marking, OpenTrack, RunMarking, about_the_same

BY_CLOCK: Final = frozenset(RecordEvent) - {
    RecordEvent.CONSENT_COMPLETE,
    RecordEvent.CONSENT_WITHDRAWN,
    RecordEvent.DEVIATION_MADE,
}
"""What can happen to a row without anybody changing it: its day comes."""


def timed_events(plan: Plan, marking: Marking, before: CaseFile, after: CaseFile) -> Iterator[CloseTrack | OpenTrack]:
    """
    What the clock has to let happen to the tracks of a case.

    Args:
        plan: the release of the case.
        marking: how it is with its runs.
        before: the case on the day it was last looked at.
        after: the same case today.

    Yields:
        Tracks to close, then tracks to open.
    """
    passed = tuple(it for it in happened(before, after) if it.event in BY_CLOCK)
    clock = _Clock(plan, marking, after, passed)
    yield from clock.closing()
    yield from clock.opening()


@dataclass(frozen=True, slots=True)
class _Clock:
    """A case to which time happened. Args: passed: what happened to registers since it was last looked at."""

    plan: Plan
    marking: Marking
    case_file: CaseFile
    passed: tuple[Happened, ...]

    def closing(self) -> Iterator[CloseTrack]:
        for run in self.marking.alive():
            if run.track and self.is_over(run):
                yield CloseTrack(run.number)

    def opening(self) -> Iterator[OpenTrack]:
        for track in self.plan.tracks.values():
            if track.body is None:
                continue
            for subject, since in self.moments(track):
                if not self.was_opened(track, subject, since):
                    yield OpenTrack(self.main_run(track), track.track.key, subject or None, track.definition)

    def is_over(self, run: RunMarking) -> bool:
        for closer in self.plan.tracks[run.track].track.closes_on:
            match closer:
                case AtAge(months):
                    day = self.age_day(run.subject or "", months)
                    if day is not None and day <= self.case_file.today:
                        return True
                case OnEvent(event):
                    began = self.began(run)
                    for it in self.passed:
                        if it.event is event and about_the_same(run.subject, it.row) and began <= it.on:
                            return True
                case _:
                    pass
        return False

    def moments(self, track: TrackPlan) -> list[tuple[str, date]]:
        """About what a track opens, and since when."""
        opener = track.track.opens_by
        if isinstance(opener, OnEvent):
            return [(it.row, it.on) for it in self.passed if it.event is opener.event]
        if not isinstance(opener, AtAge | TimeBefore):
            return []
        found = ((subject, self.opens_on(track, opener, subject)) for subject in self.subjects(track))
        return [(subject, day) for subject, day in found if day is not None]

    def subjects(self, track: TrackPlan) -> list[str]:
        today = self.case_file.today
        match track.track.owner:
            case Owner.CHILD:
                rows = (row for row in self.case_file.rows("person") if row.text("kind") == "child")
                return [row.id for row in rows if row.lasts(today)]
            case Owner.FAMILY | Owner.RUN:
                return [""]
            case owner:
                return [row.id for register in ROWS_OF[owner] for row in self.case_file.rows(register)]

    def opens_on(self, track: TrackPlan, opener: AtAge | TimeBefore, subject: str) -> date | None:
        """The day on which a track opens, when that has come and its time is not over."""
        today = self.case_file.today
        over = (self.age_day(subject, it.months) for it in track.track.closes_on if isinstance(it, AtAge))
        if any(day is not None and day <= today for day in over):
            return None
        if isinstance(opener, AtAge):
            day = self.age_day(subject, opener.months)
            return day if day is not None and day <= today else None
        end = self.about(track.definition, subject).fact(opener.fact)
        if not isinstance(end, date):
            return None
        last = local_day(end)
        first = self.case_file.times.shift(last, -1, opener.term)
        return first if first is not None and first <= today <= last else None

    def about(self, definition: str, subject: str) -> CaseLookup:
        """The case as a run sees it that is about this row."""
        number = max((run.number for run in self.case_file.runs), default=0) + 1
        run = Run(number, definition, self.case_file.today, subject)
        return CaseLookup(replace(self.case_file, runs=(*self.case_file.runs, run)), number, "")

    def age_day(self, subject: str, months: int) -> date | None:
        """The day on which the child that a row is about reaches an age; None when that is not known."""
        row = self.case_file.row(subject)
        if row is not None and row.register != "person":
            row = self.case_file.person(row.text("child"))
        birth = row.day("birth_date") if row else None
        return None if birth is None else day_of_age(birth, months)

    def was_opened(self, track: TrackPlan, subject: str, since: date) -> bool:
        body = track.body
        whole = body is not None and bool(track.track.definition)
        of_family = whole and body is not None and self.plan.definition(body.definition).scope is RunScope.FAMILY
        about = None if of_family else subject or None
        return any(
            run.subject == about
            and (run.track == track.key or (whole and body is not None and self.is_whole(run, body.definition)))
            and (run.is_alive or self.began(run) >= since)
            for run in self.marking.runs
        )

    def is_whole(self, run: RunMarking, definition: str) -> bool:
        """Whether a run runs the whole of a definition, and not one step of it on a track."""
        part = bool(run.track) and bool(self.plan.tracks[run.track].track.activity)
        return run.definition == definition and not part

    def main_run(self, track: TrackPlan) -> int | None:
        runs = (run.number for run in self.marking.alive() if run.definition == track.definition and not run.track)
        return next(runs, None)

    def began(self, run: RunMarking) -> date:
        days = (it.started_on for it in self.case_file.runs if it.number == run.number)
        return next(days, self.case_file.today)
