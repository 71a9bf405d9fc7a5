"""What doing a step would break is seen before it is done, and looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from padwijzer.forms.core.answers import Answers
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.models import Event
from padwijzer.workflows.queries.foreseeing import safeguards_ahead
from padwijzer.workflows.queries.steps import StepInCase
from tests.support.cases import at
from tests.support.clock import OPENED
from tests.support.guarded import NATIONAL_AND_LOCAL, Guarded, a_guarded_case, watched_by

pytestmark = pytest.mark.django_db
NOTHING = Answers({})


@pytest.fixture(autouse=True)
def _a_municipality_asks_more() -> Iterator[None]:
    with watched_by(NATIONAL_AND_LOCAL):
        yield


@pytest.fixture
def case() -> Guarded:
    return a_guarded_case()


def ahead(case: Guarded, activity: str, answers: Answers | None = NOTHING) -> list[str]:
    in_case = StepInCase(case.task(activity), case.worker, at(OPENED, 11))
    return [it.safeguard.key for it in safeguards_ahead(in_case, answers)]


def test_what_a_step_would_break_is_told_and_nothing_is_changed(case: Guarded) -> None:
    case.does("begin", how="ladder")
    before = Event.objects.count()
    with CaptureQueriesContext(connection) as captured:
        assert ahead(case, "ladder") == ["home_first", "second_look_before_ladder"]
    assert [it["sql"] for it in captured if not it["sql"].startswith("SELECT")] == []
    assert case.is_open("ladder")
    assert Event.objects.count() == before


def test_the_answers_decide_what_follows(case: Guarded) -> None:
    assert ahead(case, "begin", Answers({"hoe": "besluit"})) == []
    case.does("begin", how="besluit")
    assert ahead(case, "decide") == ["family_plan_before_decision"]


def test_what_follows_by_itself_is_seen_too(case: Guarded) -> None:
    open_track(Acting(case.worker, at(OPENED)), case.case.pk, "V", "placement")
    case.does("placed")
    case.does("left")
    assert ahead(case, "look_back") == ["contact_before_closing"]


def test_skipping_is_looked_at_as_skipping(case: Guarded) -> None:
    for step in ("begin", "plan", "decide"):
        case.does(step, how="alles" if step == "begin" else "")
    assert ahead(case, "home", None) == []
    open_track(Acting(case.worker, at(OPENED)), case.case.pk, "V", "placement")
    case.does("placed")
    case.does("left")
    assert "evaluation_is_never_skipped" in ahead(case, "look_back", None)


def test_what_the_case_cannot_do_breaks_nothing(case: Guarded) -> None:
    case.does("begin", how="besluit")
    assert ahead(case, "decide", None) == []
