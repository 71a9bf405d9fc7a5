"""One answer of an open step becomes final before the rest, and what counts from it begins that day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from padwijzer.forms.core.answers import UNKNOWN_POSTED
from padwijzer.forms.core.conditions import FactRef
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.answer_alone import answer_alone
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.errors import Conflict, InvalidAnswers, NotAllowed
from padwijzer.workflows.history.timeline import PastEvent, events_of
from padwijzer.workflows.models import Draft, RunningDeadline
from tests.support.cases import Family, a_case, a_release, a_user, at, with_contact_person
from tests.support.rebuilding import rebuilt, stored, whole_history

pytestmark = pytest.mark.django_db

FIRST = "2026-11-09"
LATER = "2026-11-16"
PLAN = {
    "doelen": [{"doel": "Rust aan tafel"}],
    "gezin_eens": "ja",
    "hulp_nodig": "ja",
}


@pytest.fixture
def family() -> Family:
    """A case at the plan of the family, whose first question is who makes it."""
    a_release()
    return at_the_plan()


def at_the_plan() -> Family:
    family = with_contact_person(a_case())
    day = "2026-11-05"
    family.does("choose_route", {"weg": "samen", "meer_domeinen": "nee"}, day)
    family.does("look_back", {}, day)
    family.does("understand_together", {"va_tekst": "Ruzie", "va_eens": "ja", "meedenkers": "nee"}, day)
    return family


def says(family: Family, who: str, day: str = FIRST, *, by: Any = None, key: str = "") -> str:
    acting = Acting(by or family.worker, at(day))
    return answer_alone(acting, family.task("family_plan").pk, "fgp_keuze", {"fgp_keuze": who}, form_key=key)


def told(family: Family) -> list[PastEvent]:
    return [it for it in events_of(family.case.stream, lambda _type, _name: True) if it.type == "task.answered"]


def due(family: Family) -> date | None:
    deadline = RunningDeadline.objects.get(task=family.task("family_plan"), term="plan_6w")
    return None if deadline.due is None else local_day(deadline.due)


def answered_on(family: Family, day: str) -> object:
    task = family.task("family_plan")
    lookup = Work(Acting(family.worker, at(day)), family.case).lookup(task.process.number, "family_plan", {})
    return lookup.fact(FactRef("answered_on", (("field", "fgp_keuze"),)))


def test_the_answer_stands_in_the_history_and_the_step_stays_open(family: Family) -> None:
    says(family, "familie")
    event = told(family)[0]
    assert event.values == {"answers.fgp_keuze": "familie"}
    assert (event.ref["activity"], event.ref["field"]) == ("family_plan", "fgp_keuze")
    assert family.task("family_plan").is_open
    assert answered_on(family, LATER) == date(2026, 11, 9)


def test_the_term_that_counts_from_it_begins_that_day_and_not_with_another_answer(family: Family) -> None:
    assert due(family) is None
    says(family, "familie")
    assert due(family) is None
    says(family, "samen", LATER)
    assert due(family) == date(2026, 12, 28)


def test_the_same_answer_again_is_no_new_event_and_keeps_its_day(family: Family) -> None:
    first = says(family, "samen")
    assert says(family, "samen", LATER) == first
    assert len(told(family)) == 1
    assert answered_on(family, LATER) == date(2026, 11, 9)


def test_a_form_that_comes_in_twice_counts_once_also_when_another_answer_came_after_it(family: Family) -> None:
    says(family, "familie", key="form-1")
    says(family, "samen", LATER, key="form-2")
    says(family, "familie", LATER, key="form-1")
    assert [it.values["answers.fgp_keuze"] for it in told(family)] == ["familie", "samen"]


def test_an_answer_that_came_back_counts_from_the_day_it_came_back(family: Family) -> None:
    for day, who in ((FIRST, "samen"), ("2026-11-12", "familie"), (LATER, "samen")):
        says(family, who, day)
    assert answered_on(family, LATER) == date(2026, 11, 16)
    assert due(family) == date(2026, 12, 28)


def test_completing_with_the_same_answer_keeps_the_day_and_with_another_it_is_given_then(family: Family) -> None:
    says(family, "samen")
    family.does("family_plan", {**PLAN, "fgp_keuze": "samen"}, LATER)
    visits = Work(Acting(family.worker, at(LATER)), family.case).file().visits
    plan = next(it for it in visits if it.activity == "family_plan")
    assert dict(plan.answered_on) == {"fgp_keuze": date(2026, 11, 9)}
    other = at_the_plan()
    says(other, "samen")
    other.does("family_plan", {**PLAN, "fgp_keuze": "familie"}, LATER)
    visits = Work(Acting(other.worker, at(LATER)), other.case).file().visits
    assert dict(next(it for it in visits if it.activity == "family_plan").answered_on) == {}


@pytest.mark.parametrize("wrong", ["", "niemand", UNKNOWN_POSTED])
def test_an_answer_that_is_not_right_is_refused(family: Family, wrong: str) -> None:
    with pytest.raises(InvalidAnswers):
        says(family, wrong)
    assert not told(family)


def test_another_question_of_the_step_is_not_saved_alone(family: Family) -> None:
    task = family.task("family_plan").pk
    for question in ("gezin_eens", "bestaat_niet"):
        with pytest.raises(NotAllowed):
            answer_alone(Acting(family.worker, at(FIRST)), task, question, {question: "ja"})


def test_who_is_not_involved_or_has_no_such_role_saves_nothing(family: Family) -> None:
    expert = a_user("gedragswetenschapper")
    family.joins(expert, "gedragswetenschapper")
    for user in (a_user("jeugdconsulent", "vap"), expert):
        with pytest.raises(NotAllowed):
            says(family, "samen", by=user)
    assert not told(family)


def test_who_comes_after_the_step_was_done_hears_so_and_keeps_what_he_typed(family: Family) -> None:
    task = family.task("family_plan").pk
    family.does("family_plan", {**PLAN, "fgp_keuze": "samen"}, LATER)
    with pytest.raises(Conflict):
        answer_alone(Acting(family.worker, at(LATER)), task, "fgp_keuze", {"fgp_keuze": "familie"})
    assert Draft.objects.get(task=task).values == {"fgp_keuze": "familie"}


def test_the_case_can_still_be_rebuilt_from_its_history(family: Family) -> None:
    says(family, "samen")
    family.does("family_plan", {**PLAN, "fgp_keuze": "samen"}, LATER)
    assert rebuilt(whole_history(family.case)) == stored(family.case)
