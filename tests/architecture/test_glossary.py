"""The glossary names what is in the code, and nothing else."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("workflows", "forms", "permissions", "cms")

# Words of the glossary whose code is still to be written. A name leaves this set on the day it is defined.
NOT_YET = {
    "Application",
    "CandidateGroup",
    "Correction",
    "Decision",
    "DefinitionDraft",
    "Escalation",
    "Holder",
    "Meaning",
    "Objection",
    "Parent",
    "Provision",
    "Reason",
    "Referral",
    "Register",
    "RetentionPeriod",
    "Rung",
    "YoungPerson",
    "migrate_case",
    "personal",
    "special_category",
}

pytestmark = pytest.mark.once


def glossary_names() -> list[str]:
    """The names in the first column of every table of the glossary."""
    rows = [
        line for line in (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


def defined_in(path: Path) -> set[str]:
    """Every class, function, field and constant that a module defines, and the words of its own name."""
    names = {path.stem}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Assign(targets=targets):
                names.update(target.id for target in targets if isinstance(target, ast.Name))
    return names


@cache
def names_in_code() -> frozenset[str]:
    """Every name that the four packages define."""
    paths = [
        path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts
    ]
    return frozenset().union(*(defined_in(path) for path in paths))


def is_in_code(name: str) -> bool:
    """Whether the code defines the name; a verb counts when an action or method begins with it."""
    return any(found == name or (name.islower() and found.startswith(f"{name}_")) for found in names_in_code())


def test_the_glossary_has_its_tables() -> None:
    assert len(glossary_names()) > 50


def test_no_name_is_explained_twice() -> None:
    names = glossary_names()
    assert [name for name in names if names.count(name) > 1] == []


@pytest.mark.parametrize("name", sorted(glossary_names()))
def test_a_name_in_the_glossary_is_a_name_in_the_code(name: str) -> None:
    if name in NOT_YET:
        assert not is_in_code(name), f"{name} is now in the code: take it out of NOT_YET."
    else:
        assert is_in_code(name), f"{name} is explained in GLOSSARY.md but defined nowhere."


def test_what_is_not_yet_in_code_is_at_least_in_the_glossary() -> None:
    assert set(glossary_names()) >= NOT_YET
