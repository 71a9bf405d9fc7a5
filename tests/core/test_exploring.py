from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.definition import (
    AtAge,
    ByHand,
    Completed,
    Detour,
    End,
    Goto,
    Interrupt,
    Jump,
    Obligation,
    Open,
    OpenDuty,
    OpenTrack,
    Return,
)
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.exploring import Component, Exploration, Frame, _Lines, explore, table, written
from padwijzer.workflows.core.graph import main_starts
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.semantics import EMPTY, OpenedAs, StartCase
from padwijzer.workflows.core.semantics import step as step_on
from tests.properties.releases import Drawn, events, releases
from tests.support.definitions import calls, choice, definition, is_, more_placements_than, plan, step, text, track
from tests.support.sizes import size

A, B = is_("weg", "a"), is_("weg", "b")
WAY = (choice("weg", "a", "b", "c"),)


def explored(*definitions, bound=1000):
    return explore(plan(*definitions), definitions[0].key, bound)


def test_a_line_has_a_state_for_each_step_and_one_for_its_end():
    found = explored(definition("V", step("een", (A, "een"), "twee", fields=WAY), step("twee")))
    assert found == Exploration("V", 3, 3, (), 3, complete=True, dead_ends=(), unreachable=())


def test_skips_and_unavailable_steps_are_ways_as_well():
    found = explored(
        definition(
            "V",
            step("een", (A, "twee"), "twee", fields=WAY, obligation=Obligation.POLICY, skip=Goto("drie")),
            step("twee", "drie", available=more_placements_than(0), unavailable=End()),
            step("drie"),
        )
    )
    assert (found.states, found.edges) == (4, 5)


def test_calls_are_walked_inside_their_caller():
    vap = definition(
        "D-VAP", step("kies", "na"), step("na", (A, Return("ja")), Return("nee"), fields=WAY), returns=("ja", "nee")
    )
    found = explored(
        definition(
            "V", step("een", "twee", call=calls("D-VAP")), step("twee", "drie", call=calls("D-VAP")), step("drie")
        ),
        vap,
    )
    assert (found.states, found.edges) == (8, 7)


def test_a_call_for_each_row_may_be_for_none():
    vap = definition("D-VAP", step("kies"))
    found = explored(
        definition("V", step("een", "twee", call=calls("D-VAP", for_each="help_item")), step("twee")), vap
    )
    assert (found.states, found.edges) == (4, 4)


def test_a_call_that_may_go_on_earlier_has_a_way_around():
    vap = definition("D-VAP", step("kies"))
    going = calls("D-VAP", goes_on_when=more_placements_than(0))
    assert explored(definition("V", step("een", call=going)), vap).edges == 3


def test_after_a_detour_the_exits_below_it_are_left():
    found = explored(
        definition(
            "V", step("een", (A, "twee"), (B, Detour("D-VAP")), "drie", fields=WAY), step("twee"), step("drie")
        ),
        definition("D-VAP", step("kies")),
    )
    assert (found.states, found.edges) == (5, 6)


def test_after_a_crisis_the_exits_below_it_are_left():
    found = explored(
        definition("V", step("een", (A, Interrupt("D-SPOED")), "twee", fields=WAY), step("twee")),
        definition("D-SPOED", step("meld")),
    )
    assert (found.states, found.edges) == (3, 2)


def test_a_jump_leaves_unless_it_stays_within():
    found = explored(
        definition(
            "V",
            step("een", (A, Jump("V")), (B, Jump("V", "twee")), Jump("O"), fields=WAY),
            step("twee"),
            entries=("twee",),
        ),
        definition("O", step("begin")),
    )
    assert (found.states, found.edges) == (3, 4)


def hands(count, length=2):
    steps = [
        step(f"t{n}_{k}", *((f"t{n}_{k + 1}",) if k + 1 < length else ()))
        for n in range(count)
        for k in range(length)
    ]
    tracks = tuple(track(f"t{n}", activity=f"t{n}_0", opens_by=ByHand.HAND) for n in range(count))
    return definition("V", step("een", "twee"), step("twee"), *steps, tracks=tracks)


def test_tracks_are_explored_by_themselves():
    found = explored(hands(2))
    assert found.states == 3
    assert found.tracks == (Component("V.t0", 3, 2), Component("V.t1", 3, 2))


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_tracks_that_do_not_touch_multiply_in_the_product_only(count):
    found = explored(hands(count))
    assert found.product == 3 * 3**count
    assert found.complete
    assert found.states == 3


def test_the_product_is_counted_no_further_than_the_bound():
    found = explored(hands(3), bound=50)
    assert (found.product, found.complete) == (50, False)


def test_a_track_opens_for_certain_or_maybe_and_closes_as_it_says():
    def product(**more):
        opens = Open(OpenTrack("x"), **more.pop("opens", {}))
        duty = Open(OpenDuty("k", text("x"), "", ("een",)))
        path = definition(
            "V",
            step("een", "twee", opens=(duty, opens)),
            step("twee"),
            step("loopt"),
            tracks=(track("x", activity="loopt", **more),),
        )
        return explored(path).product

    assert product() == 6
    assert product(opens={"when": more_placements_than(0)}) == 6
    assert product(closes_on=(Completed("een"),)) == 4
    assert product(closed_by_hand=True) == 6
    assert product(closes_on=(AtAge(216),)) == 6


def test_a_track_opened_by_a_track_counts_as_well():
    found = explored(
        definition(
            "V",
            step("een", opens=(Open(OpenTrack("x")),)),
            step("loopt", opens=(Open(OpenTrack("y")), Open(OpenTrack("x")))),
            step("ook"),
            tracks=(track("x", activity="loopt"), track("y", activity="ook")),
        )
    )
    assert [component.key for component in found.tracks] == ["V.x", "V.y"]
    assert found.complete


def test_tracks_of_what_is_called_or_run_beside_it_are_found():
    school = definition(
        "D-SCHOOL", step("bel"), step("les"), tracks=(track("les", activity="les", opens_by=ByHand.HAND),)
    )
    vap = definition("D-VAP", step("kies"), tracks=(track("school", definition="D-SCHOOL", opens_by=ByHand.HAND),))
    found = explored(definition("V", step("een", call=calls("D-VAP"))), vap, school)
    assert [component.key for component in found.tracks] == ["D-SCHOOL.les", "D-VAP.school"]


def test_a_track_outside_the_release_is_left_out():
    path = definition(
        "V", step("een"), tracks=(track("x", definition="P", opens_by=ByHand.HAND),), outside=(("P", text("x")),)
    )
    assert explored(path).tracks == ()


def test_a_path_that_compiles_has_no_dead_end_and_no_step_out_of_reach():
    body = definition(
        "V",
        step("een"),
        step("eerst", "loopt"),
        step("loopt", stays_open=True),
        tracks=(track("x", activity="eerst", opens_by=ByHand.HAND, closed_by_hand=True),),
    )
    found = explored(body)
    assert (found.dead_ends, found.unreachable) == ((), ())


def test_a_call_that_never_returns_is_a_dead_end():
    made = plan(
        definition("V", step("een", call=calls("D-VAP"))), definition("D-VAP", step("kies", "blijft"), step("blijft"))
    )
    endless = definition("D-VAP", step("kies", "blijft"), step("blijft", "blijft"), step("los"))
    old = made.definitions["D-VAP"]
    steps = {key: replace(each, activity=endless.activity(key)) for key, each in old.activities.items()}
    parts = {**made.definitions, "D-VAP": replace(old, definition=endless, activities=steps)}
    spoiled = replace(made, definitions=parts)
    assert explore(spoiled, "V").dead_ends == ("V.een", "D-VAP.kies", "D-VAP.blijft")
    assert explore(spoiled, "D-VAP").unreachable == ("los",)


def two_definitions():
    return plan(definition("V", step("een", call=calls("D-VAP"))), definition("D-VAP", step("kies")))


def test_the_table_has_a_row_for_each_definition_with_its_milliseconds():
    ticks = iter(range(100))
    made = list(table(two_definitions(), lambda: next(ticks)))
    assert [(row.found.key, row.milliseconds, row.with_product) for row in made] == [
        ("D-VAP", 1000, 1000),
        ("V", 1000, 1000),
    ]


def test_the_table_is_written_as_markdown():
    clock = iter(range(100))
    lines = written(table(two_definitions(), lambda: next(clock))).splitlines()
    assert lines[2:] == [
        "| D-VAP | 1 | 2 | 1 | 1000.0 | 0 | 0 | 2 | 2 | 1000 |",
        "| V | 1 | 3 | 2 | 1000.0 | 0 | 0 | 3 | 3 | 1000 |",
    ]


def test_a_product_that_was_not_counted_to_the_end_says_so():
    lines = written(table(plan(hands(3)), lambda: 0.0, 50)).splitlines()
    assert lines[2] == "| V | 8 | 3 | 2 | 0.0 | 3 | 9 | 81 | > 50 | 0 |"
    assert "> 1 |" in written(table(plan(hands(3)), lambda: 0.0, 0))


@settings(max_examples=size("property_examples"), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(releases(), st.data())
def test_wherever_a_case_goes_has_been_explored(spec, data):
    made = compile_release(spec)
    assert isinstance(made, Plan)
    met = {key: places(made, key) for key in made.definitions}
    marking = EMPTY
    trying = StartCase()
    for _ in range(12):
        with suppress(Impossible):
            marking, _ = step_on(made, marking, trying, Drawn(data))
        for run in marking.alive():
            root = run
            while root.opened_as in (OpenedAs.CALL, OpenedAs.DETOUR):
                root = marking.run(root.parent[0])
            if root.opened_as in (OpenedAs.MAIN, OpenedAs.INTERRUPT) and run.position is not None:
                assert Place(run.definition, run.position) in met[root.definition]
        trying = data.draw(events(spec, marking))


def places(made, key):
    lines = _Lines(made)
    starts = tuple((Frame(Place(key, start)),) for start in main_starts(made.definition(key)))
    return {frame.place for location in lines.walk(starts) for frame in location}


@given(releases())
def test_a_release_that_compiles_can_always_end(spec):
    made = compile_release(spec)
    for key in made.definitions:
        found = explore(made, key, 200)
        assert (found.dead_ends, found.unreachable) == ((), ())
