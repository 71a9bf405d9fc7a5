"""Looks at the proofs of published releases again, for the auditor."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from padwijzer.workflows.models import Release
from padwijzer.workflows.queries.proofs import certificate_of, faults_of


class Command(BaseCommand):
    """
    `manage.py verify_release [--json] [--certificate] [NUMBER …]`: exit status 0 every proof holds, 1 one does not.

    It walks what was walked on the day of publishing, on what is stored now.
    """

    help = "Walks the proofs of releases again, and prints them on a page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which releases, and for whom the answer is."""
        parser.add_argument("numbers", nargs="*", type=int, metavar="NUMBER", help="of a release; all when left out")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="one JSON object a line, for machines"
        )
        parser.add_argument("--certificate", action="store_true", help="print each proof that holds on one page")

    def handle(self, *_args: Any, numbers: list[int], as_json: bool, certificate: bool, **_options: Any) -> None:
        """Looks again, reports as it goes, and exits."""
        releases = Release.objects.order_by("number")
        if unknown := set(numbers) - set(releases.values_list("number", flat=True)):
            raise CommandError(_("There is no release %(number)s.") % {"number": min(unknown)})
        if numbers:
            releases = releases.filter(number__in=numbers)
        sound = True
        for release in releases:
            faults = faults_of(release)
            sound = sound and not faults
            if as_json:
                line = {"release": release.number, "holds": not faults, "faults": faults}
                self.stdout.write(json.dumps(line, ensure_ascii=False))
            else:
                said = (
                    _("Release %(number)s: its proof does not hold.")
                    if faults
                    else _("Release %(number)s: its proof holds.")
                )
                self.stdout.write(said % {"number": release.number})
                for fault in faults:
                    self.stdout.write(f"    {fault}")
            if certificate and not faults:
                self.stdout.write("\n" + certificate_of(release))
        if not sound:
            sys.exit(1)
