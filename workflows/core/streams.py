"""
The streams of the history: each is a chain of its own, so that cases do not wait for each other.

`case/<uuid>` what changed in a case; `case/<uuid>/reads` who looked; `definition/<key>` what was published;
`access` roles, sign-ins and emergency access; `system` destruction, keys and settings.
"""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

ACCESS: Final = "access"
SYSTEM: Final = "system"
LONGEST: Final = 200

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_STREAM: Final = re.compile(rf"access|system|case/{_UUID}(?:/reads)?|definition/[a-z0-9][a-z0-9_-]*")


def case_stream(case: UUID) -> str:
    """The stream of what changed in a case. Args: case: its public key. Returns: `case/<uuid>`."""
    return f"case/{case}"


def reads_stream(case: UUID) -> str:
    """The stream of who looked into a case. Args: case: its public key. Returns: `case/<uuid>/reads`."""
    return f"case/{case}/reads"


def definition_stream(key: str) -> str:
    """The stream of one definition. Args: key: its key. Returns: `definition/<key>`."""
    return f"definition/{key}"


def is_stream(name: str) -> bool:
    """Whether a name is one of the five shapes above, in at most 200 characters."""
    return len(name) <= LONGEST and _STREAM.fullmatch(name) is not None
