"""A definition is written and read without loss, and what is none is refused with the exact place of the fault."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from padwijzer.workflows.core.definition import ProcessDefinition
from padwijzer.workflows.core.errors import Unreadable
from padwijzer.workflows.core.reading import canonical, digest, read_definition, readable, write_definition
from tests.properties.strategies import definitions

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SHIPPED = sorted((FIXTURES / "paths").glob("*.json"))
SCHEMA = json.loads((FIXTURES / "schema" / "definition.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
STEP: dict[str, Any] = {
    "key": "a",
    "reference": "X1",
    "title": {"nl": "Een stap"},
    "kind": "form",
    "obligation": "policy",
    "exits": [{"when": "else", "to": "end"}],
}
SMALLEST: dict[str, Any] = {
    "schema": 1,
    "key": "X",
    "title": {"nl": "Een pad"},
    "scope": "family",
    "activities": [STEP],
}
WRONG_TYPES: tuple[object, ...] = (None, True, 7, "7 dagen!", [], {}, [7], {"nl": 7})
SURROGATE = "\ud800"


def reads(value: object) -> bool:
    """Whether the reader takes this value."""
    try:
        read_definition(json.dumps(value))
    except Unreadable:
        return False
    return True


def refusal(text: str | bytes) -> Unreadable:
    """The refusal of a document."""
    with pytest.raises(Unreadable) as caught:
        read_definition(text)
    return caught.value


def spoilt(path: str, value: object) -> Unreadable:
    """The refusal of the smallest definition with another value at a path of keys and numbers."""
    whole = copy.deepcopy(SMALLEST)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    node: Any = whole
    for part in way:
        node = node[part]
    node[last] = value
    return refusal(json.dumps(whole))


@given(definitions)
def test_what_is_written_is_read_back_the_same(definition: ProcessDefinition) -> None:
    assert read_definition(readable(definition)) == definition
    assert read_definition(canonical(definition)) == definition


@given(definitions)
def test_every_definition_answers_to_the_schema(definition: ProcessDefinition) -> None:
    VALIDATOR.validate(json.loads(readable(definition)))


@given(definitions)
def test_the_canonical_form_does_not_hang_on_how_it_was_written(definition: ProcessDefinition) -> None:
    shuffled = json.dumps(json.loads(readable(definition)), sort_keys=False, indent=3)
    assert digest(read_definition(shuffled)) == digest(definition)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_file_is_what_writing_makes_of_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert readable(read_definition(text)) == text


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_file_answers_to_the_schema(path: Path) -> None:
    VALIDATOR.validate(json.loads(path.read_text(encoding="utf-8")))


def nodes(value: object, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value in a document."""
    yield way
    if isinstance(value, dict):
        for key, child in value.items():
            yield from nodes(child, (*way, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from nodes(child, (*way, index))


def at(value: Any, way: tuple[str | int, ...]) -> Any:
    """The value at the end of a way."""
    for part in way:
        value = value[part]
    return value


def written(way: tuple[str | int, ...]) -> str:
    """A way as the reader writes a place."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in way).removeprefix(".")


def with_value(whole: object, way: tuple[str | int, ...], value: object) -> object:
    """A copy with another value at the end of a way, sharing everything that is not on it."""
    if not way:
        return value
    head, *rest = way
    inside = at(whole, (head,))
    changed = with_value(inside, tuple(rest), value)
    copied: Any = dict(whole) if isinstance(whole, dict) else list(whole)  # type: ignore[call-overload] # one of the two
    copied[head] = changed
    return copied


def alone(whole: dict[str, Any], way: tuple[str | int, ...]) -> tuple[dict[str, Any], tuple[str | int, ...]]:
    """The smallest document around a way, with what must stand beside it and nothing else, and the way in it."""
    match way:
        case ("activities", int(index), str(key), *rest):
            step = {
                other: whole["activities"][index][other]
                for other in (*STEP, "call", key)
                if other in whole["activities"][index]
            }
            if key != "exits":
                step["exits"] = STEP["exits"]
            if rest and isinstance(rest[0], int):
                step[key] = [step[key][rest[0]]]
                rest[0] = 0
            return {**whole_without(whole), "activities": [step]}, ("activities", 0, key, *rest)
        case (str(key), int(index), *rest):
            return {**whole_without(whole), key: [whole[key][index]]}, (key, 0, *rest)
        case (str(key), *_):
            return {**whole_without(whole), key: whole[key]}, way
    return whole, way


def whole_without(whole: dict[str, Any]) -> dict[str, Any]:
    """A document of the required keys alone, with the smallest step."""
    return {**{key: whole[key] for key in SMALLEST}, "activities": SMALLEST["activities"]}


def shape(whole: dict[str, Any], way: tuple[str | int, ...]) -> str:
    """The kind of a place: in which list it stands, the last keys of the way to it, and the keys beside it."""
    value = at(whole, way)
    parts = ["[]" if isinstance(part, int) else part for part in way]
    for index, part in enumerate(parts[:-1]):
        if part in ("set", "fact", "set_side", "parameters", "terms", "outside") and parts[index + 1] not in (
            "[]",
            "name",
        ):
            parts[index + 1] = "*"
    beside = ",".join(sorted(value)) if isinstance(value, dict) and "*" not in parts[-2:] else type(value).__name__
    return f"{'.'.join(parts[:3])} {'.'.join(parts[-3:])} {beside}"


def kinds_of_places() -> dict[str, tuple[dict[str, Any], tuple[str | int, ...]]]:
    """One example of every kind of place in the shipped files."""
    found: dict[str, tuple[dict[str, Any], tuple[str | int, ...]]] = {}
    for path in SHIPPED:
        whole = json.loads(path.read_text(encoding="utf-8"))
        for way in nodes(whole):
            key = shape(whole, way)
            if key not in found:
                found[key] = alone(whole, way)
    return found


PLACES = kinds_of_places()


def names(error: Unreadable, way: tuple[str | int, ...]) -> bool:
    """Whether a refusal is about this place, the object it stands in, or something in it."""
    place = error.place.removeprefix("(the whole)")
    here, around = written(way), written(way[:-1])
    return not here or place in (here, around) or place.startswith((f"{here}.", f"{here}["))


@pytest.mark.parametrize("start", range(8))
def test_an_unknown_key_is_refused_everywhere_by_reader_and_schema(start: int) -> None:
    for whole, way in list(PLACES.values())[start::8]:
        value = at(whole, way)
        if isinstance(value, dict):
            spoiled = with_value(whole, way, {**value, "on bekend": 1})
            error = refusal(json.dumps(spoiled))
            assert error.place == written((*way, "on bekend"))
            assert not VALIDATOR.is_valid(spoiled), written(way)


@pytest.mark.parametrize("start", range(8))
def test_reader_and_schema_agree_on_a_missing_key_everywhere(start: int) -> None:
    for whole, way in list(PLACES.values())[start::8]:
        value = at(whole, way)
        for key in value if isinstance(value, dict) else ():
            less = with_value(whole, way, {other: kept for other, kept in value.items() if other != key})
            assert reads(less) == VALIDATOR.is_valid(less), (written(way), key)
            if not reads(less):
                assert names(refusal(json.dumps(less)), way), (written(way), key)


@pytest.mark.parametrize("start", range(8))
def test_reader_and_schema_agree_on_a_wrong_type_everywhere(start: int) -> None:
    for whole, way in list(PLACES.values())[start::8]:
        for wrong in WRONG_TYPES:
            other = with_value(whole, way, wrong)
            assert reads(other) == VALIDATOR.is_valid(other), (written(way), wrong)
            if not reads(other):
                assert names(refusal(json.dumps(other)), way), (written(way), wrong, refusal(json.dumps(other)))


@given(st.data())
@hypothesis.settings(max_examples=60)
def test_reader_and_schema_agree_on_a_whole_file_that_is_changed_anywhere(data: st.DataObject) -> None:
    whole = json.loads(data.draw(st.sampled_from(SHIPPED)).read_text(encoding="utf-8"))
    way = data.draw(st.sampled_from(list(nodes(whole))))
    other = with_value(whole, way, data.draw(st.sampled_from(WRONG_TYPES)))
    assert reads(other) == VALIDATOR.is_valid(other), written(way)


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("schema", 2, "schema"),
        ("key", "d-toest", "key"),
        ("key", "V\n", "key"),
        ("title", {"en": "A path"}, "title"),
        ("title", {"nl": ""}, "title"),
        ("title", {"nl": "Pad", "Nederlands": "Pad"}, "title.Nederlands"),
        ("scope", "school", "scope"),
        ("activities", [], "activities"),
        ("entries", "a", "entries"),
        ("entries", ["een stap"], "entries[0]"),
        ("returns", [1], "returns[0]"),
        ("whole", "ja", "whole"),
        ("children", "een stap.kinderen", "children"),
        ("outside", {"ivh": {"nl": "Elders"}}, "outside.ivh"),
        ("parameters", [{"key": "mode", "values": []}], "parameters[0].values"),
        ("tracks", [{"key": "t", "title": {"nl": "Spoor"}, "opens_by": "hand", "owner": "family"}], "tracks[0]"),
        ("activities.0.kind", "task", "activities[0].kind"),
        ("activities.0.kind", "call", "activities[0].call"),
        ("activities.0.call", {"definition": "D-VAP"}, "activities[0].call"),
        ("activities.0.exits", [], "activities[0].exits"),
        ("activities.0.exits.0.to", "einde", "activities[0].exits[0].to"),
        ("activities.0.exits.0.to", {"goto": "a", "jump": "V"}, "activities[0].exits[0].to.jump"),
        ("activities.0.exits.0.when", "anders", "activities[0].exits[0].when"),
        ("activities.0.performers", ["vap:leider"], "activities[0].performers[0]"),
        ("activities.0.performers", ["vap:"], "activities[0].performers[0]"),
        ("activities.0.minutes", 2**53, "activities[0].minutes"),
        ("activities.0.opens", [{"track": "t", "term": "x"}], "activities[0].opens[0].term"),
        ("activities.0.opens", [{"track": "t", "emergency": True}], "activities[0].opens[0].emergency"),
        ("activities.0.opens", [{"at": "opening"}], "activities[0].opens[0]"),
        ("activities.0.records", [{"register": "person", "set": {"name": {}}}], "activities[0].records[0].set.name"),
        ("activities.0.records", [{"register": "person", "set": {"na am": {"field": "x"}}}],
         "activities[0].records[0].set.na am"),
        ("activities.0.deadlines", [{"term": "t", "from": {"opened": "a", "completed": "a"}}],
         "activities[0].deadlines[0].from"),
        ("activities.0.deadlines", [{"term": "t", "from": {"previous_round": {"age": 12}}}],
         "activities[0].deadlines[0].from"),
        ("activities.0.deadlines", [{"term": {"by_choice": "", "terms": {}}, "from": {"age": 12}}],
         "activities[0].deadlines[0].term.by_choice"),
    ],
)  # fmt: skip
def test_a_fault_is_refused_at_its_exact_place(path: str, value: object, place: str) -> None:
    assert spoilt(path, value).place == place


def condition(when: object) -> str:
    """The place of the refusal of a condition of an exit, without the way to it."""
    return (
        spoilt("activities.0.exits.0.when", when).place.removeprefix("activities[0].exits[0].when").removeprefix(".")
    )


@pytest.mark.parametrize(
    ("when", "place"),
    [
        ({"all": []}, "all"),
        ({"all": ["always"], "any": ["always"]}, "any"),
        ({"not": {"not": {"not": {"not": "always"}}}}, ""),
        ({"fact": {"name": "today"}, "is": "is"}, ""),
        ({"fact": {"name": "today"}, "is": "answered", "value": 1}, "value"),
        ({"fact": {"name": "today"}, "is": "==", "value": 1}, "is"),
        ({"fact": {"field": "x"}, "is": "answered"}, "fact"),
        ({"fact": {"name": "age", "person": []}, "is": "answered"}, "fact.person"),
        ({"fact": {"name": "age", "person": True}, "is": "answered"}, "fact.person"),
        ({"fact": {"name": "age", "per son": "x"}, "is": "answered"}, "fact.per son"),
        ({"fact": {"name": "a"}, "is": "<", "value": {"fact": {"name": "a"}, "plus": "a", "minus": "a"}}, "value"),
        ({"rows": "duty", "is": "some"}, "is"),
        ({"rows": "duty", "is": {"at_least": 11}}, "is.at_least"),
        ({"rows": "duty", "is": {"at_least": 1, "more_than": 1}}, "is"),
        ({"rows": "duty", "is": "any", "where": {"all": []}}, "where.all"),
        ({"rows": "duty", "is": "any", "where": {"all": [{"column": "a", "is": "answered"}] * 6}}, "where"),
        ({"rows": "duty", "is": "any", "where": {"all": [{"not": {"column": "a"}}]}}, "where.all[0].not"),
        ({"rows": {"field": "x", "round": "first"}, "is": "any"}, "rows.round"),
        ({"set": {"name": "persons", "column": "id"}, "is": "subset_of", "value": []}, "set.name"),
        ({"set": {"name": "persons"}, "is": "is", "value": []}, "is"),
    ],
)  # fmt: skip
def test_a_faulty_condition_is_refused_at_its_exact_place(when: object, place: str) -> None:
    assert condition(when) == place


@pytest.mark.parametrize("key", ["activities", "tracks"])
def test_a_key_that_stands_twice_is_refused_where_it_stands_again(key: str) -> None:
    track = {"key": "t", "title": {"nl": "Spoor"}, "opens_by": "hand", "owner": "family", "activity": "a"}
    whole = {**SMALLEST, "tracks": [track]}
    whole[key] = [*whole[key], *whole[key]]
    assert refusal(json.dumps(whole)).place == f"{key}[1].key"


def test_a_field_that_stands_twice_in_its_step_is_refused_where_it_stands_again() -> None:
    field = {"key": "x", "label": {"nl": "Vraag"}, "type": "text"}
    assert spoilt("activities.0.fields", [field, field]).place == "activities[0].fields[1].key"


def test_a_key_twice_in_one_object_is_refused_at_its_place() -> None:
    text = json.dumps(SMALLEST).replace('"kind": "form"', '"kind": "form", "kind": "end"')
    assert refusal(text).place == "activities[0].kind"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "5.0", "1e3", "9" * 5000])
def test_a_number_that_is_no_whole_number_of_json_is_refused_at_its_place(number: str) -> None:
    text = json.dumps(SMALLEST).replace('"kind": "form"', f'"kind": "form", "minutes": {number}')
    assert refusal(text).place == "activities[0].minutes"


@pytest.mark.parametrize("sign", ["\x00", SURROGATE])
def test_a_sign_that_no_database_stores_is_refused_at_its_place(sign: str) -> None:
    assert spoilt("activities.0.title", {"nl": f"Een{sign}stap"}).place == "activities[0].title.nl"
    assert spoilt("activities.0.reference", sign).place == "activities[0].reference"


def test_a_document_that_nests_fifty_deep_is_refused() -> None:
    nested: object = "always"
    for _ in range(50):
        nested = {"not": nested}
    assert "deeper" in spoilt("activities.0.exits.0.when", nested).reason


def test_a_document_that_nests_too_deep_for_a_parser_is_refused() -> None:
    assert "deeper" in refusal("[" * 200_000).reason


def test_a_document_of_ten_megabytes_is_refused_before_it_is_parsed() -> None:
    assert "larger" in refusal(b'{"' + b"x" * 10_000_000).reason


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_document_in_another_encoding_is_refused(encoding: str) -> None:
    refused = refusal(json.dumps(SMALLEST).encode(encoding))
    assert refused.reason.startswith(("The file is not UTF-8", "This is not JSON"))


def test_a_document_that_is_no_utf_8_says_at_which_byte() -> None:
    assert "byte 3" in refusal("€".encode() + b"\xff{}").reason


@pytest.mark.parametrize("text", ["", "{", "[1,]", "{} {}", "'a'", "\x00", "nul"])
def test_what_is_no_json_is_refused_with_line_and_column(text: str) -> None:
    assert refusal(text).place.startswith("line 1, column ")


@pytest.mark.parametrize("text", ["null", "1", '"V"', "[]", "true"])
def test_json_that_is_no_object_is_refused_as_a_whole(text: str) -> None:
    assert refusal(text).place == "(the whole)"


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_whatever_comes_in_is_read_or_refused(document: bytes | str) -> None:
    refusal(document)


words_of_conditions = st.sampled_from(
    ["all", "any", "not", "fact", "name", "is", "value", "rows", "set", "column", "of"]
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | words_of_conditions,
    lambda inner: st.lists(inner) | st.dictionaries(words_of_conditions, inner),
)


@given(any_json)
def test_any_json_in_a_step_is_read_or_refused_in_its_place(value: object) -> None:
    whole = copy.deepcopy(SMALLEST)
    whole["activities"][0]["available"] = value
    if not reads(whole):
        assert refusal(json.dumps(whole)).place.startswith("activities[0].available")
    assert reads(whole) == VALIDATOR.is_valid(whole)


def test_writing_leaves_defaults_out() -> None:
    whole = copy.deepcopy(SMALLEST)
    whole["whole"] = True
    whole["activities"][0].update(skippable=True, minutes=5, fields=[], unblockable=False)
    assert write_definition(read_definition(json.dumps(whole))) == SMALLEST
