"""Lists of choices that are kept as data, for example the kinds of help."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from padwijzer.forms.core.nodes import parse
from padwijzer.forms.core.reading import read_choice
from padwijzer.forms.core.schema import Choice


@cache
def shipped_lists() -> Mapping[str, tuple[Choice, ...]]:
    """
    The lists of `fixtures/lists.json`: key of a list to its choices, in order.

    Raises:
        Unreadable: when the file is no such data.
    """
    node = parse((files("padwijzer") / "fixtures" / "lists.json").read_bytes()).object(required=("lists",))
    return {key: choices.list(read_choice, at_least=1) for key, choices in node.child("lists").items()}
