"""The Django app of the process: what it is, and what happened."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class WorkflowsConfig(AppConfig):
    """App `padwijzer_workflows`."""

    name = "padwijzer.workflows"
    label = "padwijzer_workflows"
    verbose_name = "Padwijzer: paths and cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers the system checks, and keeps the triggers of the history in place after every migration."""
        from padwijzer.workflows import checks  # noqa: F401, PLC0415  # registers them; models exist only now
        from padwijzer.workflows.history.protection import protect_after_migrate  # noqa: PLC0415  # after models

        post_migrate.connect(protect_after_migrate, sender=self, dispatch_uid="padwijzer_history_protection")
