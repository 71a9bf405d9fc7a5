from dataclasses import replace

import pytest

from padwijzer.forms.core.conditions import Collection, ColumnCompare, Filter, Operator, Quantifier, Rows
from padwijzer.forms.core.field_types import LadderAnswer, Rejection
from padwijzer.forms.core.schema import Choice
from padwijzer.workflows.core.definition import Effect, Kind, Obligation, Rule
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.safeguards.ladder_order import LadderOrder
from tests.support.definitions import choice, definition, is_, plan, step, text
from tests.support.recorded import done

LIGHT_FIRST = LadderOrder(("ladder_choice",), ("t1", "t2", "t3"))
UNREASONED = Rows(
    Collection(field="rungs"),
    Quantifier.ANY,
    Filter(Quantifier.ALL, (ColumnCompare("reason", Operator.NOT_ANSWERED),)),
)
REASONS = Rule(UNREASONED, Effect.BLOCK, text("Leg uit waarom een lichtere plek niet kan."), "R73")
LADDER = replace(choice("rungs", "t1", "t2", "t3", "none"), type="ladder")
GOOD = step(
    "ladder", kind=Kind.LADDER, meanings=("ladder_choice",), fields=(LADDER,), rules=(REASONS,), skippable=False
)
PLACE = Place("V", "ladder")


def faults(**changes):
    return LIGHT_FIRST.faults(plan(definition("V", replace(GOOD, **changes))))


def with_rungs(*rungs):
    return (replace(LADDER, choices=tuple(Choice(key, text(key)) for key in rungs)),)


def test_a_ladder_in_order_with_reasons_is_kept():
    assert faults() == ()


def test_a_step_of_the_law_cannot_be_skipped_anyway():
    assert faults(skippable=True, obligation=Obligation.LAW) == ()


def test_whether_one_may_say_that_none_fits_does_not_matter():
    assert faults(fields=with_rungs("t1", "t2", "t3")) == ()


@pytest.mark.parametrize("rungs", [("t2", "t1", "t3"), ("t1", "t2"), ("t1", "t2", "t3", "t4")])
def test_another_order_or_other_rungs_break_it(rungs):
    assert faults(fields=with_rungs(*rungs)) == (PLACE,)


def test_a_ladder_that_can_be_skipped_breaks_it():
    assert faults(skippable=True, obligation=Obligation.POLICY) == (PLACE,)


def test_a_step_that_is_no_ladder_breaks_it():
    assert faults(kind=Kind.FORM) == (PLACE,)
    assert faults(fields=(choice("rungs", "t1", "t2", "t3"),), rules=()) == (PLACE,)


@pytest.mark.parametrize("change", [{"required": False}, {"shown_if": is_("soort", "ja")}])
def test_a_ladder_that_is_not_always_asked_breaks_it(change):
    assert faults(fields=(choice("soort"), replace(LADDER, **change))) == (PLACE,)


@pytest.mark.parametrize(
    "rules", [(), (replace(REASONS, effect=Effect.WARN),), (replace(REASONS, when=is_("rungs", "t3")),)]
)
def test_without_a_rule_that_asks_for_every_reason_it_is_broken(rules):
    assert faults(rules=rules) == (PLACE,)


def test_a_release_without_the_step_keeps_it():
    assert LIGHT_FIRST.faults(plan(definition("V", step("begin")))) == ()


# As it was done


@pytest.mark.parametrize(
    "ladder",
    [
        LadderAnswer("t1"),
        LadderAnswer("t3", (Rejection("t1", "te druk"), Rejection("t2", "te ver"))),
        LadderAnswer("none", tuple(Rejection(rung, "past niet") for rung in ("t1", "t2", "t3"))),
    ],
)
def test_a_choice_with_a_reason_for_every_lower_rung_keeps_it(ladder):
    assert LIGHT_FIRST.broken_by(done("ladder", ladder=ladder)) == ""


@pytest.mark.parametrize(
    "ladder",
    [
        LadderAnswer("t3", (Rejection("t1", "te druk"), Rejection("t2", " "))),
        LadderAnswer("t3", (Rejection("t2", "te ver"),)),
        LadderAnswer("none", (Rejection("t1", "past niet"),)),
    ],
)
def test_a_lower_rung_without_a_reason_breaks_it(ladder):
    assert LIGHT_FIRST.broken_by(done("ladder", ladder=ladder)).startswith("Van een lichtere plek")


@pytest.mark.parametrize("ladder", [LadderAnswer("t9"), None])
def test_no_choice_or_one_that_is_no_rung_breaks_it(ladder):
    assert LIGHT_FIRST.broken_by(done("ladder", ladder=ladder)) == "Er is geen keuze op de ladder vastgelegd."


def test_a_ladder_that_was_skipped_breaks_it():
    assert LIGHT_FIRST.broken_by(done("skip:ladder")) == "Deze stap is overgeslagen."
