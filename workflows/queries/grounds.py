"""Grounds in words: what a requirement or rule such as `C12` says, for who reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from padwijzer.forms.core.nodes import parse
from padwijzer.forms.core.schema import in_language


@dataclass(frozen=True, slots=True)
class Ground:
    """
    A requirement or rule that a step or a rule rests on.

    Args:
        key: for example `C12`.
        words: what it says, in a sentence; empty when it is not described.
        source: the article of the law it comes from; empty when it is none.
    """

    key: str
    words: str
    source: str = ""


@cache
def shipped_grounds() -> Mapping[str, Ground]:
    """
    The grounds of `fixtures/grounds.json` by key.

    Raises:
        Unreadable: when the file is no such data.
    """
    node = parse((files("padwijzer") / "fixtures" / "grounds.json").read_bytes()).object(
        required=("schema_version", "grounds")
    )
    entries = ((key, entry.object("source", required=("text",))) for key, entry in node.child("grounds").keyed())
    return {
        key: Ground(key, in_language(entry.child("text").text()), entry.optional_string("source"))
        for key, entry in entries
    }


def in_words(keys: Iterable[str]) -> tuple[Ground, ...]:
    """The grounds of these keys, each once, in their order; one that is not described has no words."""
    return tuple(shipped_grounds().get(key, Ground(key, "")) for key in dict.fromkeys(keys) if key)
