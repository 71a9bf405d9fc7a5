"""What can be started at any time: offered when it is possible, started with one press, never blocked for consent."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Browser

from padwijzer.cms.work.tracks import MOST_BUTTONS
from padwijzer.workflows.models import Event, PathRun, RegisterRow, Task
from tests.support.browsing import check_page
from tests.support.cases import Family, a_case, a_release, a_user, with_contact_person, with_help_chosen

TODAY = datetime.now(UTC).date()


def days_ago(number: int) -> date:
    return TODAY - timedelta(days=number)


def made() -> Family:
    a_release(datetime.now(UTC) - timedelta(days=30))
    return a_case(day=days_ago(3))


@pytest.fixture
def family(db: None) -> Family:
    return made()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def list_of(family: Family) -> str:
    return reverse("padwijzer:tracks", args=[family.case.pk])


def start_of(family: Family, track: str, definition: str = "V") -> str:
    return reverse("padwijzer:track_start", args=[family.case.pk, definition, track])


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def with_consent(family: Family, *says: str) -> Family:
    """The same case with help for which each parent was asked. Args: says: the answer of mother and father."""
    with_help_chosen(family, days_ago(2))
    decision = {
        "besluit": "ja",
        "besluit_uitleg": "Er is hulp nodig",
        "besluit_van": TODAY.isoformat(),
        "besluit_tot": (TODAY + timedelta(days=180)).isoformat(),
        "eerste_evaluatie": (TODAY + timedelta(days=60)).isoformat(),
    }
    family.does("municipal_decision", decision, TODAY)
    family.does("who_consents", {"gezag_gecontroleerd_op": TODAY.isoformat()}, TODAY)
    family.does("explain", {"uitgelegd": ["wat", "waarom", "duur", "anders", "nee_zeggen"]}, TODAY)
    said = [
        {"persoon": who, "antwoord": answer, "datum": TODAY.isoformat()}
        for who, answer in zip((family.mother, family.father), says, strict=True)
    ]
    family.does("answers", {"antwoorden": said, "stem_kind": "Wil graag"}, TODAY)
    return family


@pytest.mark.parametrize("page", [list_of, lambda family: start_of(family, "choose_mentor")])
def test_who_is_not_in_the_case_is_asked_to_sign_in_or_sees_nothing(family: Family, page: Any) -> None:
    anonymous = Client().get(page(family))
    assert anonymous["Location"].startswith(settings.LOGIN_URL)
    stranger = signed_in(a_user("jeugdconsulent", name="Eva Ander"))
    assert stranger.get(page(family)).status_code == 404
    assert stranger.post(start_of(family, "choose_mentor"), {"subject": family.child}).status_code == 404
    assert not PathRun.objects.filter(opened_as="track").exists()


def test_only_what_is_possible_now_is_offered_each_with_a_sentence(family: Family) -> None:
    client = signed_in(family.worker)
    assert "JIM" not in words(client.get(list_of(family)))
    with_contact_person(family, days_ago(2))
    told = words(client.get(list_of(family)))
    assert "JIM: jouw eigen mentor" in told
    assert "Een jongere kiest zelf een volwassene die blijft." in told
    assert "Toestemming intrekken" not in told


def test_starting_opens_the_first_step(family: Family) -> None:
    with_contact_person(family, days_ago(2))
    client = signed_in(family.worker)
    response = client.post(start_of(family, "choose_mentor"), {"subject": family.child})
    task = Task.objects.get(case=family.case, activity="choose_mentor")
    assert response["Location"] == reverse("padwijzer:step_start", args=[task.pk])
    assert task.process.subject == family.child
    assert Event.objects.filter(stream=family.case.stream, envelope__contains="track.opened").count() == 1


def test_starting_twice_leads_to_the_same_step(family: Family) -> None:
    with_contact_person(family, days_ago(2))
    client = signed_in(family.worker)
    first, second = (client.post(start_of(family, "choose_mentor"), {"subject": family.child}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert PathRun.objects.filter(case=family.case, opened_as="track").count() == 1
    assert first["Location"] in client.get(list_of(family)).content.decode()


def test_consent_is_taken_back_in_two_presses_from_the_case(family: Family) -> None:
    with_consent(family, "akkoord", "niet_bereikt")
    client = signed_in(family.worker)
    assert list_of(family) in client.get(reverse("padwijzer:case", args=[family.case.pk])).content.decode()
    page = client.get(list_of(family)).content.decode()
    assert page.index("Toestemming intrekken") < page.index("JIM: jouw eigen mentor")
    help_item = str(RegisterRow.objects.get(case=family.case, register="help_item").pk)
    assert f'name="subject" value="{help_item}"' in page
    response = client.post(start_of(family, "withdraw_consent"), {"subject": help_item})
    task = Task.objects.get(case=family.case, activity="withdraw_consent")
    assert response["Location"] == reverse("padwijzer:step_start", args=[task.pk])


def test_with_several_rows_one_is_chosen(family: Family) -> None:
    with_consent(family, "akkoord", "akkoord")
    row = RegisterRow.objects.get(case=family.case, register="help_item")
    consents = RegisterRow.objects.filter(case=family.case, register="consent")
    for number in range(MOST_BUTTONS):
        other = RegisterRow.objects.create(
            case=family.case,
            register="help_item",
            values={**row.values, "name": f"Hulp {number}"},
            order=100 + number,
            recorded_on=TODAY,
        )
        for consent in consents:
            values = {**consent.values, "subject": str(other.pk)}
            RegisterRow.objects.create(
                case=family.case, register="consent", values=values, order=200 + number, recorded_on=TODAY
            )
    client = signed_in(family.worker)
    assert f'href="{start_of(family, "withdraw_consent")}"' in client.get(list_of(family)).content.decode()
    choosing = client.get(start_of(family, "withdraw_consent"))
    assert choosing.content.decode().count('type="radio"') == MOST_BUTTONS + 1
    nothing = client.post(start_of(family, "withdraw_consent"), {})
    assert nothing.status_code == 422
    assert not Task.objects.filter(activity="withdraw_consent").exists()
    assert client.post(start_of(family, "withdraw_consent"), {"subject": str(row.pk)}).status_code == 302


@pytest.mark.parametrize("subject", ["", "x" * 5000, "\x00", "00000000-0000-0000-0000-000000000000"])
def test_a_row_that_cannot_be_chosen_starts_nothing_else(family: Family, subject: str) -> None:
    with_contact_person(family, days_ago(2))
    response = signed_in(family.worker).post(start_of(family, "choose_mentor"), {"subject": subject})
    started = Task.objects.filter(activity="choose_mentor").exists()
    assert (response.status_code, started) == ((302, True) if subject == "" else (422, False))


@pytest.mark.parametrize(
    ("definition", "track"), [("V", "help_runs"), ("V", "no_such_track"), ("X", "choose_mentor")]
)
def test_what_does_not_exist_or_opens_by_itself_cannot_be_started(
    family: Family, definition: str, track: str
) -> None:
    client = signed_in(family.worker)
    for response in (
        client.get(start_of(family, track, definition)),
        client.post(start_of(family, track, definition)),
    ):
        assert response.status_code == 404
    assert not PathRun.objects.filter(opened_as="track").exists()


def test_the_list_costs_twelve_queries_besides_signing_in_and_the_look(family: Family) -> None:
    with_consent(family, "akkoord", "niet_bereikt")
    client = signed_in(family.worker)
    client.get(list_of(family))
    with CaptureQueriesContext(connection) as captured:
        client.get(list_of(family))
    around = ("django_session", '"auth_user"."id" = ', "SAVEPOINT", "padwijzer_workflows_head", "INSERT INTO")
    assert 5 < len([it for it in captured if not any(part in it["sql"] for part in around)]) <= 12


@pytest.mark.once
def test_starting_something_is_accessible(
    transactional_db: None, live_server: Any, client: Client, browser: Browser
) -> None:
    family = with_consent(made(), "akkoord", "niet_bereikt")
    client.force_login(family.worker)
    for address in (list_of(family), start_of(family, "withdraw_consent")):
        assert check_page(browser, live_server.url, address, client) == []
