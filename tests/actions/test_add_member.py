"""Who is involved in a case: asked in once, out on a day, and never the fixed contact person without another one."""

import datetime as dt
from uuid import uuid4

import pytest

from padwijzer.permissions.models import RoleAssignment
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member, end_membership
from padwijzer.workflows.core.errors import InvalidAnswers, NotAllowed, Refused
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.models import Case, Event, Membership, RegisterRow
from padwijzer.workflows.queries.access import actor_of
from tests.support.cases import a_case, a_user, an_organisation, at
from tests.support.clock import publish, steps

pytestmark = pytest.mark.django_db

TODAY = "2026-11-03"


@pytest.fixture
def family():
    publish(steps())
    return a_case()


@pytest.fixture
def colleague():
    return a_user("jeugdconsulent", "gezinscoach", name="Karin Post")


def added(family, user, role="jeugdconsulent", *, by=None, day=TODAY, **more):
    return add_member(Acting(by or family.worker, at(day)), family.case.pk, user, role, **more)


def ended(family, membership, until=dt.date(2026, 11, 20), *, by=None, day=TODAY):
    end_membership(Acting(by or family.worker, at(day)), membership, until)


def everything(family):
    memberships = Membership.objects.filter(case=family.case).order_by("pk").values_list("pk", "role", "until")
    return list(memberships), RegisterRow.objects.filter(case=family.case).count(), Event.objects.count()


def last_event(family):
    return events_of(family.case.stream, lambda _type, _field: True)[-1]


# Asked in


def test_who_is_asked_in_sees_the_case_from_today_and_stands_in_the_history_by_a_pseudonym(family, colleague):
    assert not Case.objects.visible_to(colleague, dt.date(2026, 11, 3)).exists()
    membership = added(family, colleague, reason="Neemt waar")
    assert (membership.since, membership.until, membership.reason) == (dt.date(2026, 11, 3), None, "Neemt waar")
    assert Case.objects.visible_to(colleague, dt.date(2026, 11, 3)).exists()
    assert not Case.objects.visible_to(colleague, dt.date(2026, 11, 2)).exists()
    event = last_event(family)
    assert event.type == "member.added"
    assert event.ref == {
        "added": [family.person_of(colleague)],
        "organisation": an_organisation().pk,
        "role": "jeugdconsulent",
        "who": actor_of(colleague, dt.date(2026, 11, 3)).id,
    }
    assert event.values["reason"] == "Neemt waar"
    assert "Karin" not in Event.objects.filter(stream=family.case.stream).order_by("-seq")[0].envelope


def test_who_is_asked_in_is_a_person_of_the_case_once_whatever_the_number_of_roles(family, colleague):
    first = added(family, colleague)
    second = added(family, colleague, "gezinscoach")
    assert first.person == second.person
    assert first.person.values == {"kind": "professional", "name": "Karin Post", "user": str(colleague.pk)}


def test_somebody_who_is_asked_in_twice_in_a_role_is_involved_once(family, colleague):
    first = added(family, colleague)
    before = everything(family)
    assert added(family, colleague, reason="Nog eens") == first
    assert everything(family) == before


def test_who_went_away_can_be_asked_in_again(family, colleague):
    first = added(family, colleague)
    ended(family, first, dt.date(2026, 11, 3))
    again = added(family, colleague, day="2026-12-01")
    assert again != first
    assert again.person == first.person
    assert Membership.objects.filter(user=colleague, until=None).get() == again


def test_the_membership_is_on_behalf_of_where_the_role_is_held(family):
    provider = an_organisation("Zorg Dichtbij", "provider")
    helper = a_user("zorgaanbieder", organisation=provider)
    assert added(family, helper, "zorgaanbieder").organisation == provider


def test_somebody_without_that_role_is_not_asked_in(family, colleague):
    before = everything(family)
    for role in ("vap", "gedragswetenschapper", "directeur", ""):
        with pytest.raises(Refused) as refused:
            added(family, colleague, role)
        assert type(refused.value) is Refused
        assert str(refused.value.sentence)
    assert everything(family) == before


def test_a_role_that_does_not_exist_is_refused_even_where_it_was_given(family, colleague):
    RoleAssignment.objects.create(
        user=colleague, organisation=an_organisation(), role="directeur", since=dt.date(2020, 1, 1)
    )
    with pytest.raises(Refused):
        added(family, colleague, "directeur")


@pytest.mark.parametrize(
    ("since", "until"), [(dt.date(2026, 11, 4), None), (dt.date(2020, 1, 1), dt.date(2026, 11, 2))]
)
def test_a_role_that_is_not_held_today_does_not_count(family, since, until):
    user = a_user(name="Karin Post")
    RoleAssignment.objects.create(
        user=user, organisation=an_organisation(), role="gezinscoach", since=since, until=until
    )
    with pytest.raises(Refused):
        added(family, user, "gezinscoach")


def test_who_may_not_manage_members_finds_no_such_case(family, colleague):
    helper = a_user("zorgaanbieder", organisation=an_organisation("Zorg Dichtbij", "provider"))
    added(family, helper, "zorgaanbieder")
    stranger = a_user("jeugdconsulent", organisation=an_organisation("Gemeente Elders"))
    before = everything(family)
    for user in (helper, stranger, colleague):
        with pytest.raises(NotAllowed):
            added(family, colleague, by=user)
    with pytest.raises(NotAllowed):
        add_member(Acting(family.worker, at(TODAY)), uuid4(), colleague, "jeugdconsulent")
    assert everything(family) == before


def test_nobody_is_asked_into_a_closed_case(family, colleague):
    Case.objects.filter(pk=family.case.pk).update(status=Case.Status.CLOSED)
    with pytest.raises(NotAllowed):
        added(family, colleague)


# Out again


def test_an_involvement_ends_after_the_day_that_was_chosen(family, colleague):
    membership = added(family, colleague)
    ended(family, membership)
    assert Case.objects.visible_to(colleague, dt.date(2026, 11, 20)).exists()
    assert not Case.objects.visible_to(colleague, dt.date(2026, 11, 21)).exists()
    event = last_event(family)
    assert (event.type, event.ref["role"], event.ref["until"]) == ("member.ended", "jeugdconsulent", "2026-11-20")


def test_ending_twice_on_the_same_day_is_written_once(family, colleague):
    membership = added(family, colleague)
    stale = Membership.objects.get(pk=membership.pk)
    ended(family, membership)
    before = everything(family)
    ended(family, stale)
    assert everything(family) == before


def test_an_involvement_does_not_end_before_it_began(family, colleague):
    membership = added(family, colleague)
    before = everything(family)
    with pytest.raises(InvalidAnswers) as invalid:
        ended(family, membership, dt.date(2026, 11, 2))
    assert set(invalid.value.errors) == {"until"}
    assert everything(family) == before


def test_the_contact_person_does_not_go_before_there_is_another(family):
    vap = Membership.objects.create(
        case=family.case, user=family.worker, role="vap", since=dt.date(2026, 11, 2), organisation=an_organisation()
    )
    before = everything(family)
    with pytest.raises(Refused) as refused:
        ended(family, vap)
    assert refused.value.ground == "R81"
    assert everything(family) == before


def test_who_may_not_manage_members_ends_nobodys_involvement(family, colleague):
    membership = added(family, colleague)
    stranger = a_user("jeugdconsulent", organisation=an_organisation("Gemeente Elders"))
    before = everything(family)
    with pytest.raises(NotAllowed):
        ended(family, membership, by=stranger)
    assert everything(family) == before
