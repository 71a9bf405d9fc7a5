"""
The proof of a release as a value: what was proven of what, stored with the release, and looked at again years later.

A record names what it is about by SHA-256: every definition, the pack and the terms. For each statement it says what
was walked. Whoever has the definitions can walk that again and find the same states; nothing has to be believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from padwijzer.forms.core.nodes import Node, canonical_json, parse
from padwijzer.workflows.core import reading
from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import BOUND, Slice, reviewed
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import Scope, Structural

PROVER: Final = "2026-12"
"""The version of the prover; another one when the same release could get another verdict or other states."""
SCHEMA_VERSION: Final = 1
ASSUMPTIONS: Final = (
    "Alles wat in de zaak wordt vastgelegd, houdt zich aan de regels van zijn gegeven.",
    "Wat bij één handeling hoort, gebeurt in één keer of helemaal niet.",
    "Een zaak begint bij het begin van een pad of bij een spoedmelding.",
    "Of iets op tijd gebeurt, is niet bewezen.",
)
"""What a proof takes for granted; see docs/decisions/030-how-a-release-is-proven.md."""


class Means(StrEnum):
    """How a statement was proven: by walking every state, by how the steps are made, or as nothing of it happens."""

    WALKED = "walked"
    MADE = "made"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Proven:
    """
    One statement that holds on every run.

    Args:
        safeguard: key of the safeguard.
        statement: what it says, in Dutch.
        source: where it comes from.
        certainty: how sure that source is, with its marks.
        means: how it was proven.
        slices: what was walked.
    """

    safeguard: str
    statement: str
    source: str
    certainty: str
    means: Means
    slices: tuple[Slice, ...] = ()

    @property
    def states(self) -> int:
        """How many states were walked."""
        return sum(it.states for it in self.slices)


@dataclass(frozen=True, slots=True)
class ProofRecord:
    """
    The proof of a release.

    Args:
        prover: version of the prover.
        bound: how many states one statement might need.
        start: key of the definition on which a case starts.
        definitions: key of a definition to the SHA-256 of its canonical JSON.
        pack: key, version and SHA-256 of the pack.
        terms: SHA-256 of the terms.
        statements: what was proven.
        assumptions: what it takes for granted, in Dutch.
    """

    prover: str
    bound: int
    start: str
    definitions: Mapping[str, str]
    pack: tuple[str, str, str]
    terms: str
    statements: tuple[Proven, ...]
    assumptions: tuple[str, ...] = ASSUMPTIONS

    @property
    def states(self) -> int:
        """How many states were walked."""
        return sum(it.states for it in self.statements)

    @property
    def digest(self) -> str:
        """SHA-256, in lower-case hexadecimal, of its canonical JSON (RFC 8785)."""
        return hashlib.sha256(canonical_json(write_record(self))).hexdigest()


def record_of(
    spec: ReleaseSpec, pack: Pack, terms: object, statements: Sequence[Proven], bound: int = BOUND
) -> ProofRecord:
    """
    The record of a proof.

    Args:
        spec: the release.
        pack: the statements.
        terms: the terms, as plain JSON values.
        statements: each of them, proven.
        bound: how many states one might need.
    """
    return ProofRecord(
        PROVER,
        bound,
        spec.start,
        {key: reading.digest(definition) for key, definition in spec.definitions.items()},
        (pack.key, pack.version, pack.digest),
        _sha256(terms),
        tuple(statements),
    )


def objections(record: ProofRecord, spec: ReleaseSpec, plan: Plan, pack: Pack, terms: object) -> Iterator[str]:
    """
    Why a record is no proof of this release; none when it is.

    Args:
        record: as it was stored.
        spec: the release.
        plan: the same, compiled.
        pack: the statements.
        terms: the terms, as plain JSON values.

    Returns:
        Dutch sentences.
    """
    if record.prover != PROVER:
        yield f"Dit bewijs is van versie {record.prover} van de bewijzer. Deze versie is {PROVER}."
    if record.start != spec.start:
        yield "Een zaak begint in dit bewijs op een ander pad."
    for key in sorted({*record.definitions, *spec.definitions}):
        definition = spec.definitions.get(key)
        if definition is None or record.definitions.get(key) != reading.digest(definition):
            yield f"Pad {key} is niet het pad dat is bewezen."
    if record.pack != (pack.key, pack.version, pack.digest):
        yield "De waarborgen zijn niet de waarborgen die zijn bewezen."
    if record.terms != _sha256(terms):
        yield "De termijnen zijn niet de termijnen van dit bewijs."
    proven = {it.safeguard: it for it in record.statements}
    machines: dict[Scope, Machine] = {}
    for safeguard in pack.safeguards:
        found = proven.pop(safeguard.key, None)
        if found is None:
            yield f"Deze waarborg is niet bewezen: {safeguard.statement}"
        elif found.statement != safeguard.statement or not _holds(safeguard, found, plan, machines, record.bound):
            yield f"Dit bewijs klopt niet: {safeguard.statement}"
    for left in proven.values():
        yield f"Deze waarborg is er niet meer: {left.statement}"


def _holds(safeguard: Safeguard, found: Proven, plan: Plan, machines: dict[Scope, Machine], bound: int) -> bool:
    if isinstance(safeguard.template, Structural):
        return found.means is not Means.WALKED and not found.slices and not safeguard.template.faults(plan)
    if (found.means is Means.WALKED) != bool(found.slices):
        return False
    if safeguard.scope not in machines:
        machines[safeguard.scope] = Machine(plan, safeguard.scope)
    return reviewed(machines[safeguard.scope], safeguard.watched(), found.slices, bound)


def write_record(record: ProofRecord) -> dict[str, object]:
    """A record as JSON values; `read_record` reads the same record back."""
    key, version, digest = record.pack
    return {
        "schema_version": SCHEMA_VERSION,
        "prover": record.prover,
        "bound": record.bound,
        "start": record.start,
        "definitions": dict(record.definitions),
        "pack": {"key": key, "version": version, "sha256": digest},
        "terms": record.terms,
        "assumptions": list(record.assumptions),
        "statements": [
            {
                "safeguard": it.safeguard,
                "statement": it.statement,
                "source": it.source,
                "certainty": it.certainty,
                "means": it.means.value,
                "slices": [
                    {
                        "components": list(some.components),
                        "facts": list(some.facts),
                        "states": some.states,
                        "sha256": some.digest,
                    }
                    for some in it.slices
                ],
            }
            for it in record.statements
        ],
    }


def load_record(text: str | bytes) -> ProofRecord:
    """A record from its JSON document. Raises: Unreadable with the exact place of the first fault."""
    return read_record(parse(text))


def read_record(node: Node) -> ProofRecord:
    """A record from a parsed document. Raises: Unreadable with the exact place of the first fault."""
    node.object(
        required=(
            "schema_version",
            "prover",
            "bound",
            "start",
            "definitions",
            "pack",
            "terms",
            "assumptions",
            "statements",
        )
    )
    if node.child("schema_version").integer() != SCHEMA_VERSION:
        node.child("schema_version").refuse(f"Only version {SCHEMA_VERSION} can be read.")
    pack = node.child("pack").object(required=("key", "version", "sha256"))
    return ProofRecord(
        node.child("prover").string(),
        node.child("bound").integer(),
        node.child("start").string(),
        {key: child.string() for key, child in node.child("definitions").items()},
        (pack.child("key").string(), pack.child("version").string(), pack.child("sha256").string()),
        node.child("terms").string(),
        node.child("statements").list(_read_proven),
        node.child("assumptions").list(Node.string),
    )


def _read_proven(node: Node) -> Proven:
    node.object(required=("safeguard", "statement", "source", "certainty", "means", "slices"))
    return Proven(
        node.child("safeguard").string(),
        node.child("statement").string(),
        node.child("source").string(),
        node.child("certainty").string(),
        node.child("means").member(Means),
        node.child("slices").list(_read_slice),
    )


def _read_slice(node: Node) -> Slice:
    node.object(required=("components", "facts", "states", "sha256"))
    return Slice(
        node.child("components").list(Node.string),
        node.child("facts").list(Node.string),
        node.child("states").integer(),
        node.child("sha256").string(),
    )


def _sha256(value: object) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()
