"""A standing obligation: stays open until what discharges it happens."""

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "duty",
    (
        ColumnSpec("kind", "choice"),
        ColumnSpec("title", "text", privacy=Privacy.ORDINARY),
        ColumnSpec("child", "person"),
        ColumnSpec("subject", "row"),
        ColumnSpec("origin", "choice", ("path", "emergency", "deviation", "rule")),
        ColumnSpec("opened_on", "date", privacy=Privacy.ORDINARY),
        ColumnSpec("due", "date", privacy=Privacy.ORDINARY),
        ColumnSpec("state", "choice", ("open", "done", "cancelled"), privacy=Privacy.ORDINARY),
        ColumnSpec("done_on", "date", privacy=Privacy.ORDINARY),
    ),
)
