"""What the clock lets happen to tracks: at an age, before a date, and when a measure or an order is over."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import FactRef
from padwijzer.workflows.core.case_file import CaseFile, Row, Run
from padwijzer.workflows.core.definition import (
    AtAge,
    ByHand,
    Completed,
    OnEvent,
    Owner,
    ProcessDefinition,
    RecordEvent,
    RunScope,
    TimeBefore,
    Track,
)
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.recording import ADDED, BEGUN, CONSENTED
from padwijzer.workflows.core.semantics import (
    ROWS_OF,
    CloseTrack,
    Marking,
    OpenedAs,
    OpenTrack,
    RunMarking,
    RunStatus,
)
from padwijzer.workflows.core.timing import timed_events
from tests.support.case_files import a_case, a_child, a_row
from tests.support.definitions import definition, plan, step, track

UNTIL = FactRef("measure_until", (("person", "child"),))
TOMORROW = timedelta(days=1)
BORN = date(2010, 5, 20)
SIXTEEN_AND_A_HALF = date(2026, 11, 20)


def a_plan(*tracks: Track, others: tuple[ProcessDefinition, ...] = ()) -> Plan:
    bodies = {it.activity: step(it.activity) for it in tracks if it.activity}
    return plan(definition("V", step("begin", "end"), step("end"), *bodies.values(), tracks=tracks), *others)


def a_run(number: int, subject: str = "", *, track_: str = "", alive: bool = True, of: str = "V") -> RunMarking:
    opened_as = OpenedAs.TRACK if track_ else OpenedAs.MAIN
    status = RunStatus.RUNNING if alive else RunStatus.ENDED
    return RunMarking(number, of, None, opened_as, track_, subject or None, status=status)


def happens(
    made: Plan,
    *rows: Row,
    today: date,
    last: date | None = None,
    runs: tuple[RunMarking, ...] = (a_run(1),),
    began: dict[int, date] | None = None,
) -> list[CloseTrack | OpenTrack]:
    """What the clock lets happen today, in a case last looked at on `last` (default: today)."""
    started = {it.number: (began or {}).get(it.number, date(2026, 1, 1)) for it in runs}
    after: CaseFile = a_case(
        *rows,
        today=today,
        runs=tuple(Run(it.number, it.definition, started[it.number], it.subject or "") for it in runs),
    )
    before = a_case(*rows, today=last or today, runs=after.runs)
    return list(timed_events(made, Marking(runs), before, after))


TOWARDS_18 = track("later", activity="plan", opens_by=AtAge(198), owner=Owner.CHILD, closes_on=(AtAge(223),))
RENEWAL = track("renewal", activity="renew", opens_by=TimeBefore(UNTIL, "renewal_3m"), owner=Owner.MEASURE)
OVER = track("over", activity="look", opens_by=OnEvent(RecordEvent.MEASURE_ENDED), owner=Owner.MEASURE)


def a_measure(until: date, **more: Any) -> Row:
    return a_row("measure", "ots", child="child", kind="ots", from_=date(2026, 1, 1), until=until, **more)


def test_a_track_opens_on_the_day_of_the_age_and_not_before() -> None:
    made, child = a_plan(TOWARDS_18), a_child("child", BORN)
    assert happens(made, child, today=SIXTEEN_AND_A_HALF - TOMORROW) == []
    assert happens(made, child, today=SIXTEEN_AND_A_HALF) == [OpenTrack(1, "later", "child", "V")]


def test_it_opens_however_late_the_clock_comes_and_for_each_child() -> None:
    made = a_plan(TOWARDS_18)
    children = [a_child("child", BORN), a_child("older", date(2009, 1, 1)), a_child("young", date(2015, 1, 1))]
    opened = happens(made, *children, today=date(2027, 3, 1))
    assert [it.subject for it in opened if isinstance(it, OpenTrack)] == ["child", "older"]


def test_it_opens_without_a_run_of_its_definition() -> None:
    made, ended = a_plan(TOWARDS_18), a_run(1, alive=False)
    assert happens(made, a_child("child", BORN), today=SIXTEEN_AND_A_HALF, runs=(ended,)) == [
        OpenTrack(None, "later", "child", "V")
    ]


@pytest.mark.parametrize("alive", [True, False])
def test_it_opens_once(alive: bool) -> None:
    runs = (a_run(1), a_run(2, "child", track_="V.later", alive=alive))
    made, child = a_plan(TOWARDS_18), a_child("child", BORN)
    assert happens(made, child, today=date(2027, 3, 1), runs=runs, began={2: SIXTEEN_AND_A_HALF}) == []


def test_it_does_not_open_when_its_time_is_over_or_the_age_is_not_known() -> None:
    made = a_plan(TOWARDS_18)
    assert happens(made, a_child("child", date(2008, 1, 1)), today=date(2026, 11, 20)) == []
    assert happens(made, a_child("child", None), today=date(2026, 11, 20)) == []
    gone = a_child("child", BORN, until=date(2026, 1, 1))
    assert happens(made, gone, today=date(2026, 11, 20)) == []


def test_it_closes_at_an_age() -> None:
    runs = (a_run(1), a_run(2, "child", track_="V.later"))
    made, child, day = a_plan(TOWARDS_18), a_child("child", BORN), date(2028, 12, 20)
    assert happens(made, child, today=day - TOMORROW, runs=runs) == []
    assert happens(made, child, today=day, runs=runs) == [CloseTrack(2)]


def test_it_closes_at_the_age_of_the_child_whose_row_it_is_about() -> None:
    renewal = track(
        "renewal",
        activity="renew",
        opens_by=TimeBefore(UNTIL, "renewal_3m"),
        owner=Owner.MEASURE,
        closes_on=(AtAge(216),),
    )
    runs = (a_run(1), a_run(2, "ots", track_="V.renewal"))
    rows = (a_child("child", BORN), a_measure(date(2028, 6, 1)))
    assert happens(a_plan(renewal), *rows, today=date(2028, 5, 19), runs=runs) == []
    assert happens(a_plan(renewal), *rows, today=date(2028, 5, 20), runs=runs) == [CloseTrack(2)]


def test_a_track_that_people_open_is_not_opened_by_the_clock() -> None:
    made = a_plan(track("talk", activity="talk", opens_by=ByHand.HAND))
    assert happens(made, a_child("child", BORN), today=date(2027, 1, 1)) == []


def test_a_definition_that_ran_for_a_child_is_not_begun_again_by_another_track() -> None:
    body = definition("D", step("first"), scope=RunScope.CHILD)
    made = a_plan(track("later", definition="D", opens_by=AtAge(198), owner=Owner.CHILD), others=(body,))
    child, began = a_child("child", BORN), {2: SIXTEEN_AND_A_HALF}
    ran = a_run(2, "child", of="D", alive=False)
    assert happens(made, child, today=date(2027, 1, 1), runs=(a_run(1), ran), began=began) == []
    other = a_run(2, "other", of="D", alive=False)
    assert len(happens(made, child, today=date(2027, 1, 1), runs=(a_run(1), other), began=began)) == 1


def test_what_is_outside_the_release_is_not_opened() -> None:
    outside = track("later", definition="ELDERS", opens_by=AtAge(198), owner=Owner.CHILD)
    here = definition("V", step("begin"), tracks=(outside,), outside=(("ELDERS", (("nl", "Elders"),)),))
    assert happens(plan(here), a_child("child", BORN), today=date(2027, 1, 1)) == []


def test_a_track_opens_a_term_before_the_end_of_each_measure() -> None:
    made, rows = a_plan(RENEWAL), (a_child("child", BORN), a_measure(date(2026, 10, 14)))
    assert happens(made, *rows, today=date(2026, 7, 13)) == []
    assert happens(made, *rows, today=date(2026, 7, 14)) == [OpenTrack(1, "renewal", "ots", "V")]
    assert len(happens(made, *rows, today=date(2026, 10, 14))) == 1
    assert happens(made, *rows, today=date(2026, 10, 15)) == []


def test_it_opens_again_when_the_measure_was_renewed() -> None:
    runs = (a_run(1), a_run(2, "ots", track_="V.renewal", alive=False))
    made, child, began = a_plan(RENEWAL), a_child("child", BORN), {2: date(2026, 7, 14)}
    not_renewed = a_measure(date(2026, 10, 14))
    assert happens(made, child, not_renewed, today=date(2026, 9, 1), runs=runs, began=began) == []
    renewed = a_measure(date(2027, 10, 14))
    assert happens(made, child, renewed, today=date(2027, 7, 13), runs=runs, began=began) == []
    assert happens(made, child, renewed, today=date(2027, 7, 14), runs=runs, began=began) == [
        OpenTrack(1, "renewal", "ots", "V")
    ]


def test_an_event_is_about_the_registers_that_tell_of_it() -> None:
    told = {(event, register) for register, event, _ in BEGUN} | {(event, register) for register, _, event in ADDED}
    told |= {(RecordEvent.CONSENT_COMPLETE, register) for register in CONSENTED}
    known = {(it, register) for it, registers in ROWS_OF.items() if it in set(RecordEvent) for register in registers}
    assert known == told


def test_a_term_before_a_date_that_is_not_known_opens_nothing() -> None:
    soon = track(
        "soon", activity="soon", opens_by=TimeBefore(FactRef("applied_on"), "renewal_3m"), owner=Owner.FAMILY
    )
    assert happens(a_plan(soon), today=date(2026, 7, 14)) == []
    application = a_row("application", "a", on=date(2026, 8, 1))
    assert happens(a_plan(soon), application, today=date(2026, 8, 1)) == [OpenTrack(1, "soon", None, "V")]


def test_a_measure_that_is_over_opens_a_track_the_day_after() -> None:
    made, rows = a_plan(OVER), (a_child("child", BORN), a_measure(date(2026, 10, 14)))
    assert happens(made, *rows, last=date(2026, 10, 13), today=date(2026, 10, 14)) == []
    opened = [OpenTrack(1, "over", "ots", "V")]
    assert happens(made, *rows, last=date(2026, 10, 14), today=date(2026, 10, 15)) == opened
    assert happens(made, *rows, last=date(2026, 10, 1), today=date(2026, 10, 31)) == opened
    assert happens(made, *rows, last=date(2026, 10, 15), today=date(2026, 10, 31)) == []


def test_what_an_action_followed_already_is_not_followed_again() -> None:
    runs = (a_run(1), a_run(2, "ots", track_="V.over", alive=False))
    rows = (a_child("child", BORN), a_measure(date(2026, 12, 31), ended_on=date(2026, 10, 14)))
    last, today, began = date(2026, 10, 1), date(2026, 10, 31), {2: date(2026, 10, 14)}
    assert happens(a_plan(OVER), *rows, last=last, today=today, runs=runs, began=began) == []


def test_a_track_closes_when_what_it_waits_for_happens_to_its_own_row() -> None:
    until = track(
        "until",
        activity="until",
        opens_by=OnEvent(RecordEvent.PLACEMENT_STARTED),
        owner=Owner.MEASURE,
        closes_on=(Completed("end"), OnEvent(RecordEvent.MEASURE_ENDED)),
    )
    made = a_plan(until)
    rows = (a_child("child", BORN), a_measure(date(2026, 10, 14)))
    runs = (a_run(1), a_run(2, "ots", track_="V.until"), a_run(3, "else", track_="V.until"))
    last, today = date(2026, 10, 14), date(2026, 10, 15)
    assert happens(made, *rows, last=last, today=today, runs=runs) == [CloseTrack(2)]
    later = {2: date(2026, 10, 15)}
    assert happens(made, *rows, last=last, today=today, runs=runs, began=later) == []


def test_what_people_do_is_not_the_clock_s() -> None:
    opener = track("withdrawn", activity="talk", opens_by=OnEvent(RecordEvent.CONSENT_WITHDRAWN), owner=Owner.FAMILY)
    withdrawal = a_row("consent", "no", kind="withdrawal", person="child", on=date(2026, 10, 14))
    made = a_plan(opener)
    after = a_case(withdrawal, today=date(2026, 10, 15))
    before = a_case(today=date(2026, 10, 14))
    assert list(timed_events(made, Marking((a_run(1),)), before, after)) == []


@given(
    born=st.dates(date(2005, 1, 1), date(2016, 1, 1)),
    day=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    later=st.integers(0, 800),
)
def test_looked_at_again_a_track_that_was_opened_is_left_alone(born: date, day: date, later: int) -> None:
    made, child = a_plan(TOWARDS_18), a_child("child", born)
    again = day + timedelta(days=later)
    opened = happens(made, child, today=day)
    if not opened:
        return
    runs = (a_run(1), a_run(2, "child", track_="V.later"))
    repeated = happens(made, child, today=again, last=day, runs=runs, began={2: day})
    assert not any(isinstance(it, OpenTrack) for it in repeated)
