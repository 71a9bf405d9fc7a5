from padwijzer.forms.core.conditions import UNKNOWN
from tests.support.case_files import a_case, a_lookup, asked


def test_is_what_the_municipality_set() -> None:
    lookup = a_lookup(a_case(settings={"grens_km": 20}))

    assert asked(lookup, "setting", key="grens_km") == 20
    assert asked(lookup, "setting", key="never_set") is UNKNOWN
