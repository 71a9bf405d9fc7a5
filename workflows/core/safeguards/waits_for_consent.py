"""
Waits for consent: at that moment everybody who must say yes to it has said yes, and nobody took it back.

What happens around the row is a breach: consent is given to one help or placement, never to all together.

    "Iedereen die ja moet zeggen, zegt ja voordat de hulp start."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from padwijzer.forms.core.conditions import AnyOf, Compare, Condition, FactRef, Operator
from padwijzer.workflows.core.consent import ConsentState
from padwijzer.workflows.core.meanings import happens
from padwijzer.workflows.core.safeguards import BREACH, THIS, Meanings, Monitor, Scope, apart, around, with_answer

ASKED: Final = "consent_asked"
"""The meaning of asking for consent."""
WITHDRAWN: Final = "withdrawal_of_consent"
"""The meaning of taking it back."""


@dataclass(frozen=True, slots=True)
class WaitsForConsent:
    """
    Whenever something of `then` happens, consent to it is complete or the exemption holds.

    Args:
        then: what waits.
        unless: when consent is not needed; None for never.
        unless_in_words: the same in Dutch, after "behalve"; there when `unless` is.

    Raises:
        ValueError: when a meaning stands twice or there is none, or an exemption lacks its words or its condition.
    """

    then: Meanings
    unless: Condition | None = None
    unless_in_words: str = ""

    def __post_init__(self) -> None:
        apart(self.then)
        if (self.unless is None) != (not self.unless_in_words):
            message = "An exemption needs a condition and its words."
            raise ValueError(message)

    def statement(self) -> str:
        """What it says, in Dutch."""
        exemption = f", behalve {self.unless_in_words}" if self.unless_in_words else ""
        return f"Iedereen die ja moet zeggen, zegt ja voordat {happens(self.then)}{exemption}."

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        if heard[-1] in map(around, self.then):
            return f"Toestemming hoort bij {THIS[scope]}, maar deze stap gaat over meer."
        if {WITHDRAWN, around(WITHDRAWN)} & set(heard):
            return "De toestemming is ingetrokken, en niet iedereen zegt weer ja."
        if not {ASKED, around(ASKED)} & set(heard):
            return "Toestemming is hier nooit gevraagd."
        return "Niet iedereen die ja moet zeggen, zegt hier ja."

    def monitor(self) -> Monitor:
        """A breach at the first that happens without."""
        complete = Compare(FactRef("consent_state"), Operator.IS, ConsentState.COMPLETE.value)
        asked = complete if self.unless is None else AnyOf((complete, self.unless))
        broken = [letter for it in self.then for letter in (with_answer(it, holds=False), around(it))]
        return Monitor("kept", {("kept", letter): BREACH for letter in broken}, dict.fromkeys(self.then, asked))
