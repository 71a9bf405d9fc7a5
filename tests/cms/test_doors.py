"""Doors: who may come in, what is refused, and what every page carries."""

from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils.translation import gettext

from padwijzer.cms.work import doors
from padwijzer.workflows.core.deadlines import extend, start
from padwijzer.workflows.core.errors import Blocked, Conflict, NotAllowed, Refused
from padwijzer.workflows.core.streams import reads_stream
from padwijzer.workflows.core.terms import Duration, load_terms
from padwijzer.workflows.models import Event
from padwijzer.workflows.queries.case_files import calendars
from tests.support.cases import Family, a_case, a_release, a_user, at, it_is, words_of

TODAY = "2026-11-10"


@pytest.fixture
def family(db: None, monkeypatch: pytest.MonkeyPatch) -> Family:
    a_release()
    it_is(monkeypatch, TODAY)
    return a_case()


def asking(user: Any, method: str = "get", address: str = "/jeugd/zaken/?a=b") -> HttpRequest:
    """A request of somebody, as a view gets it."""
    request = getattr(RequestFactory(), method)(address)
    request.user = user
    request.session = {}
    request._messages = FallbackStorage(request)
    return request


def raising(error: Exception) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return doors.door("signed_in")(view)


def fine(request: HttpRequest) -> HttpResponse:
    return HttpResponse("binnen")


def test_who_is_not_signed_in_comes_to_the_door_of_the_municipality_and_back() -> None:
    answer = doors.door("case")(fine)(asking(AnonymousUser()))
    assert (answer.status_code, answer["Location"]) == (302, "/inloggen/?next=/jeugd/zaken/%3Fa%3Db")


def test_a_policy_line_that_does_not_exist_is_a_fault_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="no policy line"):
        doors.door("everybody")


def test_a_view_says_its_policy_line() -> None:
    assert doors.door("task")(fine).policy == "task"  # type: ignore[attr-defined] # set by the door


def test_what_is_not_allowed_is_not_found(family: Family) -> None:
    with pytest.raises(Http404):
        raising(NotAllowed("secret reason"))(asking(family.worker))


def test_a_conflict_is_a_page_that_says_who_was_first(family: Family) -> None:
    answer = raising(Conflict("Al gedaan.", by="B. de Boer", at=at(TODAY)))(asking(family.worker, "post"))
    assert answer.status_code == 409
    assert "Al gedaan." in words_of(answer)
    assert "B. de Boer" in words_of(answer)


def test_a_refusal_is_a_page_that_says_why_and_what_now(family: Family) -> None:
    answer = raising(Refused("Dit kan nu niet.", hint="Vraag het de gezinscoach."))(asking(family.worker, "post"))
    assert answer.status_code == 422
    assert "Dit kan nu niet." in words_of(answer)
    assert "Vraag het de gezinscoach." in words_of(answer)


def test_a_refusal_of_the_core_is_read_in_dutch(family: Family) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        term = load_terms((files("padwijzer") / "fixtures" / "terms.json").read_bytes())["decision_8w"]
        found = start(term, at(TODAY).date(), calendars())
        extend(term, found, duration=Duration.parse("2w"), on=found.day, notice_on=date(2030, 1, 1), by="actor/a")
        return fine(request)

    page = words_of(doors.door("signed_in")(view)(asking(family.worker, "post")))
    assert "De termijn is voorbij." in page
    assert "Besluit vóór het einde, en vertel het dan ook." in page


def test_a_refusal_with_more_reasons_names_each(family: Family) -> None:
    blocked = Blocked([("Vraag eerst toestemming.", "C12"), ("Spreek eerst het kind.", "R117")])
    page = words_of(raising(blocked)(asking(family.worker, "post")))
    assert "Vraag eerst toestemming." in page
    assert "Spreek eerst het kind." in page


@pytest.mark.parametrize("view", [fine, raising(Refused("Nee."))], ids=["a page", "a refusal"])
def test_every_answer_has_its_strict_policy_and_is_not_kept(family: Family, view: Any) -> None:
    answer = doors.door("signed_in")(view)(asking(family.worker))
    assert answer["Content-Security-Policy"] == doors.CONTENT_POLICY
    assert "unsafe" not in doors.CONTENT_POLICY
    assert "default-src 'none'" in doors.CONTENT_POLICY
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "same-origin")


@pytest.mark.parametrize(("role", "status"), [("jeugdconsulent", 200), ("gezinscoach", 200)])
def test_who_may_open_a_case_comes_through_that_door(family: Family, role: str, status: int) -> None:
    assert doors.door("open_case")(fine)(asking(a_user(role))).status_code == status


@pytest.mark.parametrize("role", ["zorgaanbieder", "mandaathouder", "gedragswetenschapper", "functioneel_beheerder"])
def test_who_may_not_open_a_case_finds_no_such_door(family: Family, role: str) -> None:
    with pytest.raises(Http404):
        doors.door("open_case")(fine)(asking(a_user(role)))


def test_one_request_has_one_moment(family: Family) -> None:
    request = asking(family.worker)
    assert doors.acting_of(request) is doors.acting_of(request)


def test_two_forms_have_two_keys() -> None:
    assert doors.form_key() != doors.form_key()


def test_a_look_is_written_down_before_anything_is_shown(family: Family) -> None:
    doors.case_of(asking(family.worker), family.case.pk, looked_at="case")
    envelope = Event.objects.get(stream=reads_stream(family.case.pk)).envelope
    assert '"type":"case.looked_at"' in envelope
    assert '"page":"case"' in envelope


@pytest.mark.parametrize("involved", [True, False])
def test_a_technical_administrator_sees_no_case_even_when_involved(family: Family, involved: bool) -> None:
    administrator = a_user("jeugdconsulent")
    if involved:
        family.joins(administrator, "jeugdconsulent")
    administrator.is_superuser = True
    administrator.save()
    with pytest.raises(Http404):
        doors.case_of(asking(administrator), family.case.pk, looked_at="case")
    assert not Event.objects.filter(stream=reads_stream(family.case.pk)).exists()


def test_an_account_that_was_closed_opens_nothing(family: Family) -> None:
    family.worker.is_active = False
    family.worker.save()
    with pytest.raises(Http404):
        doors.case_of(asking(family.worker), family.case.pk)


def test_the_menu_offers_a_new_question_only_to_who_may_open_a_case(client: Client, family: Family) -> None:
    client.force_login(family.worker)
    assert gettext("New question") in words_of(client.get("/jeugd/zaken/"))
    client.force_login(a_user("mandaathouder"))
    assert gettext("New question") not in words_of(client.get("/jeugd/zaken/"))


def test_a_menu_without_tasks_has_no_number(client: Client, family: Family) -> None:
    client.force_login(a_user("jeugdconsulent"))
    assert client.get("/jeugd/zaken/").context["look"]["nav"][0]["count"] is None
