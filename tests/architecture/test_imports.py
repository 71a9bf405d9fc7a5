"""The import contracts hold, and each of them notices the fault it was written for."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("workflows", "forms", "permissions", "cms")
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
]

pytestmark = pytest.mark.once


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of Python that must not be written, and the contract that must say so."""

    file: str
    line: str
    contract: str


DOWNWARD = "The four packages form one downward line"
INSIDE = "Inside workflows, requests flow down"
SHOWING = "Inside forms, showing stands on the core"
PLAIN = "The core is plain Python"
ENGINE = "Only the engine knows Viewflow, and models/runs.py for its two base classes"
WAGTAIL = "Only the cms knows Wagtail"
HISTORY = "Only actions append to the history"

FAULTS = (
    Fault("permissions/planted.py", "import padwijzer.forms.core", DOWNWARD),
    Fault("forms/planted.py", "import padwijzer.workflows.core", DOWNWARD),
    Fault("workflows/core/planted.py", "import padwijzer.cms.apps", DOWNWARD),
    Fault("workflows/models/planted.py", "import padwijzer.workflows.actions", INSIDE),
    Fault("workflows/history/planted.py", "import padwijzer.workflows.queries", INSIDE),
    Fault("workflows/somewhere/__init__.py", "", INSIDE),
    Fault("forms/core/planted.py", "import padwijzer.forms.rendering", SHOWING),
    Fault("workflows/core/planted.py", "import django.utils.timezone", PLAIN),
    Fault("forms/core/planted.py", "import padwijzer.permissions.apps", PLAIN),
    Fault("workflows/actions/planted.py", "import viewflow.workflow", ENGINE),
    Fault("workflows/models/planted.py", "import viewflow.workflow.models", ENGINE),
    Fault("cms/planted.py", "import viewflow.fsm", ENGINE),
    Fault("permissions/planted.py", "import wagtail.models", WAGTAIL),
    Fault("workflows/engine/planted.py", "import padwijzer.workflows.history.append", HISTORY),
    Fault("cms/planted.py", "from padwijzer.workflows.history import append", HISTORY),
)


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the tree at `root`, links included."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def broken_contracts(run: subprocess.CompletedProcess[str]) -> set[str]:
    """The names of the contracts that import-linter reports on, each a heading of its own."""
    assert re.search(r"Contracts: \d+ kept, \d+ broken", run.stdout), run.stdout + run.stderr
    return {name for name in CONTRACTS if f"\n{name}\n{'-' * len(name)}\n" in run.stdout}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the code and its links, in which a fault may be planted."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copytree(ROOT / "src", tmp_path / "src", symlinks=True)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "forms" / "rendering.py").touch()
    return tmp_path


def test_every_contract_holds() -> None:
    run = lint_imports(ROOT)
    assert (broken_contracts(run), run.returncode) == (set(), 0)


def test_every_contract_has_a_fault_that_breaks_it() -> None:
    assert {fault.contract for fault in FAULTS} == set(CONTRACTS)


def test_the_copy_without_a_fault_keeps_every_contract(tree: Path) -> None:
    run = lint_imports(tree)
    assert (broken_contracts(run), run.returncode) == (set(), 0)


@pytest.mark.parametrize(
    "fault", FAULTS, ids=lambda fault: f"{fault.file}: {fault.line or 'a folder without a place'}"
)
def test_a_planted_fault_breaks_the_contract_meant_for_it(tree: Path, fault: Fault) -> None:
    planted = tree / fault.file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(fault.line + "\n", encoding="utf-8")
    run = lint_imports(tree)
    assert fault.contract in broken_contracts(run), run.stdout
    assert run.returncode != 0
