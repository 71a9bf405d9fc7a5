"""The last day of the court order in force for a child."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import PERSON, FactSpec, Law, Writer
from padwijzer.workflows.core.facts.order_kinds import orders_in_force

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="order_until",
    type="date",
    law=Law.KEEP,
    writers=("order", Writer.CLOCK),
    doc="The last day of the order in force; not after the end of the measure.",
    arguments=(PERSON,),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That day; unknown when no order is in force or its end is open."""
    child = context.person(ref.argument("person", "child"))
    orders = orders_in_force(context.case_file, child, context.case_file.today) if child else ()
    days = [day for row in orders if (day := row.day("until")) is not None]
    return max(days) if days and len(days) == len(orders) else UNKNOWN
