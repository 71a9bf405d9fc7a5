"""A draft keeps everything that was typed, validates nothing, and moves nothing."""

import pytest

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.claim_task import release_task
from padwijzer.workflows.actions.complete_task import PAGES, complete_task
from padwijzer.workflows.actions.save_draft import save_draft
from padwijzer.workflows.core.errors import Conflict, NotAllowed
from padwijzer.workflows.models import Case, Draft, Event, Task
from tests.support.cases import a_case, a_user, an_organisation, at
from tests.support.clock import publish, steps

pytestmark = pytest.mark.django_db

TODAY = "2026-11-03"


@pytest.fixture
def family():
    publish(steps(ask="date"))
    return a_case()


@pytest.fixture
def colleague(family):
    user = a_user("jeugdconsulent", name="Karin Post")
    family.joins(user, "jeugdconsulent")
    return user


def saved(family, values, *, by=None, activity="watch", **more):
    return save_draft(Acting(by or family.worker, at(TODAY)), family.task(activity).pk, values, **more)


def test_a_draft_keeps_what_was_typed_as_it_was_typed(family):
    odd = {"dag": "gisteren", "onbekend": ["a", "b"], "leeg": "", "👪": "\u202e"}
    draft = saved(family, odd, page="2")
    draft.refresh_from_db()
    assert (draft.values, draft.page, draft.lost, draft.saved_at) == (odd, "2", False, at(TODAY))


def test_a_later_draft_replaces_the_earlier_one(family):
    first = saved(family, {"dag": "1"})
    assert saved(family, {"dag": "2"}) == first
    assert Draft.objects.get().values == {"dag": "2"}


def test_a_draft_is_no_event_and_moves_nothing(family):
    before = Event.objects.count(), list(Task.objects.values_list("pk", "status", "owner"))
    saved(family, {"dag": "1"})
    assert (Event.objects.count(), list(Task.objects.values_list("pk", "status", "owner"))) == before


def test_each_performer_has_a_draft_of_his_own(family, colleague):
    task = family.task("watch")
    release_task(Acting(family.worker, at(TODAY)), task.pk)
    saved(family, {"dag": "van Anna"})
    saved(family, {"dag": "van Karin"}, by=colleague)
    assert {draft.user_id: draft.values["dag"] for draft in Draft.objects.filter(task=task)} == {
        family.worker.pk: "van Anna",
        colleague.pk: "van Karin",
    }


def test_completing_takes_away_the_own_draft_and_no_other(family, colleague):
    task = family.task("watch")
    release_task(Acting(family.worker, at(TODAY)), task.pk)
    saved(family, {"dag": "van Anna"})
    saved(family, {"dag": "van Karin"}, by=colleague)
    family.does("watch", {}, TODAY)
    assert Draft.objects.get(task=task).user == colleague


def test_what_is_typed_for_a_step_that_a_colleague_has_is_kept_as_lost(family, colleague):
    with pytest.raises(Conflict) as conflict:
        saved(family, {"dag": "1"}, by=colleague)
    assert conflict.value.by == "Anna Bakker"
    draft = Draft.objects.get(user=colleague)
    assert (draft.values, draft.lost) == ({"dag": "1"}, True)


def test_what_is_typed_for_a_step_that_was_done_is_kept_as_lost(family):
    task = family.task("watch")
    family.does("watch", {}, TODAY)
    with pytest.raises(Conflict):
        save_draft(Acting(family.worker, at(TODAY)), task.pk, {"dag": "1"})
    assert Draft.objects.get(task=task).lost


def test_what_was_lost_stands_beside_what_was_kept_page_by_page(family, colleague):
    task = family.task("watch")
    kept = {PAGES: {"dag": "1", "nog": "a"}, "page": "2"}
    Draft.objects.create(task=task, user=colleague, values=kept, saved_at=at(TODAY))
    with pytest.raises(Conflict):
        complete_task(Acting(colleague, at(TODAY)), task.pk, {"dag": "2"})
    assert Draft.objects.get(user=colleague).values == {PAGES: {"dag": "2", "nog": "a"}, "page": "2"}


def test_what_was_lost_stands_beside_what_was_kept_at_once(family, colleague):
    task = family.task("watch")
    Draft.objects.create(task=task, user=colleague, values={"dag": "1", "nog": "a"}, saved_at=at(TODAY))
    with pytest.raises(Conflict):
        complete_task(Acting(colleague, at(TODAY)), task.pk, {"dag": "2"})
    assert Draft.objects.get(user=colleague).values == {"dag": "2", "nog": "a"}


def test_a_whole_draft_replaces_what_was_kept(family, colleague):
    Draft.objects.create(task=family.task("watch"), user=colleague, values={"dag": "1"}, saved_at=at(TODAY))
    with pytest.raises(Conflict):
        saved(family, {PAGES: {"nog": "a"}}, by=colleague)
    assert Draft.objects.get(user=colleague).values == {PAGES: {"nog": "a"}}


def test_nothing_typed_leaves_no_draft(family, colleague):
    with pytest.raises(Conflict):
        saved(family, {}, by=colleague)
    assert not Draft.objects.exists()


def test_who_is_not_involved_keeps_nothing_and_finds_no_such_task(family):
    stranger = a_user("jeugdconsulent", organisation=an_organisation("Gemeente Elders"))
    adviser = a_user("gedragswetenschapper")
    family.joins(adviser, "gedragswetenschapper")
    for user in (stranger, adviser):
        with pytest.raises(NotAllowed):
            saved(family, {"dag": "1"}, by=user)
    with pytest.raises(NotAllowed):
        save_draft(Acting(family.worker, at(TODAY)), 987654321, {"dag": "1"})
    assert not Draft.objects.exists()


def test_in_a_closed_case_nothing_is_kept(family):
    Case.objects.filter(pk=family.case.pk).update(status=Case.Status.CLOSED)
    with pytest.raises(NotAllowed):
        saved(family, {"dag": "1"})
    assert not Draft.objects.exists()
