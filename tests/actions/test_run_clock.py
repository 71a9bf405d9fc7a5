"""The clock gives what is due, once and in order, and moves what hangs on the day."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import StringIO
from threading import Barrier, Event
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from padwijzer.forms.core.conditions import AnyOf, Compare, Condition, FactRef, Offset, Operator, TermRef
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.run_clock import ClockReport, Failure, run_clock
from padwijzer.workflows.core.definition import (
    AtAge,
    Effect,
    Goto,
    OnEvent,
    Opened,
    Owner,
    Performer,
    RecordEvent,
    Rule,
    TimeBefore,
)
from padwijzer.workflows.engine.locking import lock_case
from padwijzer.workflows.history.verifying import verify_all
from padwijzer.workflows.models import Case, Notice, PathRun, RunningDeadline
from padwijzer.workflows.models import Event as StoredEvent
from tests.support.cases import at
from tests.support.clock import Clocked, a_clocked_case, another_case, deadline, publish, steps
from tests.support.definitions import step, text, track

database = pytest.mark.django_db
JC = {"performers": (Performer("jeugdconsulent"),)}
TODAY = FactRef("today")
UNTIL = FactRef("measure_until", (("person", "child"),))


def told(case: Clocked, **more: Any) -> list[tuple[str, str]]:
    """Kind and reason of each notice of a term or a rule, in the order in which they were given."""
    notices = Notice.objects.filter(case=case.case, **more).exclude(kind=Notice.Kind.MESSAGE).order_by("pk")
    return [(notice.kind, notice.source.rpartition(":")[2]) for notice in notices]


def history(case: Clocked, *types: str) -> list[dict[str, Any]]:
    """What the history says of these types of events."""
    envelopes = StoredEvent.objects.filter(stream=case.case.stream).order_by("seq").values_list("envelope", flat=True)
    events = [json.loads(envelope) for envelope in envelopes]
    return [event for event in events if event["type"] in types]


def a_rule(when: Condition, effect: Effect = Effect.ALARM, **more: Any) -> Rule:
    return Rule(when, effect, text("Bel het gezin."), "R82", **{"to": ("vap", "jeugdconsulent"), **more})


def since_opening(term: str) -> Condition:
    """True from a term after the opening of `watch` on."""
    opened = Offset(FactRef("opened_on", (("of", "watch"),)), 1, TermRef(key=term))
    return Compare(TODAY, Operator.AT_LEAST, opened)


def add(case: Clocked, register: str, day: str, row: str = "", **values: Any) -> str:
    return change_register(Acting(case.worker, at(day)), case.case.pk, register, values, row=row)


# Deadlines


@pytest.fixture
def watching(db: None) -> Clocked:
    """A case in which `watch` was opened on 2 November 2026, with three weeks to do it."""
    case = a_clocked_case(deadline("tent_3w", Opened("watch")))
    case.does("begin", "2026-11-02")
    return case


def test_it_warns_at_three_quarters_and_alarms_at_the_end_and_after_each_further_half(watching: Clocked) -> None:
    moments = [
        ("2026-11-17", []),
        ("2026-11-18", [("warning", "early")]),
        ("2026-11-23", []),
        ("2026-11-24", [("alarm", "end")]),
        ("2026-12-04", []),
        ("2026-12-05", [("alarm", "overdue")]),
        ("2026-12-15", [("alarm", "overdue")]),
    ]
    given: list[tuple[str, str]] = []
    for day, fresh in moments:
        run_clock(at(day))
        given += fresh
        assert told(watching) == given, day
    row = RunningDeadline.objects.get(task__activity="watch")
    assert (row.state, row.signalled) == ("late", 4)
    assert verify_all() == []


def test_what_people_read_says_what_until_when_and_why(watching: Clocked) -> None:
    run_clock(at("2026-11-18"))
    notice = Notice.objects.get(kind="warning")
    assert "watch" in notice.text
    assert "Uiterlijk maandag 23 november 2026: dat is 3 weken na maandag 2 november 2026." in notice.text
    assert (notice.roles, notice.task) == (",jeugdconsulent,", watching.task("watch"))
    assert notice.due == RunningDeadline.objects.get(task__activity="watch").due


def test_it_can_run_as_often_as_one_likes(watching: Clocked) -> None:
    run_clock(at("2026-11-25"))
    before = (told(watching), history(watching, "deadline.warned", "deadline.passed"))
    assert run_clock(at("2026-11-25")) == ClockReport()
    assert run_clock(at("2026-11-25", 18)) == ClockReport()
    assert (told(watching), history(watching, "deadline.warned", "deadline.passed")) == before


def test_when_nothing_is_due_it_asks_two_questions_and_no_more(watching: Clocked) -> None:
    another_case(watching.worker)
    run_clock(at("2026-11-10"))
    with CaptureQueriesContext(connection) as queries:
        run_clock(at("2026-11-10", 12))
    assert len(queries) == 2


def test_a_missed_month_is_caught_up_in_order(watching: Clocked) -> None:
    report = run_clock(at("2026-12-16"))
    assert (report.warnings, report.alarms) == (1, 3)
    events = history(watching, "deadline.warned", "deadline.passed")
    assert [event["type"] for event in events] == ["deadline.warned", *["deadline.passed"] * 3]
    moments = [event["ref"]["moment"] for event in events]
    assert moments == sorted(moments)
    assert not any("entered_later" in event["ref"] for event in events)
    assert [kind for _, kind in told(watching)] == ["early", "end", "overdue", "overdue"]


def test_of_what_was_entered_afterwards_all_is_written_down_and_one_alarm_is_heard(db: None) -> None:
    case = a_clocked_case(deadline("tent_3w", Opened("watch")))
    case.does("begin", "2026-12-16", happened_on=date(2026, 11, 2))
    run_clock(at("2026-12-16", 12))
    events = history(case, "deadline.warned", "deadline.passed")
    assert [event["ref"]["kind"] for event in events] == ["early", "end", "overdue", "overdue"]
    assert all(event["ref"]["entered_later"] for event in events)
    assert told(case) == [("alarm", "overdue")]
    run_clock(at("2026-12-30"))
    (last,) = history(case, "deadline.passed")[3:]
    assert "entered_later" not in last["ref"]
    assert told(case) == [("alarm", "overdue"), ("alarm", "overdue")]


def test_nothing_is_said_about_a_step_that_is_done(watching: Clocked) -> None:
    watching.does("watch", "2026-11-10")
    run_clock(at("2026-12-30"))
    assert told(watching) == []


def test_a_row_that_was_left_behind_is_closed_without_a_word(watching: Clocked) -> None:
    watching.does("watch", "2026-11-10")
    RunningDeadline.objects.update(next_signal=at("2026-11-18"), state="running")
    run_clock(at("2026-12-30"))
    row = RunningDeadline.objects.get(task__activity="watch")
    assert (row.state, row.next_signal, told(watching)) == ("met", None, [])


def test_a_duty_alarms_who_can_discharge_it(db: None) -> None:
    case = a_clocked_case(duty="child_spoken_48h")
    case.does("begin", "2026-11-02")
    run_clock(at("2026-11-04", 11))
    notice = Notice.objects.get(kind="alarm")
    assert (notice.source, notice.roles, notice.task) == ("deadline:child_spoken_48h:end", ",jeugdconsulent,", None)
    assert "Kind gesproken" in notice.text
    assert "woensdag 4 november 2026 om 11:00 uur" in notice.text


def test_a_corrected_start_gives_its_warnings_anew(db: None) -> None:
    case = a_clocked_case(deadline("tent_3w", OnEvent(RecordEvent.HELP_MATCHED)))
    case.does("begin", "2026-11-02")
    row = add(case, "help_item", "2026-11-02", matched_on=date(2026, 11, 2))
    run_clock(at("2026-11-18"))
    add(case, "help_item", "2026-11-18", row, matched_on=date(2026, 11, 16))
    run_clock(at("2026-11-30"))
    assert told(case) == [("warning", "early")]
    run_clock(at("2026-12-02"))
    assert told(case) == [("warning", "early"), ("warning", "early")]


def test_a_bad_row_is_told_by_its_number_and_stops_nothing_else(
    watching: Clocked, caplog: pytest.LogCaptureFixture
) -> None:
    other = another_case(watching.worker)
    other.does("begin", "2026-11-02")
    bad = RunningDeadline.objects.get(case=watching.case)
    RunningDeadline.objects.filter(pk=bad.pk).update(explanation={"naam": "Noor de Wit"})
    with caplog.at_level(logging.ERROR):
        report = run_clock(at("2026-11-18"))
    assert report.failures == [Failure("deadline", str(bad.pk), "Unreadable")]
    assert not report.is_right
    assert (told(watching), told(other)) == ([], [("warning", "early")])
    assert "Noor" not in caplog.text
    assert str(bad.pk) in caplog.text


def test_a_case_that_fails_is_rolled_back_as_a_whole(watching: Clocked, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: Any, **_more: Any) -> None:
        message = "Noor de Wit"
        raise RuntimeError(message)

    with monkeypatch.context() as patch:
        patch.setattr("padwijzer.workflows.actions.work.append_all", fails)
        report = run_clock(at("2026-11-18"))
    assert Failure("case", str(watching.case.pk), "RuntimeError") in report.failures
    assert (report.warnings, told(watching)) == (0, [])
    assert RunningDeadline.objects.get(task__activity="watch").signalled == 0
    assert run_clock(at("2026-11-18")).warnings == 1


# Rules about the day


def rung(case: Clocked) -> list[str]:
    return list(
        Notice.objects.filter(case=case.case, source__startswith="rule:")
        .order_by("pk")
        .values_list("occasion", flat=True)
    )


@database
def test_a_rule_about_today_rings_on_a_step_that_nobody_touches() -> None:
    case = a_clocked_case(rules=(a_rule(since_opening("first_talk_2w")),))
    case.does("begin", "2026-11-02")
    run_clock(at("2026-11-15"))
    assert rung(case) == []
    report = run_clock(at("2026-11-16"))
    notice = Notice.objects.get(source="rule:V.watch:0")
    assert (report.rules, notice.kind, notice.text, notice.ground) == (1, "alarm", "Bel het gezin.", "R82")
    assert (notice.roles, notice.task, notice.holds_since) == (
        ",vap,jeugdconsulent,",
        case.task("watch"),
        date(2026, 11, 16),
    )
    (event,) = history(case, "clock.looked")
    assert event["ref"]["notices"] == ["alarm rule:V.watch:0"]


@database
def test_it_rings_once_while_it_is_true_and_again_after_it_was_not() -> None:
    silent = AnyOf(
        (
            Compare(FactRef("last_meeting_on", (("between", ("family", "family")),)), Operator.NOT_ANSWERED),
            Compare(
                FactRef("last_meeting_on", (("between", ("family", "family")),)),
                Operator.LESS,
                Offset(TODAY, -1, TermRef(key="contact_silence_2w")),
            ),
        )
    )
    case = a_clocked_case(rules=(a_rule(silent),))
    case.does("begin", "2026-11-02")
    for day in ("2026-11-03", "2026-11-04", "2026-11-05"):
        run_clock(at(day))
    assert rung(case) == ["1:1"]
    add(
        case,
        "meeting",
        "2026-11-06",
        on=date(2026, 11, 6),
        kind="talk",
        status="held",
        participants=frozenset({case.child}),
    )
    run_clock(at("2026-11-07"))
    assert Notice.objects.get(source="rule:V.watch:0").holds_since is None
    run_clock(at("2026-11-20"))
    assert rung(case) == ["1:1"]
    run_clock(at("2026-11-21"))
    run_clock(at("2026-11-22"))
    assert rung(case) == ["1:1", "1:1:2"]


@database
def test_a_new_round_rings_anew() -> None:
    case = a_clocked_case(rules=(a_rule(since_opening("first_talk_2w")),), again=True)
    case.does("begin", "2026-11-02")
    run_clock(at("2026-11-16"))
    case.does("watch", "2026-11-17", {"again": "ja"})
    run_clock(at("2026-11-18"))
    assert rung(case) == ["1:1"]
    run_clock(at("2026-12-01"))
    assert rung(case) == ["1:1", "1:2"]


@database
def test_a_task_of_a_rule_gets_its_term() -> None:
    rule = a_rule(since_opening("first_talk_2w"), Effect.TASK, term=TermRef(key="family_talk_5wd"), to=())
    case = a_clocked_case(rules=(rule,))
    case.does("begin", "2026-11-02")
    run_clock(at("2026-11-16"))
    notice = Notice.objects.get(source="rule:V.watch:0")
    assert (notice.kind, notice.roles) == ("task", ",jeugdconsulent,")
    assert notice.due == at("2026-11-23", 22).replace(minute=59, second=59)


@database
def test_a_case_is_looked_at_once_a_day_and_again_after_a_step() -> None:
    case = a_clocked_case(rules=(a_rule(since_opening("first_talk_2w")),))
    assert run_clock(at("2026-11-16", 6)).looked == 1
    assert run_clock(at("2026-11-16", 7)).looked == 0
    case.does("begin", "2026-11-16")
    assert run_clock(at("2026-11-16", 11)).looked == 1
    assert run_clock(at("2026-11-16", 12)).looked == 0
    assert run_clock(at("2026-11-17", 6)).looked == 1
    Case.objects.update(status=Case.Status.CLOSED)
    assert run_clock(at("2026-11-18", 6)).looked == 0


# Tracks and steps that hang on the day


def bodies(*keys: str, **more: Any) -> tuple[Any, ...]:
    return tuple(step(key, **{**JC, **more}) for key in keys)


def an_ots(case: Clocked, until: date) -> dict[str, Any]:
    return {"child": case.child, "kind": "ots", "from": date(2026, 11, 2), "until": until}


@database
def test_a_track_opens_at_an_age_once_with_its_deadlines_and_closes_at_another() -> None:
    later = track("later", activity="plan", opens_by=AtAge(198), owner=Owner.CHILD, closes_on=(AtAge(223),))
    case = a_clocked_case(
        tracks=(later,),
        bodies=bodies("plan", deadlines=(deadline("future_plan_6m", AtAge(198)),)),
        born=date(2010, 5, 20),
    )
    run_clock(at("2026-11-19"))
    assert not PathRun.objects.filter(track="V.later").exists()
    assert run_clock(at("2026-11-21")).moved == 1
    for day in ("2026-11-22", "2026-11-23"):
        assert run_clock(at(day)).moved == 0
    run = PathRun.objects.get(track="V.later")
    assert (run.subject, run.standing) == (case.child, "running")
    row = RunningDeadline.objects.get(task__activity="plan")
    assert (row.start, row.due) == (date(2026, 11, 20), at("2027-05-20", 21).replace(minute=59, second=59))
    (event,) = history(case, "time.passed")
    assert event["actor"] == "system"
    assert event["ref"]["followed"] == ["track_opened V.later", "opened V.plan#1"]
    assert run_clock(at("2028-12-21")).moved == 1
    run.refresh_from_db()
    row.refresh_from_db()
    assert (run.standing, row.state, row.next_signal) == ("ended", "cancelled", None)
    assert run_clock(at("2028-12-22")).moved == 0
    assert verify_all() == []


@database
def test_a_track_opens_a_term_before_a_date() -> None:
    renewal = track("renewal", activity="renew", opens_by=TimeBefore(UNTIL, "renewal_3m"), owner=Owner.MEASURE)
    case = a_clocked_case(tracks=(renewal,), bodies=bodies("renew"))
    measure = add(case, "measure", "2026-11-02", **an_ots(case, until=date(2027, 11, 1)))
    run_clock(at("2027-07-31"))
    assert not PathRun.objects.filter(track="V.renewal").exists()
    run_clock(at("2027-08-01"))
    run_clock(at("2027-08-02"))
    assert PathRun.objects.get(track="V.renewal").subject == measure


@database
def test_a_measure_that_is_over_by_its_last_day_opens_and_closes_tracks() -> None:
    runs = track(
        "runs",
        activity="run",
        opens_by=OnEvent(RecordEvent.MEASURE_STARTED),
        owner=Owner.MEASURE,
        closes_on=(OnEvent(RecordEvent.MEASURE_ENDED),),
    )
    over = track("over", activity="look", opens_by=OnEvent(RecordEvent.MEASURE_ENDED), owner=Owner.MEASURE)
    case = a_clocked_case(tracks=(runs, over), bodies=bodies("run", "look"))
    add(case, "measure", "2026-11-02", **an_ots(case, until=date(2026, 11, 20)))
    for day in ("2026-11-03", "2026-11-20"):
        run_clock(at(day))
    assert list(PathRun.objects.filter(track__gt="").values_list("track", "standing")) == [("V.runs", "running")]
    for day in ("2026-11-23", "2026-11-24"):
        run_clock(at(day))
    runs_now = PathRun.objects.filter(track__gt="").order_by("number")
    assert list(runs_now.values_list("track", "standing")) == [("V.runs", "ended"), ("V.over", "running")]


@database
def test_a_step_that_an_age_makes_impossible_is_left_by_its_other_way() -> None:
    young_enough = Compare(FactRef("age", (("person", "child"),)), Operator.LESS, 198)
    case = a_clocked_case(
        deadline("tent_3w", Opened("watch")),
        available=young_enough,
        unavailable=Goto("last"),
        born=date(2010, 5, 16),
    )
    case.does("begin", "2026-11-02")
    assert run_clock(at("2026-11-15")).moved == 0
    assert run_clock(at("2026-11-16")).moved == 1
    assert case.task("last").opened_on == date(2026, 11, 16)
    row = RunningDeadline.objects.get(task__activity="watch")
    assert (row.state, row.next_signal) == ("cancelled", None)


@database
def test_a_start_that_became_known_by_the_clock_runs_from_then() -> None:
    case = a_clocked_case(deadline("tent_3w", OnEvent(RecordEvent.HELP_STARTED)))
    case.does("begin", "2026-11-02")
    add(case, "help_item", "2026-11-02", status="matched", started_on=date(2026, 11, 9))
    assert RunningDeadline.objects.get(task__activity="watch").state == "waiting"
    run_clock(at("2026-11-09"))
    row = RunningDeadline.objects.get(task__activity="watch")
    assert (row.state, row.start) == ("running", date(2026, 11, 9))


# Several at once


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_give_each_notice_once() -> None:
    publish(steps(deadline("tent_3w", Opened("watch")), rules=(a_rule(since_opening("first_talk_2w")),)))
    cases = [another_case()]
    cases += [another_case(cases[0].worker) for _ in range(5)]
    for case in cases:
        case.does("begin", "2026-11-02")
    barrier = Barrier(3)

    def clock(_number: int) -> ClockReport:
        try:
            barrier.wait()
            return run_clock(at("2026-11-24"))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(clock, range(3)))
    assert [report.failures for report in reports] == [[], [], []]
    run_clock(at("2026-11-24"))
    for case in cases:
        assert sorted(told(case)) == [("alarm", "0"), ("alarm", "end"), ("warning", "early")]
        assert len(history(case, "deadline.warned", "deadline.passed")) == 2
    assert sum(report.warnings for report in reports) == len(cases)
    assert verify_all() == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_case_that_somebody_works_on_is_left_to_the_next_run() -> None:
    case = a_clocked_case(deadline("tent_3w", Opened("watch")))
    case.does("begin", "2026-11-02")
    held, done = Event(), Event()

    def work() -> None:
        try:
            with transaction.atomic():
                lock_case(case.case.pk)
                held.set()
                done.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        held.wait(30)
        report = run_clock(at("2026-11-18"))
        done.set()
        working.result()
    assert (report.busy, report.warnings, report.looked) == (2, 0, 0)
    assert run_clock(at("2026-11-18")).warnings == 1


# The command


def test_the_command_says_in_one_line_what_was_done_and_nothing_about_anybody(
    watching: Clocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: at("2026-11-18"))
    out = StringIO()
    call_command("run_clock", stdout=out)
    assert out.getvalue().count("\n") == 1
    assert "1 " in out.getvalue()
    assert "Noor" not in out.getvalue()
    assert told(watching) == [("warning", "early")]


def test_the_command_fails_when_something_could_not_be_done(
    watching: Clocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: at("2026-11-18"))
    RunningDeadline.objects.filter(case=watching.case).update(explanation={})
    with pytest.raises(SystemExit) as stopped:
        call_command("run_clock", stdout=StringIO())
    assert stopped.value.code == 1
