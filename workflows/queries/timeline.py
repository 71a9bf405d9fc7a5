"""The history of a case for a page: who did it, what things are called, and which answers may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from padwijzer.forms.core.field_types import Answer, show, with_lists
from padwijzer.forms.core.schema import FormSpec, in_language
from padwijzer.forms.lists import shipped_lists
from padwijzer.permissions.policies import WHOLE_CASE, Viewer
from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.core.case_file import CaseFile, Row
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.definition import Activity, OpenDuty
from padwijzer.workflows.core.envelopes import Json
from padwijzer.workflows.core.rebuilding import ANSWERS, Told
from padwijzer.workflows.models import SYSTEM_ACTOR, Case, Membership, Pseudonym, Task
from padwijzer.workflows.queries.case_files import answers_from
from padwijzer.workflows.queries.people import name_of
from padwijzer.workflows.queries.releases import RunningRelease
from padwijzer.workflows.queries.viewing import may_see_answer, may_see_cell, may_see_step, subject_of

REGISTER_WORDS: Final = {
    "person": gettext_lazy("a person"),
    "relation": gettext_lazy("how people are related"),
    "authority": gettext_lazy("who has authority"),
    "meeting": gettext_lazy("a meeting"),
    "turning_point": gettext_lazy("an important moment"),
    "measure": gettext_lazy("a measure of the court"),
    "help_item": gettext_lazy("a kind of help"),
}
PAGE_WORDS: Final = {
    "case": pgettext_lazy("page", "the case"),
    "timeline": pgettext_lazy("page", "the history"),
    "step": pgettext_lazy("page", "a step"),
    "family": pgettext_lazy("page", "the family"),
    "consent": pgettext_lazy("page", "consent"),
    "document": pgettext_lazy("page", "a document"),
    "documents": pgettext_lazy("page", "the list of documents"),
    "new_question": pgettext_lazy("page", "a new question, whether the family is known"),
}


@dataclass(frozen=True, slots=True)
class Doer:
    """
    Who did something.

    Args:
        name: as people know him.
        memberships: his roles in the case, past ones too, the oldest first, with their organisations.
    """

    name: str
    memberships: tuple[Membership, ...] = ()

    def roles_on(self, day: date) -> str:
        """The roles he had that day, in words; empty when he had none."""
        return role_words(it.role for it in self._held(day))

    def organisation_on(self, day: date) -> str:
        """On whose behalf he acted that day."""
        return next((it.organisation.name for it in reversed(self._held(day)) if it.organisation), "")

    def _held(self, day: date) -> list[Membership]:
        return [it for it in self.memberships if it.since <= day and (it.until is None or day <= it.until)]


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """A question with its answer in words. Args: erased: whether the answer was destroyed by law."""

    question: str
    words: str = field(default="", repr=False)
    erased: bool = False


@dataclass(frozen=True, slots=True)
class ShownDeviation:
    """A deviation. Args: reason: why, when it may be seen; family_view: what the family thinks of it."""

    reason: str = field(default="", repr=False)
    family_view: str = field(default="", repr=False)


class CaseNames:
    """
    What the things of a case are called. A `Naming` of `history.describing`.

    Args:
        release: the release the case runs on.
        file: its registers.
        runs: number of each run to key of its definition or, for a track, to `definition.track`.
        tasks: id of a task to the key of its definition.
        actors: pseudonym to who that is.
    """

    def __init__(
        self,
        release: RunningRelease,
        file: CaseFile,
        *,
        runs: Mapping[int, str] | None = None,
        tasks: Mapping[int, str] | None = None,
        actors: Mapping[str, Doer] | None = None,
    ) -> None:
        self._plan = release.plan
        self._file = file
        self._runs = runs or {}
        self._tasks = tasks or {}
        self._actors = actors or {}

    def step(self, definition: str, activity: str, task: int | None) -> str:
        """Title of a step; its key when the release no longer has it."""
        found = self.activity(definition, activity, task)
        return in_language(found.title) if found else activity

    def activity(self, definition: str, activity: str, task: int | None = None) -> Activity | None:
        """A step as it is defined, or None. Args: as `step`."""
        key = definition or self._tasks.get(task or 0, "")
        plan = self._plan.definitions.get(key)
        step = plan.activities.get(activity) if plan else None
        return step.activity if step else None

    def called(self, definition: str, activity: str) -> str:
        """Key of the sub-process that a step calls; empty when it calls none. Args: as `step`."""
        found = self.activity(definition, activity)
        return found.call.definition if found is not None and found.call is not None else ""

    def definition(self, key: str) -> str:
        """Title of a path or sub-process."""
        return in_language(self._plan.definition(key).title) if key in self._plan else key

    def track(self, key: str) -> str:
        """Title of a track."""
        found = self._plan.tracks.get(key)
        return in_language(found.track.title) if found else key

    def run(self, number: int) -> str:
        """Title of what a run runs: of its track, else of its definition."""
        what = self._runs.get(number, "")
        return self.track(what) if "." in what else self.definition(what)

    def duty(self, name: str) -> str:
        """Title of a duty: by the id of its row, the step that opens it, or its kind."""
        row = self._file.row(name) if name else None
        if row is not None and row.register == "duty":
            return row.text("title")
        definition, _dot, activity = name.rpartition(".")
        found = self.activity(definition, activity)
        if found is not None:
            titles = [in_language(it.what.title) for it in found.opens if isinstance(it.what, OpenDuty)]
            return ", ".join(titles) or in_language(found.title)
        rows = (it for it in self._file.rows("duty") if it.text("kind") == name)
        return next((it.text("title") for it in rows), name)

    def role(self, slug: str) -> str:
        """Name of a role, in small letters."""
        return role_words([slug])

    def register(self, key: str) -> str:
        """Name of a register."""
        return str(REGISTER_WORDS.get(key, key))

    def page(self, name: str) -> str:
        """Name of a page."""
        return str(PAGE_WORDS.get(name, name))

    def actor(self, pseudonym: str) -> str:
        """Name of somebody who acts."""
        return self.doer(pseudonym).name

    def doer(self, pseudonym: str) -> Doer:
        """Who is meant by a pseudonym."""
        if pseudonym == SYSTEM_ACTOR:
            return Doer(gettext("The system"))
        return self._actors.get(pseudonym) or Doer(gettext("Somebody who no longer works here"))


def doers(pseudonyms: Iterable[str], memberships: Iterable[Membership]) -> dict[str, Doer]:
    """
    Who is meant by pseudonyms; one query.

    Args:
        pseudonyms: of actors in a case.
        memberships: of that case, past ones too, with their organisations; the oldest first.
    """
    held: dict[int, list[Membership]] = {}
    for member in memberships:
        held.setdefault(member.user_id, []).append(member)
    rows = Pseudonym.objects.filter(pseudonym__in=set(pseudonyms)).select_related("user")
    return {
        row.pseudonym: Doer(name_of(row.user) or row.label, tuple(held.get(row.user_id or 0, ()))) for row in rows
    }


def role_words(slugs: Iterable[str]) -> str:
    """Names of roles, each once, in small letters, separated by commas."""
    roles = shipped_roles()
    labels = [roles[slug].label if slug in roles else slug for slug in slugs]
    return ", ".join(dict.fromkeys(label[:1].lower() + label[1:] for label in labels))


def actors_in(events: Iterable[Told]) -> set[str]:
    """Pseudonyms of everybody in events: who acts, and who is named."""
    found = set()
    for event in events:
        found |= {event.actor} | {str(event.ref[key]) for key in ("to", "who") if event.ref.get(key)}
    return found


def definitions_of_tasks(case: Case) -> dict[int, str]:
    """Id of each task of a case to the key of its definition; one query."""
    return dict(Task.objects.filter(case=case).values_list("pk", "process__definition"))


@dataclass(frozen=True, slots=True)
class EventSight:
    """
    What somebody may see of the events of a case.

    Args:
        file: the registers of the case.
        viewers: the roles in which he looks.
        names: what things are called.
        subjects: number of each run to the id of the row it is about.
        persons: id of each person to the name that he may see.
    """

    file: CaseFile
    viewers: tuple[Viewer, ...]
    names: CaseNames
    subjects: Mapping[int, str]
    persons: Mapping[str, str] = field(repr=False)

    def may_know(self, event: Told) -> bool:
        """Whether he may know that it happened."""
        if any(viewer.role.slug in WHOLE_CASE for viewer in self.viewers):
            return True
        activity = self._activity(event)
        if activity is not None:
            about, assignment = self._subject(event)
            performers = frozenset(it.role for it in activity.performers)
            return may_see_step(self.viewers, activity, performers, about=about, assignment=assignment)
        return event.type in {"case.opened", "member.added", "member.ended"}

    def answers(self, event: Told) -> tuple[list[ShownAnswer], int]:
        """
        The answers of a step as they may be shown, in the order of its questions.

        Returns:
            Those, and how many more there are.
        """
        activity = self._activity(event)
        if activity is None:
            return [], 0
        about, assignment = self._subject(event)
        stored = _answers(event)
        form = with_lists(activity.form, shipped_lists())
        seen = frozenset(
            it.key
            for it in form.fields
            if may_see_answer(self.viewers, activity, it, about=about, assignment=assignment)
        )
        known = answers_from({key: value for key, value in stored.items() if key in seen}, activity)
        erased = {name.removeprefix(ANSWERS) for name in event.erased if name.startswith(ANSWERS)}
        withheld = len((stored.keys() | erased) - seen)
        return list(_shown(form, known, erased & seen, self.persons)), withheld

    def deviation(self, event: Told) -> ShownDeviation | None:
        """The deviation that was recorded with an event, as far as it may be seen; None when there is none."""
        for name in (*event.values, *event.erased):
            register, _dot, id_ = name.removeprefix("row.").partition(".")
            if name.startswith("row.") and register == "deviation":
                row = self.file.row(id_)
                return _deviation(row, self.viewers) if row else ShownDeviation()
        return None

    def _activity(self, event: Told) -> Activity | None:
        key = str(event.ref.get("activity") or "")
        task = event.ref.get("task")
        definition = str(event.ref.get("definition") or "").partition("@")[0]
        return self.names.activity(definition, key, task if isinstance(task, int) else None) if key else None

    def _subject(self, event: Told) -> tuple[str, str]:
        run = event.ref.get("run")
        subject = str(event.ref.get("subject") or "") or self.subjects.get(run if isinstance(run, int) else 0, "")
        return subject_of(self.file, subject)


def _answers(event: Told) -> dict[str, Json]:
    return {name.removeprefix(ANSWERS): it for name, it in event.values.items() if name.startswith(ANSWERS)}


def _shown(
    form: FormSpec, known: Mapping[str, Answer], erased: set[str], persons: Mapping[str, str]
) -> Iterator[ShownAnswer]:
    for spec in form.fields:
        if spec.key in erased:
            yield ShownAnswer(in_language(spec.label), erased=True)
        elif spec.key in known:
            yield ShownAnswer(in_language(spec.label), show(known[spec.key], spec, persons))


def _deviation(row: Row, viewers: Sequence[Viewer]) -> ShownDeviation:
    return ShownDeviation(
        reason=row.text("reason") if may_see_cell(viewers, row, "reason") else "",
        family_view=row.text("family_view") if may_see_cell(viewers, row, "family_view") else "",
    )


def is_long_silence(earlier: datetime, later: datetime, days: int = 42) -> bool:
    """Whether more than six weeks lie between two events (counted in days in Europe/Amsterdam)."""
    return (local_day(later) - local_day(earlier)).days > days
