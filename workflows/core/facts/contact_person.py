"""Who is the fixed contact person (vast aanspreekpunt) of the family."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import FactSpec, Law

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row

FACT = FactSpec(
    key="contact_person",
    type="person",
    law=Law.KEEP,
    writers=("contact_person",),
    doc="The present fixed contact person; it changes only when one is chosen.",
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """The id of that person; unknown while none was chosen."""
    return contact_person_on(context.case_file, context.case_file.today) or UNKNOWN


def contact_person_on(case_file: CaseFile, day: date) -> str:
    """Id of the fixed contact person on a day, empty when there was none."""
    row = choice_on(case_file, day)
    return row.text("person") if row else ""


def choice_on(case_file: CaseFile, day: date) -> Row | None:
    """The row of the contact person in function on a day: the last that had begun."""
    begun = [
        (row.day("since") or row.recorded_on, number, row)
        for number, row in enumerate(case_file.rows("contact_person"))
        if row.text("person") and (row.day("since") or row.recorded_on) <= day
    ]
    return max(begun, key=lambda entry: entry[:2])[2] if begun else None
