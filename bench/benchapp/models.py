"""
The tables of the hand-written floor: the least that a durable, form-driven service writes.

`Desk` only carries permissions for plain Viewflow, one for each role.
"""

from typing import Any

from django.conf import settings
from django.db import models

from bench.workload import ROLES


class Row(models.Model):
    objects: models.Manager[Any] = models.Manager()

    class Meta:
        abstract = True


class Case(Row):
    title = models.CharField(max_length=200)
    is_open = models.BooleanField(default=True)
    created = models.DateTimeField()


class Task(Row):
    case = models.ForeignKey(Case, models.CASCADE)
    step = models.CharField(max_length=40)
    role = models.CharField(max_length=20)
    is_open = models.BooleanField(default=True)
    created = models.DateTimeField()
    due = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["role", "id"], condition=models.Q(is_open=True), name="bench_task_inbox"),
            models.Index(fields=["due"], condition=models.Q(is_open=True, due__isnull=False), name="bench_task_due"),
        ]


class Form(Row):
    task = models.OneToOneField(Task, models.CASCADE)
    answers = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False)
    at = models.DateTimeField()


class Audit(Row):
    case = models.ForeignKey(Case, models.CASCADE, db_index=False)
    event = models.CharField(max_length=20)
    step = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False)
    at = models.DateTimeField()
    payload = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="bench_audit_of_case")]


class Desk(models.Model):
    class Meta:
        permissions = [(f"do_{role}", role) for role in ROLES]
