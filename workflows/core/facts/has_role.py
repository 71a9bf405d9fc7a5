"""Whether a person has a role in this case today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import PERSON, Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="has_role",
    type="yes_no",
    law=Law.KEEP,
    writers=(Writer.MEMBERSHIPS,),
    doc="Whether a person has a role in this case; it changes with a membership only.",
    arguments=(PERSON, Argument("role", ArgumentKind.ROLE, required=True)),
    values=("ja", "nee"),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """`ja` or `nee`; unknown when the person is."""
    person = context.person(ref.argument("person"))
    if person is None:
        return UNKNOWN
    return "ja" if ref.argument("role") in context.case_file.roles.get(person, frozenset()) else "nee"
