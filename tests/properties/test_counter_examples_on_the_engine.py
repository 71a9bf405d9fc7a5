"""
What the prover shows happens on the engine too: in a case with a history in a database, by what people do there.

While nothing watches over the case, the run is done to its end and conformance finds the breach in its last event.
While the safeguard watches, everything but the last event is done, and that is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import Compare, Condition
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.open_track import close_track, open_track
from padwijzer.workflows.actions.skip_task import skip_task
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.definition import Performer, RowsSource
from padwijzer.workflows.core.errors import BreaksSafeguard, Impossible
from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.replay import Replayed, replayed
from padwijzer.workflows.core.proving.search import prove
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.semantics import (
    EMPTY,
    CloseTrack,
    Complete,
    Event,
    Happening,
    Marking,
    OpenTrack,
    Recheck,
    SaveOpen,
    Skip,
    StartCase,
    What,
    step,
)
from padwijzer.workflows.core.watching import Focus
from padwijzer.workflows.models import OPEN, RegisterRow, Task
from padwijzer.workflows.models import Event as Told
from padwijzer.workflows.queries.conformance import conformance_of
from tests.properties.releases import WAYS
from tests.properties.test_conformance import TEMPLATES, named
from tests.properties.test_four_judges import Followed, refused_at
from tests.properties.test_proving import BOUND, meant
from tests.support.cases import a_user, at
from tests.support.clock import OPENED, Clocked, another_case, publish
from tests.support.guarded import NOBODY, watched_by
from tests.support.rebuilding import whole_history

EXAMPLES, ENOUGH = 30, 10
"""How many releases are made, and of how many of these a run must have been done on the engine."""
LONGEST = 6
CHILD = "child"
played = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
safeguards = st.sampled_from(sorted(TEMPLATES)).map(
    lambda name: Safeguard("it", TEMPLATES[name], Scope.FAMILY, ("C1",), "bron", "[A]")
)


def done_by_one(spec: ReleaseSpec) -> ReleaseSpec:
    """The same release, in which one person may do every step that asks for somebody."""
    return ReleaseSpec(
        spec.start,
        {
            key: replace(
                whole,
                activities=tuple(
                    replace(it, performers=(Performer("jeugdconsulent"),) if it.performers else ())
                    for it in whole.activities
                ),
            )
            for key, whole in spec.definitions.items()
        },
    )


class Fresh:
    """A case as it is just opened: one child, no help, no placements, and one answer to the question of each step."""

    def __init__(self, way: str) -> None:
        self.way = way

    def truth(self, marking: Marking, run: int | None, activity: str, condition: Condition) -> bool:
        """Whether a condition holds: only what was answered does."""
        return isinstance(condition, Compare) and condition.value == self.way

    def rows(self, marking: Marking, run: int | None, activity: str, source: RowsSource) -> Sequence[str]:
        """The rows that there are."""
        return (CHILD,) if source.collection.register in ("children", "case_children", "person") else ()


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does. Args: event: which; activity: at which step; way: what is answered; empty for nothing."""

    event: Event
    activity: str = ""
    way: str = ""


def deeds(plan: Plan, walked: Replayed) -> tuple[list[Deed], list[Followed]] | None:
    """The run as people do it in a fresh case, with what follows; None when it needs more than that."""
    marking = EMPTY
    found: list[Deed] = []
    done: list[Followed] = []
    for number, was in enumerate(walked.events):
        deed = doable(plan, marking, was, walked.happened[number])
        if deed is None:
            return None
        try:
            marking, happened = step(plan, marking, deed.event, Fresh(deed.way))
            if marking.waits:
                marking, more = step(plan, marking, Recheck(), Fresh(deed.way))
                happened += more
        except Impossible:
            return None
        found.append(deed)
        done.append((marking, happened))
    return found, done


def doable(plan: Plan, marking: Marking, was: Event, happened: Sequence[Happening]) -> Deed | None:
    """What somebody does so that this event happens; None when nobody can, or when it takes a register."""
    match was:
        case StartCase():
            return Deed(was)
        case OpenTrack(_, track, None, definition) if plan.tracks[f"{definition}.{track}"].by_hand:
            runs = (run.number for run in marking.alive() if run.definition == definition and not run.track)
            return Deed(OpenTrack(next(runs, None), track, None, definition))
        case CloseTrack(number, by_hand=True) if number <= len(marking.runs):
            return Deed(was)
        case Complete(number) | SaveOpen(number) | Skip(number) if number <= len(marking.runs):
            run = marking.run(number)
            if run.position is None:
                return None
            activity = plan.activity(run.definition, run.position)
            exits = (it.number for it in happened if it.what is What.EXIT_TAKEN and it.run == number)
            asks = bool(activity.fields) and not isinstance(was, Skip)
            return Deed(was, run.position, WAYS[min(next(exits, 0), len(activity.exits) - 1)] if asks else "")
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Played:
    """A case in which a run is done. Args: clocked: the case; colleague: with whom deviations are talked over."""

    clocked: Clocked
    colleague: str

    def does(self, deed: Deed) -> None:
        """Let somebody do one thing."""
        acting, case = Acting(self.clocked.worker, at(OPENED, 11)), self.clocked.case
        match deed.event:
            case OpenTrack(_, track, _, definition):
                open_track(acting, case.pk, definition, track)
            case CloseTrack(number):
                close_track(acting, case.pk, number)
            case Skip(number):
                reason = Deviation("Het gezin heeft al lang genoeg gewacht", colleague=self.colleague)
                skip_task(acting, self.task(number, deed.activity).pk, deviation=reason)
            case Complete(number) | SaveOpen(number):
                raw: dict[str, object] = {"weg": deed.way} if deed.way else {}
                complete_task(acting, self.task(number, deed.activity).pk, raw)

    def task(self, number: int, activity: str) -> Task:
        """The open task of a step of a run."""
        found: Task = Task.objects.get(
            case=self.clocked.case, process__number=number, activity=activity, status__in=OPEN
        )
        return found


def a_played_case(worker: Any, colleague: Any) -> Played:
    """A case on the newest release, of which two people know."""
    clocked = another_case(worker)
    add_member(Acting(worker, at(OPENED)), clocked.case.pk, colleague, "jeugdconsulent")
    person = RegisterRow.objects.get(case=clocked.case, register="person", values__user=str(colleague.pk))
    return Played(clocked, str(person.pk))


def breaking(spec: ReleaseSpec, safeguard: Safeguard) -> tuple[list[Deed], int] | None:
    """What people do to break a safeguard, as the prover shows it; None when they cannot in a fresh case."""
    plan = compile_release(spec)
    assert isinstance(plan, Plan)
    machine, monitor = Machine(plan, safeguard.scope), safeguard.monitor
    assert monitor is not None
    verdict = prove(machine, monitor, BOUND)
    members = frozenset(it for it in machine.components if it.name in verdict.components)
    walked = replayed(machine, monitor, members, verdict.run) if 1 < len(verdict.run) <= LONGEST else None
    found = None if walked is None else deeds(plan, walked)
    if found is None or refused_at(plan, safeguard, found[1], Focus()) != len(found[0]) - 1:
        return None
    return found[0], len(found[0])


@pytest.mark.once
@pytest.mark.django_db
def test_what_the_prover_shows_happens_on_the_engine_is_found_back_and_is_refused(django_db_setup: None) -> None:
    worker = a_user("jeugdconsulent", name="Anna Bakker")
    colleague = a_user("jeugdconsulent", name="Bert de Boer")
    lengths: list[int] = []

    @played
    @given(meant().map(named).map(done_by_one), safeguards)
    def plays(spec: ReleaseSpec, safeguard: Safeguard) -> None:
        found = breaking(spec, safeguard)
        assume(found is not None)
        assert found is not None
        (_, *before, last), length = found
        lengths.append(length)
        event(f"{length} events")
        publish(spec.definitions[spec.start], *(it for key, it in spec.definitions.items() if key != spec.start))
        pack = Pack("test", "1", (safeguard,))
        with watched_by(NOBODY):
            case = a_played_case(worker, colleague)
            for deed in before:
                case.does(deed)
            seq = Told.objects.filter(stream=case.clocked.case.stream).count()
            assert conformance_of(whole_history(case.clocked.case), pack).broken == ()
            case.does(last)
        (broken,) = conformance_of(whole_history(case.clocked.case), pack).broken
        assert broken.broken_by is not None
        assert broken.broken_by.seq >= seq
        with watched_by(pack):
            case = a_played_case(worker, colleague)
            for deed in before:
                case.does(deed)
            with pytest.raises(BreaksSafeguard) as refused:
                case.does(last)
        assert [it.safeguard for it in refused.value.refusals] == [safeguard]

    plays()
    assert len(lengths) >= ENOUGH
