"""Mutants judged twice: by the oracle, that lives their runs, and by the prover; and where the two disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from padwijzer.workflows.core import packs
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.packs import Safeguard
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import BOUND, prove
from padwijzer.workflows.core.proving.stories import story
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
        "consent_after_measure",
        "consent_before_closing",
    ),
    "voluntary help stays": ("voluntary_help_stays", "voluntary_help_is_not_stopped"),
    "the least invasive place first": (
        "lightest_place_first",
        "home_first",
        "second_look_before_ladder",
        "ladder_before_plan",
        "expert_looks_along",
        "nobody_chooses_a_place_alone",
        "ladder_is_never_skipped",
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
PLACED_NODES: Final = 4_000
"""The same where the child lives elsewhere already; there no search comes to its end."""


class Court:
    """
    Judges mutants of one release.

    Args:
        whole: whether it is the release with its skeletons.
        most: the highest price of a run that is tried (see `oracle`).
        placed: whether the child lives elsewhere already when the case starts.

    Attributes:
        pack: the statements.
        plan: the shipped release.
    """

    def __init__(self, *, whole: bool, most: int = 0, placed: bool = False) -> None:
        self.most, self.nodes = most, PLACED_NODES if placed else NODES
        made = compile_release(base(whole=whole), allow_skeletons=True)
        assert isinstance(made, Plan)
        self.pack, self.plan = packs.national(), made
        self.universe = universe_of(made, self.pack, placed=placed)
        self.made_wrong = structural_faults(made, self.pack)

    @cached_property
    def at_first(self) -> frozenset[str]:
        """Keys of the safeguards that the shipped release breaks itself."""
        return frozenset(self._looked_for(self.plan, frozenset())[0].broken)

    def judged(self, plan: Plan) -> tuple[Opinion, frozenset[str]]:
        """
        What the oracle says of a release, and what it breaks that the shipped one does not.

        A run is looked for only when steps and tracks are made well, a dearer one only when no cheap one was found.
        """
        wrong = structural_faults(plan, self.pack)
        if broken := frozenset(wrong) - frozenset(self.made_wrong):
            return Opinion(wrong, frozenset(), -1, 0), broken
        return self._looked_for(plan, self.at_first)

    def _looked_for(self, plan: Plan, known: frozenset[str]) -> tuple[Opinion, frozenset[str]]:
        for most in range(self.most + 1):
            found = opinion(self.universe, plan, self.pack, most=most, nodes=self.nodes, known=known)
            if frozenset(found.broken) - known:
                break
        return found, frozenset(found.broken) - known

    def is_harmless(self, found: Opinion) -> bool:
        """Whether nothing new is broken by any run within the bound."""
        return found.finished >= self.most and not found.unreal and set(found.broken) <= self.at_first


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What the prover says of a statement.

    Args:
        proven: whether it calls it proven.
        run: the lines of a run that it shows; empty when there is none.
        is_walked: whether that run is one of the reference semantics.
        unfinished: why it could not decide; empty when it did.
    """

    proven: bool
    run: tuple[str, ...] = ()
    is_walked: bool = False
    unfinished: str = ""


class Prover:
    """The prover on one release. Args: plan: the release."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.machines: dict[Scope, Machine] = {}

    def proves(self, safeguard: Safeguard, bound: int = BOUND) -> bool:
        """Whether it calls a safeguard proven. Args: safeguard: it; bound: how many states it may look at."""
        return self.asked(safeguard, bound, walk=False).proven

    def asked(self, safeguard: Safeguard, bound: int = BOUND, *, walk: bool = True) -> Answer:
        """
        What it says of a safeguard.

        Args:
            safeguard: it.
            bound: how many states it may look at.
            walk: whether a run that it finds is walked on the reference semantics, and told.
        """
        template, monitor = safeguard.template, safeguard.monitor
        if isinstance(template, Structural):
            return Answer(proven=not template.faults(self.plan))
        assert monitor is not None
        if safeguard.scope not in self.machines:
            self.machines[safeguard.scope] = Machine(self.plan, safeguard.scope)
        machine = self.machines[safeguard.scope]
        verdict = prove(machine, monitor, bound)
        told = story(machine, safeguard, verdict) if verdict.run and walk else None
        lines = tuple(" ".join(line) for line in told.lines) if told else ()
        return Answer(verdict.proven, lines, told is not None and told.real, verdict.unfinished)
