"""Pages: what can be started in a case at any time, such as taking back consent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from padwijzer.cms.work.doors import acting_of, case_of, door, page
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.models import Case
from padwijzer.workflows.queries.inbox import PERSON_TASK
from padwijzer.workflows.queries.tracks import About, Startable, startable

MOST_BUTTONS = 6
"""Of how many rows each has its own button in the list; with more of them they are chosen on a page of their own."""


@door("case")
@require_safe
def tracks(request: HttpRequest, case: UUID) -> HttpResponse:
    """What can be started now, each with a sentence."""
    acting = acting_of(request)
    found = case_of(request, case, looked_at="case")
    items = [_item(found, it) for it in startable(found, acting.user, acting.at)]
    return page(request, "tracks", {**_frame(found), "title": _("What do you want to start?"), "items": items})


@door("case")
@require_http_methods(["GET", "HEAD", "POST"])
def track_start(request: HttpRequest, case: UUID, definition: str, track: str) -> HttpResponse:
    """Choose about what, where there is a choice; posting starts it and opens its first step."""
    acting = acting_of(request)
    found = case_of(request, case)
    wanted = next(
        (it for it in startable(found, acting.user, acting.at) if (it.definition, it.key) == (definition, track)),
        None,
    )
    if wanted is None:
        return _not_now(request, found)
    if request.method == "POST":
        chosen = _chosen(wanted, request.POST.get("subject", ""))
        if chosen is not None:
            return _start(request, found, wanted, chosen)
    context = {
        **_frame(found),
        "title": wanted.title,
        "track": wanted,
        "item": _item(found, wanted),
        "has_errors": request.method == "POST",
        "errors": [{"message": _("Choose what it is about."), "href": "#id_subject_0"}]
        if request.method == "POST"
        else [],
    }
    return page(request, "track_start", context, status=422 if request.method == "POST" else 200)


def _start(request: HttpRequest, case: Case, wanted: Startable, about: About) -> HttpResponse:
    if about.task is not None:
        return HttpResponseRedirect(reverse("padwijzer:step_start", args=[about.task]))
    opened = open_track(acting_of(request), case.pk, wanted.definition, wanted.key, subject=about.subject)
    step = next((it for it in opened if it.flow_task_type == PERSON_TASK), None)
    if step is None:
        return HttpResponseRedirect(reverse("padwijzer:case", args=[case.pk]))
    return HttpResponseRedirect(reverse("padwijzer:step_start", args=[step.pk]))


def _not_now(request: HttpRequest, case: Case) -> HttpResponse:
    """A track that exists and is not possible now is said to be; what does not exist is unknown."""
    context = {**_frame(case), "title": _("This cannot be started now.")}
    return page(request, "track_not_now", context, status=404)


def _chosen(wanted: Startable, subject: str) -> About | None:
    if len(wanted.about) == 1 and subject in ("", wanted.about[0].subject):
        return wanted.about[0]
    return next((it for it in wanted.about if it.subject == subject), None)


def _item(case: Case, it: Startable) -> dict[str, Any]:
    url = reverse("padwijzer:track_start", args=[case.pk, it.definition, it.key])
    minutes = ngettext("about %(n)s minute", "about %(n)s minutes", it.minutes) % {"n": it.minutes}
    return {
        "title": it.title,
        "sentence": it.sentence,
        "minutes": minutes if it.minutes else "",
        "url": url,
        "name": f"{it.definition}-{it.key}".lower(),
        "has_choice": len(it.about) > 1,
        "is_long": len(it.about) > MOST_BUTTONS,
        "rows": [
            {
                "subject": about.subject,
                "words": about.words,
                "go_on_url": reverse("padwijzer:step_start", args=[about.task]) if about.task else "",
            }
            for about in it.about
        ],
    }


def _frame(case: Case) -> dict[str, Any]:
    number = _("Case %(number)s") % {"number": case.number}
    case_url = reverse("padwijzer:case", args=[case.pk])
    return {
        "case": case,
        "case_url": case_url,
        "case_words": number,
        "tracks_url": reverse("padwijzer:tracks", args=[case.pk]),
        "crumbs": [{"label": _("Cases"), "url": reverse("padwijzer:cases")}, {"label": number, "url": case_url}],
    }


urlpatterns: list[URLPattern] = [
    path("zaken/<uuid:case>/starten/", tracks, name="tracks"),
    path("zaken/<uuid:case>/starten/<str:definition>/<str:track>/", track_start, name="track_start"),
]
