"""Taking consent back in one go: all of it happens, or nothing but the refusal."""

import pytest

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.withdraw_consent import withdraw_consent
from padwijzer.workflows.core.errors import BreaksSafeguard
from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.models import RegisterRow, Task
from padwijzer.workflows.queries.consents import Withdrawal
from padwijzer.workflows.queries.releases import running_release
from tests.support.cases import a_case, a_release, at, with_consent
from tests.support.guarded import watched_by

pytestmark = pytest.mark.django_db

NEVER = Safeguard("never", Absence(("withdrawal_of_consent",)), Scope.FAMILY, ("R1",), "Afspraak", "[S]")


@pytest.fixture
def family():
    a_release()
    return with_consent(a_case())


def withdraw(family, form_key=""):
    way = Withdrawal.of(running_release(family.case.release.digest).plan, "help_item")
    subject = str(RegisterRow.objects.get(case=family.case, register="help_item").pk)
    acting = Acting(family.worker, at("2026-11-12"))
    return withdraw_consent(acting, family.case.pk, way, subject, family.mother, form_key=form_key)


def withdrawals(family):
    return RegisterRow.objects.filter(case=family.case, register="consent", values__kind="withdrawal").count()


def test_consent_is_taken_back_in_one_go(family):
    withdraw(family)
    assert withdrawals(family) == 1
    assert Task.objects.get(case=family.case, activity="withdraw_consent").outcome == "done"


def test_the_same_form_twice_takes_it_back_once(family):
    first = withdraw(family, "form")
    assert withdraw(family, "form").receipt == first.receipt
    assert withdrawals(family) == 1


def test_a_refusal_is_in_the_history_and_nothing_else_is(family):
    before = len(events_of(family.case.stream, lambda _type, _name: True))
    with watched_by(Pack("never", "1", (NEVER,))), pytest.raises(BreaksSafeguard):
        withdraw(family)
    events = events_of(family.case.stream, lambda _type, _name: True)[before:]
    assert [(it.type, it.ref["safeguards"]) for it in events] == [("case.refused", ["never"])]
    assert withdrawals(family) == 0
    assert not Task.objects.filter(case=family.case, activity="withdraw_consent").exists()
