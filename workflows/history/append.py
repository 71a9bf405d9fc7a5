"""
The only writer of the history; called by actions, inside their transaction.

Lock order, always: the row of the case or run, then heads in the order of their names. One event costs four
statements: lock the head, insert the event, insert its openings, move the head.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from django.db import router, transaction

from padwijzer.workflows.core.envelopes import (
    SALT_BYTES,
    Envelope,
    Json,
    canonical,
    commit,
    event_hash,
    genesis,
    moment,
    nfc,
    read_moment,
)
from padwijzer.workflows.core.errors import HistoryRefused
from padwijzer.workflows.core.streams import is_stream
from padwijzer.workflows.history.log import log_name
from padwijzer.workflows.models import Event, Head, Opening
from padwijzer.workflows.models.prepared import Insert, NotWritten, Select, Update

CLOCK = "clock"  # in `ref`: what the clock said, where it stood more than this behind the stream
CLOCK_TOLERANCE = timedelta(seconds=2)

_HEAD = Select(Head, lambda stream: Head.objects.select_for_update().filter(stream=stream), stream="stream")
_ADD_EVENTS = Insert(Event)
_ADD_OPENINGS = Insert(Opening)
_MOVE = Update(Head, ("seq", "hash", "at"), unless=("seq",))


@dataclass(frozen=True, slots=True)
class Entry:
    """
    What is to be recorded.

    Attributes:
        stream: where; see `core/streams.py`.
        type: what happened, past tense, for example `task.completed`.
        actor: pseudonym of who did it.
        ref: ids and hashes; no personal data.
        fields: name to value; values may be personal and go into openings.
    """

    stream: str
    type: str
    actor: str
    ref: Mapping[str, Json] = field(default_factory=dict)
    fields: Mapping[str, Json] = field(default_factory=dict, repr=False)


def append(
    stream: str,
    event_type: str,
    actor: str,
    at: datetime,
    *,
    ref: Mapping[str, Json] | None = None,
    fields: Mapping[str, Json] | None = None,
    head: Head | None = None,
    salts: Callable[[int], bytes] = secrets.token_bytes,
) -> Event:
    """
    Records one event at the end of its stream.

    Args:
        stream: where; see `core/streams.py`.
        event_type: what happened, past tense, for example `task.completed`.
        actor: pseudonym of who did it.
        at: now, with time zone. The event never stands before the one it follows.
        ref: ids and hashes; no personal data.
        fields: name to value.
        head: the head of the stream, locked in this transaction by `lock_heads`; saves a statement.
        salts: gives that many random bytes.

    Returns:
        The stored event.

    Raises:
        HistoryRefused: outside a transaction (`no_transaction`), an unknown stream, a value that cannot be hashed,
            or a head that somebody else has moved (`moved`).
        ImproperlyConfigured: the setting PADWIJZER_LOG lacks.
    """
    entry = Entry(stream, event_type, actor, ref or {}, fields or {})
    return append_all([entry], at, heads=() if head is None else (head,), salts=salts)[0]


def append_all(
    entries: Sequence[Entry],
    at: datetime,
    *,
    heads: Iterable[Head] = (),
    salts: Callable[[int], bytes] = secrets.token_bytes,
) -> list[Event]:
    """
    Records several events together, in one or more streams.

    Args:
        entries: in the order in which they happened; those of one stream follow each other.
        at: now, with time zone.
        heads: heads already locked in this transaction by `lock_heads`; they are moved along.
        salts: gives that many random bytes.

    Returns:
        The stored events, in the order of `entries`.

    Raises:
        HistoryRefused, ImproperlyConfigured: as `append`.
    """
    log = log_name()
    held = {head.stream: head for head in heads}
    held |= lock_heads({entry.stream for entry in entries} - held.keys())
    before = {entry.stream: held[entry.stream].seq for entry in entries}
    events: list[Event] = []
    openings: list[Opening] = []
    for entry in entries:
        event, its_openings = _next(log, held[entry.stream], entry, at, salts)
        events.append(event)
        openings += its_openings
    _ADD_EVENTS(events)
    for opening in openings:
        opening.event_id = opening.event.pk
    _ADD_OPENINGS(openings)
    for stream in sorted(before):
        _move(held[stream], before[stream])
    return events


def lock_heads(streams: Iterable[str]) -> dict[str, Head]:
    """
    Locks the ends of streams until the transaction ends; a new stream gets its head.

    Whoever locks, appends: a head without events is a finding of the verifier.

    Args:
        streams: their names.

    Returns:
        Stream to its locked head.

    Raises:
        HistoryRefused: outside a transaction, or an unknown stream.
    """
    using = router.db_for_write(Head)
    if not transaction.get_connection(using).in_atomic_block:
        raise HistoryRefused(
            "no_transaction",
            "",
            "an event is written in the transaction of what it tells of",
            hint="Call this inside transaction.atomic().",
        )
    wanted = sorted(set(streams))
    for stream in wanted:
        if not is_stream(stream):
            raise HistoryRefused("stream", stream, "there is no stream of this name", hint="See core/streams.py.")
    if not wanted:
        return {}
    found = _locked(wanted)
    missing = [stream for stream in wanted if stream not in found]
    if missing:
        log = log_name()
        # A concurrent insert of the same head makes this one wait for the other's end, and then do nothing.
        Head.objects.using(using).bulk_create(
            [Head(stream=stream, seq=-1, hash=genesis(log, stream)) for stream in missing], ignore_conflicts=True
        )
        found = _locked(wanted)
    return found


def _locked(streams: Sequence[str]) -> dict[str, Head]:
    """The heads of these streams, locked in the order of their names."""
    if len(streams) == 1:
        heads = _HEAD(stream=streams[0])
    else:
        using = router.db_for_write(Head)
        heads = list(Head.objects.using(using).select_for_update().filter(stream__in=streams).order_by("stream"))
    return {head.stream: head for head in heads}


def _next(
    log: str, head: Head, entry: Entry, at: datetime, salts: Callable[[int], bytes]
) -> tuple[Event, list[Opening]]:
    """The event that follows a head, and its openings; the head is moved in memory."""
    fields = cast("Mapping[str, Json]", nfc(entry.fields, "fields"))
    ref = dict(cast("Mapping[str, Json]", nfc(entry.ref, "ref")))
    if CLOCK in ref:
        raise HistoryRefused("ref", f"ref.{CLOCK}", "this name is kept for what the clock said")
    text = moment(at)
    if text < head.at:
        previous = read_moment(head.at)
        if previous - at > CLOCK_TOLERANCE:
            ref[CLOCK] = text
        at = previous
    salted = {name: salts(SALT_BYTES) for name in fields}
    prev = bytes(head.hash)
    envelope = Envelope(
        log=log,
        stream=entry.stream,
        seq=head.seq + 1,
        prev=prev,
        at=at,
        actor=entry.actor,
        type=entry.type,
        ref=ref,
        fields={name: commit(salted[name], name, value) for name, value in fields.items()},
    ).text()
    digest = event_hash(envelope)
    event = Event(stream=entry.stream, seq=head.seq + 1, prev=prev, hash=digest, envelope=envelope)
    head.seq, head.hash, head.at = head.seq + 1, digest, moment(at)
    openings = [
        Opening(event=event, name=name, salt=salted[name], value=canonical(value, f"fields.{name}").decode("utf-8"))
        for name, value in fields.items()
    ]
    return event, openings


def _move(head: Head, before: int) -> None:
    """Moves a stored head to where it stands in memory: the one update of the history."""
    try:
        _MOVE(head, seq=before)
    except NotWritten:
        raise HistoryRefused(
            "moved", head.stream, "somebody else moved this head", hint="Lock it with lock_heads and try again."
        ) from None
