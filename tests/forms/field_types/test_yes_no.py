import pytest

from padwijzer.forms.core.field_types import Domain, DomainKind, field_types
from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("yes_no")


@pytest.mark.parametrize(("raw", "kept"), [("ja", "ja"), ("Nee", "nee"), (True, "ja"), (False, "nee"), ("", None)])
def test_is_kept_as_ja_or_nee(raw: object, kept: str | None) -> None:
    assert answer(raw, QUESTION) == kept


@pytest.mark.parametrize("raw", ["misschien", 1, ["ja"], "yes"])
def test_anything_else_is_refused(raw: object) -> None:
    assert faults(raw, QUESTION) == [("not_yes_no", "")]


def test_is_shown_with_a_capital() -> None:
    assert shown("ja", QUESTION) == "Ja"


def test_a_proof_considers_both() -> None:
    assert field_types()["yes_no"].values(QUESTION) == Domain(DomainKind.ONE, ("ja", "nee"))
