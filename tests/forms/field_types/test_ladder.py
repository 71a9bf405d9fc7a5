import pytest

from padwijzer.forms.core.field_types import (
    Domain,
    DomainKind,
    LadderAnswer,
    Rejection,
    field_types,
    plain,
    rows_of,
    rungs_of,
)
from padwijzer.forms.core.field_types.ladder import rungs_below
from tests.support.questions import a_question, answer, faults, shown, some_choices

QUESTION = a_question("ladder")
WHY = {"rung": "t1", "reason": "Oma is ziek", "reason_kinds": ["praktisch", "wens_kind"]}


def test_every_lower_rung_is_rejected_reason_given_or_not() -> None:
    assert answer({"chosen": "t3", "below": [WHY]}, QUESTION) == LadderAnswer(
        "t3", (Rejection("t1", "Oma is ziek", frozenset({"praktisch", "wens_kind"})), Rejection("t2"))
    )


def test_rungs_above_the_chosen_one_are_not_kept() -> None:
    above = {"rung": "t2", "reason": "niet nodig"}

    assert answer({"chosen": "t1", "below": [WHY, above]}, QUESTION) == LadderAnswer("t1")


def test_that_none_fits_rejects_them_all() -> None:
    value = answer({"chosen": "none"}, QUESTION)

    assert isinstance(value, LadderAnswer)
    assert [below.rung for below in value.below] == ["t1", "t2", "t3"]
    assert rungs_below(QUESTION, "none") == ("t1", "t2", "t3")
    assert [row["chosen"] for row in rows_of(value)] == ["nee", "nee", "nee"]


@pytest.mark.parametrize("raw", ["t1", {"chosen": "t9"}, {"chosen": ["t1"]}, ["t1"]])
def test_what_is_no_rung_is_refused(raw: object) -> None:
    assert faults(raw, QUESTION) == [("no_such_choice", "")]


def test_none_fits_only_where_the_ladder_has_it() -> None:
    assert faults({"chosen": "none"}, a_question("ladder", choices=some_choices("t1", "t2"))) == [
        ("no_such_choice", "")
    ]


@pytest.mark.parametrize(
    ("why", "fault"),
    [
        ({"rung": "t1", "reason": "x" * 5001}, ("too_long", "0.reason")),
        ({"rung": "t1", "reason": 3}, ("not_text", "0.reason")),
        ({"rung": "t1", "reason_kinds": ["zomaar"]}, ("no_such_choice", "0.reason_kinds")),
    ],
)
def test_what_is_wrong_with_a_reason_has_its_place(why: dict[str, object], fault: tuple[str, str]) -> None:
    assert faults({"chosen": "t2", "below": [why]}, QUESTION) == [fault]


def test_is_shown_with_its_reasons() -> None:
    assert shown({"chosen": "t3", "below": [WHY]}, QUESTION) == (
        "T3\nT1 past niet (Wens van het kind, Praktische reden: Oma is ziek)\nT2 past niet (geen reden gegeven)"
    )


def test_a_condition_sees_the_chosen_rung_and_a_proof_every_one() -> None:
    assert plain(LadderAnswer("t2", (Rejection("t1"),))) == "t2"
    assert field_types()["ladder"].values(QUESTION) == Domain(DomainKind.ONE, ("t1", "t2", "t3", "none"))


def test_the_rows_of_a_ladder_are_the_rejected_rungs_and_its_rungs_are_those_and_the_chosen_one() -> None:
    ladder = LadderAnswer("t2", (Rejection("t1", "ziek"),))

    assert [(row["rung"], row["reason"]) for row in rows_of(ladder)] == [("t1", "ziek")]
    assert [(row["rung"], row["chosen"]) for row in rungs_of(ladder)] == [("t1", "nee"), ("t2", "ja")]
    assert [row["rung"] for row in rungs_of(LadderAnswer("none", (Rejection("t1"),)))] == ["t1"]
