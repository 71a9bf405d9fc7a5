"""The proof of a release on one page, in Dutch, for who decides about it and is no programmer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from textwrap import wrap
from typing import Final

from padwijzer.workflows.core.deadlines import date_in_words
from padwijzer.workflows.core.packs import TO_VERIFY
from padwijzer.workflows.core.proving.records import Means, ProofRecord, Proven

WIDTH: Final = 100
SHOWN: Final = 16
"""How many digits of a SHA-256 are shown: enough to compare by eye."""
HEADS: Final[Mapping[Means, str]] = {
    Means.WALKED: "Bewezen door alle routes te lopen",
    Means.MADE: "Bewezen uit hoe de stappen gemaakt zijn",
    Means.ABSENT: "Zolang deze paden zulke stappen niet hebben",
}


def certificate(record: ProofRecord, titles: Mapping[str, str], *, number: int = 0, on: date | None = None) -> str:
    """
    A proof as one page of text.

    Args:
        record: the proof.
        titles: key of a definition to its name in Dutch.
        number: of the release; 0 when it is not published.
        on: the day on which it was published.
    """
    return "\n".join(_lines(record, titles, number, on)) + "\n"


def _lines(record: ProofRecord, titles: Mapping[str, str], number: int, on: date | None) -> Iterator[str]:
    release = f"Uitgave {number}" if number else "Deze paden"
    yield f"BEWIJS VAN DE WAARBORGEN - {release}" + (f", {date_in_words(on)}" if on else "")
    yield ""
    yield from wrap(
        "Padwijzer heeft nagegaan wat er in deze paden allemaal kan gebeuren: welke antwoorden mensen ook geven,"
        " welke stappen zij ook overslaan, en wanneer er ook een crisis is."
        f" {_thousands(record.states)} toestanden zijn doorlopen."
        f" Op geen enkele route gaat een van deze {len(record.statements)} waarborgen verloren.",
        WIDTH,
    )
    for means, head in HEADS.items():
        statements = [it for it in record.statements if it.means is means]
        if statements:
            yield ""
            yield f"{head} ({len(statements)})"
            for it in statements:
                yield from wrap(_said(it), WIDTH, initial_indent=" * ", subsequent_indent="   ")
    if any(TO_VERIFY in it.certainty for it in record.statements):
        yield ""
        yield "[verify] Een jurist moet deze bron nog bevestigen."
    yield ""
    yield "Waar het bewijs van uitgaat"
    for line in record.assumptions:
        yield from wrap(line, WIDTH, initial_indent=" * ", subsequent_indent="   ")
    yield ""
    yield "Om na te rekenen (het begin van elke SHA-256)"
    named = [f"{titles.get(key, key)} {digest[:SHOWN]}" for key, digest in record.definitions.items()]
    key, version, digest = record.pack
    others = (f"waarborgen {key} {version} {digest[:SHOWN]}", f"termijnen {record.terms[:SHOWN]}")
    yield from wrap("; ".join((*named, *others)) + ".", WIDTH)
    yield f"Bewijzer {record.prover}, bewijs {record.digest[:SHOWN]}."


def _said(it: Proven) -> str:
    mark = f" {TO_VERIFY}" if TO_VERIFY in it.certainty else ""
    return f"{it.statement} ({it.source}){mark}"


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")
