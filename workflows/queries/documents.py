"""The files of a case, each for who may see the answer that it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from padwijzer.forms.core.field_types import FileAnswer
from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.models import OPEN, Case, Document, Task
from padwijzer.workflows.queries.case_files import LazyAnswers
from padwijzer.workflows.queries.inbox import PERSON_TASK
from padwijzer.workflows.queries.steps import StepInCase
from padwijzer.workflows.queries.viewing import may_see_answer


def document_for(case: Case, document: UUID, user: Any, at: datetime) -> Document | None:
    """
    A file, when somebody may see it; else None.

    A file of a step that was not handed in yet is part of a draft: only who put it there sees it. Afterwards it is an
    answer like any other, and files that were replaced before it was handed in are nobody's.

    Args:
        case: the case; the caller knows that this user may see it.
        document: id of the file.
        user: who asks.
        at: now, with time zone.
    """
    found: Document | None = (
        Document.objects.filter(case=case, pk=document).select_related("task__process", "task__case__release").first()
    )
    if found is None:
        return None
    return found if _Asked(StepInCase(found.task, user, at)).shows(found) else None


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a case. Args: document: the file; step: title of the step it belongs to; question: that asked it."""

    document: Document
    step: str
    question: str


@dataclass(frozen=True, slots=True)
class AsksForFile:
    """An open step that asks for a file. Args: task: id of its task; step: its title; question: that asks it."""

    task: int
    step: str
    question: str


def documents_of(case: Case, user: Any, at: datetime) -> tuple[Kept, ...]:
    """
    The files of a case that somebody may see, the newest first.

    Args:
        case: the case; the caller knows that this user may see it.
        user: who asks.
        at: now, with time zone.
    """
    found = Document.objects.filter(case=case).select_related(
        "uploaded_by", "task__process", "task__owner", "task__completed_by", "task__case__release"
    )
    steps: dict[int, _Asked] = {}
    kept = []
    for document in found.order_by("-uploaded_at", "pk"):
        if document.task_id not in steps:
            steps[document.task_id] = _Asked(StepInCase(document.task, user, at))
        asked = steps[document.task_id]
        if asked.shows(document):
            kept.append(Kept(document, in_language(asked.step.activity.title), asked.question(document.field)))
    return tuple(kept)


def steps_that_ask(case: Case, user: Any, at: datetime) -> tuple[AsksForFile, ...]:
    """The open steps in which somebody can hand in a file now, the oldest first. Args: as `documents_of`."""
    tasks = Task.objects.filter(case=case, status__in=OPEN, flow_task_type=PERSON_TASK)
    found = []
    for task in tasks.select_related("process", "owner", "completed_by", "case__release").order_by("pk"):
        step = StepInCase(task, user, at)
        wanted = next((it for it in step.activity.form.fields if it.type == "file"), None)
        if wanted is not None and step.may_perform:
            found.append(AsksForFile(task.pk, in_language(step.activity.title), in_language(wanted.label)))
    return tuple(found)


class _Asked:
    """A step with its answers that are files. Args: step: the step, for who looks."""

    def __init__(self, step: StepInCase) -> None:
        self.step = step

    def shows(self, document: Document) -> bool:
        """Whether who looks may see a file of this step."""
        step = self.step
        if step.task.is_open:
            return bool(document.uploaded_by_id == step.user.pk)
        spec = step.activity.form.field(document.field)
        if spec is None or not step.may_see:
            return False
        answer = self._answers.get(document.field)
        if not isinstance(answer, FileAnswer) or answer.id != str(document.pk):
            return False
        about, assignment = step.about
        return may_see_answer(step.viewers, step.activity, spec, about=about, assignment=assignment)

    def question(self, field: str) -> str:
        """The question that a file answers; empty when the step no longer has it."""
        spec = self.step.activity.form.field(field)
        return in_language(spec.label) if spec is not None else ""

    @cached_property
    def _answers(self) -> LazyAnswers:
        return LazyAnswers(self.step.case, self.step.task.event, self.step.activity)
