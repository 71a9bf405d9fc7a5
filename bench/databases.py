"""A database for one run, made before Django starts and gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

KINDS: Final = ("postgresql", "sqlite")


@contextmanager
def fresh_database(kind: str) -> Iterator[None]:
    """
    Make an empty database and point the settings at it.

    Args:
        kind: `postgresql` (at the address of the tests, `PADWIJZER_TEST_PG_HOST` and its neighbours) or `sqlite`.
    """
    os.environ["PADWIJZER_TEST_DB"] = kind
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="padwijzer-bench-") as folder:
            os.environ["PADWIJZER_TEST_DB_NAME"] = str(Path(folder) / "bench.sqlite3")
            yield
        return

    name = f"padwijzer_bench_{os.getpid()}"
    address = make_conninfo(
        host=os.environ.get("PADWIJZER_TEST_PG_HOST", "127.0.0.1"),
        port=os.environ.get("PADWIJZER_TEST_PG_PORT", "5432"),
        user=os.environ.get("PADWIJZER_TEST_PG_USER", "padwijzer_test"),
        password=os.environ.get("PADWIJZER_TEST_PG_PASSWORD", "padwijzer_test"),
        dbname="postgres",
    )
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        os.environ["PADWIJZER_TEST_DB_NAME"] = name
        try:
            yield
        finally:
            connections.close_all()
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
