"""What was measured, as numbers and as tables in Markdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any, Final

from bench.measuring import Call, Round
from bench.workload import CALLS

MOST_TIMES_FLOOR: Final = 2.0
MOST_STATEMENTS: Final = 12
MOST_GROWTH: Final = 0.10


@dataclass(frozen=True, slots=True)
class Speed:
    """
    How fast a contender was.

    Args:
        name: whose.
        plain, whole: how many times as long as the floor: a plain step, and the mean over the workload; medians of
            the ratios of each round.
        milliseconds: of a plain step, median.
        cpu: milliseconds of Python in a plain step, median.
        statements: of a plain step, the most; transactions and savepoints apart.
        mean_statements: of a call, over the workload.
        worst: the step with most statements, with their number.
        savepoints: made and released in a whole case.
    """

    name: str
    plain: float
    whole: float
    milliseconds: float
    cpu: float
    statements: int
    mean_statements: float
    worst: str
    savepoints: int


def speed(name: str, floor: str, measured: Sequence[Round], watched: Sequence[Call]) -> Speed:
    """
    The speed of a contender.

    Args:
        name: whose.
        floor: against whom.
        measured: the rounds.
        watched: the calls of whole cases of it, with what they sent.
    """
    plain = [call for round_ in measured for call in round_.calls[name] if call.is_plain]
    counts = [(len(call.sent.counted), call.step) for call in watched if call.sent]
    most, step = max(counts)
    return Speed(
        name=name,
        plain=median(round_.ratio(name, floor, plain=True) for round_ in measured),
        whole=median(round_.ratio(name, floor) for round_ in measured),
        milliseconds=1000 * median(call.wall for call in plain),
        cpu=1000 * median(call.cpu for call in plain),
        statements=max(len(call.sent.counted) for call in watched if call.sent and call.is_plain),
        mean_statements=mean(count for count, _ in counts),
        worst=f"{most} ({step})",
        savepoints=sum(call.sent.savepoints for call in watched if call.sent) * CALLS // len(watched),
    )


@dataclass(frozen=True, slots=True)
class Share:
    """
    Part of a plain step.

    Args:
        what: a statement in short, the commit, or the rest.
        times: how often in a step.
        milliseconds: median.
        share: of all these medians together.
    """

    what: str
    times: float
    milliseconds: float
    share: float


REST: Final = "the rest: Python"


def shares(watched: Iterable[Call]) -> list[Share]:
    """Where the time of a plain step goes: each statement, the commit, and the rest, which is Python."""
    plain = [call for call in watched if call.is_plain and call.sent]
    spent = [_spent(call) for call in plain]
    parts = dict.fromkeys(part for call in spent for part in call)
    middle = {part: median(sum(call.get(part, ())) for call in spent) for part in parts}
    return [
        Share(part, mean(len(call.get(part, ())) for call in spent), 1000 * seconds, seconds / sum(middle.values()))
        for part, seconds in middle.items()
    ]


def _spent(call: Call) -> dict[str, list[float]]:
    assert call.sent is not None
    found: dict[str, list[float]] = defaultdict(list)
    for what, seconds in call.sent.seen:
        found[what].append(seconds)
    found["COMMIT"].append(call.sent.commit)
    found[REST].append(call.wall - sum(seconds for part in found.values() for seconds in part))
    return found


def failures(ours: Speed, growth: float, database: str) -> list[str]:
    """The gates that are not met; the floor's ratio and the number of statements are gates on PostgreSQL only."""
    found = []
    if database == "postgresql" and ours.plain > MOST_TIMES_FLOOR:
        found.append(f"a plain step takes {ours.plain:.2f} times the floor, more than {MOST_TIMES_FLOOR}")
    if database == "postgresql" and ours.statements > MOST_STATEMENTS:
        found.append(f"a plain step takes {ours.statements} statements, more than {MOST_STATEMENTS}")
    if growth >= MOST_GROWTH:
        found.append(f"an old case is {growth:.0%} slower than a young one, not less than {MOST_GROWTH:.0%}")
    return found


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def speed_table(speeds: Iterable[Speed]) -> str:
    """The contenders beside each other."""
    head = (
        "", "plain step, × floor", "mean over W, × floor", "ms per plain step", "Python, ms",
        "SQL: plain step / mean / most", "savepoints a case",
    )  # fmt: skip
    return table(
        head,
        [
            (
                one.name, f"**{one.plain:.2f}**", f"{one.whole:.2f}", f"{one.milliseconds:.2f}", f"{one.cpu:.2f}",
                f"{one.statements} / {one.mean_statements:.1f} / {one.worst}", one.savepoints,
            )
            for one in speeds
        ],
    )  # fmt: skip


def share_table(parts: Iterable[Share]) -> str:
    """Where the time of a plain step goes."""
    return table(
        ("part of a plain step", "times", "ms", "share"),
        [(f"`{one.what}`", f"{one.times:g}", f"{one.milliseconds:.3f}", f"{one.share:.0%}") for one in parts],
    )


def heading(database: str, *, number: int, open_cases: int) -> str:
    """Above the tables of one database."""
    return f"## {database}: {number} rounds of {CALLS} steps, {open_cases:,} open cases"
