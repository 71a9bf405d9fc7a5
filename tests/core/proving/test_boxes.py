"""Dividing a box by a condition is exact: every valuation lands in one part, with the truth that Kleene gives it."""

from itertools import product

from hypothesis import assume, given
from hypothesis import strategies as st

from padwijzer.workflows.core.proving.boxes import (
    FALSE,
    TRUE,
    TRUTHS,
    UNKNOWN,
    Both,
    Either,
    Opposite,
    Some,
    Within,
    both,
    cut,
    divide,
    either,
    facts_of,
)

SIZES = {"x": 3, "y": 2, "z": 4}
FULL = {fact: (1 << size) - 1 for fact, size in SIZES.items()}


@st.composite
def comparisons(draw):
    fact = draw(st.sampled_from(sorted(SIZES)))
    true = draw(st.integers(0, FULL[fact]))
    return Within(fact, true, draw(st.integers(0, FULL[fact])) & ~true)


formulas = st.recursive(
    st.one_of(st.sampled_from([TRUE, FALSE, UNKNOWN]), comparisons()),
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(tuple).map(Both),
        st.lists(parts, min_size=1, max_size=3).map(tuple).map(Either),
        parts.map(Opposite),
    ),
    max_leaves=8,
)
some_facts = st.sets(st.sampled_from(sorted(SIZES)))
boxes = st.fixed_dictionaries({}, optional={fact: st.integers(1, full) for fact, full in FULL.items()})


def truth_of(formula, valuation):
    match formula:
        case Within(fact, true, false):
            bit = 1 << valuation[fact]
            return True if bit & true else False if bit & false else None
        case Opposite(part):
            truth = truth_of(part, valuation)
            return None if truth is None else not truth
        case Both(parts):
            truths = [truth_of(part, valuation) for part in parts]
            return False if False in truths else None if None in truths else True
        case Either(parts):
            truths = [truth_of(part, valuation) for part in parts]
            return True if True in truths else None if None in truths else False
        case known:
            return known.truth


def valuations_in(box):
    each = [
        [value for value in range(size) if box.get(fact, FULL[fact]) >> value & 1] for fact, size in SIZES.items()
    ]
    return {values: dict(zip(SIZES, values, strict=True)) for values in product(*each)}


@given(formulas, boxes)
def test_every_valuation_lands_in_one_part_with_its_truth(formula, box):
    parts = divide(formula, box, FULL)
    for values, valuation in valuations_in(box).items():
        found = [truth for truth, part in parts if values in valuations_in(part)]
        assert found == [truth_of(formula, valuation)]


@given(formulas, boxes)
def test_no_part_is_empty_or_larger_than_the_box(formula, box):
    whole = valuations_in(box).keys()
    for _, part in divide(formula, box, FULL):
        assert valuations_in(part).keys() <= whole
        assert valuations_in(part)


@given(st.lists(formulas, max_size=3))
def test_short_forms_mean_the_same(parts):
    for values in product(*(range(size) for size in SIZES.values())):
        valuation = dict(zip(SIZES, values, strict=True))
        truths = [truth_of(part, valuation) for part in parts]
        assert truth_of(both(*parts), valuation) is (False if False in truths else None if None in truths else True)
        assert truth_of(either(*parts), valuation) is (True if True in truths else None if None in truths else False)


@given(formulas)
def test_only_the_facts_it_asks_are_divided(formula):
    asked = set(facts_of(formula))
    for _, part in divide(formula, {}, FULL):
        assert part.keys() <= asked


def truths_in(formula, box):
    """How true a condition can be in a box."""
    return {truth for truth, _ in divide(formula, box, FULL)}


@given(st.sets(st.sampled_from(TRUTHS), min_size=1), boxes)
def test_what_is_only_known_to_be_so_true_can_be_each_of_these_in_the_whole_box(truths, box):
    assert divide(Some(tuple(truths)), box, FULL) == [(truth, box) for truth in truths]
    assert truths_in(Opposite(Some(tuple(truths))), box) == {None if it is None else not it for it in truths}


@given(formulas, some_facts, boxes)
def test_what_looks_at_fewer_facts_can_be_whatever_the_condition_can_be(formula, kept, box):
    seen = {fact: mask for fact, mask in box.items() if fact in kept}
    smaller = cut(formula, kept, FULL)
    assert set(facts_of(smaller)) <= kept
    for values, valuation in valuations_in(box).items():
        here = {fact: 1 << valuation[fact] for fact in kept}
        assert truth_of(formula, valuation) in truths_in(smaller, here), values
    assert truths_in(formula, box) <= truths_in(smaller, seen)


@given(formulas, some_facts)
def test_where_each_fact_is_asked_once_it_can_be_nothing_else(formula, kept):
    asked = list(facts_of(formula))
    assume(len(set(asked)) == len(asked))
    smaller = cut(formula, kept, FULL)
    for values in product(*(range(SIZES[fact]) for fact in sorted(kept))):
        here = {fact: 1 << value for fact, value in zip(sorted(kept), values, strict=True)}
        assert truths_in(smaller, here) == truths_in(formula, here)


@given(formulas)
def test_what_keeps_every_fact_means_the_same(formula):
    smaller = cut(formula, SIZES, FULL)
    for values in product(*(range(size) for size in SIZES.values())):
        here = {fact: 1 << value for fact, value in zip(SIZES, values, strict=True)}
        assert truths_in(smaller, here) == truths_in(formula, here)


def test_of_what_is_not_looked_at_is_known_how_true_it_can_be():
    assert cut(Within("x", 0b001, 0b110), (), FULL) == Some((True, False))
    assert cut(Within("x", 0b001, 0b010), (), FULL) == Some((True, False, None))
    assert cut(Within("x", 0b111, 0), (), FULL) == TRUE
    assert cut(Both((Within("x", 0b001, 0b110), FALSE)), (), FULL) == FALSE
    assert cut(Both((Within("x", 0b001, 0b110), Within("y", 0b01, 0b10))), {"y"}, FULL) == Both(
        (Some((True, False)), Within("y", 0b01, 0b10))
    )
