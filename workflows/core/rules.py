"""Rules of a step: which of them act, on the state as it will be when the step completes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from padwijzer.forms.core.conditions import Collection as RowsOf
from padwijzer.forms.core.conditions import Lookup, Value, evaluate
from padwijzer.workflows.core.definition import Activity, Effect, Rule


@dataclass(frozen=True, slots=True)
class Acting:
    """A rule that acts. Args: index: its number in the step, from 0; rule: the rule; softened: see `acting_rules`."""

    index: int
    rule: Rule
    softened: bool = False

    @property
    def effect(self) -> Effect:
        """What it does: that of the rule, or a task when an emergency softened it."""
        return Effect.TASK if self.softened else self.rule.effect


def acts(rule: Rule, lookup: Lookup) -> bool:
    """Whether a rule acts: on true, and on unknown where the rule says so."""
    truth = evaluate(rule.when, lookup)
    return truth is True or (truth is None and rule.unknown_counts)


def acting_rules(activity: Activity, lookup: Lookup) -> Iterator[Acting]:
    """
    The rules of a step that act, in order.

    A rule with a line of the afterwards list becomes a task while the duty of that line stands open (in an emergency
    paper comes afterwards); every other rule stays what it is.
    """
    for index, rule in enumerate(activity.rules):
        if acts(rule, lookup):
            softened = (
                bool(rule.afterwards)
                and rule.effect in (Effect.BLOCK, Effect.DEVIATION)
                and _duty_is_open(lookup, rule.afterwards)
            )
            yield Acting(index, rule, softened)


def _duty_is_open(lookup: Lookup, kind: str) -> bool:
    def is_it(row_kind: Value, state: Value) -> bool:
        return row_kind == kind and state == "open"

    return any(is_it(row.get("kind", ""), row.get("state", "")) for row in lookup.rows(RowsOf("duty")))
