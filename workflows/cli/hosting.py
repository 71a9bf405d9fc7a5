"""A site in memory, for commands that play cases: settings and apps; its database is empty yet."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Final

import django
from django.apps import apps
from django.conf import settings

APPS: Final = (
    "padwijzer.workflows",
    "padwijzer.forms",
    "padwijzer.permissions",
    "viewflow.workflow",
    "django.contrib.auth",
    "django.contrib.contenttypes",
)


@contextmanager
def small_site() -> Iterator[None]:
    """Settings of a site that keeps nothing; once in a process."""
    with TemporaryDirectory(prefix="padwijzer-") as folder:
        settings.configure(
            INSTALLED_APPS=APPS,
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            SECRET_KEY=secrets.token_urlsafe(),
            LANGUAGE_CODE="nl",
            TIME_ZONE="Europe/Amsterdam",
            USE_I18N=True,
            USE_TZ=True,
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
            ANONYMOUS_USER_NAME=None,
            AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.ModelBackend"],
            PADWIJZER_LOG="example.invalid/play",
            PADWIJZER_PRIVATE_ROOT=folder,
        )
        django.setup()
        settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}  # tables as models are now
        yield
