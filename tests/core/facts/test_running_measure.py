from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.workflows.core.facts.running_measure import running_measure
from tests.support.case_files import a_case, a_child, a_lookup, a_row, asked

START, END = date(2026, 1, 10), date(2026, 12, 10)
OTS = a_row("measure", "m", child="child", kind="ots", from_=START, until=END)


@pytest.mark.parametrize(
    ("today", "kind"),
    [
        (START - timedelta(days=1), "none"),
        (START, "ots"),
        (END, "ots"),
        (END + timedelta(days=1), "none"),
    ],
)
def test_runs_from_its_first_up_to_and_including_its_last_day(today: date, kind: str) -> None:
    assert asked(a_lookup(a_case(a_child(), OTS, today=today)), "running_measure", person="child") == kind


def test_a_measure_that_was_ended_runs_no_longer() -> None:
    ended = a_row("measure", "m", child="child", kind="ots", from_=START, until=END, ended_on=date(2026, 5, 1))

    assert running_measure(a_case(a_child(), ended, today=date(2026, 4, 30)), "child") == "ots"
    assert running_measure(a_case(a_child(), ended, today=date(2026, 5, 1)), "child") == "none"


def test_from_the_eighteenth_birthday_there_is_none() -> None:
    birth = date(2008, 6, 1)

    assert running_measure(a_case(a_child(birth=birth), OTS, today=date(2026, 5, 31)), "child") == "ots"
    assert running_measure(a_case(a_child(birth=birth), OTS, today=date(2026, 6, 1)), "child") == "none"


def test_is_about_one_child_only() -> None:
    case = a_case(a_child("child"), a_child("brother"), OTS)

    assert running_measure(case, "brother") == "none"
    assert asked(a_lookup(case), "running_measure", person="child") is UNKNOWN


@given(st.dates(START, END), st.integers(0, 900))
def test_once_ended_the_clock_never_makes_it_run_again(today: date, later: int) -> None:
    now = running_measure(a_case(a_child(), OTS, today=today + timedelta(days=200)), "child")
    then = running_measure(a_case(a_child(), OTS, today=today + timedelta(days=200 + later)), "child")

    assert now == "ots" or then == "none"
