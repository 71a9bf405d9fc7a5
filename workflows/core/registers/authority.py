"""Parental authority or guardianship over a child, with its source (BW 1:245; gezagsregister, BW 1:244)."""

from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "authority",
    (
        ColumnSpec("child", "person"),
        ColumnSpec("person", "person"),
        ColumnSpec("kind", "choice", ("gezag", "voogdij")),
        ColumnSpec("source", "choice", ("register", "court", "family_says")),
        ColumnSpec("checked_on", "date"),
        ColumnSpec("from", "date"),
        ColumnSpec("until", "date"),
    ),
)
