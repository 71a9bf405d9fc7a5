"""One kind of help for one child, one adult or the family."""

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "help_item",
    (
        ColumnSpec("kind", "choice"),
        ColumnSpec("name", "text"),
        ColumnSpec("for_kind", "choice", ("child", "adult", "family")),
        ColumnSpec("child", "person"),
        ColumnSpec("persons", "persons"),
        ColumnSpec("goal", "text", privacy=Privacy.SPECIAL),
        ColumnSpec("provider", "text"),
        ColumnSpec("voluntary", "yes_no"),
        ColumnSpec("regime", "choice", ("voluntary", "measure", "medical")),
        ColumnSpec("status", "choice", ("proposed", "matched", "waiting", "running", "stopped", "not_started")),
        ColumnSpec("in_this_decision", "yes_no"),
        ColumnSpec("matched_on", "date"),
        ColumnSpec("intake_on", "date"),
        ColumnSpec("expected_on", "date"),
        ColumnSpec("started_on", "date"),
        ColumnSpec("ended_on", "date"),
        ColumnSpec(
            "stop_reason", "choice", ("goal_reached", "family_wish", "does_not_fit", "withdrawn", "ots", "other")
        ),
        ColumnSpec("family_satisfied", "yes_no"),
        ColumnSpec("planned_stop", "yes_no"),
        ColumnSpec("outcome", "choice", computed=True),
        ColumnSpec(
            "consent_state",
            "choice",
            ("not_asked", "partly", "complete", "refused", "withdrawn", "ended"),
            privacy=Privacy.SPECIAL,
            computed=True,
        ),
    ),
)
