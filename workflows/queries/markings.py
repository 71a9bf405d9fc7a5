"""How it is with a case, read from its rows: what the semantics calls a marking."""

from __future__ import annotations

from collections.abc import Iterable

from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.semantics import (
    ActivityState,
    DutyMarking,
    Marking,
    OpenedAs,
    RunMarking,
    RunStatus,
)
from padwijzer.workflows.models import Case, PathRun


def marking_of(case: Case, runs: Iterable[PathRun]) -> Marking:
    """
    How it is with a case, as its rows say.

    Args:
        case: the case.
        runs: all its runs, ended ones included, by number.
    """
    duties = tuple(
        DutyMarking(kind, subject, Place(definition, activity), run)
        for kind, subject, definition, activity, run in case.duties
    )
    return Marking(tuple(_run_marking(run) for run in runs), duties)


def _run_marking(run: PathRun) -> RunMarking:
    return RunMarking(
        number=run.number,
        definition=run.definition,
        parent=(run.parent_run, run.parent_activity) if run.parent_run else None,
        opened_as=OpenedAs(run.opened_as),
        track=run.track,
        subject=run.subject or None,
        position=run.position or None,
        rounds=tuple(sorted(run.rounds.items())),
        states=tuple(sorted((key, ActivityState(state)) for key, state in run.states.items())),
        status=RunStatus(run.standing),
        outcome=run.outcome,
        detour_at=run.detour_at,
        calls=tuple(run.calls),
        handed_over=run.handed_over,
    )
