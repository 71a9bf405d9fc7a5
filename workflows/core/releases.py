"""
A release: the definitions that are published together, as one whole.

A case keeps the release on which it started; every call, jump and track resolves inside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from padwijzer.forms.core.nodes import Node, canonical_json, parse
from padwijzer.workflows.core import reading
from padwijzer.workflows.core.definition import ProcessDefinition


@dataclass(frozen=True, slots=True)
class ReleaseSpec:
    """
    What is to be published, or was.

    Args:
        start: key of the definition on which a case starts.
        definitions: definition by key; a copy is kept, in the order of the keys.
    """

    start: str
    definitions: Mapping[str, ProcessDefinition] = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "definitions", MappingProxyType(dict(sorted(self.definitions.items()))))

    def digest(self) -> str:
        """SHA-256, in lower-case hexadecimal, of the canonical JSON (RFC 8785) of the start and all digests."""
        digests = {key: reading.digest(definition) for key, definition in self.definitions.items()}
        return hashlib.sha256(canonical_json({"start": self.start, "definitions": digests})).hexdigest()


def release_digest(spec: ReleaseSpec, terms: object, pack: str) -> str:
    """
    SHA-256, in lower-case hexadecimal, of all that makes a release: its definitions, its terms and its safeguards.

    Args:
        spec: the definitions.
        terms: the terms, as plain JSON values.
        pack: digest of the pack.
    """
    return hashlib.sha256(canonical_json([spec.digest(), terms, pack])).hexdigest()


def shipped(*, include_skeletons: bool = False) -> ReleaseSpec:
    """
    The release that Padwijzer comes with, from its fixtures.

    Args:
        include_skeletons: also the definitions that are not whole yet; such a release can be explored, not published.

    Raises:
        Unreadable: when a file is not what it should be.
    """
    return read_release(files("padwijzer") / "fixtures", include_skeletons=include_skeletons)


def read_release(folder: Traversable, *, include_skeletons: bool = False) -> ReleaseSpec:
    """
    The release in a folder: `release.json` names the start and the definitions, `paths` has one file for each.

    Raises:
        Unreadable: when a file cannot be read, or a definition that is named is not there.
    """
    node = parse((folder / "release.json").read_bytes()).object(required=("start", "definitions"))
    found = {
        definition.key: definition
        for path in (folder / "paths").iterdir()
        if path.name.endswith(".json")
        for definition in (reading.read_definition(path.read_bytes()),)
    }
    named = node.child("definitions").list(Node.definition)
    for index, key in enumerate(named):
        if key not in found:
            node.child("definitions").refuse(f"Number {index + 1}, {key}, has no file in the folder paths.")
    skeletons = [key for key, definition in found.items() if include_skeletons and not definition.whole]
    return ReleaseSpec(node.child("start").definition(), {key: found[key] for key in (*named, *skeletons)})
