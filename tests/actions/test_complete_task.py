"""Completing a step: exactly one effect, nothing lost, and a refusal that says why."""

import datetime as dt

import pytest

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.core.errors import Blocked, Conflict, DeviationNeeded, InvalidAnswers, NotAllowed
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.history.verifying import verify_all
from padwijzer.workflows.models import Draft, Event, Notice, RegisterRow, Task
from tests.support.cases import a_case, a_release, a_user, an_organisation, at, with_contact_person, with_help_chosen

pytestmark = pytest.mark.django_db

TALK = {"waarom_nu": "De school belde", "wil_gezin": "Rust", "uitleg_steun": "ja"}


@pytest.fixture
def family():
    a_release()
    return a_case()


def everything(family):
    return events_of(family.case.stream, lambda _type, _field: True)


def test_a_completed_step_opens_the_next_and_stands_in_the_history(family):
    done = family.does("first_talk", TALK)
    assert Task.objects.get(pk=done.opened[0]).activity == "choose_person"
    last = everything(family)[-1]
    assert (last.type, last.ref["activity"], last.values["answers.wil_gezin"]) == (
        "task.completed",
        "first_talk",
        "Rust",
    )
    assert verify_all() == []


def test_the_same_form_handed_in_twice_counts_once(family):
    task = family.task("first_talk")
    acting = Acting(family.worker, at("2026-11-03"))
    first = complete_task(acting, task.pk, TALK, form_key="form-1")
    events = Event.objects.count()
    again = complete_task(acting, task.pk, TALK, form_key="form-1")
    assert again.receipt == first.receipt
    assert Event.objects.count() == events
    assert Task.objects.filter(case=family.case, activity="choose_person").count() == 1


def test_who_comes_second_hears_who_was_first_and_keeps_what_he_typed(family):
    colleague = a_user("jeugdconsulent", name="Karin Post")
    family.joins(colleague, "jeugdconsulent")
    task = family.task("first_talk")
    family.does("first_talk", TALK)
    with pytest.raises(Conflict) as conflict:
        complete_task(Acting(colleague, at("2026-11-03", 11)), task.pk, {**TALK, "wil_gezin": "Iets anders"})
    assert conflict.value.by == "Anna Bakker"
    draft = Draft.objects.get(task=task, user=colleague)
    assert (draft.lost, draft.values["wil_gezin"]) == (True, "Iets anders")


def test_somebody_who_is_not_involved_finds_no_such_task(family):
    stranger = a_user("jeugdconsulent", organisation=an_organisation("Gemeente Elders"))
    with pytest.raises(NotAllowed):
        complete_task(Acting(stranger, at("2026-11-03")), family.task("first_talk").pk, TALK)


def test_a_superuser_finds_no_such_task(family):
    root = a_user("jeugdconsulent", is_superuser=True)
    family.joins(root, "jeugdconsulent")
    with pytest.raises(NotAllowed):
        complete_task(Acting(root, at("2026-11-03")), family.task("first_talk").pk, TALK)


def test_a_task_that_does_not_exist_is_no_such_task(family):
    with pytest.raises(NotAllowed):
        complete_task(Acting(family.worker, at("2026-11-03")), 987654321, TALK)


def test_a_missing_answer_is_asked_beside_its_question_and_nothing_happens(family):
    events = Event.objects.count()
    with pytest.raises(InvalidAnswers) as invalid:
        family.does("first_talk", {"waarom_nu": "De school belde"})
    assert set(invalid.value.errors) == {"wil_gezin", "uitleg_steun"}
    assert Event.objects.count() == events
    assert family.task("first_talk").is_open


def test_a_posted_field_that_the_form_does_not_show_is_ignored_and_counted(family):
    done = family.does("first_talk", {**TALK, "besluit": "ja"})
    assert done.ignored == ("besluit",)
    last = everything(family)[-1]
    assert last.ref["ignored"] == 1
    assert "answers.besluit" not in last.values


def test_a_block_refuses_the_step_and_the_refusal_is_in_the_history(family):
    with_contact_person(family, "2026-11-03")
    family.does("choose_route", {"weg": "kort", "meer_domeinen": "nee"})
    plan = {
        "doel": "Rust",
        "hulp_soort": "gezinsbehandeling",
        "hulp_voor": "family",
        "hulp_wie": [family.child, family.mother],
        "gezin_eens": "nee",
        "fgp_gevraagd": "ja",
    }
    with pytest.raises(Blocked) as blocked:
        family.does("short_plan", plan)
    assert [ground for _text, ground in blocked.value.reasons] == ["C10"]
    assert family.task("short_plan").is_open
    last = everything(family)[-1]
    assert (last.type, last.ref["grounds"]) == ("task.refused", ["C10"])
    assert not RegisterRow.objects.filter(case=family.case, register="help_item").exists()


def test_an_unanswered_question_counts_where_its_rule_says_so(family):
    with_contact_person(family, "2026-11-03")
    family.does("choose_route", {"weg": "kort", "meer_domeinen": "nee"})
    plan = {
        "doel": "Rust",
        "hulp_soort": "gezinsbehandeling",
        "hulp_voor": "child",
        "hulp_kind": family.child,
        "gezin_eens": "ja",
    }
    with pytest.raises(Blocked) as blocked:
        family.does("short_plan", plan)
    assert [ground for _text, ground in blocked.value.reasons] == ["C9"]


def test_a_rule_asks_a_reason_and_with_one_the_step_goes_on(family):
    with_contact_person(family, "2026-11-03")
    light = {"weg": "kort", "meer_domeinen": "ja"}
    with pytest.raises(DeviationNeeded) as needed:
        family.does("choose_route", light)
    assert [ground for _rule, _text, ground in needed.value.reasons] == ["R75"]
    reason = Deviation("Het gezin wil eerst rust", look_again_on=dt.date(2026, 12, 1))
    family.does("choose_route", light, deviation=reason)
    row = RegisterRow.objects.get(case=family.case, register="deviation")
    assert row.values["look_again_on"] == "2026-12-01"
    duty = RegisterRow.objects.get(case=family.case, register="duty")
    assert (duty.values["kind"], duty.values["state"]) == ("deviation_review", "open")
    assert family.task("deviate").is_open
    assert family.task("short_plan").is_open


def test_a_deviation_without_a_reason_is_refused(family):
    with_contact_person(family, "2026-11-03")
    with pytest.raises(InvalidAnswers) as invalid:
        family.does("choose_route", {"weg": "kort", "meer_domeinen": "ja"}, deviation=Deviation("  "))
    assert "reason" in invalid.value.errors


def test_with_a_colleague_named_at_once_nothing_is_asked_twice(family):
    with_contact_person(family, "2026-11-03")
    colleague = a_user("gedragswetenschapper", name="Ilse Ven")
    family.joins(colleague, "gedragswetenschapper")
    reason = Deviation("Eerst rust", colleague=family.person_of(colleague), look_again_on=dt.date(2026, 12, 1))
    family.does("choose_route", {"weg": "kort", "meer_domeinen": "ja"}, deviation=reason)
    open_steps = {task.activity for task in Task.objects.filter(case=family.case, finished=None)}
    assert "look_again" in open_steps
    assert "deviate" not in open_steps


def test_a_rule_that_makes_a_task_makes_it_once(family):
    with_contact_person(family, "2026-11-03")
    assert not Notice.objects.filter(case=family.case, kind="task").exists()
    other = a_case(child="Daan Post")
    assert not Notice.objects.filter(case=other.case, kind="task").exists()


def test_choosing_a_contact_person_makes_that_person_a_member_who_gets_the_tasks(family):
    with_contact_person(family, "2026-11-03")
    roles = set(family.case.memberships.filter(user=family.worker).values_list("role", flat=True))
    assert roles == {"jeugdconsulent", "vap"}
    assert family.task("choose_route").owner == family.worker


def test_help_that_is_chosen_is_a_row_of_the_register(family):
    with_help_chosen(family)
    row = RegisterRow.objects.get(case=family.case, register="help_item")
    assert (row.values["status"], row.values["child"]) == ("proposed", family.child)


def test_a_step_entered_afterwards_is_dated_on_the_day_it_happened(family):
    acting = Acting(family.worker, at("2026-11-06"), happened_on=dt.date(2026, 11, 4))
    task = family.task("first_talk")
    complete_task(acting, task.pk, TALK)
    task.refresh_from_db()
    assert task.completed_on == dt.date(2026, 11, 4)
    assert everything(family)[-1].ref["happened_on"] == "2026-11-04"


@pytest.mark.parametrize("text", ["\u202eomgekeerd", "𝔘𝔫𝔦 👪", "<script>alert(1)</script>", "a" * 20_000])
def test_odd_text_is_kept_as_it_is(family, text):
    family.does("first_talk", {**TALK, "wil_gezin": text})
    assert everything(family)[-1].values["answers.wil_gezin"] == text


@pytest.mark.parametrize("text", ["a\x00b", "a" * 20_001, ["lijst"], {"a": "b"}, 12])
def test_what_cannot_be_kept_is_refused_beside_its_question(family, text):
    with pytest.raises(InvalidAnswers) as invalid:
        family.does("first_talk", {**TALK, "wil_gezin": text})
    assert set(invalid.value.errors) == {"wil_gezin"}
