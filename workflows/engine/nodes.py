"""
Lean Viewflow nodes: tasks and their states. No gateways, no boundary events, no local variables of a failed step.

Where a step leads is decided by `core.semantics`, on the state after storing; the nodes hold what Viewflow is good
at: which task there is, which change of state is allowed, and the graph of the definition.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge, Node
from viewflow.workflow.status import STATUS

from padwijzer.workflows.core.definition import Activity, Goto

PREFIX = "step_"


def node_name(activity: str) -> str:
    """Name of the node of an activity; the prefix keeps it from being an attribute of Viewflow's Flow."""
    return PREFIX + activity


class StepActivation(Activation):
    """A step that somebody does: it waits until it is completed, skipped or cancelled."""

    def __init__(self, task: Any) -> None:
        """Take the run that the task carries; reading it again would cost a statement. Args: task: a `Task`."""
        self.task = task
        self.process = task.process

    def exception_guard(self) -> Any:
        """Nothing: a failure rolls back the whole action."""
        return nullcontext()

    @classmethod
    def create(
        cls, flow_task: Any, prev_activation: Any, token: Any = None, data: Any = None, seed: Any = None
    ) -> StepActivation:
        """A new task for this node in the run of the previous activation, not yet stored."""
        run = prev_activation.process
        task = run.tasks.model(
            process=run, case_id=run.case_id, flow_task=flow_task, flow_task_type=flow_task.task_type
        )
        return cls(task)

    @Activation.status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        """Wait for somebody."""

    @Activation.status.transition(source=[STATUS.NEW, STATUS.ASSIGNED], target=STATUS.DONE)
    def complete(self) -> None:
        """It is done, saved or skipped."""

    @Activation.status.transition(source=[STATUS.NEW, STATUS.ASSIGNED, STATUS.STARTED], target=STATUS.CANCELED)
    def cancel(self) -> None:
        """It is no longer needed."""

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.ASSIGNED)
    def assign(self, user: int) -> None:
        """Somebody takes it. Args: user: primary key."""
        self.task.owner_id = user

    @Activation.status.transition(source=STATUS.ASSIGNED, target=STATUS.NEW)
    def unassign(self) -> None:
        """He gives it back."""
        self.task.owner_id = None

    @Activation.status.transition(source=STATUS.ASSIGNED)
    def reassign(self, user: int) -> None:
        """He hands it to a colleague. Args: user: primary key."""
        self.task.owner_id = user


class CallActivation(StepActivation):
    """A step that runs another definition: under way until that has returned."""

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.STARTED)
    def activate(self) -> None:
        """The called runs are under way."""

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        """They have returned, or what they were waited for is there."""


class StepNode(Node):
    """A node for a form, a decision, a ladder or a wait. Args: activity: what it stands for."""

    activation_class = StepActivation
    task_type = "HUMAN"
    bpmn_element = "userTask"

    def __init__(self, activity: Activity) -> None:
        super().__init__()
        self.activity = activity

    def _outgoing(self) -> Iterator[Edge]:
        targets = [(exit_.target, "next" if exit_.when is None else "cond_true") for exit_ in self.activity.exits]
        targets += [(target, "next") for target in (self.activity.skip, self.activity.unavailable) if target]
        for target, edge_class in targets:
            if isinstance(target, Goto):
                destination = self.flow_class.instance.node(node_name(target.activity))
                yield Edge(src=self, dst=destination, edge_class=edge_class)


class DecisionNode(StepNode):
    """A node for a decision or a ladder: one named person decides."""


class AutomaticNode(StepNode):
    """A node for an automatic step or an end."""

    task_type = "FUNCTION"
    bpmn_element = "scriptTask"


class CallNode(StepNode):
    """A node for a call."""

    activation_class = CallActivation
    task_type = "SUBPROCESS"
    bpmn_element = "callActivity"
