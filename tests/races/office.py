"""An office with several people at work on the same cases. Everybody here is invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils import timezone

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.claim_task import release_task
from padwijzer.workflows.actions.open_case import NewPerson, open_case
from padwijzer.workflows.actions.save_draft import save_draft
from padwijzer.workflows.models import Task
from tests.support.cases import Family, a_case, a_release, a_user, an_organisation, at
from tests.support.server import Answer, Browser

NAMES = (
    "Anna Bakker",
    "Bram Visser",
    "Chaima Haddad",
    "Dirk Postma",
    "Esra Yilmaz",
    "Femke de Groot",
    "Gijs van Dam",
    "Hilde Koster",
)


def yesterday() -> date:
    """The day before the day on which the server acts."""
    return timezone.localdate() - timedelta(days=1)


def a_team(size: int) -> list[Any]:
    """Colleagues who may all do the same."""
    return [a_user("jeugdconsulent", "vap", name=name) for name in NAMES[:size]]


def families(number: int, team: Sequence[Any]) -> list[Family]:
    """Cases on the shipped paths in which the whole team works; the first question of each is written down."""
    a_release()
    found = []
    for _ in range(number):
        family = a_case(team[0], day=yesterday())
        for colleague in team[1:]:
            family.joins(colleague, "jeugdconsulent", yesterday())
        found.append(family)
    return found


def an_open_task(worker: Any) -> int:
    """The first step of a new case on the newest release."""
    child = NewPerson({"name": "Noor de Wit", "kind": "child"})
    return open_case(Acting(worker, at(yesterday())), an_organisation(), persons=[child]).task.pk


def for_anybody(task: Task) -> Task:
    """A step that nobody has taken up: who had it, gives it back to the team."""
    if task.owner is not None:
        release_task(Acting(task.owner, timezone.now()), task.pk)
    return task


def typed(task: Task, user: Any, values: dict[str, object]) -> None:
    """What somebody filled in for a step so far."""
    save_draft(Acting(user, timezone.now()), task.pk, values)


def check_page(task: Task | int) -> str:
    """Where a step is looked over and handed in."""
    return reverse("padwijzer:step_check", args=[task if isinstance(task, int) else task.pk])


def done_page(task: Task | int) -> str:
    """Where who handed in a step is sent."""
    return reverse("padwijzer:step_done", args=[task if isinstance(task, int) else task.pk])


def hand_in_form(browser: Browser, task: Task | int) -> dict[str, list[str]]:
    """The form of the page on which a step is looked over."""
    answer = browser.get(check_page(task))
    assert answer.status == 200, answer
    return answer.form("form_key")


def leads_to(answer: Answer, path: str) -> bool:
    """Whether an answer sends the browser to a page."""
    return answer.status == 302 and urlsplit(answer.location).path == path
