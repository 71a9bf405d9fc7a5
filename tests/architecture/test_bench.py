"""The measurements measure the same work, and their gates close."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.reporting import Speed, failures

ROOT = Path(__file__).resolve().parents[2]
CONTENDERS = {"floor_orm", "viewflow_plain", "padwijzer_actions"}
RIGHT = Speed(
    name="padwijzer_actions",
    plain=2.0,
    whole=2.5,
    milliseconds=4.0,
    cpu=2.0,
    statements=12,
    mean_statements=13.5,
    worst="30 (start)",
    savepoints=0,
)

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("bench") / "steps.json"
    size = ["--open-cases", "5", "--rounds", "1", "--age", "30", "--pairs", "2", "--no-gates"]
    run = subprocess.run(
        [sys.executable, "bench/bench_steps.py", "--database", "sqlite", *size, "--json", str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return found


def test_every_contender_does_the_same_work(tiny_run: dict[str, Any]) -> None:
    whole_case = {"steps": 25, "forms": 25, "records": 25, "is_over": True}
    assert tiny_run["trails"] == dict.fromkeys(CONTENDERS, whole_case)


def test_the_tables_of_every_contender_are_filled_with_whole_copies(tiny_run: dict[str, Any]) -> None:
    assert tiny_run["loaded"].keys() == CONTENDERS
    for name, rows in tiny_run["loaded"].items():
        copies, rest = divmod(rows, 4)
        assert rest == 0, name
        assert copies > 25, name


def test_the_parts_of_a_step_are_the_whole_of_it(tiny_run: dict[str, Any]) -> None:
    shares = [part["share"] for part in tiny_run["shares"]]
    assert sum(shares) == pytest.approx(1)
    assert {"COMMIT", "the rest: Python"} <= {part["what"] for part in tiny_run["shares"]}


def test_a_step_within_the_limits_passes_the_gates() -> None:
    assert failures(RIGHT, 0.099, "postgresql") == []


def test_each_limit_is_a_gate_of_its_own_on_postgresql() -> None:
    assert len(failures(replace(RIGHT, plain=2.01), 0.0, "postgresql")) == 1
    assert len(failures(replace(RIGHT, statements=13), 0.0, "postgresql")) == 1
    assert len(failures(RIGHT, 0.1, "postgresql")) == 1


def test_on_sqlite_only_growth_is_a_gate() -> None:
    assert failures(replace(RIGHT, plain=9.0, statements=99), 0.0, "sqlite") == []
    assert len(failures(RIGHT, 0.1, "sqlite")) == 1
