"""Verifies the history, for the auditor."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from padwijzer.workflows.history.verifying import Examined, examine, examine_all


class Command(BaseCommand):
    """`manage.py verify_history [--json] [STREAM …]`: exit status 0 when all is sound, 1 when something is found."""

    help = "Checks that nobody changed the history: every event, value and end of a stream."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which streams, and for whom the answer is."""
        parser.add_argument("streams", nargs="*", metavar="STREAM", help="for example case/<uuid>; all when left out")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="one JSON object a line, for machines"
        )

    def handle(self, *_args: Any, streams: list[str], as_json: bool, **_options: Any) -> None:
        """Examines, reports as it goes, and exits."""
        count = events = erased = found = 0
        for examined in self._examined(streams):
            count += bool(examined.stream)
            events += examined.events
            erased += examined.erased
            found += len(examined.findings)
            for finding in examined.findings:
                place = finding.stream if finding.seq is None else f"{finding.stream} {finding.seq}"
                if as_json:
                    self._line(
                        stream=finding.stream,
                        seq=finding.seq,
                        code=finding.code,
                        sentence=finding.sentence,
                        hint=finding.hint,
                    )
                else:
                    self.stdout.write(": ".join(filter(None, (place, finding.sentence))) + f"\n    {finding.hint}")
        if as_json:
            self._line(sound=not found, streams=count, events=events, erased=erased, findings=found)
        else:
            numbers = {"streams": count, "events": events, "erased": erased, "findings": found}
            self.stdout.write(_("Checked: %(events)s events in %(streams)s streams.") % numbers)
            if erased:
                self.stdout.write(_("Values erased with a record that says so: %(erased)s.") % numbers)
            self.stdout.write(_("Found: %(findings)s.") % numbers if found else _("Everything is sound."))
        if found:
            sys.exit(1)

    def _examined(self, streams: list[str]) -> Iterator[Examined]:
        return map(examine, streams) if streams else examine_all()

    def _line(self, **values: object) -> None:
        self.stdout.write(json.dumps(values, ensure_ascii=False))
