"""A value that the caller of this run passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="parameter",
    type="choice",
    law=Law.FIXED,
    writers=(Writer.CALLS,),
    doc="A value that the caller passed; it never changes during the run.",
    arguments=(Argument("key", ArgumentKind.KEY, required=True),),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That value; unknown when the caller passed none."""
    return context.this_run.parameters.get(ref.argument("key"), UNKNOWN)
