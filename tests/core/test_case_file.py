from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pytest

from padwijzer.forms.core.conditions import (
    UNKNOWN,
    Collection,
    ColumnCompare,
    Compare,
    Condition,
    FactRef,
    Filter,
    Operator,
    Quantifier,
    Rows,
    TermRef,
    evaluate,
)
from padwijzer.forms.core.field_types import LadderAnswer, Rejection, RowAnswer
from padwijzer.workflows.core.case_file import COMPUTED, Run, RunStatus
from padwijzer.workflows.core.definition import ProcessDefinition
from padwijzer.workflows.core.reading import read_definition
from padwijzer.workflows.core.registers import registers
from tests.support.case_files import a_case, a_child, a_lookup, a_parent, a_row, a_visit, about, asked, shipped_times

DAY = date(2026, 3, 2)


def test_every_computed_column_of_a_register_can_be_worked_out() -> None:
    computed = {
        (register.key, column.key)
        for register in registers().values()
        for column in register.columns
        if column.computed
    }

    assert computed - {("help_item", "outcome")} == set(COMPUTED)


def test_rows_of_a_register_have_their_id_and_computed_columns() -> None:
    case = a_case(
        a_child("child", date(2014, 11, 25)),
        a_row("measure", "m", child="child", kind="ots", from_=DAY),
        a_row("placement", "p", child="child", started_on=DAY, status="running"),
    )
    (child,) = a_lookup(case).rows(Collection("person"))

    assert child["id"] == "child"
    assert child["age"] == 144
    assert child["running_measure"] == "ots"
    assert child["lives_at"] == "placed"
    assert a_lookup(case).rows(Collection("placement"))[0]["consent_state"] == "not_asked"


def test_an_empty_cell_of_a_register_has_not_happened_but_a_date_or_person_is_unknown() -> None:
    (row,) = a_lookup(a_case(a_row("help_item", "h"))).rows(Collection("help_item"))

    assert row["family_satisfied"] == "nee"
    assert row["stop_reason"] == ""
    assert row["persons"] == frozenset()
    assert row["started_on"] is UNKNOWN
    assert row["child"] is UNKNOWN
    assert row["no_such_column"] is UNKNOWN


def test_what_was_recorded_as_unknown_stays_unknown() -> None:
    (row,) = a_lookup(a_case(a_row("help_item", "h", family_satisfied=UNKNOWN))).rows(Collection("help_item"))

    assert row["family_satisfied"] is UNKNOWN


def test_a_row_as_a_mapping_has_every_column_of_its_register() -> None:
    (row,) = a_lookup(a_case(a_row("measure", "m"))).rows(Collection("measure"))

    assert set(row) == {"id", "outcome", *(column.key for column in registers()["measure"].columns)}
    assert len(row) == len(set(row))


def test_an_exit_over_closed_rows_is_never_unknown() -> None:
    where = Filter(Quantifier.ALL, (ColumnCompare("in_this_decision", Operator.IS, "ja"),))
    condition = Rows(Collection("help_item"), Quantifier.ANY, where)

    assert evaluate(condition, a_lookup(a_case())) is False
    assert evaluate(condition, a_lookup(a_case(a_row("help_item", "h")))) is False
    assert evaluate(condition, a_lookup(a_case(a_row("help_item", "h", in_this_decision="ja")))) is True


def test_children_are_those_of_the_run_and_case_children_are_all() -> None:
    case = about(a_case(a_child("one"), a_child("two"), a_parent("mother")), "", "two")

    assert [row["id"] for row in a_lookup(case).rows(Collection("children"))] == ["two"]
    assert [row["id"] for row in a_lookup(case).rows(Collection("case_children"))] == ["one", "two"]


def test_a_run_about_the_family_is_about_all_its_children() -> None:
    case = a_case(a_child("one"), a_child("two"), a_child("gone", until=date(2026, 1, 1)))

    assert a_lookup(case).children() == {"one", "two"}


def test_rows_of_a_field_of_this_step_of_the_previous_round_and_of_another_step() -> None:
    old, new = RowAnswer("a", (("stand", "verder_weg"),)), RowAnswer("a", (("stand", "gehaald"),))
    case = a_case(
        visits=(a_visit("step", DAY, answers={"doelen": (old,)}), a_visit("plan", DAY, answers={"x": (new,)}))
    )
    lookup = a_lookup(case, doelen=(new, new))

    assert [row["stand"] for row in lookup.rows(Collection(field="doelen"))] == ["gehaald", "gehaald"]
    assert [row["stand"] for row in lookup.rows(Collection(field="doelen", round="previous"))] == ["verder_weg"]
    assert [row["id"] for row in lookup.rows(Collection(field="plan.x", round="latest"))] == ["a"]
    assert lookup.rows(Collection(field="never.asked")) == ()


def test_the_persons_of_a_question_can_be_counted_as_rows() -> None:
    lookup = a_lookup(a_case(), tent_wie=frozenset({"a", "b"}))

    assert [row["value"] for row in lookup.rows(Collection(field="tent_wie"))] == ["a", "b"]


def test_the_rungs_of_a_ladder() -> None:
    ladder = LadderAnswer("t3", (Rejection("t1", "ziek", frozenset({"wens_kind"})), Rejection("t2")))
    rungs = a_lookup(a_case(), plek=ladder, other=frozenset({"x"})).rows(Collection("rungs"))

    assert [row["rung"] for row in rungs] == ["t1", "t2", "t3"]
    assert [row["position"] for row in rungs] == [1, 2, 3]
    assert [row["rejected"] for row in rungs] == ["ja", "ja", "nee"]
    assert [row.get("reason", UNKNOWN) for row in rungs] == ["ziek", UNKNOWN, UNKNOWN]
    assert [row["place_kind"] for row in rungs] == ["netwerk", "pleeg", "gezinshuis"]


def test_no_rung_is_chosen_when_none_fits() -> None:
    rungs = a_lookup(a_case(), plek=LadderAnswer("none", (Rejection("t1"),))).rows(Collection("rungs"))

    assert [row["chosen"] for row in rungs] == ["nee"]


@pytest.mark.parametrize(
    ("term", "moved"),
    [
        (TermRef(key="order_max_1y"), date(2027, 3, 2)),
        (TermRef(key="6w"), date(2026, 4, 13)),
        (TermRef(field="ritme", by_choice=(("w2", "2w"), ("w4", "4w"))), date(2026, 3, 16)),
        (TermRef(field="unasked", by_choice=(("w2", "2w"),)), None),
        (TermRef(setting="norm"), date(2026, 4, 2)),
        (TermRef(setting="never_set"), None),
        (TermRef(key="no_such_term"), None),
        (TermRef(key="24h"), None),
    ],
)
def test_a_day_moved_by_a_term(term: TermRef, moved: date | None) -> None:
    lookup = a_lookup(a_case(settings={"norm": "1m"}), ritme="w2")

    assert lookup.shifted(DAY, 1, term) == moved


def test_an_age_is_a_term_in_months() -> None:
    assert shipped_times().age("age_12y") == 144
    with pytest.raises(ValueError, match="no age"):
        shipped_times().age("first_talk_2w")


@pytest.mark.parametrize(
    ("argument", "person"), [("child", "one"), ("field:wie", "two"), ("contact_person", "worker")]
)
def test_a_person_named_by_an_argument(argument: str, person: str) -> None:
    case = a_case(a_child("one"), a_row("contact_person", "c", person="worker"))

    assert a_lookup(case, wie="two").person(argument) == person


def test_a_group_of_more_than_one_names_nobody() -> None:
    assert a_lookup(a_case(a_parent("a"), a_parent("b"))).person("parents") is None
    assert a_lookup(a_case()).person("parents") is None


def test_the_child_of_a_run_is_that_of_its_subject() -> None:
    case = a_case(a_child("one"), a_child("two"), a_row("placement", "p", child="two"))

    assert a_lookup(about(case, "p")).person("child") == "two"
    assert a_lookup(about(case, "one")).person("child") == "one"


def test_a_condition_of_a_rule_reads_facts_and_answers_together() -> None:
    case = about(a_case(a_child("child", date(2020, 1, 1))), "child")
    too_young = Compare(FactRef("age", (("person", "child"),)), Operator.LESS, 144)

    assert evaluate(too_young, a_lookup(case)) is True


def test_answering_is_the_same_lookup_with_other_answers() -> None:
    lookup = a_lookup(a_case(), x="old").answering({"x": "new"})

    assert asked(lookup, "answer", field="x") == "new"


def test_a_fact_that_does_not_exist_is_an_error_of_who_asks() -> None:
    with pytest.raises(KeyError):
        asked(a_lookup(a_case()), "no_such_fact")


def test_a_run_that_does_not_exist_is_an_error_of_who_asks() -> None:
    with pytest.raises(KeyError):
        replace(a_lookup(a_case()), run=7).children()


def test_a_case_file_does_not_show_its_content() -> None:
    case = a_case(a_row("person", "x", name="Fenna Bakker"), visits=(a_visit("s", DAY, answers={"v": "geheim"}),))

    for part in (case, case.rows("person")[0], case.visits[0], a_lookup(case, v="geheim")):
        assert "Fenna" not in repr(part)
        assert "geheim" not in repr(part)


def test_steps_of_a_caller_are_found_nearest_first() -> None:
    runs = (Run(0, "D-TENT", DAY, parent=1), Run(1, "D-WACHT", DAY, parent=2), Run(2, "V", DAY))
    visits = (a_visit("plan", date(2026, 1, 1), run=2), a_visit("plan", DAY, run=1, definition="D-WACHT"))

    assert asked(a_lookup(a_case(runs=runs, visits=visits)), "opened_on", of="plan") == DAY


def test_a_moment_in_a_date_column_is_its_day_in_amsterdam() -> None:
    row = a_row("meeting", "m", on=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))

    assert row.day("on") == date(2026, 7, 2)
    assert a_row("meeting", "m", on="text").day("on") is None


def test_a_run_about_a_help_for_the_family_is_about_its_children() -> None:
    case = a_case(a_child("one"), a_child("two"), a_row("help_item", "help", for_kind="family"))

    assert a_lookup(about(case, "help")).children() == {"one", "two"}
    assert a_lookup(about(case, "help", "two")).children() == {"two"}


def test_a_row_without_answers_names_no_person() -> None:
    rows = (RowAnswer("", ()), RowAnswer("", (("wie", UNKNOWN),)), RowAnswer("", (("wie", frozenset({"a"})),)))

    assert asked(a_lookup(a_case(), wie=rows), "persons", group="this_field:wie") == {"a"}


# Which steps are seen from where

TRACK: dict[str, Any] = {"opened_as": "track", "track": "help_runs"}


def test_the_main_line_sees_the_steps_on_its_tracks_and_a_track_those_of_the_main_line() -> None:
    runs = (Run(0, "V", DAY), Run(1, "V", DAY, parent=0, **TRACK))
    visits = (a_visit("plan", DAY), a_visit("help_runs", DAY, run=1, track="help_runs"))
    lookup = a_lookup(a_case(runs=runs, visits=visits))

    assert asked(lookup, "opened_on", of="help_runs") == DAY
    assert asked(replace(lookup, run=1), "state", of="plan") == "done"


def test_a_step_on_a_track_is_not_the_run_of_its_definition() -> None:
    runs = (
        Run(0, "O", DAY),
        Run(1, "V", DAY, status=RunStatus.ENDED),
        Run(2, "V", DAY, parent=1, **TRACK),
    )

    assert asked(a_lookup(a_case(runs=runs)), "state", of="V") == "done"
    assert (
        asked(a_lookup(a_case(runs=(runs[0], Run(1, "D-18", DAY, parent=0, **TRACK)))), "state", of="D-18") == "open"
    )


def test_a_track_about_one_help_does_not_take_the_steps_of_another_for_its_own() -> None:
    runs = (Run(1, "V", DAY), Run(2, "V", DAY, parent=1, **TRACK), Run(0, "V", DAY, parent=1, **TRACK))
    visits = (a_visit("help_runs", date(2026, 1, 1), run=2), a_visit("help_runs", DAY))

    assert asked(a_lookup(a_case(runs=runs, visits=visits)), "opened_on", of="help_runs") == DAY


def test_a_run_about_one_child_sees_what_the_family_did_before_it_split() -> None:
    children = (a_child("one"), a_child("two"))
    runs = (
        Run(1, "P", DAY, status=RunStatus.ENDED),
        Run(2, "P", DAY, subject="one"),
        Run(3, "P", DAY, subject="two"),
        Run(4, "P", DAY, subject="one", parent=2, **TRACK),
    )
    visits = (
        a_visit("possible", DAY, run=1, definition="P", answers={"pl_kader": "vrijwillig"}),
        a_visit("ladder", DAY, run=2, definition="P"),
        a_visit("first_week", DAY, run=4, definition="P"),
    )
    lookup = replace(a_lookup(a_case(*children, runs=runs, visits=visits)), run=3)

    assert asked(lookup, "answer", field="possible.pl_kader") == "vrijwillig"
    assert asked(lookup, "state", of="ladder") == "never"
    assert asked(lookup, "state", of="P.ladder") == "never"
    assert asked(replace(lookup, run=2), "state", of="first_week") == "done"
    assert asked(replace(lookup, run=4), "answer", field="possible.pl_kader") == "vrijwillig"


def test_an_earlier_run_of_the_same_definition_is_another_story() -> None:
    runs = (Run(1, "O", DAY, status=RunStatus.ENDED), Run(2, "O", DAY))
    visits = (a_visit("explain", DAY, run=1, definition="O"),)
    lookup = replace(a_lookup(a_case(a_child("one"), runs=runs, visits=visits)), run=2)

    assert asked(lookup, "state", of="explain") == "never"
    assert asked(lookup, "state", of="O.explain") == "done"


def test_a_run_about_one_child_without_a_run_before_it_has_no_past() -> None:
    case = a_case(a_child("one"), runs=(Run(0, "P", DAY, subject="one"),))

    assert asked(a_lookup(case), "state", of="possible") == "never"


# The shipped paths

PATHS = sorted(
    path.name for path in (files("padwijzer") / "fixtures" / "paths").iterdir() if path.name[-5:] == ".json"
)


def conditions_of(definition: ProcessDefinition) -> Iterator[tuple[str, Condition]]:
    for activity in definition.activities:
        asked_here = [
            *(rule.when for rule in activity.rules),
            *(way.when for way in activity.exits),
            *(field.shown_if for field in activity.fields),
            *(record.when for record in activity.records),
            *(opened.when for opened in activity.opens),
            activity.available,
            activity.call.goes_on_when if activity.call else None,
        ]
        yield from ((activity.key, condition) for condition in asked_here if condition is not None)


@pytest.mark.parametrize("name", PATHS)
def test_every_condition_of_a_shipped_path_can_be_asked_about_any_case(name: str) -> None:
    definition = read_definition((files("padwijzer") / "fixtures" / "paths" / name).read_bytes())
    family = a_case(a_child("one"), a_parent("mother"), a_row("help_item", "help", for_kind="child", child="one"))

    for case in (a_case(), about(family, "one"), about(family, "help")):
        for activity, condition in conditions_of(definition):
            assert evaluate(condition, a_lookup(case, activity)) in (True, False, None)


def test_a_track_about_one_child_does_not_see_the_track_about_another() -> None:
    runs = (
        Run(1, "V", DAY),
        Run(0, "V", DAY, subject="one", parent=1, **TRACK),
        Run(2, "V", DAY, subject="two", parent=1, **TRACK),
    )
    lookup = a_lookup(a_case(a_child("one"), a_child("two"), runs=runs, visits=(a_visit("first_week", DAY, run=2),)))

    assert asked(lookup, "state", of="first_week") == "never"
    assert asked(replace(lookup, run=1), "state", of="first_week") == "done"


def test_a_run_about_the_family_that_still_goes_on_did_not_split() -> None:
    runs = (Run(1, "P", DAY), Run(2, "P", DAY, subject="one"))
    case = a_case(a_child("one"), runs=runs, visits=(a_visit("possible", DAY, run=1, definition="P"),))

    assert asked(replace(a_lookup(case), run=2), "state", of="possible") == "never"
