"""Conditions and fields: from JSON and back. What is written is canonical: defaults are left out."""

from __future__ import annotations

from padwijzer.forms.core.conditions import (
    ALWAYS,
    All,
    Always,
    AnyOf,
    Collection,
    ColumnCompare,
    Compare,
    Condition,
    Count,
    CountOperator,
    FactRef,
    Filter,
    Not,
    Offset,
    Operator,
    Projection,
    Quantifier,
    Right,
    Rows,
    Scalar,
    SetCompare,
    SetOperator,
    TermRef,
    depth,
)
from padwijzer.forms.core.nodes import KEY, Node, leave_out_defaults
from padwijzer.forms.core.schema import Choice, Column, FieldSpec, Nature, Privacy, Scope, Text

DEEPEST_CONDITION = 4
MOST_FILTER_LINES = 5
HIGHEST_COUNT = 10
NO_VALUE = (Operator.ANSWERED, Operator.NOT_ANSWERED)


def read_condition(node: Node) -> Condition:
    """
    A condition from JSON.

    Raises:
        Unreadable: when it is no condition, is deeper than four levels, or asks for more than the language has.
    """
    condition = _read_condition(node)
    if depth(condition) > DEEPEST_CONDITION:
        node.refuse(f"A condition may be {DEEPEST_CONDITION} levels deep. Split it over two rules.")
    return condition


def _read_condition(node: Node) -> Condition:
    if node.value == "always":
        return ALWAYS
    if node.has("all"):
        return All(node.object("all").child("all").list(_read_condition, at_least=1))
    if node.has("any"):
        return AnyOf(node.object("any").child("any").list(_read_condition, at_least=1))
    if node.has("not"):
        return Not(_read_condition(node.object("not").child("not")))
    if node.has("fact"):
        node.object("value", required=("fact", "is"))
        operator = node.child("is").member(Operator)
        return Compare(read_fact(node.child("fact")), operator, _read_right(node, operator))
    if node.has("rows"):
        node.object("where", required=("rows", "is"))
        return Rows(read_collection(node.child("rows")), _read_question(node.child("is")), _read_where(node))
    if node.has("set"):
        node.object(required=("set", "is", "value"))
        return SetCompare(
            _read_side(node.child("set")), node.child("is").member(SetOperator), _read_set_value(node.child("value"))
        )
    return node.refuse('A condition was expected here: all, any, not, fact, rows, set, or the word "always".')


def read_fact(node: Node) -> FactRef:
    """A reference to a fact: its name and named arguments. Raises: Unreadable when it is none."""
    if not node.has("name"):
        node.refuse('A fact was expected here: {"name": "…"} and its arguments.')
    name = node.child("name").key()
    return FactRef(name, tuple(sorted((key, _read_argument(child)) for key, child in node.keyed() if key != "name")))


def _read_argument(node: Node) -> str | int | tuple[str, ...]:
    if isinstance(node.value, list):
        return node.list(lambda member: member.string(), at_least=1)
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.integer()
    return node.string()


def read_term(node: Node) -> TermRef:
    """A reference to a term: a key, a choice that decides, or a setting. Raises: Unreadable when it is none."""
    if isinstance(node.value, str):
        return TermRef(key=node.key())
    if node.has("setting"):
        return TermRef(setting=node.object("setting").child("setting").key())
    node.object(required=("by_choice", "terms"))
    terms = tuple(sorted((key, child.key()) for key, child in node.child("terms").keyed()))
    return TermRef(field=node.child("by_choice").place(), by_choice=terms)


def read_collection(node: Node) -> Collection:
    """A collection of rows: a register by name, or the rows of a field. Raises: Unreadable when it is none."""
    if isinstance(node.value, str):
        return Collection(register=node.key())
    node.object("round", required=("field",))
    round_ = node.optional_string("round", "this")
    if round_ not in ("this", "previous", "latest"):
        node.child("round").refuse("this, previous or latest was expected here.")
    return Collection(field=node.child("field").place(), round=round_)


def read_filter(node: Node) -> Filter:
    """A flat filter of at most five lines. Raises: Unreadable when it is none."""
    node.object("all", "any")
    if len(node.value) != 1:
        node.refuse("A filter has either all or any.")
    joined = Quantifier.ALL if node.has("all") else Quantifier.ANY
    parts = node.child(joined.value).list(_read_column_compare, at_least=1)
    if len(parts) > MOST_FILTER_LINES:
        node.refuse(f"A filter has at most {MOST_FILTER_LINES} lines.")
    return Filter(joined, parts)


def read_constant(node: Node) -> Scalar:
    """A constant: a text or a whole number. Raises: Unreadable when it is neither."""
    return node.integer() if isinstance(node.value, int) and not isinstance(node.value, bool) else node.string()


def _read_where(node: Node) -> Filter | None:
    return read_filter(node.child("where")) if node.has("where") else None


def _read_question(node: Node) -> Quantifier | Count:
    if isinstance(node.value, str):
        return node.member(Quantifier)
    node.object("at_least", "more_than", "fewer_than")
    if len(node.value) != 1:
        node.refuse("A count has one of at_least, more_than and fewer_than.")
    ((key, number),) = node.items()
    if not 0 <= number.integer() <= HIGHEST_COUNT:
        number.refuse(f"A count is compared with 0 to {HIGHEST_COUNT}.")
    return Count(CountOperator(key), number.integer())


def _read_column_compare(node: Node) -> ColumnCompare:
    node.object("value", required=("column", "is"))
    operator: Operator | SetOperator
    operator = (
        node.child("is").member(SetOperator)
        if node.value["is"] in tuple(SetOperator)
        else node.child("is").member(Operator)
    )
    return ColumnCompare(node.child("column").key(), operator, _read_right(node, operator))


def _read_right(node: Node, operator: Operator | SetOperator) -> Right:
    if operator in NO_VALUE:
        if node.has("value"):
            node.child("value").refuse(f"`{operator}` takes no value.")
        return None
    if not node.has("value"):
        node.refuse(f"`{operator}` needs a value.")
    value = node.child("value")
    if isinstance(value.value, list):
        return value.list(read_constant)
    if isinstance(value.value, dict):
        value.object("plus", "minus", required=("fact",))
        fact = read_fact(value.child("fact"))
        if value.has("plus") and value.has("minus"):
            value.refuse("Either plus or minus, not both.")
        if value.has("plus"):
            return Offset(fact, 1, read_term(value.child("plus")))
        return Offset(fact, -1, read_term(value.child("minus"))) if value.has("minus") else fact
    return read_constant(value)


def _read_side(node: Node) -> Projection | FactRef:
    if node.has("column"):
        node.object("where", required=("column", "of"))
        return Projection(node.child("column").key(), read_collection(node.child("of")), _read_where(node))
    return read_fact(node)


def _read_set_value(node: Node) -> Projection | FactRef | tuple[Scalar, ...]:
    return node.list(read_constant) if isinstance(node.value, list) else _read_side(node)


def read_field(node: Node) -> FieldSpec:
    """A field from JSON. Raises: Unreadable when it is none."""
    node.object(
        "help", "choices", "choice_list", "columns", "each", "persons", "required", "may_be_unknown", "shown_if",
        "scope", "nature", "carried", "default", "saved_alone", "privacy", "why",
        required=("key", "label", "type"),
    )  # fmt: skip
    return FieldSpec(
        key=node.child("key").key(),
        label=node.child("label").text(),
        type=node.child("type").key(),
        help=node.optional_text("help"),
        choices=node.optional_list("choices", read_choice),
        choice_list=node.optional_string("choice_list"),
        columns=node.optional_list("columns", read_column),
        each=read_fact(node.child("each")) if node.has("each") else None,
        persons=node.optional_string("persons"),
        required=node.boolean("required", default=False),
        may_be_unknown=node.boolean("may_be_unknown", default=False),
        shown_if=read_condition(node.child("shown_if")) if node.has("shown_if") else None,
        scope=node.optional_member("scope", Scope.STEP),
        nature=node.optional_member("nature", Nature.ACT),
        carried=node.optional_string("carried"),
        default=node.optional_string("default"),
        saved_alone=node.boolean("saved_alone", default=False),
        privacy=node.optional_member("privacy", Privacy.PERSONAL),
        why=node.optional_string("why"),
    )


def read_choice(node: Node) -> Choice:
    """A choice from JSON. Raises: Unreadable when it is none."""
    node.object(required=("key", "label"))
    return Choice(node.child("key").string(KEY), node.child("label").text())


def read_column(node: Node) -> Column:
    """A column from JSON. Raises: Unreadable when it is none."""
    node.object("choices", "choice_list", "required", "persons", required=("key", "label", "type"))
    return Column(
        key=node.child("key").key(),
        label=node.child("label").text(),
        type=node.child("type").key(),
        choices=node.optional_list("choices", read_choice),
        choice_list=node.optional_string("choice_list"),
        required=node.boolean("required", default=False),
        persons=node.optional_string("persons"),
    )


def write_text(text: Text) -> dict[str, str]:
    """A text as JSON."""
    return dict(text)


def write_condition(condition: Condition) -> object:
    """A condition as JSON."""
    match condition:
        case Always():
            return "always"
        case All(parts):
            return {"all": [write_condition(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [write_condition(part) for part in parts]}
        case Not(part):
            return {"not": write_condition(part)}
        case Compare(fact, operator, value):
            return {"fact": write_fact(fact), "is": operator.value, **_write_right(operator, value)}
        case Rows(collection, question, where):
            count = {question.operator.value: question.number} if isinstance(question, Count) else question.value
            return {
                "rows": write_collection(collection),
                "is": count,
                **({"where": write_filter(where)} if where else {}),
            }
        case SetCompare(left, operator, right):
            other = list(right) if isinstance(right, tuple) else _write_side(right)
            return {"set": _write_side(left), "is": operator.value, "value": other}


def write_fact(fact: FactRef) -> dict[str, object]:
    """A fact as JSON."""
    arguments = {key: list(value) if isinstance(value, tuple) else value for key, value in fact.arguments}
    return {"name": fact.name, **arguments}


def write_term(term: TermRef) -> object:
    """A term as JSON."""
    if term.setting:
        return {"setting": term.setting}
    return {"by_choice": term.field, "terms": dict(term.by_choice)} if term.field else term.key


def write_collection(collection: Collection) -> object:
    """A collection as JSON."""
    if collection.register:
        return collection.register
    return {"field": collection.field, **({"round": collection.round} if collection.round != "this" else {})}


def write_filter(where: Filter) -> dict[str, object]:
    """A filter as JSON."""
    return {
        where.joined.value: [
            {"column": part.column, "is": part.operator.value, **_write_right(part.operator, part.value)}
            for part in where.parts
        ]
    }


def _write_right(operator: Operator | SetOperator, value: Right) -> dict[str, object]:
    if operator in NO_VALUE:
        return {}
    match value:
        case tuple():
            return {"value": list(value)}
        case FactRef():
            return {"value": {"fact": write_fact(value)}}
        case Offset(fact, sign, term):
            return {"value": {"fact": write_fact(fact), "plus" if sign > 0 else "minus": write_term(term)}}
        case _:
            return {"value": value}


def _write_side(side: Projection | FactRef) -> dict[str, object]:
    if isinstance(side, FactRef):
        return write_fact(side)
    where = {"where": write_filter(side.where)} if side.where else {}
    return {"column": side.column, "of": write_collection(side.collection), **where}


def write_field(field: FieldSpec) -> dict[str, object]:
    """A field as JSON."""
    return {
        "key": field.key,
        "label": write_text(field.label),
        "type": field.type,
        **leave_out_defaults(
            {
                "help": write_text(field.help),
                "choices": [write_choice(choice) for choice in field.choices],
                "choice_list": field.choice_list,
                "columns": [write_column(column) for column in field.columns],
                "each": write_fact(field.each) if field.each else None,
                "persons": field.persons,
                "required": field.required,
                "may_be_unknown": field.may_be_unknown,
                "shown_if": write_condition(field.shown_if) if field.shown_if else None,
                "scope": field.scope.value if field.scope is not Scope.STEP else None,
                "nature": field.nature.value if field.nature is not Nature.ACT else None,
                "carried": field.carried,
                "default": field.default,
                "saved_alone": field.saved_alone,
                "privacy": field.privacy.value if field.privacy is not Privacy.PERSONAL else None,
                "why": field.why,
            }
        ),
    }


def write_choice(choice: Choice) -> dict[str, object]:
    """A choice as JSON."""
    return {"key": choice.key, "label": write_text(choice.label)}


def write_column(column: Column) -> dict[str, object]:
    """A column as JSON."""
    return {
        "key": column.key,
        "label": write_text(column.label),
        "type": column.type,
        **leave_out_defaults(
            {
                "choices": [write_choice(choice) for choice in column.choices],
                "choice_list": column.choice_list,
                "required": column.required,
                "persons": column.persons,
            }
        ),
    }
