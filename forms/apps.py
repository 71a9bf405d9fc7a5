"""The Django app of what is asked, and what was answered."""

from django.apps import AppConfig


class FormsConfig(AppConfig):
    """App `padwijzer_forms`."""

    name = "padwijzer.forms"
    label = "padwijzer_forms"
    verbose_name = "Padwijzer: forms"
    default_auto_field = "django.db.models.BigAutoField"
