"""
Our templates that have a twin in DECLARE, and what pm4py's conformance checking says of the twin.

A history is a row of steps, each with its meanings. For pm4py it is a row of events: one for each meaning, and one
without a meaning for a step that has none.

Source of the twins: Pesic, Schonenberg and Van der Aalst, "DECLARE: full support for loosely-structured processes"
(EDOC 2007).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import pm4py
from pm4py.objects.log.obj import Event, EventLog, Trace

from padwijzer.workflows.core.safeguards import STEP, Watched
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.chain_precedence import ChainPrecedence
from padwijzer.workflows.core.safeguards.coexistence import Coexistence
from padwijzer.workflows.core.safeguards.existence import Existence
from padwijzer.workflows.core.safeguards.init import Init
from padwijzer.workflows.core.safeguards.not_coexistence import NotCoexistence
from padwijzer.workflows.core.safeguards.precedence import Precedence
from padwijzer.workflows.core.safeguards.response import Response
from padwijzer.workflows.core.safeguards.succession import Succession

CLOSING: Final = "closing"
NO_MEANING: Final = "no meaning"

Steps: TypeAlias = Sequence[tuple[str, ...]]
"""A history: the meanings of each step that was completed, in order."""
Names: TypeAlias = tuple[str, ...]
"""The meanings in a statement: one, or one and another."""


@dataclass(frozen=True, slots=True)
class Twin:
    """
    A template and its twins in DECLARE.

    Args:
        template: our statement about one meaning, or about two; the last is before what it must be fulfilled.
        places: about how many.
        whole: names in pm4py of what the whole history must keep.
        at_end: of what the history must keep each time before its end: that is when ours looks.
        by_step: whether it counts steps, so that two meanings in one step are not two moments.
    """

    template: Callable[[Names, Names], Watched]
    places: int
    whole: tuple[str, ...] = ()
    at_end: tuple[str, ...] = ()
    by_step: bool = False


TWINS: Final = {
    "existence": Twin(Existence, 1, at_end=("existence",)),
    "absence": Twin(lambda it, _: Absence(it), 1, whole=("absence",)),
    "init": Twin(lambda it, _: Init(it), 1, whole=("init",), by_step=True),
    "precedence": Twin(lambda it, _: Precedence(it[:1], it[1:]), 2, whole=("precedence",)),
    "alternate precedence": Twin(lambda it, _: Precedence(it[:1], it[1:], again=it[1:]), 2, whole=("altprecedence",)),
    "response": Twin(lambda it, end: Response(it[:1], it[1:], end), 2, at_end=("response",)),
    "succession": Twin(
        lambda it, end: Succession(it[:1], it[1:], end), 2, whole=("precedence",), at_end=("succession",)
    ),
    "coexistence": Twin(lambda it, end: Coexistence(it[:1], it[1:], end), 2, at_end=("coexistence",)),
    "not coexistence": Twin(lambda it, _: NotCoexistence(it[:1], it[1:]), 2, whole=("noncoexistence",)),
    "chain precedence": Twin(
        lambda it, _: ChainPrecedence(it[:1], it[1:]), 2, whole=("chainprecedence",), by_step=True
    ),
}


def ours(twin: Twin, names: Names, steps: Steps, end: str = CLOSING) -> bool:
    """Whether our monitor finds a statement kept."""
    return twin.template(names, (end,)).monitor().judge(tuple(letter for step in steps for letter in (*step, STEP)))


def broken(constraints: Sequence[str], names: Sequence[Names], events: Sequence[str]) -> set[Names]:
    """The names for which pm4py finds one of these constraints broken by a row of events."""
    keys = [it if len(it) > 1 else it[0] for it in names]
    model = {constraint: {key: {"support": 1, "confidence": 1} for key in keys} for constraint in constraints}
    trace = Trace([Event({"concept:name": name}) for name in events], attributes={"concept:name": "case"})
    (found,) = pm4py.conformance_declare(EventLog([trace]), model)
    return {(key,) if isinstance(key, str) else key for _, key in found["deviations"]}


def events_of(steps: Steps) -> list[str]:
    """The events that pm4py sees."""
    return [event for step in steps for event in (step or (NO_MEANING,))]


def broken_where_ours_looks(twin: Twin, names: Sequence[Names], steps: Steps, end: str = CLOSING) -> set[Names]:
    """The names for which pm4py finds the twins broken: as a whole, or by what there was each time before the end."""
    events = events_of(steps)
    found = broken(twin.whole, names, events) if twin.whole else set()
    for place, event in enumerate(events):
        if twin.at_end and event == end:
            found |= broken(twin.at_end, names, events[:place])
    return found


def broken_in_all(twin: Twin, names: Sequence[Names], steps: Steps) -> set[Names]:
    """The names for which pm4py finds the twins broken when it is simply given the whole history."""
    return broken((*twin.whole, *twin.at_end), names, events_of(steps))
