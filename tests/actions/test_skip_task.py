"""Skipping: freely, with a reason, or not at all."""

import pytest

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.skip_task import skip_task
from padwijzer.workflows.core.definition import Obligation, Performer
from padwijzer.workflows.core.errors import DeviationNeeded, Refused
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.models import RegisterRow, Task
from tests.support.cases import a_case, a_release, at, with_contact_person
from tests.support.clock import another_case, publish
from tests.support.definitions import calls, definition, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def family():
    a_release()
    return with_contact_person(a_case(), "2026-11-03")


def skip(family, activity, deviation=None):
    return skip_task(Acting(family.worker, at("2026-11-06")), family.task(activity).pk, deviation=deviation)


def test_a_policy_step_is_skipped_with_a_reason_and_a_date_to_look_again(family):
    family.does("choose_route", {"weg": "samen", "meer_domeinen": "ja"})
    with pytest.raises(DeviationNeeded):
        skip(family, "look_back")
    skip(family, "look_back", Deviation("Het gezin wil dit niet nog een keer vertellen"))
    assert family.task("understand_together").is_open
    assert Task.objects.get(case=family.case, activity="look_back").outcome == "skipped"
    assert RegisterRow.objects.filter(case=family.case, register="deviation").count() == 1


def test_a_step_that_is_skipped_with_a_reason_is_looked_back_on(family):
    family.does("choose_route", {"weg": "samen", "meer_domeinen": "ja"})
    completion = skip(family, "look_back", Deviation("Het gezin wil dit niet nog een keer vertellen"))
    deviation = RegisterRow.objects.get(case=family.case, register="deviation")
    task = Task.objects.get(case=family.case, process__definition="D-AFWIJK")
    assert (task.is_open, task.process.subject) == (True, str(deviation.pk))
    assert task.pk in completion.opened


def test_an_optional_step_is_just_skipped(family):
    family.does("choose_route", {"weg": "gewoon", "meer_domeinen": "nee"})
    skip(family, "ordinary_support")
    assert not RegisterRow.objects.filter(case=family.case, register="deviation").exists()


def test_a_step_of_the_law_is_never_skipped(family):
    family.does("choose_route", {"weg": "kort", "meer_domeinen": "nee"})
    plan = {
        "doel": "Rust",
        "hulp_soort": "gezinsbehandeling",
        "hulp_voor": "child",
        "hulp_kind": family.child,
        "gezin_eens": "ja",
        "fgp_gevraagd": "ja",
    }
    family.does("short_plan", plan)
    with pytest.raises(Refused):
        skip(family, "municipal_decision", Deviation("Geen tijd"))
    assert family.task("municipal_decision").is_open


def test_a_step_of_the_law_that_its_caller_makes_less_binding_is_skipped_with_a_reason():
    jeugdconsulent = {"performers": (Performer("jeugdconsulent"),)}
    publish(
        definition(
            "V",
            step("asks", "last", call=calls("D-X", obligation=Obligation.POLICY)),
            step("last", **jeugdconsulent),
        ),
        definition("D-X", step("explain", "there", **jeugdconsulent), step("there", **jeugdconsulent)),
        shipped().definitions["D-AFWIJK"],
    )
    case = another_case()
    acting = Acting(case.worker, at("2026-11-06"))
    with pytest.raises(DeviationNeeded):
        skip_task(acting, case.task("explain").pk)
    skip_task(acting, case.task("explain").pk, deviation=Deviation("Dit is al eerder uitgelegd"))
    assert RegisterRow.objects.filter(case=case.case, register="deviation").count() == 1
