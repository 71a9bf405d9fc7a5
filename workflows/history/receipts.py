"""The receipt of a step: 40 bits of the hash of its event, as a code that fits on paper."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nobody misreads it."""


def receipt(event_hash: bytes) -> str:
    """
    The receipt of an event, for example `K7QF-2M9X`.

    Args:
        event_hash: SHA-256 of the event, 32 bytes.

    Returns:
        Eight characters of Crockford's base 32 with a hyphen in the middle: the first 40 bits.
    """
    bits = int.from_bytes(event_hash[:5], "big")
    code = "".join(ALPHABET[(bits >> shift) & 31] for shift in range(35, -1, -5))
    return f"{code[:4]}-{code[4:]}"
