"""
What the registers know already of what a step asks: nothing is asked twice (R13, R29).

A question of rows that writes rows with a period, such as who has authority, is filled in beforehand with the rows
that hold today. They are the rows that its record would find again, so confirming them changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from padwijzer.forms.core.conditions import is_answered
from padwijzer.forms.core.field_types import Answer, RowAnswer
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.core.case_file import CaseLookup, Row
from padwijzer.workflows.core.definition import Activity, Constant, FromColumn, FromField, Record
from padwijzer.workflows.core.registers import registers


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What holds today of what a question asks.

    Args:
        answer: it, as an answer to that question.
        rows: the rows of the register that say so.
    """

    answer: Answer = field(repr=False)
    rows: tuple[Row, ...] = field(repr=False)


def standing(
    activity: Activity, spec: FieldSpec, lookup: CaseLookup, may_see: Callable[[Row, str], bool]
) -> Standing | None:
    """
    What the registers know of a question about what stays true.

    Args:
        activity: the step.
        spec: a question of it: the rows themselves, or one that is written into each of them.
        lookup: the case, and this step.
        may_see: whether a column of a row may be seen; a row of which a column may not be seen is passed over.

    Returns:
        The answer that would leave the register as it is; None when the register knows none. A question that is
        written into each row is known only when all rows say the same.
    """
    for record in activity.records:
        columns = _columns(record, spec)
        if columns and _has_period(record) and (found := tuple(_rows(record, columns, lookup, may_see))):
            if record.each == spec.key:
                return Standing(tuple(_answer(row, columns, spec) for row in found), found)
            values = {row.get(columns[spec.key]) for row in found}
            if len(values) == 1 and is_answered(value := values.pop()):
                return Standing(value, found)
    return None


def _columns(record: Record, spec: FieldSpec) -> dict[str, str]:
    """Column of the question, or the question itself, to the column of the register into which it is written."""
    if record.each == spec.key:
        return {source.column: column for column, source in record.set if isinstance(source, FromColumn)}
    into = [column for column, source in record.set if record.each and source == FromField(spec.key)]
    return {spec.key: into[0]} if into else {}


def _has_period(record: Record) -> bool:
    return bool(record.match) and record.when is None and registers()[record.register].column("until") is not None


def _rows(
    record: Record, columns: dict[str, str], lookup: CaseLookup, may_see: Callable[[Row, str], bool]
) -> Iterator[Row]:
    constants = {column: source.value for column, source in record.set if isinstance(source, Constant)}
    for row in lookup.case_file.rows(record.register):
        is_mine = row.persons("child") <= lookup.children() and row.lasts(lookup.case_file.today)
        same = all(row.get(column) == constants[column] for column in record.match if column in constants)
        if is_mine and same and all(may_see(row, column) for column in columns.values()):
            yield row


def _answer(row: Row, columns: dict[str, str], spec: FieldSpec) -> RowAnswer:
    cells = ((column.key, row.get(columns[column.key])) for column in spec.columns if column.key in columns)
    return RowAnswer(row.id, tuple((key, value) for key, value in cells if is_answered(value)))
