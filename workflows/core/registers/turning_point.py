"""A turning point in the life of a family (schakelmoment)."""

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "turning_point",
    (
        ColumnSpec("child", "person"),
        ColumnSpec("on", "text"),
        ColumnSpec("what", "text", privacy=Privacy.SPECIAL),
        ColumnSpec("followed_up", "yes_no"),
        ColumnSpec("recorded_on", "date", privacy=Privacy.ORDINARY),
    ),
)
