import pytest

from padwijzer.workflows.core.definition import Performer
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.safeguards.separation_of_duties import SeparationOfDuties
from tests.support.definitions import definition, plan, step

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
