"""What one person said about one subject, and what replaced or withdrew it (Jeugdwet 7.3.4, 7.3.5)."""

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "consent",
    (
        ColumnSpec("subject", "row"),
        ColumnSpec("person", "person"),
        ColumnSpec("kind", "choice", ("answer", "ability", "substitute", "withdrawal")),
        ColumnSpec("answer", "choice", ("akkoord", "deels", "nee", "niet_bereikt")),
        ColumnSpec("on", "date"),
        ColumnSpec("manner", "choice", ("gesprek", "brief", "app")),
        ColumnSpec("own_words", "text", privacy=Privacy.SPECIAL),
        ColumnSpec("able_to_weigh", "yes_no", privacy=Privacy.SPECIAL),
        ColumnSpec("able_reason", "text", privacy=Privacy.SPECIAL),
        ColumnSpec("substitute", "choice", ("weloverwogen_wens", "ernstig_nadeel", "rechter_vervangt")),
        ColumnSpec("decided_by", "person"),
    ),
    append_only=True,
)
