"""The public door to everything that is stored: `from padwijzer.workflows.models import Case`."""

from .cases import Case, RegisterRow
from .deadlines import RunningDeadline
from .documents import Document
from .drafts import Draft
from .history import SYSTEM_ACTOR, Event, Head, Opening, Pseudonym
from .memberships import Membership
from .notices import Notice
from .releases import DefinitionVersion, Release
from .runs import OPEN, PathRun, Task

__all__ = [
    "OPEN",
    "SYSTEM_ACTOR",
    "Case",
    "DefinitionVersion",
    "Document",
    "Draft",
    "Event",
    "Head",
    "Membership",
    "Notice",
    "Opening",
    "PathRun",
    "Pseudonym",
    "RegisterRow",
    "Release",
    "RunningDeadline",
    "Task",
]
