"""The lock of a case: one step at a time moves its runs, whatever run the step belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from padwijzer.workflows.models import Case, Draft, Task
from padwijzer.workflows.models.prepared import Select


class CaseLock:
    """
    Viewflow's lock, on the row of the case.

    A step can end its caller's call and close tracks of other runs, so the whole case is one region. A waiter waits
    (`nowait=False` in Viewflow's terms) and then sees what the winner did. SQLite locks the whole database instead:
    its transactions start IMMEDIATE.
    """

    @contextmanager
    def __call__(self, flow_class: Any, process_pk: int) -> Iterator[None]:
        """Hold the lock of the case of that run, in a transaction."""
        with transaction.atomic():
            Case.objects.select_for_update(of=("self",)).filter(path_runs=process_pk).values_list("pk").first()
            yield


LARGE = ("terms", "members", "reason")
"""Columns of a release that a step does not need: the release is known by its digest."""

_CASE = Select(
    Case,
    lambda case: (
        Case.objects.select_for_update(of=("self",))
        .select_related("release")
        .defer(*(f"release__{column}" for column in LARGE))
        .filter(pk=case)
        .order_by()
    ),
    case="id",
)
_TASK = Select(
    Task,
    lambda task: (
        Task.objects.select_for_update(of=("case", "self"))
        .select_related("process", "case__release")
        .defer(*(f"case__release__{column}" for column in LARGE))
        .annotate(has_draft=Exists(Draft.objects.filter(task=OuterRef("pk"))))
        .filter(pk=task)
        .order_by()
    ),
    task="id",
)


def lock_case(case: UUID) -> Case | None:
    """The case, locked until the caller's transaction ends; None when there is none."""
    return next(iter(_CASE(case=case)), None)


def lock_case_of_task(task: int) -> Task | None:
    """
    A task with its run, its case and itself locked until the caller's transaction ends; None when there is none.

    `has_draft` on it says whether somebody kept a draft for it. Who had to wait holds the case and the task as they
    are then: PostgreSQL reads again what it locks, and nothing else, so the run is as it was when he asked. The case
    is locked first: a step of the same case that finishes this task holds the case before it touches the task.
    """
    return next(iter(_TASK(task=task)), None)
