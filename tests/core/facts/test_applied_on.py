from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from tests.support.case_files import a_case, a_lookup, a_row, asked


def test_is_the_latest_application_up_to_today() -> None:
    case = a_case(
        a_row("application", "b", on=date(2026, 9, 7)),
        a_row("application", "a", on=date(2026, 3, 2)),
        a_row("application", "c", on=date(2027, 3, 2)),
    )

    assert asked(a_lookup(case), "applied_on") == date(2026, 9, 7)


def test_is_unknown_without_one() -> None:
    assert asked(a_lookup(a_case()), "applied_on") is UNKNOWN
