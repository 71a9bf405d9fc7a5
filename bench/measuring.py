"""Walking cases in step with each other, and what is measured on the way."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final
from unittest import mock

from django.db import connection

from bench.contenders import Entrant
from bench.workload import CALLS, LOOP, PLAIN, START, answers

BOOKKEEPING: Final = ("BEGIN", "COMMIT", "ROLLBACK")
SAVEPOINTS: Final = ("SAVEPOINT", "RELEASE")


@dataclass(slots=True)
class Statements:
    """
    What went to the database in one call; Django calls it for every statement.

    Args:
        seen: each statement in short, with its seconds.
        commit: seconds of the commits.
    """

    seen: list[tuple[str, float]] = field(default_factory=list)
    commit: float = 0.0

    @property
    def counted(self) -> list[tuple[str, float]]:
        """Those that count: transactions and savepoints apart."""
        return [one for one in self.seen if not one[0].startswith((*BOOKKEEPING, *SAVEPOINTS))]

    @property
    def savepoints(self) -> int:
        """How many savepoints were made or released."""
        return sum(one.startswith(SAVEPOINTS) for one, _ in self.seen)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seen.append((in_short(sql), time.perf_counter() - begun))


def in_short(sql: str) -> str:
    """A statement without its list of columns, to tell it from the others."""
    text = re.sub(r"\s+", " ", sql.replace('"', "")).strip()
    text = re.sub(r"padwijzer_(workflows_)?", "", text)
    text = re.sub(r"^SELECT .*? FROM ", "SELECT … FROM ", text)
    text = re.sub(r"^(INSERT INTO \S+) .*$", r"\1", text)
    text = re.sub(r"%s(::\w+)?", "?", text)
    return text if len(text) <= 150 else f"{text[:149]}…"


@contextmanager
def statements() -> Iterator[Statements]:
    """Watch what goes to the database."""
    seen = Statements()
    commit = connection.commit

    def timed() -> None:
        begun = time.perf_counter()
        commit()
        seen.commit += time.perf_counter() - begun

    with connection.execute_wrapper(seen), mock.patch.object(connection, "commit", timed):
        yield seen


@dataclass(frozen=True, slots=True)
class Call:
    """
    One measured call.

    Args:
        step: which step it completed.
        wall: seconds on the clock.
        cpu: seconds of this process, the database's own not included.
        sent: what it sent to the database, when that was watched.
    """

    step: str
    wall: float
    cpu: float
    sent: Statements | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it only opened the next step."""
        return self.step in PLAIN


class Walk:
    """
    One case of one contender, step by step; asking what is open is not measured.

    Args:
        entrant: whose.
        loops: how often h16 … h18 is done again; None for ever.
        watch: what stands around each measured call, and may yield what was sent.
    """

    def __init__(
        self,
        entrant: Entrant,
        *,
        loops: int | None = 1,
        watch: Callable[[], AbstractContextManager[Statements | None]] = nullcontext,
    ) -> None:
        self.entrant = entrant
        self.loops = loops
        self.watch = watch
        self.case: Any = None
        self.calls: list[Call] = []

    def step(self) -> Call:
        """Do the next step. Raises: IndexError at the end of the case."""
        contender, step = self.entrant.contender, START
        if self.case is None:
            user, given = self.entrant.user_for(step), answers(step)
            call = self._measure(step, lambda: contender.start(user, given))
            contender.involve(self.case)
        else:
            now = contender.open_steps(self.case)[0]
            step = now.step
            turns = sum(call.step == LOOP[-1] for call in self.calls)
            user = self.entrant.user_for(step)
            given = answers(step, again=step == LOOP[-1] and (self.loops is None or turns < self.loops))
            call = self._measure(step, lambda: contender.complete(self.case, now.task, step, user, given))
        self.calls.append(call)
        return call

    def walk(self, calls: int) -> Walk:
        """Do so many steps."""
        for _ in range(calls):
            self.step()
        return self

    def _measure(self, step: str, call: Callable[[], Any]) -> Call:
        with self.watch() as sent:
            cpu, wall = time.process_time(), time.perf_counter()
            result = call()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        if self.case is None:
            self.case = result
        return Call(step, wall, cpu, sent)


@dataclass(frozen=True, slots=True)
class Round:
    """One case of every contender, walked step by step beside each other. Args: calls: by name of the contender."""

    calls: dict[str, tuple[Call, ...]]

    def seconds(self, name: str, *, plain: bool = False) -> float:
        """Time of a whole case, or of its plain steps only."""
        return sum(call.wall for call in self.calls[name] if call.is_plain or not plain)

    def ratio(self, name: str, floor: str, *, plain: bool = False) -> float:
        """How many times as long as the floor in this very round."""
        return self.seconds(name, plain=plain) / self.seconds(floor, plain=plain)


def rounds(entrants: Sequence[Entrant], number: int) -> list[Round]:
    """
    Measure rounds; at each step every contender has its turn, and who is first changes from step to step.

    Args:
        entrants: who takes part.
        number: how many rounds.
    """
    walked = (beside(entrants, turn) for turn in range(number))
    return [Round({walk.entrant.name: tuple(walk.calls) for walk in walks}) for walks in walked]


def beside(entrants: Sequence[Entrant], turn: int = 0) -> list[Walk]:
    """Walk one case of every contender to its end, each step in turns. Args: turn: changes who is first."""
    walks = [Walk(entrant) for entrant in entrants]
    for call in range(CALLS):
        first = (turn + call) % len(walks)
        for walk in (*walks[first:], *walks[:first]):
            walk.step()
    return walks


def growth(entrant: Entrant, *, young: int, old: int, pairs: int) -> float:
    """
    How much slower a step of an old case is than the same step of a young one, done in turns.

    Args:
        entrant: whose cases.
        young: age at which the young cases are measured, in steps.
        old: age of the old case in the middle of the measuring, in steps.
        pairs: how many times one step of each is done.

    Returns:
        The median of the ratios, less one: 0.1 is ten percent slower.
    """
    aged = Walk(entrant, loops=None).walk(old - pairs // 2)
    fresh: Walk | None = None
    found = []
    for turn in range(pairs):
        if fresh is None or len(fresh.calls) >= young + 3 * len(LOOP):
            fresh = Walk(entrant, loops=None).walk(young)
            while fresh.calls[-1].step != aged.calls[-1].step:
                fresh.step()
        if turn % 2:
            slow, quick = aged.step(), fresh.step()
        else:
            quick, slow = fresh.step(), aged.step()
        found.append(slow.wall / quick.wall)
    return median(found) - 1
