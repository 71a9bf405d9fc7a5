"""Deadlines that never run, that run too late, and that have passed before the step can be done."""

import pytest

from padwijzer.forms.core.conditions import (
    ALWAYS,
    All,
    AnyOf,
    Compare,
    FactRef,
    Offset,
    Operator,
    TermRef,
)
from padwijzer.forms.core.errors import Unreadable
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.core.catalogues import Catalogue, shipped_catalogue
from padwijzer.workflows.core.compiling import check_release
from padwijzer.workflows.core.definition import (
    Answered,
    AtAge,
    Before,
    ByHand,
    Completed,
    Constant,
    Deadline,
    DeadlineClass,
    Effect,
    End,
    Instead,
    Jump,
    Kind,
    OnDate,
    OnEvent,
    Open,
    Opened,
    OpenTrack,
    PreviousRound,
    Record,
    RecordEvent,
    Rule,
)
from padwijzer.workflows.core.structure import clocks
from padwijzer.workflows.core.terms import Duration, SuspensionGround, Term, Terms, Use, load_terms
from tests.support.definitions import (
    answer,
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


def term(key, **more):
    """A term as long as its key says."""
    filled = {"kind": DeadlineClass.POLICY, "use": Use.DEADLINE, "moves": False, **more}
    duration = Duration.parse(filled.pop("long", key.removeprefix("t")))
    return Term(
        key, duration, text=text(key), moves_ground="x", ground=("C1",),
        source="x", certainty="x", verify=False, **filled,
    )  # fmt: skip


LONG = ("t48h", "t3d", "t5wd", "t10wd", "t1w", "t2w", "t4w", "t6w", "t1m", "t3m", "t12m", "t1y")
CATALOGUE = Catalogue(
    terms=Terms(
        (
            *map(term, LONG),
            term("moving", long="1w", kind=DeadlineClass.STATUTORY, moves=True),
            term("stopping", long="1w", suspendable=(SuspensionGround("x", text("x"), "x"),)),
            term("growing", long="1w", extendable=True),
        )
    )
)
A = is_("weg", "a")
WAY = (choice("weg", "a", "b"),)
PLACED = more_placements_than(0)
TODAY = FactRef("today")
AGE = FactRef("age", (("person", "child"),))


def fact(name, **arguments):
    return FactRef(name, tuple(sorted(arguments.items())))


def found(*definitions, catalogue=CATALOGUE):
    """Code and place of each finding, errors and warnings alike."""
    spec = release(*definitions)
    made = check_release(spec, catalogue)
    assert all(stands_there(spec.definitions[it.definition], it.where) for it in made)
    return {(it.code.removeprefix("structure."), it.where) for it in made}


def clock(start, key="t2w", **more):
    return Deadline(TermRef(key), start, **more)


def in_step(deadline, *ways, **more):
    """What is found in a path of one step with a deadline."""
    return found(definition("V", step("een", *ways, deadlines=(deadline,), **more)))


def at(code, place="from"):
    return {(code, f"activities[0].deadlines[0].{place}")}


NEVER, LATE, PAST = at("deadline_never_starts"), at("deadline_starts_too_late"), at("deadline_already_past")
BEFORE = {("deadline_before_step", "activities[0].deadlines[0]")}


# from when


def test_a_term_from_an_age_that_nobody_reaches_never_runs():
    assert in_step(clock(AtAge(0))) == in_step(clock(AtAge(216))) == set()
    assert in_step(clock(AtAge(-1))) == in_step(clock(AtAge(1561))) == NEVER


def test_a_term_from_what_no_step_records_never_runs():
    event = clock(OnEvent(RecordEvent.PLACEMENT_STARTED))
    placement = Record("placement", (("status", Constant("running")),))
    assert in_step(event) == in_step(clock(PreviousRound(OnEvent(RecordEvent.PLACEMENT_STARTED)))) == NEVER
    assert in_step(event, records=(placement,)) == set()
    assert in_step(clock(OnEvent(RecordEvent.HELP_STARTED))) == set()
    assert in_step(clock(OnEvent(RecordEvent.CASE_OPENED))) == set()
    until = clock(Before(fact("order_until", person="child")))
    assert in_step(until) == NEVER
    assert in_step(until, records=(Record("order", ()),)) == set()
    assert in_step(clock(Before(fact("measure_until", person="child")))) == set()


def test_a_term_from_an_answer_that_cannot_be_given_never_runs():
    def answered(value):
        first = step("een", "twee", fields=WAY)
        return found(definition("V", first, step("twee", deadlines=(clock(Answered("een.weg", value)),))))

    assert answered("z") == {("deadline_never_starts", "activities[1].deadlines[0].from")}
    assert answered("a") == answered(None) == set()


def test_a_term_from_a_step_that_nobody_comes_to_never_runs():
    def since(start):
        path = definition("V", step("een", deadlines=(clock(start),)), step("los", fields=WAY))
        return found(path, definition("D-VAP", step("kies", fields=WAY)))

    loose = {("unreachable_step", "activities[1]"), ("definition_never_used", "key")}
    assert since(Opened("los")) == since(Completed("los")) == since(Answered("los.weg")) == loose | NEVER
    assert since(Completed("D-VAP.kies")) == since(Answered("D-VAP.kies.weg")) == loose | NEVER


def test_a_term_from_a_step_outside_the_release_is_let_be():
    elsewhere = (("P", text("Elders.")),)
    path = definition("V", step("een", deadlines=(clock(Completed("P.plek")),)), outside=elsewhere)
    assert found(path) == set()


def test_a_term_from_the_completion_of_its_own_step_starts_too_late():
    assert in_step(clock(Completed("een"))) == in_step(clock(Completed("V.een"))) == LATE
    assert in_step(clock(Completed("een")), (A, "een"), End(), fields=WAY) == LATE
    assert in_step(clock(PreviousRound(Opened("een"))), (A, "een"), End(), fields=WAY) == set()
    assert in_step(clock(Opened("een"))) == set()


def test_a_term_from_what_comes_only_later_starts_too_late():
    def since(start, *ways, **more):
        first = step("een", "twee", deadlines=(clock(start),))
        return found(definition("V", first, step("twee", *ways, fields=WAY), **more))

    assert since(Opened("twee")) == since(Completed("twee")) == since(Answered("twee.weg")) == LATE
    assert since(Completed("twee"), (A, "een"), End()) == set()
    other = definition("V", step("een", "twee"), step("twee", deadlines=(clock(Completed("een")),)))
    assert found(other) == set()


def test_what_comes_later_on_a_track_or_in_an_earlier_run_may_have_been_before():
    first = step("een", "twee", deadlines=(clock(Completed("twee")),))
    beside = track("los", activity="twee", opens_by=ByHand.HAND)
    assert found(definition("V", first, step("twee"), tracks=(beside,))) == set()
    again = definition("V", first, step("twee", (A, Jump("O")), End(), fields=WAY))
    assert found(again, definition("O", step("begin", Jump("V")))) == set()
    assert found(definition("V", first, step("twee"), outside=(("P", text("Elders.")),))) == set()


def test_a_term_from_an_answer_that_comes_with_the_rest_starts_too_late():
    fields = (choice("weg", "a", "b"), FieldSpec("dag", text("dag"), "date"))
    alone = (choice("weg", "a", "b", saved_alone=True), FieldSpec("dag", text("dag"), "date", saved_alone=True))
    assert (
        in_step(clock(Answered("weg")), fields=fields) == in_step(clock(OnDate(answer("dag"))), fields=fields) == LATE
    )
    assert (
        in_step(clock(Answered("weg")), fields=alone) == in_step(clock(OnDate(answer("dag"))), fields=alone) == set()
    )


def test_a_form_that_stays_open_is_saved_before_it_is_done():
    body = step("loopt", stays_open=True, fields=WAY, deadlines=(clock(Answered("weg")), clock(Completed("loopt"))))
    kept = track("x", activity="loopt", opens_by=ByHand.HAND, closed_by_hand=True)
    assert found(definition("V", step("een"), body, tracks=(kept,))) == set()


def test_a_term_that_counts_back_from_a_day_that_has_been_has_passed():
    assert in_step(clock(Before(TODAY))) == in_step(clock(Before(FactRef("applied_on")))) == PAST
    assert in_step(clock(Before(fact("opened_on", of="een")))) == PAST
    assert in_step(clock(OnDate(FactRef("applied_on")))) == set()


def test_every_fact_that_lies_in_the_past_is_a_date():
    facts = Catalogue().facts
    assert {facts[name].type for name in clocks.PAST} == {"date"}


# how long, and again


def test_a_term_is_never_nothing_or_less():
    for written in ("0d", "-2w", "0"):
        document = f'{{"schema_version": 1, "terms": {{"t": {{"duration": "{written}"}}}}}}'
        with pytest.raises(Unreadable):
            load_terms(document)


@pytest.mark.parametrize("wrong", [0, -10, 100, 150])
def test_a_warning_comes_after_the_start_and_before_the_end(wrong):
    assert in_step(clock(Opened("een"), warn=(50, wrong))) == at("warn_out_of_range", "warn")


def test_warnings_within_the_term_are_in_order():
    assert in_step(clock(Opened("een"), warn=(1, 50, 99))) == in_step(clock(Opened("een"), warn=())) == set()


def test_a_step_that_is_done_by_itself_has_no_deadline():
    assert in_step(clock(Opened("een")), kind=Kind.AUTOMATIC) == {
        ("deadline_on_automatic", "activities[0].deadlines[0]")
    }


def again(deadline):
    return in_step(deadline, (A, "een"), End(), fields=WAY)


def test_a_term_comes_back_only_for_a_step_that_does():
    listed, each = clock(Opened("een"), repeats=("t4w",)), clock(Opened("een"), repeats_each="t4w")
    assert again(listed) == again(each) == set()
    assert in_step(listed) == at("repeat_never_comes", "repeats")
    assert in_step(each) == at("repeat_never_comes", "repeats_each")


def test_a_list_of_rounds_from_the_round_before_is_never_used():
    assert again(clock(PreviousRound(Opened("een")), repeats=("t4w",))) == at("repeats_never_used", "repeats")
    assert again(clock(PreviousRound(Opened("een")), repeats_each="t4w")) == set()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("t2w", "t2w"),
        ("t4w", "t2w"),
        ("t2w", "t3d"),
        ("t1y", "t12m"),
        ("t3m", "t4w"),
        ("t3d", "t48h"),
        ("t1y", "t3m"),
    ],
)
def test_a_further_round_is_due_after_the_one_before(first, then):
    assert again(clock(Opened("een"), first, repeats=(then,))) == at("repeats_not_rising", "repeats")


@pytest.mark.parametrize(
    ("first", "then"),
    [("t2w", "t4w"), ("t4w", "t1m"), ("t5wd", "t1w"), ("t1w", "t5wd"), ("t48h", "t3d"), ("t2w", "t1y")],
)
def test_a_further_round_that_may_be_due_after_the_one_before_is_in_order(first, then):
    assert again(clock(Opened("een"), first, repeats=(then,))) == set()


def test_a_list_falls_anywhere():
    assert again(clock(Opened("een"), "t2w", repeats=("t4w", "t6w", "t4w"))) == at("repeats_not_rising", "repeats")


def test_terms_of_which_only_the_keys_are_known_are_not_measured():
    path = definition("V", step("een", (A, "een"), End(), fields=WAY,
                                deadlines=(clock(Opened("een"), "t4w", repeats=("t2w",)),)))  # fmt: skip
    assert found(path, catalogue=Catalogue(terms=frozenset({"t2w", "t4w"}))) == found(path, catalogue=None) == set()


# which term


def by_choice(*pairs):
    return TermRef(field="weg", by_choice=pairs)


def test_every_choice_has_its_term():
    both, one = by_choice(("a", "t2w"), ("b", "t4w")), by_choice(("a", "t2w"))
    assert in_step(Deadline(both, Opened("een")), fields=WAY) == set()
    assert in_step(Deadline(one, Opened("een")), fields=WAY) == at("term_lacks_choice", "term")
    instead = (Instead(PLACED, one, Opened("een")),)
    assert in_step(Deadline(both, Opened("een"), instead=instead), fields=WAY) == at(
        "term_lacks_choice", "instead[0].term"
    )


def variant(when, start=None):
    return Instead(when, TermRef("t4w"), start or Opened("een"))


def test_a_variant_below_one_that_always_counts_is_never_used():
    first, second = variant(PLACED), variant(more_placements_than(1))
    assert in_step(clock(Opened("een"), instead=(first, second))) == set()
    assert in_step(clock(Opened("een"), instead=(variant(ALWAYS), second))) == at("variant_never_used", "instead[1]")
    assert in_step(clock(Opened("een"), instead=(variant(ALWAYS),))) == at("variant_never_used", "term")
    assert in_step(clock(Opened("een"), instead=(first, first))) == at("variant_never_used", "instead[1]")


def test_the_start_of_a_variant_is_looked_at_too():
    late = variant(PLACED, Completed("een"))
    assert in_step(clock(Opened("een"), instead=(late,))) == at("deadline_starts_too_late", "instead[0].from")


# before the step can be done


def since(reference, key, operator=Operator.AT_LEAST):
    """Today is so long after a date."""
    return Compare(TODAY, operator, Offset(reference, 1, TermRef(key)))


APPLIED = FactRef("applied_on")


def opens_when(condition, key, start=None):
    start = start or OnDate(APPLIED)
    return in_step(clock(start, key), available=condition, unavailable=End())


def test_a_term_has_not_ended_before_the_step_opens():
    assert opens_when(since(APPLIED, "t4w"), "t2w") == BEFORE
    assert opens_when(All((PLACED, since(APPLIED, "t4w", Operator.MORE))), "t3d") == BEFORE
    assert opens_when(since(APPLIED, "t1y"), "t6w") == BEFORE
    assert opens_when(Compare(APPLIED, Operator.AT_MOST, Offset(TODAY, -1, TermRef("t4w"))), "t2w") == BEFORE


def test_a_term_that_may_end_later_or_runs_from_something_else_is_let_be():
    assert opens_when(since(APPLIED, "t2w"), "t4w") == opens_when(since(APPLIED, "t2w"), "t2w") == set()
    assert opens_when(since(APPLIED, "t2w"), "t5wd") == opens_when(since(APPLIED, "t1m"), "t4w") == set()
    assert opens_when(since(fact("contact_person_since"), "t4w"), "t2w") == set()
    assert opens_when(AnyOf((PLACED, since(APPLIED, "t4w"))), "t2w") == set()
    assert opens_when(since(APPLIED, "t4w", Operator.LESS), "t2w") == set()


@pytest.mark.parametrize("key", ["moving", "stopping", "growing"])
def test_a_term_whose_end_can_move_is_let_be(key):
    assert opens_when(since(APPLIED, "t4w"), key) == set()


def blocked_until(reference, key, start, **more):
    rule = Rule(since(reference, key, Operator.LESS), Effect.BLOCK, text("Nog niet."), "C1", **more)
    return found(
        definition("V", step("nul", "een"), step("een", rules=(rule,), fields=WAY, deadlines=(clock(start),)))
    )


def test_a_term_has_not_ended_before_a_rule_lets_the_step_be_done():
    before = {("deadline_before_step", "activities[1].deadlines[0]")}
    opened, completed = fact("opened_on", of="een"), fact("completed_on", of="nul")
    assert blocked_until(opened, "t4w", Opened("een")) == before
    assert blocked_until(completed, "t4w", Completed("nul")) == before
    assert blocked_until(opened, "t1w", Opened("een")) == set()
    assert blocked_until(completed, "t4w", Opened("een")) == set()
    assert blocked_until(opened, "t4w", Opened("een"), afterwards="terug") == set()


def test_a_term_of_an_answer_has_not_ended_before_a_rule_lets_the_step_be_done():
    rule = Rule(since(fact("answered_on", field="nul.weg"), "t4w", Operator.LESS), Effect.BLOCK, text("x"), "C1")
    last = step("een", rules=(rule,), deadlines=(clock(Answered("nul.weg")),))
    assert found(definition("V", step("nul", "een", fields=WAY), last)) == {
        ("deadline_before_step", "activities[1].deadlines[0]")
    }


def grown(months):
    return Compare(AGE, Operator.AT_LEAST, months)


def test_a_term_from_an_age_has_not_ended_before_the_step_opens():
    assert opens_when(grown(216), "t3m", AtAge(198)) == BEFORE
    assert opens_when(grown(216), "t6w", AtAge(198)) == BEFORE
    assert opens_when(grown(216), "t12m", AtAge(204)) == set()
    assert opens_when(grown(216), "t12m", AtAge(0)) == BEFORE


def test_a_term_from_an_age_has_not_ended_before_its_track_opens():
    def on_track(start, opens_by, *opens):
        body = step("loopt", deadlines=(clock(start, "t3m"),))
        kept = track("x", activity="loopt", opens_by=opens_by)
        return found(definition("V", step("een", opens=opens), body, tracks=(kept,)))

    before = {("deadline_before_step", "activities[1].deadlines[0]")}
    assert on_track(AtAge(180), AtAge(198)) == before
    assert on_track(AtAge(198), AtAge(198)) == on_track(AtAge(180), ByHand.HAND) == set()
    assert on_track(AtAge(180), AtAge(198), Open(OpenTrack("x"))) == {("track_opened_twice", "tracks[0]")}


def test_the_shipped_terms_are_measured():
    assert isinstance(shipped_catalogue().terms, Terms)
