"""The root of the error tree, which is drawn in `workflows/core/errors.py`, and what reading raises."""

from __future__ import annotations


class PadwijzerError(Exception):
    """The root: everything Padwijzer itself raises."""

    code = "error"


class Unreadable(PadwijzerError):
    """
    JSON that cannot be read as what it should be.

    Args:
        place: where.
        reason: what is wrong and what was expected, in a sentence; never a value of a case.
    """

    code = "unreadable"

    def __init__(self, place: str, reason: str) -> None:
        self.place = place or "(the whole)"
        self.reason = reason
        super().__init__(f"{self.place}: {reason}")
