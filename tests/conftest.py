"""What every test may ask for: the database it runs on, a PostgreSQL server, a browser.

The suite runs twice, on SQLite and on PostgreSQL (`PADWIJZER_TEST_DB`). Three marks say where a test belongs:

- `sqlite`, `postgresql`: it is about that database, and is left to that run;
- `once`: it does not depend on the database, and is left to the run on SQLite.

A test that lacks what it needs is skipped with the reason; it fails where the environment variable CI is set.
"""

import os
import shutil
from collections.abc import Iterator

import hypothesis
import psycopg
import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright
from psycopg.conninfo import make_conninfo

from tests.support.flows import forget_flows
from tests.support.history import let_the_history_be_flushed
from tests.support.sizes import size

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
MARKS = {
    "sqlite": "about SQLite: left to the run on SQLite",
    "postgresql": "about PostgreSQL: left to the run on PostgreSQL",
    "once": "independent of the database: left to the run on SQLite",
}


def under_ci() -> bool:
    """Whether nothing may be left out: the environment variable CI is set."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}


hypothesis.settings.register_profile(
    "padwijzer",
    deadline=None,
    derandomize=under_ci(),  # as in Hypothesis' own profile for CI: a change is judged by the change, not by the draw
    database=None if under_ci() else hypothesis.database.DirectoryBasedExampleDatabase(".hypothesis/examples"),
    max_examples=size("property_examples"),
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],  # a busy machine says nothing about the code
)
hypothesis.settings.load_profile("padwijzer")


def unavailable(what: str, remedy: str) -> None:
    """Skip the test for want of a service, or fail it where nothing may be left out.

    Args:
        what: The service, such as "Chromium".
        remedy: What a developer can do about it.
    """
    reason = f"{what} is not available: {remedy}"
    if under_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def postgresql_address() -> str:
    """How to reach the PostgreSQL server of the tests, as the first argument of `psycopg.connect`."""
    return make_conninfo(
        host=os.environ.get("PADWIJZER_TEST_PG_HOST", "127.0.0.1"),
        port=os.environ.get("PADWIJZER_TEST_PG_PORT", "5432"),
        user=os.environ.get("PADWIJZER_TEST_PG_USER", "padwijzer_test"),
        password=os.environ.get("PADWIJZER_TEST_PG_PASSWORD", "padwijzer_test"),
        dbname="postgres",
        connect_timeout=5,
    )


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    let_the_history_be_flushed()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = settings.DATABASE_KIND
    elsewhere = {"sqlite": {"postgresql"}, "postgresql": {"sqlite", "once"}}[here]
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in elsewhere)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test is a failed run where nothing may be left out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not under_ci():
        return
    skipped = reporter.stats.get("skipped", [])
    if skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{len(skipped)} skipped: under CI nothing may be left out.", red=True)


@pytest.fixture(scope="session")
def postgresql() -> str:
    """A PostgreSQL server that answers, for tests that make databases of their own in it.

    Returns:
        The first argument of `psycopg.connect`; the role may create databases and roles.
    """
    address = postgresql_address()
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        unavailable("PostgreSQL", "run .ci/services postgresql, or set PADWIJZER_TEST_PG_HOST and its neighbours.")
    return address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium of the system, through Playwright; one per test process."""
    path = os.environ.get("PADWIJZER_CHROMIUM") or next(
        (found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None
    )
    if path is None:
        unavailable("Chromium", "run .ci/services chromium, or set PADWIJZER_CHROMIUM to its path.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's own event loop runs in this thread; the tests use the database outside of it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of a visitor who reads Dutch, without cookies of any other test."""
    context = browser.new_context(locale="nl-NL", timezone_id="Europe/Amsterdam")
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def _no_flow_of_another_test() -> None:
    """Version 3 of a definition is another one in the next test, which rolled this one back."""
    forget_flows()
