"""
The measurement: what a proof costs as a release grows, then the gates.

States are exact and the same on every machine. Seconds are not: they are held against a calibration loop that is run
just before and after, and only that ratio is a gate. On the machine of `docs/performance.md` the loop takes a tenth
of a second, so that ten loops are one second there. All are seconds of the processor: what others do does not count.
Making the machine counts; compiling is told apart.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time
from typing import Any, Final, TypeVar

from bench.proof_shapes import NOT_FINISHED, SHAPES, STATES
from bench.reporting import table
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.packs import national
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import Verdict, prove
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from padwijzer.workflows.core.safeguards import Monitor, Scope
from tests.support.literal_text import edited, ten_runs, three_edits

RESULTS: Final = Path(__file__).resolve().parent / "results"
LOOP: Final = 200_000
"""Turns of the calibration loop."""
MOST_LOOPS: Final = 10.0
MOST_LOOPS_ALL: Final = 30.0
MOST_LOOPS_TANGLED: Final = 100.0
SHIPPED: Final = "shipped release"
ALL: Final = "all paths, from "
"""How the name begins of the release with every definition, also those that are not whole; then comes its start."""
STARTS: Final = ("V", "IVH", "OTS", "P", "D-SPOED", "D-18")
LOST: Final = "text that loses a safeguard"
MOST_LOOPS_LOST: Final = 20.0
TIMED: Final = (("tracks", 17), ("row", 500), ("fields", 60), ("loop", 50), *sorted(NOT_FINISHED))
"""What must be proven within so many loops, as what is shipped must; a tangle must be given up within them."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measured:
    """
    One release.

    Args:
        shape: which.
        size: how large.
        statements, proven, vacuous: how many there are, of which proven, of which about what cannot happen.
        states: looked at, of all statements together.
        unfinished: why the first that could not be decided could not.
        loops: how many calibration loops making the machine and proving take.
        seconds: the same in seconds of this machine.
        slowest: seconds of the slowest statement.
        compiling: seconds.
    """

    shape: str
    size: int
    statements: int
    proven: int
    vacuous: int
    states: int
    unfinished: str
    loops: float
    seconds: float
    slowest: float
    compiling: float


def calibration() -> float:
    """Seconds of a loop of the sort of work that a proof is: small tuples, looked up and put into a dictionary."""
    begun = process_time()
    known: dict[tuple[int, tuple[int, ...]], int] = {}
    for number in range(LOOP):
        key = number % 1_000, tuple((number * place) % 7 for place in (1, 2))
        known[key] = known.get(key, 0) + 1
    return process_time() - begun


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What came out and how many seconds it took."""
    begun = process_time()
    return work(), process_time() - begun


def verdicts(plan: Plan, statements: Mapping[Scope, Mapping[str, Monitor]]) -> list[tuple[Verdict, float]]:
    """The verdict on each statement with its seconds; the first of each scope makes the machine."""
    found = []
    for scope, some in statements.items():
        machine = None
        for monitor in some.values():
            begun = process_time()
            machine = machine or Machine(plan, scope)
            found.append((prove(machine, monitor), process_time() - begun))
    return found


def measure(
    shape: str, size: int, spec: ReleaseSpec, statements: Mapping[Scope, Mapping[str, Monitor]], rounds: int
) -> Measured:
    """
    Measure one release.

    Args:
        shape: its name.
        size: how large it is.
        spec: the release.
        statements: what is proven of it, by scope and name.
        rounds: how many times; the quickest counts.

    Raises:
        TypeError: when the release does not compile.
    """
    plan, compiling = timed(lambda: compile_release(spec, allow_skeletons=True))
    if not isinstance(plan, Plan):
        message = f"{shape} of {size} does not compile: {plan[0]}"
        raise TypeError(message)
    loops, best, found = [calibration()], float("inf"), []
    for _ in range(rounds):
        again, seconds = timed(lambda: verdicts(plan, statements))
        loops.append(calibration())
        if seconds < best:
            best, found = seconds, again
    return Measured(
        shape=shape,
        size=size,
        statements=len(found),
        proven=sum(verdict.proven for verdict, _ in found),
        vacuous=sum(verdict.vacuous for verdict, _ in found),
        states=sum(verdict.states for verdict, _ in found),
        unfinished=next((verdict.unfinished for verdict, _ in found if verdict.unfinished), ""),
        loops=best / min(loops),
        seconds=best,
        slowest=max(seconds for _, seconds in found),
        compiling=compiling,
    )


def measured_shapes(rounds: int) -> Iterator[Measured]:
    """Every shape in every size; what cannot be finished once."""
    for name, size in STATES:
        shape = SHAPES[name](size)
        times = 1 if (name, size) in NOT_FINISHED else rounds
        yield measure(name, size, shape.release, {Scope.FAMILY: shape.statements}, times)


def measured_shipped(rounds: int) -> Iterator[Measured]:
    """Every watched safeguard of the national pack: on the shipped release, and on all paths from each of these."""
    statements: dict[Scope, dict[str, Monitor]] = {}
    for safeguard in national().safeguards:
        if safeguard.monitor is not None:
            statements.setdefault(safeguard.scope, {})[safeguard.key] = safeguard.monitor
    whole = shipped(include_skeletons=True).definitions
    releases = {SHIPPED: shipped(), **{f"{ALL}{start}": ReleaseSpec(start, whole) for start in STARTS}}
    for name, spec in releases.items():
        steps = sum(len(it.activities) for it in spec.definitions.values())
        yield measure(name, steps, spec, statements, rounds)


def measured_losses(rounds: int) -> Iterator[Measured]:
    """The texts of the paths that lose a safeguard, each with that one; what is read from the steps not."""
    for loss in (*ten_runs(), *three_edits()):
        monitor = loss.safeguard.monitor
        if monitor is not None:
            statements = {loss.safeguard.scope: {loss.safeguard.key: monitor}}
            yield measure(LOST, loss.number, edited(loss.edit), statements, rounds)


def failures(found: Measured) -> list[str]:
    """The gates that one release does not meet; which statements of the shipped release hold is no gate here."""
    name = f"{found.shape} {found.size}"
    expected = STATES.get((found.shape, found.size), found.states)
    tangled = (found.shape, found.size) in NOT_FINISHED
    missed = []
    if found.states != expected:
        missed.append(f"{name}: {found.states:,} states, and not {expected:,}")
    if tangled and not (found.proven == 0 and found.unfinished):
        missed.append(f"{name}: cannot be finished, and is not said to be so")
    if not tangled and found.shape in SHAPES and (found.proven, found.vacuous) != (found.statements, 0):
        missed.append(
            f"{name}: {found.proven} of {found.statements} proven, {found.vacuous} about what cannot happen"
        )
    if found.shape == LOST and (found.proven or found.unfinished):
        missed.append(f"{name}: not refuted")
    most = _most_loops(found)
    if most is not None and found.loops > most:
        missed.append(f"{name}: {found.loops:.1f} calibration loops, more than {most:g}")
    return missed


def _most_loops(found: Measured) -> float | None:
    """How many loops one release may take; None where it only shows the curve."""
    if found.shape == LOST:
        return MOST_LOOPS_LOST
    if found.shape.startswith(ALL):
        return MOST_LOOPS_ALL
    if (found.shape, found.size) in NOT_FINISHED:
        return MOST_LOOPS_TANGLED
    return MOST_LOOPS if found.shape == SHIPPED or (found.shape, found.size) in TIMED else None


def written(rows: list[Measured]) -> str:
    """The rows as a table in Markdown."""
    head = (
        "shape", "size", "statements", "proven", "states", "calibration loops", "seconds", "slowest, s", "compiling",
    )  # fmt: skip
    return table(
        head,
        [
            (
                row.shape, row.size, row.statements, "not finished" if row.unfinished else row.proven,
                f"{row.states:,}", f"**{row.loops:.2f}**", f"{row.seconds:.3f}", f"{row.slowest:.3f}",
                f"{row.compiling:.3f}",
            )
            for row in rows
        ],
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    """Measure. Args: arguments: see `--help`. Returns: 1 when a gate is not met, else 0."""
    options = _options(arguments)
    some = measured_shipped, measured_losses, measured_shapes
    rows = [row for measured in some for row in measured(options.rounds)]
    print(written(rows), end="\n\n")
    for row in rows:
        if row.unfinished:
            print(f"{row.shape} {row.size}: {row.unfinished}", end="\n\n")
    found: dict[str, Any] = {"rows": [asdict(row) for row in rows]}
    found["failures"] = [] if options.no_gates else [missed for row in rows for missed in failures(row)]
    RESULTS.mkdir(exist_ok=True)
    target = options.json or RESULTS / "proofs.json"
    target.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for failure in found["failures"]:
        print(f"GATE NOT MET: {failure}.")
    return 1 if found["failures"] else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench_proof.py", description="What a proof costs as a release grows.")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is proven (%(default)s)")
    parser.add_argument("--json", type=Path, help="where the numbers go, instead of bench/results/")
    parser.add_argument("--no-gates", action="store_true", help="measure, and refuse nothing")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
