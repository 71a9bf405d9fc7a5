from padwijzer.workflows.core.definition import Performer
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.safeguards.who_may_perform import WhoMayPerform
from tests.support.definitions import definition, plan, step
from tests.support.recorded import done

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


# As it was done


def test_whoever_did_it_with_one_of_the_roles_keeps_it():
    assert MUNICIPAL.broken_by(done("decide", roles=frozenset({"vap", "mandaathouder"}))) == ""


def test_whoever_did_it_without_breaks_it():
    why = "Dit deed iemand die toen niet de rol jeugdconsulent of mandaathouder had."
    assert MUNICIPAL.broken_by(done("decide", roles=frozenset({"vap"}))) == why
    assert MUNICIPAL.broken_by(done("decide", roles=frozenset())) == why


def test_what_the_path_did_by_itself_or_was_skipped_nobody_did():
    assert MUNICIPAL.broken_by(done("decide", by_person=False)) == ""
    assert MUNICIPAL.broken_by(done("skip:decide")) == ""
