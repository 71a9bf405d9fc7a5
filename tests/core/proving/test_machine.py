"""What the machine remembers of a run: that a step was ever done, or since another one, and for how long."""

import pytest

from padwijzer.forms.core.conditions import Collection, Compare, Condition, FactRef, Not, Operator, Quantifier, Rows
from padwijzer.workflows.core.definition import ByHand, Effect, End, Kind, OnEvent, Owner, RecordEvent, Return, Rule
from padwijzer.workflows.core.proving.machine import Aspect, Machine, ever, lasts
from padwijzer.workflows.core.proving.search import Verdict, prove
from padwijzer.workflows.core.safeguards import Monitor, Scope
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.only_while import OnlyWhile
from padwijzer.workflows.core.safeguards.precedence import Precedence
from tests.support.definitions import calls, choice, definition, is_, more_placements_than, plan, step, text, track

pytestmark = pytest.mark.once
PLAN_FIRST = Precedence(("family_plan",), ("municipal_decision",)).monitor()
EACH_TIME = Precedence(("family_plan",), ("municipal_decision",), ("municipal_decision",)).monitor()
NO_MEASURE = Rows(Collection("measure"), Quantifier.NONE)
CLOSED_WELL = OnlyWhile(("closing",), NO_MEASURE, "loopt er niets meer", "Er loopt nog iets.").monitor()


def is_done(of: str, since: str = "") -> Compare:
    """The condition that a step is done, in all or since another."""
    more = (("since", since),) if since else ()
    return Compare(FactRef("state", (("of", of), *more)), Operator.IS, "done")


def unless(condition: Condition, *, unknown_counts: bool = False) -> tuple[Rule, ...]:
    """A block for as long as a condition is not true."""
    return (Rule(Not(condition), Effect.BLOCK, text("Nog niet."), "C9", unknown_counts=unknown_counts),)


def verdict(monitor: Monitor, *definitions, scope: Scope = Scope.FAMILY) -> Verdict:
    return prove(Machine(plan(*definitions), scope), monitor)


def beside_the_line(asked: str):
    """A path whose decision waits until a step on a track is done."""
    return definition(
        "V",
        step("talk", "decide"),
        step("decide", meanings=("municipal_decision",), rules=unless(is_done(asked))),
        step("plan", meanings=("family_plan",)),
        step("other"),
        tracks=(
            track("planning", activity="plan", opens_by=ByHand.HAND),
            track("something", activity="other", opens_by=ByHand.HAND),
        ),
    )


# Ever


@pytest.mark.parametrize("asked", ["plan", "V.plan"])
def test_what_waits_until_a_step_on_a_track_is_done_comes_after_it(asked):
    found = verdict(PLAN_FIRST, beside_the_line(asked))
    assert found.proven
    assert not found.vacuous
    assert found.facts == (ever("V", "plan"),)


def test_what_waits_for_another_step_does_not():
    found = verdict(PLAN_FIRST, beside_the_line("other"))
    assert not found.proven
    assert found.run[-1].seen[-1][:2] == ("V@family", "decide")


def test_a_step_of_another_path_that_is_done_was_done_there():
    calling = step("ask", "decide", kind=Kind.CALL, call=calls("D-PLAN"))
    decide = step("decide", meanings=("municipal_decision",), rules=unless(is_done("D-PLAN.plan")))
    asks = step("asks", (is_("wants", "ja"), "plan"), Return("ok"), fields=(choice("wants"),))
    called = definition("D-PLAN", asks, step("plan", Return("ok"), meanings=("family_plan",)), returns=("ok",))
    assert verdict(PLAN_FIRST, definition("V", calling, decide), called).proven
    open_ = definition("V", calling, step("decide", meanings=("municipal_decision",)))
    assert not verdict(PLAN_FIRST, open_, called).proven


def test_that_it_is_not_done_says_nothing_about_what_was():
    """A decision that may only be made while the plan is not done can be made without one."""
    decide = step("decide", meanings=("municipal_decision",), rules=unless(Not(is_done("plan"))))
    main = definition(
        "V",
        decide,
        step("plan", meanings=("family_plan",)),
        tracks=(track("planning", activity="plan", opens_by=ByHand.HAND),),
    )
    assert not verdict(PLAN_FIRST, main).proven


NOT_DONE_YET = OnlyWhile(("closing",), Not(is_done("plan")), "is er geen plan", "Er is een plan.").monitor()


def test_what_only_the_statement_asks_of_a_step_is_marked_by_that_step():
    """No step of this path asks whether the plan is done."""
    line = definition("V", step("talk", "plan"), step("plan", "close"), step("close", meanings=("closing",)))
    assert [it.seen[-1][1] for it in verdict(NOT_DONE_YET, line).run[1:]] == ["talk", "plan", "close"]
    before = definition("V", step("talk", "close"), step("close", "plan", meanings=("closing",)), step("plan"))
    assert verdict(NOT_DONE_YET, before).proven


def test_what_only_shows_a_question_is_marked_by_the_step_before_it():
    """Only the question of a later step asks whether the plan is done."""
    extra = choice("extra", shown_if=is_done("plan"))
    never = Absence(("refusal",)).monitor()
    refused = step("refuse", meanings=("refusal",))
    ask = step("ask", (is_("extra", "ja"), "refuse"), End(), fields=(extra,))
    after = definition("V", step("talk", "plan"), step("plan", "ask"), ask, refused)
    assert [it.seen[-1][1] for it in verdict(never, after).run[1:]] == ["talk", "plan", "ask", "refuse"]
    ask = step("ask", (is_("extra", "ja"), "refuse"), "plan", fields=(extra,))
    assert verdict(never, definition("V", step("talk", "ask"), ask, refused, step("plan"))).proven


def test_what_shows_the_questions_of_a_form_is_numbered_in_their_order():
    """A proof names such facts by number, and they must be the same when it is looked at again elsewhere."""
    fields = tuple(choice(f"f{number}", shown_if=more_placements_than(number)) for number in range(9))
    ways = tuple((is_(it.key, "ja"), End()) for it in fields)
    machine = Machine(plan(definition("V", step("ask", *ways, End(), fields=fields))), Scope.FAMILY)
    shown = [formula.fact for *_, formula in machine.steps[next(iter(machine.components)), "ask"].locals]
    assert shown == sorted(shown, key=lambda it: int(it[1:]))


# Since


def going_round(*rules: Rule):
    """A path on which a decision can be made again and again, and a plan between two decisions can be passed by."""
    return definition(
        "V",
        step("talk", "choose"),
        step("choose", (is_("wants", "ja"), "plan"), "decide", fields=(choice("wants"),)),
        step("plan", "decide", meanings=("family_plan",)),
        step("decide", "more", meanings=("municipal_decision",), rules=rules),
        step("more", (is_("again", "ja"), "choose"), End(), fields=(choice("again"),)),
    )


def test_what_must_be_done_since_the_last_time_comes_before_each_time():
    found = verdict(EACH_TIME, going_round(*unless(is_done("plan", since="decide"))))
    assert found.proven
    assert not found.vacuous


def test_what_was_once_done_does_not_come_before_each_time():
    main = going_round(*unless(is_done("plan")))
    assert verdict(PLAN_FIRST, main).proven
    assert not verdict(EACH_TIME, main).proven


def test_it_matters_which_step_is_done_and_since_which():
    between = going_round(*unless(is_done("plan", since="choose")))
    assert verdict(EACH_TIME, between).proven
    assert not verdict(EACH_TIME, going_round(*unless(is_done("plan", since="talk")))).proven
    assert not verdict(EACH_TIME, going_round(*unless(is_done("choose", since="decide")))).proven


# Briefly


def test_what_a_register_shows_is_the_same_for_the_block_and_the_statement_at_one_moment():
    blocked = step("close", meanings=("closing",), rules=unless(NO_MEASURE, unknown_counts=True))
    found = verdict(CLOSED_WELL, definition("V", step("talk", "close"), blocked))
    assert found.proven
    assert not found.vacuous


def test_what_a_register_showed_at_an_earlier_step_is_no_longer_known():
    earlier = step("talk", "close", rules=unless(NO_MEASURE, unknown_counts=True))
    assert not verdict(CLOSED_WELL, definition("V", earlier, step("close", meanings=("closing",)))).proven


def test_a_block_that_the_unknown_lifts_is_not_enough():
    blocked = step("close", meanings=("closing",), rules=unless(NO_MEASURE))
    assert not verdict(CLOSED_WELL, definition("V", step("talk", "close"), blocked)).proven


def test_a_fact_that_is_known_briefly_does_not_last():
    assert lasts(ever("V", "plan"))
    assert not lasts("~rows")
    assert not lasts("?rows")


# About what a track is that an event opens


@pytest.mark.parametrize(
    ("scope", "aspects"),
    [
        (Scope.MEASURE, {Aspect.FOCUS, Aspect.OTHER}),
        (Scope.HELP, {Aspect.OTHER}),
        (Scope.FAMILY, {Aspect.OTHER}),
    ],
)
def test_a_track_of_a_measure_is_about_this_measure_or_another_row(scope, aspects):
    beside = track("t", activity="body", opens_by=OnEvent(RecordEvent.MEASURE_STARTED), owner=Owner.MEASURE)
    machine = Machine(plan(definition("V", step("talk"), step("body"), tracks=(beside,))), scope)
    assert {it.aspect for it in machine.components if it.track == "V.t"} == aspects
