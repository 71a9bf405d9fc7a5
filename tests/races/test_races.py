"""
Several people at the same step at the same moment, through a real server with processes and threads.

One of them is first. The others hear who, and nothing that anybody typed is lost.
"""

import pytest
from django.urls import reverse
from django.utils import timezone

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.history.receipts import receipt
from padwijzer.workflows.models import OPEN, Case, Draft, Event, Task
from padwijzer.workflows.queries.people import name_of
from tests.races.load import MARK, the_path
from tests.races.office import (
    a_team,
    an_open_task,
    check_page,
    done_page,
    families,
    for_anybody,
    hand_in_form,
    leads_to,
    typed,
)
from tests.races.soundness import faults, whole_history
from tests.support.cases import Family
from tests.support.clock import publish
from tests.support.server import Browser, Server, at_once
from tests.support.sizes import size

pytestmark = pytest.mark.xdist_group("races")

TALK = {"waarom_nu": "De school belde", "uitleg_steun": "ja"}


def talk_of(user):
    return {**TALK, "wil_gezin": f"Wat {name_of(user)} hoorde"}


def choice_of(family, user):
    return {"vap_persoon": family.person_of(user), "vap_gezin": f"Wat {name_of(user)} hoorde"}


def completions(family):
    return [event for event in whole_history(family.case) if event.type == "task.completed"]


def all_at_once(server: Server, task: Task, browsers: list[Browser]):
    """Everybody looks at what he typed, and then all hand it in at the same moment."""
    forms = at_once(*(lambda it=it: hand_in_form(it, task) for it in browsers))
    return all_post(check_page(task), browsers, forms)


def all_post(path: str, browsers: list[Browser], forms):
    return at_once(*(lambda it=it, form=form: it.post(path, form) for it, form in zip(browsers, forms, strict=True)))


def look_at_one_race(family: Family, task: Task, team, answers, next_step: str):
    """One won, every other heard who and kept what he typed, and the case went on once."""
    won = [user for user, answer in zip(team, answers, strict=True) if leads_to(answer, done_page(task))]
    assert len(won) == 1, answers
    assert [answer.status for answer in answers if answer.status != 302] == [409] * (len(team) - 1)
    winner = name_of(won[0])
    for user, answer in zip(team, answers, strict=True):
        if user != won[0]:
            assert winner in answer.text
    task.refresh_from_db()
    assert (task.outcome, task.completed_by) == ("done", won[0])
    drafts = {it.user_id: it for it in Draft.objects.filter(task=task)}
    assert drafts.keys() == {user.pk for user in team if user != won[0]}
    assert all(it.lost for it in drafts.values())
    assert Task.objects.filter(case=family.case, activity=next_step).count() == 1
    assert Task.objects.filter(case=family.case, status__in=OPEN).count() == 1
    return won[0], drafts


@pytest.mark.parametrize("people", [2, 8])
def test_of_all_who_hand_in_a_step_at_once_one_is_first_and_nobody_loses_what_he_typed(server, people):
    races = size("races") if people == 8 else size("races") // 4
    team = a_team(people)
    browsers = [server.signed_in(user) for user in team]
    run = 0
    for family in families((races + 1) // 2, team):
        task = for_anybody(family.task("first_talk"))
        for user in team:
            typed(task, user, talk_of(user))
        answers = all_at_once(server, task, browsers)
        won, drafts = look_at_one_race(family, task, team, answers, "choose_person")
        for user in team:
            if user != won:
                assert drafts[user.pk].values == talk_of(user)
        assert completions(family)[-1].values["answers.wil_gezin"] == talk_of(won)["wil_gezin"]
        run += 1
        if run == races:
            break
        task = for_anybody(family.task("choose_person"))
        for user in team:
            typed(task, user, choice_of(family, user))
        answers = all_at_once(server, task, browsers)
        won, drafts = look_at_one_race(family, task, team, answers, "choose_route")
        for user in team:
            if user != won:
                assert drafts[user.pk].values == choice_of(family, user)
        contacts = Case.objects.get(pk=family.case.pk).memberships.filter(role="vap", until=None)
        assert [it.user for it in contacts] == [won]
        run += 1
    assert run == races
    assert faults() == []


def test_who_clicks_twice_hands_in_once_and_gets_the_receipt_both_times(server):
    [worker] = a_team(1)
    browser = server.signed_in(worker)
    for family in families(size("races") // 4, [worker]):
        task = for_anybody(family.task("first_talk"))
        typed(task, worker, talk_of(worker))
        form = hand_in_form(browser, task)
        answers = at_once(*[lambda form=form, task=task: browser.post(check_page(task), form)] * 2)
        assert all(leads_to(answer, done_page(task)) for answer in answers), answers
        task.refresh_from_db()
        event = Event.objects.get(stream=family.case.stream, seq=task.event)
        assert receipt(bytes(event.hash)) in browser.get(done_page(task)).text
        assert [it.ref["task"] for it in completions(family)].count(task.pk) == 1
        assert Task.objects.filter(case=family.case, activity="choose_person").count() == 1
        assert not Draft.objects.filter(task=task).exists()
    assert faults() == []


def test_who_hands_in_an_old_page_hears_who_was_first_and_keeps_what_he_typed(server):
    anna, bram = team = a_team(2)
    [family] = families(1, team)
    task = for_anybody(family.task("first_talk"))
    first, second = (server.signed_in(user) for user in team)
    typed(task, bram, talk_of(bram))
    old = hand_in_form(second, task)
    typed(task, anna, talk_of(anna))
    assert leads_to(first.post(check_page(task), hand_in_form(first, task)), done_page(task))
    answer = second.post(check_page(task), old)
    assert (answer.status, name_of(anna) in answer.text) == (409, True)
    draft = Draft.objects.get(task=task, user=bram)
    assert (draft.lost, draft.values) == (True, talk_of(bram))
    assert faults() == []


def test_who_hands_in_an_old_page_keeps_also_the_answers_that_were_not_right_yet(server):
    anna, bram = team = a_team(2)
    [family] = families(1, team)
    task = for_anybody(family.task("first_talk"))
    first, second = (server.signed_in(user) for user in team)
    page = second.get(reverse("padwijzer:step", args=[task.pk, 1])).form("wil_gezin")
    half = {**page, "waarom_nu": "De school belde", "wil_gezin": "x" * 20_001}
    assert second.post(reverse("padwijzer:step", args=[task.pk, 1]), half).status == 422
    old = hand_in_form(second, task)
    typed(task, anna, talk_of(anna))
    assert leads_to(first.post(check_page(task), hand_in_form(first, task)), done_page(task))
    answer = second.post(check_page(task), old)
    assert (answer.status, name_of(anna) in answer.text) == (409, True)
    draft = Draft.objects.get(task=task, user=bram)
    assert draft.lost
    assert draft.values["values"]["waarom_nu"] == "De school belde"
    assert draft.values["values"]["wil_gezin"] == "x" * 20_001


@pytest.mark.parametrize("address", ["step", "step_save"])
def test_who_saves_an_old_page_hears_who_was_first_and_keeps_what_he_typed(server, address):
    anna, bram = team = a_team(2)
    [family] = families(1, team)
    task = for_anybody(family.task("first_talk"))
    first, second = (server.signed_in(user) for user in team)
    old = second.get(reverse("padwijzer:step", args=[task.pk, 1])).form("wil_gezin")
    typed(task, anna, talk_of(anna))
    assert leads_to(first.post(check_page(task), hand_in_form(first, task)), done_page(task))
    there = reverse(f"padwijzer:{address}", args=[task.pk, *([1] if address == "step" else [])])
    answer = second.post(there, {**old, **talk_of(bram)})
    assert (answer.status, name_of(anna) in answer.text) == (409, True)
    draft = Draft.objects.get(task=task, user=bram)
    assert draft.lost
    assert talk_of(bram)["wil_gezin"] in str(draft.values)
    assert faults() == []


def test_who_hands_in_after_a_colleague_took_it_up_and_did_it_keeps_what_he_typed(server):
    anna, bram = team = a_team(2)
    [family] = families(1, team)
    task = for_anybody(family.task("first_talk"))
    first, second = (server.signed_in(user) for user in team)
    typed(task, bram, talk_of(bram))
    old = hand_in_form(second, task)
    page = second.get(reverse("padwijzer:step", args=[task.pk, 1])).form("wil_gezin")
    assert first.post(reverse("padwijzer:claim", args=[task.pk]), hand_in_form(first, task)).status == 302
    for stage in ("taken up", "done"):
        answer = second.post(check_page(task), old)
        assert (stage, answer.status, name_of(anna) in answer.text) == (stage, 409, True)
        later = {**talk_of(bram), "wil_gezin": f"Later, {stage}"}
        answer = second.post(reverse("padwijzer:step", args=[task.pk, 1]), {**page, **later})
        assert (stage, answer.status, name_of(anna) in answer.text) == (stage, 409, True)
        assert later["wil_gezin"] in str(Draft.objects.get(task=task, user=bram).values)
        if stage == "taken up":
            typed(task, anna, talk_of(anna))
            assert leads_to(first.post(check_page(task), hand_in_form(first, task)), done_page(task))
    assert faults() == []


def test_the_last_step_which_closes_the_case_is_like_any_other(server):
    publish(the_path())
    anna, bram = team = a_team(2)
    first, second = (server.signed_in(user) for user in team)
    for _ in range(size("races") // 10):
        begun = Task.objects.get(pk=an_open_task(anna))
        add_member(Acting(anna, timezone.now()), begun.case_id, bram, "jeugdconsulent")
        complete_task(Acting(anna, timezone.now()), begun.pk, {MARK: "begin"})
        task = for_anybody(Task.objects.get(case=begun.case_id, activity="agree"))
        for user in team:
            typed(task, user, {MARK: name_of(user), "verder": "nee"})
        forms = [hand_in_form(browser, task) for browser in (first, second)]
        browsers = [first, second, first, second]
        answers = all_post(check_page(task), browsers, [*forms, *forms])
        assert [answer.status for answer in answers] in ([302, 409, 302, 409], [409, 302, 409, 302])
        case = Case.objects.get(pk=begun.case_id)
        assert case.status == Case.Status.CLOSED
        lost = Draft.objects.get(task=task)
        assert (lost.lost, lost.values[MARK]) == (True, name_of(lost.user))
    assert faults() == []


def test_of_two_who_take_up_a_step_at_once_one_gets_it(server):
    team = a_team(2)
    browsers = [server.signed_in(user) for user in team]
    for family in families(size("races") // 4, team):
        task = for_anybody(family.task("first_talk"))
        forms = [hand_in_form(browser, task) for browser in browsers]
        answers = all_post(reverse("padwijzer:claim", args=[task.pk]), browsers, forms)
        assert sorted(answer.status for answer in answers) == [302, 409]
        won = team[[answer.status for answer in answers].index(302)]
        lost = next(answer for answer in answers if answer.status == 409)
        task.refresh_from_db()
        assert task.owner == won
        assert name_of(won) in lost.text
        taken = [event for event in whole_history(family.case) if event.type == "task.claimed"]
        assert [event.ref["task"] for event in taken] == [task.pk]
    assert faults() == []


def test_a_step_that_is_taken_up_and_handed_in_at_once_stays_done_or_stays_taken(server):
    anna, bram = team = a_team(2)
    taker, doer = (server.signed_in(user) for user in team)
    outcomes = set()
    for family in families(size("races") // 4, team):
        task = for_anybody(family.task("first_talk"))
        typed(task, bram, talk_of(bram))
        takes, does = hand_in_form(taker, task), hand_in_form(doer, task)
        take = reverse("padwijzer:claim", args=[task.pk])
        taken, done = at_once(
            lambda take=take, takes=takes: taker.post(take, takes),
            lambda task=task, does=does: doer.post(check_page(task), does),
        )
        assert sorted([taken.status, done.status]) == [302, 409]
        task.refresh_from_db()
        if taken.status == 302:
            assert (task.owner, task.outcome, task.is_open) == (anna, "", True)
            assert Draft.objects.get(task=task, user=bram).values == talk_of(bram)
        else:
            assert (task.completed_by, task.outcome, task.is_open) == (bram, "done", False)
        outcomes.add(taken.status)
    assert outcomes
    assert faults() == []
