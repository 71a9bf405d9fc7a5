"""
The console command `padwijzer`, for who draws up and checks paths. It needs no site and keeps nothing.

`padwijzer play [--json] SCRIPT …` plays case scripts on the real engine, in a database in memory. Exit status 0: all
that is expected is so; 1: something is not, and which is said; 2: a script cannot be read, and nothing was played.

`padwijzer explore [--skeletons] [--product N]` prints how many states each shipped path has, and in how long
they are walked.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import django
from django.apps import apps
from django.conf import settings

from padwijzer.forms.core.errors import Unreadable
from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.exploring import table, written
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from padwijzer.workflows.core.scripts import CaseScript, read_script
from padwijzer.workflows.core.terms import load_terms

APPS: Final = (
    "padwijzer.workflows",
    "padwijzer.forms",
    "padwijzer.permissions",
    "viewflow.workflow",
    "django.contrib.auth",
    "django.contrib.contenttypes",
)
HOLDS, FAILS, UNREADABLE = 0, 1, 2
BEFORE_ALL: Final = "2000-01-01T00:00:00+01:00"
"""When the paths are published that the scripts are played on: before anything that a script can tell."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Args: arguments: default those of the process. Returns: the exit status."""
    parser = ArgumentParser(prog="padwijzer", description="Draw up and check guided paths.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    play = commands.add_parser(
        "play",
        help="play case scripts and look whether what they expect is so",
        epilog="Exit status 0: all that is expected is so. 1: something is not. 2: a script cannot be read.",
    )
    play.add_argument("--json", action="store_true", dest="as_json", help="one JSON object a line, for machines")
    play.add_argument("scripts", nargs="+", type=Path, metavar="SCRIPT", help="a case script, for example T-04.json")
    explore = commands.add_parser(
        "explore", help="how many states each shipped definition has, and how long that takes"
    )
    explore.add_argument("--skeletons", action="store_true", help="also the definitions that are not whole yet")
    explore.add_argument(
        "--product", type=int, default=0, metavar="N", help="count line and tracks together too, up to N states"
    )
    options = parser.parse_args(arguments)
    return _explore(options) if options.command == "explore" else _play(options)


def _explore(options: Namespace) -> int:
    plan = compile_release(shipped(include_skeletons=options.skeletons), allow_skeletons=options.skeletons)
    if not isinstance(plan, Plan):
        for finding in plan:
            print(f"{finding.definition} {finding.where}: {finding.message}")
        return FAILS
    print(written(table(plan, perf_counter, options.product)))
    return HOLDS


def _play(options: Namespace) -> int:
    release = shipped()
    scripts: dict[Path, CaseScript] = {}
    for path in options.scripts:
        try:
            scripts[path] = _read(path, release)
        except Unreadable as unreadable:
            _say(options, f"{path}: {unreadable}", script=str(path), place=unreadable.place, reason=unreadable.reason)
    if len(scripts) < len(set(options.scripts)):
        return UNREADABLE
    status = HOLDS
    with _throw_away_database(release) as bring_back:
        for path, script in scripts.items():
            bring_back()
            status = max(status, _play_one(options, path, script))
    return status


def _read(path: Path, release: ReleaseSpec) -> CaseScript:
    try:
        return read_script(path.read_bytes(), release, frozenset(shipped_roles()))
    except OSError as error:
        raise Unreadable("", f"The file cannot be opened: {error.strerror}.") from None


def _play_one(options: Namespace, path: Path, script: CaseScript) -> int:
    from padwijzer.workflows.actions.play_case import play_case  # noqa: PLC0415 - its models need the settings first

    reached = failed = 0
    for outcome in play_case(script):
        reached += ".expect." in outcome.place
        if not outcome.holds:
            failed += 1
            about = f" ({outcome.key})" if outcome.key else ""
            _say(
                options,
                f"{path}: {outcome.place}{about}\n    expected: {_written(outcome.expected)}"
                f"\n    found:    {_written(outcome.found)}",
                script=str(path),
                place=outcome.place,
                kind=outcome.kind.value,
                about=outcome.key,
                expected=outcome.expected,
                found=outcome.found,
            )
    expected = len(tuple(script.expectations))
    _say(
        options,
        f"{path}: {expected} expectations, "
        + (f"{failed} not so, {expected - reached} not reached." if failed else "all so."),
        script=str(path),
        expectations=expected,
        failed=failed,
        not_reached=expected - reached,
    )
    return FAILS if failed else HOLDS


def _say(options: Namespace, sentence: str, **values: Any) -> None:
    print(json.dumps(values, ensure_ascii=False) if options.as_json else sentence)


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def _throw_away_database(release: ReleaseSpec) -> Iterator[Callable[[], None]]:
    """A database in memory with the release published in it; gives what brings it back to that."""
    with TemporaryDirectory(prefix="padwijzer-") as folder:
        _configure(folder)
        from django.core.management import call_command  # noqa: PLC0415 - after the settings
        from django.db import connection  # noqa: PLC0415 - after the settings

        from padwijzer.workflows.actions.acting import Acting  # noqa: PLC0415 - its models need the settings first
        from padwijzer.workflows.actions.publish_release import publish_release  # noqa: PLC0415 - its models too

        call_command("migrate", run_syncdb=True, verbosity=0)
        terms = load_terms((files("padwijzer") / "fixtures" / "terms.json").read_bytes())
        publish_release(Acting(None, datetime.fromisoformat(BEFORE_ALL)), release, terms)
        connection.ensure_connection()
        kept = sqlite3.connect(":memory:")
        connection.connection.backup(kept)

        try:
            yield lambda: kept.backup(connection.connection)
        finally:
            kept.close()
            connection.close()


def _configure(folder: str) -> None:
    settings.configure(
        INSTALLED_APPS=APPS,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        SECRET_KEY=secrets.token_urlsafe(),
        LANGUAGE_CODE="nl",
        TIME_ZONE="Europe/Amsterdam",
        USE_I18N=True,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        ANONYMOUS_USER_NAME=None,
        AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.ModelBackend"],
        PADWIJZER_LOG="example.invalid/play",
        PADWIJZER_PRIVATE_ROOT=folder,
    )
    django.setup()
    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}  # tables as the models are now


if __name__ == "__main__":
    sys.exit(main())
