"""
Packs of safeguards, as data: what the nation asks of every path, and what a municipality asks beside it.

A municipality adds safeguards, and so tightens. It cannot loosen: it has no say about a key of the national pack.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from importlib.resources import files
from typing import Final

from padwijzer.forms.core.conditions import Condition
from padwijzer.forms.core.nodes import Node, canonical_json, leave_out_defaults, parse
from padwijzer.forms.core.reading import read_condition, write_condition
from padwijzer.workflows.core.definition import RecordEvent
from padwijzer.workflows.core.meanings import WORDS, role_labels
from padwijzer.workflows.core.safeguards import (
    Deviable,
    Monitor,
    Scope,
    Structural,
    Template,
    Watched,
    forgiving,
    sharing,
    templates,
)
from padwijzer.workflows.core.safeguards.waits_for_consent import WaitsForConsent

SCHEMA_VERSION: Final = 1
TO_VERIFY: Final = "[verify]"


@dataclass(frozen=True, slots=True)
class Safeguard:
    """
    A statement about every run, with its ground.

    Args:
        key: stable key.
        template: what it says.
        scope: about what it says that.
        ground: rules and requirements it rests on, for example `C12`.
        source: the article, or where it comes from.
        certainty: how sure that is, with the marks of the domain's documents.
        locked: whether staff can never take it out.
        deviation: whether a reasoned deviation is as good as what must happen.
        shared: whether what must happen counts too when it happens for the family or child around what it is about.
    """

    key: str
    template: Template
    scope: Scope
    ground: tuple[str, ...]
    source: str
    certainty: str
    locked: bool = False
    deviation: bool = False
    shared: bool = False

    @property
    def verify(self) -> bool:
        """Whether a legal reader must still confirm it before anyone relies on it."""
        return TO_VERIFY in self.certainty

    @property
    def statement(self) -> str:
        """What it says, in one Dutch sentence."""
        return self.template.statement()

    @property
    def monitor(self) -> Monitor | None:
        """Its automaton, in which an allowed deviation counts; None for a structural safeguard."""
        if not isinstance(self.template, Watched):
            return None
        if not isinstance(self.template, Deviable):
            return self.template.monitor()
        monitor = forgiving(self.template) if self.deviation else self.template.monitor()
        return sharing(self.template, monitor) if self.shared else monitor

    def watched(self) -> Monitor:
        """Its automaton, where there must be one. Raises: TypeError for a structural safeguard."""
        if self.monitor is None:
            message = f"{self.key} says how steps are made, and watches nothing."
            raise TypeError(message)
        return self.monitor


@dataclass(frozen=True, slots=True)
class Pack:
    """
    Safeguards that belong together.

    Args:
        key: stable key, for example `national`.
        version: what its makers call this state of it.
        safeguards: in the order of the file; no key twice.
    """

    key: str
    version: str
    safeguards: tuple[Safeguard, ...]

    @property
    def digest(self) -> str:
        """SHA-256, in lower-case hexadecimal, of its canonical JSON (RFC 8785)."""
        return hashlib.sha256(canonical_json(write_pack(self))).hexdigest()


def national() -> Pack:
    """The national pack that Padwijzer comes with. Raises: Unreadable when its file is not what it should be."""
    return load_pack((files("padwijzer") / "fixtures" / "safeguards" / "national.json").read_bytes())


def joined(nation: Pack, local: Pack) -> Pack:
    """
    The national pack with the safeguards of a municipality after it.

    Args:
        nation: the national pack.
        local: what the municipality asks beside it.

    Returns:
        One pack, with the key and version of both.

    Raises:
        ValueError: when a local safeguard has a key of the national pack: that would replace it.
    """
    taken = {safeguard.key for safeguard in nation.safeguards}
    for safeguard in local.safeguards:
        if safeguard.key in taken:
            message = f"{safeguard.key} is a national safeguard. Give a stricter one a key of its own beside it."
            raise ValueError(message)
    return Pack(
        f"{nation.key}_{local.key}",
        f"{nation.version}+{local.version}",
        (*nation.safeguards, *local.safeguards),
    )


def load_pack(text: str | bytes) -> Pack:
    """A pack from its JSON document. Raises: Unreadable with the exact place of the first fault."""
    return read_pack(parse(text))


def read_pack(node: Node) -> Pack:
    """A pack from a parsed document. Raises: Unreadable with the exact place of the first fault."""
    node.object("$schema", required=("schema_version", "key", "version", "safeguards"))
    if node.child("schema_version").integer() != SCHEMA_VERSION:
        node.child("schema_version").refuse(f"Only version {SCHEMA_VERSION} can be read.")
    return Pack(
        node.child("key").key(),
        _words(node.child("version")),
        tuple(_read_safeguard(key, child) for key, child in node.child("safeguards").keyed()),
    )


def write_pack(pack: Pack) -> dict[str, object]:
    """A pack as JSON values, defaults left out; `read_pack` reads the same pack back."""
    return {
        "schema_version": SCHEMA_VERSION,
        "key": pack.key,
        "version": pack.version,
        "safeguards": {safeguard.key: _write_safeguard(safeguard) for safeguard in pack.safeguards},
    }


def _read_safeguard(key: str, node: Node) -> Safeguard:
    needed = ("template", "scope", "parameters", "ground", "source", "certainty")
    node.object("locked", "deviation", "shared", required=needed)
    template = _read_template(node)
    safeguard = Safeguard(
        key=key,
        template=template,
        scope=node.child("scope").member(Scope),
        ground=node.child("ground").list(_words, at_least=1),
        source=_words(node.child("source")),
        certainty=_words(node.child("certainty")),
        locked=node.boolean("locked", default=False),
        deviation=node.boolean("deviation", default=False),
        shared=node.boolean("shared", default=False),
    )
    if safeguard.shared and (safeguard.scope is Scope.FAMILY or not isinstance(template, Deviable)):
        node.child("shared").refuse("Only what must happen for a row can happen for the family around it instead.")
    if safeguard.deviation and not isinstance(template, Deviable):
        node.child("deviation").refuse("No deviation can stand in for this template.")
    if isinstance(template, Structural) and safeguard.scope is not Scope.FAMILY:
        node.child("scope").refuse("What says how steps are made says it of all: write family.")
    if isinstance(template, WaitsForConsent) and safeguard.scope not in (Scope.HELP, Scope.PLACEMENT):
        node.child("scope").refuse("Consent is given to one help or placement: write help or placement.")
    return safeguard


def _read_template(node: Node) -> Template:
    name = node.child("template")
    if name.string() not in templates():
        name.refuse(f"One of {', '.join(sorted(templates()))} was expected here.")
    template = templates()[name.value]
    given = node.child("parameters")
    known = {field.name: field for field in fields(template)}
    needed = tuple(key for key, field in known.items() if field.default is MISSING)
    given.object(*known, required=needed)
    values = {key: READERS[str(known[key].type)](child) for key, child in given.items()}
    try:
        made: Template = template(**values)
    except ValueError as error:
        given.refuse(str(error))
    return made


def _write_safeguard(safeguard: Safeguard) -> dict[str, object]:
    template = safeguard.template
    name, kind = next((name, kind) for name, kind in templates().items() if isinstance(template, kind))
    return {
        "template": name,
        "scope": safeguard.scope.value,
        "parameters": leave_out_defaults(
            {field.name: _written(getattr(template, field.name)) for field in fields(kind)}
        ),
        "ground": list(safeguard.ground),
        "source": safeguard.source,
        "certainty": safeguard.certainty,
        **leave_out_defaults(
            {"locked": safeguard.locked, "deviation": safeguard.deviation, "shared": safeguard.shared}
        ),
    }


def _written(value: tuple[str, ...] | str | bool | Condition | None) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    return list(value) if isinstance(value, tuple) else write_condition(value)


def _meanings(node: Node) -> tuple[str, ...]:
    return node.list(_meaning, at_least=1)


def _meaning(node: Node) -> str:
    if node.key() not in WORDS:
        node.refuse(f"{node.value} is no meaning of a step.")
    return node.key()


def _roles(node: Node) -> tuple[str, ...]:
    return node.list(_role, at_least=1)


def _role(node: Node) -> str:
    if node.key() not in role_labels():
        node.refuse(f"{node.value} is no role.")
    return node.key()


def _words(node: Node) -> str:
    words = node.string()
    if not words.strip():
        node.refuse("Words were expected here.")
    return words


READERS: Final[Mapping[str, Callable[[Node], object]]] = {
    "Meanings": _meanings,
    "Roles": _roles,
    "Role": _role,
    "Rungs": lambda node: node.list(Node.key, at_least=2),
    "Condition": read_condition,
    "Condition | None": read_condition,
    "RecordEvent": lambda node: node.member(RecordEvent),
    "RecordEvent | None": lambda node: node.member(RecordEvent),
    "bool": lambda node: node.truth(),
    "str": _words,
}
"""How a parameter of each type is read; the type as it is written in the template."""
