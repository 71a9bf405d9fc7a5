"""
The graph of a definition: what can follow what. Conditions are not looked at; every way on counts.

Source of the strongly connected components: Tarjan, "Depth-first search and linear graph algorithms" (1972).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from padwijzer.workflows.core.definition import (
    Activity,
    Detour,
    Goto,
    Interrupt,
    Jump,
    Kind,
    ProcessDefinition,
    Target,
    Track,
)

N = TypeVar("N")


def ways_on(activity: Activity) -> Iterator[tuple[str, Target]]:
    """Every way out of a step with its place: its exits, and where it goes when it is skipped or unavailable."""
    for index, exit_ in enumerate(activity.exits):
        yield f"exits[{index}].to", exit_.target
    if activity.skip is not None:
        yield "skip", activity.skip
    if activity.unavailable is not None:
        yield "unavailable", activity.unavailable


def successors(definition: ProcessDefinition, key: str) -> tuple[str, ...]:
    """Keys of the steps of the same definition that can come next, each once, in order."""
    found: dict[str, None] = {}
    for _, target in ways_on(definition.activity(key)):
        following = within(definition, target)
        if following:
            found[following] = None
    return tuple(found)


def within(definition: ProcessDefinition, target: Target) -> str:
    """The step of this definition to which a target leads, if it has such a step; else empty."""
    keys = {activity.key for activity in definition.activities}
    match target:
        case Goto(activity):
            return activity if activity in keys else ""
        case Jump(other, activity) if other == definition.key:
            key = activity or definition.start
            return key if key in keys else ""
        case _:
            return ""


def leaves(definition: ProcessDefinition, target: Target) -> bool:
    """Whether a target ends the line of this definition: an end, a return, or a jump to another definition."""
    if isinstance(target, Goto | Detour | Interrupt):
        return False
    return not (isinstance(target, Jump) and target.definition == definition.key)


def reachable(starts: Iterable[N], following: Callable[[N], Iterable[N]]) -> dict[N, None]:
    """Every node that can be reached, the starts included, in the order of a breadth-first walk."""
    found: dict[N, None] = dict.fromkeys(starts)
    waiting = list(found)
    for node in waiting:
        for other in following(node):
            if other not in found:
                found[other] = None
                waiting.append(other)
    return found


def main_starts(definition: ProcessDefinition) -> tuple[str, ...]:
    """Where a line of the definition can begin: its first step and its entries."""
    keys = {activity.key for activity in definition.activities}
    return tuple(dict.fromkeys(key for key in (definition.start, *definition.entries) if key in keys))


def body(definition: ProcessDefinition, track: Track) -> tuple[str, ...]:
    """Keys of the steps of this definition that a track with an activity as its body can reach."""
    if track.activity not in {activity.key for activity in definition.activities}:
        return ()
    return tuple(reachable((track.activity,), lambda key: successors(definition, key)))


def called(definition: ProcessDefinition) -> tuple[str, ...]:
    """Keys of the definitions that a definition calls, by a step or by a detour, each once."""
    found: dict[str, None] = {}
    for activity in definition.activities:
        found.update(dict.fromkeys(called_by(activity)))
    return tuple(found)


def called_by(activity: Activity) -> tuple[str, ...]:
    """Keys of the definitions that a step calls, itself or by a detour."""
    calls = [activity.call.definition] if activity.call else []
    return (*calls, *(target.definition for _, target in ways_on(activity) if isinstance(target, Detour)))


def cycles(nodes: Iterable[N], following: Callable[[N], Iterable[N]]) -> list[tuple[N, ...]]:
    """
    The groups of nodes that can reach themselves (strongly connected components with a cycle).

    Returns:
        Each group in the order in which it was met; a node alone counts when it follows itself.
    """
    search = _Search(following)
    for root in nodes:
        search.walk(root)
    return search.groups


class _Search(Generic[N]):
    def __init__(self, following: Callable[[N], Iterable[N]]) -> None:
        self.following = following
        self.order: dict[N, int] = {}
        self.low: dict[N, int] = {}
        self.path: list[N] = []
        self.on_path: set[N] = set()
        self.work: list[tuple[N, list[N]]] = []
        self.groups: list[tuple[N, ...]] = []

    def walk(self, root: N) -> None:
        if root not in self.order:
            self.meet(root)
        while self.work:
            node, rest = self.work[-1]
            if not rest:
                self.work.pop()
                self.leave(node)
                continue
            other = rest.pop(0)
            if other not in self.order:
                self.meet(other)
            elif other in self.on_path:
                self.low[node] = min(self.low[node], self.order[other])

    def meet(self, node: N) -> None:
        self.order[node] = self.low[node] = len(self.order)
        self.path.append(node)
        self.on_path.add(node)
        self.work.append((node, list(self.following(node))))

    def leave(self, node: N) -> None:
        if self.work:
            above = self.work[-1][0]
            self.low[above] = min(self.low[above], self.low[node])
        if self.low[node] != self.order[node]:
            return
        cut = self.path.index(node)
        group = tuple(self.path[cut:])
        del self.path[cut:]
        self.on_path.difference_update(group)
        if len(group) > 1 or node in tuple(self.following(node)):
            self.groups.append(group)


def needs_person(activity: Activity) -> bool:
    """Whether a step waits for a person: a form, a decision, a ladder or a wait."""
    return activity.kind in (Kind.FORM, Kind.DECISION, Kind.LADDER, Kind.WAIT)
