"""The content security policy of Wagtail's admin, beside the strict one of every other page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

# Wagtail's own pages still carry scripts and styles in the page itself.
ADMIN_POLICY = {
    "default-src": ["'self'"],
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'self'"],
}


class AdminPolicyMiddleware:
    """Hands django-csp the looser policy for pages under Wagtail's admin; stands below its middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, marking admin pages with their own policy."""
        response = self.get_response(request)
        if request.path_info.startswith(reverse("wagtailadmin_home")):
            vars(response)["_csp_config"] = ADMIN_POLICY
        return response
