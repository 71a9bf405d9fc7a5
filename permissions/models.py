"""Organisations, who has which role in them, and the mandates to decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from padwijzer.permissions.roles import shipped_roles


def validate_role(slug: str) -> None:
    """Refuse a slug that is no role. Raises: ValidationError."""
    if slug not in shipped_roles():
        raise ValidationError(_("This role does not exist."), code="unknown_role")


class Organisation(models.Model):
    """A municipality, a provider, a certified institution (GI): each is controller of its own records."""

    class Kind(models.TextChoices):
        """What sort of organisation it is."""

        MUNICIPALITY = "municipality", _("Municipality")
        PROVIDER = "provider", _("Provider")
        GI = "gi", _("Certified institution (GI)")
        OTHER = "other", _("Other")

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")


class PeriodQuerySet(models.QuerySet[Any]):
    """Rows with a period."""

    def in_force(self, on: date) -> PeriodQuerySet:
        """Those that hold on that day, both ends included."""
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)


class RoleAssignment(models.Model):
    """
    A role that a user has in an organisation, for a period. It lets him be asked; a case he sees by involvement.

    Attributes:
        role: slug of a role of `fixtures/roles.json`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="padwijzer_roles", verbose_name=_("user")
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("organisation"))
    role = models.CharField(_("role"), max_length=40, validators=[validate_role])
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("role of a user")
        verbose_name_plural = _("roles of users")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"], condition=Q(until=None), name="padwijzer_role_once"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="padwijzer_role_ends_after_start"
            ),
        ]


class Mandate(models.Model):
    """
    Power to decide for another body (mandaat, art. 10:1 Awb), for a period, resting on a decision.

    Attributes:
        decision: where it was given, for example `Mandaatbesluit 2026, artikel 4`.
    """

    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="padwijzer_mandates", verbose_name=_("holder")
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("organisation"))
    decision = models.CharField(_("decision it rests on"), max_length=200)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="padwijzer_mandate_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(decision=""), name="padwijzer_mandate_rests_on_a_decision"),
        ]
