"""The date of today in Europe/Amsterdam; during a replay the replayed date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import FactRef, Value
from padwijzer.workflows.core.facts import FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="today",
    type="date",
    law=Law.RISE,
    writers=(Writer.CLOCK,),
    doc="The date of today; it never falls.",
    may_be_unknown=False,
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """The day of the case file."""
    return context.case_file.today
