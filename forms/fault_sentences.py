"""Faults in words, with their place: beside the question, the row or the cell, and on the box of a date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from padwijzer.forms.core.field_types import Fault, Question
from padwijzer.forms.core.schema import FieldSpec, labelled
from padwijzer.forms.date_fields import MESSAGES
from padwijzer.forms.date_parts import DateParts, NoDateError, clock_of, read_time
from padwijzer.forms.raw_answers import Raw, columns_of
from padwijzer.forms.row_widgets import Ladder
from padwijzer.forms.widgets import Answering, DateBoxes, Rows

DATE_FAULTS = ("not_a_date", "not_a_moment", "date_out_of_range")


def error_of(spec: FieldSpec, fault: Fault, raw: Raw, widget: Answering, instead: str = "") -> ValidationError:
    """
    A fault as an error for the form; a cell of rows, and the boxes of a date, learn of it too.

    Args:
        spec: the question.
        fault: what is wrong with its answer.
        raw: that answer.
        widget: the widget that shows it.
        instead: a sentence that tells more than that of the fault.

    Returns:
        An error whose `params` name its place: `row` (from 0) and `column`, or `part` of a date.
    """
    row, column = _place(fault, widget)
    words, part = _sentence(spec, fault, raw, row, column)
    words = instead or words
    params: dict[str, Any] = {"part": part} if part else {}
    if isinstance(widget, DateBoxes) and part:
        widget.wrong_parts = frozenset({part})
    if row is not None:
        params |= {"row": row, "column": column}
        words = _beside_cell(widget, row, column, words)
    return ValidationError(words.replace("%", "%%") if params else words, code=fault.code, params=params or None)


def _place(fault: Fault, widget: Answering) -> tuple[int | None, str]:
    row, dot, column = fault.place.partition(".")
    return (int(row), column) if dot and isinstance(widget, Rows | Ladder) else (None, "")


def _sentence(spec: FieldSpec, fault: Fault, raw: Raw, row: int | None, column: str) -> tuple[str, str]:
    """The sentence, and which part of a date it is about."""
    question: Question = spec
    if row is not None and spec.type != "ladder":
        rows = raw if isinstance(raw, list | tuple) else ()
        raw = rows[row].get(column) if row < len(rows) and isinstance(rows[row], Mapping) else None
        question = next((one for one in columns_of(spec) if one.key == column), spec)
    if fault.code in DATE_FAULTS and isinstance(raw, str):
        try:
            DateParts.of(raw).date()
            if question.type == "moment":
                read_time(clock_of(raw))
        except NoDateError as error:
            return str(MESSAGES[error.part, error.code]), error.part
    words = gettext(fault.sentence)
    return words % dict(fault.parameters) if fault.parameters else words, ""


def _beside_cell(widget: Answering, row: int, column: str, words: str) -> str:
    """The sentence with the name of its row and column, for the question; the cell gets the sentence itself."""
    if isinstance(widget, Ladder):
        widget.cell_errors[row, column] = words
        return labelled(str(widget.rungs[row][1]), words)
    if not isinstance(widget, Rows):
        return words
    title = widget.titles[row] if row < len(widget.titles) else f"{widget.row_name} {row + 1}"
    label = next((str(one.label) for one in widget.columns if one.key == column), "")
    if label:
        widget.cell_errors[row, column] = words
    return labelled(f"{title}, {label}" if label else title, words)
