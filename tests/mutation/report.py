"""
Judge every mutant of the shipped definitions, and write the table: `python -m tests.mutation.report LOG [--help]`.

What was judged is kept in the log, one JSON object a line, so that a run can be ended and go on. A later line about
the same mutant adds to an earlier one.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from padwijzer.workflows.core import packs
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.plan import Plan
from tests.mutation.aiming import aimed, pairs, places_about
from tests.mutation.judging import MISSION, Court, Prover
from tests.mutation.operators import OPERATORS, PAIR, Mutant, base, is_whole, mutants
from tests.mutation.oracle import structural_faults

Line: TypeAlias = dict[str, Any]
LEFT_OUT: Final = ("D-SPOED", "D-18")
"""Definitions whose mutants the oracle cannot judge: it lives no crisis, and its clock stands still."""


def main() -> None:
    """Judge, or only write the table of what was judged."""
    parser = argparse.ArgumentParser(description="Mutants of the shipped definitions, judged by oracle and prover.")
    parser.add_argument("log", type=Path, nargs="+", help="where what is judged is kept; the first is written to")
    parser.add_argument(
        "--whole", action="store_true", help="mutants of the skeletons, in the release with skeletons"
    )
    parser.add_argument("--pairs", action="store_true", help="two edits at once, about one statement")
    parser.add_argument("--as-made", action="store_true", help="only what is broken by how a step or track is made")
    parser.add_argument(
        "--placed",
        action="store_true",
        help="look again at what seems harmless, where the child is placed already; refused first",
    )
    parser.add_argument("--harmless", action="store_true", help="ask the prover about what was found harmless")
    parser.add_argument("--again", action="store_true", help="ask the prover again about all that is broken")
    parser.add_argument("--most", type=int, default=0, help="the highest price of a run that is tried")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which mutants come")
    parser.add_argument("--number", type=int, default=0, help="how many at most; 0 is all")
    parser.add_argument("--minutes", type=float, default=1e9, help="how long at most")
    parser.add_argument("--part", default="0/1", help="judge every n-th only, for example 0/2")
    parser.add_argument("--only-table", action="store_true", help="judge nothing")
    given = parser.parse_args()
    if not given.only_table:
        (ask_again if given.again else ask_about_harmless if given.harmless else judge)(given)
    sys.stdout.write(table(read(given.log)))


def read(logs: Iterable[Path]) -> list[Line]:
    """What was judged before, a mutant at a time."""
    found: dict[str, Line] = {}
    for log in logs:
        for line in log.read_text("utf-8").splitlines() if log.exists() else ():
            it = json.loads(line)
            found.setdefault(it["sentence"], {}).update(it)
    return list(found.values())


def write(given: argparse.Namespace, line: Line) -> None:
    """Add to the log."""
    with given.log[0].open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def wanted(given: argparse.Namespace, court: Court) -> Iterator[Mutant]:
    """The mutants of a run, in order."""
    all_ = [it for it in mutants(given.seed) if not set(it.definitions) & set(LEFT_OUT)]
    about = [it for it in court.pack.safeguards if any(it.key in keys for keys in MISSION.values())]
    made: Iterable[Mutant] = (
        pairs(all_, court.plan, about, given.seed) if given.pairs else aimed(all_, court.plan, about)
    )
    part, parts = map(int, given.part.split("/"))
    yield from (
        it for place, it in enumerate(it for it in made if is_whole(it) == given.whole) if place % parts == part
    )


def judge(given: argparse.Namespace) -> None:
    """Judge mutants until there are no more, or the time is over; the prover is asked about what is broken."""
    until = time.monotonic() + given.minutes * 60
    known = {it["sentence"]: it for it in read(given.log)}
    court = Court(whole=given.whole, most=given.most, placed=given.placed)
    number = 0
    unasked = {key for key, it in known.items() if it["broken"] and "asked" not in it}
    first = {key for key, it in known.items() if it.get("refused")} if given.placed else unasked
    for mutant in sorted(wanted(given, court), key=lambda it: it.sentence not in first):
        if time.monotonic() > until or (given.number and number >= given.number):
            return
        seen = known.get(mutant.sentence)
        if given.placed and not (seen and seen["harmless"] and not seen["broken"]):
            continue
        if not given.placed and seen and mutant.sentence not in unasked:
            continue
        if any(known.get(it.sentence, {}).get("broken") for it in mutant.of):
            continue
        plan = mutant.plan(base(whole=given.whole))
        if plan is None or any(_breaks_at_once(court, it) for it in mutant.of):
            continue
        if given.as_made and not structural_faults(plan, court.pack):
            continue
        number += 1
        found, broken = court.judged(plan)
        if given.placed and not broken:
            continue
        alone: set[str] = set()
        for it in mutant.of if broken else ():
            single = it.plan(base(whole=given.whole))
            alone |= set() if single is None else court.judged(single)[1]
        prover = Prover(plan)
        write(given, {
            "operator": mutant.operator,
            "sentence": mutant.sentence,
            "whole": given.whole,
            "broken": sorted(broken - alone),
            "finished": found.finished,
            "harmless": court.is_harmless(found),
            "placed": given.placed,
            "run": {key: str(found.broken[key]) for key in sorted(broken)},
            "asked": sorted(broken),
            "proven": sorted(it.key for it in court.pack.safeguards if it.key in broken and prover.proves(it)),
            **({"of": [it.sentence for it in mutant.of], "alone": sorted(alone)} if mutant.of else {}),
        })  # fmt: skip


def _breaks_at_once(court: Court, mutant: Mutant) -> bool:
    plan = mutant.plan(base(whole=is_whole(mutant)))
    return plan is None or bool(structural_faults(plan, court.pack))


def ask_about_harmless(given: argparse.Namespace) -> None:
    """
    Ask the prover about mutants that were found harmless.

    In the release with skeletons it is asked those statements of the mission that the edit is about, else the whole
    pack.
    """
    until = time.monotonic() + given.minutes * 60
    pack, shipped = packs.national(), compile_release(base(whole=given.whole), allow_skeletons=True)
    assert isinstance(shipped, Plan)
    kept = Prover(shipped)
    mission = {key for keys in MISSION.values() for key in keys}
    proven = [it for it in pack.safeguards if kept.proves(it)]
    about = {it.key: places_about(shipped, it) for it in proven if it.key in mission}
    judged = {it["sentence"]: it for it in read(given.log)}
    part, parts = map(int, given.part.split("/"))
    chosen = [it for it in mutants(given.seed) if is_whole(it) == given.whole]
    number = 0
    for mutant in chosen[part::parts]:
        line = judged.get(mutant.sentence, {})
        if not line.get("harmless") or line.get("broken") or line.get("whole_pack"):
            continue
        if time.monotonic() > until or (given.number and number >= given.number):
            return
        plan = mutant.plan(base(whole=given.whole))
        assert plan is not None
        asked = [it for it in proven if not given.whole or mutant.places[0] in about.get(it.key, ())]
        if not asked:
            continue
        number += 1
        prover = Prover(plan)
        answers = {it.key: prover.asked(it) for it in asked}
        refused, walked = {}, {}
        for safeguard in asked:
            answer = answers[safeguard.key]
            if answer.proven:
                continue
            if answer.is_walked:
                walked[safeguard.key] = list(answer.run)
            else:
                refused[safeguard.key] = answer.unfinished or list(answer.run)
        write(given, {
            "sentence": mutant.sentence,
            "whole_pack": True,
            "asked": sorted(answers),
            "proven": sorted(key for key, it in answers.items() if it.proven),
            "refused": refused,
            "walked": walked,
        })  # fmt: skip


def ask_again(given: argparse.Namespace) -> None:
    """Ask the prover once more about every statement that was found broken: it may have changed since."""
    safeguards = packs.national().safeguards
    judged = {it["sentence"]: it for it in read(given.log)}
    for mutant in mutants(given.seed):
        broken = judged.get(mutant.sentence, {}).get("broken", [])
        plan = mutant.plan(base(whole=is_whole(mutant))) if broken else None
        if plan is not None:
            prover = Prover(plan)
            proven = [it.key for it in safeguards if it.key in broken and prover.proves(it)]
            write(given, {"sentence": mutant.sentence, "asked": broken, "proven": proven, "again": True})


def sort_of(it: Line) -> str:
    """What came of a mutant: breaking, harmless or undecided."""
    if it["broken"] or it.get("walked"):
        return "breaking"
    return "harmless" if it["harmless"] else "undecided"


def table(judged: Iterable[Line]) -> str:
    """The table, in Markdown."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in (*OPERATORS, PAIR)}
    missions: dict[str, Counter[str]] = {mission: Counter() for mission in MISSION}
    unsound, refused, beyond = [], [], []
    asked = 0
    for it in judged:
        if "operator" not in it or it.get("alone"):
            continue
        sort, kinds = sort_of(it), {key: "by a run" if "->" in it["run"][key] else "as made" for key in it["broken"]}
        kinds |= dict.fromkeys(it.get("walked", ()), "beyond")
        counts[it["operator"]].update((sort, *set(kinds.values())))
        for mission, keys in MISSION.items():
            found = {kinds[key] for key in keys if key in kinds}
            missions[mission].update(("all", *found) if found else ())
        if wrong := set(it.get("proven", ())) & set(it["broken"]):
            unsound.append(f"- {it['sentence']}: {', '.join(sorted(wrong))}")
        if it.get("walked"):
            beyond.append(f"- {it['sentence']}: {', '.join(sorted(it['walked']))}")
        elif sort == "harmless" and it.get("whole_pack"):
            asked += 1
            if it["refused"]:
                refused.append(f"- {it['sentence']}: {it['refused']}")
    columns = ("breaking", "by a run", "as made", "beyond", "harmless", "undecided")
    lines = _rows(("operator", *columns), counts)
    lines += ["", *_rows(("safeguard", "all", "by a run", "as made", "beyond"), missions)]
    part = 100 * len(refused) / asked if asked else 0
    lines += ["", f"Broken and called proven: {len(unsound)}.", *unsound]
    lines += ["", f"Broken only by a run beyond the bound, that the prover showed: {len(beyond)}.", *beyond]
    lines += ["", f"Harmless and refused: {len(refused)} of {asked} ({part:.1f} %).", *refused, ""]
    return "\n".join(lines)


def _rows(columns: Sequence[str], counts: Mapping[str, Counter[str]]) -> list[str]:
    total: Counter[str] = sum(counts.values(), Counter())
    if "operator" in columns:
        counts = {**counts, "all": total}
    cells = [(name, *(str(count[it]) for it in columns[1:])) for name, count in counts.items()]
    return [f"| {' | '.join(it)} |" for it in (columns, ["---"] * len(columns), *cells)]


if __name__ == "__main__":
    main()
