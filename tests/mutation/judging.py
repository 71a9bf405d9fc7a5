"""Mutants judged twice: by the oracle, that lives their runs, and by the prover; and where the two disagree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from padwijzer.workflows.core import packs
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.packs import Safeguard
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import BOUND, prove
from padwijzer.workflows.core.safeguards import Scope, Structural
from tests.mutation.operators import base
from tests.mutation.oracle import Opinion, opinion, structural_faults, universe_of

MISSION: Final[Mapping[str, tuple[str, ...]]] = {
    "informed consent": (
        "consent_before_help",
        "explained_before_consent",
        "consent_is_asked",
        "consent_is_weighed_by_a_professional",
        "withdrawal_is_open",
    ),
    "voluntary help stays": ("voluntary_help_stays", "voluntary_help_is_not_stopped"),
    "the least invasive place first": (
        "lightest_place_first",
        "home_first",
        "second_look_before_ladder",
        "ladder_before_plan",
        "expert_looks_along",
        "nobody_chooses_a_place_alone",
    ),
    "evaluation after every placement": (
        "evaluation_after_every_placement",
        "evaluation_before_closing",
        "evaluation_is_never_skipped",
    ),
}
"""The four safeguards of the mission, each with the statements of the national pack that keep it."""
NODES: Final = 12_000
"""So many nodes are met at most, for one mutant."""


class Court:
    """
    Judges mutants of one release.

    Args:
        whole: whether it is the release with its skeletons.
        most: the highest price of a run that is tried (see `oracle`).

    Attributes:
        pack: the statements.
        plan: the shipped release.
        at_first: keys of the safeguards that it breaks itself.
    """

    def __init__(self, *, whole: bool, most: int = 0) -> None:
        self.most = most
        made = compile_release(base(whole=whole), allow_skeletons=True)
        assert isinstance(made, Plan)
        self.pack, self.plan = packs.national(), made
        self.universe = universe_of(made, self.pack)
        self.at_first: frozenset[str] = frozenset()
        self.at_first = frozenset(self.judged(made)[0].broken)

    def judged(self, plan: Plan) -> tuple[Opinion, frozenset[str]]:
        """
        What the oracle says of a release, and what it breaks that the shipped one does not.

        A dearer run is looked for only when no cheap one was found.
        """
        found = Opinion(structural_faults(plan, self.pack), frozenset(), -1, 0)
        for most in range(self.most + 1):
            if broken := frozenset(found.broken) - self.at_first:
                return found, broken
            found = opinion(self.universe, plan, self.pack, most=most, nodes=NODES)
        return found, frozenset(found.broken) - self.at_first

    def is_harmless(self, found: Opinion) -> bool:
        """Whether nothing new is broken by any run within the bound."""
        return found.finished >= self.most and not found.unreal and set(found.broken) <= self.at_first


class Prover:
    """The prover on one release. Args: plan: the release."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.machines: dict[Scope, Machine] = {}

    def proves(self, safeguard: Safeguard, bound: int = BOUND) -> bool:
        """Whether it calls a safeguard proven. Args: safeguard: it; bound: how many states it may look at."""
        template, monitor = safeguard.template, safeguard.monitor
        if isinstance(template, Structural):
            return not template.faults(self.plan)
        assert monitor is not None
        if safeguard.scope not in self.machines:
            self.machines[safeguard.scope] = Machine(self.plan, safeguard.scope)
        return prove(self.machines[safeguard.scope], monitor, bound).proven
