"""A person in the case: of the family, of its own circle, a professional, or an organisation that is guardian."""

from padwijzer.forms.core.schema import Privacy
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "person",
    (
        ColumnSpec("name", "text"),
        ColumnSpec("kind", "choice", ("child", "parent", "family", "network", "professional", "organisation")),
        ColumnSpec("birth_date", "date"),
        ColumnSpec("birth", "choice", ("known", "expected", "unknown")),
        ColumnSpec("lives_with", "text"),
        ColumnSpec("address", "text", privacy=Privacy.SECRET_ADDRESS),
        ColumnSpec("secret_address", "yes_no"),
        ColumnSpec("school", "text"),
        ColumnSpec("attends_school", "choice", ("ja", "deels", "nee")),
        ColumnSpec("language", "text"),
        ColumnSpec("phone", "text"),
        ColumnSpec("user", "text"),
        ColumnSpec("function", "text", privacy=Privacy.ORDINARY),
        ColumnSpec("from", "date"),
        ColumnSpec("until", "date"),
        ColumnSpec("age", "number", computed=True),
        ColumnSpec("running_measure", "choice", ("none", "ots", "vots"), privacy=Privacy.SPECIAL, computed=True),
        ColumnSpec(
            "lives_at",
            "choice",
            ("home", "placed", "other_family", "independent", "foster_after_18", "secure", "missing", "unknown"),
            privacy=Privacy.SPECIAL,
            computed=True,
        ),
    ),
)
