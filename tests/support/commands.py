"""Management commands, as an administrator gives them."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command


def managed(command: str, *arguments: str) -> tuple[int, str]:
    """What a management command ends with: its exit status, and what it says."""
    out = StringIO()
    try:
        call_command(command, *arguments, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()
