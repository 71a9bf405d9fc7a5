from padwijzer.workflows.core.definition import Performer
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.safeguards.who_may_perform import WhoMayPerform
from tests.support.definitions import definition, plan, step

MUNICIPAL = WhoMayPerform(("municipal_decision",), ("jeugdconsulent", "mandaathouder"))


def faults(*performers, meanings=("municipal_decision",)):
    return MUNICIPAL.faults(plan(definition("V", step("decide", meanings=meanings, performers=performers))))


def test_only_those_roles_keep_it():
    assert faults(Performer("jeugdconsulent"), Performer("mandaathouder")) == ()
    assert faults(Performer("mandaathouder")) == ()


def test_one_other_role_breaks_it():
    assert faults(Performer("jeugdconsulent"), Performer("zorgaanbieder")) == (Place("V", "decide"),)


def test_an_adviser_does_not_decide():
    assert faults(Performer("jeugdconsulent"), Performer("zorgaanbieder", adviser=True)) == ()


def test_another_step_is_for_anybody():
    assert faults(Performer("zorgaanbieder"), meanings=("help_contact",)) == ()
