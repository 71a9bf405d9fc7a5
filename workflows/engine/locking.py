"""The lock of a case: one step at a time moves its runs, whatever run the step belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction

from padwijzer.workflows.models import Case, Task


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


def lock_case(case: UUID) -> Case | None:
    """The case, locked until the caller's transaction ends; None when there is none."""
    found: Case | None = (
        Case.objects.select_for_update(of=("self",)).select_related("release").filter(pk=case).first()
    )
    return found


def lock_case_of_task(task: int) -> Case | None:
    """The case of a task, locked until the caller's transaction ends; None when there is no such task."""
    found: Case | None = (
        Case.objects.select_for_update(of=("self",))
        .select_related("release")
        .filter(pk__in=Task.objects.filter(pk=task).values("case"))
        .first()
    )
    return found
