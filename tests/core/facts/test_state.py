from datetime import date

import pytest

from padwijzer.workflows.core.case_file import Run, RunStatus, VisitState
from tests.support.case_files import a_case, a_child, a_lookup, a_row, a_visit, asked

DAY, LATER = date(2026, 3, 2), date(2026, 4, 1)


def test_is_never_before_it_was_opened() -> None:
    assert asked(a_lookup(a_case()), "state", of="plan") == "never"


@pytest.mark.parametrize("state", ["open", "done", "skipped", "afterwards"])
def test_is_that_of_the_last_opening(state: str) -> None:
    case = a_case(visits=(a_visit("plan", DAY), a_visit("plan", LATER, VisitState(state), number=2)))

    assert asked(a_lookup(case), "state", of="plan") == state


def test_an_opening_that_was_cancelled_does_not_count() -> None:
    case = a_case(visits=(a_visit("plan", DAY, VisitState.CANCELLED),))

    assert asked(a_lookup(case), "state", of="plan") == "never"


def test_since_a_step_was_completed_older_openings_do_not_count() -> None:
    visits = (a_visit("plan", DAY), a_visit("ruling", LATER))

    assert asked(a_lookup(a_case(visits=visits)), "state", of="plan", since="ruling") == "never"
    again = a_case(visits=(*visits, a_visit("plan", LATER, VisitState.OPEN, number=2)))
    assert asked(a_lookup(again), "state", of="plan", since="ruling") == "open"


def test_since_something_that_has_not_happened_is_since_the_start() -> None:
    assert asked(a_lookup(a_case(visits=(a_visit("plan", DAY),))), "state", of="plan", since="ruling") == "done"


def test_since_a_placement_started() -> None:
    placed = a_row("placement", "p", child="child", started_on=LATER, status="running")
    case = a_case(a_child(), placed, visits=(a_visit("perspective", DAY),))

    assert asked(a_lookup(case), "state", of="perspective", since="placement_started") == "never"


def test_of_a_track_by_its_key() -> None:
    case = a_case(visits=(a_visit("keeps", DAY, VisitState.OPEN, track="voluntary_help"),))

    assert asked(a_lookup(case), "state", of="voluntary_help") == "open"


def test_of_a_definition_is_that_of_its_runs_about_the_same_child() -> None:
    runs = (
        Run(0, "V", DAY, children=("one",)),
        Run(1, "D-18", DAY, subject="one", status=RunStatus.ENDED),
        Run(2, "D-18", DAY, subject="two"),
    )
    case = a_case(a_child("one"), a_child("two"), a_child("three"), runs=runs)

    assert asked(a_lookup(case), "state", of="D-18") == "done"
    other = a_case(a_child("one"), a_child("three"), runs=(Run(0, "V", DAY, children=("three",)), runs[1]))
    assert asked(a_lookup(other), "state", of="D-18") == "never"


def test_a_suspended_run_is_open() -> None:
    case = a_case(runs=(Run(0, "V", DAY), Run(1, "O", DAY, status=RunStatus.SUSPENDED)))

    assert asked(a_lookup(case), "state", of="O") == "open"
