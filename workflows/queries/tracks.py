"""What can be started in a case at any time: the tracks that a person opens, as far as they are possible now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from padwijzer.forms.core.conditions import evaluate, matching
from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.case_file import CaseLookup, Row
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.definition import Owner
from padwijzer.workflows.core.plan import TrackPlan
from padwijzer.workflows.core.semantics import RunMarking
from padwijzer.workflows.models import OPEN, Case, PathRun, Task
from padwijzer.workflows.queries.case_files import case_file
from padwijzer.workflows.queries.cases import members_of, names_seen, what_is_consented
from padwijzer.workflows.queries.inbox import PERSON_TASK
from padwijzer.workflows.queries.markings import marking_of
from padwijzer.workflows.queries.releases import running_release
from padwijzer.workflows.queries.viewing import may_see_step, subject_of, viewers_of


@dataclass(frozen=True, slots=True)
class About:
    """
    What a track can be started about.

    Args:
        subject: id of the row; empty where it is about the family.
        words: which, in words; empty where there is nothing to choose.
        task: id of the open step of the track where it runs already; None when it does not.
    """

    subject: str
    words: str = field(default="", repr=False)
    task: int | None = None


@dataclass(frozen=True, slots=True)
class Startable:
    """
    A track that can be started now.

    Args:
        definition: key of the definition that has it.
        key: key of the track.
        title: its title.
        sentence: what it is for.
        minutes: how long its first step takes, about; 0 when that is not known.
        about: what it can be about; one entry where there is nothing to choose.
        is_unblockable: whether nothing may ever stand in its way.
    """

    definition: str
    key: str
    title: str
    sentence: str
    minutes: int
    about: tuple[About, ...]
    is_unblockable: bool = False


def startable(case: Case, user: Any, at: datetime) -> tuple[Startable, ...]:
    """
    What somebody can start in a case now; five queries, whatever the number of tracks.

    Args:
        case: the case, with its release; the caller knows that this user may see it.
        user: who asks.
        at: now, with time zone.
    """
    found = (_Starting(case, user, at)).startable()
    return tuple(sorted(found, key=lambda it: not it.is_unblockable))


class _Starting:
    """A case, read for what can be started in it. Args: as `startable`."""

    def __init__(self, case: Case, user: Any, at: datetime) -> None:
        on = local_day(at)
        self.release = running_release(case.release.digest)
        runs = list(PathRun.objects.filter(case=case).order_by("number"))
        self.marking = marking_of(case, runs)
        self.file = case_file(case, self.release, runs, self.marking, on)
        members = members_of(case)
        self.viewers = viewers_of(case, user, on, case_file=self.file, memberships=members)
        self.names = names_seen(self.file, self.viewers)
        on_track = Task.objects.filter(case=case, status__in=OPEN, flow_task_type=PERSON_TASK)
        self.tasks = {number: task for task, number in on_track.order_by("-pk").values_list("pk", "process__number")}

    def startable(self) -> list[Startable]:
        tracks = (it for it in self.release.plan.tracks.values() if it.by_hand and it.body is not None)
        return [self.described(track, tuple(about)) for track in tracks if (about := self.about(track))]

    def about(self, track: TrackPlan) -> list[About]:
        main = next(
            (run for run in self.marking.alive() if run.definition == track.definition and not run.track), None
        )
        if main is None and track.track.owner is Owner.RUN:
            return []
        lookup = CaseLookup(self.file, main.number if main else 1, (main.position or "") if main else "")
        possible = track.track.possible_when
        if possible is not None and evaluate(possible, lookup) is not True:
            return []
        source = track.track.for_each
        if source is None:
            subject = (main.subject or "") if main else ""
            return [About(subject, "", self.running(track, subject))] if self.may_know(track, subject) else []
        rows = (str(row["id"]) for row in matching(lookup.rows(source.collection), source.where, lookup))
        return [About(row, self.words(row), self.running(track, row)) for row in rows if self.may_know(track, row)]

    def described(self, track: TrackPlan, about: tuple[About, ...]) -> Startable:
        assert track.body is not None  # noqa: S101 - those without are left out
        first = self.release.plan.activity(track.body.definition, track.body.activity)
        purpose = self.release.plan.definition(track.body.definition).purpose if track.track.definition else ()
        return Startable(
            definition=track.definition,
            key=track.track.key,
            title=in_language(track.track.title),
            sentence=in_language(purpose) or in_language(first.instruction),
            minutes=first.minutes,
            about=about,
            is_unblockable=first.unblockable,
        )

    def running(self, track: TrackPlan, subject: str) -> int | None:
        """Id of the open step of a track that runs already."""
        for run in self.marking.alive():
            if run.track == track.key and (run.subject or "") == subject:
                return next((self.tasks[it.number] for it in self.below(run) if it.number in self.tasks), None)
        return None

    def below(self, run: RunMarking) -> list[RunMarking]:
        """A run and the runs that it called, itself first."""
        found = [run]
        for other in self.marking.alive():
            if other.parent is not None and any(other.parent[0] == it.number for it in found):
                found.append(other)
        return found

    def may_know(self, track: TrackPlan, subject: str) -> bool:
        assert track.body is not None  # noqa: S101 - those without are left out
        first = self.release.plan.activity(track.body.definition, track.body.activity)
        about, assignment = subject_of(self.file, subject)
        roles = frozenset(it.role for it in first.performers)
        return may_see_step(self.viewers, first, roles, about=about, assignment=assignment)

    def words(self, subject: str) -> str:
        row = self.file.row(subject)
        if row is None:
            return ""
        if row.register == "person":
            return self.names.get(row.id, "")
        return ", ".join(it for it in (what_is_consented(row), self.for_whom(row)) if it)

    def for_whom(self, row: Row) -> str:
        return self.names.get(row.text("child"), "")
