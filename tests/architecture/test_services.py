"""The tests may trust their own surroundings: the database, the browser, the rule on skipping."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_sqlite_waits_for_its_turn_and_keeps_what_it_wrote() -> None:
    with connection.cursor() as cursor:
        answers = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "busy_timeout")
        ]
    assert answers == ["wal", 2, 20_000]


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_transaction_on_sqlite_holds_the_write_lock_from_its_start() -> None:
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0, isolation_level=None)
    with transaction.atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


@pytest.mark.postgresql
@pytest.mark.django_db
def test_the_suite_really_runs_on_postgresql() -> None:
    assert connection.vendor == "postgresql"


@pytest.mark.once
def test_the_role_of_the_tests_may_make_databases_and_roles(postgresql: str) -> None:
    with psycopg.connect(postgresql) as server:
        row = server.execute(
            "SELECT rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (True, True)


@pytest.mark.django_db(transaction=True)
def test_a_browser_reaches_the_site_that_the_tests_serve(page: Page, live_server: LiveServer) -> None:
    get_user_model().objects.create_user("bezoeker", password="alleen-voor-de-proef")
    page.goto(f"{live_server.url}/inloggen/?next=/documents/none/")
    page.get_by_label("Gebruikersnaam").fill("bezoeker")
    page.get_by_label("Wachtwoord").fill("alleen-voor-de-proef")
    page.get_by_role("button", name="Inloggen").click()
    assert page.url.endswith("/documents/none/")


def run_sample(folder: Path, sample: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on one sample file that uses the same conftest as this suite."""
    (folder / "conftest.py").write_text("from tests.conftest import *\n", encoding="utf-8")
    (folder / "test_sample.py").write_text(sample, encoding="utf-8")
    options = ["-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.once
@pytest.mark.parametrize(("ci", "outcome"), [("", 0), ("true", 1)])
def test_a_skipped_test_fails_the_run_only_under_ci(tmp_path: Path, ci: str, outcome: int) -> None:
    sample = "import pytest\ndef test_left_out():\n    pytest.skip('sample')\ndef test_kept():\n    assert True\n"
    run = run_sample(tmp_path, sample, CI=ci)
    assert "1 passed, 1 skipped" in run.stdout
    assert run.returncode == outcome


@pytest.mark.once
@pytest.mark.parametrize(("ci", "word"), [("", "1 skipped"), ("true", "1 error")])
def test_a_missing_browser_is_named(tmp_path: Path, ci: str, word: str) -> None:
    sample = "def test_page(browser):\n    assert browser\n"
    run = run_sample(tmp_path, sample, CI=ci, PATH=str(tmp_path), PADWIJZER_CHROMIUM="")
    assert word in run.stdout
    assert "Chromium is not available" in run.stdout


@pytest.mark.once
@pytest.mark.parametrize(("ci", "word"), [("", "1 skipped"), ("true", "1 error")])
def test_a_missing_server_is_named(tmp_path: Path, ci: str, word: str) -> None:
    sample = "def test_server(postgresql):\n    assert postgresql\n"
    run = run_sample(tmp_path, sample, CI=ci, PADWIJZER_TEST_PG_PORT="1")
    assert word in run.stdout
    assert "PostgreSQL is not available" in run.stdout


@pytest.mark.once
def test_a_browser_that_is_not_there_is_not_taken_for_there(tmp_path: Path) -> None:
    for program in ("dirname", "env", "id", "sh"):
        (tmp_path / program).symlink_to(shutil.which(program) or program)
    (tmp_path / "id").unlink()
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n", encoding="utf-8")
    (tmp_path / "id").chmod(0o755)
    run = subprocess.run(
        [str(ROOT / ".ci" / "services"), "chromium"],
        env={"PATH": str(tmp_path), "PADWIJZER_CHROMIUM": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (1, "Chromium is not here and could not be installed.\n")
