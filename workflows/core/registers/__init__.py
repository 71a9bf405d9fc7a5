"""
The registers: typed case data, a projection of the history.

One file per register; the folder is the registry. Facts and conditions read registers, never the raw answers of
another path. A column's type is a field type; `privacy` decides who may see it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module

from padwijzer.forms.core.conditions import UNKNOWN, Scalar, Unknown, Value
from padwijzer.forms.core.schema import Privacy


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """
    A column of a register.

    Args:
        key: stable key.
        type: `text`, `choice`, `choices`, `yes_no`, `date`, `number`, `person`, `persons` or `row` (id of a row of
            another register).
        choices: the values of a choice, in order.
        privacy: how sensitive it is.
        computed: not stored; worked out from other rows, for example `consent_state`.
    """

    key: str
    type: str
    choices: tuple[str, ...] = ()
    privacy: Privacy = Privacy.PERSONAL
    computed: bool = False


@dataclass(frozen=True, slots=True)
class RegisterSpec:
    """
    A register: its key, its columns, and whether rows are only ever added.

    Args:
        key: stable key, the name of its file.
        columns: what a row holds.
        append_only: rows are added and never changed, so "any row where …" never turns false.
    """

    key: str
    columns: tuple[ColumnSpec, ...]
    append_only: bool = False

    def column(self, key: str) -> ColumnSpec | None:
        """The column of that key, if the register has it."""
        return next((column for column in self.columns if column.key == key), None)


@cache
def registers() -> Mapping[str, RegisterSpec]:
    """Every register by key, read from the files of this folder."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        register: RegisterSpec = import_module(f"{__name__}.{module.name}").REGISTER
        found[register.key] = register
    return found


SETS = frozenset({"choices", "persons"})


def to_json(value: Value) -> str | int | list[str | int] | None:
    """The JSON form of a cell: dates as ISO 8601, fractions as text, sets as sorted lists, unknown as null."""
    match value:
        case Unknown():
            return None
        case frozenset():
            return sorted((_plain(member) for member in value), key=str)
        case _:
            return _plain(value)


def from_json(column: ColumnSpec, data: object) -> Value:
    """
    A cell from its JSON form.

    Raises:
        ValueError: when it is no value of this column.
    """
    if data is None:
        return UNKNOWN
    if column.type in SETS and isinstance(data, list):
        return frozenset(str(member) for member in data)
    if column.type == "date" and isinstance(data, str):
        return date.fromisoformat(data)
    if column.type == "number" and isinstance(data, str | int):
        return Decimal(data)
    if isinstance(data, str):
        return data
    message = f"This is no value of the column {column.key}."
    raise ValueError(message)


def _plain(value: Scalar) -> str | int:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
