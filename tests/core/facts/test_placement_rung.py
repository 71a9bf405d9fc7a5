from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from tests.support.case_files import a_case, a_child, a_lookup, a_row, asked


def test_is_that_of_the_open_or_last_placement() -> None:
    case = a_case(
        a_child(),
        a_row("placement", "old", child="child", started_on=date(2026, 1, 1), rung="t1", status="ended"),
        a_row("placement", "new", child="child", started_on=date(2026, 6, 1), rung="t2", status="running"),
        a_row("placement", "plan", child="child", rung="t5", status="planned"),
    )

    assert asked(a_lookup(case), "placement_rung", person="child") == "t2"


def test_is_unknown_when_never_placed() -> None:
    assert asked(a_lookup(a_case(a_child())), "placement_rung", person="child") is UNKNOWN
