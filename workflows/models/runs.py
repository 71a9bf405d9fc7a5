"""
A definition that runs in a case, and its tasks: on Viewflow's abstract rows.

The one file outside `engine/` that imports Viewflow, for its two base classes. Columns that Padwijzer does not use
are dropped; a user is deactivated and never deleted, so `owner` protects.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from viewflow.workflow.models import AbstractProcess, AbstractTask
from viewflow.workflow.status import PROCESS, STATUS

from padwijzer.workflows.models.cases import Case

OPEN = (STATUS.NEW, STATUS.ASSIGNED)
"""Statuses of a task that somebody still has to do."""


class PathRun(AbstractProcess):
    """
    One definition of the case's release, running: about the family, one child, one help or one placement.

    Attributes:
        number: 0, 1, 2 … in the order in which the runs of the case were opened.
        definition: key of the definition.
        opened_as: `main`, `call`, `detour`, `interrupt` or `track`.
        track: key of the track, for a track.
        subject: id of the row it is about, or empty.
        parent: the task that called it or opened its track.
        outcome: with what a called run returned.
        suspended: an interrupt runs; this run waits.
        outside: key of the definition outside the release that took over.
        rounds: activity key to how many times it was opened.
        detour: index of the exit after which reading goes on when the detour returns, or None.
    """

    class OpenedAs(models.TextChoices):
        """How a run came to be."""

        MAIN = "main"
        CALL = "call"
        DETOUR = "detour"
        INTERRUPT = "interrupt"
        TRACK = "track"

    case = models.ForeignKey(Case, models.PROTECT, related_name="path_runs", verbose_name=_("case"))
    number = models.PositiveIntegerField(_("number"))
    definition = models.CharField(_("definition"), max_length=40)
    opened_as = models.CharField(_("opened as"), max_length=12, choices=OpenedAs.choices, default=OpenedAs.MAIN)
    track = models.CharField(_("track"), max_length=64, blank=True)
    owner_kind = models.CharField(_("belongs to"), max_length=12, blank=True)
    subject = models.CharField(_("about"), max_length=36, blank=True)
    parent = models.ForeignKey(
        "Task", models.PROTECT, null=True, related_name="called_runs", verbose_name=_("opened by task")
    )
    outcome = models.CharField(_("outcome"), max_length=64, blank=True)
    suspended = models.BooleanField(_("suspended"), default=False)
    outside = models.CharField(_("outside this path"), max_length=40, blank=True)
    rounds = models.JSONField(_("rounds"), default=dict)
    detour = models.PositiveSmallIntegerField(_("exit that went on a detour"), null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="padwijzer_run_number")]
        indexes = [models.Index(fields=["case"], condition=Q(finished=None), name="padwijzer_running")]

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.status == PROCESS.NEW


class Task(AbstractTask):
    """
    One opening of an activity: to do, done, skipped or cancelled.

    Attributes:
        process: the run it belongs to.
        case: the case, here too: the inbox and the lock read it.
        activity: key of the activity.
        round: which opening of this activity in this run, from 1.
        performers: roles that may do it, in order, each between commas: `,vap,zorgaanbieder,`.
        outcome: `done`, `skipped`, `afterwards` or the reason it was cancelled.
        event: sequence number in the case's stream of the event that completed it; its answers are there.
        form_key: idempotency key of the form that was last taken in.
    """

    previous = None
    scheduled = None
    external_task_id = None
    token = None
    owner_permission = None
    owner_permission_content_type = None
    owner_permission_obj_pk = None
    owner_permission_obj = None
    flow_task_type = models.CharField(max_length=20, editable=False)
    status = models.CharField(_("status"), max_length=12, choices=STATUS.choices, default=STATUS.NEW)
    created = models.DateTimeField(_("opened at"), default=timezone.now)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="padwijzer_tasks",
        verbose_name=_("holder"),
    )
    process = models.ForeignKey(PathRun, models.PROTECT, related_name="tasks", verbose_name=_("run"))
    case = models.ForeignKey(Case, models.PROTECT, related_name="tasks", verbose_name=_("case"))
    activity = models.CharField(_("activity"), max_length=64)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    performers = models.CharField(_("who may do it"), max_length=400, blank=True)
    outcome = models.CharField(_("outcome"), max_length=40, blank=True)
    opened_on = models.DateField(_("opened on"))
    completed_on = models.DateField(_("completed on"), null=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("completed by")
    )
    event = models.PositiveBigIntegerField(_("event"), null=True)
    form_key = models.CharField(_("key of the form"), max_length=36, blank=True)
    due = models.DateTimeField(_("due"), null=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "status"], name="padwijzer_tasks_of_case"),
            models.Index(fields=["owner", "due"], condition=Q(status__in=OPEN), name="padwijzer_my_open_tasks"),
            models.Index(fields=["process", "activity"], name="padwijzer_rounds_of_run"),
        ]

    def __repr__(self) -> str:
        return f"<Task {self.pk} {self.activity} {self.status}>"

    __str__ = __repr__

    @property
    def data(self) -> dict[str, Any]:
        """Always empty: Viewflow would keep the local variables of a failed step here, a child's data among them."""
        return {}

    @data.setter
    def data(self, value: object) -> None:
        """Keep nothing."""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.status in OPEN


# Django copies a generic foreign key from an abstract base even where its columns are dropped.
Task._meta.private_fields = [  # noqa: SLF001 - the only list there is of them
    field
    for field in Task._meta.private_fields  # noqa: SLF001 - the same list
    if field.name != "owner_permission_obj"
]
Task.owner_permission_obj = None
