"""
Co-existence: two things happen both or neither (DECLARE "co-existence", with an end).

    "Een JIM en een eerste gesprek zijn er allebei of geen van beide voordat de zaak sluit."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from padwijzer.workflows.core.meanings import happens, starting, thing
from padwijzer.workflows.core.safeguards import (
    BREACH,
    Meanings,
    Monitor,
    Scope,
    apart,
    around,
    demanding,
    latest,
    never,
)

FAR: Final = ("no", "around", "own")


@dataclass(frozen=True, slots=True)
class Coexistence:
    """
    Whoever has something of `one` has something of `other`, and the other way about, before anything of `before`.

    Args:
        one: the one.
        other: the other.
        before: when both or neither must have happened.

    Raises:
        ValueError: when a meaning stands twice or a place is empty.
    """

    one: Meanings
    other: Meanings
    before: Meanings

    def __post_init__(self) -> None:
        apart(self.one, self.other, self.before)

    def statement(self) -> str:
        """What it says, in Dutch."""
        both = f"{thing(self.one)} en {thing(self.other)}"
        return f"{starting(both)} zijn er allebei of geen van beide voordat {happens(self.before)}."

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        lacks, there = sorted((self.one, self.other), key=lambda side: _far(side, heard))
        if _far(lacks, heard) > 0:
            return never(lacks, heard, scope)
        return f"Er is {thing(latest(there, heard))}, maar nooit {thing(lacks)}."

    def monitor(self) -> Monitor:
        """How far each of the two is: `no`; `around` the row, which asks for the other only; its `own`."""
        moves: dict[tuple[str, str], str] = {}
        for one, other in product(FAR, FAR):
            state = f"{one}/{other}"
            moves |= {(state, meaning): f"own/{other}" for meaning in self.one if one != "own"}
            moves |= {(state, meaning): f"{one}/own" for meaning in self.other if other != "own"}
            moves |= {(state, around(meaning)): f"around/{other}" for meaning in self.one if one == "no"}
            moves |= {(state, around(meaning)): f"{one}/around" for meaning in self.other if other == "no"}
            if (one, other) not in (("no", "no"), ("own", "own")):
                moves |= {(state, letter): BREACH for letter in demanding(self.before)}
        return Monitor("no/no", moves, width=2)


def _far(side: Meanings, heard: Sequence[str]) -> int:
    """The number in `FAR` of how far one of the two came."""
    return 2 if set(side) & set(heard) else 1 if set(map(around, side)) & set(heard) else 0
