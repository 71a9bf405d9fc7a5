from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from tests.support.case_files import a_case, a_child, a_lookup, a_row, asked


def test_is_the_last_day_of_the_order_in_force() -> None:
    order = a_row("order", "o", child="child", from_=date(2026, 1, 1), until=date(2026, 12, 1), status="used")

    assert asked(a_lookup(a_case(a_child(), order)), "order_until", person="child") == date(2026, 12, 1)


def test_is_unknown_when_none_is_in_force_or_its_end_is_open() -> None:
    over = a_row("order", "o", child="child", until=date(2026, 1, 1))
    endless = a_row("order", "o", child="child", from_=date(2026, 1, 1))

    assert asked(a_lookup(a_case(a_child(), over)), "order_until", person="child") is UNKNOWN
    assert asked(a_lookup(a_case(a_child(), endless)), "order_until", person="child") is UNKNOWN
    assert asked(a_lookup(a_case(a_child())), "order_until", person="child") is UNKNOWN
