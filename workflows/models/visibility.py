"""Which cases somebody may see: one query, used by every page, query and backend."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models


class CaseQuerySet(models.QuerySet[Any]):
    """Cases, limited to what somebody may see."""

    def visible_to(self, user: Any, on: date) -> CaseQuerySet:
        """
        The cases in which this user is involved on that day.

        Args:
            user: a user; somebody who is not signed in sees no case, and neither does a superuser.
            on: the day, in Europe/Amsterdam.
        """
        from padwijzer.workflows.models.memberships import Membership  # noqa: PLC0415 - memberships point at cases

        if not getattr(user, "is_active", False) or user.is_superuser:
            return self.none()
        mine = Membership.objects.filter(user=user, case=models.OuterRef("pk")).in_force(on)
        return self.filter(models.Exists(mine))
