"""
Three uses of one statement agree: proof, monitor and conformance.

On random releases, conformance of a random walk says what the monitor says of its letters; and a walk of a release of
which a statement was proven conforms. That a run that the prover shows does not: `test_four_judges`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from padwijzer.workflows.core.case_file import Row
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.conformance import Conformance, Standing, conformance
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.graph import needs_person
from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import prove
from padwijzer.workflows.core.recorded import DoneStep, RecordedCase
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import Scope, Template
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.init import Init
from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation
from padwijzer.workflows.core.safeguards.not_coexistence import NotCoexistence
from padwijzer.workflows.core.safeguards.precedence import Precedence
from padwijzer.workflows.core.safeguards.response import Response
from padwijzer.workflows.core.semantics import EMPTY, Event, Happening, Marking, StartCase, What, step
from tests.properties.test_proving import (
    BOUND,
    CHILD,
    FOCUS,
    MOVES,
    Consistent,
    letters_of,
    many,
    meant,
    tries,
)
from tests.support.recorded import done

A, B, C = ("family_plan",), ("municipal_decision",), ("closing",)
CALLED = {"a": A[0], "b": B[0], "c": C[0]}
TEMPLATES: dict[str, Template] = {
    "a before b": Precedence(A, B),
    "a before b, anew after c": Precedence(A, B, C),
    "never b": Absence(B),
    "after a comes b before c": Response(A, B, C),
    "not both a and b": NotCoexistence(A, B),
    "a is never skipped": NoDeviation(A),
    "a is first": Init(A),
}
DEVIABLE = ("a before b", "after a comes b before c")
pytestmark = pytest.mark.once


safeguards = st.builds(
    lambda name, scope, deviation: Safeguard(
        "it", TEMPLATES[name], scope, ("C1",), "bron", "[A]", deviation=deviation and name in DEVIABLE
    ),
    st.sampled_from(sorted(TEMPLATES)),
    st.sampled_from([Scope.FAMILY, Scope.HELP]),
    st.booleans(),
)


def named(spec: ReleaseSpec) -> ReleaseSpec:
    """The same release, where what its steps mean has words."""
    return ReleaseSpec(
        spec.start,
        {
            key: replace(
                whole,
                activities=tuple(
                    replace(it, meanings=tuple(CALLED[meaning] for meaning in it.meanings)) for it in whole.activities
                ),
            )
            for key, whole in spec.definitions.items()
        },
    )


def recorded(plan: Plan, marking: Marking, happened: Sequence[Happening], seq: int) -> Iterator[DoneStep]:
    """The steps that were done in one event, as a history would tell them."""
    for it in happened:
        if it.what in (What.STEP_COMPLETED, What.STEP_SAVED, What.STEP_SKIPPED):
            run = marking.run(it.run)
            yield done(
                it.activity,
                seq,
                what=it.what,
                run=it.run,
                release=plan.digest,
                definition=run.definition,
                subject=run.subject,
                by_person=needs_person(plan.activity(run.definition, it.activity)),
            )


def judged(plan: Plan, safeguard: Safeguard, steps: Sequence[DoneStep], focus: str, child: str) -> Conformance:
    row = Row(focus, "help_item", {"child": child}, date(2026, 11, 2))
    return conformance(Pack("test", "1", (safeguard,)), {plan.digest: plan}, RecordedCase(tuple(steps), {focus: row}))


@many
@given(meant().map(named), safeguards, st.data())
def test_a_walk_conforms_exactly_when_its_monitor_says_so_and_always_when_it_was_proven(spec, safeguard, data):
    plan = compile_release(spec)
    assert isinstance(plan, Plan)
    monitor = safeguard.monitor
    assert monitor is not None
    marking, steps, word = EMPTY, [], []
    trying: Event = StartCase()
    for seq in range(data.draw(st.integers(MOVES // 2, MOVES))):
        try:
            after, happened = step(plan, marking, trying, Consistent(data))
        except Impossible:
            pass
        else:
            marking = after
            steps += recorded(plan, marking, happened, seq)
            word += letters_of(plan, marking, happened, safeguard.scope)
        trying = data.draw(tries(spec, marking))
    (judgement,) = judged(plan, safeguard, steps, FOCUS, CHILD).judgements
    event(judgement.standing.value)
    assert (judgement.standing is Standing.BROKEN) is not monitor.judge(tuple(word))
    if judgement.standing is Standing.BROKEN:
        verdict = prove(Machine(plan, safeguard.scope), monitor, BOUND)
        assert not verdict.proven
