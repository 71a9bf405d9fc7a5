"""Take up a task, give it back, or hand it to a colleague."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import open_task, step_ref
from padwijzer.workflows.actions.deviation import refuse_deviator
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.errors import Refused
from padwijzer.workflows.core.rebuilding import REVIEW
from padwijzer.workflows.models import Membership, Task
from padwijzer.workflows.queries.access import actor_of
from padwijzer.workflows.queries.releases import running_release


def claim_task(acting: Acting, task_id: int) -> Task:
    """
    Take up a task; taking up one's own again changes nothing.

    Raises:
        NotAllowed: there is no such task for this user.
        Conflict: somebody else has it, or it was done already.
        Blocked: it is the look back on a deviation of his own.
    """
    with transaction.atomic():
        task = open_task(acting, task_id, "claim_task").task
        if task.owner_id == acting.user.pk:
            return task
        _require_other(task, acting.pseudonym())
        task.flow_task.activation_class(task).assign(acting.user.pk)
        return _write(acting, task, "task.claimed")


def release_task(acting: Acting, task_id: int) -> Task:
    """
    Give back a task that one has taken up; it waits for the team again.

    Raises:
        NotAllowed: there is no such task for this user, or he does not hold it.
        Conflict: it was done already.
    """
    with transaction.atomic():
        task = open_task(acting, task_id, "release_task").task
        task.flow_task.activation_class(task).unassign()
        return _write(acting, task, "task.released")


def delegate_task(acting: Acting, task_id: int, colleague: Any) -> Task:
    """
    Hand a task to a colleague who is involved in this case in a role that may do it.

    Raises:
        NotAllowed: there is no such task for this user.
        Conflict: it was done already.
        Refused: the colleague is not involved, or in no role that may do this step.
        Blocked: it is the look back on a deviation of that colleague.
    """
    with transaction.atomic():
        task = open_task(acting, task_id, "delegate_task").task
        roles = task.performers.strip(",").split(",")
        members = Membership.objects.filter(case=task.case, user=colleague, role__in=roles).in_force(acting.today)
        if not members.exists():
            raise Refused(_("This colleague is not involved in this case in a role that may do this step."))
        _require_other(task, actor_of(colleague, acting.today).id)
        activation = task.flow_task.activation_class(task)
        if task.owner_id is None:
            activation.assign(colleague.pk)
        else:
            activation.reassign(colleague.pk)
        return _write(acting, task, "task.delegated", {"to": actor_of(colleague, acting.today).id})


def _require_other(task: Task, who: str) -> None:
    """Look whether somebody would look back on a deviation of his own. Args: who: pseudonym."""
    activity = running_release(task.case.release.digest).plan.activity(task.process.definition, task.activity)
    if REVIEW in activity.meanings:
        refuse_deviator(task.case, task.process.subject, who)


def _write(acting: Acting, task: Task, event: str, ref: dict[str, Any] | None = None) -> Task:
    task.assigned = acting.at if task.owner_id else None
    task.save(update_fields=["owner", "status", "assigned"])
    work = Work(acting, task.case)
    work.note(event, {**step_ref(work, task, work.activity(task)), **(ref or {})}, {})
    work.append()
    return task
