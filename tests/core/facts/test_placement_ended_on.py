from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from tests.support.case_files import a_case, a_child, a_lookup, a_row, asked


def test_is_the_end_of_the_last_placement_that_ended() -> None:
    case = a_case(
        a_child(),
        a_row(
            "placement", "old", child="child", started_on=date(2026, 1, 1), ended_on=date(2026, 6, 1), status="ended"
        ),
        a_row("placement", "new", child="child", started_on=date(2026, 6, 1), status="running"),
    )

    assert asked(a_lookup(case), "placement_ended_on", person="child") == date(2026, 6, 1)


def test_is_unknown_when_none_has_ended() -> None:
    case = a_case(
        a_child(), a_row("placement", "p", child="child", started_on=date(2026, 1, 1), ended_on=date(2027, 1, 1))
    )

    assert asked(a_lookup(case), "placement_ended_on", person="child") is UNKNOWN
