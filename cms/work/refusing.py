"""A step that a safeguard refuses, in words: which, why, what to do now, and from whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from padwijzer.cms.work.step_words import helpers
from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.watching import CONSENT_IS_ASKED, Refusal, WayToKeep, ways_to_keep
from padwijzer.workflows.queries.step_outcomes import open_step
from padwijzer.workflows.queries.steps import StepInCase
from padwijzer.workflows.queries.timeline import role_words


def refusal_lines(step: StepInCase, refusals: Iterable[Refusal]) -> list[dict[str, Any]]:
    """Safeguards that stand in the way, each with why, where that comes from, and what would keep it."""
    return [
        {
            "text": it.safeguard.statement,
            "why": it.why,
            "source": it.safeguard.source,
            "must_be_verified": it.safeguard.verify,
            "may_deviate": it.safeguard.deviation,
            "ways": [_way(step, way) for way in ways_to_keep(step.release.plan, step.marking, it)],
            "consent_url": reverse("padwijzer:consent", args=[step.case.pk])
            if it.missing == CONSENT_IS_ASKED
            else "",
        }
        for it in refusals
    ]


def helpers_of(step: StepInCase, refusals: Iterable[Refusal]) -> list[dict[str, Any]]:
    """Who can help, those who do what is missing among them; for `components/people.html`."""
    plan = step.release.plan
    ways = (way for it in refusals for way in ways_to_keep(plan, step.marking, it))
    roles = {role for way in ways for role in plan.step(way.place.definition, way.place.activity).deciders}
    return helpers(step, roles)


def _way(step: StepInCase, way: WayToKeep) -> dict[str, Any]:
    plan = step.release.plan
    place = plan.step(way.place.definition, way.place.activity)
    found = open_step(step, way.run, way.place.activity) if way.run else None
    url = ""
    if found is not None and found.may_open:
        url = reverse("padwijzer:step_start", args=[found.task])
    elif way.track:
        url = reverse("padwijzer:tracks", args=[step.case.pk])
    return {
        "title": in_language(place.activity.title),
        "who": _("you")
        if found is not None and found.is_mine
        else found.who
        if found
        else role_words(place.deciders),
        "is_open": found is not None,
        "track": in_language(plan.tracks[way.track].track.title) if way.track else "",
        "url": url,
    }
