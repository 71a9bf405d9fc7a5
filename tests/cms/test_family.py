"""The family page: who belongs to it, who has authority, and every change as a form of at most three questions."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django import DjangoAssertNumQueries

from padwijzer.cms.work.family_forms import CHANGES, FamilyForm, PersonForm
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.models import Case, Event, RegisterRow
from tests.support.browsing import check_page
from tests.support.cases import Family, a_case, a_release, a_user, an_organisation, at, with_help_chosen

pytestmark = pytest.mark.django_db

SECRET = "Geheimlaan 7, 1000 AA Voorbeeldstad"


@pytest.fixture
def family(db: None) -> Family:
    a_release(at("2020-01-02"))
    return a_case(day="2020-02-03")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(case: Case) -> str:
    return reverse("padwijzer:family", args=[case.pk])


def change(family: Family, row: Any, what: str) -> str:
    return reverse("padwijzer:family_change", args=[family.case.pk, row, what])


def row(id_: str) -> dict[str, Any]:
    return dict(RegisterRow.objects.get(pk=id_).values)


def text(response: Any) -> str:
    return str(response.content.decode())


def boxes(name: str, day: date) -> dict[str, str]:
    return {f"{name}__day": str(day.day), f"{name}__month": str(day.month), f"{name}__year": str(day.year)}


def authority_of(family: Family, person: str) -> str:
    return str(RegisterRow.objects.get(case=family.case, register="authority", values__person=person).pk)


def add(family: Family, register: str, /, **values: Any) -> str:
    return change_register(Acting(family.worker, timezone.now()), family.case.pk, register, values)


class TestWhoMayComeIn:
    def test_who_is_not_signed_in_is_asked_to_sign_in(self, family: Family) -> None:
        for url in (address(family.case), change(family, family.child, "adres")):
            assert Client().get(url).status_code == 302

    def test_who_is_not_involved_and_what_does_not_exist_look_the_same(self, family: Family) -> None:
        client = signed_in(a_user("jeugdconsulent"))
        assert client.get(address(family.case)).status_code == 404
        assert client.get(reverse("padwijzer:family", args=[uuid4()])).status_code == 404
        assert client.get(change(family, family.child, "adres")).status_code == 404

    def test_who_may_not_change_people_sees_no_way_to_and_has_none(self, family: Family) -> None:
        expert = a_user("gedragswetenschapper")
        family.joins(expert, "gedragswetenschapper", "2020-02-04")
        client = signed_in(expert)
        shown = client.get(address(family.case))
        assert shown.status_code == 200
        assert "/gezin/erbij/" not in text(shown)
        assert reverse("padwijzer:family_change", args=[family.case.pk, family.child, "naam"]) not in text(shown)
        sent = {"name": "Nieuwe Naam", "phone": "", "language": ""}
        assert client.post(change(family, family.child, "naam"), sent).status_code == 404
        assert row(family.child)["name"] == "Noor de Wit"

    def test_somebody_of_another_case_cannot_be_changed_here(self, family: Family) -> None:
        other = a_case(family.worker, day="2020-02-03")
        client = signed_in(family.worker)
        assert client.get(change(family, other.child, "naam")).status_code == 404
        assert (
            client.post(change(family, other.child, "uit-beeld"), boxes("until", date(2020, 3, 1))).status_code == 404
        )

    def test_a_change_that_is_not_about_a_person_is_unknown(self, family: Family) -> None:
        client = signed_in(family.worker)
        for what in ("iets", "gezag-nagekeken", "relatie-eindigt"):
            assert client.get(change(family, family.child, what)).status_code == 404

    def test_a_parent_has_no_school_and_nobody_has_authority_over_a_parent(self, family: Family) -> None:
        client = signed_in(family.worker)
        for what in ("school", "gezag", "voogdij"):
            assert client.get(change(family, family.mother, what)).status_code == 404


class TestThePage:
    def test_people_authority_and_who_works_on_it_stand_there(self, family: Family) -> None:
        shown = text(signed_in(family.worker).get(address(family.case)))
        for words in ("Noor de Wit", "Mirjam de Wit", "Paul de Wit", "Anna Bakker", "06 00 00 00 01"):
            assert words in shown

    def test_authority_that_was_not_looked_up_for_180_days_asks_for_it(self, family: Family) -> None:
        groups = signed_in(family.worker).get(address(family.case)).context["groups"]
        assert [line["is_stale"] for line in groups[0]["members"][0]["authority"]] == [True, True]
        today = timezone.localdate()
        add_again = boxes("checked_on", today) | {"source": "register"}
        url = change(family, authority_of(family, family.mother), "gezag-nagekeken")
        assert signed_in(family.worker).post(url, add_again).status_code == 302
        groups = signed_in(family.worker).get(address(family.case)).context["groups"]
        stale = {line["person"]: line["is_stale"] for line in groups[0]["members"][0]["authority"]}
        assert stale == {"Mirjam de Wit": False, "Paul de Wit": True}

    def test_a_child_without_anybody_with_authority_is_said_to_be(self, family: Family) -> None:
        add(family, "person", name="Sem de Wit", kind="child", birth="unknown")
        members = signed_in(family.worker).get(address(family.case)).context["groups"][0]["members"]
        assert [member["authority"] for member in members if member["name"] == "Sem de Wit"] == [[]]

    def test_an_unknown_and_an_expected_birth_are_told(self, family: Family) -> None:
        add(family, "person", name="Baby de Wit", kind="child", birth="expected", birth_date=date(2190, 5, 1))
        shown = text(signed_in(family.worker).get(address(family.case)))
        assert "1 mei 2190" in shown

    def test_help_and_how_consent_to_it_stands_are_there(self, family: Family) -> None:
        with_help_chosen(family, "2020-02-05")
        helps = signed_in(family.worker).get(address(family.case)).context["helps"]
        assert [(it["title"], it["status"]) for it in helps] == [("Gezinsbehandeling", "todo")]
        assert helps[0]["consent"]

    def test_a_secret_address_is_seen_only_by_who_must_know_it(self, family: Family) -> None:
        add_address = {"address": SECRET, "secret_address": "ja", "lives_with": ""}
        assert signed_in(family.worker).post(change(family, family.mother, "adres"), add_address).status_code == 302
        assert SECRET in text(signed_in(family.worker).get(address(family.case)))
        expert = a_user("gedragswetenschapper")
        family.joins(expert, "gedragswetenschapper", "2020-02-04")
        shown = text(signed_in(expert).get(address(family.case)))
        assert "Mirjam de Wit" in shown
        assert SECRET not in shown
        assert "Geheimlaan" not in shown

    def test_an_outsider_with_one_assignment_does_not_see_the_page_of_all(self, family: Family) -> None:
        provider = a_user("zorgaanbieder", organisation=an_organisation("De Brug", "provider"))
        family.joins(provider, "zorgaanbieder", "2020-02-04")
        response = signed_in(provider).get(address(family.case))
        assert response.status_code == 200
        assert SECRET not in text(response)

    def test_that_he_looked_is_written_down(self, family: Family) -> None:
        signed_in(family.worker).get(address(family.case))
        looks = Event.objects.filter(stream__contains=str(family.case.pk), envelope__contains='"page":"family"')
        assert looks.count() == 1

    def test_twelve_queries_are_enough_for_any_family(
        self, family: Family, django_assert_max_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(6):
            add(family, "person", name=f"Kind {number} de Wit", kind="child", birth="unknown")
        monkeypatch.setattr("padwijzer.cms.work.doors.record_look", lambda *_: None)
        client = signed_in(family.worker)
        with django_assert_max_num_queries(12):
            client.get(address(family.case))


class TestChanges:
    def test_every_form_asks_at_most_three_things(self, family: Family) -> None:
        client = signed_in(family.worker)
        relation = add(family, "relation", person=family.mother, kind="parent_of", other=family.child)
        rows = {"authority": authority_of(family, family.mother), "relation": relation, "person": family.child}
        for what, form in CHANGES.items():
            shown = client.get(change(family, rows[form.about], what))
            assert shown.status_code == 200, what
            assert 1 <= len(shown.context["form"].fields) <= 3, what
        added = client.get(reverse("padwijzer:family_add", args=[family.case.pk]))
        assert len(added.context["form"].fields) <= 3

    def test_somebody_is_added_once_however_often_the_form_comes_in(self, family: Family) -> None:
        url = reverse("padwijzer:family_add", args=[family.case.pk])
        sent = {"name": "Oma  de Wit", "kind": "family", "form_key": str(uuid4())}
        client = signed_in(family.worker)
        first, second = client.post(url, sent), client.post(url, sent)
        oma = RegisterRow.objects.get(case=family.case, register="person", values__kind="family")
        assert oma.values["name"] == "Oma de Wit"
        assert first["Location"] == second["Location"] == f"{address(family.case)}#persoon-{oma.pk}"

    def test_what_cannot_be_is_said_beside_the_question(self, family: Family) -> None:
        client = signed_in(family.worker)
        before = RegisterRow.objects.count()
        cannot: tuple[tuple[dict[str, str], str], ...] = (
            ({"name": "", "kind": "parent"}, "name"),
            ({"name": "   ", "kind": "parent"}, "name"),
            ({"name": "x" * 4000, "kind": "parent"}, "name"),
            ({"name": "Sem", "kind": ""}, "kind"),
            ({"name": "Sem", "kind": "buitenaards"}, "kind"),
            ({"name": "Sem", "kind": "child"}, "birth_date"),
            ({"name": "Sem", "kind": "child", **boxes("birth_date", date(2190, 1, 1))}, "birth_date"),
            ({"name": "Sem", "kind": "unborn", **boxes("birth_date", date(2020, 1, 1))}, "birth_date"),
            ({"name": "Sem", "kind": "child", "birth_date__day": "31"}, "birth_date"),
        )
        for sent, field in cannot:
            response = client.post(reverse("padwijzer:family_add", args=[family.case.pk]), sent)
            assert response.status_code == 422, sent
            assert list(response.context["form"].errors) == [field], sent
        assert RegisterRow.objects.count() == before

    def test_a_child_may_have_an_unknown_or_an_expected_birth(self, family: Family) -> None:
        url = reverse("padwijzer:family_add", args=[family.case.pk])
        client = signed_in(family.worker)
        client.post(url, {"name": "Sem de Wit", "kind": "child", "birth_date__unknown": "1"})
        client.post(url, {"name": "Baby de Wit", "kind": "unborn", **boxes("birth_date", date(2190, 5, 1))})
        found = RegisterRow.objects.filter(case=family.case, values__kind="child").exclude(pk=family.child)
        assert {(it.values["name"], it.values["birth"]) for it in found} == {
            ("Sem de Wit", "unknown"),
            ("Baby de Wit", "expected"),
        }

    def test_a_birth_date_can_become_known_and_unknown_again(self, family: Family) -> None:
        client = signed_in(family.worker)
        url = change(family, family.child, "geboortedatum")
        assert client.post(url, boxes("birth_date", date(2016, 4, 2))).status_code == 302
        assert row(family.child)["birth_date"] == "2016-04-02"
        assert client.post(url, {"birth_date__unknown": "1"}).status_code == 302
        assert (row(family.child)["birth_date"], row(family.child)["birth"]) == (None, "unknown")
        assert client.post(url, {}).status_code == 422

    def test_school_and_contact_are_changed(self, family: Family) -> None:
        client = signed_in(family.worker)
        client.post(change(family, family.child, "school"), {"school": "De Regenboog", "attends_school": "deels"})
        client.post(
            change(family, family.child, "naam"), {"name": "Noor Bos", "phone": "06 1", "language": "Tigrinya"}
        )
        found = row(family.child)
        assert (found["school"], found["attends_school"], found["name"]) == ("De Regenboog", "deels", "Noor Bos")

    def test_what_was_known_already_is_not_written_again(self, family: Family) -> None:
        client = signed_in(family.worker)
        url = change(family, family.child, "school")
        client.post(url, {"school": "De Regenboog", "attends_school": "ja"})
        before = Event.objects.filter(stream=family.case.stream).count()
        assert client.post(url, {"school": "De Regenboog", "attends_school": "ja"}).status_code == 302
        assert Event.objects.filter(stream=family.case.stream).count() == before

    def test_a_relation_is_shown_from_both_sides_and_can_end(self, family: Family) -> None:
        client = signed_in(family.worker)
        client.post(change(family, family.mother, "relatie"), {"kind": "parent_of", "other": family.child})
        relation = RegisterRow.objects.get(case=family.case, register="relation")
        groups = client.get(address(family.case)).context["groups"]
        told = {member["name"]: len(member["relations"]) for group in groups for member in group["members"]}
        assert told == {"Noor de Wit": 1, "Mirjam de Wit": 1, "Paul de Wit": 0}
        assert (
            client.post(change(family, relation.pk, "relatie-eindigt"), boxes("until", date(2020, 3, 1))).status_code
            == 422
        )
        today = timezone.localdate()
        assert client.post(change(family, relation.pk, "relatie-eindigt"), boxes("until", today)).status_code == 302
        assert row(str(relation.pk))["until"] == today.isoformat()

    def test_nobody_is_related_to_himself_or_to_a_stranger(self, family: Family) -> None:
        client = signed_in(family.worker)
        stranger = a_case(family.worker, day="2020-02-03").mother
        for other in (family.mother, stranger, "x"):
            response = client.post(change(family, family.mother, "relatie"), {"kind": "parent_of", "other": other})
            assert response.status_code == 422

    def test_guardianship_is_written_down_with_how_it_is_known(self, family: Family) -> None:
        guardian = add(family, "person", name="Tante Bos", kind="family")
        client = signed_in(family.worker)
        sent = {"person": guardian, "source": "court", **boxes("checked_on", date(2020, 2, 20))}
        assert client.post(change(family, family.child, "voogdij"), sent).status_code == 302
        found = row(authority_of(family, guardian))
        assert (found["kind"], found["source"], found["child"]) == ("voogdij", "court", family.child)

    def test_authority_asks_who_how_and_when(self, family: Family) -> None:
        guardian = add(family, "person", name="Tante Bos", kind="family")
        client = signed_in(family.worker)
        right = {"person": guardian, "source": "court", **boxes("checked_on", date(2020, 2, 20))}
        for wrong, field in (
            ({"source": ""}, "source"),
            ({"checked_on__year": "2190"}, "checked_on"),
            ({"checked_on__day": ""}, "checked_on"),
            ({"person": "niemand"}, "person"),
        ):
            response = client.post(change(family, family.child, "gezag"), {**right, **wrong})
            assert response.status_code == 422
            assert field in response.context["form"].errors

    def test_no_colleague_and_no_minor_can_be_chosen_and_an_organisation_only_as_guardian(
        self, family: Family
    ) -> None:
        aunt = add(family, "person", name="Tante Bos", kind="family")
        add(family, "person", name="Neef Bos", kind="family", birth_date=date(2015, 1, 1))
        add(family, "person", name="Dokter Smit", kind="professional")
        client = signed_in(family.worker)
        client.post(reverse("padwijzer:family_add", args=[family.case.pk]), {"name": "Nidos", "kind": "organisation"})
        nidos = str(RegisterRow.objects.get(case=family.case, values__kind="organisation").pk)

        def offered(what: str) -> set[str]:
            shown = client.get(change(family, family.child, what))
            return {key for key, _name in shown.context["form"].fields["person"].choices}

        assert offered("gezag") == {family.mother, family.father, aunt}
        assert offered("voogdij") == {family.mother, family.father, aunt, nidos}
        sent = {"person": nidos, "source": "court", **boxes("checked_on", date(2020, 2, 20))}
        assert client.post(change(family, family.child, "gezag"), sent).status_code == 422
        assert client.post(change(family, family.child, "voogdij"), sent).status_code == 302
        assert row(authority_of(family, nidos))["kind"] == "voogdij"
        groups = client.get(address(family.case)).context["groups"]
        assert [it["name"] for it in groups[2]["members"]] == ["Tante Bos", "Neef Bos"]
        assert [it["name"] for it in groups[3]["members"]] == ["Nidos"]

    def test_the_same_authority_is_not_given_twice(self, family: Family) -> None:
        sent = {"person": family.mother, "source": "court", **boxes("checked_on", date(2020, 2, 20))}
        response = signed_in(family.worker).post(change(family, family.child, "gezag"), sent)
        assert list(response.context["form"].errors) == ["person"]

    def test_authority_and_people_end_and_are_never_deleted(self, family: Family) -> None:
        client = signed_in(family.worker)
        before = RegisterRow.objects.filter(case=family.case).count()
        client.post(
            change(family, authority_of(family, family.father), "gezag-eindigt"), boxes("until", date(2020, 3, 1))
        )
        client.post(change(family, family.father, "uit-beeld"), boxes("until", date(2020, 3, 1)))
        shown = client.get(address(family.case))
        assert RegisterRow.objects.filter(case=family.case).count() == before
        assert [it["name"] for it in shown.context["past"]] == ["Paul de Wit"]
        assert len(shown.context["groups"][0]["members"][0]["authority"]) == 1

    def test_an_end_lies_not_in_the_future(self, family: Family) -> None:
        url = change(family, family.father, "uit-beeld")
        response = signed_in(family.worker).post(url, boxes("until", date(2190, 1, 1)))
        assert response.status_code == 422

    def test_a_professional_with_an_account_does_not_leave_here(self, family: Family) -> None:
        own = family.person_of(family.worker)
        assert signed_in(family.worker).get(change(family, own, "uit-beeld")).status_code == 404

    def test_every_change_has_a_title_and_says_afterwards_what_was_done(self) -> None:
        forms: tuple[type[FamilyForm], ...] = (*CHANGES.values(), PersonForm)
        for form in forms:
            assert str(form.title)
            assert str(form.done)


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_the_family_and_its_changes_are_accessible_in_every_width(
    live_server: Any, browser: Browser, client: Client
) -> None:
    a_release(at("2020-01-02"))
    family = with_help_chosen(a_case(day="2020-02-03"), "2020-02-05")
    add(family, "person", name="Baby de Wit", kind="child", birth="expected", birth_date=date(2190, 5, 1))
    relation = add(family, "relation", person=family.mother, kind="parent_of", other=family.child)
    client.force_login(family.worker)
    client.post(change(family, family.mother, "adres"), {"address": SECRET, "secret_address": "ja", "lives_with": ""})
    for here in (
        address(family.case),
        reverse("padwijzer:family_add", args=[family.case.pk]),
        change(family, family.mother, "adres"),
        change(family, family.child, "voogdij"),
        change(family, relation, "relatie-eindigt"),
    ):
        assert check_page(browser, live_server.url, here, client) == []
