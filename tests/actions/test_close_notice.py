"""A task of a rule, an alarm, a message: marked as done once, by who is involved."""

import pytest

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.close_notice import close_notice
from padwijzer.workflows.core.errors import NotAllowed
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.models import Event, Notice
from tests.support.cases import a_case, a_user, an_organisation, at
from tests.support.clock import publish, steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def family():
    publish(steps())
    return a_case()


@pytest.fixture
def notice(family):
    return Notice.objects.create(
        case=family.case,
        kind="alarm",
        source="rule:V.watch:0",
        occasion="1:1",
        text="Bel het gezin.",
        roles=",jeugdconsulent,",
        created_at=at("2026-11-03"),
    )


def done(family, notice, *, by=None, hour=10):
    return close_notice(Acting(by or family.worker, at("2026-11-04", hour)), notice.pk)


def test_a_notice_that_is_done_says_who_did_it_and_when(family, notice):
    done(family, notice)
    notice.refresh_from_db()
    assert (notice.done_by, notice.done_at) == (family.worker, at("2026-11-04"))
    event = events_of(family.case.stream, lambda _type, _field: True)[-1]
    assert (event.type, event.ref) == ("notice.done", {"notice": notice.pk, "source": "rule:V.watch:0"})


def test_a_notice_is_done_once_and_by_who_was_first(family, notice):
    colleague = a_user("jeugdconsulent", name="Karin Post")
    family.joins(colleague, "jeugdconsulent")
    done(family, notice)
    events = Event.objects.count()
    done(family, notice, by=colleague, hour=11)
    notice.refresh_from_db()
    assert (notice.done_by, notice.done_at) == (family.worker, at("2026-11-04"))
    assert Event.objects.count() == events


def test_who_is_not_involved_finds_no_such_notice(family, notice):
    stranger = a_user("jeugdconsulent", organisation=an_organisation("Gemeente Elders"))
    events = Event.objects.count()
    with pytest.raises(NotAllowed):
        done(family, notice, by=stranger)
    notice.refresh_from_db()
    assert notice.done_at is None
    assert Event.objects.count() == events


@pytest.mark.parametrize("number", [0, -1, 987654321])
def test_a_notice_that_is_not_there_looks_like_one_that_one_may_not_see(family, number):
    with pytest.raises(NotAllowed):
        close_notice(Acting(family.worker, at("2026-11-04")), number)
