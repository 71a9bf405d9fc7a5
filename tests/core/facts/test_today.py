from datetime import date

from tests.support.case_files import a_case, a_lookup, asked


def test_is_the_day_of_the_case_file() -> None:
    assert asked(a_lookup(a_case(today=date(2020, 3, 9))), "today") == date(2020, 3, 9)
