import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.actions.play_case import Outcome, play_case
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.scripts import REFUSALS, CaseScript, Expectation, Kind, read_script
from padwijzer.workflows.models import Case
from tests.support.cases import a_release

CASES = Path(__file__).parents[2] / "fixtures" / "cases"
FILES = sorted(CASES.glob("*.json"))
RELEASE = shipped()
ROLES = frozenset(shipped_roles())

each_script = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@pytest.fixture
def _release(db: None) -> None:
    a_release()


def document(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def script(source: dict[str, Any]) -> CaseScript:
    return read_script(json.dumps(source), RELEASE, ROLES)


def failing(outcomes: Iterator[Outcome]) -> list[str]:
    return [outcome.place for outcome in outcomes if not outcome.holds]


def other(expectation: Expectation) -> Expectation:
    """The same expectation of something else."""
    match expectation.expected:
        case bool(expected):
            return replace(expectation, expected=not expected)
        case list(expected):
            return replace(expectation, expected=[*expected, "iets anders"])
        case str(expected) if expectation.kind in (Kind.DUE, Kind.RECORDS) and expected[:2] == "20":
            return replace(expectation, expected=(date.fromisoformat(expected) + timedelta(days=1)).isoformat())
        case expected:
            return replace(expectation, expected=f"{expected} en anders")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "padwijzer.workflows.cli", "play", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# In this process, on the database of the tests


@each_script
@pytest.mark.usefixtures("_release")
def test_everything_that_a_script_expects_is_so(path: Path) -> None:
    played = script(document(path))
    outcomes = list(play_case(played))
    assert failing(iter(outcomes)) == []
    assert {outcome.place for outcome in outcomes} == {expectation.place for expectation in played.expectations}


@each_script
@pytest.mark.usefixtures("_release")
def test_every_expectation_of_a_script_is_looked_at(path: Path) -> None:
    played = script(document(path))
    changed = replace(
        played,
        steps=tuple(replace(step, expectations=tuple(map(other, step.expectations))) for step in played.steps),
    )
    assert failing(play_case(changed)) == [expectation.place for expectation in in_order(changed)]


def in_order(played: CaseScript) -> Iterator[Expectation]:
    """Expectations in the order in which they are looked at: of each step, first what refuses it."""
    for step in played.steps:
        refusals = {
            expectation.kind: expectation for expectation in step.expectations if expectation.kind in REFUSALS
        }
        yield from (refusals[kind] for kind in REFUSALS if kind in refusals)
        yield from (expectation for expectation in step.expectations if expectation.kind not in REFUSALS)


@each_script
@pytest.mark.usefixtures("_release")
def test_a_refusal_that_the_script_does_not_expect_is_named_and_ends_it(path: Path) -> None:
    source = document(path)
    refused = [step for step in source["steps"] if step.get("expect", {}).keys() & {kind.value for kind in REFUSALS}]
    if not refused:
        pytest.fail("Every script shows something that cannot be.")
    for kind in REFUSALS:
        refused[0]["expect"].pop(kind.value, None)
    number = source["steps"].index(refused[0])
    assert failing(play_case(script(source))) == [f"steps[{number}].do"]


@pytest.mark.usefixtures("_release")
def test_a_refusal_that_does_not_come_is_named_and_ends_the_script() -> None:
    source = document(CASES / "T-04.json")
    source["steps"][1]["expect"] = {"blocked": "C1: Dit mag niet.", "open": "V.close_together"}
    assert failing(play_case(script(source))) == ["steps[1].expect.blocked"]


@pytest.mark.usefixtures("_release")
def test_a_step_that_is_not_open_cannot_be_done() -> None:
    source = document(CASES / "T-04.json")
    step = {"at": "2026-03-02T11:00", "as": "hanna", "do": "complete", "step": "V.close_together"}
    source["steps"] = [source["steps"][0], {**step, "expect": {"refused": "not_open"}}]
    assert failing(play_case(script(source))) == []


@pytest.mark.usefixtures("_release")
def test_of_a_step_that_is_open_twice_the_script_says_which() -> None:
    source = document(CASES / "T-02.json")
    number = next(i for i, it in enumerate(source["steps"]) if it.get("step") == "D-TOEST.who_consents@kliniek")
    source["steps"] = source["steps"][: number + 1]
    source["steps"][number]["step"] = "D-TOEST.who_consents"
    source["steps"][number]["expect"] = {"refused": "open_more_than_once"}
    assert failing(play_case(script(source))) == []


@pytest.mark.usefixtures("_release")
def test_somebody_without_the_role_for_a_step_is_refused() -> None:
    source = document(CASES / "T-04.json")
    source["people"]["piet"] = {**source["people"]["hanna"], "name": "Piet"}  # two: nobody holds what comes next
    step = {"at": "2026-03-02T11:00", "as": "ilse", "do": "complete", "step": "V.first_talk"}
    source["steps"] = [*source["steps"][:2], {**step, "expect": {"refused": "not_allowed"}}]
    assert failing(play_case(script(source))) == []


@pytest.mark.usefixtures("_release")
def test_two_scripts_do_not_see_each_other() -> None:
    for _ in range(2):
        assert failing(play_case(script(document(CASES / "N-03-nobody-with-authority.json")))) == []
    assert Case.objects.count() == 2


# As a command


@pytest.mark.once
def test_the_command_plays_scripts_and_says_that_all_is_so() -> None:
    played = run(CASES / "T-04.json", CASES / "N-03-nobody-with-authority.json")
    assert (played.returncode, played.stderr) == (0, "")
    assert [line.partition(": ")[2].partition(" ")[2] for line in played.stdout.splitlines()] == [
        "expectations, all so.",
        "expectations, all so.",
    ]


def changed_text(path: Path, old: str, new: str) -> str:
    text = path.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new)


@pytest.mark.once
@pytest.mark.parametrize(
    ("old", "new", "kind", "about"),
    [
        ('"V.first_talk": "2026-03-16"', '"V.first_talk": "2026-03-17"', "due", "V.first_talk"),
        ('"blocked": "C12: Dit kan alleen', '"blocked": "C13: Dit kan alleen', "blocked", ""),
        ('"started_on": "2026-06-29"', '"started_on": "2026-06-30"', "records", "begeleiding.started_on"),
    ],
)
def test_one_changed_date_or_block_is_named_with_exit_status_1(
    tmp_path: Path, old: str, new: str, kind: str, about: str
) -> None:
    path = tmp_path / "changed.json"
    path.write_text(changed_text(CASES / "T-04.json", old, new), encoding="utf-8")
    played = run("--json", path)
    failed, summary = map(json.loads, played.stdout.splitlines())
    assert (played.returncode, failed["kind"], failed["about"]) == (1, kind, about)
    assert failed["place"].endswith(about or kind)
    assert failed["expected"] != failed["found"]
    assert summary == {**summary, "failed": 1, "not_reached": 0}


@pytest.mark.once
def test_in_words_the_place_the_expected_and_the_found_are_said(tmp_path: Path) -> None:
    path = tmp_path / "changed.json"
    path.write_text(changed_text(CASES / "T-04.json", '"V.first_talk": "2026-03-16"', '"V.first_talk": "2026-03-17"'))
    played = run(path)
    assert played.returncode == 1
    assert played.stdout.splitlines()[:3] == [
        f"{path}: steps[1].expect.due.V.first_talk (V.first_talk)",
        '    expected: "2026-03-17"',
        '    found:    "2026-03-16"',
    ]


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"schema": 1,', "line 1, column 14"),
        ('{"schema": 1}', "(the whole)"),
        ('{"schema": 1, "schema": 1}', "schema"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place_and_nothing_is_played(
    tmp_path: Path, text: str, place: str
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text, encoding="utf-8")
    played = run("--json", CASES / "T-04.json", path)
    (told,) = map(json.loads, played.stdout.splitlines())
    assert played.returncode == 2
    assert told == {"script": str(path), "place": place, "reason": told["reason"]}
    assert told["reason"]


@pytest.mark.once
def test_an_unknown_key_is_unreadable(tmp_path: Path) -> None:
    source = copy.deepcopy(document(CASES / "T-04.json"))
    source["steps"][4]["expects"] = {}
    path = tmp_path / "unknown.json"
    path.write_text(json.dumps(source), encoding="utf-8")
    played = run(path)
    assert played.returncode == 2
    assert f"{path}: steps[4].expects: Unknown key." in played.stdout


@pytest.mark.once
def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    played = run(tmp_path / "nowhere.json")
    assert (played.returncode, played.stderr) == (2, "")
    assert "cannot be opened" in played.stdout
