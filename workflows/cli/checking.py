"""`padwijzer check`: whether definitions can be published, without a site or a database."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import Final, TypeVar

from padwijzer.forms.core.errors import Unreadable
from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.definition import ProcessDefinition
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.packs import Pack, joined, load_pack, national
from padwijzer.workflows.core.proving.certificates import certificate
from padwijzer.workflows.core.proving.checking import Broken, Checked, check
from padwijzer.workflows.core.proving.records import record_of
from padwijzer.workflows.core.reading import read_definition
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from padwijzer.workflows.core.terms import load_terms, write_terms

PROVEN, FINDINGS, UNREADABLE = 0, 1, 2
NATIONAL: Final = "national"
"""The key of the pack that nobody can loosen: a newer one takes its place, any other one stands beside it."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Given:
    """What is asked. Args: spec: the release; keys: of what was given; pack: the statements; skeletons: if any is."""

    spec: ReleaseSpec
    keys: tuple[str, ...]
    pack: Pack
    skeletons: bool


def run(options: Namespace) -> int:
    """Hold the definitions against the pack, and say what is wrong. Returns: the exit status."""
    try:
        given = _given(options)
    except Unreadable as unreadable:
        said = {"unreadable": unreadable.place, "reason": unreadable.reason}
        print(json.dumps(said, ensure_ascii=False) if options.as_json else f"{unreadable.place}: {unreadable.reason}")
        return UNREADABLE
    checked = check(
        given.spec,
        given.pack,
        allow_skeletons=given.skeletons,
        published=shipped(include_skeletons=given.skeletons),
        clock=perf_counter,
    )
    for key in dict.fromkeys((*given.keys, *(it.definition for it in checked.errors))):
        if options.as_json:
            print(json.dumps(_object(checked, key), ensure_ascii=False))
        else:
            print("\n".join(_lines(given, checked, key)))
    if options.certificate and not checked.errors:
        titles = {key: in_language(it.title) for key, it in given.spec.definitions.items()}
        terms = write_terms(load_terms((files("padwijzer") / "fixtures" / "terms.json").read_bytes()))
        print(certificate(record_of(given.spec, given.pack, terms, checked.proven), titles))
    return FINDINGS if checked.errors else PROVEN


def _given(options: Namespace) -> _Given:
    read: dict[str, ProcessDefinition] = {}
    for path in options.definitions:
        definition = _read(path, read_definition)
        if definition.key in read:
            raise Unreadable(str(path), f"Another file has the key {definition.key} too.")
        read[definition.key] = definition
    skeletons = any(not it.whole for it in read.values())
    beside = shipped(include_skeletons=skeletons)
    definitions = read if options.no_shipped else {**beside.definitions, **read}
    if not definitions:
        raise Unreadable("", "There is nothing to check: give a file, or leave --no-shipped out.")
    start = beside.start if beside.start in definitions else next(iter(definitions))
    spec = ReleaseSpec(start, definitions)
    return _Given(spec, tuple(read) or tuple(spec.definitions), _pack(options.pack), skeletons)


def _pack(folder: Path | None) -> Pack:
    """
    The national pack, with what a folder has beside it or in its place.

    Raises:
        Unreadable: when a file of it cannot be read, or loosens the national pack.
    """
    if folder is None:
        return national()
    if not folder.is_dir():
        raise Unreadable(str(folder), "This is no folder with packs of safeguards.")
    found = {path: _read(path, load_pack) for path in sorted(folder.glob("*.json"))}
    if not found:
        raise Unreadable(str(folder), "There is no pack of safeguards in this folder.")
    pack = next((it for it in found.values() if it.key == NATIONAL), None) or national()
    for path, local in found.items():
        if local.key == NATIONAL:
            continue
        try:
            pack = joined(pack, local)
        except ValueError as error:
            raise Unreadable(str(path), str(error)) from None
    return pack


def _read(path: Path, read: Callable[[bytes], T]) -> T:
    try:
        return read(path.read_bytes())
    except OSError as error:
        raise Unreadable(str(path), f"The file cannot be opened: {error.strerror}.") from None
    except Unreadable as unreadable:
        place = f"{path}: {unreadable.place}" if unreadable.place else str(path)
        raise Unreadable(place, unreadable.reason) from None


def _object(checked: Checked, key: str) -> dict[str, object]:
    """What was found about a definition, for machines."""
    about = [it for it in checked.statements if key in it.about]
    return {
        "definition": key,
        "proven": checked.plan is not None and not _errors(checked, key),
        "states": sum(it.states for it in about),
        "millis": round(1000 * sum(it.seconds for it in about)),
        "findings": [_finding(it) for it in _errors(checked, key)],
    }


def _finding(found: Finding) -> dict[str, object]:
    broken = found if isinstance(found, Broken) else None
    repair = broken.repair if broken else None
    return {
        "code": found.code,
        "safeguard": broken.safeguard if broken else None,
        "where": found.where,
        "message": found.message,
        "hint": found.hint,
        "story": list(broken.story) if broken else [],
        "repair": {"advice": list(repair.advice), "definitions": repair.documents} if repair else None,
    }


def _errors(checked: Checked, key: str) -> list[Finding]:
    return [it for it in checked.errors if it.definition == key]


def _lines(given: _Given, checked: Checked, key: str) -> Iterator[str]:
    """The same for people."""
    found = _object(checked, key)
    title = in_language(given.spec.definitions[key].title) if key in given.spec.definitions else key
    if found["proven"]:
        about = [it for it in checked.statements if key in it.about]
        size = f"{found['states']} toestanden, {found['millis']} ms"
        yield f"{title} ({key}): bewezen. Waarborgen: {len(about)}, {size}."
    elif not _errors(checked, key):
        yield f"{title} ({key}): niet bewezen, want er is eerst iets anders te verbeteren."
    else:
        yield f"{title} ({key}): niet bewezen."
    for it in (*_errors(checked, key), *_warnings(checked, key)):
        yield from _finding_in_words(it)


def _warnings(checked: Checked, key: str) -> Iterator[Finding]:
    yield from (it for it in checked.findings if it.definition == key and it not in checked.errors)


def _finding_in_words(found: Finding) -> Iterator[str]:
    place = f"{found.where}: " if found.where else ""
    yield f"  [{found.code}] {place}{found.message}"
    if isinstance(found, Broken) and found.story:
        yield from (f"    {line}" for line in found.story)
    elif found.hint:
        yield f"    {found.hint}"
