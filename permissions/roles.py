"""
Roles: who somebody can be, what that lets him do, and which classes of answers he may see at all.

A role gives nothing by itself in a case: access follows involvement in that family (`policies`). What a role may see
of one person is narrower still (`policies.may_see`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from padwijzer.permissions.catalogue import CATALOGUE, Reach

E = TypeVar("E", bound=StrEnum)
SHIPPED = Path(__file__).parent.parent / "fixtures" / "roles.json"


class RoleKind(StrEnum):
    """On whose side somebody stands."""

    MUNICIPAL = "municipal"
    PROVIDER = "provider"
    GI = "gi"
    """A certified institution (gecertificeerde instelling), which carries out measures of child protection."""
    FAMILY = "family"
    PARTNER = "partner"
    """Around the family, without a file of its own here: school, confidant, lawyer."""
    AUDITOR = "auditor"
    ADMIN = "admin"


class Privacy(StrEnum):
    """How sensitive an answer is; the same words as on a field of a form."""

    ORDINARY = "ordinary"
    PERSONAL = "personal"
    SPECIAL = "special"
    SECRET_ADDRESS = "secret_address"  # noqa: S105 - the class of an address that is kept secret, no password


class RolesError(ValueError):
    """
    A roles file that cannot be read.

    Args:
        place: where.
        reason: what is wrong and what was expected.
    """

    code = "roles_unreadable"

    def __init__(self, place: str, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place}: {reason}")


@dataclass(frozen=True, slots=True)
class Role:
    """
    A role.

    Args:
        slug: stable key, the Dutch word of the trade.
        label: what people read, in Dutch.
        kind: on whose side.
        permissions: keys of the catalogue.
        sees: classes of answers that this role may see at all.
        pseudonymised: whether it sees cases without names unless a case was named for it.
        decides: whether it may be the named decider of a step.
    """

    slug: str
    label: str
    kind: RoleKind
    permissions: frozenset[str]
    sees: frozenset[Privacy]
    pseudonymised: bool = False
    decides: bool = False


class Roles(Mapping[str, Role]):
    """Roles by slug. Immutable. Args: roles: in the order of the file."""

    __slots__ = ("_roles",)

    def __init__(self, roles: tuple[Role, ...]) -> None:
        self._roles = {role.slug: role for role in roles}

    def __getitem__(self, slug: str) -> Role:
        return self._roles[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._roles)

    def __len__(self) -> int:
        return len(self._roles)

    def that_may(self, permission: str) -> frozenset[str]:
        """The slugs of the roles that have a permission."""
        return frozenset(slug for slug, role in self._roles.items() if permission in role.permissions)


@cache
def shipped_roles() -> Roles:
    """The roles that come with Padwijzer."""
    return load_roles(SHIPPED.read_text(encoding="utf-8"))


def load_roles(text: str) -> Roles:
    """
    The roles of a roles file.

    Args:
        text: the JSON document.

    Raises:
        RolesError: with the exact place of the first fault.
    """
    try:
        data = json.loads(text, object_pairs_hook=_no_key_twice)
    except json.JSONDecodeError as error:
        raise RolesError(f"line {error.lineno}, column {error.colno}", f"This is not JSON: {error.msg}.") from None
    if not isinstance(data, dict) or set(data) != {"schema_version", "roles"}:
        raise RolesError("(the whole)", "An object with `schema_version` and `roles` was expected here.")
    if data["schema_version"] != 1:
        raise RolesError("schema_version", "Only version 1 can be read.")
    if not isinstance(data["roles"], dict):
        raise RolesError("roles", "An object of roles by slug was expected here.")
    return Roles(tuple(_read_role(slug, value) for slug, value in data["roles"].items()))


_REQUIRED = frozenset({"label", "kind", "permissions", "sees"})
_ALLOWED = _REQUIRED | {"pseudonymised", "decides"}


def _read_role(slug: str, value: object) -> Role:
    place = f"roles.{slug}"
    if not slug.isidentifier() or not slug.islower():
        raise RolesError(place, "A slug has small letters, digits and underscores.")
    if not isinstance(value, dict):
        raise RolesError(place, "An object was expected here.")
    if missing := _REQUIRED - set(value):
        raise RolesError(place, f"Missing here: {', '.join(sorted(missing))}.")
    if unknown := set(value) - _ALLOWED:
        raise RolesError(place, f"Unknown here: {', '.join(sorted(unknown))}.")
    if not isinstance(value["label"], str) or not value["label"].strip():
        raise RolesError(f"{place}.label", "A label in Dutch was expected here.")
    kind = _member(RoleKind, value["kind"], f"{place}.kind")
    sees = frozenset(_member(Privacy, one, f"{place}.sees") for one in _texts(value["sees"], f"{place}.sees"))
    permissions = frozenset(_texts(value["permissions"], f"{place}.permissions"))
    if not_known := permissions - set(CATALOGUE):
        raise RolesError(f"{place}.permissions", f"Not in the catalogue: {', '.join(sorted(not_known))}.")
    if kind is RoleKind.ADMIN and any(CATALOGUE[key].reach is not Reach.ORGANISATION for key in permissions):
        raise RolesError(f"{place}.permissions", "An administrator has no access to cases.")
    return Role(
        slug=slug,
        label=value["label"],
        kind=kind,
        permissions=permissions,
        sees=sees,
        pseudonymised=_flag(value, "pseudonymised", place),
        decides=_flag(value, "decides", place),
    )


def _member(kind: type[E], value: object, place: str) -> E:
    try:
        return kind(str(value))
    except ValueError:
        raise RolesError(place, f"One of {', '.join(kind)} was expected here.") from None


def _texts(value: object, place: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise RolesError(place, "A list of texts was expected here.")
    if len(set(value)) != len(value):
        raise RolesError(place, "Something stands twice here.")
    return value


def _flag(value: Mapping[str, Any], key: str, place: str) -> bool:
    flag = value.get(key, False)
    if not isinstance(flag, bool):
        raise RolesError(f"{place}.{key}", "true or false was expected here.")
    return flag


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RolesError("(the whole)", "A key stands twice in one object.")
    return found
