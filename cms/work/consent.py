"""Page: consent. Who must say yes to which help and why, what each of them said, and how that was on any day."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from padwijzer.cms.work.doors import acting_of, case_of, door, page
from padwijzer.workflows.core.consent import ConsentState, PersonConsent, Substitute, Why
from padwijzer.workflows.queries import consents as reading

AS_OF: Final = "op"
"""Name in the address of the day on which consent is shown, as `2026-11-21`."""
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


@door("case")
@require_safe
def consent(request: HttpRequest, case: UUID) -> HttpResponse:
    """Consent to each help, and what each person said; with `?op=2026-11-21` as it was on that day."""
    acting = acting_of(request)
    found = case_of(request, case, looked_at="consent")
    asked_day, error = _day(request.GET.get(AS_OF, ""), acting.today)
    day = asked_day or acting.today
    shown = reading.ConsentInCase(found, acting.user, acting.today, day)
    items = [_item(it) for it in shown.asked()]
    context = {
        "title": _("Consent"),
        "case": found,
        "crumbs": [
            {"label": _("Cases"), "url": reverse("padwijzer:cases")},
            {
                "label": _("Case %(number)s") % {"number": found.number},
                "url": reverse("padwijzer:case", args=[found.pk]),
            },
        ],
        "items": [it for it in items if not it["is_over"]],
        "over": [it for it in items if it["is_over"]],
        "day": day,
        "today": acting.today,
        "is_past": day < acting.today,
        "consent_url": reverse("padwijzer:consent", args=[found.pk]),
        "family_url": reverse("padwijzer:family", args=[found.pk]),
        "withdraw_url": reverse("padwijzer:track_start", args=[found.pk, *reading.WITHDRAW])
        if shown.can_be_withdrawn and any(it["is_given"] for it in items)
        else "",
        "error": error,
        "errors": [{"message": error, "href": "#id_op"}] if error else [],
        "has_errors": bool(error),
    }
    return page(request, "consent", context, status=422 if error else 200)


def _day(text: str, today: date) -> tuple[date | None, str]:
    """The day in the address, or what is wrong with it; nothing when none was asked for."""
    if not text.strip():
        return None, ""
    try:
        day = date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        day = None
    if day is None:
        return None, _("This is no date. Choose a day, or write it as year-month-day: %(example)s.") % {
            "example": today.isoformat()
        }
    if day > today:
        return None, _("This day still has to come. Choose today or an earlier day.")
    return day, ""


def _item(it: reading.Asked) -> dict[str, Any]:
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
        "means": "" if it.is_over else means,
        "is_over": it.is_over,
        "is_given": not it.is_over and any(voice.stands.is_given for voice in it.voices),
        "ask_again": ", ".join(it.ask_again) if is_complete and not it.is_over else "",
        "voices": [_voice(voice) for voice in it.voices],
        "nobody": not it.voices,
    }


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


urlpatterns: list[URLPattern] = [path("zaken/<uuid:case>/toestemming/", consent, name="consent")]
