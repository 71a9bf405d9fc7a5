"""A case (zaak), about one family, and its registers."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from padwijzer.permissions.models import Organisation
from padwijzer.workflows.models.releases import Release
from padwijzer.workflows.models.visibility import CaseQuerySet


class Case(models.Model):  # type: ignore[django-manager-missing] # Viewflow's managers have no types
    """
    A case: everything that runs for one family, on the release it started on.

    Attributes:
        number: what people call it, for example `J-2026-0418`; no personal data.
        organisation: the municipality (or provider) that owns it.
        opening_key: idempotency key of the form that opened it: handed in twice, there is one case.
        duties: the open duties as the semantics marks them: kind, subject, definition, activity and run.
        clock_at: when the clock last looked at what hangs on the day; None is never.
    """

    class Status(models.TextChoices):
        """How a case stands."""

        OPEN = "open", _("Open")
        CLOSED_WITH_FOLLOW_UP = "closed_with_follow_up", _("Closed, we keep in touch")
        CLOSED = "closed", _("Closed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(_("case number"), max_length=20, unique=True)
    release = models.ForeignKey(Release, models.PROTECT, related_name="+", verbose_name=_("release"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("organisation"))
    status = models.CharField(_("status"), max_length=24, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField(_("opened at"))
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True)
    opening_key = models.CharField(_("key of the form"), max_length=36, null=True, unique=True)  # noqa: DJ001 - unique
    duties = models.JSONField(_("open duties"), default=list)
    clock_at = models.DateTimeField(_("last looked at by the clock"), null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        indexes = [
            models.Index(
                fields=["clock_at"], condition=~models.Q(status="closed"), name="padwijzer_clock_looks_daily"
            )
        ]

    @property
    def stream(self) -> str:
        """Name of its stream in the history."""
        return f"case/{self.id}"


class RegisterRow(models.Model):
    """
    A row of a register of a case: a projection of the history.

    Attributes:
        register: key of the register, a file of `core/registers/`.
        values: column to stored value; personal data.
        search_name, search_date: name in lower case and birth date, of a person only: to find a known family.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="rows", verbose_name=_("case"))
    register = models.CharField(_("register"), max_length=32)
    values = models.JSONField(_("values"), default=dict)
    order = models.PositiveIntegerField(_("order"))
    recorded_on = models.DateField(_("recorded on"))
    search_name = models.CharField(_("name, to search"), max_length=200, blank=True)
    search_date = models.DateField(_("birth date, to search"), null=True)

    class Meta:
        ordering = ["order"]
        indexes = [
            models.Index(fields=["case", "register"], name="padwijzer_rows_of_case"),
            models.Index(
                fields=["search_date", "search_name"],
                name="padwijzer_known_person",
                condition=models.Q(register="person"),
            ),
        ]

    def __repr__(self) -> str:
        return f"<RegisterRow {self.register} {self.id}>"
