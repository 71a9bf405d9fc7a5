"""What somebody reads when a safeguard holds a step back: which, why, what to do now, and from whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member
from padwijzer.workflows.actions.claim_task import release_task
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.core.packs import TO_VERIFY, Pack, national
from padwijzer.workflows.models import RegisterRow, Task
from tests.support.axe import violations
from tests.support.browsing import WIDTHS
from tests.support.browsing import signed_in as in_browser
from tests.support.cases import a_user, an_organisation, at, it_is, words_of
from tests.support.clock import OPENED
from tests.support.guarded import NATIONAL_AND_LOCAL, Guarded, a_guarded_case, watched_by

pytestmark = pytest.mark.django_db
LOOK_AGAIN = date.fromisoformat(OPENED) + timedelta(days=14)


@pytest.fixture(autouse=True)
def _a_municipality_asks_more() -> Iterator[None]:
    with watched_by(NATIONAL_AND_LOCAL):
        yield


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch) -> Guarded:
    it_is(monkeypatch, OPENED, 12)
    return a_guarded_case()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(name: str, task: Task, *more: object) -> str:
    return reverse(f"padwijzer:{name}", args=[task.pk, *more])


def reason() -> dict[str, str]:
    day = {"day": LOOK_AGAIN.day, "month": LOOK_AGAIN.month, "year": LOOK_AGAIN.year}
    boxes = {f"look_again_on__{part}": str(value) for part, value in day.items()}
    return {"reason": "Het kind kent deze plek al", "colleague": "nobody", "form_key": "x", **boxes}


def handed_in(case: Guarded, how: str, step: str) -> tuple[Client, Task, Any]:
    """A step that the path comes to too early, handed in. Args: how: the way that is chosen; step: its key."""
    case.does("begin", how=how)
    client, task = signed_in(case.worker), case.task(step)
    return client, task, client.post(address("step_check", task), {"form_key": "k"})


def test_the_page_says_which_safeguard_why_from_where_and_what_lacks(case: Guarded) -> None:
    _client, task, response = handed_in(case, "besluit", "decide")
    assert response.status_code == 422
    told = words_of(response)
    found = next(it for it in national().safeguards if it.key == "family_plan_before_decision")
    assert f"{found.statement} Waarom? Nu zou dit gebeuren: de gemeente besluit." in told
    assert "Dit ontbreekt nog: een plan van het gezin" in told
    assert f"Bron: {found.source}." in told
    assert "Een jurist moet deze bron nog nakijken." not in told
    assert "“Plan van het gezin” (jeugdconsulent" in told
    assert "Bert de Boer" in told
    assert case.task("decide").pk == task.pk
    assert "Vast aanspreekpunt (moet nog gebeuren) Nog niet gekozen" in told


def test_where_no_reason_is_good_enough_none_is_asked(case: Guarded) -> None:
    client, task, response = handed_in(case, "besluit", "decide")
    assert "Afwijken met een reden" not in words_of(response)
    assert client.get(address("step_deviate", task))["Location"] == address("step_check", task)
    assert client.post(address("step_deviate", task), reason())["Location"] == address("step_check", task)
    assert case.task("decide").pk == task.pk


def test_a_source_that_a_lawyer_must_still_check_says_so(case: Guarded) -> None:
    made = national()
    unsure = tuple(replace(it, certainty=f"{it.certainty} {TO_VERIFY}") for it in made.safeguards)
    with watched_by(Pack(made.key, made.version, unsure)):
        _client, _task, response = handed_in(case, "besluit", "decide")
    assert "Een jurist moet deze bron nog nakijken." in words_of(response)


def test_an_open_step_that_would_keep_it_is_a_link(case: Guarded) -> None:
    case.does("begin", how="ladder")
    opened = open_track(Acting(case.worker, at(OPENED)), case.case.pk, "V", "second_look")
    client, task = signed_in(case.worker), case.task("ladder")
    page = client.post(address("step_check", task), {"form_key": "k"}).content.decode()
    assert f'href="{address("step_start", opened[0])}">Iemand kijkt mee</a>' in page


def test_a_track_that_leads_to_it_is_named_with_where_to_start_it(case: Guarded) -> None:
    _client, _task, response = handed_in(case, "ladder", "ladder")
    told = words_of(response)
    assert "Start eerst dit: Samen kijken, voor de stap Iemand kijkt mee" in told
    assert (
        f'href="{reverse("padwijzer:tracks", args=[case.case.pk])}">Iemand kijkt mee</a>' in response.content.decode()
    )


def test_with_a_reason_the_step_is_completed_and_a_colleague_is_to_look_back(case: Guarded) -> None:
    client, task, response = handed_in(case, "ladder", "ladder")
    assert address("step_deviate", task) in response.content.decode()
    form = words_of(client.get(address("step_deviate", task)))
    assert "U wijkt af van deze waarborg" in form
    assert "Er is een zoektocht naar hulp thuis voordat op de plaatsingsladder is gekozen." in form
    assert client.post(address("step_deviate", task), {"form_key": "x"}).status_code == 422
    done = client.post(address("step_deviate", task), reason())
    assert done["Location"] == address("step_done", task)
    row = RegisterRow.objects.get(case=case.case, register="deviation")
    assert row.values["safeguards"] == ["home_first", "second_look_before_ladder"]
    assert "Het kind kent deze plek al" in words_of(client.get(address("step_start", task)))


def test_who_may_not_deviate_is_not_offered_to(case: Guarded) -> None:
    helper = a_user("zorgaanbieder", name="Zoë Zorg", organisation=an_organisation("Zorg BV", "provider"))
    add_member(Acting(case.worker, at(OPENED)), case.case.pk, helper, "zorgaanbieder")
    case.does("begin", how="ladder")
    task = case.task("ladder")
    release_task(Acting(case.worker, at(OPENED, 11)), task.pk)
    client = signed_in(helper)
    page = client.post(address("step_check", task), {"form_key": "k"})
    assert page.status_code == 422
    assert "Afwijken met een reden" not in words_of(page)
    assert client.get(address("step_deviate", task))["Location"] == address("step_check", task)


def test_a_step_that_may_not_be_skipped_says_so_in_its_own_words(case: Guarded) -> None:
    open_track(Acting(case.worker, at(OPENED)), case.case.pk, "V", "placement")
    case.does("placed")
    case.does("left")
    client, task = signed_in(case.worker), case.task("look_back")
    page = client.post(address("step_skip", task), reason())
    assert page.status_code == 422
    told = words_of(page)
    assert "U kunt deze stap nu niet overslaan" in told
    assert "Niemand kan een terugblik op de plaatsing overslaan." in told
    assert "Afwijken met een reden" not in told


def test_who_deviated_reads_that_a_colleague_closes_the_look_back(case: Guarded) -> None:
    client, task, _response = handed_in(case, "ladder", "ladder")
    client.post(address("step_deviate", task), {**reason(), "colleague": case.because().colleague})
    again = case.task("look_again")
    taken = client.post(address("step_start", again))
    assert taken.status_code == 422
    assert "Een collega kijkt erop terug en doet dat." in words_of(taken)
    assert signed_in(case.colleague).post(address("step_start", again)).status_code == 302


def test_another_step_that_is_refused_is_told_on_a_page_too(case: Guarded) -> None:
    open_track(Acting(case.worker, at(OPENED)), case.case.pk, "V", "placement")
    case.does("placed")
    url = reverse("padwijzer:track_start", args=[case.case.pk, "V", "close"])
    page = signed_in(case.worker).post(url, {"subject": ""})
    assert page.status_code == 422
    assert "volgt een afspraak over contact voordat de zaak sluit" in words_of(page)


@pytest.mark.parametrize("way", ["besluit", "ladder"])
@pytest.mark.django_db(transaction=True)
def test_the_page_is_accessible_and_fits_every_screen(
    case: Guarded, browser: Browser, live_server: Any, way: str
) -> None:
    case.does("begin", how=way)
    client, task = signed_in(case.worker), case.task("decide" if way == "besluit" else "ladder")
    for width in WIDTHS:
        context = in_browser(browser, live_server.url, client, width)
        page = context.new_page()
        page.goto(f"{live_server.url}{address('step_check', task)}")
        page.locator("main form button[type=submit]").last.click()
        assert page.locator("h1").inner_text() == "U kunt deze stap nog niet afronden"
        assert violations(page) == []
        assert not page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth")
        context.close()
