"""What watches over a running case: the safeguards of its release, and the steps that it did before."""

from __future__ import annotations

import json
from functools import lru_cache

from padwijzer.workflows.core.definition import Obligation
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.watching import Watch, WatchedStep, recorded_steps
from padwijzer.workflows.models import Case, Event
from padwijzer.workflows.queries.releases import RunningRelease


@lru_cache(maxsize=64)
def watch_of(release: RunningRelease) -> Watch:
    """What watches over the cases of a release, made once in a process."""
    return Watch(release.plan, release.pack)


def past_steps(case: Case) -> tuple[WatchedStep, ...]:
    """The steps that a case did, as its history says; one query."""
    envelopes = Event.objects.filter(stream=case.stream).order_by("seq").values_list("envelope", flat=True)
    return tuple(recorded_steps((it["type"], it["ref"]) for it in map(json.loads, envelopes)))


def needs_reason(release: RunningRelease, place: Place, obligation: Obligation) -> bool:
    """
    Whether skipping a step needs a reason: it is policy, or stands for what a safeguard asks.

    Args:
        release: of the case.
        place: the step.
        obligation: how binding it is there.
    """
    return obligation is Obligation.POLICY or watch_of(release).wants_reason(place.definition, place.activity)
