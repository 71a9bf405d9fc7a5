"""From a definition to a Viewflow flow class: one node per activity, named after its key."""

from __future__ import annotations

from typing import Any

from viewflow.workflow.base import Flow

from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.definition import Activity, Kind, ProcessDefinition
from padwijzer.workflows.engine.locking import CaseLock
from padwijzer.workflows.engine.nodes import AutomaticNode, CallNode, DecisionNode, StepNode, node_name
from padwijzer.workflows.models import PathRun, Task


class PathFlow(Flow):
    """What every compiled flow is: our rows, our lock, no views."""

    process_class = PathRun
    task_class = Task
    lock_impl = CaseLock()
    process_title = "path"
    process_description = "A definition that runs in a case."


def build_flow(name: str, module: str, definition: ProcessDefinition) -> type[PathFlow]:
    """
    The flow class of a definition.

    Args:
        name: name of the class.
        module: name of the module that it is found in again.
        definition: a checked definition.

    Returns:
        A new class; its nodes are `step_<activity key>`.
    """
    nodes = {node_name(activity.key): _node(activity) for activity in definition.activities}
    body: dict[str, Any] = {
        "__module__": module,
        "__doc__": None,
        "process_title": in_language(definition.title),
        "definition": definition,
        **nodes,
    }
    return type(name, (PathFlow,), body)


def _node(activity: Activity) -> StepNode:
    if activity.kind is Kind.CALL:
        return CallNode(activity)
    if activity.kind in (Kind.AUTOMATIC, Kind.END):
        return AutomaticNode(activity)
    if activity.kind in (Kind.DECISION, Kind.LADDER):
        return DecisionNode(activity)
    return StepNode(activity)
