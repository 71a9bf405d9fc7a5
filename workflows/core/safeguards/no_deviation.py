"""
No deviation: a step may come or not come, but nobody skips it when it is there.

    "Niemand kan een vraag om toestemming overslaan."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from padwijzer.workflows.core.meanings import starting, thing
from padwijzer.workflows.core.safeguards import BREACH, Meanings, Monitor, Scope, apart, demanding, latest, skipped


@dataclass(frozen=True, slots=True)
class NoDeviation:
    """
    No step with one of these meanings is skipped.

    Args:
        what: what nobody skips.

    Raises:
        ValueError: when a meaning stands twice or there is none.
    """

    what: Meanings

    def __post_init__(self) -> None:
        apart(self.what)

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Niemand kan {thing(self.what)} overslaan."

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        missed = latest(tuple(map(skipped, self.what)), heard)
        return f"{starting(thing(it for it in self.what if skipped(it) in missed))} is hier overgeslagen."

    def monitor(self) -> Monitor:
        """A breach as soon as one is skipped."""
        letters = demanding(tuple(map(skipped, self.what)))
        return Monitor("kept", {("kept", letter): BREACH for letter in letters})
