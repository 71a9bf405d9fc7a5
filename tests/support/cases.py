"""Users, a release and cases to test with, made by the actions themselves. Everybody here is invented."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import unescape
from importlib.resources import files
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model

from padwijzer.cms.work import doors
from padwijzer.permissions.models import Mandate, Organisation, RoleAssignment
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.complete_task import Completion, complete_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.open_case import NewPerson, open_case
from padwijzer.workflows.actions.publish_release import publish_release
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.terms import load_terms
from padwijzer.workflows.models import OPEN, Case, Membership, RegisterRow, Release, Task

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LONG_AGO = date(2020, 1, 1)


def at(day: str | date, hour: int = 10) -> datetime:
    """A moment on a day. Args: day: `2026-11-02` or a date; hour: in UTC."""
    on = day if isinstance(day, date) else date.fromisoformat(day)
    return datetime(on.year, on.month, on.day, hour, tzinfo=UTC)


def an_organisation(name: str = "Gemeente Voorbeeld", kind: str = "municipality") -> Organisation:
    """The organisation of that name, made where there is none. Args: kind: `municipality`, `provider`, `gi`."""
    organisation, _made = Organisation.objects.get_or_create(name=name, defaults={"kind": kind})
    return organisation


def a_user(*roles: str, name: str = "", organisation: Organisation | None = None, **fields: Any) -> Any:
    """
    A user with roles in an organisation.

    Args:
        roles: slugs; a `mandaathouder` gets a mandate too.
        name: first and last name; default one from the first role.
        organisation: default the municipality.
        fields: further fields of the user.
    """
    where = organisation or an_organisation()
    first, _, last = (name or f"Test {(roles or ('gebruiker',))[0].title()}").partition(" ")
    user = get_user_model().objects.create_user(uuid4().hex[:12], first_name=first, last_name=last, **fields)
    for role in roles:
        RoleAssignment.objects.create(user=user, organisation=where, role=role, since=LONG_AGO)
    if "mandaathouder" in roles:
        Mandate.objects.create(holder=user, organisation=where, decision="Mandaatbesluit 2026", since=LONG_AGO)
    return user


def a_release(at_: datetime = MONDAY) -> Release:
    """The shipped definitions, published."""
    terms = load_terms((files("padwijzer") / "fixtures" / "terms.json").read_bytes())
    return publish_release(Acting(a_user(name="Pim Publiceerder"), at_), shipped(), terms)


@dataclass(frozen=True, slots=True)
class Family:
    """A case with who is in it. Args: case: the case; worker: who opened it; child, mother, father: ids of rows."""

    case: Case
    worker: Any
    child: str
    mother: str
    father: str

    def task(self, activity: str) -> Task:
        """The first open task of a step."""
        found: Task = (
            Task.objects.select_related("process")
            .filter(case=self.case, activity=activity, status__in=OPEN)
            .order_by("pk")[0]
        )
        return found

    def does(
        self,
        activity: str,
        raw: Mapping[str, object],
        day: str | date = "2026-11-03",
        *,
        by: Any = None,
        deviation: Deviation | None = None,
    ) -> Completion:
        """Complete an open step. Args: activity: its key; raw: the answers; day: on which; by: default the worker."""
        acting = Acting(by or self.worker, at(day))
        return complete_task(acting, self.task(activity).pk, raw, deviation=deviation)

    def joins(self, user: Any, role: str, day: str | date = "2026-11-02") -> Membership:
        """Involve somebody in the case."""
        return add_member(Acting(self.worker, at(day)), self.case.pk, user, role)

    def person_of(self, user: Any) -> str:
        """Id of the person who is that user in this case."""
        return str(RegisterRow.objects.get(case=self.case, register="person", values__user=str(user.pk)).pk)


def a_case(
    worker: Any = None,
    *,
    child: str = "Noor de Wit",
    born: date = date(2017, 4, 2),
    day: str | date = "2026-11-02",
    organisation: Organisation | None = None,
) -> Family:
    """
    A case of a family with one child, whose first question was written down; both parents have authority.

    The next open step is `first_talk`. A release must be there (`a_release`).

    Args:
        worker: who opens it; default a new jeugdconsulent who can be contact person too.
        child: name of the child.
        born: its birth date.
        day: on which the case is opened.
        organisation: whose case; default the municipality.
    """
    worker = worker or a_user("jeugdconsulent", "vap", name="Anna Bakker")
    noor, mother, father = (str(uuid4()) for _ in range(3))
    acting = Acting(worker, at(day))
    opening = open_case(
        acting,
        organisation or an_organisation(),
        persons=[
            NewPerson({"name": child, "kind": "child", "birth_date": born}, noor),
            NewPerson({"name": "Mirjam de Wit", "kind": "parent", "phone": "06 00 00 00 01"}, mother),
            NewPerson({"name": "Paul de Wit", "kind": "parent"}, father),
        ],
        raw={"vraag": "Er is vaak ruzie thuis", "bron": "gezin", "nu_veilig": "ja"},
        form_key=str(uuid4()),
    )
    for parent in (mother, father):
        change_register(
            acting,
            opening.case.pk,
            "authority",
            {"child": noor, "person": parent, "kind": "gezag", "source": "register", "checked_on": acting.on},
        )
    return Family(Case.objects.get(pk=opening.case.pk), worker, noor, mother, father)


def with_contact_person(family: Family, day: str | date = "2026-11-04") -> Family:
    """The same case after the first talk, with its worker as fixed contact person; next is `choose_route`."""
    family.does("first_talk", {"waarom_nu": "De school belde", "wil_gezin": "Rust", "uitleg_steun": "ja"}, day)
    family.does("choose_person", {"vap_persoon": family.person_of(family.worker)}, day)
    return family


def with_help_chosen(family: Family, day: str | date = "2026-11-05") -> Family:
    """The same case after a short plan: one kind of help is proposed; next is `municipal_decision`."""
    with_contact_person(family, day)
    family.does("choose_route", {"weg": "kort", "meer_domeinen": "nee"}, day)
    plan = {
        "doel": "Rust aan tafel",
        "hulp_soort": "gezinsbehandeling",
        "hulp_voor": "child",
        "hulp_kind": family.child,
        "gezin_eens": "ja",
        "fgp_gevraagd": "ja",
    }
    family.does("short_plan", plan, day)
    return family


def with_consent(family: Family, day: str | date = "2026-11-10") -> Family:
    """The same case after both parents said yes to that help, which has not begun yet."""
    with_help_chosen(family)
    granted = {"besluit": "ja", "besluit_uitleg": "Rust", "besluit_van": "2026-11-20", "besluit_tot": "2027-05-20"}
    family.does("municipal_decision", {**granted, "eerste_evaluatie": "2027-01-20"}, "2026-11-06")
    family.does("who_consents", {"gezag_gecontroleerd_op": "2026-11-06"}, "2026-11-07")
    family.does("explain", {"uitgelegd": ["wat", "waarom", "duur", "anders", "nee_zeggen"]}, "2026-11-07")
    rows = [{"persoon": it, "antwoord": "akkoord", "datum": "2026-11-09"} for it in (family.mother, family.father)]
    family.does("answers", {"antwoorden": rows, "stem_kind": "Ik wil graag"}, day)
    return family


def it_is(monkeypatch: pytest.MonkeyPatch, day: str | date, hour: int = 9) -> datetime:
    """Let the pages think that it is a certain moment. Args: hour: in UTC. Returns: the moment."""
    moment = at(day, hour)
    monkeypatch.setattr(doors, "timezone", SimpleNamespace(now=lambda: moment))
    return moment


def words_of(response: Any) -> str:
    """The words of a page, on one line. Args: response: of the test client or of a view."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())
