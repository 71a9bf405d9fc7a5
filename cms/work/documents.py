"""Pages: the files of a case. A file is handed out to be kept, never opened in the browser on this address."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from padwijzer.cms.work.doors import acting_of, case_of, door, page
from padwijzer.workflows.actions.record_look import record_look
from padwijzer.workflows.queries.documents import document_for, documents_of, steps_that_ask
from padwijzer.workflows.queries.people import name_of

SANDBOX: Final = "default-src 'none'; sandbox"


@door("case")
@require_safe
def documents(request: HttpRequest, case: UUID) -> HttpResponse:
    """Every file of a case that I may see, and where I can add one now."""
    acting = acting_of(request)
    found = case_of(request, case, looked_at="documents")
    number = _("Case %(number)s") % {"number": found.number}
    context = {
        "title": _("Documents"),
        "case": found,
        "case_words": number,
        "crumbs": [
            {"label": _("Cases"), "url": reverse("padwijzer:cases")},
            {"label": number, "url": reverse("padwijzer:case", args=[found.pk])},
        ],
        "documents": [
            {
                "name": it.document.name,
                "url": reverse("padwijzer:document", args=[found.pk, it.document.pk]),
                "step": it.step,
                "question": it.question,
                "who": name_of(it.document.uploaded_by),
                "on": it.document.uploaded_at,
                "size": filesizeformat(it.document.size),
                "is_draft": it.document.task.is_open,
            }
            for it in documents_of(found, acting.user, acting.at)
        ],
        "asking": [
            {"step": it.step, "question": it.question, "url": reverse("padwijzer:step_start", args=[it.task])}
            for it in steps_that_ask(found, acting.user, acting.at)
        ],
    }
    return page(request, "documents", context)


@door("case")
@require_safe
def document(request: HttpRequest, case: UUID, document: UUID) -> HttpResponseBase:
    """A file, as a download."""
    acting = acting_of(request)
    found = case_of(request, case)
    wanted = document_for(found, document, acting.user, acting.at)
    if wanted is None or not wanted.file.storage.exists(str(wanted.file.name)):
        raise Http404
    record_look(acting, found, "document")
    response = FileResponse(
        wanted.file.open("rb"), as_attachment=True, filename=wanted.name, content_type=wanted.type
    )
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


urlpatterns: list[URLPattern] = [
    path("zaken/<uuid:case>/bestanden/", documents, name="documents"),
    path("zaken/<uuid:case>/bestanden/<uuid:document>/", document, name="document"),
]
