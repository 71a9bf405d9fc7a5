"""What is recorded of a case, as conformance reads it: the steps that were done, by whom, and how the case was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from padwijzer.forms.core.conditions import Lookup
from padwijzer.forms.core.field_types import LadderAnswer
from padwijzer.workflows.core.case_file import Row
from padwijzer.workflows.core.semantics import What


@dataclass(frozen=True, slots=True)
class DoneStep:
    """
    A step that was completed, saved or skipped.

    Args:
        seq: number in the stream of its event.
        at: when.
        actor: pseudonym of who did it, or set it going.
        roles: roles of that person in the case that day.
        what: completed, saved (a form that stays open) or skipped.
        run: number of its run.
        release: digest of the release it ran on.
        definition: key of its definition.
        version: number of the version of that definition; 0 when it is not recorded.
        activity: key of the step.
        subject: id of the row that its run is about; None is the family.
        by_person: whether a person did it, and not the path by itself.
        lookup: answers the conditions that a monitor asks, on the case as it was then.
        deviation: id of the deviation that was recorded with it; empty for none.
        deviated: keys of the safeguards from which it deviates with that reason.
        named: for a step that asks for persons: the roles of each person it names beside who did it; else None.
        beside: roles in the case that day of everybody but who did it.
        ladder: what was chosen on its ladder, with the reasons; None where it has none.
    """

    seq: int
    at: datetime
    actor: str
    roles: frozenset[str]
    what: What
    run: int
    release: str
    definition: str
    version: int
    activity: str
    subject: str | None
    by_person: bool
    lookup: Lookup = field(repr=False, compare=False)
    deviation: str = ""
    deviated: frozenset[str] = frozenset()
    named: tuple[frozenset[str], ...] | None = None
    beside: frozenset[str] = frozenset()
    ladder: LadderAnswer | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """The look back on a deviation. Args: seq, at, actor: the event that recorded it."""

    seq: int
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class RecordedDeviation:
    """
    A reasoned deviation.

    Args:
        id: of its row.
        seq: number of the event that recorded it.
        at: when.
        actor: pseudonym of who deviated.
        look_again_on: when to look again.
        review: the look back; None while it is still to be done.
    """

    id: str
    seq: int
    at: datetime
    actor: str
    look_again_on: date | None = None
    review: Review | None = None


class Flaw(StrEnum):
    """What can be wrong with a history itself, whatever the safeguards say."""

    MISSING = "missing"
    """An event before this one is not there."""
    IMPOSSIBLE = "impossible"
    """This event cannot follow on those before it."""
    CONSEQUENCE = "consequence"
    """What followed from this event is not what the release lets follow."""
    ERASED = "erased"
    """Values of this event are destroyed, so that what happened can no longer be told."""


@dataclass(frozen=True, slots=True)
class Flawed:
    """A flaw and where. Args: flaw: which; seq: number of the event."""

    flaw: Flaw
    seq: int


@dataclass(frozen=True, slots=True)
class RecordedCase:
    """
    Everything that is recorded of a case.

    Args:
        steps: the steps that were done, in order.
        rows: id to row of every child, help and placement that was ever recorded, in the order of the registers.
        deviations: id to deviation.
        is_closed: whether the case is closed, with or without follow-up.
        events: how many events it has.
        flaws: what is wrong with the history itself.
    """

    steps: tuple[DoneStep, ...]
    rows: Mapping[str, Row] = field(default_factory=dict, repr=False)
    deviations: Mapping[str, RecordedDeviation] = field(default_factory=dict)
    is_closed: bool = False
    events: int = 0
    flaws: tuple[Flawed, ...] = ()
