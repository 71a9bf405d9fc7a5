"""Rows of running deadlines follow the steps and duties they belong to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from padwijzer.forms.core.nodes import Node
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.core.deadlines import explain, read_explanation, read_ledger
from padwijzer.workflows.core.definition import OnDate, OnEvent, Opened, RecordEvent
from padwijzer.workflows.models import OPEN, RegisterRow, RunningDeadline, Task
from tests.support.cases import at
from tests.support.clock import Clocked, a_clocked_case, deadline
from tests.support.definitions import answer

pytestmark = pytest.mark.django_db
TABLE = "padwijzer_workflows_runningdeadline"


def the_deadline(case: Clocked, activity: str, **more: Any) -> RunningDeadline:
    found: RunningDeadline = RunningDeadline.objects.get(case=case.case, task__activity=activity, **more)
    return found


def at_end(day: str) -> datetime:
    """The end of a day in winter in Amsterdam."""
    return at(day, 22).replace(minute=59, second=59)


def statements(queries: CaptureQueriesContext) -> list[str]:
    """What was said to the table of deadlines: `INSERT`, `UPDATE`, `SELECT`."""
    return [query["sql"].split()[0] for query in queries if TABLE in query["sql"]]


def test_an_opened_step_runs_its_terms_with_their_explanation() -> None:
    case = a_clocked_case(deadline("tent_3w", Opened("watch")), deadline("first_talk_2w", Opened("watch")))
    case.does("begin", "2026-11-02")
    three, two = RunningDeadline.objects.filter(task__activity="watch").order_by("index")
    assert (three.term, three.start, three.state) == ("tent_3w", date(2026, 11, 2), "running")
    assert (three.due, two.due) == (at_end("2026-11-23"), at_end("2026-11-16"))
    assert explain(read_explanation(Node(three.explanation))) == (
        "Uiterlijk maandag 23 november 2026: dat is 3 weken na maandag 2 november 2026."
    )
    assert (three.signalled, three.next_signal) == (0, at("2026-11-17", 23))
    assert case.task("watch").due == two.due


def test_all_deadlines_of_an_action_cost_one_insert_and_none_cost_nothing() -> None:
    case = a_clocked_case(deadline("tent_3w", Opened("watch")), deadline("first_talk_2w", Opened("watch")))
    with CaptureQueriesContext(connection) as queries:
        case.does("begin", "2026-11-02")
    assert statements(queries) == ["INSERT"]
    with CaptureQueriesContext(connection) as queries:
        case.does("watch", "2026-11-03")
    assert statements(queries) == ["UPDATE"]
    with CaptureQueriesContext(connection) as queries:
        case.does("last", "2026-11-04")
    assert statements(queries) == []


@pytest.mark.parametrize(("day", "state"), [("2026-11-16", "met"), ("2026-11-17", "late")])
def test_a_step_done_in_time_met_its_term_and_one_done_later_did_not(day: str, state: str) -> None:
    case = a_clocked_case(deadline("first_talk_2w", Opened("watch")))
    case.does("begin", "2026-11-02")
    case.does("watch", day)
    row = the_deadline(case, "watch")
    assert (row.state, row.next_signal) == (state, None)


def test_what_was_done_in_time_and_entered_later_met_its_term() -> None:
    case = a_clocked_case(deadline("first_talk_2w", Opened("watch")))
    case.does("begin", "2026-11-02")
    case.does("watch", "2026-12-01", happened_on=date(2026, 11, 16))
    assert the_deadline(case, "watch").state == "met"


def test_what_was_opened_afterwards_runs_from_the_day_on_which_it_happened() -> None:
    case = a_clocked_case(deadline("first_talk_2w", Opened("watch")))
    case.does("begin", "2026-12-01", happened_on=date(2026, 11, 2))
    row = the_deadline(case, "watch")
    assert (row.start, row.due, row.known_at) == (date(2026, 11, 2), at_end("2026-11-16"), at("2026-12-01"))


def test_what_ends_with_its_run_is_no_longer_needed() -> None:
    case = a_clocked_case(deadline("first_talk_2w", Opened("aside")), body="aside")
    open_track(Acting(case.worker, at("2026-11-02")), case.case.pk, "V", "aside")
    assert the_deadline(case, "aside").state == "running"
    case.does("begin", "2026-11-02")
    case.does("watch", "2026-11-03")
    row = the_deadline(case, "aside")
    assert (row.state, row.next_signal) == ("cancelled", None)


def test_a_term_waits_until_its_start_is_known_and_follows_when_that_is_corrected() -> None:
    case = a_clocked_case(deadline("intake_2w", OnEvent(RecordEvent.HELP_MATCHED)))
    case.does("begin", "2026-11-02")
    row = the_deadline(case, "watch")
    assert (row.state, row.start, row.due, row.next_signal) == ("waiting", None, None, None)
    acting = Acting(case.worker, at("2026-11-10"))
    help_item = change_register(
        acting, case.case.pk, "help_item", {"for_kind": "family", "matched_on": date(2026, 11, 9)}
    )
    row.refresh_from_db()
    assert (row.state, row.due, row.ledger) == ("running", at_end("2026-11-23"), [])
    assert case.task("watch").due == row.due
    acting = Acting(case.worker, at("2026-11-11"))
    change_register(acting, case.case.pk, "help_item", {"matched_on": date(2026, 11, 2)}, row=help_item)
    row.refresh_from_db()
    assert (row.due, case.task("watch").due) == (at_end("2026-11-16"), at_end("2026-11-16"))
    (line,) = read_ledger(Node(row.ledger)).corrections
    assert (line.old, line.new, line.on) == (date(2026, 11, 9), date(2026, 11, 2), date(2026, 11, 11))
    assert line.by == acting.pseudonym()


def test_what_is_late_stays_late_with_a_line_in_its_ledger() -> None:
    case = a_clocked_case(deadline("intake_2w", OnEvent(RecordEvent.HELP_MATCHED)))
    case.does("begin", "2026-11-02")
    acting = Acting(case.worker, at("2026-11-03"))
    help_item = change_register(acting, case.case.pk, "help_item", {"matched_on": date(2026, 11, 2)})
    RunningDeadline.objects.update(state=RunningDeadline.State.LATE)
    acting = Acting(case.worker, at("2026-11-20"))
    change_register(acting, case.case.pk, "help_item", {"matched_on": date(2026, 11, 9)}, row=help_item)
    row = the_deadline(case, "watch")
    assert (row.state, row.due, len(row.ledger)) == ("late", at_end("2026-11-16"), 1)


def test_a_change_that_moves_no_start_changes_no_deadline() -> None:
    case = a_clocked_case(deadline("first_talk_2w", Opened("watch")))
    case.does("begin", "2026-11-02")
    before = RunningDeadline.objects.values().get(task__activity="watch")
    change_register(Acting(case.worker, at("2026-11-03")), case.case.pk, "help_item", {"name": "Gezinscoach"})
    assert RunningDeadline.objects.values().get(task__activity="watch") == before


def test_a_start_that_this_very_action_answered_is_known() -> None:
    case = a_clocked_case(deadline("tent_3w", OnDate(answer("begin.dag", "latest"))), ask="date")
    case.does("begin", "2026-11-02", {"dag": "2026-10-26"})
    row = the_deadline(case, "watch")
    assert (row.start, row.due) == (date(2026, 10, 26), at_end("2026-11-16"))


def test_a_form_that_stays_open_begins_a_term_with_each_time_it_is_saved() -> None:
    case = a_clocked_case(deadline("voluntary_contact_6w", Opened("aside")), body="aside", stays_open=True)
    open_track(Acting(case.worker, at("2026-11-02")), case.case.pk, "V", "aside")
    case.does("aside", "2026-11-10")
    first, second = RunningDeadline.objects.filter(task__activity="aside").order_by("pk")
    assert (first.state, second.state) == ("met", "running")
    assert second.start == date(2026, 11, 10)


def test_a_duty_with_a_term_is_due_and_is_met_by_what_discharges_it() -> None:
    case = a_clocked_case(duty="child_spoken_48h")
    case.does("begin", "2026-11-02")
    row = RunningDeadline.objects.get(duty__isnull=False)
    duty = RegisterRow.objects.get(register="duty")
    assert (row.duty_id, row.term, row.state) == (duty.pk, "child_spoken_48h", "running")
    assert (row.due, duty.values["due"]) == (at("2026-11-04"), "2026-11-04")
    case.does("watch", "2026-11-03")
    row.refresh_from_db()
    assert (row.state, row.next_signal) == ("met", None)


def test_a_duty_discharged_too_late_was_late() -> None:
    case = a_clocked_case(duty="child_spoken_48h")
    case.does("begin", "2026-11-02")
    case.does("watch", "2026-11-05")
    assert RunningDeadline.objects.get(duty__isnull=False).state == "late"


def test_the_round_that_comes_back_says_when_it_appears() -> None:
    case = a_clocked_case(deadline("evaluation_3m", OnEvent(RecordEvent.HELP_STARTED), repeats_each="evaluation_3m"))
    change_register(
        Acting(case.worker, at("2026-11-02")),
        case.case.pk,
        "help_item",
        {"started_on": date(2026, 11, 2), "status": "running"},
    )
    case.does("begin", "2026-11-02")
    assert the_deadline(case, "watch").appears_on == date(2027, 1, 10)


def test_a_task_that_is_done_is_no_longer_open() -> None:
    case = a_clocked_case(deadline("first_talk_2w", Opened("watch")))
    case.does("begin", "2026-11-02")
    task = case.task("watch")
    complete_task(Acting(case.worker, at("2026-11-03")), task.pk, {})
    assert not Task.objects.filter(pk=task.pk, status__in=OPEN).exists()
    assert not RunningDeadline.objects.exclude(next_signal=None).exists()
