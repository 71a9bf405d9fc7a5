"""Pages: a file of a case. It is handed out to be kept, never opened in the browser on this address."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from padwijzer.cms.work.doors import acting_of, case_of, door
from padwijzer.workflows.actions.record_look import record_look
from padwijzer.workflows.queries.documents import document_for

SANDBOX: Final = "default-src 'none'; sandbox"


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
    path("zaken/<uuid:case>/bestanden/<uuid:document>/", document, name="document"),
]
