from datetime import date

from padwijzer.forms.core.field_types.consent import ANSWERS, COLUMNS, MANNERS
from padwijzer.workflows.core.registers import registers
from tests.support.questions import a_question, answer, faults, shown

QUESTION = a_question("consent", required=True)
YES = {"person": "p1", "answer": "akkoord", "on": "2026-03-02", "manner": "gesprek", "own_words": "Prima"}


def test_says_what_each_person_said() -> None:
    rows = answer([YES], QUESTION)

    assert isinstance(rows, tuple)
    assert [row.id for row in rows] == [""]
    assert rows[0].cells == (
        ("person", "p1"),
        ("answer", "akkoord"),
        ("on", date(2026, 3, 2)),
        ("manner", "gesprek"),
        ("own_words", "Prima"),
    )


def test_of_each_person_the_answer_and_its_date_are_asked() -> None:
    assert faults([{"person": "p1"}], QUESTION) == [("missing", "0.answer"), ("missing", "0.on")]
    assert answer([{"person": "p1"}], a_question("consent")) is None


def test_is_shown_in_words() -> None:
    assert shown([YES], QUESTION) == (
        "Wie: Fenna; Antwoord: Ja, akkoord; Datum: 2 maart 2026; Hoe: Gesprek; In eigen woorden: Prima"
    )


def test_its_columns_and_choices_are_those_of_the_register() -> None:
    register = registers()["consent"]

    assert {column.key for column in COLUMNS} <= {column.key for column in register.columns}
    for key, choices in (("answer", ANSWERS), ("manner", MANNERS)):
        column = register.column(key)
        assert column is not None
        assert column.choices == tuple(choice.key for choice in choices)
