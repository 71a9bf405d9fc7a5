"""
Judge every mutant of the shipped definitions, and write the table: `python -m tests.mutation.report LOG [--help]`.

What was judged is kept in the log, one JSON object a line, so that a run can be ended and go on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.mutation.judging import MISSION, Court, Prover
from tests.mutation.operators import OPERATORS, base, is_whole, mutants

QUICK = 5_000
"""States that the prover may look at for a statement that it does not prove of the shipped release."""


def main() -> None:
    """Judge, or only write the table of what was judged."""
    parser = argparse.ArgumentParser(description="Mutants of the shipped definitions, judged by oracle and prover.")
    parser.add_argument("log", type=Path, help="where what is judged is kept")
    parser.add_argument(
        "--whole", action="store_true", help="mutants of the skeletons, in the release with skeletons"
    )
    parser.add_argument("--most", type=int, default=0, help="the highest price of a run that is tried")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which mutants come")
    parser.add_argument("--number", type=int, default=0, help="how many at most; 0 is all")
    parser.add_argument("--minutes", type=float, default=1e9, help="how long at most")
    parser.add_argument("--part", default="0/1", help="judge every n-th only, for example 0/2")
    parser.add_argument("--skip", default="", help="definitions whose mutants are left out, with commas")
    parser.add_argument("--only-oracle", action="store_true", help="ask the prover nothing")
    parser.add_argument("--only-breaking", action="store_true", help="ask the prover about what is broken only")
    parser.add_argument("--only-table", action="store_true", help="judge nothing")
    given = parser.parse_args()
    if not given.only_table:
        judge(given)
    sys.stdout.write(table(read(given.log)))


def read(log: Path) -> list[dict[str, Any]]:
    """What was judged before."""
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []


def judge(given: argparse.Namespace) -> None:
    """Judge mutants until there are no more, or the time is over."""
    until = time.monotonic() + given.minutes * 60
    known = {it["sentence"] for it in read(given.log)}
    part, parts = map(int, given.part.split("/"))
    court = Court(whole=given.whole, most=given.most)
    at_first: frozenset[str] = frozenset()
    if not given.only_oracle and not given.only_breaking:
        prover = Prover(court.plan)
        at_first = frozenset(it.key for it in court.pack.safeguards if prover.proves(it, QUICK))
    wanted = [it for it in mutants(given.seed) if is_whole(it) == given.whole]
    wanted = [it for it in wanted if it.definition not in given.skip.split(",")]
    number = 0
    for place, mutant in enumerate(wanted):
        if place % parts != part or mutant.sentence in known:
            continue
        if time.monotonic() > until or (given.number and number >= given.number):
            return
        plan = mutant.plan(base(whole=given.whole))
        if plan is None:
            continue
        number += 1
        found, broken = court.judged(plan)
        line: dict[str, Any] = {
            "operator": mutant.operator,
            "sentence": mutant.sentence,
            "broken": sorted(broken),
            "finished": found.finished,
            "harmless": court.is_harmless(found),
            "run": {key: str(found.broken[key]) for key in sorted(broken)},
        }
        if not given.only_oracle:
            kept = at_first if line["harmless"] and not given.only_breaking else frozenset()
            asked = broken or kept
            prover = Prover(plan)
            if asked:
                line["asked"] = sorted(asked)
            line["proven"] = sorted(it.key for it in court.pack.safeguards if it.key in asked and prover.proves(it))
        with given.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def table(judged: Iterable[dict[str, Any]]) -> str:
    """The table, in Markdown."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in OPERATORS}
    missions: Counter[str] = Counter()
    unsound, refused = [], []
    harmless = 0
    for it in judged:
        sort = "breaking" if it["broken"] else "harmless" if it["harmless"] else "undecided"
        counts[it["operator"]][sort] += 1
        for mission, keys in MISSION.items():
            missions[mission] += bool(set(keys) & set(it["broken"]))
        wrong = set(it.get("proven", ())) & set(it["broken"])
        if wrong:
            unsound.append(f"- {it['sentence']}: {', '.join(sorted(wrong))}")
        if sort == "harmless" and "asked" in it:
            harmless += 1
            if set(it["asked"]) - set(it["proven"]):
                refused.append(f"- {it['sentence']}: {', '.join(sorted(set(it['asked']) - set(it['proven'])))}")
    lines = ["| operator | breaking | harmless | undecided |", "|---|---|---|---|"]
    total: Counter[str] = Counter()
    for name, count in counts.items():
        lines.append(f"| {name} | {count['breaking']} | {count['harmless']} | {count['undecided']} |")
        total += count
    lines.append(f"| all | {total['breaking']} | {total['harmless']} | {total['undecided']} |")
    lines += ["", "| safeguard of the mission | mutants that break it |", "|---|---|"]
    lines += [f"| {mission} | {missions[mission]} |" for mission in MISSION]
    part = 100 * len(refused) / harmless if harmless else 0
    lines += ["", f"Broken and called proven: {len(unsound)}.", *unsound]
    lines += ["", f"Harmless and refused: {len(refused)} of {harmless} ({part:.1f} %).", *refused, ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
