from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import UNKNOWN, Value
from tests.support.case_files import a_case, a_child, a_lookup, a_row, asked

FOSTER = a_row(
    "order", "o", child="child", place_kinds=frozenset({"netwerk", "pleeg"}), from_=date(2026, 1, 1),
    until=date(2026, 12, 1), status="in_force",
)  # fmt: skip
GROUP = a_row(
    "order", "o2", child="child", place_kinds=frozenset({"accommodatie"}), from_=date(2026, 1, 1),
    until=date(2026, 6, 1), status="used",
)  # fmt: skip


def kinds(today: date) -> Value:
    return asked(a_lookup(a_case(a_child(), FOSTER, GROUP, today=today)), "order_kinds", person="child")


def test_are_those_of_every_order_in_force() -> None:
    assert kinds(date(2026, 6, 1)) == {"netwerk", "pleeg", "accommodatie"}
    assert kinds(date(2026, 6, 2)) == {"netwerk", "pleeg"}


def test_are_none_and_not_unknown_without_an_order() -> None:
    lapsed = a_row("order", "o", child="child", place_kinds=frozenset({"pleeg"}), status="lapsed")

    assert kinds(date(2027, 1, 1)) == frozenset()
    assert asked(a_lookup(a_case(a_child(), lapsed)), "order_kinds", person="child") == frozenset()
    assert asked(a_lookup(a_case(a_child("a"), a_child("b"))), "order_kinds", person="child") is UNKNOWN


@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(0, 400))
def test_the_clock_only_takes_away(today: date, later: int) -> None:
    now, then = kinds(today), kinds(today + timedelta(days=later))

    assert isinstance(now, frozenset)
    assert isinstance(then, frozenset)
    assert then <= now
