"""The name of this installation's history: part of every hash, so it never changes after the first event."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# No white space and no plus sign: the same name signs checkpoints (C2SP signed-note).
_NAME = re.compile(r"[a-z0-9][a-z0-9./_-]{2,199}")


def log_name() -> str:
    """
    The setting PADWIJZER_LOG.

    Raises:
        ImproperlyConfigured: it lacks or has another shape.
    """
    name = getattr(settings, "PADWIJZER_LOG", None)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = (
            "PADWIJZER_LOG names this installation's history, for example 'gemeente.example/padwijzer': 3 to 200 of "
            "a-z, 0-9 and ./_-. Choose it once; the history cannot be verified under another name."
        )
        raise ImproperlyConfigured(message)
    return name
