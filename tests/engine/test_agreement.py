"""
The engine on its rows and the reference semantics on its values walk the same random releases and say the same.

After every step everything is read back from the database, as another process would: the marking that the rows give
is that of the semantics, each open step has its one task in the state that Viewflow gives it, and each step taken
inside a definition lies along an edge of Viewflow's own graph.
"""

import datetime as dt
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from viewflow.workflow.status import PROCESS, STATUS

from padwijzer.permissions.models import Organisation
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.definition import Kind
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.packs import national
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.reading import canonical, digest
from padwijzer.workflows.core.semantics import (
    EMPTY,
    ActivityState,
    Complete,
    RunStatus,
    SaveOpen,
    Skip,
    StartCase,
    What,
    step,
)
from padwijzer.workflows.core.terms import Terms
from padwijzer.workflows.engine.nodes import node_name
from padwijzer.workflows.engine.running import Movement
from padwijzer.workflows.models import Case, DefinitionVersion, PathRun, Release, Task
from padwijzer.workflows.models.runs import UNFINISHED
from padwijzer.workflows.queries.markings import marking_of
from padwijzer.workflows.queries.releases import RunningRelease
from tests.properties.releases import Drawn, Repeated, events, releases
from tests.support.sizes import size

MOVES = 20
NOW = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 25)

walks = settings(
    max_examples=max(10, size("agreement_steps") // MOVES),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@pytest.mark.django_db
def test_the_engine_agrees_with_the_reference_after_every_step(django_db_setup):
    walked = 0

    @walks
    @given(releases(), st.data())
    def walk(spec, data):
        nonlocal walked
        plan = compile_release(spec)
        assert isinstance(plan, Plan)
        case, release = a_case_on(spec, plan)
        marking = EMPTY
        trying = StartCase()
        for _ in range(data.draw(st.integers(MOVES // 2, MOVES))):
            world = Drawn(data)
            task = open_task_of(case, trying)
            try:
                after, happened = step(plan, marking, trying, world)
            except Impossible as refused:
                event(refused.code)
                with pytest.raises(Impossible, match=refused.code), transaction.atomic():
                    moved(case, release).happens(trying, Repeated(world.said), task=task)
                after, happened = marking, ()
            else:
                with transaction.atomic():
                    told = moved(case, release).happens(trying, Repeated(world.said), task=task)
                assert told == happened
                walked += 1
            case = Case.objects.get(pk=case.pk)
            look_at_rows(case, plan, after)
            look_at_graph(case, plan, happened)
            marking = after
            trying = data.draw(events(spec, marking))

    walk()
    assert walked >= size("agreement_steps") // 4


def a_case_on(spec, plan):
    organisation, _made = Organisation.objects.get_or_create(name="Voorbeeld", kind="municipality")
    versions = {}
    for key, definition in spec.definitions.items():
        known = DefinitionVersion.objects.filter(digest=digest(definition)).first()
        number = DefinitionVersion.objects.filter(key=key).count() + 1
        version = known or DefinitionVersion.objects.create(
            key=key,
            number=number,
            digest=digest(definition),
            content=canonical(definition).decode(),
            published_at=NOW,
        )
        versions[key] = version.number
    release, _made = Release.objects.get_or_create(
        digest=spec.digest(),
        defaults={
            "number": Release.objects.count() + 1,
            "start": spec.start,
            "members": versions,
            "terms": {},
            "published_at": NOW,
        },
    )
    case = Case.objects.create(
        number=f"J-{Case.objects.count()}",
        release=release,
        organisation=organisation,
        opened_at=NOW,
        opened_on=TODAY,
    )
    return case, RunningRelease(release.number, release.digest, plan, Terms(()), versions, national())


def moved(case, release):
    return Movement(case, release, at=NOW, on=TODAY)


def open_task_of(case, trying):
    if not isinstance(trying, Complete | SaveOpen | Skip):
        return None
    run = PathRun.objects.filter(case=case, number=trying.run).first()
    if run is None:
        return None
    found = Task.objects.filter(process=run, activity=run.position, status__in=UNFINISHED)
    return found.select_related("process").first()


def look_at_rows(case, plan, marking):
    runs = list(PathRun.objects.filter(case=case).order_by("number"))
    assert marking_of(case, runs) == marking
    open_tasks = {
        (task.process.number, task.activity): task
        for task in Task.objects.filter(case=case, status__in=UNFINISHED).select_related("process")
    }
    assert len(open_tasks) == Task.objects.filter(case=case, status__in=UNFINISHED).count()
    expected = {}
    for run in marking.alive():
        if run.position and run.state(run.position) is ActivityState.OPEN:
            expected[run.number, run.position] = plan.activity(run.definition, run.position), run.round(run.position)
    assert open_tasks.keys() == expected.keys()
    for key, (activity, round_) in expected.items():
        task = open_tasks[key]
        assert task.round == round_
        assert (task.status == STATUS.STARTED) == (activity.kind is Kind.CALL)
        assert task.flow_task.activity == activity
    for row, run in zip(runs, marking.runs, strict=True):
        assert (row.status == PROCESS.NEW) == run.is_alive
        assert (row.finished is None) == run.is_alive
        assert bool(row.outside) >= (run.status is RunStatus.WAITING_OUTSIDE)


def look_at_graph(case, plan, happened):
    """A step that follows another in the same run, by an exit that stays inside, follows an edge of the flow."""
    runs = {run.number: run for run in PathRun.objects.filter(case=case)}
    moves = [it for it in happened if it.what in (What.EXIT_TAKEN, What.STEP_OPENED)]
    for left, entered in pairwise(moves):
        if (left.what, entered.what) != (What.EXIT_TAKEN, What.STEP_OPENED) or left.run != entered.run:
            continue
        flow = runs[left.run].flow_class.instance
        edges = {edge.dst.name for edge in flow.node(node_name(left.activity))._outgoing()}
        jumped_within = node_name(entered.activity) not in edges
        if jumped_within:
            activity = plan.activity(runs[left.run].definition, left.activity)
            assert any(hasattr(exit_.target, "definition") for exit_ in activity.exits)
