"""`docs/language.md` describes every key that a definition can have, and no other."""

import ast
import re
from enum import StrEnum
from pathlib import Path

import pytest

from padwijzer.forms.core.schema import Privacy, Scope
from padwijzer.workflows.core import definition
from padwijzer.workflows.core.facts import facts

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
READERS = ("workflows/core/reading.py", "forms/core/reading.py")
SECTIONS = {
    "_definition": "Definition",
    "_parameter": "Parameter",
    "_activity": "Activity",
    "_exit": "Exit",
    "_target": "Target",
    "_rows_source": "Rows",
    "_call": "Call",
    "_rule": "Rule",
    "_record": "Record",
    "_source": "Source",
    "_open": "Opens",
    "_deadline": "Deadline",
    "_instead": "Instead",
    "_anchor": "Anchor",
    "_notify": "Notification",
    "_track": "Track",
    "_opener": "Opener",
    "_read_condition": "Condition",
    "read_term": "Term",
    "read_collection": "Collection",
    "read_filter": "Filter",
    "_read_question": "Count",
    "_read_column_compare": "Line of a filter",
    "_read_right": "Value",
    "_read_side": "Side",
    "read_field": "Field",
    "read_choice": "Choice",
    "read_column": "Column",
}
"""What reads an object to where its keys are described."""

FOUND_BY = (*sorted((ROOT / "workflows" / "core" / "structure").glob("*.py")), ROOT / "workflows/core/compiling.py")
"""Where findings of the structure are made."""
SAYS = {"error", "warning", "say", "Finding"}
"""What makes one: its first argument is the code."""

pytestmark = pytest.mark.once


def known() -> dict[str, set[str]]:
    """Reader to the keys that it knows: those that it names to `Node.object`."""
    found: dict[str, set[str]] = {}
    for name in READERS:
        for function in ast.parse((ROOT / name).read_text(encoding="utf-8")).body:
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "object":
                    strings = {it.value for it in ast.walk(call) if isinstance(it, ast.Constant)}
                    found.setdefault(function.name, set()).update(map(str, strings))
    return found


def section(heading: str) -> str:
    """What stands under a heading, up to the next one."""
    (found,) = re.findall(rf"^##+ {heading}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def described(heading: str) -> list[str]:
    """The keys in the table under a heading."""
    cells = re.findall(r"^\| (`[^|]*`) \|", section(heading), re.MULTILINE)
    return [key for cell in cells for key in re.findall(r"`(\w+)`", cell)]


def test_every_reader_of_an_object_has_its_section() -> None:
    assert known().keys() == SECTIONS.keys()


@pytest.mark.parametrize(("reader", "heading"), SECTIONS.items())
def test_every_key_is_described_once_and_no_other_is(reader: str, heading: str) -> None:
    keys = described(heading)
    assert set(keys) == known()[reader]
    assert len(keys) == len(set(keys))


def test_a_key_that_nobody_describes_would_be_found() -> None:
    assert "skippable" in described("Activity")
    assert "rung" not in described("Column")


@pytest.mark.parametrize(
    ("kind", "heading"),
    [
        (definition.Kind, "Activity"),
        (definition.Obligation, "Activity"),
        (definition.RunScope, "Definition"),
        (definition.Effect, "Rule"),
        (definition.Moment, "Opens"),
        (definition.Owner, "Opens"),
        (definition.RecordEvent, "Anchor"),
        (Privacy, "Field"),
        (Scope, "Field"),
    ],
)
def test_every_value_of_a_closed_list_is_described(kind: type[StrEnum], heading: str) -> None:
    words = set(re.findall(r"\w+", section(heading)))
    assert {member.value for member in kind} - words == set()


@pytest.mark.parametrize("name", sorted(facts()))
def test_the_line_of_a_fact_names_its_arguments(name: str) -> None:
    rows = [line.split("|") for line in section("Facts").splitlines() if line.startswith("| `")]
    (line,) = (row for row in rows if f"`{name}`" in row[1])
    given = set(re.findall(r"`(\w+)`", line[2]))
    assert {argument.name for argument in facts()[name].spec.arguments} - given == set()


def test_what_a_representative_may_do_is_described() -> None:
    assert "`representative_of`" in section("What the registers say")


def codes() -> dict[str, set[str]]:
    """The code of each finding of the structure to what makes it: `error` and `Finding` forbid publishing."""
    found: dict[str, set[str]] = {}
    for path in FOUND_BY:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            for constant in ast.walk(call.args[0]) if name in SAYS else ():
                # The name that a choice between two codes compares with is no code.
                if (
                    isinstance(constant, ast.Constant)
                    and isinstance(constant.value, str)
                    and constant.value != "outcome"
                ):
                    found.setdefault(constant.value.removeprefix("structure."), set()).add(name)
    return found


@pytest.mark.parametrize("name", ["calls", "choices", "clocks", "performers", "routes"])
def test_what_leads_nowhere_is_found_with_a_hint(name: str) -> None:
    source = (ROOT / "workflows" / "core" / "structure" / f"{name}.py").read_text(encoding="utf-8")
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in SAYS:
            assert len(call.args) == len(("code", "where", "message", "hint")), ast.unparse(call)


def described_codes() -> dict[str, bool]:
    """The codes in the tables of findings, and whether each is marked as standing in the way."""
    (part,) = re.findall(r"^## What is found in the structure\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    cells = re.findall(r"^\| (`[^|]*) \|", part, re.MULTILINE)
    listed = [(code, bool(mark)) for cell in cells for code, mark in re.findall(r"`(\w+)`( \*\*!\*\*)?", cell)]
    assert len(listed) == len(dict(listed))
    return dict(listed)


def test_every_finding_of_the_structure_is_described_once() -> None:
    assert described_codes().keys() == codes().keys()


def test_what_stands_in_the_way_of_publishing_is_marked() -> None:
    marked = described_codes()
    for code, says in codes().items():
        if says <= {"error", "Finding"}:
            assert marked[code], code
        if says == {"warning"}:
            assert not marked[code], code
