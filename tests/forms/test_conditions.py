"""Conditions answer true, false or unknown, and unknown never becomes a yes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import (
    ALWAYS,
    UNKNOWN,
    All,
    AnyOf,
    Collection,
    ColumnCompare,
    Compare,
    Condition,
    Count,
    CountOperator,
    FactRef,
    Filter,
    Not,
    Offset,
    Operator,
    Projection,
    Quantifier,
    Right,
    Rows,
    SetCompare,
    SetOperator,
    TermRef,
    Truth,
    Value,
    atoms,
    depth,
    evaluate,
    is_answered,
    references,
    term_references,
)
from tests.properties.strategies import conditions

X = FactRef("x")
Y = FactRef("y")
ROWS = Collection(register="meeting")
TERM = TermRef(key="contact_42d")
DAY = date(2026, 3, 1)
EVERY_TRUTH: tuple[Truth, ...] = (True, False, None)
YES = ALWAYS
NO = Not(ALWAYS)
PERHAPS = Compare(FactRef("unanswered"), Operator.IS, "ja")


@dataclass
class World:
    """A world of facts and rows; what it does not know is unknown. A term is a number of days."""

    facts: Mapping[str, Value] = field(default_factory=dict)
    table: Sequence[Mapping[str, Value]] = ()
    days: Mapping[TermRef, int] = field(default_factory=lambda: {TERM: 42})

    def fact(self, ref: FactRef) -> Value:
        return self.facts.get(ref.name, UNKNOWN)

    def rows(self, collection: Collection) -> Sequence[Mapping[str, Value]]:
        return self.table

    def shifted(self, day: date, sign: int, term: TermRef) -> date | None:
        return day + timedelta(days=sign * self.days[term]) if term in self.days else None


def as_condition(truth: Truth) -> Condition:
    """A condition with this truth in every world that does not know `unanswered`."""
    return PERHAPS if truth is None else YES if truth else NO


def holds(condition: Condition, world: World | None = None) -> Truth:
    """Whether a condition holds in a world."""
    return evaluate(condition, world or World())


def compared(left: Value, operator: Operator, right: Right) -> Truth:
    """Whether a fact with this value compares with a right-hand side; `y` is 5 March 2026."""
    return holds(Compare(X, operator, right), World({"x": left, "y": date(2026, 3, 5)}))


truths = st.sampled_from(EVERY_TRUTH)
VALUES: tuple[Value, ...] = (
    UNKNOWN, "", "a", "A", 0, 3, Decimal("2.5"), DAY, datetime(2026, 3, 1, 12, tzinfo=UTC), frozenset(),
    frozenset({"a"}), frozenset({"a", 0}),
)  # fmt: skip


@dataclass
class Guess(World):
    """A world in which every fact, column and term has a value; another seed is another world."""

    seed: int = 0

    def pick(self, what: object) -> int:
        return zlib.crc32(f"{self.seed} {what!r}".encode())

    def fact(self, ref: FactRef) -> Value:
        return self.facts.get(ref.name, VALUES[self.pick(ref) % len(VALUES)])

    def rows(self, collection: Collection) -> Sequence[Mapping[str, Value]]:
        return [GuessedRow(self, (collection, index)) for index in range(self.pick(collection) % 4)]

    def shifted(self, day: date, sign: int, term: TermRef) -> date | None:
        days = self.pick(term) % 100
        return day + timedelta(days=sign * days) if days else None


class GuessedRow(dict[str, Value]):
    """A row of a guessed world: every column has a value."""

    def __init__(self, world: Guess, row: object) -> None:
        super().__init__()
        self.world = world
        self.row = row

    def get(self, key: str, default: object = None) -> Value:
        return VALUES[self.world.pick((self.row, key)) % len(VALUES)]


worlds = st.builds(lambda seed: Guess(seed=seed), st.integers(0, 2**20))
every_row = st.lists(truths, max_size=8)


def asked(rows: Sequence[Truth], question: Quantifier | Count) -> Truth:
    """The answer to a question about rows that answer to the filter, do not, or perhaps do."""
    shown: Mapping[Truth, Value] = {True: "ja", False: "nee", None: UNKNOWN}
    where = Filter(Quantifier.ALL, (ColumnCompare("kept", Operator.IS, "ja"),))
    return holds(Rows(ROWS, question, where), World(table=[{"kept": shown[truth]} for truth in rows]))


# One comparison


@pytest.mark.parametrize("operator", [o for o in Operator if o not in (Operator.ANSWERED, Operator.NOT_ANSWERED)])
def test_what_is_not_answered_compares_with_nothing(operator: Operator) -> None:
    assert compared(UNKNOWN, operator, "ja") is None
    assert compared("ja", operator, FactRef("unanswered")) is None


def test_whether_something_is_answered_is_never_unknown() -> None:
    assert compared(UNKNOWN, Operator.ANSWERED, None) is False
    assert compared(UNKNOWN, Operator.NOT_ANSWERED, None) is True
    assert compared("nee", Operator.ANSWERED, None) is True


@pytest.mark.parametrize("nothing", ["", frozenset(), UNKNOWN])
def test_an_empty_answer_is_no_answer(nothing: Value) -> None:
    assert not is_answered(nothing)


@pytest.mark.parametrize("something", ["nee", 0, Decimal(0), DAY, frozenset({"wonen"})])
def test_nil_and_no_are_answers(something: Value) -> None:
    assert is_answered(something)


def test_a_choice_is_or_is_not() -> None:
    assert compared("ja", Operator.IS, "ja") is True
    assert compared("ja", Operator.IS_NOT, "ja") is False
    assert compared("deels", Operator.IN, ("ja", "deels")) is True
    assert compared("nee", Operator.NOT_IN, ("ja", "deels")) is True


def test_the_same_person_is_not_another_person() -> None:
    assert holds(Compare(X, Operator.ANOTHER_THAN, Y), World({"x": "p1", "y": "p1"})) is False
    assert holds(Compare(X, Operator.ANOTHER_THAN, Y), World({"x": "p1", "y": "p2"})) is True
    assert holds(Compare(X, Operator.ANOTHER_THAN, Y), World({"x": "p1"})) is None


@pytest.mark.parametrize(
    ("left", "operator", "right", "truth"),
    [
        (2, Operator.LESS, 3, True),
        (3, Operator.LESS, 3, False),
        (3, Operator.AT_MOST, 3, True),
        (Decimal("2.5"), Operator.MORE, 2, True),
        (3, Operator.AT_LEAST, 4, False),
        ("t2", Operator.LESS, "t3", True),
        ("drie", Operator.LESS, 4, None),
        (DAY, Operator.LESS, "2026-03-02", None),
    ],
)
def test_numbers_and_ordered_choices_compare_and_unlike_things_do_not(
    left: Value, operator: Operator, right: Right, truth: Truth
) -> None:
    assert compared(left, operator, right) is truth


# Dates


@pytest.mark.parametrize(
    ("operator", "truth"),
    [(Operator.LESS, True), (Operator.AT_MOST, True), (Operator.MORE, False), (Operator.AT_LEAST, False)],
)
def test_days_compare(operator: Operator, truth: Truth) -> None:
    assert compared(DAY, operator, Y) is truth


def test_a_moment_is_compared_by_its_day() -> None:
    evening = datetime(2026, 3, 5, 23, 59, tzinfo=timezone(timedelta(hours=1)))
    assert compared(evening, Operator.AT_MOST, Y) is True
    assert compared(evening, Operator.IS, Y) is True


def test_a_day_moved_by_a_term_on_its_last_day_is_not_too_late() -> None:
    late = Compare(X, Operator.LESS, Offset(FactRef("today"), -1, TERM))
    for days, truth in ((41, False), (42, False), (43, True)):
        assert holds(late, World({"today": DAY, "x": DAY - timedelta(days=days)})) is truth


@given(
    st.dates(date(1990, 1, 1), date(2050, 1, 1)), st.dates(date(1990, 1, 1), date(2050, 1, 1)), st.integers(0, 800)
)
def test_moving_the_right_hand_side_forward_is_moving_the_left_hand_side_back(
    left: date, right: date, days: int
) -> None:
    world = World({"x": left, "y": right, "z": left - timedelta(days=days)}, days={TERM: days})
    forward = Compare(X, Operator.MORE, Offset(Y, 1, TERM))
    back = Compare(FactRef("z"), Operator.MORE, Y)
    assert holds(forward, world) is holds(back, world)


def test_a_term_by_a_choice_that_is_not_made_leaves_the_comparison_unknown() -> None:
    by_choice = TermRef(field="contact_ritme", by_choice=(("w1", "contact_silence_2w"),))
    assert compared(DAY, Operator.LESS, Offset(Y, -1, by_choice)) is None


def test_a_term_from_what_is_no_day_leaves_the_comparison_unknown() -> None:
    assert holds(Compare(X, Operator.LESS, Offset(Y, 1, TERM)), World({"x": DAY, "y": "gisteren"})) is None
    assert holds(Compare(X, Operator.LESS, Offset(Y, 1, TERM)), World({"x": DAY})) is None


# All, any, not


@given(st.lists(truths, min_size=1, max_size=5))
def test_all_is_false_by_one_false_and_true_by_nothing_but_true(parts: list[Truth]) -> None:
    expected: Truth = False if False in parts else None if None in parts else True
    assert holds(All(tuple(map(as_condition, parts)))) is expected


@given(st.lists(truths, min_size=1, max_size=5))
def test_any_is_true_by_one_true_and_false_by_nothing_but_false(parts: list[Truth]) -> None:
    expected: Truth = True if True in parts else None if None in parts else False
    assert holds(AnyOf(tuple(map(as_condition, parts)))) is expected


def test_the_opposite_of_unknown_is_unknown() -> None:
    assert [holds(Not(as_condition(truth))) for truth in EVERY_TRUTH] == [False, True, None]


@given(conditions, conditions, worlds)
def test_not_all_is_any_not_and_not_any_is_all_not(one: Condition, other: Condition, world: World) -> None:
    assert holds(Not(All((one, other))), world) is holds(AnyOf((Not(one), Not(other))), world)
    assert holds(Not(AnyOf((one, other))), world) is holds(All((Not(one), Not(other))), world)


@given(conditions, conditions, worlds)
def test_order_and_double_negation_change_nothing(one: Condition, other: Condition, world: World) -> None:
    assert holds(All((one, other)), world) is holds(All((other, one)), world)
    assert holds(AnyOf((one, other)), world) is holds(AnyOf((other, one)), world)
    assert holds(Not(Not(one)), world) is holds(one, world)


@given(conditions, worlds)
def test_a_condition_is_total_and_never_changes_its_mind(condition: Condition, world: World) -> None:
    answer = holds(condition, world)
    assert answer in EVERY_TRUTH
    assert holds(condition, world) is answer


@given(conditions, worlds)
def test_only_what_a_condition_refers_to_can_change_its_answer(condition: Condition, world: Guess) -> None:
    asked: list[FactRef | Collection] = []

    class Watched(Guess):
        def fact(self, ref: FactRef) -> Value:
            asked.append(ref)
            return super().fact(ref)

        def rows(self, collection: Collection) -> Sequence[Mapping[str, Value]]:
            asked.append(collection)
            return super().rows(collection)

    assert holds(condition, Watched(seed=world.seed)) is holds(condition, world)
    assert set(asked) <= set(references(condition))


# Rows


def test_all_of_no_rows_is_unknown_but_none_and_any_are_certain() -> None:
    assert asked([], Quantifier.ALL) is None
    assert asked([], Quantifier.ANY) is False
    assert asked([], Quantifier.NONE) is True


def test_no_rows_is_said_with_a_count() -> None:
    assert asked([], Count(CountOperator.FEWER_THAN, 1)) is True
    assert asked([True], Count(CountOperator.FEWER_THAN, 1)) is False


@given(every_row)
def test_none_is_the_opposite_of_any(rows: list[Truth]) -> None:
    opposite = {True: False, False: True, None: None}
    assert asked(rows, Quantifier.NONE) is opposite[asked(rows, Quantifier.ANY)]


@given(every_row.filter(bool))
def test_all_rows_is_no_row_that_does_not(rows: list[Truth]) -> None:
    opposite = {True: False, False: True, None: None}
    assert asked(rows, Quantifier.ALL) is asked([opposite[truth] for truth in rows], Quantifier.NONE)


@given(every_row, st.sampled_from(CountOperator), st.integers(0, 10))
def test_a_count_is_certain_only_when_it_is_so_however_the_unknown_rows_turn_out(
    rows: list[Truth], operator: CountOperator, number: int
) -> None:
    outcomes = {
        asked([truth is True or (truth is None and unknown_is) for truth in rows], Count(operator, number))
        for unknown_is in (True, False)
    }
    expected = outcomes.pop() if len(outcomes) == 1 else None
    assert asked(rows, Count(operator, number)) is expected


@given(every_row, st.integers(0, 9))
def test_at_least_one_more_is_more_than(rows: list[Truth], number: int) -> None:
    assert asked(rows, Count(CountOperator.MORE_THAN, number)) is asked(
        rows, Count(CountOperator.AT_LEAST, number + 1)
    )


def test_a_filter_joined_by_any_keeps_a_row_by_one_of_its_lines() -> None:
    where = Filter(
        Quantifier.ANY,
        (ColumnCompare("status", Operator.IS, "running"), ColumnCompare("on", Operator.AT_LEAST, FactRef("today"))),
    )
    world = World({"today": DAY}, [{"status": "stopped", "on": DAY}, {"status": "running"}, {"status": "stopped"}])
    assert holds(Rows(ROWS, Count(CountOperator.AT_LEAST, 2), where), world) is True
    assert holds(Rows(ROWS, Count(CountOperator.AT_LEAST, 3), where), world) is None


def test_without_a_filter_every_row_counts() -> None:
    assert holds(Rows(ROWS, Quantifier.ANY), World(table=[{}])) is True
    assert holds(Rows(ROWS, Quantifier.ANY), World()) is False


def test_a_column_with_several_values_answers_to_set_operators() -> None:
    joined = Rows(ROWS, Quantifier.ANY, Filter(Quantifier.ALL, (ColumnCompare("who", SetOperator.CONTAINS_ANY, X),)))
    world = World({"x": frozenset({"p1", "p2"})}, [{"who": frozenset({"p2", "p3"})}])
    assert holds(joined, world) is True
    assert holds(joined, World({"x": "p4"}, world.table)) is False
    assert holds(joined, World({}, world.table)) is None
    assert holds(joined, World({"x": "p1"}, [{}])) is None


# Sets


def sets(left: Value, operator: SetOperator, right: Value) -> Truth:
    """Whether one set compares with another."""
    return holds(SetCompare(X, operator, Y), World({"x": left, "y": right}))


def test_everybody_of_nobody_is_unknown() -> None:
    assert sets(frozenset({"p1"}), SetOperator.CONTAINS_ALL, frozenset()) is None
    assert sets(frozenset(), SetOperator.CONTAINS_ALL, frozenset()) is None


def test_everybody_of_somebody_is_certain() -> None:
    assert sets(frozenset({"p1", "p2"}), SetOperator.CONTAINS_ALL, frozenset({"p1"})) is True
    assert sets(frozenset({"p2"}), SetOperator.CONTAINS_ALL, frozenset({"p1"})) is False


def test_a_reason_that_is_not_given_is_not_only_a_refusal() -> None:
    refusal = SetCompare(X, SetOperator.SUBSET_OF, ("weigering",))
    assert holds(refusal, World({"x": frozenset()})) is False
    assert holds(refusal, World({"x": frozenset({"weigering"})})) is True
    assert holds(refusal, World({"x": frozenset({"weigering", "veiligheid"})})) is False
    assert holds(refusal, World()) is None


def test_a_single_value_is_a_set_of_one() -> None:
    assert sets("p1", SetOperator.SUBSET_OF, frozenset({"p1", "p2"})) is True
    assert sets(frozenset({"p1", "p2"}), SetOperator.CONTAINS_ANY, "p2") is True


member_sets = st.frozensets(st.sampled_from(["p1", "p2", "p3"]))


@given(member_sets, member_sets)
def test_containing_none_is_the_opposite_of_containing_any(left: frozenset[str], right: frozenset[str]) -> None:
    assert sets(left, SetOperator.CONTAINS_NONE, right) is not sets(left, SetOperator.CONTAINS_ANY, right)


@given(member_sets.filter(bool), member_sets.filter(bool))
def test_containing_all_is_the_other_being_a_subset(left: frozenset[str], right: frozenset[str]) -> None:
    assert sets(left, SetOperator.CONTAINS_ALL, right) is sets(right, SetOperator.SUBSET_OF, left)


def test_a_projection_gathers_the_values_of_rows_that_certainly_answer() -> None:
    where = Filter(Quantifier.ALL, (ColumnCompare("on", Operator.AT_LEAST, FactRef("since")),))
    spoken = SetCompare(Projection("child", ROWS, where), SetOperator.CONTAINS_ALL, FactRef("children"))
    children = frozenset({"c1", "c2"})
    late: list[Mapping[str, Value]] = [{"child": "c1", "on": DAY}, {"child": "c2", "on": DAY}, {"on": DAY}]
    assert holds(spoken, World({"since": DAY, "children": children}, late)) is True
    assert (
        holds(spoken, World({"since": DAY, "children": children}, [{"child": "c1", "on": DAY}, {"child": "c2"}]))
        is False
    )
    assert holds(spoken, World({"children": children}, late)) is False


def test_two_projections_join_on_a_value() -> None:
    failed = Filter(Quantifier.ALL, (ColumnCompare("helped", Operator.IS, "hielp_niet"),))
    again = SetCompare(Projection("kind", ROWS, failed), SetOperator.CONTAINS_ANY, Projection("chosen", ROWS))
    assert holds(again, World(table=[{"kind": "mst", "helped": "hielp_niet"}, {"chosen": "mst"}])) is True
    assert holds(again, World(table=[{"kind": "mst", "helped": "hielp"}, {"chosen": "mst"}])) is False


# Reading a condition


def test_a_comparison_alone_is_one_deep_and_each_joining_adds_one() -> None:
    assert depth(ALWAYS) == 1
    assert depth(Not(PERHAPS)) == 2
    assert depth(All((ALWAYS, AnyOf((Not(PERHAPS), ALWAYS))))) == 4


@given(conditions)
def test_a_condition_has_as_many_comparisons_as_leaves(condition: Condition) -> None:
    def leaves(part: Condition) -> int:
        match part:
            case All(parts) | AnyOf(parts):
                return sum(map(leaves, parts))
            case Not(inner):
                return leaves(inner)
            case _:
                return int(part != ALWAYS)

    assert len(list(atoms(condition))) == leaves(condition)


def test_no_condition_has_no_comparisons_and_refers_to_nothing() -> None:
    assert list(atoms(None)) == list(references(None)) == list(term_references(None)) == []


def test_facts_collections_and_terms_are_found_wherever_they_stand() -> None:
    moved = Offset(FactRef("since"), -1, TERM)
    where = Filter(Quantifier.ALL, (ColumnCompare("on", Operator.LESS, moved), ColumnCompare("who", Operator.IS, Y)))
    condition = All(
        (
            Compare(X, Operator.MORE, moved),
            Not(Rows(ROWS, Quantifier.ANY, where)),
            SetCompare(Projection("who", ROWS, where), SetOperator.CONTAINS_ALL, FactRef("group")),
            SetCompare(FactRef("z"), SetOperator.SUBSET_OF, ("a",)),
        )
    )
    found = set(references(condition))
    assert found == {X, Y, FactRef("since"), FactRef("group"), FactRef("z"), ROWS}
    assert list(term_references(condition)) == [TERM, TERM, TERM]


def test_an_argument_of_a_fact_is_found_by_its_name() -> None:
    fact = FactRef("age", (("between", ("a", "b")), ("months", 12), ("person", "child")))
    assert fact.argument("person") == "child"
    assert fact.argument("months") == "12"
    assert fact.argument("on", "today") == "today"
    assert fact.argument("between") == "('a', 'b')"
    assert fact.persons("between") == ("a", "b")
    assert fact.persons("person") == ("child",)
    assert fact.persons("on") == ()


def test_unknown_is_no_truth() -> None:
    assert not UNKNOWN
