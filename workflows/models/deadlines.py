"""Running deadlines, and what came of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from padwijzer.workflows.models.cases import Case, RegisterRow
from padwijzer.workflows.models.runs import Task


class RunningDeadline(models.Model):
    """
    One deadline of one task or duty: when it started, when it is due, and why.

    Attributes:
        term: key of the term in the release's terms.
        start: the day it runs from; None while that is not known yet.
        due: the moment it ends.
        explanation: how the date came about, as `core.deadlines` writes it; each date can be told in one sentence.
        ledger: suspensions and extensions, oldest first.
        next_signal: the next moment at which the clock has something to do, None when nothing is left.
        signalled: how many of its warnings and ends have been given.
        known_at: when its start was recorded; what lay before that was entered afterwards.
        appears_on: for what comes back, and for a term before a date: the day on which it appears in the list of
            work; None is at once.
    """

    class State(models.TextChoices):
        """How a deadline stands."""

        WAITING = "waiting", _("The start is not known yet")
        RUNNING = "running", _("Running")
        SUSPENDED = "suspended", _("Standing still")
        MET = "met", _("Met")
        LATE = "late", _("Late")
        CANCELLED = "cancelled", _("No longer needed")

    case = models.ForeignKey(Case, models.PROTECT, related_name="deadlines", verbose_name=_("case"))
    task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="deadlines", verbose_name=_("task"))
    duty = models.ForeignKey(RegisterRow, models.PROTECT, null=True, related_name="deadlines", verbose_name=_("duty"))
    index = models.PositiveSmallIntegerField(_("which deadline of the activity"), default=0)
    term = models.CharField(_("term"), max_length=64)
    start = models.DateField(_("from"), null=True)
    due = models.DateTimeField(_("due"), null=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.RUNNING)
    explanation = models.JSONField(_("explanation"), default=dict)
    ledger = models.JSONField(_("suspensions and extensions"), default=list)
    next_signal = models.DateTimeField(_("next signal"), null=True)
    signalled = models.PositiveSmallIntegerField(_("signals given"), default=0)
    known_at = models.DateTimeField(_("start recorded at"), null=True)
    appears_on = models.DateField(_("in the list of work from"), null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_signal"], condition=Q(next_signal__isnull=False), name="padwijzer_clock_has_to_look"
            ),
            models.Index(fields=["task"], name="padwijzer_deadlines_of_task"),
        ]
