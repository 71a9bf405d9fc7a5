import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.errors import Unreadable
from padwijzer.forms.core.nodes import Node
from padwijzer.workflows.core.definition import DeadlineClass
from padwijzer.workflows.core.terms import (
    Duration,
    Term,
    Terms,
    Unit,
    Use,
    load_terms,
    read_terms,
    write_terms,
)

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILE = (FIXTURES / "terms.json").read_text(encoding="utf-8")
SCHEMA = json.loads((FIXTURES / "schema" / "terms.json").read_text(encoding="utf-8"))
SHIPPED = load_terms(FILE)
DURATIONS = st.builds(Duration, st.integers(1, 9999), st.sampled_from(Unit))

# Steps of the paths that carry a term.
STEPS = {
    *("A1", "T5", "F1", "W1", "W3", "X1", "M2", "I2", "H1", "E1", "E2", "N2", "S6"),
    *("V1", "V2", "V7", "V8", "V10", "V12", "V15", "V16"),
    *("O4", "O8", "O12", "O13", "O14", "O15", "O16", "O18", "O19", "O21"),
    *("P9", "P10", "P13", "P14", "P15", "P16", "P20", "P22"),
}
TO_CONFIRM = (
    "mayor_request_2w",
    "guardian_first_talk_5wd",
    "council_informed_2m",
    "foster_block_1y",
    "perspective_6m",
)
NO_DURATIONS = ("", "5", "wd", "0d", "-1d", "1.5d", "05d", "5 wd", "5j", "16y6m", "10000d", "٣d")
PARTS = ("duration", "kind", "use", "text", "moves_ground", "ground", "source", "certainty")


@given(DURATIONS)
def test_a_duration_reads_back_as_it_is_written(duration: Duration) -> None:
    assert Duration.parse(str(duration)) == duration


@pytest.mark.parametrize("written", NO_DURATIONS)
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        Duration.parse(written)


@pytest.mark.parametrize("amount", [0, -1, 10_000])
def test_a_duration_has_a_sensible_length(amount: int) -> None:
    with pytest.raises(ValueError, match="9999"):
        Duration(amount, Unit.DAYS)


@pytest.mark.parametrize(
    ("written", "words"),
    [("1wd", "1 werkdag"), ("5wd", "5 werkdagen"), ("24h", "24 uur"), ("1y", "1 jaar"), ("8w", "8 weken")],
)
def test_a_duration_is_said_in_dutch(written: str, words: str) -> None:
    assert Duration.parse(written).in_dutch() == words


def test_months_and_years_are_comparable_in_months_and_other_units_are_not() -> None:
    assert Duration.parse("2y").months == Duration.parse("24m").months == 24
    assert Duration.parse("4w").months is None


def test_the_shipped_file_follows_its_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(FILE))


def test_the_shipped_terms_read_back_as_they_are_written() -> None:
    written = write_terms(SHIPPED)
    assert read_terms(Node(written)) == SHIPPED
    jsonschema.Draft202012Validator(SCHEMA).validate(written)


def test_every_step_with_a_term_has_one_in_the_file() -> None:
    used = {step for term in SHIPPED.values() for step in term.steps}
    assert len(STEPS) == 39
    assert used >= STEPS


def test_the_afterwards_list_has_fourteen_terms() -> None:
    assert Counter(step for term in SHIPPED.values() for step in term.steps)["S5"] == 14


def test_a_shipped_key_that_names_a_length_names_the_length_it_has() -> None:
    for key, term in SHIPPED.items():
        if term.use is not Use.AGE:
            assert key.endswith(f"_{term.duration}"), key


@pytest.mark.parametrize(
    ("key", "months"), [("age_12y", 144), ("age_16y", 192), ("age_16y6m", 198), ("age_17y9m", 213), ("age_18y", 216)]
)
def test_ages_are_kept_in_months(key: str, months: int) -> None:
    assert SHIPPED[key].duration.months == months


def test_exactly_these_terms_move_from_a_day_on_which_no_term_may_end() -> None:
    assert {key for key, term in SHIPPED.items() if term.moves} == {
        "plan_6w",
        "decision_8w",
        "objection_6w",
        "mayor_request_2w",
        "plan_of_action_6w",
        "instruction_to_court_2w",
        "destruction_request_3m",
    }


def test_only_the_term_for_a_decision_can_stand_still() -> None:
    assert {key for key, term in SHIPPED.items() if term.suspendable} == {"decision_8w"}


def test_court_clocks_and_the_afterwards_list_are_never_extended() -> None:
    extendable = {key for key, term in SHIPPED.items() if term.extendable}
    assert "decision_8w" in extendable
    assert not [key for key in extendable if "S5" in SHIPPED[key].steps]
    assert not [key for key in extendable if SHIPPED[key].kind is DeadlineClass.STATUTORY and key != "decision_8w"]


def test_numbers_that_a_legal_reader_must_confirm_are_marked() -> None:
    for key in (
        "mayor_request_2w",
        "guardian_first_talk_5wd",
        "council_informed_2m",
        "foster_block_1y",
        "perspective_6m",
    ):
        assert SHIPPED[key].verify
    assert not SHIPPED["vots_max_3m"].verify


def test_every_term_says_in_dutch_what_it_is_for() -> None:
    assert all(dict(term.text)["nl"] for term in SHIPPED.values())


def a_term(**changes: object) -> dict[str, Any]:
    return {
        "duration": "8w",
        "kind": "statutory",
        "use": "deadline",
        "text": {"nl": "Besluit"},
        "moves_ground": "Atw",
        "ground": ["C3"],
        "source": "Awb 4:13",
        "certainty": "gelezen",
        **changes,
    }


def a_file(**changes: object) -> dict[str, Any]:
    return {"schema_version": 1, "terms": {"decision": a_term(**changes)}}


GROUND = {"key": "agrees", "text": {"nl": "Akkoord"}, "source": "Awb 4:15"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"duration": "8"}, "duration"),
        ({"duration": 8}, "duration"),
        ({"kind": "wet"}, "kind"),
        ({"use": "clock"}, "use"),
        ({"text": {"en": "Decision"}}, "text"),
        ({"ground": []}, "ground"),
        ({"ground": [" "]}, "ground[0]"),
        ({"source": ""}, "source"),
        ({"checked_on": "yesterday"}, "checked_on"),
        ({"moves": "yes"}, "moves"),
        ({"colour": 1}, "colour"),
        ({"moves": True, "kind": "policy"}, "moves"),
        ({"moves": True, "kind": "norm"}, "moves"),
        ({"moves": True, "use": "before"}, "moves"),
        ({"moves": True, "duration": "13w"}, "moves"),
        ({"moves": True, "duration": "91d"}, "moves"),
        ({"moves": True, "duration": "4m"}, "moves"),
        ({"moves": True, "duration": "1y"}, "moves"),
        ({"moves": True, "duration": "48h"}, "moves"),
        ({"moves": True, "duration": "5wd"}, "moves"),
        ({"moves": True, "duration": "3d"}, "moves"),
        ({"use": "age", "duration": "16y"}, "duration"),
        ({"suspendable": [GROUND, GROUND]}, "suspendable"),
        ({"suspendable": [GROUND], "use": "limit"}, "suspendable"),
        ({"suspendable": [GROUND], "duration": "24h"}, "suspendable"),
        ({"suspendable": [{"key": "agrees"}]}, "suspendable[0]"),
        ({"extendable": True, "use": "repeat"}, "extendable"),
    ],
)
def test_a_fault_in_the_terms_file_is_refused_at_its_exact_place(changes: dict[str, object], place: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_terms(Node(a_file(**changes)))
    assert refusal.value.place == f"terms.decision.{place}"


@pytest.mark.parametrize("missing", PARTS)
def test_a_term_without_one_of_its_parts_is_refused(missing: str) -> None:
    file = a_file()
    del file["terms"]["decision"][missing]
    with pytest.raises(Unreadable, match=missing):
        read_terms(Node(file))
    with pytest.raises(jsonschema.ValidationError, match=missing):
        jsonschema.Draft202012Validator(SCHEMA).validate(file)


@pytest.mark.parametrize("duration", ["90d", "12w", "3m", "7d"])
def test_the_longest_and_shortest_terms_that_move_are_read(duration: str) -> None:
    assert read_terms(Node(a_file(moves=True, duration=duration)))["decision"].moves


def test_a_key_that_stands_twice_is_refused() -> None:
    text = json.dumps(a_file()).replace('{"decision"', '{"decision": 1, "decision"')
    with pytest.raises(Unreadable, match="twice"):
        load_terms(text)
    term = SHIPPED["decision_8w"]
    with pytest.raises(ValueError, match="twice"):
        Terms((term, term))


def test_another_version_of_the_file_is_refused() -> None:
    with pytest.raises(Unreadable) as refusal:
        read_terms(Node({**a_file(), "schema_version": 2}))
    assert refusal.value.place == "schema_version"


def test_what_is_left_out_of_a_term_has_a_careful_default() -> None:
    term: Term = read_terms(Node(a_file()))["decision"]
    assert (term.moves, term.verify, term.suspendable, term.extendable) == (False, False, (), False)
    assert (term.checked_on, term.valid_from) == (None, None)


def test_days_of_a_term_are_read_as_days() -> None:
    term = read_terms(Node(a_file(checked_on="2026-11-21", valid_from="2015-01-01")))["decision"]
    assert (term.checked_on, term.valid_from) == (date(2026, 11, 21), date(2015, 1, 1))


def test_a_term_that_does_not_exist_is_not_found() -> None:
    assert "no_such_term" not in SHIPPED
    assert len(list(SHIPPED)) == len(SHIPPED)
