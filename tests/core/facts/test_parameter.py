from datetime import date

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.workflows.core.case_file import Run
from tests.support.case_files import a_case, a_lookup, asked


def test_is_what_the_caller_passed() -> None:
    lookup = a_lookup(a_case(runs=(Run(0, "D-TOEST", date(2026, 1, 1), parameters={"modus": "maatregel"}),)))

    assert asked(lookup, "parameter", key="modus") == "maatregel"
    assert asked(lookup, "parameter", key="other") is UNKNOWN
