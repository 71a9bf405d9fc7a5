"""
Not co-existence: of two things at most one happens (DECLARE "not co-existence").

    "Er is nooit zowel gewone steun als een verzoek tot onderzoek."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from padwijzer.workflows.core.meanings import thing
from padwijzer.workflows.core.safeguards import BREACH, Meanings, Monitor, Scope, apart, demanding, latest


@dataclass(frozen=True, slots=True)
class NotCoexistence:
    """
    Nothing of `other` happens where something of `one` does, in either order.

    Args:
        one: the one.
        other: the other.

    Raises:
        ValueError: when a meaning stands twice or a place is empty.
    """

    one: Meanings
    other: Meanings

    def __post_init__(self) -> None:
        apart(self.one, self.other)

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Er is nooit zowel {thing(self.one)} als {thing(self.other)}."

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        one, other = latest(self.one, heard), latest(self.other, heard)
        return f"Er is {thing(one)} en ook {thing(other)}."

    def monitor(self) -> Monitor:
        """Which of the two happened."""
        one, other = demanding(self.one), demanding(self.other)
        return Monitor(
            "neither",
            {
                **{("neither", letter): "one" for letter in one},
                **{("neither", letter): "other" for letter in other},
                **{("one", letter): BREACH for letter in other},
                **{("other", letter): BREACH for letter in one},
            },
            width=2,
        )
