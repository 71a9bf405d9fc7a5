"""Who looked at a case is written down before he sees it, apart from what happened in the case."""

import pytest

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.record_look import record_look
from padwijzer.workflows.core.streams import reads_stream
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.history.verifying import verify_all
from padwijzer.workflows.models import Event
from padwijzer.workflows.queries.access import actor_of
from tests.support.cases import a_case, at
from tests.support.clock import publish, steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def family():
    publish(steps())
    return a_case()


def looks(family):
    return events_of(reads_stream(family.case.pk), lambda _type, _field: True)


def test_every_look_is_written_down_with_its_page(family):
    acting = Acting(family.worker, at("2026-11-03"))
    for page in ("case", "family", "case"):
        record_look(acting, family.case, page)
    assert [(it.type, it.ref) for it in looks(family)] == [
        ("case.looked_at", {"page": "case"}),
        ("case.looked_at", {"page": "family"}),
        ("case.looked_at", {"page": "case"}),
    ]
    assert {it.actor for it in looks(family)} == {actor_of(family.worker, acting.today).id}
    assert verify_all() == []


def test_a_look_is_no_event_of_the_case_and_holds_no_values(family):
    before = Event.objects.filter(stream=family.case.stream).count()
    record_look(Acting(family.worker, at("2026-11-03")), family.case, "case")
    assert Event.objects.filter(stream=family.case.stream).count() == before
    (look,) = looks(family)
    assert (look.values, look.withheld) == ({}, frozenset())


def test_the_clock_looks_as_the_system(family):
    record_look(Acting(None, at("2026-11-03")), family.case, "case")
    assert looks(family)[0].actor == "system"
