"""Deadlines of opened steps: the shipped paths with the dates of the example cases, and rules that always hold."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import FactRef, TermRef
from padwijzer.forms.core.nodes import Node
from padwijzer.workflows.core.calendars import load_calendars
from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row, Run, TermTimes, Visit, VisitState
from padwijzer.workflows.core.deadlines import (
    AMSTERDAM,
    EMPTY_LEDGER,
    DeadlineState,
    ReminderKind,
    Suspension,
    correct,
    count_back,
    end_of_day,
    local_day,
    read_explanation,
    recompute,
    shift,
    start,
    start_of_day,
    write_explanation,
)
from padwijzer.workflows.core.definition import (
    Activity,
    Anchor,
    Answered,
    AtAge,
    Before,
    Completed,
    Deadline,
    Instead,
    OnDate,
    OnEvent,
    Opened,
    PreviousRound,
    RecordEvent,
)
from padwijzer.workflows.core.reading import read_definition
from padwijzer.workflows.core.scheduling import (
    Held,
    Rescheduled,
    Scheduled,
    due_again,
    duty_due,
    reminder,
    reschedule,
    schedule,
)
from padwijzer.workflows.core.terms import Unit, load_terms
from tests.support.definitions import is_, step

FIXTURES = Path(__file__).parents[2] / "fixtures"
CALENDARS = load_calendars((FIXTURES / "calendars.json").read_bytes())
TERMS = load_terms((FIXTURES / "terms.json").read_bytes())
PATHS = {path.stem: read_definition(path.read_bytes()) for path in sorted((FIXTURES / "paths").glob("*.json"))}
TIMES = TermTimes(TERMS, CALENDARS)
DAYS = st.dates(date(2015, 1, 1), date(2040, 1, 1))
IN_DAYS = [key for key, term in TERMS.items() if term.duration.unit is not Unit.HOURS]
WITH_HOURS = [key for key, term in TERMS.items() if term.duration.unit is Unit.HOURS]
JAY, NOOR = "jay", "noor"


def d(written: str) -> date:
    """A date as the example cases write it: 7-9-2026."""
    day, month, year = map(int, written.split("-"))
    return date(year, month, day)


def row(register: str, id_: str = "row", **values: Any) -> Row:
    return Row(id_, register, values, d("1-1-2026"))


def child(id_: str, born: str) -> Row:
    return row("person", id_, kind="child", name="Kind", birth_date=d(born), birth="known")


def visit(activity: str, opened: str, done: str = "", definition: str = "V", **more: Any) -> Visit:
    state = VisitState.DONE if done else VisitState.OPEN
    filled: dict[str, Any] = {"run": 1, "round": 1, "state": state, "completed_on": d(done) if done else None}
    return Visit(definition=definition, activity=activity, opened_on=d(opened), **{**filled, **more})


def case(
    today: str = "1-1-2030",
    *rows: Row,
    visits: tuple[Visit, ...] = (),
    run: Run | None = None,
    settings: dict[str, Any] | None = None,
) -> CaseFile:
    registers: dict[str, tuple[Row, ...]] = {}
    for it in rows:
        registers[it.register] = (*registers.get(it.register, ()), it)
    runs = (run or Run(1, "V", d("1-1-2020")),)
    return CaseFile(d(today), TIMES, registers, visits, runs, settings=settings or {})


def scheduled(
    activity: Activity,
    case_file: CaseFile,
    opened: str | datetime,
    *,
    definition: str = "V",
    round_: int = 1,
    **answers: Any,
) -> tuple[Scheduled, ...]:
    return schedule(
        activity,
        CaseLookup(case_file, 1, activity.key, answers),
        definition=definition,
        round=round_,
        opened_on=d(opened) if isinstance(opened, str) else opened,
        terms=TERMS,
        calendars=CALENDARS,
    )


def of_path(definition: str, key: str, case_file: CaseFile, opened: str, round_: int = 1) -> Scheduled:
    """The one deadline of a step of a shipped path."""
    activity = PATHS[definition].activity(key)
    (found,) = scheduled(activity, case_file, opened, definition=definition, round_=round_)
    return found


def day_of(found: Scheduled) -> date:
    assert found.due is not None
    return found.due.day


def with_deadline(term: TermRef | str, anchor: Anchor, **more: Any) -> Activity:
    ref = TermRef(key=term) if isinstance(term, str) else term
    return step("this", deadlines=(Deadline(ref, anchor, **more),))


def application(on: str) -> Row:
    return row("application", "application", on=d(on))


# T-02 Jay


def test_t02_first_contact_is_due_three_working_days_after_the_case_was_opened() -> None:
    opened = case("7-9-2026", run=Run(1, "V", d("7-9-2026")))
    assert day_of(of_path("V", "question_or_signal", opened, "7-9-2026")) == d("10-9-2026")


def test_t02_the_first_talk_and_the_decision_run_from_the_day_of_the_application() -> None:
    applied = case("20-9-2026", application("7-9-2026"))
    assert day_of(of_path("V", "first_talk", applied, "9-9-2026")) == d("21-9-2026")
    assert day_of(of_path("V", "municipal_decision", applied, "19-10-2026")) == d("2-11-2026")


def test_t02_the_intake_is_due_two_weeks_after_the_match_of_this_help_and_not_of_another() -> None:
    clinic = row("help_item", "clinic", child=JAY, status="matched", matched_on=d("26-10-2026"))
    other = row("help_item", "other", child=JAY, status="matched", matched_on=d("2-11-2026"))
    about = case(
        "3-11-2026", clinic, other, child(JAY, "20-5-2014"), run=Run(1, "D-WACHT", d("26-10-2026"), "clinic")
    )
    assert day_of(of_path("D-WACHT", "plan_intake", about, "27-10-2026")) == d("9-11-2026")


def test_t02_every_check_while_waiting_runs_from_the_check_before() -> None:
    first = case("1-11-2026", run=Run(1, "D-WACHT", d("26-10-2026")))
    assert day_of(of_path("D-WACHT", "waiting_check", first, "26-10-2026")) == d("23-11-2026")
    done = visit("waiting_check", "26-10-2026", "20-11-2026", "D-WACHT")
    second = of_path("D-WACHT", "waiting_check", case(visits=(done,)), "20-11-2026", 2)
    assert day_of(second) == d("18-12-2026")
    assert second.appears_on == d("11-12-2026")


# T-04 Noor


def test_t04_a_decision_that_ends_on_kings_day_is_due_a_day_later() -> None:
    found = of_path("V", "municipal_decision", case("20-4-2026", application("2-3-2026")), "13-4-2026")
    assert (found.start, day_of(found)) == (d("2-3-2026"), d("28-4-2026"))
    assert found.due is not None
    assert [free.name for free in found.due.explanation.moved_over] == ["Koningsdag"]
    assert found.state is DeadlineState.RUNNING


def test_t04_the_last_application_counts() -> None:
    twice = case("20-8-2026", application("2-3-2026"), application("3-8-2026"))
    assert day_of(of_path("V", "municipal_decision", twice, "20-8-2026")) == d("28-9-2026")


def test_t04_as_long_as_there_is_no_application_no_term_runs() -> None:
    found = of_path("V", "municipal_decision", case("20-4-2026"), "13-4-2026")
    assert found == Scheduled(0, "decision_8w")
    assert found.state is DeadlineState.WAITING


def test_t04_talking_goes_on_for_four_weeks_from_the_day_it_was_chosen() -> None:
    asked = visit("no_full_consent", "20-4-2026", "22-4-2026", "D-TOEST", answers={"t4_uitkomst": "nog_praten"})
    run = Run(1, "D-TOEST", d("20-4-2026"))
    again = of_path("D-TOEST", "answers", case("23-4-2026", visits=(asked,), run=run), "22-4-2026", 2)
    assert day_of(again) == d("20-5-2026")
    other = replace(asked, answers={"t4_uitkomst": "rechter_ouders"})
    waiting = of_path("D-TOEST", "answers", case("23-4-2026", visits=(other,), run=run), "22-4-2026", 2)
    assert waiting.state is DeadlineState.WAITING


# the other example cases


def test_t01_the_terms_of_a_measure_run_from_the_day_of_the_ruling() -> None:
    ruling = visit("ruling", "1-10-2019", "14-10-2019", "OTS", answers={"uitspraak_datum": d("14-10-2019")})
    ots = case("15-10-2019", visits=(ruling,), run=Run(1, "OTS", d("1-10-2019")))
    expected = {
        "warm_start": "21-10-2019",
        "explain_under_measure": "28-10-2019",
        "help_starts": "11-11-2019",
        "plan_of_action": "25-11-2019",
    }
    for key, day in expected.items():
        assert day_of(of_path("OTS", key, ots, "15-10-2019")) == d(day), key


def test_t01_renewing_appears_three_months_before_the_end_and_is_due_on_the_end() -> None:
    measure = row("measure", "ots", child=JAY, kind="ots", **{"from": d("14-10-2019"), "until": d("14-10-2020")})
    about = case("14-10-2019", measure, child(JAY, "3-3-2009"), run=Run(1, "OTS", d("14-10-2019"), "ots"))
    found = of_path("OTS", "renew_or_end", about, "14-7-2020")
    assert (found.start, found.appears_on, day_of(found)) == (d("14-7-2020"), d("14-7-2020"), d("14-10-2020"))
    assert [it.kind for it in found.reminders] == [
        ReminderKind.APPEARS,
        ReminderKind.HALFWAY,
        ReminderKind.TWO_WEEKS,
        ReminderKind.END,
    ]


def placed(id_: str, started: str, ended: str = "", to: str = "home") -> Row:
    more = {"ended_on": d(ended), "ended_to": to} if ended else {}
    status = "ended" if ended else "running"
    return row("placement", id_, child=JAY, status=status, started_on=d(started), **more)


def test_t10_the_terms_of_a_placement_run_from_its_start() -> None:
    about = case("4-5-2026", placed("p", "4-5-2026"), child(JAY, "20-5-2014"), run=Run(1, "P", d("1-4-2026"), JAY))
    expected = {
        "contact_arrangement": "6-5-2026",
        "first_week": "11-5-2026",
        "family_help": "18-5-2026",
        "evaluate_placement": "15-6-2026",
    }
    for key, day in expected.items():
        assert day_of(of_path("P", key, about, "4-5-2026")) == d(day), key


def test_t10_looking_back_on_a_place_runs_from_the_end_of_that_place() -> None:
    moved = [placed("one", "4-5-2026", "13-7-2026"), placed("two", "13-7-2026", "1-9-2026", "other_place")]
    about = case("2-9-2026", *moved, child(JAY, "20-5-2014"), run=Run(1, "P", d("1-4-2026"), "one"))
    assert day_of(of_path("P", "evaluation_after_placement", about, "13-7-2026")) == d("24-8-2026")
    of_the_child = replace(about, runs=(Run(1, "P", d("1-4-2026"), JAY),))
    assert day_of(of_path("P", "evaluation_after_placement", of_the_child, "1-9-2026")) == d("13-10-2026")


@pytest.mark.parametrize(
    ("round_", "due", "appears"),
    [
        (1, "27-7-2026", "23-7-2026"),
        (2, "10-8-2026", "6-8-2026"),
        (3, "7-9-2026", "31-8-2026"),
        (4, "11-1-2027", "10-12-2026"),
    ],
)
def test_t10_each_check_after_coming_home_has_its_own_term_from_the_same_day(
    round_: int, due: str, appears: str
) -> None:
    late = tuple(visit("follow_up_home", "13-7-2026", "20-1-2027", "P", round=number) for number in range(1, round_))
    home = case("21-1-2027", placed("p", "4-5-2026", "13-7-2026"), visits=late, run=Run(1, "P", d("1-4-2026"), JAY))
    home = home.with_rows("person", [child(JAY, "20-5-2014")])
    found = of_path("P", "follow_up_home", home, "13-7-2026", round_)
    assert (day_of(found), found.appears_on) == (d(due), d(appears))


def test_a_list_of_checks_that_is_done_has_no_further_deadline() -> None:
    home = case(
        "1-2-2027", placed("p", "4-5-2026", "13-7-2026"), child(JAY, "20-5-2014"), run=Run(1, "P", d("1-4-2026"), JAY)
    )
    assert scheduled(PATHS["P"].activity("follow_up_home"), home, "12-1-2027", definition="P", round_=5) == ()


def test_the_list_of_checks_begins_again_when_a_child_comes_home_again() -> None:
    earlier = tuple(visit("follow_up_home", "13-7-2026", "20-7-2026", "P", round=number) for number in (1, 2))
    twice = [placed("one", "4-5-2026", "13-7-2026"), placed("two", "1-8-2026", "1-10-2026")]
    home = case("2-10-2026", *twice, child(JAY, "20-5-2014"), visits=earlier, run=Run(1, "P", d("1-4-2026"), JAY))
    assert day_of(of_path("P", "follow_up_home", home, "1-10-2026", 3)) == d("15-10-2026")


def test_t12_the_talk_after_a_withdrawal_is_due_in_five_working_days() -> None:
    withdrawn = visit("withdraw_consent", "13-4-2026", "13-4-2026", "D-INTREK")
    about = case("13-4-2026", visits=(withdrawn,), run=Run(1, "D-INTREK", d("13-4-2026")))
    assert day_of(of_path("D-INTREK", "talk_after_withdrawal", about, "13-4-2026")) == d("20-4-2026")


def test_t12_keeping_in_touch_is_due_three_six_and_twelve_months_after_closing() -> None:
    closed = visit("close_together", "1-7-2026", "6-7-2026", "D-NAZORG")
    about = case(visits=(closed,), run=Run(1, "D-NAZORG", d("1-7-2026")))
    days = [day_of(of_path("D-NAZORG", "keep_in_touch", about, "6-7-2026", round_)) for round_ in (1, 2, 3)]
    assert days == [d("6-10-2026"), d("6-1-2027"), d("6-7-2027")]


def test_t03_the_plans_for_later_run_from_sixteen_and_a_half() -> None:
    about = case("10-8-2025", child("yassin", "10-2-2009"), run=Run(1, "D-18", d("10-8-2025"), "yassin"))
    assert day_of(of_path("D-18", "my_future", about, "10-8-2025")) == d("10-2-2026")
    assert day_of(of_path("D-18", "help_after_18", about, "10-8-2025")) == d("10-8-2026")
    checks = [day_of(of_path("D-18", "checks_around_18", about, "10-8-2025", round_)) for round_ in (1, 2, 3)]
    assert checks == [d("10-8-2026"), d("10-2-2027"), d("10-8-2027")]


# what comes back


def test_help_that_runs_is_asked_after_from_the_first_help_and_then_from_the_last_time() -> None:
    helps = [
        row("help_item", name, for_kind="family", status="running", started_on=d(day))
        for name, day in (("late", "1-3-2026"), ("early", "2-2-2026"))
    ]
    assert day_of(of_path("V", "help_runs", case("2-3-2026", *helps), "2-3-2026")) == d("16-3-2026")
    saved = visit("help_runs", "2-3-2026", "9-3-2026")
    again = of_path("V", "help_runs", case("9-3-2026", *helps, visits=(saved,)), "9-3-2026", 2)
    assert day_of(again) == d("20-4-2026")


def test_a_round_that_was_skipped_was_dealt_with() -> None:
    skipped = visit("help_runs", "2-3-2026", "9-3-2026", state=VisitState.SKIPPED)
    found = of_path("V", "help_runs", case("9-3-2026", visits=(skipped,)), "9-3-2026", 2)
    assert day_of(found) == d("20-4-2026")


def test_a_round_that_was_broken_off_was_not() -> None:
    broken = visit("waiting_check", "26-10-2026", "20-11-2026", "D-WACHT", state=VisitState.CANCELLED)
    found = of_path("D-WACHT", "waiting_check", case(visits=(broken,)), "1-12-2026", 2)
    assert day_of(found) == d("29-12-2026")


@pytest.mark.parametrize(
    ("done", "due"),
    [
        ((), "15-6-2026"),
        (("20-5-2026",), "15-6-2026"),
        (("10-6-2026",), "10-9-2026"),
        (("20-5-2026", "12-6-2026"), "12-9-2026"),
        (("12-6-2026", "13-6-2026"), "12-9-2026"),
        (("12-6-2026", "10-9-2026"), "10-12-2026"),
    ],
)
def test_evaluating_a_placement_too_early_is_an_extra(done: tuple[str, ...], due: str) -> None:
    visits = tuple(
        visit("evaluate_placement", "4-5-2026", day, "P", round=number) for number, day in enumerate(done, start=1)
    )
    about = case(
        "1-1-2027",
        placed("p", "4-5-2026"),
        child(JAY, "20-5-2014"),
        visits=visits,
        run=Run(1, "P", d("1-4-2026"), JAY),
    )
    assert day_of(of_path("P", "evaluate_placement", about, "4-5-2026", len(done) + 1)) == d(due)


def test_what_comes_back_waits_as_a_whole_when_its_start_is_not_known() -> None:
    found = of_path("P", "evaluate_placement", case(run=Run(1, "P", d("1-4-2026"))), "4-5-2026")
    assert found.state is DeadlineState.WAITING
    found = of_path("P", "follow_up_home", case(run=Run(1, "P", d("1-4-2026"))), "4-5-2026")
    assert found.state is DeadlineState.WAITING


# from when


def test_a_plan_made_together_runs_from_the_day_that_was_chosen_in_the_open_step() -> None:
    chosen = visit(
        "family_plan", "1-6-2026", answers={"fgp_keuze": "samen"}, answered_on={"fgp_keuze": d("8-6-2026")}
    )
    assert day_of(of_path("V", "family_plan", case("8-6-2026", visits=(chosen,)), "1-6-2026")) == d("20-7-2026")
    unsaid = replace(chosen, answers={}, answered_on={})
    assert of_path("V", "family_plan", case("8-6-2026", visits=(unsaid,)), "1-6-2026").due is None
    otherwise = replace(chosen, answers={"fgp_keuze": "zelf"})
    assert of_path("V", "family_plan", case("8-6-2026", visits=(otherwise,)), "1-6-2026").due is None


def test_what_was_chosen_in_an_earlier_round_starts_nothing() -> None:
    earlier = visit("family_plan", "1-6-2025", "8-6-2025", answers={"fgp_keuze": "samen"})
    now = visit("family_plan", "1-6-2026", round=2)
    assert of_path("V", "family_plan", case("8-6-2026", visits=(earlier, now)), "1-6-2026", 2).due is None


def test_a_step_of_another_definition_is_named_with_its_definition() -> None:
    talk = Visit(2, "V", "first_talk", 1, d("1-9-2026"), VisitState.DONE, d("14-9-2026"))
    runs = (Run(1, "D-VAP", d("14-9-2026")), Run(2, "V", d("1-9-2026")))
    about = replace(case("14-9-2026", visits=(talk,)), runs=runs)
    assert day_of(of_path("D-VAP", "choose_person", about, "14-9-2026")) == d("17-9-2026")


def test_under_a_condition_another_term_runs_from_another_start() -> None:
    duty = row("duty", "list", kind="municipal_decision", state="open")
    start_day = visit("register_placement", "1-6-2026", "3-6-2026", "D-SPOED", run=2)
    about = case("4-6-2026", application("1-3-2026"), duty, visits=(start_day,), run=Run(1, "P", d("4-6-2026")))
    about = replace(about, runs=(*about.runs, Run(2, "D-SPOED", d("1-6-2026"))))
    found = of_path("P", "municipal_decision", about, "4-6-2026")
    assert (found.term, day_of(found)) == ("decision_afterwards_2w", d("17-6-2026"))
    done = about.with_rows("duty", [row("duty", "list", kind="municipal_decision", state="done")])
    assert of_path("P", "municipal_decision", done, "4-6-2026").term == "decision_8w"


def test_the_first_variant_that_holds_counts() -> None:
    variants = (
        Instead(is_("soort", "x"), TermRef(key="intake_2w"), Opened("this")),
        Instead(is_("soort", "y"), TermRef(key="tent_3w"), Opened("this")),
        Instead(is_("soort", "y"), TermRef(key="plan_6w"), Opened("this")),
    )
    activity = with_deadline("decision_8w", Opened("this"), instead=variants)
    found = {kind: scheduled(activity, case(), "1-6-2026", soort=kind)[0].term for kind in ("x", "y", "z")}
    assert found == {"x": "intake_2w", "y": "tent_3w", "z": "decision_8w"}


def test_a_variant_can_run_from_the_round_before() -> None:
    variant = Instead(is_("soort", "x"), TermRef(key="intake_2w"), PreviousRound(Opened("this")))
    activity = with_deadline("decision_8w", Opened("this"), instead=(variant,))
    done = visit("this", "1-5-2026", "20-5-2026")
    assert day_of(scheduled(activity, case(), "1-6-2026", soort="x")[0]) == d("15-6-2026")
    again = scheduled(activity, case(visits=(done,)), "1-6-2026", round_=2, soort="x")[0]
    assert day_of(again) == d("3-6-2026")


def test_a_choice_names_the_term() -> None:
    by_choice = TermRef(field="ritme", by_choice=(("w1", "contact_rhythm_1w"), ("w4", "contact_rhythm_4w")))
    activity = with_deadline(by_choice, Opened("this"))
    assert day_of(scheduled(activity, case(), "1-6-2026", ritme="w4")[0]) == d("29-6-2026")
    assert scheduled(activity, case(), "1-6-2026") == (Scheduled(0, ""),)
    assert scheduled(activity, case(), "1-6-2026", ritme="anders") == (Scheduled(0, ""),)


@pytest.mark.parametrize(
    ("setting", "due"), [("intake_2w", "15-6-2026"), ("10d", "11-6-2026"), ("", None), ("soon", None), (None, None)]
)
def test_a_setting_of_the_municipality_names_the_term_or_is_one(setting: str | None, due: str | None) -> None:
    activity = with_deadline(TermRef(setting="norm"), Opened("this"))
    (found,) = scheduled(activity, case(settings={} if setting is None else {"norm": setting}), "1-6-2026")
    assert (found.due.day if found.due else None) == (d(due) if due else None)


def test_hours_run_from_the_moment_and_from_the_first_one_of_a_day_without_a_time() -> None:
    activity = with_deadline("legal_ground_24h", Opened("this"))
    at = datetime(2026, 3, 28, 14, 0, tzinfo=AMSTERDAM)
    (found,) = scheduled(activity, case(), at)
    assert found.due is not None
    assert found.due.at == at.astimezone(UTC) + timedelta(hours=24)
    (found,) = scheduled(activity, case(), "28-3-2026")
    assert found.due is not None
    assert found.due.at == start_of_day(d("28-3-2026")) + timedelta(hours=24)


def test_somebody_born_on_29_february_has_birthdays_on_1_march_in_other_years() -> None:
    activity = step("this", deadlines=PATHS["D-18"].activity("checks_around_18").deadlines)
    about = case("1-1-2026", child(JAY, "29-2-2008"), run=Run(1, "D-18", d("1-9-2024"), JAY))
    (eighteen,) = scheduled(activity, about, "1-9-2024", round_=2)
    assert day_of(eighteen) == d("1-3-2026")
    assert eighteen.due is not None
    assert local_day(recompute(eighteen.due.explanation)) == d("1-3-2026")
    leap = case("1-1-2026", child(JAY, "29-2-2008"), run=Run(1, "D-18", d("1-9-2024"), JAY))
    (half,) = scheduled(activity, leap, "1-9-2024", round_=1)
    assert day_of(half) == d("29-8-2025")


def test_the_age_of_an_unknown_child_starts_nothing() -> None:
    assert of_path("D-18", "my_future", case(run=Run(1, "D-18", d("1-1-2026"), JAY)), "1-1-2026").due is None
    unborn = row("person", JAY, kind="child", birth="expected")
    assert (
        of_path("D-18", "my_future", case("1-1-2026", unborn, run=Run(1, "D-18", d("1-1-2026"), JAY)), "1-1-2026").due
        is None
    )


@pytest.mark.parametrize(
    ("event", "register", "values"),
    [
        (RecordEvent.HELP_MATCHED, "help_item", {"matched_on": "1-6-2026"}),
        (RecordEvent.HELP_STARTED, "help_item", {"started_on": "1-6-2026", "status": "running"}),
        (RecordEvent.HELP_STOPPED, "help_item", {"ended_on": "1-6-2026"}),
        (RecordEvent.MEASURE_STARTED, "measure", {"ruling_on": "1-6-2026", "from": "3-6-2026"}),
        (RecordEvent.MEASURE_STARTED, "measure", {"from": "1-6-2026"}),
        (RecordEvent.MEASURE_ENDED, "measure", {"ended_on": "1-6-2026", "until": "3-6-2026"}),
        (RecordEvent.MEASURE_ENDED, "measure", {"until": "1-6-2026"}),
        (RecordEvent.ORDER_ENDED, "order", {"until": "1-6-2026"}),
        (RecordEvent.PLACEMENT_STARTED, "placement", {"started_on": "1-6-2026"}),
        (RecordEvent.PLACEMENT_ENDED, "placement", {"ended_on": "1-6-2026"}),
        (RecordEvent.CAME_HOME, "placement", {"ended_on": "1-6-2026", "ended_to": "home"}),
        (RecordEvent.DEVIATION_MADE, "deviation", {"on": "1-6-2026"}),
    ],
)
def test_an_event_is_that_of_the_row_of_the_run_or_of_any_row_when_the_run_is_about_the_family(
    event: RecordEvent, register: str, values: dict[str, str]
) -> None:
    filled = {key: d(value) if value[0].isdigit() else value for key, value in values.items()}
    activity = with_deadline("first_week_7d", OnEvent(event))
    about = case("10-6-2026", row(register, "mine", **filled), run=Run(1, "V", d("1-1-2026"), "mine"))
    assert day_of(scheduled(activity, about, "9-6-2026")[0]) == d("8-6-2026")
    family = replace(about, runs=(Run(1, "V", d("1-1-2026")),))
    assert day_of(scheduled(activity, family, "9-6-2026")[0]) in {d("8-6-2026"), d("10-6-2026")}
    not_yet = replace(about, today=d("31-5-2026"))
    assert scheduled(activity, not_yet, "31-5-2026")[0].due is None


def test_an_event_of_another_row_is_not_that_of_this_one() -> None:
    mine, other = row("placement", "mine"), row("placement", "other", ended_on=d("1-6-2026"), ended_to="home")
    for event in (RecordEvent.PLACEMENT_ENDED, RecordEvent.CAME_HOME):
        about = case("10-6-2026", mine, other, run=Run(1, "P", d("1-1-2026"), "mine"))
        assert scheduled(with_deadline("first_week_7d", OnEvent(event)), about, "9-6-2026")[0].due is None
    elsewhere = row("placement", "mine", ended_on=d("1-6-2026"), ended_to="missing")
    about = case("10-6-2026", elsewhere, run=Run(1, "P", d("1-1-2026"), "mine"))
    assert scheduled(with_deadline("first_week_7d", OnEvent(RecordEvent.CAME_HOME)), about, "9-6-2026")[0].due is None


def test_consent_counts_for_what_the_run_is_about() -> None:
    help_item = row("help_item", "help", for_kind="child", child=NOOR)
    parent = row("person", "father", kind="parent")
    authority = row("authority", "gezag", child=NOOR, person="father", kind="ouderlijk", **{"from": d("1-1-2018")})
    yes = row("consent", "yes", subject="help", person="father", kind="answer", answer="akkoord", on=d("1-6-2026"))
    no = row("consent", "no", subject="help", person="father", kind="withdrawal", on=d("8-6-2026"))
    elsewhere = row("consent", "else", subject="other", person="father", kind="withdrawal", on=d("9-6-2026"))
    people = (child(NOOR, "2-4-2017"), parent, authority, help_item)
    run = Run(1, "V", d("1-1-2026"), "help")
    complete = with_deadline("first_week_7d", OnEvent(RecordEvent.CONSENT_COMPLETE))
    withdrawn = with_deadline("first_week_7d", OnEvent(RecordEvent.CONSENT_WITHDRAWN))
    given_ = case("10-6-2026", *people, yes, elsewhere, run=run)
    assert day_of(scheduled(complete, given_, "9-6-2026")[0]) == d("8-6-2026")
    assert scheduled(withdrawn, given_, "9-6-2026")[0].due is None
    taken_back = case("10-6-2026", *people, yes, no, run=run)
    assert scheduled(complete, taken_back, "9-6-2026")[0].due is None
    assert day_of(scheduled(withdrawn, taken_back, "9-6-2026")[0]) == d("15-6-2026")


def test_a_track_runs_from_its_first_opening() -> None:
    activity = with_deadline("school_2w", OnEvent(RecordEvent.TRACK_OPENED))
    first = visit("begin", "1-6-2026", "2-6-2026", "D-SCHOOL")
    assert day_of(scheduled(activity, case(visits=(first,)), "9-6-2026")[0]) == d("15-6-2026")
    assert day_of(scheduled(activity, case(), "9-6-2026")[0]) == d("23-6-2026")


def test_every_deadline_of_every_shipped_path_can_be_scheduled_before_anything_is_known() -> None:
    count = 0
    for definition in PATHS.values():
        for activity in definition.activities:
            run = Run(1, definition.key, d("1-6-2026"))
            for index, found in enumerate(
                scheduled(activity, case("1-6-2026", run=run), "1-6-2026", definition=definition.key)
            ):
                assert found.index == index
                count += 1
    assert count > 30


# duties


def test_a_duty_runs_from_the_moment_it_was_opened() -> None:
    at = datetime(2026, 6, 5, 20, 30, tzinfo=UTC)
    assert duty_due(TERMS["legal_ground_24h"], at, CALENDARS).at == at + timedelta(hours=24)
    assert duty_due(TERMS["ladder_reasons_5wd"], at, CALENDARS).day == d("12-6-2026")
    late = datetime(2026, 6, 5, 22, 30, tzinfo=UTC)
    assert duty_due(TERMS["full_plan_7d"], late, CALENDARS).day == d("13-6-2026")


# when it asks for attention


def test_it_asks_at_three_quarters_at_the_end_and_after_each_further_half() -> None:
    (found,) = scheduled(with_deadline("decision_8w", Opened("this")), case(), "1-6-2026")
    assert found.due is not None
    given_ = [reminder(found.due, number, CALENDARS) for number in range(5)]
    assert tuple(given_[:2]) == found.reminders
    days = [(it.kind, local_day(it.at)) for it in given_ if it is not None]
    assert days == [
        (ReminderKind.EARLY, d("14-7-2026")),
        (ReminderKind.END, d("27-7-2026")),
        (ReminderKind.OVERDUE, d("24-8-2026")),
        (ReminderKind.OVERDUE, d("21-9-2026")),
        (ReminderKind.OVERDUE, d("19-10-2026")),
    ]


def test_what_lasts_two_days_asks_at_its_end_only() -> None:
    (found,) = scheduled(with_deadline("parent_child_contact_2d", Opened("this")), case(), "1-6-2026")
    assert found.due is not None
    assert [it.kind for it in found.reminders] == [ReminderKind.END]
    assert reminder(found.due, 1, CALENDARS) is None


def test_a_definition_says_itself_when_to_warn() -> None:
    (found,) = scheduled(with_deadline("decision_8w", Opened("this"), warn=(25, 50)), case(), "1-6-2026")
    assert [local_day(it.at) for it in found.reminders] == [d("16-6-2026"), d("30-6-2026"), d("27-7-2026")]


def test_what_stands_still_asks_for_nothing_until_it_runs_again() -> None:
    due = start(TERMS["decision_8w"], d("1-6-2026"), CALENDARS)
    still = Suspension(d("10-6-2026"), None, "applicant_agrees", "actor/1")
    standing = start(
        TERMS["decision_8w"],
        d("1-6-2026"),
        CALENDARS,
        replace(due.ledger, suspensions=(still,)),
        today=d("20-6-2026"),
    )
    assert reminder(standing, 0, CALENDARS) is None
    assert Scheduled(0, "decision_8w", d("1-6-2026"), standing).state is DeadlineState.SUSPENDED


@given(key=st.sampled_from(sorted(TERMS)), day=DAYS, number=st.integers(0, 12))
@example(key="siblings_apart_2wd", day=d("1-1-2015"), number=1)  # two working days that take four days
def test_reminders_come_one_after_the_other_and_never_end_before_the_last(key: str, day: date, number: int) -> None:
    due = start(TERMS[key], start_of_day(day), CALENDARS)
    one, next_ = reminder(due, number, CALENDARS), reminder(due, number + 1, CALENDARS)
    if one is None:
        assert next_ is None
    elif next_ is not None:
        assert one.at < next_.at
        assert (one.at <= due.at) or one.kind is ReminderKind.OVERDUE
    duration = TERMS[key].duration
    days = duration.amount if duration.unit is Unit.WORKING_DAYS else (due.explanation.counted[-1].end - day).days
    if duration.unit is not Unit.HOURS and days > 2:
        assert one is not None


@given(key=st.sampled_from(sorted(TERMS)), day=DAYS)
def test_a_due_date_can_be_made_again_from_what_was_kept(key: str, day: date) -> None:
    due = start(TERMS[key], start_of_day(day), CALENDARS)
    kept = read_explanation(Node(json.loads(json.dumps(write_explanation(due.explanation)))))
    assert due_again(kept) == replace(due, explanation=kept)


@given(key=st.sampled_from(IN_DAYS), day=DAYS)
def test_a_term_before_a_date_can_be_made_again_too(key: str, day: date) -> None:
    due = count_back(TERMS[key], day, CALENDARS)
    assert due_again(due.explanation) == due


# when a start changes


def held(found: Scheduled, **more: Any) -> Held:
    ledger = found.due.ledger if found.due else EMPTY_LEDGER
    return replace(Held(found.index, found.term, found.start, found.state, ledger), **more)


def changed(case_file: CaseFile, known: Held, on: str = "1-7-2026") -> tuple[Rescheduled, ...]:
    activity = PATHS["V"].activity("municipal_decision")
    return reschedule(
        activity,
        CaseLookup(case_file, 1, activity.key),
        [known],
        definition="V",
        round=1,
        opened_on=d("1-6-2026"),
        terms=TERMS,
        calendars=CALENDARS,
        on=d(on),
        by="actor/1",
    )


RUNNING = of_path("V", "municipal_decision", case("2-6-2026", application("1-6-2026")), "1-6-2026")


def test_an_open_deadline_is_computed_anew_and_its_ledger_says_so() -> None:
    (found,) = changed(case("1-7-2026", application("8-6-2026")), held(RUNNING))
    assert found.ledger == correct(EMPTY_LEDGER, old=d("1-6-2026"), new=d("8-6-2026"), on=d("1-7-2026"), by="actor/1")
    assert found.scheduled is not None
    assert found.scheduled.due is not None
    assert (day_of(found.scheduled), found.scheduled.due.ledger) == (d("3-8-2026"), found.ledger)


@pytest.mark.parametrize("state", [DeadlineState.MET, DeadlineState.LATE, DeadlineState.CANCELLED])
def test_what_is_over_keeps_its_state_with_a_note(state: DeadlineState) -> None:
    (found,) = changed(case("1-7-2026", application("8-6-2026")), held(RUNNING, state=state))
    assert found.scheduled is None
    assert [entry.new for entry in found.ledger.corrections] == [d("8-6-2026")]
    assert changed(case("1-7-2026"), held(RUNNING, state=state)) == ()


def test_nothing_changes_while_the_start_is_what_it_was() -> None:
    assert changed(case("1-7-2026", application("1-6-2026")), held(RUNNING)) == ()


def test_a_start_that_became_known_starts_the_clock_without_a_correction() -> None:
    (found,) = changed(case("1-7-2026", application("1-6-2026")), Held(0, "decision_8w", None, DeadlineState.WAITING))
    assert found == Rescheduled(0, RUNNING, EMPTY_LEDGER)


def test_a_start_that_is_no_longer_known_stops_it() -> None:
    (found,) = changed(case("1-7-2026"), held(RUNNING))
    assert found == Rescheduled(0, Scheduled(0, "decision_8w"), EMPTY_LEDGER)


def test_a_suspension_stays_with_its_term() -> None:
    still = Suspension(d("10-6-2026"), d("20-6-2026"), "applicant_agrees", "actor/1")
    known = held(RUNNING, ledger=replace(EMPTY_LEDGER, suspensions=(still,)))
    (found,) = changed(case("1-7-2026", application("8-6-2026")), known)
    assert found.ledger.suspensions == (still,)
    assert found.scheduled is not None
    assert day_of(found.scheduled) == d("13-8-2026")
    (other,) = changed(case("1-7-2026", application("8-6-2026")), replace(known, term="tent_3w"))
    assert other.ledger.suspensions == ()


def test_a_deadline_that_the_step_no_longer_has_is_left_alone() -> None:
    assert changed(case("1-7-2026", application("8-6-2026")), held(RUNNING, index=7)) == ()


# what always holds


ANCHORS = st.sampled_from(
    [
        Opened("this"),
        Completed("other"),
        OnDate(FactRef("applied_on")),
        Before(FactRef("applied_on")),
        Answered("other.vraag"),
        OnEvent(RecordEvent.PLACEMENT_STARTED),
        OnEvent(RecordEvent.TRACK_OPENED),
        AtAge(198),
        PreviousRound(Opened("this")),
    ]
)


@given(anchor=ANCHORS, key=st.sampled_from(IN_DAYS), opened=DAYS, known=st.booleans())
def test_a_deadline_either_waits_or_says_exactly_how_its_day_was_found(
    anchor: Anchor, key: str, opened: date, known: bool
) -> None:
    rows = [row("application", on=opened), placed("p", "1-1-2015"), child(JAY, "1-1-2010")] if known else []
    (found,) = schedule(
        with_deadline(key, anchor),
        CaseLookup(case("1-1-2040", *rows), 1, "this"),
        definition="V",
        round=1,
        opened_on=opened,
        terms=TERMS,
        calendars=CALENDARS,
    )
    assert (found.start is None) == (found.due is None) == (found.state is DeadlineState.WAITING)
    if found.due is None:
        assert found.reminders == ()
        return
    again = recompute(found.due.explanation)
    if isinstance(anchor, Before):
        assert (again, found.due.at) == (start_of_day(found.start or opened), end_of_day(opened))
    else:
        assert again == found.due.at
    assert [it.at for it in found.reminders] == sorted({it.at for it in found.reminders})
    assert found.reminders[-1].at == found.due.at
    assert found.reminders[-1].kind is ReminderKind.END


@given(
    key=st.sampled_from(["waiting_check_4w", "evaluation_3m", "provider_status_6w"]),
    days=st.lists(DAYS, min_size=1, max_size=6, unique=True),
)
def test_a_later_round_never_makes_what_comes_back_due_earlier(key: str, days: list[date]) -> None:
    activity = with_deadline(key, PreviousRound(Opened("this")), repeats_each=key)
    dues = []
    for count in range(len(days) + 1):
        done = sorted(days)[:count]
        visits = tuple(
            Visit(1, "V", "this", number, day, VisitState.DONE, day) for number, day in enumerate(done, start=1)
        )
        lookup = CaseLookup(case("1-1-2041", visits=visits), 1, "this")
        (found,) = schedule(
            activity, lookup, definition="V", round=count + 1, opened_on=min(days), terms=TERMS, calendars=CALENDARS
        )
        dues.append(day_of(found))
        if done:
            assert dues[-1] == shift(done[-1], TERMS[key].duration, CALENDARS.working_days)
    assert dues == sorted(dues)


@given(first=DAYS, second=DAYS, on=DAYS)
def test_correcting_a_start_back_gives_the_first_day_again(first: date, second: date, on: date) -> None:
    activity = PATHS["V"].activity("municipal_decision")

    def now(day: date, known: Held) -> Rescheduled | None:
        found = reschedule(
            activity,
            CaseLookup(case("1-1-2041", row("application", on=day)), 1, activity.key),
            [known],
            definition="V",
            round=1,
            opened_on=first,
            terms=TERMS,
            calendars=CALENDARS,
            on=on,
            by="system",
        )
        return found[0] if found else None

    begin = start(TERMS["decision_8w"], first, CALENDARS)
    known = Held(0, "decision_8w", first, DeadlineState.RUNNING)
    there = now(second, known)
    assert (there is None) == (first == second)
    if there is None or there.scheduled is None:
        return
    back = now(first, Held(0, "decision_8w", second, DeadlineState.RUNNING, there.ledger))
    assert back is not None
    assert back.scheduled is not None
    assert day_of(back.scheduled) == begin.day
    assert len(back.ledger.corrections) == 2
