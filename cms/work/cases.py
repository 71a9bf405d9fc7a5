"""Pages: cases, one case, and its whole history in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from padwijzer.cms.work.doors import acting_of, case_of, door, page
from padwijzer.cms.work.members import worker_card
from padwijzer.cms.work.safeguard_words import consent_safeguard, contact_safeguard
from padwijzer.cms.work.wording import children_words, due_words, in_one_line, initials, one_page, short_day
from padwijzer.workflows.actions.record_look import record_look
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.history.describing import consequences, describe
from padwijzer.workflows.history.receipts import receipt
from padwijzer.workflows.history.timeline import PastEvent, events_of, latest_of
from padwijzer.workflows.queries import cases as reading
from padwijzer.workflows.queries.timeline import (
    CaseNames,
    EventSight,
    actors_in,
    doers,
    is_long_silence,
)

SIZE: Final = 25
LATEST: Final = 5
BLOCK: Final = 200
"""How many events of a history stand on one page; their places never move to another one."""
STATUSES: Final = (
    ("open", gettext_lazy("Open")),
    ("closed_with_follow_up", gettext_lazy("Closed, we keep in touch")),
    ("closed", gettext_lazy("Closed")),
)
KINDS: Final = {
    "child": gettext_lazy("child"),
    "parent": gettext_lazy("parent"),
    "family": gettext_lazy("family member"),
    "network": gettext_lazy("from their own network"),
}
DEADLINE_WORDS: Final = {
    "running": gettext_lazy("Runs"),
    "late": gettext_lazy("Too late"),
    "suspended": gettext_lazy("Stands still"),
    "waiting": gettext_lazy("The start is not known yet"),
}
DEADLINE_STATUS: Final = {"running": "busy", "late": "late", "suspended": "waiting", "waiting": "todo"}


@door("signed_in")
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The cases in which I am involved, the newest first."""
    acting = acting_of(request)
    wanted = request.GET.get("status", "")
    status = wanted if wanted in dict(STATUSES) else ""
    counts = reading.counts_by_status(acting.user, acting.today)
    visible = reading.cases_visible_to(acting.user, acting.today, status=status)
    rows = one_page(visible, request.GET.get("pagina", ""), SIZE)
    address = reverse("padwijzer:cases")
    query = f"status={status}&" if status else ""
    context = {
        "title": _("Cases"),
        "cards": [
            {
                "about": children_words(it.children),
                "number": it.case.number,
                "url": reverse("padwijzer:case", args=[it.case.pk]),
                "status": dict(STATUSES)[it.case.status],
                "is_open": it.case.status == "open",
                "opened_on": it.case.opened_on,
                "mine": it.mine,
            }
            for it in reading.case_cards(list(rows), acting.user, acting.today)
        ],
        "filters": [
            {
                "label": _("Status"),
                "options": [
                    {"label": _("All cases"), "url": address, "current": not status, "count": sum(counts.values())},
                    *(
                        {
                            "label": words,
                            "url": f"{address}?status={key}",
                            "current": status == key,
                            "count": counts.get(key, 0),
                        }
                        for key, words in STATUSES
                    ),
                ],
            }
        ],
        "pager": {
            "previous": f"{address}?{query}pagina={rows.number - 1}" if rows.has_previous() else "",
            "next": f"{address}?{query}pagina={rows.number + 1}" if rows.has_next() else "",
        },
        "status": status,
    }
    return page(request, "cases", context)


@door("case")
@require_safe
def case(request: HttpRequest, case: UUID) -> HttpResponse:
    """One case: what must be done now, who is who, the steps, what runs, the safeguards, what happened last."""
    acting = acting_of(request)
    found = case_of(request, case, looked_at="case")
    shown = reading.overview(found, acting.user, acting.at)
    to_do = [_to_do(it, acting.at) for it in shown.to_do]
    context = {
        "title": _("Case %(number)s") % {"number": found.number},
        "case": found,
        "heading": ", ".join(_family_words(it) for it in shown.family if it.kind == "child") or _("Family"),
        "status_words": dict(STATUSES)[found.status],
        "crumbs": [{"label": _("Cases"), "url": reverse("padwijzer:cases")}],
        "outside": shown.outside,
        "first": to_do[0] if to_do else None,
        "others": to_do[1:],
        "with_whom": [it for it in shown.steps if it.is_open and not it.may_do and it.who],
        "notices": [_notice(it) for it in shown.notices],
        "steps": [_step(it, shown) for it in shown.steps],
        "tracks": [(title, [_step(it, shown) for it in steps]) for title, steps in shown.tracks],
        "hidden_steps": shown.hidden_steps,
        "duties": [_duty(it, acting.today) for it in shown.duties],
        "deadlines": [_deadline(it, acting.at) for it in shown.deadlines],
        "professionals": [worker_card(it) for it in shown.professionals],
        "family": [_person(it) for it in shown.family],
        "hidden_people": shown.hidden_people,
        "safeguards": list(_safeguards(shown, acting.today)),
        "may_see_history": "see_history" in shown.allowed,
        "latest": list(_latest(shown)) if "see_history" in shown.allowed else [],
        "timeline_url": reverse("padwijzer:timeline", args=[found.pk]),
        "members_url": reverse("padwijzer:members", args=[found.pk]),
    }
    return page(request, "case", context)


@door("case")
@require_safe
def timeline(request: HttpRequest, case: UUID) -> HttpResponse:
    """The whole history of a case in words, by day, the newest first; each event keeps its place and its anchor."""
    acting = acting_of(request)
    found = case_of(request, case)
    sight = reading.history_sight(found, acting.user, acting.today)
    if not sight.is_allowed:
        raise Http404
    record_look(acting, found, "timeline")
    newest = latest_of(found.stream, 1)
    last = newest[0].seq // BLOCK if newest else 0
    wanted = request.GET.get("deel", "")
    block = min(int(wanted) - 1, last) if wanted.isdecimal() and len(wanted) < 6 and int(wanted) else last
    # What may be seen depends on the step and on whom it is about: it is decided below, for each value.
    events = events_of(found.stream, lambda _type, _name: True, after=block * BLOCK - 1, before=(block + 1) * BLOCK)
    told, hidden = _told(events, sight)
    address = reverse("padwijzer:timeline", args=[found.pk])
    context = {
        "title": _("History of case %(number)s") % {"number": found.number},
        "case": found,
        "days": told,
        "hidden": hidden,
        "crumbs": [
            {"label": _("Cases"), "url": reverse("padwijzer:cases")},
            {
                "label": _("Case %(number)s") % {"number": found.number},
                "url": reverse("padwijzer:case", args=[found.pk]),
            },
        ],
        "pager": {
            "previous": f"{address}?deel={block + 2}" if block < last else "",
            "next": f"{address}?deel={block}" if block else "",
        },
    }
    return page(request, "timeline", context)


# Steps and terms


def _to_do(it: reading.StepLine, at: datetime) -> dict[str, Any]:
    return {
        "title": it.title,
        "about": it.about,
        "url": reverse("padwijzer:step_start", args=[it.task]),
        "action": _("Go on") if it.is_begun else _("Begin"),
        "due": it.due,
        "due_words": due_words(it.due, at),
        "is_late": it.status == "late",
        "is_mine": it.is_mine,
        "delegate_url": reverse("padwijzer:delegate", args=[it.task]),
        "release_url": reverse("padwijzer:release", args=[it.task]) if it.is_mine else "",
        "claim_url": "" if it.is_mine else reverse("padwijzer:claim", args=[it.task]),
    }


def _step(it: reading.StepLine, shown: reading.Overview) -> dict[str, Any]:
    url = ""
    if it.may_do:
        url = reverse("padwijzer:step_start", args=[it.task])
    elif it.event is not None and not it.is_open and "see_history" in shown.allowed:
        url = event_url(shown.case.pk, it.event)
    return {"title": it.title, "url": url, "status": it.status, "detail": _step_detail(it)}


def _step_detail(it: reading.StepLine) -> str:
    parts = [it.part, it.about]
    if it.is_open:
        parts.append(_("with you") if it.is_mine else it.who)
        if it.due is not None:
            parts.append(_("before or on %(day)s") % {"day": short_day(local_day(it.due))})
    else:
        parts += [it.who, short_day(it.on) if it.on else ""]
    if it.times:
        parts.append(ngettext("filled in %(n)s time", "filled in %(n)s times", it.times) % {"n": it.times})
    return in_one_line(parts)


def _duty(it: reading.DutyLine, today: date) -> dict[str, Any]:
    parts = [it.about, _("before or on %(day)s") % {"day": short_day(it.due)} if it.due else ""]
    return {
        "title": it.title,
        "detail": in_one_line(parts),
        "status": "late" if it.due is not None and it.due < today else "todo",
    }


def _deadline(it: reading.DeadlineLine, at: datetime) -> dict[str, Any]:
    is_late = it.due is not None and it.due < at and it.state == "running"
    state = "late" if is_late else it.state
    return {
        "title": it.title,
        "status": DEADLINE_STATUS[state],
        "words": DEADLINE_WORDS[state],
        "why": it.why,
        "left": due_words(it.due, at) if state in ("running", "late") else "",
    }


def _notice(it: Any) -> dict[str, Any]:
    return {
        "kind": "warn" if it.kind == "alarm" else "info",
        "title": it.get_kind_display(),
        "text": it.text,
        "ground": it.ground,
        "done_url": f"{reverse('padwijzer:notice_done', args=[it.pk])}?naar=zaak",
    }


# Who is who


def _family_words(it: reading.FamilyMember) -> str:
    return it.name if it.age is None else _("%(name)s (%(age)s years)") % {"name": it.name, "age": it.age}


def _person(it: reading.FamilyMember) -> dict[str, Any]:
    words = str(KINDS[it.kind])
    if it.age is not None:
        words = _("%(kind)s, %(age)s years") % {"kind": words, "age": it.age}
    note = _("Has authority over %(names)s") % {"names": ", ".join(it.authority_over)} if it.authority_over else ""
    return {
        "name": it.name,
        "initials": initials(it.name),
        "role": words,
        "note": note,
        "phone": it.phone,
        "plain_phone": it.phone.replace(" ", ""),
    }


# Safeguards


def _safeguards(shown: reading.Overview, today: date) -> Iterator[dict[str, Any]]:
    contact = next((it.name for it in shown.professionals if it.is_contact), "")
    yield contact_safeguard(contact, is_chosen=shown.has_contact_person)
    consent_url = reverse("padwijzer:consent", args=[shown.case.pk])
    yield from (consent_safeguard(line, consent_url) for line in shown.consents)
    for deviation in shown.deviations:
        again = deviation.look_again_on
        is_past = again is not None and again < today
        yield {
            "title": _("Deviated from “%(step)s”") % {"step": deviation.step},
            "detail": _("Look again on %(day)s") % {"day": short_day(again)} if again and not is_past else "",
            "state": "deviated",
        }


# What happened


def event_url(case: UUID, seq: int) -> str:
    """Where an event stands in the history, for ever. Args: case: id of the case; seq: its place in the stream."""
    return f"{reverse('padwijzer:timeline', args=[case])}?deel={seq // BLOCK + 1}#gebeurtenis-{seq}"


def _latest(shown: reading.Overview) -> Iterator[dict[str, Any]]:
    events = latest_of(shown.case.stream, LATEST)
    names = CaseNames(
        shown.release,
        shown.file,
        runs=shown.runs,
        tasks=shown.tasks,
        actors=doers(actors_in(events), shown.memberships),
    )
    sight = EventSight(shown.file, shown.viewers, names, shown.subjects, shown.names())
    for event in events:
        if sight.may_know(event):
            yield {
                "title": describe(event.type, event.ref, names),
                "when": local_day(event.at),
                "who": names.actor(event.actor),
                "url": event_url(shown.case.pk, event.seq),
            }


def _told(events: Sequence[PastEvent], history: reading.HistorySight) -> tuple[list[dict[str, Any]], int]:
    """Events by day, the newest first, with silences of more than six weeks; and how many may not be known."""
    sight = history.seeing(actors_in(events))
    known = [event for event in events if sight.may_know(event)]
    days: list[dict[str, Any]] = []
    later: datetime | None = None
    for day, its_events in groupby(reversed(known), key=lambda event: local_day(event.at)):
        of_day = list(its_events)
        newest = of_day[0].at
        silence = ""
        if later is not None and is_long_silence(newest, later):
            weeks = (local_day(later) - day).days // 7
            silence = _("Nothing was written down for %(weeks)s weeks.") % {"weeks": weeks}
        days.append({"day": day, "entries": [_entry(event, sight) for event in of_day], "silence_after": silence})
        later = of_day[-1].at
    return days, len(events) - len(known)


def _entry(event: PastEvent, sight: EventSight) -> dict[str, Any]:
    names = sight.names
    doer = names.doer(event.actor)
    answers, withheld = sight.answers(event)
    deviation = sight.deviation(event)
    happened_on = event.ref.get("happened_on")
    day = local_day(event.at)
    who = ", ".join(part for part in (doer.name, doer.roles_on(day)) if part)
    return {
        "id": f"gebeurtenis-{event.seq}",
        "seq": event.seq,
        "at": event.at,
        "title": describe(event.type, event.ref, names),
        "who": who,
        "behalf": doer.organisation_on(day),
        "happened_on": date.fromisoformat(str(happened_on)) if happened_on else None,
        "followed": consequences(event.ref, names),
        "answers": answers,
        "withheld": withheld,
        "deviation": deviation,
        "receipt": receipt(event.hash),
    }


urlpatterns: list[URLPattern] = [
    path("zaken/", cases, name="cases"),
    path("zaken/<uuid:case>/", case, name="case"),
    path("zaken/<uuid:case>/tijdlijn/", timeline, name="timeline"),
]
