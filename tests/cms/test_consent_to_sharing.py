"""Consent to share information: in the register, on the page of consent, and taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.core.errors import Blocked
from padwijzer.workflows.models import Notice, RegisterRow
from tests.support.cases import Family, a_case, a_release, at, it_is, with_contact_person, words_of

pytestmark = pytest.mark.django_db

TODAY = "2026-11-25"


@pytest.fixture
def family(db: None, monkeypatch: pytest.MonkeyPatch) -> Family:
    a_release()
    it_is(monkeypatch, TODAY)
    return a_case()


def shown(family: Family) -> Any:
    client = Client()
    client.force_login(family.worker)
    return client.get(reverse("padwijzer:consent", args=[family.case.pk]))


def shares(family: Family, ground: str = "toestemming", until: str = "2027-02-01") -> RegisterRow:
    """A sharing with grandmother, to which both parents said yes. Returns: its row."""
    with_contact_person(family, "2026-11-05")
    acting = Acting(family.worker, at("2026-11-05"))
    granny = change_register(acting, family.case.pk, "person", {"name": "Oma Bos", "kind": "family"})
    open_track(acting, family.case.pk, "V", "share_information", subject=family.child)
    yes = [{"persoon": it, "antwoord": "akkoord", "datum": "2026-11-05"} for it in (family.mother, family.father)]
    answers = {
        "deel_met": granny,
        "deel_wat": ["plan", "afspraken"],
        "deel_grond": ground,
        "deel_tot": until,
        "samen_gesprek": "2026-11-30",
        **({"deel_ja": yes} if ground == "toestemming" else {}),
    }
    family.does("who_may_know", answers, "2026-11-06")
    return RegisterRow.objects.get(case=family.case, register="sharing")


def test_consent_to_sharing_stands_there_with_what_with_whom_and_until_when(family: Family) -> None:
    sharing = shares(family)
    said = RegisterRow.objects.filter(case=family.case, register="consent", values__subject=str(sharing.pk))
    assert {(it.values["person"], it.values["answer"]) for it in said} == {
        (family.mother, "akkoord"),
        (family.father, "akkoord"),
    }
    assert (sharing.values["child"], sharing.values["until"]) == (family.child, "2027-02-01")
    response = shown(family)
    (item,) = response.context["items"]
    assert (item["status"], item["for_whom"]) == ("done", "Noor de Wit")
    for words in ("Oma Bos", "Plan en doelen, Lopende afspraken", "1 februari 2027"):
        assert words in words_of(response)


def test_it_is_taken_back_in_one_go_however_often_the_form_comes_in(family: Family) -> None:
    sharing = shares(family)
    client = Client()
    client.force_login(family.worker)
    url = reverse("padwijzer:withdraw", args=[family.case.pk, sharing.pk, family.mother])
    assert url in shown(family).content.decode()
    for _twice in range(2):
        assert client.post(url, {"words": "Liever niet", "form_key": "een"}).status_code == 302
    taken = RegisterRow.objects.get(case=family.case, register="consent", values__kind="withdrawal")
    assert (taken.values["subject"], taken.values["person"]) == (str(sharing.pk), family.mother)
    sharing.refresh_from_db()
    assert sharing.values["until"] == TODAY
    assert Notice.objects.filter(case=family.case, source__contains="V.sharing_stops", kind="task").count() == 1
    assert shown(family).context["items"][0]["status"] == "late"


def test_sharing_that_rests_on_another_ground_asks_nobody(family: Family) -> None:
    shares(family, "betrokken")
    assert not RegisterRow.objects.filter(case=family.case, register="consent").exists()
    assert shown(family).context["items"] == []


def test_sharing_whose_last_day_is_over_no_longer_counts(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    shares(family)
    it_is(monkeypatch, "2027-02-02")
    response = shown(family)
    assert (len(response.context["items"]), len(response.context["over"])) == (0, 1)


def test_a_last_day_that_has_passed_is_no_last_day(family: Family) -> None:
    with pytest.raises(Blocked):
        shares(family, until=date(2026, 11, 5).isoformat())
