"""System checks: what would make a safeguard unenforceable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db import connections

from padwijzer.workflows.history.protection import missing_triggers


@checks.register(checks.Tags.database)
def history_is_protected(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_options: Any
) -> list[checks.CheckMessage]:
    """
    The triggers that refuse changes of the history stand; runs in `migrate` and `check --database`.

    A warning, not an error: `migrate` puts them back and would not start on an error.
    """
    return [
        checks.Warning(
            f"The trigger {trigger.name} on {trigger.table_name} in database {alias!r} is missing or changed: "
            "the history could be altered there.",
            hint="Run 'manage.py migrate', which puts it back, then 'manage.py verify_history'; "
            "and find out who removed it.",
            id="padwijzer.W101",
        )
        for alias in databases or ()
        for trigger in missing_triggers(connections[alias])
    ]
