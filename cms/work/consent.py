"""Page: consent. Who must say yes to which help and why, what each of them said, and how that was on any day."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final
from uuid import UUID

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from padwijzer.cms.work.doors import acting_of, case_of, door, form_key, page
from padwijzer.forms.date_fields import DateBoxesField
from padwijzer.forms.rendering import PadwijzerRenderer
from padwijzer.forms.widgets import DateBoxes, LongText
from padwijzer.workflows.actions.withdraw_consent import withdraw_consent
from padwijzer.workflows.core.consent import ConsentState, PersonConsent, Substitute, Why
from padwijzer.workflows.models import Case
from padwijzer.workflows.queries import consents as reading

AS_OF: Final = ("op__day", "op__month", "op__year")
"""Names in the address of the day on which consent is shown."""
LONGEST: Final = 4_000
TAKEN_BACK_FROM: Final = (ConsentState.COMPLETE, ConsentState.PARTLY)
"""How consent stands while there is something to take back."""
WHY: Final = {
    Why.AUTHORITY_UNDER_12: gettext_lazy(
        "%(receiver)s is younger than 12. Then the people who have authority decide."
    ),
    Why.YOUTH_12_TO_15: gettext_lazy("%(receiver)s is 12 to 15 years old and decides too."),
    Why.AUTHORITY_12_TO_15: gettext_lazy(
        "%(receiver)s is 12 to 15 years old. Then the people who have authority decide too."
    ),
    Why.AUTHORITY_CANNOT_WEIGH: gettext_lazy(
        "%(receiver)s cannot weigh this well enough. Then the people who have authority decide."
    ),
    Why.YOUTH_FROM_16: gettext_lazy("%(receiver)s is 16 years or older and decides alone."),
    Why.ADULT: gettext_lazy("This help is for %(receiver)s. An adult decides alone."),
    Why.REPRESENTATIVE: gettext_lazy(
        "%(receiver)s cannot weigh this well enough. Then a legal representative decides."
    ),
    Why.YOUTH_AGE_UNKNOWN: gettext_lazy(
        "We do not know how old %(receiver)s is. That is why we ask %(receiver)s too."
    ),
    Why.AUTHORITY_AGE_UNKNOWN: gettext_lazy(
        "We do not know how old %(receiver)s is. That is why we also ask the people who have authority."
    ),
}
SUBSTITUTES: Final = {
    Substitute.CONSIDERED_WISH: gettext_lazy("The young person thought about it well and keeps wanting this help."),
    Substitute.SERIOUS_HARM: gettext_lazy("Without this help the child would be seriously harmed."),
    Substitute.COURT: gettext_lazy("The court decided in place of this person."),
}
ANSWERS: Final = {
    "akkoord": gettext_lazy("Said yes"),
    "deels": gettext_lazy("Said yes to a part"),
    "nee": gettext_lazy("Said no"),
    "niet_bereikt": gettext_lazy("Was not reached"),
}
MANNERS: Final = {
    "gesprek": gettext_lazy("in a talk"),
    "brief": gettext_lazy("in a letter"),
    "app": gettext_lazy("in a message"),
}
STATES: Final = {
    ConsentState.NOT_ASKED: ("todo", gettext_lazy("Not asked yet")),
    ConsentState.PARTLY: ("waiting", gettext_lazy("Not complete yet")),
    ConsentState.COMPLETE: ("done", gettext_lazy("Complete")),
    ConsentState.REFUSED: ("late", gettext_lazy("Somebody said no")),
    ConsentState.WITHDRAWN: ("late", gettext_lazy("Withdrawn")),
    ConsentState.ENDED: ("waiting", gettext_lazy("Ask again")),
}
"""State to a status that `components/status.html` knows, and its words."""
MEANS: Final = {
    ConsentState.NOT_ASKED: gettext_lazy("This help does not start before everybody below was asked and said yes."),
    ConsentState.PARTLY: gettext_lazy("Not everybody said yes yet. Voluntary help waits for that."),
    ConsentState.REFUSED: gettext_lazy("Somebody said no. Talk about it together: what would be good then?"),
    ConsentState.WITHDRAWN: gettext_lazy("Somebody withdrew the consent. Talk about it together: what now?"),
    ConsentState.ENDED: gettext_lazy("The case was closed in between. Consent must be asked again."),
}


SHARED_TOO: Final = frozenset({ConsentState.COMPLETE, ConsentState.REFUSED, ConsentState.WITHDRAWN})
"""States whose meaning is the same for help and for sharing information."""


class DayForm(django_forms.Form):
    """
    On which day to look.

    Args:
        data: what was sent; None shows the form.
        today: the last day that can be chosen.
        day: what stands in the boxes at first.
    """

    default_renderer = PadwijzerRenderer

    op = DateBoxesField(label=gettext_lazy("Day"), required=True, widget=DateBoxes())

    def __init__(self, data: Any, *, today: date, day: date) -> None:
        super().__init__(data, initial={"op": day})
        self.today = today

    def clean_op(self) -> date:
        """No day that still has to come."""
        day: date = self.cleaned_data["op"]
        if day > self.today:
            raise ValidationError(_("This day still has to come. Choose today or an earlier day."))
        return day


class WithdrawalForm(django_forms.Form):
    """Somebody takes consent back: why, when he wants to say that."""

    default_renderer = PadwijzerRenderer

    words = django_forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("In the own words. Nobody has to say this."),
        max_length=LONGEST,
        required=False,
        widget=LongText(rows=4),
    )


@door("case")
@require_safe
def consent(request: HttpRequest, case: UUID) -> HttpResponse:
    """Consent to each help, and what each person said; with a day in the address as it was on that day."""
    acting = acting_of(request)
    found = case_of(request, case, looked_at="consent")
    is_asked = any(request.GET.get(name, "").strip() for name in AS_OF)
    form = DayForm(request.GET if is_asked else None, today=acting.today, day=acting.today)
    day = form.cleaned_data["op"] if form.is_valid() else acting.today
    shown = reading.ConsentInCase(found, acting.user, acting.today, day)
    is_past = day < acting.today
    withdraws = not is_past and found.status != found.Status.CLOSED
    items = [_item(it, shown, withdraws=withdraws) for it in shown.asked()]
    context = {
        **_frame(found),
        "title": _("Consent"),
        "items": [it for it in items if not it["is_over"]],
        "over": [it for it in items if it["is_over"]],
        "day": day,
        "is_past": is_past,
        "consent_url": reverse("padwijzer:consent", args=[found.pk]),
        "family_url": reverse("padwijzer:family", args=[found.pk]),
        "withdraw_url": next((it["start_url"] for it in items if it["start_url"]), ""),
        "form": form,
        "has_errors": bool(form.errors),
    }
    return page(request, "consent", context, status=422 if form.errors else 200)


@door("case")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, case: UUID, subject: UUID, person: UUID) -> HttpResponse:
    """Somebody takes back what he said yes to: one page, one button."""
    acting = acting_of(request)
    found = case_of(request, case, looked_at="consent")
    shown = reading.ConsentInCase(found, acting.user, acting.today, acting.today)
    row = shown.file.row(str(subject))
    register = "" if row is None else row.register
    how = shown.withdrawal(register)
    if how is None or not shown.may_withdraw(register):
        raise Http404
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        done = withdraw_consent(
            acting,
            found.pk,
            how,
            str(subject),
            str(person),
            words=form.cleaned_data["words"],
            form_key=request.POST.get("form_key", "")[:36],
        )
        return HttpResponseRedirect(reverse("padwijzer:step_done", args=[done.task]))
    asked, voice = _given(shown, str(subject), str(person))
    context = {
        **_frame(found),
        "title": _("Take consent back"),
        "who": voice.person,
        "what": _title(asked),
        "for_whom": ", ".join(asked.for_whom),
        "form": form,
        "form_key": form_key(),
        "back_url": reverse("padwijzer:consent", args=[found.pk]),
    }
    return page(request, "withdraw", context, status=422 if form.errors else 200)


def _given(shown: reading.ConsentInCase, subject: str, person: str) -> tuple[reading.Asked, reading.Voice]:
    """What somebody said yes to, and how. Raises: Http404 where nothing can be taken back."""
    for asked in shown.asked():
        for voice in asked.voices:
            if asked.id == subject and voice.stands.need.person == person and _can_be_taken_back(asked, voice):
                return asked, voice
    raise Http404


def _can_be_taken_back(asked: reading.Asked, voice: reading.Voice) -> bool:
    is_own = voice.stands.is_given and voice.stands.replaced_by is None
    return is_own and voice.may_see and not asked.is_over and asked.consent.state in TAKEN_BACK_FROM


def _frame(case: Case) -> dict[str, Any]:
    number = _("Case %(number)s") % {"number": case.number}
    return {
        "case": case,
        "crumbs": [
            {"label": _("Cases"), "url": reverse("padwijzer:cases")},
            {"label": number, "url": reverse("padwijzer:case", args=[case.pk])},
        ],
    }


def _item(it: reading.Asked, shown: reading.ConsentInCase, *, withdraws: bool) -> dict[str, Any]:
    """One thing for which consent is asked. Args: withdraws: whether consent can be taken back on this page."""
    case, may_withdraw = shown.case, shown.may_withdraw(it.register)
    is_given = not it.is_over and any(voice.stands.is_given for voice in it.voices)
    has_way = withdraws and shown.withdrawal(it.register) is not None
    status, words = STATES[it.consent.state]
    means = MEANS.get(it.consent.state, "")
    if it.consent.state is ConsentState.COMPLETE and it.consent.completed_on is not None:
        day = formats.date_format(it.consent.completed_on, "j F Y")
        means = _("Everybody who must agree said yes, since %(day)s.") % {"day": day}
    is_complete = it.consent.state is ConsentState.COMPLETE
    return {
        "id": it.id,
        "title": _title(it),
        "for_whom": ", ".join(it.for_whom),
        "status": status,
        "words": words,
        "means": "" if it.is_over or (it.register == "sharing" and it.consent.state not in SHARED_TOO) else means,
        "shared": it.what if it.register == "sharing" else "",
        "is_over": it.is_over,
        "until": it.until,
        "start_url": reverse("padwijzer:track_start", args=[case.pk, *reading.WITHDRAW[it.register]])
        if has_way and is_given and not may_withdraw
        else "",
        "ask_again": ", ".join(it.ask_again) if is_complete and not it.is_over else "",
        "voices": [
            {**_voice(voice), "withdraw_url": _withdraw_url(case if has_way and may_withdraw else None, it, voice)}
            for voice in it.voices
        ],
        "nobody": not it.voices,
    }


def _withdraw_url(case: Case | None, it: reading.Asked, voice: reading.Voice) -> str:
    if case is None or not _can_be_taken_back(it, voice):
        return ""
    return reverse("padwijzer:withdraw", args=[case.pk, it.id, voice.stands.need.person])


def _title(it: reading.Asked) -> str:
    match it.register:
        case "placement":
            return _("Living somewhere else")
        case "sharing":
            return _("Sharing information with %(name)s") % {"name": it.with_whom or _("somebody")}
        case _:
            return it.what


def _voice(it: reading.Voice) -> dict[str, Any]:
    stands = it.stands
    status, words = _status(stands) if it.may_see else ("waiting", _("Not visible to you"))
    receiver = it.receiver or _("The child")
    return {
        "person": it.person or (_("Nobody") if not stands.need.person else _("Somebody whose name you cannot see")),
        "is_nobody": not stands.need.person,
        "why": WHY[stands.need.why] % {"receiver": receiver},
        "ground": _law(stands.ground),
        "status": status,
        "words": words,
        "said": _said(it) if it.may_see else "",
        "own_words": it.own_words if it.may_see else "",
    }


def _law(ground: str) -> str:
    """The law of a ground, without our own numbers of rules: a family does not know those."""
    parts = (part.strip() for part in ground.split(";"))
    return "; ".join(part for part in parts if not re.match("[CR][0-9]", part))


def _status(stands: PersonConsent) -> tuple[str, Any]:
    if stands.replaced_by is not None:
        return "done", pgettext_lazy("consent", "Replaced")
    if stands.withdrawn:
        return "late", pgettext_lazy("consent", "Withdrawn")
    match stands.answer:
        case "akkoord":
            return "done", pgettext_lazy("consent", "Yes")
        case "deels":
            return "done", pgettext_lazy("consent", "Yes, in part")
        case "nee":
            return "late", pgettext_lazy("consent", "No")
        case "niet_bereikt":
            return "waiting", pgettext_lazy("consent", "Not reached")
        case _:
            return "todo", pgettext_lazy("consent", "Not asked yet")


def _said(it: reading.Voice) -> str:
    """What somebody said, on which day and how; or what stands in its place and who decided that."""
    stands = it.stands
    if stands.on is None:
        return ""
    day = formats.date_format(stands.on, "j F Y")
    if stands.replaced_by is not None:
        why = str(SUBSTITUTES[stands.replaced_by])
        if not it.decided_by:
            return _("%(why)s Decided on %(day)s.") % {"why": why, "day": day}
        return _("%(why)s Decided on %(day)s by %(who)s.") % {"why": why, "day": day, "who": it.decided_by}
    what = gettext_lazy("Withdrew the consent") if stands.withdrawn else ANSWERS.get(stands.answer, "")
    how = MANNERS.get(it.manner)
    if how is None:
        return _("%(what)s on %(day)s.") % {"what": what, "day": day}
    return _("%(what)s on %(day)s, %(how)s.") % {"what": what, "day": day, "how": how}


urlpatterns: list[URLPattern] = [
    path("zaken/<uuid:case>/toestemming/", consent, name="consent"),
    path("zaken/<uuid:case>/toestemming/<uuid:subject>/<uuid:person>/intrekken/", withdraw, name="withdraw"),
]
