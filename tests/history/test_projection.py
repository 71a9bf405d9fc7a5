"""The tables of a case are a projection of its history: rebuilt from its events alone they are the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from padwijzer.forms.core.conditions import Collection
from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member, end_membership
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.claim_task import claim_task, delegate_task, release_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.open_track import close_track, open_track
from padwijzer.workflows.actions.play_case import play_case
from padwijzer.workflows.actions.play_cast import settings_of
from padwijzer.workflows.actions.run_clock import run_clock
from padwijzer.workflows.actions.skip_task import skip_task
from padwijzer.workflows.actions.upload_document import remove_document, upload_document
from padwijzer.workflows.core.definition import AtAge, ByHand, Owner, Performer, RowsSource
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.scripts import CaseScript, read_script
from padwijzer.workflows.history.timeline import PastEvent
from padwijzer.workflows.models import Case, PathRun, RegisterRow, Task
from tests.support.cases import (
    Family,
    a_case,
    a_release,
    a_user,
    at,
    with_contact_person,
    with_help_chosen,
)
from tests.support.clock import publish, steps
from tests.support.definitions import step, track
from tests.support.files import PDF, QUESTION, keep_files_in, let_the_first_talk_ask_for_a_file
from tests.support.rebuilding import rebuilt, stored, whole_history

pytestmark = pytest.mark.django_db

CASES = Path(__file__).parents[2] / "fixtures" / "cases"
SCRIPTS = sorted(CASES.glob("*.json"))


def read(script: Path) -> CaseScript:
    return read_script(script.read_text(encoding="utf-8"), shipped(), frozenset(shipped_roles()))


@pytest.fixture
def family() -> Family:
    a_release()
    return a_case()


def same(case: Case) -> bool:
    """Whether a case is what its events make it; what differs is told by the assertion that fails here."""
    told, kept = rebuilt(whole_history(case)), stored(case)
    assert told.case == kept.case
    assert told.marking == kept.marking
    assert told.tasks == kept.tasks
    assert told.rows == kept.rows
    assert told.members == kept.members
    assert told.documents == kept.documents
    assert told.visits == kept.visits
    assert told.runs == kept.runs
    return told == kept


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_case_that_was_walked_to_its_end_is_what_its_events_make_it(script: Path) -> None:
    a_release()
    known = read(script)
    assert all(outcome.holds for outcome in play_case(known))
    with settings_of(known):
        assert same(Case.objects.get())


def test_the_walked_cases_hold_every_register_that_a_family_depends_on() -> None:
    a_release()
    for script in SCRIPTS:
        assert all(outcome.holds for outcome in play_case(read(script)))
    held = set(RegisterRow.objects.values_list("register", flat=True))
    assert {"person", "authority", "consent", "contact_person", "help_item", "duty", "deviation", "agreement"} <= held
    opened_as = set(PathRun.objects.values_list("opened_as", flat=True))
    assert {"main", "call", "track"} <= opened_as


def test_who_takes_up_gives_back_and_hands_over_is_told(family: Family) -> None:
    colleague = a_user("jeugdconsulent", name="Karin Post")
    family.joins(colleague, "jeugdconsulent")
    task = family.task("first_talk")
    acting = Acting(family.worker, at("2026-11-03"))
    for do in (release_task, claim_task, release_task):
        do(acting, task.pk)
        assert same(family.case)
    delegate_task(acting, task.pk, colleague)
    assert Task.objects.get(pk=task.pk).owner == colleague
    assert same(family.case)


def test_who_is_involved_and_why_is_told(family: Family) -> None:
    coach = a_user("gezinscoach", name="Karin Post")
    acting = Acting(family.worker, at("2026-11-04"))
    membership = add_member(acting, family.case.pk, coach, "gezinscoach", reason="Neemt waar")
    assert same(family.case)
    end_membership(acting, membership, date(2026, 11, 20))
    assert same(family.case)


def test_another_contact_person_is_told_with_the_end_of_the_first_and_the_tasks_that_go_along(family: Family) -> None:
    with_contact_person(family)
    assert same(family.case)
    other = a_user("gezinscoach", name="Karin Post")
    family.joins(other, "gezinscoach", "2026-11-09")
    open_track(Acting(family.worker, at("2026-11-16")), family.case.pk, "V", "change_contact_person")
    assert same(family.case)
    chosen = {
        "vap_persoon": family.person_of(other),
        "vap_wissel_reden": "weg",
        "wissel_gesprek": "2026-11-20",
    }
    family.does("choose_person", chosen, "2026-11-16", deviation=Deviation("Zij kent het gezin al"))
    assert {it[0] for it in stored(family.case).members if it[1] == "vap" and it[3] is None} == {other.pk}
    assert same(family.case)


def test_a_track_that_is_opened_by_hand_is_told_with_what_it_is_about() -> None:
    children = RowsSource(Collection("children"))
    beside = track("beside", activity="beside", opens_by=ByHand.HAND, for_each=children, owner=Owner.CHILD)
    publish(steps(tracks=(beside,), bodies=(step("beside", performers=(Performer("jeugdconsulent"),)),)))
    family = a_case()
    acting = Acting(family.worker, at("2026-11-03"))
    second = change_register(acting, family.case.pk, "person", {"name": "Jan de Wit", "kind": "child"})
    open_track(acting, family.case.pk, "V", "beside", subject=second)
    assert PathRun.objects.get(case=family.case, track="V.beside").subject == second
    assert same(family.case)


def test_a_step_that_is_skipped_is_told_with_the_deviation_and_the_look_back_on_it(family: Family) -> None:
    with_contact_person(family)
    family.does("choose_route", {"weg": "samen", "meer_domeinen": "ja"}, "2026-11-05")
    skip_task(
        Acting(family.worker, at("2026-11-06")), family.task("look_back").pk, deviation=Deviation("Liever niet")
    )
    assert Task.objects.filter(case=family.case, process__definition="D-AFWIJK", outcome="").exists()
    assert same(family.case)


def test_what_is_entered_afterwards_is_told_with_its_day(family: Family) -> None:
    acting = Acting(family.worker, at("2026-11-06"), happened_on=date(2026, 11, 4))
    change_register(acting, family.case.pk, "person", {"name": "Opa Henk", "kind": "family"})
    assert RegisterRow.objects.get(values__name="Opa Henk").recorded_on == date(2026, 11, 4)
    assert same(family.case)


def test_what_time_brings_about_is_told(family: Family) -> None:
    with_help_chosen(family)
    for day in ("2026-11-06", "2026-11-20", "2027-01-15"):
        run_clock(at(day))
        assert same(family.case)


def test_a_track_that_time_opens_and_closes_is_told() -> None:
    at_16 = track("at_16", activity="talk", opens_by=AtAge(198), owner=Owner.CHILD, closes_on=(AtAge(223),))
    publish(steps(tracks=(at_16,), bodies=(step("talk", performers=(Performer("jeugdconsulent"),)),)))
    family = a_case(born=date(2010, 5, 20))
    for day, runs in (("2026-11-19", []), ("2026-11-21", ["running"]), ("2028-12-21", ["ended"])):
        run_clock(at(day))
        assert list(PathRun.objects.filter(track="V.at_16").values_list("standing", flat=True)) == runs
        assert same(family.case)


def test_a_form_that_stays_open_and_a_track_that_is_ended_by_hand_are_told() -> None:
    body = step("beside", performers=(Performer("jeugdconsulent"),), stays_open=True)
    beside = track("beside", activity="beside", opens_by=ByHand.HAND, closed_by_hand=True)
    publish(steps(tracks=(beside,), bodies=(body,)))
    family = a_case()
    acting = Acting(family.worker, at("2026-11-03"))
    (task,) = open_track(acting, family.case.pk, "V", "beside")
    for _ in range(2):
        family.does("beside", {})
        assert same(family.case)
    close_track(acting, family.case.pk, task.process.number)
    assert PathRun.objects.get(case=family.case, track="V.beside").standing == "ended"
    assert same(family.case)


def test_a_file_is_told_until_it_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_files_in(tmp_path, monkeypatch)
    let_the_first_talk_ask_for_a_file(monkeypatch)
    a_release()
    family = a_case()
    acting = Acting(family.worker, at("2026-11-03"))
    task = family.task("first_talk").pk
    names = ("verslag.pdf", "brief.pdf")
    first, _second = (upload_document(acting, task, QUESTION, ContentFile(PDF), name) for name in names)
    assert {it[2] for it in stored(family.case).documents.values()} == set(names)
    assert same(family.case)
    remove_document(acting, task, first.pk)
    assert len(stored(family.case).documents) == 1
    assert same(family.case)


# What would not be found, is


def changed_row() -> None:
    row = RegisterRow.objects.filter(register="authority").order_by("order")[0]
    RegisterRow.objects.filter(pk=row.pk).update(values={**row.values, "kind": "voogdij"})


def swapped_rows() -> None:
    first, second = RegisterRow.objects.filter(register="authority").order_by("order")[:2]
    RegisterRow.objects.filter(pk=first.pk).update(order=second.order)
    RegisterRow.objects.filter(pk=second.pk).update(order=first.order)


def moved_run() -> None:
    PathRun.objects.filter(number=1).update(position="family_plan")


def other_holder() -> None:
    Task.objects.filter(outcome="").update(owner=None)


def other_day() -> None:
    Task.objects.filter(outcome="done").update(completed_on="2026-11-01")


@pytest.mark.parametrize("change", [changed_row, swapped_rows, moved_run, other_holder, other_day])
def test_a_table_that_says_something_else_than_the_history_is_found(family: Family, change: Any) -> None:
    family.does("first_talk", {"waarom_nu": "De school belde", "wil_gezin": "Rust", "uitleg_steun": "ja"})
    assert rebuilt(whole_history(family.case)) == stored(family.case)
    change()
    assert rebuilt(whole_history(family.case)) != stored(family.case)


def test_an_event_or_a_value_that_is_gone_makes_another_case(family: Family) -> None:
    with_contact_person(family)
    events = whole_history(family.case)
    last = events[-1]
    assert rebuilt(events) == stored(family.case)
    assert rebuilt(events[:-1]) != stored(family.case)
    assert rebuilt([*events[:-1], without_rows(last)]) != stored(family.case)


def without_rows(event: PastEvent) -> PastEvent:
    kept = {name: value for name, value in event.values.items() if not name.startswith("row.")}
    ref = {key: value for key, value in event.ref.items() if key != "added"}
    return replace(event, values=kept, ref=ref)
