"""Who acts, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.models import SYSTEM_ACTOR
from padwijzer.workflows.queries.access import actor_of


@dataclass(frozen=True, slots=True)
class Acting:
    """
    Somebody who acts at a moment.

    Args:
        user: the user, or None for the system (the clock).
        at: now, with time zone.
        happened_on: the day on which it happened, when that is entered afterwards; default the day of `at`.
    """

    user: Any = field(repr=False)
    at: datetime
    happened_on: date | None = None

    @property
    def on(self) -> date:
        """The day on which it happened, in Europe/Amsterdam."""
        return self.happened_on or local_day(self.at)

    @property
    def today(self) -> date:
        """The day on which it is entered: what somebody may do depends on this one."""
        return local_day(self.at)

    def pseudonym(self) -> str:
        """The name under which he stands in the history."""
        return SYSTEM_ACTOR if self.user is None else actor_of(self.user, self.today).id
