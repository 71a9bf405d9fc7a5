from datetime import date

import pytest

from padwijzer.forms.core.conditions import UNKNOWN, FactRef
from padwijzer.forms.core.field_types import RowAnswer, field_types
from padwijzer.forms.core.schema import Column
from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("rows")
ROW = {"wie": "p1", "wat": "bellen", "op": "2026-11-12"}


def test_each_row_has_its_typed_cells_and_keeps_its_identity() -> None:
    rows = answer([{**ROW, "__key": "r1"}, {"op": "2026-01-01"}], QUESTION)

    assert isinstance(rows, tuple)
    assert [row.id for row in rows] == ["r1", ""]
    assert rows[0].get("op") == date(2026, 11, 12)
    assert rows[1].get("wie") is UNKNOWN


def test_a_row_in_which_nothing_is_answered_is_none() -> None:
    assert answer([{"wie": "", "wat": "  "}, {}], QUESTION) is None
    assert answer([{}, ROW], QUESTION) == answer([ROW], QUESTION)


def test_what_is_wrong_in_a_cell_has_its_place() -> None:
    raw = [ROW, {"wat": "x"}, {"wie": "a b", "op": "nooit"}]

    assert faults(raw, QUESTION) == [("missing", "1.op"), ("not_a_person", "2.wie"), ("not_a_date", "2.op")]


def test_what_a_row_does_not_ask_is_left_out() -> None:
    assert answer([{**ROW, "extra": "x"}], QUESTION) == answer([ROW], QUESTION)


def test_at_most_fifty_rows() -> None:
    rows = answer([ROW] * 50, QUESTION)

    assert isinstance(rows, tuple)
    assert len(rows) == 50
    assert faults([ROW] * 51, QUESTION) == [("too_many_rows", "")]


@pytest.mark.parametrize("raw", ["x", 3, ["x"], {"a": 1}])
def test_what_are_no_rows_is_refused(raw: object) -> None:
    assert faults(raw, QUESTION) == [("not_rows", "")]


def test_the_same_row_twice_is_refused() -> None:
    assert faults([{**ROW, "__key": "r"}, {**ROW, "__key": "r"}], QUESTION) == [("row_twice", "1.wie")]
    assert faults([{**ROW, "__key": "a b"}], QUESTION) == [("row_twice", "0.wie")]


def test_is_shown_line_by_line() -> None:
    assert shown([ROW, {"op": "2026-01-01"}], QUESTION) == (
        "Wie: Fenna; Wat: bellen; Op: 12 november 2026\nOp: 1 januari 2026"
    )


def test_a_question_is_shown_without_a_colon_behind_its_mark() -> None:
    asks = a_question("rows", columns=(Column("hoe", (("nl", "Hoe?"),), "text"),))
    assert shown([{"hoe": "Gesprek"}], asks) == "Hoe? Gesprek"


def test_a_row_for_each_person_counts_when_more_than_the_person_is_filled_in() -> None:
    each = a_question("rows", each=FactRef("persons", (("group", "children"),)))
    required = a_question("rows", each=FactRef("persons", (("group", "children"),)), required=True)

    assert answer([{"wie": "p1"}], each) is None
    assert faults([{"wie": "p1"}], required) == [("missing", "0.op")]


def test_is_kept_with_its_identity_under_a_name_that_no_column_can_have() -> None:
    row = RowAnswer("r1", (("op", date(2026, 1, 1)),))

    assert field_types()["rows"].to_json((row,), QUESTION) == [{"op": "2026-01-01", "__key": "r1"}]
