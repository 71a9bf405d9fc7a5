"""`padwijzer conform`: the safeguards over what a played case script leaves in the history."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from padwijzer.workflows.actions.play_case import Outcome, play_case
from padwijzer.workflows.actions.play_cast import settings_of
from padwijzer.workflows.cli.playing import FAILS, HOLDS, UNREADABLE, each_script, say
from padwijzer.workflows.core.conformance_words import as_objects, in_words
from padwijzer.workflows.core.scripts import REFUSALS, CaseScript
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.models import Case
from padwijzer.workflows.queries.conformance import conformance_of


def run(options: Namespace) -> int:
    """Play the scripts and judge what was recorded. Returns: the exit status."""
    return each_script(options, _conform)


def _conform(options: Namespace, path: Path, script: CaseScript) -> int:
    stuck = [outcome.place for outcome in play_case(script) if _ends_it(outcome)]
    if stuck:
        sentence = f"{path}: {stuck[0]}: Hier gaat het anders dan het script zegt; er is niets beoordeeld."
        say(options, sentence, script=str(path), place=stuck[0], reason="stuck")
        return UNREADABLE
    events = events_of(Case.objects.get().stream, lambda _type, _name: True)
    with settings_of(script):
        found = conformance_of(events)
    if options.as_json:
        for values in as_objects(found):
            print(json.dumps({"case": str(path), **values}, ensure_ascii=False))
    else:
        print(path)
        for line in in_words(found):
            print(f"  {line}")
    return HOLDS if found.is_kept else FAILS


def _ends_it(outcome: Outcome) -> bool:
    """Whether a script is not played on after this: it was refused, or done, against what the script says."""
    return outcome.kind in REFUSALS and bool(outcome.expected) != bool(outcome.found)
