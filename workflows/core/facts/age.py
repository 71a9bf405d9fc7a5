"""The age of a person in whole months."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.deadlines import age_in_months, local_day
from padwijzer.workflows.core.facts import PERSON, Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseFile, CaseLookup

FACT = FactSpec(
    key="age",
    type="months",
    law=Law.RISE,
    writers=(Writer.CLOCK, "person"),
    doc="Whole months since birth; it never falls, and rises by one a month.",
    arguments=(PERSON, Argument("on", ArgumentKind.FIELD)),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """The age today, or on the date answered in `on`; unknown when the date of birth or that date is."""
    person = context.person(ref.argument("person", "child"))
    day: Value = context.case_file.today
    if on := ref.argument("on"):
        day = context.fact(FactRef("answer", (("field", on),)))
    if person is None or not isinstance(day, date):
        return UNKNOWN
    return age_of(context.case_file, person, local_day(day) if isinstance(day, datetime) else day)


def age_of(case_file: CaseFile, person: str, on: date) -> Value:
    """
    The age of a person on a day.

    Args:
        case_file: the case.
        person: id of the person.
        on: the day.

    Returns:
        Whole months; 0 for who is not born yet; unknown without a date of birth.
    """
    row = case_file.person(person)
    if row is None:
        return UNKNOWN
    birth = row.day("birth_date")
    if birth is None:
        return 0 if row.text("birth") == "expected" else UNKNOWN
    return age_in_months(birth, on) if birth <= on else 0
