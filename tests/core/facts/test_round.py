from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.workflows.core.case_file import VisitState
from padwijzer.workflows.core.definition import RecordEvent
from padwijzer.workflows.core.facts.round import event_day
from tests.support.case_files import a_case, a_child, a_lookup, a_row, a_visit, about, asked

DAY = date(2026, 3, 2)


def test_counts_the_openings_this_one_included() -> None:
    case = a_case(visits=(a_visit("step", DAY), a_visit("step", DAY, VisitState.OPEN, number=2)))

    assert asked(a_lookup(case), "round", of="step") == 2
    assert asked(a_lookup(case), "round", of="never_opened") == 0


def test_begins_again_when_the_anchor_recurs() -> None:
    visits = (
        a_visit("plan", DAY),
        a_visit("step", DAY),
        a_visit("step", DAY),
        a_visit("plan", DAY),
        a_visit("step", DAY, VisitState.OPEN),
    )

    assert asked(a_lookup(a_case(visits=visits)), "round", of="step", since="plan") == 1
    assert asked(a_lookup(a_case(visits=visits[:3])), "round", of="step", since="plan") == 2


def test_since_help_started_counts_from_the_first_help_that_runs() -> None:
    helps = (
        a_row("help_item", "old", status="stopped", started_on=date(2025, 1, 1)),
        a_row("help_item", "first", status="running", started_on=DAY),
        a_row("help_item", "second", status="running", started_on=DAY + timedelta(days=30)),
    )
    visits = tuple(a_visit("step", DAY + timedelta(days=days)) for days in (-1, 1, 40))

    assert asked(a_lookup(a_case(*helps, visits=visits)), "round", of="step", since="help_started") == 2


def test_since_the_placement_of_another_child_ended_says_nothing_about_this_one() -> None:
    other = a_row("placement", "p", child="two", started_on=DAY, ended_on=DAY + timedelta(days=9), status="ended")
    case = a_case(a_child("one"), a_child("two"), other, visits=(a_visit("step", DAY),))

    assert asked(a_lookup(case), "round", of="step", since="placement_ended") == 0
    assert asked(a_lookup(about(case, "one")), "round", of="step", since="placement_ended") == 1


@given(st.integers(0, 12))
def test_rises_by_one_an_opening_and_stops_at_five(openings: int) -> None:
    case = a_case(visits=tuple(a_visit("step", DAY, number=number) for number in range(openings)))

    assert asked(a_lookup(case), "round", of="step") == min(openings, 5)


EARLY, LATE = date(2026, 1, 5), date(2026, 6, 5)


@pytest.mark.parametrize(
    ("event", "register", "values", "day"),
    [
        ("help_matched", "help_item", {"matched_on": LATE}, LATE),
        ("help_started", "help_item", {"started_on": LATE, "status": "running"}, LATE),
        ("help_started", "help_item", {"started_on": LATE, "status": "stopped"}, LATE),
        ("help_stopped", "help_item", {"ended_on": LATE}, LATE),
        ("measure_started", "measure", {"ruling_on": LATE, "from": EARLY}, LATE),
        ("measure_started", "measure", {"from": LATE}, LATE),
        ("measure_ended", "measure", {"until": EARLY, "ended_on": LATE}, LATE),
        ("order_ended", "order", {"until": LATE}, LATE),
        ("placement_started", "placement", {"started_on": LATE}, LATE),
        ("placement_ended", "placement", {"ended_on": LATE}, LATE),
        ("came_home", "placement", {"ended_on": LATE, "ended_to": "home"}, LATE),
        ("came_home", "placement", {"ended_on": LATE, "ended_to": "secure"}, None),
        ("deviation_made", "deviation", {"on": LATE}, LATE),
        ("consent_withdrawn", "consent", {"on": LATE, "kind": "withdrawal"}, LATE),
        ("consent_withdrawn", "consent", {"on": LATE, "kind": "answer"}, None),
        ("consent_complete", "consent", {"on": LATE}, LATE),
        ("placement_ended", "placement", {"ended_on": date(2027, 1, 1)}, None),
        ("case_opened", "person", {}, date(2026, 1, 1)),
        ("track_opened", "person", {}, date(2026, 1, 1)),
    ],
)
def test_from_which_day_something_that_happened_counts(
    event: str, register: str, values: dict[str, object], day: date | None
) -> None:
    case = a_case(a_row(register, "r", **values))

    assert event_day(a_lookup(case), RecordEvent(event)) == day
