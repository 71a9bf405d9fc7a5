"""People and a release, for journeys through the pages alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from padwijzer.workflows.core.plan import Plan
from tests.support.cases import a_release, a_user, an_organisation
from tests.support.walking import PASSWORD, Walker, a_walker


@dataclass(frozen=True, slots=True)
class Office:
    """Who works here. Args: anna: opens cases and is contact person; karim: decides; bo: of the provider."""

    site: str
    anna: Any
    karim: Any
    bo: Any


@pytest.fixture
def office(transactional_db: None, live_server: Any) -> Office:
    a_release(datetime.now(UTC) - timedelta(days=30))
    provider = an_organisation("Hulp Dichtbij", "provider")
    return Office(
        live_server.url,
        a_user("jeugdconsulent", "vap", name="Anna Bakker", password=PASSWORD),
        a_user("mandaathouder", name="Karim Haddou", password=PASSWORD),
        a_user("zorgaanbieder", name="Bo Jansen", organisation=provider, password=PASSWORD),
    )


@pytest.fixture
def somebody(office: Office, browser: Browser) -> Iterator[Callable[..., Walker]]:
    """A browser for a user, signed in through the page; at the end, nothing was complained about in any of them."""
    walkers: list[Walker] = []

    def at_a_browser(user: Any, **options: Any) -> Walker:
        walker = a_walker(browser, office.site, **options)
        walkers.append(walker)
        walker.signs_in(user)
        return walker

    yield at_a_browser
    complaints = [it for walker in walkers for it in walker.complaints.all()]
    for walker in walkers:
        walker.page.context.close()
    assert complaints == []


@pytest.fixture
def asks_for_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> str:
    """The last question of the first talk asks for a file instead; its key."""
    settings.PADWIJZER_PRIVATE_ROOT = tmp_path / "private"
    real = Plan.step

    def step(plan: Plan, definition: str, activity: str) -> Any:
        found = real(plan, definition, activity)
        if activity != "first_talk":
            return found
        *others, last = found.activity.fields
        fields = (*others, replace(last, type="file", required=False))
        return replace(found, activity=replace(found.activity, fields=fields))

    monkeypatch.setattr(Plan, "step", step)
    return "gezin_wil_iemand_erbij"
