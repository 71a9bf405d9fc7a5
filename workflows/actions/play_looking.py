"""What is found in a case that is being played, in the words of its script."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import QuerySet

from padwijzer.forms.core.field_types import Json
from padwijzer.forms.core.nodes import Node
from padwijzer.permissions.policies import Viewer
from padwijzer.permissions.roles import shipped_roles
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.play_cast import Cast
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.case_file import CaseFile, RegisterView
from padwijzer.workflows.core.consent import must_consent
from padwijzer.workflows.core.deadlines import Explanation, explain, local_day, read_explanation
from padwijzer.workflows.core.definition import OnDate, OnEvent
from padwijzer.workflows.core.registers import registers
from padwijzer.workflows.core.scheduling import schedule
from padwijzer.workflows.core.scripts import PLACE, Expectation, Kind, Step, StepName
from padwijzer.workflows.models import OPEN, Case, Draft, Event, Notice, Opening, RegisterRow, RunningDeadline, Task
from padwijzer.workflows.queries.case_files import calendars
from padwijzer.workflows.queries.releases import running_release
from padwijzer.workflows.queries.viewing import may_see_answer, may_see_cell, subject_of, viewer_of, viewers_of

NOT_OPEN: Final = "not_open"
"""What is found where a step is not open."""
TICKING: Final = (
    RunningDeadline.State.RUNNING,
    RunningDeadline.State.SUSPENDED,
    RunningDeadline.State.LATE,
)
NOTICES: Final = {
    Kind.WARNINGS: Notice.Kind.WARNING,
    Kind.TASKS: Notice.Kind.TASK,
    Kind.ALARMS: Notice.Kind.ALARM,
    Kind.MESSAGES: Notice.Kind.MESSAGE,
}


class Looking:
    """
    Looks at the case of a script.

    Args:
        cast: names and ids.

    Attributes:
        case: the case, once it is open.
        warnings: with what the completed step warned.
    """

    case: Case
    _step: Step

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.warnings: tuple[str, ...] = ()
        self._known_notices: frozenset[int] = frozenset()

    def begin(self, step: Step) -> None:
        """A step begins: what it brings about is told apart from what was there."""
        self.warnings = ()
        self._step = step
        self._known_notices = frozenset(Notice.objects.values_list("pk", flat=True))

    def file(self) -> CaseFile:
        """The case as it is at the moment of the step."""
        return self._work().file()

    def tasks(self, name: StepName) -> list[Task]:
        """The open tasks of a step."""
        tasks = Task.objects.filter(
            case=self.case, process__definition=name.definition, activity=name.key, status__in=OPEN
        ).select_related("process")
        if name.about:
            tasks = tasks.filter(process__subject=self.cast.id_of(name.about, self.file()) or NOT_OPEN)
        return list(tasks.order_by("pk"))

    def found(self, expectation: Expectation) -> Json:
        """What is found for an expectation, in the words of the script."""
        kind, key = expectation.kind, expectation.key
        match kind:
            case Kind.WARNINGS | Kind.TASKS | Kind.ALARMS | Kind.MESSAGES:
                return self._brought_about(kind)
            case Kind.OPEN | Kind.NOT_OPEN:
                return bool(self.tasks(_step_name(key)))
            case Kind.DUE:
                return self._due(_step_name(key))
            case Kind.EXPLAINS:
                return self._explanation(_step_name(key))
            case Kind.MUST_CONSENT:
                return self._must_consent(key)
            case Kind.RECORDS:
                return self._record(*key.rsplit(".", 1))
            case Kind.MAY_SEE | Kind.MAY_NOT_SEE:
                return self._sees(*key.split(": ", 1))
            case _:
                return self._traces(key)

    def _work(self) -> Work:
        return Work(Acting(None, self._step.at, self._step.happened_on), Case.objects.get(pk=self.case.pk))

    def _brought_about(self, kind: Kind) -> Json:
        new = Notice.objects.filter(case=self.case, kind=NOTICES[kind]).exclude(pk__in=self._known_notices)
        return sorted([*new.values_list("text", flat=True), *(self.warnings if kind is Kind.WARNINGS else ())])

    # terms

    def _due(self, name: StepName) -> Json:
        tasks = self.tasks(name)
        if tasks:
            days = [local_day(due) for due in self._ticking(tasks).values_list("due", flat=True) if due]
            return min(days).isoformat() if days else None
        return next((day.isoformat() for day, _ in self._foreseen(name)), NOT_OPEN)

    def _explanation(self, name: StepName) -> Json:
        tasks = self.tasks(name)
        if tasks:
            kept = self._ticking(tasks).order_by("due").values_list("explanation", flat=True)
            return explain(read_explanation(Node(kept[0]))) if kept else ""
        return next((explain(explanation) for _, explanation in self._foreseen(name)), "")

    def _ticking(self, tasks: list[Task]) -> QuerySet[RunningDeadline]:
        return RunningDeadline.objects.filter(task__in=tasks, state__in=TICKING, due__isnull=False)

    def _foreseen(self, name: StepName) -> list[tuple[date, Explanation]]:
        """Terms of a step that is not open yet and that run all the same: from a date or an event of the case."""
        work = self._work()
        run = next((it for it in work.movement.marking.alive() if it.definition == name.definition), None)
        activity = work.release.plan.activity(name.definition, name.key)
        if run is None or run.round(name.key):
            return []
        scheduled = schedule(
            activity,
            work.lookup(run.number, name.key, {}),
            definition=name.definition,
            round=1,
            opened_on=work.acting.on,
            terms=work.release.terms,
            calendars=calendars(),
        )
        return sorted(
            (
                (it.due.day, it.due.explanation)
                for it in scheduled
                if it.due is not None and isinstance(activity.deadlines[it.index].start, OnDate | OnEvent)
            ),
            key=lambda found: found[0],
        )

    # registers, consent, sight

    def _must_consent(self, name: str) -> Json:
        case_file = self.file()
        subject = case_file.row(self.cast.id_of(name, case_file))
        ids = must_consent(case_file, subject, case_file.today) if subject else frozenset()
        return sorted(self.cast.name_of(person) for person in ids)

    def _record(self, name: str, column: str) -> Json:
        case_file = self.file()
        row = case_file.row(self.cast.id_of(name, case_file))
        if row is None:
            return "no_such_row"
        spec = registers()[row.register].column(column)
        assert spec is not None  # noqa: S101 - reading refuses a column that is not there
        return self.cast.cell(spec, RegisterView(case_file, row)[column])

    def _sees(self, viewer: str, thing: str) -> Json:
        case_file = self.file()
        viewers = self._viewers(viewer, case_file)
        element, _, last = thing.rpartition(".")
        match = PLACE.fullmatch(element)
        if match is None:
            row = case_file.row(self.cast.id_of(element, case_file))
            return "no_such_row" if row is None else may_see_cell(viewers, row, last)
        activity = running_release(self.case.release.digest).plan.activity(match[1], match[2])
        about, assignment = subject_of(case_file, self.cast.id_of(match[3], case_file) if match[3] else "")
        question = next(it for it in activity.fields if it.key == last)
        return may_see_answer(viewers, activity, question, about=about, assignment=assignment)

    def _viewers(self, name: str, case_file: CaseFile) -> tuple[Viewer, ...]:
        """Who signs in looks in the roles he has in the case; a member of the family in those of the script."""
        if name in self.cast.users:
            return viewers_of(self.case, self.cast.users[name], case_file.today, case_file=case_file)
        roles = (shipped_roles()[role] for role in self.cast.script.people[name].roles)
        return tuple(viewer_of(case_file, role, self.cast.ids[name]) for role in roles)

    def _traces(self, word: str) -> Json:
        """Where a word stands in what the case has recorded; places, never what stands there."""
        wanted = word.casefold()
        case, stream = self.case, self.case.stream
        kept = {
            "history": Opening.objects.filter(event__stream=stream).values_list("name", "value"),
            "events": Event.objects.filter(stream=stream).values_list("seq", "envelope"),
            "registers": RegisterRow.objects.filter(case=case).values_list("register", "values"),
            "notices": Notice.objects.filter(case=case).values_list("source", "text"),
            "drafts": Draft.objects.filter(task__case=case).values_list("page", "values"),
        }
        return sorted(
            {
                f"{where}: {place}"
                for where, rows in kept.items()
                for place, text in rows
                if wanted in str(text).casefold()
            }
        )


def _step_name(text: str) -> StepName:
    match = PLACE.fullmatch(text)
    assert match is not None  # noqa: S101 - reading wrote it
    return StepName(match[1], match[2], match[3] or "")
