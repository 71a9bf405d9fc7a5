from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import checks
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models.signals import post_migrate

from padwijzer.workflows.checks import history_is_protected
from padwijzer.workflows.core.errors import HistoryRefused
from padwijzer.workflows.history.append import append
from padwijzer.workflows.history.protection import missing_triggers, protect, triggers
from padwijzer.workflows.history.verifying import verify_all
from padwijzer.workflows.models import Event, Head, Opening, Pseudonym
from tests.support.history import MONDAY, STREAM, a_history, remove_protection, tampering

ROWS = [Event, Opening, Head]


def named(sql: str) -> str:
    for model in ROWS:
        sql = sql.replace("{" + model.__name__.lower() + "}", model._meta.db_table)
    return sql


def say(sql: str, *parameters: bytes) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(named(sql), parameters)


@pytest.fixture
def history(db: None) -> None:
    a_history()


@pytest.mark.usefixtures("history")
class TestTheModelsRefuse:
    @pytest.mark.parametrize("model", ROWS)
    def test_saving_a_stored_row_again(self, model: Any) -> None:
        row = model.objects.first()
        with pytest.raises(HistoryRefused):
            row.save()

    @pytest.mark.parametrize("model", ROWS)
    def test_saving_with_named_fields(self, model: Any) -> None:
        with pytest.raises(HistoryRefused):
            model().save(update_fields=["seq"])
        with pytest.raises(HistoryRefused):
            model().save(force_update=True)

    def test_putting_a_new_row_in_the_place_of_an_old_one(self) -> None:
        stored = Event.objects.get(stream=STREAM, seq=0)
        with pytest.raises(IntegrityError), transaction.atomic():
            Event(pk=stored.pk, stream=stored.stream, seq=stored.seq, prev=stored.prev, hash=b"x" * 32).save()

    @pytest.mark.parametrize("model", ROWS)
    def test_deleting_a_row(self, model: Any) -> None:
        row = model.objects.first()
        with pytest.raises(HistoryRefused):
            row.delete()

    @pytest.mark.parametrize("model", ROWS)
    def test_changing_or_deleting_many(self, model: Any) -> None:
        rows = model.objects.all()
        first = rows.first()
        field = "hash" if model is not Opening else "salt"
        for attempt in (
            lambda: rows.update(**{field: b"x"}),
            rows.delete,
            lambda: rows.bulk_update([first], [field]),
            lambda: rows._raw_delete("default"),
            lambda: rows.bulk_create([first], update_conflicts=True, update_fields=[field], unique_fields=["pk"]),
            lambda: model._base_manager.update(**{field: b"x"}),
        ):
            with pytest.raises(HistoryRefused):
                attempt()
        assert verify_all() == []

    def test_deleting_the_openings_of_an_event(self) -> None:
        event: Any = Event.objects.get(stream=STREAM, seq=0)
        with pytest.raises(HistoryRefused):
            event.openings.all().delete()

    def test_no_model_has_permissions_to_give(self) -> None:
        assert all(model._meta.default_permissions == () for model in (*ROWS, Pseudonym))


@pytest.mark.usefixtures("history")
class TestTheDatabaseRefuses:
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE {event} SET envelope = '{}'",
            "UPDATE {event} SET recorded_at = recorded_at",
            "DELETE FROM {event}",
            "DELETE FROM {event} WHERE seq = 2",
            "UPDATE {opening} SET value = '1'",
            "UPDATE {head} SET seq = seq - 1 WHERE seq > 0",
            "UPDATE {head} SET at = 'x'",
            "UPDATE {head} SET stream = 'system' WHERE stream = 'access'",
            "DELETE FROM {head}",
        ],
    )
    def test_changes(self, sql: str) -> None:
        with pytest.raises(IntegrityError, match=r"grows|forward"):
            say(sql)
        assert verify_all() == []

    def test_a_head_with_another_hash(self) -> None:
        with pytest.raises(IntegrityError, match="forward"):
            say("UPDATE {head} SET hash = %s", b"x" * 32)

    def test_an_event_that_follows_nothing(self) -> None:
        with pytest.raises(IntegrityError, match=r"follows|envelope"), transaction.atomic():
            Event.objects.create(stream=STREAM, seq=3, prev=b"x" * 32, hash=b"y" * 32, envelope="{}")
        with pytest.raises(IntegrityError), transaction.atomic():
            Event.objects.create(stream=STREAM, seq=9, prev=b"x" * 32, hash=b"y" * 32, envelope="{}")

    @pytest.mark.postgresql
    @pytest.mark.parametrize("table", ["event", "opening", "head"])
    def test_emptying_a_table(self, table: str) -> None:
        say("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="grows"):
            say("TRUNCATE {" + table + "} CASCADE")

    @pytest.mark.postgresql
    def test_a_hash_that_is_not_that_of_the_envelope(self) -> None:
        last = Event.objects.get(stream=STREAM, seq=2)
        with pytest.raises(IntegrityError, match="hash is not that of the envelope"):
            Event.objects.create(stream=STREAM, seq=3, prev=last.hash, hash=b"y" * 32, envelope="{}")

    @pytest.mark.postgresql
    def test_a_head_that_moves_to_an_event_that_is_not_there(self) -> None:
        with pytest.raises(IntegrityError, match="forward"):
            say("UPDATE {head} SET seq = seq + 1")

    @pytest.mark.sqlite
    @pytest.mark.parametrize(
        "sql",
        [
            "INSERT OR REPLACE INTO {event} SELECT * FROM {event} WHERE seq = 2",
            (
                "INSERT OR REPLACE INTO {opening} (event_id, name, salt, value) "
                "SELECT event_id, name, zeroblob(32), '1' FROM {opening}"
            ),
            "UPDATE OR REPLACE {event} SET seq = 1 WHERE seq = 2",
        ],
    )
    def test_replacing(self, sql: str) -> None:
        with pytest.raises(IntegrityError, match="grows"):
            say(sql)

    @pytest.mark.sqlite
    def test_replacing_a_head_does_nothing(self) -> None:
        before = list(Head.objects.order_by("stream").values())
        say(
            "INSERT OR REPLACE INTO {head} (stream, seq, hash, at, sealed_seq) SELECT stream, 0, zeroblob(32), '', "
            "-1 FROM {head}"
        )
        assert list(Head.objects.order_by("stream").values()) == before


@pytest.mark.django_db
class TestTheTriggersStand:
    def test_after_the_tables_were_made(self) -> None:
        assert missing_triggers(connection) == []
        assert history_is_protected(None, databases=["default"]) == []

    def test_and_the_check_names_each_that_does_not(self) -> None:
        with tampering():
            found = history_is_protected(None, databases=["default"])
            assert len(found) == len(triggers(connection))
            for trigger, warning in zip(triggers(connection), found, strict=True):
                assert trigger.name in warning.msg
                assert "migrate" in (warning.hint or "")
                assert warning.level == checks.WARNING

    def test_and_a_database_that_is_not_asked_for_is_left_alone(self, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            assert history_is_protected(None) == []

    def test_and_the_check_is_one_of_the_database(self) -> None:
        assert checks.Tags.database in history_is_protected.tags

    def test_again_after_they_were_removed(self) -> None:
        with tampering():
            post_migrate.send(
                apps.get_app_config("padwijzer_workflows"),
                using="default",
                app_config=apps.get_app_config("padwijzer_workflows"),
            )
            assert missing_triggers(connection) == []

    @pytest.mark.sqlite
    def test_only_with_the_contents_they_should_have(self) -> None:
        with tampering() as cursor:
            protect(connection)
            cursor.execute("DROP TRIGGER padwijzer_event_no_update")
            cursor.execute(
                named("CREATE TRIGGER padwijzer_event_no_update BEFORE UPDATE ON {event} WHEN 0 ")
                + "BEGIN SELECT RAISE(ABORT, 'the history only grows'); END"
            )
            assert [trigger.name for trigger in missing_triggers(connection)] == ["padwijzer_event_no_update"]
            protect(connection)
            assert missing_triggers(connection) == []

    @pytest.mark.postgresql
    @pytest.mark.parametrize(
        "sql",
        [
            "ALTER TABLE {event} DISABLE TRIGGER padwijzer_event_no_change",
            (
                "DROP TRIGGER padwijzer_event_no_change ON {event}; CREATE TRIGGER padwijzer_event_no_change "
                "BEFORE UPDATE ON {event} FOR EACH ROW EXECUTE FUNCTION padwijzer_history_refuse()"
            ),
            (
                "DROP TRIGGER padwijzer_event_no_change ON {event}; CREATE TRIGGER padwijzer_event_no_change BEFORE "
                "UPDATE OR DELETE ON {event} FOR EACH ROW WHEN (false) EXECUTE FUNCTION padwijzer_history_refuse()"
            ),
        ],
    )
    def test_only_switched_on_and_with_the_contents_they_should_have(self, sql: str) -> None:
        with tampering() as cursor:
            protect(connection)
            cursor.execute(named(sql))
            assert [trigger.name for trigger in missing_triggers(connection)] == ["padwijzer_event_no_change"]
            protect(connection)
            assert missing_triggers(connection) == []

    @pytest.mark.postgresql
    def test_only_with_functions_that_refuse(self) -> None:
        with tampering() as cursor:
            protect(connection)
            cursor.execute(
                "CREATE OR REPLACE FUNCTION padwijzer_history_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "'BEGIN RETURN NEW; END'"
            )
            assert len(missing_triggers(connection)) == 6
            protect(connection)
            assert missing_triggers(connection) == []


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_table_that_sqlite_builds_anew_loses_its_triggers_until_the_signal_brings_them_back() -> None:
    a_history()
    old = Event._meta.get_field("envelope")
    new = models.TextField(default="")
    new.set_attributes_from_name("envelope")
    new.model = Event
    with connection.schema_editor() as editor:
        editor.alter_field(Event, old, new, strict=False)
        editor.alter_field(Event, new, old, strict=False)
    lost = {trigger.table for trigger in missing_triggers(connection)}
    call_command("migrate", verbosity=0, skip_checks=True)
    assert lost <= {Event}
    assert missing_triggers(connection) == []
    assert verify_all() == []


@pytest.mark.sqlite
def test_the_triggers_stand_after_every_migration(tmp_path: Path, django_db_blocker: Any) -> None:
    connections.databases["scratch"] = connections.configure_settings(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "scratch.sqlite3")}}
    )["default"]
    with django_db_blocker.unblock():
        scratch = connections["scratch"]
        try:
            nodes = MigrationLoader(scratch).graph.nodes
            ours = sorted(name for app, name in nodes if app == "padwijzer_workflows")
            assert ours
            for name in ours:
                call_command(
                    "migrate", "padwijzer_workflows", name, database="scratch", verbosity=0, skip_checks=True
                )
                assert missing_triggers(scratch) == [], name
        finally:
            scratch.close()
            del connections["scratch"]
            del connections.databases["scratch"]


@pytest.mark.django_db(transaction=True)
class TestEmptyingBetweenTests:
    """Tests with `transaction=True` end with emptied tables; the triggers stand again for the next one."""

    def test_one_test_leaves_a_history(self) -> None:
        a_history()
        assert missing_triggers(connection) == []

    def test_the_next_finds_none_and_may_not_change_its_own(self) -> None:
        assert not Event.objects.exists()
        assert missing_triggers(connection) == []
        with transaction.atomic():
            append(STREAM, "a", "system", MONDAY)
        with pytest.raises(IntegrityError):
            say("DELETE FROM {event}")


@pytest.mark.django_db
def test_a_user_who_goes_leaves_his_pseudonym(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("a.bakker")
    pseudonym = Pseudonym.objects.of(user)
    assert Pseudonym.objects.of(user) == pseudonym
    assert "bakker" not in pseudonym
    user.delete()
    assert Pseudonym.objects.get(pseudonym=pseudonym).user is None


@pytest.mark.django_db
def test_two_users_have_two_pseudonyms(django_user_model: Any) -> None:
    one, other = (django_user_model.objects.create_user(name) for name in ("a", "b"))
    assert Pseudonym.objects.of(one) != Pseudonym.objects.of(other)


def test_removing_the_triggers_is_for_tests_only() -> None:
    assert remove_protection.__module__.startswith("tests.")
