"""Case files for tests: rows in one line each, with the terms and calendars that ship. All persons are invented."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from padwijzer.forms.core.conditions import FactRef, Value
from padwijzer.forms.core.field_types import Answer
from padwijzer.workflows.core.calendars import load_calendars
from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row, Run, RunStatus, TermTimes, Visit, VisitState
from padwijzer.workflows.core.terms import load_terms

TODAY = date(2026, 11, 25)


@cache
def shipped_times() -> TermTimes:
    """The terms and calendars of the fixtures, in the school region `midden`."""
    fixtures = files("padwijzer") / "fixtures"
    calendars = load_calendars((fixtures / "calendars.json").read_bytes())
    region = sorted(calendars.school_days)[0] if calendars.school_days else ""
    return TermTimes(load_terms((fixtures / "terms.json").read_bytes()), calendars, region)


def a_row(register: str, key: str, /, **values: Any) -> Row:
    """A row, recorded on 1 January 2026; `from_` stands for the column `from`, `with_` for `with`."""
    return Row(key, register, {column.rstrip("_"): value for column, value in values.items()}, date(2026, 1, 1))


def a_case(*rows: Row, today: date = TODAY, **more: Any) -> CaseFile:
    """A case with these rows, and one run of V on step `step` unless other runs and visits are given."""
    registers: dict[str, tuple[Row, ...]] = {}
    for row in rows:
        registers[row.register] = (*registers.get(row.register, ()), row)
    case_file = CaseFile(
        today=today, times=shipped_times(), registers=registers, runs=(Run(0, "V", date(2026, 1, 1)),)
    )
    return replace(case_file, **more)


def a_visit(
    activity: str,
    opened_on: date,
    state: VisitState = VisitState.DONE,
    *,
    answers: Mapping[str, Answer] | None = None,
    run: int = 0,
    definition: str = "V",
    number: int = 1,
    completed_on: date | None = None,
    track: str = "",
) -> Visit:
    """One opening of a step, by default completed on the day it was opened."""
    done = completed_on or (opened_on if state is not VisitState.OPEN else None)
    return Visit(run, definition, activity, number, opened_on, state, done, track, dict(answers or {}))


def about(case_file: CaseFile, subject: str = "", *children: str, definition: str = "V") -> CaseFile:
    """The same case, where run 0 is about a row or about these children."""
    run = Run(0, definition, date(2026, 1, 1), subject, children)
    return replace(case_file, runs=(run, *(other for other in case_file.runs if other.number != 0)))


def a_lookup(case_file: CaseFile, activity: str = "step", **answers: Answer) -> CaseLookup:
    """The lookup of a step of run 0, with answers given."""
    return CaseLookup(case_file, 0, activity, answers)


def asked(lookup: CaseLookup, name: str, **arguments: str | int | tuple[str, ...]) -> Value:
    """The value of a fact; `from_` stands for the argument `from`."""
    return lookup.fact(FactRef(name, tuple(sorted((key.rstrip("_"), value) for key, value in arguments.items()))))


def a_child(key: str = "child", birth: date | None = date(2014, 5, 20), **values: Any) -> Row:
    """A child of the family."""
    return a_row("person", key, kind="child", **({"birth_date": birth} if birth else {}), **values)


def a_parent(key: str, **values: Any) -> Row:
    """A parent."""
    return a_row("person", key, kind="parent", **values)


def has_authority(person: str, child: str = "child", **values: Any) -> Row:
    """Parental authority (gezag) of a person over a child."""
    return a_row("authority", f"{person}-over-{child}", child=child, person=person, kind="gezag", **values)


__all__ = [
    "TODAY",
    "RunStatus",
    "a_case",
    "a_child",
    "a_lookup",
    "a_parent",
    "a_row",
    "a_visit",
    "about",
    "asked",
    "has_authority",
    "shipped_times",
]
