"""
Settings of the measurements: the host site of the tests, with the tables of the floors beside it.

`PADWIJZER_TEST_DB` and `PADWIJZER_TEST_DB_NAME` say on which database, as for the tests. On PostgreSQL every
contender has the options that `docs/operate.md` advises; with `PADWIJZER_BENCH_OPTIONS=default` none.
"""

import os

from tests import settings as host

globals().update({name: value for name, value in vars(host).items() if name.isupper()})

if host.DATABASE_KIND == "postgresql" and os.environ.get("PADWIJZER_BENCH_OPTIONS") != "default":
    DATABASES = {"default": {**host.DATABASES["default"], "OPTIONS": {"prepare_threshold": 5}}}

INSTALLED_APPS = [*host.INSTALLED_APPS, "bench.benchapp"]


class NoMigrations:
    """Makes Django create every table straight from its model: the same tables, without the history of Wagtail's."""

    def __contains__(self, app_label: str) -> bool:
        return True

    def __getitem__(self, app_label: str) -> None:
        return None


MIGRATION_MODULES = NoMigrations()
