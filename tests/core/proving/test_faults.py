"""A step that is not made as a safeguard says is told with what is lost by it, and whatever is wrong is mended."""

from dataclasses import replace

import pytest

from padwijzer.forms.core.conditions import Collection, ColumnCompare, Filter, Operator, Quantifier, Rows
from padwijzer.forms.core.schema import Choice
from padwijzer.workflows.core.definition import (
    AtAge,
    ByHand,
    Completed,
    Constant,
    Effect,
    Goto,
    Kind,
    Moment,
    Obligation,
    OnEvent,
    Open,
    OpenDuty,
    OpenTrack,
    Owner,
    Performer,
    Record,
    RecordEvent,
    Rule,
)
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.proving.faults import lacks, story_of_fault
from padwijzer.workflows.core.proving.repairs import repairs_of_fault
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import Scope, Structural
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.ladder_order import LadderOrder
from padwijzer.workflows.core.safeguards.separation_of_duties import SeparationOfDuties
from padwijzer.workflows.core.safeguards.standing_track import StandingTrack
from padwijzer.workflows.core.safeguards.who_may_perform import WhoMayPerform
from tests.support.definitions import choice, definition, is_, more_placements_than, release, text, track
from tests.support.stories import keys_of, named, planned, safeguard, unreadable

START, END = RecordEvent.PLACEMENT_STARTED, RecordEvent.PLACEMENT_ENDED
LOOKED_BACK = StandingTrack(("placement_start",), END, ("evaluation_after_placement",), duty="look_back")
IN_CONTACT = StandingTrack(("placement_start",), START, ("contact_arrangement",), until=("placement_end",))
WHICH = Filter(Quantifier.ALL, (ColumnCompare("status", Operator.IS_NOT, "ended"),))
OWED = Open(OpenDuty("look_back", text("Terugkijken"), discharged_by=("body",)), Moment.OPENING, Owner.PLACEMENT)
RUNNING, ENDED = (Record("placement", (("status", Constant(it)),), where=WHICH) for it in ("running", "ended"))
STARTS = named("starts", "Plaatsing start", "ends", meanings=("placement_start",), records=(RUNNING,))
ENDS = named("ends", "Plaatsing stopt", meanings=("placement_end",), records=(ENDED,))
BACK = named("body", "Samen terugkijken", meanings=("evaluation_after_placement",), opens=(OWED,))
CONTACT = named("body", "Contact houden", meanings=("contact_arrangement",), stays_open=True)
OPENED = {"opens_by": OnEvent(END), "owner": Owner.PLACEMENT, "activity": "body"}
KEPT_OPEN = OPENED | {"opens_by": OnEvent(START), "closes_on": (Completed("ends"),)}
BODY = Place("P", "body")


def looked_back(track_changes=None, **changes) -> ReleaseSpec:
    """A path with a placement, and a look back as soon as that stops."""
    opened = replace(track("opened", **OPENED), **(track_changes or {}))
    return release(definition("P", STARTS, ENDS, replace(BACK, **changes), tracks=(opened,)))


def in_contact(track_changes=None, **changes) -> ReleaseSpec:
    """A path with a placement, and contact until that stops."""
    opened = replace(track("opened", **KEPT_OPEN), **(track_changes or {}))
    return release(definition("P", STARTS, ENDS, replace(CONTACT, **changes), tracks=(opened,)))


def lost(spec: ReleaseSpec, template: Structural) -> list[str]:
    """What is lost by each thing that is wrong; mended together, nothing is, and each advice names a step."""
    broken, plan = safeguard(template), planned(spec)
    (place,) = template.faults(plan)
    wrong = lacks(plan, broken, place)
    (repair,) = repairs_of_fault(spec, broken, place)
    assert repair.advice == tuple(it.advice for it in wrong)
    assert template.faults(planned(repair.applied(spec))) == ()
    assert not unreadable((*(it.lost for it in wrong), *repair.advice), keys_of(spec))
    assert all("‘" in it for it in repair.advice)
    assert (repair.size, repair.place) == (len(wrong), wrong[0].place)
    return [it.lost for it in wrong]


def test_what_is_made_as_it_must_be_lacks_nothing():
    for spec, template in ((looked_back(), LOOKED_BACK), (in_contact(), IN_CONTACT)):
        plan = planned(spec)
        assert template.faults(plan) == ()
        assert lacks(plan, safeguard(template), BODY) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"opens_by": OnEvent(START)}, "‘Samen terugkijken’ gaat niet vanzelf open zodra een plaatsing stopt."),
        ({"closed_by_hand": True}, "‘Samen terugkijken’ kan te vroeg sluiten."),
        ({"closes_on": (Completed("ends"),)}, "‘Samen terugkijken’ kan te vroeg sluiten."),
        ({"closes_on": (AtAge(192),)}, "‘Samen terugkijken’ kan te vroeg sluiten."),
    ],
    ids=["another event", "a hand closes it", "a step closes it", "an age closes it"],
)
def test_a_track_that_does_not_stand_open_is_mended(changes, said):
    assert lost(looked_back(changes), LOOKED_BACK) == [said]


def test_a_track_that_a_step_opens_for_the_family_is_opened_by_the_event_and_by_no_step():
    opens = (Open(OpenTrack("opened"), Moment.COMPLETING, Owner.FAMILY),)
    spec = looked_back({"opens_by": ByHand.ACTIVITY, "owner": Owner.FAMILY})
    whole = spec.definitions["P"]
    steps = tuple(replace(it, opens=opens) if it.key == "ends" else it for it in whole.activities)
    spec = ReleaseSpec("P", {"P": replace(whole, activities=steps)})
    assert lost(spec, LOOKED_BACK) == [
        "‘Samen terugkijken’ gaat niet vanzelf open zodra een plaatsing stopt.",
        "Niet elke plaatsing heeft een eigen ‘Samen terugkijken’.",
    ]
    (repair,) = repairs_of_fault(spec, safeguard(LOOKED_BACK), BODY)
    assert repair.definitions["P"].activity("ends").opens == ()
    assert repair.definitions["P"].tracks[0].owner is Owner.PLACEMENT


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"obligation": Obligation.POLICY}, "Iemand kan ‘Samen terugkijken’ overslaan."),
        ({"opens": ()}, "‘Samen terugkijken’ is geen plicht."),
        (
            {"available": more_placements_than(1), "unavailable": Goto("ends")},
            "‘Samen terugkijken’ kan soms niet.",
        ),
    ],
    ids=["may be skipped", "no duty", "not always"],
)
def test_the_step_of_a_standing_track_is_mended(changes, said):
    assert lost(looked_back(**changes), LOOKED_BACK) == [said]


def test_a_step_that_ends_too_early_stays_open_until_it_may_close():
    assert lost(in_contact(stays_open=False), IN_CONTACT) == [
        "‘Contact houden’ kan klaar zijn voordat een plaatsing stopt."
    ]
    assert lost(in_contact({"closed_by_hand": True}), IN_CONTACT) == ["‘Contact houden’ kan te vroeg sluiten."]
    (repair,) = repairs_of_fault(in_contact({"closed_by_hand": True}), safeguard(IN_CONTACT), BODY)
    assert repair.advice == ("Laat ‘Contact houden’ open tot een plaatsing stopt.",)
    assert repair.definitions["P"].tracks[0].closes_on == (Completed("ends"),)


def test_a_track_that_is_not_there_is_made():
    spec = looked_back()
    alone = ReleaseSpec("P", {"P": replace(spec.definitions["P"], tracks=())})
    plan = planned(ReleaseSpec("P", {"P": replace(alone.definitions["P"], activities=(STARTS, ENDS))}))
    assert LOOKED_BACK.faults(plan) == (Place("P", "starts"),)
    assert lacks(plan, safeguard(LOOKED_BACK), Place("P", "starts")) == ()
    first = replace(STARTS, exits=named("x", "x", (is_("weg", "ja"), "body"), "ends").exits, fields=(choice("weg"),))
    reached = release(definition("P", first, ENDS, replace(BACK, exits=named("x", "x", "ends").exits)))
    (only,) = lacks(planned(reached), safeguard(LOOKED_BACK), Place("P", "starts"))
    assert only.advice == "Laat ‘Samen terugkijken’ opengaan zodra een plaatsing stopt."
    assert only.place == BODY
    mended = only.mend(reached.definitions["P"])
    assert mended.tracks[0].opens_by == OnEvent(END)


def test_a_track_as_it_was_published_is_put_back():
    before = looked_back()
    spec = looked_back({"closed_by_hand": True})
    (first,) = repairs_of_fault(spec, safeguard(LOOKED_BACK), BODY, published=before)
    assert first.advice == ("Zet ‘Samen terugkijken’ terug zoals die stap was.",)
    assert first.applied(spec) == before
    gone = ReleaseSpec("P", {"P": replace(before.definitions["P"], activities=(STARTS, ENDS), tracks=())})
    (back,) = repairs_of_fault(gone, safeguard(LOOKED_BACK), Place("P", "starts"), published=before)
    assert back.advice == ("Zet de stap ‘Samen terugkijken’ terug.",)
    assert back.applied(gone) == before
    assert repairs_of_fault(gone, safeguard(LOOKED_BACK), Place("P", "starts")) == ()


def test_what_costs_another_safeguard_is_not_offered():
    spec = looked_back({"closed_by_hand": True})
    never = safeguard(Absence(("placement_end",)), key="never")
    assert repairs_of_fault(spec, safeguard(LOOKED_BACK), BODY, others=[never]) == ()


RUNGS = replace(choice("rungs", "t1", "t2", "none"), type="ladder")
UNREASONED = Rows(
    Collection(field="rungs"),
    Quantifier.ANY,
    Filter(Quantifier.ALL, (ColumnCompare("reason", Operator.NOT_ANSWERED),)),
)
REASONS = Rule(UNREASONED, Effect.BLOCK, text("Leg eerst uit waarom een lichtere plek niet kan."), "C1")
LADDER = named(
    "ladder", "De ladder", kind=Kind.LADDER, meanings=("ladder_choice",), fields=(RUNGS,), rules=(REASONS,),
    skippable=False,
)  # fmt: skip
LIGHT_FIRST = LadderOrder(("ladder_choice",), ("t1", "t2"))
TURNED = replace(RUNGS, choices=tuple(Choice(key, text(key)) for key in ("t2", "none", "t1")))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rules": ()}, "Bij ‘De ladder’ kan de reden leeg blijven."),
        ({"fields": (TURNED,)}, "Bij ‘De ladder’ staan niet alle plekken van licht naar zwaar."),
        ({"fields": (replace(RUNGS, required=False),)}, "Bij ‘De ladder’ hoeft niemand een plek te kiezen."),
        (
            {"skippable": True, "obligation": Obligation.POLICY, "rules": (replace(REASONS, unknown_counts=True),)},
            "Iemand kan ‘De ladder’ overslaan.",
        ),
    ],
    ids=["no reason", "another order", "no choice", "skipped"],
)
def test_a_ladder_is_mended(changes, said):
    assert lost(release(definition("P", replace(LADDER, **changes))), LIGHT_FIRST) == [said]


def test_the_lighter_place_comes_first_again_and_none_last():
    spec = release(definition("P", replace(LADDER, fields=(TURNED,))))
    (repair,) = repairs_of_fault(spec, safeguard(LIGHT_FIRST), Place("P", "ladder"))
    (ladder,) = repair.definitions["P"].activity("ladder").fields
    assert [it.key for it in ladder.choices] == ["t1", "t2", "none"]


def test_what_nobody_can_make_up_is_named_and_not_offered():
    form = replace(LADDER, kind=Kind.FORM, fields=(choice("rungs", "t1", "t2"),), rules=())
    short = replace(LADDER, fields=(replace(RUNGS, choices=RUNGS.choices[:1]),))
    for step, advice in (
        (form, "Maak van ‘De ladder’ weer één ladder."),
        (short, "Zet bij ‘De ladder’ alle plekken, van licht naar zwaar."),
    ):
        spec = release(definition("P", step))
        assert story_of_fault(planned(spec), safeguard(LIGHT_FIRST), Place("P", "ladder")).advice == (advice,)
        assert repairs_of_fault(spec, safeguard(LIGHT_FIRST), Place("P", "ladder")) == ()


DECIDE = named("decide", "Besluit nemen", kind=Kind.DECISION, meanings=("municipal_decision",))


@pytest.mark.parametrize(
    ("performers", "said"),
    [
        ((Performer("vap"),), "Bij ‘Besluit nemen’ geeft geen gedragswetenschapper advies."),
        (
            (Performer("vap"), Performer("gedragswetenschapper")),
            "Bij ‘Besluit nemen’ kan de gedragswetenschapper alleen beslissen.",
        ),
    ],
    ids=["nobody advises", "the adviser decides"],
)
def test_nobody_decides_alone_again(performers, said):
    template = SeparationOfDuties(("municipal_decision",), "gedragswetenschapper")
    assert lost(release(definition("P", replace(DECIDE, performers=performers))), template) == [said]


def test_a_story_of_a_fault_is_a_run_to_it_by_who_may_not_do_it():
    talk = named("talk", "Praten", "decide")
    spec = release(definition("P", talk, replace(DECIDE, performers=(Performer("mandaathouder"), Performer("vap")))))
    broken = safeguard(WhoMayPerform(("municipal_decision",), ("mandaathouder",)))
    found = story_of_fault(planned(spec), broken, Place("P", "decide"))
    assert found.text == (
        "1. Het vaste aanspreekpunt vult ‘Praten’ in.",
        "2. Het vaste aanspreekpunt beslist bij ‘Besluit nemen’.",
        "De rol vast aanspreekpunt mag hier ‘Besluit nemen’ doen.",
        "Laat alleen de rol mandaathouder ‘Besluit nemen’ doen.",
    )
    assert found.real
    assert found.where == "activities[1]"


def test_a_run_to_a_fault_ends_at_that_step_and_at_no_other_like_it():
    good = replace(DECIDE, performers=(Performer("mandaathouder"),), exits=named("x", "x", "again").exits)
    spec = release(definition("P", good, replace(DECIDE, key="again", title=text("Nog een besluit"))))
    broken = safeguard(WhoMayPerform(("municipal_decision",), ("mandaathouder",)))
    found = story_of_fault(planned(spec), broken, Place("P", "again"))
    assert [it for (it,) in found.lines] == [
        "De mandaathouder beslist bij ‘Besluit nemen’.",
        "Het vaste aanspreekpunt beslist bij ‘Nog een besluit’.",
    ]


def test_a_run_to_a_standing_track_ends_where_that_is_needed():
    found = story_of_fault(planned(looked_back({"closed_by_hand": True})), safeguard(LOOKED_BACK), BODY)
    assert found.text == (
        "1. Het vaste aanspreekpunt vult ‘Plaatsing start’ in.",
        "‘Samen terugkijken’ kan te vroeg sluiten.",
        "Laat ‘Samen terugkijken’ open tot die stap klaar is.",
    )


def test_a_ladder_that_may_be_skipped_is_told_as_skipped():
    rules = (replace(REASONS, unknown_counts=True),)
    step = replace(LADDER, skippable=True, obligation=Obligation.POLICY, rules=rules)
    found = story_of_fault(planned(release(definition("P", step))), safeguard(LIGHT_FIRST), Place("P", "ladder"))
    assert found.lines == (("Het vaste aanspreekpunt slaat ‘De ladder’ over, met een reden.",),)


def test_where_no_run_comes_near_the_statement_is_told():
    never = track("t", opens_by=OnEvent(RecordEvent.CASE_OPENED), activity="decide")
    spec = release(definition("P", named("talk", "Praten"), DECIDE, tracks=(never,)))
    broken = safeguard(WhoMayPerform(("municipal_decision",), ("mandaathouder",)), Scope.FAMILY)
    found = story_of_fault(planned(spec), broken, Place("P", "decide"))
    assert found.lines == (("Alleen de rol mandaathouder gaat over een besluit van de gemeente.",),)
    assert found.real
