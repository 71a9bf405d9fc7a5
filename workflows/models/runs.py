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
from viewflow.workflow.status import STATUS

from padwijzer.workflows.models.cases import Case

OPEN = (STATUS.NEW, STATUS.ASSIGNED)
"""Statuses of a task that somebody still has to do; a call that runs is STARTED."""

UNFINISHED = (STATUS.NEW, STATUS.ASSIGNED, STATUS.STARTED)
"""Statuses of a task that is not finished, calls under way included."""


class PathRun(AbstractProcess):
    """
    One definition of the case's release, running: about the family, one child, one help or one placement.

    What `core.semantics` calls a run marking, as a row. Viewflow's own status follows from `standing`.

    Attributes:
        number: 1, 2, 3 … in the order in which the runs of the case were opened.
        definition: key of the definition.
        opened_as: main, call, detour, track or interrupt.
        track: for a track: `definition.track`.
        subject: id of the row it is about, or empty for the family.
        parent_run, parent_activity: number of the run and key of the step that opened it; 0 for none.
        position: key of the step where it is; empty when it has ended.
        rounds: activity key to how often it was opened.
        states: activity key to its state in its last round.
        standing: running, suspended, waiting_outside or ended.
        outside: key of the definition outside the release that took over.
        outcome: with what a called run returned.
        detour_at: number of the exit whose detour is under way; -1 for none.
        calls: numbers of the runs that the step at its position called.
        handed_over: it outlives the run that opened it.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="path_runs", verbose_name=_("case"))
    number = models.PositiveIntegerField(_("number"))
    definition = models.CharField(_("definition"), max_length=40)
    opened_as = models.CharField(_("opened as"), max_length=12)
    track = models.CharField(_("track"), max_length=110, blank=True)
    subject = models.CharField(_("about"), max_length=36, blank=True)
    parent_run = models.PositiveIntegerField(_("opened by run"), default=0)
    parent_activity = models.CharField(_("opened by step"), max_length=64, blank=True)
    position = models.CharField(_("position"), max_length=64, blank=True)
    rounds = models.JSONField(_("rounds"), default=dict)
    states = models.JSONField(_("states"), default=dict)
    standing = models.CharField(_("how it stands"), max_length=16, default="running")
    outside = models.CharField(_("outside this path"), max_length=40, blank=True)
    outcome = models.CharField(_("outcome"), max_length=64, blank=True)
    detour_at = models.SmallIntegerField(_("exit that went on a detour"), default=-1)
    calls = models.JSONField(_("calls"), default=list)
    handed_over = models.BooleanField(_("handed over"), default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="padwijzer_run_number")]

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.standing != "ended"


class Task(AbstractTask):
    """
    One opening of an activity: to do, done, skipped or cancelled.

    Attributes:
        process: the run it belongs to.
        case: the case, here too: the inbox and the lock read it.
        activity: key of the activity.
        round: which opening of this activity in this run, from 1.
        performers: roles that may do it, in order, each between commas: `,vap,zorgaanbieder,`.
        outcome: `done`, `skipped`, `afterwards`, `saved` or `cancelled`.
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
Task._meta.private_fields = [field for field in Task._meta.private_fields if field.name != "owner_permission_obj"]
Task.owner_permission_obj = None
