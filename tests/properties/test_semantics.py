from collections import Counter

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from padwijzer.workflows.core.compiling import check_release, compile_release
from padwijzer.workflows.core.definition import Detour, Interrupt, Jump, Owner
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.findings import Severity
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.semantics import (
    EMPTY,
    ActivityState,
    OpenedAs,
    RunStatus,
    StartCase,
    What,
    step,
)
from tests.properties.releases import Drawn, Repeated, events, releases
from tests.support.sizes import size

MOVES = 25
many = settings(
    max_examples=size("property_examples"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@many
@given(releases())
def test_random_releases_compile(spec):
    errors = [finding for finding in check_release(spec) if finding.severity is Severity.ERROR]
    assert errors == []


@many
@given(releases(), st.data())
def test_every_marking_of_a_walk_is_sound(spec, data):
    plan = compile_release(spec)
    assert isinstance(plan, Plan)
    marking = EMPTY
    trying = StartCase()
    for _ in range(data.draw(st.integers(5, MOVES))):
        world = Drawn(data)
        try:
            after, happened = step(plan, marking, trying, world)
        except Impossible as refused:
            event(refused.code)
            after, happened = marking, ()
        else:
            for what in {it.what for it in happened}:
                event(what)
            assert (after, happened) == step(plan, marking, trying, Repeated(world.said))
        look_at_runs(plan, after)
        look_at_change(marking, after, happened)
        marking = after
        trying = data.draw(events(spec, marking))


def look_at_runs(plan, marking):
    assert [run.number for run in marking.runs] == list(range(1, len(marking.runs) + 1))
    for run in marking.runs:
        if not run.is_alive:
            assert (run.position, run.detour_at, run.calls) == (None, -1, ())
            continue
        if run.parent is not None and not run.handed_over:
            assert marking.run(run.parent[0]).is_alive
        if run.status is RunStatus.SUSPENDED:
            assert any(other.opened_as is OpenedAs.INTERRUPT for other in marking.alive())
        if run.position is None:
            assert run.status is RunStatus.SUSPENDED
            continue
        activity = plan.activity(run.definition, run.position)
        state = run.state(run.position)
        if run.detour_at >= 0:
            assert state not in (ActivityState.OPEN, ActivityState.WAITING)
            target = activity.exits[run.detour_at].target
            assert isinstance(target, Detour | Interrupt | Jump)
            assert isinstance(target, Jump) <= (run.status is RunStatus.WAITING_OUTSIDE)
        else:
            assert state in (ActivityState.OPEN, ActivityState.WAITING)
        if state is ActivityState.WAITING:
            assert activity.available is not None
        assert run.round(run.position) >= (state is ActivityState.OPEN)
    tracks = Counter(
        (
            run.track,
            run.subject,
            run.parent and run.parent[0] if plan.tracks[run.track].track.owner is Owner.RUN else 0,
        )
        for run in marking.alive()
        if run.track
    )
    wholes = Counter(
        (run.definition, run.subject)
        for run in marking.alive()
        if not run.track or plan.tracks[run.track].track.definition
    )
    duties = Counter((duty.kind, duty.subject) for duty in marking.duties)
    for found in (tracks, wholes, duties):
        assert set(found.values()) <= {1}


def look_at_change(before, after, happened):
    for old, new in zip(before.runs, after.runs, strict=False):
        if not old.is_alive:
            assert old == new
        assert (old.number, old.definition, old.parent, old.opened_as, old.track, old.subject) == (
            new.number, new.definition, new.parent, new.opened_as, new.track, new.subject,
        )  # fmt: skip
        assert old.handed_over <= new.handed_over
        assert all(new.round(key) >= times for key, times in old.rounds)
    assert len(after.runs) - len(before.runs) == sum(it.what is What.RUN_STARTED for it in happened)
    opened = Counter((it.run, it.activity) for it in happened if it.what is What.STEP_OPENED)
    saved = Counter((it.run, it.activity) for it in happened if it.what is What.STEP_SAVED)
    for run in after.runs:
        old = before.runs[run.number - 1] if run.number <= len(before.runs) else None
        for key, times in run.rounds:
            risen = times - (old.round(key) if old else 0)
            assert 0 <= risen - opened[run.number, key] <= saved[run.number, key]
    ended = {it.run for it in happened if it.what in ENDS}
    was_alive = {run.number for run in before.alive()} | set(range(len(before.runs) + 1, len(after.runs) + 1))
    assert ended == was_alive - {run.number for run in after.alive()}
    changes = sum((it.what is What.DUTY_OPENED) - (it.what is What.DUTY_DISCHARGED) for it in happened)
    assert len(after.duties) - len(before.duties) == changes


ENDS = (What.RUN_ENDED, What.RUN_RETURNED, What.RUN_CANCELLED, What.RUN_JUMPED, What.RUN_SPLIT)
