"""The demonstration is ready after one command, twice over, and has one door."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("demo")]

QUESTION = """
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
client = Client()
print("users", User.objects.count())
for path in ("/", settings.LOGIN_URL, "/inloggen/signup/", "/admin/", "/admin/login/", "/admin/password_reset/",
             "/django-admin/"):
    answer = client.get(path, HTTP_HOST="127.0.0.1")
    print(path, answer.status_code, answer.get("Location", "-"))
print("policy", client.get("/", HTTP_HOST="127.0.0.1")["Content-Security-Policy"])
page = client.get(settings.LOGIN_URL, HTTP_HOST="127.0.0.1").content.decode()
print("offers signing up:", "signup" in page)
typed = {"login": "beheerder", "password": PASSWORD}
answer = client.post(settings.LOGIN_URL + "?next=/admin/", typed, HTTP_HOST="127.0.0.1")
print("signed in", answer.status_code, answer.get("Location", "-"))
answer = client.get("/admin/", HTTP_HOST="127.0.0.1")
print("admin", answer.status_code, answer["Content-Security-Policy"])
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this demonstration keeps everything."""
    return tmp_path_factory.mktemp("demo")


def manage(data: Path, *words: str, **environment: str) -> str:
    ours = {"DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}  # of these tests, not of a demonstration
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        [sys.executable, str(ROOT / "demo" / "manage.py"), *words],
        cwd=ROOT,
        env={**inherited, "PADWIJZER_DATA": str(data), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def passwords_in(introduction: str) -> dict[str, str]:
    """User name to password, as the command prints them."""
    rows = introduction.partition("gebruikersnaam")[2].splitlines()[1:]
    return {words[0]: words[1] for row in rows if len(words := row.split()) >= 4}


@pytest.fixture(scope="module")
def introduction(data: Path) -> str:
    """What the command prints the first time."""
    return manage(data, "padwijzer_demo", "--address", "http://127.0.0.1:8123")


def test_the_command_prints_addresses_user_names_and_passwords(introduction: str) -> None:
    assert "http://127.0.0.1:8123/admin/" in introduction
    assert len(passwords_in(introduction)) >= 10


def test_running_it_again_gives_the_same_people_the_same_passwords(data: Path, introduction: str) -> None:
    assert passwords_in(manage(data, "padwijzer_demo")) == passwords_in(introduction)


def test_secrets_are_for_their_owner_alone(data: Path, introduction: str) -> None:
    assert introduction
    assert {(data / name).stat().st_mode & 0o077 for name in ("secret-key", "passwords.json")} == {0}


def test_there_is_one_door_and_nobody_signs_up(data: Path, introduction: str) -> None:
    password = passwords_in(introduction)["beheerder"]
    answers = manage(data, "shell", "--no-imports", "--command", f"PASSWORD = {password!r}\n{QUESTION}")
    found = dict(re.findall(r"^(/\S*) (\d+ \S+)$", answers, re.MULTILINE))
    assert found["/"] == "200 -"
    assert found["/inloggen/login/"] == "200 -"
    assert found["/admin/"] == "302 /inloggen/login/?next=/admin/"
    assert found["/admin/login/"].startswith("302 /inloggen/login/")
    assert found["/admin/password_reset/"].startswith("404")
    assert found["/django-admin/"].startswith("404")
    assert "offers signing up: False" in answers
    assert "signed in 302 /admin/" in answers
    policy, admin = re.findall(r"^(?:policy|admin 200) (.*)$", answers, re.MULTILINE)
    assert "unsafe" not in policy
    assert "'unsafe-inline'" in admin


def test_a_server_with_its_own_secrets_has_nothing_to_complain_of(data: Path, introduction: str) -> None:
    assert introduction
    manage(
        data,
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        PADWIJZER_DEBUG="0",
        PADWIJZER_SECRET_KEY="s" * 30 + "0123456789abcdefghijklmnopqrstuvwxyz",
        PADWIJZER_HOSTS="padwijzer.gemeente-voorbeeld.example",
        PADWIJZER_BASE_URL="https://padwijzer.gemeente-voorbeeld.example",
    )
