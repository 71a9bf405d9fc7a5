"""Where things lead: every step, track, definition, entry and outcome that is named exists."""

from __future__ import annotations

from collections.abc import Iterator

from padwijzer.forms.core.conditions import FactRef
from padwijzer.workflows.core.definition import (
    Activity,
    Completed,
    Detour,
    Goto,
    Interrupt,
    Jump,
    OpenDuty,
    Opened,
    OpenTrack,
    PreviousRound,
    RecordEvent,
    Return,
    Target,
)
from padwijzer.workflows.core.facts import ArgumentKind
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.graph import ways_on
from padwijzer.workflows.core.scopes import Scope


def check(scope: Scope) -> Iterator[Finding]:
    """Ways on, openings, deadlines and questions about the course of things that lead nowhere."""
    for index, entry in enumerate(scope.definition.entries):
        yield from _step(scope, f"entries[{index}]", entry)
    if scope.definition.per_child_from:
        yield from _step(scope, "per_child_from", scope.definition.per_child_from)
    if scope.definition.children and scope.field(None, scope.definition.children) is None and scope.definition.whole:
        yield scope.error("unknown_field", "children", f"There is no field `{scope.definition.children}`.")
    for where, activity in scope.activities():
        for place, target in ways_on(activity):
            yield from _target(scope, f"{where}.{place}", target)
        if activity.call is not None:
            yield from _definition(scope, f"{where}.call", activity.call.definition)
        yield from _opens(scope, where, activity)
        yield from _anchors(scope, where, activity)
    for where, track in scope.tracks():
        if track.activity:
            yield from _step(scope, f"{where}.activity", track.activity)
        else:
            yield from _definition(scope, f"{where}.definition", track.definition, may_be_outside=True)
        for number, closer in enumerate(track.closes_on):
            if isinstance(closer, Completed):
                yield from _step(scope, f"{where}.closes_on[{number}]", closer.activity)
    for named in scope.named():
        if isinstance(named.reference, FactRef):
            yield from _course(scope, named.where, named.reference)


def _step(scope: Scope, where: str, written: str) -> Iterator[Finding]:
    place = scope.place(written)
    if scope.other(place.definition) is None:
        if not scope.is_outside(place.definition):
            yield scope.error("unknown_definition", where, f"The release has no `{place.definition}`.")
    elif scope.step(place) is None:
        yield scope.error("unknown_activity", where, f"There is no step `{written}`.")


def _definition(scope: Scope, where: str, key: str, *, may_be_outside: bool = False) -> Iterator[Finding]:
    if scope.other(key) is None and not (may_be_outside and scope.is_outside(key)):
        hint = "Publish it together with this one" + (
            ", or say under `outside` who takes over." if may_be_outside else "."
        )
        yield scope.error("unknown_definition", where, f"The release has no `{key}`.", hint)


def _target(scope: Scope, where: str, target: Target) -> Iterator[Finding]:
    match target:
        case Goto(activity):
            yield from _step(scope, where, activity)
        case Jump(definition, activity):
            yield from _definition(scope, where, definition, may_be_outside=True)
            other = scope.other(definition)
            if other is not None and activity and activity not in (other.start, *other.entries):
                hint = f"Add it to the entries of `{definition}`."
                yield scope.error("unknown_entry", where, f"`{definition}` cannot be entered at `{activity}`.", hint)
        case Interrupt(definition):
            yield from _definition(scope, where, definition, may_be_outside=True)
        case Detour(definition):
            yield from _definition(scope, where, definition)
        case Return(outcome):
            if outcome not in scope.definition.returns:
                yield scope.error("unknown_outcome", where, f"`{outcome}` is not among what this path returns.")


def _opens(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    keys = {track.key for track in scope.definition.tracks}
    for index, opens in enumerate(activity.opens):
        place = f"{where}.opens[{index}]"
        match opens.what:
            case OpenTrack(track):
                if track not in keys:
                    yield scope.error("unknown_track", place, f"There is no track `{track}`.")
            case OpenDuty(_, _, _, discharged_by):
                for written in discharged_by:
                    yield from _step(scope, f"{place}.discharged_by", written)
                if not discharged_by:
                    yield scope.error("duty_never_discharged", place, "No step discharges this duty.")


def _anchors(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    for index, deadline in enumerate(activity.deadlines):
        for anchor in (deadline.start, *(instead.start for instead in deadline.instead)):
            start = anchor.fallback if isinstance(anchor, PreviousRound) else anchor
            if isinstance(start, Opened | Completed):
                yield from _step(scope, f"{where}.deadlines[{index}].from", start.activity)


def _course(scope: Scope, where: str, fact: FactRef) -> Iterator[Finding]:
    spec = scope.catalogue.facts.get(fact.name)
    for argument in spec.arguments if spec else ():
        written = fact.argument(argument.name)
        if not written:
            continue
        if argument.kind is ArgumentKind.ELEMENT:
            tracks = {track.key for track in scope.definition.tracks}
            whole = written in tracks or scope.other(written) is not None or scope.is_outside(written)
            if not (fact.name == "state" and whole):
                yield from _step(scope, where, written)
        elif argument.kind is ArgumentKind.ANCHOR and written not in tuple(RecordEvent):
            yield from _step(scope, where, written)
