"""
Succession: two things belong together, in this order (DECLARE "succession", with an end).

    "Nadat een spoedmelding is gedaan, en alleen dan, volgt een lijst voor daarna voordat de zaak sluit."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from padwijzer.workflows.core.meanings import happens, thing
from padwijzer.workflows.core.safeguards import (
    BREACH,
    Meanings,
    Monitor,
    Scope,
    apart,
    around,
    demanding,
    never,
    never_after,
)


@dataclass(frozen=True, slots=True)
class Succession:
    """
    Nothing of `then` happens before something of `first`; after `first`, `then` follows before anything of `before`.

    Args:
        first: what comes first.
        then: what follows it, and nothing else.
        before: what comes too early between the two.

    Raises:
        ValueError: when a meaning stands twice or a place is empty.
    """

    first: Meanings
    then: Meanings
    before: Meanings

    def __post_init__(self) -> None:
        apart(self.first, self.then, self.before)

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Nadat {happens(self.first)}, en alleen dan, volgt {thing(self.then)} voordat {happens(self.before)}."

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        if heard[-1] in demanding(self.then):
            return never(self.first, heard, scope)
        return never_after(self.first, self.then, heard, scope)

    def monitor(self) -> Monitor:
        """Nothing, owed, settled; `around` is owed because of the first around the row, which does not fulfil it."""
        return Monitor(
            "nothing",
            {
                **{(state, meaning): "owed" for meaning in self.first for state in ("nothing", "around", "settled")},
                **{("nothing", letter): "around" for letter in map(around, self.first)},
                **{("settled", letter): "owed" for letter in map(around, self.first)},
                **{("owed", meaning): "settled" for meaning in self.then},
                **{(state, letter): BREACH for letter in demanding(self.then) for state in ("nothing", "around")},
                **{(state, letter): BREACH for letter in demanding(self.before) for state in ("owed", "around")},
            },
            width=2,
        )
