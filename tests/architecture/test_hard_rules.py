"""`docs/hard-rules.md` has a place for every rule that nobody can set aside, and what it names is there."""

import ast
import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from padwijzer.workflows.core.definition import Activity, OpenDuty, ProcessDefinition
from padwijzer.workflows.core.packs import national
from padwijzer.workflows.core.releases import shipped

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "hard-rules.md").read_text(encoding="utf-8")
COVERAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
SAYS_HARD = {"C2", "C9", "C34"}
"""The rules of which the sources themselves say that they are hard."""
OPEN = ("not kept: ", "not yet: ")
"""How a rule that is not kept says why."""
EFFECTS = {"block", "deviation", "task", "alarm"}

pytestmark = pytest.mark.once


class Placed(NamedTuple):
    """A row about a rule. Args: kept: pairs of how it is kept and by what; open_: what is still open, or empty."""

    rule: str
    text: str
    class_: str
    certainty: str
    kept: tuple[tuple[str, str], ...]
    open_: str


def section(title: str) -> list[list[str]]:
    """The cells of the rows of the table under a heading."""
    body = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = [line for line in body.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in rows[1:]]


def kept_by(cell: str) -> tuple[tuple[str, str], ...]:
    """What a cell names: each part is one or more ways, "of" or not, and names in code type."""
    found = []
    for part in cell.split("; ") if cell != "–" else []:
        matched = re.fullmatch(r"((?:\w+(?: and )?)+)(?: of)? (`[^`]+`(?:, `[^`]+`)*)", part)
        assert matched, part
        names = re.findall(r"`([^`]+)`", matched[2])
        for way in matched[1].split(" and "):
            one = way if len(names) == 1 else {"duties": "duty"}.get(way, way.removesuffix("s"))
            assert one != way or len(names) == 1, part
            found += [(one, name) for name in names]
    return tuple(found)


def placed(title: str) -> list[Placed]:
    return [
        Placed(rule, text, class_, certainty, kept_by(kept), "" if open_ == "–" else open_)
        for rule, text, class_, certainty, kept, open_ in section(title)
    ]


HARD = placed("Rules that nobody can set aside")
UNLESS = placed("Rules about order, presence or duty that only a reason can set aside")
APART = section("Safeguards that rest on no rule above")
OTHER = section("The other rules")
ALL = [*HARD, *UNLESS]
NAMED = sorted({pair for row in ALL for pair in row.kept})


@cache
def paths() -> dict[str, ProcessDefinition]:
    return dict(shipped(include_skeletons=True).definitions)


def step(name: str) -> Activity:
    definition, _, activity = name.partition(".")
    return paths()[definition].activity(activity)


@cache
def names_of_tests(path: str) -> set[str]:
    """The tests of a file, also those in a class."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def is_there(way: str, name: str) -> bool:
    """Whether what the page names exists."""
    match way:
        case "safeguard":
            return name in {it.key for it in national().safeguards}
        case "step":
            return bool(step(name).key)
        case "question":
            asked = step(name.rpartition(".")[0]).form.field(name.rpartition(".")[2])
            return asked is not None and asked.required
        case "duty":
            opened = [it.what for it in step(name.rpartition(".")[0]).opens]
            return name.rpartition(".")[2] in {what.duty for what in opened if isinstance(what, OpenDuty)}
        case "term":
            return name in json.loads((ROOT / "fixtures" / "terms.json").read_text(encoding="utf-8"))["terms"]
        case "test":
            path, _, test = name.partition("::")
            return test in names_of_tests(path)
        case _:
            assert way in EFFECTS, way
            return way in {rule.effect.value for rule in step(name).rules}


def test_every_rule_has_one_place() -> None:
    rules = [row.rule for row in ALL] + [rule for row in OTHER for rule in row[1].split(", ")]
    assert sorted(rules, key=lambda rule: int(rule[1:])) == [f"C{number}" for number in range(1, 75)]


def test_what_the_sources_call_hard_stands_among_the_hard_rules() -> None:
    assert {row.rule for row in HARD if row.class_ == "HARD"} == SAYS_HARD
    assert {row.class_ for row in HARD} == {"HARD", "HARD*"}
    assert {row.class_ for row in UNLESS} == {"AFWIJK"}


@pytest.mark.parametrize(("way", "name"), NAMED)
def test_what_keeps_a_rule_exists(way: str, name: str) -> None:
    assert is_there(way, name)


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.rule)
def test_a_rule_is_shown_to_be_kept_or_says_why_not(row: Placed) -> None:
    ways = {way for way, _ in row.kept}
    assert row.text
    assert "[" in row.certainty
    assert row.kept or row.open_.startswith(OPEN)
    assert not row.kept or ways & {"safeguard", "test"}, "a step alone shows nothing"


@pytest.mark.parametrize("row", HARD, ids=lambda row: row.rule)
def test_a_step_or_rule_that_keeps_a_hard_rule_has_a_test(row: Placed) -> None:
    assert not row.kept or any(way == "test" for way, _ in row.kept)


def test_every_step_that_is_open_is_a_step() -> None:
    for row in ALL:
        for name in re.findall(r"`([^`]+\.[^`]+)`", row.open_):
            assert step(name).key


def test_every_national_safeguard_has_a_place_with_its_ground() -> None:
    said: dict[str, set[str]] = {key.strip("`"): set(re.findall(r"R\d+", ground)) for key, ground in APART}
    for row in ALL:
        for way, key in row.kept:
            if way == "safeguard":
                said.setdefault(key, set()).add(row.rule)
    for safeguard in national().safeguards:
        missing = {it for it in safeguard.ground if it.startswith("C")} - said.get(safeguard.key, set())
        assert said.get(safeguard.key), safeguard.key
        assert not missing, safeguard.key
    assert set(said) == {it.key for it in national().safeguards}


def test_every_mark_of_doubt_of_a_safeguard_stands_with_its_rule() -> None:
    certainty = {row.rule: row.certainty for row in ALL}
    for safeguard in national().safeguards:
        if safeguard.verify:
            assert any("[verify]" in certainty.get(it, "") for it in safeguard.ground), safeguard.key


def test_every_requirement_on_which_a_safeguard_rests_names_it_in_the_coverage() -> None:
    rows = dict(re.findall(r"^\| (R\d+) \| (.*) \|$", COVERAGE, re.MULTILINE))
    for safeguard in national().safeguards:
        for requirement in safeguard.ground:
            assert requirement[0] == "C" or f"`{safeguard.key}`" in rows[requirement], (requirement, safeguard.key)
