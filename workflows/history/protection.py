"""
Triggers that keep the history as it is, against mistakes and against whoever holds the application's password.

They stop everybody but the owner of the database; what betrays the owner are the hashes. They are put in place after
every migration, not by a migration: on SQLite a later change of a table builds it anew and loses its triggers without
a word. For the same reason a trigger on SQLite reads its own table only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from padwijzer.workflows.models import Event, Head, Opening

_TABLES: dict[str, type[models.Model]] = {"{event}": Event, "{opening}": Opening, "{head}": Head}


@dataclass(frozen=True, slots=True)
class Trigger:
    """
    One trigger.

    Attributes:
        name: of the trigger.
        table: of the model it stands on.
        when: for example `BEFORE UPDATE OR DELETE`.
        does: SQLite: the condition and the body; PostgreSQL: the name of its function.
        each: `ROW` or `STATEMENT`.
    """

    name: str
    table: type[models.Model]
    when: str
    does: str
    each: str = "ROW"

    @property
    def table_name(self) -> str:
        """Name of the table in the database."""
        return _table(self.table)


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table


SQLITE = (
    Trigger(
        "padwijzer_event_no_update",
        Event,
        "BEFORE UPDATE",
        "BEGIN SELECT RAISE(ABORT, 'the history only grows'); END",
    ),
    Trigger(
        "padwijzer_event_no_delete",
        Event,
        "BEFORE DELETE",
        "BEGIN SELECT RAISE(ABORT, 'the history only grows'); END",
    ),
    # INSERT OR REPLACE deletes without asking the trigger above: what is there may not be inserted again.
    Trigger(
        "padwijzer_event_link",
        Event,
        "BEFORE INSERT",
        "BEGIN "
        "SELECT RAISE(ABORT, 'the history only grows') WHERE EXISTS (SELECT 1 FROM {event} WHERE id = NEW.id "
        "OR hash = NEW.hash OR (stream = NEW.stream AND (seq = NEW.seq OR prev = NEW.prev))); "
        "SELECT RAISE(ABORT, 'an event follows the hash of the event before it') WHERE NEW.seq > 0 AND NOT EXISTS "
        "(SELECT 1 FROM {event} WHERE stream = NEW.stream AND seq = NEW.seq - 1 AND hash = NEW.prev); "
        "END",
    ),
    Trigger(
        "padwijzer_opening_no_update",
        Opening,
        "BEFORE UPDATE",
        "BEGIN SELECT RAISE(ABORT, 'the history only grows'); END",
    ),
    Trigger(
        "padwijzer_opening_once",
        Opening,
        "BEFORE INSERT",
        "BEGIN SELECT RAISE(ABORT, 'the history only grows') WHERE EXISTS "
        "(SELECT 1 FROM {opening} WHERE event_id = NEW.event_id AND name = NEW.name); END",
    ),
    Trigger(
        "padwijzer_head_forward",
        Head,
        "BEFORE UPDATE",
        "WHEN NEW.stream IS NOT OLD.stream OR NEW.seq < OLD.seq OR NEW.sealed_seq < OLD.sealed_seq "
        "OR (NEW.seq = OLD.seq AND (NEW.hash IS NOT OLD.hash OR NEW.at IS NOT OLD.at)) "
        "BEGIN SELECT RAISE(ABORT, 'a head only goes forward'); END",
    ),
    Trigger(
        "padwijzer_head_no_delete",
        Head,
        "BEFORE DELETE",
        "BEGIN SELECT RAISE(ABORT, 'the history only grows'); END",
    ),
    Trigger(
        "padwijzer_head_once",
        Head,
        "BEFORE INSERT",
        "WHEN EXISTS (SELECT 1 FROM {head} WHERE stream = NEW.stream) BEGIN SELECT RAISE(IGNORE); END",
    ),
)

# SQLSTATE 23001 (restrict_violation) reaches Django as IntegrityError, as RAISE(ABORT) does on SQLite.
POSTGRESQL_FUNCTIONS = {
    "padwijzer_history_refuse": """
BEGIN
  RAISE EXCEPTION 'the history only grows: % on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
""",
    "padwijzer_history_link": """
BEGIN
  IF NEW.hash <> sha256(convert_to(E'wfhist/v1/event\\n' || NEW.envelope, 'UTF8')) THEN
    RAISE EXCEPTION 'the hash is not that of the envelope' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.seq > 0 AND NOT EXISTS (
    SELECT 1 FROM {event} WHERE stream = NEW.stream AND seq = NEW.seq - 1 AND hash = NEW.prev
  ) THEN
    RAISE EXCEPTION 'an event follows the hash of the event before it' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
""",
    "padwijzer_history_forward": """
BEGIN
  IF NEW.stream <> OLD.stream OR NEW.seq < OLD.seq OR NEW.sealed_seq < OLD.sealed_seq
    OR (NEW.seq = OLD.seq AND (NEW.hash <> OLD.hash OR NEW.at <> OLD.at))
    OR (NEW.seq > OLD.seq AND NOT EXISTS (
      SELECT 1 FROM {event} WHERE stream = NEW.stream AND seq = NEW.seq AND hash = NEW.hash
    ))
  THEN
    RAISE EXCEPTION 'a head only goes forward, to an event' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
""",
}

POSTGRESQL = (
    Trigger("padwijzer_event_no_change", Event, "BEFORE UPDATE OR DELETE", "padwijzer_history_refuse"),
    Trigger("padwijzer_event_no_truncate", Event, "BEFORE TRUNCATE", "padwijzer_history_refuse", "STATEMENT"),
    Trigger("padwijzer_event_link", Event, "BEFORE INSERT", "padwijzer_history_link"),
    Trigger("padwijzer_opening_no_update", Opening, "BEFORE UPDATE", "padwijzer_history_refuse"),
    Trigger("padwijzer_opening_no_truncate", Opening, "BEFORE TRUNCATE", "padwijzer_history_refuse", "STATEMENT"),
    Trigger("padwijzer_head_forward", Head, "BEFORE UPDATE", "padwijzer_history_forward"),
    Trigger("padwijzer_head_no_delete", Head, "BEFORE DELETE", "padwijzer_history_refuse"),
    Trigger("padwijzer_head_no_truncate", Head, "BEFORE TRUNCATE", "padwijzer_history_refuse", "STATEMENT"),
)

# pg_trigger.tgtype, as in PostgreSQL's src/include/catalog/pg_trigger.h
_BITS = {"ROW": 1, "STATEMENT": 0, "BEFORE": 2, "INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32, "OR": 0}


def protect(connection: BaseDatabaseWrapper) -> None:
    """
    Puts in place every trigger that is missing or has been changed, where its table exists.

    Args:
        connection: to SQLite or PostgreSQL, as the owner of the tables.
    """
    missing = {trigger.name for trigger in missing_triggers(connection)}
    if not missing:
        return
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name, body in POSTGRESQL_FUNCTIONS.items():
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
                    f"SET search_path FROM CURRENT AS $padwijzer${_named(body, connection)}$padwijzer$"
                )
        for trigger in triggers(connection):
            if trigger.name in missing:
                cursor.execute(_drop(trigger, connection))
                cursor.execute(_create(trigger, connection))


def missing_triggers(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """
    The triggers that do not stand as they should: gone, switched off, or with other contents.

    Args:
        connection: to SQLite or PostgreSQL.

    Returns:
        Those whose table exists.
    """
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        standing = (_standing_postgresql if connection.vendor == "postgresql" else _standing_sqlite)(
            connection, cursor
        )
    return [
        trigger for trigger in triggers(connection) if trigger.table_name in tables and trigger.name not in standing
    ]


def triggers(connection: BaseDatabaseWrapper) -> tuple[Trigger, ...]:
    """All triggers that belong in a database. Args: connection: to SQLite or PostgreSQL."""
    return POSTGRESQL if connection.vendor == "postgresql" else SQLITE


def protect_after_migrate(using: str, **_signal: Any) -> None:
    """Receiver of `post_migrate`. Args: using: alias of the database."""
    protect(connections[using])


def _standing_sqlite(connection: BaseDatabaseWrapper, cursor: Any) -> set[str]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    found = dict(cursor.fetchall())
    return {trigger.name for trigger in SQLITE if found.get(trigger.name) == _create(trigger, connection)}


def _standing_postgresql(connection: BaseDatabaseWrapper, cursor: Any) -> set[str]:
    cursor.execute(
        "SELECT t.tgname, t.tgtype, p.proname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') "
        "AND t.tgqual IS NULL AND t.tgattr = '' AND pg_table_is_visible(c.oid)"
    )
    found = {name: tuple(rest) for name, *rest in cursor.fetchall()}
    return {
        trigger.name
        for trigger in POSTGRESQL
        if found.get(trigger.name)
        == (
            sum(_BITS[word] for word in (trigger.each, *trigger.when.split())),
            trigger.does,
            _named(POSTGRESQL_FUNCTIONS[trigger.does], connection),
        )
    }


def _create(trigger: Trigger, connection: BaseDatabaseWrapper) -> str:
    table = connection.ops.quote_name(trigger.table_name)
    start = f"CREATE TRIGGER {trigger.name} {trigger.when} ON {table} FOR EACH {trigger.each} "
    if connection.vendor == "postgresql":
        return f"{start}EXECUTE FUNCTION {trigger.does}()"
    return start + _named(trigger.does, connection)


def _drop(trigger: Trigger, connection: BaseDatabaseWrapper) -> str:
    table = connection.ops.quote_name(trigger.table_name)
    return f"DROP TRIGGER IF EXISTS {trigger.name}" + (f" ON {table}" if connection.vendor == "postgresql" else "")


def _named(sql: str, connection: BaseDatabaseWrapper) -> str:
    for mark, model in _TABLES.items():
        sql = sql.replace(mark, connection.ops.quote_name(_table(model)))
    return sql
