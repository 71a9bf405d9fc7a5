"""
Pages: my tasks, what waits for the team, and taking up, giving back and handing over.

Which tasks stand in a list is decided in `workflows/queries/inbox.py`; here is only how they look.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from padwijzer.cms.work.doors import acting_of, door, page, remember_task_count, task_of
from padwijzer.cms.work.wording import children_words, due_words, work_card
from padwijzer.forms.rendering import PadwijzerRenderer
from padwijzer.forms.widgets import choice_widget
from padwijzer.permissions.policies import may
from padwijzer.workflows.actions.claim_task import claim_task, delegate_task, release_task
from padwijzer.workflows.actions.close_notice import close_notice
from padwijzer.workflows.actions.discard_draft import discard_draft
from padwijzer.workflows.core.errors import Conflict
from padwijzer.workflows.queries import inbox as work
from padwijzer.workflows.queries.access import actor_of, involvement_of
from padwijzer.workflows.queries.members import colleagues_for
from padwijzer.workflows.queries.people import name_of

SIZE: Final = 50
POOL: Final = "te-verdelen"
GROUPS: Final = (
    (work.Group.LATE, gettext_lazy("Too late")),
    (work.Group.THIS_WEEK, gettext_lazy("This week")),
    (work.Group.LATER, gettext_lazy("Later")),
)


@door("signed_in")
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """My tasks; with `?lijst=te-verdelen` what waits for my team."""
    acting = acting_of(request)
    is_pool = request.GET.get("lijst") == POOL
    number = _page_number(request.GET.get("pagina", ""))
    read = work.pool if is_pool else work.inbox
    found = read(acting.user, acting.at, first=(number - 1) * SIZE, size=SIZE)
    remember_task_count(request, found.total)
    context = {
        "title": _("To be divided") if is_pool else _greeting(acting.at, found.total),
        "tabs": _tabs(found, is_pool=is_pool),
        "groups": () if is_pool else _groups(found, acting.at),
        "pool": [_pool_card(it, acting.at) for it in found.work] if is_pool else (),
        "is_pool": is_pool,
        "signals": [_signal(it, acting.at) for it in found.signals],
        "drafts": [_draft(it, acting.at) for it in found.drafts],
        "pager": _pager(found.waiting if is_pool else found.total, number, POOL if is_pool else ""),
    }
    return page(request, "tasks", context)


@door("task")
@require_POST
def claim(request: HttpRequest, task: int) -> HttpResponse:
    """Take up a task that waits for the team."""
    found = task_of(request, task)
    try:
        claim_task(acting_of(request), task)
    except Conflict as conflict:
        return _somebody_was_first(request, conflict)
    words = _("You have taken up “%(step)s”. It now stands with your tasks.")
    messages.success(request, words % {"step": work.title_of(found)})
    return HttpResponseRedirect(_back(request, found))


@door("task")
@require_POST
def release(request: HttpRequest, task: int) -> HttpResponse:
    """Give back a task; it waits for the team again."""
    found = task_of(request, task)
    try:
        release_task(acting_of(request), task)
    except Conflict as conflict:
        return _somebody_was_first(request, conflict)
    words = _("You have given back “%(step)s”. A colleague can take it up now.")
    messages.success(request, words % {"step": work.title_of(found)})
    return HttpResponseRedirect(_back(request, found))


class DelegateForm(django_forms.Form):
    """To whom a task is handed. Args: colleagues: who can be chosen."""

    default_renderer = PadwijzerRenderer

    def __init__(self, *args: Any, colleagues: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(user.pk), name_of(user)) for user in colleagues]
        self.fields["colleague"] = django_forms.ChoiceField(
            label=_("To whom do you hand it over?"),
            help_text=_("You see colleagues who work on this case and may do this step."),
            choices=choices,
            widget=choice_widget(choices),
            error_messages={
                "required": _("Choose a colleague."),
                "invalid_choice": _("Choose a colleague from the list."),
            },
        )


@door("task")
@require_http_methods(["GET", "HEAD", "POST"])
def delegate(request: HttpRequest, task: int) -> HttpResponse:
    """Hand a task over to a colleague."""
    acting = acting_of(request)
    found = task_of(request, task)
    involvement = involvement_of(found.case, request.user, acting.today, now=acting.at, task=found)
    if not may(actor_of(request.user, acting.today), "delegate_task", involvement):
        raise Http404
    colleagues = colleagues_for(found, acting.today, but=acting.user)
    form = DelegateForm(request.POST if request.method == "POST" else None, colleagues=colleagues)
    if form.is_valid():
        chosen = next(user for user in colleagues if str(user.pk) == form.cleaned_data["colleague"])
        try:
            delegate_task(acting, task, chosen)
        except Conflict as conflict:
            return _somebody_was_first(request, conflict)
        words = _("You have handed over “%(step)s”.")
        messages.success(request, words % {"step": work.title_of(found)})
        return HttpResponseRedirect(reverse("padwijzer:case", args=[found.case_id]))
    case_url = reverse("padwijzer:case", args=[found.case_id])
    context = {
        "title": _("Hand over “%(step)s”") % {"step": work.title_of(found)},
        "form": form,
        "has_errors": bool(form.errors),
        "colleagues": colleagues,
        "case": found.case,
        "case_url": case_url,
        "crumbs": [
            {"label": _("Cases"), "url": reverse("padwijzer:cases")},
            {"label": _("Case %(number)s") % {"number": found.case.number}, "url": case_url},
        ],
    }
    return page(request, "delegate", context, status=422 if form.errors else 200)


@door("signed_in")
@require_POST
def notice_done(request: HttpRequest, notice: int) -> HttpResponse:
    """Mark an alarm, a to-do or a message as done."""
    closed = close_notice(acting_of(request), notice)
    messages.success(request, _("Marked as done."))
    if request.GET.get("naar") == "zaak":
        return HttpResponseRedirect(reverse("padwijzer:case", args=[closed.case_id]))
    return HttpResponseRedirect(reverse("padwijzer:tasks"))


@door("signed_in")
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, draft: int) -> HttpResponse:
    """Throw away what one typed for a step that somebody else does or did; asks once whether that is meant."""
    acting = acting_of(request)
    if request.method == "POST":
        gone = discard_draft(acting, draft)
        messages.success(request, _("Your draft of “%(step)s” was thrown away.") % {"step": work.title_of(gone.task)})
        return HttpResponseRedirect(reverse("padwijzer:tasks"))
    found = work.lost_draft(acting.user, acting.at, draft)
    if found is None:
        raise Http404
    context = {
        "title": _("Throw away this draft?"),
        "draft": _draft(found, acting.at),
        "crumbs": [{"label": _("My tasks"), "url": reverse("padwijzer:tasks")}],
    }
    return page(request, "discard", context)


# How it looks


def _greeting(at: datetime, total: int) -> str:
    hour = timezone.localtime(at).hour
    hello = _("Good morning.") if hour < 12 else _("Good afternoon.") if hour < 18 else _("Good evening.")
    count = ngettext("You have %(n)s task.", "You have %(n)s tasks.", total) % {"n": total}
    return " ".join((hello, count if total else _("You have no tasks.")))


def _tabs(found: work.Inbox, *, is_pool: bool) -> list[dict[str, Any]]:
    address = reverse("padwijzer:tasks")
    return [
        {"label": _("My tasks"), "url": address, "current": not is_pool, "count": found.total},
        {"label": _("To be divided"), "url": f"{address}?lijst={POOL}", "current": is_pool, "count": found.waiting},
    ]


def _groups(found: work.Inbox, at: datetime) -> list[dict[str, Any]]:
    groups = []
    for group, words in GROUPS:
        cards = [
            work_card(
                it, at, reverse("padwijzer:step_start", args=[it.task]), _("Go on") if it.is_begun else _("Begin")
            )
            for it in found.work
            if it.group is group
        ]
        if cards:
            groups.append({"title": words, "cards": cards})
    return groups


def _pool_card(it: work.Work, at: datetime) -> dict[str, Any]:
    address = reverse("padwijzer:claim", args=[it.task])
    return work_card(it, at, f"{address}?naar=lijst", _("Take up"))


def _signal(it: work.Signal, at: datetime) -> dict[str, Any]:
    notice = it.notice
    due = notice.due if it.is_work and not it.is_alarm else None
    return {
        "is_alarm": it.is_alarm,
        "kind_words": notice.get_kind_display(),
        "text": notice.text,
        "ground": notice.ground,
        "about": children_words(it.children),
        "number": it.number,
        "case_url": reverse("padwijzer:case", args=[notice.case_id]),
        "due": due,
        "due_words": due_words(due, at),
        "is_late": due is not None and due < at,
        "done_url": reverse("padwijzer:notice_done", args=[notice.pk]),
        "done_words": pgettext("mark as done", "Done") if it.is_work else _("I have read this"),
    }


def _draft(it: work.LostDraft, at: datetime) -> dict[str, Any]:
    return {
        "title": it.work.title,
        "about": children_words(it.work.children),
        "number": it.work.number,
        "case_url": reverse("padwijzer:case", args=[it.work.case]),
        "lost": it.lost,
        "saved_at": it.saved_at,
        "typed": [{"key": question, "value": words} for question, words in it.typed],
        "url": "" if it.lost else reverse("padwijzer:step_start", args=[it.work.task]),
        "discard_url": reverse("padwijzer:discard", args=[it.draft]),
    }


def _page_number(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1


def _pager(total: int, number: int, lijst: str) -> dict[str, str]:
    """Addresses of the page before and after this one; empty where there is none."""
    address = reverse("padwijzer:tasks")

    def to(other: int) -> str:
        return f"{address}?{urlencode({**({'lijst': lijst} if lijst else {}), 'pagina': other})}"

    return {
        "previous": to(number - 1) if number > 1 else "",
        "next": to(number + 1) if number * SIZE < total else "",
    }


def _somebody_was_first(request: HttpRequest, conflict: Conflict) -> HttpResponse:
    """Nothing was typed here, so nothing is said about what was kept."""
    context = {"conflict": conflict, "title": conflict.sentence, "nothing_typed": True}
    return page(request, "conflict", context, status=409)


def _back(request: HttpRequest, task: Any) -> str:
    match request.GET.get("naar"):
        case "lijst":
            return f"{reverse('padwijzer:tasks')}?lijst={POOL}"
        case "zaak":
            return reverse("padwijzer:case", args=[task.case_id])
        case "stap":
            return reverse("padwijzer:step_start", args=[task.pk])
        case _:
            return reverse("padwijzer:tasks")


urlpatterns: list[URLPattern] = [
    path("", tasks, name="tasks"),
    path("taken/<int:task>/opnemen/", claim, name="claim"),
    path("taken/<int:task>/teruggeven/", release, name="release"),
    path("taken/<int:task>/overdragen/", delegate, name="delegate"),
    path("kladversies/<int:draft>/weggooien/", discard, name="discard"),
    path("meldingen/<int:notice>/gedaan/", notice_done, name="notice_done"),
]
