"""The guides in Dutch say what is so: settings, terms, the words on the pages, and lines to type that work."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from padwijzer.permissions.models import RoleAssignment
from padwijzer.workflows.models import Release
from tests.support.messages import catalogue, dutch_of

ROOT = Path(__file__).resolve().parents[2]
ADMIN = ROOT / "docs" / "admin.md"
WORK = ROOT / "docs" / "work.md"
PACKAGES = ("cms", "forms", "permissions", "workflows")
LONGEST = 20

pytestmark = pytest.mark.once


def text_of(guide: Path) -> str:
    return guide.read_text(encoding="utf-8")


def test_every_term_that_no_lawyer_confirmed_is_named_as_such() -> None:
    terms = json.loads((ROOT / "fixtures" / "terms.json").read_text(encoding="utf-8"))["terms"]
    row = re.compile(r"^\| `(\w+)` \| .* \| (?:wet|norm|beleid) \|", re.MULTILINE)
    told = set(row.findall(text_of(ADMIN)))
    assert told == {key for key, term in terms.items() if term.get("verify")}


def test_every_setting_that_the_code_reads_is_explained() -> None:
    read = {
        name
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for name in re.findall(r"\bPADWIJZER_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    assert read == set(re.findall(r"\bPADWIJZER_[A-Z_]+\b", text_of(ADMIN)))


def dutch_words() -> set[str]:
    """Everything the pages and the shipped paths say in Dutch."""
    said = {words for message in catalogue() for words in dutch_of(message)}
    for path in (ROOT / "fixtures" / "paths").glob("*.json"):
        said |= set(re.findall(r'"nl": "([^"]*)"', path.read_text(encoding="utf-8")))
    return said


@pytest.mark.parametrize("guide", [WORK, ADMIN], ids=lambda guide: guide.name)
def test_what_a_guide_says_stands_on_a_page_does(guide: Path) -> None:
    quoted = {" ".join(words.split()) for words in re.findall(r"(?<![*\w])\*([^*]+)\*(?![*\w])", text_of(guide))}
    names = {"uitgave", "[verify]"}  # words the guide explains itself
    assert quoted - names - dutch_words() == set()


@pytest.mark.parametrize("guide", [WORK, ADMIN], ids=lambda guide: guide.name)
def test_the_sentences_of_a_guide_are_short(guide: Path) -> None:
    prose = re.sub(r"```.*?```", "", text_of(guide), flags=re.DOTALL)
    prose = re.sub(r"^[|#].*$", "", prose, flags=re.MULTILINE)
    assert prose.count(".") > 30
    sentences = re.split(r"(?<=[.!?:])\s+|\n\n|\n(?=-|\d\.)", prose)
    long = [" ".join(it.split()) for it in sentences if sum(1 for w in it.split() if re.search(r"\w", w)) > LONGEST]
    assert long == []


@pytest.mark.django_db
def test_the_lines_for_publishing_and_for_a_role_work() -> None:
    for name in ("beheerder", "consulent"):
        get_user_model().objects.create_user(name)
    blocks = re.findall(r"```python\n(.*?)```", text_of(ADMIN), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        typed: dict[str, Any] = {}
        exec(block, typed)  # noqa: S102 - these lines stand in the guide, to be typed
    assert Release.objects.get().number == 1
    assert RoleAssignment.objects.get().role == "jeugdconsulent"
