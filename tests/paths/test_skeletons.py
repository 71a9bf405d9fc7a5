"""
The skeletons of intensive help, the measure, placement, emergency and eighteen carry every rule of the domain.

What is asked here of a file is what a safeguard may lean on: exits, duties, tracks, meanings and rules. The cures of
the ten runs in which the literal text of the paths loses a safeguard are each a test.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import pytest

from padwijzer.forms.core.conditions import (
    UNKNOWN,
    Collection,
    Condition,
    FactRef,
    Value,
    atoms,
    evaluate,
    references,
)
from padwijzer.workflows.core.catalogues import shipped_catalogue
from padwijzer.workflows.core.compiling import check_release
from padwijzer.workflows.core.definition import (
    Activity,
    AtAge,
    ByHand,
    Completed,
    Constant,
    Effect,
    End,
    Goto,
    Interrupt,
    Jump,
    Kind,
    Moment,
    Obligation,
    OnEvent,
    Open,
    OpenDuty,
    OpenTrack,
    Owner,
    ProcessDefinition,
    RecordEvent,
    Return,
    Target,
    TimeBefore,
)
from padwijzer.workflows.core.findings import Severity
from padwijzer.workflows.core.graph import reachable, successors, ways_on
from padwijzer.workflows.core.reading import read_definition
from padwijzer.workflows.core.releases import ReleaseSpec

FIXTURES = files("padwijzer") / "fixtures"
SKELETONS = ("IVH", "OTS", "P", "D-SPOED", "D-18")
STEPS = {
    "IVH": {f"O{number}" for number in (1, 2, 3, 5)} | {"O4a", "O4b"},
    "OTS": {f"O{number}" for number in range(6, 22)},
    "P": {f"P{number}" for number in range(1, 24)},
    "D-SPOED": {f"S{number}" for number in range(1, 7)},
    "D-18": {"E1", "E2", "E3"},
}
AFTERWARDS_LIST = (
    "behavioural_scientist", "consent_or_view", "child_spoken", "parent_child_contact", "help_at_home", "short_plan",
    "school_informed", "ladder_reasons", "stay_home_options", "siblings_apart", "full_plan", "court_hearing",
    "municipal_decision", "crisis_review",
)  # fmt: skip
RULES = {
    ("IVH", "discuss_worries"): "block block deviation",
    ("IVH", "make_voluntary_clear"): "warn",
    ("IVH", "safety_agreements"): "deviation",
    ("IVH", "intensive_help"): "block task",
    ("IVH", "interim_balance"): "deviation deviation block",
    ("OTS", "meeting_investigation"): "block warn",
    ("OTS", "council_investigation"): "deviation",
    ("OTS", "ruling"): "block block",
    ("OTS", "warm_start"): "alarm",
    ("OTS", "explain_under_measure"): "warn",
    ("OTS", "voluntary_help_stays"): "deviation block warn alarm",
    ("OTS", "plan_of_action"): "block warn",
    ("OTS", "help_starts"): "block alarm",
    ("OTS", "written_instruction"): "block",
    ("OTS", "evaluate_measure"): "block block deviation",
    ("OTS", "renew_or_end"): "block block task task",
    ("OTS", "renewal_ruling"): "block block alarm",
    ("OTS", "end_of_ots"): "block",
    ("P", "possible_placement"): "task deviation block",
    ("P", "stay_home_options"): "deviation warn",
    ("P", "understand_together"): "deviation deviation",
    ("P", "speak_with_each_child"): "deviation",
    ("P", "court_order"): "block",
    ("P", "order_in_use"): "alarm",
    ("P", "placement_ladder"): "block deviation block block block block block block",
    ("P", "which_place"): "deviation deviation deviation",
    ("P", "day_one_plan"): "deviation deviation",
    ("P", "municipal_decision"): "block",
    ("P", "placement_starts"): "block block block",
    ("P", "contact_arrangement"): "deviation alarm",
    ("P", "family_help"): "alarm alarm deviation",
    ("P", "evaluate_placement"): "deviation task task",
    ("P", "where_child_grows_up"): "deviation block",
    ("P", "prepare_return"): "deviation block",
    ("P", "follow_up_home"): "task task deviation",
    ("P", "another_place"): "warn block",
    ("P", "evaluation_after_placement"): "deviation",
    ("P", "end_of_placement"): "alarm task deviation",
    ("D-SPOED", "crisis_solution"): "warn",
    ("D-SPOED", "crisis_ground"): "block alarm block block",
    ("D-SPOED", "after_first_days"): "alarm block",
    ("D-18", "help_after_18"): "alarm warn",
}


@cache
def release() -> dict[str, ProcessDefinition]:
    """Every shipped definition, skeletons included."""
    paths = (path for path in (FIXTURES / "paths").iterdir() if path.name.endswith(".json"))
    return {definition.key: definition for definition in (read_definition(path.read_bytes()) for path in paths)}


def step(definition: str, key: str) -> Activity:
    """A step of a shipped definition."""
    return release()[definition].activity(key)


class Answers:
    """A world in which some facts are known by what the condition would call them, and every row question is no."""

    def __init__(self, **facts: str) -> None:
        self.facts = facts

    def fact(self, ref: FactRef) -> Value:
        name = ref.argument("field").replace(".", "__") if ref.name == "answer" else ref.name
        if ref.name == "state":
            name = f"state__{ref.argument('of').replace('.', '__').replace('-', '_')}"
        return self.facts.get(name, "never" if ref.name == "state" else UNKNOWN)

    def rows(self, collection: Collection) -> list[dict[str, Value]]:
        return []

    def shifted(self, *_: object) -> None:
        return None


def way_on(definition: str, key: str, **facts: str) -> Target:
    """The exit that a step takes in a world where these facts are known; an unknown one before it is refused."""
    for exit_ in step(definition, key).exits:
        truth = True if exit_.when is None else evaluate(exit_.when, Answers(**facts))
        assert truth is not None, (key, exit_.target)
        if truth and not isinstance(exit_.target, Interrupt):
            return exit_.target
    raise AssertionError(key)


def opened(activity: Activity, kind: str) -> Open:
    """How a step opens a duty of a kind."""
    return next(open_ for open_ in activity.opens if isinstance(open_.what, OpenDuty) and open_.what.duty == kind)


def dischargers(activity: Activity, kind: str) -> tuple[str, ...]:
    """The steps that discharge a duty of a kind which this step opens."""
    what = opened(activity, kind).what
    assert isinstance(what, OpenDuty)
    return what.discharged_by


def placement_ends(activity: Activity) -> bool:
    """Whether completing a step writes that a placement ended."""
    return any(
        record.register == "placement" and ("status", Constant("ended")) in record.set for record in activity.records
    )


def facts_in(condition: Condition | None) -> set[str]:
    """The names of the facts and registers in a condition."""
    return {ref.name if isinstance(ref, FactRef) else ref.register or ref.field for ref in references(condition)}


def test_together_they_break_no_rule_of_the_language() -> None:
    spec = ReleaseSpec("V", release())
    found = check_release(spec, shipped_catalogue(), allow_skeletons=True)
    assert [
        finding for finding in found if finding.severity is Severity.ERROR and finding.definition in SKELETONS
    ] == []


@pytest.mark.parametrize("key", SKELETONS)
def test_every_step_of_the_domain_is_there(key: str) -> None:
    assert {activity.reference for activity in release()[key].activities} >= STEPS[key]
    assert {activity.reference for activity in release()[key].activities} <= STEPS[key] | {"S3", "S5"}


@pytest.mark.parametrize("key", SKELETONS)
def test_a_skeleton_says_that_it_is_one(key: str) -> None:
    assert not release()[key].whole


@pytest.mark.parametrize(("definition", "key"), RULES)
def test_every_rule_of_the_domain_is_there_with_its_effect(definition: str, key: str) -> None:
    assert " ".join(rule.effect.value for rule in step(definition, key).rules) == RULES[definition, key]


@pytest.mark.parametrize("key", SKELETONS)
def test_every_rule_says_what_to_do_and_on_what_ground(key: str) -> None:
    for activity in release()[key].activities:
        for rule in activity.rules:
            assert rule.ground[0] in "CR"
            assert rule.text
            assert rule.effect not in (Effect.TASK, Effect.ALARM) or rule.to


@pytest.mark.parametrize("key", SKELETONS)
def test_a_step_that_decides_where_it_goes_names_where_it_goes_when_skipped(key: str) -> None:
    for activity in release()[key].activities:
        person = activity.kind in (Kind.FORM, Kind.DECISION, Kind.LADDER, Kind.WAIT)
        if person and len(activity.exits) > 1 and activity.obligation is not Obligation.LAW and activity.skippable:
            assert activity.skip is not None, activity.key


@pytest.mark.parametrize("key", SKELETONS)
def test_no_track_moves_the_main_line(key: str) -> None:
    definition = release()[key]
    for track in definition.tracks:
        body = reachable([track.activity], lambda step_: successors(definition, step_)) if track.activity else ()
        for activity in body:
            for _, target in ways_on(definition.activity(activity)):
                assert isinstance(target, Goto | End | Return), (track.key, activity)


# The ten runs in which the literal text loses a safeguard


def test_1_whoever_had_no_worry_about_safety_does_not_jump_to_running_help_without_a_plan() -> None:
    assert way_on("IVH", "discuss_worries", zorg_uitkomst="geen") == Jump("V", "family_plan")
    known = way_on("IVH", "discuss_worries", zorg_uitkomst="geen", state__V__family_plan="done")
    assert known == Jump("V", "evaluate_together")


def test_1_a_refused_placement_or_help_never_leaves_by_itself_what_called_for_consent() -> None:
    targets = [target for _, target in ways_on(step("IVH", "ask_consent"))]
    assert all(isinstance(target, Goto) for target in targets)


def test_2_a_child_that_stayed_home_in_a_crisis_gets_a_plan_and_consent_before_help_runs() -> None:
    assert way_on("D-SPOED", "crisis_over", after_first_days__sp_verder="thuis") == Jump("V", "family_plan")


def test_2_a_line_that_was_interrupted_goes_on_where_it_was() -> None:
    for path in ("V", "IVH", "OTS", "P"):
        facts = {"after_first_days__sp_verder": "thuis", f"state__{path}": "open"}
        assert way_on("D-SPOED", "crisis_over", **facts) == Return("resumed")


def test_3_another_place_asks_for_its_own_ground() -> None:
    assert way_on("P", "another_place", running_measure="none") == Goto("legal_basis")
    assert way_on("P", "another_place", running_measure="ots") == Goto("legal_basis_measure")
    asked_anew, *now = step("P", "placement_starts").rules
    asked = {ref for ref in references(asked_anew.when) if isinstance(ref, FactRef)}
    assert {(ref.argument("of"), ref.argument("since")) for ref in asked if ref.name == "state"} == {
        ("consent_given", "placement_starts"),
        ("order_given", "placement_starts"),
    }
    assert [facts_in(rule.when) for rule in now] == [
        {"running_measure", "order_kinds"},
        {"running_measure", "placement", "subject"},
    ]
    assert all(rule.effect is Effect.BLOCK and rule.unknown_counts and not rule.afterwards for rule in now)


def test_3_a_rung_that_the_order_does_not_cover_leads_to_another_order() -> None:
    taken = way_on("P", "placement_ladder", rungs="t4", running_measure="ots", andere_machtiging="ja")
    assert taken == Goto("court_order")
    assert way_on("P", "placement_ladder", rungs="none") == Goto("stay_home_options")
    assert way_on("P", "placement_ladder", rungs="t1", running_measure="none") == Goto("which_place")


def test_4_after_a_measure_every_help_and_the_placement_need_consent_again() -> None:
    assert step("OTS", "evaluate_measure").unavailable == Goto("consent_for_help")
    assert way_on("OTS", "evaluate_measure", oe_verder="stoppen") == Goto("consent_for_help")
    first, last = step("OTS", "consent_for_placement").exits
    assert first.target == Jump("P", "end_of_placement")
    assert last.target == Goto("end_of_ots")
    (rule,) = step("OTS", "end_of_ots").rules
    assert rule.effect is Effect.BLOCK
    assert rule.obligation is Obligation.LAW
    assert facts_in(rule.when) == {"help_item"}


def test_5_a_crisis_placement_that_ends_owes_an_evaluation_whatever_follows() -> None:
    after = step("D-SPOED", "after_first_days")
    assert after.exits[1].target == Goto("crisis_placement_ends")
    ends = step("D-SPOED", "crisis_placement_ends")
    assert "placement_end" in ends.meanings
    assert placement_ends(ends)


def test_6_and_7_a_placed_child_never_leaves_the_path_without_the_end_of_its_placement() -> None:
    assert step("P", "stay_home_options").exits[1].target == Goto("end_of_placement")
    assert way_on("P", "court_order", mach_uitspraak="nee", lives_at="placed") == Goto("end_of_placement")
    assert way_on("P", "municipal_decision", pb_besluit="nee", lives_at="placed") == Goto("end_of_placement")


def test_7_an_order_that_is_refused_for_another_place_leaves_the_present_one() -> None:
    facts = {"mach_uitspraak": "nee", "lives_at": "placed", "order_kinds": "pleeg"}
    assert way_on("P", "court_order", **facts) == Goto("evaluate_placement")


def test_8_no_rule_outside_the_afterwards_list_softens_in_an_emergency() -> None:
    softening = {
        (activity.key, rule.afterwards)
        for key in SKELETONS
        for activity in release()[key].activities
        for rule in activity.rules
        if rule.afterwards
    }
    assert softening == {
        ("understand_together", "behavioural_scientist"), ("speak_with_each_child", "child_spoken"),
        ("placement_starts", "consent_or_view"), ("placement_ladder", "ladder_reasons"),
        ("stay_home_options", "stay_home_options"), ("which_place", "siblings_apart"), ("day_one_plan", "full_plan"),
    }  # fmt: skip


def test_9_voluntary_help_is_owed_from_the_first_day_of_a_measure() -> None:
    for definition, key in (("OTS", "measure_starts"), ("D-SPOED", "provisional_measure")):
        owed = opened(step(definition, key), "voluntary_help_contact")
        assert owed.owner is Owner.MEASURE
        assert "measure_start" in step(definition, key).meanings
    track = release()["OTS"].track("voluntary_help")
    assert track.opens_by == OnEvent(RecordEvent.MEASURE_STARTED)
    assert track.owner is Owner.MEASURE
    assert "voluntary_help_contact" in step("OTS", track.activity).meanings


def test_10_the_ladder_is_never_skipped_and_its_rung_is_not_asked_again() -> None:
    assert not step("P", "placement_ladder").skippable
    assert [field.key for field in step("P", "placement_starts").fields] == ["plaatsing_start"]


# What weighs heavily


def test_every_end_of_a_placement_opens_the_track_to_look_back_whichever_step_writes_it() -> None:
    ending = {f"{key}.{it.key}" for key, path in release().items() for it in path.activities if placement_ends(it)}
    assert ending == {
        "P.placement_starts", "P.end_of_placement", "D-SPOED.register_placement", "D-SPOED.crisis_placement_ends",
    }  # fmt: skip
    assert release()["P"].track("evaluation").opens_by == OnEvent(RecordEvent.PLACEMENT_ENDED)
    assert "old_place_left" in successors(release()["P"], "placement_starts")


@pytest.mark.parametrize("name", ["P.end_of_placement", "P.old_place_left", "D-SPOED.crisis_placement_ends"])
def test_every_end_of_a_placement_is_called_one(name: str) -> None:
    assert "placement_end" in step(*name.split(".")).meanings


def test_looking_back_is_owed_from_the_moment_that_its_step_stands_open() -> None:
    owed = opened(step("P", "evaluation_after_placement"), "evaluation_after_placement")
    assert owed.owner is Owner.PLACEMENT
    assert (owed.at, owed.when, owed.for_each) == (Moment.OPENING, None, None)
    assert isinstance(owed.what, OpenDuty)
    assert owed.what.term == "evaluation_after_placement_6w"
    assert owed.what.discharged_by == ("evaluation_after_placement",)


def test_looking_back_stands_beside_the_line_and_is_never_skipped() -> None:
    track = release()["P"].track("evaluation")
    assert track.opens_by == OnEvent(RecordEvent.PLACEMENT_ENDED)
    assert not track.closes_on
    assert not track.closed_by_hand
    look_back = step("P", "evaluation_after_placement")
    assert [exit_.target for exit_ in look_back.exits] == [End()]
    assert not look_back.skippable


@pytest.mark.parametrize(
    ("where", "target"),
    [
        ("thuis", "follow_up_home"), ("ander", "follow_up_home"), ("zelf", "lives_elsewhere"),
        ("pleeg18", "lives_elsewhere"), ("gesloten", "lives_elsewhere"), ("weg", "lives_elsewhere"),
    ],
)  # fmt: skip
def test_where_the_child_lives_now_decides_what_follows(where: str, target: str) -> None:
    assert way_on("P", "end_of_placement", einde_waar=where) == Goto(target)


def test_a_missing_child_is_an_emergency_first() -> None:
    assert step("P", "end_of_placement").exits[0].target == Interrupt("D-SPOED")


def test_a_refusal_of_intensive_help_never_leads_straight_to_an_investigation() -> None:
    assert way_on("IVH", "make_voluntary_clear", ivh_antwoord="nee") == Goto("interim_balance")
    assert "safety_judgement" in step("IVH", "interim_balance").meanings
    only_refusal = step("IVH", "interim_balance").rules[2]
    assert only_refusal.effect is Effect.BLOCK


def test_everything_that_leads_to_an_investigation_is_a_safety_judgement() -> None:
    for activity in release()["IVH"].activities:
        if any(target == Jump("OTS", "meeting_investigation") for _, target in ways_on(activity)):
            assert "safety_judgement" in activity.meanings


def test_every_step_of_the_guardian_waits_for_a_measure() -> None:
    for activity in release()["OTS"].activities:
        if "gi_step" in activity.meanings and activity.key != "renew_or_end":
            assert activity.available is not None
            assert facts_in(activity.available) == {"children"}
            assert activity.unavailable == Goto("consent_for_help")


def test_renewing_is_a_matter_of_the_measure_and_not_of_the_line() -> None:
    track = release()["OTS"].track("renewal")
    assert isinstance(track.opens_by, TimeBefore)
    assert track.owner is Owner.MEASURE
    on_track = reachable([track.activity], lambda key: successors(release()["OTS"], key))
    assert list(on_track) == ["renew_or_end", "renewal_ruling"]
    elsewhere = [activity.key for activity in release()["OTS"].activities if activity.key not in on_track]
    assert not {key for other in elsewhere for key in successors(release()["OTS"], other)} & set(on_track)


def test_the_end_of_a_measure_owes_a_last_talk() -> None:
    track = release()["OTS"].track("measure_over")
    assert track.opens_by == OnEvent(RecordEvent.MEASURE_ENDED)
    assert dischargers(step("OTS", track.activity), "end_of_ots") == ("end_of_ots",)


def test_a_new_place_under_an_order_is_asked_once_for_a_ruling() -> None:
    target = way_on("OTS", "help_starts", aanwijzing_nodig="nee", ruling__uitspraak="ots_uhp")
    assert target == Jump("P", "possible_placement")
    again = way_on("OTS", "help_starts", aanwijzing_nodig="nee", state__P__possible_placement="done")
    assert again == Goto("before_evaluation")


def test_before_a_measure_is_evaluated_everybody_was_asked_and_the_family_was_offered_its_own_plan() -> None:
    assert way_on("OTS", "before_evaluation") == Goto("explain_under_measure")
    asked = {"state__explain_under_measure": "skipped"}
    assert way_on("OTS", "before_evaluation", **asked) == Goto("plan_of_action")
    offered = {**asked, "state__OTS__plan_of_action": "done"}
    assert way_on("OTS", "before_evaluation", **offered) == Goto("evaluate_measure")


def test_before_a_place_is_chosen_home_and_a_second_expert_were_looked_at() -> None:
    assert way_on("P", "before_ladder") == Goto("stay_home_options")
    home = {"state__P__stay_home_options": "done"}
    assert way_on("P", "before_ladder", **home) == Goto("understand_together")
    assert way_on("P", "before_ladder", **home, state__P__understand_together="done") == Goto("placement_ladder")


@pytest.mark.parametrize("plan", ["V__family_plan", "V__short_plan", "OTS__plan_of_action", "P__own_plan_offered"])
def test_before_the_municipality_decides_on_a_place_the_family_was_offered_its_own_plan(plan: str) -> None:
    assert way_on("P", "before_decision") == Goto("own_plan_offered")
    assert way_on("P", "before_decision", **{f"state__{plan}": "done"}) == Goto("municipal_decision")
    assert way_on("P", "own_plan_offered") == Goto("municipal_decision")
    (rule,) = step("P", "municipal_decision").rules
    assert evaluate(rule.when, Answers()) is True
    assert evaluate(rule.when, Answers(**{f"state__{plan}": "done"})) is False


def test_the_term_of_the_mayor_stands_where_its_outcome_is_waited_for() -> None:
    assert not step("OTS", "mayor_asks_court").deadlines
    (deadline,) = step("OTS", "ruling").deadlines
    assert deadline.term.key == "mayor_request_2w"
    assert deadline.start == Completed("mayor_asks_court")


@pytest.mark.parametrize("kind", AFTERWARDS_LIST)
def test_every_line_of_the_afterwards_list_is_a_duty_with_a_term_that_can_be_worked_off(kind: str) -> None:
    listed = step("D-SPOED", "afterwards_list")
    what = opened(listed, kind).what
    assert isinstance(what, OpenDuty)
    assert what.emergency
    assert what.term
    for place in what.discharged_by:
        definition, _, key = f"D-SPOED.{place}".rpartition(".") if "." not in place else place.rpartition(".")
        assert step(definition, key).kind in (Kind.FORM, Kind.DECISION, Kind.LADDER, Kind.AUTOMATIC, Kind.WAIT)


def test_the_afterwards_list_has_fourteen_lines() -> None:
    lines = [open_ for open_ in step("D-SPOED", "afterwards_list").opens if isinstance(open_.what, OpenDuty)]
    assert len(lines) == len(AFTERWARDS_LIST) == 14


def test_registering_an_emergency_is_never_stood_in_the_way_of() -> None:
    report = step("D-SPOED", "crisis_report")
    assert report.unblockable
    assert report.rules == ()


def test_a_placement_in_danger_without_a_ruling_owes_its_ground_within_a_day() -> None:
    owed = opened(step("D-SPOED", "crisis_ground"), "legal_ground")
    assert isinstance(owed.what, OpenDuty)
    assert owed.what.term == "legal_ground_24h"
    assert owed.when is not None
    assert evaluate(owed.when, Answers(sp_grond="gevaar")) is True
    assert evaluate(owed.when, Answers(sp_grond="vots")) is False


def test_from_the_analysis_on_a_placement_is_about_one_child() -> None:
    definition = release()["P"]
    assert definition.children == "possible_placement.pl_kinderen"
    keys = [activity.key for activity in definition.activities]
    family = set(keys[: keys.index(definition.per_child_from)])
    assert family == {"possible_placement", "stay_home_options"}
    for activity in definition.activities:
        if activity.key in family:
            for exit_ in activity.exits:
                assert all(
                    ref.argument("person") != "child" for ref in references(exit_.when) if isinstance(ref, FactRef)
                )


def test_following_at_home_happens_at_two_four_eight_and_twenty_six_weeks() -> None:
    (deadline,) = step("P", "follow_up_home").deadlines
    assert (deadline.term.key, *deadline.repeats) == (
        "return_check_2w", "return_check_4w", "return_check_8w", "return_check_26w",
    )  # fmt: skip


def test_the_road_to_eighteen_opens_by_itself() -> None:
    assert release()["P"].track("towards_18").opens_by == AtAge(198)
    birthday = release()["D-18"].track("eighteenth_birthday")
    assert birthday.opens_by == AtAge(216)
    assert {record.register for record in step("D-18", birthday.activity).records} == {
        "measure",
        "order",
        "authority",
    }


def test_a_plan_for_eighteen_that_is_not_clear_yet_is_not_done() -> None:
    assert way_on("D-18", "help_after_18", na18="weet_niet") == Goto("help_after_18")
    assert way_on("D-18", "help_after_18", na18="geen") == Goto("plan_ready")
    assert dischargers(step("D-18", "my_future"), "plan_for_18") == ("plan_ready",)


@pytest.mark.parametrize("key", SKELETONS)
def test_whatever_an_exit_reads_of_its_own_step_is_asked(key: str) -> None:
    for activity in release()[key].activities:
        for exit_ in activity.exits:
            for ref in references(exit_.when):
                if isinstance(ref, FactRef) and ref.name == "answer" and "." not in ref.argument("field"):
                    field = activity.form.field(ref.argument("field"))
                    assert field is not None, (activity.key, ref)
                    assert field.required, (activity.key, field.key)


@pytest.mark.parametrize("key", SKELETONS)
def test_a_track_that_a_step_opens_says_so(key: str) -> None:
    definition = release()[key]
    opened_here = [open_.what for activity in definition.activities for open_ in activity.opens]
    named = {what.track for what in opened_here if isinstance(what, OpenTrack)}
    assert named == {track.key for track in definition.tracks if track.opens_by is ByHand.ACTIVITY}


@pytest.mark.parametrize("key", SKELETONS)
def test_every_term_that_a_skeleton_names_is_in_the_terms_file(key: str) -> None:
    terms = json.loads((FIXTURES / "terms.json").read_text(encoding="utf-8"))["terms"]
    definition = release()[key]
    for activity in definition.activities:
        named = {deadline.term.key for deadline in activity.deadlines}
        named |= {repeat for deadline in activity.deadlines for repeat in deadline.repeats}
        named |= {open_.what.term for open_ in activity.opens if isinstance(open_.what, OpenDuty) and open_.what.term}
        named |= {rule.look_again for rule in activity.rules if rule.look_again}
        assert named <= set(terms), activity.key


def test_no_condition_is_wider_than_eight_comparisons() -> None:
    for key in SKELETONS:
        for activity in release()[key].activities:
            for condition in [*(rule.when for rule in activity.rules), *(exit_.when for exit_ in activity.exits)]:
                assert len(list(atoms(condition))) <= 8, activity.key
