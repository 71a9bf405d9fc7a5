"""Steps and their forms: they ask little, and skipping them loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from padwijzer.forms.core.conditions import FactRef, references
from padwijzer.workflows.core.definition import Activity, Effect, Kind, Obligation
from padwijzer.workflows.core.exits import own_answer
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.graph import cycles, needs_person
from padwijzer.workflows.core.scopes import Scope

MOST_FIELDS: Final = 7
MOST_REQUIRED_VOLUNTARY: Final = 3
MOST_REQUIRED: Final = 5


def check(scope: Scope) -> Iterator[Finding]:
    """Forms that ask too much, questions that hide each other, skips that lose something."""
    for where, activity in scope.activities():
        yield from _budget(scope, where, activity)
        yield from _visibility(scope, where, activity)
        yield from _kind(scope, where, activity)
        yield from _skip(scope, where, activity)


def most_required(definition: str) -> int:
    """How many questions of a step may be required: fewer on the voluntary path and in the sub-processes."""
    voluntary = definition == "V" or definition.startswith("D-")
    return MOST_REQUIRED_VOLUNTARY if voluntary else MOST_REQUIRED


def _budget(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    always = [field for field in activity.fields if field.shown_if is None]
    required = [field for field in always if field.required]
    if len(always) > MOST_FIELDS:
        yield scope.error(
            "too_many_fields", where, f"`{activity.key}` always asks {len(always)} things; at most {MOST_FIELDS}.",
            "Split the step, or show a question only when it matters.",
        )  # fmt: skip
    most = most_required(scope.definition.key)
    if len(required) > most:
        yield scope.error(
            "too_many_required", where, f"`{activity.key}` always requires {len(required)} answers; at most {most}.",
            "Require only what a decision or a rule needs.",
        )  # fmt: skip


def _visibility(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    read: dict[str, tuple[str, ...]] = {}
    for field in activity.fields:
        found = (own_answer(ref) for ref in references(field.shown_if) if isinstance(ref, FactRef))
        read[field.key] = tuple(key for key in found if activity.form.field(key))
    for group in cycles(read, lambda key: read[key]):
        yield scope.error(
            "cyclic_visibility",
            where,
            f"These questions wait for each other before they are shown: {', '.join(group)}.",
        )


def _kind(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    if activity.fields and not needs_person(activity):
        yield scope.error(
            "form_without_person", where, f"Nobody fills in the questions of `{activity.key}`: it goes on by itself."
        )
    if activity.unblockable:
        for index, rule in enumerate(activity.rules):
            if rule.effect in (Effect.BLOCK, Effect.DEVIATION):
                yield scope.error(
                    "block_on_unblockable", f"{where}.rules[{index}]", "Nothing may stand in the way of this step.",
                    "Use warn, task or alarm.",
                )  # fmt: skip
    if (
        activity.available is not None
        and activity.unavailable is None
        and activity.obligation is not Obligation.OPTIONAL
    ):
        yield scope.error(
            "unavailable_missing", where, f"`{activity.key}` may never become available: where does it go then?",
            "Give `unavailable`.",
        )  # fmt: skip


def _skip(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    if activity.obligation is Obligation.LAW and activity.skip is not None:
        yield scope.error(
            "law_step_skippable", f"{where}.skip", "The law does not let this step be skipped.", "Remove `skip`."
        )
    if not may_be_skipped(activity):
        return
    if len(activity.exits) > 1 and activity.skip is None:
        yield scope.error(
            "skip_missing", where, f"`{activity.key}` may be skipped and has more exits: where does it go then?",
            "Give `skip`, or make it not skippable.",
        )  # fmt: skip
    if activity.obligation is not Obligation.POLICY:
        return
    for index, rule in enumerate(activity.rules):
        own = any(own_answer(ref) for ref in references(rule.when) if isinstance(ref, FactRef))
        if rule.effect is Effect.BLOCK and own and not rule.unknown_counts:
            yield scope.error(
                "skip_lifts_block", f"{where}.rules[{index}]",
                "Skipping the step leaves the answer open that this block reads, and so lifts it.",
                "Make the step not skippable, or let unknown count.",
            )  # fmt: skip


def may_be_skipped(activity: Activity) -> bool:
    """Whether a professional may skip a step, when nothing calls it with a weaker obligation."""
    by_itself = activity.kind in (Kind.AUTOMATIC, Kind.END) or activity.stays_open
    return activity.skippable and activity.obligation is not Obligation.LAW and not by_itself
