"""How two persons are related."""

from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec

REGISTER = RegisterSpec(
    "relation",
    (
        ColumnSpec("person", "person"),
        ColumnSpec("other", "person"),
        ColumnSpec(
            "kind",
            "choice",
            (
                "parent_of",
                "sibling_of",
                "partner_of",
                "grandparent_of",
                "foster_parent_of",
                "representative_of",
                "other",
            ),
        ),
        ColumnSpec("from", "date"),
        ColumnSpec("until", "date"),
    ),
)
