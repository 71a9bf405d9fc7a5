"""The date of the latest application, by which the decision term starts (Awb 4:13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import FactSpec, Law

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="applied_on",
    type="date",
    law=Law.RISE,
    writers=("application",),
    doc="The date of the latest application; today or earlier.",
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """That date; unknown when there was none."""
    today = context.case_file.today
    days = [day for row in context.case_file.rows("application") if (day := row.day("on")) and day <= today]
    return max(days, default=UNKNOWN)
