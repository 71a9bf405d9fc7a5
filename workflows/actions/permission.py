"""Whether the one who acts may do it; unknown and forbidden look the same from outside."""

from __future__ import annotations

from collections.abc import Iterable

from padwijzer.permissions.policies import may
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.core.errors import NotAllowed
from padwijzer.workflows.models import Case, Task
from padwijzer.workflows.queries.access import actor_of, involvement_of


def require(acting: Acting, action: str, case: Case | None = None, task: Task | None = None) -> None:
    """
    Look whether an action is allowed.

    Args:
        acting: who, and when.
        action: key of a permission of the catalogue.
        case: the case it is about; None for an action about no case.
        task: the task it is about, with its run.

    Raises:
        NotAllowed: when it is not.
    """
    require_all(acting, (action,), case, task)


def require_all(acting: Acting, actions: Iterable[str], case: Case | None = None, task: Task | None = None) -> None:
    """Look whether several actions are allowed; the database is asked once. Raises: NotAllowed when one is not."""
    today = acting.today
    actor = actor_of(acting.user, today)
    involvement = None if case is None else involvement_of(case, acting.user, today, now=acting.at, task=task)
    for action in actions:
        verdict = may(actor, action, involvement)
        if not verdict:
            raise NotAllowed(verdict.why)
