"""What the registers know already of what a step asks."""

from datetime import date

from padwijzer.forms.core.field_types import RowAnswer
from padwijzer.workflows.core.case_file import CaseFile, Row
from padwijzer.workflows.core.prefilling import Standing, standing
from padwijzer.workflows.core.releases import shipped
from tests.support.case_files import a_case, a_child, a_lookup, a_parent, a_row, about, has_authority

CHECKED = date(2026, 10, 1)
FAMILY = (a_child("noor"), a_child("jay"), a_parent("mother"), a_parent("father"))


def known(case: CaseFile, question: str, *hidden: str) -> Standing | None:
    activity = shipped().definitions["D-TOEST"].activity("who_consents")
    spec = activity.form.field(question)
    assert spec is not None

    def may_see(row: Row, _column: str) -> bool:
        return row.id not in hidden

    return standing(activity, spec, a_lookup(case, "who_consents"), may_see)


def gezag(person: str, child: str = "noor", checked_on: date = CHECKED, **more: date) -> Row:
    return has_authority(person, child, source="register", checked_on=checked_on, **more)


def rows_of(found: Standing | None) -> list[dict[str, object]]:
    assert found is not None
    assert isinstance(found.answer, tuple)
    return [dict(row.cells) for row in found.answer]


def test_rows_that_hold_today_are_the_answer_and_keep_their_identity() -> None:
    found = known(a_case(*FAMILY, gezag("mother")), "gezag")
    assert found is not None
    cells = (("kind", "noor"), ("persoon", "mother"), ("soort", "gezag"), ("bron", "register"))
    assert found.answer == (RowAnswer("mother-over-noor", cells),)


def test_rows_that_ended_and_those_of_another_child_are_left_out() -> None:
    ended, other = gezag("father", until=date(2026, 1, 1)), gezag("mother", "jay")
    case = a_case(*FAMILY, gezag("mother"), ended, other, a_row("help_item", "help", for_kind="child", child="noor"))
    assert [row["kind"] for row in rows_of(known(about(case, "help", definition="D-TOEST"), "gezag"))] == ["noor"]


def test_a_row_that_may_not_be_seen_is_passed_over() -> None:
    case = a_case(*FAMILY, gezag("mother"), gezag("father"))
    assert [row["persoon"] for row in rows_of(known(case, "gezag", "father-over-noor"))] == ["mother"]


def test_a_question_that_is_written_into_each_row_is_known_when_all_rows_say_the_same() -> None:
    same = known(a_case(*FAMILY, gezag("mother"), gezag("father")), "gezag_gecontroleerd_op")
    assert same is not None
    assert same.answer == CHECKED
    older = gezag("father", checked_on=date(2026, 1, 2))
    assert known(a_case(*FAMILY, gezag("mother"), older), "gezag_gecontroleerd_op") is None


def test_what_no_register_keeps_is_not_known() -> None:
    assert known(a_case(*FAMILY), "gezag") is None
    assert known(a_case(*FAMILY, gezag("mother")), "afwegen") is None
