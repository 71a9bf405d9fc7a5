"""What somebody typed himself for a step of somebody else can be thrown away, by him alone."""

import pytest

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.claim_task import release_task
from padwijzer.workflows.actions.discard_draft import discard_draft
from padwijzer.workflows.actions.save_draft import save_draft
from padwijzer.workflows.core.errors import NotAllowed
from padwijzer.workflows.models import Draft, Event
from tests.support.cases import Family, a_case, a_user, at
from tests.support.clock import publish, steps

pytestmark = pytest.mark.django_db

TODAY = "2026-11-03"


@pytest.fixture
def family() -> Family:
    publish(steps(ask="date"))
    return a_case()


def test_a_draft_of_a_step_that_is_not_his_is_gone_for_good_and_no_event(family: Family) -> None:
    acting = Acting(family.worker, at(TODAY))
    draft = save_draft(acting, family.task("watch").pk, {"dag": "1"})
    release_task(acting, family.task("watch").pk)
    before = Event.objects.count()
    assert discard_draft(acting, draft.pk).values == {"dag": "1"}
    assert not Draft.objects.exists()
    assert Event.objects.count() == before
    with pytest.raises(NotAllowed):
        discard_draft(acting, draft.pk)


def test_what_belongs_to_a_step_in_hand_or_to_somebody_else_stays(family: Family) -> None:
    acting = Acting(family.worker, at(TODAY))
    draft = save_draft(acting, family.task("watch").pk, {"dag": "1"})
    with pytest.raises(NotAllowed):
        discard_draft(acting, draft.pk)
    release_task(acting, family.task("watch").pk)
    colleague = a_user("jeugdconsulent", name="Karin Post")
    family.joins(colleague, "jeugdconsulent")
    with pytest.raises(NotAllowed):
        discard_draft(Acting(colleague, at(TODAY)), draft.pk)
    assert Draft.objects.get() == draft
