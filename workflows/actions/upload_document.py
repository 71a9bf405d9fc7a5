"""Keep a file that is an answer to a question of a step, and take one away that was not handed in yet."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from padwijzer.forms.uploads import check
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import open_task, step_ref
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.errors import NotAllowed, Refused
from padwijzer.workflows.models import Document

MOST_FILES = 50
"""How many files one task may hold at a time; nobody needs more, and a loop would fill the disk."""


def upload_document(acting: Acting, task_id: int, field: str, file: File[Any], name: str | None = None) -> Document:
    """
    Keep a file as the answer to a question of an open step; it counts once the step is handed in.

    The history commits to its content by its SHA-256. It lies in private storage, under a name that says nothing.

    Args:
        acting: who, and when.
        task_id: the task.
        field: key of the question, one that asks for a file.
        file: its content, from the start.
        name: what the sender calls it; default that of the file.

    Raises:
        NotAllowed: there is no such task for this user, or no such question.
        Conflict: the step was done already.
        Refused: the step holds as many files as it may.
        UploadRefused: it is too large, not of a kind that is kept, or not what its name says.
    """
    stored: Document | None = None
    try:
        with transaction.atomic():
            task = open_task(acting, task_id, "perform_step").task
            case = task.case
            work = Work(acting, case)
            activity = work.activity(task)
            spec = activity.form.field(field)
            if spec is None or spec.type != "file":
                raise NotAllowed
            if Document.objects.filter(task=task).count() >= MOST_FILES:
                raise Refused(_("This step holds too many files. Take one away first."))
            checked = check(file, name if name is not None else file.name)
            file.seek(0)
            stored = Document(
                case=case,
                task=task,
                field=field,
                name=checked.name,
                type=checked.type,
                size=checked.size,
                sha256=checked.sha256,
                uploaded_by=acting.user,
                uploaded_at=acting.at,
            )
            stored.file.save("", file, save=False)
            stored.save(force_insert=True)
            ref = {
                "document": str(stored.pk),
                "field": field,
                "media_type": checked.type,
                "sha256": checked.sha256,
                "size": checked.size,
            }
            work.note("document.added", {**step_ref(work, task, activity), **ref}, {"name": checked.name})
            work.append()
    except BaseException:
        if stored is not None and stored.file.name:
            with suppress(OSError):  # what made the action fail says more than a file that is gone already
                stored.file.storage.delete(stored.file.name)
        raise
    return stored


def remove_document(acting: Acting, task_id: int, document_id: UUID) -> None:
    """
    Take away a file of one's own from a step that was not handed in yet; its content is destroyed.

    Raises:
        NotAllowed: there is no such file of this user in this task.
        Conflict: the step was done already; its files stay.
    """
    with transaction.atomic():
        task = open_task(acting, task_id, "perform_step").task
        case = task.case
        document = Document.objects.filter(pk=document_id, task=task, uploaded_by=acting.user).first()
        if document is None:
            raise NotAllowed
        work = Work(acting, case)
        ref = {"document": str(document.pk), "field": document.field, "sha256": document.sha256}
        work.note("document.removed", {**step_ref(work, task, work.activity(task)), **ref}, {})
        work.append()
        name, storage = str(document.file.name), document.file.storage
        document.delete()
        transaction.on_commit(lambda: storage.delete(name), robust=True)
