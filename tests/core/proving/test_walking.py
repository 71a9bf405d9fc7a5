"""A move that was worked off once is remembered by what it looked at, and that is as good as working it off anew."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bench.proof_shapes import SHAPES
from padwijzer.forms.core.conditions import Compare, FactRef, Operator
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.definition import End
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Component, Machine
from padwijzer.workflows.core.proving.walking import Here, Walker
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import BREACH, Monitor, Scope
from padwijzer.workflows.core.safeguards.precedence import Precedence
from tests.properties.test_proving_by_force import MONITORS, remembering
from tests.support.definitions import choice, definition, is_, plan, step
from tests.support.sizes import size
from tests.support.stories import planned

pytestmark = pytest.mark.once
MOST_STATES = 60
many = settings(
    max_examples=size("property_examples"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def states_of(walker: Walker) -> list[Here]:
    """The first states that a walker comes to, as they are when the next event happens."""
    found = {walker.state_of(it): it for it in walker.first()}
    for here in (waiting := list(found.values())):
        for there in walker.moves(here):
            state = walker.state_of(there)
            if state not in found and len(found) < MOST_STATES and there.watch != BREACH:
                found[state] = there
                waiting.append(there)
    return waiting


@many
@given(remembering(), st.sampled_from(sorted(MONITORS)), st.sampled_from((Scope.FAMILY, Scope.HELP)), st.data())
def test_what_is_remembered_of_a_move_is_what_it_does(
    spec: ReleaseSpec, name: str, scope: Scope, data: st.DataObject
) -> None:
    made = compile_release(spec)
    assume(isinstance(made, Plan))
    assert isinstance(made, Plan)
    machine = Machine(made, scope)
    members = data.draw(st.sets(st.sampled_from(sorted(machine.components, key=lambda it: it.name)), min_size=1))
    kept = data.draw(st.sets(st.sampled_from(sorted(machine.full))) if machine.full else st.just(set()))
    assert_remembers(machine, MONITORS[name], frozenset(members), frozenset(kept))


def assert_remembers(machine: Machine, monitor: Monitor, members: frozenset[Component], kept: frozenset[str]) -> None:
    """Each move that one walker makes, another makes that has seen nothing yet."""
    walker = Walker(machine, monitor, members, kept)
    for here in states_of(walker):
        anew = Walker(machine, monitor, members, kept)
        assert list(walker.moves(here)) == list(anew.moves(here))


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_what_is_remembered_of_a_move_in_a_release_of_any_shape_is_what_it_does(name: str) -> None:
    shape = SHAPES[name](3)
    machine = Machine(planned(shape.release), Scope.FAMILY)
    monitor = next(iter(shape.statements.values()))
    assert_remembers(machine, monitor, frozenset(machine.components), frozenset(machine.full))


def test_what_is_set_without_looking_is_set_in_each_state() -> None:
    """A decision begins the count of plans again, whether it was begun or not."""
    since = Compare(FactRef("state", (("of", "plan"), ("since", "decide"))), Operator.IS, "done")
    line = definition(
        "V",
        step("talk", (is_("weg", "plan"), "plan"), "decide", fields=(choice("weg", "plan", "geen"),)),
        step("plan", "decide"),
        step("decide", "more"),
        step("more", (since, End()), "talk"),
    )
    machine = Machine(plan(line), Scope.FAMILY)
    assert_remembers(machine, MONITORS["never b"], frozenset(machine.components), frozenset(machine.full))


def test_what_a_move_does_not_look_at_does_not_have_it_worked_off_again() -> None:
    line = definition("V", *(step(f"s{number}", f"s{number + 1}") for number in range(9)), step("s9"))
    machine = Machine(plan(line), Scope.FAMILY)
    monitor = Precedence(("family_plan",), ("municipal_decision",)).monitor()
    walker = Walker(machine, monitor, frozenset(machine.components), frozenset())
    states = states_of(walker)
    worked_off = walker.worked_off
    assert len(states) == worked_off == 11
    for here in states:
        list(walker.moves(here._replace(watch="kept")))
    assert walker.worked_off == worked_off
