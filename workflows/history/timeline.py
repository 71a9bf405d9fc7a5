"""Reading the history for people: in order, with the values that may be seen."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from padwijzer.workflows.core.envelopes import Json, read_moment
from padwijzer.workflows.core.errors import HistoryRefused
from padwijzer.workflows.models import Event, Opening

MaySee = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class PastEvent:
    """
    One event as somebody may read it.

    Attributes:
        stream: where it stands.
        seq: its place in the stream, from 0.
        at: when it happened, in UTC.
        actor: pseudonym of who did it.
        type: what happened.
        ref: ids and hashes.
        hash: of the event, 32 bytes.
        values: field name to value, of the fields that may be seen.
        withheld: names of fields that exist and may not be seen.
        erased: names of fields that may be seen and whose value is gone.
    """

    stream: str
    seq: int
    at: datetime
    actor: str
    type: str
    ref: Mapping[str, Json]
    hash: bytes
    values: Mapping[str, Json] = field(repr=False)
    withheld: frozenset[str]
    erased: frozenset[str]


def events_of(stream: str, may_see: MaySee, *, after: int = -1, before: int | None = None) -> list[PastEvent]:
    """
    The events of a stream in order: two queries, whatever its length. It verifies nothing.

    Args:
        stream: its name; the caller knows that its reader may see that it exists.
        may_see: of (event type, field name), whether the reader may see the value.
        after: only events behind this place.
        before: only events in front of this place; None is all.
    """
    rows = Event.objects.filter(stream=stream, seq__gt=after).order_by("seq")
    if before is not None:
        rows = rows.filter(seq__lt=before)
    # Events first: one that is appended meanwhile is not read at all, instead of read without its values.
    events = list(rows.values_list("pk", "hash", "envelope"))
    openings: defaultdict[int, dict[str, str]] = defaultdict(dict)
    stored = Opening.objects.filter(event__stream=stream, event__seq__gt=after)
    if before is not None:
        stored = stored.filter(event__seq__lt=before)
    for event_id, name, value in stored.values_list("event_id", "name", "value"):
        openings[event_id][name] = value
    return [_past(json.loads(envelope), bytes(digest), openings[pk], may_see) for pk, digest, envelope in events]


def latest_of(stream: str, number: int) -> list[PastEvent]:
    """
    The last events of a stream, newest first, without any value of theirs: one query.

    Args:
        stream: its name; the caller knows that its reader may see that it exists.
        number: at most so many.
    """
    rows = Event.objects.filter(stream=stream).order_by("-seq").values_list("hash", "envelope")[:number]
    return [_past(json.loads(envelope), bytes(digest), {}, _nothing) for digest, envelope in rows]


def _nothing(_event_type: str, _name: str) -> bool:
    return False


def _past(envelope: Mapping[str, Json], digest: bytes, stored: Mapping[str, str], may_see: MaySee) -> PastEvent:
    match envelope:
        case {
            "chain": str(stream),
            "seq": int(seq),
            "at": str(at),
            "actor": str(actor),
            "type": str(kind),
            "ref": dict(ref),
            "fields": dict(names),
        }:
            seen = [name for name in names if may_see(kind, name)]
            return PastEvent(
                stream=stream,
                seq=seq,
                at=read_moment(at),
                actor=actor,
                type=kind,
                ref=ref,
                hash=digest,
                values={name: json.loads(stored[name]) for name in seen if name in stored},
                withheld=frozenset(names) - frozenset(seen),
                erased=frozenset(name for name in seen if name not in stored),
            )
    raise HistoryRefused(
        "shape", "", "a stored event has not the shape of an event", hint="Run 'manage.py verify_history'."
    )
