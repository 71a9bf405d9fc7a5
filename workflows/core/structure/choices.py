"""Exits: each can be taken, the last is else, and every answer that they read is there when it is needed."""

from __future__ import annotations

from collections.abc import Iterator

from padwijzer.forms.core.conditions import UNKNOWN, Compare, Condition, FactRef, Operator, atoms, references
from padwijzer.workflows.core.definition import Activity, Detour, End, Goto, Interrupt, Jump, Kind, Target
from padwijzer.workflows.core.exits import own_answer
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.scopes import Asked, Scope
from padwijzer.workflows.core.structure.names import names_unknown_value


def check(scope: Scope) -> Iterator[Finding]:
    """Exits that cannot be taken, that stop at an unknown answer or are left to *else*; conditions never true."""
    for where, activity in scope.activities():
        yield from _else(scope, where, activity)
        yield from _study(scope, where, activity)
        yield from _required(scope, where, activity)
        yield from _grave(scope, where, activity)
    yield from _conditions(scope)


def _else(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    last = len(activity.exits) - 1
    if activity.exits[last].when is not None:
        yield scope.error(
            "else_missing", f"{where}.exits[{last}]", "The last exit has a condition.", "Make the last exit `else`."
        )
    for index, exit_ in enumerate(activity.exits[:last]):
        if exit_.when is None:
            yield scope.error(
                "else_not_last", f"{where}.exits[{index}]", "After `else` no other exit is read.", "Put `else` last."
            )
    if isinstance(activity.exits[last].target, Detour | Interrupt):
        yield scope.error(
            "no_exit_after_detour", f"{where}.exits[{last}]",
            "After a detour or an interrupt reading goes on with the next exit, and there is none.", "Add an `else`.",
        )  # fmt: skip
    for place, target in (("skip", activity.skip), ("unavailable", activity.unavailable)):
        if isinstance(target, Detour | Interrupt):
            yield scope.error(
                "no_exit_after_detour", f"{where}.{place}", f"`{place}` cannot be a detour or an interrupt.",
                "Lead to a step, an end or another path.",
            )  # fmt: skip


def _study(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    same: dict[object, int] = {}
    twice = set()
    for index, exit_ in enumerate(activity.exits):
        if exit_.when is None:
            continue
        first = same.setdefault(exit_.when, index)
        if first != index and not isinstance(activity.exits[first].target, Detour | Interrupt):
            twice.add(index)
            yield scope.error(
                "exit_never_taken",
                f"{where}.exits[{index}]",
                f"Exit {first + 1} has the same condition and comes first.",
                "Remove one of both, or change its condition.",
            )
    study = scope.ways.study(scope.definition, activity)
    if study is None:
        return
    if study.blocked:
        yield scope.error(
            "never_completed", f"{where}.rules", f"Whatever is answered, a rule blocks the step `{activity.key}`.",
            "Take away what the rules forbid from the choices, or let a rule warn.",
        )  # fmt: skip
    for index in () if study.blocked else study.shut:
        yield scope.warning(
            "exit_blocked", f"{where}.exits[{index}]", "A rule blocks every answer that leads through this exit.",
            "Remove the exit, or let the rule let one of these answers through.",
        )  # fmt: skip
    for index in study.never:
        when = activity.exits[index].when
        if when is None or index in twice:
            continue
        if not names_unknown_value(scope, Asked(where, when, activity, called=activity.call is not None)):
            yield scope.error(
                "exit_never_taken", f"{where}.exits[{index}]", "No answer leads through this exit.",
                _why_never(scope, activity, when),
            )  # fmt: skip
    for index, answers in study.unknown:
        say = scope.error if study.certain else scope.warning
        given = ", ".join(f"{key} = {value}" for key, value in answers) or "nothing answered"
        yield say(
            "exit_unknown", f"{where}.exits[{index}]",
            f"With these answers it is unknown whether to take this exit ({given}), so the step cannot be done.",
            "Ask what the exit reads whenever it matters, and require an answer.",
        )  # fmt: skip


def _why_never(scope: Scope, activity: Activity, when: Condition) -> str:
    if scope.ways.can_hold(scope.definition, activity, when):
        return "The exits above it take these answers: move it up, or remove it."
    read = {ref.name: ref for ref in references(when) if isinstance(ref, FactRef)}
    if "parameter" in read:
        passed = scope.ways.passed(scope.definition.key, read["parameter"].argument("key"))
        said = ", ".join(str(value) for value in passed if value is not UNKNOWN) or "nothing"
        return f"Passed is: {said}. Let a caller pass it, or remove the exit."
    call = activity.call
    returned = ", ".join(scope.ways.outcomes(call.definition)) if call else ""
    if call and ("outcome" in read or call.for_each is not None):
        return f"`{call.definition}` returns: {returned or 'nothing'}. Name one of these, or remove the exit."
    return "Its condition contradicts itself, or names what can never be so here: change it, or remove the exit."


def _required(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    said = set()
    for exit_ in activity.exits:
        for atom in atoms(exit_.when):
            if not isinstance(atom, Compare) or atom.operator in (Operator.ANSWERED, Operator.NOT_ANSWERED):
                continue
            for fact in (atom.fact, atom.value):
                key = own_answer(fact) if isinstance(fact, FactRef) else ""
                field = activity.form.field(key)
                if field is None or key in said or (field.required and not field.may_be_unknown):
                    continue
                said.add(key)
                index = activity.fields.index(field)
                yield scope.error(
                    "answer_not_required", f"{where}.fields[{index}]",
                    f"An exit reads `{key}`, which may stay unanswered.", "Make it required, without `weet ik niet`.",
                )  # fmt: skip


def _grave(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    last = activity.exits[-1]
    if len(activity.exits) > 1 and activity.kind is not Kind.CALL and _is_grave(scope, last.target):
        yield scope.warning(
            "grave_exit_left_to_else", f"{where}.exits[{len(activity.exits) - 1}]",
            "This exit leads to placement, court, another path or closing, and is taken when nothing else is.",
            "Write its condition out and let `else` lead somewhere safe.",
        )  # fmt: skip


def _is_grave(scope: Scope, target: Target) -> bool:
    match target:
        case Jump(definition, _):
            return definition != scope.definition.key
        case Goto(key):
            step = scope.step(scope.place(key))
            return step is not None and not scope.catalogue.grave.isdisjoint(step.meanings)
        case End():
            return not scope.definition.returns and bool(scope.definition.entries)
        case _:
            return False


def _conditions(scope: Scope) -> Iterator[Finding]:
    """Conditions, other than those of exits and tracks, that can never be true."""
    unknown_counts = {
        f"{where}.rules[{index}].when"
        for where, activity in scope.activities()
        for index, rule in enumerate(activity.rules)
        if rule.unknown_counts
    }
    for asked in scope.asked():
        if asked.activity is None or ".exits[" in asked.where or asked.where in unknown_counts:
            continue
        can = scope.ways.can_hold(scope.definition, asked.activity, asked.condition)
        if not can and not names_unknown_value(scope, asked):
            say = scope.error if asked.where.endswith(".available") else scope.warning
            yield say(
                "condition_never_true", asked.where, "This condition can never be true.",
                "It contradicts itself, or names what can never be so here: change it, or remove what hangs on it.",
            )  # fmt: skip
