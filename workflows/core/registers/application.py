"""A question or application by which the decision term starts (Awb 4:13)."""

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "application",
    (
        ColumnSpec("on", "date", privacy=Privacy.ORDINARY),
        ColumnSpec("source", "choice", ("gezin", "school", "vaste_plek", "arts", "buurt", "vt", "anders")),
        ColumnSpec("family_knows", "yes_no"),
    ),
    append_only=True,
)
