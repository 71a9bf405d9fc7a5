"""The day in the middle between two dates."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="halfway",
    type="date",
    law=Law.KEEP,
    writers=(Writer.ANSWERS,),
    doc="The middle day between two answered dates; it lies between both.",
    arguments=(
        Argument("from", ArgumentKind.FIELD, required=True),
        Argument("to", ArgumentKind.FIELD, required=True),
    ),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That day, the earlier one of two in the middle; unknown when one of the dates is."""
    start = context.fact(FactRef("answer", (("field", ref.argument("from")),)))
    end = context.fact(FactRef("answer", (("field", ref.argument("to")),)))
    if not isinstance(start, date) or not isinstance(end, date):
        return UNKNOWN
    first, last = sorted((local_day(start), local_day(end)))
    return first + (last - first) // 2
