"""
Mutants of the shipped definitions: what breaks a safeguard is never called proven.

`python -m tests.mutation.report` judges every mutant and writes the table (`docs/mutation.md`). Here is a sample, as
large as `tests/sizes.toml` says, of those that edit what the safeguards of the mission are about.
"""

from __future__ import annotations

import json
from functools import cache

import pytest

from padwijzer.workflows.core.packs import Safeguard
from padwijzer.workflows.core.plan import Plan
from tests.mutation.aiming import aimed
from tests.mutation.judging import MISSION, Court, Prover
from tests.mutation.operators import OPERATORS, Mutant, base, both, documents, is_whole, mutants
from tests.mutation.oracle import opinion, universe_of
from tests.mutation.report import LEFT_OUT
from tests.support.sizes import size

pytestmark = pytest.mark.once
SEED = 1


@cache
def court() -> Court:
    return Court(whole=True)


@cache
def by_sentence() -> dict[str, Mutant]:
    return {it.sentence: it for it in mutants(SEED)}


def of_the_mission() -> list[Safeguard]:
    return [it for it in court().pack.safeguards if any(it.key in keys for keys in MISSION.values())]


def sample() -> list[tuple[Mutant, Plan]]:
    found = []
    for mutant in aimed(mutants(SEED), court().plan, of_the_mission()):
        plan = mutant.plan(base(whole=True)) if is_whole(mutant) and mutant.definitions[0] not in LEFT_OUT else None
        if plan is not None:
            found.append((mutant, plan))
        if len(found) == size("mutants"):
            break
    return found


def broken_by(mutant: Mutant) -> frozenset[str]:
    plan = mutant.plan(base(whole=True))
    assert plan is not None
    return court().judged(plan)[1]


def test_the_oracle_finds_nothing_broken_in_the_shipped_release() -> None:
    found, broken = court().judged(court().plan)
    assert not broken
    assert not court().at_first
    assert court().is_harmless(found)


def test_no_mutant_that_breaks_a_safeguard_is_called_proven() -> None:
    wrong, number = [], 0
    for mutant, plan in sample():
        _, broken = court().judged(plan)
        prover = Prover(plan)
        number += bool(broken)
        wrong += [
            (mutant.sentence, it.key) for it in court().pack.safeguards if it.key in broken and prover.proves(it)
        ]
    assert not wrong
    assert number >= size("mutants") // 5


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_an_operator_makes_the_same_mutants_each_time(name: str) -> None:
    first, again = mutants(SEED, 30), mutants(SEED, 30)
    assert first == again
    assert any(it.operator == name for it in first)


@pytest.mark.parametrize(
    ("sentence", "key"),
    [
        ("IVH.intensive_help: rule 1 is gone", "consent_before_help"),
        ("OTS.voluntary_help: ends when measure_starts is done", "voluntary_help_stays"),
        ("OTS.voluntary_help_stays: rule 2 is gone", "voluntary_help_is_not_stopped"),
        ("P.placement_ladder: rung t1 changes places with t2", "lightest_place_first"),
        ("P.placement_ladder: rule 1 is only a warn", "lightest_place_first"),
        ("P.understand_together: no advice of gedragswetenschapper", "expert_looks_along"),
        ("P.evaluation: can be ended by hand", "evaluation_after_every_placement"),
        ("D-NAZORG.close_together: rule 1 is gone", "evaluation_before_closing"),
    ],
)
def test_the_oracle_finds_what_breaks_a_safeguard(sentence: str, key: str) -> None:
    assert key in broken_by(by_sentence()[sentence])


def test_the_oracle_also_looks_at_a_child_that_lives_elsewhere_already() -> None:
    plan = by_sentence()["P.before_ladder: taken out"].plan(base(whole=True))
    assert plan is not None
    universe = universe_of(court().plan, court().pack, placed=True)
    assert "home_first" in opinion(universe, plan, court().pack, most=0, nodes=2_000, known=frozenset()).broken


@pytest.mark.parametrize("sentence", ["P.placement_ladder: rule 8 is only a warn", "P.calm_move: taken out"])
def test_the_oracle_keeps_quiet_where_nothing_is_broken(sentence: str) -> None:
    assert not broken_by(by_sentence()[sentence])


def test_a_pair_makes_both_edits_as_its_sentence_says() -> None:
    first, second = (by_sentence()[f"D-NAZORG.close_together: rule {number} is gone"] for number in (1, 3))
    rules = json.loads(documents()["D-NAZORG"])["activities"][0]["rules"]
    for pair in (both(first, second), both(second, first)):
        assert pair is not None
        edited = json.loads(documents()["D-NAZORG"])
        for _, edit in pair.edits:
            edit(edited)
        assert edited["activities"][0]["rules"] == [rules[1], *rules[3:]]


def test_two_edits_that_stand_in_the_way_of_each_other_are_no_pair() -> None:
    found = by_sentence()
    assert both(found["P.calm_move: taken out"], found["P.which_place: taken out"]) is None
