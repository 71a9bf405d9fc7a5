"""The proof of a published release, looked at again: nothing of the day of publishing has to be believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from padwijzer.forms.core.errors import Unreadable
from padwijzer.forms.core.nodes import Node
from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.catalogues import shipped_catalogue
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.certificates import certificate
from padwijzer.workflows.core.proving.records import ProofRecord, load_record, objections
from padwijzer.workflows.core.releases import release_digest
from padwijzer.workflows.core.streams import definition_stream
from padwijzer.workflows.core.terms import read_terms
from padwijzer.workflows.models import Event, Release
from padwijzer.workflows.queries.releases import pack_of, spec_of


def faults_of(release: Release) -> tuple[str, ...]:
    """
    Why the proof of a release does not hold: walked again, on what is stored now; none when it holds.

    Returns:
        Dutch sentences.
    """
    return tuple(_faults(release))


def certificate_of(release: Release) -> str:
    """The proof of a release on one page, in Dutch. Raises: Unreadable when what is stored is no proof."""
    titles = {key: in_language(it.title) for key, it in spec_of(release).definitions.items()}
    return certificate(load_record(release.proof), titles, number=release.number, on=local_day(release.published_at))


def _faults(release: Release) -> Iterator[str]:
    if not release.proof:
        yield "Bij deze uitgave is geen bewijs bewaard."
        return
    try:
        record, spec, pack = load_record(release.proof), spec_of(release), pack_of(release)
        terms = read_terms(Node(release.terms))
    except (Unreadable, KeyError):
        yield "Wat van deze uitgave is bewaard, is niet te lezen."
        return
    if release.digest != release_digest(spec, release.terms, pack.digest):
        yield "De inhoud van deze uitgave is niet wat er is gepubliceerd."
    if not _is_in_the_history(release, record):
        yield "Dit bewijs staat niet in de geschiedenis."
    plan = compile_release(spec, replace(shipped_catalogue(), terms=terms))
    if not isinstance(plan, Plan):
        yield "Deze versie van Padwijzer vindt fouten in de paden van deze uitgave."
        return
    yield from objections(record, spec, plan, pack, release.terms)


def _is_in_the_history(release: Release, record: ProofRecord) -> bool:
    told = Event.objects.filter(stream=definition_stream(release.start.lower())).values_list("envelope", flat=True)
    return any(
        event["type"] == "release.published"
        and (event["ref"]["sha256"], event["ref"]["proof"]) == (release.digest, record.digest)
        for event in map(json.loads, told)
    )
