"""Whether a rung can be chosen without a reason for each lower one: by choosing, and looking at what stops it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from padwijzer.forms.core.conditions import UNKNOWN, Collection, FactRef, TermRef, Value, evaluate
from padwijzer.forms.core.field_types import NONE_FITS, LadderAnswer, Rejection, plain, rows_of
from padwijzer.workflows.core.definition import Activity, Effect, Kind, Obligation


def can_be_left_without_reason(activity: Activity, rungs: Sequence[str]) -> str:
    """
    What is wrong with a step that should be a ladder of these rungs; empty when nothing is.

    Args:
        activity: the step.
        rungs: the least invasive first.
    """
    if activity.obligation is not Obligation.LAW and activity.skippable:
        return "it can be skipped"
    ladders = [it for it in activity.fields if it.type == "ladder"]
    if activity.kind is not Kind.LADDER or len(ladders) != 1:
        return "it is no ladder"
    field = ladders[0]
    own = [choice.key for choice in field.choices if choice.key != NONE_FITS]
    if own != list(rungs):
        return f"its rungs are {own}"
    if not field.required or field.shown_if is not None:
        return "it can be left open"
    for answer in _unreasoned(own):
        lookup = _Ladder(field.key, answer)
        blocks = [rule for rule in activity.rules if rule.effect is Effect.BLOCK]
        if not any(evaluate(rule.when, lookup) is True for rule in blocks):
            lacking = next(it.rung for it in answer.below if not it.reason)
            return f"{answer.chosen} without a reason for {lacking}"
    return ""


def _unreasoned(rungs: Sequence[str]) -> Iterator[LadderAnswer]:
    """Each rung, with one lower rung without a reason and all others with one."""
    for place, chosen in enumerate([*rungs, NONE_FITS]):
        lower = rungs[:place]
        for lacking in lower:
            below = tuple(
                Rejection(rung, "" if rung == lacking else "Daarom.", frozenset(("inhoud",))) for rung in lower
            )
            yield LadderAnswer(chosen, below)


@dataclass(frozen=True, slots=True)
class _Ladder:
    """Nothing is known but the ladder itself."""

    field: str
    answer: LadderAnswer

    def fact(self, ref: FactRef) -> Value:
        return plain(self.answer) if ref.name == "answer" and ref.argument("field") == self.field else UNKNOWN

    def rows(self, collection: Collection) -> Sequence[dict[str, Value]]:
        return [dict(row) for row in rows_of(self.answer)] if collection.field == self.field else []

    def shifted(self, day: object, sign: int, term: TermRef) -> None:
        return None
