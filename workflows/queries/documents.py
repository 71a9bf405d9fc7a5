"""One file of a case, for who may see the answer that it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from padwijzer.forms.core.field_types import FileAnswer
from padwijzer.workflows.models import Case, Document
from padwijzer.workflows.queries.case_files import LazyAnswers
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
    if found.task.is_open:
        return found if found.uploaded_by_id == user.pk else None
    step = StepInCase(found.task, user, at)
    spec = step.activity.form.field(found.field)
    if spec is None or not step.may_see:
        return None
    answer = LazyAnswers(case, found.task.event, step.activity).get(found.field)
    if not isinstance(answer, FileAnswer) or answer.id != str(found.pk):
        return None
    about, assignment = step.about
    return found if may_see_answer(step.viewers, step.activity, spec, about=about, assignment=assignment) else None
