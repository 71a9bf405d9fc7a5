"""For which kinds of place a court order is in force for a child (BW 1:265b)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Scalar, Value
from padwijzer.workflows.core.facts import PERSON, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row

NO_LONGER: Final = ("lapsed", "ended")

FACT = FactSpec(
    key="order_kinds",
    type="choices",
    law=Law.KEEP,
    writers=("order", Writer.CLOCK),
    doc="The kinds of place of the orders in force; the clock can only take away, a ruling adds.",
    arguments=(PERSON,),
    values=("netwerk", "pleeg", "gezinshuis", "accommodatie"),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """Their kinds of place; none when no order is in force; unknown when it is not one child."""
    child = context.person(ref.argument("person", "child"))
    if child is None:
        return UNKNOWN
    orders = orders_in_force(context.case_file, child, context.case_file.today)
    return frozenset[Scalar](kind for row in orders for kind in row.persons("place_kinds"))


def orders_in_force(case_file: CaseFile, child: str, on: date) -> tuple[Row, ...]:
    """The orders of a child that are in force on a day."""
    return tuple(
        row for row in case_file.of_child("order", child) if row.lasts(on) and row.text("status") not in NO_LONGER
    )
