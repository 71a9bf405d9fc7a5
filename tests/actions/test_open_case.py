"""Opening a case."""

import pytest

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.open_case import NewPerson, open_case
from padwijzer.workflows.core.errors import InvalidAnswers, NotAllowed, Refused
from padwijzer.workflows.models import Case, Event
from tests.support.cases import a_release, a_user, an_organisation, at

pytestmark = pytest.mark.django_db

QUESTION = {"vraag": "Er is vaak ruzie", "bron": "gezin", "nu_veilig": "ja"}
CHILD = NewPerson({"name": "Noor de Wit", "kind": "child"})


@pytest.fixture
def worker():
    return a_user("jeugdconsulent")


def opened(worker, **more):
    return open_case(Acting(worker, at("2026-11-02")), an_organisation(), persons=[CHILD], **more)


def test_a_case_is_opened_with_its_first_question_answered(worker):
    a_release()
    opening = opened(worker, raw=QUESTION)
    assert opening.case.number == "J-2026-0001"
    assert opening.completion is not None
    assert opening.case.memberships.get().role == "jeugdconsulent"


def test_the_same_form_handed_in_twice_opens_one_case(worker):
    a_release()
    first = opened(worker, raw=QUESTION, form_key="k")
    again = opened(worker, raw=QUESTION, form_key="k")
    assert first.case == again.case
    assert Case.objects.count() == 1


def test_numbers_follow_each_other(worker):
    a_release()
    assert [opened(worker).case.number for _ in range(3)] == ["J-2026-0001", "J-2026-0002", "J-2026-0003"]


def test_with_a_wrong_answer_there_is_no_case_and_no_event(worker):
    a_release()
    events = Event.objects.count()
    with pytest.raises(InvalidAnswers):
        opened(worker, raw={"vraag": ""})
    assert not Case.objects.exists()
    assert Event.objects.count() == events


def test_a_person_without_a_name_is_refused(worker):
    a_release()
    with pytest.raises(InvalidAnswers):
        open_case(
            Acting(worker, at("2026-11-02")), an_organisation(), persons=[NewPerson({"name": " ", "kind": "child"})]
        )


def test_without_a_published_path_nothing_can_be_opened(worker):
    with pytest.raises(Refused):
        opened(worker)


def test_only_who_may_open_cases_opens_one():
    a_release()
    with pytest.raises(NotAllowed):
        opened(a_user("zorgaanbieder"))


def test_an_unsafe_situation_leads_outside_the_path_and_says_so(worker):
    a_release()
    opening = opened(worker, raw={**QUESTION, "nu_veilig": "nee"})
    run = opening.case.path_runs.get()
    assert (run.standing, run.outside) == ("waiting_outside", "D-SPOED")
