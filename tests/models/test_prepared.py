"""Every prepared statement of the code is the ORM's own: the same text, the same rows, the same columns written."""

import datetime as dt
from collections import defaultdict
from importlib import import_module
from pkgutil import walk_packages
from uuid import uuid4

import pytest
from django.db import connection, models, transaction
from django.db.models.sql import InsertQuery
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from padwijzer import workflows
from padwijzer.workflows.engine.locking import lock_case
from padwijzer.workflows.history.verifying import verify_all
from padwijzer.workflows.models import Case, RegisterRow, Task
from padwijzer.workflows.models.prepared import MOST_ROWS, Insert, NotWritten, Select, Update
from padwijzer.workflows.queries.case_files import LazyVisits
from padwijzer.workflows.queries.releases import running_release
from tests.support.cases import a_case, a_release, with_help_chosen

USING = "default"


def prepared():
    """Name to statement, for every one in the code."""
    modules = [
        it.name for it in walk_packages(workflows.__path__, f"{workflows.__name__}.") if "migrations" not in it.name
    ]
    found = {}
    for module in modules:
        for name, value in vars(import_module(module)).items():
            if isinstance(value, Select | Insert | Update) and value not in found.values():
                found[f"{module.removeprefix(workflows.__name__ + '.')}.{name}"] = value
    return found


STATEMENTS = prepared()
SELECTS = {name: it for name, it in STATEMENTS.items() if isinstance(it, Select)}
INSERTS = {name: it for name, it in STATEMENTS.items() if isinstance(it, Insert)}


def a_value(column):
    """Some value that a column takes."""
    column = getattr(column, "target_field", column)
    samples = {
        models.UUIDField: uuid4(),
        models.DateField: dt.date(2026, 11, 3),
        models.IntegerField: 7,
        models.CharField: "case/x",
    }
    return next(sample for kind, sample in samples.items() if isinstance(column, kind))


@pytest.fixture
def family():
    a_release()
    return a_case()


@pytest.mark.django_db
@pytest.mark.parametrize("name", SELECTS)
def test_a_prepared_query_is_sent_as_the_orm_would_send_it(name):
    select = SELECTS[name]
    compiled = select._compile(USING)
    values = {
        place.name: a_value(place.column)
        for place in compiled.parameters
        if getattr(place, "column", None) is not None
    }
    assert values.keys() == select.parameters.keys()
    sql, parameters = select.plain(**values).query.get_compiler(USING).as_sql()
    assert compiled.sql == sql
    assert list(map(repr, compiled.bound(values, connection))) == list(map(repr, parameters))


@pytest.mark.django_db
@pytest.mark.parametrize("name", INSERTS)
def test_a_prepared_insert_is_sent_as_the_orm_would_send_it(name):
    insert = INSERTS[name]
    query = InsertQuery(insert.model)
    query.insert_values(insert._fields, [insert.model()])
    compiler = query.get_compiler(USING)
    compiler.returning_fields = insert._returned or None
    [(sql, _)] = compiler.as_sql()
    assert insert.sql(USING, 1) == sql


@pytest.mark.django_db
def test_all_along_a_path_every_statement_reads_and_writes_what_the_orm_does(family, monkeypatch):
    used = defaultdict(int)
    select_, insert_, update_ = Select.__call__, Insert.__call__, Update.__call__

    def select(self, **values):
        rows = select_(self, **values)
        assert [content(row) for row in rows] == [content(row) for row in self.plain(**values)]
        used[self] += 1
        return rows

    def insert(self, rows):
        insert_(self, rows)
        for row in rows:
            assert not row._state.adding
            columns = [it.attname for it in row._meta.concrete_fields]
            assert stored(row, columns) == {name: getattr(row, name) for name in columns}
            used[self] += 1

    def update(self, row, **before):
        rest = [it.attname for it in row._meta.concrete_fields if it not in self.columns]
        untouched = stored(row, rest)
        update_(self, row, **before)
        written = [it.attname for it in self.columns]
        assert stored(row, written) == {name: getattr(row, name) for name in written}
        assert stored(row, rest) == untouched
        used[self] += 1

    monkeypatch.setattr(Select, "__call__", select)
    monkeypatch.setattr(Insert, "__call__", insert)
    monkeypatch.setattr(Update, "__call__", update)
    with_help_chosen(family)
    lock_case(family.case.pk)
    first = LazyVisits(family.case, running_release(family.case.release.digest))[0]
    assert first.answers["vraag"] == "Er is vaak ruzie thuis"
    monkeypatch.undo()
    assert [name for name, it in STATEMENTS.items() if not used[it]] == []
    assert verify_all() == []


def content(row):
    """What a row says: a tuple as it is, an instance with what was read along with it."""
    if not isinstance(row, models.Model):
        return row
    columns = {it.attname for it in row._meta.concrete_fields} - row.get_deferred_fields()
    columns |= vars(row).keys() & {"has_draft"}
    beside = {it.name for it in row._meta.concrete_fields if it.is_relation and it.is_cached(row)} - {"event"}
    return type(row), {
        **{name: getattr(row, name) for name in columns},
        **{name: getattr(row, name).pk for name in beside if getattr(row, name)},
    }


def stored(row, columns):
    now = type(row)._base_manager.get(pk=row.pk)
    return {name: getattr(now, name) for name in columns}


@pytest.mark.django_db
def test_what_was_read_along_costs_no_statement(family):
    task = family.task("first_talk")
    [read] = SELECTS["engine.locking._TASK"](task=task.pk)
    with CaptureQueriesContext(connection) as queries:
        assert (read.process.definition, read.case.pk, read.has_draft) == ("V", family.case.pk, False)
        assert len(read.case.release.digest) == 64
    assert len(queries) == 0


@pytest.mark.django_db
def test_a_compiled_statement_holds_on_to_no_open_connection(family):
    connection.ensure_connection()
    for select in SELECTS.values():
        for steps, _ in select._compile(USING).converters.values():
            for step in steps:
                held = getattr(getattr(step, "__self__", None), "connection", None)
                assert held is None or held.connection is None


@pytest.mark.django_db(transaction=True)
def test_a_lock_outside_a_transaction_is_refused_where_there_are_locks():
    with transaction.atomic():
        assert lock_case(uuid4()) is None
    if connection.features.has_select_for_update:
        with pytest.raises(TransactionManagementError):
            lock_case(uuid4())
    else:
        assert lock_case(uuid4()) is None


@pytest.mark.django_db
def test_an_update_of_a_row_that_is_gone_is_no_silent_nothing(family):
    with pytest.raises(NotWritten):
        Update(Case, ("status",))(Case(pk=uuid4()))


@pytest.mark.django_db
def test_an_update_that_expects_something_leaves_a_row_that_is_otherwise(family):
    family.case.status = Case.Status.CLOSED
    close = Update(Case, ("status",), unless=("number",))
    with pytest.raises(NotWritten):
        close(family.case, number="J-0000-0000")
    assert Case.objects.get(pk=family.case.pk).status == Case.Status.OPEN
    close(family.case, number=family.case.number)
    assert Case.objects.get(pk=family.case.pk).status == Case.Status.CLOSED


@pytest.mark.django_db
@pytest.mark.parametrize("number", [0, 1, 2, MOST_ROWS, MOST_ROWS + 1])
def test_rows_are_added_together(family, number):
    before = RegisterRow.objects.count()
    rows = [
        RegisterRow(case=family.case, register="note", order=order, recorded_on=dt.date(2026, 11, 3))
        for order in range(number)
    ]
    with CaptureQueriesContext(connection) as queries:
        Insert(RegisterRow)(rows)
    inserts = [it["sql"] for it in queries if it["sql"].startswith("INSERT")]
    assert len(inserts) == min(number, 1)
    assert RegisterRow.objects.count() == before + number
    assert {it.pk for it in rows} <= set(RegisterRow.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_query_that_gives_neither_instances_nor_tuples_is_refused():
    with pytest.raises(TypeError):
        Select(Case, lambda case: Case.objects.filter(pk=case).values("pk"), case="id")(case=uuid4())


@pytest.mark.django_db
def test_postgresql_keeps_the_plan_where_its_operator_allows_that(family, monkeypatch):
    task = family.task("first_talk")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "prepare_threshold", 0)
    if connection.vendor == "postgresql":
        monkeypatch.setattr(connection.connection, "prepare_threshold", 0)
        family.does("first_talk", {"waarom_nu": "De school belde", "wil_gezin": "Rust", "uitleg_steun": "ja"})
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements")
            kept = [statement for (statement,) in cursor.fetchall()]
        assert any(statement.startswith("UPDATE") and "$1" in statement for statement in kept)
    else:
        family.does("first_talk", {"waarom_nu": "De school belde", "wil_gezin": "Rust", "uitleg_steun": "ja"})
    assert Task.objects.get(pk=task.pk).outcome == "done"
    assert verify_all() == []
