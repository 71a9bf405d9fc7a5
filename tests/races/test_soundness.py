"""What looks whether a case is whole finds what is not: one fault planted at a time."""

from collections.abc import Callable

import pytest
from django.db.models import F
from django.utils import timezone

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.models import Case, Draft, PathRun, RegisterRow, RunningDeadline, Task
from padwijzer.workflows.queries.markings import marking_of
from tests.races.load import MARK, the_path
from tests.races.office import a_team, an_open_task
from tests.races.soundness import faults, faults_of, replayed
from tests.support.clock import publish
from tests.support.history import tampering

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    """A case in which both steps were done, and the first one once more."""
    publish(the_path())
    [worker] = a_team(1)
    task = an_open_task(worker)
    for number in range(3):
        done = complete_task(Acting(worker, timezone.now()), task, {MARK: f"merk {number}", "verder": "ja"})
        task = next(it for it in done.opened if Task.objects.get(pk=it).activity != "watch")
    return Case.objects.select_related("release").get()


def the_last_done() -> Task:
    return Task.objects.filter(outcome="done").order_by("-pk")[0]


def reopened() -> None:
    Task.objects.filter(pk=the_last_done().pk).update(status="NEW", finished=None, outcome="")


def opened_twice() -> None:
    task = Task.objects.filter(activity="agree", finished=None).get()
    task.pk = None
    task.save(force_insert=True)


def not_opened() -> None:
    task = Task.objects.filter(activity="agree", finished=None)
    RunningDeadline.objects.filter(task__in=task).delete()
    task.delete()


def moved_on() -> None:
    PathRun.objects.filter(number=1).update(position="talk")


def another_event() -> None:
    Task.objects.filter(pk=the_last_done().pk).update(event=F("event") - 1)


def row_changed() -> None:
    row = RegisterRow.objects.filter(register="meeting").order_by("order")[0]
    row.values = {**row.values, "note": "anders"}
    row.save()


def row_lost() -> None:
    RegisterRow.objects.filter(register="agreement").delete()


def draft_left() -> None:
    task = the_last_done()
    Draft.objects.create(task=task, user_id=task.completed_by_id, saved_at=timezone.now())


def deadline_left() -> None:
    task = Task.objects.filter(activity="talk", outcome="done")[0]
    assert RunningDeadline.objects.filter(task=task).update(next_signal=timezone.now()) == 1


def test_a_case_that_ran_through_the_actions_is_whole(case: Case) -> None:
    assert faults() == []
    assert marking_of(case, PathRun.objects.filter(case=case).order_by("number")) == replayed(case)


@pytest.mark.parametrize(
    "plant",
    [
        reopened,
        opened_twice,
        not_opened,
        moved_on,
        another_event,
        row_changed,
        row_lost,
        draft_left,
        deadline_left,
    ],
)
def test_a_case_that_is_half_done_is_found(case: Case, plant: Callable[[], None]) -> None:
    plant()
    assert faults_of(case) != []


def test_a_run_that_stands_elsewhere_than_its_history_is_found(case: Case) -> None:
    run = PathRun.objects.get(case=case, number=1)
    run.rounds = {**run.rounds, "talk": 7}
    assert marking_of(case, [run, *PathRun.objects.filter(case=case, number__gt=1)]) != replayed(case)


def test_an_event_that_is_gone_is_found(case: Case) -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM padwijzer_workflows_opening WHERE name = %s", [f"answers.{MARK}"])
        assert faults() != []


def test_a_draft_of_who_came_second_is_no_fault(case: Case) -> None:
    [_anna, bram] = a_team(2)
    Draft.objects.create(task=the_last_done(), user=bram, saved_at=timezone.now(), lost=True)
    assert faults_of(case) == []
