"""
Chain precedence: the one happens directly before the other, with no step between (DECLARE "chain precedence").

Or both happen in one step, in that order. A step in a run around the row does not come between.

    "Vlak voordat een plaatsing start, is er een wettelijke grond."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from padwijzer.workflows.core.meanings import happens, starting, thing
from padwijzer.workflows.core.safeguards import BREACH, STEP, Meanings, Monitor, Scope, apart, demanding, latest


@dataclass(frozen=True, slots=True)
class ChainPrecedence:
    """
    The step before something of `then` has something of `first`, or that step itself has, earlier.

    Args:
        first: what comes directly before.
        then: what it comes before.

    Raises:
        ValueError: when a meaning stands twice or a place is empty.
    """

    first: Meanings
    then: Meanings

    def __post_init__(self) -> None:
        apart(self.first, self.then)

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Vlak voordat {happens(self.then)}, is er {thing(self.first)}."

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        return f"{starting(thing(self.first))} is er niet vlak voordat {happens(latest(self.then, heard))}."

    def monitor(self) -> Monitor:
        """Whether it was in the step before (`just`), or is in this step (`now`)."""
        return Monitor(
            "not",
            {
                **{(state, meaning): "now" for meaning in self.first for state in ("not", "just")},
                **{("not", letter): BREACH for letter in demanding(self.then)},
                ("now", STEP): "just",
                ("just", STEP): "not",
            },
            width=2,
        )
