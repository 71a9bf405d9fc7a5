"""Who is involved in which case, as what, from when until when. Access follows this, not a job title."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from padwijzer.permissions.models import Organisation
from padwijzer.workflows.models.cases import Case, RegisterRow


class MembershipQuerySet(models.QuerySet[Any]):
    """Memberships."""

    def in_force(self, on: date) -> MembershipQuerySet:
        """Those that hold on that day, both ends included."""
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)


class Membership(models.Model):
    """
    One role of one user in one case.

    Attributes:
        role: slug of a role of `fixtures/roles.json`.
        person: the row of the person register of this user in this case.
        reason: why somebody is involved, when it is not by a step.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="memberships", verbose_name=_("case"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="padwijzer_memberships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=40)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("organisation")
    )
    person = models.ForeignKey(RegisterRow, models.PROTECT, null=True, related_name="+", verbose_name=_("person"))
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user", "role"], condition=Q(until=None), name="padwijzer_one_role_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["user", "role", "case"], name="padwijzer_cases_of_user")]
