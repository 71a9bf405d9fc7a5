import pytest

from padwijzer.forms.core.field_types import FileAnswer
from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("file")
FILE = {"id": "d1", "name": "beschikking.pdf"}


def test_is_the_id_of_a_document_and_its_name() -> None:
    assert answer(FILE, QUESTION) == FileAnswer("d1", "beschikking.pdf")
    assert answer(FileAnswer("d1", "beschikking.pdf"), QUESTION) == FileAnswer("d1", "beschikking.pdf")
    assert shown(FILE, QUESTION) == "beschikking.pdf"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("beschikking.pdf", "not_a_file"),
        ({"id": "", "name": "x"}, "not_a_file"),
        ({"id": "d1"}, "not_a_file"),
        ({"id": "d1", "name": "x" * 256}, "too_long"),
        ({"id": "d1", "name": "a\x00b"}, "unreadable_character"),
    ],
)
def test_anything_else_is_refused(raw: object, code: str) -> None:
    assert faults(raw, QUESTION) == [(code, "")]
