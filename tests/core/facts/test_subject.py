from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from tests.support.case_files import a_case, a_child, a_lookup, a_row, about, asked


def test_is_a_column_of_the_row_the_run_is_about() -> None:
    case = about(a_case(a_child(), a_row("help_item", "help", child="child", regime="medical")), "help")
    lookup = a_lookup(case)

    assert asked(lookup, "subject", column="id") == "help"
    assert asked(lookup, "subject", column="regime") == "medical"


def test_is_unknown_for_an_empty_column_and_for_the_family() -> None:
    case = a_case(a_row("help_item", "help"))

    assert asked(a_lookup(about(case, "help")), "subject", column="started_on") is UNKNOWN
    assert asked(a_lookup(about(case, "help")), "subject", column="regime") is UNKNOWN
    assert asked(a_lookup(case), "subject", column="id") is UNKNOWN


def test_a_computed_column_is_worked_out() -> None:
    case = about(a_case(a_child(birth=date(2014, 11, 25)), a_row("help_item", "help", child="child")), "help")

    assert asked(a_lookup(case), "subject", column="consent_state") == "not_asked"
    assert asked(a_lookup(about(case, "child")), "subject", column="age") == 144
