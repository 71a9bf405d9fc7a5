"""A move that was worked off once is remembered by what it looked at, and that is as good as working it off anew."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.walking import Here, Walker
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import BREACH, Scope
from padwijzer.workflows.core.safeguards.precedence import Precedence
from tests.properties.test_proving_by_force import MONITORS, remembering
from tests.support.definitions import definition, plan, step
from tests.support.sizes import size

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
    walker = Walker(machine, MONITORS[name], frozenset(members), kept)
    for here in states_of(walker):
        anew = Walker(machine, MONITORS[name], frozenset(members), kept)
        assert list(walker.moves(here)) == list(anew.moves(here))


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
