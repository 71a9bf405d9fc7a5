"""Lists of choices kept as data, for example kinds of help."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from padwijzer.forms.core.nodes import parse
from padwijzer.forms.core.reading import read_choice
from padwijzer.forms.core.schema import Choice


@cache
def lists() -> Mapping[str, tuple[Choice, ...]]:
    """Key of a list to its choices, as they come with Padwijzer (`fixtures/lists.json`)."""
    node = parse((files("padwijzer") / "fixtures" / "lists.json").read_bytes()).child("lists")
    return {key: child.list(read_choice) for key, child in node.items()}
