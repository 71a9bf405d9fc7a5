"""Calls, tracks and interrupts: no recursion, no jump out of what is called, every outcome has its way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from padwijzer.forms.core.conditions import Compare, FactRef, atoms
from padwijzer.workflows.core.definition import (
    Activity,
    End,
    Interrupt,
    Jump,
    Kind,
    Obligation,
    OpenTrack,
    Owner,
    ProcessDefinition,
    Return,
    Target,
)
from padwijzer.workflows.core.exits import constants
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.graph import (
    body,
    called,
    called_by,
    cycles,
    main_starts,
    needs_person,
    reachable,
    successors,
    ways_on,
    within,
)
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.scopes import Scope

DEEPEST: Final = 3


def check(scope: Scope) -> Iterator[Finding]:
    """What calls, tracks and interrupts may not do."""
    yield from _recursion(scope)
    yield from _leaving(scope)
    yield from _tracks(scope)
    for where, activity in scope.activities():
        if activity.call is not None:
            yield from _mapped(scope, where, activity)
            yield from _parameters(scope, where, activity)
    yield from _returns(scope)
    yield from _loops(scope)


def called_from(scope: Scope, key: str) -> tuple[str, ...]:
    """Keys of the definitions of the release that a definition calls."""
    definition = scope.other(key)
    return tuple(other for other in (called(definition) if definition else ()) if scope.other(other))


def callers(scope: Scope, *, outcome: bool) -> tuple[str, ...]:
    """Keys of the definitions that call this one; with outcome: only by a step, which reads how it returned."""
    key = scope.definition.key
    return tuple(
        other.key
        for other in scope.release.definitions.values()
        if any(
            activity.call is not None and activity.call.definition == key if outcome else key in called_by(activity)
            for activity in other.activities
        )
    )


def _recursion(scope: Scope) -> Iterator[Finding]:
    key = scope.definition.key
    for group in cycles((key,), lambda other: called_from(scope, other)):
        if key in group:
            way = " → ".join((*group, group[0]))
            calling = next(where for where, activity in scope.activities() if set(called_by(activity)) & set(group))
            yield scope.error(
                "recursion", calling, f"A path cannot call itself, also not by another one: {way}.",
                "Go back to a step, or let the caller go on.",
            )  # fmt: skip
            return
    if _depth(scope, key, frozenset()) > DEEPEST:
        yield scope.error(
            "calls_too_deep", "activities", f"Calls may be {DEEPEST} deep, and here they are deeper.",
            "Let this path do itself what the deepest one does.",
        )  # fmt: skip


def _depth(scope: Scope, key: str, above: frozenset[str]) -> int:
    if key in above:
        return 0
    return max((1 + _depth(scope, other, above | {key}) for other in called_from(scope, key)), default=0)


def _moves(
    definition: ProcessDefinition, keys: Iterable[str], kinds: tuple[type[Target], ...]
) -> Iterator[tuple[str, str]]:
    for index, activity in enumerate(definition.activities):
        for place, target in ways_on(activity) if activity.key in keys else ():
            if isinstance(target, kinds) and not within(definition, target):
                yield f"activities[{index}].{place}", activity.key


def _leaving(scope: Scope) -> Iterator[Finding]:
    definition = scope.definition
    keys = {activity.key for activity in definition.activities}
    who = callers(scope, outcome=False)
    bodies = any(
        track.definition == definition.key for other in scope.release.definitions.values() for track in other.tracks
    )
    if definition.per_child_from and (who or bodies):
        yield scope.error(
            "called_splits", "per_child_from", "Only a main line can go on as one run for each child.",
            "Let the caller do it: for each row.",
        )  # fmt: skip
    if who:
        for where, _ in _moves(definition, keys, (Jump,)):
            yield scope.error(
                "called_jumps", where, f"`{definition.key}` is called by {', '.join(who)}, so it cannot jump away.",
                "Return an outcome, and let the caller jump.",
            )  # fmt: skip
    crises = {
        target.definition
        for other in scope.release.definitions.values()
        for activity in other.activities
        for _, target in ways_on(activity)
        if isinstance(target, Interrupt)
    }
    if definition.key in reachable(crises, lambda key: called_from(scope, key)):
        for where, _ in _moves(definition, keys, (Interrupt,)):
            yield scope.error(
                "interrupt_interrupts", where, "What runs in a crisis cannot interrupt for another crisis.",
                "Lead on inside this crisis, or jump.",
            )  # fmt: skip


def _tracks(scope: Scope) -> Iterator[Finding]:
    definition = scope.definition
    for where, track in scope.tracks():
        keys = body(definition, track)
        below = [
            other
            for key in keys
            for other in called_by(definition.activity(key))
            if scope.other(other)
        ]  # fmt: skip
        moves = [key for _, key in _moves(definition, keys, (Jump, Interrupt))]
        if track.definition and scope.other(track.definition):
            below.append(track.definition)
        for key in reachable(below, lambda key: called_from(scope, key)):
            other = scope.release.definitions[key]
            everywhere = {activity.key for activity in other.activities}
            moves += [f"{key}.{step}" for _, step in _moves(other, everywhere, (Jump, Interrupt))]
        if moves:
            yield scope.error(
                "track_moves_main_line", where,
                f"The track `{track.key}` would move the main line at {', '.join(dict.fromkeys(moves))}.",
                "Let it raise an event or open a duty; the main line answers at its next step.",
            )  # fmt: skip
    owned = {track.key: track for track in definition.tracks if track.owner is Owner.RUN and track.activity}
    for group in cycles(owned, lambda key: _opened_by(definition, body(definition, owned[key]), owned)):
        first = next(where for where, track in scope.tracks() if track.key in group)
        yield scope.error(
            "track_opens_itself", first, f"These tracks open each other: {', '.join(group)}.",
            "Let one of them not open the next, or give it another owner than the run.",
        )  # fmt: skip


def _opened_by(definition: ProcessDefinition, steps: Iterable[str], owned: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        opens.what.track
        for key in steps
        for opens in definition.activity(key).opens
        if isinstance(opens.what, OpenTrack) and opens.what.track in owned
    )


def _mapped(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    other = scope.other(activity.call.definition) if activity.call else None
    if other is None or len(other.returns) < 2 or len(activity.exits) < 2:
        if other is not None and len(other.returns) > 1:
            yield scope.warning(
                "outcomes_not_told_apart",
                where,
                f"`{other.key}` can return {', '.join(other.returns)}; all go one way.",
                "Give each outcome that asks for something else its exit.",
            )
        return
    named: set[object] = set()
    for exit_ in activity.exits:
        for atom in atoms(exit_.when):
            if isinstance(atom, Compare) and atom.fact == FactRef("outcome"):
                named.update(constants(atom.value))
            named.update(_outcomes_in(atom))
    left = [outcome for outcome in other.returns if outcome not in named]
    if len(left) > 1:
        yield scope.warning(
            "outcome_left_to_else", where, f"No exit names these outcomes of `{other.key}`: {', '.join(left)}.",
            "Give each of them its exit.",
        )  # fmt: skip


def _outcomes_in(atom: object) -> Iterator[object]:
    where = getattr(atom, "where", None)
    for part in where.parts if where else ():
        if part.column == "outcome":
            yield from constants(part.value)


def _parameters(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    call = activity.call
    other = scope.other(call.definition) if call else None
    if call is None or other is None:
        return
    known = {parameter.key: parameter.values for parameter in other.parameters}
    for key, value in call.parameters:
        if key not in known:
            yield scope.error(
                "unknown_parameter", f"{where}.call.parameters.{key}", f"`{other.key}` has no `{key}`.",
                "Leave it out, or declare it there.",
            )  # fmt: skip
        elif value not in known[key]:
            message = f"`{value}` is no value of `{key}`."
            yield scope.error("unknown_parameter", f"{where}.call.parameters.{key}", message, ", ".join(known[key]))
    for key, values in known.items():
        if key not in dict(call.parameters):
            yield scope.error(
                "parameter_missing", f"{where}.call", f"`{other.key}` needs to be told `{key}`.",
                f"Name one of {', '.join(values)} under `parameters`.",
            )  # fmt: skip


def _returns(scope: Scope) -> Iterator[Finding]:
    definition = scope.definition
    returned = set()
    ends = []
    for where, activity in scope.activities():
        for place, target in ways_on(activity):
            if isinstance(target, Return):
                returned.add(target.outcome)
            elif isinstance(target, End):
                ends.append((f"{where}.{place}", activity.key))
    for outcome in definition.returns:
        if outcome not in returned:
            yield scope.warning(
                "outcome_never_returned", "returns", f"No way returns `{outcome}`.",
                "Let a way return it, or take it out of `returns`.",
            )  # fmt: skip
    on_main = reachable(main_starts(definition), lambda key: successors(definition, key))
    if definition.returns and callers(scope, outcome=True):
        for where, key in ends:
            if key in on_main:
                yield scope.error(
                    "end_without_outcome", where, "A caller waits for an outcome, and this way ends without one.",
                    "Return one of: " + ", ".join(definition.returns),
                )  # fmt: skip


def _loops(scope: Scope) -> Iterator[Finding]:
    following = _Instant(scope).following
    starts = [Place(scope.definition.key, activity.key) for activity in scope.definition.activities]
    for group in cycles(starts, following):
        if scope.definition.key == min(place.definition for place in group):
            keys = ", ".join(place.activity for place in group)
            here = {place.activity for place in group if place.definition == scope.definition.key}
            first = next(where for where, activity in scope.activities() if activity.key in here)
            yield scope.error(
                "loop_without_person", first, f"These steps go round without anybody: {keys}.",
                "Put a step in this round that somebody does, or lead it on.",
            )  # fmt: skip


class _Instant:
    """What can follow a step without any person acting."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def following(self, place: Place) -> tuple[Place, ...]:
        definition = self.scope.other(place.definition)
        activity = self.scope.step(place)
        if definition is None or activity is None:
            return ()
        targets = self.ways(definition, activity, frozenset({definition.key}))
        return tuple(found for target in targets if (found := self.lead(definition, target)) is not None)

    def lead(self, definition: ProcessDefinition, target: Target) -> Place | None:
        key = within(definition, target)
        if key:
            return Place(definition.key, key)
        other = self.scope.other(target.definition) if isinstance(target, Jump | Interrupt) else None
        if other is None:
            return None
        return Place(other.key, target.activity if isinstance(target, Jump) and target.activity else other.start)

    def passes(self, activity: Activity, above: frozenset[str]) -> bool:
        """Whether an open step can be done at once by itself."""
        if needs_person(activity):
            return False
        if activity.kind is not Kind.CALL or activity.call is None:
            return True
        if activity.call.for_each is not None or activity.call.goes_on_when is not None:
            return True
        other = self.scope.other(activity.call.definition)
        if other is None or other.key in above:
            return False
        found = reachable((other.start,), lambda key: self.inside(other, key, above | {other.key}))
        return any(
            isinstance(target, End | Return)
            for key in found
            for target in self.ways(other, other.activity(key), above | {other.key})
        )

    def inside(self, definition: ProcessDefinition, key: str, above: frozenset[str]) -> tuple[str, ...]:
        targets = self.ways(definition, definition.activity(key), above)
        return tuple(found for target in targets if (found := within(definition, target)))

    def ways(self, definition: ProcessDefinition, activity: Activity, above: frozenset[str]) -> list[Target]:
        passes = self.passes(activity, above)
        passed = activity.available is not None and activity.obligation is Obligation.OPTIONAL
        last = f"exits[{len(activity.exits) - 1}].to"
        return [
            target
            for place, target in self.scope.ways.onward(definition, activity, skipping=False)
            if passes or place == "unavailable" or (passed and place == last)
        ]
