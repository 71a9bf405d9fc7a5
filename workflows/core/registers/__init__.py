"""
The registers: typed case data, a projection of the history.

One file per register; the folder is the registry. Facts and conditions read registers, never the raw answers of
another path. A column's type is a field type; `privacy` decides who may see it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

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
