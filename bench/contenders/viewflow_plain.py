"""Plain Viewflow: a flow class in code, its own rows and its lock on the process; its tasks are its audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from viewflow.workflow.models import Process, Task
from viewflow.workflow.status import PROCESS, STATUS

from bench.benchapp.flows import WorkloadFlow
from bench.contenders import OpenStep, Trail
from bench.contenders.floor_orm import plain
from bench.loading import Copied
from bench.workload import Answers


class Contender:
    def prepare(self, users: dict[str, Any]) -> None:
        for role, user in users.items():
            user.user_permissions.add(Permission.objects.get(codename=f"do_{role}"))

    def start(self, user: Any, answers: Answers) -> int:
        process = WorkloadFlow.start.run(_process_data=plain(answers), _task_data=plain(answers))
        return int(process.pk)

    def involve(self, case: int) -> None:
        """Its users belong to every case."""

    def complete(self, case: int, task: int, step: str, user: Any, answers: Answers) -> None:
        found = Task.objects.select_related("process").get(pk=task)
        with found.activation() as activation:
            if not activation.assign.has_perm(user):
                raise PermissionDenied
            activation.assign(user)
            activation.start(SimpleNamespace(user=user))
            activation.task.data = activation.process.data = plain(answers)
            activation.process.save()
            activation.execute()

    def open_steps(self, case: int) -> Sequence[OpenStep]:
        found = Task.objects.filter(process=case, flow_task_type="HUMAN", status=STATUS.NEW).order_by("pk")
        return [OpenStep(task.pk, task.flow_task.name) for task in found]

    def trail(self, case: int) -> Trail:
        done = Task.objects.filter(process=case, status=STATUS.DONE, flow_task_type__in=("HUMAN", "START"))
        return Trail(
            steps=done.count(),
            forms=sum(bool(task.data) for task in done),
            records=done.exclude(finished=None).count(),
            is_over=Process.objects.get(pk=case).status == PROCESS.DONE and not self.open_steps(case),
        )

    def rows_of(self, case: int) -> Sequence[Copied]:
        return [
            Copied(Process.objects.filter(pk=case)),
            Copied(Task.objects.filter(process=case)),
            Copied(Task.previous.through.objects.filter(from_task__process=case)),
        ]
