"""The Django app of the demonstration site itself."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """App `demo`: a home page, a style sheet for signing in, and the command that fills the site."""

    name = "demo"
    verbose_name = "Gemeente Voorbeeld"
