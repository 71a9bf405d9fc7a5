"""My tasks: what stands in the list, in which group, and taking up, giving back and handing over."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from playwright.sync_api import Browser

from padwijzer.cms.work.wording import children_words, due_words, initials
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.claim_task import release_task
from padwijzer.workflows.actions.save_draft import save_draft
from padwijzer.workflows.core.errors import Conflict
from padwijzer.workflows.models import Draft, Event, Notice, RunningDeadline, Task
from padwijzer.workflows.queries.inbox import Child, Group, group_of
from tests.support.browsing import check_page
from tests.support.cases import (
    Family,
    a_case,
    a_release,
    a_user,
    an_organisation,
    at,
    it_is,
    with_contact_person,
    with_help_chosen,
    words_of,
)

TASKS = "/jeugd/"
POOL = "/jeugd/?lijst=te-verdelen"
TODAY = "2026-11-10"  # a Tuesday


@pytest.fixture
def family(db: None, monkeypatch: pytest.MonkeyPatch) -> Family:
    """A case in which the municipality must decide; the decision is with Anna, and it is Tuesday 10 November."""
    a_release()
    it_is(monkeypatch, TODAY)
    return with_help_chosen(a_case())


@pytest.fixture
def anna(client: Client, family: Family) -> Client:
    """The browser of who works on that case."""
    client.force_login(family.worker)
    return client


def in_the_pool(family: Family, activity: str) -> Task:
    """The open task of a step, given back to the team."""
    task = family.task(activity)
    release_task(Acting(family.worker, at("2026-11-09")), task.pk)
    return family.task(activity)


def due(task: Task, day: str, hour: int = 22) -> None:
    Task.objects.filter(pk=task.pk).update(due=at(day, hour))


# The list


def test_a_task_stands_with_its_step_the_child_and_the_case(anna: Client, family: Family) -> None:
    page = words_of(anna.get(TASKS))
    assert "Besluit van de gemeente" in page
    assert "Noor" in page
    assert family.case.number in page
    assert ngettext("You have %(n)s task.", "You have %(n)s tasks.", 1) % {"n": 1} in page


def test_the_surname_of_a_child_is_not_in_the_list(anna: Client) -> None:
    assert "de Wit" not in words_of(anna.get(TASKS))


@pytest.mark.parametrize(
    ("day", "group"),
    [("2026-11-09", "Too late"), ("2026-11-15", "This week"), ("2026-11-16", "Later")],
)
def test_a_task_stands_in_the_group_of_its_term(anna: Client, family: Family, day: str, group: str) -> None:
    due(family.task("municipal_decision"), day)
    assert f"{gettext(group)} (1)" in words_of(anna.get(TASKS))


def test_a_week_ends_on_sunday() -> None:
    sunday, next_monday = at("2026-11-15", 20), at("2026-11-16", 9)
    assert group_of(sunday, at(TODAY)) is Group.THIS_WEEK
    assert group_of(next_monday, at(TODAY)) is Group.LATER
    assert group_of(at(TODAY, 8), at(TODAY, 9)) is Group.LATE
    assert group_of(None, at(TODAY)) is Group.LATER


def test_a_task_that_was_begun_is_gone_on_with(anna: Client, family: Family) -> None:
    assert gettext("Begin") in words_of(anna.get(TASKS))
    save_draft(Acting(family.worker, at("2026-11-09")), family.task("municipal_decision").pk, {"besluit": "ja"})
    assert gettext("Go on") in words_of(anna.get(TASKS))


def test_the_first_due_stands_first(anna: Client, family: Family) -> None:
    other = with_contact_person(a_case(family.worker, child="Sam Smit"))
    due(family.task("municipal_decision"), "2026-11-13")
    due(other.task("choose_route"), "2026-11-12")
    page = words_of(anna.get(TASKS))
    assert page.index("Welke weg past?") < page.index("Besluit van de gemeente")


def test_who_has_no_tasks_reads_that_they_come_by_themselves(client: Client, family: Family) -> None:
    client.force_login(a_user("jeugdconsulent"))
    page = words_of(client.get(TASKS))
    assert gettext("You have no tasks.") in page
    assert "Noor" not in page


def test_a_task_of_a_case_that_one_has_left_is_gone(anna: Client, family: Family) -> None:
    family.case.memberships.filter(user=family.worker).update(until="2026-11-09")
    page = words_of(anna.get(TASKS))
    assert "Besluit van de gemeente" not in page
    assert gettext("You have no tasks.") in page


def test_what_comes_back_later_is_not_in_the_list_before_its_day(anna: Client, family: Family) -> None:
    task = family.task("municipal_decision")
    RunningDeadline.objects.create(case=family.case, task=task, term="x", index=9, appears_on=at("2026-11-11").date())
    assert "Besluit van de gemeente" not in words_of(anna.get(TASKS))


def test_the_menu_says_how_many_tasks_there_are_on_every_page(anna: Client) -> None:
    for address in (TASKS, "/jeugd/zaken/"):
        nav = anna.get(address).context["look"]["nav"]
        assert nav[0]["count"] == 1


def test_it_greets_by_the_clock_of_amsterdam(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour, words in ((9, "Good morning."), (11, "Good afternoon."), (17, "Good evening.")):
        it_is(monkeypatch, TODAY, hour)
        assert gettext(words) in words_of(anna.get(TASKS))


@pytest.mark.parametrize("number", ["0", "-1", "x", "99", "9" * 400, "1 OR 1=1", "½"])
def test_a_page_that_does_not_exist_is_no_fault(anna: Client, number: str) -> None:
    assert anna.get(TASKS, {"pagina": number}).status_code == 200


def test_a_long_list_has_pages(anna: Client, family: Family) -> None:
    task = family.task("municipal_decision")
    for round_ in range(2, 53):
        task.pk, task.round, task._state.adding = None, round_, True
        task.save(force_insert=True)
    first = anna.get(TASKS)
    assert first.context["pager"]["next"] == f"{TASKS}?pagina=2"
    second = anna.get(first.context["pager"]["next"])
    assert [len(it["cards"]) for it in second.context["groups"]] == [2]
    assert second.context["pager"] == {"previous": f"{TASKS}?pagina=1", "next": ""}


def test_the_list_costs_the_same_however_long_it_is(anna: Client, family: Family) -> None:
    with CaptureQueriesContext(connection) as one:
        anna.get(TASKS)
    for child in ("Sam Smit", "Tess Jansen", "Lot Visser"):
        other = with_contact_person(a_case(family.worker, child=child))
        Notice.objects.create(
            case=other.case, kind="alarm", source="t", occasion="1", text="Bel.", roles=",vap,", created_at=at(TODAY)
        )
    with CaptureQueriesContext(connection) as many:
        anna.get(TASKS)
    assert len(many) <= len(one) <= 12


# What waits for the team


def test_what_nobody_holds_waits_for_who_may_do_it(anna: Client, family: Family) -> None:
    in_the_pool(family, "municipal_decision")
    assert "Besluit van de gemeente" in words_of(anna.get(POOL))
    assert gettext("You have no tasks.") in words_of(anna.get(TASKS))


def test_another_role_in_the_case_does_not_find_it_in_the_pool(client: Client, family: Family) -> None:
    in_the_pool(family, "municipal_decision")
    adviser = a_user("gedragswetenschapper")
    family.joins(adviser, "gedragswetenschapper", "2026-11-06")
    client.force_login(adviser)
    assert "Besluit van de gemeente" not in words_of(client.get(POOL))


def test_a_colleague_of_the_same_team_who_is_not_involved_does_not_find_it(client: Client, family: Family) -> None:
    in_the_pool(family, "municipal_decision")
    client.force_login(a_user("jeugdconsulent"))
    assert "Besluit van de gemeente" not in words_of(client.get(POOL))


def test_taking_up_brings_it_to_my_tasks_and_into_the_history(anna: Client, family: Family) -> None:
    task = in_the_pool(family, "municipal_decision")
    answer = anna.post(reverse("padwijzer:claim", args=[task.pk]) + "?naar=lijst")
    assert (answer.status_code, answer["Location"]) == (302, POOL)
    task.refresh_from_db()
    assert task.owner == family.worker
    assert '"type":"task.claimed"' in Event.objects.filter(stream=family.case.stream).order_by("-seq")[0].envelope


def test_taking_up_twice_changes_nothing(anna: Client, family: Family) -> None:
    task = in_the_pool(family, "municipal_decision")
    for _time in range(2):
        assert anna.post(reverse("padwijzer:claim", args=[task.pk])).status_code == 302
    envelopes = Event.objects.filter(stream=family.case.stream).values_list("envelope", flat=True)
    assert sum('"type":"task.claimed"' in it for it in envelopes) == 1


def test_who_comes_second_reads_who_was_first_and_that_he_need_do_nothing(client: Client, family: Family) -> None:
    colleague = a_user("jeugdconsulent", name="Gijs Berg")
    family.joins(colleague, "jeugdconsulent", "2026-11-06")
    client.force_login(colleague)
    answer = client.post(reverse("padwijzer:claim", args=[family.task("municipal_decision").pk]))
    page = words_of(answer)
    assert answer.status_code == 409
    assert "Anna Bakker" in page
    assert gettext("You need not do anything.") in page
    assert (
        gettext("What you filled in has been kept as a draft. You can read it back and use it elsewhere.") not in page
    )


def test_giving_back_lets_it_wait_for_the_team(anna: Client, family: Family) -> None:
    task = family.task("municipal_decision")
    anna.post(reverse("padwijzer:release", args=[task.pk]))
    task.refresh_from_db()
    assert task.owner is None


def test_a_task_of_somebody_else_cannot_be_given_back(client: Client, family: Family) -> None:
    colleague = a_user("jeugdconsulent")
    family.joins(colleague, "jeugdconsulent", "2026-11-06")
    client.force_login(colleague)
    task = family.task("municipal_decision")
    assert client.post(reverse("padwijzer:release", args=[task.pk])).status_code in {404, 409}
    task.refresh_from_db()
    assert task.owner == family.worker


@pytest.mark.parametrize("name", ["claim", "release"])
def test_a_look_at_the_address_changes_nothing(anna: Client, family: Family, name: str) -> None:
    assert anna.get(reverse(f"padwijzer:{name}", args=[family.task("municipal_decision").pk])).status_code == 405


@pytest.mark.parametrize("name", ["claim", "release", "delegate"])
@pytest.mark.parametrize("task", [0, 999_999, 10**30])
def test_a_task_that_does_not_exist_is_not_found(anna: Client, name: str, task: int) -> None:
    assert anna.post(reverse(f"padwijzer:{name}", args=[task])).status_code == 404


def test_a_task_that_was_done_meanwhile_is_not_taken_up(anna: Client, family: Family) -> None:
    done = Task.objects.get(case=family.case, activity="first_talk")
    assert anna.post(reverse("padwijzer:claim", args=[done.pk])).status_code == 409


# Handing over


def test_a_task_is_handed_to_a_colleague_who_may_do_it(anna: Client, family: Family) -> None:
    colleague = a_user("jeugdconsulent", name="Gijs Berg")
    family.joins(colleague, "jeugdconsulent", "2026-11-06")
    adviser = a_user("gedragswetenschapper", name="Els Vos")
    family.joins(adviser, "gedragswetenschapper", "2026-11-06")
    task = family.task("municipal_decision")
    address = reverse("padwijzer:delegate", args=[task.pk])
    page = words_of(anna.get(address))
    assert "Gijs Berg" in page
    assert "Els Vos" not in page
    answer = anna.post(address, {"colleague": colleague.pk})
    assert answer["Location"] == reverse("padwijzer:case", args=[family.case.pk])
    task.refresh_from_db()
    assert task.owner == colleague


@pytest.mark.parametrize("chosen", ["", "999999", "x", "x" * 10_000])
def test_without_a_colleague_of_the_list_it_says_what_is_wrong(anna: Client, family: Family, chosen: str) -> None:
    family.joins(a_user("jeugdconsulent"), "jeugdconsulent", "2026-11-06")
    answer = anna.post(
        reverse("padwijzer:delegate", args=[family.task("municipal_decision").pk]), {"colleague": chosen}
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f"<title>{gettext('Error')}: " in html
    assert html.index("pw-error-summary") < html.index("<h1")


def test_who_has_nobody_to_hand_to_reads_how_to_ask_somebody_in(anna: Client, family: Family) -> None:
    answer = anna.get(reverse("padwijzer:delegate", args=[family.task("municipal_decision").pk]))
    assert reverse("padwijzer:members", args=[family.case.pk]) in answer.content.decode()


def test_who_may_not_do_the_step_cannot_hand_it_over(client: Client, family: Family) -> None:
    adviser = a_user("gedragswetenschapper")
    family.joins(adviser, "gedragswetenschapper", "2026-11-06")
    client.force_login(adviser)
    assert client.get(reverse("padwijzer:delegate", args=[family.task("municipal_decision").pk])).status_code == 404


# What asks for attention


def a_notice(family: Family, **fields: Any) -> Notice:
    values = {"kind": "alarm", "source": "t", "occasion": "1", "text": "Bel de school.", "roles": ",vap,"}
    notice: Notice = Notice.objects.create(case=family.case, created_at=at("2026-11-09"), **{**values, **fields})
    return notice


def test_an_alarm_for_my_role_is_there_until_it_is_done(anna: Client, family: Family) -> None:
    notice = a_notice(family)
    assert "Bel de school." in words_of(anna.get(TASKS))
    anna.post(reverse("padwijzer:notice_done", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.done_by == family.worker
    assert "Bel de school." not in words_of(anna.get(TASKS))


def test_an_alarm_for_another_role_is_not_mine(anna: Client, family: Family) -> None:
    a_notice(family, roles=",gezinscoach,mandaathouder,")
    assert "Bel de school." not in words_of(anna.get(TASKS))


def test_part_of_the_name_of_a_role_is_not_that_role(anna: Client, family: Family) -> None:
    a_notice(family, roles=",vap_elders,xvap,")
    assert "Bel de school." not in words_of(anna.get(TASKS))


def test_an_alarm_stands_before_what_is_only_to_be_read(anna: Client, family: Family) -> None:
    a_notice(family, kind="message", source="a", text="Het plan is klaar.")
    a_notice(family, kind="alarm", source="b", text="De termijn is voorbij.")
    page = words_of(anna.get(TASKS))
    assert page.index("De termijn is voorbij.") < page.index("Het plan is klaar.")


def test_somebody_elses_alarm_cannot_be_done(client: Client, family: Family) -> None:
    notice = a_notice(family)
    client.force_login(a_user("jeugdconsulent"))
    assert client.post(reverse("padwijzer:notice_done", args=[notice.pk])).status_code == 404
    notice.refresh_from_db()
    assert notice.done_at is None


# Drafts


def a_lost_draft(family: Family, user: Any) -> Draft:
    done = Task.objects.get(case=family.case, activity="first_talk")
    draft: Draft = Draft.objects.create(
        task=done,
        user=user,
        values={"waarom_nu": "Ik typte dit", "uitleg_steun": "ja", "vreemd": "iets"},
        lost=True,
        saved_at=at("2026-11-09"),
    )
    return draft


def test_what_the_loser_of_a_race_typed_still_stands_there_with_its_question(anna: Client, family: Family) -> None:
    a_lost_draft(family, family.worker)
    page = words_of(anna.get(TASKS))
    assert gettext("Somebody was before you. What you typed still stands here.") in page
    assert "Waarom komt deze vraag nu? Ik typte dit" in page


def test_what_was_typed_page_by_page_stands_there_too_and_a_chosen_person_stands_there_by_name(
    anna: Client, family: Family
) -> None:
    typed = {"vap_persoon": family.person_of(family.worker), "vap_gezin": "Fijn", "wissel_gesprek": "31-13-2026"}
    Draft.objects.create(
        task=Task.objects.get(case=family.case, activity="choose_person"),
        user=family.worker,
        values={"values": typed, "confirmed": []},
        lost=True,
        saved_at=at("2026-11-09"),
    )
    page = words_of(anna.get(TASKS))
    assert "Wie wordt het vaste aanspreekpunt? Anna Bakker" in page
    assert "Wat vindt het gezin van deze keuze? Fijn" in page
    assert "31-13-2026" in page


def test_what_somebody_else_typed_is_nobody_elses(client: Client, family: Family) -> None:
    a_lost_draft(family, family.worker)
    colleague = a_user("jeugdconsulent")
    family.joins(colleague, "jeugdconsulent", "2026-11-06")
    client.force_login(colleague)
    assert "Ik typte dit" not in words_of(client.get(TASKS))


def test_a_draft_is_thrown_away_after_one_question(anna: Client, family: Family) -> None:
    draft = a_lost_draft(family, family.worker)
    url = reverse("padwijzer:discard", args=[draft.pk])
    assert f'href="{url}"' in anna.get(TASKS).content.decode()
    assert anna.get(url).status_code == 200
    assert Draft.objects.filter(pk=draft.pk).exists()
    assert anna.post(url)["Location"] == TASKS
    assert not Draft.objects.filter(pk=draft.pk).exists()
    assert url not in anna.get(TASKS).content.decode()


def test_a_draft_of_somebody_else_is_not_found(client: Client, family: Family) -> None:
    draft = a_lost_draft(family, family.worker)
    client.force_login(a_user("jeugdconsulent"))
    url = reverse("padwijzer:discard", args=[draft.pk])
    assert (client.get(url).status_code, client.post(url).status_code) == (404, 404)
    assert Draft.objects.filter(pk=draft.pk).exists()


def test_the_page_after_a_lost_race_leads_to_the_draft(client: Client, family: Family, rf: Any) -> None:
    from padwijzer.cms.work.doors import page  # noqa: PLC0415 - the test below is about its template only

    request = rf.post("/jeugd/taken/1/")
    request.user = family.worker
    conflict = Conflict("Iemand anders deed deze stap al.", by="A. Bakker", at=at(TODAY, 9))
    html = page(request, "conflict", {"conflict": conflict, "title": conflict.sentence}).content.decode()
    assert "A. Bakker" in html
    assert "10:00" in html
    assert f"{TASKS}#kladversies" in html


# Words


@pytest.mark.parametrize(
    ("moment", "msgid", "days"),
    [
        (at("2026-11-16"), "%(days)s days left", 6),
        (at("2026-11-07"), "%(days)s days too late", 3),
    ],
)
def test_a_term_is_told_in_days(moment: Any, msgid: str, days: int) -> None:
    singular = {"%(days)s days left": "%(days)s day left", "%(days)s days too late": "%(days)s day too late"}[msgid]
    assert due_words(moment, at(TODAY)) == ngettext(singular, msgid, days) % {"days": days}


def test_a_term_of_today_and_tomorrow_has_its_own_word() -> None:
    assert due_words(at(TODAY, 22), at(TODAY)) == gettext("today")
    assert due_words(at("2026-11-11", 12), at(TODAY)) == gettext("tomorrow")
    assert "10:30" in due_words(at(TODAY, 9) + timedelta(minutes=30), at(TODAY))
    assert due_words(None, at(TODAY)) == ""


def test_many_children_are_told_by_their_number() -> None:
    four = [Child("Noor", 9), Child("Sam", 7), Child("Tess", 5), Child("Bo", None)]
    words = ngettext("and %(number)s more", "and %(number)s more", 2) % {"number": 2}
    assert children_words(four).endswith(words)
    assert "Tess" not in children_words(four)
    assert children_words([Child("Bo", None)]) == "Bo"
    assert children_words([]) == gettext("Family")


def test_initials_are_of_the_first_and_the_last_name() -> None:
    assert [initials(it) for it in ("Gijs van den Berg", "Noor", "")] == ["GB", "N", ""]


# In a browser


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_the_lists_are_accessible_in_every_width(
    live_server: Any, browser: Browser, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_release()
    it_is(monkeypatch, TODAY)
    family = with_help_chosen(a_case())
    other = with_contact_person(a_case(family.worker, child="Sam Smit"))
    in_the_pool(other, "choose_route")
    due(family.task("municipal_decision"), "2026-11-09")
    a_notice(family)
    a_lost_draft(family, family.worker)
    family.joins(a_user("jeugdconsulent", name="Gijs Berg"), "jeugdconsulent", "2026-11-06")
    an_organisation("Zorg Dichtbij", "provider")
    client.force_login(family.worker)
    decision = family.task("municipal_decision").pk
    for address in (TASKS, POOL, reverse("padwijzer:delegate", args=[decision])):
        assert check_page(browser, live_server.url, address, client) == []
