"""The Django app of the pages: the Wagtail skin and the professionals’ own front end."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    """App `padwijzer_cms`."""

    name = "padwijzer.cms"
    label = "padwijzer_cms"
    verbose_name = "Padwijzer"
    default_auto_field = "django.db.models.BigAutoField"
