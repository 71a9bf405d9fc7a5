"""`padwijzer conform` plays case scripts and judges the safeguards over what was recorded."""

import json
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.cli import conforming
from padwijzer.workflows.core.packs import national
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.scripts import CaseScript, read_script
from padwijzer.workflows.history.timeline import PastEvent, events_of
from tests.support.cases import a_release

CASES = Path(__file__).parents[2] / "fixtures" / "cases"
FILES = sorted(CASES.glob("*.json"))
T04 = CASES / "T-04.json"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "padwijzer.workflows.cli", "conform", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.once
def test_every_shipped_script_keeps_every_safeguard() -> None:
    played = run("--json", *FILES)
    assert (played.returncode, played.stderr) == (0, "")
    totals = [it for it in lines(played.stdout) if "kept" in it]
    assert [it["case"] for it in totals] == list(map(str, FILES))
    assert all(it["kept"] and it["events"] > 10 and it["flaws"] == 0 for it in totals)


@pytest.mark.once
def test_machines_hear_of_each_safeguard_which_event_fulfilled_it() -> None:
    told = lines(run("--json", T04).stdout)
    judged = [it for it in told if "safeguard" in it]
    assert {it["safeguard"] for it in judged} <= {it.key for it in national().safeguards}
    consent = next(it for it in judged if it["safeguard"] == "consent_before_help")
    assert (consent["about"], consent["standing"], consent["broken_by"]) == ("hulp 1", "kept", None)
    (fulfilled,) = consent["fulfilled_by"]
    assert (fulfilled["definition"], fulfilled["activity"], fulfilled["role"]) == (
        "D-WACHT",
        "help_begins",
        "zorgaanbieder",
    )
    assert f"Gebeurtenis {fulfilled['event']} op 29 juni 2026" in consent["sentences"][0]


@pytest.mark.once
def test_people_read_it_in_dutch_and_no_name_of_anybody() -> None:
    played = run(T04)
    assert played.returncode == 0
    assert played.stdout.splitlines()[0] == str(T04)
    statement = next(it.statement for it in national().safeguards if it.key == "explained_before_consent")
    assert f"Gehouden (hulp 1): {statement}" in played.stdout
    assert "0 gebroken" in played.stdout
    people = json.loads(T04.read_text(encoding="utf-8"))["people"].values()
    assert people
    assert [it["name"] for it in people if it["name"] in played.stdout] == []


@pytest.mark.once
def test_a_script_that_cannot_be_read_is_said_and_nothing_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text('{"schema": 1}', encoding="utf-8")
    played = run("--json", T04, path)
    (told,) = lines(played.stdout)
    assert (played.returncode, told["script"]) == (2, str(path))


@pytest.mark.once
def test_a_script_that_goes_another_way_is_not_judged(tmp_path: Path) -> None:
    source = json.loads(T04.read_text(encoding="utf-8"))
    source["steps"][1]["expect"] = {"blocked": "C1: Dit mag niet."}
    path = tmp_path / "other.json"
    path.write_text(json.dumps(source), encoding="utf-8")
    played = run("--json", path)
    (told,) = lines(played.stdout)
    assert (played.returncode, told["place"], told["reason"]) == (2, "steps[1].expect.blocked", "stuck")
    assert "is niets beoordeeld" in run(path).stdout


# In this process, on the database of the tests


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("activity", "standing", "safeguard"),
    [
        ("short_plan", "broken", "family_plan_before_decision"),
        ("explain", "broken", "explained_before_consent"),
    ],
)
def test_a_history_from_which_an_event_was_taken_out_ends_with_status_1(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    activity: str,
    standing: str,
    safeguard: str,
) -> None:
    a_release()
    monkeypatch.setattr(conforming, "events_of", without(activity))
    status = conforming._conform(Namespace(as_json=True), T04, script(T04))
    told = lines(capsys.readouterr().out)
    assert status == 1
    assert told[0]["flaw"] == "missing"
    assert standing in {it["standing"] for it in told if it.get("safeguard") == safeguard}


def without(activity: str) -> Callable[[str, Callable[[str, str], bool]], list[PastEvent]]:
    """Reads a history without the events of a step."""
    return lambda stream, may_see: [it for it in events_of(stream, may_see) if it.ref.get("activity") != activity]


def script(path: Path) -> CaseScript:
    return read_script(path.read_bytes(), shipped(), frozenset(shipped_roles()))
