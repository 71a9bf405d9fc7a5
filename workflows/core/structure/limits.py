"""How large a condition may be, so that a reader and a proof can follow it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from padwijzer.forms.core.conditions import Compare, FactRef, atoms, depth
from padwijzer.workflows.core.exits import constants
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.scopes import Scope

MOST_ATOMS: Final = 8
DEEPEST: Final = 4
MOST_ROUNDS: Final = 12
MOST_VALUES: Final = 16
"""Including the one value that stands for all that are not named."""


def check(scope: Scope) -> Iterator[Finding]:
    """Conditions that are too large, and facts cut into too many values."""
    named: dict[FactRef, set[object]] = {}
    for asked in scope.asked():
        found = list(atoms(asked.condition))
        if len(found) > MOST_ATOMS:
            yield scope.error(
                "condition_too_large", asked.where, f"This condition compares {len(found)} things, not {MOST_ATOMS}.",
                "Split it over two rules.",
            )  # fmt: skip
        if depth(asked.condition) > DEEPEST:
            yield scope.error(
                "condition_too_deep", asked.where, f"This condition is more than {DEEPEST} levels deep.", "Split it."
            )
        for atom in found:
            if not isinstance(atom, Compare):
                continue
            values = set(constants(atom.value))
            before = named.setdefault(atom.fact, set())
            too_many = len(before) < MOST_VALUES <= len(before | values)
            before |= values
            if too_many:
                yield scope.error(
                    "too_many_values", asked.where,
                    f"The fact `{atom.fact.name}` is told apart in more than {MOST_VALUES} values.",
                )  # fmt: skip
            if atom.fact.name == "round" and any(isinstance(v, int) and v > MOST_ROUNDS for v in values):
                yield scope.error("too_many_rounds", asked.where, f"Rounds are compared with at most {MOST_ROUNDS}.")
