"""Judges cases of this site by the safeguards, for the auditor."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.db.models import Q

from padwijzer.workflows.core.conformance import Conformance
from padwijzer.workflows.core.conformance_words import UNREADABLE, as_objects, in_words
from padwijzer.workflows.core.errors import HistoryRefused, Unpublishable
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.models import Case, Release
from padwijzer.workflows.queries.conformance import conformance_of


class Command(BaseCommand):
    """`manage.py conform_case [--json] CASE …`: exit status 0 all is kept, 1 something is broken, 2 unreadable."""

    help = "Judges every safeguard over the recorded history of a case; it names nobody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which cases, and for whom the answer is."""
        parser.add_argument("cases", nargs="+", metavar="CASE", help="the number of a case, or its key")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="one JSON object a line, for machines"
        )

    def handle(self, *_args: Any, cases: list[str], as_json: bool, **_options: Any) -> None:
        """Judges each case, reports as it goes, and exits with the worst status."""
        status = 0
        for name in cases:
            found = _judged(name)
            if found is None:
                status = 2
            elif not found.is_kept:
                status = max(status, 1)
            self._report(name, found, as_json=as_json)
        if status:
            sys.exit(status)

    def _report(self, name: str, found: Conformance | None, *, as_json: bool) -> None:
        if as_json:
            for values in [{"reason": UNREADABLE}] if found is None else as_objects(found):
                self.stdout.write(json.dumps({"case": name, **values}, ensure_ascii=False))
            return
        self.stdout.write(name)
        for line in (UNREADABLE,) if found is None else in_words(found):
            self.stdout.write(f"  {line}")


def _judged(name: str) -> Conformance | None:
    """How a case stands; None when there is none of that name, or its history cannot be read."""
    try:
        case = Case.objects.filter(Q(number=name) | Q(pk=name)).first()
    except ValidationError:  # no key of a case
        case = Case.objects.filter(number=name).first()
    if case is None:
        return None
    try:
        return conformance_of(events_of(case.stream, lambda _type, _name: True))
    except (HistoryRefused, Release.DoesNotExist, Unpublishable):
        return None
