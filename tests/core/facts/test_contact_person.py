from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.workflows.core.facts.contact_person import contact_person_on
from tests.support.case_files import a_case, a_lookup, a_row, asked

CASE = a_case(
    a_row("contact_person", "a", person="first", since=date(2026, 1, 5)),
    a_row("contact_person", "b", person="second", since=date(2026, 6, 1)),
    a_row("contact_person", "c", person="next", since=date(2027, 1, 1)),
)


def test_is_the_last_that_has_begun() -> None:
    assert asked(a_lookup(CASE), "contact_person") == "second"


def test_is_unknown_while_none_was_chosen() -> None:
    assert asked(a_lookup(a_case()), "contact_person") is UNKNOWN


def test_on_an_earlier_day_it_was_the_earlier_one() -> None:
    assert contact_person_on(CASE, date(2026, 3, 1)) == "first"
    assert contact_person_on(CASE, date(2025, 3, 1)) == ""


def test_without_a_date_the_day_of_recording_counts() -> None:
    assert asked(a_lookup(a_case(a_row("contact_person", "a", person="first"))), "contact_person") == "first"
