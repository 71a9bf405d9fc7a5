from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from padwijzer.workflows.core.envelopes import canonical, event_hash, genesis, head_leaf, moment, read_json
from padwijzer.workflows.core.streams import ACCESS
from padwijzer.workflows.history.append import append, lock_heads
from padwijzer.workflows.history.log import log_name
from padwijzer.workflows.history.verifying import (
    _SENTENCES,
    ERASED,
    HistoryFinding,
    examine,
    examine_all,
    verify_all,
    verify_stream,
)
from padwijzer.workflows.models import Event, Head, Opening
from tests.support.history import MONDAY, READS, STREAM, a_history, tampering
from tests.support.sizes import size

PLACES = st.integers(0, 4)
AWAY = 1_000_000  # a place in the stream that is free
COLUMNS = {
    "padwijzer_workflows_event": ("id", ["stream", "prev", "hash", "envelope"]),
    "padwijzer_workflows_opening": ("event_id", ["name", "salt", "value"]),
    "padwijzer_workflows_head": ("stream", ["stream", "hash", "at"]),
}


BINARY = {"prev", "hash", "salt"}
INSERT = "INSERT INTO padwijzer_workflows_event (stream, seq, prev, hash, envelope) VALUES (%s, %s, %s, %s, %s)"


class Byte(NamedTuple):
    """One stored byte: where it is, and the value it is part of."""

    table: str
    column: str
    row: Any
    field: str
    place: int
    octets: bytes


@pytest.fixture
def history(db: None) -> None:
    a_history(5)


def codes(findings: list[HistoryFinding]) -> set[str]:
    return {finding.code for finding in findings}


def filled(sql: str, **names: str) -> str:
    for mark, name in names.items():
        sql = sql.replace("{" + mark + "}", name)
    return sql


def as_bytes(column: str) -> str:
    """The bytes of a text or binary column, on this database."""
    if column in BINARY:
        return column
    return f"convert_to({column}, 'UTF8')" if connection.vendor == "postgresql" else f"CAST({column} AS BLOB)"


def stored_bytes() -> list[Byte]:
    """Every byte of the history."""
    found = []
    for table, (key, columns) in COLUMNS.items():
        name = "name" if "opening" in table else "''"
        for column in columns:
            sql = "SELECT {key}, {name}, {value} FROM {table} ORDER BY 1, 2"
            with connection.cursor() as cursor:
                cursor.execute(filled(sql, key=key, name=name, value=as_bytes(column), table=table))
                for row, field, value in cursor.fetchall():
                    octets = bytes(value)
                    found += [Byte(table, column, row, field, place, octets) for place in range(len(octets))]
    return found


def flip(cursor: Any, byte: Byte, mask: int) -> bool:
    """Turns bits of one stored byte. Returns: whether the database stores such a thing at all."""
    changed = bytearray(byte.octets)
    changed[byte.place] ^= mask
    value: Any = bytes(changed)
    cast = "%s"
    if byte.column not in BINARY:
        if connection.vendor == "postgresql":
            try:
                value = value.decode()
            except UnicodeDecodeError:
                return False
            if "\x00" in value:
                return False
        else:
            cast = "CAST(%s AS TEXT)"
    only = "{key} = %s AND name = %s" if byte.field else "{key} = %s"
    sql = filled(
        "UPDATE {table} SET {column} = {cast} WHERE {only}",
        only=only,
        table=byte.table,
        column=byte.column,
        cast=cast,
        key=COLUMNS[byte.table][0],
    )
    cursor.execute(sql, [value, byte.row, byte.field] if byte.field else [value, byte.row])
    return True


def found_when_turned(cursor: Any, byte: Byte, mask: int) -> bool:
    with transaction.atomic():
        found = not flip(cursor, byte, mask) or bool(verify_all())
        transaction.set_rollback(True)
    return found


def rewrite(cursor: Any, start: int, change: dict[str, Any]) -> bytes:
    """Changes an event and makes every later one follow it, as an insider with the database could."""
    digest = genesis(log_name(), STREAM)
    for pk, seq, envelope in list(
        Event.objects.filter(stream=STREAM).order_by("seq").values_list("pk", "seq", "envelope")
    ):
        members: Any = read_json(envelope)
        members |= {"prev": digest.hex()} | (change if seq == start else {})
        text = canonical(members).decode()
        cursor.execute(
            "UPDATE padwijzer_workflows_event SET envelope = %s, prev = %s, hash = %s WHERE id = %s",
            [text, bytes.fromhex(members["prev"]), event_hash(text), pk],
        )
        digest = event_hash(text)
    return digest


@pytest.mark.usefixtures("history")
class TestASoundHistory:
    def test_has_no_findings(self) -> None:
        assert verify_all() == []
        assert verify_stream(STREAM) == []

    def test_is_counted(self) -> None:
        examined = {found.stream: (found.events, found.erased, found.findings) for found in examine_all()}
        assert examined == {STREAM: (5, 0, ()), READS: (1, 0, ()), ACCESS: (1, 0, ()), "": (0, 0, ())}

    def test_is_read_in_as_many_statements_as_a_short_one(self, django_assert_num_queries: Any) -> None:
        statements = 5  # savepoint, events, openings, head, release
        for stream in (STREAM, READS):
            with django_assert_num_queries(statements):
                examine(stream)

    def test_stays_sound_while_it_grows(self) -> None:
        for hour in range(3):
            append(STREAM, "task.completed", "system", MONDAY - timedelta(hours=hour), fields={"x": hour})
            assert verify_all() == []


@pytest.mark.django_db
def test_an_empty_history_is_sound() -> None:
    assert verify_all() == []


@pytest.mark.django_db
def test_a_stream_that_does_not_exist_is_said_not_to() -> None:
    assert codes(verify_stream(STREAM)) == {"no_such_stream"}
    assert codes(verify_stream("case/1")) == {"stream"}


@pytest.mark.django_db
def test_every_single_byte_of_a_small_history_counts() -> None:
    with transaction.atomic():
        append(STREAM, "case.opened", "actor/7f3a", MONDAY, ref={"family": "f"})
        append(STREAM, "task.completed", "actor/7f3a", MONDAY, fields={"naam": "Kind à Ω"})
    everything = stored_bytes()
    with tampering() as cursor:
        missed = [byte for byte in everything if not found_when_turned(cursor, byte, 0x01)]
    assert {(byte.table, byte.column) for byte in everything} == {
        (table, column) for table, (_key, columns) in COLUMNS.items() for column in columns
    }
    assert missed == []


@pytest.mark.django_db
def test_a_single_turned_bit_is_found_wherever_it_is() -> None:
    a_history(3)
    everything = stored_bytes()
    with tampering() as cursor:

        @settings(max_examples=size("history_flips"))
        @given(st.sampled_from(everything), st.sampled_from([1 << bit for bit in range(8)]))
        def turned(byte: Byte, mask: int) -> None:
            assert found_when_turned(cursor, byte, mask)

        turned()


@pytest.mark.usefixtures("history")
class TestAnAttack:
    """What the owner of the database can do, and what the verifier says of it."""

    def test_of_any_kind_is_found(self) -> None:
        def delete(cursor: Any, one: int, other: int) -> None:
            cursor.execute(
                "DELETE FROM padwijzer_workflows_opening WHERE event_id IN "
                "(SELECT id FROM padwijzer_workflows_event WHERE stream = %s AND seq = %s)",
                [STREAM, one],
            )
            cursor.execute("DELETE FROM padwijzer_workflows_event WHERE stream = %s AND seq = %s", [STREAM, one])

        def delete_and_close_up(cursor: Any, one: int, other: int) -> None:
            delete(cursor, one, other)
            for seq in range(one + 1, 5):
                cursor.execute(
                    "UPDATE padwijzer_workflows_event SET seq = %s WHERE stream = %s AND seq = %s",
                    [seq - 1, STREAM, seq],
                )
            cursor.execute("UPDATE padwijzer_workflows_head SET seq = 3 WHERE stream = %s", [STREAM])

        def swap(cursor: Any, one: int, other: int) -> None:
            if one == other:
                other = (one + 1) % 5
            for before, after in ((one, AWAY), (other, one), (AWAY, other)):
                cursor.execute(
                    "UPDATE padwijzer_workflows_event SET seq = %s WHERE stream = %s AND seq = %s",
                    [after, STREAM, before],
                )

        def cut_off(cursor: Any, one: int, other: int) -> None:
            for seq in range(one, 5):
                delete(cursor, seq, other)

        def insert(cursor: Any, one: int, other: int) -> None:
            event = Event.objects.get(stream=STREAM, seq=one)
            members: Any = read_json(event.envelope)
            for seq in range(4, one, -1):
                cursor.execute(
                    "UPDATE padwijzer_workflows_event SET seq = %s WHERE stream = %s AND seq = %s",
                    [seq + 1, STREAM, seq],
                )
            text = canonical(
                members | {"seq": one + 1, "prev": bytes(event.hash).hex(), "actor": "actor/forger", "fields": {}}
            )
            cursor.execute(
                INSERT,
                [STREAM, one + 1, bytes([other]) * 32, event_hash(text), text.decode()],
            )

        def append_past_the_head(cursor: Any, one: int, other: int) -> None:
            last = Event.objects.get(stream=STREAM, seq=4)
            members: Any = read_json(last.envelope)
            text = canonical(members | {"seq": 5, "prev": bytes(last.hash).hex(), "fields": {}})
            cursor.execute(
                INSERT,
                [STREAM, 5, last.hash, event_hash(text), text.decode()],
            )

        def rewrite_from(cursor: Any, one: int, other: int) -> None:
            rewrite(cursor, one, {"actor": f"actor/{other}"})

        def swap_values(cursor: Any, one: int, other: int) -> None:
            if one == other:
                other = (one + 1) % 5
            keys = dict(Event.objects.filter(stream=STREAM).values_list("seq", "pk"))
            rows = Opening.objects.in_bulk([(keys[one], "uren"), (keys[other], "uren")])
            for target, source in ((one, other), (other, one)):
                row = rows[keys[source], "uren"]
                cursor.execute(
                    "UPDATE padwijzer_workflows_opening SET salt = %s, value = %s "
                    "WHERE event_id = %s AND name = 'uren'",
                    [row.salt, row.value, keys[target]],
                )

        def remove_value(cursor: Any, one: int, other: int) -> None:
            cursor.execute(
                "DELETE FROM padwijzer_workflows_opening WHERE name = 'naam' AND event_id = %s",
                [Event.objects.get(stream=STREAM, seq=one).pk],
            )

        def add_value(cursor: Any, one: int, other: int) -> None:
            cursor.execute(
                "INSERT INTO padwijzer_workflows_opening (event_id, name, salt, value) VALUES (%s, 'extra', %s, '1')",
                [Event.objects.get(stream=STREAM, seq=one).pk, bytes([other]) * 32],
            )

        def remove_head(cursor: Any, one: int, other: int) -> None:
            cursor.execute("DELETE FROM padwijzer_workflows_head WHERE stream = %s", [STREAM])

        def seal_what_is_not_there(cursor: Any, one: int, other: int) -> None:
            cursor.execute(
                "UPDATE padwijzer_workflows_head SET seq = %s, sealed_seq = %s WHERE stream = %s",
                [one + 5, one + 5, STREAM],
            )

        def encrypt(cursor: Any, one: int, other: int) -> None:
            cursor.execute(
                "UPDATE padwijzer_workflows_opening SET key_id = 'k' WHERE event_id = %s",
                [Event.objects.get(stream=STREAM, seq=one).pk],
            )

        attacks = [
            delete,
            delete_and_close_up,
            swap,
            cut_off,
            insert,
            append_past_the_head,
            rewrite_from,
            swap_values,
            remove_value,
            add_value,
            remove_head,
            seal_what_is_not_there,
            encrypt,
        ]

        @given(st.sampled_from(attacks), PLACES, PLACES)
        def attacked(attack: Callable[[Any, int, int], None], one: int, other: int) -> None:
            with tampering() as cursor:
                attack(cursor, one, other)
                findings = verify_all()
                assert findings, attack.__name__
                assert all(finding.sentence and finding.hint for finding in findings)
                assert {finding.stream for finding in findings} == {STREAM}
                assert verify_stream(STREAM) == findings
            assert verify_all() == []

        attacked()

    def test_that_rewrites_the_chain_together_with_its_head_is_betrayed_by_a_leaf_kept_outside(self) -> None:
        head = Head.objects.get(stream=STREAM)
        kept = head_leaf(STREAM, head.seq, bytes(head.hash))
        with tampering() as cursor:
            digest = rewrite(cursor, 1, {"actor": "actor/forger"})
            cursor.execute("UPDATE padwijzer_workflows_head SET hash = %s WHERE stream = %s", [digest, STREAM])
            assert verify_all() == []
            assert head_leaf(STREAM, head.seq, digest) != kept

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"at": moment(MONDAY - timedelta(days=1))}, "clock"),
            ({"prev": "ab" * 32}, "link"),
            ({"seq": 7}, "other_place"),
            ({"chain": READS}, "other_stream"),
            ({"log": "gemeente-anders.example/padwijzer"}, "other_log"),
            ({"fields": {}}, "opening_extra"),
        ],
    )
    def test_that_tells_an_impossible_story_is_found_even_when_everything_is_rewritten(
        self, change: dict[str, Any], code: str
    ) -> None:
        with tampering() as cursor:
            digest = rewrite(cursor, 2, change)
            cursor.execute("UPDATE padwijzer_workflows_head SET hash = %s WHERE stream = %s", [digest, STREAM])
            assert {(finding.seq, finding.code) for finding in verify_all()} == {(2, code)}

    def test_that_claims_a_seal_on_what_has_not_happened(self) -> None:
        with tampering() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("ALTER TABLE padwijzer_workflows_head DROP CONSTRAINT padwijzer_head_sealed")
            else:
                cursor.execute("PRAGMA ignore_check_constraints = ON")
            try:
                cursor.execute("UPDATE padwijzer_workflows_head SET sealed_seq = 5 WHERE stream = %s", [STREAM])
            finally:
                if connection.vendor == "sqlite":
                    cursor.execute("PRAGMA ignore_check_constraints = OFF")
            assert codes(verify_all()) == {"head"}

    def test_that_removes_all_events_and_leaves_the_head(self) -> None:
        with tampering() as cursor:
            cursor.execute("DELETE FROM padwijzer_workflows_opening")
            cursor.execute("DELETE FROM padwijzer_workflows_event")
            assert codes(verify_all()) == {"head_without_events"}

    def test_that_leaves_values_of_events_that_are_gone(self) -> None:
        with tampering() as cursor:
            cursor.execute("DELETE FROM padwijzer_workflows_event WHERE stream = %s", [STREAM])
            cursor.execute("DELETE FROM padwijzer_workflows_head WHERE stream = %s", [STREAM])
            findings = verify_all()
            assert [(finding.stream, finding.code) for finding in findings] == [("", "orphan")]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("{}", "shape"),
            ("[]", "shape"),
            ("nonsense", "unreadable"),
            ('{"v":1,"v":1}', "duplicate_key"),
            ('{ "v":1}', "not_canonical"),
            ('{"v":9007199254740993}', "shape"),
            ('{"v":"e\u0301"}', "shape"),
        ],
    )
    def test_that_stores_what_is_no_event(self, text: str, code: str) -> None:
        with tampering() as cursor:
            cursor.execute(
                "UPDATE padwijzer_workflows_event SET envelope = %s WHERE stream = %s AND seq = 4", [text, STREAM]
            )
            found = verify_stream(STREAM)
            assert (4, code) in {(finding.seq, finding.code) for finding in found}

    def test_that_says_the_same_in_another_spelling(self) -> None:
        with tampering() as cursor:
            envelope = Event.objects.get(stream=STREAM, seq=4).envelope.replace('"log":', '"log": ')
            digest = event_hash(envelope)
            cursor.execute(
                "UPDATE padwijzer_workflows_event SET envelope = %s, hash = %s WHERE stream = %s AND seq = 4",
                [envelope, digest, STREAM],
            )
            cursor.execute("UPDATE padwijzer_workflows_head SET hash = %s WHERE stream = %s", [digest, STREAM])
            assert "not_canonical" in codes(verify_all())

    def test_that_spells_a_value_otherwise(self) -> None:
        with tampering() as cursor:
            cursor.execute("UPDATE padwijzer_workflows_opening SET value = '0.50' WHERE value = '0.5'")
            assert [(finding.seq, finding.code) for finding in verify_all()] == [(0, "opening")]

    def test_is_told_without_values(self) -> None:
        with tampering() as cursor:
            cursor.execute("UPDATE padwijzer_workflows_opening SET value = '\"geheim\"' WHERE name = 'naam'")
            assert "geheim" not in repr(verify_all())

    @pytest.mark.sqlite
    def test_with_bytes_that_are_no_text_is_told_and_not_stumbled_over(self) -> None:
        for table, column in (
            ("event", "envelope"),
            ("event", "stream"),
            ("opening", "value"),
            ("opening", "name"),
            ("opening", "key_id"),
            ("head", "at"),
            ("head", "stream"),
        ):
            with tampering() as cursor:
                first = "(SELECT min(rowid) FROM {table})"
                sql = "UPDATE {table} SET {column} = CAST(x'fffe' AS TEXT) WHERE rowid = {first}"
                cursor.execute(filled(sql, first=first, table=f"padwijzer_workflows_{table}", column=column))
                assert verify_all(), (table, column)


@pytest.mark.usefixtures("history")
class TestErasing:
    def erase(self, cursor: Any, named: Any, *, seq: int = 1, name: str = "naam") -> None:
        cursor.execute(
            "DELETE FROM padwijzer_workflows_opening WHERE name = %s AND event_id = %s",
            [name, Event.objects.get(stream=STREAM, seq=seq).pk],
        )
        append(STREAM, ERASED, "actor/dpo", MONDAY, ref={"erased": named, "basis": "AVG17"})

    def test_a_value_that_a_later_event_names_may_be_gone(self) -> None:
        with tampering() as cursor:
            self.erase(cursor, [[1, "naam"]])
            assert verify_all() == []
            assert examine(STREAM).erased == 1

    @pytest.mark.parametrize("named", [[], [[2, "naam"]], [[1, "besluit"]]])
    def test_a_value_that_no_later_event_names_may_not(self, named: Any) -> None:
        with tampering() as cursor:
            self.erase(cursor, named)
            assert (1, "opening_missing") in {(finding.seq, finding.code) for finding in verify_all()}

    def test_an_earlier_event_cannot_name_a_value_of_a_later_one(self) -> None:
        with tampering() as cursor:
            append(STREAM, ERASED, "actor/dpo", MONDAY, ref={"erased": [[6, "x"]]})
            append(STREAM, "task.completed", "system", MONDAY, fields={"x": 1})
            cursor.execute("DELETE FROM padwijzer_workflows_opening WHERE name = 'x'")
            assert codes(verify_all()) == {"not_erased", "opening_missing"}

    def test_a_value_that_is_still_there_was_not_erased(self) -> None:
        append(STREAM, ERASED, "actor/dpo", MONDAY, ref={"erased": [[1, "naam"]]})
        assert codes(verify_all()) == {"not_erased"}

    @pytest.mark.parametrize("named", ["all", [["1", "naam"]], [[1]], [1], None])
    def test_an_event_that_names_nothing_readable_is_a_finding(self, named: Any) -> None:
        append(STREAM, ERASED, "actor/dpo", MONDAY, ref={"erased": named})
        assert codes(verify_all()) == {"shape"}


@pytest.mark.usefixtures("history")
def test_another_log_has_another_history(settings: Any) -> None:
    settings.PADWIJZER_LOG = "gemeente-anders.example/padwijzer"
    assert "other_log" in codes(verify_stream(STREAM))


@pytest.mark.django_db
def test_a_head_that_was_locked_for_nothing_is_a_finding() -> None:
    lock_heads([STREAM])
    assert codes(verify_all()) == {"head_without_events"}


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_reads_one_state_of_the_database() -> None:
    with transaction.atomic():
        append(STREAM, "case.opened", "system", MONDAY, fields={"x": 1})
    assert verify_all() == []


def test_every_finding_has_a_sentence_and_a_hint_in_every_language() -> None:
    for language in ("nl", "en"):
        with translation.override(language):
            for sentence, hint in _SENTENCES.values():
                assert str(sentence).endswith(".")
                assert str(hint).endswith(".")
