"""The invented people who play a case script, and how the script's names and the engine's ids belong together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model

from padwijzer.forms.core.conditions import Value
from padwijzer.forms.core.field_types import Json
from padwijzer.permissions.models import Mandate, Organisation, RoleAssignment
from padwijzer.workflows.actions.work import new_id
from padwijzer.workflows.core.case_file import CaseFile, RegisterView
from padwijzer.workflows.core.case_file import Row as CaseRow
from padwijzer.workflows.core.recording import RowChange, read_row, stored
from padwijzer.workflows.core.registers import ColumnSpec, registers
from padwijzer.workflows.core.scripts import PERSON, CaseScript, Row
from padwijzer.workflows.models import Case, RegisterRow

LONG_AGO: Final = date(2000, 1, 1)
"""Since when the invented people have their roles."""
NAMING: Final = ("person", "persons", "row")
"""Types of columns that hold ids."""


@contextmanager
def settings_of(script: CaseScript) -> Iterator[None]:
    """The settings of the municipality of a script, as long as it is played."""
    known = getattr(settings, "PADWIJZER_SETTINGS", {})
    settings.PADWIJZER_SETTINGS = {**known, **script.settings}
    try:
        yield
    finally:
        settings.PADWIJZER_SETTINGS = known


@dataclass(slots=True)
class Cast:
    """
    Who plays, and how the script's names and the engine's ids belong together.

    Args:
        script: the script.
        users: who has a role in an organisation, by the script's name.
        organisations: by the script's name.
        ids: the script's name of a person to the id of the row.
    """

    script: CaseScript
    users: dict[str, Any] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def appear(self) -> None:
        """Make the organisations and the users, with their roles."""
        for key, spoken_of in self.script.organisations.items():
            made, _ = Organisation.objects.get_or_create(name=spoken_of.name, defaults={"kind": spoken_of.kind})
            self.organisations[key] = made
        for person in self.script.people.values():
            if not person.organisation or not person.roles:
                continue
            user = get_user_model().objects.create(
                username=f"{person.key}-{new_id()[:8]}", first_name=str(person.columns["name"])
            )
            organisation = self.organisations[person.organisation]
            for role in person.roles:
                RoleAssignment.objects.create(user=user, organisation=organisation, role=role, since=LONG_AGO)
                if role == "mandaathouder":
                    Mandate.objects.create(
                        holder=user, organisation=self.owner, decision="Mandaatbesluit", since=LONG_AGO
                    )
            self.users[person.key] = user

    @property
    def owner(self) -> Organisation:
        """The municipality whose case it is."""
        key = next(key for key, it in self.script.organisations.items() if it.kind == "municipality")
        return self.organisations[key]

    def id_of(self, name: str, case_file: CaseFile) -> str:
        """Id of a person, or of the newest row that the script means by a name; empty when there is none."""
        if name in self.script.people:
            return self.ids.get(name, "")
        meant = self.script.rows[name]
        rows = (row for row in reversed(case_file.rows(meant.register)) if self.is_meant(row, meant, case_file))
        return next((row.id for row in rows), "")

    def is_meant(self, row: CaseRow, meant: Row, case_file: CaseFile) -> bool:
        """Whether a row holds what the script knows it by."""
        view = RegisterView(case_file, row)
        return all(self.cell(column, view[column.key]) == meant.columns[column.key] for column in self.named(meant))

    @staticmethod
    def named(row: Row) -> list[ColumnSpec]:
        """The columns that a row of a script names."""
        return [column for column in registers()[row.register].columns if column.key in row.columns]

    def cell(self, column: ColumnSpec, value: Value) -> Json:
        """What a column holds, in the words of the script: names for ids, null for what is empty."""
        found = stored(RowChange("", "", {column.key: value}, is_new=False))[column.key]
        if column.type in NAMING:
            if isinstance(found, list):
                found = sorted(self.name_of(str(one)) for one in found)
            elif found:
                found = self.name_of(str(found))
        return None if found in ("", []) else found

    def values(self, row: Row) -> dict[str, Value]:
        """A row of the script as the engine keeps it."""
        data = {
            column.key: self.with_ids(row.columns[column.key]) if column.type in NAMING else row.columns[column.key]
            for column in self.named(row)
        }
        return dict(read_row("", row.register, data, LONG_AGO).values)

    def with_ids(self, data: Json) -> Json:
        """The same with the ids of persons for their names."""
        if isinstance(data, list):
            return [self.with_ids(one) for one in data]
        return self.ids.get(data, data) if isinstance(data, str) else data

    def name_of(self, id_: str) -> str:
        """What the script calls a person; the id of somebody whom it does not know."""
        return next((name for name, known in self.ids.items() if known == id_), id_)

    def recognise(self, key: str, case: Case) -> None:
        """Know the row of somebody who signs in, once he is a person in the case."""
        mine = RegisterRow.objects.filter(case=case, register=PERSON, values__user=str(self.users[key].pk)).first()
        if mine is not None:
            self.ids[key] = str(mine.pk)
