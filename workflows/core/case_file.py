"""
Everything that a condition may ask about a case, as one frozen value, and the lookup that answers it.

A case file is put together from the registers, the runs and the steps of a case on one day. It holds personal data:
its parts do not show their content in a `repr`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol

from padwijzer.forms.core.conditions import UNKNOWN, Collection, FactRef, Scalar, TermRef, Unknown, Value
from padwijzer.forms.core.field_types import AMSTERDAM, Answer, LadderAnswer, RowAnswer, plain, rows_of, rungs_of
from padwijzer.workflows.core import consent, deadlines
from padwijzer.workflows.core.calendars import Calendars
from padwijzer.workflows.core.facts import facts
from padwijzer.workflows.core.facts.age import age_of
from padwijzer.workflows.core.facts.lives_at import lives_at
from padwijzer.workflows.core.facts.running_measure import running_measure
from padwijzer.workflows.core.registers import registers
from padwijzer.workflows.core.terms import Duration, Terms

PLACE_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"t1": "netwerk", "t2": "pleeg", "t3": "gezinshuis", "t4": "accommodatie", "t5": "accommodatie"}
)
"""Rung of the placement ladder to the kind of place that a court order names (BW 1:265b)."""

WHEN_EMPTY: Final[Mapping[str, Value]] = MappingProxyType(
    {"yes_no": "nee", "choice": "", "choices": frozenset(), "text": "", "persons": frozenset(), "row": ""}
)
"""
Type of a register column to what an empty cell means. A register is closed: what was not recorded has not happened.
Only a date, a person or a number that lacks in a row is unknown.
"""


class Times(Protocol):
    """What a case file must know of terms and calendars."""

    def shift(self, day: date, sign: int, term: str) -> date | None:
        """A day moved by a term (key of the terms file, or a duration as written); None without such a term."""

    def age(self, term: str) -> int:
        """The age, in months, that a term of the terms file stands for."""

    def is_school_day(self, day: date) -> bool | None:
        """Whether schools of this municipality are open; None when the calendar of that year is not known."""


@dataclass(frozen=True, slots=True)
class TermTimes:
    """Terms and calendars of a release. Args: region: key of the calendar of school days."""

    terms: Terms
    calendars: Calendars
    region: str = ""

    def shift(self, day: date, sign: int, term: str) -> date | None:
        """A day moved by a term; see `Times`. Hours are no days: None."""
        try:
            duration = self.terms[term].duration if term in self.terms else Duration.parse(term)
            return deadlines.shift(day, duration, self.calendars.working_days, sign=sign)
        except (ValueError, OverflowError):
            return None

    def age(self, term: str) -> int:
        """An age in months. Raises: KeyError when there is no such term; ValueError when it is no age."""
        months = self.terms[term].duration.months
        if months is None:
            message = f"{term} is no age."
            raise ValueError(message)
        return months

    def is_school_day(self, day: date) -> bool | None:
        """Whether schools of the region are open; see `Times`."""
        return self.calendars.is_school_day(day, self.region)


@dataclass(frozen=True, slots=True)
class Row:
    """
    A row of a register.

    Args:
        id: its id, unique in the case.
        register: key of its register.
        values: column to value; a column that was never filled is absent.
        recorded_on: the day it was recorded.
    """

    id: str
    register: str
    values: Mapping[str, Value] = field(repr=False)
    recorded_on: date

    def get(self, column: str) -> Value:
        """What stands in a column, or unknown."""
        return self.values.get(column, UNKNOWN)

    def text(self, column: str) -> str:
        """The key or text in a column, empty when there is none."""
        value = self.values.get(column, "")
        return value if isinstance(value, str) else ""

    def day(self, column: str) -> date | None:
        """The date in a column; a moment is its day in Europe/Amsterdam."""
        value = self.values.get(column)
        if isinstance(value, datetime):
            return value.astimezone(AMSTERDAM).date()
        return value if isinstance(value, date) else None

    def persons(self, column: str) -> frozenset[str]:
        """The persons in a column, one or more."""
        value = self.values.get(column, frozenset())
        members = value if isinstance(value, frozenset) else frozenset((value,))
        return frozenset(member for member in members if isinstance(member, str) and member)

    def is_yes(self, column: str) -> bool:
        """Whether the answer in a column is `ja`."""
        return self.values.get(column) == "ja"

    def lasts(self, on: date) -> bool:
        """Whether a row with `from` and `until` holds on a day, both included; an open side has no end."""
        first, last = self.day("from"), self.day("until")
        return (first is None or first <= on) and (last is None or on <= last)


class VisitState(StrEnum):
    """How one opening of a step stands. `afterwards`: filled in from what an emergency had recorded."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    AFTERWARDS = "afterwards"
    CANCELLED = "cancelled"


COMPLETED: Final = (VisitState.DONE, VisitState.AFTERWARDS)
MAIN: Final = "main"
TRACK: Final = "track"


@dataclass(frozen=True, slots=True)
class Visit:
    """
    One opening of a step.

    Args:
        run: number of its run.
        definition: key of its definition.
        activity: key of the step.
        round: which opening of this step in this run it is, from 1.
        opened_on: the day it was opened.
        state: how it stands.
        completed_on: the day it was completed or skipped.
        track: key of the track whose body it is; empty for the main line.
        answers: question to answer, as far as they were saved as final.
        answered_on: question to the day on which that answer was first saved; without it, the day of completion.
    """

    run: int
    definition: str
    activity: str
    round: int
    opened_on: date
    state: VisitState = VisitState.OPEN
    completed_on: date | None = None
    track: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict, repr=False)
    answered_on: Mapping[str, date] = field(default_factory=dict)


class RunStatus(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Run:
    """
    A definition that runs, or ran, in a case.

    Args:
        number: from 0, in the order in which runs were started.
        definition: key of the definition.
        subject: id of the row it is about; empty for the family.
        children: ids of the children it is about; none is all children of the case.
        opened_as: `main`, `call`, `detour`, `interrupt` or `track`.
        track: key of the track, for a track.
        started_on: the day it started.
        status: how it stands.
        outcome: with what it returned.
        parent: number of the run that called it or opened its track.
        parameters: what its caller passed.
    """

    number: int
    definition: str
    started_on: date
    subject: str = ""
    children: tuple[str, ...] = ()
    opened_as: str = "main"
    track: str = ""
    status: RunStatus = RunStatus.RUNNING
    outcome: str = ""
    parent: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """
    Everything that a condition may ask about a case, on one day.

    Args:
        today: the day, in Europe/Amsterdam.
        times: terms and calendars.
        registers: register to its rows, in the order in which they were recorded.
        visits: openings of steps, in the order in which they were opened.
        runs: runs, in the order in which they were started.
        roles: id of a person to the roles that person has in this case today.
        settings: settings of the municipality by key.
        closed_on: the day on which the case was last closed; it stays when the case is opened again.
    """

    today: date
    times: Times = field(repr=False)
    registers: Mapping[str, tuple[Row, ...]] = field(default_factory=dict, repr=False)
    visits: tuple[Visit, ...] = ()
    runs: tuple[Run, ...] = ()
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    settings: Mapping[str, Value] = field(default_factory=dict, repr=False)
    closed_on: date | None = None

    def rows(self, register: str) -> tuple[Row, ...]:
        """The rows of a register, in the order in which they were recorded."""
        return self.registers.get(register, ())

    def row(self, id: str) -> Row | None:  # noqa: A002 - the field of a row has that name
        """The row of that id, in whatever register it stands."""
        return next((row for rows in self.registers.values() for row in rows if id and row.id == id), None)

    def person(self, id: str) -> Row | None:  # noqa: A002 - the field of a row has that name
        """The person of that id."""
        return next((row for row in self.rows("person") if row.id == id), None)

    def of_child(self, register: str, child: str) -> tuple[Row, ...]:
        """The rows of a register about one child."""
        return tuple(row for row in self.rows(register) if row.get("child") == child)

    def run(self, number: int) -> Run:
        """The run of that number. Raises: KeyError when there is none."""
        for run in self.runs:
            if run.number == number:
                return run
        raise KeyError(number)

    def with_rows(self, register: str, rows: Sequence[Row]) -> CaseFile:
        """The same case with other rows in one register."""
        return replace(self, registers={**self.registers, register: tuple(rows)})


Computation = Callable[[CaseFile, Row], Value]


def _consent_state(case_file: CaseFile, row: Row) -> Value:
    return consent.consent_on(case_file, row, case_file.today).state.value


COMPUTED: Final[Mapping[tuple[str, str], Computation]] = MappingProxyType(
    {
        ("person", "age"): lambda case_file, row: age_of(case_file, row.id, case_file.today),
        ("person", "running_measure"): lambda case_file, row: running_measure(case_file, row.id),
        ("person", "lives_at"): lambda case_file, row: lives_at(case_file, row.id),
        ("help_item", "consent_state"): _consent_state,
        ("placement", "consent_state"): _consent_state,
        ("sharing", "consent_state"): _consent_state,
    }
)
"""Register and column to how a computed column is found; `outcome` is known to the calling step only."""


class RegisterView(Mapping[str, Value]):
    """
    A row of a register as a condition sees it: with its id, its computed columns, and nothing unknown that is closed.

    Args:
        case_file: where computed columns are found.
        row: the row.
        outcome: with what the call for this row returned.
    """

    __slots__ = ("_case_file", "_outcome", "_register", "_row")

    def __init__(self, case_file: CaseFile, row: Row, outcome: Value = UNKNOWN) -> None:
        self._case_file = case_file
        self._row = row
        self._outcome = outcome
        self._register = registers()[row.register]

    def __getitem__(self, key: str) -> Value:
        if key == "id":
            return self._row.id
        if key == "outcome":
            return self._outcome
        if computation := COMPUTED.get((self._row.register, key)):
            return computation(self._case_file, self._row)
        if key in self._row.values:
            return self._row.values[key]
        column = self._register.column(key)
        return WHEN_EMPTY.get(column.type, UNKNOWN) if column else UNKNOWN

    def __iter__(self) -> Iterator[str]:
        columns = [column.key for column in self._register.columns]
        return iter(dict.fromkeys(["id", *columns, "outcome", *self._row.values]))

    def __len__(self) -> int:
        return len(list(iter(self)))


@dataclass(frozen=True, slots=True)
class CaseLookup:
    """
    Answers the conditions of one step. Implements `forms.core.conditions.Lookup`.

    Args:
        case_file: the case, with the registers as they will be when the step completes.
        run: number of the run.
        activity: key of the step.
        this_answers: the answers being given.
        call_outcomes: for a step that calls: id of the row to the outcome of its run, as far as it returned; under an
            empty id when it calls once.
    """

    case_file: CaseFile
    run: int
    activity: str
    this_answers: Mapping[str, Answer] = field(default_factory=dict, repr=False)
    call_outcomes: Mapping[str, str] = field(default_factory=dict)

    def answering(self, answers: Mapping[str, Answer]) -> CaseLookup:
        """The same lookup with other answers: a `LookupFor` for visibility and validation."""
        return replace(self, this_answers=answers)

    def fact(self, ref: FactRef) -> Value:
        """The value of a fact. Raises: KeyError for a fact that does not exist; no release holds one."""
        return facts()[ref.name].value(self, ref)

    def rows(self, collection: Collection) -> Sequence[Mapping[str, Value]]:
        """The rows of a register, of the children, of the rungs of this step's ladder, or of a field."""
        match collection.register:
            case "":
                return rows_of(self.answer(collection.field, collection.round))
            case "children":
                return self._views(self._persons(self.children()))
            case "case_children":
                return self._views(self._persons(self.all_children()))
            case "rungs":
                return tuple(self._rungs())
            case register:
                return self._views(self.case_file.rows(register))

    def shifted(self, day: date, sign: int, term: TermRef) -> date | None:
        """A day moved by a term; None when the choice or the setting that names the term is not known."""
        key: Value = term.key
        if term.field:
            key = dict(term.by_choice).get(str(plain(self.answer(term.field))), "")
        elif term.setting:
            key = self.case_file.settings.get(term.setting, UNKNOWN)
        return self.case_file.times.shift(day, sign, key) if isinstance(key, str) and key else None

    @property
    def this_run(self) -> Run:
        """The run of this step."""
        return self.case_file.run(self.run)

    @property
    def subject(self) -> Row | None:
        """The row that this run is about."""
        return self.case_file.row(self.this_run.subject)

    def all_children(self) -> frozenset[str]:
        """All children of the case."""
        return frozenset(
            row.id
            for row in self.case_file.rows("person")
            if row.text("kind") == "child" and row.lasts(self.case_file.today)
        )

    def children(self) -> frozenset[str]:
        """The children about whom the run is."""
        subject = self.subject
        if subject is not None:
            if subject.register == "person" and subject.text("kind") == "child":
                return frozenset((subject.id,))
            if child := subject.text("child"):
                return frozenset((child,))
        return frozenset(self.this_run.children) or self.all_children()

    def person(self, argument: str) -> str | None:
        """
        The person that an argument names.

        Args:
            argument: `child` (of this run, when it is about one), `field:<field of this step>`, or a group of one.

        Returns:
            The id, or None when that is nobody or not one person.
        """
        if argument == "child":
            members = self.children()
        elif argument.startswith("field:"):
            members = _persons_in(self.answer(argument.removeprefix("field:")))
        else:
            members = _persons_in(self.fact(FactRef("persons", (("group", argument),))))
        return next(iter(members)) if len(members) == 1 else None

    def visits_of(self, element: str) -> tuple[Visit, ...]:
        """
        The openings of a step, in order.

        Args:
            element: `activity` of this run; else of the runs that it came from and of the tracks beside them, the
                nearest definition first. Or `DEFINITION.activity` of any run of the case about the same children.
        """
        definition, dot, activity = element.rpartition(".")
        if not dot:
            return self._near(lambda visit: visit.activity == activity)
        runs = {run.number for run in self.runs_of(definition)}
        return tuple(
            visit
            for visit in self.case_file.visits
            if visit.run in runs and visit.definition == definition and visit.activity == activity
        )

    def visits_on_track(self, track: str) -> tuple[Visit, ...]:
        """The openings on a track of this run or of the runs that it came from."""
        return self._near(lambda visit: visit.track == track)

    def runs_of(self, definition: str) -> tuple[Run, ...]:
        """The runs of a definition in this case about the same children as this run, in order, with its tracks."""
        return tuple(run for run in self.case_file.runs if run.definition == definition and self._is_about_mine(run))

    def whole_runs_of(self, definition: str) -> tuple[Run, ...]:
        """The same without runs that are only a step on a track of that definition."""
        return tuple(run for run in self.runs_of(definition) if not self._is_step_on_track(run))

    def runs_on_track(self, track: str) -> tuple[Run, ...]:
        """The runs that are the body of a track of this run or of the runs that it came from."""
        return tuple(run for run in self.case_file.runs if run.track == track and run.parent in self._lineage())

    def answer(self, name: str, round: str = "this") -> Answer | None:  # noqa: A002 - the argument of the fact
        """
        An answer.

        Args:
            name: `field` of this step, or `activity.field` or `DEFINITION.activity.field` of another (`visits_of`).
            round: `this`, `previous` or `latest`. Of another step, `this` is its latest.

        Returns:
            The answer, or None when there is none.
        """
        element, dot, key = name.rpartition(".")
        if not dot:
            if round == "this":
                return self.this_answers.get(key)
            finished = self.finished(self._own_visits())
            return finished[-1].answers.get(key) if finished else None
        finished = self.finished(self.visits_of(element))
        back = 2 if round == "previous" else 1
        return finished[-back].answers.get(key) if len(finished) >= back else None

    def answered_on(self, name: str) -> date | None:
        """The day on which the present answer was first saved as final."""
        element, dot, key = name.rpartition(".")
        for visit in reversed(self.visits_of(element) if dot else self._own_visits()):
            if key in visit.answered_on:
                return visit.answered_on[key]
            if visit.state in COMPLETED and key in visit.answers:
                return visit.completed_on
        return None

    def finished(self, visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
        """The openings among these that were completed, in the form or afterwards; not those that were skipped."""
        return tuple(visit for visit in visits if visit.state in COMPLETED)

    def persons_in(self, answer: Answer | None) -> frozenset[str]:
        """The texts in an answer that may be ids of persons; of rows those in the first column."""
        return _persons_in(answer)

    def view(self, row: Row) -> RegisterView:
        """A row as a condition sees it."""
        return RegisterView(self.case_file, row, self.call_outcomes.get(row.id, UNKNOWN))

    def _own_visits(self) -> tuple[Visit, ...]:
        return tuple(
            visit for visit in self.case_file.visits if visit.run == self.run and visit.activity == self.activity
        )

    def _lineage(self) -> tuple[int, ...]:
        """This run and those it came from: who called it or opened its track, or the run about the whole family."""
        numbers: list[int] = []
        number: int | None = self.run
        while number is not None and number not in numbers:
            numbers.append(number)
            run = self.case_file.run(number)
            number = run.parent if run.parent is not None else self._before_it_split(run)
        return tuple(numbers)

    def _before_it_split(self, run: Run) -> int | None:
        """The run about the family that went on as this one, about one child; None when there was none."""
        subject = self.case_file.row(run.subject)
        if run.opened_as != MAIN or subject is None or subject.register != "person":
            return None
        earlier = [
            other.number
            for other in self.case_file.runs
            if other.definition == run.definition
            and other.opened_as == MAIN
            and not other.subject
            and other.number < run.number
            and other.status is RunStatus.ENDED
        ]
        return earlier[-1] if earlier else None

    def _near(self, is_meant: Callable[[Visit], bool]) -> tuple[Visit, ...]:
        own = tuple(visit for visit in self.case_file.visits if visit.run == self.run and is_meant(visit))
        if own:
            return own
        lineage = self._lineage()
        for definition in dict.fromkeys(self.case_file.run(number).definition for number in lineage):
            runs = {
                run.number
                for run in self.case_file.runs
                if run.definition == definition
                and (run.number in lineage or (run.parent in lineage and self._is_step_on_track(run)))
                and self._is_about_mine(run)
            }
            if found := tuple(visit for visit in self.case_file.visits if visit.run in runs and is_meant(visit)):
                return found
        return ()

    def _is_about_mine(self, run: Run) -> bool:
        mine = self.children()
        return not mine or run.number == self.run or bool(mine & replace(self, run=run.number).children())

    def _is_step_on_track(self, run: Run) -> bool:
        if run.opened_as != TRACK or run.parent is None:
            return False
        return self.case_file.run(run.parent).definition == run.definition

    def _persons(self, ids: frozenset[str]) -> tuple[Row, ...]:
        return tuple(row for row in self.case_file.rows("person") if row.id in ids)

    def _views(self, rows: tuple[Row, ...]) -> tuple[RegisterView, ...]:
        return tuple(self.view(row) for row in rows)

    def _rungs(self) -> Iterator[Mapping[str, Value]]:
        for answer in self.this_answers.values():
            if isinstance(answer, LadderAnswer):
                for row in rungs_of(answer):
                    yield {**row, "place_kind": PLACE_KINDS.get(str(row["rung"]), UNKNOWN)}


def _persons_in(value: Answer | None) -> frozenset[str]:
    if isinstance(value, tuple):
        members: frozenset[Scalar] = frozenset(
            member for row in value if isinstance(row, RowAnswer) for member in _first_cell(row)
        )
    else:
        plain_value = plain(value)
        members = plain_value if isinstance(plain_value, frozenset) else frozenset()
        if isinstance(plain_value, str):
            members = frozenset((plain_value,))
    return frozenset(member for member in members if isinstance(member, str) and member)


def _first_cell(row: RowAnswer) -> frozenset[Scalar]:
    value = row.cells[0][1] if row.cells else UNKNOWN
    if isinstance(value, Unknown):
        return frozenset()
    return value if isinstance(value, frozenset) else frozenset((value,))
