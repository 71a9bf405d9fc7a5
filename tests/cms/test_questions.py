"""A new question: the child first, a look whether the family is known, then the question, and the case is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext
from playwright.sync_api import Browser, ConsoleMessage
from pytest_django import DjangoAssertNumQueries

from padwijzer.forms.core.schema import in_language
from padwijzer.permissions.models import RoleAssignment
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.streams import reads_stream
from padwijzer.workflows.models import Case, Event, RegisterRow, Task
from tests.support.axe import violations
from tests.support.browsing import WIDTHS, check_page
from tests.support.browsing import signed_in as in_browser
from tests.support.cases import a_case, a_release, a_user, an_organisation, at, with_contact_person

pytestmark = pytest.mark.django_db

NOOR = {
    "stap": "kind",
    "kind-name": "Noor de Wit",
    "kind-birth_date__day": "2",
    "kind-birth_date__month": "4",
    "kind-birth_date__year": "2017",
}
QUESTION = {
    "vraag-vraag": "Er is vaak ruzie thuis",
    "vraag-bron": "gezin",
    "vraag-nu_veilig": "ja",
    "vraag-aanvraagdatum__day": "2",
    "vraag-aanvraagdatum__month": "11",
    "vraag-aanvraagdatum__year": "2020",
    "vraag-__asked": "vraag bron aanvraagdatum nu_veilig",
}


def address() -> str:
    return reverse("padwijzer:new_question")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opening(**other: str) -> dict[str, str]:
    return {**NOOR, **QUESTION, "stap": "vraag", "form_key": str(uuid4()), **other}


def listener(complaints: list[str]) -> Callable[[ConsoleMessage], None]:
    """Keeps what the browser says of the policy; that a page answers 422 it says as well."""
    return lambda message: complaints.append(message.text) if "policy" in message.text.lower() else None


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def worker(db: None) -> Any:
    a_release(at("2020-01-02"))
    return a_user("jeugdconsulent", name="Anna Bakker")


class TestWhoMayComeIn:
    def test_who_is_not_signed_in_is_asked_to_sign_in(self) -> None:
        response = Client().get(address())
        assert response.status_code == 302
        assert response["Location"].startswith("/inloggen/")

    def test_a_provider_finds_no_such_page(self) -> None:
        client = signed_in(a_user("zorgaanbieder"))
        assert client.get(address()).status_code == 404
        assert client.post(address(), opening()).status_code == 404
        assert not Case.objects.exists()

    def test_somebody_who_has_no_role_today_finds_no_such_page(self) -> None:
        assert signed_in(a_user()).get(address()).status_code == 404

    def test_before_anything_is_published_the_page_says_so(self) -> None:
        client = signed_in(a_user("jeugdconsulent"))
        for response in (client.get(address()), client.post(address(), opening())):
            assert response.status_code == 200
            assert response.templates[0].name == "padwijzer_cms/work/new_question_unpublished.html"
        assert not Case.objects.exists()


class TestTheChild:
    def test_it_asks_for_a_name_and_a_day(self, worker: Any) -> None:
        shown = text(signed_in(worker).get(address()))
        assert 'name="kind-name"' in shown
        assert 'name="kind-birth_date__day"' in shown
        assert 'name="kind-birth_date__unknown"' in shown
        assert "kind-organisation" not in shown

    def test_nothing_of_the_child_stands_in_an_address(self, worker: Any) -> None:
        response = signed_in(worker).post(address(), NOOR)
        assert response.status_code == 200
        assert not re.search(r'(href|action)="[^"]*Noor', text(response))

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, worker: Any) -> None:
        client = signed_in(worker)
        wrong: tuple[tuple[dict[str, str], str], ...] = (
            ({"kind-name": ""}, "name"),
            ({"kind-name": "N"}, "name"),
            ({"kind-name": "x" * 5000}, "name"),
            ({"kind-name": "Noor\x00"}, "name"),
            ({"kind-birth_date__day": "31", "kind-birth_date__month": "2"}, "birth_date"),
            ({"kind-birth_date__day": "", "kind-birth_date__month": "", "kind-birth_date__year": ""}, "birth_date"),
            ({"kind-birth_date__year": "2199"}, "birth_date"),
            ({"kind-expected": "nog_niet"}, "birth_date"),
            ({"kind-expected": "iets"}, "expected"),
        )
        for sent, field in wrong:
            response = client.post(address(), {**NOOR, **sent})
            assert response.status_code == 422, sent
            assert response.context["has_errors"]
            assert list(response.context["form"].errors) == [field], sent
            if "kind-name" not in sent:
                assert "Noor de Wit" in text(response)

    def test_an_unknown_birth_date_and_an_expected_one_are_answers(self, worker: Any) -> None:
        client = signed_in(worker)
        without = {key: value for key, value in NOOR.items() if "birth_date" not in key}
        response = client.post(address(), {**without, "kind-birth_date__unknown": "1"})
        assert response.templates[0].name == "padwijzer_cms/work/new_question_question.html"
        expected = {**NOOR, "kind-birth_date__year": "2190", "kind-expected": "nog_niet"}
        assert client.post(address(), expected).status_code == 200

    def test_an_unknown_stage_starts_again(self, worker: Any) -> None:
        response = signed_in(worker).post(address(), {**NOOR, "stap": "iets anders"})
        assert response.templates[0].name == "padwijzer_cms/work/new_question.html"

    def test_who_works_for_two_organisations_says_for_which(self, worker: Any) -> None:
        other = an_organisation("Gemeente Elders")
        colleague = a_user("jeugdconsulent", organisation=other)
        RoleAssignment.objects.create(
            user=colleague, organisation=an_organisation(), role="jeugdconsulent", since=date(2020, 1, 1)
        )
        client = signed_in(colleague)
        assert client.post(address(), NOOR).status_code == 422
        client.post(address(), opening(**{"kind-organisation": str(other.pk)}))
        assert Case.objects.get().organisation == other


class TestAKnownFamily:
    def test_a_known_child_is_shown_before_a_case_is_made(self, worker: Any) -> None:
        family = a_case(worker, day="2020-02-03")
        response = signed_in(worker).post(address(), NOOR)
        assert response.templates[0].name == "padwijzer_cms/work/new_question_known.html"
        assert family.case.number in text(response)
        assert reverse("padwijzer:case", args=[family.case.pk]) in text(response)
        assert Case.objects.count() == 1

    def test_somebody_else_reads_whom_to_ask_and_nothing_more(self, worker: Any) -> None:
        family = with_contact_person(a_case(day="2020-02-03"), "2020-02-05")
        shown = text(signed_in(worker).post(address(), {**NOOR, "kind-name": "Noor"}))
        assert family.case.number in shown
        assert "Anna Bakker" in shown
        assert reverse("padwijzer:case", args=[family.case.pk]) not in shown
        assert "Mirjam" not in shown
        assert "ruzie" not in shown

    def test_that_he_looked_is_written_down(self, worker: Any) -> None:
        family = a_case(day="2020-02-03")
        signed_in(worker).post(address(), NOOR)
        looks = Event.objects.filter(stream=reads_stream(family.case.pk))
        assert '"page":"new_question"' in looks.get().envelope

    def test_another_name_or_another_day_is_another_child(self, worker: Any) -> None:
        a_case(day="2020-02-03")
        client = signed_in(worker)
        for other in ({"kind-name": "Sam de Wit"}, {"kind-birth_date__day": "3"}):
            response = client.post(address(), {**NOOR, **other})
            assert response.templates[0].name == "padwijzer_cms/work/new_question_question.html"

    def test_a_first_name_without_a_day_lists_nobody(self, worker: Any) -> None:
        a_case(day="2020-02-03")
        client = signed_in(worker)
        without = {"stap": "kind", "kind-birth_date__unknown": "1"}
        assert "families" not in client.post(address(), {**without, "kind-name": "Noor"}).context
        assert "families" in client.post(address(), {**without, "kind-name": "noor  de wit"}).context

    def test_a_family_of_another_organisation_is_not_found(self, worker: Any) -> None:
        elsewhere = an_organisation("Gemeente Elders")
        stranger = a_user("jeugdconsulent", organisation=elsewhere)
        a_case(stranger, organisation=elsewhere, day="2020-02-03")
        assert "families" not in signed_in(worker).post(address(), NOOR).context

    def test_at_most_five_families_are_listed_and_it_is_said_that_there_are_more(self, worker: Any) -> None:
        colleague = a_user("jeugdconsulent")
        for _number in range(6):
            a_case(colleague, day="2020-02-03")
        response = signed_in(worker).post(address(), NOOR)
        assert len(response.context["families"]) == 5
        assert response.context["more"]

    def test_another_family_goes_on_to_the_question(self, worker: Any) -> None:
        a_case(worker, day="2020-02-03")
        client = signed_in(worker)
        response = client.post(address(), {**NOOR, "stap": "ander"})
        assert response.templates[0].name == "padwijzer_cms/work/new_question_question.html"
        assert client.post(address(), opening()).status_code == 302
        assert Case.objects.count() == 2

    def test_twelve_queries_read_a_known_family(
        self, worker: Any, django_assert_max_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        a_case(worker, day="2020-02-03")
        monkeypatch.setattr("padwijzer.cms.work.questions.record_look", lambda *_: None)
        client = signed_in(worker)
        with django_assert_max_num_queries(12):
            client.post(address(), NOOR)


class TestTheQuestion:
    def test_the_day_of_the_question_is_filled_in_beforehand(self, worker: Any) -> None:
        response = signed_in(worker).post(address(), NOOR)
        question = response.context["question"]
        assert question["aanvraagdatum"].value()
        assert {"vraag", "bron", "nu_veilig"} <= set(question.fields)

    def test_twelve_queries_are_enough(
        self, worker: Any, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        client = signed_in(worker)
        with django_assert_max_num_queries(12):
            client.get(address())
        with django_assert_max_num_queries(12):
            client.post(address(), NOOR)

    def test_one_form_opens_the_case_and_says_what_happens_next(self, worker: Any) -> None:
        client = signed_in(worker)
        response = client.post(address(), opening(**{"ouders-one": "Mirjam de Wit"}))
        case = Case.objects.get()
        assert response.status_code == 302
        assert response["Location"] == reverse("padwijzer:case", args=[case.pk])
        assert Task.objects.filter(case=case, activity="question_or_signal", outcome="done").exists()
        people = RegisterRow.objects.filter(case=case, register="person").exclude(values__kind="professional")
        assert {(it.values["name"], it.values["kind"]) for it in people} == {
            ("Noor de Wit", "child"),
            ("Mirjam de Wit", "parent"),
        }
        said = " ".join(str(it) for it in client.get(response["Location"]).context["messages"])
        assert case.number in said
        assert re.search("[0-9A-Z]{4}-[0-9A-Z]{4}", said)
        assert "Eerste gesprek" in said or "gesprek" in said.lower()
        assert "Noor" not in said

    def test_handed_in_twice_there_is_one_case(self, worker: Any) -> None:
        client = signed_in(worker)
        sent = opening()
        first, second = client.post(address(), sent), client.post(address(), sent)
        assert Case.objects.count() == 1
        assert first["Location"] == second["Location"]
        messages = [str(it) for it in client.get(first["Location"]).context["messages"]]
        assert messages[0] == messages[1]

    def test_without_a_key_a_case_is_opened_all_the_same(self, worker: Any) -> None:
        signed_in(worker).post(address(), opening(form_key="geen sleutel"))
        assert Case.objects.count() == 1

    def test_who_is_not_the_family_is_asked_whether_the_family_knows(self, worker: Any) -> None:
        client = signed_in(worker)
        response = client.post(address(), opening(**{"vraag-bron": "school"}))
        assert response.status_code == 200
        assert not response.context["has_errors"]
        assert [it.name for it in response.context["newly"]] == ["gezin_weet_ervan"]
        assert not Case.objects.exists()
        asked = QUESTION["vraag-__asked"] + " gezin_weet_ervan"
        client.post(
            address(),
            opening(**{"vraag-bron": "school", "vraag-gezin_weet_ervan": "nee", "vraag-__asked": asked}),
        )
        assert Case.objects.count() == 1

    def test_an_answer_that_lacks_opens_no_case_and_loses_nothing(self, worker: Any) -> None:
        response = signed_in(worker).post(
            address(), opening(**{"vraag-nu_veilig": "", "ouders-one": "Mirjam de Wit", "form_key": "x"})
        )
        shown = text(response)
        assert response.status_code == 422
        assert not Case.objects.exists()
        for typed in ("Er is vaak ruzie thuis", "Mirjam de Wit", "Noor de Wit"):
            assert typed in shown

    def test_the_key_stays_the_same_while_answers_are_mended(self, worker: Any) -> None:
        client = signed_in(worker)
        sent = opening(**{"vraag-nu_veilig": ""})
        assert client.post(address(), sent).context["form_key"] == sent["form_key"]

    def test_going_back_to_the_child_keeps_the_question(self, worker: Any) -> None:
        client = signed_in(worker)
        sent = opening(stap="terug")
        back = client.post(address(), sent)
        assert back.status_code == 200
        assert back.templates[0].name == "padwijzer_cms/work/new_question.html"
        carried = dict(back.context["carried"])
        assert carried["vraag-vraag"] == "Er is vaak ruzie thuis"
        assert carried["form_key"] == sent["form_key"]
        again = client.post(address(), {**NOOR, **carried})
        assert "Er is vaak ruzie thuis" in text(again)
        assert not again.context["has_errors"]
        assert not Case.objects.exists()

    def test_what_cannot_be_is_refused_in_words(self, worker: Any) -> None:
        client = signed_in(worker)
        for wrong in (
            {"vraag-vraag": "x" * 200_000},
            {"ouders-one": "x" * 500},
            {"vraag-bron": "buurvrouw"},
            {"kind-name": ""},
        ):
            response = client.post(address(), opening(**wrong))
            assert response.status_code == 422, list(wrong)
            assert not Case.objects.exists()

    def test_a_child_that_is_not_born_yet_gets_a_case(self, worker: Any) -> None:
        client = signed_in(worker)
        client.post(address(), opening(**{"kind-birth_date__year": "2190", "kind-expected": "nog_niet"}))
        child = RegisterRow.objects.get(register="person", values__kind="child")
        assert child.values["birth"] == "expected"
        assert child.values["birth_date"] == "2190-04-02"

    def test_when_it_is_not_safe_now_it_says_who_takes_over(self, worker: Any) -> None:
        client = signed_in(worker)
        response = client.post(address(), opening(**{"vraag-nu_veilig": "nee"}))
        said = [str(it) for it in client.get(response["Location"]).context["messages"]]
        words = dict(shipped().definitions["V"].outside)["D-SPOED"]
        assert in_language(words) in said[0]


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_a_question_is_taken_down_by_keyboard_at_every_width_without_a_script(
    live_server: Any, browser: Browser, client: Client
) -> None:
    a_release(at("2020-01-02"))
    family = a_case(day="2020-02-03")
    client.force_login(family.worker)
    site = live_server.url
    assert check_page(browser, site, address(), client) == []
    for width in WIDTHS:
        context = in_browser(browser, site, client, width, java_script_enabled=False)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", listener(complaints))
        page.goto(f"{site}{address()}")
        page.keyboard.press("Escape")
        with page.expect_navigation():
            page.locator("main .pw-buttons button").click()
        assert page.title().startswith(gettext("Error"))
        page.fill("[name=kind-name]", "Noor de Wit")
        for box, typed in (("day", "2"), ("month", "4"), ("year", "2017")):
            page.fill(f"[name=kind-birth_date__{box}]", typed)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert family.case.number in page.locator("main").inner_text()
        with page.expect_navigation():
            page.locator("main .pw-buttons .utrecht-button--primary-action").click()
        page.fill("[name=vraag-vraag]", "Er is vaak ruzie thuis")
        page.select_option("[name=vraag-bron]", "school")
        page.check("[name=vraag-nu_veilig][value=ja]")
        with page.expect_navigation():
            page.locator("main .pw-buttons button").click()
        page.check("[name=vraag-gezin_weet_ervan][value=ja]")
        with page.expect_navigation():
            page.locator("main .pw-buttons button").click()
        assert "J-" in page.locator(".pw-message--success").inner_text()
        assert complaints == []
        context.close()
    assert Case.objects.count() == 1 + len(WIDTHS)


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_every_page_of_a_question_is_accessible(live_server: Any, browser: Browser, client: Client) -> None:
    a_release(at("2020-01-02"))
    client.force_login(with_contact_person(a_case(day="2020-02-03"), "2020-02-05").worker)
    other = signed_in(a_user("jeugdconsulent"))
    for width in WIDTHS:
        for user in (client, other):
            context = in_browser(browser, live_server.url, user, width)
            page = context.new_page()
            page.goto(f"{live_server.url}{address()}")
            page.fill("[name=kind-name]", "Noor de Wit")
            for box, typed in (("day", "2"), ("month", "4"), ("year", "2017")):
                page.fill(f"[name=kind-birth_date__{box}]", typed)
            for _page in ("known", "question", "question with errors"):
                with page.expect_navigation():
                    page.locator("main .pw-buttons .utrecht-button--primary-action").click()
                assert violations(page) == []
                assert not page.evaluate(
                    "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
                )
            assert page.evaluate("document.activeElement.className") == "pw-error-summary"
            context.close()
