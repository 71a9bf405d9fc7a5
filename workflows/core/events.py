"""What happened to the runs of a case, in the past tense: what the engine tells and the actions write down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from padwijzer.forms.core.schema import Text


@dataclass(frozen=True, slots=True)
class StepOpened:
    """An activity was opened. Args: run: number of the run; task: id of its task, 0 where there is none."""

    run: int
    definition: str
    activity: str
    round: int
    task: int = 0


@dataclass(frozen=True, slots=True)
class StepCompleted:
    """An activity was completed; `skipped` when with a reason or freely it was not done."""

    run: int
    definition: str
    activity: str
    round: int
    task: int = 0
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class StepCancelled:
    """An open activity is no longer needed. Args: reason: what ended it, for example `track_closed`."""

    run: int
    definition: str
    activity: str
    reason: str
    task: int = 0


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run was started. Args: opened_as: main, call, detour, interrupt or track; subject: id of a row or empty."""

    run: int
    definition: str
    opened_as: str
    subject: str = ""
    track: str = ""


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run ended. Args: outcome: with what it returned; reason: `end`, `returned`, `jumped` or `closed`."""

    run: int
    definition: str
    outcome: str = ""
    reason: str = "end"


@dataclass(frozen=True, slots=True)
class RunSuspended:
    """A run waits for an interrupt to end."""

    run: int


@dataclass(frozen=True, slots=True)
class RunResumed:
    """A run goes on where it was."""

    run: int


@dataclass(frozen=True, slots=True)
class WentOutside:
    """A run led to a definition that the release lacks: somebody else takes over."""

    run: int
    definition: str


@dataclass(frozen=True, slots=True)
class DutyOpened:
    """A standing duty was opened."""

    run: int
    kind: str
    title: Text
    term: str
    owner: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class DutyDischarged:
    """Every open duty of a kind, of this owner, is done."""

    run: int
    kind: str
    subject: str = ""


Happening: TypeAlias = (
    StepOpened
    | StepCompleted
    | StepCancelled
    | RunStarted
    | RunEnded
    | RunSuspended
    | RunResumed
    | WentOutside
    | DutyOpened
    | DutyDischarged
)
