"""How many states a proof looks at as a release grows: exactly, for small sizes; the rest is in `make bench`."""

import pytest

from bench.proof_shapes import NOT_FINISHED, SHAPES, STATES, Shape
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving import search
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import BOUND, prove
from padwijzer.workflows.core.safeguards import Scope

pytestmark = pytest.mark.once
FEW = 2_500
SMALL = [at for at, states in STATES.items() if states < FEW]


def machine_of(shape: Shape) -> Machine:
    plan = compile_release(shape.release)
    assert isinstance(plan, Plan), plan
    return Machine(plan, Scope.FAMILY)


def verdicts(name, size):
    shape = SHAPES[name](size)
    machine = machine_of(shape)
    return {key: prove(machine, monitor) for key, monitor in shape.statements.items()}


def test_every_shape_is_looked_at():
    assert {name for name, _ in SMALL} == SHAPES.keys()


@pytest.mark.parametrize(("name", "size"), SMALL)
def test_every_statement_is_proven_in_as_many_states_as_is_written_down(name, size):
    found = verdicts(name, size)
    assert [key for key, verdict in found.items() if not verdict.proven or verdict.vacuous] == []
    assert sum(verdict.states for verdict in found.values()) == STATES[name, size]


@pytest.mark.parametrize("name", ["tracks", "loop"])
def test_what_is_said_of_one_track_costs_the_same_however_many_there_are_or_long_the_line_is(name):
    assert {verdicts(name, size)["pair 0"].states for size in (5, 10)} == {verdicts(name, 2)["pair 0"].states}


@pytest.mark.parametrize("name", ["row", "loop"])
def test_what_is_in_a_row_adds_and_does_not_multiply(name):
    found = [sum(it.states for it in verdicts(name, size).values()) for size in (10, 20, 30)]
    assert found[1] - found[0] == found[2] - found[1]


@pytest.mark.parametrize(("name", "size"), sorted(NOT_FINISHED))
def test_what_tangles_is_not_proven_and_says_what_belongs_together(name, size):
    shape = SHAPES[name](size)
    ((_, monitor),) = shape.statements.items()
    verdict = prove(machine_of(shape), monitor, FEW)
    assert not verdict.proven
    assert verdict.run == ()
    assert verdict.states > FEW
    assert verdict.components
    assert all(component in verdict.unfinished for component in verdict.components)


@pytest.mark.parametrize("name", ["openers", "mutual"])
def test_ten_tracks_that_open_each_other_are_given_up_by_name(name):
    shape = SHAPES[name](10)
    ((_, monitor),) = shape.statements.items()
    verdict = prove(machine_of(shape), monitor)
    assert (verdict.proven, verdict.run, verdict.states) == (False, (), STATES[name, 10])
    assert verdict.components == tuple(f"V.t{number}@family" for number in range(10))
    assert verdict.unfinished == (
        f"More than {BOUND} states: what belongs together is {', '.join(verdict.components)}."
    )


def test_what_has_too_much_to_work_off_is_not_proven_though_its_states_fit(monkeypatch):
    shape = SHAPES["mutual"](5)
    ((_, monitor),) = shape.statements.items()
    assert prove(machine_of(shape), monitor).proven
    monkeypatch.setattr(search, "MOST_WORKED_OFF", 100)
    verdict = prove(machine_of(shape), monitor)
    assert (verdict.proven, verdict.run) == (False, ())
    assert verdict.states < BOUND
    assert verdict.unfinished.startswith("More than 100 moves: what belongs together is V.t0@family, ")
