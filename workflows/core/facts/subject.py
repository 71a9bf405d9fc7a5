"""A column of the row that the run is about: the help, the placement, the child."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law
from padwijzer.workflows.core.registers import registers

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="subject",
    type="any",
    law=Law.KEEP,
    writers=tuple(sorted(registers())),
    doc="A column of the row that the run is about; `id` is the row itself, which never changes during a run.",
    arguments=(Argument("column", ArgumentKind.COLUMN, required=True),),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """What stands in that column; unknown when it is empty or the run is about the family."""
    row = context.subject
    column = ref.argument("column", "id")
    if row is None:
        return UNKNOWN
    register = registers()[row.register]
    spec = register.column(column)
    if column == "id" or (spec is not None and spec.computed):
        return context.view(row)[column]
    return row.get(column)
