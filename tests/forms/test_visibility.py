from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import (
    UNKNOWN,
    AnyOf,
    Collection,
    Compare,
    Condition,
    Count,
    CountOperator,
    FactRef,
    Not,
    Offset,
    Operator,
    Rows,
    TermRef,
)
from padwijzer.forms.core.field_types import Answer
from padwijzer.forms.core.schema import FieldSpec, FormSpec
from padwijzer.forms.core.visibility import circle, looked_at, visible
from tests.support.case_files import a_case, a_child, a_lookup
from tests.support.questions import a_question

LOOKUP = a_lookup(a_case(a_child()))


def says(key: str, value: str = "ja", **more: str) -> Condition:
    arguments = tuple(sorted({"field": key, **more}.items()))
    return Compare(FactRef("answer", arguments), Operator.IS, value)


def field(key: str, shown_if: Condition | None = None, kind: str = "yes_no") -> FieldSpec:
    return a_question(kind, key, shown_if=shown_if)


def shown(form: FormSpec, **answers: Answer) -> tuple[str, ...]:
    return visible(form, answers, LOOKUP.answering)


def test_a_question_without_a_condition_is_always_asked() -> None:
    assert shown(FormSpec((field("a"), field("b")))) == ("a", "b")


def test_a_question_is_asked_only_when_its_condition_is_true() -> None:
    form = FormSpec((field("a"), field("b", says("a"))))

    assert shown(form, a="ja") == ("a", "b")
    assert shown(form, a="nee") == ("a",)
    assert shown(form) == ("a",)
    assert shown(form, a=UNKNOWN) == ("a",)


def test_an_answer_to_a_hidden_question_shows_nothing() -> None:
    form = FormSpec((field("a"), field("b", says("a")), field("c", says("b"))))

    assert shown(form, a="nee", b="ja") == ("a",)
    assert shown(form, a="ja", b="ja") == ("a", "b", "c")


def test_a_question_may_look_at_a_later_one() -> None:
    form = FormSpec((field("a", says("b")), field("b", says("c")), field("c")))

    assert shown(form, c="ja", b="ja") == ("a", "b", "c")
    assert shown(form, c="nee", b="ja") == ("c",)


def test_a_hidden_question_is_not_answered() -> None:
    unanswered = Compare(FactRef("answer", (("field", "b"),)), Operator.NOT_ANSWERED)
    form = FormSpec((field("a"), field("b", says("a")), field("c", unanswered)))

    assert shown(form, a="nee", b="ja") == ("a", "c")


def test_a_condition_may_ask_the_case() -> None:
    old_enough = Compare(FactRef("age", (("person", "child"),)), Operator.AT_LEAST, 144)

    assert shown(FormSpec((field("a", old_enough),))) == ("a",)
    assert shown(FormSpec((field("a", Not(old_enough)),))) == ()


def test_questions_that_hide_each_other_in_a_circle_are_refused() -> None:
    form = FormSpec((field("a", says("c")), field("b", says("a")), field("c", says("b"))))

    assert set(circle(form)) == {"a", "b", "c"}
    assert circle(form)[0] == circle(form)[-1]
    with pytest.raises(ValueError, match="circle"):
        shown(form)


def test_a_question_that_hides_itself_is_a_circle() -> None:
    assert circle(FormSpec((field("a", says("a")),))) == ("a", "a")
    assert circle(FormSpec((field("a", says("a", round="previous")),))) == ()
    assert circle(FormSpec((field("a"), field("b", says("a"))))) == ()


MANY = Count(CountOperator.MORE_THAN, 3)


@pytest.mark.parametrize(
    "condition",
    [
        says("x"),
        Not(AnyOf((says("other"), says("x")))),
        says("x.chosen"),
        Rows(Collection(field="x"), MANY),
        Rows(Collection(register="rungs"), MANY),
        Compare(FactRef("age", (("on", "x"), ("person", "child"))), Operator.MORE, 3),
        Compare(FactRef("age", (("person", "field:x"),)), Operator.MORE, 3),
        Compare(FactRef("persons", (("group", "this_field:x"),)), Operator.ANSWERED),
        Compare(FactRef("today"), Operator.IS, FactRef("halfway", (("from", "y"), ("to", "x")))),
        Compare(FactRef("today"), Operator.IS, Offset(FactRef("today"), 1, TermRef(field="x"))),
    ],
)
def test_what_a_condition_looks_at(condition: Condition) -> None:
    assert looked_at(FormSpec((field("x", kind="ladder"), field("z"))), condition) == {"x"}


@pytest.mark.parametrize(
    "condition",
    [
        says("plan.x"),
        says("x", round="latest"),
        Rows(Collection(field="x", round="previous"), MANY),
        Compare(FactRef("state", (("of", "x"),)), Operator.IS, "done"),
        Compare(FactRef("today"), Operator.ANSWERED),
        None,
    ],
)
def test_what_a_condition_does_not_look_at(condition: Condition | None) -> None:
    assert looked_at(FormSpec((field("x"),)), condition) == frozenset()


KEYS = ("a", "b", "c", "d", "e")


@given(
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(KEYS)),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["ja", "nee"])),
)
def test_what_is_shown_is_exactly_what_its_condition_says_of_what_is_shown(
    looks_at: Mapping[str, str], answers: Mapping[str, str]
) -> None:
    form = FormSpec(tuple(field(key, says(looks_at[key]) if key in looks_at else None) for key in KEYS))
    if circle(form):
        return
    found = visible(form, answers, LOOKUP.answering)

    for key in KEYS:
        on = looks_at.get(key)
        expected = on is None or (on in found and answers.get(on) == "ja")
        assert (key in found) == expected
