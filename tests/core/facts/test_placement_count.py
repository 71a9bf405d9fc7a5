from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import UNKNOWN
from tests.support.case_files import a_case, a_child, a_lookup, a_row, asked


def count(starts: list[date], today: date) -> object:
    rows = (
        a_row("placement", str(number), child="child", started_on=day, status="running")
        for number, day in enumerate(starts)
    )
    return asked(a_lookup(a_case(a_child(), *rows, today=today)), "placement_count", person="child")


def test_counts_what_has_begun() -> None:
    assert count([], date(2026, 1, 1)) == 0
    assert count([date(2026, 1, 1), date(2026, 2, 1)], date(2026, 1, 31)) == 1
    planned = a_row("placement", "p", child="child", status="planned")
    assert asked(a_lookup(a_case(a_child(), planned)), "placement_count", person="child") == 0


def test_of_more_children_it_is_unknown() -> None:
    assert asked(a_lookup(a_case(a_child("a"), a_child("b"))), "placement_count", person="child") is UNKNOWN


@given(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5), st.integers(0, 300), st.integers(0, 300))
def test_never_falls(starts: list[date], first: int, later: int) -> None:
    today = date(2026, 1, 1) + timedelta(days=first)
    now, then = count(starts, today), count(starts, today + timedelta(days=later))

    assert isinstance(now, int)
    assert isinstance(then, int)
    assert now <= then
