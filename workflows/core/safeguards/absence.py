"""
Absence: something never happens (DECLARE "absence").

    "Er is nooit een verzoek tot onderzoek."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from padwijzer.workflows.core.meanings import thing
from padwijzer.workflows.core.safeguards import BREACH, Meanings, Monitor, Scope, apart, demanding, latest


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

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        return f"Hier is {thing(latest(self.what, heard))}, en dat mag nooit."

    def monitor(self) -> Monitor:
        """A breach as soon as it happens."""
        return Monitor("kept", {("kept", letter): BREACH for letter in demanding(self.what)})
