"""Routes: every step can be reached, and from every step the end."""

from __future__ import annotations

from collections.abc import Iterator

from padwijzer.workflows.core.definition import Activity, ByHand, End, Jump, Kind, OpenTrack, Return
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.graph import body, leaves, main_starts, reachable, successors, ways_on
from padwijzer.workflows.core.scopes import Scope


def check(scope: Scope) -> Iterator[Finding]:
    """Unreachable steps, dead ends, tracks that nothing opens or closes, forms that stay open on the main line."""
    definition = scope.definition
    on_main = reachable(main_starts(definition), lambda key: successors(definition, key))
    on_track = {key for track in definition.tracks for key in body(definition, track)}
    for where, activity in scope.activities():
        if activity.key not in on_main and activity.key not in on_track:
            yield scope.error(
                "unreachable_step",
                where,
                f"No way leads to the step `{activity.key}`.",
                "Lead an exit to it, or remove it.",
            )
        yield from _way_out(scope, where, activity)
        if activity.stays_open and activity.key in on_main:
            yield scope.error(
                "stays_open_on_main_line", where, f"`{activity.key}` stays open, so the main line would stop there.",
                "Make it the body of a track.",
            )  # fmt: skip
        if activity.kind is Kind.END:
            for place, target in ways_on(activity):
                if not isinstance(target, End | Return | Jump):
                    yield scope.error("end_goes_on", f"{where}.{place}", "An end cannot lead to another step.")
    yield from _tracks(scope)


def _way_out(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    definition = scope.definition
    if activity.stays_open:
        return
    keys = reachable((activity.key,), lambda key: successors(definition, key))
    for key in keys:
        other = definition.activity(key)
        if other.stays_open or any(leaves(definition, target) for _, target in ways_on(other)):
            return
    yield scope.error(
        "dead_end", where, f"From the step `{activity.key}` no way leads to an end.", "Lead one of its exits on."
    )


def _tracks(scope: Scope) -> Iterator[Finding]:
    definition = scope.definition
    opened = {
        opens.what.track
        for activity in definition.activities
        for opens in activity.opens
        if isinstance(opens.what, OpenTrack)
    }
    for where, track in scope.tracks():
        if track.opens_by is ByHand.ACTIVITY and track.key not in opened:
            yield scope.error("track_never_opened", where, f"No step opens the track `{track.key}`.")
        if track.opens_by is not ByHand.ACTIVITY and track.key in opened:
            yield scope.warning("track_opened_twice", where, f"The track `{track.key}` is opened by a step as well.")
        stays = any(definition.activity(key).stays_open for key in body(definition, track))
        if stays and not track.closes_on and not track.closed_by_hand and track.owner.value != "run":
            yield scope.error(
                "track_never_closes", where, f"Nothing closes the track `{track.key}`, whose form stays open."
            )
