"""A history to test with, and the owner of the database, who can do what the application cannot."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, connections, transaction
from django.test import TransactionTestCase

from padwijzer.workflows.core.envelopes import Json
from padwijzer.workflows.core.streams import ACCESS, case_stream, reads_stream
from padwijzer.workflows.history.append import append
from padwijzer.workflows.history.protection import protect, triggers

CASE = UUID("0b1d6a6e-5f0e-4c1a-9f57-3c7f0d3c2a11")
STREAM = case_stream(CASE)
READS = reads_stream(CASE)
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def counted_salts(start: int = 0) -> Callable[[int], bytes]:
    """Salts that are the same in every run. Args: start: before the first. Returns: what `append` takes."""
    state = [start]

    def salt(length: int) -> bytes:
        state[0] += 1
        return state[0].to_bytes(length, "big")

    return salt


def a_history(steps: int = 3) -> None:
    """Records invented steps of one case, who looked, and one event about access.

    Args:
        steps: How many events the stream `STREAM` gets.
    """
    salts = counted_salts()
    with transaction.atomic():
        for number in range(steps):
            values: dict[str, Json] = {
                "besluit": "toegekend",
                "uren": number + 0.5,
                "naam": f"Kind {number} à Ω",
                "rijen": [{"soort": "pleegzorg", "past": False}, None],
            }
            at = MONDAY + timedelta(hours=number)
            append(STREAM, "task.completed", "actor/7f3a", at, ref={"task": f"t{number}"}, fields=values, salts=salts)
        append(READS, "case.read", "actor/7f3a", MONDAY, ref={"page": "case"}, salts=salts)
        append(ACCESS, "role.given", "system", MONDAY, fields={"role": "auditor"}, salts=salts)


def remove_protection(alias: str = "default") -> None:
    """Drops the triggers of the history, as the owner of the database could. Args: alias: which database."""
    database = connections[alias]
    with database.cursor() as cursor:
        tables = set(database.introspection.table_names(cursor))
        for trigger in triggers(database):
            if trigger.table_name in tables:
                on = f' ON "{trigger.table_name}"' if database.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on}")


@contextmanager
def tampering() -> Iterator[Any]:
    """What the owner of the database does inside is undone afterwards, triggers included. Yields: a cursor."""
    with transaction.atomic():
        remove_protection()
        with connection.cursor() as cursor:
            yield cursor
        transaction.set_rollback(True)


def let_the_history_be_flushed() -> None:
    """Lets tests with `transaction=True` (and `live_server`) empty the tables when they end.

    They end with TRUNCATE on PostgreSQL and DELETE on SQLite, which the triggers refuse. The triggers are dropped
    before, and stand again after. Called once, by `tests/conftest.py`.
    """
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # private, not in the stubs

    def without_protection(case: TransactionTestCase) -> None:
        aliases = type(case)._databases_names(include_mirrors=False)  # type: ignore[attr-defined]  # private, not in stubs
        for alias in aliases:
            remove_protection(alias)
        try:
            flush(case)
        finally:
            for alias in aliases:
                protect(connections[alias])

    TransactionTestCase._fixture_teardown = without_protection  # type: ignore[attr-defined]  # private, not in stubs
