"""
What is proven is broken by no run that an oracle finds, which tries every run of a small release up to a bound.

The oracle (`tests.support.brute_force`) shares no code with the prover. How often the prover refuses what holds
according to an oracle that has finished is told as statistics (`--hypothesis-show-statistics`), and asserted nowhere.
"""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import (
    Collection,
    ColumnCompare,
    Compare,
    Condition,
    FactRef,
    Filter,
    Operator,
    Quantifier,
    Rows,
)
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.definition import Activity, Effect, Exit, Jump, Kind, Rule
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import prove
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import BREACH, STEP, Monitor, Scope, around
from tests.properties.releases import WAYS, releases
from tests.support.brute_force import judged
from tests.support.definitions import is_, text
from tests.support.sizes import size

MEANINGS = ("a", "b", "c")
BOUND = 3_000
EVENTS, TRIES = 9, 4_000
many = settings(
    max_examples=size("property_examples"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def near_and_around(meaning: str, *states: tuple[str, str]) -> dict[tuple[str, str], str]:
    return {(state, letter): after for state, after in states for letter in (meaning, around(meaning))}


MONITORS = {
    "b needs a": Monitor("waits", {("waits", "a"): "kept", **near_and_around("b", ("waits", BREACH))}),
    "b needs a, after c again": Monitor(
        "waits",
        {
            ("waits", "a"): "kept",
            **near_and_around("b", ("waits", BREACH)),
            **near_and_around("c", ("kept", "waits")),
        },
        width=2,
    ),
    "never b": Monitor("kept", near_and_around("b", ("kept", BREACH))),
    "a owes b before c": Monitor(
        "calm",
        {**near_and_around("a", ("calm", "owed")), ("owed", "b"): "calm", **near_and_around("c", ("owed", BREACH))},
        width=2,
    ),
    "not both a and b": Monitor(
        "none",
        {
            **near_and_around("a", ("none", "a"), ("b", BREACH)),
            **near_and_around("b", ("none", "b"), ("a", BREACH)),
        },
        width=2,
    ),
    "a is never skipped": Monitor("kept", near_and_around("skip:a", ("kept", BREACH))),
    "a is first": Monitor("none", {("none", "a"): "kept", ("none", STEP): BREACH, ("none", around(STEP)): BREACH}),
    "b only in way a": Monitor("kept", {("kept", "b-"): BREACH}, {"b": is_("weg", "a")}),
}


def named_apart(it: Any, definition: str) -> Any:
    """A definition whose steps have keys that no other definition has."""
    if isinstance(it, str) and not isinstance(it, Kind) and re.fullmatch(r"[sb]\d", it):
        return f"{definition.lower().replace('-', '_')}_{it}"
    if isinstance(it, tuple):
        return tuple(named_apart(part, definition) for part in it)
    if isinstance(it, Jump):
        return Jump(it.definition, named_apart(it.activity, it.definition))
    if is_dataclass(it) and not isinstance(it, type):
        return replace(it, **{each.name: named_apart(getattr(it, each.name), definition) for each in fields(it)})
    return it


DUTY = Filter(
    Quantifier.ALL,
    (ColumnCompare("kind", Operator.IS, "terug"), ColumnCompare("state", Operator.IS, "open")),
)


@st.composite
def asked(draw: st.DrawFn, keys: tuple[str, ...], step: Activity) -> Condition:
    """A condition of which the language keeps the facts."""
    some: list[st.SearchStrategy[Condition]] = [
        st.sampled_from((Quantifier.ANY, Quantifier.NONE)).map(lambda it: Rows(Collection("duty"), it, DUTY)),
        st.builds(
            lambda key, operator, value: Compare(FactRef("state", (("of", key),)), operator, value),
            st.sampled_from(keys),
            st.sampled_from((Operator.IS, Operator.IS_NOT)),
            st.sampled_from(("never", "open", "done", "skipped")),
        ),
    ]
    if step.fields:
        some.append(st.sampled_from(WAYS).map(lambda way: is_("weg", way)))
    return draw(st.one_of(some))


@st.composite
def remembering(draw: st.DrawFn) -> ReleaseSpec:
    """A random release with meanings, some of whose steps ask and block on what was done before."""
    spec = draw(releases())
    apart, kept = draw(st.booleans()), draw(st.booleans())
    definitions = {}
    for key, whole in spec.definitions.items():
        made = named_apart(whole, key) if apart else whole
        keys = tuple(it.key for it in made.activities)
        steps = []
        for it in made.activities:
            meanings = tuple(m for m in MEANINGS if draw(st.integers(0, 4)) == 0)
            more: dict[str, Any] = {"meanings": meanings}
            if kept:
                more["exits"] = tuple(
                    Exit(way.target, draw(asked(keys, it))) if way.when is not None and draw(st.booleans()) else way
                    for way in it.exits
                )
                if it.performers and draw(st.integers(0, 2)) == 0:
                    rule = Rule(draw(asked(keys, it)), Effect.BLOCK, text("Nog niet."), "C12")
                    more["rules"] = (*it.rules, rule)
            steps.append(replace(it, **more))
        definitions[key] = replace(made, activities=tuple(steps))
    return ReleaseSpec(spec.start, definitions)


@many
@given(remembering(), st.sampled_from(sorted(MONITORS)), st.sampled_from((Scope.FAMILY, Scope.HELP, Scope.CHILD)))
def test_no_run_of_all_runs_breaks_what_was_proven(spec: ReleaseSpec, name: str, scope: Scope) -> None:
    plan = compile_release(spec)
    assume(isinstance(plan, Plan))
    assert isinstance(plan, Plan)
    monitor = MONITORS[name]
    verdict = prove(Machine(plan, scope), monitor, BOUND)
    if verdict.vacuous:
        event("vacuous")
    found = judged(plan, monitor, scope, events=EVENTS, tries=TRIES)
    said = "proven" if verdict.proven else "refuted" if verdict.run else "not decided"
    so = "broken" if found.broken else "holds" if found.finished else "holds up to the bound"
    event(f"{said}; {so}")
    assert not (verdict.proven and found.broken), found
