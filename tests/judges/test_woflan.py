"""
Woflan finds a path sound exactly where our own checks of the structure find no dead end and no step out of reach.

Decision 031 says what is left out of the net, and which ways our checks leave out besides.
"""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import Not
from padwijzer.workflows.core.catalogues import Catalogue
from padwijzer.workflows.core.compiling import check_release, compile_release
from padwijzer.workflows.core.definition import (
    Activity,
    End,
    Goto,
    Moment,
    Open,
    OpenTrack,
    Owner,
    ProcessDefinition,
)
from padwijzer.workflows.core.exploring import explore
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from padwijzer.workflows.core.ways import Ways
from tests.judges.petri import MOST_BRANCHES, Net, net_of
from tests.properties.releases import WAYS, releases
from tests.support.definitions import calls, choice, definition, is_, release, step, track
from tests.support.sizes import size

pytestmark = pytest.mark.once
WHOLE = shipped(include_skeletons=True)
MOST_MARKINGS = size("woflan_markings")
ASKS = {"fields": (choice("weg", *WAYS),)}


def faults(spec: ReleaseSpec, key: str, net: Net) -> list[Finding]:
    """What our own checks find wrong with the ways of a definition and of what the net walked of it."""
    return [
        it
        for it in check_release(spec, allow_skeletons=True)
        if (it.code == "structure.dead_end" and (it.definition, step_of(spec, it)) in net.steps)
        or (it.code == "structure.unreachable_step" and it.definition == key)
    ]


def step_of(spec: ReleaseSpec, finding: Finding) -> str:
    found = re.fullmatch(r"activities\[(\d+)\]", finding.where)
    assert found
    return spec.definitions[finding.definition].activities[int(found[1])].key


def with_ways_that_can_be_taken(spec: ReleaseSpec) -> ReleaseSpec:
    """The release without the ways on of which our checks are certain that nobody can take them."""
    ways = Ways(spec, Catalogue())

    def only(whole: ProcessDefinition, it: Activity) -> Activity:
        taken = {place for place, _ in ways.onward(whole, it)}
        return replace(
            it,
            exits=tuple(exit_ for index, exit_ in enumerate(it.exits) if f"exits[{index}].to" in taken),
            skip=it.skip if "skip" in taken else None,
            unavailable=it.unavailable if "unavailable" in taken else None,
        )

    return ReleaseSpec(
        spec.start,
        {
            key: replace(whole, activities=tuple(only(whole, it) for it in whole.activities))
            for key, whole in spec.definitions.items()
        },
    )


# The shipped paths


@pytest.mark.parametrize("key", WHOLE.definitions)
def test_both_find_a_shipped_path_sound_with_each_of_its_tracks(key):
    whole = net_of(WHOLE, key)
    assert len(whole.tracks) < MOST_BRANCHES
    assert faults(WHOLE, key, whole) == []
    assert [name for name in ("", *whole.tracks) if not net_of(WHOLE, key, [name]).is_sound()] == []


TOGETHER = [key for key in WHOLE.definitions if net_of(WHOLE, key).markings(MOST_MARKINGS) <= MOST_MARKINGS]
"""The definitions whose tracks Woflan is asked about together; of more markings than this it needs minutes."""


@pytest.mark.parametrize("key", TOGETHER)
def test_both_find_a_shipped_path_sound_with_all_its_tracks_together(key):
    assert net_of(WHOLE, key).is_sound()


def test_only_the_crisis_is_too_large_to_ask_about_whole_on_every_change():
    assert set(WHOLE.definitions) - set(TOGETHER) <= {"D-SPOED"}


def test_the_net_of_the_voluntary_path_holds_the_steps_and_tracks_that_it_should():
    net = net_of(WHOLE, "V")
    beside = {"V.help_runs", "V.school", "V.tailor_made_for_help", "D-WACHT.help_begins"}
    assert set(net.tracks) == beside
    by_hand = {it.activity for it in WHOLE.definitions["V"].tracks if it.activity} - {"help_runs"}
    assert {key for owner, key in net.steps if owner == "V"} == {
        it.key for it in WHOLE.definitions["V"].activities
    } - by_hand


# What is wrong


def sound(*definitions) -> bool:
    spec = release(*definitions)
    key = definitions[0].key
    net = net_of(with_ways_that_can_be_taken(spec), key)
    ours = not faults(spec, key, net)
    assert net.is_sound() is ours
    return ours


def opens(*keys: str, at: Moment = Moment.COMPLETING) -> dict[str, tuple[Open, ...]]:
    return {"opens": tuple(Open(OpenTrack(key), at, Owner.FAMILY) for key in keys)}


def test_both_find_a_path_sound_that_loops_and_chooses():
    assert sound(
        definition(
            "V",
            step("one", (is_("weg", "a"), "two"), (is_("weg", "b"), "one"), "three", **ASKS),
            step("two"),
            step("three"),
        )
    )


def test_both_find_the_path_unsound_from_which_two_steps_lead_nowhere_but_to_each_other():
    assert not sound(
        definition(
            "V", step("one", (is_("weg", "a"), "two"), "three", **ASKS), step("two", "three"), step("three", "two")
        )
    )


def test_both_find_the_path_unsound_to_whose_last_step_nothing_leads():
    assert not sound(definition("V", step("one", "two"), step("two"), step("three")))


def test_both_find_the_path_unsound_two_of_whose_steps_only_lead_to_each_other_and_out():
    lost = step("three", (is_("weg", "a"), "four"), "two", **ASKS)
    assert not sound(definition("V", step("one", "two"), step("two"), lost, step("four", "three")))


def test_a_way_that_nobody_can_take_is_a_way_for_woflan_alone():
    round_ = step("one", "two")
    past = step("two", (is_("weg", "a"), "one"), (Not(is_("weg", "a")), "one"), End(), **ASKS)
    spec = release(definition("V", round_, past))
    every_way = net_of(spec, "V")
    assert every_way.is_sound()
    assert faults(spec, "V", every_way)
    assert not sound(definition("V", round_, past))


def test_both_find_the_path_unsound_that_calls_what_never_returns():
    endless = definition("D-A", step("ask", "ask_again"), step("ask_again", "ask"), returns=("ok",))
    assert not sound(definition("V", step("one", "two", call=calls("D-A")), step("two")), endless)


def test_both_find_the_path_unsound_one_of_whose_tracks_never_ends():
    line = step("one", "two", **opens("t"))
    body = (step("out", "back"), step("back", "out"))
    assert not sound(definition("V", line, step("two"), *body, tracks=(track("t", activity="out"),)))
    ends = (step("out", "back"), step("back"))
    assert sound(definition("V", line, step("two"), *ends, tracks=(track("t", activity="out"),)))


def test_a_track_that_a_loop_opens_again_while_it_runs_is_sound():
    line = step("one", (is_("weg", "a"), "one"), "two", **ASKS, **opens("t"))
    assert sound(definition("V", line, step("two"), step("out"), tracks=(track("t", activity="out"),)))


def test_a_form_that_stays_open_ends_when_its_track_is_closed():
    line = step("one", "two", **opens("t", at=Moment.OPENING))
    stays = track("t", activity="out", closed_by_hand=True)
    assert sound(definition("V", line, step("two"), step("out", stays_open=True), tracks=(stays,)))


# Random ones


@st.composite
def rerouted(draw: st.DrawFn) -> tuple[ReleaseSpec, str]:
    """A random release, and one of its definitions, of which up to three exits lead elsewhere."""
    spec = draw(releases())
    key = draw(st.sampled_from(sorted(spec.definitions)))
    whole = spec.definitions[key]
    steps = list(whole.activities)
    for _ in range(draw(st.integers(0, 3))):
        number = draw(st.integers(0, len(steps) - 1))
        ways = list(steps[number].exits)
        at = draw(st.integers(0, len(ways) - 1))
        ways[at] = replace(ways[at], target=Goto(draw(st.sampled_from(steps)).key))
        steps[number] = replace(steps[number], exits=tuple(ways))
    changed = replace(whole, activities=tuple(steps))
    return ReleaseSpec(spec.start, {**spec.definitions, key: changed}), key


@settings(
    max_examples=size("woflan_releases"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(rerouted())
def test_both_find_the_same_of_a_random_path(made):
    spec, key = made
    net, every_way = net_of(with_ways_that_can_be_taken(spec), key), net_of(spec, key)
    assume(max(len(it.tracks) for it in (net, every_way)) < MOST_BRANCHES)
    assume(max(it.markings(MOST_MARKINGS) for it in (net, every_way)) <= MOST_MARKINGS)
    found = faults(spec, key, net)
    event("unsound" if found else "sound")
    assert net.is_sound() is (not found)
    assert every_way.is_sound() or found
    plan = compile_release(spec)
    if isinstance(plan, Plan):
        explored = explore(plan, key, 0)
        assert (explored.dead_ends, explored.unreachable) == ((), ())
