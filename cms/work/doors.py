"""
Doors: what every page of the professionals has around it.

A door says who may come in (its policy line), keeps what is refused apart from what is unknown (it does not), gives
each answer its strict content policy, and turns refusals of actions into pages. A URL without a policy line fails the
tests.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from padwijzer.permissions.policies import may
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.record_look import record_look
from padwijzer.workflows.core.errors import Conflict, NotAllowed, Refused
from padwijzer.workflows.models import Case, Task
from padwijzer.workflows.queries.access import actor_of, involvement_of
from padwijzer.workflows.queries.inbox import task_count
from padwijzer.workflows.queries.people import name_of

CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
POLICIES: Final[Mapping[str, str]] = {
    "signed_in": "Somebody who is signed in; he sees only what is his.",
    "open_case": "Somebody whose role in the organisation may open a case.",
    "case": "Somebody who is involved in this case today.",
    "task": "Somebody who is involved in the case of this task, in a role that may do it.",
}
"""Key of a policy line to who may come in, in words."""

View = Callable[..., HttpResponseBase]


def door(policy: str) -> Callable[[View], View]:
    """
    Let a view be reached, under a policy line.

    Args:
        policy: a key of `POLICIES`; the view itself asks the queries and actions that keep to it.
    """
    if policy not in POLICIES:
        message = f"There is no policy line {policy}."
        raise ValueError(message)

    def around(view: View) -> View:
        @wraps(view)
        def come_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            try:
                if policy == "open_case" and not may(actor_of(request.user, acting_of(request).today), policy):
                    raise Http404
                response = view(request, *args, **kwargs)
            except NotAllowed:
                raise Http404 from None
            except Conflict as conflict:
                response = page(request, "conflict", {"conflict": conflict, "title": conflict.sentence}, status=409)
            except Refused as refused:
                refused.sentence, refused.hint = _(refused.sentence), _(refused.hint)  # the core has no language
                response = page(request, "refused", {"refused": refused, "title": _("Not now")}, status=422)
            response.setdefault("Content-Security-Policy", CONTENT_POLICY)
            response["Cache-Control"] = "no-store"
            response["Referrer-Policy"] = "same-origin"
            return response

        come_in.policy = policy  # type: ignore[attr-defined] # a function has no such name; a test reads it
        return come_in

    return around


def acting_of(request: HttpRequest) -> Acting:
    """Who acts in this request: the user, now; one moment for the whole request."""
    acting: Acting | None = getattr(request, "padwijzer_acting", None)
    if acting is None:
        acting = Acting(request.user, timezone.now())
        request.padwijzer_acting = acting  # type: ignore[attr-defined] # HttpRequest declares no place for it
    return acting


def case_of(request: HttpRequest, case: UUID, *, looked_at: str = "") -> Case:
    """
    The case, when this user may see it.

    Args:
        request: the request.
        case: its id.
        looked_at: name of the page, to be written down as a look; empty where nothing of the case is shown.

    Raises:
        Http404: when there is no such case, or not for him.
    """
    acting = acting_of(request)
    found: Case | None = (
        Case.objects.visible_to(request.user, acting.today).select_related("release", "organisation").filter(pk=case)
    ).first()
    if found is None or not may(
        actor_of(request.user, acting.today),
        "see_case",
        involvement_of(found, request.user, acting.today, now=acting.at),
    ):
        raise Http404
    if looked_at:
        record_look(acting, found, looked_at)
    return found


def task_of(request: HttpRequest, task: int, *, looked_at: str = "") -> Task:
    """
    The task with its run and case, when this user may see that case.

    Raises:
        Http404: when there is no such task, or not for him.
    """
    found: Task | None = Task.objects.select_related("process", "owner", "completed_by").filter(pk=task).first()
    if found is None:
        raise Http404
    found.case = case_of(request, found.case_id, looked_at=looked_at)
    return found


def form_key() -> str:
    """A new idempotency key for a form that is rendered."""
    return str(uuid.uuid4())


def page(
    request: HttpRequest, name: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page of the professionals. Args: name: of its template, without folder and ending."""
    return render(
        request, f"padwijzer_cms/work/{name}.html", {"look": look(request), **(context or {})}, status=status
    )


def look(request: HttpRequest) -> dict[str, Any]:
    """What stands around every page: whose it is, where one can go, and who is signed in."""
    here = request.path
    tasks = _task_count(request)
    items: list[tuple[str, str, int | None]] = [
        (_("My tasks"), reverse("padwijzer:tasks"), tasks or None),
        (_("Cases"), reverse("padwijzer:cases"), None),
    ]
    if may(actor_of(request.user, acting_of(request).today), "open_case"):
        items.append((_("New question"), reverse("padwijzer:new_question"), None))
    return {
        "municipality": getattr(settings, "PADWIJZER_MUNICIPALITY", "") or _("Municipality"),
        "product": _("Youth care"),
        "home_url": reverse("padwijzer:tasks"),
        "theme_url": getattr(settings, "PADWIJZER_THEME_URL", ""),
        "nav": [{"label": label, "url": url, "current": here == url, "count": count} for label, url, count in items],
        "user_name": name_of(request.user),
        "sign_out_url": getattr(settings, "PADWIJZER_SIGN_OUT_URL", "") or "",
        "accessibility_url": getattr(settings, "PADWIJZER_ACCESSIBILITY_URL", ""),
        "privacy_url": getattr(settings, "PADWIJZER_PRIVACY_URL", ""),
        "help_url": getattr(settings, "PADWIJZER_HELP_URL", ""),
    }


def remember_task_count(request: HttpRequest, count: int) -> None:
    """How many tasks the user has, known already in this request: the menu need not ask again."""
    request.padwijzer_task_count = count  # type: ignore[attr-defined] # HttpRequest declares no place for it


def _task_count(request: HttpRequest) -> int:
    known: int | None = getattr(request, "padwijzer_task_count", None)
    return task_count(request.user, acting_of(request).today) if known is None else known
