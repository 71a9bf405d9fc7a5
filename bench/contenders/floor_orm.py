"""The floor: a service written by hand for this one workload, in plain ORM calls, doing no more than it must."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from bench.benchapp.models import Audit, Case, Form, Task
from bench.contenders import OpenStep, Trail
from bench.loading import Copied
from bench.workload import AFTER_TRACKS, DEADLINE_DAYS, DEADLINE_STEP, ROLE_OF, START, TRACKS, Answers, next_steps


class Contender:
    def prepare(self, users: dict[str, Any]) -> None:
        self.role_of_user = {user.pk: role for role, user in users.items()}

    def start(self, user: Any, answers: Answers) -> int:
        now = timezone.now()
        with transaction.atomic():
            case = Case.objects.create(title="Casus", created=now)
            task = Task.objects.create(
                case=case, step=START, role=ROLE_OF[START], is_open=False, created=now, done_at=now, done_by=user
            )
            Form.objects.create(task=task, answers=plain(answers), by=user, at=now)
            following = next_steps(START, answers)
            Audit.objects.create(case=case, event="started", step=START, by=user, at=now, payload={"to": following})
            self._open(case, following, now)
        return case.pk

    def involve(self, case: int) -> None:
        """Its users belong to every case."""

    def complete(self, case: int, task: int, step: str, user: Any, answers: Answers) -> None:
        now = timezone.now()
        with transaction.atomic():
            found = Task.objects.select_related("case").select_for_update().get(pk=task)
            if not found.is_open or found.role != self.role_of_user[user.pk]:
                raise PermissionDenied
            Form.objects.create(task=found, answers=plain(answers), by=user, at=now)
            found.is_open, found.done_at, found.done_by = False, now, user
            found.save(update_fields=["is_open", "done_at", "done_by"])
            following = next_steps(found.step, answers)
            if found.step in TRACKS and not Task.objects.filter(case=found.case, is_open=True).exists():
                following = (AFTER_TRACKS,)
            Audit.objects.create(
                case=found.case, event="completed", step=found.step, by=user, at=now, payload={"to": following}
            )
            self._open(found.case, following, now)
            if not following and found.step not in TRACKS:
                found.case.is_open = False
                found.case.save(update_fields=["is_open"])

    def _open(self, case: Case, steps: Sequence[str], now: datetime) -> None:
        for step in steps:
            due = now + timedelta(days=DEADLINE_DAYS) if step == DEADLINE_STEP else None
            Task.objects.create(case=case, step=step, role=ROLE_OF[step], created=now, due=due)

    def open_steps(self, case: int) -> Sequence[OpenStep]:
        found = Task.objects.filter(case=case, is_open=True).order_by("pk").values_list("pk", "step")
        return [OpenStep(task, step) for task, step in found]

    def trail(self, case: int) -> Trail:
        return Trail(
            steps=Task.objects.filter(case=case, is_open=False).count(),
            forms=Form.objects.filter(task__case=case).count(),
            records=Audit.objects.filter(case=case).count(),
            is_over=not Case.objects.get(pk=case).is_open and not self.open_steps(case),
        )

    def rows_of(self, case: int) -> Sequence[Copied]:
        return [
            Copied(Case.objects.filter(pk=case)),
            Copied(Task.objects.filter(case=case)),
            Copied(Form.objects.filter(task__case=case)),
            Copied(Audit.objects.filter(case=case)),
        ]


def plain(answers: Answers) -> dict[str, Any]:
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in answers.items()}
