"""Files that were handed in: private, outside MEDIA, under names that say nothing."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils.translation import gettext_lazy as _

from padwijzer.workflows.models.cases import Case
from padwijzer.workflows.models.runs import Task


def private_storage() -> FileSystemStorage:
    """Where files lie: `PADWIJZER_PRIVATE_ROOT`, which no web server serves."""
    return FileSystemStorage(location=settings.PADWIJZER_PRIVATE_ROOT, base_url=None)


def private_name(document: Any, _filename: str) -> str:
    """A name that says nothing: the id of the document."""
    return f"{document.id.hex[:2]}/{document.id.hex}"


class Document(models.Model):
    """
    An uploaded file.

    Attributes:
        name: the name it came with, shown to people only.
        type: media type as sniffed from its first bytes.
        sha256: of the content; what the history commits to.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="documents", verbose_name=_("case"))
    task = models.ForeignKey(Task, models.PROTECT, related_name="documents", verbose_name=_("task"))
    field = models.CharField(_("field"), max_length=64)
    file = models.FileField(_("file"), storage=private_storage, upload_to=private_name, max_length=100)
    name = models.CharField(_("name"), max_length=255)
    type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))

    def __repr__(self) -> str:
        return f"<Document {self.id}>"
