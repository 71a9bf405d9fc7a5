from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.workflows.core.case_file import VisitState
from tests.support.case_files import a_case, a_lookup, a_visit, asked

FIRST, LATER = date(2026, 3, 2), date(2026, 4, 1)


def test_is_the_day_of_the_last_completion() -> None:
    case = a_case(visits=(a_visit("plan", FIRST, completed_on=LATER), a_visit("plan", LATER, VisitState.OPEN)))

    assert asked(a_lookup(case), "completed_on", of="plan") == LATER


def test_skipping_is_not_completing_and_filling_in_afterwards_is() -> None:
    skipped = a_case(visits=(a_visit("plan", FIRST, VisitState.SKIPPED),))
    afterwards = a_case(visits=(a_visit("plan", FIRST, VisitState.AFTERWARDS),))

    assert asked(a_lookup(skipped), "completed_on", of="plan") is UNKNOWN
    assert asked(a_lookup(afterwards), "completed_on", of="plan") == FIRST
