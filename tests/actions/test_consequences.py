"""What follows from a step: closing and opening again, who is contact person, duties, tasks, alarms and messages."""

import datetime as dt

import pytest

from padwijzer.forms.core.conditions import Collection, TermRef
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.actions.skip_task import skip_task
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.consent import ConsentState, consent_on
from padwijzer.workflows.core.deadlines import end_of_day
from padwijzer.workflows.core.definition import (
    Effect,
    Notify,
    Obligation,
    Open,
    OpenDuty,
    Owner,
    Performer,
    RowsSource,
    Rule,
)
from padwijzer.workflows.core.errors import Blocked, NotAllowed
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.models import OPEN, Case, Membership, Notice, PathRun, RegisterRow, Task
from tests.support.cases import (
    a_case,
    a_release,
    a_user,
    an_organisation,
    at,
    with_contact_person,
    with_help_chosen,
)
from tests.support.clock import publish, steps
from tests.support.definitions import choice, definition, is_, step, text

pytestmark = pytest.mark.django_db

STOPPED = {"af_bereikt": "Rust aan tafel", "af_reden": "doel_bereikt"}
JEUGDCONSULENT = {"performers": (Performer("jeugdconsulent"),)}


def the_case(family):
    return Case.objects.get(pk=family.case.pk)


def last_event(family):
    return events_of(family.case.stream, lambda _type, _field: True)[-1]


def open_steps(family):
    return set(Task.objects.filter(case=family.case, status__in=OPEN).values_list("activity", flat=True))


def at_closing(family, day="2026-12-01"):
    """The same case after the first talk, when light support was enough; next is `close_together`."""
    with_contact_person(family)
    family.does("choose_route", {"weg": "gewoon", "meer_domeinen": "nee"}, day)
    family.does("ordinary_support", {}, day)
    return family


# Closing and opening again


@pytest.fixture
def family():
    a_release()
    return a_case()


def test_a_case_that_is_closed_is_done_with(family):
    at_closing(family).does("close_together", {**STOPPED, "wil_nazorg": "nee"}, "2026-12-07")
    case = the_case(family)
    assert (case.status, case.closed_on) == (Case.Status.CLOSED, dt.date(2026, 12, 7))
    assert open_steps(family) == set()
    assert not PathRun.objects.filter(case=case).exclude(standing="ended").exists()
    assert last_event(family).ref["case"] == "closed"


def test_a_case_that_is_closed_with_follow_up_lets_its_contact_person_ask_how_it_goes(family):
    at_closing(family).does("close_together", {**STOPPED, "wil_nazorg": "ja"}, "2026-12-07")
    case = the_case(family)
    assert (case.status, case.closed_on) == (Case.Status.CLOSED_WITH_FOLLOW_UP, dt.date(2026, 12, 7))
    assert last_event(family).ref["case"] == "closed_with_follow_up"
    assert (open_steps(family), family.task("keep_in_touch").owner) == ({"keep_in_touch"}, family.worker)
    family.does("keep_in_touch", {"pols_gaat": "goed"}, "2027-03-08")
    assert the_case(family).status == Case.Status.CLOSED_WITH_FOLLOW_UP
    assert "case" not in last_event(family).ref
    assert family.task("keep_in_touch").round == 2


def test_after_the_third_time_it_is_over_and_it_was_closed_on_the_day_of_the_talk(family):
    at_closing(family).does("close_together", {**STOPPED, "wil_nazorg": "ja"}, "2026-12-07")
    for day in ("2027-03-08", "2027-06-07", "2027-12-06"):
        family.does("keep_in_touch", {"pols_gaat": "goed"}, day)
    case = the_case(family)
    assert (case.status, case.closed_on) == (Case.Status.CLOSED, dt.date(2026, 12, 7))


def test_a_family_that_wants_no_contact_is_left_alone(family):
    at_closing(family).does("close_together", {**STOPPED, "wil_nazorg": "ja"}, "2026-12-07")
    family.does("keep_in_touch", {"pols_gaat": "geen_contact"}, "2027-03-08")
    assert (the_case(family).status, open_steps(family)) == (Case.Status.CLOSED, set())


def test_when_it_does_not_go_well_the_case_opens_again_with_the_same_contact_person(family):
    at_closing(family).does("close_together", {**STOPPED, "wil_nazorg": "ja"}, "2026-12-07")
    before = list(Membership.objects.filter(case=family.case).order_by("pk").values_list("pk", "role", "until"))
    family.does("keep_in_touch", {"pols_gaat": "niet", "pols_nodig": "Weer ruzie"}, "2027-03-08")
    case = the_case(family)
    assert (case.status, case.closed_on) == (Case.Status.OPEN, dt.date(2026, 12, 7))
    assert last_event(family).ref["case"] == "open"
    assert (open_steps(family), family.task("family_plan").owner) == ({"family_plan"}, family.worker)
    after = list(Membership.objects.filter(case=family.case).order_by("pk").values_list("pk", "role", "until"))
    assert after == before
    assert RegisterRow.objects.filter(case=family.case, register="contact_person").count() == 1


def test_a_case_that_was_opened_again_can_be_closed_again_on_a_later_day(family):
    at_closing(family).does("close_together", {**STOPPED, "wil_nazorg": "ja"}, "2026-12-07")
    family.does("keep_in_touch", {"pols_gaat": "niet"}, "2027-03-08")
    plan = {"fgp_keuze": "samen", "doelen": [{"doel": "Rust"}], "gezin_eens": "ja", "hulp_nodig": "nee"}
    family.does("family_plan", plan, "2027-03-15")
    family.does("ordinary_support", {}, "2027-03-15")
    assert the_case(family).status == Case.Status.OPEN
    family.does("close_together", {**STOPPED, "wil_nazorg": "nee"}, "2027-04-05")
    assert (the_case(family).status, the_case(family).closed_on) == (Case.Status.CLOSED, dt.date(2027, 4, 5))


def test_in_a_closed_case_nothing_is_done_any_more(family):
    task = at_closing(family).task("close_together")
    family.does("close_together", {**STOPPED, "wil_nazorg": "nee"}, "2026-12-07")
    Task.objects.filter(pk=task.pk).update(status="ASSIGNED", finished=None)
    with pytest.raises(NotAllowed):
        family.does("close_together", {**STOPPED, "wil_nazorg": "nee"}, "2026-12-08")


def consent_given(family, day="2026-11-06"):
    """Consent to the help that was chosen, said by both parents. Returns: the row of that help."""
    decided = {
        "besluit": "ja",
        "besluit_uitleg": "Dit past",
        "besluit_van": "2026-11-09",
        "besluit_tot": "2027-06-30",
        "eerste_evaluatie": "2027-01-15",
    }
    with_help_chosen(family).does("municipal_decision", decided, day)
    family.does("who_consents", {"gezag_gecontroleerd_op": day}, day)
    family.does("explain", {"uitgelegd": ["wat", "waarom", "duur", "anders", "nee_zeggen"]}, day)
    said = [{"persoon": parent, "antwoord": "akkoord", "datum": day} for parent in (family.mother, family.father)]
    family.does("answers", {"antwoorden": said, "stem_kind": "Noor vindt het goed"}, day)
    return RegisterRow.objects.get(case=family.case, register="help_item")


def consent_now(family, row, day):
    file = Work(Acting(family.worker, at(day)), the_case(family)).file()
    found = file.row(str(row.pk))
    assert found is not None
    return consent_on(file, found, dt.date.fromisoformat(day)).state


def test_consent_that_was_given_before_the_case_was_closed_is_asked_again_after_it_opened_again(family):
    row = consent_given(family)
    assert consent_now(family, row, "2026-11-06") is ConsentState.COMPLETE
    family.does("plan_intake", {"intake_op": "2026-11-09", "contra": "Geen"}, "2026-11-09")
    family.does("intake_outcome", {"uitkomst_intake": "past", "start_verwacht": "2026-11-12"}, "2026-11-09")
    family.does("help_begins", {"begonnen_op": "2026-11-12"}, "2026-11-12")
    family.does("help_starts", {"contact_ritme": "w2"}, "2026-11-12")
    goals = [{"doel": "Rust", "stand": "gehaald"}]
    family.does("evaluate_together", {"ev_doelen": goals, "ev_verder": "klaar"}, "2026-12-10")
    goes_on = Deviation("De hulp loopt nog een week door")
    family.does("close_together", {**STOPPED, "wil_nazorg": "ja"}, "2026-12-14", deviation=goes_on)
    assert "help_runs" not in open_steps(family)
    family.does("keep_in_touch", {"pols_gaat": "niet"}, "2027-03-14")
    assert consent_now(family, row, "2027-03-14") is ConsentState.ENDED
    assert consent_now(family, row, "2026-12-13") is ConsentState.COMPLETE


def test_a_case_is_closed_for_good_when_the_last_thing_beside_it_is_done(family):
    at_closing(family)
    open_track(Acting(family.worker, at("2026-12-02")), family.case.pk, "V", "change_contact_person")
    family.does("close_together", {**STOPPED, "wil_nazorg": "nee"}, "2026-12-07")
    assert the_case(family).status == Case.Status.CLOSED_WITH_FOLLOW_UP
    same = {"vap_persoon": family.person_of(family.worker), "vap_wissel_reden": "anders"}
    family.does("choose_person", same, "2026-12-08")
    assert (the_case(family).status, the_case(family).closed_on) == (Case.Status.CLOSED, dt.date(2026, 12, 7))


# The fixed contact person


def another_chosen(family, person, day="2026-11-16"):
    open_track(Acting(family.worker, at(day)), family.case.pk, "V", "change_contact_person")
    changed = {"vap_persoon": person, "vap_wissel_reden": "weg", "wissel_gesprek": "2026-11-20"}
    return family.does("choose_person", changed, day, deviation=Deviation("Zij kent het gezin al"))


def contact_persons(family):
    rows = Membership.objects.filter(case=family.case, role="vap").order_by("pk")
    return list(rows.values_list("user", "since", "until"))


@pytest.fixture
def colleague(family):
    with_contact_person(family)
    user = a_user("gezinscoach", name="Karin Post", organisation=an_organisation("Stichting Dichtbij", "provider"))
    family.joins(user, "gezinscoach", "2026-11-09")
    return user


def test_the_role_passes_to_the_other_on_the_day_that_it_was_chosen(family, colleague):
    another_chosen(family, family.person_of(colleague))
    assert contact_persons(family) == [
        (family.worker.pk, dt.date(2026, 11, 4), dt.date(2026, 11, 16)),
        (colleague.pk, dt.date(2026, 11, 16), None),
    ]
    row = RegisterRow.objects.filter(case=family.case, register="contact_person").order_by("-order")[0]
    assert last_event(family).values[f"row.contact_person.{row.pk}"]["person"] == family.person_of(colleague)
    member = Membership.objects.get(case=family.case, user=colleague, role="vap")
    assert (member.organisation.name, str(member.person_id)) == ("Stichting Dichtbij", family.person_of(colleague))


def test_the_work_of_the_contact_person_passes_with_the_role_and_other_work_stays(family, colleague):
    open_track(Acting(family.worker, at("2026-11-10")), family.case.pk, "V", "change_contact_person")
    assert family.task("choose_route").owner == family.worker
    assert family.task("choose_person").performers.startswith(",jeugdconsulent,")
    changed = {
        "vap_persoon": family.person_of(colleague),
        "vap_wissel_reden": "weg",
        "wissel_gesprek": "2026-11-20",
    }
    family.does("choose_person", changed, "2026-11-16", deviation=Deviation("Zij kent het gezin al"))
    route = family.task("choose_route")
    assert (route.owner, route.status) == (colleague, "ASSIGNED")
    assert not Task.objects.filter(case=family.case, owner=colleague).exclude(performers__startswith=",vap,").exists()


def test_work_that_nobody_had_taken_up_passes_too(family, colleague):
    Task.objects.filter(case=family.case, activity="choose_route").update(owner=None, status="NEW")
    another_chosen(family, family.person_of(colleague))
    assert family.task("choose_route").owner == colleague


def test_choosing_the_same_contact_person_again_changes_nothing_about_who_it_is(family, colleague):
    before = contact_persons(family)
    another_chosen(family, family.person_of(family.worker))
    assert contact_persons(family) == before


def test_who_was_it_before_can_be_it_again(family, colleague):
    another_chosen(family, family.person_of(colleague))
    another_chosen(family, family.person_of(family.worker), "2026-12-01")
    assert [(user, until) for user, _since, until in contact_persons(family)] == [
        (family.worker.pk, dt.date(2026, 11, 16)),
        (colleague.pk, dt.date(2026, 12, 1)),
        (family.worker.pk, None),
    ]


def test_somebody_who_cannot_sign_in_does_not_make_the_role_end_in_silence(family, colleague):
    teacher = {"name": "Juf Ria", "kind": "professional"}
    ria = change_register(Acting(family.worker, at("2026-11-09")), family.case.pk, "person", teacher)
    before = contact_persons(family)
    with pytest.raises(Blocked) as blocked:
        another_chosen(family, ria)
    assert [ground for _text, ground in blocked.value.reasons] == ["R81"]
    assert contact_persons(family) == before
    assert family.task("choose_route").owner == family.worker
    assert last_event(family).type == "task.refused"


def test_there_is_always_one_contact_person_at_a_time(family, colleague):
    for day, who in (("2026-11-16", colleague), ("2026-11-16", family.worker), ("2026-11-17", colleague)):
        another_chosen(family, family.person_of(who), day)
        assert Membership.objects.filter(case=family.case, role="vap", until=None).get().user == who


# Duties


def with_duty(**more):
    """A case on a path whose step `watch` opens a duty that `last` discharges."""
    opened = OpenDuty("to_do", text("Kind gesproken"), more.pop("term", "tent_3w"), ("last",), **more.pop("duty", {}))
    opens = (Open(opened, owner=Owner.FAMILY, **more),)
    publish(
        definition(
            "V",
            step("begin", "watch", **JEUGDCONSULENT),
            step("watch", "last", opens=opens, **JEUGDCONSULENT),
            step("last", **JEUGDCONSULENT),
        )
    )
    return a_case()


def duties(family):
    return [row.values for row in RegisterRow.objects.filter(case=family.case, register="duty").order_by("order")]


def test_a_duty_stands_in_the_register_until_its_step_is_done():
    family = with_duty()
    (duty,) = duties(family)
    assert duty == {
        "kind": "to_do",
        "title": "Kind gesproken",
        "origin": "path",
        "opened_on": "2026-11-02",
        "due": duty["due"],
        "state": "open",
    }
    family.does("watch", {}, "2026-11-03")
    assert duties(family)[0]["state"] == "open"
    family.does("last", {}, "2026-11-05")
    assert (duties(family)[0]["state"], duties(family)[0]["done_on"]) == ("done", "2026-11-05")
    (name,) = [it for it in last_event(family).values if it.startswith("row.duty.")]
    assert last_event(family).values[name] == {"state": "done", "done_on": "2026-11-05"}


def test_a_duty_of_an_emergency_says_so_and_one_without_a_term_has_no_day():
    family = with_duty(term="", duty={"emergency": True})
    (duty,) = duties(family)
    assert duty["origin"] == "emergency"
    assert "due" not in duty


def test_a_duty_about_a_child_names_that_child():
    family = with_duty(for_each=RowsSource(Collection("children")))
    (duty,) = duties(family)
    assert (duty["subject"], duty["child"]) == (family.child, family.child)


# Tasks, alarms and messages


def a_rule(effect, **more):
    more = {"when": is_("hoe", "slecht"), "text": text("Bel het gezin."), "ground": "R82", **more}
    return Rule(effect=effect, **more)


def watched(*rules, notify=(), again=True):
    """A case on a path whose step `watch` asks how it goes and can be done again."""
    fields = (choice("hoe", "goed", "slecht"), choice("again", "ja", "nee"))
    ways = ((is_("again", "ja"), "watch"), "last") if again else ("last",)
    publish(
        definition(
            "V",
            step("begin", "watch", **JEUGDCONSULENT),
            step("watch", *ways, fields=fields, rules=rules, notify=notify, **JEUGDCONSULENT),
            step("last", **JEUGDCONSULENT),
        )
    )
    return a_case()


def notices(family):
    return list(Notice.objects.filter(case=family.case).order_by("pk"))


@pytest.mark.parametrize(("effect", "kind"), [(Effect.TASK, "task"), (Effect.ALARM, "alarm")])
def test_a_rule_tells_its_roles_what_is_the_matter(effect, kind):
    family = watched(a_rule(effect, to=("vap", "gezinscoach")))
    task = family.task("watch")
    family.does("watch", {"hoe": "slecht", "again": "nee"}, "2026-11-03")
    (notice,) = notices(family)
    assert (notice.kind, notice.text, notice.ground, notice.roles) == (
        kind,
        "Bel het gezin.",
        "R82",
        ",vap,gezinscoach,",
    )
    assert (notice.source, notice.occasion, notice.task) == ("rule:V.watch:0", "1:1", task)
    assert (notice.created_at, notice.holds_since, notice.due) == (at("2026-11-03"), dt.date(2026, 11, 3), None)
    assert last_event(family).ref["notices"] == [f"{kind} rule:V.watch:0"]


def test_a_rule_that_names_nobody_is_for_who_does_the_step():
    family = watched(a_rule(Effect.TASK))
    family.does("watch", {"hoe": "slecht", "again": "nee"}, "2026-11-03")
    assert notices(family)[0].roles == ",jeugdconsulent,"


def test_a_task_with_a_term_is_due_at_the_end_of_its_day():
    family = watched(a_rule(Effect.TASK, term=TermRef(key="turning_point_2w")))
    family.does("watch", {"hoe": "slecht", "again": "nee"}, "2026-11-03")
    assert notices(family)[0].due == end_of_day(dt.date(2026, 11, 17))


def test_a_rule_that_does_not_act_or_only_warns_tells_nobody():
    family = watched(a_rule(Effect.TASK, when=is_("hoe", "goed")), a_rule(Effect.WARN))
    done = family.does("watch", {"hoe": "slecht", "again": "nee"}, "2026-11-03")
    assert notices(family) == []
    assert done.warnings == ("Bel het gezin.",)
    assert last_event(family).ref["warned"] == [1]
    assert "notices" not in last_event(family).ref


def test_each_round_tells_again():
    family = watched(a_rule(Effect.ALARM))
    family.does("watch", {"hoe": "slecht", "again": "ja"}, "2026-11-03")
    family.does("watch", {"hoe": "slecht", "again": "nee"}, "2026-11-04")
    assert [it.occasion for it in notices(family)] == ["1:1", "1:2"]


def test_messages_go_out_when_a_step_is_done_and_their_condition_holds():
    family = watched(
        notify=(
            Notify(("vap",), text("Altijd.")),
            Notify(("vap", "jim"), text("Als het slecht gaat."), is_("hoe", "slecht")),
        )
    )
    family.does("watch", {"hoe": "goed", "again": "ja"}, "2026-11-03")
    assert [(it.kind, it.text, it.source) for it in notices(family)] == [("message", "Altijd.", "notify:V.watch:0")]
    family.does("watch", {"hoe": "slecht", "again": "nee"}, "2026-11-04")
    assert [(it.text, it.roles, it.occasion) for it in notices(family)[1:]] == [
        ("Altijd.", ",vap,", "1:2"),
        ("Als het slecht gaat.", ",vap,jim,", "1:2"),
    ]


def test_a_step_that_is_skipped_sends_no_message():
    publish(
        steps(notify=(Notify(("vap",), text("Klaar.")),), obligation=Obligation.OPTIONAL),
    )
    family = a_case()
    skip_task(Acting(family.worker, at("2026-11-03")), family.task("watch").pk)
    assert notices(family) == []


def test_a_form_that_stays_open_tells_at_every_save():
    publish(steps(body="log", stays_open=True))
    family = a_case()
    open_track(Acting(family.worker, at("2026-11-03")), family.case.pk, "V", "log")
    first = family.does("log", {}, "2026-11-03")
    second = family.does("log", {}, "2026-11-04")
    assert first.receipt != second.receipt
    assert [it.type for it in events_of(family.case.stream, lambda _type, _field: True)][-2:] == ["task.saved"] * 2
    assert family.task("log").round == 3
