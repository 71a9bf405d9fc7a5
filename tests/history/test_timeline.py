from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from padwijzer.workflows.core.errors import HistoryRefused
from padwijzer.workflows.history.append import append
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.models import Event
from tests.support.history import MONDAY, READS, STREAM, a_history, tampering


def everything(event_type: str, name: str) -> bool:
    return bool(event_type and name)


def all_but(hidden: str) -> Callable[[str, str], bool]:
    return lambda event_type, name: (event_type, name) != ("task.completed", hidden)


@pytest.fixture(autouse=True)
def history(db: None) -> None:
    a_history()


def test_events_come_in_order_with_their_values() -> None:
    events = events_of(STREAM, everything)
    assert [event.seq for event in events] == [0, 1, 2]
    assert [event.at for event in events] == [MONDAY + timedelta(hours=hour) for hour in range(3)]
    assert events[1].values == {
        "besluit": "toegekend",
        "uren": 1.5,
        "naam": "Kind 1 à Ω",
        "rijen": [{"soort": "pleegzorg", "past": False}, None],
    }
    assert (events[1].type, events[1].actor, events[1].ref) == ("task.completed", "actor/7f3a", {"task": "t1"})
    assert events[1].hash == bytes(Event.objects.get(stream=STREAM, seq=1).hash)
    assert not events[1].erased


def test_what_may_not_be_seen_is_named_and_not_shown() -> None:
    events = events_of(STREAM, all_but("naam"))
    assert all("naam" not in event.values and event.withheld == {"naam"} for event in events)
    assert all(not event.erased for event in events)


def test_an_event_does_not_show_its_values_by_accident() -> None:
    assert "Kind" not in repr(events_of(STREAM, everything))


def test_the_length_of_a_stream_costs_no_statements() -> None:
    for _ in range(2):
        append(STREAM, "task.completed", "system", MONDAY, fields={"x": 1})
        with CaptureQueriesContext(connection) as queries:
            events_of(STREAM, everything)
        assert len(queries) == 2


def test_reading_may_go_on_where_it_stopped() -> None:
    assert [event.seq for event in events_of(STREAM, everything, after=1)] == [2]


def test_another_stream_is_not_read_along() -> None:
    append(READS, "case.read", "actor/9", MONDAY)
    assert [event.stream for event in events_of(READS, everything)] == [READS, READS]


def test_a_value_that_is_gone_is_said_to_be_erased() -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM padwijzer_workflows_opening WHERE name = 'naam'")
        assert all(event.erased == {"naam"} for event in events_of(STREAM, everything))
        assert all(event.withheld == {"naam"} and not event.erased for event in events_of(STREAM, all_but("naam")))


def test_a_stored_event_of_another_shape_is_not_read() -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE padwijzer_workflows_event SET envelope = '{}'")
        with pytest.raises(HistoryRefused):
            events_of(STREAM, everything)
