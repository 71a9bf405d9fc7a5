import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from padwijzer.forms.core.errors import Unreadable
from padwijzer.forms.core.nodes import Node
from padwijzer.workflows.core.calendars import load_calendars
from padwijzer.workflows.core.deadlines import (
    AMSTERDAM,
    EMPTY_LEDGER,
    DeadlineState,
    Due,
    Extension,
    Ledger,
    ReminderKind,
    Repeat,
    Round,
    Standing,
    Suspension,
    age_in_months,
    correct,
    count_back,
    day_of_age,
    end_of_day,
    explain,
    explain_age,
    extend,
    local_day,
    next_round,
    read_explanation,
    read_ledger,
    recompute,
    reminders,
    resume,
    shift,
    standing,
    start,
    start_of_day,
    suspend,
    write_explanation,
    write_ledger,
)
from padwijzer.workflows.core.errors import Refused
from padwijzer.workflows.core.terms import Duration, Term, Unit, load_terms

FIXTURES = Path(__file__).parents[2] / "fixtures"
CALENDARS = load_calendars((FIXTURES / "calendars.json").read_bytes())
TERMS = load_terms((FIXTURES / "terms.json").read_bytes())
WORKING_DAYS = CALENDARS.working_days
DECISION = TERMS["decision_8w"]
FAR = datetime(2100, 1, 1, tzinfo=UTC)

DAYS = st.dates(date(2010, 1, 1), date(2060, 1, 1))
MOMENTS = st.datetimes(datetime(2010, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given beside it
FORWARD = st.sampled_from([term for term in TERMS.values() if term.duration.unit is not Unit.HOURS])
MOVING = st.sampled_from([term for term in TERMS.values() if term.moves])


def d(written: str) -> date:
    """A day as the example cases write it: 14-10-2019."""
    day, month, year = (int(part) for part in written.split("-"))
    return date(year, month, day)


def duration(written: str) -> Duration:
    return Duration.parse(written)


def moment(day: str, clock: str) -> datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    return datetime(*d(day).timetuple()[:3], hour, minute, tzinfo=AMSTERDAM)


def due(key: str, start_day: str) -> Due:
    return start(TERMS[key], d(start_day), CALENDARS)


# The dates of the example cases


@pytest.mark.parametrize(
    ("case", "key", "started", "ends"),
    [
        ("T-01.2 O12", "guardian_first_talk_5wd", "14-10-2019", "21-10-2019"),
        ("T-01.2 O13", "explain_2w", "14-10-2019", "28-10-2019"),
        ("T-01.2 O16", "help_after_order_4w", "14-10-2019", "11-11-2019"),
        ("T-01.2 O15", "plan_of_action_6w", "14-10-2019", "25-11-2019"),
        ("T-01.8 P14", "family_help_2w", "12-7-2021", "26-7-2021"),
        ("T-01.8 P16", "placement_evaluation_6w", "12-7-2021", "23-8-2021"),
        ("T-01.9 P17", "perspective_6m", "12-7-2021", "12-1-2022"),
        ("T-01.10 P22", "evaluation_after_placement_6w", "11-7-2022", "22-8-2022"),
        ("T-01.10 P20", "return_check_2w", "11-7-2022", "25-7-2022"),
        ("T-01.10 P20", "return_check_4w", "11-7-2022", "8-8-2022"),
        ("T-01.10 P20", "return_check_8w", "11-7-2022", "5-9-2022"),
        ("T-01.10 P20", "return_check_26w", "11-7-2022", "9-1-2023"),
        ("T-02.1 V1", "first_contact_3wd", "7-9-2026", "10-9-2026"),
        ("T-02.1 V2", "first_talk_2w", "7-9-2026", "21-9-2026"),
        ("T-02.1 V12", "decision_8w", "7-9-2026", "2-11-2026"),
        ("T-02.4 W1", "intake_2w", "26-10-2026", "9-11-2026"),
        ("T-03.4 E1", "future_plan_6m", "10-8-2025", "10-2-2026"),
        ("T-03.4 E2", "help_after_18_12m", "10-8-2025", "10-8-2026"),
        ("T-04 V12", "decision_8w", "2-3-2026", "28-4-2026"),
        ("T-07.b O8", "council_8w", "13-2-2026", "10-4-2026"),
        ("T-10 P13", "parent_child_contact_2d", "4-5-2026", "6-5-2026"),
        ("T-10 P15", "first_week_7d", "4-5-2026", "11-5-2026"),
        ("T-10 P14", "family_help_2w", "4-5-2026", "18-5-2026"),
        ("T-10 P16", "placement_evaluation_6w", "4-5-2026", "15-6-2026"),
        ("T-10 P22", "evaluation_after_placement_6w", "13-7-2026", "24-8-2026"),
        ("T-10 P20", "return_check_2w", "13-7-2026", "27-7-2026"),
        ("T-10 P20", "return_check_4w", "13-7-2026", "10-8-2026"),
        ("T-10 P20", "return_check_8w", "13-7-2026", "7-9-2026"),
        ("T-10 P20", "return_check_26w", "13-7-2026", "11-1-2027"),
        ("T-12.1 T5", "withdrawal_talk_5wd", "13-4-2026", "20-4-2026"),
        ("T-12.5 N2", "follow_up_3m", "6-7-2026", "6-10-2026"),
    ],
)
def test_the_example_cases_end_on_the_days_they_name(case: str, key: str, started: str, ends: str) -> None:
    assert due(key, started).day == d(ends), case


def test_a_supervision_order_of_one_year_may_end_on_the_same_day_and_not_a_day_later() -> None:
    last = shift(d("14-10-2019"), TERMS["ots_max_1y"].duration, WORKING_DAYS)
    assert last == d("14-10-2020")


def test_the_task_to_renew_appears_three_months_before_the_end_and_is_due_on_the_end() -> None:
    found = count_back(TERMS["renewal_3m"], d("14-10-2020"), CALENDARS)
    assert (found.appears_on, found.day) == (d("14-7-2020"), d("14-10-2020"))


def test_147_days_lie_between_the_order_and_the_first_help_of_ruud_and_raymond() -> None:
    silent = shift(d("9-3-2020"), TERMS["contact_42d"].duration, WORKING_DAYS, sign=-1)
    assert (d("9-3-2020") - d("14-10-2019")).days == 147
    assert d("14-10-2019") < silent


@pytest.mark.parametrize(
    ("key", "day"),
    [
        ("age_12y", "10-2-2021"),
        ("age_16y", "10-2-2025"),
        ("age_16y6m", "10-8-2025"),
        ("age_17y9m", "10-11-2026"),
        ("age_18y", "10-2-2027"),
        ("age_18y6m", "10-8-2027"),
    ],
)
def test_yassin_born_10_february_2009_reaches_each_age_on_its_day(key: str, day: str) -> None:
    months = TERMS[key].duration.months
    assert months is not None
    assert day_of_age(d("10-2-2009"), months) == d(day)


# Counting


def test_hours_are_real_time_when_the_clock_goes_forward_and_back() -> None:
    term = TERMS["legal_ground_24h"]
    spring = start(term, moment("28-3-2026", "12:00"), CALENDARS)
    autumn = start(term, moment("24-10-2026", "12:00"), CALENDARS)
    assert spring.at.astimezone(AMSTERDAM).hour == 13
    assert autumn.at.astimezone(AMSTERDAM).hour == 11
    assert spring.day == d("29-3-2026")


def test_days_end_a_second_before_midnight_in_amsterdam_on_both_sides_of_the_clock_change() -> None:
    assert due("first_week_7d", "22-3-2026").at == datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC)
    assert due("first_week_7d", "18-10-2026").at == datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC)


def test_a_term_in_days_starts_on_the_day_it_is_in_amsterdam() -> None:
    late_in_utc = datetime(2026, 9, 6, 22, 30, tzinfo=UTC)  # 00:30 on Monday 7 September in Amsterdam
    assert start(TERMS["first_talk_2w"], late_in_utc, CALENDARS).day == d("21-9-2026")


def test_hours_need_a_moment_and_a_moment_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="needs a moment"):
        start(TERMS["legal_ground_24h"], d("1-6-2026"), CALENDARS)
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime(2026, 6, 1))  # noqa: DTZ001 - that is what is refused


def test_a_day_cannot_be_shifted_by_hours() -> None:
    with pytest.raises(ValueError, match="24h"):
        shift(d("1-6-2026"), duration("24h"), WORKING_DAYS)


@pytest.mark.parametrize(
    ("day", "written", "sign", "end"),
    [
        ("31-8-2026", "6m", 1, "28-2-2027"),
        ("31-8-2027", "6m", 1, "29-2-2028"),
        ("29-2-2028", "1y", 1, "28-2-2029"),
        ("29-2-2028", "4y", 1, "29-2-2032"),
        ("30-11-2026", "3m", 1, "28-2-2027"),
        ("31-5-2026", "3m", -1, "28-2-2026"),
        ("31-3-2026", "1m", -1, "28-2-2026"),
        ("15-1-2026", "2m", -1, "15-11-2025"),
        ("15-12-2025", "1m", 1, "15-1-2026"),
        ("2-4-2026", "1wd", 1, "3-4-2026"),  # Good Friday is a working day here
        ("3-4-2026", "1wd", 1, "7-4-2026"),
        ("7-4-2026", "1wd", -1, "3-4-2026"),
        ("24-12-2026", "3wd", 1, "30-12-2026"),
        ("4-4-2026", "2wd", 1, "8-4-2026"),
    ],
)
def test_month_ends_leap_days_and_working_days(day: str, written: str, sign: int, end: str) -> None:
    assert shift(d(day), duration(written), WORKING_DAYS, sign=sign) == d(end)


@pytest.mark.parametrize(
    ("born", "on", "months"),
    [
        ("29-2-2008", "28-2-2009", 11),
        ("29-2-2008", "1-3-2009", 12),
        ("29-2-2008", "28-2-2026", 215),
        ("29-2-2008", "1-3-2026", 216),
        ("29-2-2008", "29-2-2024", 192),
        ("31-8-2008", "27-2-2025", 197),
        ("31-8-2008", "28-2-2025", 198),
        ("29-8-2008", "28-2-2025", 198),
        ("10-2-2009", "10-2-2009", 0),
        ("10-2-2009", "9-3-2009", 0),
    ],
)
def test_a_birthday_on_29_february_counts_on_1_march_and_other_ages_take_the_last_day_of_a_month(
    born: str, on: str, months: int
) -> None:
    assert age_in_months(d(born), d(on)) == months


def test_nobody_has_an_age_before_birth() -> None:
    with pytest.raises(ValueError, match="before the day of birth"):
        age_in_months(d("2-1-2026"), d("1-1-2026"))


@given(DAYS, st.integers(0, 300))
@example(date(2012, 2, 29), 216)
def test_an_age_is_reached_on_its_day_and_not_a_day_earlier(born: date, months: int) -> None:
    day = day_of_age(born, months)
    assert age_in_months(born, day) >= months
    if day > born:
        assert age_in_months(born, day - timedelta(1)) < months


@given(DAYS, st.integers(0, 9000))
def test_an_age_never_falls(born: date, days: int) -> None:
    on = born + timedelta(days)
    assert age_in_months(born, on) <= age_in_months(born, on + timedelta(1)) <= age_in_months(born, on) + 1


@given(FORWARD, DAYS, st.integers(0, 400))
def test_starting_later_never_ends_earlier(term: Term, day: date, later: int) -> None:
    assert start(term, day, CALENDARS).at <= start(term, day + timedelta(later), CALENDARS).at


@given(FORWARD, DAYS, st.integers(0, 100))
def test_a_longer_term_never_ends_earlier(term: Term, day: date, more: int) -> None:
    longer = replace(term, duration=Duration(term.duration.amount + more, term.duration.unit))
    assert start(term, day, CALENDARS).at <= start(longer, day, CALENDARS).at


@given(FORWARD, DAYS)
def test_no_term_ends_on_or_before_the_day_it_starts(term: Term, day: date) -> None:
    assert start(term, day, CALENDARS).day > day


@given(MOVING, DAYS)
def test_a_term_that_moves_ends_on_the_first_day_on_which_it_may(term: Term, day: date) -> None:
    found = start(term, day, CALENDARS)
    unmoved = found.explanation.counted[-1].end
    assert not CALENDARS.statutory.is_free(found.day)
    assert all(
        CALENDARS.statutory.is_free(unmoved + timedelta(number)) for number in range((found.day - unmoved).days)
    )


@given(st.sampled_from([term for term in TERMS.values() if not term.moves]), DAYS)
def test_norms_policy_and_end_dates_stay_on_the_day_they_fall(term: Term, day: date) -> None:
    assume(term.duration.unit is not Unit.HOURS)
    assert start(term, day, CALENDARS).day == shift(day, term.duration, WORKING_DAYS)


@pytest.mark.parametrize(
    ("key", "started", "ends"),
    [
        ("court_hearing_14d", "21-3-2026", "4-4-2026"),  # a Saturday
        ("vots_max_3m", "27-1-2026", "27-4-2026"),  # Koningsdag
        ("after_crisis_14d", "21-3-2026", "4-4-2026"),
    ],
)
def test_the_fourteen_days_of_a_crisis_and_the_end_of_a_measure_do_not_move(
    key: str, started: str, ends: str
) -> None:
    assert due(key, started).day == d(ends)


def test_a_statutory_term_moves_over_a_long_weekend_and_a_day_made_equal_by_decree() -> None:
    assert due("decision_8w", "19-3-2026").day == d("18-5-2026")  # Thursday 14, Friday 15, weekend
    assert due("decision_8w", "6-2-2026").day == d("7-4-2026")  # Good Friday up to Easter Monday


# Explanations


@given(FORWARD, DAYS | MOMENTS)
def test_every_end_is_found_again_from_its_explanation(term: Term, anchor: date | datetime) -> None:
    found = start(term, anchor, CALENDARS)
    assert recompute(found.explanation) == found.at


@given(MOMENTS)
def test_every_end_in_hours_is_found_again_from_its_explanation(anchor: datetime) -> None:
    for key in ("legal_ground_24h", "child_spoken_48h"):
        found = start(TERMS[key], anchor, CALENDARS)
        assert recompute(found.explanation) == found.at


@given(FORWARD, DAYS)
def test_every_day_counted_back_is_found_again_from_its_explanation(term: Term, day: date) -> None:
    found = count_back(term, day, CALENDARS)
    assert found.appears_on is not None
    assert found.appears_on < found.day
    assert recompute(found.explanation) == start_of_day(found.appears_on)


@given(DAYS, st.integers(1, 50), st.integers(0, 60), st.integers(1, 6))
def test_a_term_that_stood_still_and_was_extended_is_found_again_from_its_explanation(
    day: date, first: int, length: int, weeks: int
) -> None:
    since = day + timedelta(first)
    still = Suspension(since, since + timedelta(length), "completes_application", "a1")
    extension = Extension(Duration(weeks, Unit.WEEKS), since, since, "a1")
    found = start(DECISION, day, CALENDARS, Ledger((still,), extension))
    assert recompute(found.explanation) == found.at
    assert found.day >= day + timedelta(weeks=8 + weeks, days=length)


@pytest.mark.parametrize(
    ("key", "started", "sentence"),
    [
        (
            "decision_8w",
            "2-3-2026",
            (
                "Uiterlijk dinsdag 28 april 2026: dat is 8 weken na maandag 2 maart 2026; op maandag 27 april 2026 "
                "(Koningsdag) mag de termijn niet eindigen, dus 1 dag later."
            ),
        ),
        (
            "decision_8w",
            "7-3-2026",
            (
                "Uiterlijk maandag 4 mei 2026: dat is 8 weken na zaterdag 7 maart 2026; op zaterdag 2 mei 2026 "
                "mag de termijn niet eindigen, dus 2 dagen later."
            ),
        ),
        (
            "decision_8w",
            "14-10-2019",
            (
                "Uiterlijk maandag 9 december 2019: dat is 8 weken na maandag 14 oktober 2019; "
                "kijk na of er in dat jaar nog meer vrije dagen zijn."
            ),
        ),
        (
            "guardian_first_talk_5wd",
            "14-10-2019",
            (
                "Uiterlijk maandag 21 oktober 2019: dat is 5 werkdagen na maandag 14 oktober 2019; "
                "het weekend telt niet mee."
            ),
        ),
        (
            "withdrawal_talk_5wd",
            "2-4-2026",
            (
                "Uiterlijk vrijdag 10 april 2026: dat is 5 werkdagen na donderdag 2 april 2026; "
                "het weekend en Tweede Paasdag (6 april 2026) tellen niet mee."
            ),
        ),
        (
            "siblings_apart_2wd",
            "24-12-2025",
            (
                "Uiterlijk dinsdag 30 december 2025: dat is 2 werkdagen na woensdag 24 december 2025; het weekend, "
                "Eerste Kerstdag (25 december 2025) en Tweede Kerstdag (26 december 2025) tellen niet mee."
            ),
        ),
        (
            "school_1wd",
            "26-4-2026",
            (
                "Uiterlijk dinsdag 28 april 2026: dat is 1 werkdag na zondag 26 april 2026; "
                "Koningsdag (27 april 2026) telt niet mee."
            ),
        ),
        (
            "placement_length_6m",
            "31-8-2026",
            (
                "Uiterlijk zondag 28 februari 2027: dat is 6 maanden na maandag 31 augustus 2026; "
                "februari is korter, dus het wordt de laatste dag van die maand."
            ),
        ),
    ],
)
def test_a_date_is_explained_in_one_dutch_sentence(key: str, started: str, sentence: str) -> None:
    assert explain(due(key, started).explanation) == sentence


def test_a_term_in_hours_and_a_term_before_a_date_are_explained_too() -> None:
    hours = start(TERMS["legal_ground_24h"], moment("28-3-2026", "12:00"), CALENDARS)
    assert explain(hours.explanation) == (
        "Uiterlijk zondag 29 maart 2026 om 13:00 uur: dat is 24 uur na zaterdag 28 maart 2026 om 12:00 uur."
    )
    before = count_back(TERMS["renewal_3m"], d("14-10-2020"), CALENDARS)
    assert explain(before.explanation) == (
        "Vanaf dinsdag 14 juli 2020: dat is 3 maanden voor woensdag 14 oktober 2020."
    )


def test_a_term_that_stood_still_and_was_extended_says_so() -> None:
    still = Suspension(d("10-3-2026"), d("11-3-2026"), "completes_application", "a1")
    extension = Extension(duration("2w"), d("1-4-2026"), d("1-4-2026"), "a1")
    found = start(DECISION, d("2-3-2026"), CALENDARS, Ledger((still,), extension))
    assert explain(found.explanation) == (
        "Uiterlijk dinsdag 12 mei 2026: dat is 8 weken na maandag 2 maart 2026; "
        "de termijn is verlengd met 2 weken; de termijn stond 1 dag stil."
    )


def test_a_term_that_stands_still_says_that_its_date_will_shift() -> None:
    still = Ledger((Suspension(d("10-3-2026"), None, "completes_application", "a1"),))
    found = start(DECISION, d("2-3-2026"), CALENDARS, still, today=d("20-3-2026"))
    assert explain(found.explanation) == (
        "Uiterlijk donderdag 7 mei 2026: dat is 8 weken na maandag 2 maart 2026; "
        "de termijn stond 10 dagen stil; de termijn staat nu stil, dus de datum schuift nog op."
    )
    assert found.explanation.stood_still == 10


@pytest.mark.parametrize(
    ("born", "months", "sentence"),
    [
        ("10-2-2009", 216, "Op woensdag 10 februari 2027 is wie op 10 februari 2009 is geboren 18 jaar."),
        ("10-2-2009", 198, "Op zondag 10 augustus 2025 is wie op 10 februari 2009 is geboren 16 jaar en 6 maanden."),
        ("10-2-2026", 1, "Op dinsdag 10 maart 2026 is wie op 10 februari 2026 is geboren 1 maand."),
        (
            "29-2-2008",
            216,
            (
                "Op zondag 1 maart 2026 is wie op 29 februari 2008 is geboren 18 jaar; "
                "een verjaardag op 29 februari telt dan op 1 maart."
            ),
        ),
    ],
)
def test_an_age_is_explained_in_one_dutch_sentence(born: str, months: int, sentence: str) -> None:
    assert explain_age(d(born), months) == sentence


@given(FORWARD, DAYS)
def test_an_explanation_is_one_sentence(term: Term, day: date) -> None:
    sentence = explain(start(term, day, CALENDARS).explanation)
    assert sentence.startswith("Uiterlijk ")
    assert sentence.count(".") == 1
    assert sentence.endswith(".")


# Standing still, extending, correcting


def running(ledger: Ledger = EMPTY_LEDGER) -> Due:
    return start(DECISION, d("2-3-2026"), CALENDARS, ledger, today=d("1-6-2026"))


def test_a_term_that_stands_still_ends_as_many_days_later_as_it_stood_still() -> None:
    ledger = suspend(DECISION, running(), first=d("10-3-2026"), ground="completes_application", by="a1")
    ledger = resume(ledger, until=d("20-3-2026"))
    found = running(ledger)
    assert ledger.suspended_days() == 10
    assert found.day == d("7-5-2026")  # 27 April and 10 days; Koningsdag is passed before it moves
    assert not found.provisional


def test_the_end_moves_only_after_the_days_that_it_stood_still_are_added() -> None:
    ledger = Ledger((Suspension(d("10-3-2026"), d("18-3-2026"), "completes_application", "a1"),))
    assert running(ledger).day == d("6-5-2026")  # 27 April and 8 days is 5 May, Bevrijdingsdag


def test_while_it_stands_still_its_end_is_provisional_and_needs_today() -> None:
    ledger = suspend(DECISION, running(), first=d("10-3-2026"), ground="completes_application", by="a1")
    assert ledger.open_suspension is not None
    assert start(DECISION, d("2-3-2026"), CALENDARS, ledger, today=d("12-3-2026")).provisional
    with pytest.raises(ValueError, match="today"):
        start(DECISION, d("2-3-2026"), CALENDARS, ledger)


def test_a_suspension_that_is_still_to_begin_has_no_days_yet() -> None:
    ledger = Ledger((Suspension(d("10-3-2026"), None, "completes_application", "a1"),))
    assert ledger.suspended_days(d("5-3-2026")) == 0


@pytest.mark.parametrize("ground", ["busy", "", "decision_8w"])
def test_a_term_stands_still_only_on_a_ground_it_knows(ground: str) -> None:
    with pytest.raises(Refused) as refusal:
        suspend(DECISION, running(), first=d("10-3-2026"), ground=ground, by="a1")
    assert "C3" in refusal.value.ground


def test_court_clocks_never_stand_still() -> None:
    term = TERMS["court_hearing_14d"]
    found = start(term, d("2-3-2026"), CALENDARS)
    with pytest.raises(Refused):
        suspend(term, found, first=d("3-3-2026"), ground="completes_application", by="a1")


@pytest.mark.parametrize("first", ["2-3-2026", "1-3-2026", "29-4-2026"])
def test_a_term_stands_still_only_on_a_day_on_which_it_runs(first: str) -> None:
    with pytest.raises(Refused, match="refused"):
        suspend(DECISION, running(), first=d(first), ground="applicant_agrees", by="a1")


def test_a_term_cannot_stand_still_twice_at_once() -> None:
    ledger = suspend(DECISION, running(), first=d("10-3-2026"), ground="applicant_agrees", by="a1")
    still = start(DECISION, d("2-3-2026"), CALENDARS, ledger, today=d("12-3-2026"))
    with pytest.raises(Refused):
        suspend(DECISION, still, first=d("12-3-2026"), ground="applicant_agrees", by="a1")
    again = running(resume(ledger, until=d("20-3-2026")))
    with pytest.raises(Refused):
        suspend(DECISION, again, first=d("19-3-2026"), ground="applicant_agrees", by="a1")
    assert len(suspend(DECISION, again, first=d("20-3-2026"), ground="force_majeure", by="a1").suspensions) == 2


def test_only_a_term_that_stands_still_can_run_again() -> None:
    with pytest.raises(Refused):
        resume(EMPTY_LEDGER, until=d("20-3-2026"))
    ledger = suspend(DECISION, running(), first=d("10-3-2026"), ground="applicant_agrees", by="a1")
    with pytest.raises(Refused):
        resume(ledger, until=d("9-3-2026"))


def extension(
    found: Due,
    term: Term = DECISION,
    *,
    by_how_much: str = "2w",
    on: str = "20-4-2026",
    notice_on: str = "21-4-2026",
) -> Ledger:
    length = duration(by_how_much)
    return extend(term, found, duration=length, on=d(on), notice_on=d(notice_on), by="a1")


def test_an_extension_lengthens_the_term_from_its_end() -> None:
    assert running(extension(running())).day == d("11-5-2026")


def test_a_term_is_extended_once() -> None:
    with pytest.raises(Refused):
        extension(running(extension(running())))


def test_a_term_is_extended_before_its_end_with_notice() -> None:
    with pytest.raises(Refused):
        extension(running(), on="29-4-2026", notice_on="29-4-2026")
    with pytest.raises(Refused):
        extension(running(), notice_on="29-4-2026")
    with pytest.raises(Refused):
        extension(running(), by_how_much="24h")


def test_the_plan_and_the_hearing_cannot_be_extended() -> None:
    for key in ("plan_6w", "court_hearing_14d", "objection_6w"):
        with pytest.raises(Refused):
            extension(start(TERMS[key], d("1-4-2026"), CALENDARS), TERMS[key])


def test_a_ledger_that_its_term_cannot_have_is_refused() -> None:
    plan = TERMS["plan_6w"]
    still = Ledger((Suspension(d("10-3-2026"), d("11-3-2026"), "applicant_agrees", "a1"),))
    with pytest.raises(ValueError, match="stand still"):
        start(plan, d("2-3-2026"), CALENDARS, still)
    with pytest.raises(ValueError, match="extended"):
        start(plan, d("2-3-2026"), CALENDARS, extension(running()))


def test_a_corrected_start_is_noted_and_computed_anew() -> None:
    ledger = correct(EMPTY_LEDGER, old=d("2-3-2026"), new=d("3-3-2026"), on=d("9-3-2026"), by="a1")
    assert [(entry.old, entry.new) for entry in ledger.corrections] == [(d("2-3-2026"), d("3-3-2026"))]
    assert start(DECISION, ledger.corrections[-1].new, CALENDARS, ledger).day == d("28-4-2026")


def a_full_ledger() -> Ledger:
    ledger = suspend(DECISION, running(), first=d("10-3-2026"), ground="applicant_agrees", by="a1")
    ledger = extension(running(resume(ledger, until=d("20-3-2026"))))
    ledger = correct(ledger, old=d("2-3-2026"), new=d("3-3-2026"), on=d("9-3-2026"), by="a2")
    return suspend(DECISION, running(ledger), first=d("1-4-2026"), ground="force_majeure", by="a1")


def test_a_ledger_reads_back_as_it_is_written() -> None:
    ledger = a_full_ledger()
    assert ledger.open_suspension is not None
    assert read_ledger(Node(json.loads(json.dumps(write_ledger(ledger))))) == ledger
    assert read_ledger(Node(write_ledger(EMPTY_LEDGER))) == EMPTY_LEDGER


@given(FORWARD, DAYS | MOMENTS)
def test_an_explanation_reads_back_as_it_is_written(term: Term, anchor: date | datetime) -> None:
    for found in (start(term, anchor, CALENDARS), count_back(term, local_day(anchor), CALENDARS)):
        written = json.loads(json.dumps(write_explanation(found.explanation)))
        assert read_explanation(Node(written)) == found.explanation


def test_an_explanation_of_hours_and_of_a_full_ledger_reads_back_as_it_is_written() -> None:
    hours = start(TERMS["legal_ground_24h"], moment("28-3-2026", "12:00"), CALENDARS).explanation
    for explanation in (hours, running(a_full_ledger()).explanation):
        again = read_explanation(Node(json.loads(json.dumps(write_explanation(explanation)))))
        assert again == explanation
        assert recompute(again) == recompute(explanation)


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"by": "a1"}, "[0]"),
        ({"suspended_from": "2026-03-10", "by": "a1"}, "[0]"),
        ({"suspended_from": "10-3-2026", "ground": "applicant_agrees", "by": "a1"}, "[0].suspended_from"),
        ({"extended_by": "2", "on": "2026-04-01", "notice_on": "2026-04-01", "by": "a1"}, "[0].extended_by"),
        ({"corrected_from": "2026-04-01", "to": "x", "on": "2026-04-01", "by": "a1"}, "[0].to"),
    ],
)
def test_an_entry_that_is_none_is_refused_at_its_exact_place(entry: dict[str, str], place: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_ledger(Node([entry]))
    assert refusal.value.place == place


def test_a_ledger_with_two_extensions_is_refused() -> None:
    entry = {"extended_by": "2w", "on": "2026-04-01", "notice_on": "2026-04-01", "by": "a1"}
    with pytest.raises(Unreadable, match="once"):
        read_ledger(Node([entry, entry]))


@pytest.mark.parametrize("begin", ["2026-03-28T12:00:00", "2026-03-28Tnoon", "28-3-2026", ""])
def test_an_explanation_starts_on_a_day_or_at_a_moment_with_its_zone(begin: str) -> None:
    counted = [{"duration": "24h", "end": "2026-03-29"}]
    with pytest.raises(Unreadable) as refusal:
        read_explanation(Node({"term": "legal_ground_24h", "start": begin, "counted": counted}))
    assert refusal.value.place == "start"


# States

BEFORE_END = end_of_day(d("28-4-2026"))
AFTER_END = BEFORE_END + timedelta(seconds=1)


def test_a_deadline_waits_while_its_start_is_unknown() -> None:
    assert standing(None, now=FAR) == Standing(DeadlineState.WAITING)
    assert standing(None, now=FAR, cancelled_at=FAR) == Standing(DeadlineState.CANCELLED)


def test_a_deadline_runs_up_to_its_last_second_and_is_late_after_it() -> None:
    assert standing(running(), now=BEFORE_END) == Standing(DeadlineState.RUNNING)
    assert standing(running(), now=AFTER_END) == Standing(DeadlineState.LATE, late=True)


def test_what_is_done_on_the_last_day_is_met_even_when_it_is_recorded_later() -> None:
    assert standing(running(), now=FAR, done=d("28-4-2026")) == Standing(DeadlineState.MET)


def test_late_stays_late() -> None:
    assert standing(running(), now=FAR, done=d("29-4-2026")) == Standing(DeadlineState.LATE, late=True)
    assert standing(running(), now=FAR, cancelled_at=AFTER_END) == Standing(DeadlineState.CANCELLED, late=True)


def test_a_step_that_ends_in_time_without_being_done_closes_its_deadline() -> None:
    assert standing(running(), now=FAR, cancelled_at=BEFORE_END) == Standing(DeadlineState.CANCELLED)


def test_a_term_that_stands_still_is_never_late() -> None:
    ledger = suspend(DECISION, running(), first=d("10-3-2026"), ground="applicant_agrees", by="a1")
    still = start(DECISION, d("2-3-2026"), CALENDARS, ledger, today=d("12-3-2026"))
    assert standing(still, now=FAR) == Standing(DeadlineState.SUSPENDED)
    assert standing(still, now=FAR, cancelled_at=FAR) == Standing(DeadlineState.CANCELLED)


def test_hours_are_met_to_the_minute() -> None:
    found = start(TERMS["child_spoken_48h"], moment("1-6-2026", "10:00"), CALENDARS)
    assert standing(found, now=FAR, done=moment("3-6-2026", "10:00")).state is DeadlineState.MET
    assert standing(found, now=FAR, done=moment("3-6-2026", "10:01")).state is DeadlineState.LATE


# Reminders


def rings(found: Due, until: str = "1-1-2100", after: datetime | None = None) -> list[tuple[date, ReminderKind]]:
    """The days and kinds of the reminders up to the end of a day."""
    ringing = reminders(found, CALENDARS, until=end_of_day(d(until)), after=after)
    assert [one.at for one in ringing] == sorted({one.at for one in ringing})
    return [(local_day(one.at), one.kind) for one in ringing]


def test_a_term_of_eight_weeks_warns_after_six_at_its_end_and_after_each_further_half() -> None:
    assert rings(due("decision_8w", "7-9-2026"), "31-12-2026") == [
        (d("20-10-2026"), ReminderKind.EARLY),  # 42 of 56 days have passed
        (d("2-11-2026"), ReminderKind.END),
        (d("30-11-2026"), ReminderKind.OVERDUE),
        (d("28-12-2026"), ReminderKind.OVERDUE),
    ]


def test_three_quarters_of_a_term_in_working_days_counts_in_working_days() -> None:
    assert rings(due("maatwerk_10wd", "7-9-2026"), "5-10-2026") == [
        (d("17-9-2026"), ReminderKind.EARLY),  # after 7 of 10 working days
        (d("21-9-2026"), ReminderKind.END),
        (d("28-9-2026"), ReminderKind.OVERDUE),
        (d("5-10-2026"), ReminderKind.OVERDUE),
    ]


@pytest.mark.parametrize("key", ["parent_child_contact_2d", "day_one_plan_1d", "siblings_apart_2wd", "school_1wd"])
def test_a_term_of_at_most_two_days_warns_only_at_its_end(key: str) -> None:
    found = due(key, "7-9-2026")
    assert rings(found, "1-1-2027") == [(found.day, ReminderKind.END)]


def test_a_term_of_48_hours_warns_only_at_its_end_and_a_longer_one_before_and_after_too() -> None:
    short = start(TERMS["child_spoken_48h"], moment("1-6-2026", "10:00"), CALENDARS)
    assert reminders(short, CALENDARS, until=FAR) == reminders(short, CALENDARS, until=short.at)
    long = start(replace(TERMS["child_spoken_48h"], duration=duration("72h")), moment("1-6-2026", "10:00"), CALENDARS)
    found = reminders(long, CALENDARS, until=long.at + timedelta(hours=36))
    assert [(one.at - long.at, one.kind) for one in found] == [
        (timedelta(hours=-18), ReminderKind.EARLY),
        (timedelta(), ReminderKind.END),
        (timedelta(hours=36), ReminderKind.OVERDUE),
    ]


def test_a_term_before_a_date_warns_when_it_appears_half_way_two_weeks_before_and_at_the_end() -> None:
    assert rings(count_back(TERMS["renewal_3m"], d("14-10-2020"), CALENDARS)) == [
        (d("14-7-2020"), ReminderKind.APPEARS),
        (d("29-8-2020"), ReminderKind.HALFWAY),
        (d("30-9-2020"), ReminderKind.TWO_WEEKS),
        (d("14-10-2020"), ReminderKind.END),
    ]


def test_a_short_term_before_a_date_does_not_warn_before_it_appears() -> None:
    term = replace(TERMS["renewal_3m"], duration=duration("1w"))
    assert [kind for _, kind in rings(count_back(term, d("14-10-2020"), CALENDARS))] == [
        ReminderKind.APPEARS,
        ReminderKind.HALFWAY,
        ReminderKind.END,
    ]


def test_what_was_past_when_it_was_recorded_is_not_sent() -> None:
    recorded = moment("5-11-2026", "09:00")
    assert rings(due("decision_8w", "7-9-2026"), "30-11-2026", after=recorded) == [
        (d("30-11-2026"), ReminderKind.OVERDUE)
    ]


def test_days_on_which_a_term_stood_still_postpone_its_early_warning() -> None:
    ledger = Ledger((Suspension(d("14-9-2026"), d("24-9-2026"), "applicant_agrees", "a1"),))
    found = start(DECISION, d("7-9-2026"), CALENDARS, ledger)
    assert rings(found, "12-11-2026") == [
        (d("30-10-2026"), ReminderKind.EARLY),
        (d("12-11-2026"), ReminderKind.END),
    ]


def test_a_suspension_after_the_early_warning_does_not_postpone_it() -> None:
    ledger = Ledger((Suspension(d("26-10-2026"), d("29-10-2026"), "applicant_agrees", "a1"),))
    found = start(DECISION, d("7-9-2026"), CALENDARS, ledger)
    assert rings(found, "10-11-2026")[0] == (d("20-10-2026"), ReminderKind.EARLY)


def test_a_term_that_stands_still_does_not_warn() -> None:
    ledger = Ledger((Suspension(d("14-9-2026"), None, "applicant_agrees", "a1"),))
    found = start(DECISION, d("7-9-2026"), CALENDARS, ledger, today=d("1-3-2027"))
    assert rings(found) == []


@given(FORWARD, DAYS)
def test_the_early_warning_comes_after_the_start_and_before_the_end(term: Term, day: date) -> None:
    found = start(term, day, CALENDARS)
    early = [one for one in reminders(found, CALENDARS, until=found.at) if one.kind is ReminderKind.EARLY]
    assert all(start_of_day(day) < one.at < found.at for one in early)
    assert len(early) == (
        0 if term.duration.unit in {Unit.DAYS, Unit.WORKING_DAYS} and term.duration.amount <= 2 else 1
    )


# Coming back

AFTER_RETURN = Repeat(duration("2w"), (duration("4w"), duration("8w"), duration("26w")))
EVALUATION = Repeat(duration("3m"), each=duration("3m"))
DURING_PLACEMENT = Repeat(duration("6w"), each=duration("3m"))


def coming(repeat: Repeat, started: str, *done: str) -> Round | None:
    return next_round(repeat, d(started), [d(one) for one in done], WORKING_DAYS)


def test_a_fixed_list_counts_from_one_start_and_does_not_drift() -> None:
    assert coming(AFTER_RETURN, "13-7-2026") == Round(1, d("27-7-2026"), d("23-7-2026"))
    on_time = coming(AFTER_RETURN, "13-7-2026", "27-7-2026", "10-8-2026")
    late = coming(AFTER_RETURN, "13-7-2026", "1-8-2026", "20-8-2026")
    assert on_time == late == Round(3, d("7-9-2026"), d("31-8-2026"))


def test_a_fixed_list_ends() -> None:
    assert coming(AFTER_RETURN, "13-7-2026", "27-7-2026", "10-8-2026", "7-9-2026", "11-1-2027") is None


def test_a_round_that_counts_from_the_one_before_drifts_with_it() -> None:
    assert coming(EVALUATION, "1-2-2026") == Round(1, d("1-5-2026"), d("8-4-2026"))
    assert coming(EVALUATION, "1-2-2026", "20-5-2026") == Round(2, d("20-8-2026"), d("28-7-2026"))


def test_the_first_evaluation_of_a_placement_comes_after_six_weeks_and_the_next_after_three_months() -> None:
    assert coming(DURING_PLACEMENT, "4-5-2026") == Round(1, d("15-6-2026"), d("4-6-2026"))
    assert coming(DURING_PLACEMENT, "4-5-2026", "10-6-2026") == Round(2, d("10-9-2026"), d("18-8-2026"))


def test_a_round_done_in_the_last_quarter_counts_and_one_done_earlier_is_an_extra() -> None:
    assert coming(AFTER_RETURN, "13-7-2026", "22-7-2026") == Round(1, d("27-7-2026"), d("23-7-2026"))
    assert coming(AFTER_RETURN, "13-7-2026", "23-7-2026") == Round(2, d("10-8-2026"), d("6-8-2026"))


def test_the_order_in_which_rounds_are_entered_does_not_matter() -> None:
    assert coming(AFTER_RETURN, "13-7-2026", "10-8-2026", "27-7-2026") == coming(
        AFTER_RETURN, "13-7-2026", "27-7-2026", "10-8-2026"
    )


@given(st.sampled_from([AFTER_RETURN, EVALUATION, DURING_PLACEMENT]), DAYS, st.lists(st.integers(0, 400), max_size=6))
def test_one_more_round_never_brings_the_next_one_forward(repeat: Repeat, day: date, gaps: list[int]) -> None:
    done = [day + timedelta(gap) for gap in gaps]
    for number in range(len(done)):
        before = next_round(repeat, day, done[:number], WORKING_DAYS)
        after = next_round(repeat, day, done[: number + 1], WORKING_DAYS)
        if before is not None and after is not None:
            assert after.number >= before.number


@given(st.sampled_from([AFTER_RETURN, EVALUATION, DURING_PLACEMENT]), DAYS)
def test_a_round_appears_before_it_is_due(repeat: Repeat, day: date) -> None:
    found = next_round(repeat, day, [], WORKING_DAYS)
    assert found is not None
    assert day <= found.appears_on < found.due
