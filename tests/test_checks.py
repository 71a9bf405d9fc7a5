"""System checks: each speaks when its setting is wrong, says which line to add, and is silent when it is right."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path
from viewflow.workflow import lock

from padwijzer.workflows.checks import (
    MANY_FIELDS,
    SQLITE_OPTIONS,
    one_step_at_a_time_moves_a_case,
    the_site_has_the_lines_of_the_readme,
)
from padwijzer.workflows.engine.building import PathFlow

APPS = ("padwijzer.permissions", "padwijzer.forms", "padwijzer.cms", "viewflow.workflow")
SQLITE: Mapping[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "NAME": "x", "OPTIONS": dict(SQLITE_OPTIONS)}
ABSENT = object()


def found() -> dict[str, checks.CheckMessage]:
    """What the checks of the settings say, by their number."""
    messages = [*the_site_has_the_lines_of_the_readme(), *one_step_at_a_time_moves_a_case()]
    assert len({it.id for it in messages}) == len(messages), "one sentence for one thing"
    return {str(it.id).removeprefix("padwijzer."): it for it in messages}


def said_with(**changed: Any) -> dict[str, checks.CheckMessage]:
    given = {key: it for key, it in changed.items() if it is not ABSENT and key != "DATABASES"}
    with override_settings(**given), pytest.MonkeyPatch.context() as patch:
        if "DATABASES" in changed:
            patch.setattr(django_settings, "DATABASES", changed["DATABASES"])  # Django warns of overriding this one
        for key in (key for key, it in changed.items() if it is ABSENT):
            delattr(django_settings, key)
        return found()


def changed_sqlite(**options: Any) -> dict[str, Any]:
    """A SQLite database with other options. Args: options: None leaves one out."""
    kept = {key: it for key, it in {**SQLITE_OPTIONS, **options}.items() if it is not None}
    return {"default": {**SQLITE, "OPTIONS": kept}}


def addresses(name: str, *patterns: Any) -> str:
    """A module of addresses. Returns: its name, for ROOT_URLCONF."""
    module = ModuleType(name)
    vars(module)["urlpatterns"] = list(patterns)
    sys.modules[name] = module
    return name


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_with_the_right_settings_all_checks_are_silent() -> None:
    assert found() == {}
    assert said_with(DATABASES={"default": SQLITE}) == {}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("E003", {"PADWIJZER_LOG": ABSENT}, "PADWIJZER_LOG ="),
    ("E003", {"PADWIJZER_LOG": ""}, "PADWIJZER_LOG ="),
    ("E004", {"PADWIJZER_PRIVATE_ROOT": ABSENT}, 'PADWIJZER_PRIVATE_ROOT = BASE_DIR / "private"'),
    ("E004", {"PADWIJZER_PRIVATE_ROOT": ""}, 'PADWIJZER_PRIVATE_ROOT = BASE_DIR / "private"'),
    ("E005", {"PADWIJZER_PRIVATE_ROOT": "/srv/media/private", "MEDIA_ROOT": "/srv/media"}, "outside MEDIA_ROOT"),
    ("E005", {"PADWIJZER_PRIVATE_ROOT": "/srv/media", "MEDIA_ROOT": "/srv/media"}, "outside MEDIA_ROOT"),
    ("E005", {"PADWIJZER_PRIVATE_ROOT": "/srv/x/../media/p", "MEDIA_ROOT": "/srv/media"}, "outside MEDIA_ROOT"),
    ("E005", {"PADWIJZER_PRIVATE_ROOT": "/srv/static/a", "STATIC_ROOT": Path("/srv/static")}, "STATIC_ROOT"),
    ("E006", {"DATA_UPLOAD_MAX_NUMBER_FIELDS": 1000}, f"DATA_UPLOAD_MAX_NUMBER_FIELDS = {MANY_FIELDS}"),
    ("E006", {"DATA_UPLOAD_MAX_NUMBER_FIELDS": MANY_FIELDS - 1}, f"DATA_UPLOAD_MAX_NUMBER_FIELDS = {MANY_FIELDS}"),
    ("E007", {"TIME_ZONE": "UTC"}, 'TIME_ZONE = "Europe/Amsterdam"'),
    ("E007", {"USE_TZ": False}, "USE_TZ = True"),
    ("E008", {"DATABASES": {"default": {**SQLITE, "OPTIONS": {}}}}, repr(SQLITE_OPTIONS)),
    ("E008", {"DATABASES": {"default": {key: SQLITE[key] for key in ("ENGINE", "NAME")}}}, repr(SQLITE_OPTIONS)),
    ("E008", {"DATABASES": changed_sqlite(transaction_mode="DEFERRED")}, repr(SQLITE_OPTIONS)),
    ("E008", {"DATABASES": changed_sqlite(timeout=19)}, repr(SQLITE_OPTIONS)),
    ("E008", {"DATABASES": changed_sqlite(init_command="PRAGMA journal_mode=WAL;")}, repr(SQLITE_OPTIONS)),
    ("E008", {"DATABASES": changed_sqlite(init_command="PRAGMA synchronous=FULL;")}, repr(SQLITE_OPTIONS)),
    ("E009", {"WAGTAILADMIN_LOGIN_URL": ABSENT}, "WAGTAILADMIN_LOGIN_URL = LOGIN_URL"),
    ("E009", {"WAGTAILADMIN_LOGIN_URL": "/admin/login/"}, "WAGTAILADMIN_LOGIN_URL = LOGIN_URL"),
    ("E010", {"WAGTAIL_PASSWORD_RESET_ENABLED": ABSENT}, "WAGTAIL_PASSWORD_RESET_ENABLED = False"),
    ("E010", {"WAGTAIL_PASSWORD_RESET_ENABLED": True}, "WAGTAIL_PASSWORD_RESET_ENABLED = False"),
]


@pytest.mark.parametrize(("number", "wrong", "line"), WRONG)
def test_a_wrong_setting_is_named_with_the_line_to_add_and_nothing_else_is(
    number: str, wrong: dict[str, Any], line: str
) -> None:
    said = said_with(**wrong)
    assert said.keys() == {number}
    assert said[number].level == checks.ERROR
    assert line in str(said[number].hint)


RIGHT: list[dict[str, Any]] = [
    {"PADWIJZER_PRIVATE_ROOT": "/srv/mediaprivate", "MEDIA_ROOT": "/srv/media", "STATIC_ROOT": None},
    {"PADWIJZER_PRIVATE_ROOT": "/srv/private", "MEDIA_ROOT": "", "STATIC_ROOT": "/srv/private/static"},
    {"DATA_UPLOAD_MAX_NUMBER_FIELDS": None},
    {"DATA_UPLOAD_MAX_NUMBER_FIELDS": MANY_FIELDS},
    {"DATABASES": changed_sqlite(timeout=60)},
    {"DATABASES": changed_sqlite(init_command="PRAGMA journal_mode = WAL; pragma synchronous = full;")},
    {"DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "x"}}},
    {"LOGIN_URL": "/accounts/login/", "WAGTAILADMIN_LOGIN_URL": "/accounts/login/"},
]


@pytest.mark.parametrize("right", RIGHT)
def test_another_right_setting_is_no_fault(right: dict[str, Any]) -> None:
    assert said_with(**right) == {}


@pytest.mark.parametrize("name", APPS)
def test_an_app_that_is_not_installed_is_named_with_its_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    installed: Callable[[str], bool] = apps.is_installed
    monkeypatch.setattr(apps, "is_installed", lambda app: app != name and installed(app))
    said = found()
    assert said.keys() == {"E001"}
    assert str(said["E001"].hint) == f'Add to INSTALLED_APPS: "{name}",'


def test_the_admin_of_django_is_found_wherever_it_is_reached() -> None:
    admin = include(([path("", nothing, name="index")], "admin"))
    ours = path("jeugd/", include("padwijzer.cms.urls"))
    said = said_with(ROOT_URLCONF=addresses("tests.urls_with_admin", ours, path("beheer-van-django/", admin)))
    assert said.keys() == {"E002"}
    assert "django.contrib.admin" in str(said["E002"].hint)


def test_pages_that_cannot_be_reached_are_named_with_their_line() -> None:
    said = said_with(ROOT_URLCONF=addresses("tests.urls_without_pages", path("", nothing)))
    assert said.keys() == {"E011"}
    assert 'path("jeugd/", include("padwijzer.cms.urls"))' in str(said["E011"].hint)


def test_flows_that_lock_nothing_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PathFlow, "lock_impl", lock.no_lock)
    said = found()
    assert said.keys() == {"E012"}
    assert "lock_impl" in str(said["E012"].hint)


def test_all_of_them_run_with_check() -> None:
    registered = checks.registry.registry.get_checks()
    for check in (the_site_has_the_lines_of_the_readme, one_step_at_a_time_moves_a_case):
        assert check in registered
