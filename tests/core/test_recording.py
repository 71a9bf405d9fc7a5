from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.answers import Answers
from padwijzer.forms.core.conditions import (
    UNKNOWN,
    ColumnCompare,
    Compare,
    FactRef,
    Filter,
    Operator,
    Quantifier,
    Value,
)
from padwijzer.forms.core.field_types import Answer, LadderAnswer, Rejection, RowAnswer
from padwijzer.workflows.core.case_file import CaseFile, Row
from padwijzer.workflows.core.definition import (
    Activity,
    Constant,
    End,
    Exit,
    FromColumn,
    FromFact,
    FromField,
    FromRecorded,
    Kind,
    Obligation,
    Record,
)
from padwijzer.workflows.core.recording import RowChange, applied, changes, happened, identified, read_row, stored
from padwijzer.workflows.core.registers import registers
from tests.support.case_files import a_case, a_child, a_lookup, a_parent, a_row, about, has_authority

DAY = date(2026, 3, 2)
TODAY = FromFact(FactRef("today"))


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"new-{next(numbers)}"


def a_step(*records: Record) -> Activity:
    return Activity("step", "S1", (("nl", "Stap"),), Kind.FORM, Obligation.POLICY, (Exit(End()),), records=records)


def made(case: CaseFile, *records: Record, **answers: Answer) -> list[RowChange]:
    lookup = a_lookup(case)
    return list(changes(a_step(*records), Answers(answers), lookup, lookup.subject, ids()))


# Changes


def test_a_record_without_subject_or_match_adds_a_row() -> None:
    record = Record(
        "meeting", (("on", FromField("gesproken_op")), ("kind", Constant("talk")), ("status", Constant("held")))
    )
    (change,) = made(a_case(), record, gesproken_op=DAY)

    assert change == RowChange("meeting", "new-1", {"on": DAY, "kind": "talk", "status": "held"}, is_new=True)


def test_when_nothing_was_answered_there_is_nothing_to_record() -> None:
    record = Record("meeting", (("on", FromField("gesproken_op")), ("status", Constant("held"))))

    assert made(a_case(), record) == []
    assert made(a_case(), record, gesproken_op=UNKNOWN) == []


def test_a_record_of_constants_and_facts_is_always_made() -> None:
    (change,) = made(a_case(today=DAY), Record("application", (("on", TODAY), ("source", Constant("gezin")))))

    assert change.values == {"on": DAY, "source": "gezin"}


def test_an_unanswered_source_leaves_its_column_alone() -> None:
    case = about(a_case(a_row("help_item", "help", goal="rust", status="waiting")), "help")
    record = Record("help_item", (("goal", FromField("doel")), ("status", FromField("stand"))), subject=True)
    (change,) = made(case, record, stand="running")

    assert change == RowChange("help_item", "help", {"status": "running"}, is_new=False)
    assert applied(case, [change]).rows("help_item")[0].values == {"goal": "rust", "status": "running"}


def test_the_row_the_run_is_about_is_changed_only_in_its_own_register() -> None:
    case = about(a_case(a_row("placement", "p", child="c")), "p")
    records = (
        Record("help_item", (("status", Constant("running")),), subject=True),
        Record("placement", (("status", Constant("running")),), subject=True),
    )

    assert [change.register for change in made(case, *records)] == ["placement"]
    assert made(a_case(), *records) == []


def test_a_row_can_be_about_the_row_that_an_earlier_record_of_the_step_wrote() -> None:
    sharing = Record("sharing", (("with", FromField("met")), ("ground", Constant("toestemming"))))
    said = Record(
        "consent",
        (("subject", FromRecorded("sharing")), ("person", FromColumn("wie")), ("answer", Constant("akkoord"))),
        each="ja",
    )
    rows = tuple(RowAnswer("", (("wie", person),)) for person in ("mother", "father"))
    first, *others = made(a_case(), sharing, said, met="granny", ja=rows)

    assert first.register == "sharing"
    assert [(it.values["subject"], it.values["person"]) for it in others] == [
        (first.row, "mother"),
        (first.row, "father"),
    ]
    assert [dict(it.values) for it in made(a_case(), said, ja=rows[:1])] == [
        {"person": "mother", "answer": "akkoord"}
    ]


def test_rows_that_match_are_changed_and_else_one_is_added() -> None:
    case = a_case(a_row("person", "a", name="A", kind="parent"), a_row("person", "b", name="B", kind="child"))
    record = Record("person", (("name", FromField("naam")), ("school", FromField("school"))), match=("name",))

    (changed,) = made(case, record, naam="B", school="De Brug")
    (added,) = made(case, record, naam="C", school="De Brug")
    assert (changed.row, changed.is_new) == ("b", False)
    assert (added.row, added.is_new) == ("new-1", True)


def test_without_an_answer_to_match_on_nothing_is_written() -> None:
    record = Record("person", (("name", FromField("naam")), ("school", FromField("school"))), match=("name",))

    assert made(a_case(a_row("person", "a")), record, school="De Brug") == []


def test_once_for_each_row_of_a_question() -> None:
    record = Record(
        "consent",
        (
            ("subject", FromFact(FactRef("subject", (("column", "id"),)))),
            ("person", FromColumn("person")),
            ("answer", FromColumn("answer")),
            ("kind", Constant("answer")),
        ),
        each="antwoorden",
    )
    rows = (
        RowAnswer("", (("person", "m"), ("answer", "nee"))),
        RowAnswer("", (("person", "f"), ("answer", "akkoord"))),
    )
    found = made(about(a_case(a_row("help_item", "help")), "help"), record, antwoorden=rows)

    assert [change.values["person"] for change in found] == ["m", "f"]
    assert {change.values["subject"] for change in found} == {"help"}
    assert [change.row for change in found] == ["new-1", "new-2"]


def test_once_for_each_person_of_a_question() -> None:
    record = Record("placement", (("child", FromColumn("value")), ("status", Constant("planned"))), each="kinderen")

    assert [change.values["child"] for change in made(a_case(), record, kinderen=frozenset({"b", "a"}))] == ["a", "b"]


def test_a_row_that_is_a_row_of_the_register_changes_that_row() -> None:
    record = Record("help_item", (("family_satisfied", FromColumn("tevreden")),), each="hulpen")
    rows = (RowAnswer("help", (("tevreden", "ja"),)), RowAnswer("fresh", (("tevreden", "nee"),)))
    found = made(a_case(a_row("help_item", "help")), record, hulpen=rows)

    assert [(change.row, change.is_new) for change in found] == [("help", False), ("fresh", True)]


def test_two_rows_that_match_each_other_become_one() -> None:
    record = Record(
        "help_item", (("kind", FromColumn("soort")), ("goal", FromColumn("doel"))), each="h", match=("kind",)
    )
    rows = (RowAnswer("", (("soort", "x"), ("doel", "een"))), RowAnswer("", (("soort", "x"), ("doel", "twee"))))
    found = made(a_case(), record, h=rows)

    assert [change.is_new for change in found] == [True, False]
    assert [row.text("goal") for row in applied(a_case(), found).rows("help_item")] == ["twee"]


def test_a_later_record_sees_what_an_earlier_one_wrote() -> None:
    records = (
        Record("contact_person", (("person", FromField("vap")), ("since", TODAY))),
        Record("meeting", (("participants", FromFact(FactRef("contact_person"))), ("status", Constant("held")))),
    )
    _, meeting = made(a_case(), *records, vap="worker")

    assert meeting.values["participants"] == frozenset({"worker"})


def test_a_record_with_a_condition_is_made_only_when_it_is_true() -> None:
    when = Compare(FactRef("answer", (("field", "besluit"),)), Operator.IS, "ja")
    record = Record("application", (("on", TODAY),), when=when)

    assert len(made(a_case(), record, besluit="ja")) == 1
    assert made(a_case(), record, besluit="nee") == []
    assert made(a_case(), record) == []


def test_a_register_that_is_only_added_to_gets_a_new_row_instead_of_a_change() -> None:
    case = a_case(a_row("consent", "c", subject="help", person="m", answer="nee"))
    record = Record("consent", (("person", FromField("wie")), ("answer", FromField("zegt"))), match=("person",))

    (change,) = made(case, record, wie="m", zegt="akkoord")
    assert change.is_new
    assert made(case, record, wie="m", zegt="nee") == []


@pytest.mark.parametrize(
    ("column", "answer", "stored_value"),
    [
        ("rung", LadderAnswer("t2", (Rejection("t1"),)), "t2"),
        ("started_on", datetime(2026, 7, 1, 22, 30, tzinfo=UTC), date(2026, 7, 2)),
        ("child", frozenset({"child"}), "child"),
        ("distance_km", Decimal("2.5"), Decimal("2.5")),
    ],
)
def test_an_answer_takes_the_shape_of_its_column(column: str, answer: Answer, stored_value: object) -> None:
    (change,) = made(a_case(), Record("placement", ((column, FromField("x")),)), x=answer)

    assert change.values == {column: stored_value}


@pytest.mark.parametrize(
    ("column", "answer"),
    [("rung", LadderAnswer("none", ())), ("child", frozenset({"a", "b"})), ("started_on", "text")],
)
def test_what_does_not_fit_its_column_is_not_written(column: str, answer: Answer) -> None:
    assert made(a_case(), Record("placement", ((column, FromField("x")),)), x=answer) == []


def test_a_computed_column_is_never_written() -> None:
    assert made(a_case(), Record("help_item", (("consent_state", Constant("complete")),))) == []


def test_one_person_becomes_a_set_where_a_column_holds_persons() -> None:
    (change,) = made(a_case(), Record("help_item", (("persons", FromField("wie")),)), wie="mother")

    assert change.values == {"persons": frozenset({"mother"})}


# Applying


def test_applying_leaves_the_case_before_as_it_was() -> None:
    before = a_case(a_row("person", "a", name="A"))
    after = applied(before, [RowChange("person", "a", {"name": "B"}, is_new=False)])

    assert before.rows("person")[0].text("name") == "A"
    assert after.rows("person")[0].text("name") == "B"
    assert after.rows("person")[0].recorded_on == before.rows("person")[0].recorded_on


def test_a_new_row_is_recorded_today() -> None:
    after = applied(a_case(today=DAY), [RowChange("person", "a", {}, is_new=True)])

    assert after.rows("person")[0].recorded_on == DAY


def test_what_is_only_added_to_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="never changed"):
        applied(a_case(a_row("consent", "c")), [RowChange("consent", "c", {"answer": "akkoord"}, is_new=False)])


def test_a_row_that_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(KeyError):
        applied(a_case(), [RowChange("person", "a", {}, is_new=False)])


def test_a_change_does_not_show_its_values() -> None:
    assert "Fenna" not in repr(RowChange("person", "a", {"name": "Fenna"}, is_new=True))


# What happened


def events(before: CaseFile, after: CaseFile) -> list[tuple[str, str, date]]:
    return [(found.event.value, found.row, found.on) for found in happened(before, after)]


@pytest.mark.parametrize(
    ("register", "values", "event", "on"),
    [
        ("help_item", {"matched_on": DAY}, "help_matched", DAY),
        ("help_item", {"started_on": DAY}, "help_started", DAY),
        ("help_item", {"ended_on": DAY, "status": "stopped"}, "help_stopped", DAY),
        ("measure", {"from": DAY, "kind": "ots"}, "measure_started", DAY),
        ("measure", {"ended_on": DAY}, "measure_ended", DAY),
        ("order", {"from": DAY, "until": DAY}, "order_ended", DAY),
        ("order", {"from": DAY, "status": "lapsed"}, "order_ended", date(2026, 11, 25)),
        ("placement", {"started_on": DAY}, "placement_started", DAY),
        ("consent", {"kind": "withdrawal", "on": DAY, "person": "m"}, "consent_withdrawn", DAY),
        ("deviation", {"on": DAY}, "deviation_made", DAY),
    ],
)
def test_an_entry_that_makes_something_happen(register: str, values: dict[str, Any], event: str, on: date) -> None:
    before = a_case()
    after = applied(before, [RowChange(register, "r", values, is_new=True)])

    assert (event, "r", on) in events(before, after)
    assert happened(after, after) == ()


def test_coming_home_ends_a_placement_too() -> None:
    before = a_case(a_row("placement", "p", child="c", started_on=DAY, status="running"))
    home: dict[str, Value] = {"ended_on": date(2026, 7, 13), "ended_to": "home", "status": "ended"}
    after = applied(before, [RowChange("placement", "p", home, is_new=False)])

    assert [event for event, _, _ in events(before, after)] == ["placement_ended", "came_home"]
    assert {found.child for found in happened(before, after)} == {"c"}


def test_a_placement_that_is_only_planned_has_not_started() -> None:
    before = a_case()
    after = applied(before, [RowChange("placement", "p", {"planned_start": DAY, "status": "planned"}, is_new=True)])

    assert events(before, after) == []


def test_without_a_date_it_happens_on_the_day_it_is_entered() -> None:
    before = a_case(a_row("help_item", "h", status="waiting"), today=DAY)
    after = applied(before, [RowChange("help_item", "h", {"status": "running"}, is_new=False)])

    assert events(before, after) == [("help_started", "h", DAY)]


def test_the_clock_ends_a_measure_after_its_last_day_and_on_the_eighteenth_birthday() -> None:
    case = a_case(
        a_child("child", date(2008, 6, 1)),
        a_row("measure", "m", child="child", kind="ots", from_=DAY, until=date(2026, 12, 1)),
        a_row("measure", "over", child="child", kind="vots", from_=date(2026, 1, 1), until=date(2026, 3, 31)),
        today=date(2026, 3, 31),
    )

    assert events(case, replace(case, today=date(2026, 4, 1))) == [("measure_ended", "over", date(2026, 3, 31))]
    later = replace(case, today=date(2026, 5, 31))
    assert events(later, replace(case, today=date(2026, 6, 1))) == [("measure_ended", "m", date(2026, 6, 1))]


def test_help_that_was_to_start_later_starts_by_the_clock() -> None:
    case = a_case(a_row("help_item", "h", started_on=date(2026, 4, 1), status="matched"), today=date(2026, 3, 31))

    assert events(case, replace(case, today=date(2026, 4, 1))) == [("help_started", "h", date(2026, 4, 1))]


def test_consent_becomes_complete_with_the_last_yes() -> None:
    before = a_case(
        a_child("child", date(2020, 1, 1)),
        a_parent("m"),
        a_parent("f"),
        has_authority("m"),
        has_authority("f"),
        a_row("help_item", "h", for_kind="child", child="child"),
        a_row("placement", "p", child="child"),
        a_row("consent", "c1", subject="h", person="m", kind="answer", answer="akkoord", on=DAY),
    )
    yes: dict[str, Value] = {
        "subject": "h",
        "person": "f",
        "kind": "answer",
        "answer": "akkoord",
        "on": date(2026, 3, 5),
    }
    after = applied(before, [RowChange("consent", "c2", yes, is_new=True)])
    again = applied(after, [RowChange("consent", "c3", yes, is_new=True)])

    assert events(before, after) == [("consent_complete", "h", date(2026, 3, 5))]
    assert events(after, again) == []


# Identity


def test_a_new_row_gets_an_identity_and_a_carried_one_keeps_its_own() -> None:
    rows = (RowAnswer("kept", (("doel", "rust"),)), RowAnswer("", (("doel", "school"),)))
    answers = identified(Answers({"doelen": rows, "x": "y"}, {"apart": 1}), ids())

    assert answers.values["doelen"] == (rows[0], RowAnswer("new-1", rows[1].cells))
    assert answers.values["x"] == "y"
    assert answers.apart == {"apart": 1}


# JSON


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(min_size=1),
    "choice": st.text(min_size=1),
    "yes_no": st.sampled_from(["ja", "nee"]),
    "person": st.uuids().map(str),
    "row": st.uuids().map(str),
    "date": st.dates(date(1900, 1, 1)),
    "number": st.decimals(-1000, 1000, places=2),
    "persons": st.frozensets(st.uuids().map(str)),
    "choices": st.frozensets(st.text(min_size=1)),
}


@st.composite
def any_row(draw: st.DrawFn) -> Row:
    register = draw(st.sampled_from(sorted(registers())))
    columns = [column for column in registers()[register].columns if not column.computed]
    chosen = draw(st.lists(st.sampled_from(columns), unique_by=lambda column: column.key))
    return Row("r", register, {column.key: draw(VALUES[column.type]) for column in chosen}, DAY)


@given(any_row())
def test_what_is_kept_as_json_is_read_back_the_same(row: Row) -> None:
    kept = stored(RowChange(row.register, row.id, row.values, is_new=True))

    assert read_row(row.id, row.register, kept, row.recorded_on) == row


def test_a_column_that_is_no_longer_there_is_left_out() -> None:
    assert read_row("r", "person", {"name": "A", "gone": "x", "school": None}, DAY).values == {"name": "A"}


@pytest.mark.parametrize("data", [{"birth_date": 3}, {"birth_date": "x"}, {"name": 3}, {"kind": ["child"]}])
def test_what_is_no_value_of_its_column_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="is kept in column"):
        read_row("r", "person", data, DAY)


@pytest.mark.parametrize("number", ["Infinity", "1e3", "", "drie", 3.5, True])
def test_what_is_no_number_is_refused(number: object) -> None:
    with pytest.raises(ValueError, match="distance_km"):
        read_row("r", "placement", {"distance_km": number}, DAY)


def test_what_is_unknown_is_kept_as_nothing() -> None:
    kept = stored(RowChange("person", "p", {"school": UNKNOWN}, is_new=True))

    assert kept == {"school": None}
    assert read_row("p", "person", kept, DAY).values == {}


# Walking persons and children


def test_once_for_each_child_about_whom_the_run_is() -> None:
    case = about(a_case(a_child("one"), a_child("two"), a_child("three")), "", "one", "three")
    record = Record("measure", (("child", FromColumn("id")), ("kind", Constant("ots"))), each="children")

    assert [(change.values["child"], change.is_new) for change in made(case, record)] == [
        ("one", True),
        ("three", True),
    ]


def test_of_each_person_the_own_column_is_its_id() -> None:
    case = a_case(a_child("one"), a_child("two"))
    record = Record("person", (("school", FromField("school")),), each="wie")

    found = made(case, record, wie=frozenset({"one"}), school="De Brug")
    assert [(change.row, change.is_new) for change in found] == [("one", False)]


def test_what_is_walked_is_no_row_of_another_register() -> None:
    record = Record("help_item", (("kind", FromColumn("id")),), each="soorten")

    assert [change.row for change in made(a_case(), record, soorten=frozenset({"ggz"}))] == ["new-1"]


def test_rows_that_answer_to_a_filter_are_changed_and_none_is_added() -> None:
    running = Filter(Quantifier.ALL, (ColumnCompare("status", Operator.IS, "running"),))
    record = Record("help_item", (("planned_stop", Constant("ja")),), where=running)
    case = a_case(a_row("help_item", "a", status="running"), a_row("help_item", "b", status="stopped"))

    assert [(change.row, change.is_new) for change in made(case, record)] == [("a", False)]
    assert made(a_case(), record) == []
