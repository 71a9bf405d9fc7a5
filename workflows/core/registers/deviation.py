"""A reasoned deviation: from a rule of a step, from the step, or from safeguards."""

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "deviation",
    (
        ColumnSpec("step", "text", privacy=Privacy.ORDINARY),
        ColumnSpec("rule", "number", privacy=Privacy.ORDINARY),
        ColumnSpec("safeguards", "choices", privacy=Privacy.ORDINARY),
        ColumnSpec("reason", "text", privacy=Privacy.SPECIAL),
        ColumnSpec("family_view", "text", privacy=Privacy.SPECIAL),
        ColumnSpec("colleague", "person"),
        ColumnSpec("look_again_on", "date", privacy=Privacy.ORDINARY),
        ColumnSpec("by", "person"),
        ColumnSpec("on", "date", privacy=Privacy.ORDINARY),
    ),
    append_only=True,
)
