"""The folder of field types is the registry: it is complete, and every type keeps the same promises."""

import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from padwijzer.forms.core import field_types as folder
from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.forms.core.field_types import (
    SENTENCES,
    DomainKind,
    Fault,
    FileAnswer,
    LadderAnswer,
    Rejection,
    RowAnswer,
    field_types,
    options,
    plain,
    show,
    with_lists,
)
from padwijzer.forms.core.schema import FormSpec
from tests.support.questions import NAMES, a_column, a_question, answer, faults, some_choices

FILES = sorted(path.stem for path in Path(folder.__file__).parent.glob("*.py") if path.stem != "__init__")
LANGUAGE = Path(__file__).resolve().parents[3] / "docs" / "language.md"

SENTENCE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
PERSON = st.sampled_from(["p1", "p2", "p3"])
DATES = st.dates().map(lambda day: f"{1900 + day.year % 300}-{day.month:02}-{min(day.day, 28):02}")
CONSENT_ROW = st.fixed_dictionaries(
    {"person": PERSON, "answer": st.sampled_from(["akkoord", "deels", "nee", "niet_bereikt"]), "on": DATES},
    optional={"manner": st.sampled_from(["gesprek", "brief", "app"]), "own_words": SENTENCE},
)
RAW: dict[str, st.SearchStrategy[Any]] = {
    "text": SENTENCE,
    "long_text": st.lists(SENTENCE, max_size=4).map("\r\n".join),
    "yes_no": st.sampled_from(["ja", "nee", "Ja", True, False]),
    "choice": st.sampled_from(["a", "b", "c"]),
    "choices": st.lists(st.sampled_from(["a", "b", "c"])),
    "date": DATES,
    "moment": st.builds("{}T{:02}:{:02}".format, DATES, st.integers(3, 23), st.integers(0, 59)),
    "number": st.decimals(-999_999_999, 999_999_999, places=2).map(str).filter(lambda text: "." in text),
    "person": PERSON,
    "persons": st.lists(PERSON),
    "rows": st.lists(st.fixed_dictionaries({"op": DATES}, optional={"wie": PERSON, "wat": SENTENCE}), max_size=5),
    "consent": st.lists(CONSENT_ROW, max_size=5),
    "file": st.fixed_dictionaries({"id": PERSON, "name": st.just("brief.pdf")}),
    "ladder": st.fixed_dictionaries(
        {"chosen": st.sampled_from(["t1", "t2", "t3", "none"])},
        optional={
            "below": st.lists(
                st.fixed_dictionaries(
                    {"rung": st.sampled_from(["t1", "t2", "t3"])},
                    optional={"reason": SENTENCE, "reason_kinds": st.lists(st.sampled_from(["geld", "veiligheid"]))},
                )
            )
        },
    ),
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def test_every_file_is_a_field_type_of_its_own_name() -> None:
    assert sorted(field_types()) == FILES
    assert sorted(RAW) == FILES


@pytest.mark.parametrize("name", FILES)
def test_every_field_type_has_its_own_specification(name: str) -> None:
    assert Path(__file__).with_name(f"test_{name}.py").exists()


def test_the_language_page_names_every_field_type() -> None:
    page = LANGUAGE.read_text(encoding="utf-8")
    listed = page[page.index("Types: `") :].split("`")[1].split()

    assert sorted(listed) == FILES


@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
def test_what_is_kept_as_json_is_the_same_answer_and_follows_its_schema(name: str, data: st.DataObject) -> None:
    question, field_type = a_question(name), field_types()[name]
    value = answer(data.draw(RAW[name]), question)
    if value is None:
        return
    kept = field_type.to_json(value, question)

    rfc8785.dumps(kept)
    assert field_type.from_json(json.loads(json.dumps(kept)), question) == value
    Draft202012Validator(field_type.json_schema(question)).validate(kept)
    assert isinstance(show(value, question, NAMES), str)


@pytest.mark.parametrize("name", ["text", "long_text", "yes_no", "date", "moment", "number"])
@given(data=st.data())
def test_what_is_shown_can_be_typed_in_again(name: str, data: st.DataObject) -> None:
    question = a_question(name)
    value = answer(data.draw(RAW[name]), question)
    if value is not None:
        assert answer(show(value, question, NAMES), question) == value


@pytest.mark.parametrize("name", FILES)
@given(raw=ANYTHING)
def test_whatever_is_posted_is_read_or_refused_with_a_reason(name: str, raw: object) -> None:
    question = a_question(name)
    found = field_types()[name].parse(raw, question)

    assert found.value is None or not found.faults
    for fault in found.faults:
        assert fault.sentence % dict(fault.parameters)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("raw", [None, "", [], {}])
def test_nothing_is_no_answer_and_no_fault_or_it_is_refused(name: str, raw: object) -> None:
    assert field_types()[name].parse(raw, a_question(name)).value is None
    assert faults(None, a_question(name)) == []


@pytest.mark.parametrize("name", FILES)
def test_every_field_type_has_a_schema_a_domain_and_the_names_of_its_field_and_widget(name: str) -> None:
    field_type, question = field_types()[name], a_question(name)

    Draft202012Validator.check_schema(field_type.json_schema(question))
    domain = field_type.values(question)
    assert (domain.values == ()) == (domain.kind is DomainKind.PRESENCE)
    assert field_type.field_class.count(".") >= 2
    assert field_type.widget


@pytest.mark.parametrize("name", FILES)
def test_what_is_kept_wrongly_is_refused_without_telling_it(name: str) -> None:
    secret = {"Fenna": "\x00Bakker"}
    with pytest.raises(ValueError, match="is no") as caught:
        field_types()[name].from_json([secret, 7], a_question(name))

    assert "Bakker" not in str(caught.value)


def test_i_do_not_know_is_shown_in_words() -> None:
    assert show(UNKNOWN, a_question("date"), NAMES) == "Weet ik niet"


def test_every_sentence_can_be_shown() -> None:
    for code in SENTENCES:
        assert Fault(code).sentence


def test_an_answer_does_not_show_itself() -> None:
    for part in (
        FileAnswer("1", "geheim.pdf"),
        RowAnswer("1", (("wat", "geheim"),)),
        LadderAnswer("t2", (Rejection("t1", "geheim", frozenset({"geheim"})),)),
        field_types()["text"].parse("geheim", a_question("text")),
    ):
        assert "geheim" not in repr(part)


def test_lists_kept_as_data_are_filled_in_once() -> None:
    form = FormSpec(
        (
            a_question("choice", choices=(), choice_list="help_kinds"),
            a_question("rows", "r", columns=(a_column("soort", "choice", choice_list="help_kinds"),)),
        )
    )
    filled = with_lists(form, {"help_kinds": some_choices("ggz", "respijt")})

    assert answer("ggz", filled.fields[0]) == "ggz"
    assert answer([{"soort": "respijt"}], filled.fields[1]) == (RowAnswer("", (("soort", "respijt"),)),)
    with pytest.raises(ValueError, match="help_kinds"):
        options(form.fields[0])
    with pytest.raises(KeyError):
        with_lists(form, {})


@pytest.mark.parametrize("name", ["date", "moment", "number", "ladder", "file"])
def test_an_answer_of_another_type_is_shown_and_kept_as_nothing(name: str) -> None:
    field_type, question = field_types()[name], a_question(name)

    assert field_type.show("x", question, NAMES) == ""
    assert field_type.to_json("x", question) is None


def test_a_condition_sees_a_file_as_its_id_and_no_answer_as_unknown() -> None:
    assert plain(FileAnswer("d1", "brief.pdf")) == "d1"
    assert plain(None) is UNKNOWN
