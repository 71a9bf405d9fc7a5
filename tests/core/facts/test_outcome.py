from dataclasses import replace

from padwijzer.forms.core.conditions import UNKNOWN, Collection
from tests.support.case_files import a_case, a_lookup, a_row, asked


def test_is_with_what_the_call_returned() -> None:
    assert asked(replace(a_lookup(a_case()), call_outcomes={"": "closed"}), "outcome") == "closed"


def test_is_unknown_while_the_called_run_is_open() -> None:
    assert asked(a_lookup(a_case()), "outcome") is UNKNOWN


def test_of_a_call_for_each_row_stands_on_the_row() -> None:
    case = a_case(a_row("help_item", "one"), a_row("help_item", "two"))
    lookup = replace(a_lookup(case), call_outcomes={"one": "agreed"})

    assert [row["outcome"] for row in lookup.rows(Collection("help_item"))] == ["agreed", UNKNOWN]
    assert asked(lookup, "outcome") is UNKNOWN
