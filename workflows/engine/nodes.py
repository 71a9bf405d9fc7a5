"""
Lean Viewflow nodes: the exit is decided in the activation of the finished step, and each step writes few rows.

A node knows its activity; what moves with it (the runs called, the tracks opened, the exit taken) is asked of the
`Movement` that carries the run (`running`). No boundary events, no gateways, no frame locals kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge, Node
from viewflow.workflow.status import STATUS

from padwijzer.workflows.core.definition import Activity, Goto, Kind

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
        """Nothing: a failure rolls back the action and keeps no local variables of a child's file."""
        return nullcontext()

    @classmethod
    def create(
        cls, flow_task: Any, prev_activation: Any, token: Any = None, data: Any = None, seed: Any = None
    ) -> StepActivation:
        """Open the activity of this node in the run of the previous activation."""
        return cls(prev_activation.process.movement.open_task(prev_activation.process, flow_task.activity))

    @Activation.status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        """Wait for somebody."""

    @Activation.status.transition(source=[STATUS.NEW, STATUS.ASSIGNED], target=STATUS.STARTED)
    def start(self) -> None:
        """Somebody hands it in; nothing is written yet."""

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        """Write that it is done."""
        self.process.movement.write_done(self.task)

    @Activation.status.transition(source=[STATUS.NEW, STATUS.ASSIGNED, STATUS.STARTED], target=STATUS.CANCELED)
    def cancel(self) -> None:
        """Write that it is no longer needed."""
        self.process.movement.write_cancelled(self.task)

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[Activation]:
        """Leave by the exit that the state now gives."""
        yield from self.process.movement.leave(self)


class AutomaticActivation(StepActivation):
    """A step without a form and without a person: effects and exit at opening."""

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.DONE)
    def complete(self) -> None:
        """Write that it is done."""
        self.process.movement.write_done(self.task)


def _call_is_done(activation: CallActivation) -> bool:
    return bool(activation.process.movement.call_is_done(activation.task))


class CallActivation(StepActivation):
    """A step that runs another definition, once or for each row, and goes on when those have returned."""

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.ASSIGNED)
    def activate(self) -> None:
        """Start the runs that are called."""
        self.process.movement.start_calls(self)

    @Activation.status.transition(source=STATUS.ASSIGNED, target=STATUS.DONE, conditions=[_call_is_done])
    def complete(self) -> None:
        """Write that it is done."""
        self.process.movement.write_done(self.task)


class StepNode(Node):
    """A node for a form, a decision, a ladder or a wait. Args: activity: what it stands for."""

    activation_class = StepActivation
    task_type = "HUMAN"
    bpmn_element = "userTask"

    def __init__(self, activity: Activity) -> None:
        super().__init__()
        self.activity = activity

    def _outgoing(self) -> Iterator[Edge]:
        for exit_ in self.activity.exits:
            if isinstance(exit_.target, Goto):
                destination = self.flow_class.instance.node(node_name(exit_.target.activity))
                yield Edge(src=self, dst=destination, edge_class="next" if exit_.when is None else "cond_true")


class AutomaticNode(StepNode):
    """A node for an automatic step or an end."""

    activation_class = AutomaticActivation
    task_type = "FUNCTION"
    bpmn_element = "scriptTask"


class CallNode(StepNode):
    """A node for a call."""

    activation_class = CallActivation
    task_type = "SUBPROCESS"
    bpmn_element = "callActivity"


WAITING_KINDS = frozenset({Kind.FORM, Kind.DECISION, Kind.LADDER, Kind.WAIT})
"""Kinds whose task a person completes."""
