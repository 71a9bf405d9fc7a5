"""The lock of a case: one step at a time moves its runs, whatever run the step belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from padwijzer.workflows.models import Case


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
            Case.objects.select_for_update().filter(path_runs=process_pk).values_list("pk").first()
            yield


def lock_case_of_task(task_id: int) -> Any:
    """
    Lock the case of a task, inside the caller's transaction.

    Returns:
        The id of the case, or None when there is no such task.
    """
    return (
        Case.objects.select_for_update(of=("self",))
        .filter(pk__in=_case_ids(task_id))
        .values_list("pk", flat=True)
        .first()
    )


def _case_ids(task_id: int) -> Any:
    from padwijzer.workflows.models import Task  # noqa: PLC0415 - kept beside its one use

    return Task.objects.filter(pk=task_id).values("case")
