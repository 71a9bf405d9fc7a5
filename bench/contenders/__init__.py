"""
Who is measured. Each contender runs workload W in its own way; the others are held against the floor.

A contender is a module of this folder with a class `Contender`.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from django.contrib.auth import get_user_model

from bench.loading import Copied
from bench.workload import ROLE_OF, ROLES, Answers


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that somebody has to do. Args: task: id of its row; step: its key in the workload."""

    task: int
    step: str


@dataclass(frozen=True, slots=True)
class Trail:
    """
    What a case left behind, to see that contenders did the same work.

    Args:
        steps: steps completed, the start included.
        forms: sets of answers stored.
        records: audit records that tell of a completed step or the start.
        is_over: whether nothing is left to do and the case says so.
    """

    steps: int
    forms: int
    records: int
    is_over: bool


class Contender(Protocol):
    """One way of running workload W. `start` and `complete` are what is measured; each is one transaction."""

    def prepare(self, users: dict[str, Any]) -> None:
        """Store what has to be there once. Args: users: a stored user for each role of the workload."""

    def start(self, user: Any, answers: Answers) -> Any:
        """Begin a case and complete its step `start`. Returns: its id."""

    def involve(self, case: Any) -> None:
        """Let every user of the workload take part in a case that was just begun. Not measured."""

    def complete(self, case: Any, task: int, step: str, user: Any, answers: Answers) -> None:
        """Complete an open step."""

    def open_steps(self, case: Any) -> Sequence[OpenStep]:
        """What is open in a case, in the order in which it was opened. Not measured."""

    def trail(self, case: Any) -> Trail:
        """What a case left behind. Not measured."""

    def rows_of(self, case: Any) -> Sequence[Copied]:
        """The rows of a case, parents before children, to fill the tables with copies of it."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """
    A contender that takes part.

    Args:
        name: name of its module.
        contender: itself.
        users: a stored user for each role of the workload.
    """

    name: str
    contender: Contender
    users: dict[str, Any]

    def user_for(self, step: str) -> Any:
        """The user who does a step, as a request brings him: without anything remembered of his permissions."""
        return copy(self.users[ROLE_OF[step]])


def enter(name: str) -> Entrant:
    """A contender, ready to be measured. Args: name: name of its module in this folder."""
    contender: Contender = import_module(f"{__name__}.{name}").Contender()
    model = get_user_model()
    users = {role: model.objects.get_or_create(username=f"{name}-{role}")[0] for role in ROLES}
    contender.prepare(users)
    return Entrant(name, contender, {role: model.objects.get(pk=user.pk) for role, user in users.items()})
