"""The Django app of who may do what."""

from django.apps import AppConfig


class PermissionsConfig(AppConfig):
    """App `padwijzer_permissions`."""

    name = "padwijzer.permissions"
    label = "padwijzer_permissions"
    verbose_name = "Padwijzer: permissions"
    default_auto_field = "django.db.models.BigAutoField"
