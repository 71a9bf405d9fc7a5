"""Every statement of the national pack is proven on all shipped paths, also those that cannot be published yet."""

from functools import cache

import pytest

from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.packs import national
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import prove
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation

pytestmark = pytest.mark.once
WATCHED = {it.key: it for it in national().safeguards if it.monitor is not None}


@cache
def machine(scope: Scope) -> Machine:
    made = compile_release(shipped(include_skeletons=True), allow_skeletons=True)
    assert isinstance(made, Plan), made
    return Machine(made, scope)


@pytest.mark.parametrize("key", WATCHED)
def test_a_national_statement_is_proven_on_every_shipped_path(key: str) -> None:
    safeguard = WATCHED[key]
    assert safeguard.monitor is not None
    verdict = prove(machine(safeguard.scope), safeguard.monitor)
    assert verdict.proven, verdict.run or verdict.unfinished
    assert verdict.vacuous is isinstance(safeguard.template, NoDeviation), "only what nobody can skip cannot happen"
