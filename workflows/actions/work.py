"""
Work on a case: one locked case, what is known of it, what moves in it, and what is written down, in one transaction.

Every action that changes a case is a few lines on top of this. The order is that of the language: what the step
records is worked out first, rules look at the state as it will be, then everything is written, then the case moves.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from padwijzer.forms.core.field_types import Answer
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.core.case_file import CaseFile
from padwijzer.workflows.core.definition import Activity
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.recording import RowChange, applied, stored
from padwijzer.workflows.core.semantics import Happening, Marking, Recheck
from padwijzer.workflows.core.streams import case_stream
from padwijzer.workflows.core.watching import MAIN_EVENTS, WatchedStep, done_in, recorded_ref
from padwijzer.workflows.core.worlds import CaseWorld
from padwijzer.workflows.engine.running import Movement
from padwijzer.workflows.history.append import Entry, append_all, lock_heads
from padwijzer.workflows.models import Case, Head, Membership, RegisterRow, Task
from padwijzer.workflows.models import Event as StoredEvent
from padwijzer.workflows.queries.access import Member, members_of
from padwijzer.workflows.queries.case_files import case_file
from padwijzer.workflows.queries.releases import RunningRelease, running_release


class Work(CaseWorld):
    """
    A case being worked on.

    Args:
        acting: who, and when.
        case: locked, in the caller's transaction.
        roles: roles in this case of who acts, where they are known already.
        members: the memberships of the case, where they are known already.

    Attributes:
        release: the release it runs on.
        movement: its runs.
        happened: everything that happened so far.
        entries: what will be written into its stream, the main thing first.
        changed: changes of registers that are expected and not yet written.
        written: changes of registers that are written.
        added: ids of the rows that were added, in order.
        deviated: keys of the safeguards from which this action deviates with a reason.
    """

    def __init__(
        self,
        acting: Acting,
        case: Case,
        roles: frozenset[str] = frozenset(),
        members: Sequence[Member] | None = None,
    ) -> None:
        self.acting = acting
        self.case = case
        self.release: RunningRelease = running_release(case.release.digest)
        self.movement: Movement = Movement(
            case, self.release, at=acting.at, on=acting.on, user=acting.user, holder=self._holder
        )
        self._roles = roles
        self._members = members
        self.happened: list[Happening] = []
        self.entries: list[Entry] = []
        self.changed: list[RowChange] = []
        self.written: list[RowChange] = []
        self.added: list[str] = []
        self.deviated: frozenset[str] = frozenset()
        self._file: CaseFile | None = None
        self._file_marking: Marking | None = None
        self.answered: dict[tuple[int, str], Mapping[str, Answer]] = {}
        self.itself = []
        self._heads: dict[str, Head] = {}

    # What is known

    @property
    def plan(self) -> Plan:
        """The release it runs on."""
        return self.release.plan

    def file(self, marking: Marking | None = None) -> CaseFile:
        """The case as it is now, what was recorded in this action included."""
        ahead = [change for it in self.itself for change in it.changes]
        return applied(self._known(marking), ahead)

    def _known(self, marking: Marking | None = None) -> CaseFile:
        marking = marking or self.movement.marking
        if self._file is None or self._file_marking is not marking:
            fresh = case_file(self.case, self.release, self.movement.runs, marking, self.acting.on)
            # Registers and visits keep what they read; only the runs differ from one marking to the next.
            self._file = fresh if self._file is None else replace(self._file, runs=fresh.runs)
            self._file_marking = marking
        return self._file

    def give(self, task: Task, answers: Mapping[str, Answer]) -> None:
        """Keep the answers of a step at hand for the conditions of its exits."""
        self.answered[task.process.number, task.activity] = answers

    def given(self, run: int, activity: str) -> Mapping[str, Answer] | None:
        """The answers of a step that were given in this action; None when none were."""
        return self.answered.get((run, activity))

    # What changes

    def expect(self, changes: Iterable[RowChange]) -> None:
        """Take changes of registers into what is known, before they are written: rules look at what will be."""
        new = tuple(changes)
        self._file = applied(self._known(), new)
        self.changed += new

    def new_id(self) -> str:
        """A new random id for a row."""
        return new_id()

    def follow_itself(self) -> None:
        """
        Write what steps recorded that no person does, each as an event of its own, and follow it.

        What this action does itself must be written and noted before.
        """
        while self.itself:
            recorded = self.itself.pop(0)
            added, self.added = self.added, []
            self.expect(recorded.changes)
            fields = self.write_rows()
            run = self.movement.marking.run(recorded.run)
            ref = {
                "activity": recorded.activity,
                "definition": f"{run.definition}@{self.release.versions[run.definition]}",
                "release": self.release.number,
                "run": recorded.run,
                **({"subject": run.subject} if run.subject else {}),
                **({"added": self.added} if self.added else {}),
            }
            self.added = added
            before = len(self.happened)
            self.move(Recheck())
            self.follow(recorded.events)
            self.note("step.recorded", {**ref, "followed": self.told(self.happened[before:])}, fields)

    def write_rows(self) -> dict[str, Any]:
        """
        Write the changes of registers that are expected.

        Returns:
            Fields for the event: `row.<register>.<id>` to the columns that were set.
        """
        fields: dict[str, Any] = {}
        fresh: list[RegisterRow] = []
        for change in self.changed:
            values = stored(change)
            name = f"row.{change.register}.{change.row}"
            fields[name] = {**fields.get(name, {}), **values}
            if change.is_new:
                fresh.append(
                    RegisterRow(
                        id=uuid.UUID(change.row),
                        case=self.case,
                        register=change.register,
                        values=values,
                        order=0,
                        recorded_on=self.acting.on,
                        **_searchable(change.register, values),
                    )
                )
            else:
                row = next((it for it in fresh if str(it.id) == change.row), None)
                if row is not None:
                    row.values = {**row.values, **values}
                else:
                    self._update_row(change.row, values)
        if fresh:
            order = RegisterRow.objects.filter(case=self.case).count()
            for index, row in enumerate(fresh):
                row.order = order + index
            RegisterRow.objects.bulk_create(fresh)
            self.added += [str(row.id) for row in fresh]
        self.written += self.changed
        self.changed = []
        return fields

    def _update_row(self, id_: str, values: Mapping[str, Any]) -> None:
        row = RegisterRow.objects.get(pk=id_, case=self.case)
        row.values = {**row.values, **values}
        for name, value in _searchable(row.register, row.values).items():
            setattr(row, name, value)
        row.save(update_fields=["values", "search_name", "search_date"])

    # What is written down

    def note(self, type_: str, ref: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
        """
        What the history will say; of what is entered afterwards also on which day it happened.

        Args:
            type_: type of the event.
            ref: ids and hashes, no personal data.
            fields: values, for openings.
        """
        if self.acting.happened_on is not None:
            ref = {**ref, "happened_on": self.acting.happened_on.isoformat()}
        self.entries.append(Entry(case_stream(self.case.pk), type_, self.acting.pseudonym(), ref, fields))

    def add_ref(self, key: str, value: Any) -> None:
        """Add to what the main event refers to."""
        first = self.entries[0]
        self.entries[0] = replace(first, ref={**first.ref, key: value})

    def add_fields(self, fields: Mapping[str, Any]) -> None:
        """Add to the values of the main event."""
        first = self.entries[0]
        self.entries[0] = replace(first, fields={**first.fields, **fields})

    def append(self) -> list[StoredEvent]:
        """
        Write what there is to write into the history; nothing is acknowledged before this.

        The main event says in which order rows were added: the names of its fields are sorted. It also says which
        steps were completed without a person: what watches over the case reads them there.
        """
        if self.added:
            self.add_ref("added", self.added)
        if self.entries:
            by_person = self.entries[0].type in MAIN_EVENTS
            for key, value in recorded_ref(self.steps_done(), by_person=by_person).items():
                self.add_ref(key, value)
        events = append_all(self.entries, self.acting.at, heads=self._heads.values()) if self.entries else []
        self.entries, self.added = [], []
        return events

    def steps_done(self) -> tuple[WatchedStep, ...]:
        """The steps that were done in this action, in order."""
        return done_in(self.movement.marking, self.happened, self.deviated)

    def next_sequence(self) -> int:
        """Number in the stream of the first event that this action will write; locks the end of the stream."""
        stream = case_stream(self.case.pk)
        self._heads = lock_heads([stream])
        return int(self._heads[stream].seq) + 1

    def activity(self, task: Task) -> Activity:
        """The step of a task."""
        return self.release.plan.activity(task.process.definition, task.activity)

    def _holder(self, role: str) -> int | None:
        """Who gets the tasks of a role: who acts, when he has it; else its only member; else nobody yet."""
        if role in self._roles and self.acting.user is not None:
            return int(self.acting.user.pk)
        if self._members is None:
            self._members = members_of(self.case)
        today = self.acting.today
        users = {
            it.user
            for it in self._members
            if it.role == role and it.since <= today and (it.until is None or today <= it.until)
        }
        return int(users.pop()) if len(users) == 1 else None

    def forget_members(self) -> None:
        """Read the memberships again when they are next needed: they were changed."""
        self._members = None

    def own_person(self) -> str:
        """Id of the person in this case who is the user that acts; empty when he is none."""
        mine = Membership.objects.filter(case=self.case, user=self.acting.user, person__isnull=False)
        return str(mine.values_list("person", flat=True).first() or "")


def _searchable(register: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    if register != "person":
        return {}
    return {
        "search_name": str(stored.get("name") or "").casefold()[:200],
        "search_date": stored.get("birth_date") or None,
    }


def new_id() -> str:
    """A new random id for a row."""
    return str(uuid.uuid4())
