import pytest

from padwijzer.forms.core.conditions import UNKNOWN, Compare, FactRef, Operator
from padwijzer.workflows.actions.change_register import BY_HAND
from padwijzer.workflows.core.catalogues import Catalogue
from padwijzer.workflows.core.definition import End, Goto, Jump, Obligation, Parameter, Record, RecordEvent, Return
from padwijzer.workflows.core.registers import registers
from padwijzer.workflows.core.ways import ONLY_BY_STEPS, Ways
from tests.support.definitions import calls, choice, definition, is_, more_placements_than, release, step, text

pytestmark = pytest.mark.once

A, B = is_("weg", "a"), is_("weg", "b")
WAY = (choice("weg", "a", "b"),)
PLACED = more_placements_than(0)


def ways(*definitions):
    return Ways(release(*definitions), Catalogue())


def onward(path, key, **more):
    return list(ways(path).onward(path, path.activity(key), **more))


def test_the_ways_on_are_those_that_can_be_taken_each_with_its_place():
    first = step("een", (A, "twee"), (B, End()), "een", fields=WAY, obligation=Obligation.POLICY, skip=Goto("drie"))
    path = definition("V", first, step("twee"), step("drie"))
    taken = [("exits[0].to", Goto("twee")), ("exits[1].to", End())]
    assert onward(path, "een") == [*taken, ("skip", Goto("drie"))]
    assert onward(path, "een", skipping=False) == taken
    assert ways(path).following(path, "een") == ("twee", "drie")


def test_a_step_that_never_becomes_available_has_only_the_way_around_it():
    never = Compare(FactRef("placement_count", (("person", "child"),)), Operator.LESS, 0)
    first = step("een", End(), available=never, unavailable=Goto("een"), obligation=Obligation.POLICY, skip=End())
    assert onward(definition("V", first), "een") == [("unavailable", Goto("een"))]


def test_an_optional_step_that_is_not_there_goes_by_its_else():
    step_ = step("een", (A, "een"), (B, "een"), End(), fields=WAY, available=PLACED, obligation=Obligation.OPTIONAL)
    assert ("exits[2].to", End()) in onward(definition("V", step_), "een")


def test_the_outcomes_are_those_that_are_returned():
    called = definition("D-VAP", step("kies", (A, Return("ja")), (B, Return("nee")), Return("later"), fields=WAY),
                        returns=("later", "nee", "ja"))  # fmt: skip
    assert ways(called).outcomes("D-VAP") == ("nee", "ja")
    assert ways(called).outcomes("P") == ()


def test_what_calls_itself_may_return_anything_and_end():
    itself = definition("V", step("een", (Compare(FactRef("outcome"), Operator.IS, "ja"), End()), Return("ja"),
                                  call=calls("V")), returns=("ja", "nee"))  # fmt: skip
    assert ways(itself).outcomes("V") == ("ja",)
    assert ways(itself).ends("V")


def test_a_parameter_is_what_callers_pass_and_unknown_when_something_else_begins_it():
    declared = (Parameter("mode", ("licht", "zwaar")),)
    called = definition("D-VAP", step("kies"), parameters=declared)
    caller = definition("V", step("een", call=calls("D-VAP", parameters=(("mode", "zwaar"),))))
    assert ways(caller, called).passed("D-VAP", "mode") == ("zwaar",)
    assert ways(caller, called).passed("D-VAP", "soort") == ()
    jumps = definition("O", step("begin", Jump("D-VAP")))
    assert ways(caller, called, jumps).passed("D-VAP", "mode") == ("zwaar", UNKNOWN)
    outside = definition("O", step("begin"), outside=(("P", text("Elders.")),))
    assert ways(caller, called, outside).passed("D-VAP", "mode") == ("licht", "zwaar", UNKNOWN)
    assert ways(definition("V", step("een")), called).passed("D-VAP", "mode") == ("licht", "zwaar", UNKNOWN)


def test_what_is_outside_the_release_ends_and_is_met():
    known = ways(definition("V", step("een")))
    assert known.ends("P")
    assert known.is_met("P", "plek", "V")
    assert not known.is_met("V", "twee", "V")


def test_a_skeleton_may_record_anything():
    whole = ways(definition("V", step("een")))
    assert not whole.can_happen(RecordEvent.PLACEMENT_STARTED)
    assert ways(definition("V", step("een"), whole=False)).can_happen(RecordEvent.PLACEMENT_STARTED)
    records = definition("V", step("een", records=(Record("placement", ()),)))
    assert ways(records).can_happen(RecordEvent.PLACEMENT_STARTED)
    assert whole.can_happen(RecordEvent.CONSENT_WITHDRAWN)


def test_a_fact_that_nothing_fills_in_is_never_known():
    known = ways(definition("V", step("een")))
    assert not known.can_be_known(FactRef("placement_count", (("person", "child"),)))
    assert known.can_be_known(FactRef("measure_until", (("person", "child"),)))
    assert known.can_be_known(FactRef("today"))
    assert known.can_be_known(FactRef("wens"))


def test_registers_that_only_steps_fill_exist_and_are_not_filled_by_hand():
    assert registers().keys() >= ONLY_BY_STEPS
    assert ONLY_BY_STEPS.isdisjoint(BY_HAND)
