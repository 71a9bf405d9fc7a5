"""A step over pages of one subject each, and the page on which answers are checked."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, SetCompare, SetOperator
from padwijzer.forms.core.schema import Column, FieldSpec, FormSpec
from padwijzer.forms.guide import (
    ALONE,
    MOST_ON_A_PAGE,
    GuidedForm,
    LineState,
    PageState,
    Progress,
    pages,
    summary,
)
from padwijzer.forms.rendering import Reading, build_form, posted, read
from tests.support.form_specs import answers_to, asked, context, form, forms, if_, nl
from tests.support.sending import sent
from tests.support.sizes import size

EXAMPLES = settings(max_examples=size("property_examples"), deadline=None)
BRANCH = form(
    asked("a", "yes_no", required=True),
    asked("b", "text", required=True, shown_if=if_("a", "ja")),
    asked("c", "text"),
)


def keys(spec: FormSpec) -> list[tuple[str, ...]]:
    return [page.keys for page in pages(spec)]


def guided(spec: FormSpec, **values: object) -> GuidedForm:
    return GuidedForm.of(spec, reading(spec, **values))


def reading(spec: FormSpec, **values: object) -> Reading:
    return read(build_form(spec, context=context(), draft={"values": values}))


def texts(number: int) -> tuple[FieldSpec, ...]:
    return tuple(asked(f"v{place}", "text") for place in range(number))


# How a step is cut.


def test_a_few_questions_stand_on_one_page() -> None:
    assert keys(form(*texts(6))) == [("v0", "v1", "v2", "v3", "v4", "v5")]


def test_more_questions_are_cut_evenly() -> None:
    assert [len(page) for page in keys(form(*texts(7)))] == [4, 3]
    assert [len(page) for page in keys(form(*texts(13)))] == [4, 5, 4]


def test_rows_consents_and_a_ladder_are_subjects_by_themselves() -> None:
    spec = form(
        asked("a", "text"), asked("b", "rows"), asked("c", "ladder"), asked("d", "consent"), asked("e", "text")
    )
    assert keys(spec) == [("a",), ("b",), ("c",), ("d",), ("e",)]


def test_a_question_shown_by_an_answer_starts_a_new_page() -> None:
    assert keys(BRANCH) == [("a",), ("b", "c")]


def test_a_question_about_the_persons_of_another_one_starts_a_new_page() -> None:
    column = Column("wie", nl("Wie"), "person", persons="this_field:a")
    each = FactRef("persons", (("group", "this_field:a"),))
    assert keys(form(asked("a", "persons"), asked("b", "person", persons="this_field:a"))) == [("a",), ("b",)]
    assert keys(form(asked("a", "persons"), asked("b", "rows", columns=(column,), each=each))) == [("a",), ("b",)]


@EXAMPLES
@given(spec=forms())
def test_every_question_stands_on_one_page_in_order_and_no_page_is_long(spec: FormSpec) -> None:
    found = pages(spec)
    assert [key for page in found for key in page.keys] == [one.key for one in spec.fields]
    assert all(0 < len(page.keys) <= MOST_ON_A_PAGE for page in found)
    for page in found:
        kinds = [one.type for one in spec.fields if one.key in page.keys]
        assert len(kinds) == 1 or not set(kinds) & set(ALONE)


@EXAMPLES
@given(spec=forms())
def test_nothing_on_a_page_depends_on_an_answer_on_that_page(spec: FormSpec) -> None:
    for page in pages(spec):
        step = build_form(spec, context=context(), only=page.keys)
        assert all(getattr(bare, "shown_when", None) is None for bare in step.fields.values())


# Where somebody goes.


def test_a_page_that_an_answer_makes_visible_comes_next() -> None:
    spec = form(asked("a", "yes_no"), asked("b", "rows", shown_if=if_("a", "ja")), asked("c", "rows"))
    with_b, without = guided(spec, a="ja").after("a"), guided(spec, a="nee").after("a")
    assert with_b is not None
    assert with_b.keys == ("b",)
    assert without is not None
    assert without.keys == ("c",)


def test_a_page_keeps_its_key_when_its_first_question_is_hidden() -> None:
    page = guided(BRANCH, a="nee").page("b")
    assert page is not None
    assert page.keys == ("c",)


def test_after_the_last_page_answers_are_checked() -> None:
    assert guided(BRANCH, a="ja", b="omdat", c="").after("b") is None


def test_a_question_that_became_visible_on_an_earlier_page_is_asked_before_checking() -> None:
    spec = form(asked("a", "text", required=True, shown_if=if_("b", "ja")), asked("b", "yes_no"), asked("r", "rows"))
    page = guided(spec, b="ja", r=[]).after("r")
    assert page is not None
    assert "a" in page.keys


def test_going_back_passes_over_what_is_not_asked() -> None:
    spec = form(asked("a", "yes_no"), asked("b", "rows", shown_if=if_("a", "ja")), asked("c", "rows"))
    page = guided(spec, a="nee").before("c")
    assert page is not None
    assert page.key == "a"
    assert guided(spec, a="nee").before("a") is None


def test_from_a_page_that_is_gone_one_goes_on_where_it_stood() -> None:
    spec = form(asked("a", "yes_no"), asked("b", "rows", shown_if=if_("a", "ja")), asked("c", "rows"))
    page = guided(spec, a="nee").after("b")
    assert page is not None
    assert page.key == "c"


def test_somebody_goes_on_at_the_first_page_that_is_not_done() -> None:
    page = guided(BRANCH, a="ja").resume()
    assert page is not None
    assert page.key == "b"
    assert guided(BRANCH, a="ja", b="omdat", c="").resume() is None


def test_a_page_with_nothing_but_open_questions_is_done_once_it_was_sent() -> None:
    spec = form(asked("a", "text"))
    assert guided(spec).resume() is not None
    assert guided(spec, a="").resume() is None


def test_progress_counts_the_pages_that_are_asked_and_the_checking() -> None:
    step = guided(BRANCH, a="ja")
    a, b = step.pages
    assert step.progress("b") == Progress(2, 3, ((a, PageState.DONE), (b, PageState.CURRENT)))
    assert step.progress().number == 3


def test_no_answer_makes_the_count_of_pages_jump() -> None:
    spec = form(asked("a", "yes_no"), asked("b", "rows", shown_if=if_("a", "ja")), asked("c", "rows"))
    seen = [guided(spec), guided(spec, a="ja"), guided(spec, a="nee"), guided(spec, a="nee", c=[])]
    assert {it.progress("a").total for it in seen} == {4}
    assert [it.progress("c").number for it in seen] == [3, 3, 3, 3]
    assert [it.may_be_fewer for it in seen] == [True, False, True, True]


def test_a_page_that_no_answer_asks_for_any_more_is_said_to_be_superfluous() -> None:
    spec = form(asked("a", "yes_no"), asked("b", "rows", shown_if=if_("a", "ja")), asked("c", "rows"))
    states = [
        [state for _page, state in step.progress(at).states]
        for step, at in ((guided(spec), "a"), (guided(spec, a="nee"), "a"), (guided(spec, a="nee"), "c"))
    ]
    current, later, superfluous = PageState.CURRENT, PageState.NOT_YET, PageState.NOT_NEEDED
    assert states == [
        [current, later, later],
        [current, superfluous, later],
        [PageState.DONE, superfluous, current],
    ]


def test_a_page_that_only_the_case_could_ask_for_is_not_counted() -> None:
    spec = form(
        asked("a", "yes_no"),
        asked(
            "b",
            "rows",
            shown_if=SetCompare(FactRef("persons", (("group", "nobody"),)), SetOperator.CONTAINS_ANY, ("p1",)),
        ),
    )
    assert guided(spec).progress("a").total == 2


@EXAMPLES
@given(spec=forms(), data=st.data())
def test_filling_in_page_after_page_ends_at_checking_with_everything_right(
    spec: FormSpec, data: st.DataObject
) -> None:
    answers = {one.key: UNKNOWN if one.may_be_unknown else data.draw(answers_to(one)) for one in spec.fields}
    spec = FormSpec(tuple(one for one in spec.fields if one.each is None))
    draft: dict[str, object] = {}
    visited: list[str] = []
    page = guided(spec).resume()
    while page is not None and len(visited) <= len(spec.fields):
        shown = build_form(spec, context=context(), only=page.keys, draft=draft, initial=answers).render()
        step = build_form(spec, context=context(), only=page.keys, draft=draft, initial=answers, data=sent(shown))
        assert read(step).is_right
        draft = posted(step)
        visited.append(page.key)
        page = GuidedForm.of(spec, read(build_form(spec, context=context(), draft=draft))).after(page.key)
    order = [one.key for one in pages(spec)]
    assert page is None
    assert all(order.index(first) < order.index(second) for first, second in pairwise(visited))
    assert read(build_form(spec, context=context(), draft=draft)).is_complete


# What is checked.


def test_every_asked_question_is_listed_with_its_answer_and_its_page() -> None:
    spec = form(
        asked("a", "yes_no", required=True),
        asked("b", "text", shown_if=if_("a", "nee")),
        asked("c", "person", may_be_unknown=True),
        asked("d", "rows"),
        asked("e", "long_text"),
        asked("f", "text", required=True),
        asked("g", "persons"),
    )
    rows = [{"wat": "Een", "op": "2026-11-12"}, {"wat": "Twee"}]
    given_ = {"a": "ja", "c": "__unknown__", "d": rows, "e": "regel\nregel", "g": ["p2", "p1"]}
    lines = summary(spec, reading(spec, **given_), context())
    assert [(line.key, line.lines, line.page, line.state) for line in lines] == [
        ("a", ("Ja",), "a", LineState.ANSWERED),
        ("c", ("Weet ik niet",), "b", LineState.UNKNOWN),
        ("d", ("Wat: Een; Op: 12 november 2026", "Wat: Twee"), "d", LineState.ANSWERED),
        ("e", ("regel", "regel"), "e", LineState.ANSWERED),
        ("f", (), "e", LineState.WRONG),
        ("g", ("Noor de Wit, Sam",), "e", LineState.ANSWERED),
    ]
    assert lines[0].label == "Vraag a"


def test_an_optional_question_without_an_answer_says_so() -> None:
    (line,) = summary(form(asked("a", "text")), reading(form(asked("a", "text"))), context())
    assert line.state is LineState.NOT_FILLED


def test_a_line_shows_no_answer_in_its_repr() -> None:
    spec = form(asked("a", "text"))
    assert "geheim" not in repr(summary(spec, reading(spec, a="geheim"), context()))
