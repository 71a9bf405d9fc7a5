from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import UNKNOWN, Value
from padwijzer.workflows.core.case_file import Row
from tests.support.case_files import TODAY, a_case, a_child, a_lookup, a_parent, a_row, asked

PEOPLE = (
    a_child(),
    a_parent("mother"),
    a_row("person", "worker", kind="professional"),
    a_row("contact_person", "c1", person="former", since=date(2026, 1, 1)),
    a_row("contact_person", "c2", person="worker", since=date(2026, 6, 1)),
)
MEETING: dict[str, Any] = {"status": "held", "participants": frozenset({"worker", "mother"}), "on": date(2026, 7, 1)}


def last(*meetings: dict[str, Any], joint: str = "", today: date = TODAY, between: tuple[str, ...] = ()) -> Value:
    rows: list[Row] = [a_row("meeting", str(number), **values) for number, values in enumerate(meetings)]
    lookup = a_lookup(a_case(*PEOPLE, *rows, today=today))
    more = {"joint": joint} if joint else {}
    return asked(lookup, "last_meeting_on", between=between or ("contact_person", "family"), **more)


def test_is_the_latest_that_was_held_with_all_of_them() -> None:
    assert last(MEETING, {**MEETING, "on": date(2026, 8, 1)}) == date(2026, 8, 1)


def test_a_meeting_that_was_planned_or_missed_does_not_count() -> None:
    assert last({**MEETING, "status": "planned"}, {**MEETING, "status": "missed"}) is UNKNOWN
    assert last({**MEETING, "on": TODAY + timedelta(days=1)}) is UNKNOWN


def test_who_was_not_there_did_not_take_part() -> None:
    assert last({**MEETING, "participants": frozenset({"worker"})}) is UNKNOWN
    assert last({**MEETING, "participants": frozenset({"worker"}), "family_present": "ja"}) == date(2026, 7, 1)
    assert last(MEETING, between=("parents", "child")) is UNKNOWN


def test_only_joint_ones_when_asked_for() -> None:
    assert last(MEETING, joint="ja") is UNKNOWN
    assert last({**MEETING, "joint": "ja"}, joint="ja") == date(2026, 7, 1)


def test_a_talk_with_the_contact_person_of_that_day_stays_one_after_a_change() -> None:
    assert last({**MEETING, "on": date(2026, 3, 1), "participants": frozenset({"former", "mother"})}) == date(
        2026, 3, 1
    )


@given(st.lists(st.dates(date(2026, 6, 1), date(2027, 6, 1)), max_size=6), st.integers(0, 200), st.integers(0, 200))
def test_never_falls(days: list[date], first: int, later: int) -> None:
    meetings = [{**MEETING, "on": day} for day in days]
    today = date(2026, 6, 1) + timedelta(days=first)
    now, then = last(*meetings, today=today), last(*meetings, today=today + timedelta(days=later))

    if now is not UNKNOWN:
        assert isinstance(now, date)
        assert isinstance(then, date)
        assert now <= then
