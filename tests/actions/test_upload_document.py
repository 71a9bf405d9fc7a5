"""Keeping a file: private, judged, committed to by the history, and gone when the action fails."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile

from padwijzer.forms.uploads import UploadRefused
from padwijzer.workflows.actions import upload_document as uploading
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.upload_document import MOST_FILES, remove_document, upload_document
from padwijzer.workflows.core.errors import Conflict, NotAllowed, Refused
from padwijzer.workflows.models import Document, Event
from tests.support.cases import Family, a_case, a_release, a_user
from tests.support.files import PDF, QUESTION, files_in, keep_files_in, let_the_first_talk_ask_for_a_file

TODAY = datetime.now(UTC).date()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files lie."""
    keep_files_in(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def family(db: None, root: Path, monkeypatch: pytest.MonkeyPatch) -> Family:
    """A case whose first talk asks for a file."""
    let_the_first_talk_ask_for_a_file(monkeypatch)
    a_release(datetime.now(UTC) - timedelta(days=30))
    return a_case(day=TODAY - timedelta(days=3))


def acting_as(user: Any) -> Acting:
    return Acting(user, datetime.now(UTC))


def kept(family: Family, name: str = "verslag.pdf", content: bytes = PDF, **changes: Any) -> Document:
    task = changes.get("task") or family.task("first_talk").pk
    acting = acting_as(changes.get("by", family.worker))
    return upload_document(acting, task, changes.get("field", QUESTION), ContentFile(content), name)


def test_a_file_lies_in_private_storage_under_a_name_that_says_nothing(family: Family, root: Path) -> None:
    document = kept(family, "C:\\zaken\\Noor de Wit.pdf")
    (file,) = files_in(root)
    assert file.read_bytes() == PDF
    assert file.name == document.pk.hex
    assert (document.name, document.type, document.size) == ("Noor de Wit.pdf", "application/pdf", len(PDF))
    assert "Noor" not in repr(document)


def test_the_history_commits_to_the_content_and_says_no_name(family: Family) -> None:
    document = kept(family, "Noor de Wit.pdf")
    envelope = Event.objects.filter(stream=family.case.stream).latest("seq").envelope
    told = json.loads(envelope)
    assert told["type"] == "document.added"
    assert told["ref"]["sha256"] == document.sha256 == hashlib.sha256(PDF).hexdigest()
    assert told["ref"]["document"] == str(document.pk)
    assert "Noor" not in envelope


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("verslag.exe", PDF, "extension"),
        ("foto.png", b"<script>alert(1)</script>", "not_its_kind"),
        ("leeg.pdf", b"", "empty"),
        ("verslag.pdf", b"%PDF-1.7\n/JavaScript (x)\n%%EOF\n", "active"),
        ("groot.pdf", b"%PDF-1.7\n" + b"0" * (20 * 1024 * 1024) + b"%%EOF", "too_large"),
    ],
)
def test_a_file_that_is_not_what_is_kept_leaves_nothing(
    family: Family, root: Path, name: str, content: bytes, code: str
) -> None:
    with pytest.raises(UploadRefused) as refused:
        kept(family, name, content)
    assert refused.value.code == code
    assert not Document.objects.exists()
    assert files_in(root) == []


def test_only_who_may_do_the_step_and_only_where_a_file_is_asked(family: Family, root: Path) -> None:
    stranger = a_user("jeugdconsulent", name="Eva Ander")
    for changes in ({"by": stranger}, {"field": "waarom_nu"}, {"field": "no_such_question"}, {"task": 987654}):
        with pytest.raises(NotAllowed):
            kept(family, **changes)
    assert files_in(root) == []


def test_a_step_that_is_done_takes_no_more_files(family: Family, root: Path) -> None:
    task = family.task("first_talk").pk
    family.does("first_talk", {"waarom_nu": "x", "wil_gezin": "y", "uitleg_steun": "ja"}, TODAY)
    with pytest.raises(Conflict):
        kept(family, task=task)
    assert files_in(root) == []


def test_a_task_holds_no_endless_number_of_files(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "MOST_FILES", 2)
    assert MOST_FILES > 2
    kept(family)
    kept(family)
    with pytest.raises(Refused):
        kept(family)


def test_when_the_action_fails_afterwards_its_content_does_not_stay(
    family: Family, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_keywords: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(uploading.Work, "append", fail)
    with pytest.raises(RuntimeError):
        kept(family)
    assert files_in(root) == []
    assert not Document.objects.exists()


def test_taking_away_destroys_the_content_and_is_written_down(
    family: Family, root: Path, django_capture_on_commit_callbacks: Any
) -> None:
    document = kept(family)
    with django_capture_on_commit_callbacks(execute=True):
        remove_document(acting_as(family.worker), document.task_id, document.pk)
    assert files_in(root) == []
    assert not Document.objects.exists()
    told = json.loads(Event.objects.filter(stream=family.case.stream).latest("seq").envelope)
    assert (told["type"], told["ref"]["document"]) == ("document.removed", str(document.pk))


def test_nobody_takes_away_what_another_put_there_or_what_was_handed_in(family: Family, root: Path) -> None:
    document = kept(family)
    with pytest.raises(NotAllowed):
        remove_document(acting_as(family.worker), document.task_id, uuid4())
    colleague = a_user("jeugdconsulent", name="Rik Smit")
    family.joins(colleague, "jeugdconsulent", TODAY)
    with pytest.raises((NotAllowed, Conflict)):
        remove_document(acting_as(colleague), document.task_id, document.pk)
    answers = {"waarom_nu": "x", "wil_gezin": "y", "uitleg_steun": "ja"}
    family.does("first_talk", {**answers, QUESTION: {"id": str(document.pk), "name": document.name}}, TODAY)
    with pytest.raises(Conflict):
        remove_document(acting_as(family.worker), document.task_id, document.pk)
    assert len(files_in(root)) == 1
