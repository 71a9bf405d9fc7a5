"""Whether schools of the region are open on a date."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="is_school_day",
    type="yes_no",
    law=Law.FREE,
    writers=(Writer.CALENDAR, Writer.ANSWERS, Writer.CLOCK),
    doc="Whether a date is no weekend, no holiday and no school holiday.",
    arguments=(Argument("on", ArgumentKind.FIELD),),
    values=("ja", "nee"),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """`ja` or `nee`, for the date answered in `on` or for today; unknown when date or calendar is."""
    day: Value = context.case_file.today
    if on := ref.argument("on"):
        day = context.fact(FactRef("answer", (("field", on),)))
    known = context.case_file.times.is_school_day(local_day(day)) if isinstance(day, date) else None
    return UNKNOWN if known is None else "ja" if known else "nee"
