"""Make the demonstration site ready and say how to reach it."""

from datetime import date
from importlib.resources import files
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from demo.keys import passwords
from demo.people import EMPLOYEES, MUNICIPALITY
from demo.settings import DATA
from demo.stories import tell_all
from padwijzer.permissions.models import Mandate, Organisation, RoleAssignment
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.publish_release import publish_release
from padwijzer.workflows.actions.run_clock import run_clock
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.terms import load_terms
from padwijzer.workflows.models import Case

LONG_AGO: Final = date(2020, 1, 1)

ADMIN_GROUP = "Toegang tot het beheer"


class Command(BaseCommand):
    """`padwijzer_demo`: migrate, give every invented employee an account, print the addresses.

    Running it again changes nothing but what was missing, and prints the same passwords.
    """

    help = "Make the demonstration site ready and print addresses, user names and passwords."

    def add_arguments(self, parser: CommandParser) -> None:
        """Accept the address under which the site will be served."""
        parser.add_argument("--address", default=settings.WAGTAILADMIN_BASE_URL, help="where the site will be served")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it."""
        call_command("migrate", verbosity=0, interactive=False)
        with transaction.atomic():
            known = give_accounts()
            give_roles()
        publish()
        tell()
        self.stdout.write(introduction(options["address"].rstrip("/"), known))


def give_accounts() -> dict[str, str]:
    """Give every invented employee an account with a password.

    Returns:
        User name to password.
    """
    chosen = passwords(DATA, [employee.username for employee in EMPLOYEES])
    admin_group, _ = Group.objects.get_or_create(name=ADMIN_GROUP)
    admin_group.permissions.add(
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    )
    for employee in EMPLOYEES:
        user, _ = User.objects.get_or_create(
            username=employee.username,
            defaults={"first_name": employee.first_name, "last_name": employee.last_name},
        )
        if not user.check_password(chosen[employee.username]):
            user.set_password(chosen[employee.username])
            user.save()
        if employee.works_in_admin:
            user.groups.add(admin_group)
    return chosen


def give_roles() -> None:
    """Give every employee the role in the organisation where they work; a consultant can be a contact person too."""
    for employee in EMPLOYEES:
        organisation, _ = Organisation.objects.get_or_create(
            name=employee.organisation, defaults={"kind": employee.organisation_kind}
        )
        for role in employee.roles:
            RoleAssignment.objects.get_or_create(
                user=User.objects.get(username=employee.username),
                organisation=organisation,
                role=role,
                defaults={"since": LONG_AGO},
            )
    Mandate.objects.get_or_create(
        holder=User.objects.get(username="mandaathouder"),
        organisation=Organisation.objects.get(name=MUNICIPALITY),
        decision="Mandaatbesluit 2026, artikel 4 (verzonnen)",
        defaults={"since": LONG_AGO},
    )


def publish() -> None:
    """Publish the release that Padwijzer comes with; the same content twice is one release."""
    acting = Acting(User.objects.get(username="beheerder"), timezone.now())
    terms = load_terms((files("padwijzer") / "fixtures" / "terms.json").read_bytes())
    publish_release(acting, shipped(), terms, reason="De paden waarmee Padwijzer komt.")


def tell() -> None:
    """Tell the invented cases, once, and let the clock catch up."""
    if Case.objects.exists():
        return
    users = {user.username: user for user in User.objects.filter(username__in=[it.username for it in EMPLOYEES])}
    tell_all(users, Organisation.objects.get(name=MUNICIPALITY), timezone.localdate())
    run_clock(timezone.now())


def introduction(address: str, known: dict[str, str]) -> str:
    """What somebody needs to look around: addresses, user names and passwords.

    Args:
        address: Where the site is served, without a slash at the end.
        known: User name to password.
    """
    places = (
        ("Start", address + reverse("home")),
        ("Inloggen", address + settings.LOGIN_URL),
        ("Beheer (Wagtail)", address + reverse("wagtailadmin_home")),
    )
    lines = ["", "Gemeente Voorbeeld: iedereen hier is verzonnen.", ""]
    lines += [f"  {name:<18} {place}" for name, place in places]
    lines += ["", f"  {'gebruikersnaam':<22} {'wachtwoord':<14} {'rol':<24} naam"]
    lines += [
        f"  {one.username:<22} {known[one.username]:<14} {one.role:<24} {one.first_name} {one.last_name}"
        for one in EMPLOYEES
    ]
    return "\n".join([*lines, ""])
