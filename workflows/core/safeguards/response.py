"""
Response: what happens is answered, in time for something else (DECLARE "response", with an end).

    "Nadat een plaatsing start, volgt een afspraak over contact voordat de zaak sluit."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from padwijzer.workflows.core.meanings import happens, thing
from padwijzer.workflows.core.safeguards import Meanings, Monitor, Scope, apart, never_after, owing


@dataclass(frozen=True, slots=True)
class Response:
    """
    After something of `when`, something of `what` happens before anything of `before`.

    Args:
        when: what asks for an answer.
        what: the answer.
        before: what comes too early without it.

    Raises:
        ValueError: when a meaning stands twice or a place is empty.
    """

    when: Meanings
    what: Meanings
    before: Meanings

    def __post_init__(self) -> None:
        apart(self.when, self.what, self.before)

    @property
    def fulfilled_by(self) -> Meanings:
        """The meanings that must happen."""
        return self.what

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Nadat {happens(self.when)}, volgt {thing(self.what)} voordat {happens(self.before)}."

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        return never_after(self.when, self.what, heard, scope)

    def monitor(self) -> Monitor:
        """A debt from `when` until `what`; an answer pays for everything that asked before it."""
        return owing(self.when, self.what, self.before)
