"""
Precedence: nothing of the second kind happens before something of the first (DECLARE "precedence").

    "Er is een plan van het gezin voordat de gemeente besluit."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from padwijzer.workflows.core.meanings import happens, thing
from padwijzer.workflows.core.safeguards import BREACH, Meanings, Monitor, Scope, apart, demanding, latest, never


@dataclass(frozen=True, slots=True)
class Precedence:
    """
    Something of `first` has happened whenever something of `then` happens.

    Args:
        first: what must come first.
        then: what waits for it; also in `again`, it needs `first` anew each time (DECLARE "alternate precedence").
        again: after these `first` is needed anew.

    Raises:
        ValueError: when `first` shares a meaning with the others, or it or `then` is empty.
    """

    first: Meanings
    then: Meanings
    again: Meanings = ()

    def __post_init__(self) -> None:
        apart(self.first, self.then)
        if self.again:
            apart(self.first, self.again)

    @property
    def fulfilled_by(self) -> Meanings:
        """The meanings that must happen."""
        return self.first

    def statement(self) -> str:
        """What it says, in Dutch."""
        anew = f", en opnieuw nadat {happens(self.again)}" if self.again else ""
        if self.again == self.then:
            anew = ", elke keer opnieuw"
        return f"Er is {thing(self.first)} voordat {happens(self.then)}{anew}."

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        before = heard[:-1]
        if not self.again or set(self.first).isdisjoint(before):
            return never(self.first, before, scope)
        return f"Nadat {happens(latest(self.again, before))}, komt er niet opnieuw {thing(self.first)}."

    def monitor(self) -> Monitor:
        """Waiting for the first, which `again` takes away."""
        return Monitor(
            "waiting",
            {
                **{("waiting", meaning): "happened" for meaning in self.first},
                **{("waiting", letter): BREACH for letter in demanding(self.then)},
                **{("happened", letter): "waiting" for letter in demanding(self.again)},
            },
            width=2 if self.again else 1,
        )
