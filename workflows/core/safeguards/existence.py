"""
Existence: something has happened before the end (DECLARE "existence").

    "Er is altijd een eerste gesprek voordat de zaak sluit."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from padwijzer.workflows.core.meanings import happens, thing
from padwijzer.workflows.core.safeguards import BREACH, Meanings, Monitor, Scope, apart, demanding, never


@dataclass(frozen=True, slots=True)
class Existence:
    """
    Something of `what` happens before anything of `before`.

    Args:
        what: what must happen.
        before: what comes too early without it.

    Raises:
        ValueError: when a meaning stands twice or a place is empty.
    """

    what: Meanings
    before: Meanings = ("closing",)

    def __post_init__(self) -> None:
        apart(self.what, self.before)

    @property
    def fulfilled_by(self) -> Meanings:
        """The meanings that must happen."""
        return self.what

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Er is altijd {thing(self.what)} voordat {happens(self.before)}."

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        return never(self.what, heard, scope)

    def monitor(self) -> Monitor:
        """Waiting until it happens."""
        return Monitor(
            "waiting",
            {
                **{("waiting", meaning): "happened" for meaning in self.what},
                **{("waiting", letter): BREACH for letter in demanding(self.before)},
            },
        )
