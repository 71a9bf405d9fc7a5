from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from tests.support.case_files import a_case, a_child, a_lookup, a_row, asked


def until(*rows: dict[str, date]) -> object:
    measures = (a_row("measure", f"m{n}", child="child", kind="ots", **row) for n, row in enumerate(rows))
    return asked(a_lookup(a_case(a_child(), *measures)), "measure_until", person="child")


def test_is_the_last_day_of_the_last_measure() -> None:
    assert until({"until": date(2020, 10, 14)}) == date(2020, 10, 14)
    assert until({"until": date(2026, 12, 1)}, {"until": date(2027, 12, 1)}) == date(2027, 12, 1)


def test_a_measure_that_was_ended_earlier_has_that_as_its_last_day() -> None:
    assert until({"until": date(2027, 1, 1), "ended_on": date(2026, 7, 1)}) == date(2026, 7, 1)


def test_is_unknown_without_a_measure_or_without_its_end() -> None:
    assert until() is UNKNOWN
    assert until({"from_": date(2026, 1, 1)}) is UNKNOWN
