"""Rounds in which nobody acts, also through a crisis, a call or a jump."""

import pytest

from padwijzer.forms.core.conditions import AnyOf, Compare, Operator
from padwijzer.workflows.core.compiling import check_release
from padwijzer.workflows.core.definition import Detour, Interrupt, Jump, Kind, Obligation, Open, OpenTrack, Owner
from tests.support.definitions import (
    answer,
    calls,
    choice,
    definition,
    is_,
    more_placements_than,
    release,
    step,
    track,
)

pytestmark = pytest.mark.once

PLACED = more_placements_than(0)
LOOP = "structure.loop_without_person"


def loops(*definitions):
    """In which definitions a round without anybody was found."""
    return {it.definition for it in check_release(release(*definitions)) if it.code == LOOP}


def by_itself(key, *ways, **more):
    return step(key, *ways, kind=Kind.AUTOMATIC, **more)


def test_a_crisis_that_starts_itself_again_goes_round_without_anybody():
    path = definition("V", by_itself("een", (PLACED, Interrupt("D-SPOED")), "een"))
    assert loops(path, definition("D-SPOED", by_itself("meld", Jump("V")))) == {"D-SPOED"}


def test_a_crisis_in_which_somebody_acts_does_not():
    path = definition("V", by_itself("een", (PLACED, Interrupt("D-SPOED")), "twee"), step("twee"))
    assert loops(path, definition("D-SPOED", step("meld", Jump("V")))) == set()


def test_a_round_by_crisis_and_jump_needs_no_exit_of_its_own():
    path = definition("V", by_itself("een", (PLACED, Interrupt("D-SPOED")), "twee"), step("twee"))
    assert loops(path, definition("D-SPOED", by_itself("meld", Jump("V")))) == {"D-SPOED"}


def test_a_detour_by_itself_does_not_hide_a_round():
    path = definition("V", by_itself("een", (PLACED, Detour("D-VAP")), "een"))
    assert loops(path, definition("D-VAP", by_itself("kies"))) == {"V"}


def test_a_round_inside_what_is_called_is_found_there():
    path = definition("V", step("een", call=calls("D-VAP")))
    assert loops(path, definition("D-VAP", by_itself("kies", (PLACED, "kies"), Jump("V")))) == {"D-VAP"}


def test_a_round_of_calls_that_pass_by_themselves_is_found():
    path = definition("V", step("een", "twee", call=calls("D-A")), step("twee", "een", call=calls("D-A")))
    assert loops(path, definition("D-A", by_itself("kies"))) == {"V"}
    assert loops(path, definition("D-A", step("kies"))) == set()


def test_a_step_that_is_passed_while_it_is_unavailable_is_nobody():
    passed = step("een", available=PLACED, unavailable=Jump("V", "een"))
    assert loops(definition("V", passed)) == {"V"}
    optional = step("een", "een", available=PLACED, obligation=Obligation.OPTIONAL)
    assert loops(definition("V", optional)) == {"V"}


def test_a_round_by_an_exit_that_is_never_taken_is_none():
    first = step("een", "twee", fields=(choice("weg", "a", "b"),))
    earlier = answer("een.weg", "latest")
    always = AnyOf((Compare(earlier, Operator.IS, "a"), Compare(earlier, Operator.IS_NOT, "a")))
    never = by_itself("twee", (always, "een"), (is_("een.weg", "a"), "twee"), "een")
    assert loops(definition("V", first, never)) == set()
    sometimes = by_itself("twee", (Compare(earlier, Operator.IS, "a"), "een"), "twee")
    assert loops(definition("V", first, sometimes)) == {"V"}


def test_tracks_of_a_run_that_open_themselves_are_found():
    def opening(owner):
        body = step("loopt", opens=(Open(OpenTrack("x")),))
        first = step("een", opens=(Open(OpenTrack("x")),))
        path = definition("V", first, body, tracks=(track("x", activity="loopt", owner=owner),))
        return {it.code for it in check_release(release(path))}

    assert opening(Owner.RUN) == {"structure.track_opens_itself"}
    assert opening(Owner.FAMILY) == set()
