"""A form specification to a Django form, and what is sent back to answers."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from hypothesis import given, settings
from hypothesis import strategies as st

from padwijzer.cms.templatetags.padwijzer import error_links
from padwijzer.forms.core.conditions import UNKNOWN, All, AnyOf, Compare, FactRef, Operator
from padwijzer.forms.core.field_types import (
    Answer,
    FileAnswer,
    LadderAnswer,
    Rejection,
    RowAnswer,
    field_types,
)
from padwijzer.forms.core.schema import Choice, Column, FormSpec, Nature
from padwijzer.forms.rendering import Known, StepForm, build_form, posted, read
from tests.support.form_specs import (
    KARIM,
    NOOR,
    POSTS,
    SAM,
    TODAY,
    Case,
    answers_to,
    asked,
    context,
    form,
    forms,
    if_,
    nl,
)
from tests.support.sending import ids, names, sent
from tests.support.sizes import size

EXAMPLES = settings(max_examples=size("property_examples"), deadline=None)
FACTS_EACH = FactRef("persons", (("group", "must_consent"),))


def query(data: Mapping[str, str | list[str]]) -> QueryDict:
    found = QueryDict(mutable=True)
    for name, value in data.items():
        found.setlist(name, value if isinstance(value, list) else [value])
    return found


def post(spec: FormSpec, data: Mapping[str, Any], **options: Any) -> StepForm:
    options.setdefault("context", context())
    return build_form(spec, data=query(data), **options)


def again(spec: FormSpec, **options: Any) -> StepForm:
    """The form, rendered and sent back unchanged."""
    options.setdefault("context", context())
    page = build_form(spec, **options).render()
    options.pop("initial", None)
    return build_form(spec, data=sent(page), **options)


def typed(spec: FormSpec, data: Mapping[str, Any], **options: Any) -> Mapping[str, Answer]:
    return read(post(spec, data, **options)).answers.values


def words(form_: StepForm, key: str) -> list[str]:
    return [str(word) for word in form_.errors.get(key, [])]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


# What is rendered and sent back unchanged is the same answer.


@pytest.mark.parametrize("kind", sorted(set(field_types()) - {"file"}))
@EXAMPLES
@given(data=st.data())
def test_what_is_shown_and_sent_back_unchanged_is_the_same_answer(kind: str, data: st.DataObject) -> None:
    spec = form(asked("v", kind))
    answer = data.draw(answers_to(spec.fields[0]))
    page = build_form(spec, context=context(), initial={"v": answer}).render()
    reading = read(build_form(spec, context=context(), initial={"v": answer}, data=sent(page)))
    assert reading.faults == {}
    assert reading.answers.values == {"v": answer}
    assert reading.ignored == ()


@pytest.mark.parametrize("kind", sorted(field_types()))
def test_a_question_answered_with_unknown_is_shown_so_and_stays_so(kind: str) -> None:
    spec = form(asked("v", kind, may_be_unknown=True, required=True))
    assert read(again(spec, initial={"v": UNKNOWN})).answers.values == {"v": UNKNOWN}


@EXAMPLES
@given(data=st.data())
def test_a_draft_comes_back_as_it_was_typed(data: st.DataObject) -> None:
    spec = data.draw(forms())
    first = build_form(spec, context=context(), data=data.draw(POSTS))
    kept = json.loads(json.dumps(posted(first)))
    later = build_form(spec, context=context(), draft=kept)
    assert posted(later) == kept
    assert read(later).answers.values == read(build_form(spec, context=context(), draft=posted(later))).answers.values


@EXAMPLES
@given(data=st.data())
def test_a_draft_of_right_answers_reads_as_those_answers(data: st.DataObject) -> None:
    spec = form(*(asked(kind, kind) for kind in sorted(field_types())))
    answers = {one.key: data.draw(answers_to(one)) for one in spec.fields}
    first = build_form(spec, context=context(), initial=answers)
    later = build_form(spec, context=context(), draft=json.loads(json.dumps(posted(first))))
    assert read(later).answers.values == answers


SPOILT = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["v0", "chosen", "below", "rung", "c0", "__key", "values"]), inner, max_size=4
        ),
    ),
    max_leaves=12,
)


@EXAMPLES
@given(spec=forms(), draft=SPOILT)
def test_a_draft_that_was_spoilt_is_shown_all_the_same(spec: FormSpec, draft: Any) -> None:
    spoilt = {"values": {one.key: draft for one in spec.fields}, "confirmed": draft}
    assert build_form(spec, context=context(), draft=spoilt).render()
    assert build_form(spec, context=context(), draft={"values": draft}).render()


# Whatever is sent.


@EXAMPLES
@given(spec=forms(), data=POSTS, known=st.booleans())
def test_whatever_is_sent_is_read_and_only_what_is_asked_is_answered(
    spec: FormSpec, data: Mapping[str, Any], known: bool
) -> None:
    values = {one.key: Known("ja") for one in spec.fields if one.type == "yes_no"} if known else {}
    step = build_form(spec, context=context(known=values), data=data)
    reading = read(step)
    assert set(reading.answers.values) <= set(reading.shown) <= {one.key for one in spec.fields}
    assert not set(reading.answers.values) & set(reading.faults)
    assert set(step.errors) == (set() if reading.pressed else set(reading.faults))
    assert all(error_links(step))
    page = step.render()
    assert len(ids(page)) == len(set(ids(page)))
    assert json.dumps(posted(step)).isascii()


@EXAMPLES
@given(spec=forms(), data=POSTS)
def test_every_error_links_to_something_on_the_page(spec: FormSpec, data: Mapping[str, Any]) -> None:
    step = build_form(spec, context=context(), data=data)
    page = step.render()
    assert {link["href"].removeprefix("#") for link in error_links(step)} <= set(ids(page))


def test_a_hundred_thousand_names_are_read() -> None:
    step = post(form(asked("v", "text")), {f"x{number}": "1" for number in range(100_000)} | {"v": "wel"})
    assert read(step).answers.values == {"v": "wel"}
    assert len(read(step).ignored) == 50


@pytest.mark.parametrize("kind", sorted(set(field_types()) - {"file"}))
def test_ten_megabytes_of_text_are_refused_in_words(kind: str) -> None:
    large = "x" * 10_000_000
    step = post(
        form(asked("v", kind)),
        {
            "v": "none" if kind == "ladder" else large,
            "v__year": large,
            "v__time": large,
            "v__count": "1",
            "v-0-wat": large,
            "v-0-own_words": large,
            "v-t1-reason": large,
        },
    )
    assert words(step, "v")
    assert len(json.dumps(posted(step))) < 1_100_000


@pytest.mark.parametrize("text", ["\u202eenilno", "👨‍👩‍👧 𝔊ezin", "e\u0301", "\u200f", "İ"])
@pytest.mark.parametrize("kind", ["text", "long_text"])
def test_signs_of_every_script_are_kept_as_they_are(kind: str, text: str) -> None:
    assert typed(form(asked("v", kind)), {"v": text}) == {"v": text}


@pytest.mark.parametrize("kind", ["text", "long_text"])
def test_a_sign_that_cannot_be_kept_is_refused_in_words_and_a_draft_survives_it(kind: str) -> None:
    step = post(form(asked("v", kind)), {"v": "a\x00b"})
    assert words(step, "v") == ["This text holds a character that cannot be kept."]
    assert posted(step)["values"] == {"v": "a\ufffdb"}


def test_of_a_name_sent_twice_the_last_counts() -> None:
    assert typed(form(asked("v", "text")), {"v": ["eerste", "laatste"]}) == {"v": "laatste"}


def test_names_that_are_not_asked_are_told_by_name_only() -> None:
    step = post(form(asked("v", "text")), {"v": "x", "admin": "1", "v_of_w": "2", "é\x00": "3"}, own=("save",))
    assert read(step).ignored == ("??", "admin", "v_of_w")


def test_the_names_of_the_page_itself_are_not_told() -> None:
    step = post(form(asked("v", "text")), {"v": "x", "save": "1", "csrfmiddlewaretoken": "2"}, own=("save",))
    assert read(step).ignored == ()


def test_two_forms_on_a_page_read_their_own_names() -> None:
    step = post(form(asked("v", "text")), {"a-v": "mijn", "v": "ander"}, prefix="a")
    assert read(step).answers.values == {"v": "mijn"}
    assert 'name="a-v"' in step.render()


# Labels.


def test_labels_are_in_the_active_language_and_in_dutch_where_it_lacks() -> None:
    choices = (Choice("a", (("en", "First"), ("nl", "Eerste"))), Choice("b", nl("Tweede")))
    spec = form(asked("v", "choice", choices=choices))
    active = replace(context(), language="")
    with translation.override("nl"):
        assert "Eerste" in build_form(spec, context=active).render()
    page = build_form(spec, context=active).render()
    assert "First" in page
    assert "Tweede" in page
    assert "Eerste" in build_form(spec, context=replace(active, language="nl")).render()


def test_a_question_that_may_be_left_open_says_so() -> None:
    assert "pw-optional" in build_form(form(asked("v", "text")), context=context()).render()
    assert "pw-optional" not in build_form(form(asked("v", "text", required=True)), context=context()).render()


def test_a_list_kept_as_data_gives_the_choices() -> None:
    page = build_form(form(asked("v", "choice", choices=(), choice_list="help_kinds")), context=context()).render()
    assert "Opvoedondersteuning" in page


def test_the_persons_of_the_group_can_be_chosen_and_no_others() -> None:
    spec = form(asked("v", "person", persons="family"))
    page = build_form(spec, context=context()).render()
    assert "Noor de Wit" in page
    assert "moeder met gezag" in page
    assert "Karim" not in page
    assert words(post(spec, {"v": KARIM.id}), "v") == ["Choose somebody who can be chosen here."]


def test_the_persons_named_in_an_earlier_question_can_be_chosen() -> None:
    spec = form(asked("wie", "persons"), asked("v", "person", persons="this_field:wie"))
    step = post(spec, {"wie": [SAM.id, KARIM.id], "v": KARIM.id})
    assert read(step).answers.values["v"] == KARIM.id
    assert 'value="p2"' not in step["v"].as_widget()


# Dates, today, numbers.


def test_a_date_that_is_today_by_default_stands_there_and_counts_when_it_is_sent() -> None:
    spec = form(asked("v", "date", default="today"))
    assert read(build_form(spec, context=context())).answers.values == {}
    assert read(again(spec)).answers.values == {"v": TODAY}


@pytest.mark.parametrize(
    ("boxes", "sentence", "box"),
    [
        (" 11 2026", "Fill in the day.", "id_v_0"),
        ("31 2 2026", "This month does not have that day. Check the day and the month.", "id_v_0"),
        ("1 13 2026", "Choose a month from 1 to 12.", "id_v_1"),
        ("1 1 26", "Write the year with 4 numbers, for example 2026.", "id_v_2"),
    ],
)
def test_a_date_says_which_box_is_wrong(boxes: str, sentence: str, box: str) -> None:
    day, month, year = boxes.split(" ")
    step = post(form(asked("v", "date")), {"v__day": day, "v__month": month, "v__year": year})
    assert words(step, "v") == [sentence]
    assert [link["href"] for link in error_links(step)] == [f"#{box}"]


def test_only_the_wrong_box_of_a_date_is_marked() -> None:
    step = post(form(asked("v", "date")), {"v__day": "1", "v__month": "13", "v__year": "2026"})
    assert step.render().count('aria-invalid="true"') == 1


def test_a_moment_without_its_time_asks_for_the_time() -> None:
    step = post(form(asked("v", "moment")), {"v__day": "1", "v__month": "1", "v__year": "2026"})
    assert words(step, "v") == ["Fill in the time."]
    assert [link["href"] for link in error_links(step)] == ["#id_v_3"]


def test_the_hour_that_comes_twice_stays_the_second_one() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    spec = form(asked("v", "moment"))
    assert "02:30 (wintertijd)" in build_form(spec, context=context(), initial={"v": second}).render()
    assert read(again(spec, initial={"v": second})).answers.values == {"v": second}


def test_a_number_is_shown_with_a_comma_and_read_exactly() -> None:
    step = post(form(asked("v", "number")), {"v": "12,5"})
    initial = read(step).answers.values
    assert 'value="12,5"' in build_form(step.spec, context=context(), initial=initial).render()


# What is hidden.

BRANCH = form(asked("a", "yes_no", required=True), asked("b", "text", required=True, shown_if=if_("a", "ja")))


def test_a_hidden_question_is_not_required_and_its_answer_counts_for_nothing() -> None:
    reading = read(post(BRANCH, {"a": "nee", "b": "stiekem"}))
    assert reading.is_complete
    assert reading.answers.values == {"a": "nee"}
    assert reading.ignored == ("b",)


def test_a_question_that_becomes_visible_is_asked_before_it_is_missed() -> None:
    page = build_form(BRANCH, context=context()).render()
    step = build_form(BRANCH, context=context(), data=sent(page) | query({"a": "ja"}))
    assert read(step).newly_asked == ("b",)
    assert not read(step).is_right
    assert step.errors == {}
    second = build_form(BRANCH, context=context(), data=sent(step.render()))
    assert words(second, "b") == ["Answer this question."]
    assert not read(second).newly_asked


def test_a_question_that_became_visible_and_may_be_left_open_is_asked_once() -> None:
    spec = form(asked("a", "yes_no"), asked("b", "text", shown_if=if_("a", "ja")))
    first = build_form(
        spec, context=context(), data=sent(build_form(spec, context=context()).render()) | query({"a": "ja"})
    )
    assert read(first).newly_asked == ("b",)
    assert read(build_form(spec, context=context(), data=sent(first.render()))).is_complete


def test_today_is_not_the_answer_to_a_question_that_nobody_saw() -> None:
    spec = form(asked("a", "yes_no"), asked("b", "date", default="today", shown_if=if_("a", "ja")))
    page = build_form(spec, context=context()).render()
    assert read(build_form(spec, context=context(), data=sent(page) | query({"a": "ja"}))).newly_asked == ("b",)


def test_the_script_can_show_a_question_that_depends_on_a_choice_of_this_page() -> None:
    page = build_form(BRANCH, context=context()).render()
    assert 'id="id_b_field" data-pw-when="a" data-pw-values="ja" hidden' in page
    shown = build_form(BRANCH, context=context(), initial={"a": "ja"}).render()
    assert 'data-pw-values="ja">' in shown


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        (Compare(FactRef("answer", (("field", "c"),)), Operator.IN, ("thuis", "geen")), "thuis geen"),
        (Compare(FactRef("answer", (("field", "c"),)), Operator.IS_NOT, "thuis"), "groep geen"),
        (AnyOf((if_("c", "geen"), if_("c", "groep"))), "geen groep"),
    ],
)
def test_the_script_is_told_which_choices_show_a_question(condition: Any, values: str) -> None:
    spec = form(asked("c", "choice"), asked("v", "text", shown_if=condition))
    assert f'data-pw-when="c" data-pw-values="{values}"' in build_form(spec, context=context()).render()


@pytest.mark.parametrize(
    "condition",
    [
        All((if_("c", "thuis"), if_("d", "ja"))),
        AnyOf((if_("c", "thuis"), if_("d", "ja"))),
        if_("elsewhere.c", "ja"),
        Compare(FactRef("answer", (("field", "t"),)), Operator.ANSWERED),
    ],
)
def test_what_the_script_cannot_decide_is_not_on_the_page_while_it_is_hidden(condition: Any) -> None:
    spec = form(
        asked("c", "choice"), asked("d", "yes_no"), asked("t", "text"), asked("v", "text", shown_if=condition)
    )
    assert "v" not in names(build_form(spec, context=context()).render())


def test_a_page_asks_its_own_questions_and_keeps_the_answers_of_the_others() -> None:
    first = post(BRANCH, {"a": "ja"}, only=("a",))
    assert read(first).is_right
    assert not read(first).is_complete
    second = post(BRANCH, {"b": "omdat"}, only=("b",), draft=posted(first))
    assert "a" not in names(second.render())
    assert read(second).is_complete
    assert read(second).answers.values == {"a": "ja", "b": "omdat"}


def test_a_page_does_not_read_what_stands_on_another_page() -> None:
    step = post(BRANCH, {"b": "omdat", "a": "nee"}, only=("b",), draft={"values": {"a": "ja"}})
    assert read(step).answers.values == {"a": "ja", "b": "omdat"}
    assert read(step).ignored == ("a",)


# What is known.


def known_form(**options: Any) -> FormSpec:
    return form(asked("v", "text", nature=Nature.ATTRIBUTE, required=True, **options))


KNOWN = {"v": Known("De Regenboog", "stap 1, door A. Bakker", date(2026, 11, 14))}


def test_what_is_known_is_shown_with_its_date_and_source_and_is_no_answer_yet() -> None:
    step = build_form(known_form(), context=context(known=KNOWN))
    page = step.render()
    assert 'value="De Regenboog"' in page
    assert "stap 1, door A. Bakker" in page
    assert "v__confirmed" in names(page)
    assert read(step).answers.values == {}


def test_confirming_is_the_same_answer() -> None:
    for value in ("De Regenboog", ""):
        step = post(known_form(), {"v": value, "v__confirmed": "1"}, context=context(known=KNOWN))
        assert read(step).answers.values == {"v": "De Regenboog"}
        assert read(build_form(known_form(), context=context(known=KNOWN), draft=posted(step))).is_complete


def test_what_is_known_and_neither_confirmed_nor_changed_is_asked_in_words() -> None:
    step = again(known_form(), context=context(known=KNOWN))
    assert words(step, "v") == ["Say whether this is still right, or change it."]
    assert 'value="De Regenboog"' in step.render()


def test_changing_what_is_known_is_an_answer_even_when_the_tick_stayed() -> None:
    for tick in ({}, {"v__confirmed": "1"}):
        step = post(known_form(), {"v": "De Vlinder", **tick}, context=context(known=KNOWN))
        assert read(step).answers.values == {"v": "De Vlinder"}
        assert "v__confirmed" not in names(step.render())


def test_an_act_is_never_filled_in_beforehand() -> None:
    page = build_form(form(asked("v", "text")), context=context(known=KNOWN)).render()
    assert "De Regenboog" not in page


@EXAMPLES
@given(kind=st.sampled_from(sorted(set(field_types()) - {"file"})), data=st.data())
def test_confirming_what_is_known_is_the_same_answer_for_every_type(kind: str, data: st.DataObject) -> None:
    spec = form(asked("v", kind, nature=Nature.ATTRIBUTE))
    answer = data.draw(answers_to(spec.fields[0]))
    around = context(known={"v": Known(answer)})
    page = sent(build_form(spec, context=around).render())
    assert read(build_form(spec, context=around, data=page)).answers.values == {}
    page["v__confirmed"] = "1"
    assert read(build_form(spec, context=around, data=page)).answers.values == {"v": answer}


# Rows.

EACH = form(
    asked(
        "v",
        "rows",
        required=True,
        each=FACTS_EACH,
        columns=(
            Column("persoon", nl("Wie"), "person", required=True),
            Column("wat", nl("Wat"), "text", required=True),
        ),
    )
)


def test_rows_for_each_person_have_the_names_as_titles_and_no_buttons() -> None:
    page = build_form(EACH, context=context()).render()
    assert "Noor de Wit (moeder met gezag)" in page
    assert not {name for name in names(page) if "add" in name or "remove" in name or "persoon" in name}


def test_what_is_not_known_of_anybody_is_shown_so_and_stays_so() -> None:
    spec = form(replace(EACH.fields[0], may_be_unknown=True))
    assert read(again(spec, initial={"v": UNKNOWN})).answers.values == {"v": UNKNOWN}


def test_a_row_belongs_to_its_person_and_not_to_its_place() -> None:
    page = sent(build_form(EACH, context=context()).render())
    page["v-0-wat"], page["v-1-wat"] = "van Sam", "van Noor"
    later = Case({"family": (), "must_consent": (KARIM, NOOR)})
    step = build_form(EACH, context=context(later), data=page)
    assert words(step, "v") == ["Karim Haddou (jeugdbeschermer), Wat: Answer this question."]
    assert step["v"].value() == [{"persoon": NOOR.id, "wat": "van Noor"}, {"persoon": KARIM.id}]


def test_every_person_needs_the_required_cells() -> None:
    page = sent(build_form(EACH, context=context()).render())
    page["v-1-wat"] = "van Noor"
    step = build_form(EACH, context=context(), data=page)
    assert words(step, "v") == ["Sam (jongere, 11 jaar), Wat: Answer this question."]
    assert [link["href"] for link in error_links(step)] == ["#id_v_0_wat"]
    assert 'id="id_v_0_wat_error"' in step.render()


def test_where_nobody_is_there_to_ask_about_it_says_so() -> None:
    step = build_form(EACH, context=context(Case({"family": (), "must_consent": ()})), data=query({"v__count": "0"}))
    assert words(step, "v")[0].startswith("There is nobody yet")
    assert [link["href"] for link in error_links(step)] == ["#id_v_field"]


def test_rows_keep_their_identity_and_an_invented_identity_is_a_new_row() -> None:
    spec = form(asked("v", "rows"))
    initial = {"v": (RowAnswer("r1", (("wat", "Eerste"),)),)}
    page = sent(build_form(spec, context=context(), initial=initial).render())
    assert page["v-0__key"] == "r1"
    page["v-0__key"] = "of-another-case"
    step = build_form(spec, context=context(), initial=initial, data=page)
    assert read(step).answers.values == {"v": (RowAnswer("", (("wat", "Eerste"),)),)}


def carried() -> tuple[FormSpec, Case]:
    rows = (RowAnswer("r1", (("wat", "Rust thuis"), ("op", date(2026, 1, 2)))), RowAnswer("r2", (("wat", "School"),)))
    return form(asked("v", "rows", carried="eerder.x")), Case(carried={"eerder.x": rows})


def test_rows_of_an_earlier_step_stand_there_with_their_identity_and_cannot_be_removed() -> None:
    spec, case = carried()
    page = build_form(spec, context=context(case)).render()
    assert "Rust thuis" in page
    assert not {name for name in names(page) if name in ("v__remove_0", "v__remove_1")}
    assert read(again(spec, context=context(case))).answers.values == {"v": case.carried["eerder.x"]}
    pressed = sent(page)
    pressed["v__remove_0"] = "1"
    assert read(build_form(spec, context=context(case), data=pressed)).answers.values == {
        "v": case.carried["eerder.x"]
    }


def test_a_row_that_was_added_to_the_earlier_step_meanwhile_is_shown_before_it_counts() -> None:
    spec, case = carried()
    before = Case(carried={"eerder.x": case.carried["eerder.x"][:1]})
    page = sent(build_form(spec, context=context(before)).render())
    step = build_form(spec, context=context(case), data=page)
    assert words(step, "v") == ["A row from an earlier step may not be removed."]
    assert read(build_form(spec, context=context(case), data=sent(step.render()))).answers.values == {
        "v": case.carried["eerder.x"]
    }


def test_a_button_of_rows_shows_the_page_again_without_judging_it() -> None:
    spec = form(asked("v", "rows"), asked("w", "text", required=True))
    step = post(spec, {"v__count": "1", "v-0-wat": "Een", "v__add": "1", "w": ""})
    assert read(step).pressed
    assert not read(step).is_right
    assert step.errors == {}
    assert "v-1-wat" in names(step.render())


def test_a_cell_says_what_is_wrong_with_it() -> None:
    step = post(form(asked("v", "rows")), {"v__count": "1", "v-0-wat": "Een", "v-0-op__day": "32"})
    assert words(step, "v") == ["Row 1, Op: Fill in the month."]
    assert [link["href"] for link in error_links(step)] == ["#id_v_0_op_1"]
    page = str(step.render())
    assert page.count("Fill in the month.") == 1
    assert 'id="id_v_error"' in page  # what describes the rows says that something is wrong below
    assert 'id="id_v_0_op_error"' in page


def test_what_is_wrong_with_all_rows_is_said_above_them() -> None:
    page = str(post(form(asked("v", "rows", required=True)), {"v__count": "0"}).render())
    assert "Answer this question." in page
    assert "Something below is not right yet." not in page


def test_a_percent_sign_in_a_label_is_shown_as_it_is() -> None:
    spec = form(asked("v", "rows", columns=(Column("deel", nl("100% zeker"), "number"),)))
    step = post(spec, {"v__count": "1", "v-0-deel": "veel"})
    assert words(step, "v") == ["Row 1, 100% zeker: Write a number, for example 12 or 12,5."]


# The ladder.


def test_a_ladder_reads_the_rung_and_why_each_lower_one_does_not_fit() -> None:
    step = post(
        form(asked("v", "ladder")),
        {
            "v": "t3",
            "v-t1-reason": "Oma is ziek",
            "v-t1-reason_kinds": ["praktisch", "veiligheid"],
            "v-t3-reason": "telt niet",
        },
    )
    below = (Rejection("t1", "Oma is ziek", frozenset({"praktisch", "veiligheid"})), Rejection("t2"))
    assert read(step).answers.values == {"v": LadderAnswer("t3", below)}
    assert read(step).ignored == ()


def test_a_ladder_asks_no_reason_for_the_last_rung_but_where_none_may_fit() -> None:
    with_none = names(build_form(form(asked("v", "ladder")), context=context()).render())
    without = form(asked("v", "ladder", choices=(Choice("t1", nl("Een")), Choice("t2", nl("Twee")))))
    assert {"v-t1-reason", "v-t2-reason", "v-t3-reason"} <= with_none
    assert "v-t2-reason" not in names(build_form(without, context=context()).render())


def test_a_ladder_says_beside_the_reason_what_is_wrong() -> None:
    step = post(
        form(asked("v", "ladder")), {"v": "none", "v-t2-reason": "x" * 6000, "v-t1-reason_kinds": "verzonnen"}
    )
    assert words(step, "v") == [
        "Trede t1: Choose one of the answers.",
        "Trede t2: This is too long. Use at most 5000 characters.",
    ]
    links = [link["href"] for link in error_links(step)]
    assert links == ["#id_v_t1_reason_kinds_0", "#id_v_t2_reason"]


# Files.

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
FILE = form(asked("v", "file", required=True))
STORED = FileAnswer("doc-7", "verslag.pdf")


def send(
    content: bytes | None, name: str = "verslag.pdf", data: Mapping[str, str] | None = None, **options: Any
) -> StepForm:
    files = MultiValueDict({"v": [SimpleUploadedFile(name, content)]} if content is not None else {})
    return build_form(FILE, context=context(), data=query(data or {}), files=files, **options)


def test_a_new_file_counts_once_it_is_stored() -> None:
    step = send(PDF)
    reading = read(step)
    assert reading.faults == {}
    assert not reading.is_right
    assert reading.answers.values == {}
    assert reading.uploads["v"].checked.name == "verslag.pdf"
    assert posted(step)["values"] == {}
    assert "pw-file__current" not in step.render()
    step.keep_files({"v": STORED})
    assert "pw-file__current" in step.render()
    assert read(step).is_complete
    assert read(step).answers.values == {"v": STORED}
    assert posted(step)["values"] == {"v": {"id": "doc-7", "name": "verslag.pdf"}}


def test_a_file_that_is_refused_says_why_and_leaves_the_earlier_one() -> None:
    step = send(b"MZ\x90", draft={"values": {"v": {"id": "doc-7", "name": "verslag.pdf"}}})
    assert words(step, "v") == ["This file is not what its name says. Save it again in the right format."]
    assert read(step).uploads == {}
    assert "verslag.pdf" in step.render()
    assert posted(step)["values"] == {"v": {"id": "doc-7", "name": "verslag.pdf"}}


def test_sending_no_file_keeps_the_one_that_is_there_and_ticking_takes_it_away() -> None:
    kept = send(None, draft={"values": {"v": {"id": "doc-7", "name": "verslag.pdf"}}})
    assert read(kept).answers.values == {"v": STORED}
    gone = send(None, data={"v__remove": "1"}, draft={"values": {"v": {"id": "doc-7", "name": "verslag.pdf"}}})
    assert words(gone, "v") == ["Answer this question."]


def test_nobody_names_a_document_that_he_did_not_send() -> None:
    step = send(None, data={"v": '{"id": "doc-of-another", "name": "x"}', "v__id": "doc-of-another"})
    assert read(step).answers.values == {}
    assert read(step).uploads == {}


def test_a_file_for_a_hidden_question_is_not_offered_for_storing() -> None:
    spec = form(asked("a", "yes_no"), asked("v", "file", shown_if=if_("a", "ja")))
    files = MultiValueDict({"v": [SimpleUploadedFile("verslag.pdf", PDF)]})
    reading = read(build_form(spec, context=context(), data=query({"a": "nee"}), files=files))
    assert reading.uploads == {}
    assert reading.ignored == ("v",)


# The form itself.


def test_a_form_shows_no_answers_in_its_repr() -> None:
    step = post(form(asked("v", "text")), {"v": "geheim"}, context=context(known={"w": Known("geheim", "geheim")}))
    for value in (step, read(step), step.asking.context, read(step).answers, step.asking.draft):
        assert "geheim" not in repr(value)


def test_a_circle_of_hidden_questions_is_refused() -> None:
    spec = form(asked("a", "yes_no", shown_if=if_("b", "ja")), asked("b", "yes_no", shown_if=if_("a", "ja")))
    with pytest.raises(ValueError, match="circle"):
        build_form(spec, context=context())
