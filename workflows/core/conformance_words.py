"""How a case stands to the safeguards, in Dutch lines for people and as JSON values for machines; without a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from padwijzer.workflows.core.conformance import Conformance, Deviated, Judgement, Mention, Standing
from padwijzer.workflows.core.envelopes import Json, moment

STANDINGS: Final[Mapping[Standing, str]] = MappingProxyType(
    {
        Standing.KEPT: "gehouden",
        Standing.DEVIATED: "gehouden door af te wijken",
        Standing.OPEN: "open",
        Standing.BROKEN: "gebroken",
    }
)
UNREADABLE: Final = "Deze zaak is er niet, of haar geschiedenis is niet te lezen."
"""What is said of a case that cannot be judged."""


def in_words(found: Conformance) -> Iterator[str]:
    """
    The lines that people read: what is wrong with the history, each statement that arose, and how many of each.

    Args:
        found: how a case stands.

    Yields:
        Lines in Dutch; what belongs to a statement is indented.
    """
    yield from found.flaw_sentences
    for it in found.judgements:
        if it.arose:
            yield f"{STANDINGS[it.standing].capitalize()} ({it.about}): {it.statement}"
            yield from (f"    {sentence}" for sentence in it.sentences)
    count = Counter(it.standing for it in found.judgements if it.arose)
    words = ", ".join(f"{count[standing]} {word}" for standing, word in STANDINGS.items())
    quiet = sum(not it.arose for it in found.judgements)
    yield f"{found.events} gebeurtenissen gelezen: {words}; {quiet} niet aan de orde."


def as_objects(found: Conformance) -> Iterator[dict[str, Json]]:
    """
    The same for machines: an object for each flaw, one for each judgement, and one for the whole.

    Args:
        found: how a case stands.
    """
    for flawed, sentence in zip(found.flaws, found.flaw_sentences, strict=True):
        yield {"flaw": flawed.flaw.value, "event": flawed.seq, "sentence": sentence}
    for it in found.judgements:
        yield _judgement(it)
    yield {
        "kept": found.is_kept,
        "events": found.events,
        "judgements": len(found.judgements),
        "broken": len(found.broken),
        "flaws": len(found.flaws),
        "pack": found.pack,
        "version": found.version,
        "sha256": found.digest,
    }


def _judgement(it: Judgement) -> dict[str, Json]:
    return {
        "safeguard": it.safeguard,
        "statement": it.statement,
        "scope": it.scope.value,
        "subject": it.subject,
        "about": it.about,
        "standing": it.standing.value,
        "arose": it.arose,
        "why": it.why,
        "sentences": list(it.sentences),
        "fulfilled_by": [_mention(step) for step in it.fulfilled_by],
        "deviations": [_deviated(deviated) for deviated in it.deviations],
        "owed_since": None if it.owed_since is None else _mention(it.owed_since),
        "broken_by": None if it.broken_by is None else _mention(it.broken_by),
    }


def _mention(it: Mention) -> dict[str, Json]:
    return {
        "event": it.seq,
        "at": moment(it.at),
        "actor": it.actor,
        "role": it.role,
        "what": it.what.value,
        "by_person": it.by_person,
        "definition": it.definition,
        "version": it.version,
        "activity": it.activity,
        "run": it.run,
        "subject": it.subject,
    }


def _deviated(it: Deviated) -> dict[str, Json]:
    known = it.deviation
    review = known.review if known is not None else None
    return {
        "step": _mention(it.step),
        "reasoned": known is not None,
        "look_again_on": str(known.look_again_on) if known is not None and known.look_again_on else None,
        "review": None if review is None else {"event": review.seq, "at": moment(review.at), "actor": review.actor},
    }
