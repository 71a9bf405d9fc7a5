from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.workflows.core.case_file import Run, VisitState
from tests.support.case_files import a_case, a_lookup, a_visit, asked

FIRST, LATER = date(2026, 3, 2), date(2026, 4, 1)


def test_is_the_day_of_the_last_opening() -> None:
    case = a_case(visits=(a_visit("plan", FIRST), a_visit("plan", LATER, VisitState.OPEN, number=2)))

    assert asked(a_lookup(case), "opened_on", of="plan") == LATER


def test_is_unknown_when_it_was_never_opened() -> None:
    assert asked(a_lookup(a_case()), "opened_on", of="plan") is UNKNOWN


def test_of_a_step_of_another_definition() -> None:
    case = a_case(
        runs=(Run(0, "V", FIRST), Run(1, "O", FIRST)), visits=(a_visit("table", LATER, run=1, definition="O"),)
    )

    assert asked(a_lookup(case), "opened_on", of="O.table") == LATER
    assert asked(a_lookup(case), "opened_on", of="table") is UNKNOWN
