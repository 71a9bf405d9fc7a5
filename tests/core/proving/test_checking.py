from dataclasses import replace

import pytest

from padwijzer.workflows.core.definition import Effect, Kind, Moment, Open, OpenTrack, Owner
from padwijzer.workflows.core.packs import Pack, Safeguard, national
from padwijzer.workflows.core.proving.checking import Broken, check
from padwijzer.workflows.core.proving.records import Means, objections, record_of
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.init import Init
from tests.support.definitions import definition, release, step, track

pytestmark = pytest.mark.once

NATION = national()


def one(key):
    return Pack("one", "1", tuple(it for it in NATION.safeguards if it.key == key))


def with_step(definition_key, activity_key, **changes):
    spec = shipped()
    definition = spec.definitions[definition_key]
    steps = tuple(replace(it, **changes) if it.key == activity_key else it for it in definition.activities)
    return ReleaseSpec(spec.start, {**spec.definitions, definition_key: replace(definition, activities=steps)})


def without_blocks(definition_key, activity_key):
    rules = shipped().definitions[definition_key].activity(activity_key).rules
    return with_step(definition_key, activity_key, rules=tuple(it for it in rules if it.effect is not Effect.BLOCK))


@pytest.fixture(scope="module")
def whole():
    return check(shipped(), NATION)


def test_the_shipped_release_is_proven(whole):
    assert whole.errors == ()
    assert [it.safeguard for it in whole.proven] == [it.key for it in NATION.safeguards]


def test_what_no_step_is_about_is_said_to_be_absent(whole):
    by_key = {it.safeguard: it.means for it in whole.proven}
    assert by_key["consent_before_help"] is Means.WALKED
    assert by_key["municipality_decides"] is Means.MADE
    assert by_key["lightest_place_first"] is Means.ABSENT


def test_a_statement_is_about_the_definitions_with_its_steps(whole):
    about = {it.safeguard.key: it.about for it in whole.statements}
    assert about["family_plan_before_decision"] == {"V"}
    assert about["withdrawal_is_open"] == {"D-INTREK"}


def test_a_lost_safeguard_is_told_with_the_step_to_change_and_a_repair():
    shipped_before = shipped()
    changed = without_blocks("D-NAZORG", "close_together")
    checked = check(changed, one("measure_ends_before_closing"), published=shipped_before)
    (finding,) = checked.errors
    assert isinstance(finding, Broken)
    assert (finding.code, finding.definition) == ("safeguard.only_while", "D-NAZORG")
    assert finding.story[-1] == finding.hint
    assert finding.repair is not None
    assert not check(finding.repair.applied(changed), one("measure_ends_before_closing")).errors


def test_a_step_that_is_made_wrong_is_named_by_its_place():
    changed = with_step(
        "V", "municipal_decision", performers=shipped().definitions["V"].activity("first_talk").performers
    )
    checked = check(changed, one("municipality_decides"))
    (finding,) = checked.errors
    assert isinstance(finding, Broken)
    steps = [it.key for it in changed.definitions["V"].activities]
    assert finding.where == f"activities[{steps.index('municipal_decision')}]"
    assert finding.code == "safeguard.who_may_perform"


def test_what_does_not_fit_the_bound_is_no_proof_and_says_what_is_tangled():
    checked = check(shipped(), one("consent_before_help"), bound=1)
    (finding,) = checked.errors
    assert finding.code == "safeguard.not_finished"
    assert "te groot" in finding.hint
    assert "‘" in finding.hint
    assert checked.proven == ()


def test_nothing_is_proven_of_what_is_not_a_release():
    spec = shipped()
    checked = check(ReleaseSpec(spec.start, {"V": spec.definitions["V"]}), NATION)
    assert checked.plan is None
    assert checked.errors
    assert checked.proven == ()


def test_how_long_a_statement_took_is_told_by_the_clock_that_is_given():
    ticks = iter(range(100))
    checked = check(shipped(), one("municipality_decides"), clock=lambda: float(next(ticks)))
    assert [it.seconds for it in checked.statements] == [1.0]


def test_what_only_what_happens_beside_it_keeps_is_proven_by_following_that_too():
    beside = track("t", activity="note")
    talk = step("talk", opens=(Open(OpenTrack("t"), Moment.OPENING, Owner.FAMILY),))
    note = step("note", kind=Kind.AUTOMATIC, meanings=("view_asked",))
    spec = release(definition("V", talk, note, tracks=(beside,)))
    first = Safeguard("first", Init(("view_asked",)), Scope.FAMILY, ("R1",), "Afspraak", "[S]")
    pack = Pack("one", "1", (first,))
    checked = check(spec, pack)
    assert not checked.errors
    record = record_of(spec, pack, {}, checked.proven)
    assert list(objections(record, spec, checked.plan, pack, {})) == []
