"""How the safeguards of a case stand, in the words of every page that shows them."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, npgettext

from padwijzer.cms.work.wording import short_day
from padwijzer.workflows.core.consent import Consent, ConsentState
from padwijzer.workflows.queries.cases import ConsentLine

CONSENT_WORDS: Final = {
    ConsentState.NOT_ASKED: gettext_lazy("Not asked yet"),
    ConsentState.REFUSED: gettext_lazy("Somebody said no"),
    ConsentState.WITHDRAWN: gettext_lazy("Withdrawn"),
    ConsentState.ENDED: gettext_lazy("Ask again: the case was closed in between"),
}
CONSENT_STATES: Final = {
    ConsentState.COMPLETE: "kept",
    ConsentState.REFUSED: "broken",
    ConsentState.WITHDRAWN: "broken",
}


def contact_safeguard(name: str, *, is_chosen: bool) -> dict[str, Any]:
    """
    The fixed contact person, for `components/safeguards.html`.

    Args:
        name: of that person; empty when the reader may not see it.
        is_chosen: whether there is one.
    """
    return {
        "title": _("Fixed contact person"),
        "detail": name or (_("Chosen") if is_chosen else _("Not chosen yet")),
        "state": "kept" if is_chosen else "open",
    }


def consent_safeguard(line: ConsentLine, url: str = "") -> dict[str, Any]:
    """Consent to one help or placement. Args: url: of the page of consent, when one can go there."""
    what = line.what or _("living elsewhere")
    about = f" ({line.about})" if line.about else ""
    return {
        "title": _("Consent: %(what)s") % {"what": f"{what}{about}"},
        "detail": _consent_words(line.consent),
        "state": CONSENT_STATES.get(line.consent.state, "open"),
        "url": url,
    }


def _consent_words(consent: Consent) -> str:
    if consent.state is ConsentState.COMPLETE and consent.completed_on:
        return _("Complete since %(day)s") % {"day": short_day(consent.completed_on)}
    if consent.state is ConsentState.PARTLY:
        given = sum(it.is_given for it in consent.people)
        words = npgettext("consent", "%(given)s of %(all)s said yes", "%(given)s of %(all)s said yes", given)
        return words % {"given": given, "all": len(consent.people)}
    return str(CONSENT_WORDS[consent.state])
