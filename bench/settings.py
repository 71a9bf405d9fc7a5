"""
Settings of the measurements: the host site of the tests, with the tables of the floors beside it.

`PADWIJZER_TEST_DB` and `PADWIJZER_TEST_DB_NAME` say on which database, as for the tests.
"""

from tests import settings as host

globals().update({name: value for name, value in vars(host).items() if name.isupper()})

INSTALLED_APPS = [*host.INSTALLED_APPS, "bench.benchapp"]


class NoMigrations:
    """Makes Django create every table straight from its model: the same tables, without the history of Wagtail's."""

    def __contains__(self, app_label: str) -> bool:
        return True

    def __getitem__(self, app_label: str) -> None:
        return None


MIGRATION_MODULES = NoMigrations()
