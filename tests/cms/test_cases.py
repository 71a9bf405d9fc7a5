"""The cases somebody works on, the page of one case, and its history in words."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext
from playwright.sync_api import Browser

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.claim_task import claim_task, release_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.actions.skip_task import skip_task
from padwijzer.workflows.core.streams import reads_stream
from padwijzer.workflows.history.receipts import receipt
from padwijzer.workflows.models import Event, Membership, Notice, Opening, PathRun, RegisterRow, Task
from padwijzer.workflows.queries.timeline import is_long_silence
from tests.support.browsing import check_page
from tests.support.cases import (
    Family,
    a_case,
    a_release,
    a_user,
    an_organisation,
    at,
    it_is,
    with_help_chosen,
    words_of,
)
from tests.support.history import tampering

CASES = "/jeugd/zaken/"
TODAY = "2026-11-10"
SIGNING_IN = ("django_session", 'FROM "auth_user"')
LOOKING = ("padwijzer_workflows_head", 'INSERT INTO "padwijzer_workflows_event"', "SAVEPOINT", "BEGIN", "COMMIT")
"""In statements that are not a page's own: the session, the user, and writing down the look."""


@pytest.fixture
def family(db: None, monkeypatch: pytest.MonkeyPatch) -> Family:
    """A case in which the municipality must decide; help for Noor was chosen, no consent was asked."""
    a_release()
    it_is(monkeypatch, TODAY)
    return with_help_chosen(a_case())


@pytest.fixture
def anna(client: Client, family: Family) -> Client:
    """The browser of who works on that case."""
    client.force_login(family.worker)
    return client


def page_of(family: Family) -> str:
    return reverse("padwijzer:case", args=[family.case.pk])


def history_of(family: Family) -> str:
    return reverse("padwijzer:timeline", args=[family.case.pk])


def somebody(client: Client, family: Family, role: str, **user: Any) -> Any:
    """Somebody with another role in the case, signed in."""
    found = a_user(role, **user)
    family.joins(found, role, "2026-11-06")
    client.force_login(found)
    return found


# The list


def test_the_newest_case_stands_first(anna: Client, family: Family) -> None:
    newer = a_case(family.worker, child="Sam Smit", day="2026-11-09")
    page = words_of(anna.get(CASES))
    assert page.index(newer.case.number) < page.index(family.case.number)


def test_the_list_is_cut_by_status(anna: Client, family: Family) -> None:
    closed = a_case(family.worker, child="Sam Smit")
    closed.case.status = "closed"
    closed.case.save()
    assert closed.case.number not in words_of(anna.get(CASES, {"status": "open"}))
    assert family.case.number not in words_of(anna.get(CASES, {"status": "closed"}))
    assert {family.case.number, closed.case.number} <= set(words_of(anna.get(CASES, {"status": "x"})).split())


def test_a_case_of_somebody_else_is_not_in_the_list(client: Client, family: Family) -> None:
    client.force_login(a_user("jeugdconsulent"))
    page = words_of(client.get(CASES))
    assert family.case.number not in page
    assert gettext("You do not work on a case yet") in page


def test_a_role_for_an_organisation_where_one_no_longer_works_opens_nothing(anna: Client, family: Family) -> None:
    family.worker.padwijzer_roles.update(until=date(2026, 11, 9))
    assert family.case.number not in words_of(anna.get(CASES))
    assert anna.get(page_of(family)).status_code == 404


def test_more_than_25_cases_have_pages_and_cost_the_same(anna: Client, family: Family) -> None:
    with CaptureQueriesContext(connection) as one:
        anna.get(CASES)
    for number in range(25):
        a_case(family.worker, child=f"Kind {number}", day="2026-11-09")
    with CaptureQueriesContext(connection) as many:
        first = anna.get(CASES)
    assert len(first.context["cards"]) == 25
    assert len(many) <= len(one) <= 12
    second = anna.get(first.context["pager"]["next"])
    assert [it["number"] for it in second.context["cards"]] == [family.case.number]


# One case: what must be done


def test_the_open_step_stands_on_top_with_one_primary_button(anna: Client, family: Family) -> None:
    answer = anna.get(page_of(family))
    html = answer.content.decode()
    assert html.count("utrecht-button--primary-action") == 1
    assert answer.context["first"]["title"] == "Besluit van de gemeente"
    assert reverse("padwijzer:step_start", args=[family.task("municipal_decision").pk]) in html


def test_steps_have_a_word_for_how_they_stand(anna: Client, family: Family) -> None:
    steps = {it["title"]: it["status"] for it in anna.get(page_of(family)).context["steps"]}
    assert steps["Eerste gesprek"] == "done"
    assert steps["Besluit van de gemeente"] == "busy"
    release_task(Acting(family.worker, at("2026-11-09")), family.task("municipal_decision").pk)
    steps = {it["title"]: it["status"] for it in anna.get(page_of(family)).context["steps"]}
    assert steps["Besluit van de gemeente"] == "todo"


def test_a_form_that_stays_open_is_busy_from_its_first_save_on(anna: Client, family: Family) -> None:
    task = family.task("municipal_decision")
    release_task(Acting(family.worker, at("2026-11-09")), task.pk)
    Task.objects.filter(case=family.case, activity="first_talk").update(
        activity="municipal_decision", process=task.process, outcome="saved"
    )
    (step,) = (it for it in anna.get(page_of(family)).context["steps"] if it["title"] == "Besluit van de gemeente")
    assert step["status"] == "busy"
    assert ngettext("filled in %(n)s time", "filled in %(n)s times", 1) % {"n": 1} in step["detail"]


def test_a_step_after_its_term_is_late(anna: Client, family: Family) -> None:
    Task.objects.filter(pk=family.task("municipal_decision").pk).update(due=at("2026-11-09"))
    steps = {it["title"]: it["status"] for it in anna.get(page_of(family)).context["steps"]}
    assert steps["Besluit van de gemeente"] == "late"


def test_a_done_step_leads_to_what_was_done(anna: Client, family: Family) -> None:
    done = Task.objects.get(case=family.case, activity="first_talk")
    step = next(it for it in anna.get(page_of(family)).context["steps"] if it["title"] == "Eerste gesprek")
    assert step["url"].endswith(f"#gebeurtenis-{done.event}")
    html = anna.get(step["url"].partition("#")[0]).content.decode()
    assert f'id="gebeurtenis-{done.event}"' in html


def test_who_has_no_step_reads_with_whom_it_is(client: Client, family: Family) -> None:
    somebody(client, family, "jeugdconsulent", name="Gijs Berg")
    page = words_of(client.get(page_of(family)))
    assert gettext("There is no step for you now") in page
    words = gettext("“%(step)s” is with %(who)s.") % {"step": "Besluit van de gemeente", "who": "Anna Bakker"}
    assert words in page


def test_what_is_opened_by_hand_runs_beside_the_path(anna: Client, family: Family) -> None:
    acting = Acting(family.worker, at("2026-11-09"))
    open_track(acting, family.case.pk, "V", "choose_mentor", subject=family.child)
    tracks = anna.get(page_of(family)).context["tracks"]
    assert [title for title, _steps in tracks] == ["JIM: jouw eigen mentor"]
    assert tracks[0][1]


def test_an_alarm_stands_there_until_it_is_done(anna: Client, family: Family) -> None:
    notice = Notice.objects.create(
        case=family.case, kind="alarm", source="t", occasion="1", text="Bel nu.", roles=",vap,", created_at=at(TODAY)
    )
    assert "Bel nu." in words_of(anna.get(page_of(family)))
    answer = anna.post(reverse("padwijzer:notice_done", args=[notice.pk]) + "?naar=zaak")
    assert answer["Location"] == page_of(family)
    assert "Bel nu." not in words_of(anna.get(page_of(family)))


def test_a_term_is_explained_in_one_sentence(anna: Client, family: Family) -> None:
    other = a_case(family.worker, child="Sam Smit", day="2026-11-09")
    RegisterRow.objects.filter(case=other.case, register="application").delete()
    change_register(
        Acting(family.worker, at("2026-11-09")), other.case.pk, "person", {"school": "De Regenboog"}, row=other.child
    )
    for it in anna.get(page_of(other)).context["deadlines"]:
        assert it["why"] == "" or it["why"].startswith(("Uiterlijk", "Vanaf"))


def test_outside_the_path_says_who_takes_over(anna: Client, family: Family) -> None:
    run = PathRun.objects.get(case=family.case, number=1)
    run.standing, run.outside = "waiting_outside", "D-SPOED"
    run.save()
    page = words_of(anna.get(page_of(family)))
    assert gettext("Outside this path") in page
    assert "Bel meteen de crisisdienst." in page
    assert gettext("There is no step for you now") not in page


def test_a_closed_case_says_so_and_asks_nothing(anna: Client, family: Family) -> None:
    family.case.status, family.case.closed_on = "closed", date(2026, 11, 9)
    family.case.save()
    answer = anna.get(page_of(family))
    assert gettext("Closed") in words_of(answer)
    assert answer.context["first"] is None


# One case: who, and the safeguards


def test_the_fixed_contact_person_stands_on_top_with_a_number(anna: Client, family: Family) -> None:
    me = family.person_of(family.worker)
    change_register(
        Acting(family.worker, at("2026-11-09")), family.case.pk, "person", {"phone": "06 00 00 00 09"}, row=me
    )
    first = anna.get(page_of(family)).context["professionals"][0]
    assert (first["name"], first["is_contact"], first["phone"]) == ("Anna Bakker", True, "06 00 00 00 09")


def test_the_family_is_there_with_age_and_authority(anna: Client, family: Family) -> None:
    page = words_of(anna.get(page_of(family)))
    assert gettext("%(kind)s, %(age)s years") % {"kind": gettext("child"), "age": 9} in page
    assert gettext("Has authority over %(names)s") % {"names": "Noor de Wit"} in page


def test_the_name_of_a_child_is_not_in_the_title_of_the_window(anna: Client, family: Family) -> None:
    title = re.search(r"<title>(.*?)</title>", anna.get(page_of(family)).content.decode())
    assert title is not None
    assert "Noor" not in title[1]
    assert family.case.number in title[1]


def test_a_case_without_contact_person_says_that_one_must_be_chosen(anna: Client, family: Family) -> None:
    other = a_case(family.worker, child="Sam Smit")
    safeguards = anna.get(page_of(other)).context["safeguards"]
    assert (safeguards[0]["state"], safeguards[0]["detail"]) == ("open", gettext("Not chosen yet"))


def a_consent(family: Family, person: str, day: str, **values: str) -> None:
    """What a parent said, as the register keeps it."""
    help_item = RegisterRow.objects.get(case=family.case, register="help_item")
    RegisterRow.objects.create(
        case=family.case,
        register="consent",
        values={"subject": str(help_item.pk), "person": person, "kind": "answer", "on": day, **values},
        order=100 + RegisterRow.objects.filter(case=family.case).count(),
        recorded_on=date.fromisoformat(day),
    )


def consent_line(anna: Client, family: Family) -> dict[str, str]:
    return next(it for it in anna.get(page_of(family)).context["safeguards"] if "Gezinsbehandeling" in it["title"])


def test_consent_is_told_for_each_help_as_it_stands(anna: Client, family: Family) -> None:
    assert consent_line(anna, family)["detail"] == gettext("Not asked yet")
    a_consent(family, family.mother, "2026-11-07", answer="akkoord")
    assert consent_line(anna, family)["state"] == "open"
    a_consent(family, family.father, "2026-11-08", answer="akkoord")
    assert consent_line(anna, family)["state"] == "kept"
    a_consent(family, family.father, "2026-11-09", kind="withdrawal", answer="")
    assert (consent_line(anna, family)["state"], consent_line(anna, family)["detail"]) == (
        "broken",
        gettext("Withdrawn"),
    )


def test_a_refusal_is_not_in_order(anna: Client, family: Family) -> None:
    a_consent(family, family.mother, "2026-11-07", answer="nee")
    assert consent_line(anna, family)["state"] == "broken"


def a_skipped_step(family: Family, deviation: Deviation) -> str:
    """Skip the first talk of another case of the same worker, with a reason. Returns: id of that case."""
    other = a_case(family.worker, child="Sam Smit")
    skip_task(Acting(family.worker, at("2026-11-09")), other.task("first_talk").pk, deviation=deviation)
    return str(other.case.pk)


def test_a_deviation_stands_there_with_the_day_to_look_again(anna: Client, family: Family) -> None:
    RegisterRow.objects.create(
        case=family.case,
        register="deviation",
        values={
            "step": "V.first_talk",
            "reason": "Oma was er niet",
            "look_again_on": "2026-12-01",
            "on": "2026-11-09",
        },
        order=50,
        recorded_on=date(2026, 11, 9),
    )
    line = next(it for it in anna.get(page_of(family)).context["safeguards"] if it["state"] == "deviated")
    assert "Eerste gesprek" in line["title"]
    assert "1 december" in line["detail"]


# What others may see


def test_who_decides_sees_only_the_decision_and_how_many_steps_are_hidden(client: Client, family: Family) -> None:
    somebody(client, family, "mandaathouder")
    answer = client.get(page_of(family))
    page = words_of(answer)
    hidden = answer.context["hidden_steps"]
    assert [it["title"] for it in answer.context["steps"]] == ["Besluit van de gemeente"]
    assert hidden == 5
    words = ngettext("%(number)s step is not visible to you.", "%(number)s steps are not visible to you.", hidden)
    assert words % {"number": hidden} in page
    for secret in ("Eerste gesprek", "Noor", "Mirjam", "06 00 00 00 01"):
        assert secret not in page


def test_a_provider_sees_the_family_and_the_plan_but_no_history(client: Client, family: Family) -> None:
    somebody(
        client, family, "zorgaanbieder", name="Bo Haddou", organisation=an_organisation("Zorg Dichtbij", "provider")
    )
    answer = client.get(page_of(family))
    page = words_of(answer)
    assert "Noor" in page
    assert "Kort plan" in page
    assert "Besluit van de gemeente" not in page
    assert answer.context["latest"] == []
    assert client.get(history_of(family)).status_code == 404


def test_a_provider_of_other_help_sees_no_family(client: Client, family: Family) -> None:
    row = RegisterRow.objects.get(case=family.case, register="help_item")
    row.values = {**row.values, "provider": "Een Andere Aanbieder"}
    row.save()
    somebody(client, family, "zorgaanbieder", organisation=an_organisation("Zorg Dichtbij", "provider"))
    page = words_of(client.get(page_of(family)))
    assert "Noor" not in page
    assert "Kort plan" not in page


def test_a_page_costs_twelve_queries_besides_signing_in_and_the_look(anna: Client, family: Family) -> None:
    for address in (page_of(family), history_of(family)):
        anna.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert anna.get(address).status_code == 200
        around = (*SIGNING_IN, *LOOKING)
        besides = [it["sql"] for it in captured if not any(name in it["sql"] for name in around)]
        assert 5 < len(besides) <= 12


def test_a_long_case_costs_no_more_than_a_short_one(anna: Client, family: Family) -> None:
    young = a_case(family.worker, child="Sam Smit")
    counts = []
    for it in (young, family):
        anna.get(page_of(it))
        with CaptureQueriesContext(connection) as captured:
            anna.get(page_of(it))
        counts.append(len(captured))
    assert counts[0] == counts[1]


# Looks


@pytest.mark.parametrize("page", ["case", "timeline"])
def test_a_look_is_written_down_with_the_page(anna: Client, family: Family, page: str) -> None:
    anna.get(reverse(f"padwijzer:{page}", args=[family.case.pk]))
    envelope = Event.objects.filter(stream=reads_stream(family.case.pk)).order_by("-seq")[0].envelope
    assert f'"page":"{page}"' in envelope


def test_who_may_not_look_leaves_no_look(client: Client, family: Family) -> None:
    client.force_login(a_user("jeugdconsulent"))
    assert client.get(page_of(family)).status_code == 404
    assert not Event.objects.filter(stream=reads_stream(family.case.pk)).exists()


@pytest.mark.parametrize("page", ["case", "timeline", "members"])
def test_unknown_and_forbidden_look_the_same(client: Client, family: Family, page: str) -> None:
    client.force_login(a_user("jeugdconsulent"))
    forbidden = client.get(reverse(f"padwijzer:{page}", args=[family.case.pk]))
    unknown = client.get(reverse(f"padwijzer:{page}", args=[uuid4()]))
    assert (
        (forbidden.status_code, forbidden.content) == (unknown.status_code, unknown.content) == (404, unknown.content)
    )


# History


def test_the_history_tells_who_did_what_on_whose_behalf_with_a_receipt(anna: Client, family: Family) -> None:
    done = Task.objects.get(case=family.case, activity="first_talk")
    event = Event.objects.get(stream=family.case.stream, seq=done.event)
    page = words_of(anna.get(history_of(family)))
    assert gettext("“%(step)s” was completed.") % {"step": "Eerste gesprek"} in page
    assert "Anna Bakker, jeugdconsulent" in page
    assert gettext("on behalf of %(organisation)s") % {"organisation": "Gemeente Voorbeeld"} in page
    assert receipt(bytes(event.hash)) in page


def test_an_answer_is_told_in_words_and_not_as_its_key(anna: Client, family: Family) -> None:
    page = words_of(anna.get(history_of(family)))
    assert "Welke hulp? Gezinsbehandeling" in page
    assert "Welk kind? Noor de Wit" in page
    assert family.child not in page


def test_the_newest_day_stands_first_and_every_event_has_its_anchor(anna: Client, family: Family) -> None:
    answer = anna.get(history_of(family))
    days = [it["day"] for it in answer.context["days"]]
    assert days == sorted(days, reverse=True)
    numbers = [entry["seq"] for day in answer.context["days"] for entry in day["entries"]]
    assert sorted(numbers) == list(range(Event.objects.filter(stream=family.case.stream).count()))
    html = answer.content.decode()
    assert all(f'id="gebeurtenis-{number}"' in html for number in numbers)


def test_what_the_answers_led_to_is_told(anna: Client, family: Family) -> None:
    assert gettext("Next: “%(step)s”") % {"step": "Kort plan"} in words_of(anna.get(history_of(family)))


def test_a_step_skipped_with_a_reason_is_marked_with_it(anna: Client, family: Family) -> None:
    case = a_skipped_step(family, Deviation("Het gezin wist het al", family_view="Zij willen door"))
    page = words_of(anna.get(reverse("padwijzer:timeline", args=[case])))
    assert gettext("Deviation") in page
    assert "Het gezin wist het al" in page
    assert "Zij willen door" in page


def test_more_than_six_weeks_of_silence_is_marked(anna: Client, family: Family) -> None:
    silent = a_case(family.worker, child="Sam Smit", day="2026-07-01")
    silent.does("first_talk", {"waarom_nu": "School", "wil_gezin": "Rust", "uitleg_steun": "ja"}, "2026-11-09")
    page = words_of(anna.get(history_of(silent)))
    assert gettext("Nothing was written down for %(weeks)s weeks.") % {"weeks": 18} in page
    assert gettext("Nothing was written down for %(weeks)s weeks.") % {"weeks": 18} not in words_of(
        anna.get(history_of(family))
    )


def test_six_weeks_to_the_day_is_no_long_silence() -> None:
    assert not is_long_silence(at("2026-01-01"), at("2026-02-12"))
    assert is_long_silence(at("2026-01-01"), at("2026-02-13"))


def test_an_answer_that_was_destroyed_is_told_to_be_gone(anna: Client, family: Family) -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM padwijzer_workflows_opening WHERE name = 'answers.waarom_nu'")
        assert not Opening.objects.filter(name="answers.waarom_nu").exists()
        page = words_of(anna.get(history_of(family)))
    assert gettext("This answer was destroyed, as the law asks.") in page
    assert "De school belde" not in page


def test_who_decides_reads_of_the_history_only_what_he_may_know(client: Client, family: Family) -> None:
    family.does("municipal_decision", {"besluit": "nvt", "eerste_evaluatie": "2027-01-10"}, "2026-11-09")
    somebody(client, family, "mandaathouder")
    answer = client.get(history_of(family))
    page = words_of(answer)
    assert "Besluit van de gemeente" in page
    assert "Geen besluit nodig" in page
    assert answer.context["hidden"] > 0
    for secret in ("Eerste gesprek”", "De school belde", "Rust aan tafel"):
        assert secret not in page


def test_a_role_is_told_as_it_was_on_that_day(anna: Client, family: Family) -> None:
    entries = [it for day in anna.get(history_of(family)).context["days"] for it in day["entries"]]
    opened = next(it for it in entries if it["seq"] == 0)
    assert opened["who"] == "Anna Bakker, jeugdconsulent"
    assert entries[0]["who"] == "Anna Bakker, jeugdconsulent, vast aanspreekpunt"


def test_a_colleague_who_was_removed_from_the_system_leaves_what_he_did(anna: Client, family: Family) -> None:
    from padwijzer.workflows.models import Pseudonym  # noqa: PLC0415 - only here the link is broken

    colleague = a_user("jeugdconsulent", name="Gijs Berg")
    family.joins(colleague, "jeugdconsulent", "2026-11-06")
    task = family.task("municipal_decision")
    release_task(Acting(family.worker, at("2026-11-07")), task.pk)
    claim_task(Acting(colleague, at("2026-11-07", 12)), task.pk)
    Pseudonym.objects.filter(user=colleague).update(user=None, label="")
    page = words_of(anna.get(history_of(family)))
    assert gettext("“%(step)s” was taken up.") % {"step": "Besluit van de gemeente"} in page
    assert "Gijs Berg" not in page


@pytest.mark.parametrize("part", ["0", "-3", "x", "999", "9" * 400, "½"])
def test_a_part_of_the_history_that_does_not_exist_is_no_fault(anna: Client, family: Family, part: str) -> None:
    assert anna.get(history_of(family), {"deel": part}).status_code == 200


def test_a_long_history_has_parts_in_which_an_event_keeps_its_place(
    anna: Client, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("padwijzer.cms.work.cases.BLOCK", 3)
    answer = anna.get(history_of(family), {"deel": "1"})
    assert [entry["seq"] for day in answer.context["days"] for entry in day["entries"]] == [2, 1, 0]
    assert answer.context["pager"]["previous"].endswith("?deel=2")
    newest = anna.get(history_of(family))
    assert newest.context["pager"]["previous"] == ""
    assert pgettext("history", "Earlier") in words_of(newest)


def test_the_last_events_stand_on_the_page_of_the_case(anna: Client, family: Family) -> None:
    latest = anna.get(page_of(family)).context["latest"]
    last = Event.objects.filter(stream=family.case.stream).order_by("-seq")[0].seq
    assert [it["url"].rpartition("-")[2] for it in latest] == [str(last - number) for number in range(5)]


def test_an_involvement_that_ended_yesterday_opens_nothing_today(anna: Client, family: Family) -> None:
    Membership.objects.filter(case=family.case, user=family.worker).update(until=date(2026, 11, 9))
    assert anna.get(page_of(family)).status_code == 404
    Membership.objects.filter(case=family.case, user=family.worker).update(until=date(2026, 11, 10))
    assert anna.get(page_of(family)).status_code == 200


# In a browser


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_the_pages_of_a_case_are_accessible_in_every_width(
    live_server: Any, browser: Browser, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_release()
    it_is(monkeypatch, TODAY)
    family = with_help_chosen(a_case())
    open_track(Acting(family.worker, at("2026-11-09")), family.case.pk, "V", "choose_mentor", subject=family.child)
    Notice.objects.create(
        case=family.case, kind="alarm", source="t", occasion="1", text="Bel nu.", roles=",vap,", created_at=at(TODAY)
    )
    case = a_skipped_step(family, Deviation("Het gezin wist het al"))
    client.force_login(family.worker)
    for address in (CASES, page_of(family), history_of(family), reverse("padwijzer:timeline", args=[case])):
        assert check_page(browser, live_server.url, address, client) == []
