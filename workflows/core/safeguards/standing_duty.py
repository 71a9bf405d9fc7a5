"""
Standing duty: once opened it stays open until it is done, and stands in the way of what may not happen meanwhile.

It is one duty for the row: doing it once discharges it however often it was opened. A duty for each placement or help
is a statement in that scope, or a duty in the register.

    "Als een plaatsing stopt, komt er een terugblik op de plaatsing voordat de zaak sluit."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from padwijzer.workflows.core.meanings import happens, thing
from padwijzer.workflows.core.safeguards import Meanings, Monitor, Scope, apart, never_after, owing


@dataclass(frozen=True, slots=True)
class StandingDuty:
    """
    From something of `opened_by` until something of `closed_by`, nothing of `blocks` happens.

    Args:
        opened_by: what opens the duty.
        closed_by: what discharges it.
        blocks: what may not happen while it is open.

    Raises:
        ValueError: when a meaning stands twice or a place is empty.
    """

    opened_by: Meanings
    closed_by: Meanings
    blocks: Meanings

    def __post_init__(self) -> None:
        apart(self.opened_by, self.closed_by, self.blocks)

    @property
    def fulfilled_by(self) -> Meanings:
        """The meanings that must happen."""
        return self.closed_by

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Als {happens(self.opened_by)}, komt er {thing(self.closed_by)} voordat {happens(self.blocks)}."

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        return never_after(self.opened_by, self.closed_by, heard, scope)

    def monitor(self) -> Monitor:
        """A debt while the duty is open."""
        return owing(self.opened_by, self.closed_by, self.blocks)
