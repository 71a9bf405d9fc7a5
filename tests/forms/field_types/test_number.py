from decimal import Decimal

import pytest

from padwijzer.forms.core.field_types import field_types
from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("number")


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("12", "12"),
        ("12,5", "12.5"),
        ("12.50", "12.5"),
        (7, "7"),
        (12.5, "12.5"),
        ("-3", "-3"),
        ("-0", "0"),
        ("100", "100"),
    ],
)
def test_is_kept_exactly(raw: object, kept: str) -> None:
    value = answer(raw, QUESTION)

    assert value == Decimal(kept)
    assert field_types()["number"].to_json(Decimal(kept), QUESTION) == kept


def test_is_shown_with_a_comma() -> None:
    assert shown("1250.5", QUESTION) == "1250,5"
    assert shown("1000", QUESTION) == "1000"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("1.250", "number_with_dots"),
        ("1.250.000,5", "number_with_dots"),
        ("1,234", "too_precise"),
        ("1000000000", "number_out_of_range"),
        ("-1000000000", "number_out_of_range"),
        ("9" * 31, "not_a_number"),
        ("drie", "not_a_number"),
        ("1e5", "not_a_number"),
        ("NaN", "not_a_number"),
        (float("nan"), "not_a_number"),
        (float("inf"), "not_a_number"),
        (True, "not_a_number"),
        ([1], "not_a_number"),
        ("٣", "not_a_number"),
    ],
)
def test_what_cannot_be_kept_is_refused(raw: object, code: str) -> None:
    assert faults(raw, QUESTION) == [(code, "")]


@pytest.mark.parametrize("raw", [1e300, 10**50, Decimal("1e-40")])
def test_numbers_out_of_all_proportion_are_refused(raw: object) -> None:
    assert faults(raw, QUESTION)[0][0] in ("number_out_of_range", "too_precise", "not_a_number")
