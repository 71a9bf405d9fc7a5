"""
Absence: something never happens (DECLARE "absence").

    "Er is nooit een verzoek tot onderzoek."
"""

from __future__ import annotations

from dataclasses import dataclass

from padwijzer.workflows.core.meanings import thing
from padwijzer.workflows.core.safeguards import BREACH, Meanings, Monitor, apart, demanding


@dataclass(frozen=True, slots=True)
class Absence:
    """
    Nothing of `what` ever happens.

    Args:
        what: what may not happen.

    Raises:
        ValueError: when a meaning stands twice or there is none.
    """

    what: Meanings

    def __post_init__(self) -> None:
        apart(self.what)

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Er is nooit {thing(self.what)}."

    def monitor(self) -> Monitor:
        """A breach as soon as it happens."""
        return Monitor("kept", {("kept", letter): BREACH for letter in demanding(self.what)})
