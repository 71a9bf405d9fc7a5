"""A step from beginning to end, as a professional meets it: in Django's test client, and in a real browser."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import formats
from playwright.sync_api import Browser, BrowserContext, Page

from padwijzer.cms.work.step_desk import PAGE
from padwijzer.forms.guide import pages
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.core.definition import Kind
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.streams import reads_stream
from padwijzer.workflows.engine.flows import flow_class
from padwijzer.workflows.engine.nodes import node_name
from padwijzer.workflows.models import Document, Draft, Event, PathRun, RegisterRow, RunningDeadline, Task
from padwijzer.workflows.queries.releases import running_release
from tests.support.axe import violations
from tests.support.browsing import check_page
from tests.support.browsing import signed_in as in_browser
from tests.support.cases import Family, a_case, a_release, a_user, with_contact_person, with_help_chosen
from tests.support.files import PDF, keep_files_in, let_the_first_talk_ask_for_a_file

TODAY = datetime.now(UTC).date()
FEW_DAYS = timedelta(days=3)
WIDTHS = (1280, 390, 320)


def days_ago(number: int) -> date:
    return TODAY - timedelta(days=number)


@pytest.fixture
def family(db: None) -> Family:
    """A case three days old, whose next step is `first_talk`, held by who opened it."""
    a_release(datetime.now(UTC) - timedelta(days=30))
    return a_case(day=days_ago(3))


@pytest.fixture
def worker(family: Family) -> Client:
    return signed_in(family.worker)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, task: Task, *more: Any) -> str:
    return reverse(f"padwijzer:{name}", args=[task.pk, *more])


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def first_page(**changes: str) -> dict[str, str]:
    return {"ons_verhaal": "", "waarom_nu": "De school belde", "wil_gezin": "Rust", "stem_kind": "", **changes}


def filled_in(client: Client, task: Task) -> None:
    """Answer both pages of the first talk."""
    client.post(url("step", task, 1), first_page())
    client.post(url("step", task, 2), {"uitleg_steun": "ja"})


def hand_in(client: Client, task: Task) -> Any:
    key = re.search(r'name="form_key" value="([^"]+)"', client.get(url("step_check", task)).content.decode())
    assert key is not None
    return client.post(url("step_check", task), {"form_key": key[1]})


def page_of(task: Task, question: str) -> int:
    """Number of the page on which a question of an open step stands, asked or not."""
    form = shipped().definitions[task.process.definition].activity(task.activity).form
    return next(number for number, page in enumerate(pages(form), 1) if question in page.keys)


# Who may come in


@pytest.mark.parametrize("name", ["step_start", "step_check", "step_done", "step_deviate", "step_skip"])
def test_a_page_of_a_step_asks_to_sign_in(family: Family, name: str) -> None:
    response = Client().get(url(name, family.task("first_talk")))
    assert response.status_code == 302
    assert response["Location"].startswith(settings.LOGIN_URL)


@pytest.mark.parametrize("name", ["step_start", "step_check", "step_done", "step_deviate", "step_skip"])
def test_somebody_outside_the_case_sees_nothing_and_neither_does_who_asks_for_what_is_not_there(
    family: Family, name: str
) -> None:
    stranger = signed_in(a_user("jeugdconsulent", name="Eva Ander"))
    task = family.task("first_talk")
    assert stranger.get(url(name, task)).status_code == 404
    assert stranger.get(reverse(f"padwijzer:{name}", args=[987654])).status_code == 404
    assert stranger.get(reverse(f"padwijzer:{name}", args=[10**40])).status_code == 404
    assert not Event.objects.filter(stream=reads_stream(family.case.pk)).exists()


def test_who_may_see_a_step_and_not_do_it_reads_about_it_and_cannot_open_its_pages(family: Family) -> None:
    adviser = a_user("gedragswetenschapper", name="Karim Haddou")
    family.joins(adviser, "gedragswetenschapper", days_ago(2))
    client, task = signed_in(adviser), family.task("first_talk")
    response = client.get(url("step_start", task))
    assert response.status_code == 200
    assert "jeugdconsulent" in words(response)
    assert client.get(url("step", task, 1)).status_code == 404
    assert client.post(url("step", task, 1), first_page()).status_code == 404
    assert client.post(url("step_start", task)).status_code == 404
    assert not Draft.objects.exists()


def test_a_page_that_the_step_does_not_have_is_not_found(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    assert worker.get(url("step", task, 0)).status_code == 404
    assert worker.get(url("step", task, 3)).status_code == 404
    assert worker.post(url("step_save", task), {PAGE: "no_such_page"}).status_code == 404
    assert worker.get(url("step_save", task)).status_code == 405


def test_every_page_keeps_to_the_strict_content_policy(worker: Client, family: Family) -> None:
    response = worker.get(url("step_start", family.task("first_talk")))
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "style=" not in response.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_a_look_at_a_step_is_written_down(worker: Client, family: Family) -> None:
    worker.get(url("step_start", family.task("first_talk")))
    looks = Event.objects.filter(stream=reads_stream(family.case.pk))
    assert looks.count() == 1


# Beginning


def test_the_start_says_what_why_how_long_and_who_reads_it(worker: Client, family: Family) -> None:
    told = words(worker.get(url("step_start", family.task("first_talk"))))
    for part in ("Eerste gesprek", "Luister eerst", "60", "Waarom komt deze vraag nu?", "Anna Bakker", "Noor (9"):
        assert part in told


def test_beginning_takes_up_a_step_that_nobody_holds(family: Family) -> None:
    task = family.task("first_talk")
    Task.objects.filter(pk=task.pk).update(owner=None, status="NEW")
    client = signed_in(family.worker)
    assert 'method="post"' in client.get(url("step_start", task)).content.decode()
    response = client.post(url("step_start", task))
    assert response["Location"] == url("step", task, 1)
    task.refresh_from_db()
    assert task.owner_id == family.worker.pk
    assert Event.objects.filter(stream=family.case.stream, envelope__contains="task.claimed").count() == 1


def test_a_step_of_a_colleague_is_his(family: Family) -> None:
    colleague = a_user("jeugdconsulent", name="Rik Smit")
    family.joins(colleague, "jeugdconsulent", days_ago(2))
    task = family.task("first_talk")
    response = signed_in(colleague).get(url("step_start", task))
    assert "Anna Bakker" in words(response)
    assert url("step", task, 1) not in response.content.decode()
    assert signed_in(colleague).get(url("step", task, 1))["Location"] == url("step_start", task)


# Filling in


def test_a_right_page_leads_on_and_a_wrong_one_says_what_is_missing(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    wrong = worker.post(url("step", task, 1), first_page(wil_gezin=""))
    assert wrong.status_code == 422
    assert "Wat wil het gezin zelf?" in words(wrong)
    assert 'href="#id_wil_gezin"' in wrong.content.decode()
    assert re.search(r"<title>\s*(Error|Fout): ", wrong.content.decode())
    right = worker.post(url("step", task, 1), first_page())
    assert (right.status_code, right["Location"]) == (302, url("step", task, 2))
    assert worker.post(url("step", task, 2), {"uitleg_steun": "ja"})["Location"] == url("step_check", task)


def test_what_is_typed_is_kept_also_when_it_is_not_right(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    worker.post(url("step", task, 1), first_page(waarom_nu="Half ingevuld", wil_gezin=""))
    assert "Half ingevuld" in worker.get(url("step", task, 1)).content.decode()
    assert Draft.objects.get(task=task).values["values"]["waarom_nu"] == "Half ingevuld"


def test_save_and_continue_later_keeps_it_and_goes_to_the_tasks(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    response = worker.post(url("step", task, 1), first_page(wil_gezin="", later="1"))
    assert response["Location"] == reverse("padwijzer:tasks")
    start = worker.get(url("step_start", task)).content.decode()
    assert url("step", task, 1) in start


def test_the_script_saves_in_the_background_and_a_browser_without_it_as_well(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    data = {**first_page(waarom_nu="Tussendoor", wil_gezin=""), PAGE: "ons_verhaal"}
    by_script = worker.post(url("step_save", task), data, headers={"accept": "application/json"})
    assert re.search(r"\d\d:\d\d", by_script.json()["words"])
    assert Draft.objects.get(task=task).values["values"]["waarom_nu"] == "Tussendoor"
    by_hand = worker.post(url("step_save", task), {**data, "waarom_nu": "Later"})
    assert by_hand["Location"] == url("step", task, 1)
    assert Draft.objects.get(task=task).values["values"]["waarom_nu"] == "Later"


def test_a_page_on_which_nothing_is_asked_is_passed_over(family: Family) -> None:
    with_contact_person(family, days_ago(2))
    family.does("choose_route", {"weg": "kort", "meer_domeinen": "nee"}, days_ago(2))
    client, task = signed_in(family.worker), family.task("short_plan")
    hidden = page_of(task, "hulp_voor")
    response = client.get(url("step", task, hidden))
    assert response.status_code == 302
    assert response["Location"] != url("step", task, hidden)


def test_rows_are_added_and_removed_without_a_script(family: Family) -> None:
    with_contact_person(family, days_ago(2))
    family.does("choose_route", {"weg": "samen", "meer_domeinen": "ja"}, days_ago(2))
    client, task = signed_in(family.worker), family.task("look_back")
    here = url("step", task, page_of(task, "tijdlijn"))
    added = client.post(here, {"tijdlijn__count": "0", "tijdlijn__add": "1"})
    assert (added.status_code, added["Location"]) == (302, here)
    page = client.get(here).content.decode()
    column = re.search(r'name="(tijdlijn-0-[a-z_]+)"', page)
    assert column is not None
    client.post(here, {"tijdlijn__count": "1", column[1]: "Scheiding in 2024", "tijdlijn__add": "1"})
    assert "Scheiding in 2024" in client.get(here).content.decode()
    client.post(here, {"tijdlijn__count": "2", column[1]: "Scheiding in 2024", "tijdlijn__remove_0": "1"})
    assert "Scheiding in 2024" not in client.get(here).content.decode()


def test_what_is_known_is_shown_with_its_source_and_confirmed_with_one_click(family: Family) -> None:
    with_help_chosen(family, days_ago(2))
    family.does("municipal_decision", DECISION, TODAY)
    client, task = signed_in(family.worker), family.task("who_consents")
    client.post(url("step", task, 1), date_boxes("gezag_gecontroleerd_op", TODAY))
    family.does("who_consents", {"gezag_gecontroleerd_op": TODAY.isoformat()}, TODAY)
    again = Task.objects.get(pk=family.task("explain").pk)
    _move_to(again, "D-TOEST", "who_consents", again.process.subject)
    start, page = client.get(url("step_start", again)), client.get(url("step", again, 1))
    for response in (start, page):
        assert "Wie moet ja zeggen?" in words(response)
        assert "Anna Bakker" in words(response)
    assert 'name="gezag_gecontroleerd_op__confirmed"' in page.content.decode()
    unconfirmed = client.post(url("step", again, 1), date_boxes("gezag_gecontroleerd_op", TODAY))
    assert unconfirmed.status_code == 422
    confirmed = {**date_boxes("gezag_gecontroleerd_op", TODAY), "gezag_gecontroleerd_op__confirmed": "1"}
    assert client.post(url("step", again, 1), confirmed).status_code == 302


def at_consent(family: Family) -> tuple[Client, Task]:
    """The step in which is looked up who must say yes, and who does it."""
    with_help_chosen(family, days_ago(2))
    family.does("municipal_decision", DECISION, TODAY)
    return signed_in(family.worker), family.task("who_consents")


def test_who_has_authority_stands_there_from_the_register_and_is_confirmed_with_one_click(family: Family) -> None:
    client, task = at_consent(family)
    number = page_of(task, "gezag")
    shown = client.get(url("step", task, number)).content.decode()
    for parent in (family.mother, family.father):
        assert re.search(rf'value="{parent}"[^>]*(selected|checked)', shown)
    assert 'name="gezag__confirmed"' in shown
    assert "gezag__remove" not in shown
    client.post(url("step", task, 1), date_boxes("gezag_gecontroleerd_op", TODAY))
    untouched = words(client.get(url("step_check", task)))
    assert "Mirjam de Wit" in untouched
    assert "Paul de Wit" in untouched
    assert "Niet ingevuld" not in untouched
    assert hand_in(client, task).status_code == 302
    rows = RegisterRow.objects.filter(case=family.case, register="authority")
    assert {(it.values["person"], it.values["checked_on"]) for it in rows} == {
        (family.mother, TODAY.isoformat()),
        (family.father, TODAY.isoformat()),
    }


def test_authority_that_ended_on_the_family_page_is_no_longer_filled_in_beforehand(family: Family) -> None:
    client, task = at_consent(family)
    gone = RegisterRow.objects.get(case=family.case, register="authority", values__person=family.father)
    acting = Acting(family.worker, datetime.now(UTC))
    change_register(acting, family.case.pk, "authority", {"until": days_ago(1)}, row=str(gone.pk))
    shown = client.get(url("step", task, page_of(task, "gezag"))).content.decode()
    assert re.search(rf'value="{family.mother}"[^>]*(selected|checked)', shown)
    assert not re.search(rf'value="{family.father}"[^>]*(selected|checked)', shown)


def test_a_child_is_never_offered_as_who_has_the_authority(family: Family) -> None:
    client, task = at_consent(family)
    form = client.get(url("step", task, page_of(task, "gezag"))).context["form"]
    holder = next(it for it in form.fields["gezag"].widget.columns if it.key == "persoon")
    assert {key for key, _name in holder.widget.choices if key} == {family.mother, family.father}


def test_who_can_weigh_it_is_asked_only_about_somebody_of_twelve_or_older(db: None) -> None:
    a_release(datetime.now(UTC) - timedelta(days=30))
    for years, is_asked in ((9, False), (13, True)):
        client, task = at_consent(a_case(day=days_ago(3), born=days_ago(years * 366)))
        response = client.get(url("step", task, page_of(task, "afwegen")))
        assert (response.status_code == 200) is is_asked
        assert ("zelf afwegen" in words(client.get(url("step_check", task)))) is is_asked


def test_one_answer_is_recorded_before_the_rest_with_a_button_on_its_page(family: Family) -> None:
    with_contact_person(family, days_ago(2))
    family.does("choose_route", {"weg": "samen", "meer_domeinen": "nee"}, days_ago(2))
    family.does("look_back", {}, days_ago(2))
    family.does("understand_together", {"va_tekst": "Ruzie", "va_eens": "ja", "meedenkers": "nee"}, days_ago(2))
    client, task = signed_in(family.worker), family.task("family_plan")
    page = client.get(url("step", task, 1)).content.decode()
    assert f'name="alone" value="fgp_keuze" formaction="{url("step_answer", task)}"' in page
    assert 'name="alone"' not in client.get(url("step", task, 2)).content.decode()
    assert client.post(url("step_answer", task), {"alone": "fgp_keuze"}).status_code == 422
    sent = {"alone": "fgp_keuze", "fgp_keuze": "samen", "form_key": "een-formulier"}
    for _twice in range(2):
        assert client.post(url("step_answer", task), sent)["Location"] == url("step", task, 1)
    assert Event.objects.filter(stream=family.case.stream, envelope__contains="task.answered").count() == 1
    assert RunningDeadline.objects.get(task=task, term="plan_6w").due is not None
    Draft.objects.all().delete()
    again = client.get(url("step", task, 1))
    assert re.search(r'value="samen"[^>]*checked', again.content.decode())
    assert f"Vastgelegd op {formats.date_format(TODAY, 'j F Y')}" in words(again)
    for other in ("gezin_eens", "niets"):
        assert client.post(url("step_answer", task), {"alone": other, other: "ja"}).status_code == 404
    assert client.get(url("step_answer", task)).status_code == 405
    Task.objects.filter(pk=task.pk).update(owner=a_user("vap"))
    assert client.post(url("step_answer", task), {**sent, "fgp_keuze": "familie"}).status_code == 409


DECISION = {
    "besluit": "ja",
    "besluit_uitleg": "Er is hulp nodig",
    "besluit_van": TODAY.isoformat(),
    "besluit_tot": (TODAY + timedelta(days=180)).isoformat(),
    "eerste_evaluatie": (TODAY + timedelta(days=60)).isoformat(),
}


def date_boxes(name: str, day: date) -> dict[str, str]:
    return {f"{name}__day": str(day.day), f"{name}__month": str(day.month), f"{name}__year": str(day.year)}


# Files


@pytest.fixture
def asks_for_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first talk asks for a file, which is kept in a folder of the test."""
    keep_files_in(tmp_path, monkeypatch)
    let_the_first_talk_ask_for_a_file(monkeypatch)


def test_a_file_is_kept_shown_by_its_name_and_taken_away(family: Family, asks_for_a_file: None) -> None:
    client, task = signed_in(family.worker), family.task("first_talk")
    client.post(url("step", task, 1), first_page())
    file = SimpleUploadedFile("verslag.pdf", PDF, "application/pdf")
    client.post(url("step", task, 2), {"uitleg_steun": "ja", "gezin_wil_iemand_erbij": file})
    document = Document.objects.get(task=task)
    assert (document.name, document.type) == ("verslag.pdf", "application/pdf")
    assert "verslag.pdf" in client.get(url("step", task, 2)).content.decode()
    assert "verslag.pdf" in words(client.get(url("step_check", task)))
    client.post(url("step", task, 2), {"uitleg_steun": "ja", "gezin_wil_iemand_erbij__remove": "1"})
    assert not Document.objects.exists()
    assert "verslag.pdf" not in client.get(url("step", task, 2)).content.decode()


def test_a_file_that_is_not_what_its_name_says_is_refused_and_the_rest_is_kept(
    family: Family, asks_for_a_file: None
) -> None:
    client, task = signed_in(family.worker), family.task("first_talk")
    file = SimpleUploadedFile("foto.png", b"<script>alert(1)</script>", "image/png")
    response = client.post(url("step", task, 2), {"uitleg_steun": "ja", "gezin_wil_iemand_erbij": file})
    assert response.status_code == 422
    assert not Document.objects.exists()
    assert Draft.objects.get(task=task).values["values"]["uitleg_steun"] == "ja"


# Checking and handing in


def test_the_check_shows_every_answer_and_what_was_left_open(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    filled_in(worker, task)
    response = worker.get(url("step_check", task))
    told = words(response)
    assert "De school belde" in told
    assert url("step", task, 1) in response.content.decode()
    assert told.count("Ons verhaal") >= 1


def test_a_step_is_completed_once_and_says_what_comes_next(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    filled_in(worker, task)
    key = {"form_key": "8b0c1b51-60de-4b0a-a0c8-3f9c20a3d901"}
    first = worker.post(url("step_check", task), key)
    second = worker.post(url("step_check", task), key)
    assert first["Location"] == second["Location"] == url("step_done", task)
    assert Event.objects.filter(stream=family.case.stream, envelope__contains="task.completed").count() == 2
    done = words(worker.get(url("step_done", task)))
    assert "Eerste gesprek" in done
    assert "Kies samen een vast aanspreekpunt" in done
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", done)
    assert not Draft.objects.exists()


def test_a_step_that_is_done_is_read_and_not_filled_in_again(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    filled_in(worker, task)
    hand_in(worker, task)
    for name in ("step_check", "step_deviate", "step_skip"):
        assert worker.get(url(name, task))["Location"] == url("step_start", task)
    assert worker.get(url("step", task, 1))["Location"] == url("step_start", task)
    told = words(worker.get(url("step_start", task)))
    assert "De school belde" in told
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", told)


def test_a_step_that_is_not_done_has_no_page_that_says_so(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    assert worker.get(url("step_done", task))["Location"] == url("step_start", task)


def test_completing_what_is_not_filled_in_leads_to_what_is_missing(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    assert worker.get(url("step_check", task)).status_code == 200
    response = worker.post(url("step_check", task), {"form_key": "x"})
    assert response["Location"].startswith(url("step", task, 1))
    page = worker.get(response["Location"])
    assert "Waarom komt deze vraag nu?" in words(page)
    assert 'id="error-summary-title"' in page.content.decode()
    assert family.task("first_talk").pk == task.pk


def test_who_comes_second_hears_who_was_first_and_keeps_what_he_typed(family: Family) -> None:
    colleague = a_user("jeugdconsulent", name="Rik Smit")
    family.joins(colleague, "jeugdconsulent", days_ago(2))
    task = family.task("first_talk")
    Task.objects.filter(pk=task.pk).update(owner=None, status="NEW")
    one, two = signed_in(family.worker), signed_in(colleague)
    filled_in(one, task)
    filled_in(two, task)
    assert hand_in(one, task).status_code == 302
    assert hand_in_blindly(two, task).status_code == 409
    late = two.post(url("step", task, 1), first_page(waarom_nu="Nog iets van Rik"))
    assert late.status_code == 409
    assert "Anna Bakker" in words(late)
    kept = Draft.objects.get(task=task, user=colleague)
    assert kept.lost
    assert "Nog iets van Rik" in str(kept.values)
    by_script = two.post(url("step_save", task), {**first_page(), PAGE: "ons_verhaal"}, headers=JSON)
    assert (by_script.status_code, by_script.json()["gone"]) == (409, True)


JSON = {"accept": "application/json"}


def hand_in_blindly(client: Client, task: Task) -> Any:
    return client.post(url("step_check", task), {"form_key": "a key that was rendered before"})


def test_a_rule_in_the_way_is_explained_with_its_reason_and_who_can_help(family: Family) -> None:
    adviser = a_user("gedragswetenschapper", name="Karim Haddou")
    family.joins(adviser, "gedragswetenschapper", days_ago(2))
    with_help_chosen(family, days_ago(2))
    family.does("municipal_decision", DECISION, TODAY)
    family.does("who_consents", {"gezag_gecontroleerd_op": TODAY.isoformat()}, TODAY)
    family.does("explain", {"uitgelegd": ["wat", "waarom", "duur", "anders", "nee_zeggen"]}, TODAY)
    said = [
        {"persoon": who, "antwoord": answer, "datum": TODAY.isoformat()}
        for who, answer in ((family.mother, "akkoord"), (family.father, "nee"))
    ]
    family.does("answers", {"antwoorden": said, "stem_kind": "Wil graag"}, TODAY)
    task = family.task("no_full_consent")
    answers = {
        "t4_uitkomst": "weloverwogen_wens",
        "t4_voor": family.father,
        "t4_reden": "Vader wil wachten",
        "t4_beslisser": family.person_of(family.worker),
    }
    client = signed_in(family.worker)
    Draft.objects.create(task=task, user=family.worker, values={"values": answers}, saved_at=datetime.now(UTC))
    assert "Dit kan alleen bij 12 tot en met 15 jaar." in words(client.get(url("step_check", task)))
    response = hand_in(client, task)
    assert response.status_code == 422
    told = words(response)
    assert "Dit kan alleen bij 12 tot en met 15 jaar." in told
    assert "Jeugdwet, artikelen 7.3.4 en 7.3.5" in told
    assert "Karim Haddou" in told
    assert family.task("no_full_consent").pk == task.pk
    assert Draft.objects.filter(task=task).exists()


# Deviating and skipping


@pytest.fixture
def light_route(family: Family) -> tuple[Client, Task]:
    """The choice of a route, filled in so that a rule asks for a reason."""
    with_contact_person(family, days_ago(2))
    client, task = signed_in(family.worker), family.task("choose_route")
    client.post(url("step", task, 1), {"weg": "kort", "meer_domeinen": "ja"})
    return client, task


def test_a_deviation_takes_four_fields_and_completes_the_step_in_one_go(
    family: Family, light_route: tuple[Client, Task]
) -> None:
    client, task = light_route
    assert hand_in(client, task)["Location"] == url("step_deviate", task)
    form = client.get(url("step_deviate", task)).content.decode()
    for name in ("reason", "family_view", "look_again_on__day"):
        assert f'name="{name}"' in form
    empty = client.post(url("step_deviate", task), {"form_key": "x"})
    assert empty.status_code == 422
    assert family.task("choose_route").pk == task.pk
    given = {
        "reason": "Er is al goede hulp op school",
        "form_key": "y",
        **date_boxes("look_again_on", TODAY + FEW_DAYS),
    }
    assert client.post(url("step_deviate", task), given)["Location"] == url("step_done", task)
    row = RegisterRow.objects.get(case=family.case, register="deviation")
    assert row.values["look_again_on"] == (TODAY + FEW_DAYS).isoformat()
    assert "Er is al goede hulp op school" in words(client.get(url("step_start", task)))


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=200)])
def test_looking_again_is_not_before_today_and_not_too_far_away(light_route: tuple[Client, Task], day: date) -> None:
    client, task = light_route
    given = {"reason": "Omdat het rustig is", "form_key": "y", **date_boxes("look_again_on", day)}
    assert client.post(url("step_deviate", task), given).status_code == 422


def test_nothing_to_deviate_from_leads_back_to_the_check(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    assert worker.get(url("step_deviate", task))["Location"] == url("step_check", task)
    filled_in(worker, task)
    assert worker.get(url("step_deviate", task))["Location"] == url("step_check", task)


def test_a_step_of_the_way_we_work_is_skipped_with_a_reason(worker: Client, family: Family) -> None:
    task = family.task("first_talk")
    assert worker.get(url("step_skip", task)).status_code == 200
    assert worker.post(url("step_skip", task), {"form_key": "x"}).status_code == 422
    given = {
        "reason": "Het gesprek was vorige week al",
        "form_key": "y",
        **date_boxes("look_again_on", TODAY + FEW_DAYS),
    }
    assert worker.post(url("step_skip", task), given)["Location"] == url("step_done", task)
    task.refresh_from_db()
    assert task.outcome == "skipped"


def test_an_optional_step_is_skipped_with_one_click(family: Family) -> None:
    with_contact_person(family, days_ago(2))
    family.does("choose_route", {"weg": "gewoon", "meer_domeinen": "nee"}, days_ago(2))
    client, task = signed_in(family.worker), family.task("ordinary_support")
    assert 'name="reason"' not in client.get(url("step_skip", task)).content.decode()
    assert client.post(url("step_skip", task), {"form_key": "x"})["Location"] == url("step_done", task)


def test_a_step_of_the_law_is_not_skipped_and_says_why(family: Family) -> None:
    with_help_chosen(family, days_ago(2))
    client, task = signed_in(family.worker), family.task("municipal_decision")
    for response in (client.get(url("step_skip", task)), client.post(url("step_skip", task), {"reason": "Haast"})):
        assert response.status_code == 200
        assert "Awb, artikel 4:13" in words(response)
    assert url("step_skip", task) not in client.get(url("step_start", task)).content.decode()
    assert family.task("municipal_decision").pk == task.pk


# Every step, whatever is posted


def _move_to(task: Task, definition: str, activity: str, subject: str) -> None:
    """Let a task be the opening of another step, in a run of its own, to which nobody needs to walk."""
    version = running_release(task.case.release.digest).versions[definition]
    run = PathRun(
        case=task.case,
        number=PathRun.objects.filter(case=task.case).count() + 1,
        flow_class=flow_class(definition, version),
        definition=definition,
        opened_as="main",
        subject=subject,
        position=activity,
        states={activity: "open"},
        rounds={activity: 1},
    )
    run.save()
    node = run.flow_class.instance.node(node_name(activity))
    Task.objects.filter(pk=task.pk).update(
        process=run,
        activity=activity,
        flow_task=node,
        flow_task_type="HUMAN",
        performers=",jeugdconsulent,",
    )


STEPS = [
    (key, activity.key)
    for key, definition in shipped().definitions.items()
    for activity in definition.activities
    if activity.kind in (Kind.FORM, Kind.DECISION, Kind.LADDER, Kind.WAIT)
]
GARBAGE: tuple[dict[str, str], ...] = (
    {},
    {"form_key": "x" * 5000, "later": ""},
    {"__asked": "\x00 drop table \u202e", "csrfmiddlewaretoken": "x"},
)
VALUES = ("", "x", "\x00", "9" * 400, "-1", "__unknown__", "2026-13-45", "<script>", "é" * 30_000)
NAMES = (
    "{}",
    "{}__day",
    "{}__month",
    "{}__year",
    "{}__time",
    "{}__unknown",
    "{}__confirmed",
    "{}__count",
    "{}__add",
    "{}__remove_0",
    "{}-0__key",
    "{}-0-persoon",
    "{}-0-reason",
)


@pytest.mark.parametrize(("definition", "activity"), STEPS, ids=[".".join(it) for it in STEPS])
def test_every_step_opens_in_a_browser_and_survives_whatever_is_posted(
    family: Family, definition: str, activity: str
) -> None:
    with_help_chosen(family, days_ago(2))
    task = family.task("municipal_decision")
    help_item = str(RegisterRow.objects.get(case=family.case, register="help_item").pk)
    scope = shipped().definitions[definition].scope.value
    _move_to(task, definition, activity, {"help": help_item, "child": family.child}.get(scope, ""))
    client = signed_in(family.worker)
    client.raise_request_exception = True
    form = shipped().definitions[definition].activity(activity).form
    assert client.get(url("step_start", task)).status_code == 200
    assert client.get(url("step_check", task)).status_code == 200
    for number, page in enumerate(pages(form), 1):
        here = url("step", task, number)
        assert client.get(here).status_code in (200, 302)
        for place, value in enumerate(VALUES):
            data = {
                name.format(key): VALUES[(place + offset) % len(VALUES)]
                for key in page.keys
                for offset, name in enumerate(NAMES)
            }
            data |= dict.fromkeys(page.keys, value)
            assert client.post(here, data).status_code in (302, 422), (here, place)
        for data in GARBAGE:
            assert client.post(here, data).status_code in (302, 422)
        assert client.get(here).status_code in (200, 302)
    assert client.get(url("step_check", task)).status_code == 200
    assert client.get(url("step_deviate", task)).status_code in (200, 302)
    assert client.get(url("step_skip", task)).status_code == 200


# What it costs


def besides_signing_in_and_the_look(captured: CaptureQueriesContext) -> list[str]:
    parts = ("django_session", "SAVEPOINT", "padwijzer_workflows_head", "INSERT INTO")
    found = [query["sql"] for query in captured]
    return [
        sql
        for sql in found
        if not any(part in sql for part in parts) and not re.search(r'WHERE "auth_user"."id" = \d+ LIMIT', sql)
    ]


@pytest.mark.parametrize("name", ["step_start", "step", "step_check", "step_deviate"])
def test_a_page_costs_twelve_queries_besides_signing_in_and_the_look(
    light_route: tuple[Client, Task], name: str
) -> None:
    client, task = light_route
    address = url(name, task, 1) if name == "step" else url(name, task)
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    assert len(besides_signing_in_and_the_look(captured)) <= 12


# In a browser


@pytest.fixture
def site(transactional_db: None, live_server: Any, client: Client) -> tuple[str, Client, Family]:
    a_release(datetime.now(UTC) - timedelta(days=30))
    family = a_case(day=days_ago(3))
    client.force_login(family.worker)
    return live_server.url, client, family


@pytest.mark.once
def test_the_pages_of_a_step_are_accessible_at_every_width(
    site: tuple[str, Client, Family], browser: Browser
) -> None:
    address, client, family = site
    task = family.task("first_talk")
    for here in (url("step_start", task), url("step", task, 1), url("step_check", task), url("step_skip", task)):
        assert check_page(browser, address, here, client) == []
    filled_in(client, task)
    assert check_page(browser, address, url("step_check", task), client) == []
    hand_in(client, task)
    for here in (url("step_done", task), url("step_start", task)):
        assert check_page(browser, address, here, client) == []


@pytest.mark.once
def test_deviating_and_being_stopped_are_accessible(site: tuple[str, Client, Family], browser: Browser) -> None:
    address, client, family = site
    with_contact_person(family, days_ago(2))
    task = family.task("choose_route")
    client.post(url("step", task, 1), {"weg": "kort", "meer_domeinen": "ja"})
    for here in (url("step_check", task), url("step_deviate", task)):
        assert check_page(browser, address, here, client) == []
    family.does("choose_route", {"weg": "kort", "meer_domeinen": "nee"}, days_ago(2))
    plan = family.task("short_plan")
    answers = {
        "doel": "Rust",
        "hulp_soort": "gezinsbehandeling",
        "hulp_voor": "child",
        "hulp_kind": family.child,
        "gezin_eens": "nee",
        "fgp_gevraagd": "ja",
    }
    Draft.objects.create(task=plan, user=family.worker, values={"values": answers}, saved_at=datetime.now(UTC))
    for width in WIDTHS:
        context = browser_of(browser, address, client, width)
        page = context.new_page()
        page.goto(f"{address}{url('step_check', plan)}")
        page.locator("main form button").first.click()
        assert "Zonder ja van het gezin" in page.locator("main").inner_text()
        assert violations(page) == []
        assert not scrolls_sideways(page)
        context.close()


@pytest.mark.once
def test_errors_take_the_focus_and_lead_to_their_question(site: tuple[str, Client, Family], browser: Browser) -> None:
    address, client, family = site
    task = family.task("first_talk")
    for width in WIDTHS:
        context = browser_of(browser, address, client, width)
        page = context.new_page()
        page.goto(f"{address}{url('step', task, 1)}")
        page.keyboard.press("Escape")
        page.locator("main form .pw-buttons button").first.click()
        assert page.evaluate("document.activeElement.className") == "pw-error-summary"
        assert violations(page) == []
        assert not scrolls_sideways(page)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.name") == "waarom_nu"
        context.close()


@pytest.mark.once
def test_what_is_typed_is_saved_when_somebody_looks_away_and_a_lost_connection_is_told(
    site: tuple[str, Client, Family], browser: Browser
) -> None:
    address, client, family = site
    task = family.task("first_talk")
    context = browser_of(browser, address, client, 1280)
    page = context.new_page()
    page.clock.install()
    page.goto(f"{address}{url('step', task, 1)}")
    page.fill("textarea[name=waarom_nu]", "Halverwege getypt")
    with page.expect_response(lambda it: it.url.endswith("/bewaren/")):
        page.clock.run_for(21_000)
    page.locator(".pw-saved").wait_for()
    assert Draft.objects.get(task=task).values["values"]["waarom_nu"] == "Halverwege getypt"
    context.set_offline(True)
    page.fill("textarea[name=waarom_nu]", "Zonder verbinding getypt")
    page.clock.run_for(21_000)
    page.get_by_role("alert").locator("p").wait_for()
    assert page.input_value("textarea[name=waarom_nu]") == "Zonder verbinding getypt"
    context.close()


def browser_of(browser: Browser, site: str, client: Client, width: int) -> BrowserContext:
    return in_browser(browser, site, client, width)


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
