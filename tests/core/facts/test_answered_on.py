from dataclasses import replace
from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.workflows.core.case_file import VisitState
from tests.support.case_files import a_case, a_lookup, a_visit, asked

FIRST, LATER = date(2026, 3, 2), date(2026, 3, 9)


def test_is_the_day_it_was_saved_by_itself() -> None:
    saved = replace(a_visit("step", FIRST, VisitState.OPEN, answers={"keuze": "samen"}), answered_on={"keuze": LATER})

    assert asked(a_lookup(a_case(visits=(saved,))), "answered_on", field="keuze") == LATER


def test_is_else_the_day_its_step_was_completed() -> None:
    visit = a_visit("plan", FIRST, answers={"keuze": "samen"}, completed_on=LATER)

    assert asked(a_lookup(a_case(visits=(visit,))), "answered_on", field="plan.keuze") == LATER


def test_is_unknown_while_there_is_no_answer() -> None:
    visit = a_visit("step", FIRST, VisitState.OPEN, answers={"keuze": "samen"})

    assert asked(a_lookup(a_case()), "answered_on", field="keuze") is UNKNOWN
    assert asked(a_lookup(a_case(visits=(visit,))), "answered_on", field="keuze") is UNKNOWN
