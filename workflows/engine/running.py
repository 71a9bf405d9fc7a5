"""
Moving a case: the semantics says what an event makes of it, and Viewflow's rows become that.

What was proven over the semantics is therefore what runs. The verbs work inside the action's transaction, with the
case locked; the actions write down what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from viewflow.workflow.status import PROCESS

from padwijzer.workflows.core.rebuilding import REVIEW
from padwijzer.workflows.core.semantics import Event, Happening, Marking, RunMarking, RunStatus, What, World, step
from padwijzer.workflows.engine.flows import flow_class
from padwijzer.workflows.engine.nodes import StepActivation, StepNode, node_name
from padwijzer.workflows.models import Case, PathRun, Task
from padwijzer.workflows.models.prepared import Insert, Select, Update
from padwijzer.workflows.models.runs import UNFINISHED
from padwijzer.workflows.queries.markings import marking_of
from padwijzer.workflows.queries.releases import RunningRelease

OUTCOMES = {What.STEP_COMPLETED: "done", What.STEP_SAVED: "saved", What.STEP_SKIPPED: "skipped"}
RUN_COLUMNS = [
    "position",
    "rounds",
    "states",
    "standing",
    "outside",
    "outcome",
    "detour_at",
    "calls",
    "handed_over",
    "status",
    "finished",
]

_RUNS = Select(PathRun, lambda case: PathRun.objects.filter(case=case).order_by("number"), case="case")
_ADD_RUNS = Insert(PathRun)
_WRITE_RUN = Update(PathRun, RUN_COLUMNS)
_FINISH_TASK = Update(Task, ("status", "outcome", "finished", "completed_on", "completed_by", "form_key", "event"))
_ADD_TASKS = Insert(Task)


def hand_to(tasks: Iterable[Task], user: int) -> None:
    """Give open tasks to one user, with one statement for each. Args: user: its primary key."""
    for task in tasks:
        activation: StepActivation = task.flow_task.activation_class(task)
        if task.owner_id is None:
            activation.assign(user)
        else:
            activation.reassign(user)
        task.save(update_fields=["owner", "status"])


class Movement:
    """
    One movement of a case, in the caller's transaction, with the case locked.

    Args:
        case: the locked case.
        release: the release it runs on.
        at: now, with time zone.
        on: the day on which it happened, in Europe/Amsterdam.
        user: who does it, or None for the clock.
        holder: role to the primary key of the user who gets its tasks; None leaves them to the team.
    """

    def __init__(
        self,
        case: Case,
        release: RunningRelease,
        *,
        at: datetime,
        on: date,
        user: Any = None,
        holder: Callable[[str], int | None] = lambda _role: None,
    ) -> None:
        self.case = case
        self.release = release
        self.at = at
        self.on = on
        self.user = user
        self.holder = holder
        self.runs: list[PathRun] = _RUNS(case=case.pk)
        self.marking = marking_of(case, self.runs)
        self.opened: list[Task] = []

    def happens(self, event: Event, world: World, *, task: Task | None = None) -> tuple[Happening, ...]:
        """
        Let an event happen, and make the rows follow.

        Args:
            event: what happens.
            world: answers, registers and time, as they are after storing what belongs to the event.
            task: the open task that the event completes, saves or skips, when there is one; its other columns are
                written with it.

        Returns:
            What happened, in order. `opened` grows by the tasks that were opened.

        Raises:
            Impossible: when the event cannot happen now; nothing has been written then.
        """
        before = self.marking
        after, happened = step(self.release.plan, before, event, world)
        self.marking = after
        self._follow_runs(before, after, happened)
        self._follow_tasks(happened, task)
        if before.duties != after.duties:
            self.case.duties = [
                [duty.kind, duty.subject, duty.opened_by.definition, duty.opened_by.activity, duty.run]
                for duty in after.duties
            ]
            self.case.save(update_fields=["duties"])
        return happened

    def run(self, number: int) -> PathRun:
        """The row of the run of that number."""
        return self.runs[number - 1]

    def _follow_runs(self, before: Marking, after: Marking, happened: tuple[Happening, ...]) -> None:
        outside = {it.run: it.name for it in happened if it.what is What.WENT_OUTSIDE}
        new = [self._new_run(marking) for marking in after.runs[len(before.runs) :]]
        changed = []
        for marking, known in zip(after.runs, before.runs, strict=False):
            if marking is not known and marking != known:
                changed.append(self._put(self.runs[marking.number - 1], marking, outside))
        for row in new:
            self._put(row, after.run(row.number), outside)
        for row in changed:
            _WRITE_RUN(row)
        _ADD_RUNS(new)
        self.runs += new

    def _new_run(self, marking: RunMarking) -> PathRun:
        parent_run, parent_activity = marking.parent or (0, "")
        return PathRun(
            case=self.case,
            number=marking.number,
            flow_class=flow_class(marking.definition, self.release.versions[marking.definition]),
            definition=marking.definition,
            opened_as=marking.opened_as.value,
            track=marking.track,
            subject=marking.subject or "",
            parent_run=parent_run,
            parent_activity=parent_activity,
            created=self.at,
        )

    def _put(self, row: PathRun, marking: RunMarking, outside: dict[int, str]) -> PathRun:
        row.position = marking.position or ""
        row.rounds = dict(marking.rounds)
        row.states = {key: state.value for key, state in marking.states}
        row.standing = marking.status.value
        row.outcome = marking.outcome
        row.detour_at = marking.detour_at
        row.calls = list(marking.calls)
        row.handed_over = marking.handed_over
        if marking.status is RunStatus.WAITING_OUTSIDE:
            row.outside = outside.get(marking.number, row.outside)
        if not marking.is_alive and row.finished is None:
            row.finished = self.at
            row.status = PROCESS.DONE
        return row

    def _follow_tasks(self, happened: tuple[Happening, ...], given: Task | None) -> None:
        held: dict[tuple[int, str], Task] = {}
        if given is not None:
            held[given.process.number, given.activity] = given
        new: list[Task] = []
        changed: list[Task] = []
        for it in happened:
            key = (it.run, it.activity)
            if it.what is What.STEP_OPENED:
                held[key] = self._open(it.run, it.activity, it.number)
                new.append(held[key])
            elif it.what in OUTCOMES or it.what is What.STEP_CANCELLED:
                task = held.get(key) or self._stored(*key)
                if task is None:
                    continue  # a step that waited had no task yet
                self._finish(task, it.what)
                if task not in new and task not in changed:
                    changed.append(task)
                if it.what is What.STEP_SAVED and self.marking.run(it.run).is_alive:
                    held[key] = self._open(it.run, it.activity, it.number + 1)
                    new.append(held[key])
        for task in changed:
            _FINISH_TASK(task)
        _ADD_TASKS(new)
        self.opened += [task for task in new if task.finished is None]

    def _open(self, number: int, activity: str, round_: int) -> Task:
        run = self.run(number)
        node = run.flow_class.instance.node(node_name(activity))
        activation: StepActivation = node._create(_Seed(run), None)  # noqa: SLF001 - how Viewflow opens a node
        activation.activate()
        task: Task = activation.task
        task.activity = activity
        task.round = round_
        step_plan = self.release.plan.step(run.definition, activity)
        task.performers = "".join(f",{role}" for role in step_plan.deciders) + ","
        task.created = self.at
        task.opened_on = self.on
        if task.flow_task_type != StepNode.task_type or step_plan.activity.stays_open or not step_plan.deciders:
            return task  # a form that stays open is saved by whoever of its performers has something to say
        if REVIEW in step_plan.activity.meanings:
            return task  # a colleague of who deviated takes it up
        holder = self.holder(step_plan.deciders[0])
        if holder is not None:
            activation.assign(holder)
            task.assigned = self.at
        return task

    def _finish(self, task: Task, what: What) -> None:
        task.process = self.run(task.process.number)
        activation: StepActivation = task.flow_task.activation_class(task)
        if what is What.STEP_CANCELLED:
            activation.cancel()
            task.outcome = "cancelled"
        else:
            activation.complete()
            task.outcome = OUTCOMES[what]
            task.completed_on = self.on
            task.completed_by = self.user
        task.finished = self.at

    def _stored(self, number: int, activity: str) -> Task | None:
        found: Task | None = (
            Task.objects.filter(process=self.run(number), activity=activity, status__in=UNFINISHED)
            .select_related("process")
            .first()
        )
        return found


class _Seed:
    """What stands before a task in Viewflow's eyes: an activation that has a run and nothing else."""

    def __init__(self, run: PathRun) -> None:
        self.process = run
