"""What came of a step: its answers, and what it opened for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.rebuilding import Told
from padwijzer.workflows.models import OPEN, Notice, Task
from padwijzer.workflows.queries.inbox import PERSON_TASK
from padwijzer.workflows.queries.people import name_of
from padwijzer.workflows.queries.steps import StepInCase
from padwijzer.workflows.queries.timeline import ShownAnswer, ShownDeviation, role_words
from padwijzer.workflows.queries.viewing import may_see_step, subject_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What was handed in, as far as somebody may see it.

    Args:
        answers: the answers.
        withheld: how many more there are.
        deviation: that was made with it; None when there was none.
    """

    answers: tuple[ShownAnswer, ...] = field(default=(), repr=False)
    withheld: int = 0
    deviation: ShownDeviation | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NextStep:
    """
    A step that another one opened.

    Args:
        task: its id.
        title: its title.
        who: who holds it, or the roles that may take it up.
        is_held: whether somebody holds it.
        is_mine: whether this user does.
        due: when it must be done.
        may_open: whether this user may see it.
    """

    task: int
    title: str
    who: str
    is_held: bool
    is_mine: bool
    due: datetime | None
    may_open: bool


@dataclass(frozen=True, slots=True)
class AskedOfOthers:
    """A to-do or alarm that a step gave. Args: words: what; roles: for whom, in words."""

    words: str
    roles: str


def outcome_of(step: StepInCase, event: Told | None) -> Outcome:
    """
    What was handed in.

    Args:
        step: the step.
        event: that completed it, with all its values; None when there is none.
    """
    if event is None:
        return Outcome()
    sight = step.sight()
    answers, withheld = sight.answers(event)
    return Outcome(tuple(answers), withheld, sight.deviation(event))


def next_steps(step: StepInCase) -> tuple[NextStep, ...]:
    """The steps that finishing a step opened and that a person does, in order; one query."""
    task = step.task
    if task.finished is None:
        return ()
    opened = (
        Task.objects.filter(case=step.case, created=task.finished, flow_task_type=PERSON_TASK)
        .exclude(pk=task.pk)
        .exclude(outcome="cancelled")
        .select_related("process", "owner")
        .order_by("pk")
    )
    return tuple(_next(step, it) for it in opened)


def open_step(step: StepInCase, run: int, activity: str) -> NextStep | None:
    """The open step of a run of the same case, if there is one; one query."""
    found = Task.objects.filter(case=step.case, process__number=run, activity=activity, status__in=OPEN)
    task = found.select_related("process", "owner").first()
    return None if task is None else _next(step, task)


def asked_of_others(step: StepInCase) -> tuple[AskedOfOthers, ...]:
    """The to-dos and alarms that finishing a step gave; one query."""
    kinds = (Notice.Kind.TASK, Notice.Kind.ALARM)
    found = Notice.objects.filter(task=step.task, kind__in=kinds, created_at=step.task.finished).order_by("pk")
    return tuple(AskedOfOthers(it.text, role_words(role for role in it.roles.split(",") if role)) for it in found)


def _next(step: StepInCase, task: Task) -> NextStep:
    activity = step.release.plan.activity(task.process.definition, task.activity)
    about, assignment = subject_of(step.file, task.process.subject)
    roles = [role for role in task.performers.split(",") if role]
    return NextStep(
        task=task.pk,
        title=in_language(activity.title),
        who=name_of(task.owner) or role_words(roles),
        is_held=task.owner_id is not None,
        is_mine=task.is_open and task.owner_id == step.user.pk,
        due=task.due,
        may_open=may_see_step(step.viewers, activity, frozenset(roles), about=about, assignment=assignment),
    )
