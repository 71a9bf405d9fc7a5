"""Sharing information about one child with one party: consent may be asked for it (Jeugdwet 7.3.11)."""

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "sharing",
    (
        ColumnSpec("child", "person"),
        ColumnSpec("with", "person"),
        ColumnSpec("what", "choices"),
        ColumnSpec("ground", "choice", ("toestemming", "betrokken", "maatregel", "gevaar")),
        ColumnSpec("on", "date"),
        ColumnSpec("until", "date"),
        ColumnSpec(
            "consent_state",
            "choice",
            ("not_asked", "partly", "complete", "refused", "withdrawn", "ended"),
            privacy=Privacy.SPECIAL,
            computed=True,
        ),
    ),
)
