"""Tell an invented case: the same actions as the pages, at dates of our choosing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User

from padwijzer.forms.core.conditions import Value
from padwijzer.permissions.models import Organisation
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.open_case import NewPerson, open_case
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.core.deadlines import AMSTERDAM
from padwijzer.workflows.models import OPEN, Case, RegisterRow, Task


@dataclass
class Telling:
    """
    One case being told.

    Args:
        users: user by user name.
        organisation: the municipality.
        today: the day of the demonstration; days are counted back from it.
        persons: key of a person in the story to the id of its row.
    """

    users: Mapping[str, User]
    organisation: Organisation
    today: date
    persons: dict[str, str] = field(default_factory=dict)
    case: Case | None = None
    day: int = 0

    @property
    def case_id(self) -> uuid.UUID:
        """Id of the case. Raises: LookupError when the story has not asked its first question yet."""
        if self.case is None:
            raise LookupError("A story begins with a question.")
        return self.case.pk

    def acting(self, who: str) -> Acting:
        """Somebody at ten in the morning of the day of the story."""
        then = datetime.combine(self.today - timedelta(days=self.day), time(10), AMSTERDAM)
        return Acting(self.users[who], then)

    def on(self, ago: int) -> str:
        """A date, so many days before the day of the demonstration."""
        return (self.today - timedelta(days=ago)).isoformat()

    def asks(self, ago: int, question: str, *, source: str = "gezin", **people: Mapping[str, Value]) -> None:
        """A question comes in: the case is opened, its people are known, its first step is done."""
        self.day = ago
        self.persons = {key: str(uuid.uuid4()) for key in people}
        answers: dict[str, object] = {
            "vraag": question,
            "bron": source,
            "nu_veilig": "ja",
            "aanvraagdatum": self.on(ago),
        }
        if source != "gezin":
            answers["gezin_weet_ervan"] = "ja"
        opening = open_case(
            self.acting("consulent"),
            self.organisation,
            persons=[NewPerson(values, self.persons[key]) for key, values in people.items()],
            raw=answers,
        )
        self.case = opening.case
        for row in RegisterRow.objects.filter(case=self.case, register="person", values__kind="professional"):
            self.persons["consulent"] = str(row.pk)

    def has_authority(self, child: str, *parents: str) -> None:
        """The parents with authority over a child, as the register says."""
        for parent in parents:
            self.register(
                "authority",
                child=self.persons[child],
                person=self.persons[parent],
                kind="gezag",
                source="register",
                checked_on=self.today - timedelta(days=self.day),
            )

    def register(self, name: str, **values: Value) -> None:
        """A row on the family page."""
        change_register(self.acting("consulent"), self.case_id, name, values)

    def joins(self, who: str, role: str) -> None:
        """A professional works on the case too."""
        membership = add_member(self.acting("consulent"), self.case_id, self.users[who], role)
        self.persons[who] = str(membership.person_id)

    def does(self, ago: int, who: str, step: str, *, because: str = "", **answers: Any) -> None:
        """Somebody completes a step; `because` is the reason of a deviation."""
        self.day = ago
        deviation = Deviation(because, colleague=self.persons["consulent"]) if because else None
        complete_task(self.acting(who), self.task(step).pk, answers, deviation=deviation)

    def starts(self, ago: int, who: str, track: str, subject: str = "") -> None:
        """Somebody starts something beside the path."""
        self.day = ago
        open_track(self.acting(who), self.case_id, "V", track, subject=subject)

    def task(self, step: str) -> Task:
        """The open task of a step."""
        found: Task = Task.objects.filter(case=self.case, activity=step, status__in=OPEN).order_by("pk")[0]
        return found

    def help_item(self) -> str:
        """Id of the first help of the case."""
        return str(RegisterRow.objects.filter(case=self.case, register="help_item").order_by("order")[0].pk)
