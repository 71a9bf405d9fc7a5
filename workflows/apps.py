"""The Django app of the process: what it is, and what happened."""

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """App `padwijzer_workflows`."""

    name = "padwijzer.workflows"
    label = "padwijzer_workflows"
    verbose_name = "Padwijzer: paths and cases"
    default_auto_field = "django.db.models.BigAutoField"
