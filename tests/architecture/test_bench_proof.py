"""The measurements of the proof count what they say, and their gates close."""

from dataclasses import replace

import pytest

from bench.proof_shapes import NOT_FINISHED, SHAPES, STATES
from bench.proofs import (
    ALL,
    LOST,
    MOST_LOOPS,
    MOST_LOOPS_ALL,
    MOST_LOOPS_LOST,
    MOST_LOOPS_TANGLED,
    SHIPPED,
    TIMED,
    Measured,
    failures,
    measure,
    written,
)
from padwijzer.workflows.core.safeguards import Scope

pytestmark = pytest.mark.once
RIGHT = Measured(
    shape="row",
    size=500,
    statements=4,
    proven=4,
    vacuous=0,
    states=STATES["row", 500],
    unfinished="",
    loops=MOST_LOOPS,
    seconds=1.0,
    slowest=0.5,
    compiling=0.1,
)
GIVEN_UP = replace(
    RIGHT,
    shape="answers",
    size=16,
    statements=1,
    proven=0,
    states=STATES["answers", 16],
    unfinished="Too many.",
    loops=MOST_LOOPS_TANGLED,
)

REFUTED = replace(RIGHT, shape=LOST, size=1, statements=1, proven=0, loops=MOST_LOOPS_LOST)


def small(name: str, size: int) -> Measured:
    shape = SHAPES[name](size)
    return measure(name, size, shape.release, {Scope.FAMILY: shape.statements}, rounds=1)


def test_a_release_is_measured_with_every_statement_about_it() -> None:
    found = small("loop", 10)
    assert (found.statements, found.proven, found.states) == (13, 13, STATES["loop", 10])
    assert 0 < found.slowest <= found.seconds
    assert found.loops > 0
    assert failures(found) == []


def test_every_shape_whose_time_is_a_gate_is_measured_and_each_tangle_is_one_of_them() -> None:
    assert set(TIMED) <= STATES.keys()
    assert set(TIMED) >= NOT_FINISHED
    assert {name for name, _ in TIMED} == SHAPES.keys()


def test_what_is_within_the_limits_passes_the_gates() -> None:
    assert failures(RIGHT) == []
    assert failures(GIVEN_UP) == []
    assert failures(replace(RIGHT, shape=f"{ALL}V", loops=MOST_LOOPS_ALL)) == []
    assert failures(REFUTED) == []


@pytest.mark.parametrize(
    "wrong",
    [
        replace(RIGHT, states=RIGHT.states + 1),
        replace(RIGHT, proven=3),
        replace(RIGHT, vacuous=1),
        replace(RIGHT, loops=MOST_LOOPS + 0.1),
        replace(RIGHT, shape=SHIPPED, loops=MOST_LOOPS + 0.1),
        replace(RIGHT, shape=f"{ALL}V", loops=MOST_LOOPS_ALL + 0.1),
        replace(REFUTED, proven=1),
        replace(REFUTED, unfinished="Too many."),
        replace(REFUTED, loops=MOST_LOOPS_LOST + 0.1),
        replace(GIVEN_UP, proven=1),
        replace(GIVEN_UP, unfinished=""),
        replace(GIVEN_UP, loops=MOST_LOOPS_TANGLED + 0.1),
    ],
)
def test_each_limit_is_a_gate_of_its_own(wrong: Measured) -> None:
    assert len(failures(wrong)) == 1


def test_time_is_no_gate_for_the_sizes_that_only_show_the_curve() -> None:
    larger = replace(RIGHT, size=1_000, states=STATES["row", 1_000], loops=MOST_LOOPS + 1)
    assert failures(larger) == []


def test_a_release_that_does_not_compile_is_refused() -> None:
    shape = SHAPES["row"](10)
    broken = replace(shape.release, start="W")
    with pytest.raises(TypeError, match="row of 10 does not compile"):
        measure("row", 10, broken, {Scope.FAMILY: shape.statements}, rounds=1)


def test_a_row_of_the_table_says_that_a_proof_was_given_up() -> None:
    lines = written([RIGHT, GIVEN_UP]).splitlines()
    assert "| row | 500 | 4 | 4 | 2,004 |" in lines[2]
    assert "| answers | 16 | 1 | not finished |" in lines[3]
