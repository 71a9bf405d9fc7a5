"""Names of facts, registers, columns, fields, choices, terms and roles: everything that is named exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from padwijzer.forms.core.conditions import (
    ALWAYS,
    Collection,
    ColumnCompare,
    Compare,
    FactRef,
    Filter,
    Offset,
    Projection,
    Right,
    Rows,
    SetCompare,
    TermRef,
    atoms,
)
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.core.catalogues import YES_NO, values_of
from padwijzer.workflows.core.definition import (
    Activity,
    Answered,
    Constant,
    FromColumn,
    FromField,
    FromRecorded,
    OpenDuty,
    Record,
    TimeBefore,
)
from padwijzer.workflows.core.exits import constants
from padwijzer.workflows.core.facts import Argument, ArgumentKind
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.scopes import Asked, Named, Scope

CHILDREN: Final = ("children", "case_children")
"""Collections of persons that are children: of the run, and of the case."""
LADDER_COLUMNS: Final = ("option", "reason", "reason_kinds")
"""Columns of the rows of a ladder: the options before the chosen one."""


def check(scope: Scope) -> Iterator[Finding]:
    """Names that lead nowhere, and comparisons with values that cannot occur."""
    for named in scope.named():
        if isinstance(named.reference, FactRef):
            yield from _fact(scope, named, named.reference)
        else:
            yield from _collection(scope, named, named.reference)
    for asked in scope.asked():
        for atom in atoms(asked.condition):
            yield from _atom(scope, asked, atom)
    for where, source, activity in scope.sources():
        if source.where is not None:
            yield from _filter(scope, Asked(where, ALWAYS, activity), source.collection, source.where)
    for where, activity in scope.activities():
        yield from _activity(scope, where, activity)
    for where, track in scope.tracks():
        if isinstance(track.opens_by, TimeBefore):
            yield from _term(scope, f"{where}.opens_by.term", track.opens_by.term)


def names_unknown_value(scope: Scope, asked: Asked) -> bool:
    """Whether a condition compares with a value that what it compares does not have at all."""
    unknown = {"structure.unknown_choice", "structure.unknown_outcome"}
    return any(finding.code in unknown for atom in atoms(asked.condition) for finding in _atom(scope, asked, atom))


def _fact(scope: Scope, named: Named, fact: FactRef) -> Iterator[Finding]:
    spec = scope.catalogue.facts.get(fact.name)
    if spec is None:
        hint = "Facts that exist: " + ", ".join(sorted(scope.catalogue.facts)) + "."
        yield scope.error("unknown_fact", named.where, f"There is no fact `{fact.name}`.", hint)
        return
    taken = {argument.name: argument for argument in spec.arguments}
    for key, value in fact.arguments:
        if key not in taken:
            yield scope.error("unknown_argument", named.where, f"The fact `{fact.name}` has no argument `{key}`.")
        else:
            yield from _argument(scope, named, taken[key], value)
    for argument in spec.arguments:
        if argument.required and argument.name not in dict(fact.arguments):
            message = f"The fact `{fact.name}` needs its argument `{argument.name}`."
            yield scope.error("missing_argument", named.where, message)
    if fact.name == "parameter" and fact.argument("key") not in {p.key for p in scope.definition.parameters}:
        yield scope.error("unknown_parameter", named.where, f"This path has no parameter `{fact.argument('key')}`.")
    if fact.name == "outcome" and not named.called:
        yield scope.error(
            "no_outcome_here", named.where, "Only the exits and rules of a step that calls can read an outcome."
        )
    if not spec.in_proof and not named.warns:
        yield scope.error(
            "fact_outside_proof",
            named.where,
            f"The fact `{fact.name}` may stand in a rule that warns, and nowhere else.",
        )


def _argument(
    scope: Scope, named: Named, argument: Argument, value: str | int | tuple[str, ...]
) -> Iterator[Finding]:
    written = str(value)
    match argument.kind:
        case ArgumentKind.FIELD:
            yield from _field(scope, named, written)
        case ArgumentKind.ROLE:
            yield from _role(scope, named.where, written)
        case ArgumentKind.PERSON | ArgumentKind.GROUP if ":" in written:
            yield from _field(scope, named, written.partition(":")[2])
        case ArgumentKind.ONE_OF | ArgumentKind.ROUND if argument.values and written not in argument.values:
            hint = "It can be: " + ", ".join(argument.values)
            yield scope.error("unknown_argument", named.where, f"`{argument.name}` cannot be `{written}`.", hint)
        case ArgumentKind.GROUPS if not isinstance(value, tuple) or not set(value) <= set(argument.values):
            hint = "It is a list of: " + ", ".join(argument.values)
            yield scope.error("unknown_argument", named.where, f"`{argument.name}` cannot be this.", hint)


def _field(scope: Scope, named: Named, written: str) -> Iterator[Finding]:
    if not written or scope.may_lack(named.activity, written):
        return
    step, dot, key = written.rpartition(".")
    if dot and scope.step(scope.place(step)) is None:
        yield scope.error("unknown_activity", named.where, f"There is no step `{step}` to read `{key}` from.")
    elif scope.field(named.activity, written) is None:
        yield scope.error("unknown_field", named.where, f"There is no field `{written}`.")


def _collection(scope: Scope, named: Named, collection: Collection) -> Iterator[Finding]:
    if collection.field:
        yield from _field(scope, named, collection.field)
    elif collection.register not in CHILDREN and collection.register not in scope.catalogue.registers:
        yield scope.error("unknown_register", named.where, f"There is no register `{collection.register}`.")


def _atom(scope: Scope, asked: Asked, atom: Compare | Rows | SetCompare) -> Iterator[Finding]:
    match atom:
        case Compare(fact, _, value):
            yield from _values(scope, asked.where, _values_of_fact(scope, asked, fact), value, fact.name)
            yield from _right_term(scope, asked.where, value)
        case Rows(collection, _, where):
            if where is not None:
                yield from _filter(scope, asked, collection, where)
        case SetCompare(left, _, right):
            for side in (left, right):
                if isinstance(side, Projection):
                    yield from _column(scope, asked, side.collection, side.column)
                    if side.where is not None:
                        yield from _filter(scope, asked, side.collection, side.where)
            if isinstance(left, FactRef) and isinstance(right, tuple):
                yield from _values(scope, asked.where, _values_of_fact(scope, asked, left), right, left.name)


def _values_of_fact(scope: Scope, asked: Asked, fact: FactRef) -> tuple[str, ...]:
    if fact.name == "answer":
        field = scope.field(asked.activity, fact.argument("field"))
        return scope.choices(field) if field else ()
    if fact.name == "parameter":
        return next((p.values for p in scope.definition.parameters if p.key == fact.argument("key")), ())
    if fact.name == "outcome" and asked.activity is not None and asked.activity.call is not None:
        return _outcomes(scope, asked.activity)
    spec = scope.catalogue.facts.get(fact.name)
    return values_of(spec) if spec else ()


def _outcomes(scope: Scope, activity: Activity) -> tuple[str, ...]:
    called = scope.other(activity.call.definition) if activity.call else None
    return called.returns if called else ()


def _written_before(activity: Activity, record: Record) -> frozenset[str]:
    """The registers that the records before one write into."""
    before = activity.records[: next(index for index, it in enumerate(activity.records) if it is record)]
    return frozenset(it.register for it in before)


def _values(scope: Scope, where: str, known: tuple[str, ...], value: Right, name: str) -> Iterator[Finding]:
    if not known:
        return
    for constant in constants(value):
        if constant not in known:
            yield scope.error(
                "unknown_outcome" if name == "outcome" else "unknown_choice",
                where,
                f"`{constant}` can never be the value here, so this condition cannot come true on it.",
                "Values that can occur: " + ", ".join(known) + ".",
            )


def _filter(scope: Scope, asked: Asked, collection: Collection, where: Filter) -> Iterator[Finding]:
    for part in where.parts:
        yield from _column(scope, asked, collection, part.column)
        yield from _column_values(scope, asked, collection, part)
        yield from _right_term(scope, asked.where, part.value)


def _column(scope: Scope, asked: Asked, collection: Collection, column: str) -> Iterator[Finding]:
    columns = _columns(scope, asked, collection)
    if columns is not None and column not in columns:
        yield scope.error(
            "unknown_column",
            asked.where,
            f"The rows here have no column `{column}`.",
            "They have: " + ", ".join(columns),
        )


def _columns(scope: Scope, asked: Asked, collection: Collection) -> dict[str, tuple[str, ...]] | None:
    """Columns of a collection with the values they can have (none: not known); None when nothing is known of it."""
    columns: dict[str, tuple[str, ...]] = {"id": ()}
    if collection.field:
        field = scope.field(asked.activity, collection.field)
        if field is None:
            return None
        if field.type == "ladder":
            columns |= dict.fromkeys(LADDER_COLUMNS, ())
        for column in field.columns:
            values = column.choices
            columns[column.key] = (
                YES_NO
                if column.type == "yes_no"
                else tuple((scope.catalogue.lists or {}).get(column.choice_list, ()))
                if column.choice_list
                else tuple(choice.key for choice in values)
            )
    else:
        register = scope.catalogue.registers.get("person" if collection.register in CHILDREN else collection.register)
        if register is None:
            return None
        columns.update(
            (column.key, YES_NO if column.type == "yes_no" else column.choices) for column in register.columns
        )
    activity = asked.activity
    call = activity.call if activity is not None and asked.called else None
    if activity is not None and call is not None and call.for_each and call.for_each.collection == collection:
        columns["outcome"] = _outcomes(scope, activity)
    return columns


def _column_values(scope: Scope, asked: Asked, collection: Collection, part: ColumnCompare) -> Iterator[Finding]:
    columns = _columns(scope, asked, collection) or {}
    yield from _values(scope, asked.where, columns.get(part.column, ()), part.value, part.column)


def _right_term(scope: Scope, where: str, value: Right) -> Iterator[Finding]:
    if isinstance(value, Offset):
        yield from _term_reference(scope, where, value.term)


def _term_reference(scope: Scope, where: str, term: TermRef) -> Iterator[Finding]:
    for key in (term.key, *(key for _, key in term.by_choice)):
        yield from _term(scope, where, key)


def _term(scope: Scope, where: str, key: str) -> Iterator[Finding]:
    terms = scope.catalogue.terms
    if key and terms is not None and key not in terms and scope.definition.whole:
        yield scope.error("unknown_term", where, f"There is no term `{key}`.", "Terms are data, in terms.json.")


def _activity(scope: Scope, where: str, activity: Activity) -> Iterator[Finding]:
    for index, performer in enumerate(activity.performers):
        yield from _role(scope, f"{where}.performers[{index}]", performer.role)
    for index, field in enumerate(activity.fields):
        yield from _declared(scope, f"{where}.fields[{index}]", activity, field)
    for index, rule in enumerate(activity.rules):
        place = f"{where}.rules[{index}]"
        for role in rule.to:
            yield from _role(scope, f"{place}.to", role)
        if rule.term is not None:
            yield from _term_reference(scope, f"{place}.term", rule.term)
        yield from _term(scope, f"{place}.look_again", rule.look_again)
    for index, record in enumerate(activity.records):
        yield from _record(scope, f"{where}.records[{index}]", activity, record)
    for index, opens in enumerate(activity.opens):
        if isinstance(opens.what, OpenDuty):
            yield from _term(scope, f"{where}.opens[{index}].term", opens.what.term)
    for index, deadline in enumerate(activity.deadlines):
        place = f"{where}.deadlines[{index}]"
        yield from _term_reference(scope, f"{place}.term", deadline.term)
        for key in (*deadline.repeats, deadline.repeats_each):
            yield from _term(scope, f"{place}.repeats", key)
        for instead in deadline.instead:
            yield from _term_reference(scope, f"{place}.instead", instead.term)
        for anchor in (deadline.start, *(instead.start for instead in deadline.instead)):
            if isinstance(anchor, Answered):
                yield from _field(scope, Named(f"{place}.from", FactRef("answer"), activity), anchor.field)
    for index, notify in enumerate(activity.notify):
        for role in notify.to:
            yield from _role(scope, f"{where}.notify[{index}].to", role)


def _role(scope: Scope, where: str, role: str) -> Iterator[Finding]:
    if scope.catalogue.roles is not None and role not in scope.catalogue.roles:
        yield scope.error("unknown_role", where, f"There is no role `{role}`.", "Roles are data, in roles.json.")


def _declared(scope: Scope, where: str, activity: Activity, field: FieldSpec) -> Iterator[Finding]:
    lists = scope.catalogue.lists
    for key in (field.choice_list, *(column.choice_list for column in field.columns)):
        if key and lists is not None and key not in lists:
            yield scope.error("unknown_list", where, f"There is no list of choices `{key}`.")
    if field.carried:
        yield from _field(scope, Named(f"{where}.carried", FactRef("answer"), activity), field.carried)


def _record(scope: Scope, where: str, activity: Activity, record: Record) -> Iterator[Finding]:
    register = scope.catalogue.registers.get(record.register)
    if register is None:
        yield scope.error("unknown_register", where, f"There is no register `{record.register}`.")
        return
    rows = activity.form.field(record.each)
    if record.each not in ("", *CHILDREN) and rows is None and scope.definition.whole:
        yield scope.error(
            "unknown_field", f"{where}.each", f"There is no field `{record.each}` with rows or persons."
        )
    if record.where is not None:
        yield from _filter(
            scope, Asked(f"{where}.where", ALWAYS, activity), Collection(record.register), record.where
        )
    for column, source in record.set:
        place = f"{where}.set.{column}"
        spec = register.column(column)
        if spec is None:
            yield scope.error("unknown_column", place, f"The register `{record.register}` has no column `{column}`.")
        elif spec.computed:
            yield scope.error("computed_column", place, f"The column `{column}` is worked out and cannot be written.")
        elif isinstance(source, Constant):
            known = YES_NO if spec.type == "yes_no" else spec.choices
            yield from _values(scope, place, known, source.value, column)
        if isinstance(source, FromField):
            yield from _field(scope, Named(place, FactRef("answer"), activity), source.field)
        elif isinstance(source, FromColumn) and not record.each:
            yield scope.error("unknown_column", place, f"`{source.column}` is a column of no rows: `each` lacks.")
        elif isinstance(source, FromColumn):
            each = Collection(record.each) if record.each in CHILDREN else Collection(field=record.each)
            yield from _column(scope, Asked(place, ALWAYS, activity), each, source.column)
        elif isinstance(source, FromRecorded) and source.register not in _written_before(activity, record):
            yield scope.error(
                "unknown_register", place, f"No earlier record of this step writes a row of `{source.register}`."
            )
    for column in record.match:
        if column not in dict(record.set):
            yield scope.error("unknown_column", f"{where}.match", f"`{column}` is matched but not set.")
