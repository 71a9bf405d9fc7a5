from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.workflows.core.case_file import Row
from tests.support.case_files import a_case, a_child, a_lookup, a_row, asked

OTS = a_row("measure", "m", child="child", kind="ots", from_=date(2025, 1, 1), until=date(2025, 12, 31))
RENEWED = a_row("measure", "m2", child="child", kind="ots", from_=date(2026, 1, 1), until=date(2026, 12, 31))
ORDER = a_row("order", "o", child="child", from_=date(2025, 1, 15), until=date(2026, 12, 31), status="used")


def placed(key: str, start: date, end: date | None = None, to: str = "other_place") -> Row:
    ended = {"ended_on": end, "ended_to": to, "status": "ended"} if end else {"status": "running"}
    return a_row("placement", key, child="child", started_on=start, **ended)


def since(*rows: Row, today: date = date(2026, 11, 25)) -> object:
    return asked(a_lookup(a_case(a_child(), *rows, today=today)), "placed_under_measure_since", person="child")


def test_is_the_first_day_on_which_measure_order_and_placement_come_together() -> None:
    assert since(OTS, RENEWED, ORDER, placed("p", date(2025, 2, 1))) == date(2025, 2, 1)
    assert since(OTS, RENEWED, ORDER, placed("p", date(2024, 2, 1))) == date(2025, 1, 15)


def test_a_move_within_fourteen_days_does_not_break_it_and_a_longer_one_does() -> None:
    first = placed("p", date(2025, 2, 1), date(2025, 6, 1))

    assert since(OTS, RENEWED, ORDER, first, placed("q", date(2025, 6, 15))) == date(2025, 2, 1)
    assert since(OTS, RENEWED, ORDER, first, placed("q", date(2025, 6, 16))) == date(2025, 6, 16)


def test_a_measure_that_was_not_renewed_in_time_breaks_it() -> None:
    late = a_row("measure", "m2", child="child", kind="ots", from_=date(2026, 1, 10), until=date(2026, 12, 31))

    assert since(OTS, late, ORDER, placed("p", date(2025, 2, 1))) == date(2026, 1, 10)


def test_is_unknown_when_one_of_the_three_lacks_now() -> None:
    home = placed("p", date(2025, 2, 1), date(2026, 3, 1), "home")

    assert since(OTS, ORDER, placed("p", date(2025, 2, 1))) is UNKNOWN
    assert since(OTS, RENEWED, placed("p", date(2025, 2, 1))) is UNKNOWN
    assert since(OTS, RENEWED, ORDER) is UNKNOWN
    assert since(OTS, RENEWED, ORDER, home) is UNKNOWN


def test_a_lapsed_order_is_none() -> None:
    lapsed = a_row("order", "o", child="child", from_=date(2025, 1, 15), until=date(2026, 12, 31), status="lapsed")

    assert since(OTS, RENEWED, lapsed, placed("p", date(2025, 2, 1))) is UNKNOWN


def test_stays_the_same_while_all_three_last() -> None:
    rows = (OTS, RENEWED, ORDER, placed("p", date(2025, 2, 1)))

    assert {since(*rows, today=date(2025, month, 20)) for month in range(2, 13)} == {date(2025, 2, 1)}


def test_two_placements_that_are_both_open_are_one_stay() -> None:
    assert since(OTS, RENEWED, ORDER, placed("p", date(2025, 2, 1)), placed("q", date(2026, 2, 1))) == date(
        2025, 2, 1
    )


def test_what_has_no_beginning_does_not_count() -> None:
    nameless = a_row("placement", "p", child="child", status="running")
    never = a_row("order", "o", child="child", from_=date(2026, 12, 1), until=date(2026, 12, 31), status="lapsed")

    assert since(OTS, RENEWED, ORDER, nameless) is UNKNOWN
    assert since(OTS, RENEWED, never, placed("p", date(2025, 2, 1))) is UNKNOWN
