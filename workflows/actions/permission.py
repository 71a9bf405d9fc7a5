"""Whether the one who acts may do it; unknown and forbidden look the same from outside."""

from __future__ import annotations

from uuid import UUID

from padwijzer.permissions.policies import may, roles_in_force
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.core.errors import NotAllowed
from padwijzer.workflows.engine.locking import lock_case
from padwijzer.workflows.models import Case, Task
from padwijzer.workflows.queries.access import actor_of, involvement_of, members_of


class Permission:
    """
    What somebody may do with a case or a task; the database is asked once.

    Args:
        acting: who, and when.
        case: the case; None for actions about no case.
        task: the task, with its run.

    Attributes:
        members: everybody's memberships of the case.
    """

    def __init__(self, acting: Acting, case: Case | None = None, task: Task | None = None) -> None:
        today = acting.today
        self._actor = actor_of(acting.user, today)
        self.members = () if case is None else members_of(case)
        self._involvement = (
            None
            if case is None
            else involvement_of(case, acting.user, today, now=acting.at, task=task, members=self.members)
        )

    @property
    def roles(self) -> frozenset[str]:
        """The roles that he has in the case today."""
        return roles_in_force(self._actor, self._involvement) if self._involvement else frozenset()

    def require(self, *actions: str) -> None:
        """Look whether actions are allowed, by their keys. Raises: NotAllowed when one is not."""
        for action in actions:
            verdict = may(self._actor, action, self._involvement)
            if not verdict:
                raise NotAllowed(verdict.why)


def require(acting: Acting, action: str, case: Case | None = None, task: Task | None = None) -> None:
    """
    Look whether one action is allowed.

    Args:
        acting: who, and when.
        action: key of a permission of the catalogue.
        case: the case it is about; None for an action about no case.
        task: the task it is about, with its run.

    Raises:
        NotAllowed: when it is not.
    """
    Permission(acting, case, task).require(action)


def held_case(acting: Acting, case_id: UUID, action: str) -> Case:
    """
    A case, locked in the caller's transaction, with which somebody may do something.

    Args:
        acting: who, and when.
        case_id: the case.
        action: key of a permission of the catalogue.

    Raises:
        NotAllowed: there is no such case for this user.
    """
    case = lock_case(case_id)
    if case is None:
        raise NotAllowed
    require(acting, action, case)
    return case
