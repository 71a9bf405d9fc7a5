"""The day on which the present answer to a question was first saved as final."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="answered_on",
    type="date",
    law=Law.KEEP,
    writers=(Writer.ANSWERS,),
    doc="The day on which the present answer was first saved as final; today or earlier.",
    arguments=(Argument("field", ArgumentKind.FIELD, required=True),),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That day; unknown while there is no answer."""
    return context.answered_on(ref.argument("field")) or UNKNOWN
