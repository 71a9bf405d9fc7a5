"""Taking up, giving back and handing over."""

import pytest

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.claim_task import claim_task, delegate_task, release_task
from padwijzer.workflows.core.errors import Conflict, Refused
from padwijzer.workflows.models import Event
from tests.support.cases import a_case, a_release, a_user, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def family():
    a_release()
    return a_case()


@pytest.fixture
def colleague(family):
    user = a_user("jeugdconsulent", name="Karin Post")
    family.joins(user, "jeugdconsulent")
    return user


def test_a_task_given_back_waits_for_the_team_and_can_be_taken_up(family, colleague):
    task = family.task("first_talk")
    release_task(Acting(family.worker, at("2026-11-03")), task.pk)
    assert family.task("first_talk").owner is None
    claim_task(Acting(colleague, at("2026-11-03")), task.pk)
    assert family.task("first_talk").owner == colleague


def test_taking_up_what_a_colleague_has_says_who_has_it(family, colleague):
    with pytest.raises(Conflict) as conflict:
        claim_task(Acting(colleague, at("2026-11-03")), family.task("first_talk").pk)
    assert conflict.value.by == "Anna Bakker"


def test_taking_up_twice_changes_nothing(family):
    task = family.task("first_talk")
    events = Event.objects.count()
    claim_task(Acting(family.worker, at("2026-11-03")), task.pk)
    assert Event.objects.count() == events


def test_only_the_holder_gives_a_task_back(family, colleague):
    with pytest.raises(Conflict):
        release_task(Acting(colleague, at("2026-11-03")), family.task("first_talk").pk)


def test_a_task_is_handed_to_a_colleague_in_a_role_that_may_do_it(family, colleague):
    delegate_task(Acting(family.worker, at("2026-11-03")), family.task("first_talk").pk, colleague)
    assert family.task("first_talk").owner == colleague
    assert Event.objects.order_by("-pk")[0].envelope.count('"task.delegated"') == 1


def test_a_task_is_not_handed_to_somebody_outside_the_case(family):
    with pytest.raises(Refused):
        delegate_task(Acting(family.worker, at("2026-11-03")), family.task("first_talk").pk, a_user("jeugdconsulent"))
