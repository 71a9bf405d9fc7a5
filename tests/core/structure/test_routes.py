"""What nobody comes to, what nobody gets out of, and what is opened beside the line and never opens or closes."""

import pytest

from padwijzer.forms.core.conditions import (
    ALWAYS,
    All,
    AnyOf,
    Collection,
    Compare,
    Count,
    CountOperator,
    FactRef,
    Operator,
    Quantifier,
    Rows,
)
from padwijzer.workflows.core.catalogues import Catalogue
from padwijzer.workflows.core.compiling import check_release, compile_release
from padwijzer.workflows.core.definition import (
    AtAge,
    ByHand,
    Completed,
    Constant,
    Detour,
    Effect,
    End,
    Goto,
    Interrupt,
    Jump,
    Kind,
    Obligation,
    OnEvent,
    Open,
    OpenDuty,
    OpenTrack,
    Performer,
    Record,
    RecordEvent,
    Return,
    Rule,
    TimeBefore,
)
from padwijzer.workflows.core.findings import Severity
from padwijzer.workflows.core.plan import Plan
from tests.support.definitions import (
    answer,
    calls,
    choice,
    definition,
    is_,
    more_placements_than,
    release,
    step,
    text,
    track,
)
from tests.support.places import stands_there

pytestmark = pytest.mark.once

A, B, C = is_("weg", "a"), is_("weg", "b"), is_("weg", "c")
WAY = (choice("weg", "a", "b", "c"),)
POLICY, OPTIONAL = Obligation.POLICY, Obligation.OPTIONAL
PLACED = more_placements_than(0)
NEVER = All((A, B))
SELDOM = All((more_placements_than(3), Compare(FactRef("placement_count", (("person", "child"),)), Operator.LESS, 3)))
"""True of no child: more than three placements, and fewer than three."""
ALL_WAYS = Compare(answer("weg"), Operator.IN, ("a", "b", "c"))
SHUT = {("exit_never_taken", "V activities[0].exits[1]")}
PLACEMENT = Record("placement", (("status", Constant("running")),))
HAND = {"opens_by": ByHand.HAND}


def found(*definitions, catalogue=None):
    """Code and place of each finding, errors and warnings alike."""
    spec = release(*definitions)
    made = check_release(spec, catalogue)
    assert all(stands_there(spec.definitions[it.definition], it.where) for it in made)
    return {(it.code.removeprefix("structure."), f"{it.definition} {it.where}") for it in made}


# unreachable steps


def test_a_step_behind_an_exit_that_is_never_taken_is_not_reached():
    shut = definition("V", step("een", (ALL_WAYS, End()), (C, "twee"), End(), fields=WAY), step("twee"))
    assert found(shut) == SHUT | {("unreachable_step", "V activities[1]")}
    (finding,) = [it for it in check_release(release(shut)) if it.code == "structure.unreachable_step"]
    assert finding.hint == "What leads to it can never be taken: change that, or remove it."


def test_a_step_that_another_exit_reaches_too_is_reached():
    open_ = definition("V", step("een", (ALL_WAYS, "twee"), (C, "twee"), End(), fields=WAY), step("twee"))
    assert found(open_) == SHUT


def test_a_step_behind_a_skip_that_is_not_allowed_is_not_reached():
    def skips(**more):
        return found(
            definition("V", step("een", (A, "een"), End(), fields=WAY, skip=Goto("twee"), **more), step("twee"))
        )

    nobody = {("skip_never_taken", "V activities[0].skip"), ("unreachable_step", "V activities[1]")}
    assert skips(obligation=POLICY, skippable=False) == nobody
    assert skips(obligation=OPTIONAL, skippable=False) == nobody
    assert skips(obligation=POLICY) == set()
    assert skips() == {("law_step_skippable", "V activities[0].skip"), ("unreachable_step", "V activities[1]")}


def test_a_step_that_a_call_makes_less_binding_may_be_skipped():
    called = definition("D-VAP", step("een", (A, "een"), End(), fields=WAY, skip=Goto("twee")), step("twee"))
    law = {("law_step_skippable", "D-VAP activities[0].skip")}
    unreached = {("unreachable_step", "D-VAP activities[1]")}
    assert found(definition("V", step("een", call=calls("D-VAP", obligation=POLICY))), called) == law
    assert found(definition("V", step("een", call=calls("D-VAP"))), called) == law | unreached
    through = definition("D-X", step("een", call=calls("D-VAP")))
    assert found(definition("V", step("een", call=calls("D-X", obligation=POLICY))), through, called) == law


def test_a_step_that_none_of_its_performers_may_skip_is_not_skipped():
    skips = definition(
        "V",
        step("een", (A, "een"), End(), fields=WAY, skip=Goto("twee"), obligation=POLICY),
        step("twee"),
    )
    assert found(skips, catalogue=Catalogue(skipping=frozenset({"vap"}))) == set()
    assert found(skips, catalogue=Catalogue(skipping=frozenset({"baas"}))) == {
        ("skip_never_taken", "V activities[0].skip"),
        ("unreachable_step", "V activities[1]"),
    }


def test_a_step_that_never_becomes_available_leads_nowhere():
    def behind(available):
        first = step("een", "twee", available=available, unavailable=End())
        return found(definition("V", first, step("twee")))

    assert behind(PLACED) == set()
    assert behind(SELDOM) == {
        ("condition_never_true", "V activities[0].available"),
        ("unreachable_step", "V activities[1]"),
    }


def test_a_step_that_waits_for_rows_that_nobody_records_leads_nowhere():
    def behind(register, *records, **more):
        rows = Rows(Collection(register), Quantifier.ANY)
        first = step("een", "twee", available=rows, unavailable=End())
        beside = track("los", activity="los", **HAND)
        path = definition("V", first, step("twee"), step("los", records=records), tracks=(beside,), **more)
        return found(path)

    assert behind("placement") == {
        ("condition_never_true", "V activities[0].available"),
        ("unreachable_step", "V activities[1]"),
    }
    assert behind("placement", PLACEMENT) == behind("help_item") == set()
    assert behind("placement", outside=(("P", text("Elders.")),)) == set()


def test_a_call_that_goes_on_at_rows_that_nobody_records_waits_for_all():
    goes_on = Rows(Collection("order"), Count(CountOperator.MORE_THAN, 0))
    caller = definition("V", step("een", call=calls("D-VAP", for_each="help_item", goes_on_when=goes_on)))
    assert found(caller, definition("D-VAP", step("kies"))) == {
        ("condition_never_true", "V activities[0].call.goes_on_when")
    }


def test_an_optional_step_that_never_becomes_available_is_passed():
    passed = definition("V", step("een", "twee", available=SELDOM, obligation=OPTIONAL), step("twee"))
    assert found(passed) == {("condition_never_true", "V activities[0].available")}


def test_a_way_for_a_step_that_is_always_there_is_never_taken():
    nowhere = {("unavailable_never_taken", "V activities[0].unavailable")}
    assert found(definition("V", step("een", unavailable=End()))) == nowhere
    assert found(definition("V", step("een", available=ALWAYS, unavailable=End()))) == nowhere
    assert found(definition("V", step("een", available=PLACED, unavailable=End()))) == set()


# definitions and entries


def test_a_definition_that_nothing_leads_to_is_found_once():
    idle = definition("D-VAP", step("kies", "na"), step("na"), step("los"))
    assert found(definition("V", step("een")), idle) == {
        ("definition_never_used", "D-VAP key"),
        ("unreachable_step", "D-VAP activities[2]"),
    }


@pytest.mark.parametrize(
    "first",
    [
        step("een", call=calls("O")),
        step("een", (A, Detour("O")), End(), fields=WAY),
        step("een", (A, Interrupt("O")), End(), fields=WAY),
        step("een", (A, Jump("O")), End(), fields=WAY),
    ],
)
def test_a_definition_that_is_called_jumped_to_or_interrupts_is_used(first):
    assert found(definition("V", first), definition("O", step("begin"))) == set()


def test_a_definition_that_is_the_body_of_a_track_is_used():
    owner = definition("V", step("een"), tracks=(track("los", definition="O", **HAND),))
    assert found(owner, definition("O", step("begin"))) == set()


def test_an_entry_that_nobody_jumps_to_is_found():
    other = definition("O", step("begin", "slot"), step("slot"), entries=("slot", "begin"))
    assert found(definition("V", step("een", Jump("O"))), other) == {("entry_never_used", "O entries[0]")}
    assert found(definition("V", step("een", Jump("O", "slot"))), other) == set()


def test_a_run_may_come_back_at_an_entry_from_outside():
    elsewhere = (("P", text("Elders.")),)
    path = definition("V", step("een", Jump("P")), step("twee"), entries=("twee",), outside=elsewhere)
    assert found(path) == set()


# dead ends


def test_a_step_whose_only_way_out_is_never_taken_is_a_dead_end():
    stuck = definition("V", step("een", (ALL_WAYS, "een"), (C, End()), "een", fields=WAY))
    assert found(stuck) == SHUT | {("dead_end", "V activities[0]")}
    out = definition("V", step("een", (AnyOf((A, B)), "een"), (C, End()), "een", fields=WAY))
    assert found(out) == set()


def test_a_step_that_only_skipping_leads_on_from_is_found():
    def loops(**more):
        return found(definition("V", step("een", "twee"), step("twee", (A, "een"), "twee", fields=WAY, **more)))

    assert loops(obligation=POLICY, skip=End()) == {("only_skipping_leads_on", "V activities[1]")}
    assert loops(obligation=POLICY, skip=Goto("een")) == {
        ("dead_end", "V activities[0]"),
        ("dead_end", "V activities[1]"),
    }
    away = {"available": PLACED, "unavailable": End()}
    assert loops(obligation=POLICY, skip=End(), **away) == set()


def test_a_call_of_what_never_ends_never_returns():
    endless = definition("D-VAP", step("kies", "na"), step("na", "kies"))
    stuck = {("dead_end", "D-VAP activities[0]"), ("dead_end", "D-VAP activities[1]")}
    assert found(definition("V", step("een", call=calls("D-VAP"))), endless) == stuck | {
        ("never_returns", "V activities[0].call")
    }
    many = definition("V", step("een", call=calls("D-VAP", for_each="help_item")))
    assert found(many, endless) == stuck | {("never_returns", "V activities[0].call")}
    goes_on = definition("V", step("een", call=calls("D-VAP", for_each="help_item", goes_on_when=PLACED)))
    assert found(goes_on, endless) == stuck
    detour = definition("V", step("een", (A, Detour("D-VAP")), End(), fields=WAY))
    assert found(detour, endless) == stuck | {("never_returns", "V activities[0].exits[0].to")}
    crisis = definition("V", step("een", (A, Interrupt("D-VAP")), End(), fields=WAY))
    assert found(crisis, endless) == stuck | {("never_returns", "V activities[0].exits[0].to")}


def test_what_waits_deeper_for_what_never_ends_never_returns_either():
    endless = definition("D-X", step("kies", "kies"))
    middle = definition("D-VAP", step("een", call=calls("D-X")))
    assert found(definition("V", step("een", call=calls("D-VAP"))), middle, endless) == {
        ("never_returns", "V activities[0].call"),
        ("never_returns", "D-VAP activities[0].call"),
        ("dead_end", "D-X activities[0]"),
    }


def test_what_can_be_skipped_on_the_way_returns():
    skipped = definition("D-VAP", step("kies", (A, "kies"), "kies", fields=WAY, obligation=POLICY, skip=End()))
    assert found(definition("V", step("een", call=calls("D-VAP"))), skipped) == {
        ("only_skipping_leads_on", "D-VAP activities[0]")
    }


# duties


def duty(*steps):
    return Open(OpenDuty("terug", text("Kijk terug"), "", steps))


def test_a_duty_that_only_unreached_steps_discharge_is_never_discharged():
    def opens(*discharged_by):
        return found(definition("V", step("een", opens=(duty(*discharged_by),)), step("los")))

    unreached = {("unreachable_step", "V activities[1]")}
    assert opens("los") == unreached | {("duty_never_discharged", "V activities[0].opens[0]")}
    assert opens("los", "een") == unreached


def test_a_duty_that_a_definition_discharges_that_nobody_uses_is_never_discharged():
    owner = definition("V", step("een", opens=(duty("D-VAP.kies"),)))
    other = definition("D-VAP", step("kies", opens=(duty("kies"),)))
    assert found(owner, other) == {
        ("duty_never_discharged", "V activities[0].opens[0]"),
        ("definition_never_used", "D-VAP key"),
    }
    beside = definition(
        "V", step("een", opens=(duty("D-VAP.kies"),)), tracks=(track("x", definition="D-VAP", **HAND),)
    )
    assert found(beside, other) == set()


def test_a_duty_that_is_discharged_outside_the_release_is_let_be():
    owner = definition("V", step("een", opens=(duty("P.plek"),)), outside=(("P", text("Elders.")),))
    assert found(owner) == set()


# tracks


def with_track(*steps, **more):
    filled = {"activity": "loopt", **more}
    return found(definition("V", *(steps or (step("een"),)), step("loopt"), tracks=(track("x", **filled),)))


NOT_OPENED = {("track_never_opened", "V tracks[0]")}


def test_a_track_whose_openers_never_come_to_it_is_never_opened():
    opens = Open(OpenTrack("x"))
    assert with_track(step("een", opens=(opens,))) == set()
    assert with_track(step("een"), step("los", opens=(opens,))) == NOT_OPENED | {
        ("unreachable_step", "V activities[1]")
    }
    seldom = Open(OpenTrack("x"), when=SELDOM)
    assert with_track(step("een", opens=(seldom,))) == NOT_OPENED | {
        ("condition_never_true", "V activities[0].opens[0].when")
    }
    assert with_track(step("een", opens=(seldom, Open(OpenTrack("x"), when=PLACED)))) == {
        ("condition_never_true", "V activities[0].opens[0].when")
    }


def test_a_track_by_hand_that_is_never_possible_is_never_opened():
    assert with_track(possible_when=PLACED, **HAND) == set()
    assert with_track(possible_when=SELDOM, **HAND) == NOT_OPENED
    state = FactRef("state", (("of", "een"),))
    skipped = Compare(state, Operator.IS, "skipped")
    assert with_track(possible_when=skipped, **HAND) == NOT_OPENED
    assert with_track(step("een", obligation=POLICY), possible_when=skipped, **HAND) == set()


def test_a_track_at_an_age_that_nobody_reaches_is_never_opened():
    assert with_track(opens_by=AtAge(216)) == with_track(opens_by=AtAge(0)) == set()
    assert with_track(opens_by=AtAge(-1)) == with_track(opens_by=AtAge(1561)) == NOT_OPENED


def test_a_track_on_something_that_no_step_records_is_never_opened():
    event = OnEvent(RecordEvent.PLACEMENT_STARTED)
    assert with_track(opens_by=event) == NOT_OPENED
    assert with_track(step("een", records=(PLACEMENT,)), opens_by=event) == set()
    assert with_track(opens_by=OnEvent(RecordEvent.MEASURE_STARTED)) == set()
    ends = TimeBefore(FactRef("order_until", (("person", "child"),)), "renewal_3m")
    assert with_track(opens_by=ends) == NOT_OPENED
    assert with_track(step("een", records=(Record("order", ()),)), opens_by=ends) == set()


def test_what_another_party_records_may_happen():
    elsewhere = (("P", text("Elders.")),)
    path = definition(
        "V", step("een"), step("loopt"), outside=elsewhere,
        tracks=(track("x", activity="loopt", opens_by=OnEvent(RecordEvent.PLACEMENT_STARTED)),),
    )  # fmt: skip
    assert found(path) == set()


def test_what_nothing_is_known_to_record_stands_in_no_ones_way():
    path = definition(
        "V", step("een"), step("loopt"),
        tracks=(track("x", activity="loopt", opens_by=OnEvent(RecordEvent.PLACEMENT_STARTED)),),
    )  # fmt: skip
    assert [it.severity for it in check_release(release(path))] == [Severity.WARNING]
    assert isinstance(compile_release(release(path)), Plan)


def test_a_track_does_not_close_before_it_opens():
    assert with_track(opens_by=AtAge(198), closes_on=(AtAge(216),)) == set()
    assert with_track(opens_by=AtAge(198), closes_on=(Completed("een"), AtAge(198))) == {
        ("track_closes_before_it_opens", "V tracks[0].closes_on[1]")
    }


def test_a_form_that_stays_open_on_what_never_closes_is_found():
    def stays(*closers):
        body = step("loopt", stays_open=True)
        kept = track("x", activity="loopt", closes_on=closers, **HAND)
        return found(definition("V", step("een"), step("los"), body, tracks=(kept,)))

    loose = {("unreachable_step", "V activities[1]")}
    never = loose | {("track_never_closes", "V tracks[0]")}
    assert stays(Completed("los")) == never
    assert stays(OnEvent(RecordEvent.PLACEMENT_ENDED)) == never
    assert stays(AtAge(-12)) == never
    assert stays(Completed("een")) == stays(AtAge(216)) == stays(OnEvent(RecordEvent.HELP_STOPPED)) == loose


def test_a_rule_of_a_step_does_not_hide_where_it_leads():
    shut = step("een", (A, "twee"), End(), fields=WAY, rules=(Rule(A, Effect.BLOCK, text("Nee."), "C1"),))
    assert found(definition("V", shut, step("twee"))) == {("exit_blocked", "V activities[0].exits[0]")}


def test_a_path_that_returns_by_an_exit_that_is_never_taken_does_not_return_that():
    called = definition(
        "D-VAP",
        step("kies", (ALL_WAYS, Return("ja")), (C, Return("nee")), Return("nee"), fields=WAY, kind=Kind.FORM),
        returns=("ja", "nee"),
    )
    reads = Compare(FactRef("outcome"), Operator.IS, "nee")
    caller = definition("V", step("een", (reads, "een"), End(), call=calls("D-VAP")))
    assert found(caller, called) == {
        ("exit_never_taken", "V activities[0].exits[0]"),
        ("exit_never_taken", "D-VAP activities[0].exits[1]"),
    }


def test_what_an_adviser_may_skip_he_skips():
    advised = step(
        "een", obligation=POLICY, skip=End(), performers=(Performer("vap"), Performer("baas", adviser=True))
    )
    assert found(definition("V", advised), catalogue=Catalogue(skipping=frozenset({"baas"}))) == set()
