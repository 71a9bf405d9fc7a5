"""
What completing a step writes into the registers, what that makes of a case, and what happened by it.

Pure: changes are values, applying them gives another case file. A computed column is never written, a row of a
register that is only added to is never changed, and an unanswered question leaves its column alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from padwijzer.forms.core.answers import Answers
from padwijzer.forms.core.conditions import (
    UNKNOWN,
    Collection,
    Scalar,
    Unknown,
    Value,
    evaluate,
    is_answered,
    matching,
)
from padwijzer.forms.core.field_types import Json, RowAnswer, rows_of
from padwijzer.forms.core.field_types.date import read_day
from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row
from padwijzer.workflows.core.consent import ConsentState, consent_on
from padwijzer.workflows.core.deadlines import day_of_age, local_day
from padwijzer.workflows.core.definition import (
    Activity,
    Constant,
    FromColumn,
    FromFact,
    FromField,
    FromRecorded,
    Record,
    RecordEvent,
    Source,
)
from padwijzer.workflows.core.facts.order_kinds import NO_LONGER
from padwijzer.workflows.core.facts.placement_count import has_begun, has_ended
from padwijzer.workflows.core.facts.running_measure import ADULT, last_day
from padwijzer.workflows.core.registers import ColumnSpec, RegisterSpec, registers

CHILDREN: Final = "children"
"""What a record walks that is done once for each child about whom the run is."""
CONSENTED: Final = ("help_item", "placement", "sharing")
"""Registers whose rows consent is asked for."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """
    A row that is added or changed.

    Args:
        register: key of the register.
        row: id of the row.
        values: column to new value; other columns stay as they are.
        is_new: whether the row is added.
    """

    register: str
    row: str
    values: Mapping[str, Value] = field(repr=False)
    is_new: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """
    Something that happened to a register.

    Args:
        event: what.
        register: key of the register.
        row: id of the row.
        on: the day on which it happened, as it was entered.
        child: id of the child it is about, empty when it is about nobody in particular.
    """

    event: RecordEvent
    register: str
    row: str
    on: date
    child: str = ""


def changes(
    activity: Activity, answers: Answers, lookup: CaseLookup, subject: Row | None, new_id: Callable[[], str]
) -> tuple[RowChange, ...]:
    """
    What completing a step writes.

    Args:
        activity: the step.
        answers: its answers.
        lookup: the case as it is before, and this step.
        subject: the row that the run is about.
        new_id: makes an id for a row that is added.

    Returns:
        The changes in order; a later one may change what an earlier one added.
    """
    made: list[RowChange] = []
    for record in activity.records:
        now = replace(lookup, case_file=applied(lookup.case_file, made), this_answers=answers.values)
        if record.when is None or evaluate(record.when, now) is True:
            spec = registers()[record.register]
            made.extend(_Recording(record, spec, answers, now, subject, new_id, tuple(made)).changes())
    return tuple(made)


def applied(case_file: CaseFile, made: Iterable[RowChange]) -> CaseFile:
    """
    The case with changes in its registers.

    Raises:
        KeyError: when a change is about a row or a register that is not there.
        ValueError: when it would change a row that is only ever added.
    """
    for change in made:
        register = registers()[change.register]
        rows = list(case_file.rows(change.register))
        if change.is_new:
            rows.append(Row(change.row, change.register, MappingProxyType(dict(change.values)), case_file.today))
        else:
            if register.append_only:
                message = f"Rows of {change.register} are added, never changed."
                raise ValueError(message)
            place = next((index for index, row in enumerate(rows) if row.id == change.row), None)
            if place is None:
                raise KeyError(change.row)
            rows[place] = replace(rows[place], values=MappingProxyType({**rows[place].values, **change.values}))
        case_file = case_file.with_rows(change.register, rows)
    return case_file


def happened(before: CaseFile, after: CaseFile) -> tuple[Happened, ...]:
    """
    What happened to the registers between two states of a case: by changes, or by the clock.

    Args:
        before: the case as it was, on the day it was looked at.
        after: the case as it is.

    Returns:
        The events, by register in the order of their rows.
    """
    return (*_begun(before, after), *_added(before, after), *_completed(before, after))


def identified(answers: Answers, new_id: Callable[[], str]) -> Answers:
    """The answers with an identity for each new row, which it keeps when it is carried to later steps."""

    def with_id(row: RowAnswer) -> RowAnswer:
        return row if row.id else replace(row, id=new_id())

    return replace(
        answers,
        values={
            key: tuple(with_id(row) for row in answer) if isinstance(answer, tuple) else answer
            for key, answer in answers.values.items()
        },
    )


def stored(change: RowChange) -> dict[str, Json]:
    """The values of a change as JSON: dates as ISO 8601, numbers as text, sets as sorted lists."""
    return {column: _to_json(value) for column, value in change.values.items()}


def read_row(id: str, register: str, data: Mapping[str, object], recorded_on: date) -> Row:  # noqa: A002 - as in Row
    """
    A row from the JSON in which its values are kept. Columns that the register no longer has are left out.

    Raises:
        KeyError: when there is no such register.
        ValueError: when a value is none of its column's type.
    """
    spec = registers()[register]
    columns = ((column, data[column.key]) for column in spec.columns if data.get(column.key) is not None)
    values = {column.key: _from_json(value, column) for column, value in columns if not column.computed}
    return Row(id, register, MappingProxyType(values), recorded_on)


# Changes


@dataclass(frozen=True, slots=True)
class _Recording:
    """
    One record of a step, while it is carried out.

    Args:
        lookup: the case as earlier records left it.
        earlier: what those changed.
    """

    record: Record
    spec: RegisterSpec
    answers: Answers
    lookup: CaseLookup
    subject: Row | None
    new_id: Callable[[], str]
    earlier: tuple[RowChange, ...] = ()

    def changes(self) -> Iterator[RowChange]:
        """What it changes: once, or once for each row of the question it walks."""
        if not self.record.each:
            yield from self.once({})
            return
        made: list[RowChange] = []
        for row in self._walked():
            now = replace(self, lookup=replace(self.lookup, case_file=applied(self.lookup.case_file, made)))
            made.extend(now.once(row))
        yield from made

    def once(self, row: Mapping[str, Value]) -> Iterator[RowChange]:
        """What it changes for one row of the question it walks; for an empty one when it walks none."""
        values = self._values(row)
        if not values or not set(self.record.match) <= set(values):
            return
        if self.record.where is not None:
            everything = self.lookup.rows(Collection(self.spec.key))
            for view in matching(everything, self.record.where, self.lookup):
                yield RowChange(self.spec.key, str(view["id"]), values, is_new=False)
            return
        if self.record.subject:
            if self.subject is not None and self.subject.register == self.spec.key:
                yield RowChange(self.spec.key, self.subject.id, values, is_new=False)
            return
        identity = self._identity(row)
        same = self._matching(values, identity)
        if self.spec.append_only:
            if any(_holds(found, values) for found in same):
                return
            same = []
        for found in same:
            yield RowChange(self.spec.key, found.id, values, is_new=False)
        if not same:
            yield RowChange(self.spec.key, self._free_id(identity), values, is_new=True)

    def _walked(self) -> Iterator[Mapping[str, Value]]:
        """The rows of a question, its persons, or the children about whom the run is."""
        if self.record.each == CHILDREN:
            yield from ({"id": child} for child in sorted(self.lookup.children()))
        else:
            yield from rows_of(self.answers.values.get(self.record.each))

    def _identity(self, row: Mapping[str, Value]) -> str:
        """The id of the row that is walked, where that can be the id of a row of the register."""
        is_row = isinstance(self.answers.values.get(self.record.each), tuple)
        return str(row.get("id", "")) if is_row or self.spec.key == "person" else ""

    def _matching(self, values: Mapping[str, Value], identity: str) -> list[Row]:
        """The rows that it is about: those that match, or the one that the answered row itself is."""
        rows = self.lookup.case_file.rows(self.spec.key)
        if self.record.match:
            return [row for row in rows if _holds(row, {key: values[key] for key in self.record.match})]
        return [row for row in rows if identity and row.id == identity]

    def _free_id(self, identity: str) -> str:
        return identity if identity and self.lookup.case_file.row(identity) is None else self.new_id()

    def _values(self, row: Mapping[str, Value]) -> dict[str, Value]:
        """What is set; nothing when questions are asked for it and none of them was answered."""
        values: dict[str, Value] = {}
        asked = answered = 0
        for key, source in self.record.set:
            value = self._value(source, row)
            if isinstance(source, FromField | FromColumn):
                asked += 1
                answered += is_answered(value)
            column = self.spec.column(key)
            if column is not None and not column.computed:
                fitting = _fitting(value, column)
                if not isinstance(fitting, Unknown):
                    values[key] = fitting
        return values if answered or not asked else {}

    def _value(self, source: Source, row: Mapping[str, Value]) -> Value:
        match source:
            case FromField(key):
                return self.answers.value(key)
            case FromColumn(key):
                return row.get(key, UNKNOWN)
            case FromFact(fact):
                return self.lookup.fact(fact)
            case FromRecorded(register):
                rows = (change.row for change in reversed(self.earlier) if change.register == register)
                return next(rows, UNKNOWN)
            case Constant(value):
                return value


def _holds(row: Row, values: Mapping[str, Value]) -> bool:
    return all(row.get(key) == value for key, value in values.items())


def _fitting(value: Value, column: ColumnSpec) -> Value:
    """A value in the shape of its column: one person in a set of persons, a moment in its day."""
    if isinstance(value, Unknown) or not is_answered(value):
        return UNKNOWN
    if column.type in ("persons", "choices"):
        return value if isinstance(value, frozenset) else frozenset[Scalar]((value,))
    if isinstance(value, frozenset):
        return next(iter(value)) if len(value) == 1 else UNKNOWN
    if column.type == "date":
        return local_day(value) if isinstance(value, date) else UNKNOWN
    if column.choices and value not in column.choices:
        return UNKNOWN
    return value


# What happened


Moment = Callable[[CaseFile, Row], date | None]
"""The day on which something has happened to a row; None while it has not."""


def _since(column: str, *statuses: str) -> Moment:
    """The day in a column once it has come; without that day, today once the status says so."""

    def found(case_file: CaseFile, row: Row) -> date | None:
        day = row.day(column)
        if day is not None:
            return day if day <= case_file.today else None
        return case_file.today if row.text("status") in statuses else None

    return found


def _measure_started(case_file: CaseFile, row: Row) -> date | None:
    first = row.day("from") or row.day("ruling_on") or row.recorded_on
    return first if first <= case_file.today else None


def _measure_ended(case_file: CaseFile, row: Row) -> date | None:
    """The day on which it was ended, the last day that is over, or the 18th birthday of the child."""
    child = case_file.person(row.text("child"))
    birth = child.day("birth_date") if child else None
    adult = day_of_age(birth, case_file.times.age(ADULT)) if birth else None
    ended, last, today = row.day("ended_on"), last_day(row), case_file.today
    days = [day for day in (ended, adult) if day is not None and day <= today]
    return min([*days, *([last] if last is not None and last < today else [])], default=None)


def _order_ended(case_file: CaseFile, row: Row) -> date | None:
    last = row.day("until")
    if last is not None and last < case_file.today:
        return last
    return case_file.today if row.text("status") in NO_LONGER else None


def _placement_started(case_file: CaseFile, row: Row) -> date | None:
    return (row.day("started_on") or case_file.today) if has_begun(row, case_file.today) else None


def _placement_ended(case_file: CaseFile, row: Row) -> date | None:
    if not has_begun(row, case_file.today) or not has_ended(row, case_file.today):
        return None
    return row.day("ended_on") or case_file.today


def _came_home(case_file: CaseFile, row: Row) -> date | None:
    return _placement_ended(case_file, row) if row.text("ended_to") == "home" else None


BEGUN: Final[tuple[tuple[str, RecordEvent, Moment], ...]] = (
    ("help_item", RecordEvent.HELP_MATCHED, _since("matched_on", "matched")),
    ("help_item", RecordEvent.HELP_STARTED, _since("started_on", "running")),
    ("help_item", RecordEvent.HELP_STOPPED, _since("ended_on", "stopped")),
    ("measure", RecordEvent.MEASURE_STARTED, _measure_started),
    ("measure", RecordEvent.MEASURE_ENDED, _measure_ended),
    ("order", RecordEvent.ORDER_ENDED, _order_ended),
    ("placement", RecordEvent.PLACEMENT_STARTED, _placement_started),
    ("placement", RecordEvent.PLACEMENT_ENDED, _placement_ended),
    ("placement", RecordEvent.CAME_HOME, _came_home),
)
"""Register, event, and when it has happened to a row."""
ADDED: Final = (
    ("consent", "withdrawal", RecordEvent.CONSENT_WITHDRAWN),
    ("deviation", "", RecordEvent.DEVIATION_MADE),
)
"""Register, kind of row (empty: any), and the event that adding such a row is."""


def _begun(before: CaseFile, after: CaseFile) -> Iterator[Happened]:
    for register, event, moment in BEGUN:
        known = {row.id: row for row in before.rows(register)}
        for row in after.rows(register):
            day = moment(after, row)
            earlier = known.get(row.id)
            if day is not None and (earlier is None or moment(before, earlier) is None):
                yield Happened(event, register, row.id, day, row.text("child"))


def _added(before: CaseFile, after: CaseFile) -> Iterator[Happened]:
    for register, kind, event in ADDED:
        known = {row.id for row in before.rows(register)}
        for row in after.rows(register):
            if row.id not in known and kind in ("", row.text("kind")):
                yield Happened(event, register, row.id, row.day("on") or row.recorded_on)


def _completed(before: CaseFile, after: CaseFile) -> Iterator[Happened]:
    for register in CONSENTED:
        known = {row.id: row for row in before.rows(register)}
        for row in after.rows(register):
            now = consent_on(after, row, after.today)
            if now.state is not ConsentState.COMPLETE or now.completed_on is None:
                continue
            earlier = known.get(row.id)
            if earlier is None or consent_on(before, earlier, before.today).state is not ConsentState.COMPLETE:
                child = row.text("child")
                yield Happened(RecordEvent.CONSENT_COMPLETE, register, row.id, now.completed_on, child)


# JSON


def _to_json(value: Value) -> Json:
    match value:
        case frozenset():
            return sorted(str(member) for member in value)
        case date():
            return local_day(value).isoformat()
        case int() | Decimal():
            return format(Decimal(value), "f")
        case str():
            return value
        case _:
            return None


def _from_json(value: object, column: ColumnSpec) -> Value:
    match column.type:
        case "persons" | "choices" if isinstance(value, list | tuple):
            return frozenset[Scalar](str(member) for member in value)
        case "date" if isinstance(value, str) and (day := read_day(value)) is not None:
            return day
        case "number" if isinstance(value, str) and re.fullmatch(r"-?[0-9]+([.][0-9]+)?", value):
            return Decimal(value)
        case "text" | "choice" | "yes_no" | "person" | "row" if isinstance(value, str):
            return value
    message = f"What is kept in column {column.key} is no {column.type}."
    raise ValueError(message)
