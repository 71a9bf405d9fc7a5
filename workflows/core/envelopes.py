"""
The byte-exact rule of the history, version 1: what is hashed, and over which bytes.

An event is an *envelope*: JSON in the one form that RFC 8785 allows, chained by SHA-256 to the event before it.
Personal values are not in it, only their *commitments*: the hash of a random salt, the name and the value. Who holds
the opening (salt and value) can check the value; once the opening is erased, nobody can guess it back.
The leaf of a head is that of an RFC 6962 tree, so that checkpoints can be added without another format.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Final, NoReturn, TypeAlias

import rfc8785

from .errors import HistoryRefused

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

VERSION: Final = 1
SALT_BYTES: Final = 32
HASH_BYTES: Final = 32
KEYS: Final = frozenset({"v", "log", "chain", "seq", "prev", "at", "actor", "type", "ref", "fields"})

_EVENT: Final = b"wfhist/v1/event\n"
_FIELD: Final = b"wfhist/v1/field\n"
_GENESIS: Final = b"wfhist/v1/genesis\n"
_HEAD: Final = b"wfhist/v1/head\n"
_LEAF: Final = b"\x00"

_LARGEST: Final = 2**53 - 1
_DEEPEST: Final = 50
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def nfc(value: Json, place: str = "") -> Json:
    """
    A deep copy with every string in Unicode normalisation form C, so that what looks alike is alike.

    Args:
        value: any JSON value.
        place: where it stands, for the message of a refusal.

    Raises:
        HistoryRefused: two keys become one, or it is no JSON value.
    """
    return _plain(value, place, 0, normalise=True)


def canonical(value: Json, place: str = "") -> bytes:
    """
    The one way to write a JSON value (RFC 8785), in UTF-8.

    Args:
        value: strings in NFC and without NUL or lone surrogates; numbers within ±(2^53-1), for beyond that another
            language reads another number; at most 50 levels deep.
        place: where it stands, for the message of a refusal.

    Raises:
        HistoryRefused: it is none of these.
    """
    return rfc8785.dumps(_plain(value, place, 0, normalise=False))


def read_json(text: str | bytes, place: str = "") -> Json:
    """
    Reads what `canonical` wrote, and nothing else: no duplicate keys, no other spelling of the same value.

    Args:
        text: JSON, as str or in UTF-8.
        place: where it stands, for the message of a refusal.

    Raises:
        HistoryRefused: codes `unreadable`, `duplicate_key`, `not_canonical`, or as `canonical`.
    """
    try:
        found = text if isinstance(text, str) else text.decode("utf-8")
        value: Json = json.loads(found, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError):
        raise HistoryRefused("unreadable", place, "this is not JSON in UTF-8") from None
    if canonical(value, place) != found.encode("utf-8"):
        raise HistoryRefused("not_canonical", place, "this is not the RFC 8785 form of the value")
    return value


def commit(salt: bytes, name: str, value: Json) -> bytes:
    """
    The commitment to one field: 32 bytes that tie name and value without showing them.

    Args:
        salt: 32 random bytes, never used twice.
        name: of the field; from the definition, no personal data.
        value: what was answered.

    Raises:
        HistoryRefused: the salt has another length, or the value cannot be written.
    """
    if len(salt) != SALT_BYTES:
        raise HistoryRefused("salt", f"fields.{name}", f"a salt is {SALT_BYTES} bytes, not {len(salt)}")
    return sha256(_FIELD + salt + canonical([name, value], f"fields.{name}")).digest()


def genesis(log: str, stream: str) -> bytes:
    """What the first event of a stream points back to, 32 bytes: no event can be moved to another stream or log."""
    return sha256(_GENESIS + canonical([log, stream], "chain")).digest()


def event_hash(envelope: str | bytes) -> bytes:
    """The hash of an event, 32 bytes. Args: envelope: the exact text that is stored."""
    return sha256(_EVENT + (envelope.encode("utf-8") if isinstance(envelope, str) else envelope)).digest()


def head_leaf(stream: str, seq: int, head: bytes) -> bytes:
    """
    The leaf of a head in the Merkle tree over all streams (RFC 6962, section 2.1).

    Args:
        stream: its name.
        seq: of its last event.
        head: the hash of that event, 32 bytes.
    """
    return sha256(_LEAF + _HEAD + canonical([stream, seq, head.hex()], "head")).digest()


def moment(at: datetime) -> str:
    """
    A moment as the history writes it: `YYYY-MM-DDThh:mm:ss.ffffffZ`; sorting the texts sorts the moments.

    Raises:
        HistoryRefused: the moment has no time zone.
    """
    if at.tzinfo is None:
        raise HistoryRefused("moment", "at", "a moment needs a time zone")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_moment(text: str) -> datetime:
    """
    The moment in UTC that a text of `moment` stands for.

    Raises:
        HistoryRefused: the text has another shape or names no moment.
    """
    if _MOMENT.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise HistoryRefused("shape", "at", "a moment is written as YYYY-MM-DDThh:mm:ss.ffffffZ")


@dataclass(frozen=True, slots=True)
class Envelope:
    """
    One event without its personal values. Everything here is public inside the organisation.

    Attributes:
        log: the name of this installation's history, for example `gemeente.example/wf`.
        stream: the chain it stands in.
        seq: its place in the stream, from 0.
        prev: the hash of the event before it, or the genesis; 32 bytes.
        at: when it happened, with time zone.
        actor: the pseudonym of who did it.
        type: what happened, for example `task.completed`.
        ref: ids and hashes; no personal data.
        fields: name to commitment (32 bytes).
    """

    log: str
    stream: str
    seq: int
    prev: bytes
    at: datetime
    actor: str
    type: str
    ref: Mapping[str, Json] = field(default_factory=dict)
    fields: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuses what has not the shape of an event."""
        for place, name in (("log", self.log), ("chain", self.stream), ("actor", self.actor), ("type", self.type)):
            if not isinstance(name, str) or not name:
                _misshapen(place, "a name is a string that is not empty")
        if type(self.seq) is not int or self.seq < 0:
            _misshapen("seq", "a place in a stream is a whole number from 0")
        if len(self.prev) != HASH_BYTES:
            _misshapen("prev", "a hash is 32 bytes")
        for name, commitment in self.fields.items():
            if not name or len(commitment) != HASH_BYTES:
                _misshapen(f"fields.{name}", "a field has a name and a commitment of 32 bytes")
        ref = {key: _plain(value, f"ref.{key}", 2, normalise=False) for key, value in self.ref.items()}
        object.__setattr__(self, "ref", MappingProxyType(ref))
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))

    def text(self) -> str:
        """The exact text that is stored and hashed."""
        return canonical(
            {
                "v": VERSION,
                "log": self.log,
                "chain": self.stream,
                "seq": self.seq,
                "prev": self.prev.hex(),
                "at": moment(self.at),
                "actor": self.actor,
                "type": self.type,
                "ref": self.ref,
                "fields": {name: commitment.hex() for name, commitment in self.fields.items()},
            }
        ).decode("utf-8")


def read_envelope(text: str | bytes) -> Envelope:
    """
    Reads a stored envelope, and refuses every text that `Envelope.text` would not have written.

    Args:
        text: as stored, as str or in UTF-8.

    Raises:
        HistoryRefused: codes `unreadable`, `duplicate_key`, `not_canonical`, `shape`, or those of `canonical`.
    """
    found = read_json(text)
    if not isinstance(found, dict) or found.keys() != KEYS:
        _misshapen("", "an envelope has exactly ten keys")
    if type(found["v"]) is not int or found["v"] != VERSION:
        _misshapen("v", "this reader knows version 1 only")
    ref, fields = found["ref"], found["fields"]
    if not isinstance(ref, dict):
        _misshapen("ref", "an object was expected")
    if not isinstance(fields, dict):
        _misshapen("fields", "an object was expected")
    if not isinstance(found["at"], str):
        _misshapen("at", "a string was expected")
    return Envelope(
        log=found["log"],
        stream=found["chain"],
        seq=found["seq"],
        prev=_hash(found["prev"], "prev"),
        at=read_moment(found["at"]),
        actor=found["actor"],
        type=found["type"],
        ref=ref,
        fields={name: _hash(commitment, f"fields.{name}") for name, commitment in fields.items()},
    )


def _plain(value: Json, place: str, depth: int, *, normalise: bool) -> Json:
    """A copy of dicts, lists and scalars only, checked against everything another language could read otherwise."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _string(value, place, normalise=normalise)
    if isinstance(value, int | float):
        if not abs(value) <= _LARGEST:  # true of NaN too
            raise HistoryRefused(
                "number",
                place,
                "a number is finite and within ±(2^53-1)",
                hint="Store money, decimals and long numbers as text.",
            )
        return value
    if depth >= _DEEPEST:
        raise HistoryRefused("depth", place, f"this is nested deeper than {_DEEPEST} levels")
    if isinstance(value, Mapping):
        found: dict[str, Json] = {}
        for key, inner in value.items():
            if not isinstance(key, str):
                raise HistoryRefused("type", place, "a key is a string")
            name = _string(key, place, normalise=normalise)
            if name in found:
                raise HistoryRefused("duplicate_key", place, "two keys are one after normalisation")
            found[name] = _plain(inner, f"{place}.{name}" if place else name, depth + 1, normalise=normalise)
        return found
    if isinstance(value, list | tuple):
        return [
            _plain(inner, f"{place}[{number}]", depth + 1, normalise=normalise) for number, inner in enumerate(value)
        ]
    raise HistoryRefused(
        "type",
        place,
        f"{type(value).__name__} is no JSON value",
        hint="Write moments, dates and decimals as text before they enter the history.",
    )


def _string(value: str, place: str, *, normalise: bool) -> str:
    if "\x00" in value:
        raise HistoryRefused("nul", place, "a text holds no NUL character")
    if value.isascii():
        return value
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise HistoryRefused("surrogate", place, "a text holds no half of a character (lone surrogate)")
    if normalise:
        return unicodedata.normalize("NFC", value)
    if not unicodedata.is_normalized("NFC", value):
        raise HistoryRefused("nfc", place, "a text is in Unicode normalisation form C", hint="Pass it through nfc().")
    return value


def _without_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise HistoryRefused("duplicate_key", "", "an object names a key twice")
    return found


def _hash(value: Json, place: str) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        _misshapen(place, "a hash is 64 lower-case hexadecimal digits")
    return bytes.fromhex(value)


def _misshapen(place: str, reason: str) -> NoReturn:
    raise HistoryRefused("shape", place, reason)
