"""Exits that can never be taken, answers that lead nowhere, and conditions that can never be true."""

import pytest

from padwijzer.forms.core.conditions import (
    All,
    AnyOf,
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
from padwijzer.workflows.core.compiling import check_release, compile_release
from padwijzer.workflows.core.definition import (
    Detour,
    Effect,
    End,
    Jump,
    Kind,
    Obligation,
    Parameter,
    Return,
    Rule,
)
from padwijzer.workflows.core.findings import Severity
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.releases import shipped
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
FIRST = {("exit_never_taken", "activities[0].exits[0]")}
SECOND = {("exit_never_taken", "activities[0].exits[1]")}


def found(*definitions):
    """Code and place of each finding, errors and warnings alike."""
    spec = release(*definitions)
    made = check_release(spec)
    assert all(stands_there(spec.definitions[it.definition], it.where) for it in made)
    return {(it.code.removeprefix("structure."), it.where) for it in made}


def exits(*ways, fields=WAY, **more):
    """What is found in a step with these exits and an else."""
    return found(definition("V", step("een", *ways, End(), fields=fields, **more)))


def fact(name, **arguments):
    return FactRef(name, tuple(sorted(arguments.items())))


def compare(reference, value, operator=Operator.IS):
    return Compare(reference, operator, value)


MEASURE = fact("running_measure", person="child")
AGE = fact("age", person="child")


def hint_of(*definitions):
    """The hint of the exit that is never taken."""
    return next(it.hint for it in check_release(release(*definitions)) if it.code == "structure.exit_never_taken")


# exits


def test_an_exit_that_wants_two_values_of_one_fact_is_never_taken():
    both = All((compare(MEASURE, "ots"), compare(MEASURE, "vots")))
    assert exits((both, "een")) == FIRST
    assert exits((AnyOf(both.parts), "een")) == set()
    one_of_many = All((compare(MEASURE, "ots"), compare(fact("running_measure", person="field:wie"), "vots")))
    assert FIRST.isdisjoint(exits((one_of_many, "een")))


def test_an_exit_below_one_that_takes_all_its_numbers_is_never_taken():
    young, younger = compare(AGE, 144, Operator.LESS), compare(AGE, 120, Operator.LESS)
    assert exits((young, "een"), (younger, "een")) == SECOND
    assert exits((younger, "een"), (young, "een")) == set()
    assert exits((young, Detour("D-VAP")), (younger, "een")) == {("unknown_definition", "activities[0].exits[0].to")}


def test_an_exit_in_a_round_that_is_not_counted_is_never_taken():
    rounds = fact("round", of="een")
    assert exits((compare(rounds, 5, Operator.MORE), "een")) == FIRST
    assert exits((compare(rounds, 5, Operator.AT_LEAST), "een")) == set()
    assert exits((compare(rounds, 1, Operator.LESS), "een")) == FIRST
    assert exits((compare(fact("round", of="een", since="een"), 1, Operator.LESS), "een")) == set()


def test_an_exit_on_a_state_that_a_step_cannot_be_in_is_never_taken():
    def reads(state, **more):
        second = step("twee", (compare(fact("state", of="een"), state), End()), End())
        return found(definition("V", step("een", "twee", **more), second))

    skipped = {("exit_never_taken", "activities[1].exits[0]")}
    assert reads("skipped") == skipped
    assert reads("skipped", obligation=Obligation.POLICY) == set()
    assert reads("skipped", obligation=Obligation.POLICY, skippable=False) == skipped
    assert reads("skipped", kind=Kind.AUTOMATIC, obligation=Obligation.POLICY) == skipped
    assert reads("done") == set()


def test_a_definition_as_a_whole_is_never_skipped():
    beside = {"tracks": (track("los", definition="O", opens_by=track("x").opens_by, possible_when=None),)}
    other = definition("O", step("begin"))

    def reads(state, of):
        first = step("een", (compare(fact("state", of=of), state), "een"), End(), call=calls("O"))
        return {it for it in found(definition("V", first, **beside), other) if it[0] == "exit_never_taken"}

    assert reads("skipped", "O") == FIRST
    assert reads("open", "O") == set()
    assert reads("skipped", "los") == set()


def test_an_exit_on_an_answer_that_is_hidden_there_is_never_taken():
    hidden = choice("soort", "x", "y", shown_if=A, required=False)
    both = All((B, Compare(answer("soort"), Operator.ANSWERED)))
    fields = (*WAY, hidden)
    assert exits((both, "een"), fields=fields) == FIRST
    assert exits((All((A, Compare(answer("soort"), Operator.ANSWERED))), "een"), fields=fields) == set()


def test_an_exit_on_another_step_names_an_answer_that_can_be_given():
    first = step("een", "twee", fields=WAY)
    earlier = answer("een.weg", "latest")

    def reads(when):
        return found(definition("V", first, step("twee", (when, "een"), End())))

    assert reads(All((compare(earlier, "a"), compare(earlier, "b")))) == {
        ("exit_never_taken", "activities[1].exits[0]")
    }
    assert reads(All((compare(earlier, "a"), compare(answer("een.weg", "previous"), "b")))) == set()


# what callers pass, and what is returned


def reads_mode(*values):
    """A called definition that goes on by its parameter."""
    ways = [(compare(fact("parameter", key="mode"), value), End()) for value in values]
    return definition("D-VAP", step("kies", *ways, End()), parameters=(Parameter("mode", ("licht", "zwaar")),))


def passing(mode):
    return step("een", call=calls("D-VAP", parameters=(("mode", mode),)))


def test_an_exit_on_what_no_caller_passes_is_never_taken():
    light = definition("V", passing("licht"))
    assert found(light, reads_mode("zwaar")) == FIRST
    assert found(light, reads_mode("licht")) == set()
    assert hint_of(light, reads_mode("zwaar")) == "Passed is: licht. Let a caller pass it, or remove the exit."


def test_what_another_caller_passes_counts():
    heavy = definition("O", passing("zwaar"))
    light = definition("V", step("een", (A, Jump("O")), "twee", fields=WAY), step("twee", call=passing("licht").call))
    assert found(light, heavy, reads_mode("zwaar")) == set()


def test_a_caller_outside_the_release_may_pass_anything():
    light = definition("V", passing("licht"), outside=(("P", text("Elders.")),))
    assert found(light, reads_mode("zwaar")) == set()


def test_what_begins_without_a_caller_was_passed_nothing():
    hand = track("los", definition="D-VAP", opens_by=track("x").opens_by)
    beside = definition("V", step("een", opens=()), tracks=(hand,))
    called = reads_mode("licht")
    assert FIRST.isdisjoint(found(beside, called))
    not_passed = definition(
        "D-VAP",
        step("kies", (Compare(fact("parameter", key="mode"), Operator.NOT_ANSWERED), "kies"), End()),
        parameters=(Parameter("mode", ("licht", "zwaar")),),
    )
    assert found(definition("V", passing("licht")), not_passed) == FIRST


def returning(*outcomes):
    """A called definition that returns these of three outcomes."""
    ways = [(is_("weg", value), Return(outcome)) for value, outcome in zip("abc", outcomes, strict=False)]
    return definition(
        "D-VAP", step("kies", *ways, Return(outcomes[-1]), fields=WAY), returns=("ja", "nee", "later")
    )  # fmt: skip


OUTCOME = FactRef("outcome")


def test_an_exit_on_an_outcome_that_is_never_returned_is_never_taken():
    later = definition("V", step("een", (compare(OUTCOME, "later"), "een"), End(), call=calls("D-VAP")))
    spec = (later, returning("ja", "nee"))
    assert found(*spec) >= FIRST
    assert hint_of(*spec) == "`D-VAP` returns: ja, nee. Name one of these, or remove the exit."
    assert FIRST.isdisjoint(found(later, returning("ja", "nee", "later")))


def rows(*parts, question=Quantifier.ANY, joined=Quantifier.ALL):
    return Rows(Collection("help_item"), question, Filter(joined, parts))


def test_an_exit_on_an_outcome_that_no_row_ever_has_is_never_taken():
    def asks(condition, *outcomes):
        first = step("een", (condition, "een"), End(), call=calls("D-VAP", for_each="help_item"))
        return FIRST & found(definition("V", first), returning(*outcomes))

    later = ColumnCompare("outcome", Operator.IS, "later")
    running = ColumnCompare("status", Operator.IS, "running")
    at_least = Count(CountOperator.AT_LEAST, 1)
    assert asks(rows(running, later), "ja", "nee") == FIRST
    assert asks(rows(later, question=at_least), "ja", "nee") == FIRST
    assert asks(rows(later, question=Count(CountOperator.MORE_THAN, 0)), "ja", "nee") == FIRST
    assert asks(rows(later, question=Count(CountOperator.AT_LEAST, 0)), "ja", "nee") == set()
    assert asks(rows(later, question=Quantifier.NONE), "ja", "nee") == set()
    assert asks(rows(running, later, joined=Quantifier.ANY), "ja", "nee") == set()
    assert asks(rows(ColumnCompare("outcome", Operator.IN, ("ja", "later"))), "ja", "nee") == set()
    assert asks(rows(running, later), "ja", "later") == set()
    assert asks(Not(rows(running, later)), "ja", "nee") == set()


def test_a_value_that_does_not_exist_is_said_once():
    assert exits((is_("weg", "z"), "een")) == {("unknown_choice", "activities[0].exits[0].when")}


# what rules block


def blocks(when, **more):
    return Rule(when, Effect.BLOCK, text("Dat kan niet."), "C1", **more)


def test_an_answer_that_leads_somewhere_and_is_always_blocked_is_found():
    shut = {("exit_blocked", "activities[0].exits[0]")}
    assert exits((A, "een"), rules=(blocks(A),)) == shut
    assert exits((A, "een"), rules=(blocks(AnyOf((A, B))),)) == shut
    assert exits((AnyOf((A, B)), "een"), rules=(blocks(A),)) == set()
    assert exits((A, "een"), rules=(blocks(All((A, more_placements_than(0)))),)) == set()


def test_a_block_that_an_emergency_lifts_or_that_may_not_stand_there_shuts_nothing():
    assert exits((A, "een"), rules=(blocks(A, afterwards="terug"),)) == set()
    assert exits((A, "een"), rules=(Rule(A, Effect.DEVIATION, text("Waarom?"), "C1"),)) == set()
    assert exits((A, "een"), rules=(blocks(A),), unblockable=True) == {
        ("block_on_unblockable", "activities[0].rules[0]")
    }


def test_a_step_that_is_blocked_whatever_is_answered_is_never_completed():
    assert exits((A, "een"), rules=(blocks(A), blocks(AnyOf((B, C))))) == {("never_completed", "activities[0].rules")}
    assert exits((A, "een"), rules=(blocks(A), blocks(B))) == {("exit_blocked", "activities[0].exits[0]")}
    assert found(definition("V", step("een", rules=(blocks(A),), fields=WAY))) == set()


def test_a_rule_that_blocks_an_answer_does_not_stand_in_the_way_of_a_plan():
    shut = release(definition("V", step("een", (A, "een"), End(), fields=WAY, rules=(blocks(A),))))
    assert [it.severity for it in check_release(shut)] == [Severity.WARNING]
    assert isinstance(compile_release(shut), Plan)


# conditions elsewhere


def test_a_condition_that_can_never_be_true_is_found_where_it_stands():
    never = All((compare(MEASURE, "ots"), compare(MEASURE, "none")))
    place = "activities[0].rules[0].when"
    rule = Rule(never, Effect.WARN, text("Let op."), "C1")
    assert found(definition("V", step("een", rules=(rule,)))) == {("condition_never_true", place)}
    field = choice("soort", shown_if=never)
    assert found(definition("V", step("een", fields=(field,)))) == {
        ("condition_never_true", "activities[0].fields[0].shown_if")
    }


def test_a_condition_that_can_be_true_or_that_counts_when_unknown_is_let_be():
    sometimes = AnyOf((compare(MEASURE, "ots"), compare(MEASURE, "none")))
    assert found(definition("V", step("een", rules=(Rule(sometimes, Effect.WARN, text("x"), "C1"),)))) == set()
    never = All((compare(MEASURE, "ots"), compare(MEASURE, "none")))
    counts = Rule(never, Effect.WARN, text("x"), "C1", unknown_counts=True)
    assert found(definition("V", step("een", rules=(counts,)))) == set()


def test_a_rule_that_acts_while_an_answer_is_still_to_be_given_is_let_be():
    waiting = Rule(Compare(answer("weg"), Operator.NOT_ANSWERED), Effect.ALARM, text("x"), "C1", to=("vap",))
    assert found(definition("V", step("een", fields=WAY, rules=(waiting,)))) == set()


def test_a_never_available_step_may_not_be_published_and_a_rule_that_never_acts_may():
    never = All((compare(MEASURE, "ots"), compare(MEASURE, "none")))
    rule = release(definition("V", step("een", rules=(Rule(never, Effect.WARN, text("x"), "C1"),))))
    assert [it.severity for it in check_release(rule)] == [Severity.WARNING]
    shut = release(definition("V", step("een", available=never, unavailable=End())))
    assert [it.severity for it in check_release(shut)] == [Severity.ERROR]


def test_each_finding_that_a_way_is_never_taken_names_what_to_change():
    above = definition("V", step("een", (AnyOf((A, B)), "een"), (B, "een"), End(), fields=WAY))
    assert hint_of(above) == "The exits above it take these answers: move it up, or remove it."
    contrary = definition("V", step("een", (All((A, B)), "een"), End(), fields=WAY))
    assert hint_of(contrary) == (
        "Its condition contradicts itself, or names what can never be so here: change it, or remove the exit."
    )


def test_the_shipped_release_has_no_warnings_either():
    assert [(it.code, it.where) for it in check_release(shipped())] == []
