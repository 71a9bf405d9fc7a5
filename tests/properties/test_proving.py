"""
What is proven holds, and what is shown is real.

On random releases no walk of the reference semantics breaks a statement that was proven, and a run that is said to
break one is such a walk. The walks know nothing of the prover but its verdict; their letters are read from what
happened.
"""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import Compare, Condition, FactRef, Truth, evaluate
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.definition import RowsSource
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.replay import replayed, walked_alone
from padwijzer.workflows.core.proving.search import Verdict, prove
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import BREACH, STEP, Monitor, Scope, around, skipped
from padwijzer.workflows.core.semantics import (
    EMPTY,
    Event,
    Marking,
    OpenTrack,
    StartCase,
    StartEmergency,
    What,
    step,
)
from tests.properties.releases import WAYS, Drawn, events, releases
from tests.support.sizes import size

MEANINGS = ("a", "b", "c")
FOCUS, CHILD = "r1", "c1"
ROWS = {"help_item": (FOCUS, "r2"), **dict.fromkeys(("children", "case_children", "person"), (CHILD, "c2"))}
"""Rows of registers; of any other there is one."""
MOVES = 25
BOUND = 3_000
many = settings(
    max_examples=size("property_examples"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def meant(draw: st.DrawFn) -> ReleaseSpec:
    """A random release in which few steps have a meaning, so that statements about them often hold."""
    spec = draw(releases())
    first, *others = draw(st.permutations(MEANINGS))
    definitions = {
        key: replace(
            whole,
            activities=tuple(
                replace(
                    it,
                    meanings=(first,)
                    if (key, it.key) == (spec.start, whole.start)
                    else tuple(it for it in others if draw(st.integers(0, 4)) == 0),
                )
                for it in whole.activities
            ),
        )
        for key, whole in spec.definitions.items()
    }
    return ReleaseSpec(spec.start, definitions)


def both(meaning: str, *states: tuple[str, str]) -> dict[tuple[str, str], str]:
    """The moves of what is forbidden or triggers, near and around."""
    return {(state, letter): after for state, after in states for letter in (meaning, around(meaning))}


MONITORS = {
    "a before b": Monitor("waits", {("waits", "a"): "kept", **both("b", ("waits", BREACH))}),
    "a before b, anew after c": Monitor(
        "waits",
        {("waits", "a"): "kept", **both("b", ("waits", BREACH)), **both("c", ("kept", "waits"))},
        width=2,
    ),
    "never b": Monitor("kept", both("b", ("kept", BREACH))),
    "after a comes b before c": Monitor(
        "calm", {**both("a", ("calm", "owed")), ("owed", "b"): "calm", **both("c", ("owed", BREACH))}, width=2
    ),
    "not both a and b": Monitor(
        "none",
        {**both("a", ("none", "a"), ("b", BREACH)), **both("b", ("none", "b"), ("a", BREACH))},
        width=2,
    ),
    "a is never skipped": Monitor("kept", both("skip:a", ("kept", BREACH))),
    "a is first": Monitor("none", {("none", "a"): "kept", ("none", STEP): BREACH, ("none", around(STEP)): BREACH}),
}


class Consistent(Drawn):
    """A world in which the answer to a question is one, and a row is of one register."""

    def __init__(self, data: st.DataObject) -> None:
        super().__init__(data)
        self.ways: dict[tuple[int | None, str], str] = {}

    def truth(self, marking: Marking, run: int | None, activity: str, condition: Condition) -> Truth:
        if isinstance(condition, Compare) and condition.fact == FactRef("answer", (("field", "weg"),)):
            if (run, activity) not in self.ways:
                self.ways[run, activity] = self.data.draw(st.sampled_from(WAYS))
            way = self.ways[run, activity]
            return evaluate(condition, _Way(way))
        return super().truth(marking, run, activity, condition)

    def rows(self, marking: Marking, run: int | None, activity: str, source: RowsSource) -> Sequence[str]:
        return self.data.draw(st.lists(st.sampled_from(ROWS.get(source.collection.register, ("x1",))), max_size=2))


class _Way:
    def __init__(self, way: str) -> None:
        self.way = way

    def fact(self, ref: FactRef) -> str:
        return self.way

    def rows(self, collection):
        raise AssertionError(collection)

    def shifted(self, day, sign, term):
        raise AssertionError(day)


def letters_of(plan: Plan, marking: Marking, happened, scope: Scope):
    """What a monitor hears of what happened."""
    for it in happened:
        if it.what not in (What.STEP_COMPLETED, What.STEP_SAVED, What.STEP_SKIPPED):
            continue
        run = marking.run(it.run)
        own = scope is Scope.FAMILY or run.subject == FOCUS
        if not own and run.subject not in (None, CHILD):
            continue
        for meaning in plan.activity(run.definition, it.activity).meanings:
            name = skipped(meaning) if it.what is What.STEP_SKIPPED else meaning
            yield name if own else around(name)
        if it.what is not What.STEP_SKIPPED:
            yield STEP if own else around(STEP)


def tries(spec: ReleaseSpec, marking: Marking):
    """Events to try; a case begins once, and a hand may open a track about the focus, its child or another row."""
    for_rows = [
        OpenTrack(None, each.key, subject, key)
        for key, whole in spec.definitions.items()
        for each in whole.tracks
        for subject in (FOCUS, CHILD, "x1")
    ]
    crisis = [StartEmergency("D-C", subject) for subject in (None, FOCUS, CHILD)]
    return st.one_of(
        events(spec, marking).filter(lambda it: not isinstance(it, StartCase)), st.sampled_from(for_rows + crisis)
    )


@many
@given(meant(), st.sampled_from(sorted(MONITORS)), st.sampled_from([Scope.FAMILY, Scope.HELP]), st.data())
def test_no_walk_breaks_what_was_proven_and_every_run_shown_is_a_walk(spec, name, scope, data):
    plan = compile_release(spec)
    assert isinstance(plan, Plan)
    machine, monitor = Machine(plan, scope), MONITORS[name]
    verdict = prove(machine, monitor, BOUND)
    if verdict.run and not rests_on_others(verdict):
        event("refuted")
        assert can_be_walked(machine, monitor, verdict) or prove(machine, monitor, BOUND, whole=True).proven
    if verdict.proven and not verdict.vacuous:
        event("proven")
        walk(spec, plan, monitor, scope, data)


def can_be_walked(machine: Machine, monitor: Monitor, verdict: Verdict) -> bool:
    """Whether the reference semantics can walk the run that was found, or another one that breaks the statement."""
    members = frozenset(it for it in machine.components if it.name in verdict.components)
    if replayed(machine, monitor, members, verdict.run) is not None:
        return True
    event("looked for again")
    return walked_alone(machine, monitor, BOUND) is not None


def rests_on_others(verdict: Verdict) -> bool:
    """Whether a run needs what is about another row, of which the prover knows nothing."""
    choices = [choice for move in verdict.run for choice in move.path]
    return any(what == "loose" or "@other" in what or "@other" in who for what, who, _, _ in choices)


def walk(spec: ReleaseSpec, plan: Plan, monitor: Monitor, scope: Scope, data: st.DataObject) -> None:
    """A random walk that must keep the statement."""
    marking, state = EMPTY, monitor.start
    trying: Event = StartCase()
    for _ in range(data.draw(st.integers(MOVES // 2, MOVES))):
        try:
            after, happened = step(plan, marking, trying, Consistent(data))
        except Impossible:
            pass
        else:
            marking = after
            for letter in letters_of(plan, marking, happened, scope):
                state = monitor.after(state, letter)
            assert state != BREACH
        trying = data.draw(tries(spec, marking))
