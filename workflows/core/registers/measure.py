"""A child protection measure (BW 1:255, 1:257)."""

from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "measure",
    (
        ColumnSpec("child", "person"),
        ColumnSpec("kind", "choice", ("ots", "vots")),
        ColumnSpec("from", "date"),
        ColumnSpec("until", "date"),
        ColumnSpec("ruling_on", "date"),
        ColumnSpec("gi", "text"),
        ColumnSpec("ended_on", "date"),
        ColumnSpec("ended_reason", "text"),
    ),
)
