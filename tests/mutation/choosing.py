"""
With which answers a step can be completed, as far as it makes a difference.

Choices and yes/no questions that anything looks at take each value that is looked at, and one that is not; they are
combined. Dates, persons and the rest have one usual answer, and each of its variants is tried by itself. Rows are
filled in as usual or not at all, but for why help stops: everybody who is asked for consent gives it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any, Final, TypeAlias

from padwijzer.forms.core.conditions import (
    Collection,
    ColumnCompare,
    Compare,
    Condition,
    FactRef,
    Filter,
    Projection,
    Rows,
    SetCompare,
    atoms,
    evaluate,
    references,
)
from padwijzer.forms.core.field_types import AMSTERDAM, NONE_FITS, Answer, LadderAnswer, Rejection, RowAnswer
from padwijzer.forms.core.schema import Column, FieldSpec
from padwijzer.workflows.core.case_file import CaseLookup
from padwijzer.workflows.core.definition import Activity, Effect, FromColumn, FromField
from padwijzer.workflows.core.plan import Plan
from tests.mutation.cases import CHILD, PARENT, WORKER

Choosing: TypeAlias = Mapping[str, Answer]
MOST: Final = 40
"""Of one step, so many ways to answer it are tried at most."""
SPEAKING_FOR_THE_CHILD: Final = ("t4_voor", "intrek_persoon", "deel_stop_persoon", "voogd")
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "help_item": (
        "kind", "for_kind", "regime", "status", "in_this_decision", "stop_reason", "started_on", "matched_on",
    ),
    "placement": ("status", "started_on", "ended_on", "place"),
    "measure": ("from", "until", "ended_on"),
    "order": ("status", "from", "until"),
    "consent": ("person",),
}  # fmt: skip
"""Registers that count, and of their rows what anybody asks."""
WRITTEN: Final = ("status", "answer")
"""Columns of registers that a column of rows is written to, and of which each value is tried."""
COMPARED: Final = ("stop_reason",)
"""The same, but only the values that a condition compares them with are tried, and one other."""


@dataclass(frozen=True, slots=True)
class Looked:
    """
    What anything in a release looks at.

    Args:
        fields, columns: question to the constants it is compared with.
        varied: questions with rows, of which more than one is tried.
    """

    fields: Mapping[tuple[str, str, str], frozenset[object]]
    columns: Mapping[tuple[str, str, str, str], frozenset[object]]
    varied: frozenset[tuple[str, str, str]] = frozenset()


def looked_at(plan: Plan) -> Looked:
    """Every question that a condition of the release asks about, with what it is compared with."""
    fields: dict[tuple[str, str, str], set[object]] = {}
    columns: dict[tuple[str, str, str, str], set[object]] = {}
    compared, varied = _compared(plan), set()
    for definition in plan.definitions.values():
        for step in definition.activities.values():
            activity, here = step.activity, (step.place.definition, step.place.activity)
            for condition in conditions_of(activity):
                for atom in atoms(condition):
                    _look(atom, here, fields, columns)
            for record in activity.records:
                for column, source in record.set:
                    if column in WRITTEN and isinstance(source, FromColumn) and record.each:
                        columns.setdefault((*here, record.each, source.column), set()).add("*")
                    if column in COMPARED and isinstance(source, FromColumn) and record.each:
                        columns.setdefault((*here, record.each, source.column), set()).update(compared)
                        varied.add((*here, record.each))
                    if column in WRITTEN and isinstance(source, FromField):
                        fields.setdefault((*here, source.field), set()).add("*")
    return Looked(
        {key: frozenset(values) for key, values in fields.items()},
        {key: frozenset(values) for key, values in columns.items()},
        frozenset(varied),
    )


def _compared(plan: Plan) -> frozenset[object]:
    """The values that a condition compares a column of a register with, of those columns."""
    return frozenset(
        value
        for definition in plan.definitions.values()
        for step in definition.activities.values()
        for condition in conditions_of(step.activity)
        for atom in atoms(condition)
        if isinstance(atom, Rows) and atom.collection.register and atom.where is not None
        for part in atom.where.parts
        if part.column in COMPARED
        for value in _constants(part.value)
    )


def conditions_of(activity: Activity) -> Iterator[Condition]:
    """The conditions of a step that decide what happens; who is warned or told is left out."""
    found: list[Condition | None] = [activity.available]
    found += [it.when for it in activity.exits]
    found += [it.when for it in activity.opens]
    found += [it.when for it in activity.rules if it.effect is Effect.BLOCK]
    found += [it.when for it in activity.records if any(key in COLUMNS.get(it.register, ()) for key, _ in it.set)]
    if activity.call is not None:
        found.append(activity.call.goes_on_when)
    yield from (it for it in found if it is not None)


def _place(name: str, here: tuple[str, str]) -> tuple[str, str, str]:
    parts = name.split(".")
    if parts[-1] == "chosen":
        parts.pop()
    if len(parts) == 1:
        return (*here, parts[0])
    if len(parts) == 2:
        return (here[0], parts[0], parts[1])
    return (parts[0], parts[1], parts[2])


def _look(
    atom: Compare | Rows | SetCompare,
    here: tuple[str, str],
    fields: dict[tuple[str, str, str], set[object]],
    columns: dict[tuple[str, str, str, str], set[object]],
) -> None:
    for reference in references(atom):
        if isinstance(reference, FactRef):
            for name in ("field", "from", "to", "on"):
                if reference.name in ("answer", "halfway", "age", "answered_on") and reference.argument(name):
                    fields.setdefault(_place(reference.argument(name), here), set())
        elif reference.field:
            fields.setdefault(_place(reference.field, here), set())
    match atom:
        case Compare(FactRef("answer") as fact, _, value):
            fields[_place(fact.argument("field"), here)].add(frozenset(_constants(value)))
        case Rows(Collection(field=field), _, Filter(_, parts)) if field:
            _look_at_columns(parts, _place(field, here), columns)
        case SetCompare(left, _, right):
            for side in (left, right):
                if isinstance(side, Projection) and side.collection.field and side.where is not None:
                    _look_at_columns(side.where.parts, _place(side.collection.field, here), columns)
            if isinstance(left, FactRef) and left.name == "answer" and isinstance(right, tuple):
                fields[_place(left.argument("field"), here)].add(frozenset(right))


def _look_at_columns(
    parts: Sequence[ColumnCompare],
    field: tuple[str, str, str],
    columns: dict[tuple[str, str, str, str], set[object]],
) -> None:
    for part in parts:
        columns.setdefault((*field, part.column), set()).update(_constants(part.value))


def _constants(value: object) -> tuple[object, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str | int) else ()


def ways_to_answer(looked: Looked, definition: str, activity: Activity, lookup: CaseLookup) -> list[Choosing]:
    """
    With what a step can be completed.

    Args:
        looked: what the release looks at.
        definition: key of the definition of the step.
        activity: the step.
        lookup: the case, seen from the step.
    """
    combined: list[tuple[str, Sequence[Answer | None]]] = []
    apart: list[tuple[str, Sequence[Answer | None]]] = []
    for field in activity.fields:
        place = (definition, activity.key, field.key)
        seen = looked.fields.get(place)
        values = _values(field, seen, looked, place, lookup) or [None]
        if seen is not None and field.type in ("choice", "yes_no", "ladder"):
            combined.append((field.key, values))
        else:
            apart.append((field.key, values))
    usual: dict[str, Answer | None] = {key: values[0] for key, values in (*combined, *apart)}
    made: dict[tuple[tuple[str, Answer], ...], Choosing] = {}
    keys = [key for key, _ in combined]
    for chosen in product(*(values for _, values in combined)):
        answers = {**usual, **dict(zip(keys, chosen, strict=True))}
        for key, value in [("", None), *((key, value) for key, values in apart for value in values[1:])]:
            shown = _shown(activity, {**answers, key: value} if key else answers, lookup)
            if shown is not None:
                made.setdefault(tuple(sorted(shown.items(), key=lambda it: it[0])), shown)
    return list(made.values())[:MOST]


def _shown(activity: Activity, answers: Mapping[str, Answer | None], lookup: CaseLookup) -> Choosing | None:
    """The answers to questions that are asked; None when one that is required lacks."""
    given: dict[str, Answer] = {}
    for field in activity.fields:
        if field.shown_if is not None and evaluate(field.shown_if, lookup.answering(given)) is not True:
            continue
        value = answers.get(field.key)
        if value is not None:
            given[field.key] = value
        elif field.required and field.each is None:
            return None
    return given


def _values(
    field: FieldSpec,
    seen: frozenset[object] | None,
    looked: Looked,
    place: tuple[str, str, str],
    lookup: CaseLookup,
) -> list[Answer | None]:
    today = lookup.case_file.today
    absent: list[Answer | None] = [] if field.required else [None]
    if seen is None and absent and field.type != "rows":
        return absent
    match field.type:
        case "yes_no":
            return [*(("nee", "ja") if seen is not None else ("nee",)), *absent]
        case "choice":
            keys = [it.key for it in field.choices] or ["gezinshulp"]
            return [*(keys[:1] if seen is None else told_apart(keys, seen)), *absent]
        case "choices":
            keys = [it.key for it in field.choices] or ["inhoud", "weigering"]
            every = frozenset(keys)
            tests = [it for it in seen or () if isinstance(it, frozenset)]
            tested = frozenset(it for test in tests for it in test if isinstance(it, str))
            return [every, *([tested] if seen and tested and tested != every else [frozenset(keys[:1])]), *absent]
        case "date":
            if seen is None:
                return [today, *absent]
            return [today, today + timedelta(days=200), *absent]
        case "moment":
            return [datetime(today.year, today.month, today.day, 9, tzinfo=AMSTERDAM), *absent]
        case "person":
            return [PARENT if field.key in SPEAKING_FOR_THE_CHILD else _somebody(field.persons, field.key), *absent]
        case "persons":
            return [frozenset(_people(field.persons, field.key)), *absent]
        case "number":
            return [1, *absent]
        case "rows":
            return [*_rows(field, looked, place, lookup), *(absent if seen is not None or not field.required else [])]
        case "ladder":
            return list(_ladders(field))
        case "file":
            return [None]
        case _:
            return ["x", *absent]


def told_apart(keys: Sequence[str], tests: frozenset[object]) -> list[str]:
    """Of the values of a question one of each sort, as far as conditions tell them apart."""
    if "*" in tests:
        return list(keys)
    sorts: dict[tuple[bool, ...], str] = {}
    for key in keys:
        sorts.setdefault(tuple(isinstance(test, frozenset) and key in test for test in sorted(tests, key=str)), key)
    return list(sorts.values())


def _choices(keys: Sequence[str], seen: frozenset[object] | None) -> list[str]:
    if seen is None:
        return [keys[0]]
    if "*" in seen:
        return list(keys)
    tested = [key for key in keys if key in seen]
    others = [key for key in keys if key not in seen]
    return [*others[:1], *tested]


def _somebody(group: str, key: str) -> str:
    if group in ("professionals", "contact_person"):
        return WORKER
    if group in ("children", "children_of_run", "youths", "child") or "kind" in key:
        return CHILD
    return PARENT if group else WORKER


def _people(group: str, key: str) -> tuple[str, ...]:
    if group in ("children", "children_of_run", "youths") or "kind" in key:
        return (CHILD,)
    return (CHILD, PARENT)


def _ladders(field: FieldSpec) -> Iterator[Answer]:
    keys = [choice.key for choice in field.choices]
    rungs = [key for key in keys if key != NONE_FITS]
    for chosen in dict.fromkeys((*rungs[:2], *rungs[-1:], *keys[-1:])):
        lower = rungs if chosen == NONE_FITS else rungs[: rungs.index(chosen)]
        yield LadderAnswer(chosen, tuple(Rejection(rung, "x", frozenset(("inhoud",))) for rung in lower))
    if len(rungs) > 1:
        yield LadderAnswer(rungs[1], (Rejection(rungs[0]),))


def _rows(field: FieldSpec, looked: Looked, place: tuple[str, str, str], lookup: CaseLookup) -> Iterator[Answer]:
    if field.each is not None:
        who = lookup.fact(field.each)
        people = sorted(str(it) for it in who) if isinstance(who, frozenset) else []
    else:
        people = [""]
    if not people or (not field.required and field.each is None and not _is_seen(looked, place)):
        return
    usual = {it.key: _cell(it, lookup) for it in field.columns}
    variants: list[dict[str, object]] = [usual]
    for column in field.columns:
        seen = looked.columns.get((*place, column.key))
        if seen is None:
            continue
        if place not in looked.varied:
            continue
        values = [it for it in _cell_values(column, seen) if it != usual[column.key]]
        variants += [{**usual, column.key: value} for value in values]
    for cells in variants:
        yield tuple(RowAnswer("", _cells(field, cells, person)) for person in people)


def _cells(field: FieldSpec, cells: Mapping[str, Any], person: str) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (it.key, person if person and it.type == "person" else cells[it.key])
        for it in field.columns
        if cells[it.key] is not None
    )


def _is_seen(looked: Looked, place: tuple[str, str, str]) -> bool:
    return place in looked.fields or any(key[:3] == place for key in looked.columns)


def _cell(column: Column, lookup: CaseLookup) -> object:
    match column.type:
        case "choice":
            return column.choices[0].key if column.choices else "gezinshulp"
        case "choices":
            return frozenset(it.key for it in column.choices[:1]) or frozenset(("inhoud",))
        case "yes_no":
            return "nee"
        case "date":
            return lookup.case_file.today
        case "person":
            return CHILD if column.key in ("kind", "voor") else PARENT
        case "persons":
            return frozenset((CHILD, PARENT))
        case "number":
            return 1
        case _:
            return "x"


def _cell_values(column: Column, seen: frozenset[object]) -> Sequence[object]:
    match column.type:
        case "choice":
            return _choices([it.key for it in column.choices] or ["gezinshulp"], seen)
        case "yes_no":
            return ("nee", "ja")
        case _:
            return (None,) if not column.required else ()
