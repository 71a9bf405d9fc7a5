"""
Four judges of one statement agree: the proof, the oracle that tries every run, the monitor of a running case, and
conformance afterwards.

The monitor of a running case refuses exactly the event from which conformance finds the breach. So it is on a random
walk, on the run that the oracle finds and on the run that the prover shows; what was proven neither of them finds
broken.
"""

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.conformance import Standing
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.replay import replayed, walked_alone
from padwijzer.workflows.core.proving.search import prove
from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.semantics import EMPTY, Event, Happening, Marking, StartCase, step
from padwijzer.workflows.core.watching import Focus, Watch, WatchedStep, done_in
from tests.properties import test_conformance
from tests.properties.test_conformance import named, recorded, safeguards
from tests.properties.test_proving import BOUND, CHILD, FOCUS, MOVES, Consistent, many, meant, tries
from tests.support.brute_force import judged

EVENTS, TRIES = 9, 4_000
Followed = tuple[Marking, Sequence[Happening]]
pytestmark = pytest.mark.once


def refused_at(plan: Plan, safeguard: Safeguard, done: Iterable[Followed], focus: Focus) -> int | None:
    """The number of the first event that the monitor of a running case refuses; None when it refuses none."""
    watch = Watch(plan, Pack("test", "1", (safeguard,)))
    about = Focus() if safeguard.scope is Scope.FAMILY else focus
    past: list[WatchedStep] = []
    for number, (marking, happened) in enumerate(done):
        now = done_in(marking, happened)
        if watch.refusals(past.copy, now, lambda _scope: (about,), lambda *_asked: True):
            return number
        past += now
    return None


def broken_at(plan: Plan, safeguard: Safeguard, done: Iterable[Followed], focus: Focus) -> int | None:
    """The number of the first event of which conformance says that it broke the statement; None for none."""
    steps = [it for seq, (marking, happened) in enumerate(done) for it in recorded(plan, marking, happened, seq)]
    (found,) = test_conformance.judged(plan, safeguard, steps, focus.row, focus.child).judgements
    assert (found.standing is Standing.BROKEN) is (found.broken_by is not None)
    return None if found.broken_by is None else found.broken_by.seq


@many
@given(meant().map(named), safeguards, st.data())
def test_the_monitor_refuses_the_event_from_which_conformance_finds_a_walk_broken(spec, safeguard, data):
    plan = compile_release(spec)
    assert isinstance(plan, Plan)
    marking, done = EMPTY, []
    trying: Event = StartCase()
    for _ in range(data.draw(st.integers(MOVES // 2, MOVES))):
        try:
            marking, happened = step(plan, marking, trying, Consistent(data))
        except Impossible:
            pass
        else:
            done.append((marking, happened))
        trying = data.draw(tries(spec, marking))
    focus = Focus(FOCUS, CHILD)
    refused = refused_at(plan, safeguard, done, focus)
    event("refused" if refused is not None else "kept")
    assert refused == broken_at(plan, safeguard, done, focus)
    if refused is not None:
        assert not prove(Machine(plan, safeguard.scope), safeguard.monitor, BOUND).proven


@many
@given(meant().map(named), safeguards)
def test_what_the_oracle_finds_broken_is_refused_and_broken_at_its_last_event_and_not_proven(spec, safeguard):
    plan = compile_release(spec)
    assert isinstance(plan, Plan)
    found = judged(plan, safeguard.monitor, safeguard.scope, events=EVENTS, tries=TRIES)
    verdict = prove(Machine(plan, safeguard.scope), safeguard.monitor, BOUND)
    said = "proven" if verdict.proven else "refuted" if verdict.run else "not decided"
    event(f"{said}; {'broken' if found.broken else 'holds' if found.finished else 'holds up to the bound'}")
    if found.broken:
        last, focus = len(found.followed) - 1, Focus(FOCUS, CHILD)
        assert not verdict.proven
        assert refused_at(plan, safeguard, found.followed, focus) == last
        assert broken_at(plan, safeguard, found.followed, focus) == last


@many
@given(meant().map(named), safeguards)
def test_what_the_prover_shows_is_refused_and_broken_at_its_last_event(spec, safeguard):
    plan = compile_release(spec)
    assert isinstance(plan, Plan)
    machine, monitor = Machine(plan, safeguard.scope), safeguard.monitor
    verdict = prove(machine, monitor, BOUND)
    if not verdict.run:
        return
    members = frozenset(it for it in machine.components if it.name in verdict.components)
    walked = replayed(machine, monitor, members, verdict.run)
    if walked is None:
        again = walked_alone(machine, monitor, BOUND)
        event("not walked" if again is None else "walked with one other row")
        if again is None:
            return
        walked = again[2]
    done = [(walked.marking, happened) for happened in walked.happened]
    last, focus = len(done) - 1, Focus("focus", "child")
    assert refused_at(plan, safeguard, done, focus) == last
    assert broken_at(plan, safeguard, done, focus) == last
