"""
The facts that a condition may ask, one file for each; the folder is the registry.

A fact declares its type, its arguments, the law by which its value may change and what can change it: a proof relies
on that, and the test of each fact checks it. An answer can be unknown; a register is closed: what has no row has not
happened, and is never unknown.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeAlias

from padwijzer.forms.core.conditions import FactRef, Value

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup


class Law(StrEnum):
    """
    How the value of a fact may change; a proof may use this and nothing else.

    `fixed`: never while a run lasts. `keep`: only when one of its writers writes. `rise`: never falls; the clock or a
    writer may raise it. `free`: may be anything at any moment.
    """

    FIXED = "fixed"
    KEEP = "keep"
    RISE = "rise"
    FREE = "free"


class Writer(StrEnum):
    """What can change a fact, besides registers."""

    ANSWERS = "answers"
    STEPS = "steps"
    CALLS = "calls"
    CLOCK = "clock"
    MEMBERSHIPS = "memberships"
    SETTINGS = "settings"
    CALENDAR = "calendar"


class ArgumentKind(StrEnum):
    """What an argument names."""

    FIELD = "field"
    ROUND = "round"
    COLUMN = "column"
    KEY = "key"
    ELEMENT = "element"
    ANCHOR = "anchor"
    PERSON = "person"
    GROUP = "group"
    GROUPS = "groups"
    ROLE = "role"
    ONE_OF = "one_of"


@dataclass(frozen=True, slots=True)
class Argument:
    """
    An argument of a fact.

    Args:
        name: its name.
        kind: what it names.
        required: whether it must be given.
        values: what it may be, for `one_of` and `round`.
    """

    name: str
    kind: ArgumentKind
    required: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactSpec:
    """
    What a fact is.

    Args:
        key: stable key, the name of its file.
        type: `yes_no`, `choice`, `choices`, `number`, `months`, `date`, `person`, `persons`, or `any` for the type of
            what it points at.
        law: how its value may change.
        writers: what can change it: keys of registers and members of `Writer`.
        doc: what it is, in a sentence.
        arguments: what it takes.
        values: its values, in order, for a choice.
        may_be_unknown: whether it can be unknown at all.
        in_proof: whether a proof may rely on it; the others may stand in a `warn` only.
    """

    key: str
    type: str
    law: Law
    writers: tuple[str, ...]
    doc: str
    arguments: tuple[Argument, ...] = ()
    values: tuple[str, ...] = ()
    may_be_unknown: bool = True
    in_proof: bool = True


ValueOf: TypeAlias = "Callable[[CaseLookup, FactRef], Value]"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact: what it is, and how its value is found."""

    spec: FactSpec
    value: ValueOf


PERSON: Final = Argument("person", ArgumentKind.PERSON, required=True)
"""The argument `person`: `child`, `field:…` of this step, or a group of one."""


@cache
def facts() -> Mapping[str, Fact]:
    """Every fact by key, read from the files of this folder."""
    found = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        module = import_module(f"{__name__}.{name}")
        spec: FactSpec = module.FACT
        found[spec.key] = Fact(spec, module.value)
    return found
