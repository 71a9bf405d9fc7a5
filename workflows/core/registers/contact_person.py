"""Who is the fixed contact person (vast aanspreekpunt), since when, and why it changed."""

from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "contact_person",
    (
        ColumnSpec("person", "person"),
        ColumnSpec("since", "date"),
        ColumnSpec("reason", "choice", ("gezin_vraagt", "weg", "kader", "anders")),
        ColumnSpec("deputy", "person"),
    ),
    append_only=True,
)
