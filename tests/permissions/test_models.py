from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from padwijzer.permissions.models import Mandate, Organisation, RoleAssignment

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)


@pytest.fixture
def anna() -> User:
    return get_user_model().objects.create_user("anna")


@pytest.fixture
def town() -> Organisation:
    return Organisation.objects.create(name="Gemeente Voorbeeld", kind=Organisation.Kind.MUNICIPALITY)


def assign(
    user: User, town: Organisation, since: date, until: date | None = None, role: str = "vap"
) -> RoleAssignment:
    return RoleAssignment.objects.create(user=user, organisation=town, role=role, since=since, until=until)


def test_a_role_is_in_force_from_its_first_day_to_its_last(anna: User, town: Organisation) -> None:
    assign(anna, town, TODAY, TODAY)
    days = [date(2026, 11, day) for day in (24, 25, 26)]
    assert [RoleAssignment.objects.in_force(day).count() for day in days] == [0, 1, 0]


def test_a_role_does_not_end_before_it_starts(anna: User, town: Organisation) -> None:
    with pytest.raises(IntegrityError, match="padwijzer_role_ends_after_start"), transaction.atomic():
        assign(anna, town, TODAY, date(2026, 11, 24))


def test_somebody_has_a_role_in_an_organisation_once_at_a_time(anna: User, town: Organisation) -> None:
    assign(anna, town, TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        assign(anna, town, TODAY)
    assign(anna, town, date(2020, 1, 1), date(2020, 12, 31))


def test_a_role_that_does_not_exist_cannot_be_given(anna: User, town: Organisation) -> None:
    given = RoleAssignment(user=anna, organisation=town, role="vap", since=TODAY)
    given.full_clean()
    given.role = "burgemeester"
    with pytest.raises(ValidationError) as refusal:
        given.full_clean()
    assert set(refusal.value.message_dict) == {"role"}


def test_a_mandate_rests_on_a_decision_and_has_a_period(anna: User, town: Organisation) -> None:
    mandate = {"holder": anna, "organisation": town, "since": TODAY}
    with pytest.raises(IntegrityError, match="rests_on_a_decision"), transaction.atomic():
        Mandate.objects.create(**mandate, decision="")
    with pytest.raises(IntegrityError, match="ends_after_start"), transaction.atomic():
        Mandate.objects.create(**mandate, decision="Mandaatbesluit 2026, artikel 4", until=date(2026, 1, 1))


def test_users_with_roles_and_mandates_are_deactivated_and_never_deleted(anna: User, town: Organisation) -> None:
    assign(anna, town, TODAY)
    Mandate.objects.create(holder=anna, organisation=town, decision="Mandaatbesluit 2026", since=TODAY)
    with pytest.raises(ProtectedError):
        anna.delete()
    with pytest.raises(ProtectedError):
        town.delete()


def test_the_migrations_are_complete() -> None:
    call_command("makemigrations", "padwijzer_permissions", check=True, dry_run=True, verbosity=0)
