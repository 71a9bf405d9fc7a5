"""
Ladder order: who chooses a rung has said of every lower one why it does not fit.

    "Bij een keuze op de plaatsingsladder staat waarom een lichtere plek niet kan."
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from padwijzer.forms.core.conditions import (
    Collection,
    ColumnCompare,
    Filter,
    Operator,
    Quantifier,
    Rows,
)
from padwijzer.forms.core.field_types import NONE_FITS
from padwijzer.workflows.core.definition import Activity, Effect, Kind, Obligation, Rule
from padwijzer.workflows.core.meanings import thing
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.recorded import DoneStep
from padwijzer.workflows.core.safeguards import Meanings, Rungs, apart, steps_with
from padwijzer.workflows.core.semantics import What


@dataclass(frozen=True, slots=True)
class LadderOrder:
    """
    Every such step is a ladder of exactly these rungs, which nobody can skip or leave without a reason.

    Args:
        what: what is a ladder.
        rungs: the rungs in order, the least invasive first.

    Raises:
        ValueError: when a meaning or a rung stands twice, or a place is empty.
    """

    what: Meanings
    rungs: Rungs

    def __post_init__(self) -> None:
        apart(self.what)
        apart(self.rungs)

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Bij {thing(self.what)} staat waarom een lichtere plek niet kan."

    def faults(self, plan: Plan) -> tuple[Place, ...]:
        """The steps that are no such ladder."""
        return tuple(step.place for step in steps_with(plan, self.what) if not self._kept_by(step.activity))

    def broken_by(self, done: DoneStep) -> str:
        """Why a step that was done breaks it: it was skipped, or a lower rung has no reason."""
        if done.what is What.STEP_SKIPPED:
            return "Deze stap is overgeslagen."
        if done.ladder is None or done.ladder.chosen not in (*self.rungs, NONE_FITS):
            return "Er is geen keuze op de ladder vastgelegd."
        reasoned = {it.rung for it in done.ladder.below if it.reason.strip()}
        chosen = done.ladder.chosen
        below = self.rungs if chosen == NONE_FITS else self.rungs[: self.rungs.index(chosen)]
        return "" if reasoned.issuperset(below) else "Van een lichtere plek staat er niet waarom die niet kan."

    def _kept_by(self, activity: Activity) -> bool:
        ladders = [field for field in activity.fields if field.type == "ladder"]
        if activity.kind is not Kind.LADDER or len(ladders) != 1:
            return False
        ladder = ladders[0]
        rungs = tuple(choice.key for choice in ladder.choices if choice.key != NONE_FITS)
        always_asked = ladder.required and ladder.shown_if is None
        unskippable = activity.obligation is Obligation.LAW or not activity.skippable
        return rungs == self.rungs and always_asked and unskippable and any(map(_blocks(ladder.key), activity.rules))


def _blocks(ladder: str) -> Callable[[Rule], bool]:
    """Whether a rule stands in the way of a rung without a reason."""
    unreasoned = ColumnCompare("reason", Operator.NOT_ANSWERED)
    conditions = [
        Rows(Collection(field=ladder), Quantifier.ANY, Filter(joined, (unreasoned,)))
        for joined in (Quantifier.ALL, Quantifier.ANY)
    ]
    return lambda rule: rule.effect is Effect.BLOCK and rule.when in conditions
