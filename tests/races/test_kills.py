"""
The server is killed in the middle of steps, again and again, while people work; nothing acknowledged is ever lost.

`kill -9` of every process of the server at once, at moments at which somebody waits for the answer to a step that was
handed in. Between two lives of the server the whole database is looked over.
"""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from django.db import connection

from padwijzer.workflows.models import Case, PathRun, Task
from padwijzer.workflows.queries.markings import marking_of
from tests.races.load import MARK, Watch, Worker, the_path
from tests.races.office import a_team, an_open_task
from tests.races.soundness import faults, replayed, whole_history
from tests.support.clock import publish
from tests.support.server import PATIENCE, Server
from tests.support.sizes import size

pytestmark = pytest.mark.xdist_group("races")

LOG = logging.getLogger(__name__)
PEOPLE = 4
CASES = 3
"""Of each of them."""
STEPS = 8
"""How many are done at least between two kills."""
MUCH = 1.2
"""An answer takes seldom longer than this times the one before it."""
GOLDEN = 0.6180339887
"""Spreads moments evenly over the time that an answer takes, without ever coming back to one."""


def test_who_is_killed_in_the_middle_of_a_step_loses_nothing_that_was_acknowledged(server: Server) -> None:
    publish(the_path())
    watch = Watch()
    workers = [
        Worker(f"w{number}", server.signed_in(user), [an_open_task(user) for _ in range(CASES)], watch)
        for number, user in enumerate(a_team(PEOPLE))
    ]
    fates: Counter[str] = Counter()
    with ThreadPoolExecutor(PEOPLE) as threads:
        at_work = [threads.submit(worker.works) for worker in workers]
        try:
            for number in range(size("kills")):
                kill_in_the_middle(server, watch, number)
                nobody_else_is_connected()
                happened = look_at_everything(workers)
                waiting = [worker.unanswered for worker in workers if worker.unanswered is not None]
                fates.update("whole" if it.mark in happened else "absent" for it in waiting)
                server.start()
        finally:
            with watch.changed:
                watch.is_over = True
            if not server.is_up:
                server.start()
        for it in at_work:
            it.result(timeout=PATIENCE)
    happened = look_at_everything(workers)
    assert happened == Counter(mark for worker in workers for mark in worker.acknowledged)
    broken_off = sum(worker.broken_off for worker in workers)
    assert broken_off >= size("kills") // 2, "The server was hardly ever killed in the middle of a step."
    LOG.info(
        "%d kills, %d steps, %d requests broken off; of the steps without an answer %d were whole and %d absent",
        *(watch.kills, happened.total(), broken_off, fates["whole"], fates["absent"]),
    )


def kill_in_the_middle(server: Server, watch: Watch, number: int) -> None:
    """Let people work, and kill the server while somebody waits for an answer, at another moment each time."""
    enough = watch.done + STEPS
    moment = MUCH * (number * GOLDEN % 1)
    while True:
        with watch.changed:
            assert watch.changed.wait_for(
                lambda: watch.is_over or (watch.handing_in and watch.done >= enough), timeout=PATIENCE
            )
        sleep(watch.took * moment)
        with watch.changed:
            if watch.fault is not None:
                raise watch.fault
            if watch.handing_in:
                watch.kills += 1
                server.kill()
                return


def nobody_else_is_connected() -> None:
    """Wait until PostgreSQL has noticed that the server is gone, and ended what that had begun."""
    if connection.vendor != "postgresql":
        return
    until = monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone() == (0,):
                return
            assert monotonic() < until, "Connections of the killed server are still there."
            sleep(0.02)


def look_at_everything(workers: list[Worker]) -> Counter[str]:
    """
    Look over every case, and look for everything that was acknowledged.

    Returns:
        How often the mark of each step stands in the history.
    """
    assert faults() == []
    happened: Counter[str] = Counter()
    for case in Case.objects.select_related("release"):
        assert marking_of(case, PathRun.objects.filter(case=case).order_by("number")) == replayed(case)
        happened.update(
            str(event.values[f"answers.{MARK}"]) for event in whole_history(case) if event.type == "task.completed"
        )
    assert happened.total() == Task.objects.filter(outcome="done").count()
    assert set(happened.values()) <= {1}
    assert [mark for worker in workers for mark in worker.acknowledged if mark not in happened] == []
    return happened
