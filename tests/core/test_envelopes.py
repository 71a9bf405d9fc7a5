import json
import unicodedata
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.workflows.core.envelopes import (
    KEYS,
    Envelope,
    canonical,
    commit,
    event_hash,
    genesis,
    head_leaf,
    moment,
    nfc,
    read_envelope,
    read_json,
    read_moment,
)
from padwijzer.workflows.core.errors import HistoryRefused

LOG = "gemeente.example/wf"
STREAM = "case/0b1d6a6e-5f0e-4c1a-9f57-3c7f0d3c2a11"
AT = datetime(2026, 11, 21, 22, 40, 0, 123456, tzinfo=UTC)
BESLUIT = "34f183cb24a5885e3f2497208c1bba5baebe49603e304ed4e962af130ceba72d"
UREN = "c9866d80f269d1782777e5616a97d533876a782ca75df99aa2bb35c2efc6e605"

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2**53) + 1, 2**53 - 1)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | numbers | texts.map(nfc),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts.map(nfc), inner, max_size=3),
    max_leaves=8,
)
names = texts.filter(bool).map(nfc)
hashes = st.binary(min_size=32, max_size=32)
envelopes = st.builds(
    Envelope,
    log=names,
    stream=names,
    seq=st.integers(0, 2**53 - 1),
    prev=hashes,
    at=st.datetimes(timezones=st.just(UTC)),
    actor=names,
    type=names,
    ref=st.dictionaries(names, values, max_size=3),
    fields=st.dictionaries(names, hashes, max_size=3),
)


def the_vector() -> Envelope:
    return Envelope(
        log=LOG,
        stream=STREAM,
        seq=0,
        prev=genesis(LOG, STREAM),
        at=AT,
        actor="actor/7f3a",
        type="task.completed",
        ref={"definition": "toegang-jeugdhulp@3", "task": "intake"},
        fields={
            "besluit": commit(bytes(32), "besluit", "toegekend"),
            "uren": commit(b"\x01" * 32, "uren", 1.5),
        },
    )


def changed(**members: object) -> str:
    return canonical(json.loads(the_vector().text()) | members).decode()


def refusal_of(do: Any, *arguments: object) -> HistoryRefused:
    with pytest.raises(HistoryRefused) as refusal:
        do(*arguments)
    return refusal.value


def test_the_published_vector_comes_out_byte_for_byte() -> None:
    envelope = the_vector()
    assert envelope.prev.hex() == "1a283ab421328a4897892fa4dda9f9522f4df815dd652d8c5a868c0a6927ac89"
    assert {name: commitment.hex() for name, commitment in envelope.fields.items()} == {
        "besluit": BESLUIT,
        "uren": UREN,
    }
    digest = event_hash(envelope.text())
    assert digest.hex() == "12838a67af29da4d295f57217af31cbd46e5532cc09bbd2cab1aca7e9bb22fab"
    leaf = head_leaf(STREAM, 0, digest)
    assert leaf.hex() == "ae8f91fdbf04f1dfb9f135902747de7123a248bd86a15ce244f3ac4557e05b4b"


def test_the_hash_is_that_of_the_text_with_its_label() -> None:
    text = the_vector().text()
    assert event_hash(text) == event_hash(text.encode()) == sha256(b"wfhist/v1/event\n" + text.encode()).digest()


@given(envelopes)
def test_what_is_written_is_read_back_the_same(envelope: Envelope) -> None:
    assert read_envelope(envelope.text()) == envelope


@given(values)
def test_writing_what_was_read_changes_no_byte(value: Any) -> None:
    text = canonical(value)
    assert canonical(read_json(text)) == text


@given(values, values)
def test_a_commitment_opens_with_its_own_value_only(one: Any, other: Any) -> None:
    same = canonical(one) == canonical(other)
    assert (commit(bytes(32), "name", one) == commit(bytes(32), "name", other)) is same


def test_a_commitment_depends_on_salt_and_name() -> None:
    known = {commit(bytes(32), "a", 1), commit(b"\x01" * 32, "a", 1), commit(bytes(32), "b", 1)}
    assert len(known) == 3


def test_an_envelope_has_exactly_ten_keys() -> None:
    assert json.loads(the_vector().text()).keys() == KEYS
    assert len(KEYS) == 10
    assert refusal_of(read_envelope, changed(extra=1)).code == "shape"
    for key in KEYS:
        fewer = json.loads(the_vector().text())
        del fewer[key]
        assert refusal_of(read_envelope, canonical(fewer)).code == "shape"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("v", 2),
        ("v", True),
        ("v", "1"),
        ("log", ""),
        ("log", 1),
        ("chain", None),
        ("seq", -1),
        ("seq", 0.5),
        ("seq", "0"),
        ("seq", False),
        ("prev", "AB" * 32),
        ("prev", "ab" * 31),
        ("prev", None),
        ("at", "2026-11-21T22:40:00Z"),
        ("at", "2026-11-21T22:40:00.123456+00:00"),
        ("at", "2026-13-21T22:40:00.123456Z"),
        ("at", "2026-11-21T22:40:60.123456Z"),
        ("at", 1),
        ("actor", []),
        ("type", ""),
        ("ref", []),
        ("ref", None),
        ("fields", []),
        ("fields", {"besluit": "x"}),
        ("fields", {"": "ab" * 32}),
        ("fields", {"besluit": "AB" * 32}),
    ],
)
def test_an_envelope_of_another_shape_is_refused_at_its_place(member: str, value: Any) -> None:
    refusal = refusal_of(read_envelope, changed(**{member: value}))
    assert refusal.code == "shape"
    assert refusal.place.split(".")[0] == member


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (2**53, "number"),
        (-(2**53), "number"),
        (10**400, "number"),
        (1e16, "number"),
        (float("nan"), "number"),
        (float("inf"), "number"),
        ("\ud800", "surrogate"),
        ("x\x00", "nul"),
        ("e\u0301", "nfc"),
        ({"e\u0301": 1}, "nfc"),
        ({1: 2}, "type"),
        (b"bytes", "type"),
        (AT, "type"),
        ({"a": [{1, 2}]}, "type"),
    ],
)
def test_a_value_that_another_reader_could_read_otherwise_is_refused(value: Any, code: str) -> None:
    assert refusal_of(canonical, value, "fields.x").code == code
    assert refusal_of(commit, bytes(32), "x", value).place.startswith("fields.x")


def test_a_refusal_names_the_place_and_not_the_value() -> None:
    refusal = refusal_of(canonical, {"rows": [{"name": "geheim\x00"}]}, "fields.x")
    assert refusal.place == "fields.x.rows[0].name"
    assert "geheim" not in f"{refusal!r} {refusal} {refusal.hint}"


def test_a_value_too_deep_to_read_back_is_refused() -> None:
    value: list[object] = []
    for _ in range(10_000):
        value = [value]
    assert refusal_of(canonical, value).code == "depth"
    assert refusal_of(read_json, "[" * 100_000 + "]" * 100_000).code == "unreadable"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a":1,"a":2}', "duplicate_key"),
        ('{"a": 1}', "not_canonical"),
        ('{"b":1,"a":2}', "not_canonical"),
        ("1.0", "not_canonical"),
        ('"\\u0041"', "not_canonical"),
        ("1 ", "not_canonical"),
        ("NaN", "number"),
        ('"\\ud800"', "surrogate"),
        ("{", "unreadable"),
        ("", "unreadable"),
        (b"\xff", "unreadable"),
        (b"\xef\xbb\xbf1", "unreadable"),
        ("9" * 5000, "unreadable"),
    ],
)
def test_only_the_one_spelling_is_read(text: str | bytes, code: str) -> None:
    assert refusal_of(read_json, text).code == code


@given(values | texts)
def test_normalised_text_is_accepted(value: Any) -> None:
    canonical(nfc(value))


def test_normalising_makes_what_looks_alike_alike() -> None:
    assert nfc({"e\u0301": ["e\u0301"]}) == {"\u00e9": ["\u00e9"]}
    assert unicodedata.is_normalized("NFC", "\u00e9")


def test_two_keys_that_become_one_are_refused() -> None:
    assert refusal_of(nfc, {"e\u0301": 1, "\u00e9": 2}).code == "duplicate_key"


def test_a_salt_has_32_bytes() -> None:
    assert refusal_of(commit, b"short", "x", 1).code == "salt"


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_moments_sort_as_their_texts(one: Any, other: Any) -> None:
    assert (moment(one) < moment(other)) is (one < other)
    assert read_moment(moment(one)) == one


def test_a_moment_is_written_in_utc() -> None:
    assert moment(AT.astimezone(timezone(timedelta(hours=1)))) == "2026-11-21T22:40:00.123456Z"
    assert refusal_of(moment, AT.replace(tzinfo=None)).code == "moment"


def test_an_envelope_does_not_change_after_it_was_made() -> None:
    ref = {"task": "intake"}
    envelope = Envelope(log=LOG, stream=STREAM, seq=0, prev=bytes(32), at=AT, actor="a", type="t", ref=ref)
    text = envelope.text()
    ref["task"] = "other"
    assert envelope.text() == text
    assert not isinstance(envelope.ref, MutableMapping)


@pytest.mark.parametrize("members", [{"prev": b""}, {"fields": {"x": b"short"}}, {"seq": -1}, {"actor": ""}])
def test_an_envelope_cannot_be_made_in_another_shape(members: dict[str, Any]) -> None:
    whole: dict[str, Any] = {
        "log": LOG,
        "stream": STREAM,
        "seq": 0,
        "prev": bytes(32),
        "at": AT,
        "actor": "a",
        "type": "t",
    }
    with pytest.raises(HistoryRefused):
        Envelope(**{"actor": "a", "type": "t"} | whole | members)
