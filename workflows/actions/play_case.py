"""
Play a case script on the real engine, and look after every step whether what is expected is so.

It makes invented users and a case of its own and leaves them there: run it in a database that is thrown away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from padwijzer.forms.core.conditions import Collection
from padwijzer.forms.core.field_types import Json
from padwijzer.forms.core.field_types.rows import KEY
from padwijzer.forms.core.schema import Column, FieldSpec
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.open_case import NewPerson, open_case
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.actions.play_cast import Cast, settings_of
from padwijzer.workflows.actions.play_looking import NOT_OPEN, Looking
from padwijzer.workflows.actions.run_clock import run_clock
from padwijzer.workflows.actions.skip_task import skip_task
from padwijzer.workflows.actions.work import Work, new_id
from padwijzer.workflows.core.case_file import CaseLookup
from padwijzer.workflows.core.errors import Blocked, DeviationNeeded, InvalidAnswers, Refused
from padwijzer.workflows.core.scripts import PERSON, REFUSALS, CaseScript, Deed, Expectation, Kind, Row, Step
from padwijzer.workflows.models import Case, Task

AMBIGUOUS: Final = "open_more_than_once"
"""Code of the refusal of a step that is open more than once, of which the script does not say which."""
CLOCK_FAILED: Final = "clock_failed"
"""Code of the refusal when the clock could not do everything."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What came of one expectation, or of a step that did not go as the script says.

    Args:
        place: where it stands in the script.
        kind: what sort of expectation.
        key: about what.
        expected: what the script expects.
        found: what was found.
        holds: whether that is the same.
    """

    place: str
    kind: Kind
    key: str
    expected: Json = field(repr=False)
    found: Json = field(repr=False)
    holds: bool


def play_case(script: CaseScript) -> Iterator[Outcome]:
    """
    Play a script on the newest release.

    Args:
        script: what to play.

    Yields:
        What came of each expectation, in order. Where a step is refused or done against the script, that is said
        and nothing after it is played.
    """
    with settings_of(script):
        yield from _Play(script).outcomes()


class _Unclear(Refused):
    """What the script wants cannot be tried at all. Args: code: one of the three above."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class _Play:
    """One script being played. Args: script: what to play."""

    def __init__(self, script: CaseScript) -> None:
        self.script = script
        self.cast = Cast(script)
        self.looking = Looking(self.cast)

    def outcomes(self) -> Iterator[Outcome]:
        self.cast.appear()
        for step in self.script.steps:
            self.looking.begin(step)
            outcomes = tuple(self._judge_refusals(step, self._refusals_of(step)))
            yield from outcomes
            if any(bool(outcome.expected) != bool(outcome.found) for outcome in outcomes):
                return
            for expectation in step.expectations:
                if expectation.kind not in REFUSALS:
                    yield _outcome(expectation, self.looking.found(expectation))

    def _refusals_of(self, step: Step) -> Mapping[Kind, Json]:
        try:
            self._do(step)
        except Refused as refusal:
            return _in_words(refusal)
        return {}

    def _judge_refusals(self, step: Step, refused: Mapping[Kind, Json]) -> Iterator[Outcome]:
        expected = {expectation.kind: expectation for expectation in step.expectations}
        for kind in REFUSALS:
            nothing: Json = "" if kind is Kind.REFUSED else []
            if kind in expected:
                yield _outcome(expected[kind], refused.get(kind, nothing))
            elif kind in refused:
                yield Outcome(f"{step.place}.do", kind, "", nothing, refused[kind], holds=False)

    def _do(self, step: Step) -> None:
        acting = Acting(self.cast.users.get(step.by), step.at, step.happened_on)
        match step.do:
            case Deed.OPEN_CASE:
                self._open_case(acting, step)
            case Deed.COMPLETE:
                task = self._task(step)
                answers = self._answers(acting, task, step.answers)
                completion = complete_task(acting, task.pk, answers, deviation=self._deviation(step))
                self.looking.warnings = completion.warnings
            case Deed.SKIP:
                skip_task(acting, self._task(step).pk, deviation=self._deviation(step))
            case Deed.OPEN_TRACK:
                self._open_track(acting, step)
            case Deed.CHANGE_PEOPLE:
                self._change_people(acting, step)
            case Deed.RUN_CLOCK:
                if not run_clock(step.at).is_right:
                    raise _Unclear(CLOCK_FAILED)
            case Deed.LOOK:
                pass

    def _open_case(self, acting: Acting, step: Step) -> None:
        persons = []
        for key, person in self.script.people.items():
            if key not in self.cast.users:
                self.cast.ids[key] = new_id()
                persons.append(NewPerson(self.cast.values(Row(PERSON, person.columns)), self.cast.ids[key]))
        case = open_case(acting, self.cast.owner, persons=persons).case
        self.looking.case = case
        for key, user in self.cast.users.items():
            for role in self.script.people[key].roles:
                if key != step.by:
                    add_member(acting, case.pk, user, role)
            self.cast.recognise(key, case)
        for row in self.script.family:
            change_register(acting, case.pk, row.register, self.cast.values(row))

    def _open_track(self, acting: Acting, step: Step) -> None:
        assert step.step is not None  # noqa: S101 - reading gives this deed its track
        subject = self.cast.id_of(step.subject, self.looking.file()) if step.subject else ""
        open_track(acting, self.looking.case.pk, step.step.definition, step.step.key, subject=subject)

    def _change_people(self, acting: Acting, step: Step) -> None:
        for change in step.changes:
            row = self.cast.id_of(change.about, self.looking.file()) if change.about else ""
            values = self.cast.values(change.row)
            change_register(acting, self.looking.case.pk, change.row.register, values, row=row)

    def _deviation(self, step: Step) -> Deviation | None:
        why = step.deviating
        if why is None:
            return None
        return Deviation(why.reason, why.family_view, self.cast.ids.get(why.colleague, ""), why.look_again_on)

    def _task(self, step: Step) -> Task:
        assert step.step is not None  # noqa: S101 - reading gives these deeds their step
        tasks = self.looking.tasks(step.step)
        if len(tasks) != 1:
            raise _Unclear(AMBIGUOUS if tasks else NOT_OPEN)
        return tasks[0]

    def _answers(self, acting: Acting, task: Task, answers: Mapping[str, Json]) -> dict[str, object]:
        work = Work(acting, Case.objects.get(pk=task.case_id))
        activity = work.activity(task)
        lookup = work.lookup(task.process.number, activity.key, {})
        questions = {spec.key: spec for spec in activity.fields}
        return {key: self._answer(questions[key], answer, lookup) for key, answer in answers.items()}

    def _answer(self, question: FieldSpec, answer: Json, lookup: CaseLookup) -> object:
        """An answer with ids for names; where rows are carried on, each is the earlier row of its number."""
        if question.type != "rows" or not isinstance(answer, list):
            return self._cell(question, answer)
        carried = lookup.rows(Collection(field=question.carried, round="latest")) if question.carried else ()
        columns = {column.key: column for column in question.columns}
        return [
            {
                **{key: self._cell(columns[key], cell) for key, cell in row.items()},
                **({KEY: carried[number]["id"]} if number < len(carried) else {}),
            }
            for number, row in enumerate(answer)
        ]

    def _cell(self, question: FieldSpec | Column, answer: Json) -> Json:
        return self.cast.with_ids(answer) if question.type in ("person", "persons") else answer


def _outcome(expectation: Expectation, found: Json) -> Outcome:
    holds = expectation.holds(found)
    return Outcome(expectation.place, expectation.kind, expectation.key, expectation.expected, found, holds)


def _in_words(refusal: Refused) -> dict[Kind, Json]:
    match refusal:
        case Blocked():
            return {Kind.BLOCKED: sorted(_with_ground(text, ground) for text, ground in refusal.reasons)}
        case DeviationNeeded():
            return {Kind.DEVIATION: sorted(_with_ground(text, ground) for _, text, ground in refusal.reasons)}
        case InvalidAnswers():
            return {Kind.INVALID: sorted(refusal.errors)}
        case _:
            return {Kind.REFUSED: refusal.code}


def _with_ground(text: object, ground: str) -> str:
    return f"{ground}: {text}" if ground else str(text)
