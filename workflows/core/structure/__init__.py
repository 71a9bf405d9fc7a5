"""
What can be wrong with the structure of a release: one file for each sort of question, one function each.

The folder is the registry: every module has a function `check(scope)` that yields findings about one definition.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import TypeAlias

from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.scopes import Scope

Check: TypeAlias = Callable[[Scope], Iterator[Finding]]


@cache
def checks() -> tuple[Check, ...]:
    """Every check, in the order of the names of their files."""
    found: list[Check] = [
        import_module(f"{__name__}.{module.name}").check for module in pkgutil.iter_modules(__path__)
    ]
    return tuple(found)
