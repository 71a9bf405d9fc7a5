"""A repair is a change after which a safeguard is proven, and nothing else is lost."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import All, AnyOf, Compare, FactRef, Not, Operator
from padwijzer.workflows.core.compiling import check_release, compile_release
from padwijzer.workflows.core.definition import (
    Activity,
    ByHand,
    Effect,
    End,
    Goto,
    Jump,
    Kind,
    Obligation,
    Owner,
    Performer,
    Return,
)
from padwijzer.workflows.core.packs import Safeguard, national
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.repairs import MOST, Repair, repairs, repairs_of_fault
from padwijzer.workflows.core.proving.search import prove
from padwijzer.workflows.core.proving.stories import story
from padwijzer.workflows.core.reading import read_definition
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from padwijzer.workflows.core.safeguards import Scope, Structural
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.init import Init
from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation
from padwijzer.workflows.core.safeguards.not_coexistence import NotCoexistence
from padwijzer.workflows.core.safeguards.only_while import OnlyWhile
from padwijzer.workflows.core.safeguards.precedence import Precedence
from padwijzer.workflows.core.safeguards.separation_of_duties import SeparationOfDuties
from padwijzer.workflows.core.safeguards.standing_duty import StandingDuty
from padwijzer.workflows.core.safeguards.waits_for_consent import WaitsForConsent
from padwijzer.workflows.core.safeguards.who_may_perform import WhoMayPerform
from tests.core.proving.test_stories import TEMPLATES, meaning_something, mutated
from tests.properties.test_proving import meant
from tests.support.definitions import calls, definition, exits, is_, more_placements_than, release, text, track
from tests.support.sizes import size
from tests.support.stories import keys_of, named, planned, question, refuted, safeguard, unreadable, with_words

pytestmark = pytest.mark.once
FEW_STATES = 500
PLAN_FIRST = safeguard(Precedence(("family_plan",), ("municipal_decision",)))
LOOKED_BACK = safeguard(
    StandingDuty(("placement_end",), ("evaluation_after_placement",), ("closing",)), key="looked_back"
)
WAY = question("weg", "Welke weg past?", {"kort": "De korte weg", "lang": "De lange weg"})
PLAN = named("plan", "Plan maken", "decide", meanings=("family_plan",))
DECIDE = named("decide", "Besluit nemen", kind=Kind.DECISION, meanings=("municipal_decision",))


def found(spec: ReleaseSpec, broken: Safeguard, **more) -> tuple[Repair, ...]:
    """The repairs that are offered; each is tried."""
    machine, verdict = refuted(spec, broken)
    offered = repairs(spec, broken, verdict, story(machine, broken, verdict), **more)
    for repair in offered:
        assert holds(repair.applied(spec), broken)
    return offered


def holds(spec: ReleaseSpec, kept: Safeguard) -> bool:
    assert kept.monitor is not None
    return prove(Machine(planned(spec), kept.scope), kept.monitor).proven


def advice(offered: tuple[Repair, ...]) -> list[str]:
    return [" ".join(it.advice) for it in offered]


def talk(*ways) -> ReleaseSpec:
    """A talk after which these ways lead to a plan and a decision."""
    return release(definition("V", named("talk", "Eerste gesprek", *ways, fields=(WAY,)), PLAN, DECIDE))


def test_a_way_past_what_is_missing_leads_to_it_first():
    spec = talk((is_("weg", "kort"), "decide"), "plan")
    first = next(it for it in found(spec, PLAN_FIRST) if "naar" in it.advice[0])
    assert first.advice == ("Laat ‘Eerste gesprek’ eerst naar ‘Plan maken’ gaan.",)
    assert first.place == Place("V", "talk")
    assert first.where == "activities[0]"
    assert first.definitions["V"].activity("talk").exits[0].target == Goto("plan")
    assert (first.size, first.distance) == (1, 1)


def test_what_goes_wrong_can_be_blocked_until_what_is_missing_is_there():
    spec = talk((is_("weg", "kort"), "decide"), "plan")
    blocked = found(spec, PLAN_FIRST)[0]
    assert blocked.advice == ("Sta ‘Besluit nemen’ pas toe als er een plan van het gezin is.",)
    (rule,) = blocked.definitions["V"].activity("decide").rules
    assert rule.effect is Effect.BLOCK
    assert rule.text == text("Doe eerst ‘Plan maken’.")
    assert rule.ground == "C1"


def test_nobody_skips_what_was_skipped():
    skippable = replace(PLAN, obligation=Obligation.POLICY)
    spec = release(definition("V", skippable, DECIDE))
    assert "Sta niet toe dat iemand ‘Plan maken’ overslaat." in advice(found(spec, PLAN_FIRST))
    offered = found(spec, safeguard(NoDeviation(("family_plan",))))
    assert advice(offered) == ["Sta niet toe dat iemand ‘Plan maken’ overslaat."]
    assert not offered[0].definitions["V"].activity("plan").skippable


def test_who_skips_a_step_is_led_to_what_is_missing():
    spec = release(
        definition(
            "V",
            named("talk", "Eerste gesprek", "plan", obligation=Obligation.POLICY, skip=Goto("decide")),
            PLAN,
            DECIDE,
        )
    )
    assert "Laat wie ‘Eerste gesprek’ overslaat eerst naar ‘Plan maken’ gaan." in advice(found(spec, PLAN_FIRST))


def test_every_way_to_a_step_can_lead_by_what_is_missing():
    lines = [
        named(key, f"Praten {key}", (is_("weg", "kort"), "decide"), following, fields=(WAY,))
        for key, following in (("een", "twee"), ("twee", "plan"))
    ]
    spec = release(definition("V", *lines, PLAN, DECIDE))
    wide = [it for it in found(spec, PLAN_FIRST) if it.advice[0].startswith("Laat elke weg")]
    assert [it.advice for it in wide] == [("Laat elke weg naar ‘Besluit nemen’ eerst langs ‘Plan maken’ gaan.",)]
    assert wide[0].size == 2


@pytest.mark.parametrize(
    ("ways", "asked"),
    [
        (((is_("weg", "kort"), "decide"), "plan"), is_("weg", "kort")),
        (((is_("weg", "kort"), "plan"), "decide"), Not(AnyOf((is_("weg", "kort"),)))),
    ],
)
def test_where_a_step_goes_by_itself_the_way_to_it_is_blocked_and_no_other(ways, asked):
    by_itself = replace(DECIDE, kind=Kind.AUTOMATIC, performers=())
    first = named("talk", "Eerste gesprek", *ways, fields=(WAY,))
    spec = release(definition("V", first, PLAN, by_itself))
    blocked = next(it for it in found(spec, PLAN_FIRST) if it.advice[0].startswith("Sta"))
    (rule,) = blocked.definitions["V"].activity("talk").rules
    assert isinstance(rule.when, All)
    assert rule.when.parts[0] == asked


def test_where_a_step_cannot_be_the_way_past_it_leads_to_what_is_missing():
    maybe = named("maybe", "Misschien", "plan", available=more_placements_than(1), unavailable=Goto("decide"))
    spec = release(definition("V", maybe, PLAN, replace(DECIDE, unblockable=True)))
    assert "Kan ‘Misschien’ niet? Ga dan eerst naar ‘Plan maken’." in advice(found(spec, PLAN_FIRST))


def test_what_must_come_first_of_all_cannot_be_put_there_by_a_small_change():
    spec = release(definition("V", named("talk", "Eerste gesprek", "plan"), replace(PLAN, exits=exits())))
    assert found(spec, safeguard(Init(("family_plan",)))) == ()


def test_what_a_called_part_gives_is_found_too():
    called = definition("D-A", named("a", "Samen plannen", Return("ok"), meanings=("family_plan",)), returns=("ok",))
    spec = release(
        definition(
            "V",
            named("talk", "Eerste gesprek", (is_("weg", "kort"), "decide"), "ask", fields=(WAY,)),
            named("ask", "Plan vragen", "decide", call=calls("D-A")),
            DECIDE,
        ),
        called,
    )
    assert "Laat ‘Eerste gesprek’ eerst naar ‘Plan vragen’ gaan." in advice(found(spec, PLAN_FIRST))


def test_a_way_or_a_coming_back_that_does_harm_is_closed():
    never = safeguard(Absence(("municipal_decision",)))
    outside = (("X", text("Een ander neemt het over.")),)
    leaves = named("talk", "Eerste gesprek", (is_("weg", "kort"), Jump("X")), "ask", fields=(WAY,))
    ask = named("ask", "Vragen", (is_("weg", "kort"), "decide"), End(), fields=(WAY,))
    coming_back = release(definition("V", leaves, ask, DECIDE, entries=("ask",), outside=outside))
    assert advice(found(coming_back, never)) == []
    both = NotCoexistence(("family_plan",), ("municipal_decision",))
    parts = (
        named("talk", "Eerste gesprek", (is_("weg", "kort"), "plan"), "decide", fields=(WAY,)),
        named("plan", "Plan maken", (is_("weg", "kort"), "decide"), End(), fields=(WAY,), meanings=("family_plan",)),
        DECIDE,
    )
    offered = advice(found(release(definition("V", *parts)), safeguard(both)))
    assert "Haal de weg van ‘Plan maken’ naar ‘Besluit nemen’ weg." in offered
    assert "Sta ‘Besluit nemen’ niet meer toe na ‘Plan maken’." in offered


def test_a_case_need_not_come_back_where_it_does_harm():
    outside = (("X", text("Een ander neemt het over.")),)
    leaves = named("talk", "Eerste gesprek", (is_("weg", "kort"), Jump("X")), "plan", fields=(WAY,))
    after = named("after", "Na het plan", "decide")
    plan = replace(PLAN, exits=named("x", "x", "after").exits)
    spec = release(definition("V", leaves, plan, after, DECIDE, entries=("after",), outside=outside))
    assert "Laat de zaak niet terugkomen bij ‘Na het plan’." in advice(found(spec, PLAN_FIRST))


def placement(*ways) -> ReleaseSpec:
    """A placement that ends, a look back, and a closing; these ways lead on from the end."""
    return release(
        definition(
            "V",
            named("end", "Plaatsing stopt", *ways, fields=(WAY,), meanings=("placement_end",)),
            named("back", "Samen terugkijken", "close", meanings=("evaluation_after_placement",)),
            named("close", "Zaak sluiten", (is_("weg", "kort"), "back"), End(), fields=(WAY,), meanings=("closing",)),
        )
    )


def test_a_debt_becomes_a_duty_that_stands_in_the_way():
    spec = placement((is_("weg", "kort"), "close"), "back")
    offered = found(spec, LOOKED_BACK)
    assert offered[0].advice == ("Sta ‘Zaak sluiten’ pas toe als er een terugblik op de plaatsing is.",)
    again = release(
        definition(
            "V",
            named("start", "Beginnen", (is_("weg", "kort"), "close"), "end", fields=(WAY,)),
            *spec.definitions["V"].activities,
        )
    )
    for repair in found(again, LOOKED_BACK):
        assert repair.size <= 2


def test_a_duty_is_opened_where_the_debt_is_made_elsewhere():
    inside = (
        named("end", "Plaatsing stopt", (is_("weg", "kort"), Return("ok")), "back", fields=(WAY,),
              meanings=("placement_end",)),
        named("back", "Samen terugkijken", Return("ok"), meanings=("evaluation_after_placement",)),
    )  # fmt: skip
    main = (
        named("talk", "Eerste gesprek", "ask"),
        named("ask", "De plaatsing", "close", call=calls("D-A")),
        named("close", "Zaak sluiten", (is_("weg", "kort"), "ask"), End(), fields=(WAY,), meanings=("closing",)),
    )
    spec = release(definition("V", *main), definition("D-A", *inside, returns=("ok",)))
    offered = found(spec, LOOKED_BACK)
    assert "Laat ‘Plaatsing stopt’ een plicht openen tot ‘Samen terugkijken’ klaar is." in advice(offered)
    duty = next(it for it in offered if "plicht" in it.advice[0])
    assert set(duty.definitions) == {"V", "D-A"}
    assert duty.size == 2
    assert duty.place == Place("D-A", "end")


def test_help_is_blocked_until_everybody_says_yes():
    body = named("start", "Hulp starten", meanings=("start_of_help",))
    beside = track("t", activity="start", opens_by=ByHand.HAND, owner=Owner.HELP, for_each=None)
    spec = release(definition("V", named("talk", "Eerste gesprek"), body, tracks=(beside,)))
    waits = safeguard(WaitsForConsent(("start_of_help",)), Scope.HELP)
    assert advice(found(spec, waits)) in (
        [],
        ["Sta ‘Hulp starten’ pas toe als iedereen die ja moet zeggen, ja zegt."],
    )


def test_what_must_be_so_becomes_a_rule():
    body = named("close", "Afsluiten", meanings=("closing",))
    planned_first = Compare(FactRef("state", (("of", "plan"),)), Operator.IS, "done")
    template = OnlyWhile(("closing",), planned_first, "is er een plan", "Er is hier geen plan.")
    first = named("talk", "Eerste gesprek", (is_("weg", "kort"), "close"), "plan", fields=(WAY,))
    spec = release(definition("V", first, replace(PLAN, exits=exits("close")), body))
    (repair, *_) = found(spec, safeguard(template))
    assert repair.advice == ("Voeg bij ‘Afsluiten’ een regel toe die dat tegenhoudt.",)
    assert repair.definitions["V"].activity("close").rules[0].text == text("Als de zaak sluit, is er een plan.")


def test_a_step_is_put_back_as_it_was_published():
    before = talk("plan")
    after = release(
        definition(
            "V", named("talk", "Eerste gesprek", (is_("weg", "kort"), "decide"), "plan", fields=(WAY,)), PLAN, DECIDE
        )
    )
    offered = found(after, PLAN_FIRST, published=before)
    assert "Zet ‘Eerste gesprek’ terug zoals die stap was." in advice(offered)


def test_a_step_that_is_gone_is_put_back():
    before = talk("plan")
    after = release(definition("V", named("talk", "Eerste gesprek", "decide", fields=(WAY,)), DECIDE))
    offered = found(after, PLAN_FIRST, published=before)
    assert advice(offered) == ["Zet de stap ‘Plan maken’ terug."]
    assert offered[0].applied(after) == before
    assert offered[0].where == "activities[1]"
    assert found(after, PLAN_FIRST) == ()


def test_two_changes_are_offered_where_one_is_not_enough():
    skippable = replace(PLAN, obligation=Obligation.POLICY, meanings=("family_plan",))
    spec = release(
        definition(
            "V",
            named("talk", "Eerste gesprek", (is_("weg", "kort"), "decide"), "plan", fields=(WAY,)),
            skippable,
            replace(DECIDE, unblockable=True),
        )
    )
    (both,) = found(spec, PLAN_FIRST)
    assert set(both.advice) == {
        "Laat ‘Eerste gesprek’ eerst naar ‘Plan maken’ gaan.",
        "Sta niet toe dat iemand ‘Plan maken’ overslaat.",
    }
    assert both.size == 2


def test_what_breaks_another_safeguard_is_not_offered():
    spec = talk((is_("weg", "kort"), "decide"), "plan")
    no_plan_after_a_talk = safeguard(WhoMayPerform(("municipal_decision",), ("vap",)))
    assert len(found(spec, PLAN_FIRST, others=[no_plan_after_a_talk])) == len(found(spec, PLAN_FIRST))
    nobody = safeguard(WhoMayPerform(("municipal_decision",), ("mandaathouder",)))
    assert found(spec, PLAN_FIRST, others=[nobody]) == ()
    no_plan = safeguard(Absence(("family_plan",)))
    assert found(spec, PLAN_FIRST, others=[no_plan]) == ()


def test_what_makes_a_statement_true_of_nothing_is_not_offered():
    spec = release(
        definition("V", named("talk", "Eerste gesprek", (is_("weg", "kort"), "decide"), End(), fields=(WAY,)), DECIDE)
    )
    assert found(spec, PLAN_FIRST) == ()


def test_at_most_three_are_offered_the_smallest_and_nearest_first():
    skippable = replace(PLAN, obligation=Obligation.POLICY)
    spec = release(
        definition(
            "V",
            named("talk", "Eerste gesprek", (is_("weg", "kort"), "plan"), "plan", fields=(WAY,)),
            skippable,
            DECIDE,
        )
    )
    offered = found(spec, PLAN_FIRST)
    assert 0 < len(offered) <= MOST
    assert [(it.size, it.distance) for it in offered] == sorted((it.size, it.distance) for it in offered)


def made_right(step: Activity, template: Structural, **more) -> list[Repair]:
    spec, broken = release(definition("V", step)), safeguard(template)
    (place,) = template.faults(planned(spec))
    offered = repairs_of_fault(spec, broken, place, **more)
    for repair in offered:
        assert template.faults(planned(repair.applied(spec))) == ()
        assert not unreadable(repair.advice)
    return list(offered)


def test_who_may_not_do_a_step_is_taken_off_it():
    template = WhoMayPerform(("municipal_decision",), ("mandaathouder", "jeugdconsulent"))
    (repair,) = made_right(replace(DECIDE, performers=(Performer("vap"), Performer("jeugdconsulent"))), template)
    assert repair.advice == ("Laat alleen de rol mandaathouder of jeugdconsulent ‘Besluit nemen’ doen.",)
    assert repair.definitions["V"].activity("decide").performers == (Performer("jeugdconsulent"),)
    (repair,) = made_right(DECIDE, template)
    assert repair.definitions["V"].activity("decide").performers == (Performer("mandaathouder"),)


def test_an_adviser_is_put_on_a_step():
    template = SeparationOfDuties(("municipal_decision",), "gedragswetenschapper")
    (repair,) = made_right(DECIDE, template)
    assert repair.advice == ("Laat de gedragswetenschapper adviseren bij ‘Besluit nemen’, en een ander beslissen.",)
    assert repair.where == "activities[0]"


def test_a_ladder_that_may_be_skipped_may_be_so_no_more_or_is_put_back():
    broken = next(it for it in national().safeguards if it.key == "lightest_place_first")
    spec = shipped(include_skeletons=True)
    (place,) = (
        Place(key, it.key)
        for key, whole in spec.definitions.items()
        for it in whole.activities
        if "ladder_choice" in it.meanings
    )
    whole = spec.definitions[place.definition]
    ladder = next(it for it in whole.activities if it.key == place.activity)
    loose = replace(
        ladder,
        obligation=Obligation.POLICY,
        skippable=True,
        skip=ladder.exits[-1].target,
        rules=tuple(replace(rule, unknown_counts=True) for rule in ladder.rules),
    )
    steps = tuple(loose if it == ladder else it for it in whole.activities)
    edited = ReleaseSpec(spec.start, {**spec.definitions, whole.key: replace(whole, activities=steps)})
    plan = compile_release(edited, allow_skeletons=True)
    assert isinstance(plan, Plan)
    assert broken.template.faults(plan) == (place,)
    offered = repairs_of_fault(edited, broken, place, published=spec, allow_skeletons=True)
    assert [it.advice[0].split(" ‘")[0] for it in offered] == ["Zet", "Sta niet toe dat iemand"]
    assert offered[0].applied(edited) == spec


def test_only_a_structural_safeguard_has_faults_to_repair():
    spec = talk((is_("weg", "kort"), "decide"), "plan")
    assert repairs_of_fault(spec, PLAN_FIRST, Place("V", "decide")) == ()
    alone = SeparationOfDuties(("municipal_decision",), "gedragswetenschapper")
    other = safeguard(WhoMayPerform(("municipal_decision",), ("mandaathouder",)))
    assert made_right(DECIDE, alone, others=[other]) == []


def test_a_repair_is_there_as_json_too():
    spec = talk((is_("weg", "kort"), "decide"), "plan")
    for repair in found(spec, PLAN_FIRST):
        assert {key: read_definition(json.dumps(it)) for key, it in repair.documents.items()} == repair.definitions


def test_a_story_advises_the_first_repair():
    spec = talk((is_("weg", "kort"), "decide"), "plan")
    machine, verdict = refuted(spec, PLAN_FIRST)
    told = story(machine, PLAN_FIRST, verdict)
    first = repairs(spec, PLAN_FIRST, verdict, told)[0]
    advised = told.advising(first.advice, first.place, first.where)
    assert advised.text[-1] == first.advice[-1]
    assert (advised.place, advised.where) == (first.place, first.where)


def test_the_block_that_keeps_help_from_starting_without_consent_is_found_back():
    rules = shipped().definitions["D-WACHT"].activity("help_begins").rules
    spec = mutated("D-WACHT", "help_begins", rules=tuple(it for it in rules if it.effect is not Effect.BLOCK))
    broken = next(it for it in national().safeguards if it.key == "consent_before_help")
    (first, *_) = found(spec, broken)
    assert first.advice == ("Sta ‘De hulp begint’ pas toe als iedereen die ja moet zeggen, ja zegt.",)
    assert set(first.definitions) == {"D-WACHT"}


def test_withdrawing_consent_cannot_be_skipped_after_the_repair():
    spec = mutated("D-INTREK", "withdraw_consent", obligation=Obligation.POLICY, skip=Return("noted"))
    broken = next(it for it in national().safeguards if it.key == "withdrawal_is_open")
    assert advice(found(spec, broken)) == ["Sta niet toe dat iemand ‘Toestemming intrekken’ overslaat."]


@settings(
    max_examples=max(size("property_examples") // 4, 10),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(meant(), st.sampled_from(TEMPLATES))
def test_every_repair_that_is_offered_is_proven_and_adds_no_finding(made, template):
    spec, broken = with_words(meaning_something(made)), safeguard(template)
    machine = Machine(planned(spec), Scope.FAMILY)
    verdict = prove(machine, broken.monitor, FEW_STATES)
    assume(verdict.run)
    offered = repairs(spec, broken, verdict, story(machine, broken, verdict))
    event(f"{len(offered)} repairs")
    for repair in offered:
        mended = repair.applied(spec)
        assert holds(mended, broken)
        assert len(check_release(mended)) <= len(check_release(spec))
        assert not unreadable(repair.advice, keys_of(spec))
