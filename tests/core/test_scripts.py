import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.errors import Unreadable
from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.scripts import CaseScript, Deed, Expectation, Kind, read_script

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = sorted((FIXTURES / "cases").glob("*.json"))
SCHEMA = json.loads((FIXTURES / "schema" / "case_script.json").read_text(encoding="utf-8"))
RELEASE = shipped()
ROLES = frozenset(shipped_roles())
OPEN = {"at": "2026-03-02", "as": "hanna", "do": "open_case"}
LOOK = {"at": "2026-03-03", "do": "look"}
SMALL: dict[str, Any] = {
    "schema": 1,
    "title": {"nl": "Klein"},
    "organisations": {"gemeente": {"name": "Gemeente Voorbeeld", "kind": "municipality"}},
    "people": {
        "noor": {"name": "Noor", "kind": "child", "birth_date": "2017-04-02"},
        "hanna": {
            "name": "Hanna",
            "kind": "professional",
            "organisation": "gemeente",
            "roles": ["jeugdconsulent"],
        },
    },
    "rows": {"help": {"register": "help_item", "where": {"kind": "leefstijl"}}},
    "steps": [OPEN],
}


def read(document: Any) -> CaseScript:
    return read_script(json.dumps(document), RELEASE, ROLES)


def small(*steps: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SMALL), "steps": [OPEN, *steps], **changes}


def refusal(document: Any) -> Unreadable:
    with pytest.raises(Unreadable) as refused:
        read(document)
    return refused.value


def objects(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value in a document, with the keys and numbers that lead to it."""
    yield path, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield from objects(child, (*path, key))


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


DOCUMENTS = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
PLACES = [(number, path) for number, document in enumerate(DOCUMENTS) for path, _ in objects(document)]


def test_the_named_cases_are_there() -> None:
    assert {path.name.split("-")[0] + path.name.split("-")[1][:2] for path in FILES} >= {
        "N01",
        "N02",
        "N03",
        "T02",
        "T04",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shipped_script_can_be_read_and_expects_something(path: Path) -> None:
    script = read_script(path.read_bytes(), RELEASE, ROLES)
    assert len(list(script.expectations)) > 10
    assert script.steps[0].do is Deed.OPEN_CASE


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shipped_script_is_printed_with_one_key_a_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shipped_script_answers_to_the_json_schema(path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), SCHEMA)


def test_the_schema_names_every_deed_and_every_expectation() -> None:
    assert SCHEMA["$defs"]["step"]["properties"]["do"]["enum"] == [deed.value for deed in Deed]
    assert list(SCHEMA["$defs"]["expect"]["properties"]) == [kind.value for kind in Kind]


@given(st.sampled_from(PLACES), st.sampled_from([None, 7, "", "vreemd", [], {}, [None], {"vreemd": 1}, True]))
def test_whatever_stands_in_a_script_it_is_read_or_refused_with_a_place(
    place: tuple[int, tuple[Any, ...]], other: Any
) -> None:
    number, path = place
    if not path:
        return
    document = copy.deepcopy(DOCUMENTS[number])
    at(document, path[:-1])[path[-1]] = other
    try:
        read(document)
        told = jsonschema.Draft202012Validator(SCHEMA).is_valid(document)
    except Unreadable as refused:
        told = bool(refused.place and refused.reason)
    assert told


@given(st.sampled_from(PLACES))
def test_a_key_that_nobody_knows_is_refused_at_its_place(place: tuple[int, tuple[Any, ...]]) -> None:
    number, path = place
    document = copy.deepcopy(DOCUMENTS[number])
    target = at(document, path)
    if not isinstance(target, dict) or path[:1] == ("settings",):
        return
    target["zz_vreemd"] = 1
    assert "zz_vreemd" in refusal(document).place


def test_what_is_no_json_is_refused_with_line_and_column() -> None:
    with pytest.raises(Unreadable) as refused:
        read_script('{\n "schema": 1,\n', RELEASE, ROLES)
    assert refused.value.place.startswith("line 3, column")


def test_another_schema_is_refused() -> None:
    assert refusal({**SMALL, "schema": 2}).place == "schema"


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ({"at": "2026-03-03", "as": "piet", "do": "complete", "step": "V.first_talk"}, "as"),
        ({"at": "2026-03-03", "as": "noor", "do": "complete", "step": "V.first_talk"}, "as"),
        ({"at": "2026-03-03", "do": "complete", "step": "V.first_talk"}, ""),
        ({"at": "2026-03-03", "as": "hanna", "do": "complete"}, ""),
        ({"at": "2026-03-03", "as": "hanna", "do": "complete", "step": "V.no_such_step"}, "step"),
        ({"at": "2026-03-03", "as": "hanna", "do": "complete", "step": "Z.first_talk"}, "step"),
        ({"at": "2026-03-03", "as": "hanna", "do": "complete", "step": "first talk"}, "step"),
        ({"at": "2026-03-03", "as": "hanna", "do": "complete", "step": "V.first_talk@piet"}, "step"),
        ({"at": "2026-03-03", "as": "hanna", "do": "open_track", "track": "V.first_talk"}, "track"),
        ({"at": "2026-03-03", "as": "hanna", "do": "open_track", "track": "V.school", "about": "piet"}, "about"),
        ({"at": "2026-03-03", "as": "hanna", "do": "run_clock"}, "as"),
        ({"at": "2026-03-03", "do": "look", "answers": {}}, "answers"),
        ({"at": "2026-03-03", "as": "hanna", "do": "dance"}, "do"),
        ({"at": "2026-03-03", "as": "hanna", "do": "open_case"}, "do"),
        ({"at": "2026-03-01", "do": "look"}, "at"),
        ({"at": "2026-02-30", "do": "look"}, "at"),
        ({"at": "2026-03-03T25:00", "do": "look"}, "at"),
        ({"at": "3 maart", "do": "look"}, "at"),
        ({**LOOK, "expect": {"joy": "yes"}}, "expect.joy"),
        ({**LOOK, "expect": {"due": {"V.first_talk": "maandag"}}}, "expect.due.V.first_talk"),
        ({**LOOK, "expect": {"due": {"V.nothing": "2026-03-04"}}}, "expect.due.V.nothing"),
        ({**LOOK, "expect": {"open": ["V.first_talk", "V.nothing"]}}, "expect.open[1]"),
        ({**LOOK, "expect": {"must_consent": {"piet": []}}}, "expect.must_consent.piet"),
        ({**LOOK, "expect": {"must_consent": {"help": ["piet"]}}}, "expect.must_consent.help[0]"),
        ({**LOOK, "expect": {"records": {"help": {"hue": "x"}}}}, "expect.records.help.hue"),
        ({**LOOK, "expect": {"records": {"help": {"status": "gone"}}}}, "expect.records.help.status"),
        ({**LOOK, "expect": {"may_see": {"noor": "hanna.shoes"}}}, "expect.may_see.noor"),
        ({**LOOK, "expect": {"may_see": {"noor": "V.first_talk.x"}}}, "expect.may_see.noor"),
        ({**LOOK, "expect": {"blocked": ""}}, "expect.blocked"),
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_is_refused_at_its_place(step: dict[str, Any], place: str) -> None:
    assert refusal(small(step)).place == ("steps[1]." + place).rstrip(".")


@pytest.mark.parametrize(
    ("answers", "place"),
    [
        ({"no_question": "ja"}, "no_question"),
        ({"vap_persoon": "piet"}, "vap_persoon"),
        ({"vap_persoon": ["noor"]}, "vap_persoon"),
    ],
)
def test_answers_name_questions_and_people_that_exist(answers: dict[str, Any], place: str) -> None:
    step = {"at": "2026-03-03", "as": "hanna", "do": "complete", "step": "D-VAP.choose_person", "answers": answers}
    assert refusal(small(step)).place == f"steps[1].answers.{place}"


def test_rows_of_an_answer_name_columns_and_people_that_exist() -> None:
    step = {"at": "2026-03-03", "as": "hanna", "do": "complete", "step": "D-TOEST.answers"}
    assert refusal(small({**step, "answers": {"antwoorden": [{"wie": "noor"}]}})).place.endswith("antwoorden[0].wie")
    assert refusal(small({**step, "answers": {"antwoorden": [{"persoon": "piet"}]}})).place.endswith(
        "antwoorden[0].persoon"
    )


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"steps": []}, "steps"),
        ({"steps": [{"at": "2026-03-02", "do": "look"}]}, "steps[0].do"),
        ({"organisations": {}}, "organisations"),
        ({"organisations": {"zorg": {"name": "Zorg", "kind": "provider"}}}, "organisations"),
        ({"organisations": {"zorg": {"name": "Zorg", "kind": "shop"}}}, "organisations.zorg.kind"),
        ({"people": {"Noor": {"name": "Noor", "kind": "child"}}}, "people.Noor"),
        ({"people": {"noor": {"kind": "child"}}}, "people.noor"),
        ({"people": {"noor": {"name": "Noor", "kind": "child", "age": 9}}}, "people.noor.age"),
        ({"people": {"noor": {"name": "Noor", "kind": "child", "user": "1"}}}, "people.noor.user"),
        ({"people": {"noor": {"name": "Noor", "kind": "child", "roles": ["koning"]}}}, "people.noor.roles[0]"),
        ({"people": {"noor": {"name": "Noor", "kind": "child", "organisation": "x"}}}, "people.noor.organisation"),
        ({"family": {"shoes": []}}, "family.shoes"),
        ({"family": {"authority": [{"child": "piet"}]}}, "family.authority[0].child"),
        ({"rows": {"noor": {"register": "person", "where": {"name": "Noor"}}}}, "rows.noor"),
        ({"rows": {"help": {"register": "help_item", "where": {}}}}, "rows.help.where"),
        ({"rows": {"x": {"register": "help_item", "where": {"consent_state": "x"}}}}, "rows.x.where.consent_state"),
        ({"settings": {"norm_regio": []}}, "settings.norm_regio"),
    ],
)  # fmt: skip
def test_people_and_rows_that_cannot_be_are_refused_at_their_place(changes: dict[str, Any], place: str) -> None:
    assert refusal({**copy.deepcopy(SMALL), **changes}).place == place


def test_only_a_row_of_the_same_register_can_be_changed() -> None:
    change = {"register": "authority", "about": "help", "set": {"kind": "gezag"}}
    step = {"at": "2026-03-03", "as": "hanna", "do": "change_people", "change": [change]}
    assert refusal(small(step)).place == "steps[1].change[0].about"


def test_a_day_alone_is_noon_in_amsterdam_and_a_moment_is_itself() -> None:
    script = read(small({"at": "2026-07-03", "do": "look"}, {"at": "2026-07-03T23:59:59", "do": "look"}))
    assert [step.at.isoformat() for step in script.steps[1:]] == [
        "2026-07-03T12:00:00+02:00",
        "2026-07-03T23:59:59+02:00",
    ]


def test_one_is_a_list_of_one_and_order_does_not_matter() -> None:
    one = read(small({**LOOK, "expect": {"tasks": "Bel."}}))
    two = read(small({**LOOK, "expect": {"tasks": ["Schrijf.", "Bel."]}}))
    assert [expectation.expected for expectation in one.expectations] == [["Bel."]]
    assert [expectation.expected for expectation in two.expectations] == [["Bel.", "Schrijf."]]


def test_every_column_and_every_step_is_an_expectation_of_its_own() -> None:
    expect = {
        "due": {"V.first_talk": "2026-03-16", "V.choose_route": None},
        "records": {"help": {"status": "running", "started_on": None}},
        "open": ["V.first_talk"],
        "not_open": "V.choose_route",
    }
    script = read(small({**LOOK, "expect": expect}))
    assert [(it.place.removeprefix("steps[1].expect."), it.key, it.expected) for it in script.expectations] == [
        ("due.V.first_talk", "V.first_talk", "2026-03-16"),
        ("due.V.choose_route", "V.choose_route", None),
        ("records.help.status", "help.status", "running"),
        ("records.help.started_on", "help.started_on", None),
        ("open[0]", "V.first_talk", True),
        ("not_open", "V.choose_route", False),
    ]


def test_an_explanation_needs_only_the_words_and_everything_else_is_exact() -> None:
    assert Expectation("", Kind.EXPLAINS, "", "Koningsdag").holds("Het is maandag Koningsdag.")
    assert not Expectation("", Kind.EXPLAINS, "", "Koningsdag").holds(None)
    assert not Expectation("", Kind.ALARMS, "", ["Bel."]).holds(["Bel.", "Bel het gezin."])
    assert not Expectation("", Kind.OPEN, "", True).holds(False)


def test_what_is_said_and_asked_does_not_show_in_a_repr() -> None:
    script = read_script((FIXTURES / "cases" / "T-04.json").read_bytes(), RELEASE, ROLES)
    assert "Beukenhof" not in repr(script)
    assert "bang" not in repr(script)


@pytest.mark.parametrize(
    ("register", "column", "cell", "kept"),
    [
        ("person", "name", "Noor", "Noor"),
        ("person", "birth_date", "2017-04-02", "2017-04-02"),
        ("person", "secret_address", "ja", "ja"),
        ("person", "kind", "child", "child"),
        ("help_item", "kind", "leefstijl", "leefstijl"),
        ("help_item", "persons", ["noor", "hanna"], ["hanna", "noor"]),
        ("order", "place_kinds", ["pleeg", "netwerk"], ["netwerk", "pleeg"]),
        ("placement", "distance_km", 12, "12"),
        ("placement", "distance_km", "12.5", "12.5"),
        ("duty", "subject", "help", "help"),
        ("consent", "person", "noor", "noor"),
    ],
)
def test_a_column_is_kept_in_one_way(register: str, column: str, cell: Any, kept: Any) -> None:
    rows = {**SMALL["rows"], "meant": {"register": register, "where": {column: cell}}}
    if column == "subject":
        expect = {"records": {"meant": {column: cell}}}
        rows["meant"]["where"] = {"state": "open"}
        script = read(small({**LOOK, "expect": expect}, rows=rows))
        assert [expectation.expected for expectation in script.expectations] == [kept]
    else:
        assert read(small(rows=rows)).rows["meant"].columns == {column: kept}


def test_a_script_needs_no_names_for_rows() -> None:
    without = {key: value for key, value in SMALL.items() if key != "rows"}
    assert read(without).rows == {}
