"""
Answers: what was answered in one step, immutable and typed.

Validating goes in a fixed order: what was posted is read; answers to hidden questions are dropped; required questions
must have an answer; the answers that count must be right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from padwijzer.forms.core.conditions import UNKNOWN, Collection, FactRef, Lookup, Unknown, Value
from padwijzer.forms.core.field_types import (
    Answer,
    Fault,
    Json,
    Parsed,
    Question,
    RowAnswer,
    field_types,
    plain,
    refused,
)
from padwijzer.forms.core.field_types.consent import COLUMNS as CONSENT_COLUMNS
from padwijzer.forms.core.schema import Column, FieldSpec, FormSpec
from padwijzer.forms.core.visibility import LookupFor, visible

UNKNOWN_POSTED: Final = "__unknown__"
"""What is posted for the answer "weet ik niet"."""


@dataclass(frozen=True, slots=True)
class Answers:
    """
    What was answered in one step.

    Args:
        values: key of a question to its typed answer; `UNKNOWN` where "weet ik niet" was the answer. A question
            without an answer is absent.
        apart: what was posted under names that the form does not have, as it came. It counts for nothing.
    """

    values: Mapping[str, Answer] = field(default_factory=dict, repr=False)
    apart: Mapping[str, object] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))
        object.__setattr__(self, "apart", MappingProxyType(dict(self.apart)))

    def value(self, key: str) -> Value:
        """What a condition sees of the answer; unknown when there is none."""
        return plain(self.values.get(key))

    def is_answered(self, key: str) -> bool:
        """Whether the question has an answer; "weet ik niet" is one."""
        return key in self.values

    def says_unknown(self, key: str) -> bool:
        """Whether it was answered with "weet ik niet"."""
        return isinstance(self.values.get(key), Unknown)

    def only(self, keys: tuple[str, ...]) -> Answers:
        """The answers to these questions."""
        return Answers({key: answer for key, answer in self.values.items() if key in keys}, self.apart)


@dataclass(frozen=True, slots=True)
class Checked:
    """
    What validating gave.

    Args:
        answers: the answers that count and are right.
        faults: key of a question to what is wrong with its answer; empty when the step can be completed.
        shown: keys of the questions that are asked, in order.
    """

    answers: Answers
    faults: Mapping[str, tuple[Fault, ...]]
    shown: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether every question that is asked was answered as it should be."""
        return not self.faults


def read(form: FormSpec, raw: Mapping[str, object]) -> tuple[Answers, dict[str, tuple[Fault, ...]]]:
    """
    What was posted, typed, and what could not be read. Nothing is required and nothing is hidden here.

    Args:
        form: what can be asked; its lists are filled in.
        raw: key of a question to what was posted: texts, lists and mappings, or JSON.
    """
    values: dict[str, Answer] = {}
    faults: dict[str, tuple[Fault, ...]] = {}
    for spec in form.fields:
        parsed = _parse(raw.get(spec.key), spec)
        if parsed.faults:
            faults[spec.key] = parsed.faults
        elif parsed.value is not None:
            values[spec.key] = parsed.value
    apart = {key: value for key, value in raw.items() if form.field(key) is None}
    return Answers(values, apart), faults


def validate(form: FormSpec, raw: Mapping[str, object], lookup_for: LookupFor) -> Checked:
    """
    Whether a step can be completed with what was posted, as far as its form is concerned.

    Args:
        form: what can be asked; its lists are filled in.
        raw: key of a question to what was posted.
        lookup_for: makes the lookup that conditions ask, for the answers that count.

    Raises:
        ValueError: for a form that could not have been published: a circle of hidden questions, a list left open.
    """
    posted, unreadable = read(form, raw)
    shown = visible(form, posted.values, lookup_for)
    counted = posted.only(shown)
    lookup = lookup_for(counted.values)
    faults: dict[str, tuple[Fault, ...]] = {}
    for spec in (spec for spec in form.fields if spec.key in shown):
        found = unreadable.get(spec.key) or tuple(_wrong(spec, counted.values.get(spec.key), lookup))
        if found:
            faults[spec.key] = found
    right = Answers({key: answer for key, answer in counted.values.items() if key not in faults}, counted.apart)
    return Checked(right, faults, shown)


def to_json(form: FormSpec, answers: Answers) -> dict[str, Json]:
    """
    The answers as JSON that RFC 8785 accepts.

    Returns:
        `values`: key to answer; `unknown`: keys answered with "weet ik niet", sorted.
    """
    kept = {key: answer for key, answer in answers.values.items() if form.field(key) is not None}
    return {
        "values": {
            spec.key: field_types()[spec.type].to_json(kept[spec.key], spec)
            for spec in form.fields
            if spec.key in kept and not answers.says_unknown(spec.key)
        },
        "unknown": sorted(key for key in kept if answers.says_unknown(key)),
    }


def from_json(form: FormSpec, data: Mapping[str, object]) -> Answers:
    """
    The answers that were kept as JSON. What the form does not know (any more) stands apart.

    Raises:
        ValueError: when a value is no answer of its type.
    """
    values: dict[str, Answer] = {}
    apart: dict[str, object] = {}
    stored = data.get("values")
    for key, value in stored.items() if isinstance(stored, Mapping) else ():
        spec = form.field(key)
        if spec is None:
            apart[key] = value
        else:
            values[key] = field_types()[spec.type].from_json(value, spec)
    unknown = data.get("unknown")
    for key in unknown if isinstance(unknown, list | tuple) else ():
        (values if form.field(key) else apart)[key] = UNKNOWN
    return Answers(values, apart)


def json_schema(form: FormSpec) -> dict[str, Json]:
    """JSON Schema (2020-12) of what can be posted for a form; whether a question is required depends on answers."""
    properties: dict[str, Json] = {}
    for spec in form.fields:
        schema = field_types()[spec.type].json_schema(spec)
        properties[spec.key] = {"anyOf": [schema, {"const": UNKNOWN_POSTED}]} if spec.may_be_unknown else schema
    return {"type": "object", "properties": properties}


def _parse(raw: object, spec: FieldSpec) -> Parsed:
    if isinstance(raw, str) and raw == UNKNOWN_POSTED:
        return Parsed(UNKNOWN) if spec.may_be_unknown else refused("must_be_known")
    return field_types()[spec.type].parse(raw, spec)


def _wrong(spec: FieldSpec, answer: Answer | None, lookup: Lookup) -> Iterator[Fault]:
    if isinstance(answer, Unknown):
        return
    columns = CONSENT_COLUMNS if spec.type == "consent" else spec.columns
    if answer is None and spec.required:
        yield Fault("nobody") if spec.each and not _group(spec, lookup) else Fault("missing")
        return
    if spec.carried:
        yield from _carried(spec, answer, lookup)
    if isinstance(answer, tuple):
        yield from _rows_wrong(spec, answer, columns, lookup)
    elif answer is not None:
        yield from _not_in_group(answer, spec, lookup)


def _rows_wrong(
    spec: FieldSpec, rows: tuple[RowAnswer, ...], columns: tuple[Column, ...], lookup: Lookup
) -> Iterator[Fault]:
    for number, row in enumerate(rows):
        for column in columns:
            for fault in _not_in_group(row.get(column.key), column, lookup):
                yield fault.at(number, column.key)
    if spec.each is None:
        return
    first = columns[0].key
    group = _group(spec, lookup)
    seen: set[object] = set()
    for number, row in enumerate(rows):
        person = row.get(first)
        if person not in group:
            yield Fault("not_in_group").at(number, first)
        elif person in seen:
            yield Fault("person_twice").at(number, first)
        seen.add(person)
    if spec.required and not group:
        yield Fault("nobody")
    elif spec.required and not group <= seen:
        yield Fault("each_person")


def _carried(spec: FieldSpec, answer: Answer | None, lookup: Lookup) -> Iterator[Fault]:
    kept = {row.id for row in answer} if isinstance(answer, tuple) else set()
    carried = lookup.rows(Collection(field=spec.carried, round="latest"))
    if any(row.get("id") and row["id"] not in kept for row in carried):
        yield Fault("carried_row_lacks")


def _group(spec: FieldSpec, lookup: Lookup) -> frozenset[object]:
    group = lookup.fact(spec.each) if spec.each else UNKNOWN
    return frozenset(group) if isinstance(group, frozenset) else frozenset()


def _not_in_group(answer: Answer, question: Question, lookup: Lookup) -> Iterator[Fault]:
    if question.type not in ("person", "persons") or isinstance(answer, Unknown):
        return
    if question.persons:
        group = lookup.fact(FactRef("persons", (("group", question.persons),)))
        allowed = group if isinstance(group, frozenset) else frozenset()
    else:
        allowed = frozenset(str(row.get("id")) for row in lookup.rows(Collection("person")))
    chosen = answer if isinstance(answer, frozenset) else frozenset((plain(answer),))
    if not chosen <= allowed:
        yield Fault("not_in_group")
