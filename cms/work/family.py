"""Pages: the family of a case: people, relations, authority, help. A change is a form of at most three questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from padwijzer.cms.work import family_words as words
from padwijzer.cms.work.doors import acting_of, case_of, door, form_key, page
from padwijzer.cms.work.family_forms import CHANGES, FamilyForm, PersonForm
from padwijzer.cms.work.members import worker_card
from padwijzer.forms.core.conditions import Unknown
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.core.case_file import Row
from padwijzer.workflows.core.consent import ConsentState
from padwijzer.workflows.core.errors import InvalidAnswers
from padwijzer.workflows.models import Case
from padwijzer.workflows.queries import family as reading

CONSENT_LACKS = frozenset({ConsentState.REFUSED, ConsentState.WITHDRAWN})


@door("case")
@require_safe
def family(request: HttpRequest, case: UUID) -> HttpResponse:
    """The family: who belongs to it, how they are related, who has authority, which help there is, who helps."""
    acting = acting_of(request)
    found = case_of(request, case, looked_at="family")
    shown = reading.FamilyInCase(found, acting.user, acting.today)
    may_change = shown.may_change
    context = {
        "title": _("The family"),
        "case": found,
        "crumbs": _crumbs(found),
        "groups": list(_groups(shown, may_change=may_change)),
        "past": [{"name": it.name, "detail": _past(it)} for it in shown.past],
        "hidden": shown.hidden,
        "helps": [_help(it) for it in shown.helps],
        "workers": [worker_card(it) for it in shown.workers],
        "add_url": reverse("padwijzer:family_add", args=[found.pk]) if may_change else "",
        "consent_url": reverse("padwijzer:consent", args=[found.pk]),
    }
    return page(request, "family", context)


@door("case")
@require_http_methods(["GET", "HEAD", "POST"])
def family_add(request: HttpRequest, case: UUID) -> HttpResponse:
    """Somebody is added to the family."""
    found, shown = _to_change(request, case)
    form = PersonForm(request.POST if request.method == "POST" else None, family=shown, row=None)
    return _handle(request, found, form)


@door("case")
@require_http_methods(["GET", "HEAD", "POST"])
def family_change(request: HttpRequest, case: UUID, row: UUID, change: str) -> HttpResponse:
    """One thing about somebody of the family changes, or comes to an end."""
    found, shown = _to_change(request, case)
    kind = CHANGES.get(change)
    changed = shown.row(str(row), kind.about) if kind else None
    if kind is None or changed is None or not kind.fits(shown, changed):
        raise Http404
    form = kind(request.POST if request.method == "POST" else None, family=shown, row=changed)
    return _handle(request, found, form)


def _to_change(request: HttpRequest, case: UUID) -> tuple[Case, reading.FamilyInCase]:
    acting = acting_of(request)
    found = case_of(request, case, looked_at="family" if request.method != "POST" else "")
    shown = reading.FamilyInCase(found, acting.user, acting.today)
    if not shown.may_change:
        raise Http404
    return found, shown


def _handle(request: HttpRequest, case: Case, form: FamilyForm) -> HttpResponse:
    """Show a form, or do what it says and go back to the family."""
    if form.is_valid() and (done := _change(request, case, form)):
        return done
    context = {
        "title": form.title,
        "about": _about(form),
        "case": case,
        "crumbs": [*_crumbs(case), {"label": _("The family"), "url": reverse("padwijzer:family", args=[case.pk])}],
        "form": form,
        "has_errors": bool(form.errors),
        "nobody": _nobody(form),
        "add_url": reverse("padwijzer:family_add", args=[case.pk]),
        "form_key": _posted_key(request) or form_key(),
    }
    return page(request, "family_change", context, status=422 if form.errors else 200)


def _change(request: HttpRequest, case: Case, form: FamilyForm) -> HttpResponse | None:
    """Write it down; None when something is not right after all. What was so already is not written again."""
    values = form.values()
    row = "" if form.adds or form.row is None else form.row.id
    back = reverse("padwijzer:family", args=[case.pk])
    if row and form.row is not None and all(_same(form.row, column, value) for column, value in values.items()):
        messages.info(request, _("Nothing was changed: this is what was known already."))
        return HttpResponseRedirect(back)
    try:
        made = change_register(
            acting_of(request), case.pk, form.register, values, row=row, form_key=_posted_key(request)
        )
    except InvalidAnswers as invalid:
        for key, sentences in invalid.errors.items():
            for sentence in sentences:
                form.add_error(key if key in form.fields else None, sentence)
        return None
    messages.success(request, str(form.done))
    person = made if form.register == "person" else form.row.id if form.row and form.about == "person" else ""
    return HttpResponseRedirect(f"{back}#persoon-{person}" if person else back)


def _same(row: Row, column: str, value: object) -> bool:
    before = row.values.get(column)
    is_nothing = value == "" or isinstance(value, Unknown)
    return before is None if is_nothing and before is None else before == value


def _posted_key(request: HttpRequest) -> str:
    try:
        return str(UUID(str(request.POST.get("form_key", ""))))
    except ValueError:
        return ""


def _about(form: FamilyForm) -> str:
    """Whom it is about, above the heading."""
    row, names = form.row, form.family.names
    if row is None:
        return ""
    match row.register:
        case "authority":
            return _("%(person)s over %(child)s") % {
                "person": names[row.text("person")],
                "child": names[row.text("child")],
            }
        case "relation":
            line = str(words.RELATIONS[row.text("kind")]) % {"name": names[row.text("other")]}
            return f"{names[row.text('person')]}, {line}"
        case _:
            return names[row.id]


def _nobody(form: FamilyForm) -> bool:
    """Whether nobody can be chosen where somebody must be."""
    chosen = form.fields.get("person") or form.fields.get("other")
    return chosen is not None and not getattr(chosen, "choices", ())


def _crumbs(case: Case) -> list[dict[str, str]]:
    return [
        {"label": _("Cases"), "url": reverse("padwijzer:cases")},
        {
            "label": _("Case %(number)s") % {"number": case.number},
            "url": reverse("padwijzer:case", args=[case.pk]),
        },
    ]


# How it looks


def _groups(shown: reading.FamilyInCase, *, may_change: bool) -> Iterator[dict[str, Any]]:
    for kind, title in words.GROUPS:
        members = [_member(it, shown, may_change=may_change) for it in shown.members if it.kind == kind]
        if members:
            yield {"title": title, "members": members}


def _member(it: reading.Member, shown: reading.FamilyInCase, *, may_change: bool) -> dict[str, Any]:
    def to(change: str) -> str:
        row = shown.file.person(it.id)
        may = may_change and row is not None and CHANGES[change].fits(shown, row)
        return _url(shown.case, it.id, change) if may else ""

    return {
        "id": it.id,
        "name": it.name,
        "kind": _kind(it),
        "until": it.until,
        "rows": list(_rows(it, to)),
        "authority": [_authority(line, shown, may_change=may_change) for line in it.authority],
        "is_child": it.kind == "child",
        "is_secret": it.is_secret and it.sees_address,
        "authority_url": to("gezag"),
        "guardianship_url": to("voogdij"),
        "relation_url": to("relatie"),
        "end_url": to("uit-beeld"),
        "relations": [_relation(line, shown, may_change=may_change) for line in it.relations],
    }


def _rows(it: reading.Member, to: Any) -> Iterator[dict[str, Any]]:
    speaks = _("Language: %(language)s") % {"language": it.language} if it.language else ""
    yield _lines(_("Name and contact"), (it.name, it.phone, speaks), to("naam"))
    if it.kind == "child" or it.birth_date:
        yield _lines(_("Date of birth"), (_birth(it),), to("geboortedatum"))
    if it.sees_address:
        lives_with = _("Lives with: %(whom)s") % {"whom": it.lives_with} if it.lives_with else ""
        yield _lines(_("Address"), (*it.address.splitlines(), lives_with), to("adres"))
    else:
        yield _lines(_("Address"), (_("You cannot see this address."),), "")
    if it.kind == "child" and it.birth != "expected":
        attends = _sentence(words.ATTENDS[it.attends]) if it.attends else ""
        yield _lines(_("School"), (it.school, attends), to("school"))
    elif it.over:
        yield _lines(_("Has authority over"), (", ".join(it.over),), "")


def _lines(key: str, lines: tuple[str, ...], url: str) -> dict[str, Any]:
    shown = [line for line in lines if line]
    return {"key": key, "lines": shown, "status": "" if shown else "not_filled", "url": url}


def _kind(it: reading.Member) -> str:
    kind = _sentence(words.KINDS[it.kind])
    return kind if it.age is None else _("%(kind)s, %(age)s years") % {"kind": kind, "age": it.age}


def _birth(it: reading.Member) -> str:
    day = formats.date_format(it.birth_date, "j F Y") if it.birth_date else ""
    if it.birth == "expected":
        return _("Not born yet, expected on %(day)s") % {"day": day} if day else _("Not born yet")
    return day or _("Not known")


def _authority(it: reading.Authority, shown: reading.FamilyInCase, *, may_change: bool) -> dict[str, Any]:
    how = str(words.SOURCES.get(it.source, ""))
    if it.checked_on is not None:
        how = _("%(source)s, looked up on %(day)s") % {
            "source": how,
            "day": formats.date_format(it.checked_on, "j F Y"),
        }
    return {
        "person": it.person,
        "kind": words.AUTHORITY.get(it.kind, it.kind),
        "detail": _sentence(how) if how else _("Nobody looked this up yet"),
        "until": it.until,
        "is_stale": it.is_stale,
        "check_url": _url(shown.case, it.id, "gezag-nagekeken") if may_change else "",
        "end_url": _url(shown.case, it.id, "gezag-eindigt") if may_change and it.until is None else "",
    }


def _relation(it: reading.Relation, shown: reading.FamilyInCase, *, may_change: bool) -> dict[str, Any]:
    line = (words.REVERSED if it.is_reverse else words.RELATIONS)[it.kind]
    return {
        "words": _sentence(str(line) % {"name": it.other}),
        "end_url": _url(shown.case, it.id, "relatie-eindigt") if may_change and not it.is_reverse else "",
    }


def _past(it: reading.Member) -> str:
    kind = _sentence(words.KINDS[it.kind])
    if it.until is None:
        return kind
    day = formats.date_format(it.until, "j F Y")
    return _("%(kind)s, in this case until and including %(day)s") % {"kind": kind, "day": day}


def _help(it: reading.Help) -> dict[str, Any]:
    parts = [", ".join(it.for_whom) or _("the whole family"), it.provider, _period(it.since, it.until)]
    return {
        "title": it.what,
        "detail": ", ".join(part for part in parts if part),
        "status": words.HELP_STATUS.get(it.status, "todo"),
        "words": words.HELP.get(it.status, ""),
        "consent": _consent(it.consent),
        "is_lacking": it.consent in CONSENT_LACKS,
    }


def _period(since: date | None, until: date | None) -> str:
    if since is None:
        return ""
    first = formats.date_format(since, "j F Y")
    if until is None:
        return _("since %(day)s") % {"day": first}
    return _("from %(first)s until and including %(last)s") % {
        "first": first,
        "last": formats.date_format(until, "j F Y"),
    }


def _consent(state: ConsentState | None) -> str:
    match state:
        case None:
            return ""
        case ConsentState.COMPLETE:
            return _("Everybody who must agree said yes.")
        case ConsentState.NOT_ASKED:
            return _("Consent was not asked yet.")
        case ConsentState.REFUSED:
            return _("Somebody said no.")
        case ConsentState.WITHDRAWN:
            return _("Consent was withdrawn.")
        case ConsentState.ENDED:
            return _("Consent must be asked again.")
        case _:
            return _("Not everybody who must agree said yes.")


def _sentence(text: Any) -> str:
    written = str(text)
    return written[:1].upper() + written[1:]


def _url(case: Case, row: str, change: str) -> str:
    return reverse("padwijzer:family_change", args=[case.pk, row, change])


urlpatterns: list[URLPattern] = [
    path("zaken/<uuid:case>/gezin/", family, name="family"),
    path("zaken/<uuid:case>/gezin/erbij/", family_add, name="family_add"),
    path("zaken/<uuid:case>/gezin/<uuid:row>/<slug:change>/", family_change, name="family_change"),
]
