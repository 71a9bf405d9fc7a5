"""Dividing a box by a condition is exact: every valuation lands in one part, with the truth that Kleene gives it."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from padwijzer.workflows.core.proving.boxes import (
    FALSE,
    TRUE,
    UNKNOWN,
    Both,
    Either,
    Opposite,
    Within,
    both,
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
