"""
Mutants of the shipped definitions: what breaks a safeguard is never called proven.

`python -m tests.mutation.report` judges every mutant and writes the table. Here is a sample, as large as
`tests/sizes.toml` says.
"""

from __future__ import annotations

from functools import cache

import pytest

from padwijzer.workflows.core.plan import Plan
from tests.mutation.judging import Court, Prover
from tests.mutation.operators import OPERATORS, Mutant, base, is_whole, mutants
from tests.support.sizes import size

pytestmark = pytest.mark.once
SEED = 1


@cache
def court(*, whole: bool) -> Court:
    return Court(whole=whole)


def sample() -> list[Mutant]:
    return mutants(SEED, size("mutants"))


def named(sentence: str) -> Mutant:
    return next(it for it in mutants(SEED) if it.sentence == sentence)


def judged(mutant: Mutant) -> tuple[Plan, frozenset[str]] | None:
    whole = is_whole(mutant)
    plan = mutant.plan(base(whole=whole))
    if plan is None:
        return None
    _, broken = court(whole=whole).judged(plan)
    return plan, broken


def test_no_mutant_that_breaks_a_safeguard_is_called_proven() -> None:
    wrong = []
    for mutant in sample():
        found = judged(mutant)
        if found is None:
            continue
        plan, broken = found
        prover = Prover(plan)
        wrong += [
            (mutant.sentence, it.key)
            for it in court(whole=is_whole(mutant)).pack.safeguards
            if it.key in broken and prover.proves(it)
        ]
    assert not wrong


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_an_operator_makes_the_same_mutants_each_time(name: str) -> None:
    first, again = mutants(SEED, 30), mutants(SEED, 30)
    assert first == again
    assert any(it.operator == name for it in first)


@pytest.mark.parametrize(
    ("sentence", "key"),
    [
        ("P.placement_ladder: rung t1 changes places with t2", "lightest_place_first"),
        ("P.placement_ladder: rule 1 is only a warn", "lightest_place_first"),
        ("P.understand_together: no advice of gedragswetenschapper", "expert_looks_along"),
        ("D-WACHT.help_begins: rule 1 is gone", "consent_before_help"),
    ],
)
def test_the_oracle_finds_what_breaks_a_safeguard(sentence: str, key: str) -> None:
    found = judged(named(sentence))
    assert found is not None
    assert key in found[1]
