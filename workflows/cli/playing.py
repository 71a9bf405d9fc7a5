"""`padwijzer play`: case scripts on the real engine, in a database in memory."""

from __future__ import annotations

import json
import sqlite3
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from django.core.management import call_command
from django.db import connection

from padwijzer.forms.core.errors import Unreadable
from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.play_case import play_case
from padwijzer.workflows.actions.publish_release import publish_release
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from padwijzer.workflows.core.scripts import CaseScript, read_script
from padwijzer.workflows.core.terms import load_terms

HOLDS, FAILS, UNREADABLE = 0, 1, 2
BEFORE_ALL: Final = "2000-01-01T00:00:00+01:00"
"""When the paths are published that the scripts are played on: before anything that a script can tell."""

Play = Callable[[Namespace, Path, CaseScript], int]
"""Plays one script in a database of its own, says what came of it, and gives the exit status."""


def run(options: Namespace) -> int:
    """Play the scripts. Returns: the exit status."""
    return each_script(options, _play)


def each_script(options: Namespace, play: Play) -> int:
    """
    Do something with each script, in a database with the shipped release and nothing else.

    Args:
        options: with the scripts.
        play: what to do with one.

    Returns:
        The worst exit status; where a script cannot be read, nothing is done with any.
    """
    release = shipped()
    scripts: dict[Path, CaseScript] = {}
    for path in options.scripts:
        try:
            scripts[path] = _read(path, release)
        except Unreadable as unreadable:
            say(options, f"{path}: {unreadable}", script=str(path), place=unreadable.place, reason=unreadable.reason)
    if len(scripts) < len(set(options.scripts)):
        return UNREADABLE
    status = HOLDS
    with _throw_away_database(release) as bring_back:
        for path, script in scripts.items():
            bring_back()
            status = max(status, play(options, path, script))
    return status


def say(options: Namespace, sentence: str, **values: Any) -> None:
    """Print a sentence, or the values as one line of JSON where that is asked."""
    print(json.dumps(values, ensure_ascii=False) if options.as_json else sentence)


def _read(path: Path, release: ReleaseSpec) -> CaseScript:
    try:
        return read_script(path.read_bytes(), release, frozenset(shipped_roles()))
    except OSError as error:
        raise Unreadable("", f"The file cannot be opened: {error.strerror}.") from None


def _play(options: Namespace, path: Path, script: CaseScript) -> int:
    reached = failed = 0
    for outcome in play_case(script):
        reached += ".expect." in outcome.place
        if not outcome.holds:
            failed += 1
            about = f" ({outcome.key})" if outcome.key else ""
            say(
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
    say(
        options,
        f"{path}: {expected} expectations, "
        + (f"{failed} not so, {expected - reached} not reached." if failed else "all so."),
        script=str(path),
        expectations=expected,
        failed=failed,
        not_reached=expected - reached,
    )
    return FAILS if failed else HOLDS


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def _throw_away_database(release: ReleaseSpec) -> Iterator[Callable[[], None]]:
    """A database in memory with the release published in it; gives what brings it back to that."""
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
