from datetime import UTC, date, datetime

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.forms.core.field_types import LadderAnswer, Rejection, RowAnswer
from padwijzer.workflows.core.case_file import Run, VisitState
from tests.support.case_files import a_case, a_lookup, a_visit, asked

DAY = date(2026, 3, 2)


def test_of_this_step_is_what_is_being_answered() -> None:
    lookup = a_lookup(a_case(), besluit="ja")

    assert asked(lookup, "answer", field="besluit") == "ja"
    assert asked(lookup, "answer", field="other") is UNKNOWN


def test_i_do_not_know_is_unknown() -> None:
    assert asked(a_lookup(a_case(), besluit=UNKNOWN), "answer", field="besluit") is UNKNOWN


def test_of_another_step_is_that_of_its_last_completion() -> None:
    case = a_case(
        visits=(
            a_visit("plan", DAY, answers={"doel": "eerst"}),
            a_visit("plan", date(2026, 4, 1), answers={"doel": "later"}, number=2),
            a_visit("plan", date(2026, 5, 1), VisitState.OPEN, answers={"doel": "half"}, number=3),
        )
    )

    assert asked(a_lookup(case), "answer", field="plan.doel") == "later"
    assert asked(a_lookup(case), "answer", field="plan.doel", round="previous") == "eerst"


def test_a_skipped_round_has_no_answers() -> None:
    case = a_case(visits=(a_visit("plan", DAY, VisitState.SKIPPED, answers={"doel": "x"}),))

    assert asked(a_lookup(case), "answer", field="plan.doel") is UNKNOWN


def test_what_was_hidden_in_the_last_round_is_unknown_whatever_was_said_before() -> None:
    case = a_case(visits=(a_visit("plan", DAY, answers={"doel": "x"}), a_visit("plan", DAY, answers={}, number=2)))

    assert asked(a_lookup(case), "answer", field="plan.doel") is UNKNOWN


def test_previous_round_of_this_step() -> None:
    case = a_case(visits=(a_visit("step", DAY, answers={"stand": "gehaald"}), a_visit("step", DAY, VisitState.OPEN)))

    assert asked(a_lookup(case, stand="weg"), "answer", field="stand", round="previous") == "gehaald"
    assert asked(a_lookup(case), "answer", field="stand") is UNKNOWN


def test_a_called_run_sees_the_answers_of_its_caller_and_not_those_of_a_stranger() -> None:
    runs = (Run(0, "D-TOEST", DAY, parent=1), Run(1, "V", DAY), Run(2, "O", DAY))
    visits = (
        a_visit("plan", DAY, answers={"doel": "caller"}, run=1),
        a_visit("other", DAY, answers={"doel": "stranger"}, run=2, definition="O"),
    )
    lookup = a_lookup(a_case(runs=runs, visits=visits))

    assert asked(lookup, "answer", field="plan.doel") == "caller"
    assert asked(lookup, "answer", field="other.doel") is UNKNOWN
    assert asked(lookup, "answer", field="O.other.doel") == "stranger"


def test_a_ladder_is_its_chosen_rung() -> None:
    ladder = LadderAnswer("t2", (Rejection("t1", "ziek"),))

    assert asked(a_lookup(a_case(), rungs=ladder), "answer", field="rungs") == "t2"
    assert asked(a_lookup(a_case(), rungs=ladder), "answer", field="rungs.chosen") == "t2"


def test_rows_count_as_answered_only_when_there_are_any() -> None:
    assert asked(a_lookup(a_case(), acties=(RowAnswer("", ()),)), "answer", field="acties") == frozenset({"0"})
    assert asked(a_lookup(a_case()), "answer", field="acties") is UNKNOWN


def test_a_moment_has_its_day_in_amsterdam() -> None:
    moment = asked(a_lookup(a_case(), op=datetime(2026, 7, 1, 22, 30, tzinfo=UTC)), "answer", field="op")

    assert isinstance(moment, datetime)
    assert moment.date() == date(2026, 7, 2)


def test_a_field_that_is_called_chosen_is_no_ladder() -> None:
    case = a_case(visits=(a_visit("plan", DAY, answers={"chosen": "ja"}),))

    assert asked(a_lookup(case), "answer", field="plan.chosen") == "ja"
