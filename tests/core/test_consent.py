"""
Consent, by age and authority, per person and per help.

The stories are those of the domain's example cases; all persons are invented.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.workflows.core.case_file import CaseFile, Row
from padwijzer.workflows.core.consent import (
    GROUNDS,
    Consent,
    ConsentState,
    Substitute,
    Why,
    consent_on,
    consent_state,
    must_consent,
    needs,
)
from tests.support.case_files import TODAY, a_case, a_child, a_parent, a_row, has_authority

DAY = date(2026, 3, 2)
LATER = date(2026, 4, 13)
BORN = {
    9: date(2017, 1, 10),
    11: date(2015, 1, 10),
    13: date(2013, 1, 10),
    16: date(2010, 1, 10),
    19: date(2007, 1, 10),
}


def said(person: str, answer: str, on: date = DAY, subject: str = "help") -> Row:
    return a_row("consent", f"{person}-{on}", subject=subject, person=person, kind="answer", answer=answer, on=on)


def took_back(person: str, on: date = LATER) -> Row:
    return a_row("consent", f"{person}-back-{on}", subject="help", person=person, kind="withdrawal", on=on)


def replaced(person: str, by: str, on: date = LATER) -> Row:
    return a_row(
        "consent", f"{person}-instead-{on}", subject="help", person=person, kind="substitute", substitute=by, on=on,
        decided_by="worker",
    )  # fmt: skip


def cannot_weigh(
    person: str, on: date = DAY, reason: str = "Begrijpt de vraag niet, zegt de gedragswetenschapper"
) -> Row:
    return a_row(
        "consent", f"{person}-able-{on}", subject="help", person=person, kind="ability", able_to_weigh="nee",
        able_reason=reason, on=on,
    )  # fmt: skip


def a_family(
    age: int, *consents: Row, today: date = TODAY, holders: tuple[str, ...] = ("mother", "father")
) -> CaseFile:
    """A child of that age on 2 March 2026, parents with authority, one help for the child, and what was said."""
    return a_case(
        a_child("child", BORN[age]),
        a_parent("mother"),
        a_parent("father"),
        *(has_authority(holder) for holder in holders),
        a_row("help_item", "help", for_kind="child", child="child"),
        *consents,
        today=today,
    )


def help_of(case: CaseFile) -> Row:
    return case.rows("help_item")[0]


def state(case: CaseFile) -> str:
    return consent_state(case, help_of(case)).value


# Who must consent


@pytest.mark.parametrize(
    ("age", "persons"),
    [
        (9, {"mother", "father"}),
        (11, {"mother", "father"}),
        (13, {"child", "mother", "father"}),
        (16, {"child"}),
        (19, {"child"}),
    ],
)
def test_by_age_of_the_child(age: int, persons: set[str]) -> None:
    case = a_family(age)

    assert must_consent(case, help_of(case), DAY) == persons


@pytest.mark.parametrize(("age", "persons"), [(13, {"mother", "father"}), (16, {"mother", "father"})])
def test_for_a_youth_who_cannot_weigh_it_those_with_authority(age: int, persons: set[str]) -> None:
    case = a_family(age, cannot_weigh("child"))

    assert must_consent(case, help_of(case), DAY) == persons


@pytest.mark.parametrize("reason", ["", "   "])
def test_that_a_youth_cannot_weigh_it_counts_only_with_a_reason(reason: str) -> None:
    case = a_family(16, cannot_weigh("child", reason=reason))

    assert must_consent(case, help_of(case), DAY) == {"child"}


def test_the_power_to_weigh_is_judged_per_help() -> None:
    other = a_row("help_item", "other", for_kind="child", child="child")
    case = a_family(16, cannot_weigh("child"), other)

    assert must_consent(case, other, DAY) == {"child"}


def test_the_last_judgement_of_the_power_to_weigh_counts() -> None:
    again = a_row("consent", "x", subject="help", person="child", kind="ability", able_to_weigh="ja", on=LATER)
    case = a_family(16, cannot_weigh("child"), again)

    assert must_consent(case, help_of(case), DAY) == {"mother", "father"}
    assert must_consent(case, help_of(case), LATER) == {"child"}


def test_a_young_child_is_never_asked_to_weigh() -> None:
    case = a_family(11, cannot_weigh("child"))

    assert {need.why for need in needs(case, help_of(case), DAY)} == {Why.AUTHORITY_UNDER_12}


def test_a_guardian_stands_where_parents_with_authority_stand() -> None:
    guardian = a_row("authority", "v", child="child", person="guardian", kind="voogdij", from_=date(2025, 1, 1))
    case = a_family(13, guardian, holders=())

    assert must_consent(case, help_of(case), DAY) == {"child", "guardian"}


def test_authority_counts_on_its_own_days_only() -> None:
    until = a_row("authority", "f", child="child", person="father", kind="gezag", until=date(2026, 3, 1))
    later = a_row("authority", "a", child="child", person="aunt", kind="voogdij", from_=date(2026, 3, 3))
    case = a_family(9, until, later, holders=("mother",))

    assert must_consent(case, help_of(case), date(2026, 3, 1)) == {"mother", "father"}
    assert must_consent(case, help_of(case), date(2026, 3, 2)) == {"mother"}
    assert must_consent(case, help_of(case), date(2026, 3, 3)) == {"mother", "aunt"}


def test_help_for_an_adult_needs_that_adult() -> None:
    parent_help = a_row("help_item", "help", for_kind="adult", persons=frozenset({"mother"}))

    assert must_consent(a_case(a_parent("mother")), parent_help, DAY) == {"mother"}


def test_for_an_adult_who_cannot_weigh_it_the_representative() -> None:
    parent_help = a_row("help_item", "help", for_kind="adult", persons=frozenset({"mother"}))
    curator = a_row("relation", "r", person="curator", other="mother", kind="representative_of")

    assert must_consent(a_case(a_parent("mother"), cannot_weigh("mother"), curator), parent_help, DAY) == {"curator"}
    nobody = a_case(a_parent("mother"), cannot_weigh("mother"), said("mother", "akkoord"), today=DAY)
    assert must_consent(nobody, parent_help, DAY) == frozenset()
    assert consent_state(nobody, parent_help) is ConsentState.PARTLY


def test_help_for_the_family_needs_everybody_who_takes_part_each_by_age() -> None:
    together = a_row("help_item", "help", for_kind="family", persons=frozenset({"young", "youth", "stepfather"}))
    case = a_case(
        a_child("young", BORN[9]),
        a_child("youth", BORN[16]),
        a_parent("mother"),
        a_row("person", "stepfather", kind="family"),
        has_authority("mother", "young"),
        has_authority("mother", "youth"),
    )

    assert must_consent(case, together, DAY) == {"mother", "youth", "stepfather"}


def test_help_for_the_family_without_names_is_for_all_its_children_and_parents() -> None:
    together = a_row("help_item", "help", for_kind="family")
    case = a_family(13)

    assert must_consent(case, together, DAY) == {"child", "mother", "father"}


def test_a_placement_needs_consent_for_its_child_and_a_sharing_for_the_children() -> None:
    case = a_family(13)

    assert must_consent(case, a_row("placement", "p", child="child"), DAY) == {"child", "mother", "father"}
    assert must_consent(case, a_row("sharing", "s", with_="teacher"), DAY) == {"child", "mother", "father"}


def test_a_child_of_whom_nobody_knows_the_age_needs_everybody() -> None:
    case = a_case(a_child("child", None), a_parent("mother"), has_authority("mother"))
    child_help = a_row("help_item", "help", for_kind="child", child="child")

    assert must_consent(case, child_help, DAY) == {"child", "mother"}


def test_an_unborn_child_is_under_twelve() -> None:
    case = a_case(a_child("child", None, birth_="expected"), a_parent("mother"), has_authority("mother"))

    assert must_consent(case, a_row("help_item", "help", for_kind="child", child="child"), DAY) == {"mother"}


# How it stands


def test_is_complete_when_everybody_agreed() -> None:
    assert state(a_family(9, said("mother", "akkoord"), said("father", "akkoord"))) == "complete"


@pytest.mark.parametrize(
    ("answer", "expected"), [("deels", "partly"), ("niet_bereikt", "partly"), ("nee", "refused"), ("", "partly")]
)
def test_anything_else_than_agreed_is_no_consent(answer: str, expected: str) -> None:
    assert state(a_family(9, said("mother", "akkoord"), said("father", answer))) == expected


def test_is_not_asked_before_anybody_answered_and_partly_before_everybody_did() -> None:
    assert state(a_family(9)) == "not_asked"
    assert state(a_family(13, cannot_weigh("child"))) == "not_asked"
    assert state(a_family(9, said("mother", "akkoord"))) == "partly"


def test_the_last_answer_of_a_person_counts() -> None:
    assert state(a_family(16, said("child", "nee"), said("child", "akkoord", LATER))) == "complete"
    assert state(a_family(16, said("child", "akkoord"), said("child", "nee", LATER))) == "refused"
    assert state(a_family(16, said("child", "akkoord"), said("child", "deels", LATER))) == "partly"


def test_of_two_answers_on_one_day_the_one_recorded_last_counts() -> None:
    assert state(a_family(16, said("child", "nee"), said("child", "akkoord"))) == "complete"
    assert state(a_family(16, said("child", "akkoord"), said("child", "nee"))) == "refused"


def test_a_no_of_who_is_not_asked_takes_nothing_away() -> None:
    assert state(a_family(16, said("child", "akkoord"), said("mother", "nee", LATER))) == "complete"
    assert (
        state(a_family(9, said("mother", "akkoord"), said("father", "akkoord"), said("child", "nee"))) == "complete"
    )


def test_complete_for_one_help_says_nothing_about_another() -> None:
    case = a_family(16, said("child", "akkoord"), a_row("help_item", "other", for_kind="child", child="child"))

    assert state(case) == "complete"
    assert consent_state(case, case.rows("help_item")[1]) is ConsentState.NOT_ASKED


def test_taken_back_is_withdrawn_and_can_be_given_again() -> None:
    assert state(a_family(16, said("child", "akkoord"), took_back("child"))) == "withdrawn"
    again = said("child", "akkoord", LATER + timedelta(days=1))
    assert state(a_family(16, said("child", "akkoord"), took_back("child"), again)) == "complete"


@pytest.mark.parametrize("age", [9, 13])
def test_nobody_with_authority_is_never_everybody(age: int) -> None:
    assert state(a_family(age, said("child", "akkoord"), said("mother", "akkoord"), holders=())) == "partly"


def test_help_for_nobody_is_never_complete() -> None:
    case = a_case(a_row("help_item", "help"), said("mother", "akkoord"))

    assert state(case) == "partly"


# Closing


def test_after_closing_old_consents_are_history_and_new_consent_is_asked() -> None:
    closed = date(2026, 7, 6)
    case = replace(a_family(16, said("child", "akkoord")), closed_on=closed)

    assert state(case) == "ended"
    assert consent_on(case, help_of(case), date(2026, 7, 5)).state is ConsentState.COMPLETE
    assert consent_on(case, help_of(case), closed).state is ConsentState.ENDED
    again = replace(
        a_family(16, said("child", "akkoord"), said("child", "akkoord", date(2026, 10, 8))), closed_on=closed
    )
    assert state(again) == "complete"


def test_what_was_said_on_the_day_of_closing_belongs_to_what_was_closed() -> None:
    assert state(replace(a_family(16, said("child", "akkoord")), closed_on=DAY)) == "ended"


def test_what_was_never_asked_does_not_end() -> None:
    assert state(replace(a_family(16), closed_on=date(2026, 7, 6))) == "not_asked"


def test_one_old_consent_and_one_new_one_are_not_complete() -> None:
    old, new = said("mother", "akkoord"), said("father", "akkoord", date(2026, 10, 8))

    assert state(replace(a_family(9, old, new), closed_on=date(2026, 7, 6))) == "partly"


def test_after_closing_it_is_judged_anew_whether_a_youth_can_weigh_it() -> None:
    case = replace(a_family(16, cannot_weigh("child")), closed_on=date(2026, 7, 6))

    assert must_consent(case, help_of(case), date(2026, 7, 5)) == {"mother", "father"}
    assert must_consent(case, help_of(case), date(2026, 10, 8)) == {"child"}


# Birthdays and changes of authority


def test_a_twelfth_birthday_does_not_take_consent_away_but_says_whom_to_ask() -> None:
    case = a_case(
        a_child("child", date(2014, 5, 20)),
        a_parent("mother"),
        has_authority("mother"),
        a_row("help_item", "help", for_kind="child", child="child"),
        said("mother", "akkoord", DAY),
    )
    found = consent_on(case, help_of(case), date(2026, 5, 20))

    assert found.state is ConsentState.COMPLETE
    assert found.completed_on == DAY
    assert found.ask_again == {"child"}
    assert consent_on(case, help_of(case), date(2026, 5, 19)).ask_again == frozenset()


def test_a_youth_who_says_no_after_that_birthday_is_heard() -> None:
    case = a_case(
        a_child("child", date(2014, 5, 20)),
        a_parent("mother"),
        has_authority("mother"),
        a_row("help_item", "help", for_kind="child", child="child"),
        said("mother", "akkoord", DAY),
        said("child", "nee", date(2026, 6, 1)),
    )

    assert state(case) == "refused"


def test_each_answer_is_judged_by_the_rules_of_its_own_day() -> None:
    case = a_case(
        a_child("child", date(2014, 5, 20)),
        a_parent("mother"),
        a_parent("father"),
        has_authority("mother"),
        has_authority("father"),
        a_row("help_item", "help", for_kind="child", child="child"),
        said("mother", "akkoord", date(2026, 5, 19)),
        said("father", "akkoord", date(2026, 5, 20)),
    )

    assert state(case) == "partly"
    agreed = said("child", "akkoord", date(2026, 5, 21))
    assert state(a_case(*(row for rows in case.registers.values() for row in rows), agreed)) == "complete"


def test_neither_a_birthday_nor_a_change_of_authority_makes_consent_complete() -> None:
    sixteen = a_case(
        a_child("child", date(2010, 6, 1)),
        a_parent("mother"),
        has_authority("mother"),
        a_row("help_item", "help", for_kind="child", child="child"),
        said("child", "akkoord", DAY),
        said("mother", "nee", DAY),
    )
    lost = a_row("authority", "f", child="child", person="father", kind="gezag", until=LATER)
    parents = a_family(9, said("mother", "akkoord"), lost, holders=("mother",))

    assert state(sixteen) == "refused"
    assert state(parents) == "partly"


def test_new_authority_does_not_take_consent_away_but_says_whom_to_ask() -> None:
    new = a_row("authority", "f", child="child", person="father", kind="gezag", from_=LATER)
    case = a_family(9, said("mother", "akkoord"), new, holders=("mother",))

    assert consent_on(case, help_of(case), TODAY).state is ConsentState.COMPLETE
    assert consent_on(case, help_of(case), TODAY).ask_again == {"father"}


def test_a_new_judgement_that_a_youth_can_weigh_it_takes_consent_away() -> None:
    able = a_row("consent", "x", subject="help", person="child", kind="ability", able_to_weigh="ja", on=LATER)
    agreed = (cannot_weigh("child"), said("mother", "akkoord"), said("father", "akkoord"))

    assert state(a_family(16, *agreed)) == "complete"
    assert state(a_family(16, *agreed, able)) == "partly"


def test_a_judgement_that_a_youth_cannot_weigh_it_makes_nothing_complete_by_itself() -> None:
    agreed = (said("child", "nee"), said("mother", "akkoord"), said("father", "akkoord"))

    assert state(a_family(13, *agreed, cannot_weigh("child", LATER))) != "complete"


# What stands in the place of a parent's consent


@pytest.mark.parametrize(
    ("age", "substitute", "expected"),
    [
        (9, "weloverwogen_wens", "refused"),
        (9, "ernstig_nadeel", "complete"),
        (9, "rechter_vervangt", "complete"),
        (13, "weloverwogen_wens", "complete"),
        (13, "ernstig_nadeel", "complete"),
        (13, "rechter_vervangt", "complete"),
    ],
)
def test_the_no_of_a_parent_can_be_replaced_by_age(age: int, substitute: str, expected: str) -> None:
    said_so = (said("child", "akkoord"), said("mother", "akkoord"), said("father", "nee"))

    assert state(a_family(age, *said_so, replaced("father", substitute))) == expected


@pytest.mark.parametrize(
    ("age", "substitute", "expected"),
    [
        (13, "weloverwogen_wens", "refused"),
        (13, "ernstig_nadeel", "complete"),
        (13, "rechter_vervangt", "complete"),
        (16, "weloverwogen_wens", "refused"),
        (16, "ernstig_nadeel", "refused"),
        (16, "rechter_vervangt", "complete"),
    ],
)
def test_for_a_youth_who_cannot_weigh_it_there_is_no_considered_wish(
    age: int, substitute: str, expected: str
) -> None:
    rows = (cannot_weigh("child"), said("mother", "akkoord"), said("father", "nee"), replaced("father", substitute))

    assert state(a_family(age, *rows)) == expected


def test_only_the_consent_of_the_named_parent_is_replaced() -> None:
    rows = (said("mother", "nee"), said("father", "nee"), replaced("father", "rechter_vervangt"))

    assert state(a_family(9, *rows)) == "refused"


def test_a_considered_wish_needs_the_yes_of_the_youth() -> None:
    rows = (said("mother", "akkoord"), said("father", "nee"), replaced("father", "weloverwogen_wens"))

    assert state(a_family(13, *rows)) == "partly"
    assert state(a_family(13, said("child", "nee"), *rows)) == "refused"


def test_a_parent_who_takes_part_in_help_for_the_family_decides_about_that_part() -> None:
    together = a_row("help_item", "help", for_kind="family", persons=frozenset({"child", "father"}))
    rows = (said("father", "nee"), said("mother", "akkoord"), replaced("father", "rechter_vervangt"))
    case = a_case(
        a_child("child", BORN[9]), a_parent("mother"), a_parent("father"), has_authority("mother"),
        has_authority("father"), together, *rows,
    )  # fmt: skip

    assert consent_state(case, together) is ConsentState.REFUSED


def test_a_new_no_after_a_decision_stands_until_it_is_decided_again() -> None:
    rows = (said("mother", "akkoord"), said("father", "nee"), replaced("father", "rechter_vervangt"))
    again = said("father", "nee", LATER + timedelta(days=1))

    assert state(a_family(9, *rows, again)) == "refused"
    assert state(a_family(9, *rows, again, replaced("father", "rechter_vervangt", TODAY))) == "complete"


def test_a_mother_takes_back_and_a_youth_of_fifteen_keeps_wishing() -> None:
    rows = (said("child", "akkoord"), said("mother", "akkoord"), said("father", "akkoord"), took_back("mother"))

    assert state(a_family(13, *rows)) == "withdrawn"
    assert state(a_family(13, *rows, replaced("mother", "weloverwogen_wens", LATER))) == "complete"


# History and explanation


def test_consent_as_it_was_on_any_day() -> None:
    rows = (said("mother", "akkoord"), said("father", "nee"), replaced("father", "rechter_vervangt"))
    case = a_family(9, *rows, took_back("mother", date(2026, 9, 1)))
    moments = {
        date(2026, 3, 1): "not_asked",
        DAY: "refused",
        LATER - timedelta(days=1): "refused",
        LATER: "complete",
        date(2026, 8, 31): "complete",
        date(2026, 9, 1): "withdrawn",
    }

    assert {day: consent_on(case, help_of(case), day).state.value for day in moments} == moments


def test_the_explanation_says_who_why_what_and_on_what_ground() -> None:
    rows = (said("child", "akkoord"), said("mother", "akkoord"), said("father", "nee"))
    case = a_family(13, *rows, replaced("father", "ernstig_nadeel"))
    found = {person.need.person: person for person in consent_on(case, help_of(case), TODAY).people}

    assert found["child"].need.why is Why.YOUTH_12_TO_15
    assert found["mother"].need.why is Why.AUTHORITY_12_TO_15
    assert found["mother"].answer == "akkoord"
    assert found["mother"].on == DAY
    assert found["father"].answer == "nee"
    assert found["father"].replaced_by is Substitute.SERIOUS_HARM
    assert found["father"].decided_by == "worker"
    assert found["father"].on == LATER
    assert found["father"].ground == GROUNDS[Substitute.SERIOUS_HARM]
    assert all(person.is_given for person in found.values())


def test_the_explanation_says_that_nobody_is_known_with_authority() -> None:
    case = a_family(9, holders=())
    found = consent_on(case, help_of(case), TODAY)

    assert [(person.need.person, person.is_given) for person in found.people] == [("", False)]


def test_every_reason_and_every_substitute_has_its_ground() -> None:
    assert set(GROUNDS) == {*Why, *Substitute}


# Rules over everything that can be recorded

ENTRIES = st.lists(
    st.builds(
        lambda kind, person, answer, substitute, weighs, reason, days: {
            "kind": kind,
            "person": person,
            "answer": answer if kind == "answer" else "",
            "substitute": substitute if kind == "substitute" else "",
            "able_to_weigh": weighs,
            "able_reason": reason,
            "on": DAY + timedelta(days=days),
        },
        st.sampled_from(["answer", "answer", "answer", "substitute", "withdrawal", "ability"]),
        st.sampled_from(["child", "mother", "father", "adult"]),
        st.sampled_from(["akkoord", "akkoord", "deels", "nee", "niet_bereikt"]),
        st.sampled_from([substitute.value for substitute in Substitute]),
        st.sampled_from(["ja", "nee"]),
        st.sampled_from(["", "reden"]),
        st.integers(0, 200),
    ),
    max_size=9,
)
BIRTHS = st.dates(date(2006, 1, 1), date(2018, 1, 1))
HOLDERS = st.sets(st.sampled_from(["mother", "father"]))
FOR = st.sampled_from(["child", "family", "adult"])


@st.composite
def any_case(draw: st.DrawFn) -> CaseFile:
    people = frozenset(draw(st.sets(st.sampled_from(["child", "adult", "mother"]), min_size=1)))
    kind = draw(FOR)
    values: dict[str, Any] = {"for_kind": kind, "persons": people if kind == "family" else frozenset({"adult"})}
    return a_case(
        a_child("child", draw(BIRTHS)),
        a_parent("mother"),
        a_parent("father"),
        a_parent("adult"),
        *(has_authority(holder) for holder in draw(HOLDERS)),
        a_row("help_item", "help", **values, **({"child": "child"} if kind == "child" else {})),
        *(a_row("consent", f"c{n}", subject="help", **entry) for n, entry in enumerate(draw(ENTRIES))),
    )


def judged(case: CaseFile) -> Consent:
    return consent_on(case, help_of(case), case.today)


@given(any_case())
def test_complete_means_that_each_who_must_agreed_or_may_be_and_is_replaced(case: CaseFile) -> None:
    found = judged(case)
    rows = case.rows("consent")

    assert (found.state is ConsentState.COMPLETE) == (found.completed_on is not None)
    if found.state is ConsentState.COMPLETE:
        assert found.people
        for person in found.people:
            assert person.need.person
            own = [row for row in rows if row.text("person") == person.need.person]
            if person.replaced_by is None:
                assert any(row.text("answer") == "akkoord" for row in own)
            else:
                assert person.replaced_by in person.need.substitutes
                assert any(row.text("substitute") == person.replaced_by for row in own)
                assert person.need.person in {row.text("person") for row in case.rows("authority")}


@given(any_case())
def test_nobody_who_may_decide_alone_is_ever_replaced(case: CaseFile) -> None:
    decides = {Why.ADULT, Why.YOUTH_12_TO_15, Why.YOUTH_FROM_16, Why.YOUTH_AGE_UNKNOWN, Why.REPRESENTATIVE}

    for person in judged(case).people:
        assert person.replaced_by is None or person.need.why not in decides


@given(any_case())
def test_taking_back_a_needed_consent_ends_it(case: CaseFile) -> None:
    found = judged(case)
    if found.state is ConsentState.COMPLETE:
        for person in found.people:
            back = took_back(person.need.person, case.today)
            after = case.with_rows("consent", (*case.rows("consent"), back))
            still_asked = must_consent(case, help_of(case), case.today)
            if person.need.person in still_asked:
                assert consent_state(after, help_of(after)) is not ConsentState.COMPLETE


SUBSTITUTES = st.lists(
    st.tuples(st.sampled_from(["child", "mother", "father"]), st.sampled_from([one.value for one in Substitute]),
              st.integers(0, 60)),
    max_size=8,
)  # fmt: skip


@given(SUBSTITUTES, st.sampled_from([13, 16, 19]))
def test_the_no_of_a_youth_who_can_weigh_it_stands_whatever_is_decided(
    decisions: list[tuple[str, str, int]], age: int
) -> None:
    rows = [replaced(person, by, DAY + timedelta(days=days)) for person, by, days in decisions]
    case = a_family(age, said("mother", "akkoord"), said("father", "akkoord"), said("child", "nee"), *rows)

    assert state(case) == "refused"


@given(SUBSTITUTES)
def test_the_no_of_an_adult_stands_whatever_is_decided(decisions: list[tuple[str, str, int]]) -> None:
    rows = [replaced("mother", by, DAY + timedelta(days=days)) for _, by, days in decisions]
    adult_help = a_row("help_item", "help", for_kind="adult", persons=frozenset({"mother"}))

    assert state(a_case(a_parent("mother"), adult_help, said("mother", "nee"), *rows)) == "refused"


@given(any_case())
def test_without_anybody_with_authority_a_young_child_gets_no_help_by_consent(case: CaseFile) -> None:
    alone = replace(case, registers={**case.registers, "authority": (), "person": (a_child("child", BORN[9]),)})
    child_help = a_row("help_item", "help", for_kind="child", child="child")

    assert consent_state(alone, child_help) is not ConsentState.COMPLETE


@given(any_case(), st.integers(0, 400))
def test_the_clock_alone_neither_completes_nor_ends_consent(case: CaseFile, days: int) -> None:
    later = replace(case, today=case.today + timedelta(days=days))

    assert consent_state(later, help_of(later)) is consent_state(case, help_of(case))


@given(any_case(), st.integers(-10, 250))
def test_what_is_recorded_later_does_not_change_how_it_was(case: CaseFile, days: int) -> None:
    day = DAY + timedelta(days=days)
    known = [row for row in case.rows("consent") if (row.day("on") or day) <= day]

    assert consent_on(case, help_of(case), day) == consent_on(case.with_rows("consent", known), help_of(case), day)


def test_what_others_say_after_a_birthday_does_not_take_consent_away() -> None:
    case = a_case(
        a_child("child", date(2014, 5, 20)),
        a_parent("mother"),
        has_authority("mother"),
        a_row("help_item", "help", for_kind="child", child="child"),
        said("mother", "akkoord", DAY),
        said("aunt", "nee", date(2026, 6, 1)),
    )
    found = consent_on(case, help_of(case), TODAY)

    assert found.state is ConsentState.COMPLETE
    assert found.completed_on == DAY
    back = took_back("mother", date(2026, 7, 1))
    assert state(case.with_rows("consent", (*case.rows("consent"), back))) == "withdrawn"


def test_who_gave_consent_can_take_it_back_whatever_changed_since() -> None:
    case = a_case(
        a_child("child", date(2014, 5, 20)),
        a_parent("mother"),
        a_parent("father"),
        has_authority("mother"),
        has_authority("father", until=date(2026, 5, 1)),
        a_row("help_item", "help", for_kind="child", child="child"),
        said("mother", "akkoord", DAY),
        said("father", "akkoord", DAY),
        took_back("father", date(2026, 6, 1)),
    )

    assert consent_on(case, help_of(case), date(2026, 5, 31)).state is ConsentState.COMPLETE
    assert state(case) == "withdrawn"


def test_consent_can_be_about_a_child_as_such_and_about_nothing_else() -> None:
    case = a_family(13)

    assert must_consent(case, case.rows("person")[0], DAY) == {"child", "mother", "father"}
    assert must_consent(case, a_row("measure", "m", child="child"), DAY) == frozenset()
