"""A finding: what is wrong with a definition, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error forbids publishing; a warning is said."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    A diagnostic about a definition.

    Args:
        code: stable, `structure.*` or later `safeguard.*`.
        definition: key of the definition.
        where: path into its JSON, for example `activities[3].exits[0]`.
        message: what is wrong, in a sentence.
        hint: what to do.
        severity: error or warning.
    """

    code: str
    definition: str
    where: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR
