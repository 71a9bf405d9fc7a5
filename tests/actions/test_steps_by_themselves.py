"""Steps that no person does: what they record counts at once, stands in the registers, and in the history."""

from datetime import date

import pytest

from padwijzer.forms.core.conditions import AnyOf, Collection, Count, CountOperator, Rows
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.core.definition import Constant, End, Kind, Performer, Record
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.models import OPEN, RegisterRow, Task
from padwijzer.workflows.queries.conformance import conformance_of
from tests.support.cases import a_case, a_release, at, with_consent
from tests.support.clock import another_case, publish
from tests.support.definitions import choice, definition, is_, step, text

pytestmark = pytest.mark.django_db
JEUGDCONSULENT = {"performers": (Performer("jeugdconsulent"),)}


def told(case):
    return events_of(case.stream, lambda _type, _name: True)


@pytest.fixture
def family():
    """Both parents said yes to help that has not begun yet."""
    a_release()
    return with_consent(a_case())


def help_of(family):
    return RegisterRow.objects.get(case=family.case, register="help_item")


def stopped(family):
    acting = Acting(family.worker, at("2026-11-12"))
    open_track(acting, family.case.pk, "V", "withdraw_consent", subject=str(help_of(family).pk))
    family.does("withdraw_consent", {"intrek_persoon": family.mother}, "2026-11-12")
    family.does("talk_after_withdrawal", {"intrek_verder": "stopt"}, "2026-11-13")


def test_help_that_stops_because_consent_was_taken_back_is_no_longer_offered(family):
    assert help_of(family).values["status"] != "not_started"
    stopped(family)
    assert help_of(family).values["status"] == "not_started"
    assert help_of(family).values["stop_reason"] == "withdrawn"


def test_what_a_step_recorded_by_itself_is_an_event_of_its_own(family):
    stopped(family)
    talk, recorded = told(family.case)[-2:]
    assert (talk.type, talk.ref["activity"]) == ("task.completed", "talk_after_withdrawal")
    assert not any(name.startswith("row.help_item") for name in talk.values)
    assert recorded.type == "step.recorded"
    assert (recorded.ref["activity"], recorded.ref["subject"]) == ("help_stops", str(help_of(family).pk))
    assert recorded.values == {
        f"row.help_item.{help_of(family).pk}": {"status": "not_started", "stop_reason": "withdrawn"}
    }


def test_a_case_in_which_a_step_recorded_by_itself_is_rebuilt_without_a_flaw(family):
    stopped(family)
    assert conformance_of(told(family.case)).flaws == ()


# What was just answered or recorded counts for what follows in the same movement


@pytest.fixture
def case():
    """`begin` answers; `passes` happens by itself and writes; where it goes next hangs on the answer and the row."""
    publish(
        definition(
            "V",
            step("begin", "passes", fields=(choice("hoe", "door", "terug"),), **JEUGDCONSULENT),
            step(
                "passes",
                (is_("begin.hoe", "door"), "on"),
                "back",
                kind=Kind.AUTOMATIC,
                records=(Record("turning_point", (("what", Constant("Gebeld")),)),),
            ),
            step("on", **JEUGDCONSULENT),
            step("back", **JEUGDCONSULENT),
        )
    )
    return another_case()


def is_open(case, activity):
    return Task.objects.filter(case=case.case, activity=activity, status__in=OPEN).exists()


@pytest.mark.parametrize(("answer", "open_then"), [("door", "on"), ("terug", "back")])
def test_an_exit_of_a_step_that_happens_by_itself_looks_at_what_was_just_answered(case, answer, open_then):
    case.does("begin", "2026-11-03", {"hoe": answer})
    assert is_open(case, open_then)
    assert conformance_of(told(case.case)).flaws == ()


def test_a_row_that_a_step_adds_by_itself_is_there_once(case):
    case.does("begin", "2026-11-03", {"hoe": "door"})
    row = RegisterRow.objects.get(case=case.case, register="turning_point")
    assert told(case.case)[-1].ref["added"] == [str(row.pk)]


def test_the_children_that_were_just_chosen_are_those_of_the_run():
    whom = FieldSpec("wie", text("Wie?"), "persons", persons="children")
    only_one = Rows(Collection("children"), Count(CountOperator.FEWER_THAN, 2))
    publish(
        definition(
            "V",
            step("begin", "passes", fields=(whom,), **JEUGDCONSULENT),
            step("passes", (only_one, "one"), "all", kind=Kind.AUTOMATIC),
            step("one", **JEUGDCONSULENT),
            step("all", **JEUGDCONSULENT),
            children="begin.wie",
        )
    )
    case = another_case()
    sister = {"name": "Saar de Wit", "kind": "child", "birth_date": date(2019, 1, 1)}
    change_register(Acting(case.worker, at("2026-11-02")), case.case.pk, "person", sister)
    case.does("begin", "2026-11-03", {"wie": [case.child]})
    assert is_open(case, "one")


def test_a_step_that_waits_for_its_next_round_was_done():
    not_yet = Rows(Collection("turning_point"), Count(CountOperator.FEWER_THAN, 1))
    again = choice("again", "ja", "nee", required=False)
    publish(
        definition(
            "V",
            step("begin", "call", fields=(choice("hoe", "door", "terug"),), **JEUGDCONSULENT),
            step(
                "call",
                (not_yet, End()),
                "call",
                fields=(again,),
                available=AnyOf((not_yet, is_("call.again", "ja"))),
                unavailable=End(),
                records=(Record("turning_point", (("what", Constant("Gebeld")),)),),
                **JEUGDCONSULENT,
            ),
        )
    )
    case = another_case()
    case.does("begin", "2026-11-03", {"hoe": "door"})
    case.does("call", "2026-11-04")
    assert not is_open(case, "call")
    assert [it.outcome for it in Task.objects.filter(case=case.case, activity="call")] == ["done"]
    assert conformance_of(told(case.case)).flaws == ()
