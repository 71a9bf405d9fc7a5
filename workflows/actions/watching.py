"""Refuse what would break a safeguard, before it is written for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar
from uuid import UUID

from django.db import transaction

from padwijzer.forms.core.conditions import Condition
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.errors import BreaksSafeguard
from padwijzer.workflows.core.watching import WatchedStep, focuses
from padwijzer.workflows.engine.locking import lock_case
from padwijzer.workflows.queries.watches import past_steps, watch_of

SAFEGUARDS: Final = "safeguards"
"""In what a refusal in the history refers to: keys of the safeguards that stood in the way."""

T = TypeVar("T")


def watch(work: Work) -> None:
    """
    Look whether what happened in this action breaks a safeguard; one statement, and none where nothing can.

    Args:
        work: the case; everything has moved, and nothing is appended to its history yet.

    Raises:
        BreaksSafeguard: when it does; the action's transaction ends with that.
    """

    def holds(step: WatchedStep, condition: Condition) -> bool:
        return work.truth(work.movement.marking, step.run, step.activity, condition) is True

    refusals = watch_of(work.release).refusals(
        lambda: past_steps(work.case), work.steps_done(), lambda scope: focuses(work.file(), scope), holds
    )
    if refusals:
        raise BreaksSafeguard(refusals)


def attempted(attempt: Callable[[frozenset[str]], T], deviation: Deviation | None) -> T:
    """
    Do something in a transaction; with a reasoned deviation also when it breaks safeguards that allow one.

    Args:
        attempt: does it. Args: keys of the safeguards from which it deviates.
        deviation: why it is done differently, if it is.

    Raises:
        BreaksSafeguard: when it breaks one and there is no reason, or no reason is good enough.
    """
    try:
        with transaction.atomic():
            return attempt(frozenset())
    except BreaksSafeguard as broken:
        if deviation is None or not broken.may_deviate:
            raise
        with transaction.atomic():
            return attempt(broken.safeguards)


def guarded(acting: Acting, case_id: UUID, attempt: Callable[[], T]) -> T:
    """
    Do something to a case in a transaction; that a safeguard refuses it is written down after that.

    Args:
        acting: who, and when.
        case_id: the case.
        attempt: does it.

    Raises:
        BreaksSafeguard: when it breaks one.
    """
    try:
        with transaction.atomic():
            return attempt()
    except BreaksSafeguard as broken:
        with transaction.atomic():
            case = lock_case(case_id)
            if case is not None:
                note_refusal(Work(acting, case), broken)
        raise


def note_refusal(work: Work, broken: BreaksSafeguard) -> None:
    """Write down that a safeguard stood in the way of something that is no step."""
    work.note("case.refused", {SAFEGUARDS: sorted(broken.safeguards)}, {})
    work.append()
