"""
Routes: every step can be reached, from every step the end, and what is opened beside the line opens and closes.

Only ways on that can be taken count (`ways`). A step that can be reached only in a definition, by an entry or on a
track that nobody uses is not found by itself: the definition, the entry or the track is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from padwijzer.forms.core.conditions import ALWAYS
from padwijzer.workflows.core.definition import (
    Activity,
    AtAge,
    ByHand,
    Completed,
    Detour,
    End,
    Interrupt,
    Jump,
    Kind,
    Obligation,
    OnEvent,
    OpenDuty,
    OpenTrack,
    Return,
    TimeBefore,
    Track,
)
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.graph import leaves, main_starts, reachable, successors, ways_on, within
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.scopes import Scope

OLDEST: Final = 12 * 130
"""Months. Nobody grows older."""


def check(scope: Scope) -> Iterator[Finding]:
    """Steps nobody comes to, dead ends, and definitions, entries, tracks and duties that cannot open or close."""
    definition = scope.definition
    on_main = _reached(scope, main_starts(definition))
    on_track = {key for _, track in scope.tracks() for key in _body(scope, track)}
    ending = scope.ways.ending(definition)
    by_doing = scope.ways.ending(definition, skipping=False)
    for where, activity in scope.activities():
        if activity.key not in on_main and activity.key not in on_track:
            yield scope.error(
                "unreachable_step", where, f"No way leads to the step `{activity.key}`.",
                _why_unreachable(scope, activity),
            )  # fmt: skip
        if activity.key not in ending:
            yield scope.error(
                "dead_end", where, f"From the step `{activity.key}` no way leads to an end.",
                "Lead one of its exits on.",
            )  # fmt: skip
        if activity.stays_open and activity.key in on_main:
            yield scope.error(
                "stays_open_on_main_line", where, f"`{activity.key}` stays open, so the main line would stop there.",
                "Make it the body of a track.",
            )  # fmt: skip
        if activity.kind is Kind.END:
            for place, target in ways_on(activity):
                if not isinstance(target, End | Return | Jump):
                    yield scope.error(
                        "end_goes_on", f"{where}.{place}", "An end cannot lead to another step.",
                        "Let it end, return or jump, or make it another kind of step.",
                    )  # fmt: skip
        if activity.key in ending - by_doing and _skip_leads_out(scope, activity, ending - by_doing):
            yield scope.error(
                "only_skipping_leads_on", where, f"Whoever does the step `{activity.key}` only comes back to it.",
                "Lead one of its exits on, not only `skip`.",
            )  # fmt: skip
        yield from _no_way(scope, where, activity)
        yield from _waiting(scope, where, activity)
        yield from _duties(scope, where, activity)
    yield from _doors(scope)
    for where, track in scope.tracks():
        yield from _opening(scope, where, track, on_main | on_track)
        yield from _closing(scope, where, track)


def _reached(scope: Scope, starts: tuple[str, ...]) -> set[str]:
    return set(reachable(starts, lambda key: scope.ways.following(scope.definition, key)))


def _body(scope: Scope, track: Track) -> set[str]:
    known = any(activity.key == track.activity for activity in scope.definition.activities)
    return _reached(scope, (track.activity,)) if known else set()


def _why_unreachable(scope: Scope, activity: Activity) -> str:
    led = any(activity.key in successors(scope.definition, other.key) for other in scope.definition.activities)
    return "What leads to it can never be taken: change that, or remove it." if led else (
        "Lead an exit to it, or remove it."
    )  # fmt: skip


def _skip_leads_out(scope: Scope, activity: Activity, stuck: frozenset[str]) -> bool:
    targets = [target for place, target in scope.ways.onward(scope.definition, activity) if place == "skip"]
    return any(
        leaves(scope.definition, target) or within(scope.definition, target) not in {"", *stuck} for target in targets
    )


def _no_way(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    """`skip` and `unavailable` of a step that is never skipped, or always available."""
    law = activity.obligation is Obligation.LAW
    if activity.skip is not None and not law and not scope.ways.may_skip(scope.definition, activity):
        yield scope.warning(
            "skip_never_taken", f"{where}.skip", f"Nobody can skip the step `{activity.key}`.",
            "Remove `skip`, make the step skippable, or name a role that may skip it.",
        )  # fmt: skip
    if activity.unavailable is not None and activity.available in (None, ALWAYS):
        yield scope.warning(
            "unavailable_never_taken", f"{where}.unavailable", f"The step `{activity.key}` is always available.",
            "Remove `unavailable`, or say under `available` when the step is there.",
        )  # fmt: skip


def _waiting(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    """Calls, detours and crises from which nobody comes back."""
    waits = [(f"{where}.{place}", target.definition) for place, target in ways_on(activity)
             if isinstance(target, Detour | Interrupt)]  # fmt: skip
    if activity.call is not None and activity.call.goes_on_when is None:
        waits.append((f"{where}.call", activity.call.definition))
    for place, key in waits:
        if not scope.ways.ends(key):
            yield scope.error(
                "never_returns", place, f"This waits for `{key}`, which never comes to an end.",
                f"Lead a way through `{key}` to its end.",
            )  # fmt: skip


def _duties(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    """Duties that only steps discharge to which nobody comes."""
    for index, opens in enumerate(activity.opens):
        if not isinstance(opens.what, OpenDuty) or not opens.what.discharged_by:
            continue
        places = [scope.place(written) for written in opens.what.discharged_by]
        known = all(scope.step(place) or not scope.other(place.definition) for place in places)
        if known and not any(
            scope.ways.is_met(place.definition, place.activity, scope.definition.key) for place in places
        ):
            yield scope.error(
                "duty_never_discharged", f"{where}.opens[{index}]", "Nobody comes to what discharges this duty.",
                "Lead a way to one of these steps, or name another one.",
            )  # fmt: skip


def _may_be_met(scope: Scope, place: Place) -> bool:
    """Whether somebody can come to a step, or it does not exist and is found elsewhere."""
    return scope.step(place) is None or scope.ways.is_met(place.definition, place.activity, scope.definition.key)


def _doors(scope: Scope) -> Iterator[Finding]:
    """Definitions that nothing uses, and entries by which nobody comes in."""
    definition = scope.definition
    if not scope.ways.is_used(definition.key) and scope.other(scope.release.start):
        yield scope.warning(
            "definition_never_used", "key", f"Nothing in the release leads to `{definition.key}`.",
            "Call it, jump to it, make it the body of a track, or leave it out.",
        )  # fmt: skip
        return
    for index, entry in enumerate(definition.entries):
        known = scope.step(scope.place(entry)) is not None and entry != definition.start
        if known and not scope.ways.is_entered(definition.key, entry):
            yield scope.warning(
                "entry_never_used", f"entries[{index}]", f"Nothing comes in at the step `{entry}`.",
                "Let a jump lead to it, or take it out of the entries.",
            )  # fmt: skip


def _opening(scope: Scope, where: str, track: Track, met: set[str]) -> Iterator[Finding]:
    openers = [
        (activity, opens.when)
        for activity in scope.definition.activities
        for opens in activity.opens
        if opens.what == OpenTrack(track.key)
    ]
    if track.opens_by is not ByHand.ACTIVITY and openers:
        yield scope.warning(
            "track_opened_twice", where, f"The track `{track.key}` is opened by a step as well.",
            "Let one of both open it.",
        )  # fmt: skip
    if any(
        activity.key in met and (when is None or scope.ways.can_hold(scope.definition, activity, when))
        for activity, when in openers
    ):
        return
    say = scope.error
    why = f"No step opens the track `{track.key}`."
    hint = "Let a step open it, or open it by hand, by an age, a date or an event."
    match track.opens_by:
        case ByHand.ACTIVITY:
            if openers:
                why = f"The steps that open the track `{track.key}` never come to that."
        case ByHand.HAND:
            if track.possible_when is None or scope.ways.can_hold(scope.definition, None, track.possible_when):
                return
            why = f"Nobody may open the track `{track.key}`: it is never possible."
            hint = "Change `possible_when`: it can never be true."
        case AtAge(months):
            if 0 <= months <= OLDEST:
                return
            why, hint = f"Nobody reaches the age of {months} months.", "An age is counted in months from birth."
        case OnEvent(event):
            if scope.ways.can_happen(event):
                return
            say, why = scope.warning, f"No step records what opens the track `{track.key}`: {event.value}."
            hint = "Let a step write it into the register, or open the track otherwise."
        case TimeBefore(fact):
            if scope.ways.can_be_known(fact):
                return
            say, why = scope.warning, f"Nothing ever fills in the date for the track `{track.key}`: {fact.name}."
    yield say("track_never_opened", where, why, hint)


def _closing(scope: Scope, where: str, track: Track) -> Iterator[Finding]:
    stays = any(scope.definition.activity(key).stays_open for key in _body(scope, track))
    closes = [closer for closer in track.closes_on if _can_close(scope, closer)]
    if stays and not closes and not track.closed_by_hand and track.owner.value != "run":
        yield scope.error(
            "track_never_closes", where, f"Nothing closes the track `{track.key}`, whose form stays open.",
            "Name under `closes_on` what ends it, or let a person close it.",
        )  # fmt: skip
    if isinstance(track.opens_by, AtAge):
        for index, closer in enumerate(track.closes_on):
            if isinstance(closer, AtAge) and closer.months <= track.opens_by.months:
                yield scope.error(
                    "track_closes_before_it_opens", f"{where}.closes_on[{index}]",
                    f"The track `{track.key}` opens at {track.opens_by.months} months and closes at {closer.months}.",
                    "Close it at a higher age than that at which it opens.",
                )  # fmt: skip


def _can_close(scope: Scope, closer: Completed | OnEvent | AtAge) -> bool:
    match closer:
        case Completed(written):
            return _may_be_met(scope, scope.place(written))
        case OnEvent(event):
            return scope.ways.can_happen(event)
        case AtAge(months):
            return 0 <= months <= OLDEST
