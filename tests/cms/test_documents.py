"""A file of a case is a download for who may see the answer, and nothing for anybody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.upload_document import upload_document
from padwijzer.workflows.core.streams import reads_stream
from padwijzer.workflows.models import Document, Event
from tests.support.cases import Family, a_case, a_release, a_user, an_organisation
from tests.support.files import PDF, QUESTION, keep_files_in, let_the_first_talk_ask_for_a_file

TODAY = datetime.now(UTC).date()


@pytest.fixture
def family(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Family:
    """A case whose first talk asks for a file."""
    keep_files_in(tmp_path, monkeypatch)
    let_the_first_talk_ask_for_a_file(monkeypatch)
    a_release(datetime.now(UTC) - timedelta(days=30))
    return a_case(day=TODAY - timedelta(days=3))


@pytest.fixture
def document(family: Family) -> Document:
    acting = Acting(family.worker, datetime.now(UTC))
    return upload_document(acting, family.task("first_talk").pk, QUESTION, ContentFile(PDF), "Verslag Noor.pdf")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(document: Document, case: Any = None) -> str:
    return reverse("padwijzer:document", args=[case or document.case_id, document.pk])


def status(client: Client, address: str) -> int:
    response: Any = client.get(address)
    if response.streaming:
        b"".join(response.streaming_content)  # at its end the file is closed
    return int(response.status_code)


def handed_in(family: Family, document: Document) -> None:
    answers = {
        "waarom_nu": "De school belde",
        "wil_gezin": "Rust",
        "uitleg_steun": "ja",
        QUESTION: {"id": str(document.pk), "name": document.name},
    }
    family.does("first_talk", answers, TODAY)


def test_a_file_is_handed_out_to_be_kept_and_never_opened_here(family: Family, document: Document) -> None:
    handed_in(family, document)
    response: Any = signed_in(family.worker).get(address(document))
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"] == 'attachment; filename="Verslag Noor.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "no-store"
    latest = Event.objects.filter(stream=reads_stream(family.case.pk)).latest("seq")
    assert '"page":"document"' in latest.envelope


def test_before_it_is_handed_in_only_who_put_it_there_sees_it(family: Family, document: Document) -> None:
    colleague = a_user("jeugdconsulent", name="Rik Smit")
    family.joins(colleague, "jeugdconsulent", TODAY)
    assert status(signed_in(family.worker), address(document)) == 200
    assert status(signed_in(colleague), address(document)) == 404
    handed_in(family, document)
    assert status(signed_in(colleague), address(document)) == 200


def test_who_may_not_see_the_answer_does_not_get_the_file(family: Family, document: Document) -> None:
    handed_in(family, document)
    provider = a_user("zorgaanbieder", name="Bo Jansen", organisation=an_organisation("Hulp BV", "provider"))
    family.joins(provider, "zorgaanbieder", TODAY)
    looks = Event.objects.filter(stream=reads_stream(family.case.pk)).count()
    for user in (provider, a_user("jeugdconsulent", name="Eva Ander"), a_user(name="Beheer", is_superuser=True)):
        assert status(signed_in(user), address(document)) == 404
    assert Client().get(address(document))["Location"].startswith(django_settings.LOGIN_URL)
    assert Event.objects.filter(stream=reads_stream(family.case.pk)).count() == looks


def test_a_file_is_found_in_its_own_case_only(family: Family, document: Document) -> None:
    other = a_case(family.worker, child="Sam Smit", day=TODAY - timedelta(days=3))
    client = signed_in(family.worker)
    assert status(client, address(document, other.case.pk)) == 404
    assert status(client, reverse("padwijzer:document", args=[family.case.pk, uuid4()])) == 404


def test_a_file_that_is_no_answer_after_all_is_nobodys(family: Family, document: Document) -> None:
    acting = Acting(family.worker, datetime.now(UTC))
    second = upload_document(acting, family.task("first_talk").pk, QUESTION, ContentFile(PDF), "Beter.pdf")
    handed_in(family, second)
    client = signed_in(family.worker)
    assert status(client, address(second)) == 200
    assert status(client, address(document)) == 404


def test_a_file_whose_content_is_gone_is_not_found(family: Family, document: Document) -> None:
    document.file.storage.delete(str(document.file.name))
    assert status(signed_in(family.worker), address(document)) == 404


def listed(user: Any, family: Family) -> Any:
    return signed_in(user).get(reverse("padwijzer:documents", args=[family.case.pk]))


def test_the_case_leads_to_its_files_and_they_are_handed_out_from_there(family: Family, document: Document) -> None:
    handed_in(family, document)
    page = signed_in(family.worker).get(reverse("padwijzer:case", args=[family.case.pk])).content.decode()
    assert reverse("padwijzer:documents", args=[family.case.pk]) in page
    response = listed(family.worker, family)
    assert [it["name"] for it in response.context["documents"]] == ["Verslag Noor.pdf"]
    assert f'href="{address(document)}"' in response.content.decode()
    latest = Event.objects.filter(stream=reads_stream(family.case.pk)).latest("seq")
    assert '"page":"documents"' in latest.envelope


def test_the_list_holds_what_may_be_had_and_nothing_else(family: Family, document: Document) -> None:
    colleague = a_user("jeugdconsulent", name="Rik Smit")
    family.joins(colleague, "jeugdconsulent", TODAY)
    provider = a_user("zorgaanbieder", name="Bo Jansen", organisation=an_organisation("Hulp BV", "provider"))
    family.joins(provider, "zorgaanbieder", TODAY)
    assert listed(family.worker, family).context["documents"][0]["is_draft"]
    assert listed(colleague, family).context["documents"] == []
    handed_in(family, document)
    assert len(listed(colleague, family).context["documents"]) == 1
    assert listed(provider, family).context["documents"] == []
    assert listed(a_user("jeugdconsulent", name="Eva Ander"), family).status_code == 404


def test_a_file_is_added_in_the_step_that_asks_for_one(family: Family) -> None:
    start = reverse("padwijzer:step_start", args=[family.task("first_talk").pk])
    assert [it["url"] for it in listed(family.worker, family).context["asking"]] == [start]
    adviser = a_user("gedragswetenschapper", name="Rik Smit")
    family.joins(adviser, "gedragswetenschapper", TODAY)
    assert listed(adviser, family).context["asking"] == []
