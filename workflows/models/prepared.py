"""
Statements that are compiled once in a process, for what every step does again.

Django writes a statement anew at each call, which takes longer than the database needs to answer it. Here Django's
own compiler writes it once for each database; a call binds values, by the fields they belong to, and reads rows back
through the same converters. The ORM stays the reference: `Select.plain` is the query as it would be without this, and
the tests hold each statement against it.

No signals are sent: nothing may hang on a row of a step but what its action says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import DatabaseError, connections, models, router, transaction
from django.db.models.expressions import DatabaseDefault
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.transaction import TransactionManagementError

MOST_ROWS: Final = 40
"""Rows that one prepared insert adds; each number of rows is a statement of its own, so there is an end to it."""


class Parameter(models.Value):
    """
    A place in a statement where a value comes.

    Args:
        name: of the value; for an insert the number of its row.
        column: the field it is bound by.
    """

    def __init__(self, name: Any, column: Any) -> None:
        super().__init__(None, output_field=models.Field())
        self.name = name
        self.column = column

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A placeholder, with this very parameter in the place of its value."""
        return "%s", [self]


class Select:
    """
    A query that is compiled once. Its querysets give instances, or tuples of `values_list`.

    Args:
        model: whose rows it reads.
        make: the parameters, by name, to the queryset.
        parameters: name of each to the field of the model that its value is compared with, as in a filter.
    """

    def __init__(
        self, model: type[models.Model], make: Callable[..., models.QuerySet[Any]], **parameters: str
    ) -> None:
        self.model = model
        self.make = make
        self.parameters = parameters
        self._known: dict[str, _Compiled] = {}

    def __call__(self, **values: Any) -> list[Any]:
        """
        Read rows.

        Args:
            values: a value for each parameter; primary keys and not instances.

        Raises:
            TransactionManagementError: when it locks rows and no transaction is under way.
        """
        using = router.db_for_write(self.model)
        connection = connections[using]
        compiled = self._known.get(using) or self._compile(using)
        if compiled.locks and connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        with _cursor(connection) as cursor:
            cursor.execute(compiled.sql, compiled.bound(values, connection))
            rows = cursor.fetchall()
        return compiled.read(rows, connection)

    def plain(self, **values: Any) -> models.QuerySet[Any]:
        """The same query without this: what is to come out of it. Args: values: as for a call."""
        return self.make(**values)

    def sql(self, using: str) -> str:
        """What is sent to a database. Args: using: its alias."""
        return (self._known.get(using) or self._compile(using)).sql

    def _compile(self, using: str) -> _Compiled:
        places = {name: Parameter(name, _column(self.model, path)) for name, path in self.parameters.items()}
        queryset = self.make(**places).using(using)
        compiler = queryset.query.get_compiler(using)
        sql, parameters = compiler.as_sql()
        compiled = _Compiled(
            sql,
            tuple(parameters),
            locks=queryset.query.select_for_update and connections[using].features.has_select_for_update,
            converters=_converters([expression for expression, _, _ in compiler.select], using),
        )
        iterable = queryset._iterable_class  # noqa: SLF001 - how a queryset says what it gives
        if issubclass(iterable, ModelIterable):
            compiled.instances = _Instances(compiler, using)
        elif iterable is not ValuesListIterable:
            message = f"A prepared query gives instances or tuples, not what {iterable.__name__} gives."
            raise TypeError(message)
        self._known[using] = compiled
        return compiled


class Insert:
    """
    Adding rows of one model; a column with a default of the database gets that one.

    Args:
        model: whose rows it adds.
    """

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        options = model._meta
        fields = [it for it in options.concrete_fields if it.column and not it.generated]
        self._fields: list[Any] = [it for it in fields if it is not options.auto_field]
        self._returned = list(options.db_returning_fields)
        self._known: dict[tuple[str, int], tuple[str, tuple[Any, ...], _Converters]] = {}

    def __call__(self, rows: Sequence[Any]) -> None:
        """
        Add rows with one statement; what the database gave them is filled in. More than `MOST_ROWS` go by the ORM.

        Args:
            rows: instances that are not stored yet; none is no statement.
        """
        using = router.db_for_write(self.model)
        if len(rows) > MOST_ROWS:
            self.model._base_manager.using(using).bulk_create(rows)
            return
        if not rows:
            return
        connection = connections[using]
        sql, parameters, converters = self._known.get((using, len(rows))) or self._compile(using, len(rows))
        bound = [_stored(rows[place.name], place.column, connection) for place in parameters]
        with transaction.mark_for_rollback_on_error(using), _cursor(connection) as cursor:
            cursor.execute(sql, bound)
            given = cursor.fetchall() if self._returned else []
        for row, values in zip(rows, _converted(given, converters, connection), strict=False):
            for column, value in zip(self._returned, values, strict=True):
                setattr(row, column.attname, value)
        for row in rows:
            row._state.adding = False
            row._state.db = using

    def sql(self, using: str, number: int) -> str:
        """What is sent to a database. Args: using: its alias; number: of rows."""
        return (self._known.get((using, number)) or self._compile(using, number))[0]

    def _compile(self, using: str, number: int) -> tuple[str, tuple[Any, ...], _Converters]:
        rows = [
            self.model(
                **{
                    it.attname: DatabaseDefault(it.db_default) if it.has_db_default() else Parameter(place, it)
                    for it in self._fields
                }
            )
            for place in range(number)
        ]
        query = InsertQuery(self.model)
        query.insert_values(self._fields, rows)
        compiler: Any = query.get_compiler(using)
        compiler.returning_fields = self._returned or None
        [(sql, parameters)] = compiler.as_sql()
        table = self.model._meta.db_table
        converters = _converters([it.get_col(table) for it in self._returned], using)
        self._known[using, number] = found = sql, tuple(parameters), converters
        return found


class Update:
    """
    Writing columns of one stored row, found by its primary key.

    Args:
        model: whose row.
        columns: names of the fields that are written.
        unless: names of fields that have to be as given, for the row to be written.
    """

    def __init__(self, model: type[models.Model], columns: Iterable[str], *, unless: Iterable[str] = ()) -> None:
        self.model = model
        options = model._meta
        self.columns = [options.get_field(name) for name in columns]
        self._same = [options.get_field(name) for name in unless]
        self._known: dict[str, tuple[str, tuple[Parameter, ...]]] = {}

    def __call__(self, row: Any, **before: Any) -> None:
        """
        Write the columns as they are on the instance.

        Args:
            row: the instance.
            before: the values that the fields of `unless` are to have.

        Raises:
            DatabaseError: when there is no such row.
        """
        using = router.db_for_write(self.model)
        connection = connections[using]
        sql, parameters = self._known.get(using) or self._compile(using)
        bound = [
            place.column.get_db_prep_value(before[place.name], connection)
            if place.name in before
            else _stored(row, place.column, connection)
            for place in parameters
        ]
        with transaction.mark_for_rollback_on_error(using), _cursor(connection) as cursor:
            cursor.execute(sql, bound)
            written = cursor.rowcount
        if written != 1:
            raise NotWritten("No row was written: it is not there, or not as it was.")

    def sql(self, using: str) -> str:
        """What is sent to a database. Args: using: its alias."""
        return (self._known.get(using) or self._compile(using))[0]

    def _compile(self, using: str) -> tuple[str, tuple[Parameter, ...]]:
        options = self.model._meta
        query: Any = UpdateQuery(self.model)
        query.add_update_fields([(it, None, Parameter("", it)) for it in self.columns])
        for it in (options.pk, *self._same):
            query.add_q(models.Q(**{it.name: Parameter(it.name if it in self._same else "", it)}))
        sql, parameters = query.get_compiler(using).as_sql()
        self._known[using] = found = sql, tuple(parameters)
        return found


class NotWritten(DatabaseError):
    """An update found no row to write. For who wrote it: the row went, or somebody was first."""


_Converters = Mapping[int, tuple[Sequence[Callable[..., Any]], Any]]


@dataclass(slots=True)
class _Compiled:
    """A query as text. Args: parameters: in its order; those that are no `Parameter` are always the same."""

    sql: str
    parameters: tuple[Any, ...]
    locks: bool
    converters: _Converters
    instances: _Instances | None = field(default=None)

    def bound(self, values: Mapping[str, Any], connection: Any) -> list[Any]:
        return [
            place.column.get_db_prep_value(values[place.name], connection) if isinstance(place, Parameter) else place
            for place in self.parameters
        ]

    def read(self, rows: Sequence[Sequence[Any]], connection: Any) -> list[Any]:
        rows = _converted(rows, self.converters, connection)
        return [tuple(row) for row in rows] if self.instances is None else [self.instances.of(row) for row in rows]


class _Instances:
    """Makes instances of rows, as `ModelIterable` does, with their `select_related` and annotations."""

    def __init__(self, compiler: Any, using: str) -> None:
        made = compiler.klass_info
        self._using = using
        self._model = made["model"]
        self._first, last = made["select_fields"][0], made["select_fields"][-1]
        self._end = last + 1
        self._names = [it[0].target.attname for it in compiler.select[self._first : self._end]]
        related: Callable[..., list[Any]] = get_related_populators
        self._related = related(made, compiler.select, using)
        self._annotated = dict(compiler.annotation_col_map or {})

    def of(self, row: Sequence[Any]) -> Any:
        instance = self._model.from_db(self._using, self._names, row[self._first : self._end])
        for related in self._related:
            related.populate(row, instance)
        for name, place in self._annotated.items():
            setattr(instance, name, row[place])
        return instance


def _converters(expressions: Sequence[Any], using: str) -> _Converters:
    """
    Position to what makes a value of what the database gave.

    They are asked of a connection that is never opened: those of the backend hold on to theirs, and one that was
    opened would stay open after its thread.
    """
    connection = connections.create_connection(using)
    found = {}
    for place, expression in enumerate(expressions):
        converters = [
            *connection.ops.get_db_converters(expression),
            *expression.get_db_converters(connection),
        ]
        if converters:
            found[place] = (converters, expression)
    return found


def _converted(rows: Iterable[Sequence[Any]], converters: _Converters, connection: Any) -> Sequence[Sequence[Any]]:
    if not converters:
        return list(rows)
    found = [list(row) for row in rows]
    for row in found:
        for place, (steps, expression) in converters.items():
            value = row[place]
            for step in steps:
                value = step(value, expression, connection)
            row[place] = value
    return found


def _stored(row: Any, column: Any, connection: Any) -> Any:
    return column.get_db_prep_save(getattr(row, column.attname), connection)


def _cursor(connection: Any) -> Any:
    """
    A cursor of Django's.

    On PostgreSQL with `prepare_threshold` in its OPTIONS, the server binds the values and keeps the plan of a
    statement that comes back, which Django's usual cursors never let it do.
    """
    if connection.vendor != "postgresql" or connection.settings_dict["OPTIONS"].get("prepare_threshold") is None:
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: PLC0415 - only where PostgreSQL is

    connection.ensure_connection()
    binding: Any = ServerBindingCursor
    return connection._prepare_cursor(binding(connection.connection))  # noqa: SLF001 - what cursor() does with its own


def _column(model: Any, path: str) -> Any:
    *relations, name = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    return model._meta.get_field(name)
