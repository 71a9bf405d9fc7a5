"""The page of consent: who must say yes and why, what each of them said, and how that was on any day."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django import DjangoAssertNumQueries

from padwijzer.cms.work.consent import MEANS, STATES, SUBSTITUTES, WHY
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.core.consent import ConsentState, Substitute, Why
from padwijzer.workflows.models import Case, Event, Membership, RegisterRow, Task
from tests.support.browsing import check_page
from tests.support.cases import Family, a_case, a_release, a_user, an_organisation, at, it_is, with_help_chosen

pytestmark = pytest.mark.django_db

TODAY = "2026-11-25"
EXPLAINED = ["wat", "waarom", "duur", "anders", "nee_zeggen"]


def address(case: Case, day: str = "") -> str:
    year, month, number = day.split("-") if day else ("", "", "")
    boxes = urlencode({"op__day": number, "op__month": month, "op__year": year})
    return reverse("padwijzer:consent", args=[case.pk]) + (f"?{boxes}" if day else "")


def text(response: Any) -> str:
    return str(response.content.decode())


def asked(family: Family) -> Family:
    """The same case on the way to consent: help was granted, and it was explained."""
    with_help_chosen(family)
    granted = {"besluit": "ja", "besluit_uitleg": "Rust", "besluit_van": "2026-11-20", "besluit_tot": "2027-05-20"}
    family.does("municipal_decision", {**granted, "eerste_evaluatie": "2027-01-20"}, "2026-11-06")
    family.does("who_consents", {"gezag_gecontroleerd_op": "2026-11-06"}, "2026-11-07")
    family.does("explain", {"uitgelegd": EXPLAINED}, "2026-11-07")
    return family


def contact(family: Family) -> Any:
    """The fixed contact person of the case."""
    found = Membership.objects.filter(case=family.case, role="vap").first()
    assert found is not None
    return found.user


def answered(family: Family, father: str = "akkoord") -> Family:
    rows = [
        {
            "persoon": family.mother,
            "antwoord": "akkoord",
            "datum": "2026-11-09",
            "manier": "gesprek",
            "eigen_woorden": "Fijn dat iemand meedenkt.",
        },
        {"persoon": family.father, "antwoord": father, "datum": "2026-11-10", "manier": "app"},
    ]
    family.does("answers", {"antwoorden": rows, "stem_kind": "Ik wil graag"}, "2026-11-10")
    return family


@pytest.fixture
def family(db: None, monkeypatch: pytest.MonkeyPatch) -> Family:
    a_release()
    it_is(monkeypatch, TODAY)
    return a_case()


def shown(family: Family, user: Any = None, day: str = "") -> Any:
    client = Client()
    client.force_login(user or family.worker)
    return client.get(address(family.case, day))


def voices(response: Any) -> dict[str, Any]:
    return {it["person"]: it for it in response.context["items"][0]["voices"]}


class TestWhoMayComeIn:
    def test_who_is_not_signed_in_is_asked_to_sign_in(self, family: Family) -> None:
        assert Client().get(address(family.case)).status_code == 302

    def test_who_is_not_involved_and_what_does_not_exist_look_the_same(self, family: Family) -> None:
        client = Client()
        client.force_login(a_user("jeugdconsulent"))
        assert client.get(address(family.case)).status_code == 404
        assert client.get(reverse("padwijzer:consent", args=[uuid4()])).status_code == 404

    def test_nothing_can_be_posted(self, family: Family) -> None:
        client = Client()
        client.force_login(family.worker)
        assert client.post(address(family.case)).status_code == 405

    def test_that_he_looked_is_written_down(self, family: Family) -> None:
        shown(family)
        looks = Event.objects.filter(stream__contains=str(family.case.pk), envelope__contains='"page":"consent"')
        assert looks.count() == 1

    def test_a_provider_without_an_assignment_sees_nothing_of_consent(self, family: Family) -> None:
        answered(asked(family))
        provider = a_user("zorgaanbieder", organisation=an_organisation("De Brug", "provider"))
        other = a_user("zorgaanbieder", organisation=an_organisation("De Dijk", "provider"))
        family.joins(provider, "zorgaanbieder", "2026-11-11")
        family.joins(other, "zorgaanbieder", "2026-11-11")
        response = shown(family, provider)
        assert response.status_code == 200
        assert response.context["items"] == []
        assert "meedenkt" not in text(response)


class TestWhatItSays:
    def test_before_help_is_chosen_there_is_nothing_to_say_yes_to(self, family: Family) -> None:
        response = shown(family)
        assert (response.context["items"], response.context["over"]) == ([], [])
        assert response.context["withdraw_url"] == ""

    def test_help_that_was_not_asked_about_says_whom_to_ask_and_why(self, family: Family) -> None:
        response = shown(asked(family))
        assert response.context["items"][0]["status"] == "todo"
        assert set(voices(response)) == {"Mirjam de Wit", "Paul de Wit"}
        for voice in voices(response).values():
            assert "Noor de Wit" in voice["why"]
            assert voice["ground"] == "Jeugdwet 7.3.15"
            assert voice["said"] == ""
        assert response.context["withdraw_url"] == ""

    def test_what_each_person_said_stands_there_with_day_and_manner(self, family: Family) -> None:
        response = shown(answered(asked(family)))
        assert response.context["items"][0]["status"] == "done"
        mother = voices(response)["Mirjam de Wit"]
        assert "9 november 2026" in mother["said"]
        assert mother["own_words"] == "Fijn dat iemand meedenkt."
        assert "10 november 2026" in voices(response)["Paul de Wit"]["said"]

    def test_a_no_is_a_no(self, family: Family) -> None:
        response = shown(answered(asked(family), father="nee"))
        assert response.context["items"][0]["status"] == "late"
        assert voices(response)["Paul de Wit"]["status"] == "late"

    def test_whoever_said_yes_can_take_it_back_from_here(self, family: Family) -> None:
        response = shown(answered(asked(family)), contact(family))
        urls = [voices(response)[name]["withdraw_url"] for name in ("Mirjam de Wit", "Paul de Wit")]
        assert all(url in text(response) for url in urls)
        assert len(set(urls)) == 2

    def test_when_nobody_is_known_who_may_decide_it_says_so(self, family: Family) -> None:
        asked(family)
        for row in RegisterRow.objects.filter(case=family.case, register="authority"):
            change_register(
                Acting(family.worker, at("2026-11-08")),
                family.case.pk,
                "authority",
                {"until": date(2026, 11, 8)},
                row=str(row.pk),
            )
        response = shown(family)
        (voice,) = response.context["items"][0]["voices"]
        assert voice["is_nobody"]
        assert reverse("padwijzer:family", args=[family.case.pk]) in text(response)

    def test_after_a_birthday_the_youth_is_asked_too(self, family: Family) -> None:
        answered(asked(family))
        change_register(
            Acting(family.worker, at("2026-11-12")),
            family.case.pk,
            "person",
            {"birth_date": date(2014, 11, 20)},
            row=family.child,
        )
        item = shown(family).context["items"][0]
        assert item["ask_again"] == "Noor de Wit"

    def test_every_rule_state_and_substitute_has_its_words(self) -> None:
        assert set(WHY) == set(Why)
        assert set(STATES) == set(ConsentState)
        assert set(SUBSTITUTES) == set(Substitute)
        assert set(MEANS) == set(ConsentState) - {ConsentState.COMPLETE}

    def test_twelve_queries_are_enough(
        self, family: Family, django_assert_max_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answered(asked(family))
        monkeypatch.setattr("padwijzer.cms.work.doors.record_look", lambda *_: None)
        client = Client()
        client.force_login(family.worker)
        with django_assert_max_num_queries(12):
            client.get(address(family.case))


class TestTakingBack:
    def test_one_page_and_one_button_are_enough(self, family: Family) -> None:
        answered(asked(family))
        client = Client()
        client.force_login(contact(family))
        url = voices(client.get(address(family.case)))["Paul de Wit"]["withdraw_url"]
        before = client.get(url)
        assert "Paul de Wit" in text(before)
        key = before.context["form_key"]
        after = client.post(url, {"words": "Het werkt niet.", "form_key": key})
        task = Task.objects.get(case=family.case, activity="withdraw_consent")
        assert after["Location"] == reverse("padwijzer:step_done", args=[task.pk])
        assert client.post(url, {"form_key": key})["Location"] == after["Location"]
        assert voices(client.get(address(family.case)))["Paul de Wit"]["status"] == "late"

    def test_a_reason_is_not_needed(self, family: Family) -> None:
        answered(asked(family))
        client = Client()
        client.force_login(contact(family))
        url = voices(client.get(address(family.case)))["Mirjam de Wit"]["withdraw_url"]
        assert client.post(url, {}).status_code == 302
        assert client.get(url).status_code == 404  # there is nothing left to take back

    def test_who_may_not_write_it_down_finds_no_button_and_no_page(self, family: Family) -> None:
        answered(asked(family))
        url = voices(shown(family, contact(family)))["Paul de Wit"]["withdraw_url"]
        other = a_user("zorgaanbieder", organisation=an_organisation("De Dijk", "provider"))
        family.joins(other, "zorgaanbieder", "2026-11-11")
        client = Client()
        client.force_login(other)
        assert "/intrekken/" not in text(client.get(address(family.case)))
        assert client.get(url).status_code == 404
        assert client.post(url, {}).status_code == 404

    def test_nobody_takes_back_for_somebody_who_does_not_decide(self, family: Family) -> None:
        answered(asked(family))
        client = Client()
        client.force_login(contact(family))
        url = voices(client.get(address(family.case)))["Paul de Wit"]["withdraw_url"]
        other = url.replace(family.father, family.child)
        assert client.get(other).status_code == 404
        assert client.post(other, {}).status_code == 422
        assert not Task.objects.filter(case=family.case, activity="withdraw_consent").exists()


class TestAnyDay:
    def test_it_shows_how_it_was_on_that_day(self, family: Family) -> None:
        answered(asked(family))
        states = {
            day: shown(family, day=day).context["items"][0]["status"]
            for day in ("2026-11-08", "2026-11-09", "2026-11-10")
        }
        assert states == {"2026-11-08": "todo", "2026-11-09": "waiting", "2026-11-10": "done"}

    def test_before_the_help_was_chosen_it_was_not_there(self, family: Family) -> None:
        answered(asked(family))
        assert shown(family, day="2026-11-03").context["items"] == []

    def test_the_past_offers_nothing_to_withdraw(self, family: Family) -> None:
        answered(asked(family))
        past = shown(family, contact(family), day="2026-11-12")
        assert "/intrekken/" not in text(past)

    def test_a_day_that_cannot_be_is_said_in_words_and_shows_today(self, family: Family) -> None:
        answered(asked(family))
        for day in (
            "morgen--",
            "2026-13-01",
            "2026-02-30",
            "2027-01-01",
            "2026--",
            f"{'x' * 5000}--",
            "2026-%00-1",
            "２０２６-11-09-"[:-1] + "x",
        ):
            response = shown(family, day=day)
            assert response.status_code == 422, day
            assert response.context["has_errors"]
            assert response.context["day"].isoformat() == TODAY
            assert 'href="#id_op_' in text(response)

    def test_an_empty_day_is_today(self, family: Family) -> None:
        client = Client()
        client.force_login(family.worker)
        response = client.get(address(family.case) + "?op__day=&op__month=&op__year=")
        assert response.status_code == 200
        assert not response.context["is_past"]


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_the_page_is_accessible_in_every_width(
    live_server: Any, browser: Browser, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_release()
    it_is(monkeypatch, TODAY)
    family = a_case()
    client.force_login(family.worker)
    assert check_page(browser, live_server.url, address(family.case), client) == []
    answered(asked(family), father="nee")
    for here in (address(family.case), address(family.case, "2026-11-09")):
        assert check_page(browser, live_server.url, here, client) == []
