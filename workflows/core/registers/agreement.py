"""What was agreed with whom, and until when."""

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "agreement",
    (
        ColumnSpec("what", "text", privacy=Privacy.SPECIAL),
        ColumnSpec("who", "text"),
        ColumnSpec("due", "date"),
        ColumnSpec("taken_over", "yes_no"),
        ColumnSpec("agreed", "yes_no"),
        ColumnSpec("until", "date"),
        ColumnSpec("done", "yes_no"),
    ),
)
