import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from padwijzer.workflows.core.envelopes import commit, event_hash, genesis
from padwijzer.workflows.core.errors import HistoryRefused
from padwijzer.workflows.core.streams import ACCESS, SYSTEM
from padwijzer.workflows.history.append import Entry, append, append_all, lock_heads
from padwijzer.workflows.history.log import log_name
from padwijzer.workflows.history.verifying import verify_all, verify_stream
from padwijzer.workflows.models import Event, Head, Opening
from tests.support.history import MONDAY, STREAM, counted_salts

WRITERS = 8
EACH = 15


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded() -> None:
    with pytest.raises(HistoryRefused) as refusal:
        append(STREAM, "task.completed", "system", MONDAY)
    assert refusal.value.code == "no_transaction"
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_did_not_happen() -> None:
    with transaction.atomic():
        append(STREAM, "task.completed", "system", MONDAY, fields={"x": 1})
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert not Head.objects.exists()
    assert not Opening.objects.exists()


@pytest.mark.django_db
class TestAppending:
    def test_the_first_event_follows_the_genesis_of_its_stream(self) -> None:
        event = append(STREAM, "case.opened", "system", MONDAY)
        assert (event.seq, event.prev) == (0, genesis(log_name(), STREAM))

    def test_every_event_follows_the_hash_of_the_one_before(self) -> None:
        first = append(STREAM, "case.opened", "system", MONDAY)
        second = append(STREAM, "task.completed", "system", MONDAY)
        assert (second.seq, second.prev) == (1, first.hash)
        head = Head.objects.get(stream=STREAM)
        assert (head.seq, bytes(head.hash), head.sealed_seq) == (1, second.hash, -1)

    def test_the_stored_text_is_what_was_hashed(self) -> None:
        event = append(STREAM, "case.opened", "system", MONDAY, ref={"task": "à"}, fields={"naam": "Ω"})
        stored = Event.objects.get(pk=event.pk)
        assert event_hash(stored.envelope) == bytes(stored.hash) == event.hash
        assert stored.recorded_at is not None

    def test_values_stand_in_openings_only(self) -> None:
        event = append(STREAM, "task.completed", "system", MONDAY, fields={"naam": "Kind Voorbeeld", "uren": 1.5})
        assert "Voorbeeld" not in event.envelope
        stored = {row.name: row for row in Opening.objects.filter(event=event)}
        assert {name: json.loads(row.value) for name, row in stored.items()} == {
            "naam": "Kind Voorbeeld",
            "uren": 1.5,
        }
        commitments = json.loads(event.envelope)["fields"]
        for name, row in stored.items():
            assert commit(bytes(row.salt), name, json.loads(row.value)).hex() == commitments[name]

    def test_every_field_of_every_event_has_a_salt_of_its_own(self) -> None:
        for _ in range(3):
            append(STREAM, "task.completed", "system", MONDAY, fields={"a": "same", "b": "same"})
        salts = {bytes(salt) for salt in Opening.objects.values_list("salt", flat=True)}
        assert len(salts) == 6
        assert all(len(salt) == 32 for salt in salts)

    def test_text_is_normalised_before_it_is_hashed_and_stored(self) -> None:
        append(STREAM, "task.completed", "system", MONDAY, fields={"naam": "Rene\u0301"})
        assert json.loads(Opening.objects.get().value) == "Ren\u00e9"
        assert verify_stream(STREAM) == []

    @pytest.mark.parametrize("value", [2**53, float("nan"), "\ud800", "\x00", object()])
    def test_a_value_that_cannot_be_hashed_leaves_nothing_behind(self, value: Any) -> None:
        with pytest.raises(HistoryRefused):
            append(STREAM, "task.completed", "system", MONDAY, fields={"x": value})
        assert not Event.objects.exists()

    @pytest.mark.parametrize("stream", ["case/1", "", "cases", "definition/A b"])
    def test_an_unknown_stream_is_refused(self, stream: str) -> None:
        with pytest.raises(HistoryRefused) as refusal:
            append(stream, "task.completed", "system", MONDAY)
        assert refusal.value.code == "stream"

    def test_a_moment_without_time_zone_is_refused(self) -> None:
        with pytest.raises(HistoryRefused):
            append(STREAM, "task.completed", "system", MONDAY.replace(tzinfo=None))

    def test_a_clock_that_falls_back_a_little_is_held(self) -> None:
        append(STREAM, "a", "system", MONDAY)
        event = append(STREAM, "b", "system", MONDAY - timedelta(seconds=2))
        envelope = json.loads(event.envelope)
        assert envelope["at"] == "2026-11-23T09:00:00.000000Z"
        assert envelope["ref"] == {}

    def test_a_clock_that_falls_back_further_is_held_and_told(self) -> None:
        append(STREAM, "a", "system", MONDAY)
        event = append(STREAM, "b", "system", MONDAY - timedelta(seconds=2, microseconds=1), ref={"task": "x"})
        envelope = json.loads(event.envelope)
        assert envelope["at"] == "2026-11-23T09:00:00.000000Z"
        assert envelope["ref"] == {"task": "x", "clock": "2026-11-23T08:59:57.999999Z"}
        assert verify_stream(STREAM) == []

    def test_nobody_else_writes_what_the_clock_said(self) -> None:
        with pytest.raises(HistoryRefused):
            append(STREAM, "a", "system", MONDAY, ref={"clock": "x"})

    def test_one_event_in_a_stream_that_exists_costs_four_statements(self) -> None:
        append(STREAM, "case.opened", "system", MONDAY)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            append(STREAM, "task.completed", "system", MONDAY, fields={"a": 1, "b": 2, "c": 3})
        assert len(queries) == 4, [query["sql"][:60] for query in queries]

    def test_an_event_without_fields_and_with_a_locked_head_costs_two(self) -> None:
        append(STREAM, "case.opened", "system", MONDAY)
        head = lock_heads([STREAM])[STREAM]
        with CaptureQueriesContext(connection) as queries:
            append(STREAM, "task.completed", "system", MONDAY, head=head)
            append(STREAM, "task.completed", "system", MONDAY, head=head)
        assert len(queries) == 4
        assert head.seq == 2
        assert verify_stream(STREAM) == []

    def test_a_head_that_somebody_else_moved_is_refused(self) -> None:
        append(STREAM, "case.opened", "system", MONDAY)
        stale = lock_heads([STREAM])[STREAM]
        append(STREAM, "task.completed", "system", MONDAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            append(STREAM, "task.completed", "system", MONDAY, head=stale)
        assert verify_stream(STREAM) == []

    def test_a_head_that_is_not_stored_is_refused(self) -> None:
        invented = Head(stream=STREAM, seq=-1, hash=genesis(log_name(), STREAM))
        with pytest.raises(HistoryRefused) as refusal, transaction.atomic():
            append(STREAM, "case.opened", "system", MONDAY, head=invented)
        assert refusal.value.code == "moved"
        assert not Event.objects.exists()

    def test_several_streams_are_written_together(self) -> None:
        entries = [
            Entry(STREAM, "task.completed", "actor/1", fields={"x": 1}),
            Entry(ACCESS, "role.given", "actor/1"),
            Entry(STREAM, "run.ended", "actor/1"),
        ]
        events = append_all(entries, MONDAY, salts=counted_salts())
        assert [(event.stream, event.seq) for event in events] == [(STREAM, 0), (ACCESS, 0), (STREAM, 1)]
        assert all(event.pk for event in events)
        assert verify_all() == []

    def test_nothing_to_record_records_nothing(self) -> None:
        assert append_all([], MONDAY) == []
        assert not Head.objects.exists()

    def test_an_entry_does_not_show_its_values(self) -> None:
        assert "geheim" not in repr(Entry(STREAM, "a", "b", fields={"x": "geheim"}))

    def test_heads_are_locked_in_the_order_of_their_names(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            lock_heads([SYSTEM, STREAM, ACCESS])
        inserted = next(query["sql"] for query in queries if "INSERT" in query["sql"])
        assert inserted.index(f"'{ACCESS}'") < inserted.index(f"'{STREAM}'") < inserted.index(f"'{SYSTEM}'")
        assert all("ORDER BY" in query["sql"] for query in queries if query["sql"].startswith("SELECT"))


@pytest.mark.django_db(transaction=True)
def test_many_writers_of_one_stream_leave_no_gap() -> None:
    barrier = Barrier(WRITERS)

    def write(number: int) -> None:
        try:
            barrier.wait()
            for turn in range(EACH):
                with transaction.atomic():
                    append(STREAM, "task.completed", f"actor/{number}", MONDAY, fields={"turn": turn})
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    seqs = list(Event.objects.filter(stream=STREAM).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(WRITERS * EACH))
    assert verify_all() == []


@pytest.mark.django_db(transaction=True)
def test_writers_of_the_same_streams_in_another_order_do_not_wait_for_each_other_forever() -> None:
    barrier = Barrier(2)

    def write(streams: list[str]) -> None:
        try:
            barrier.wait()
            for _ in range(EACH):
                with transaction.atomic():
                    append_all([Entry(stream, "task.completed", "system") for stream in streams], MONDAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, [[STREAM, ACCESS], [ACCESS, STREAM]]))
    assert Event.objects.count() == 4 * EACH
    assert verify_all() == []
