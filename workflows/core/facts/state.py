"""How a step, a track or a definition stands in this run or, for a definition, in this case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import FactRef, Value
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer
from padwijzer.workflows.core.facts.round import since

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="state",
    type="choice",
    law=Law.KEEP,
    writers=(Writer.STEPS,),
    doc="never, then open, then done, skipped or filled in afterwards; open again when it is done again.",
    arguments=(
        Argument("of", ArgumentKind.ELEMENT, required=True),
        Argument("since", ArgumentKind.ANCHOR),
    ),
    values=("never", "open", "done", "skipped", "afterwards"),
    may_be_unknown=False,
)
NEVER = "never"


def value(context: CaseLookup, ref: FactRef) -> Value:
    """The state of its last opening since the anchor, or since the start of the run."""
    element = ref.argument("of")
    visits = since(context, context.visits_of(element) or context.visits_on_track(element), ref.argument("since"))
    states = [visit.state.value for visit in visits if visit.state.value in FACT.values]
    if states:
        return states[-1]
    if visits:
        return NEVER
    runs = context.whole_runs_of(element) or context.runs_on_track(element)
    if not runs:
        return NEVER
    return "done" if all(run.status.value == "ended" for run in runs) else "open"
