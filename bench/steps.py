"""
The measurement: contenders side by side on one database, then the gates.

Without `--database` both databases are measured, each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from bench.databases import KINDS, fresh_database

ROOT = Path(__file__).resolve().parents[1]
FLOOR = "floor_orm"
OURS = "padwijzer_actions"
NAMES = (FLOOR, "viewflow_plain", OURS)
"""Modules of the folder `contenders`."""
RESULTS = ROOT / "bench" / "results"


def main(arguments: list[str]) -> int:
    """Measure. Args: arguments: see `--help`. Returns: 1 when a gate is not met, else 0."""
    options = _options(arguments)
    if options.database is None:
        again = [sys.executable, "-m", "bench.steps", *arguments, "--database"]
        return max(_end_of([*again, kind]) for kind in KINDS)
    with fresh_database(options.database):
        django.setup()
        found = measure(options)
    RESULTS.mkdir(exist_ok=True)
    target = options.json or RESULTS / f"steps-{options.database}-{options.open_cases}.json"
    Path(target).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for failure in found["failures"]:
        print(f"GATE NOT MET on {options.database}: {failure}.")
    return 1 if found["failures"] else 0


def _end_of(command: list[str]) -> int:
    return subprocess.run(command, check=False, cwd=ROOT).returncode  # noqa: S603 - no shell; the words this program was itself started with


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """
    Everything that is measured on one database, which is there and empty.

    Returns:
        What is written as JSON; the tables are printed on the way.
    """
    from bench import contenders, loading, measuring, reporting, workload  # noqa: PLC0415 - models, after setup()

    call_command("migrate", run_syncdb=True, verbosity=0)
    loading.define_functions()
    entrants = {name: contenders.enter(name) for name in NAMES if name in (FLOOR, *options.contenders)}
    loaded = {}
    for name, entrant in entrants.items():
        half = measuring.Walk(entrant).walk(workload.HALFWAY)
        loaded[name] = loading.multiply(entrant.contender.rows_of(half.case), options.open_cases - 1)
    loading.tidy()
    everyone = tuple(entrants.values())
    trails = {walk.entrant.name: walk.entrant.contender.trail(walk.case) for walk in measuring.beside(everyone)}
    measuring.rounds(everyone, 2)
    measured = measuring.rounds(everyone, options.rounds)
    watched = {
        name: [
            call
            for _ in range(max(1, options.rounds // 4))
            for call in measuring.Walk(entrant, watch=measuring.statements).walk(workload.CALLS).calls
        ]
        for name, entrant in entrants.items()
    }
    speeds = {name: reporting.speed(name, FLOOR, measured, watched[name]) for name in entrants}
    print(reporting.heading(options.database, number=options.rounds, open_cases=options.open_cases), end="\n\n")
    print(reporting.speed_table(speeds.values()), end="\n\n")
    found: dict[str, Any] = {
        "database": options.database,
        "open_cases": options.open_cases,
        "rounds": options.rounds,
        "loaded": loaded,
        "trails": {name: asdict(trail) for name, trail in trails.items()},
        "speeds": {name: asdict(speed) for name, speed in speeds.items()},
        "failures": [],
    }
    if OURS in entrants:
        parts = reporting.shares(watched[OURS])
        print(reporting.share_table(parts), end="\n\n")
        grown = measuring.growth(entrants[OURS], young=workload.CALLS, old=options.age, pairs=options.pairs)
        print(f"A step of a case of {options.age} steps against one of {workload.CALLS}: {grown:+.1%}", end="\n\n")
        found |= {"shares": [asdict(part) for part in parts], "growth": grown}
        if not options.no_gates:
            found["failures"] = reporting.failures(speeds[OURS], grown, options.database)
    return found


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench_steps.py", description="What a step costs, side by side.")
    parser.add_argument("--database", choices=KINDS, help="only this one")
    parser.add_argument("--open-cases", type=int, default=2_000, help="cases that are there before (%(default)s)")
    parser.add_argument("--rounds", type=int, default=20, help="cases of each contender (%(default)s)")
    parser.add_argument("--age", type=int, default=500, help="steps of the old case (%(default)s)")
    parser.add_argument("--pairs", type=int, default=60, help="steps compared for the growth (%(default)s)")
    parser.add_argument("--contenders", nargs="+", choices=NAMES, default=NAMES, help="who is beside the floor")
    parser.add_argument("--json", type=Path, help="where the numbers go, instead of bench/results/")
    parser.add_argument("--no-gates", action="store_true", help="measure, and refuse nothing")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
