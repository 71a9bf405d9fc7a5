"""A court order for a placement (BW 1:265b, 1:265c)."""

from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "order",
    (
        ColumnSpec("child", "person"),
        ColumnSpec("place_kinds", "choices", ("netwerk", "pleeg", "gezinshuis", "accommodatie")),
        ColumnSpec("from", "date"),
        ColumnSpec("until", "date"),
        ColumnSpec("urgent", "yes_no"),
        ColumnSpec("used_on", "date"),
        ColumnSpec("status", "choice", ("in_force", "used", "lapsed", "ended")),
    ),
)
