"""Pages: who works on a case, asking somebody in, and ending an involvement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from padwijzer.cms.work.doors import acting_of, case_of, door, page
from padwijzer.cms.work.wording import initials
from padwijzer.forms.date_fields import DateBoxesField
from padwijzer.forms.rendering import PadwijzerRenderer
from padwijzer.forms.widgets import ShortText, choice_widget
from padwijzer.permissions.policies import may
from padwijzer.workflows.actions.add_member import add_member, end_membership
from padwijzer.workflows.queries.access import actor_of, involvement_of
from padwijzer.workflows.queries.cases import Professional
from padwijzer.workflows.queries.members import (
    CONTACT,
    Candidate,
    candidates_of,
    membership_of,
    organisations_to_ask,
    working_on,
)
from padwijzer.workflows.queries.people import name_of
from padwijzer.workflows.queries.timeline import role_words

LONGEST_REASON = 300


class AddForm(django_forms.Form):
    """Who is asked in, and why. Args: candidates: who can be chosen."""

    default_renderer = PadwijzerRenderer

    def __init__(self, *args: Any, candidates: Sequence[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(it.assignment), it.words) for it in candidates]
        self.fields["who"] = django_forms.ChoiceField(
            label=_("Who will work on this case?"),
            choices=choices,
            widget=choice_widget(choices),
            error_messages={
                "required": _("Choose a colleague."),
                "invalid_choice": _("Choose a colleague from the list."),
            },
        )
        self.fields["reason"] = django_forms.CharField(
            label=_("Why?"),
            help_text=_("One sentence is enough. The family can read it."),
            required=False,
            max_length=LONGEST_REASON,
            widget=ShortText(size="full"),
            error_messages={"max_length": _("Use at most 300 characters.")},
        )


class EndForm(django_forms.Form):
    """The last day of an involvement. Args: since: its first day."""

    default_renderer = PadwijzerRenderer
    until = DateBoxesField()

    def __init__(self, *args: Any, since: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since = since
        self.fields["until"].label = _("What is the last day?")
        self.fields["until"].help_text = _("After this day this person no longer sees the case.")

    def clean_until(self) -> date:
        """The day, not before the first one."""
        until: date = self.cleaned_data["until"]
        if until < self.since:
            raise ValidationError(_("Choose a day on or after the first day."), params={"part": "day"})
        return until


@door("case")
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest, case: UUID) -> HttpResponse:
    """Who works on a case; somebody can be asked in. `?organisatie=` chooses where that person works."""
    acting = acting_of(request)
    found = case_of(request, case)
    working = working_on(found, acting.today)
    may_manage = _may_manage(request, found)
    if request.method == "POST" and not may_manage:
        raise Http404
    organisations = list(organisations_to_ask(acting.today)) if may_manage else []
    chosen = next(
        (it for it in organisations if str(it.pk) == request.GET.get("organisatie", "")),
        next((it for it in organisations if it.pk == found.organisation_id), None),
    )
    candidates = candidates_of(chosen, working, acting.today) if chosen else ()
    form = AddForm(request.POST if request.method == "POST" else None, candidates=candidates)
    if form.is_valid():
        candidate = next(it for it in candidates if str(it.assignment) == form.cleaned_data["who"])
        add_member(acting, found.pk, candidate.user, candidate.role, reason=form.cleaned_data["reason"])
        messages.success(request, _("A colleague was added to this case."))
        return HttpResponseRedirect(reverse("padwijzer:members", args=[found.pk]))
    address = reverse("padwijzer:members", args=[found.pk])
    context = {
        "title": _("Who works on this case"),
        "case": found,
        "crumbs": _crumbs(found),
        "members": [_member(it, found.pk, may_manage=may_manage) for it in working],
        "may_manage": may_manage,
        "form": form if may_manage and candidates else None,
        "has_errors": bool(form.errors),
        "filters": [
            {
                "label": _("Where does this person work?"),
                "options": [
                    {
                        "label": it.name,
                        "url": f"{address}?organisatie={it.pk}#toevoegen",
                        "current": chosen is not None and it.pk == chosen.pk,
                    }
                    for it in organisations
                ],
            }
        ],
    }
    return page(request, "members", context, status=422 if form.errors else 200)


@door("case")
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, case: UUID, membership: int) -> HttpResponse:
    """End an involvement on a day."""
    acting = acting_of(request)
    found = case_of(request, case)
    member = membership_of(found, membership, acting.today)
    if member is None or not _may_manage(request, found):
        raise Http404
    posted = request.POST if request.method == "POST" else None
    form = EndForm(posted, since=member.since, initial={"until": acting.today.isoformat()})
    if form.is_valid():
        end_membership(acting, member, form.cleaned_data["until"])
        messages.success(request, _("The involvement ends on the day you chose."))
        return HttpResponseRedirect(reverse("padwijzer:members", args=[found.pk]))
    context = {
        "title": _("End an involvement"),
        "case": found,
        "form": form,
        "has_errors": bool(form.errors),
        "who": name_of(member.user),
        "role": role_words([member.role]),
        "is_contact": member.role == CONTACT,
        "crumbs": [
            *_crumbs(found),
            {"label": _("Who works on this case"), "url": reverse("padwijzer:members", args=[found.pk])},
        ],
    }
    return page(request, "end_membership", context, status=422 if form.errors else 200)


def _may_manage(request: HttpRequest, case: Any) -> bool:
    acting = acting_of(request)
    involvement = involvement_of(case, request.user, acting.today, now=acting.at)
    return bool(may(actor_of(request.user, acting.today), "manage_members", involvement))


def _member(it: Any, case: UUID, *, may_manage: bool) -> dict[str, Any]:
    is_contact = it.role == CONTACT
    can_end = may_manage and not is_contact
    return {
        "name": name_of(it.user),
        "initials": initials(name_of(it.user)),
        "role": role_words([it.role]),
        "organisation": it.organisation.name if it.organisation else "",
        "is_contact": is_contact,
        "since": it.since,
        "until": it.until,
        "reason": it.reason,
        "end_url": reverse("padwijzer:end_membership", args=[case, it.pk]) if can_end else "",
    }


def worker_card(it: Professional) -> dict[str, Any]:
    """Somebody who works on a case, for `components/people.html`."""
    return {
        "name": it.name,
        "initials": initials(it.name),
        "role": it.roles,
        "organisation": it.organisation,
        "is_contact": it.is_contact,
        "phone": it.phone,
        "plain_phone": it.phone.replace(" ", ""),
    }


def _crumbs(case: Any) -> list[dict[str, Any]]:
    return [
        {"label": _("Cases"), "url": reverse("padwijzer:cases")},
        {"label": _("Case %(number)s") % {"number": case.number}, "url": reverse("padwijzer:case", args=[case.pk])},
    ]


urlpatterns: list[URLPattern] = [
    path("zaken/<uuid:case>/wie/", members, name="members"),
    path("zaken/<uuid:case>/wie/<int:membership>/einde/", end, name="end_membership"),
]
