from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from tests.support.case_files import a_case, a_lookup, a_row, asked


def test_is_when_the_present_one_began() -> None:
    case = a_case(
        a_row("contact_person", "a", person="first", since=date(2026, 1, 5)),
        a_row("contact_person", "b", person="second", since=date(2026, 6, 1)),
    )

    assert asked(a_lookup(case), "contact_person_since") == date(2026, 6, 1)


def test_is_unknown_while_none_was_chosen() -> None:
    assert asked(a_lookup(a_case()), "contact_person_since") is UNKNOWN
