"""
Verifies the stored history against the byte-exact rule: nothing changed, nothing missing, nothing put in between.

It sees every change of an event, an opening or a head, and every event cut off while the head stays. It cannot see a
stream that was rewritten as a whole, or cut together with its head: that is what hashes kept elsewhere are for
(`core.envelopes.head_leaf`). `recorded_at` and, before there are checkpoints, `sealed_seq` are no evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connections, router, transaction
from django.db.models import BinaryField, Exists, Func, OuterRef
from django.utils.translation import gettext_lazy as _

from padwijzer.workflows.core.envelopes import (
    Envelope,
    commit,
    event_hash,
    genesis,
    moment,
    read_envelope,
    read_json,
)
from padwijzer.workflows.core.errors import HistoryRefused
from padwijzer.workflows.core.streams import is_stream
from padwijzer.workflows.history.log import log_name
from padwijzer.workflows.models import Event, Head, Opening

ERASED = "fields.erased"  # the event that names erased openings: ref.erased = [[seq, field name], …]
_CHUNK = 500

_CHANGED = _("Somebody changed the database. Find out who and when, and compare with a backup.")
_MISSING = _("Somebody removed something. Find it in a backup, and find out who and when.")

_SENTENCES: dict[str, tuple[Any, Any]] = {
    "no_such_stream": (_("There is no stream of this name."), _("See 'manage.py verify_history' without a name.")),
    "stream": (_("No stream can have this name."), _CHANGED),
    "unreadable": (_("The event is not JSON in UTF-8."), _CHANGED),
    "duplicate_key": (_("The event names a key twice."), _CHANGED),
    "not_canonical": (_("The event is not written in the one form that RFC 8785 allows."), _CHANGED),
    "shape": (_("The event has not the shape of an event (%(place)s)."), _CHANGED),
    "gap": (_("Event %(expected)s is missing here."), _MISSING),
    "other_log": (
        _("The event belongs to another log."),
        _("Check the setting PADWIJZER_LOG; if that is right, the event comes from elsewhere."),
    ),
    "other_stream": (_("The event belongs to another stream."), _CHANGED),
    "other_place": (_("The event belongs at another place of its stream."), _CHANGED),
    "link": (_("The event does not follow the hash of the event before it."), _CHANGED),
    "hash": (_("The event does not have the hash that is stored with it."), _CHANGED),
    "clock": (_("The event happened before the event that it follows."), _CHANGED),
    "opening": (_("The value of field %(field)s is not the value that was recorded."), _CHANGED),
    "opening_missing": (
        _("The value of field %(field)s is gone, and no later event says that it was erased."),
        _MISSING,
    ),
    "opening_extra": (_("A value was added for field %(field)s, which the event does not have."), _CHANGED),
    "not_erased": (_("The event says that field %(field)s of event %(other)s was erased, but it was not."), _CHANGED),
    "head_missing": (_("The stream has events but no head."), _MISSING),
    "head_without_events": (_("The stream has a head but no events."), _MISSING),
    "head": (_("The head does not agree with the last event: events were cut off, added or changed."), _MISSING),
    "orphan": (_("There are %(count)s values of events that do not exist."), _MISSING),
}


@dataclass(frozen=True, slots=True)
class HistoryFinding:
    """
    What is wrong with the history. It names fields, never values.

    Attributes:
        stream: which stream; empty for the database as a whole.
        seq: which event; None for the stream as a whole.
        code: stable, for machines.
        sentence: what is wrong, in the language that is active.
        hint: what to do.
    """

    stream: str
    seq: int | None
    code: str
    sentence: str
    hint: str


@dataclass(frozen=True, slots=True)
class Examined:
    """
    What was found in one stream.

    Attributes:
        stream: its name; empty for the database as a whole.
        events: how many events were read.
        erased: how many values are gone with a `fields.erased` event that says so.
        findings: what is wrong; empty when the stream is sound.
    """

    stream: str
    events: int
    erased: int
    findings: tuple[HistoryFinding, ...]


def verify_stream(stream: str) -> list[HistoryFinding]:
    """
    What is wrong with one stream.

    Args:
        stream: its name.

    Returns:
        Findings in the order of the events; empty when it is sound.
    """
    return list(examine(stream).findings)


def verify_all() -> list[HistoryFinding]:
    """What is wrong with the whole history. Returns: findings by stream; empty when it is sound."""
    return [finding for examined in examine_all() for finding in examined.findings]


def examine_all() -> Iterator[Examined]:
    """Examines one stream after the other, and at last what belongs to none."""
    for stream in _streams():
        yield examine(stream)
    orphans = Opening.objects.filter(~Exists(Event.objects.filter(pk=OuterRef("event_id")))).count()
    findings = (_finding("", None, "orphan", count=orphans),) if orphans else ()
    yield Examined("", 0, 0, findings)


def examine(stream: str) -> Examined:
    """
    Examines one stream in memory that does not grow with it, on one state of the database.

    Args:
        stream: its name.
    """
    examination = _Examination(stream, log_name())
    with _one_state():
        for row in _events(stream):
            examination.event(row)
        head = Head.objects.filter(stream=stream).values_list("seq", "hash", _Octets("at"), "sealed_seq")
        examination.end(head.first())
    return examination.result()


class _Row(NamedTuple):
    seq: Any
    prev: bytes
    hash: bytes
    envelope: bytes
    openings: dict[str, tuple[bytes, bytes, Any]]


@dataclass(slots=True)
class _Examination:
    """One walk along a stream: what the next event must follow, and what is still to be explained."""

    stream: str
    log: str
    expected: int = 0
    events: int = 0
    erased: int = 0
    at: str = ""
    prev: bytes = b""
    missing: dict[tuple[int, str], None] = field(default_factory=dict)
    findings: list[HistoryFinding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.prev = genesis(self.log, self.stream)

    def event(self, row: _Row) -> None:
        self.events += 1
        if row.seq != self.expected:
            self.say(row.seq, "gap", expected=self.expected)
        try:
            envelope = read_envelope(row.envelope)
        except HistoryRefused as refusal:
            code = refusal.code if refusal.code in _SENTENCES else "shape"
            self.say(row.seq, code, place=refusal.place)
        else:
            self.envelope(row, envelope)
        digest = event_hash(row.envelope)
        if row.prev != self.prev:
            self.say(row.seq, "link")
        if row.hash != digest:
            self.say(row.seq, "hash")
        self.prev = digest
        self.expected = row.seq + 1 if isinstance(row.seq, int) else self.expected + 1

    def envelope(self, row: _Row, envelope: Envelope) -> None:
        at = moment(envelope.at)
        for code, wrong in (
            ("clock", at < self.at),
            ("other_log", envelope.log != self.log),
            ("other_stream", envelope.stream != self.stream),
            ("other_place", envelope.seq != row.seq),
            ("link", envelope.prev != row.prev),
        ):
            if wrong:
                self.say(row.seq, code)
        self.at = at
        if envelope.type == ERASED:
            self.erasure(row.seq, envelope)
        for name, commitment in envelope.fields.items():
            if name not in row.openings:
                self.missing[row.seq, name] = None
            elif not _opens(commitment, name, *row.openings[name]):
                self.say(row.seq, "opening", field=name)
        for name in row.openings.keys() - envelope.fields.keys():
            self.say(row.seq, "opening_extra", field=name)

    def erasure(self, seq: int, envelope: Envelope) -> None:
        named = envelope.ref.get("erased")
        if not isinstance(named, list):
            self.say(seq, "shape", place="ref.erased")
            return
        for pair in named:
            match pair:
                case [int(other), str(name)]:
                    if (other, name) in self.missing:
                        del self.missing[other, name]
                        self.erased += 1
                    else:
                        self.say(seq, "not_erased", field=name, other=other)
                case _:
                    self.say(seq, "shape", place="ref.erased")

    def end(self, head: tuple[Any, Any, Any, Any] | None) -> None:
        for seq, name in self.missing:
            self.say(seq, "opening_missing", field=name)
        if not is_stream(self.stream):
            self.say(None, "stream")
        elif head is None:
            self.say(None, "head_missing" if self.events else "no_such_stream")
        elif not self.events:
            self.say(None, "head_without_events")
        else:
            seq, digest, at, sealed = head
            agrees = seq == self.expected - 1 and _octets(digest) == self.prev and _octets(at) == self.at.encode()
            if not agrees or not isinstance(sealed, int) or not -1 <= sealed <= seq:
                self.say(None, "head")

    def say(self, seq: int | None, code: str, **parameters: object) -> None:
        finding = _finding(self.stream, seq, code, **parameters)
        if finding not in self.findings[-1:]:
            self.findings.append(finding)

    def result(self) -> Examined:
        return Examined(self.stream, self.events, self.erased, tuple(self.findings))


class _Octets(Func):
    """The bytes of a text, also where they are not valid UTF-8 (SQLite takes anything)."""

    output_field = BinaryField()
    function = "CONVERT_TO"
    template = "%(function)s(%(expressions)s, 'UTF8')"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS BLOB)", **extra)


def _opens(commitment: bytes, name: str, salt: bytes, value: bytes, key_id: Any) -> bool:
    if key_id is not None:
        return False  # this version encrypts nothing
    try:
        return commit(salt, name, read_json(value)) == commitment
    except HistoryRefused:
        return False


def _streams() -> Iterator[str]:
    """The names of all streams, each once: those with a head, then those without."""
    headed = Head.objects.filter(stream=OuterRef("stream"))
    for names in (
        Head.objects.order_by("stream").values_list(_Octets("stream")),
        Event.objects.filter(~Exists(headed)).order_by().values_list(_Octets("stream")).distinct(),
    ):
        for (name,) in names.iterator(chunk_size=_CHUNK):
            yield _octets(name).decode("utf-8", "replace")


def _events(stream: str) -> Iterator[_Row]:
    """The events of a stream with their openings: two queries side by side, read in the same order."""
    events = Event.objects.filter(stream=stream).order_by("seq", "pk")
    openings = Opening.objects.filter(event__stream=stream).order_by("event__seq", "event_id")
    rows = openings.values_list("event_id", _Octets("name"), "salt", _Octets("value"), _Octets("key_id"))
    groups = groupby(rows.iterator(chunk_size=_CHUNK), key=itemgetter(0))
    ahead = next(groups, None)
    columns = events.values_list("pk", "seq", "prev", "hash", _Octets("envelope"))
    for pk, seq, prev, digest, envelope in columns.iterator(chunk_size=_CHUNK):
        found: dict[str, tuple[bytes, bytes, Any]] = {}
        if ahead is not None and ahead[0] == pk:
            found = {
                _octets(name).decode("utf-8", "replace"): (_octets(salt), _octets(value), key_id)
                for _event, name, salt, value, key_id in ahead[1]
            }
            ahead = next(groups, None)
        yield _Row(seq, _octets(prev), _octets(digest), _octets(envelope), found)


@contextmanager
def _one_state() -> Iterator[None]:
    """Everything read inside is of one moment, so that events appended meanwhile look like no fault."""
    using = router.db_for_read(Event)
    connection = connections[using]
    outermost = not connection.in_atomic_block
    with transaction.atomic(using=using):
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _octets(value: Any) -> bytes:
    """A column as bytes, whatever somebody put there."""
    return value.encode("utf-8") if isinstance(value, str) else bytes(value or b"")


def _finding(stream: str, seq: int | None, code: str, **parameters: object) -> HistoryFinding:
    sentence, hint = _SENTENCES[code]
    return HistoryFinding(stream, seq, code, str(sentence) % parameters, str(hint))
