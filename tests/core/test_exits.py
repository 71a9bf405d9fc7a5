import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import (
    UNKNOWN,
    All,
    AnyOf,
    Collection,
    Compare,
    FactRef,
    Not,
    Operator,
    Quantifier,
    Rows,
    evaluate,
)
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.core.definition import Detour, Effect, End, Goto, Rule
from padwijzer.workflows.core.exits import (
    Beside,
    ExitStudy,
    Taken,
    UnknownExit,
    can_hold,
    choices_of,
    choose_exit,
    constants,
    own_answer,
    study_exits,
)
from tests.support.definitions import answer, choice, is_, more_placements_than, step, text

A, B = is_("weg", "a"), is_("weg", "b")


def test_the_first_true_exit_is_taken():
    activity = step("kies", (A, "een"), (B, "twee"), "drie")
    assert choose_exit(activity, {A: False, B: True}.get) == Taken(1, Goto("twee"))


def test_else_is_taken_when_nothing_is_true():
    activity = step("kies", (A, "een"), "twee")
    assert choose_exit(activity, {A: False}.get) == Taken(1, Goto("twee"))


def test_reading_stops_at_an_unknown_condition_above_the_taken_exit():
    activity = step("kies", (A, "een"), (B, "twee"), "drie")
    assert choose_exit(activity, {A: None, B: True}.get) == UnknownExit(0)


def test_an_unknown_condition_below_the_taken_exit_is_not_looked_at():
    activity = step("kies", (A, "een"), (B, "twee"), "drie")
    assert choose_exit(activity, {A: True, B: None}.get) == Taken(0, Goto("een"))


def test_reading_goes_on_after_a_detour():
    activity = step("kies", (A, Detour("D-TENT")), (B, "twee"), "drie")
    assert choose_exit(activity, {A: True, B: False}.get, after=0) == Taken(2, Goto("drie"))


def test_after_the_last_exit_there_is_none_left():
    with pytest.raises(ValueError, match="no exit left after number 0"):
        choose_exit(step("kies"), {}.get, after=0)


def study(*ways, fields=None, **values):
    fields = fields or (choice("weg", "a", "b", "c"),)
    return study_exits(step("kies", *ways, fields=fields), values or {"weg": ("a", "b", "c")})


def test_each_exit_that_an_answer_reaches_can_be_taken():
    assert study((A, "een"), (B, "twee"), "drie") == ExitStudy((), (), certain=True)


def test_an_exit_below_one_that_covers_it_is_never_taken():
    covering = Compare(answer("weg"), Operator.IN, ("a", "b"))
    assert study((covering, "een"), (B, "twee"), "drie").never == (1,)


def test_else_is_never_taken_when_every_answer_is_named():
    every = Compare(answer("weg"), Operator.NOT_IN, ())
    assert study((every, "een"), "twee").never == (1,)


def test_an_exit_below_a_detour_can_be_taken_all_the_same():
    assert study((A, Detour("D-TENT")), (A, "twee"), "drie").never == ()


def test_an_answer_that_may_be_open_stops_the_reading():
    fields = (choice("weg", "a", "b", required=False),)
    found = study((A, "een"), "twee", fields=fields, weg=("a", "b"))
    assert found.unknown == ((0, ()),)


def test_an_answer_that_may_be_unknown_stops_the_reading():
    fields = (choice("weg", "a", "b", may_be_unknown=True),)
    assert study((A, "een"), "twee", fields=fields, weg=("a", "b")).unknown == ((0, ()),)


def test_asking_whether_it_was_answered_never_stops_the_reading():
    fields = (choice("weg", "a", "b", required=False),)
    answered = Compare(answer("weg"), Operator.ANSWERED)
    assert study((answered, "een"), "twee", fields=fields, weg=("a", "b")) == ExitStudy((), (), certain=True)


def test_a_hidden_answer_stops_the_reading_unless_the_condition_asks_for_what_shows_it():
    fields = (choice("weg", "a", "b"), choice("soort", "x", "y", shown_if=A))
    values = {"weg": ("a", "b"), "soort": ("x", "y")}
    alone = study((is_("soort", "x"), "een"), "twee", fields=fields, **values)
    assert alone.unknown == ((0, (("weg", "b"),)),)
    together = study((All((A, is_("soort", "x"))), "een"), "twee", fields=fields, **values)
    assert together.unknown == ()


def test_a_question_that_hides_behind_a_hidden_question_is_hidden_too():
    fields = (
        choice("weg", "a", "b"),
        choice("soort", "x", "y", shown_if=A),
        choice("hoe", "p", "q", shown_if=is_("soort", "x")),
    )
    values = {"weg": ("a", "b"), "soort": ("x", "y"), "hoe": ("p", "q")}
    found = study((AnyOf((B, is_("soort", "y"), is_("hoe", "p"))), "een"), "twee", fields=fields, **values)
    assert found == ExitStudy((), (), certain=True)


def test_other_questions_are_free_and_make_it_less_certain():
    placed = more_placements_than(0)
    rows = Rows(Collection("help_item"), Quantifier.ANY)
    other = is_("eerder.weg", "a")
    found = study((All((placed, A)), "een"), (Not(rows), "twee"), (other, "drie"), "vier")
    assert found == ExitStudy((), (), certain=False)


def test_the_same_free_question_has_the_same_answer_everywhere():
    placed = more_placements_than(0)
    assert study((placed, "een"), (All((placed, A)), "twee"), "drie").never == (1,)


def test_a_comparison_of_a_choice_with_another_answer_is_free():
    same = Compare(answer("weg"), Operator.IS, answer("eerder.weg"))
    assert study((same, "een"), "twee") == ExitStudy((), (), certain=False)


def test_too_many_combinations_are_not_tried():
    free = AnyOf(tuple(more_placements_than(number) for number in range(15)))
    assert study((free, "een"), "twee") is None


def test_an_answer_of_another_round_or_step_is_not_an_own_answer():
    assert own_answer(answer("weg")) == "weg"
    assert own_answer(answer("weg", "previous")) == ""
    assert own_answer(answer("eerder.weg")) == ""


def test_the_values_of_a_field_are_its_own_or_those_of_its_list():
    assert choices_of(FieldSpec("x", text("x"), "yes_no")) == ("ja", "nee")
    assert choices_of(choice("x", "a", "b")) == ("a", "b")
    assert choices_of(FieldSpec("x", text("x"), "choice", choice_list="hulp"), {"hulp": ("p",)}) == ("p",)
    assert choices_of(FieldSpec("x", text("x"), "choice", choice_list="hulp")) == ()
    assert choices_of(FieldSpec("x", text("x"), "date")) == ()


def test_constants_are_the_values_that_are_written_out():
    assert list(constants(("a", "b"))) == ["a", "b"]
    assert list(constants(3)) == [3]
    assert list(constants(answer("weg"))) == []


def test_an_end_is_where_a_step_leads_that_names_nothing():
    assert choose_exit(step("kies"), {}.get) == Taken(0, End())


FACTS = {
    FactRef("lives_at"): ("home", "placed"),
    FactRef("placement_count"): (0, 1, 2, 3),
}
FIELDS = (
    choice("weg", "a", "b", "c"),
    choice("soort", "x", "y", required=False, shown_if=is_("weg", "a")),
)
VALUES = {"weg": ("a", "b", "c"), "soort": ("x", "y")}
QUESTIONS = st.one_of(
    st.sampled_from(("a", "b", "c")).map(lambda value: is_("weg", value)),
    st.builds(lambda of: Compare(answer("soort"), *of), st.sampled_from(
        ((Operator.IS, "x"), (Operator.IS_NOT, "y"), (Operator.ANSWERED, None), (Operator.NOT_ANSWERED, None))
    )),
    st.builds(lambda of: Compare(FactRef("lives_at"), *of), st.sampled_from(
        ((Operator.IS, "home"), (Operator.IS_NOT, "home"), (Operator.NOT_ANSWERED, None))
    )),
    st.builds(lambda operator, number: Compare(FactRef("placement_count"), operator, number), st.sampled_from(
        (Operator.LESS, Operator.MORE, Operator.IS)
    ), st.integers(0, 3)),
    st.sampled_from(("help_item", "placement")).map(lambda of: Rows(Collection(of), Quantifier.ANY)),
)  # fmt: skip
CONDITIONS = st.recursive(
    QUESTIONS,
    lambda parts: st.one_of(
        parts.map(Not),
        st.lists(parts, min_size=1, max_size=3).map(lambda some: All(tuple(some))),
        st.lists(parts, min_size=1, max_size=3).map(lambda some: AnyOf(tuple(some))),
    ),
    max_leaves=5,
)


class Possible:
    """Something that can be so: each fact as it is drawn, unknown too, and an answer only to what is shown."""

    def __init__(self, data):
        self.facts = {ref: data.draw(st.sampled_from((*values, UNKNOWN))) for ref, values in FACTS.items()}
        self.register = {of: data.draw(st.integers(0, 2)) for of in ("help_item", "placement")}
        self.answers = {"weg": data.draw(st.sampled_from("abc"))}
        if self.answers["weg"] == "a":
            self.answers["soort"] = data.draw(st.sampled_from(("x", "y", UNKNOWN)))

    def fact(self, ref):
        return self.facts[ref] if ref in self.facts else self.answers.get(ref.argument("field"), UNKNOWN)

    def rows(self, collection):
        return [{"id": str(number)} for number in range(self.register[collection.register])]

    def shifted(self, day, sign, term):
        raise AssertionError(term)


BESIDE = Beside({ref: (*values, UNKNOWN) for ref, values in FACTS.items()})


@pytest.mark.once
@given(st.lists(CONDITIONS, min_size=1, max_size=4), st.lists(CONDITIONS, max_size=2), st.data())
def test_what_happens_was_not_said_to_be_impossible(conditions, blocks, data):
    rules = tuple(Rule(when, Effect.BLOCK, text("x"), "C1") for when in blocks)
    activity = step("kies", *((when, "een") for when in conditions), "twee", fields=FIELDS, rules=rules)
    found = study_exits(activity, VALUES, BESIDE)
    world = Possible(data)
    taken = choose_exit(activity, lambda condition: evaluate(condition, world))
    blocked = any(evaluate(when, world) is True for when in blocks)
    if found is not None and isinstance(taken, Taken):
        assert taken.index not in found.never
        assert blocked or taken.index not in found.shut
    assert found is None or blocked or not found.blocked


@pytest.mark.once
@given(CONDITIONS, st.data())
def test_what_is_true_could_be_true(condition, data):
    if evaluate(condition, Possible(data)) is True:
        assert can_hold(step("kies", fields=FIELDS), condition, VALUES, BESIDE)


def test_a_condition_that_contradicts_itself_cannot_hold():
    both = All(
        (Compare(FactRef("lives_at"), Operator.IS, "home"), Compare(FactRef("lives_at"), Operator.IS, "placed"))
    )
    assert not can_hold(None, both, {}, BESIDE)
    assert can_hold(None, both, {})
    assert not can_hold(None, A, {"weg": ("b",)}, Beside({}, frozenset({A})))


def test_a_condition_with_too_many_questions_may_hold():
    rows = tuple(Rows(Collection("help_item", round=str(number)), Quantifier.ANY) for number in range(15))
    never = All((*rows, Not(rows[0])))
    assert can_hold(None, never, {})
    assert not can_hold(None, All((rows[0], Not(rows[0]))), {})
