import pytest

from padwijzer.workflows.core.definition import Performer
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.safeguards.separation_of_duties import SeparationOfDuties
from tests.support.definitions import definition, plan, step
from tests.support.recorded import done

BY_TWO = SeparationOfDuties(("safety_judgement",), "gedragswetenschapper")
SCIENTIST = Performer("gedragswetenschapper", adviser=True)


def faults(*performers, meanings=("safety_judgement",)):
    return BY_TWO.faults(plan(definition("V", step("judge", meanings=meanings, performers=performers))))


def test_one_who_decides_and_one_who_advises_keep_it():
    assert faults(Performer("vap"), SCIENTIST) == ()


@pytest.mark.parametrize(
    "performers",
    [
        (Performer("vap"),),
        (Performer("vap"), Performer("jeugdconsulent", adviser=True)),
        (Performer("gedragswetenschapper"), SCIENTIST),
        (Performer("vap"), Performer("gedragswetenschapper"), SCIENTIST),
    ],
    ids=["nobody advises", "another advises", "the same one", "the adviser may decide too"],
)
def test_deciding_alone_breaks_it(performers):
    assert faults(*performers) == (Place("V", "judge"),)


def test_another_step_may_be_done_alone():
    assert faults(Performer("vap"), meanings=("first_talk",)) == ()


# As it was done

ADVISER = frozenset({"gedragswetenschapper"})
VAP = frozenset({"vap"})


@pytest.mark.parametrize("named", [(ADVISER,), (VAP, ADVISER)])
def test_an_adviser_who_is_named_in_the_step_keeps_it(named):
    assert BY_TWO.broken_by(done("judge", named=named)) == ""


@pytest.mark.parametrize("named", [(), (VAP,)])
def test_naming_nobody_or_only_others_breaks_it_even_where_an_adviser_is_involved(named):
    assert (
        BY_TWO.broken_by(done("judge", named=named, beside=ADVISER))
        == "Een gedragswetenschapper is hier niet genoemd."
    )


def test_where_the_step_asks_for_nobody_an_adviser_must_be_involved():
    assert BY_TWO.broken_by(done("judge", beside=ADVISER)) == ""
    assert (
        BY_TWO.broken_by(done("judge", beside=VAP))
        == "Er was toen geen gedragswetenschapper bij deze zaak betrokken."
    )


def test_what_nobody_did_was_not_advised_on_and_what_was_skipped_was_not_decided():
    assert BY_TWO.broken_by(done("judge", named=(ADVISER,), by_person=False))
    assert BY_TWO.broken_by(done("skip:judge")) == ""
