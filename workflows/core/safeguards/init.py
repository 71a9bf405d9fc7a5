"""
Init: the first step is of a certain kind (DECLARE "init").

A step in a run around the row is no step of the row, so it is not its first.

    "Alles begint met een vraag of signaal."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from padwijzer.workflows.core.meanings import thing
from padwijzer.workflows.core.safeguards import BREACH, STEP, Meanings, Monitor, Scope, apart


@dataclass(frozen=True, slots=True)
class Init:
    """
    The first completed step has one of these meanings.

    Args:
        first: with what it begins.

    Raises:
        ValueError: when a meaning stands twice or there is none.
    """

    first: Meanings

    def __post_init__(self) -> None:
        apart(self.first)

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Alles begint met {thing(self.first)}."

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost in a run that breaks it, in Dutch."""
        return f"Dit begint niet met {thing(self.first)}."

    def monitor(self) -> Monitor:
        """Nothing yet, until the first step is over."""
        begun = {("nothing", meaning): "begun" for meaning in self.first}
        return Monitor("nothing", {**begun, ("nothing", STEP): BREACH})
