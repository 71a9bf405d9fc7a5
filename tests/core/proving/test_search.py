"""A statement is proven over every run, or the shortest run that breaks it is shown."""

from dataclasses import replace

import pytest

from padwijzer.forms.core.conditions import All, AnyOf, Compare, FactRef, Operator
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.definition import Detour, Effect, End, Exit, Kind, Obligation, Return, Rule
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.replay import replayed
from padwijzer.workflows.core.proving.search import Verdict, harmful_letters, prove
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from padwijzer.workflows.core.safeguards import BREACH, Monitor, Scope
from tests.support.definitions import choice, definition, exits, is_, release, step, text

pytestmark = pytest.mark.once
REGIME = FactRef("subject", (("column", "regime"),))
CONSENT_IS_COMPLETE = AnyOf(
    (
        Compare(FactRef("consent_state"), Operator.IS, "complete"),
        All((Compare(REGIME, Operator.ANSWERED), Compare(REGIME, Operator.IS, "measure"))),
    )
)
HELP_WAITS_FOR_CONSENT = Monitor(
    "kept",
    {("kept", "start_of_help-"): BREACH, ("kept", "*start_of_help"): BREACH},
    {"start_of_help": CONSENT_IS_COMPLETE},
)


def before(first: str, then: str) -> Monitor:
    """Nothing of the second before something of the first, in a run about the row itself."""
    return Monitor("waiting", {("waiting", first): "kept", ("waiting", then): BREACH})


def planned(spec: ReleaseSpec) -> Plan:
    plan = compile_release(spec)
    assert isinstance(plan, Plan), plan
    return plan


def changed(definition_key: str, activity_key: str, **changes) -> Plan:
    """The shipped release with one step changed."""
    spec = shipped()
    whole = spec.definitions[definition_key]
    steps = tuple(replace(it, **changes) if it.key == activity_key else it for it in whole.activities)
    return planned(ReleaseSpec(spec.start, {**spec.definitions, definition_key: replace(whole, activities=steps)}))


def without_blocks(definition_key: str, activity_key: str) -> Plan:
    rules = shipped().definitions[definition_key].activity(activity_key).rules
    return changed(definition_key, activity_key, rules=tuple(it for it in rules if it.effect is not Effect.BLOCK))


def refuted(machine: Machine, monitor: Monitor) -> Verdict:
    """The verdict on what does not hold: its run is one of the reference semantics, and breaks it there too."""
    verdict = prove(machine, monitor)
    assert not verdict.proven
    members = frozenset(it for it in machine.components if it.name in verdict.components)
    walked = replayed(machine, monitor, members, verdict.run)
    assert walked is not None
    assert len(walked.events) == len(verdict.run)
    return verdict


def steps_of(verdict):
    """The steps that a breaking run does, in order."""
    return [(who, activity) for move in verdict.run for who, activity, _, _ in move.seen]


@pytest.fixture(scope="module")
def help_machine() -> Machine:
    return Machine(planned(shipped()), Scope.HELP)


def test_no_help_starts_on_the_shipped_paths_while_consent_is_not_complete(help_machine):
    verdict = prove(help_machine, HELP_WAITS_FOR_CONSENT)
    assert verdict.proven
    assert not verdict.vacuous
    assert verdict.states > 0


def test_nobody_consents_on_the_shipped_paths_to_what_was_not_explained(help_machine):
    verdict = prove(help_machine, before("explained", "informed_consent"))
    assert verdict.proven
    assert not verdict.vacuous


def test_without_its_block_help_can_start_without_consent():
    verdict = refuted(Machine(without_blocks("D-WACHT", "help_begins"), Scope.HELP), HELP_WAITS_FOR_CONSENT)
    assert steps_of(verdict)[0] == ("V@family", "question_or_signal")
    assert steps_of(verdict)[-1] == ("D-WACHT.help_begins@focus", "help_begins")


def test_consent_that_leads_past_the_explanation_is_found():
    plan = changed("D-TOEST", "who_consents", exits=exits((is_("gezag_gecontroleerd_op", "x"), "explain"), "answers"))
    verdict = refuted(Machine(plan, Scope.HELP), before("explained", "informed_consent"))
    assert steps_of(verdict)[-1] == ("D-TOEST@focus", "consent_given")
    assert "explain" not in {activity for _, activity in steps_of(verdict)}


def test_a_statement_about_what_cannot_happen_is_true_and_says_so(help_machine):
    verdict = prove(help_machine, before("explained", "moon_landing"))
    assert verdict.proven
    assert verdict.vacuous


def test_what_does_not_fit_in_the_bound_is_not_proven(help_machine):
    verdict = prove(help_machine, HELP_WAITS_FOR_CONSENT, bound=1)
    assert not verdict.proven
    assert verdict.run == ()
    assert "More than 1 states" in verdict.unfinished


def test_one_answer_does_not_take_two_ways_in_one_step():
    asks = step(
        "ask",
        (is_("way", "left"), "then"),
        fields=(choice("way", "left", "right"),),
        rules=(Rule(is_("way", "left"), Effect.BLOCK, text("Not left."), "C2"),),
    )
    told = replace(step("then"), meanings=("then",))
    spec = release(definition("V", replace(asks, exits=(*asks.exits, Exit(End()))), told))
    assert prove(Machine(planned(spec), Scope.FAMILY), before("first", "then")).proven


def test_the_shortest_run_is_shown():
    spec = release(
        definition(
            "V",
            step("one", "two"),
            step("two", (is_("way", "long"), "three"), "four", fields=(choice("way", "long", "short"),)),
            step("three", "four"),
            replace(step("four", "five"), meanings=("then",)),
            replace(step("five"), meanings=("first",)),
        )
    )
    verdict = refuted(Machine(planned(spec), Scope.FAMILY), before("first", "then"))
    assert [activity for _, activity in steps_of(verdict)] == ["one", "two", "four"]


def test_what_goes_wrong_as_soon_as_a_case_begins_is_a_run_of_one_event():
    begins = step("begins", "then", kind=Kind.AUTOMATIC, meanings=("then",))
    spec = release(definition("V", begins, step("then")))
    verdict = refuted(Machine(planned(spec), Scope.FAMILY), before("first", "then"))
    assert steps_of(verdict) == [("V@family", "begins")]
    assert len(verdict.run) == 1


def test_a_step_that_may_be_skipped_gives_nothing():
    optional = replace(step("first", "then", obligation=Obligation.OPTIONAL), meanings=("first",))
    spec = release(definition("V", optional, replace(step("then"), meanings=("then",))))
    assert steps_of(refuted(Machine(planned(spec), Scope.FAMILY), before("first", "then")))
    law = replace(optional, obligation=Obligation.LAW)
    spec = release(definition("V", law, replace(step("then"), meanings=("then",))))
    assert prove(Machine(planned(spec), Scope.FAMILY), before("first", "then")).proven


def test_a_step_goes_on_after_a_detour_that_is_followed_too():
    """What is seen on the detour and what is refused after it break this together, so both are followed."""
    aside = step("ask", (is_("way", "aside"), Detour("D-A")), "refuse", fields=(choice("way", "aside", "on"),))
    line = definition("V", aside, step("refuse", meanings=("refusal",)))
    around = definition("D-A", step("look", Return("ok"), meanings=("seen",)), returns=("ok",))
    both = Monitor("none", {("none", "seen"): "seen", ("seen", "refusal"): BREACH}, width=2)
    verdict = refuted(Machine(planned(release(line, around)), Scope.FAMILY), both)
    assert [activity for _, activity in steps_of(verdict)] == ["ask", "look", "refuse"]


def test_letters_that_only_mend_do_no_harm():
    assert harmful_letters(before("first", "then")) == {"then"}
    assert harmful_letters(HELP_WAITS_FOR_CONSENT) == {"start_of_help-", "*start_of_help"}
