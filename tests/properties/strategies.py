"""Generators of definitions and of what they are made of: everything the language can say, and nothing it cannot."""

from __future__ import annotations

from typing import Protocol, TypeVar

from hypothesis import strategies as st

from padwijzer.forms.core.conditions import (
    ALWAYS,
    All,
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
    SetCompare,
    SetOperator,
    TermRef,
)
from padwijzer.forms.core.schema import Choice, Column, FieldSpec, Nature, Privacy, Scope, Text
from padwijzer.workflows.core.definition import (
    Activity,
    Anchor,
    Answered,
    AtAge,
    Before,
    ByHand,
    Call,
    Completed,
    Constant,
    Deadline,
    Detour,
    Effect,
    End,
    Exit,
    FromColumn,
    FromFact,
    FromField,
    FromRecorded,
    Goto,
    Instead,
    Interrupt,
    Jump,
    Kind,
    Moment,
    Notify,
    Obligation,
    OnDate,
    OnEvent,
    Open,
    OpenDuty,
    Opened,
    OpenTrack,
    Owner,
    Parameter,
    Performer,
    PreviousRound,
    ProcessDefinition,
    Record,
    RecordEvent,
    Return,
    RowsSource,
    Rule,
    RunScope,
    TimeBefore,
    Track,
)

few = 2
"""As many of a thing as a generated definition has at most: two show every rule about order."""

NO_VALUE = (Operator.ANSWERED, Operator.NOT_ANSWERED)
DEEPEST_CONDITION = 4
LARGEST = 2**53 - 1

keys = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True)
definition_keys = st.from_regex(r"[A-Z][A-Z0-9]{0,3}(-[A-Z0-9]{1,6})?", fullmatch=True)
places = st.one_of(
    keys,
    st.builds("{}.{}".format, keys, keys),
    st.builds("{}.{}".format, definition_keys, keys),
)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
numbers = st.integers(-LARGEST, LARGEST)
scalars = st.one_of(words, numbers)


class Keyed(Protocol):
    """Something with a key of its own."""

    @property
    def key(self) -> str:
        """Its key."""


T = TypeVar("T")
K = TypeVar("K", bound=Keyed)


def some(values: st.SearchStrategy[T], *, least: int = 0) -> st.SearchStrategy[tuple[T, ...]]:
    """A short tuple of these values."""
    return st.lists(values, min_size=least, max_size=max(least, few)).map(tuple)


def unique(values: st.SearchStrategy[K], *, least: int = 0) -> st.SearchStrategy[tuple[K, ...]]:
    """A short tuple of these values, each with a key of its own."""
    return st.lists(values, min_size=least, max_size=max(least, few), unique_by=lambda value: value.key).map(tuple)


def pairs(values: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[tuple[str, T], ...]]:
    """Key and value, each key once, in alphabetical order."""
    return st.dictionaries(keys, values, max_size=few).map(lambda found: tuple(sorted(found.items())))


def or_none(values: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """These values, or None."""
    return st.none() | values


def or_empty(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """These texts, or none."""
    return st.just("") | values


texts: st.SearchStrategy[Text] = st.builds(
    lambda dutch, others: tuple(sorted({**others, "nl": dutch}.items())),
    words.filter(bool),
    st.dictionaries(st.sampled_from(["en", "fy", "pap-AW"]), words, max_size=1),
)
texts_or_none = st.just(()) | texts

arguments = st.one_of(words, numbers, st.lists(words, min_size=1, max_size=2).map(tuple))
facts = st.builds(
    FactRef,
    keys,
    st.dictionaries(keys.filter(lambda key: key != "name"), arguments, max_size=2).map(
        lambda found: tuple(sorted(found.items()))
    ),
)
terms = st.one_of(
    st.builds(lambda key: TermRef(key=key), keys),
    st.builds(lambda key: TermRef(setting=key), keys),
    st.builds(lambda field, by_choice: TermRef(field=field, by_choice=by_choice), places, pairs(keys)),
)
collections = st.one_of(
    st.builds(lambda key: Collection(register=key), keys),
    st.builds(
        lambda field, round_: Collection(field=field, round=round_),
        places,
        st.sampled_from(["this", "previous", "latest"]),
    ),
)
rights: st.SearchStrategy[Right] = st.one_of(
    scalars, some(scalars), facts, st.builds(Offset, facts, st.sampled_from([1, -1]), terms)
)


VALUED = [operator for operator in Operator if operator not in NO_VALUE]
column_compares = st.one_of(
    st.builds(ColumnCompare, keys, st.sampled_from([*VALUED, *SetOperator]), rights),
    st.builds(ColumnCompare, keys, st.sampled_from(NO_VALUE)),
)
filters = st.builds(
    Filter,
    st.sampled_from([Quantifier.ALL, Quantifier.ANY]),
    st.lists(column_compares, min_size=1, max_size=3).map(tuple),
)
filters_or_none = or_none(filters)
questions = st.one_of(
    st.sampled_from(Quantifier), st.builds(Count, st.sampled_from(CountOperator), st.integers(0, 10))
)
projections = st.builds(Projection, keys, collections, filters_or_none)
sides = st.one_of(projections, facts.filter(lambda fact: "column" not in dict(fact.arguments)))
comparisons: st.SearchStrategy[Condition] = st.one_of(
    st.just(ALWAYS),
    st.builds(Compare, facts, st.sampled_from(VALUED), rights),
    st.builds(Compare, facts, st.sampled_from(NO_VALUE)),
    st.builds(Rows, collections, questions, filters_or_none),
    st.builds(SetCompare, sides, st.sampled_from(SetOperator), st.one_of(sides, some(scalars))),
)


def conditions_of_depth(depth: int) -> st.SearchStrategy[Condition]:
    """Conditions of at most that depth; a comparison alone is 1."""
    if depth == 1:
        return comparisons
    below = st.deferred(lambda: conditions_of_depth(depth - 1))
    parts = st.lists(below, min_size=1, max_size=2).map(tuple)
    return st.one_of(comparisons, parts.map(All), parts.map(AnyOf), below.map(Not))


conditions = conditions_of_depth(DEEPEST_CONDITION)
conditions_or_none = or_none(comparisons | conditions_of_depth(2))

choices = st.builds(Choice, keys, texts)
columns = st.builds(Column, keys, texts, keys, some(choices), or_empty(words), st.booleans(), or_empty(words))
fields = st.builds(
    FieldSpec,
    keys, texts, keys,
    help=texts_or_none, choices=some(choices), choice_list=or_empty(words), columns=some(columns),
    each=or_none(facts), persons=or_empty(words), required=st.booleans(), may_be_unknown=st.booleans(),
    shown_if=conditions_or_none, scope=st.sampled_from(Scope), nature=st.sampled_from(Nature),
    carried=or_empty(places), default=or_empty(words), saved_alone=st.booleans(),
    privacy=st.sampled_from(Privacy), why=or_empty(words),
)  # fmt: skip

targets = st.one_of(
    st.builds(Goto, keys),
    st.builds(Jump, definition_keys, or_empty(keys)),
    st.builds(Interrupt, definition_keys),
    st.builds(Detour, definition_keys),
    st.builds(Return, keys),
    st.builds(End),
)
exits = st.builds(Exit, targets, conditions_or_none)
row_sources = st.builds(RowsSource, collections, filters_or_none)
calls = st.builds(
    Call, definition_keys, or_none(row_sources), conditions_or_none, pairs(keys), or_none(st.sampled_from(Obligation))
)
rules = st.builds(
    Rule,
    conditions, st.sampled_from(Effect), texts, words, st.booleans(), or_none(st.sampled_from(Obligation)),
    or_empty(keys), or_empty(keys), or_none(terms), some(keys),
)  # fmt: skip
sources = st.one_of(
    st.builds(FromField, keys),
    st.builds(FromColumn, keys),
    st.builds(FromFact, facts),
    st.builds(FromRecorded, keys),
    st.builds(Constant, scalars),
)
records = st.builds(
    Record, keys, pairs(sources), or_empty(keys), st.booleans(), some(keys), conditions_or_none, filters_or_none
)
opens = st.builds(
    Open,
    st.one_of(
        st.builds(OpenTrack, keys), st.builds(OpenDuty, keys, texts, or_empty(keys), some(places), st.booleans())
    ),
    st.sampled_from(Moment), st.sampled_from(Owner), conditions_or_none, or_none(row_sources),
)  # fmt: skip
fallbacks = st.one_of(
    st.builds(Opened, places),
    st.builds(Completed, places),
    st.builds(OnDate, facts),
    st.builds(OnEvent, st.sampled_from(RecordEvent)),
)
anchors: st.SearchStrategy[Anchor] = st.one_of(
    fallbacks,
    st.builds(Answered, places, or_none(scalars)),
    st.builds(AtAge, numbers),
    st.builds(Before, facts),
    st.builds(PreviousRound, fallbacks),
)
deadlines = st.builds(
    Deadline, terms, anchors, some(keys), or_empty(keys), some(st.builds(Instead, comparisons, terms, anchors)),
    some(numbers),
)  # fmt: skip
notifications = st.builds(Notify, some(keys, least=1), texts, conditions_or_none)
performers = st.builds(Performer, keys, st.booleans())


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    """A step of any kind; a call calls something, and nothing else does."""
    kind = draw(st.sampled_from(Kind))
    return Activity(
        key=draw(keys),
        reference=draw(words),
        title=draw(texts),
        kind=kind,
        obligation=draw(st.sampled_from(Obligation)),
        exits=draw(some(exits, least=1)),
        instruction=draw(texts_or_none),
        grounds=draw(some(words)),
        meanings=draw(some(keys)),
        performers=draw(some(performers)),
        available=draw(conditions_or_none),
        unavailable=draw(or_none(targets)),
        fields=draw(unique(fields)),
        rules=draw(some(rules)),
        records=draw(some(records)),
        opens=draw(some(opens)),
        deadlines=draw(some(deadlines)),
        skip=draw(or_none(targets)),
        notify=draw(some(notifications)),
        shows=draw(some(keys)),
        skippable=draw(st.booleans()),
        unblockable=draw(st.booleans()),
        call=draw(calls) if kind is Kind.CALL else None,
        stays_open=draw(st.booleans()),
        minutes=draw(numbers),
    )


@st.composite
def tracks(draw: st.DrawFn) -> Track:
    """A track, with an activity or a definition as its body."""
    own = draw(st.booleans())
    return Track(
        key=draw(keys),
        title=draw(texts),
        opens_by=draw(
            st.one_of(
                st.sampled_from(ByHand),
                st.builds(AtAge, numbers),
                st.builds(TimeBefore, facts, keys),
                st.builds(OnEvent, st.sampled_from(RecordEvent)),
            )
        ),
        owner=draw(st.sampled_from(Owner)),
        activity=draw(keys) if own else "",
        definition="" if own else draw(definition_keys),
        closes_on=draw(
            some(
                st.one_of(
                    st.builds(Completed, places),
                    st.builds(OnEvent, st.sampled_from(RecordEvent)),
                    st.builds(AtAge, numbers),
                )
            )
        ),
        closed_by_hand=draw(st.booleans()),
        possible_when=draw(conditions_or_none),
        for_each=draw(or_none(row_sources)),
        handed_over=draw(st.booleans()),
    )


definitions = st.builds(
    ProcessDefinition,
    key=definition_keys,
    title=texts,
    scope=st.sampled_from(RunScope),
    activities=unique(activities(), least=1),
    purpose=texts_or_none,
    entries=some(keys),
    tracks=unique(tracks()),
    returns=some(keys),
    parameters=some(st.builds(Parameter, keys, some(keys, least=1))),
    outside=st.dictionaries(definition_keys, texts, max_size=2).map(lambda found: tuple(sorted(found.items()))),
    whole=st.booleans(),
    children=or_empty(places),
    per_child_from=or_empty(keys),
)
"""Definitions that can be written and read; whether they make sense is another matter."""
