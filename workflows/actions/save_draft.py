"""Keep what was filled in so far; nothing is validated and nothing happens in the case."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import conflict_of, keep_for_loser
from padwijzer.workflows.actions.permission import require
from padwijzer.workflows.core.errors import NotAllowed
from padwijzer.workflows.models import Draft, Task


def save_draft(acting: Acting, task_id: int, values: Mapping[str, object], *, page: str = "") -> Draft:
    """
    Keep a draft of one user for one task.

    Args:
        acting: who, and when.
        task_id: the task.
        values: what was posted, by name.
        page: on which page of the guided form he was.

    Raises:
        NotAllowed: there is no such task for this user.
        Conflict: somebody else did the step meanwhile; the draft is kept all the same.
    """
    task = Task.objects.select_related("process", "case", "completed_by").filter(pk=task_id).first()
    if task is None:
        raise NotAllowed
    require(acting, "perform_step", task.case, task)
    if not task.is_open:
        keep_for_loser(acting, task_id, values)
        raise conflict_of(task)
    with transaction.atomic():
        draft, _made = Draft.objects.update_or_create(
            task=task,
            user=acting.user,
            defaults={"values": dict(values), "page": page, "saved_at": acting.at, "lost": False},
        )
    return draft
