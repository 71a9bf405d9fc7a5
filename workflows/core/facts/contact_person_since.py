"""Since when the present fixed contact person is that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import FactSpec, Law
from padwijzer.workflows.core.facts.contact_person import choice_on

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="contact_person_since",
    type="date",
    law=Law.RISE,
    writers=("contact_person",),
    doc="The day on which the present fixed contact person began; today or earlier.",
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That day; unknown while none was chosen."""
    row = choice_on(context.case_file, context.case_file.today)
    return (row.day("since") or row.recorded_on) if row else UNKNOWN
