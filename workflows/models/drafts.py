"""Half-filled answers, kept on the server: save and resume, and what the loser of a race typed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from padwijzer.workflows.models.runs import Task


class Draft(models.Model):
    """
    What one user filled in for one task and has not yet handed in. Personal data; validated by nobody.

    Attributes:
        values: field name in the form to the posted texts, as posted.
        lost: somebody else completed the task first; this is kept for its author to copy from.
    """

    task = models.ForeignKey(Task, models.PROTECT, related_name="drafts", verbose_name=_("task"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author"))
    values = models.JSONField(_("values"), default=dict)
    page = models.CharField(_("where"), max_length=64, blank=True)
    lost = models.BooleanField(_("somebody was first"), default=False)
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="padwijzer_one_draft_each")]

    def __repr__(self) -> str:
        return f"<Draft {self.pk}>"
