"""
The catalogue: the names that a definition may use and does not define itself.

What a catalogue does not know (None) is not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from padwijzer.forms.core.nodes import Node, parse
from padwijzer.workflows.core.facts import FactSpec, facts
from padwijzer.workflows.core.registers import RegisterSpec, registers

YES_NO: Final = ("ja", "nee")

GRAVE_MEANINGS: Final = frozenset(
    {"placement_start", "placement_decision", "court_request", "legal_ground", "closing", "case_closed"}
)
"""Meanings of steps to which no choice may lead without naming them: placement, court, closing."""


def known_facts() -> Mapping[str, FactSpec]:
    """What each fact of the folder `facts` is, by its name."""
    return {name: fact.spec for name, fact in facts().items()}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """
    What exists beside the definitions.

    Args:
        facts: what each fact is, by its name.
        registers: registers by key.
        terms: keys of terms; None is not checked.
        roles: keys of roles; None is not checked.
        lists: choices by key of a list kept as data; None is not checked.
        grave: meanings of steps that an exit must name and not leave to *else*.
    """

    facts: Mapping[str, FactSpec] = field(default_factory=known_facts)
    registers: Mapping[str, RegisterSpec] = field(default_factory=registers)
    terms: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    lists: Mapping[str, tuple[str, ...]] | None = None
    grave: frozenset[str] = GRAVE_MEANINGS


def values_of(spec: FactSpec) -> tuple[str, ...]:
    """The values of a fact that has a closed list of them; else none."""
    return YES_NO if spec.type == "yes_no" else spec.values


def shipped_catalogue() -> Catalogue:
    """
    The catalogue that Padwijzer comes with: the terms, roles and lists in its fixtures.

    Raises:
        Unreadable: when a file is not what it should be.
    """
    return read_catalogue(files("padwijzer") / "fixtures")


def read_catalogue(folder: Traversable) -> Catalogue:
    """The catalogue in a folder with `terms.json`, `roles.json` and `lists.json`, each of which may lack."""
    terms = _members(folder / "terms.json", "terms")
    roles = _members(folder / "roles.json", "roles")
    lists = _members(folder / "lists.json", "lists")
    return Catalogue(
        terms=None if terms is None else frozenset(terms),
        roles=None if roles is None else frozenset(roles),
        lists=None if lists is None else {key: tuple(_keyed(node)) for key, node in lists.items()},
    )


def _members(path: Traversable, key: str) -> dict[str, Node] | None:
    return _keyed(parse(path.read_bytes()).child(key)) if path.is_file() else None


def _keyed(node: Node) -> dict[str, Node]:
    """An object, or a list of objects that each have a key, by key."""
    if isinstance(node.value, dict):
        return dict(node.items())
    nodes = node.list(lambda member: member)
    return {member.child("key").string(): member for member in nodes}
