"""
Small releases in which a run of the reference semantics breaks a statement, which is then never proven.

Also those of which the oracle once saw a run that the prover did not see and that cannot be, or the other way round.
"""

from dataclasses import replace

import pytest

from padwijzer.forms.core.conditions import (
    Collection,
    ColumnCompare,
    Compare,
    Count,
    CountOperator,
    FactRef,
    Filter,
    Not,
    Operator,
    Quantifier,
    Rows,
)
from padwijzer.workflows.core.definition import (
    ByHand,
    Detour,
    Effect,
    End,
    Interrupt,
    Jump,
    Kind,
    Moment,
    OnEvent,
    Open,
    OpenDuty,
    Owner,
    RecordEvent,
    Return,
    RowsSource,
    Rule,
    RunScope,
    TimeBefore,
)
from padwijzer.workflows.core.definition import OpenTrack as Opens
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import prove
from padwijzer.workflows.core.safeguards import BREACH, Monitor, Scope, around
from tests.support.brute_force import judged
from tests.support.definitions import calls, choice, definition, is_, plan, step, text, track

pytestmark = pytest.mark.once
OUTSIDE = (("X", text("Een ander neemt het over.")),)
HELP = RowsSource(Collection("help_item"))
OPEN_DUTY = Filter(
    Quantifier.ALL,
    (ColumnCompare("kind", Operator.IS, "terug"), ColumnCompare("state", Operator.IS, "open")),
)


def ways(*keys):
    return {"fields": (choice("weg", *keys),)}


def in_order(*letters, then_never=()):
    """Broken by these letters in this order; `then_never` gives the letters that end the watch in each state."""
    moves = {
        (str(place), letter): BREACH if place + 1 == len(letters) else str(place + 1)
        for place, letter in enumerate(letters)
    }
    for place, letter in then_never:
        moves.setdefault((str(place), letter), "over")
    return Monitor("0", moves, width=len(letters))


def by_hand(key, **more):
    return track(key, opens_by=ByHand.HAND, closed_by_hand=True, **more)


def while_owed():
    return Monitor("calm", {("calm", "a"): "owed", ("owed", "b"): "calm", ("owed", "c"): BREACH}, width=2)


def state(key, value):
    return Compare(FactRef("state", (("of", key),)), Operator.IS, value)


def hand_opens_the_track_of_a_definition_that_nothing_starts():
    never_called = definition(
        "D-A", step("a0", Return("ok")), step("b0", meanings=("b",)), returns=("ok",),
        tracks=(by_hand("t0", activity="b0"),),
    )  # fmt: skip
    return plan(definition("V", step("s0")), never_called), Monitor("kept", {("kept", "b"): BREACH})


def line_that_waits_outside():
    return definition(
        "V",
        step("s0", (is_("weg", "a"), Jump("X")), (is_("weg", "b"), Interrupt("D-C")), "s2", **ways("a", "b", "c")),
        step("s1", meanings=("c",)),
        step("s2"),
        entries=("s1",),
        outside=OUTSIDE,
    )


def line_comes_back_from_outside_during_a_crisis():
    crisis = definition("D-C", step("c0", "c1", meanings=("a",)), step("c1", meanings=("b",)))
    return plan(line_that_waits_outside(), crisis), while_owed()


def line_that_waits_outside_survives_a_crisis_that_jumps():
    crisis = definition("D-C", step("c0", Jump("W"), meanings=("a",)))
    after = definition("W", step("w0", meanings=("b",)))
    return plan(line_that_waits_outside(), after, crisis), in_order("b", "c")


def line_goes_on_with_its_detour_when_a_crisis_ends():
    line = definition(
        "V",
        step("s0", (is_("weg", "b"), Interrupt("D-C")), "s1", **ways("b", "c")),
        step("s1", (is_("weg", "a"), Detour("D-A")), "s2", meanings=("e",), **ways("a", "b")),
        step("s2", "s3", kind=Kind.AUTOMATIC, meanings=("c",)),
        step("s3"),
        step("b0", stays_open=True, meanings=("d",)),
        tracks=(by_hand("t0", activity="b0"),),
    )
    called = definition("D-A", step("a0", Return("ok")), returns=("ok",))
    crisis = definition("D-C", step("c0", meanings=("b",)))
    never = ((1, "c"), (2, "c"))
    return plan(line, called, crisis), in_order("e", "b", "d", "c", then_never=never)


def line_is_held_by_a_crisis_when_what_it_called_returns():
    line = definition(
        "V",
        step("s0", "s1", meanings=("e",)),
        step("s1", "s2", call=calls("D-A"), meanings=("c",)),
        step("s2", (is_("weg", "b"), Interrupt("D-C")), "s3", **ways("b", "c")),
        step("s3"),
        step("b1", stays_open=True, meanings=("b",)),
        tracks=(track("t0", definition="D-A", opens_by=ByHand.HAND), by_hand("t1", activity="b1")),
    )
    called = definition("D-A", step("a0", Return("ok"), meanings=("a",)), returns=("ok",))
    never = ((1, "c"), (2, "c"))
    return plan(line, called, definition("D-C", step("c0"))), in_order("e", "a", "b", "c", then_never=never)


def step_asks_the_family_about_a_track_that_was_opened_for_a_row():
    blocked = Rule(state("b0", "never"), Effect.BLOCK, text("Nog niet."), "C12")
    line = definition(
        "V", step("s0", "s1"), step("s1", meanings=("c",), rules=(blocked,)), step("b0"),
        tracks=(track("t0", activity="b0", opens_by=ByHand.HAND, for_each=HELP),),
    )  # fmt: skip
    return plan(line), Monitor("kept", {("kept", "c"): BREACH})


def automatic_step_counts_the_duty_that_it_opened_itself():
    counted = Rows(Collection("duty"), Count(CountOperator.AT_LEAST, 1), OPEN_DUTY)
    opens = Open(OpenDuty("terug", text("Kijk terug"), "", ("s2",)), Moment.OPENING, Owner.FAMILY, when=Not(counted))
    line = definition(
        "V",
        step("s0", "s1"),
        step("s1", (counted, "s3"), "s2", kind=Kind.AUTOMATIC, opens=(opens,)),
        step("s2"),
        step("s3", (Rows(Collection("duty"), Quantifier.ANY, OPEN_DUTY), "s4"), "s2"),
        step("s4", "s2", meanings=("b",)),
    )
    return plan(line), Monitor("kept", {("kept", "b"): BREACH})


FOUND = (
    hand_opens_the_track_of_a_definition_that_nothing_starts,
    line_comes_back_from_outside_during_a_crisis,
    line_that_waits_outside_survives_a_crisis_that_jumps,
    line_goes_on_with_its_detour_when_a_crisis_ends,
    line_is_held_by_a_crisis_when_what_it_called_returns,
    step_asks_the_family_about_a_track_that_was_opened_for_a_row,
    automatic_step_counts_the_duty_that_it_opened_itself,
)


@pytest.mark.parametrize("made", FOUND, ids=lambda made: made.__name__)
def test_what_a_run_breaks_is_not_proven(made):
    release, monitor = made()
    assert judged(release, monitor, Scope.FAMILY, events=9, tries=100_000).broken
    assert not prove(Machine(release, Scope.FAMILY), monitor).proven


def test_hand_opens_a_track_from_a_run_about_the_row_in_focus():
    called = definition(
        "D-A", step("d0", "d1"), step("d1", Return("ok")), step("b0", meanings=("a",)),
        scope=RunScope.CHILD, returns=("ok",),
        tracks=(track("t0", activity="b0", opens_by=ByHand.HAND, possible_when=state("d0", "done")),),
    )  # fmt: skip
    line = definition("V", step("s0", "s1", call=calls("D-A", for_each="help_item")), step("s1"))
    release, monitor = plan(line, called), Monitor("kept", {("kept", "a"): BREACH})
    assert judged(release, monitor, Scope.HELP, events=9, tries=10_000).broken
    assert not prove(Machine(release, Scope.HELP), monitor).proven


# About what a run is that is opened by itself, or for each row


NEVER_B = Monitor("kept", {("kept", "b"): BREACH, ("kept", around("b")): BREACH})


def opened_by(opener, **more):
    """A line beside which something opens a track by itself."""
    beside = track("t0", activity="b0", opens_by=opener, **more)
    return definition("V", step("s0"), step("b0", meanings=("b",)), tracks=(beside,))


def agreed(release, scope):
    """Whether a run breaks the statement that b never happens; the prover and the oracle say the same."""
    found = judged(release, NEVER_B, scope, events=9, tries=10_000)
    assert found.broken or found.finished
    assert prove(Machine(release, scope), NEVER_B).proven is not found.broken
    return found.broken


@pytest.mark.parametrize(
    ("event", "is_broken"),
    [(RecordEvent.MEASURE_STARTED, False), (RecordEvent.HELP_STARTED, True), (RecordEvent.CONSENT_COMPLETE, True)],
    ids=str,
)
def test_a_register_opens_a_track_only_about_a_row_of_its_own(event, is_broken):
    assert agreed(plan(opened_by(OnEvent(event))), Scope.HELP) is is_broken


@pytest.mark.parametrize(
    ("owner", "is_broken"),
    [(Owner.CHILD, True), (Owner.HELP, True), (Owner.MEASURE, False), (Owner.FAMILY, True), (Owner.RUN, True)],
    ids=str,
)
def test_a_date_opens_a_track_only_about_a_row_of_its_owner(owner, is_broken):
    soon = TimeBefore(FactRef("applied_on"), "renewal_3m")
    assert agreed(plan(opened_by(soon, owner=owner)), Scope.HELP) is is_broken


def test_a_date_of_a_run_opens_a_track_about_the_help_that_the_run_is_about():
    beside = track("t0", activity="b0", opens_by=TimeBefore(FactRef("applied_on"), "renewal_3m"), owner=Owner.RUN)
    called = definition(
        "D-A", step("a0", Return("ok")), step("b0", meanings=("b",)), scope=RunScope.CHILD, returns=("ok",),
        tracks=(beside,),
    )  # fmt: skip
    line = definition("V", step("s0", "s1", call=calls("D-A", for_each="help_item")), step("s1"))
    only_of_this_help = Monitor("kept", {("kept", "b"): BREACH})
    assert judged(plan(line, called), only_of_this_help, Scope.HELP, events=9, tries=10_000).broken
    assert not prove(Machine(plan(line, called), Scope.HELP), only_of_this_help).proven


@pytest.mark.parametrize("scope", [Scope.HELP, Scope.CHILD])
@pytest.mark.parametrize("rows", [Collection("person"), Collection(field="s0.weg")], ids=["persons", "an_answer"])
def test_what_is_done_for_each_person_or_row_of_an_answer_may_be_done_for_a_child_or_a_help(rows, scope):
    line = definition(
        "V",
        step("s0", "s1", **ways("a", "b")),
        step("s1", "s2", call=replace(calls("D-A"), for_each=RowsSource(rows))),
        step("s2"),
    )
    called = definition("D-A", step("a0", Return("ok"), meanings=("b",)), scope=RunScope.CHILD, returns=("ok",))
    assert agreed(plan(line, called), scope)


def test_of_the_rows_of_an_answer_one_may_be_the_help_and_another_its_child():
    line = definition(
        "V",
        step("s0", "s1", **ways("a", "b")),
        step("s1", "s2", call=replace(calls("D-A"), for_each=RowsSource(Collection(field="s0.weg")))),
        step("s2"),
    )
    called = definition("D-A", step("a0", Return("ok"), meanings=("b",)), scope=RunScope.CHILD, returns=("ok",))
    release = plan(line, called)
    first_the_help = Monitor("none", {("none", "b"): "once", ("once", around("b")): BREACH}, width=2)
    assert judged(release, first_the_help, Scope.HELP, events=9, tries=10_000).broken
    assert not prove(Machine(release, Scope.HELP), first_the_help).proven


def test_a_line_that_goes_outside_leaves_no_track_of_its_own_open():
    opens = Open(Opens("t0"), Moment.COMPLETING, Owner.RUN)
    line = definition(
        "V",
        step("s0", (is_("weg", "a"), Jump("X")), End(), opens=(opens,), **ways("a", "b")),
        step("b0", meanings=("b",)),
        tracks=(track("t0", activity="b0", owner=Owner.RUN, handed_over=False),),
        outside=OUTSIDE,
    )
    assert not agreed(plan(line), Scope.FAMILY)


def test_the_oracle_knows_what_holds():
    decides = step("s0", (is_("weg", "a"), "s1"), "s2", meanings=("a",), **ways("a", "b"))
    line = definition("V", decides, step("s1", "s2", meanings=("b",)), step("s2", meanings=("c",)))
    needs = Monitor("waits", {("waits", "a"): "kept", ("waits", "b"): BREACH})
    found = judged(plan(line), needs, Scope.FAMILY, events=9, tries=1_000)
    assert found.finished
    assert not found.broken
    back = replace(line, activities=(replace(decides, meanings=()), *line.activities[1:]))
    found = judged(plan(back), needs, Scope.FAMILY, events=9, tries=1_000)
    assert [said for said in found.answers if said] == [("a",)]
    assert len(found.events) == 3
