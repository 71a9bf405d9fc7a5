"""Lets time do its work in every case."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from padwijzer.workflows.actions.run_clock import run_clock


class Command(BaseCommand):
    """`manage.py run_clock`, every hour: exit status 0 when all could be done, 1 when something could not."""

    help = "Gives the warnings and alarms that are due, and opens and closes what hangs on a day or an age."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Runs the clock once and says in one line what it did; what failed is in the log, by kind and number."""
        report = run_clock(timezone.now())
        self.stdout.write(
            _(
                "Clock: %(warnings)s warnings, %(alarms)s alarms, %(rules)s rules, %(moved)s of %(looked)s cases "
                "moved, %(busy)s busy, %(failed)s failed."
            )
            % {
                "warnings": report.warnings,
                "alarms": report.alarms,
                "rules": report.rules,
                "moved": report.moved,
                "looked": report.looked,
                "busy": report.busy,
                "failed": len(report.failures),
            }
        )
        if not report.is_right:
            sys.exit(1)
