"""Tracks opened and ended by hand: once, for a row that is there, and only where the definition says so."""

from dataclasses import replace
from uuid import uuid4

import pytest

from padwijzer.forms.core.conditions import Collection, Compare, FactRef, Operator
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.open_track import close_track, open_track
from padwijzer.workflows.core.definition import (
    ByHand,
    End,
    OnEvent,
    Open,
    OpenTrack,
    Owner,
    Performer,
    RecordEvent,
    RowsSource,
)
from padwijzer.workflows.core.errors import NotAllowed, Refused
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.models import Case, Event, PathRun, Task
from tests.support.cases import a_case, a_user, an_organisation, at
from tests.support.clock import publish, steps
from tests.support.definitions import step, track

pytestmark = pytest.mark.django_db

TODAY = "2026-11-03"
BODY = step("beside", performers=(Performer("jeugdconsulent"),))


def with_track(opens=(), body=BODY, **more):
    """A case on a path with a track, opened by hand unless said otherwise. Args: opens: what `watch` opens."""
    by_hand = {"activity": "beside", "opens_by": ByHand.HAND, **more}
    publish(steps(tracks=(track("beside", **by_hand),), bodies=(body,), opens=opens))
    return a_case()


@pytest.fixture
def family():
    return with_track()


def opened(family, track_key="beside", *, by=None, definition="V", **more):
    return open_track(Acting(by or family.worker, at(TODAY)), family.case.pk, definition, track_key, **more)


def closed(family, run, *, by=None):
    return close_track(Acting(by or family.worker, at(TODAY)), family.case.pk, run)


def everything(family):
    runs = PathRun.objects.filter(case=family.case).order_by("number").values_list("number", "track", "standing")
    tasks = Task.objects.filter(case=family.case).order_by("pk").values_list("pk", "status")
    return list(runs), list(tasks), Event.objects.count()


def test_a_track_opens_beside_the_main_line_and_stands_in_the_history(family):
    (task,) = opened(family)
    assert (task.activity, task.process.track, task.process.opened_as) == ("beside", "V.beside", "track")
    assert family.task("watch").is_open
    event = events_of(family.case.stream, lambda _type, _field: True)[-1]
    assert (event.type, event.ref["track"]) == ("track.opened", "V.beside")
    assert event.ref["followed"] == ["track_opened V.beside", "opened V.beside#1"]


def test_a_track_whose_first_step_still_waits_stands_in_the_history_too():
    after_last = Compare(FactRef("completed_on", (("of", "last"),)), Operator.AT_MOST, FactRef("today"))
    family = with_track(body=replace(BODY, available=after_last, unavailable=End()))
    assert opened(family) == ()
    assert PathRun.objects.get(case=family.case, track="V.beside").standing == "running"
    event = events_of(family.case.stream, lambda _type, _field: True)[-1]
    assert (event.type, event.ref["followed"]) == ("track.opened", ["track_opened V.beside"])


def test_a_track_that_is_opened_twice_runs_once(family):
    opened(family)
    before = everything(family)
    assert opened(family) == ()
    assert everything(family) == before


def test_a_track_runs_once_for_each_row():
    family = with_track(for_each=RowsSource(Collection("children")), owner=Owner.CHILD)
    opened(family, subject=family.child)
    before = everything(family)
    assert opened(family, subject=family.child) == ()
    assert everything(family) == before


def test_a_track_that_ended_can_be_opened_again(family):
    opened(family)
    family.does("beside", {}, TODAY)
    (task,) = opened(family)
    assert (task.is_open, PathRun.objects.filter(case=family.case, track="V.beside").count()) == (True, 2)


@pytest.mark.parametrize(
    ("definition", "track_key", "subject"),
    [
        ("V", "elsewhere", ""),
        ("V", "", ""),
        ("X", "beside", ""),
        ("", "beside", ""),
        ("V", "watch", ""),
        ("V", "beside", "00000000-0000-4000-8000-000000000000"),
        ("V", "beside", "x"),
        ("V", "beside", "x" * 1000),
    ],
)
def test_a_track_that_is_not_there_or_not_about_that_cannot_be_started(family, definition, track_key, subject):
    before = everything(family)
    with pytest.raises(Refused) as refused:
        opened(family, track_key, definition=definition, subject=subject)
    assert type(refused.value) is Refused
    assert str(refused.value.sentence)
    assert everything(family) == before


def test_a_track_for_a_child_is_not_opened_for_somebody_else():
    family = with_track(for_each=RowsSource(Collection("children")), owner=Owner.CHILD)
    before = everything(family)
    for subject in ("", family.mother, str(uuid4())):
        with pytest.raises(Refused):
            opened(family, subject=subject)
    assert everything(family) == before


@pytest.mark.parametrize(
    "more",
    [
        {"opens_by": ByHand.ACTIVITY, "opens": (Open(OpenTrack("beside"), owner=Owner.FAMILY),)},
        {"opens_by": OnEvent(RecordEvent.MEASURE_STARTED)},
    ],
)
def test_a_track_that_a_step_or_a_register_opens_is_not_opened_by_hand(more):
    family = with_track(**more)
    before = everything(family)
    with pytest.raises(Refused):
        opened(family)
    assert everything(family) == before


def test_somebody_who_is_not_involved_opens_nothing_and_finds_no_such_case(family):
    stranger = a_user("jeugdconsulent", organisation=an_organisation("Gemeente Elders"))
    before = everything(family)
    with pytest.raises(NotAllowed):
        opened(family, by=stranger)
    with pytest.raises(NotAllowed):
        open_track(Acting(family.worker, at(TODAY)), uuid4(), "V", "beside")
    assert everything(family) == before


def test_in_a_closed_case_no_track_opens(family):
    for activity in ("watch", "last"):
        family.does(activity, {}, TODAY)
    assert Case.objects.get(pk=family.case.pk).status == Case.Status.CLOSED
    before = everything(family)
    with pytest.raises(Refused):
        opened(family)
    assert everything(family) == before


# Ending by hand


def test_a_track_that_may_be_ended_by_hand_ends_with_its_work():
    family = with_track(closed_by_hand=True)
    (task,) = opened(family)
    run = closed(family, task.process.number)
    task.refresh_from_db()
    assert (run.standing, task.outcome) == ("ended", "cancelled")
    event = events_of(family.case.stream, lambda _type, _field: True)[-1]
    assert (event.type, event.ref["run"]) == ("track.closed", run.number)


def test_a_track_that_is_ended_twice_ended_once():
    family = with_track(closed_by_hand=True)
    (task,) = opened(family)
    closed(family, task.process.number)
    before = everything(family)
    with pytest.raises(Refused):
        closed(family, task.process.number)
    assert everything(family) == before


@pytest.mark.parametrize("run", [0, 1, 2, 99, -1])
def test_what_may_not_be_ended_by_hand_goes_on(family, run):
    opened(family)
    before = everything(family)
    with pytest.raises(Refused):
        closed(family, run)
    assert everything(family) == before


def test_somebody_who_is_not_involved_ends_nothing():
    family = with_track(closed_by_hand=True)
    (task,) = opened(family)
    stranger = a_user("jeugdconsulent", organisation=an_organisation("Gemeente Elders"))
    before = everything(family)
    with pytest.raises(NotAllowed):
        closed(family, task.process.number, by=stranger)
    with pytest.raises(NotAllowed):
        close_track(Acting(family.worker, at(TODAY)), uuid4(), task.process.number)
    assert everything(family) == before
