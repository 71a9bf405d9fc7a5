"""
Performers: somebody may do each step, decide what is decided, and hear what is said.

What a role may do is only looked at when the catalogue says it. Whether anybody holds a role in a case is not known
here. A track by hand needs no role of its own: everybody who is involved in the case may open it.
"""

from __future__ import annotations

from collections.abc import Iterator

from padwijzer.workflows.core.definition import Activity, Effect, Kind
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.graph import needs_person
from padwijzer.workflows.core.scopes import Scope


def check(scope: Scope) -> Iterator[Finding]:
    """Steps that nobody does, may do or may decide, and tasks and alarms that reach nobody."""
    for where, activity in scope.activities():
        if needs_person(activity):
            yield from _doing(scope, where, activity)
        yield from _told(scope, where, activity)


def _doing(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    named = [performer.role for performer in activity.performers if not performer.adviser]
    if not named:
        yield scope.error(
            "nobody", where, f"Nobody may do the step `{activity.key}`.",
            "Name a role that does it and not only advises.",
        )  # fmt: skip
        return
    known = scope.catalogue
    decides = activity.kind is Kind.DECISION
    able = [role for role in named if _has(scope, role, known.performing)]
    deciding = [role for role in able if not decides or _has(scope, role, known.deciding)]
    if not able:
        yield scope.error(
            "nobody_may_perform", f"{where}.performers",
            f"None of these roles may complete a step: {', '.join(named)}.",
            "Name a role with the permission perform_step.",
        )  # fmt: skip
    elif not deciding:
        yield scope.error(
            "nobody_may_decide", f"{where}.performers",
            f"None of these roles may take a decision: {', '.join(able)}.",
            "Name a role that decides: with the permission take_decision.",
        )  # fmt: skip
    for index, performer in enumerate(activity.performers):
        role = performer.role
        if able and not performer.adviser and role not in able:
            yield scope.warning(
                "performer_may_not", f"{where}.performers[{index}]", f"The role `{role}` may not complete a step.",
                "Leave it out, or let it only advise.",
            )  # fmt: skip
    advising = {performer.role for performer in activity.performers if performer.adviser}
    if deciding and advising.issuperset(deciding):
        yield scope.warning(
            "decides_on_own_advice", f"{where}.performers",
            f"Who decides here is also who advises: {', '.join(deciding)}.",
            "Let another role decide, or another one advise.",
        )  # fmt: skip


def _has(scope: Scope, role: str, able: frozenset[str] | None) -> bool:
    """Whether a role is among those that may do something; one that does not exist is found elsewhere."""
    return able is None or role in able or role not in (scope.catalogue.roles or ())


def _told(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    if any(not performer.adviser for performer in activity.performers):
        return
    for index, rule in enumerate(activity.rules):
        if rule.effect in (Effect.TASK, Effect.ALARM) and not rule.to and not needs_person(activity):
            yield scope.warning(
                "nobody_is_told", f"{where}.rules[{index}]", "This reaches nobody: the step has no performer.",
                "Name under `to` who gets it.",
            )  # fmt: skip
