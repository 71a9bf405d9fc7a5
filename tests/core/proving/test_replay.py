"""A run that the search found is walked on the reference semantics just as it was found."""

import pytest

from padwijzer.workflows.core.definition import (
    ByHand,
    End,
    Goto,
    Interrupt,
    Kind,
    Moment,
    Obligation,
    Open,
    Owner,
    Return,
)
from padwijzer.workflows.core.definition import OpenTrack as OpenTrackOf
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.replay import replayed, states_along, walked_alone
from padwijzer.workflows.core.proving.search import Move, prove
from padwijzer.workflows.core.proving.walking import Here, Walker
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.init import Init
from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation
from padwijzer.workflows.core.safeguards.precedence import Precedence
from padwijzer.workflows.core.safeguards.response import Response
from padwijzer.workflows.core.semantics import CloseTrack, Complete, OpenTrack, StartCase, StartEmergency, What
from tests.support.definitions import calls, definition, is_, more_placements_than, release, step, track
from tests.support.stories import planned, question

pytestmark = pytest.mark.once
NEVER_DECIDED = Absence(("municipal_decision",)).monitor()
WAY = question("weg", "Welke weg past?", {"kort": "Kort", "lang": "Lang"})
DECIDE = step("decide", End(), meanings=("municipal_decision",))


def through(spec: ReleaseSpec, *exits: int) -> tuple[Machine, list[Move]]:
    """The run that takes these exits of `talk`, one at each event after the case begins, and then decides."""
    machine = Machine(planned(spec), Scope.FAMILY)
    members = frozenset(it for it in machine.components if it.name == "V@family")
    here = Walker(machine, NEVER_DECIDED, members, frozenset()).first()[0]
    run = [Move(here.path, here.seen)]
    for key, number in (*(("talk", number) for number in exits), ("decide", 0)):
        path = (("complete", "V@family", key, -1), ("exit", "V@family", key, number))
        walker = Walker(machine, NEVER_DECIDED, members, frozenset(), path)
        here = next(it for it in walker.moves(Here(here.at, {}, here.watch)) if it.path == path)
        run.append(Move(here.path, here.seen))
    return machine, run


def test_of_two_ways_to_one_place_the_run_goes_the_one_that_was_found() -> None:
    talk = step("talk", (is_("weg", "kort"), "decide"), "decide", fields=(WAY,))
    for number in (0, 1):
        machine, run = through(release(definition("V", talk, DECIDE)), number)
        found = replayed(machine, NEVER_DECIDED, frozenset(machine.components), run)
        assert found is not None
        assert [it.number for it in found.happened[1] if it.what is What.EXIT_TAKEN] == [number]


def test_a_step_that_cannot_be_takes_no_way_of_its_own() -> None:
    talk = step("talk", "page")
    optional = {
        "obligation": Obligation.OPTIONAL,
        "available": more_placements_than(5),
        "unavailable": Goto("decide"),
    }
    page = step("page", "decide", **optional)
    machine = Machine(planned(release(definition("V", talk, page, DECIDE))), Scope.FAMILY)
    verdict = prove(machine, NEVER_DECIDED)
    assert verdict.run[1].path[-1] == ("pass", "V@family", "page", -1)
    assert replayed(machine, NEVER_DECIDED, frozenset(machine.components), verdict.run) is not None


def test_a_run_may_come_back_where_it_was() -> None:
    talk = step("talk", (is_("weg", "kort"), "talk"), "decide", fields=(WAY,))
    machine, run = through(release(definition("V", talk, DECIDE)), 0, 0, 0, 1)
    states = states_along(machine, NEVER_DECIDED, frozenset(machine.components), run)
    assert states is not None
    assert len(states) == len(run)


def test_what_a_step_calls_ends_by_hand_only_where_it_began_as_a_track():
    beside = track("t", definition="D-A", opens_by=ByHand.HAND, closed_by_hand=True)
    line = definition("V", step("talk", "ask"), step("ask", "decide", call=calls("D-A")), DECIDE, tracks=(beside,))
    called = definition("D-A", step("view", Return("ok"), meanings=("view_asked",)), returns=("ok",))
    machine = Machine(planned(release(line, called)), Scope.FAMILY)
    asked_first = Precedence(("view_asked",), ("municipal_decision",)).monitor()
    verdict = prove(machine, asked_first)
    found = replayed(machine, asked_first, frozenset(machine.components), verdict.run)
    assert found is not None
    assert [type(it) for it in found.events] == [StartCase, OpenTrack, Complete, CloseTrack, Complete]


def test_a_walk_turns_back_where_the_first_way_to_a_place_leads_no_further():
    beside = track("t", definition="D-A")
    opens = Open(OpenTrackOf("t"), Moment.OPENING, Owner.FAMILY, when=more_placements_than(1))
    call = calls("D-A", obligation=Obligation.POLICY)
    line = definition(
        "V", step("talk", "ask"), step("ask", "decide", call=call, opens=(opens,)), DECIDE, tracks=(beside,)
    )
    called = definition("D-A", step("view", Return("ok"), meanings=("view_asked",)), returns=("ok",))
    machine = Machine(planned(release(line, called)), Scope.FAMILY)
    never_skipped = NoDeviation(("view_asked",)).monitor()
    verdict = prove(machine, never_skipped)
    members = frozenset(it for it in machine.components if it.name in verdict.components)
    found = replayed(machine, never_skipped, members, verdict.run)
    assert found is not None
    assert found.happened[-2][-1].what is What.STEP_OPENED
    assert What.TRACK_OPENED not in [it.what for it in found.happened[-2]]


def test_what_must_be_done_beside_a_run_is_seen_when_everything_is_followed():
    beside = track("t", activity="note")
    talk = step("talk", opens=(Open(OpenTrackOf("t"), Moment.OPENING, Owner.FAMILY),))
    note = step("note", kind=Kind.AUTOMATIC, meanings=("view_asked",))
    machine = Machine(planned(release(definition("V", talk, note, tracks=(beside,)))), Scope.FAMILY)
    view_first = Init(("view_asked",)).monitor()
    verdict = prove(machine, view_first)
    assert verdict.run
    assert walked_alone(machine, view_first) is None
    assert prove(machine, view_first, whole=True).proven


def test_a_line_that_would_go_on_during_a_crisis_does_its_step_before_it():
    plan = step("plan", "talk", meanings=("family_plan",))
    talk = step("talk", (is_("weg", "kort"), Interrupt("D-C")), End(), fields=(WAY,))
    crisis = definition("D-C", step("safe", meanings=("closing",)))
    machine = Machine(planned(release(definition("V", plan, talk), crisis)), Scope.FAMILY)
    decided_between = Response(("family_plan",), ("municipal_decision",), ("closing",)).monitor()
    verdict = prove(machine, decided_between)
    members = frozenset(it for it in machine.components if it.name in verdict.components)
    assert replayed(machine, decided_between, members, verdict.run) is None
    again = walked_alone(machine, decided_between)
    assert again is not None
    assert [type(it) for it in again[2].events] == [StartCase, Complete, StartEmergency, Complete]
