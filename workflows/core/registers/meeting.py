"""A talk, visit, consultation or call: planned, held, missed or cancelled. One note counts in every track."""

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "meeting",
    (
        ColumnSpec("on", "date"),
        ColumnSpec("kind", "choice", ("talk", "check", "handover", "consultation", "visit", "call", "other")),
        ColumnSpec("participants", "persons"),
        ColumnSpec("child_alone", "yes_no"),
        ColumnSpec("family_present", "yes_no"),
        ColumnSpec("joint", "yes_no"),
        ColumnSpec("status", "choice", ("planned", "held", "missed", "cancelled")),
        ColumnSpec("followed_up", "yes_no"),
        ColumnSpec("note", "text", privacy=Privacy.SPECIAL),
    ),
)
