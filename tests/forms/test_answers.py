import json
from datetime import date
from typing import Any

import pytest
import rfc8785
from jsonschema import Draft202012Validator

from padwijzer.forms.core.answers import Answers, from_json, json_schema, read, to_json, validate
from padwijzer.forms.core.conditions import UNKNOWN, Compare, FactRef, Operator
from padwijzer.forms.core.field_types import RowAnswer
from padwijzer.forms.core.schema import FieldSpec, FormSpec
from padwijzer.workflows.core.case_file import CaseFile
from tests.support.case_files import a_case, a_child, a_lookup, a_parent, a_row, a_visit, about, has_authority
from tests.support.questions import a_column, a_question

CASE = a_case(a_child("kid"), a_parent("mother"), a_parent("father"), a_row("person", "worker", kind="professional"))
CHILDREN = FactRef("persons", (("group", "children"),))
PARENTS = FactRef("persons", (("group", "parents"),))


def form(*fields: FieldSpec) -> FormSpec:
    return FormSpec(fields)


def codes(asked: FormSpec, raw: dict[str, Any], case: CaseFile = CASE) -> dict[str, list[tuple[str, str]]]:
    found = validate(asked, raw, a_lookup(case).answering)
    return {key: [(fault.code, fault.place) for fault in faults] for key, faults in found.faults.items()}


def answers(asked: FormSpec, raw: dict[str, Any], case: CaseFile = CASE) -> Answers:
    found = validate(asked, raw, a_lookup(case).answering)
    assert found.is_right
    return found.answers


ONLY_IF_YES = a_question(
    "date", "b", required=True, shown_if=Compare(FactRef("answer", (("field", "a"),)), Operator.IS, "ja")
)
CONDITIONAL = form(a_question("yes_no", "a", required=True), ONLY_IF_YES)


def test_answers_are_typed() -> None:
    assert answers(CONDITIONAL, {"a": "ja", "b": "2026-03-02"}).values == {"a": "ja", "b": date(2026, 3, 2)}


def test_what_is_hidden_is_not_required_not_judged_and_not_kept() -> None:
    assert answers(CONDITIONAL, {"a": "nee"}).values == {"a": "nee"}
    assert answers(CONDITIONAL, {"a": "nee", "b": "2026-03-02"}).values == {"a": "nee"}
    assert answers(CONDITIONAL, {"a": "nee", "b": "nonsense"}).values == {"a": "nee"}


def test_a_required_question_that_is_shown_must_be_answered() -> None:
    assert codes(CONDITIONAL, {}) == {"a": [("missing", "")]}
    assert codes(CONDITIONAL, {"a": "ja"}) == {"b": [("missing", "")]}
    assert codes(CONDITIONAL, {"a": "ja", "b": "nonsense"}) == {"b": [("not_a_date", "")]}


def test_what_is_right_is_kept_beside_what_is_wrong() -> None:
    found = validate(CONDITIONAL, {"a": "ja", "b": "nonsense"}, a_lookup(CASE).answering)

    assert found.answers.values == {"a": "ja"}
    assert found.shown == ("a", "b")
    assert not found.is_right


def test_what_the_form_does_not_ask_stands_apart() -> None:
    found = answers(form(a_question("text", "a")), {"a": "x", "csrf": "token"})

    assert found.values == {"a": "x"}
    assert found.apart == {"csrf": "token"}


def test_i_do_not_know_is_an_answer_where_the_question_allows_it() -> None:
    asked = form(a_question("yes_no", "a", required=True, may_be_unknown=True))
    found = answers(asked, {"a": "__unknown__"})

    assert found.is_answered("a")
    assert found.says_unknown("a")
    assert found.value("a") is UNKNOWN
    assert codes(form(a_question("yes_no", "a")), {"a": "__unknown__"}) == {"a": [("must_be_known", "")]}


def test_an_unanswered_question_is_unknown_without_anybody_having_said_so() -> None:
    found = answers(form(a_question("yes_no", "a")), {})

    assert found.value("a") is UNKNOWN
    assert not found.is_answered("a")
    assert not found.says_unknown("a")


def test_answers_cannot_be_changed() -> None:
    given = {"a": "x"}
    found = Answers(given)
    given["a"] = "y"

    assert found.values == {"a": "x"}
    with pytest.raises(TypeError):
        found.values["a"] = "z"  # type: ignore[index] # that it is refused is the point


def test_answers_do_not_show_themselves() -> None:
    assert "geheim" not in repr(Answers({"a": "geheim"}, {"b": "geheim"}))


# Persons


def test_only_persons_of_the_case_or_of_the_named_group_can_be_chosen() -> None:
    anybody = form(a_question("person", "wie"))
    parents = form(a_question("persons", "wie", persons="parents"))

    assert codes(anybody, {"wie": "worker"}) == {}
    assert codes(anybody, {"wie": "stranger"}) == {"wie": [("not_in_group", "")]}
    assert codes(parents, {"wie": ["mother", "father"]}) == {}
    assert codes(parents, {"wie": ["mother", "worker"]}) == {"wie": [("not_in_group", "")]}


def test_persons_in_rows_too() -> None:
    asked = form(a_question("rows", "r", columns=(a_column("wie", "person", persons="parents"), a_column("wat"))))

    assert codes(asked, {"r": [{"wie": "mother"}, {"wie": "kid"}, {"wat": "x"}]}) == {
        "r": [("not_in_group", "1.wie")]
    }


EACH = form(
    a_question(
        "rows", "r", required=True, each=PARENTS, columns=(a_column("wie", "person"), a_column("zegt", required=True))
    )
)


def test_a_row_for_each_person_of_a_group_and_for_no_others() -> None:
    both = [{"wie": "mother", "zegt": "ja"}, {"wie": "father", "zegt": "nee"}]

    assert codes(EACH, {"r": both}) == {}
    assert codes(EACH, {"r": both[:1]}) == {"r": [("each_person", "")]}
    assert codes(EACH, {"r": [*both, {"wie": "kid", "zegt": "x"}]}) == {"r": [("not_in_group", "2.wie")]}
    assert codes(EACH, {"r": [*both, both[0]]}) == {"r": [("person_twice", "2.wie")]}
    assert codes(EACH, {}) == {"r": [("missing", "")]}


def test_nobody_to_answer_for_is_not_everybody() -> None:
    assert codes(EACH, {}, a_case(a_child("kid"))) == {"r": [("nobody", "")]}


def test_consent_is_asked_of_each_who_must_consent() -> None:
    must = FactRef("persons", (("group", "must_consent"),))
    asked = form(a_question("consent", "antwoorden", required=True, each=must))
    case = a_case(a_child("kid", date(2020, 1, 1)), a_parent("mother"), has_authority("mother", "kid"))
    yes = {"person": "mother", "answer": "akkoord", "on": "2026-03-02"}
    assert codes(asked, {"antwoorden": [yes]}, about(case, "kid")) == {}
    assert codes(asked, {"antwoorden": [{**yes, "person": "kid"}]}, about(case, "kid")) == {
        "antwoorden": [("not_in_group", "0.person"), ("each_person", "")]
    }


# Carried rows


def test_a_carried_row_gets_more_filled_in_and_cannot_be_left_out() -> None:
    columns = (a_column("doel"), a_column("stand"))
    asked = form(a_question("rows", "doelen", columns=columns, carried="plan.doelen"))
    goals = (RowAnswer("g1", (("doel", "rust"),)), RowAnswer("g2", (("doel", "school"),)))
    case = a_case(visits=(a_visit("plan", date(2026, 3, 2), answers={"doelen": goals}),))
    kept = [{"__key": "g1", "doel": "rust", "stand": "gehaald"}, {"__key": "g2", "doel": "school"}]

    assert codes(asked, {"doelen": kept}, case) == {}
    assert codes(asked, {"doelen": [*kept, {"doel": "nieuw"}]}, case) == {}
    assert codes(asked, {"doelen": kept[:1]}, case) == {"doelen": [("carried_row_lacks", "")]}
    assert codes(asked, {}, case) == {"doelen": [("carried_row_lacks", "")]}


# JSON

EVERYTHING = form(
    a_question("text", "tekst"),
    a_question("number", "getal"),
    a_question("moment", "moment"),
    a_question("choices", "keuzes"),
    a_question("rows", "rijen"),
    a_question("ladder", "trede"),
    a_question("file", "bestand"),
    a_question("date", "dag", may_be_unknown=True),
)
RAW = {
    "tekst": "😀 tekst",
    "getal": "12,5",
    "moment": "2026-07-01T10:30",
    "keuzes": ["c", "a"],
    "rijen": [{"op": "2026-03-02", "__key": "r1"}],
    "trede": {"chosen": "t2", "below": [{"rung": "t1", "reason": "ziek"}]},
    "bestand": {"id": "d1", "name": "brief.pdf"},
    "dag": "__unknown__",
}


def test_answers_are_kept_as_json_and_read_back_the_same() -> None:
    found, faults = read(EVERYTHING, RAW)
    kept = to_json(EVERYTHING, found)

    assert faults == {}
    assert kept["unknown"] == ["dag"]
    assert from_json(EVERYTHING, json.loads(rfc8785.dumps(kept))) == found


def test_what_is_kept_of_a_question_that_is_no_longer_asked_stands_apart() -> None:
    found = from_json(form(a_question("text", "tekst")), {"values": {"tekst": "x", "weg": 1}, "unknown": ["dag"]})

    assert found.values == {"tekst": "x"}
    assert set(found.apart) == {"weg", "dag"}


def test_what_is_posted_follows_the_schema_of_the_form() -> None:
    schema = json_schema(EVERYTHING)
    Draft202012Validator.check_schema(schema)
    posted = {**RAW, "getal": "12.5"}

    Draft202012Validator(schema).validate(posted)
    assert not Draft202012Validator(schema).is_valid({**posted, "keuzes": ["z"]})
    assert not Draft202012Validator(schema).is_valid({**posted, "tekst": "__unknown__" * 50})


def test_whom_a_group_of_nobody_lets_choose() -> None:
    assert codes(form(a_question("person", "wie", persons="network")), {"wie": "mother"}) == {
        "wie": [("not_in_group", "")]
    }
    assert (
        codes(form(a_question("rows", "r", each=CHILDREN, columns=(a_column("wie", "person"), a_column("wat")))), {})
        == {}
    )


def test_rows_given_for_nobody_are_refused() -> None:
    raw = {"r": [{"wie": "kid", "zegt": "x"}]}

    assert codes(EACH, raw, a_case(a_child("kid"))) == {"r": [("not_in_group", "0.wie"), ("nobody", "")]}
