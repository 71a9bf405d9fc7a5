"""
A plan: a checked release, resolved and immutable. Only `compiling` makes one.

It holds the definitions as they are, and answers at once what the engine asks at every step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from padwijzer.workflows.core.definition import (
    Activity,
    ByHand,
    Call,
    Obligation,
    OpenDuty,
    Owner,
    ProcessDefinition,
    Track,
)

WEAKER = (Obligation.LAW, Obligation.POLICY, Obligation.OPTIONAL)
"""Obligations from the strongest to the weakest."""


@dataclass(frozen=True, slots=True)
class Place:
    """A step of the release. Args: definition: key of its definition; activity: its key."""

    definition: str
    activity: str


@dataclass(frozen=True, slots=True)
class DutyPlan:
    """
    A duty that a step opens.

    Args:
        kind: its kind.
        opened_by: the step that opens it.
        discharged_by: the steps whose completion discharges it.
        owner: to what it belongs.
        term: key of its term; empty for none.
    """

    kind: str
    opened_by: Place
    discharged_by: tuple[Place, ...]
    owner: Owner
    term: str


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """
    A track, resolved.

    Args:
        definition: key of the definition that has it.
        track: as it is defined.
        body: where it begins; None when its definition is outside the release.
        openers: the steps that open it.
    """

    definition: str
    track: Track
    body: Place | None
    openers: tuple[Place, ...]

    @property
    def key(self) -> str:
        """Its key in the release, for example `V.help_runs`."""
        return f"{self.definition}.{self.track.key}"

    @property
    def by_hand(self) -> bool:
        """Whether a person opens it."""
        return self.track.opens_by is ByHand.HAND

    @property
    def by_itself(self) -> bool:
        """Whether an age, a date or a register event opens it."""
        return not isinstance(self.track.opens_by, ByHand)


@dataclass(frozen=True, slots=True)
class ActivityPlan:
    """
    A step, resolved.

    Args:
        place: where it stands.
        activity: as it is defined.
        index: its number in its definition, from 0.
        reads: answers of other steps that its conditions read, as `activity.field`.
        facts: names of the facts that its conditions, records and deadlines use.
        needs: keys of the registers that its conditions ask about, also by a fact, or that its records change.
        deciders: roles that may do it, the default first.
        advisers: roles that advise.
        timed_rules: numbers of the rules that can become true without anybody acting: they mention today or an age.
        timed_availability: whether the same goes for its being available.
        duties: what it opens.
        discharges: kinds of duty that completing it discharges, with the step that opened them.
        closes: tracks that completing it closes, as `V.help_runs`.
        on_track: tracks of its definition whose body can reach it.
    """

    place: Place
    activity: Activity
    index: int
    reads: tuple[str, ...]
    facts: tuple[str, ...]
    needs: tuple[str, ...]
    deciders: tuple[str, ...]
    advisers: tuple[str, ...]
    timed_rules: tuple[int, ...]
    timed_availability: bool
    duties: tuple[DutyPlan, ...]
    discharges: tuple[tuple[str, Place], ...]
    closes: tuple[str, ...]
    on_track: tuple[str, ...]

    def duty(self, opened: OpenDuty) -> DutyPlan:
        """The duty of that kind that this step opens. Raises: KeyError when it opens none."""
        for duty in self.duties:
            if duty.kind == opened.duty:
                return duty
        raise KeyError(opened.duty)


@dataclass(frozen=True, slots=True)
class DefinitionPlan:
    """
    A definition, resolved.

    Args:
        definition: as it is published.
        digest: its SHA-256.
        activities: its steps by key.
        tracks: its tracks by key.
        callers: steps that call it.
        jumped_from: steps with an exit that jumps or interrupts to it.
        bodies: tracks, as `V.help_runs`, of which it is the body.
    """

    definition: ProcessDefinition
    digest: str
    activities: Mapping[str, ActivityPlan]
    tracks: Mapping[str, TrackPlan]
    callers: tuple[Place, ...]
    jumped_from: tuple[Place, ...]
    bodies: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """
    A checked release.

    Args:
        digest: SHA-256 of the release.
        start: key of the definition on which a case starts.
        definitions: resolved definitions by key.
        tracks: every track of the release, by `definition.track`.
        emergencies: keys of the definitions that can interrupt the main line.
    """

    digest: str
    start: str
    definitions: Mapping[str, DefinitionPlan]
    tracks: Mapping[str, TrackPlan]
    emergencies: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __contains__(self, key: object) -> bool:
        return key in self.definitions

    def definition(self, key: str) -> ProcessDefinition:
        """The definition of that key. Raises: KeyError when the release lacks it."""
        return self.definitions[key].definition

    def step(self, definition: str, activity: str) -> ActivityPlan:
        """A step, resolved. Raises: KeyError when there is none."""
        return self.definitions[definition].activities[activity]

    def activity(self, definition: str, activity: str) -> Activity:
        """A step as it is defined. Raises: KeyError when there is none."""
        return self.step(definition, activity).activity

    def call(self, place: Place) -> Call | None:
        """The call of a step, if it is one. Raises: KeyError when there is no such step."""
        return self.activity(place.definition, place.activity).call
