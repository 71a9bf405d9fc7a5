from datetime import date

import pytest

from padwijzer.forms.core.conditions import UNKNOWN, Value
from padwijzer.workflows.core.facts.lives_at import lives_at
from tests.support.case_files import a_case, a_child, a_lookup, a_row, asked

START, END = date(2026, 2, 1), date(2026, 8, 1)


def at(**values: Value) -> str:
    return lives_at(a_case(a_child(), a_row("placement", "p", child="child", **values)), "child")


def test_a_child_that_was_never_placed_lives_at_home() -> None:
    assert lives_at(a_case(a_child()), "child") == "home"
    assert at(status="planned", planned_start=START) == "home"
    assert at(status="planned", started_on=date(2027, 1, 1)) == "home"


def test_a_child_in_a_running_placement_is_placed() -> None:
    assert at(status="running", started_on=START) == "placed"
    assert at(started_on=START, ended_on=date(2027, 1, 1)) == "placed"


@pytest.mark.parametrize("place", ["home", "other_family", "independent", "foster_after_18", "secure", "missing"])
def test_after_a_placement_a_child_lives_where_it_ended(place: str) -> None:
    assert at(status="ended", started_on=START, ended_on=END, ended_to=place) == place


def test_a_child_between_two_places_or_of_whom_it_was_not_said_is_somewhere_unknown() -> None:
    assert at(status="ended", started_on=START, ended_on=END, ended_to="other_place") == "unknown"
    assert at(status="ended", started_on=START, ended_on=END) == "unknown"


def test_after_a_move_the_new_placement_counts() -> None:
    old = a_row(
        "placement", "p", child="child", started_on=START, ended_on=END, ended_to="other_place", status="ended"
    )
    new = a_row("placement", "q", child="child", started_on=END, status="running")

    assert lives_at(a_case(a_child(), old, new), "child") == "placed"


def test_of_more_children_it_is_unknown() -> None:
    assert asked(a_lookup(a_case(a_child("a"), a_child("b"))), "lives_at", person="child") is UNKNOWN
    assert asked(a_lookup(a_case(a_child("a"))), "lives_at", person="child") == "home"
