"""
Filling the tables: many copies of one case that was really walked halfway, made by the database itself.

A copy has keys of its own and points at its own rows; everything else is as it was. Copied events have hashes of the
right size that prove nothing.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.management.color import no_style
from django.db import connection, models, transaction

BATCH: Final = 5_000
FUNCTIONS: Final = (
    """CREATE FUNCTION bench_uuid(uuid, integer) RETURNS uuid LANGUAGE sql IMMUTABLE
       AS $$ SELECT md5($1::text || '/' || $2::text)::uuid $$""",
    """CREATE FUNCTION bench_text(uuid, integer) RETURNS text LANGUAGE sql IMMUTABLE
       AS $$ SELECT bench_uuid($1, $2)::text $$""",
    """CREATE FUNCTION bench_hash(text) RETURNS bytea LANGUAGE sql IMMUTABLE
       AS $$ SELECT sha256(convert_to($1, 'UTF8')) $$""",
)
NUMBERS: Final = "CREATE TABLE bench_number (n integer PRIMARY KEY)"


@dataclass(frozen=True, slots=True)
class Copied:
    """
    Rows to copy.

    Args:
        rows: which; of one model.
        instead: column to an SQL expression for its value in a copy, over the row `t` and the number `c.n`.
    """

    rows: models.QuerySet[Any]
    instead: Mapping[str, str] = field(default_factory=dict)


def define_functions() -> None:
    """Give the database what the copies are made with: keys and hashes that follow from the number of the copy."""
    functions: tuple[str, ...] = FUNCTIONS
    if connection.vendor == "sqlite":
        functions = ()
        connection.ensure_connection()
        make = connection.connection.create_function
        make("bench_uuid", 2, lambda key, number: key and _uuid(key, number).hex, deterministic=True)
        make("bench_text", 2, lambda key, number: str(_uuid(key, number)), deterministic=True)
        make("bench_hash", 1, lambda text: hashlib.sha256(text.encode()).digest(), deterministic=True)
    with connection.cursor() as cursor:
        for statement in (*functions, NUMBERS):
            cursor.execute(statement)


def _uuid(key: str, number: int) -> uuid.UUID:
    return uuid.UUID(hashlib.md5(f"{key}/{number}".encode(), usedforsecurity=False).hexdigest())


def multiply(tables: Sequence[Copied], copies: int) -> int:
    """
    Copy rows that belong together.

    Args:
        tables: the rows; those pointed at stand before those that point.
        copies: how many of each.

    Returns:
        How many rows were added.
    """
    added = 0
    models_copied = [copied.rows.model for copied in tables]
    stride: dict[Any, int] = {}
    for model in models_copied:
        if isinstance(model._meta.pk, models.AutoField):
            top = model.objects.aggregate(top=models.Max("pk"))["top"]
            stride[model] = 1 + (top or 0)
    inserts = [_insert(copied, stride, models_copied) for copied in tables]
    with connection.cursor() as cursor, _triggers_aside(cursor, [it._meta.db_table for it in models_copied]):
        for first in range(1, copies + 1, BATCH):
            numbers = range(first, min(first + BATCH, copies + 1))
            with transaction.atomic():
                cursor.execute("DELETE FROM bench_number")
                cursor.executemany("INSERT INTO bench_number (n) VALUES (%s)", [(number,) for number in numbers])
                for sql, parameters in inserts:
                    cursor.execute(sql, parameters)
                    added += cursor.rowcount
        for statement in connection.ops.sequence_reset_sql(no_style(), list(stride)):
            cursor.execute(statement)
    return added


@contextmanager
def _triggers_aside(cursor: Any, tables: Sequence[str]) -> Iterator[None]:
    """Triggers refuse rows that prove nothing; they stand again before anything is measured."""
    if connection.vendor == "postgresql":
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        yield
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
        return
    cursor.execute("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'")
    standing = [(name, sql) for name, sql, table in cursor.fetchall() if table in tables]
    for name, _ in standing:
        cursor.execute(f'DROP TRIGGER "{name}"')
    yield
    for _, sql in standing:
        cursor.execute(sql)


def _insert(copied: Copied, stride: Mapping[Any, int], models_copied: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    options = copied.rows.model._meta
    columns = {
        field.column: copied.instead.get(field.column) or _in_copy(field, stride, models_copied)
        for field in options.concrete_fields
        if field.column
    }
    chosen, parameters = copied.rows.order_by().query.sql_with_params()
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(columns.values())
    into = f'INSERT INTO "{options.db_table}" ({names})'
    copies = f"FROM ({chosen}) t CROSS JOIN bench_number c"
    return f"{into} SELECT {values} {copies}", parameters


def _in_copy(column: Any, stride: Mapping[Any, int], models_copied: Sequence[Any]) -> str:
    name = f't."{column.column}"'
    target = column.related_model if column.remote_field else column.model
    key = column.target_field if column.remote_field else column
    if not column.primary_key and (not column.remote_field or target not in models_copied):
        return name
    if target in stride:
        return f"{name} + c.n * {stride[target]}"
    if isinstance(key, models.UUIDField):
        return f"bench_uuid({name}, c.n)"
    message = f"{column.model.__name__}.{column.name} needs an expression for its copies."
    raise TypeError(message)


def tidy() -> None:
    """Let the database look at what was loaded, so that its plans fit."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
