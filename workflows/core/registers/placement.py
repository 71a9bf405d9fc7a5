"""A child living elsewhere: planned, running or ended."""

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "placement",
    (
        ColumnSpec("child", "person"),
        ColumnSpec("basis", "choice", ("vrijwillig", "ots", "voogd")),
        ColumnSpec("rung", "choice", ("t1", "t2", "t3", "t4", "t5")),
        ColumnSpec("place", "text", privacy=Privacy.SPECIAL),
        ColumnSpec("distance_km", "number"),
        ColumnSpec("status", "choice", ("planned", "running", "ended")),
        ColumnSpec("planned_start", "date"),
        ColumnSpec("started_on", "date"),
        ColumnSpec("planned_end", "date"),
        ColumnSpec("ended_on", "date"),
        ColumnSpec(
            "ended_to",
            "choice",
            ("home", "other_family", "independent", "foster_after_18", "secure", "missing", "other_place"),
        ),
        ColumnSpec("emergency", "yes_no"),
        ColumnSpec("siblings_together", "choice", ("ja", "nee", "geen")),
        ColumnSpec(
            "consent_state",
            "choice",
            ("not_asked", "partly", "complete", "refused", "withdrawn", "ended"),
            privacy=Privacy.SPECIAL,
            computed=True,
        ),
    ),
)
