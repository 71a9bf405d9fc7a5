"""What a rule or a term tells people: a task beside the steps, an alarm, a warning, a message."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from padwijzer.workflows.models.cases import Case
from padwijzer.workflows.models.runs import Task


class Notice(models.Model):
    """
    One message for a role in a case, with or without something to do.

    Attributes:
        source: what made it, for example `rule:V.question_or_signal:0` or `deadline:first_talk_2w:75`.
        occasion: makes it one of its kind: run, round and subject; twice the same is refused by the database.
        text: what is said; the words of the definition, no personal data.
        holds: for a rule that mentions today: whether its condition was true when last looked at.
    """

    class Kind(models.TextChoices):
        """What it is."""

        TASK = "task", _("To do")
        ALARM = "alarm", _("Alarm")
        WARNING = "warning", _("Warning")
        MESSAGE = "message", _("Message")

    case = models.ForeignKey(Case, models.PROTECT, related_name="notices", verbose_name=_("case"))
    task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="notices", verbose_name=_("task"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    source = models.CharField(_("source"), max_length=160)
    occasion = models.CharField(_("occasion"), max_length=120)
    text = models.TextField(_("text"))
    ground = models.CharField(_("ground"), max_length=40, blank=True)
    roles = models.CharField(_("for whom"), max_length=400)
    created_at = models.DateTimeField(_("made at"))
    holds_since = models.DateField(_("true since"), null=True)
    due = models.DateTimeField(_("due"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("done by")
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "source", "occasion"], name="padwijzer_notice_once")]
        indexes = [models.Index(fields=["case"], condition=Q(done_at=None), name="padwijzer_open_notices")]
