"""
Standing track: as soon as something is registered, a step stands open for it, and nothing ends that but what may.

The engine opens such a track for every row, whichever step or hand changed the register. So it is enough to look at
how the track and its step are made.

    "Zodra een maatregel begint, staat er contact met de vrijwillige hulp open, tot de maatregel stopt."
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from padwijzer.workflows.core.definition import (
    Activity,
    AtAge,
    Completed,
    Moment,
    Obligation,
    OnEvent,
    OpenDuty,
    Owner,
    RecordEvent,
)
from padwijzer.workflows.core.meanings import happens, thing
from padwijzer.workflows.core.plan import ActivityPlan, Place, Plan, TrackPlan
from padwijzer.workflows.core.recorded import DoneStep
from padwijzer.workflows.core.safeguards import Meanings, apart, steps_with
from padwijzer.workflows.core.semantics import What

ADULT: Final = 216
"""The age in months at which youth care ends by law, so that a track about a child may."""
EVENTS: Final[Mapping[RecordEvent, tuple[Owner, str]]] = MappingProxyType(
    {
        RecordEvent.MEASURE_STARTED: (Owner.MEASURE, "een maatregel begint"),
        RecordEvent.MEASURE_ENDED: (Owner.MEASURE, "een maatregel stopt"),
        RecordEvent.PLACEMENT_STARTED: (Owner.PLACEMENT, "een plaatsing start"),
        RecordEvent.PLACEMENT_ENDED: (Owner.PLACEMENT, "een plaatsing stopt"),
        RecordEvent.HELP_STARTED: (Owner.HELP, "een hulp start"),
        RecordEvent.HELP_STOPPED: (Owner.HELP, "een hulp stopt"),
    }
)
"""What can be registered of a row, with what owns what it opens, and its words."""


@dataclass(frozen=True, slots=True)
class StandingTrack:
    """
    Where something of `when` can happen, there is a track that the event opens for each row, with `what` as its step.

    Args:
        when: the steps in a release that make the track needed.
        event: what is registered.
        what: the step that stands open.
        until: what may close the track before the step is done; empty: nothing.
        until_event: what may be registered that closes it; None: nothing.
        duty: the kind of duty that stands open as long as the step does; empty: none is asked for.
        may_skip: whether the step can be skipped with a reason.

    Raises:
        ValueError: when a meaning stands twice, a place is empty, or the event is about no row.
    """

    when: Meanings
    event: RecordEvent
    what: Meanings
    until: Meanings = ()
    until_event: RecordEvent | None = None
    duty: str = ""
    may_skip: bool = False

    def __post_init__(self) -> None:
        apart(self.when, self.what)
        if self.until:
            apart(self.what, self.until)
        if self.event not in EVENTS or self.until_event not in (None, *EVENTS):
            message = "This event is not about a row to which a track can belong."
            raise ValueError(message)

    def statement(self) -> str:
        """What it says, in Dutch."""
        end = f", tot {happens(self.until)}" if self.until else ""
        if self.until_event is not None:
            end = f", tot {EVENTS[self.until_event][1].replace('een', 'die', 1)}"
        return f"Zodra {EVENTS[self.event][1]}, staat er {thing(self.what)} open{end}."

    def faults(self, plan: Plan) -> tuple[Place, ...]:
        """The steps whose track is not so; where there is no track at all, the steps that make it needed."""
        needing = [step.place for step in steps_with(plan, self.when)]
        if not needing:
            return ()
        tracks = list(self._tracks(plan))
        if any(self._is_kept(plan, track, body) for track, body in tracks):
            return ()
        return tuple(body.place for _, body in tracks) or tuple(needing)

    def broken_by(self, done: DoneStep) -> str:
        """Why a step that was done breaks it: it was skipped."""
        return "" if self.may_skip or done.what is not What.STEP_SKIPPED else "Deze stap is overgeslagen."

    def _tracks(self, plan: Plan) -> Iterator[tuple[TrackPlan, ActivityPlan]]:
        for track in plan.tracks.values():
            if track.track.activity and track.body is not None:
                body = plan.step(track.body.definition, track.body.activity)
                if not set(self.what).isdisjoint(body.activity.meanings):
                    yield track, body

    def _is_kept(self, plan: Plan, track: TrackPlan, body: ActivityPlan) -> bool:
        made, activity = track.track, body.activity
        opens = isinstance(made.opens_by, OnEvent) and made.opens_by.event is self.event
        whole = made.owner is EVENTS[self.event][0] and made.possible_when is None and made.for_each is None
        closers = (self.may_close(plan, track.definition, it) for it in made.closes_on)
        closed = made.closed_by_hand or not all(closers)
        unskippable = self.may_skip or activity.obligation is Obligation.LAW or not activity.skippable
        open_long = activity.stays_open or not self.until
        doable = bool(body.deciders) and activity.available is None
        return opens and whole and not closed and unskippable and open_long and doable and self.has_duty(activity)

    def may_close(self, plan: Plan, within: str, closer: object) -> bool:
        """Whether something may close the track before its step is done. Args: within: key of its definition."""
        match closer:
            case Completed(written):
                definition, _, key = written.rpartition(".")
                definition = definition or within
                if definition not in plan or key not in plan.definitions[definition].activities:
                    return False
                return not set(self.until).isdisjoint(plan.activity(definition, key).meanings)
            case OnEvent(event):
                return event is self.until_event
            case AtAge(months):
                return months >= ADULT
            case _:
                return False

    def has_duty(self, activity: Activity) -> bool:
        """Whether the duty that is asked for, if any, stands open as long as this step does."""
        if not self.duty:
            return True
        return any(
            isinstance(it.what, OpenDuty)
            and it.what.duty == self.duty
            and it.what.discharged_by == (activity.key,)
            and it.at is Moment.OPENING
            and it.when is None
            and it.for_each is None
            for it in activity.opens
        )
