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
from padwijzer.workflows.core.terms import Term, load_terms

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
        terms: terms by key, or only their keys, and then their length is not checked; None is not checked at all.
        roles: keys of roles; None is not checked.
        performing: keys of the roles that may complete a step; None is not checked.
        deciding: keys of the roles that may take a decision; None is not checked.
        skipping: keys of the roles that may skip a step; None is not checked.
        lists: choices by key of a list kept as data; None is not checked.
        grave: meanings of steps that an exit must name and not leave to *else*.
    """

    facts: Mapping[str, FactSpec] = field(default_factory=known_facts)
    registers: Mapping[str, RegisterSpec] = field(default_factory=registers)
    terms: Mapping[str, Term] | frozenset[str] | None = None
    roles: frozenset[str] | None = None
    performing: frozenset[str] | None = None
    deciding: frozenset[str] | None = None
    skipping: frozenset[str] | None = None
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
    terms = folder / "terms.json"
    roles = _members(folder / "roles.json", "roles")
    lists = _members(folder / "lists.json", "lists")
    return Catalogue(
        terms=load_terms(terms.read_bytes()) if terms.is_file() else None,
        roles=None if roles is None else frozenset(roles),
        performing=_that_may(roles, "perform_step"),
        deciding=_that_may(roles, "take_decision", "decides"),
        skipping=_that_may(roles, "deviate"),
        lists=None if lists is None else {key: tuple(_keyed(node)) for key, node in lists.items()},
    )


def _that_may(roles: dict[str, Node] | None, permission: str, mark: str = "") -> frozenset[str] | None:
    """Keys of the roles with a permission, and a mark if one is asked; None when no role says what it may do."""
    said = {key: node for key, node in (roles or {}).items() if node.has("permissions")}
    able = {key for key, node in said.items() if permission in node.child("permissions").list(Node.string)}
    return frozenset(key for key in able if not mark or said[key].boolean(mark, default=False)) if said else None


def _members(path: Traversable, key: str) -> dict[str, Node] | None:
    return _keyed(parse(path.read_bytes()).child(key)) if path.is_file() else None


def _keyed(node: Node) -> dict[str, Node]:
    """An object, or a list of objects that each have a key, by key."""
    if isinstance(node.value, dict):
        return dict(node.items())
    nodes = node.list(lambda member: member)
    return {member.child("key").string(): member for member in nodes}
