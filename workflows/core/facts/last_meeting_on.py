"""When some groups last met, or spoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law
from padwijzer.workflows.core.facts.persons import group_on

if TYPE_CHECKING:
    from datetime import date

    from padwijzer.workflows.core.case_file import CaseLookup, Row

FAMILY: Final = "family"
HELD: Final = "held"

FACT = FactSpec(
    key="last_meeting_on",
    type="date",
    law=Law.RISE,
    writers=("meeting",),
    doc="The latest day of a meeting that was held with all named groups; it never falls.",
    arguments=(
        Argument(
            "between", ArgumentKind.GROUPS, required=True, values=("contact_person", FAMILY, "parents", "child")
        ),
        Argument("joint", ArgumentKind.ONE_OF, values=("ja",)),
    ),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That day, today or earlier; unknown when there was no such meeting."""
    days = [
        day
        for row in context.case_file.rows("meeting")
        if (day := row.day("on")) is not None
        and day <= context.case_file.today
        and row.text("status") == HELD
        and (ref.argument("joint") != "ja" or row.is_yes("joint"))
        and all(_took_part(context, row, group, day) for group in ref.persons("between"))
    ]
    return max(days, default=UNKNOWN)


def _took_part(context: CaseLookup, row: Row, group: str, day: date) -> bool:
    """Whether somebody of a group, as it was that day, was there."""
    if group == FAMILY and row.is_yes("family_present"):
        return True
    return bool(row.persons("participants") & group_on(context, group, day))
