"""Who somebody is: what holds for him today."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from padwijzer.permissions.models import Mandate, Organisation, RoleAssignment
from padwijzer.permissions.policies import Actor, HeldMandate
from padwijzer.workflows.models import Pseudonym
from padwijzer.workflows.queries.access import actor_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
LAST_YEAR = (date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture
def anna() -> User:
    return get_user_model().objects.create_user("anna")


@pytest.fixture
def town() -> Organisation:
    return Organisation.objects.create(name="Gemeente Voorbeeld", kind=Organisation.Kind.MUNICIPALITY)


def test_a_user_becomes_a_value_with_what_holds_today(
    anna: User, town: Organisation, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    RoleAssignment.objects.create(user=anna, organisation=town, role="mandaathouder", since=date(2026, 1, 1))
    RoleAssignment.objects.create(
        user=anna, organisation=town, role="jeugdconsulent", since=LAST_YEAR[0], until=LAST_YEAR[1]
    )
    Mandate.objects.create(holder=anna, organisation=town, decision="Mandaatbesluit 2026", since=TODAY)
    Mandate.objects.create(
        holder=anna, organisation=town, decision="Mandaatbesluit 2025", since=LAST_YEAR[0], until=LAST_YEAR[1]
    )
    pseudonym = Pseudonym.objects.of(anna)
    with django_assert_num_queries(2):  # type: ignore[operator]  # pytest-django's own fixture has no public type
        actor = actor_of(anna, TODAY)
    here = str(town.pk)
    assert actor == Actor(pseudonym, frozenset({"mandaathouder"}), frozenset({here}), (HeldMandate(here, TODAY),))


def test_the_mandates_of_who_has_no_role_to_decide_are_not_asked(
    anna: User, town: Organisation, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    RoleAssignment.objects.create(user=anna, organisation=town, role="jeugdconsulent", since=TODAY)
    Mandate.objects.create(holder=anna, organisation=town, decision="Mandaatbesluit 2026", since=TODAY)
    Pseudonym.objects.of(anna)
    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's own fixture has no public type
        actor = actor_of(anna, TODAY)
    assert (actor.roles, actor.mandates) == (frozenset({"jeugdconsulent"}), ())


def test_a_deactivated_user_and_a_superuser_are_so_as_a_value_too(anna: User) -> None:
    anna.is_active, anna.is_superuser = False, True
    actor = actor_of(anna, TODAY)
    assert (actor.is_active, actor.is_superuser, actor.roles) == (False, True, frozenset())
