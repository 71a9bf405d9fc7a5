"""What the plugin registers with Wagtail, and nothing else."""

from django.urls import URLPattern, path
from django.views.generic import RedirectView
from wagtail import hooks


@hooks.register("register_admin_urls")
def one_door() -> list[URLPattern]:
    """
    Puts Wagtail's own sign-in page out of reach: it would take a password where LOGIN_URL asks a second factor.

    Wagtail asks these addresses for admin access and sends visitors without it to WAGTAILADMIN_LOGIN_URL.
    """
    return [path("login/", RedirectView.as_view(pattern_name="wagtailadmin_home"))]
