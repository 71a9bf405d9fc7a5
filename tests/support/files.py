"""A step that asks for a file, and private storage in a folder of the test. No shipped step asks for a file yet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.models import Document

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
QUESTION = "gezin_wil_iemand_erbij"
"""Key of the question of `first_talk` that asks for a file."""


def let_the_first_talk_ask_for_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last question of `first_talk` asks for a file instead."""
    real = Plan.step

    def step(plan: Plan, definition: str, activity: str) -> Any:
        found = real(plan, definition, activity)
        if activity != "first_talk":
            return found
        *others, last = found.activity.fields
        file = replace(last, type="file", required=False, privacy=Privacy.SPECIAL)
        return replace(found, activity=replace(found.activity, fields=(*others, file)))

    monkeypatch.setattr(Plan, "step", step)


def keep_files_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Private storage lies in this folder."""
    field = Document._meta.get_field("file")
    monkeypatch.setattr(field, "storage", FileSystemStorage(location=folder, base_url=None))


def files_in(folder: Path) -> list[Path]:
    """Every file in a folder and below."""
    return [it for it in folder.rglob("*") if it.is_file()]
