from hypothesis import given
from hypothesis import strategies as st

from padwijzer.workflows.core.definition import Detour, End, Goto, Interrupt, Jump, Kind, Return
from padwijzer.workflows.core.graph import (
    body,
    called,
    cycles,
    leaves,
    main_starts,
    needs_person,
    reachable,
    successors,
    ways_on,
    within,
)
from tests.support.definitions import calls, definition, is_, step, track

PATH = definition(
    "V",
    step("begin", (is_("x", "ja"), "midden"), (is_("x", "nee"), Detour("D-TENT")), Jump("V"), skip=Goto("slot")),
    step("midden", Jump("V", "slot"), unavailable=Goto("weg")),
    step("slot", call=calls("D-VAP")),
    step("spoor", "spoor_2"),
    step("spoor_2"),
    entries=("midden", "begin", "weg"),
    tracks=(track("a", activity="spoor"), track("b", definition="D-SCHOOL"), track("c", activity="weg")),
)


def test_ways_on_are_the_exits_the_skip_and_the_unavailable():
    assert [place for place, _ in ways_on(PATH.activity("begin"))] == [
        "exits[0].to", "exits[1].to", "exits[2].to", "skip",
    ]  # fmt: skip
    assert [place for place, _ in ways_on(PATH.activity("midden"))] == ["exits[0].to", "unavailable"]


def test_a_jump_to_the_own_definition_stays_within_it():
    assert successors(PATH, "begin") == ("midden", "begin", "slot")
    assert successors(PATH, "midden") == ("slot",)


def test_a_way_to_a_step_that_is_not_there_stays_nowhere():
    assert within(PATH, Goto("weg")) == ""
    assert within(PATH, Jump("V", "weg")) == ""
    assert within(PATH, End()) == ""


def test_ends_returns_and_jumps_elsewhere_leave():
    assert leaves(PATH, End())
    assert leaves(PATH, Return("done"))
    assert leaves(PATH, Jump("P"))
    assert not leaves(PATH, Jump("V"))
    assert not leaves(PATH, Interrupt("D-SPOED"))
    assert not leaves(PATH, Goto("slot"))


def test_a_line_starts_at_the_first_step_and_the_entries_that_exist():
    assert main_starts(PATH) == ("begin", "midden")


def test_the_body_of_a_track_is_all_it_can_reach():
    assert body(PATH, PATH.track("a")) == ("spoor", "spoor_2")
    assert body(PATH, PATH.track("b")) == ()
    assert body(PATH, PATH.track("c")) == ()


def test_calls_and_detours_are_what_a_definition_calls():
    assert called(PATH) == ("D-TENT", "D-VAP")


def test_only_forms_decisions_ladders_and_waits_need_a_person():
    assert [kind for kind in Kind if needs_person(step("x", kind=kind))] == [
        Kind.FORM, Kind.DECISION, Kind.LADDER, Kind.WAIT,
    ]  # fmt: skip


graphs = st.integers(1, 7).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, size - 1), max_size=4), min_size=size, max_size=size)
)


@given(graphs)
def test_two_nodes_are_in_one_cycle_exactly_when_they_reach_each_other(graph):
    groups = cycles(range(len(graph)), lambda node: graph[node])
    together = {(one, other) for group in groups for one in group for other in group}
    after = {node: reachable(graph[node], lambda other: graph[other]) for node in range(len(graph))}
    assert together == {
        (one, other) for one in after for other in after if other in after[one] and one in after[other]
    }
    assert len({node for group in groups for node in group}) == sum(len(group) for group in groups)
