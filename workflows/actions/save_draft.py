"""Keep what was filled in so far; nothing is validated and nothing happens in the case."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import keep_for_loser, look_for_conflict
from padwijzer.workflows.actions.permission import Permission
from padwijzer.workflows.core.errors import Conflict, NotAllowed
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
        Conflict: somebody else took up or did the step meanwhile; the draft is kept all the same.
    """
    task = (
        Task.objects.select_related("process", "case", "owner", "completed_by").filter(pk=task_id).order_by().first()
    )
    if task is None:
        raise NotAllowed
    permission = Permission(acting, task.case, task)
    permission.require("see_case")
    try:
        look_for_conflict(acting, permission, task, "perform_step")
    except Conflict:
        keep_for_loser(acting, task_id, values)
        raise
    permission.require("perform_step")
    with transaction.atomic():
        draft, _made = Draft.objects.update_or_create(
            task=task,
            user=acting.user,
            defaults={"values": dict(values), "page": page, "saved_at": acting.at, "lost": False},
        )
    return draft
