"""
Only while: whenever it happens, something is so in the case.

It says what the order of steps cannot say: a measure or a placement can also be entered or ended on the family page.

    "Als de zaak sluit, loopt er geen maatregel meer."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from padwijzer.forms.core.conditions import Condition
from padwijzer.workflows.core.meanings import happens
from padwijzer.workflows.core.safeguards import BREACH, THIS, Meanings, Monitor, Scope, apart, around, with_answer


@dataclass(frozen=True, slots=True)
class OnlyWhile:
    """
    Whenever something of `then` happens, the condition holds.

    Args:
        then: what waits.
        condition: what must be so at that moment.
        condition_in_words: the same in Dutch, as a main clause after another: "loopt er een maatregel".
        otherwise: what is so when it is broken, as a Dutch sentence: "Er loopt hier geen maatregel."

    Raises:
        ValueError: when a meaning stands twice or there is none.
    """

    then: Meanings
    condition: Condition
    condition_in_words: str
    otherwise: str

    def __post_init__(self) -> None:
        apart(self.then)

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Als {happens(self.then)}, {self.condition_in_words}."

    def monitor(self) -> Monitor:
        """A breach at the first that happens while it is not so."""
        broken = [letter for it in self.then for letter in (with_answer(it, holds=False), around(it))]
        asked = dict.fromkeys(self.then, self.condition)
        return Monitor("kept", {("kept", letter): BREACH for letter in broken}, asked)

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        if heard[-1] in map(around, self.then):
            return f"Deze stap gaat over meer dan {THIS[scope]}."
        return self.otherwise
