"""Secrets of the demonstration: made on first use, kept in files that only their owner reads."""

import json
import os
import secrets
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def secret_key(folder: Path) -> str:
    """Django's secret key: from the environment, else from a file that is made on first use.

    Args:
        folder: Where the file `secret-key` is kept.
    """
    if "PADWIJZER_SECRET_KEY" in os.environ:
        return os.environ["PADWIJZER_SECRET_KEY"]
    path = folder / "secret-key"
    if not path.exists():
        _write_private(path, get_random_secret_key())
    return path.read_text(encoding="utf-8")


def passwords(folder: Path, usernames: list[str]) -> dict[str, str]:
    """A password for every user name: the same as last time, or a new one.

    Args:
        folder: Where the file `passwords.json` is kept.
        usernames: Who needs a password.

    Returns:
        User name to password.
    """
    path = folder / "passwords.json"
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    chosen = {username: known.get(username) or secrets.token_hex(6) for username in usernames}
    _write_private(path, json.dumps(known | chosen, indent=2))
    return chosen


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
