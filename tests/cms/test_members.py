"""Who works on a case: seeing it, asking somebody in, ending an involvement."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext
from playwright.sync_api import Browser

from padwijzer.permissions.models import RoleAssignment
from padwijzer.workflows.models import Event, Membership
from tests.support.browsing import check_page
from tests.support.cases import (
    LONG_AGO,
    Family,
    a_case,
    a_release,
    a_user,
    an_organisation,
    it_is,
    with_contact_person,
    words_of,
)

TODAY = "2026-11-10"


@pytest.fixture
def family(db: None, monkeypatch: pytest.MonkeyPatch) -> Family:
    """A case with its worker as fixed contact person."""
    a_release()
    it_is(monkeypatch, TODAY)
    return with_contact_person(a_case())


@pytest.fixture
def anna(client: Client, family: Family) -> Client:
    """The browser of who works on that case."""
    client.force_login(family.worker)
    return client


def page_of(family: Family) -> str:
    return reverse("padwijzer:members", args=[family.case.pk])


def end_of(membership: Membership) -> str:
    return reverse("padwijzer:end_membership", args=[membership.case_id, membership.pk])


def assignment_of(user: Any) -> int:
    found: int = RoleAssignment.objects.get(user=user).pk
    return found


def test_who_works_on_it_is_there_with_role_and_organisation(anna: Client, family: Family) -> None:
    provider = an_organisation("Zorg Dichtbij", "provider")
    family.joins(a_user("zorgaanbieder", name="Bo Haddou", organisation=provider), "zorgaanbieder", "2026-11-06")
    page = words_of(anna.get(page_of(family)))
    assert "Anna Bakker" in page
    assert "Bo Haddou zorgaanbieder, Zorg Dichtbij" in page


def test_a_colleague_is_asked_in_with_a_reason_and_sees_the_case_at_once(client: Client, family: Family) -> None:
    colleague = a_user("gezinscoach", name="Gijs Berg")
    client.force_login(family.worker)
    assert "Gijs Berg, gezinscoach" in words_of(client.get(page_of(family)))
    answer = client.post(page_of(family), {"who": assignment_of(colleague), "reason": "Neemt het plan over"})
    assert (answer.status_code, answer["Location"]) == (302, page_of(family))
    membership = Membership.objects.get(case=family.case, user=colleague)
    assert (membership.role, membership.reason, membership.since) == (
        "gezinscoach",
        "Neemt het plan over",
        date(2026, 11, 10),
    )
    client.force_login(colleague)
    assert client.get(reverse("padwijzer:case", args=[family.case.pk])).status_code == 200


def test_asked_in_twice_somebody_works_on_it_once(anna: Client, family: Family) -> None:
    colleague = a_user("gezinscoach")
    chosen = {"who": assignment_of(colleague), "reason": ""}
    assert anna.post(page_of(family), chosen).status_code == 302
    assert anna.post(page_of(family), chosen).status_code == 422
    assert Membership.objects.filter(case=family.case, user=colleague).count() == 1


def test_people_of_another_organisation_are_chosen_after_their_organisation(anna: Client, family: Family) -> None:
    provider = an_organisation("Zorg Dichtbij", "provider")
    bo = a_user("zorgaanbieder", name="Bo Haddou", organisation=provider)
    assert "Bo Haddou" not in words_of(anna.get(page_of(family)))
    there = f"{page_of(family)}?organisatie={provider.pk}"
    assert "Bo Haddou" in words_of(anna.get(there))
    anna.post(there, {"who": assignment_of(bo), "reason": ""})
    assert Membership.objects.get(case=family.case, user=bo).organisation == provider


@pytest.mark.parametrize("role", ["functioneel_beheerder", "auditor", "kwaliteitsmedewerker", "vap"])
def test_only_who_works_with_families_can_be_asked_in(anna: Client, family: Family, role: str) -> None:
    user = a_user(role, name="Wim Elders")
    joins = role == "kwaliteitsmedewerker"  # works for the municipality and could be asked to help
    assert ("Wim Elders" in words_of(anna.get(page_of(family)))) is joins
    if not joins:
        assert anna.post(page_of(family), {"who": assignment_of(user), "reason": ""}).status_code == 422


def test_who_left_the_organisation_or_the_system_cannot_be_asked_in(anna: Client, family: Family) -> None:
    gone = a_user("gezinscoach", name="Gijs Weg", is_active=False)
    left = a_user("gezinscoach", name="Lia Weg")
    RoleAssignment.objects.filter(user=left).update(until=LONG_AGO)
    technical = a_user("gezinscoach", name="Ties Weg", is_superuser=True)
    assert "Weg" not in words_of(anna.get(page_of(family)))
    for user in (gone, left, technical):
        assert anna.post(page_of(family), {"who": assignment_of(user), "reason": ""}).status_code == 422


@pytest.mark.parametrize(
    "posted",
    [{}, {"who": ""}, {"who": "x"}, {"who": "9" * 400}, {"who": "-1"}, {"who": "0", "reason": "r" * 301}],
)
def test_what_is_wrong_stands_above_the_page(anna: Client, family: Family, posted: dict[str, str]) -> None:
    a_user("gezinscoach")
    answer = anna.post(page_of(family), posted)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f"<title>{gettext('Error')}: " in html
    assert html.index("pw-error-summary") < html.index("<h1")


def test_too_long_a_reason_is_refused_and_kept(anna: Client, family: Family) -> None:
    colleague = a_user("gezinscoach")
    answer = anna.post(page_of(family), {"who": assignment_of(colleague), "reason": "r" * 301})
    assert gettext("Use at most 300 characters.") in words_of(answer)
    assert "r" * 301 in answer.content.decode()


@pytest.mark.parametrize("role", ["gedragswetenschapper", "mandaathouder"])
def test_who_may_not_change_it_sees_who_works_on_it_and_no_form(client: Client, family: Family, role: str) -> None:
    user = a_user(role)
    family.joins(user, role, "2026-11-06")
    client.force_login(user)
    answer = client.get(page_of(family))
    assert "Anna Bakker" in words_of(answer)
    assert "<form" not in answer.content.decode()
    assert client.post(page_of(family), {"who": assignment_of(user), "reason": ""}).status_code == 404


# Ending


def test_an_involvement_ends_after_the_day_that_was_chosen(client: Client, family: Family, monkeypatch: Any) -> None:
    colleague = a_user("gezinscoach")
    membership = family.joins(colleague, "gezinscoach", "2026-11-06")
    client.force_login(family.worker)
    posted = {"until__day": "10", "until__month": "11", "until__year": "2026"}
    assert client.post(end_of(membership), posted)["Location"] == page_of(family)
    client.force_login(colleague)
    case = reverse("padwijzer:case", args=[family.case.pk])
    assert client.get(case).status_code == 200
    it_is(monkeypatch, "2026-11-11")
    assert client.get(case).status_code == 404
    assert '"type":"member.ended"' in Event.objects.filter(stream=family.case.stream).order_by("-seq")[0].envelope


def test_the_day_of_today_is_filled_in(anna: Client, family: Family) -> None:
    membership = family.joins(a_user("gezinscoach"), "gezinscoach", "2026-11-06")
    html = anna.get(end_of(membership)).content.decode()
    assert all(f'value="{it}"' in html for it in ("10", "11", "2026"))


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"until__day": "5", "until__month": "11", "until__year": "2026"},
        {"until__day": "31", "until__month": "2", "until__year": "2027"},
        {"until__day": "x" * 500, "until__month": "11", "until__year": "2026"},
        {"until__day": "10", "until__month": "11", "until__year": "99999"},
    ],
)
def test_a_day_that_cannot_be_is_refused(anna: Client, family: Family, posted: dict[str, str]) -> None:
    membership = family.joins(a_user("gezinscoach"), "gezinscoach", "2026-11-06")
    answer = anna.post(end_of(membership), posted)
    assert answer.status_code == 422
    assert f"<title>{gettext('Error')}: " in answer.content.decode()
    membership.refresh_from_db()
    assert membership.until is None


def test_the_fixed_contact_person_cannot_be_ended(anna: Client, family: Family) -> None:
    contact = Membership.objects.get(case=family.case, role="vap")
    assert end_of(contact) not in anna.get(page_of(family)).content.decode()
    assert gettext("First choose another fixed contact person") in words_of(anna.get(end_of(contact)))
    answer = anna.post(end_of(contact), {"until__day": "10", "until__month": "11", "until__year": "2026"})
    assert answer.status_code == 422
    contact.refresh_from_db()
    assert contact.until is None


def test_an_involvement_of_another_case_is_not_found_here(anna: Client, family: Family) -> None:
    other = a_case(a_user("jeugdconsulent"), child="Sam Smit")
    elsewhere = Membership.objects.get(case=other.case)
    address = reverse("padwijzer:end_membership", args=[family.case.pk, elsewhere.pk])
    assert anna.get(address).status_code == 404
    assert anna.post(address, {}).status_code == 404


@pytest.mark.parametrize("membership", [0, 999_999, 10**30])
def test_an_involvement_that_does_not_exist_is_not_found(anna: Client, family: Family, membership: int) -> None:
    assert anna.get(reverse("padwijzer:end_membership", args=[family.case.pk, membership])).status_code == 404


# In a browser


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_the_pages_are_accessible_in_every_width(
    live_server: Any, browser: Browser, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_release()
    it_is(monkeypatch, TODAY)
    family = with_contact_person(a_case())
    for number in range(9):
        a_user("gezinscoach", name=f"Coach {number}")
    membership = family.joins(a_user("gezinscoach", name="Gijs Berg"), "gezinscoach", "2026-11-06")
    an_organisation("Zorg Dichtbij", "provider")
    client.force_login(family.worker)
    for address in (page_of(family), end_of(membership)):
        assert check_page(browser, live_server.url, address, client) == []
