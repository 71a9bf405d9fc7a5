"""System checks: what would make a safeguard unenforceable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.db import connections
from django.urls import NoReverseMatch, reverse

from padwijzer.workflows.history.protection import missing_triggers

MANY_FIELDS: Final = 20_000
"""A path of 60 steps with 12 fields each is posted in one form."""
SQLITE_OPTIONS: Final[Mapping[str, Any]] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
"""What keeps SQLite from losing an acknowledged step and from refusing one that can wait."""


@checks.register(checks.Tags.database)
def history_is_protected(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_options: Any
) -> list[checks.CheckMessage]:
    """
    The triggers that refuse changes of the history stand; runs in `migrate` and `check --database`.

    A warning, not an error: `migrate` puts them back and would not start on an error.
    """
    return [
        checks.Warning(
            f"The trigger {trigger.name} on {trigger.table_name} in database {alias!r} is missing or changed: "
            "the history could be altered there.",
            hint="Run 'manage.py migrate', which puts it back, then 'manage.py verify_history'; "
            "and find out who removed it.",
            id="padwijzer.W101",
        )
        for alias in databases or ()
        for trigger in missing_triggers(connections[alias])
    ]


def _error(number: int, message: str, hint: str) -> checks.Error:
    return checks.Error(message, hint=hint, id=f"padwijzer.E{number:03d}")


@checks.register()
def the_site_has_the_lines_of_the_readme(**_options: Any) -> list[checks.CheckMessage]:
    """Each setting that an installation needs; a missing one is named with the line to add."""
    return [*_apps(), *_settings(), *_doors()]


def _apps() -> Iterator[checks.CheckMessage]:
    for name in ("padwijzer.permissions", "padwijzer.forms", "padwijzer.cms", "viewflow.workflow"):
        if not apps.is_installed(name):
            yield _error(1, f"The app {name} is not installed.", f'Add to INSTALLED_APPS: "{name}",')


def _settings() -> Iterator[checks.CheckMessage]:
    if not getattr(settings, "PADWIJZER_LOG", ""):
        yield _error(
            3,
            "The history has no name.",
            'Add: PADWIJZER_LOG = "<name of this site>/padwijzer". It never changes: hashes rest on it.',
        )
    private = getattr(settings, "PADWIJZER_PRIVATE_ROOT", "")
    if not private:
        yield _error(
            4,
            "There is no place for files that were handed in.",
            'Add: PADWIJZER_PRIVATE_ROOT = BASE_DIR / "private", a folder that no web server serves.',
        )
    elif any(_is_inside(private, root) for root in (settings.MEDIA_ROOT, settings.STATIC_ROOT) if root):
        yield _error(
            5,
            "Files that were handed in would be served to anybody.",
            "Put PADWIJZER_PRIVATE_ROOT outside MEDIA_ROOT and STATIC_ROOT.",
        )
    fields = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    if fields is not None and fields < MANY_FIELDS:
        yield _error(
            6, "A path with many steps could not be saved.", f"Add: DATA_UPLOAD_MAX_NUMBER_FIELDS = {MANY_FIELDS}"
        )
    if settings.TIME_ZONE != "Europe/Amsterdam" or not settings.USE_TZ:
        yield _error(7, "Terms are counted in Dutch days.", 'Add: TIME_ZONE = "Europe/Amsterdam" and USE_TZ = True')
    for alias, database in settings.DATABASES.items():
        options: Any = database.get("OPTIONS", {})
        if "sqlite" in str(database.get("ENGINE", "")) and not _is_safe_sqlite(options):
            yield _error(
                8,
                f"The SQLite database {alias!r} could lose a step, or refuse one because it is busy.",
                f"Set in DATABASES: OPTIONS = {SQLITE_OPTIONS!r}",
            )


def _doors() -> Iterator[checks.CheckMessage]:
    if getattr(settings, "WAGTAILADMIN_LOGIN_URL", None) != settings.LOGIN_URL:
        yield _error(9, "There are two doors to sign in by.", "Add: WAGTAILADMIN_LOGIN_URL = LOGIN_URL")
    if getattr(settings, "WAGTAIL_PASSWORD_RESET_ENABLED", True):
        yield _error(
            10,
            "Wagtail's own password reset goes round the sign-in of the municipality.",
            "Add: WAGTAIL_PASSWORD_RESET_ENABLED = False",
        )
    if _is_reached("admin:index"):
        yield _error(
            2,
            "Django's own admin can be reached: it would show case files to superusers, without a trace.",
            "Remove the line of django.contrib.admin from the urlpatterns; Wagtail does not need it.",
        )
    if not _is_reached("padwijzer:tasks"):
        yield _error(
            11,
            "The pages of the professionals cannot be reached.",
            'Add to the urlpatterns, above Wagtail\'s: path("jeugd/", include("padwijzer.cms.urls")),',
        )


def _is_reached(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def _is_inside(path: Any, root: Any) -> bool:
    inner, outer = Path(path).resolve(), Path(root).resolve()
    return inner == outer or outer in inner.parents


def _is_safe_sqlite(options: Mapping[str, Any]) -> bool:
    command = str(options.get("init_command", "")).replace(" ", "").lower()
    return (
        options.get("transaction_mode") == "IMMEDIATE"
        and float(options.get("timeout", 0)) >= SQLITE_OPTIONS["timeout"]
        and "journal_mode=wal" in command
        and "synchronous=full" in command
    )


@checks.register()
def one_step_at_a_time_moves_a_case(**_options: Any) -> list[checks.CheckMessage]:
    """Viewflow locks nothing by default: two people would both finish one step."""
    from padwijzer.workflows.engine.building import PathFlow  # noqa: PLC0415 - models exist only now
    from padwijzer.workflows.engine.locking import CaseLock  # noqa: PLC0415 - models exist only now

    if isinstance(PathFlow.lock_impl, CaseLock):
        return []
    return [_error(12, "Flows do not lock their case.", "Leave lock_impl of PathFlow as it is.")]
