"""Forms and a case of invented persons for tests, and strategies for forms, answers and what is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from padwijzer.forms.core.answers import UNKNOWN_POSTED
from padwijzer.forms.core.conditions import (
    UNKNOWN,
    Collection,
    Compare,
    FactRef,
    Lookup,
    Operator,
    TermRef,
    Value,
)
from padwijzer.forms.core.field_types import (
    Answer,
    FileAnswer,
    LadderAnswer,
    Rejection,
    RowAnswer,
    field_types,
    plain,
    rows_of,
)
from padwijzer.forms.core.field_types.consent import COLUMNS as CONSENT_COLUMNS
from padwijzer.forms.core.field_types.ladder import REASON_KINDS
from padwijzer.forms.core.schema import Choice, Column, FieldSpec, FormSpec
from padwijzer.forms.form_context import FormContext, Known, Person

TODAY = date(2026, 11, 21)
SAM = Person("p1", "Sam", "jongere, 11 jaar")
NOOR = Person("p2", "Noor de Wit", "moeder met gezag")
KARIM = Person("p3", "Karim Haddou", "jeugdbeschermer")
EVERYBODY = (SAM, NOOR, KARIM)
GROUPS: Mapping[str, tuple[Person, ...]] = {"family": (SAM, NOOR), "must_consent": (SAM, NOOR), "nobody": ()}


def nl(words: str) -> tuple[tuple[str, str], ...]:
    return (("nl", words),)


CHOICES = tuple(Choice(key, nl(key.capitalize())) for key in ("thuis", "groep", "geen"))
RUNGS = tuple(Choice(key, nl(f"Trede {key}")) for key in ("t1", "t2", "t3", "none"))
CELL_TYPES = ("text", "long_text", "yes_no", "choice", "choices", "date", "moment", "number", "person", "persons")


@dataclass
class Case:
    """Answers the conditions of a form about an invented case."""

    groups: Mapping[str, tuple[Person, ...]] = field(default_factory=lambda: GROUPS)
    carried: Mapping[str, tuple[RowAnswer, ...]] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)

    def lookup_for(self, answers: Mapping[str, Answer]) -> Lookup:
        return Case(self.groups, self.carried, answers)

    def fact(self, ref: FactRef) -> Value:
        if ref.name == "answer":
            return plain(self.answers.get(ref.argument("field")))
        group = ref.argument("group")
        if group.startswith("this_field:"):
            chosen = plain(self.answers.get(group.removeprefix("this_field:")))
            return chosen if isinstance(chosen, frozenset) else UNKNOWN
        return frozenset(person.id for person in self.groups[group])

    def rows(self, collection: Collection) -> Sequence[Mapping[str, Value]]:
        if collection.register == "person":
            return [{"id": person.id} for person in EVERYBODY]
        return rows_of(self.carried.get(collection.field))

    def shifted(self, day: date, sign: int, term: TermRef) -> date | None:
        return day + sign * timedelta(days=1) if term.key else None


def context(case: Case | None = None, known: Mapping[str, Known] | None = None, **options: Any) -> FormContext:
    case = case or Case()
    persons = {"": EVERYBODY, "family": case.groups["family"]}
    return FormContext(case.lookup_for, TODAY, persons=persons, known=known or {}, language="nl", **options)


def asked(key: str, type_: str, **options: Any) -> FieldSpec:
    """A question of that type, with choices where it needs them."""
    needs = {"choice": CHOICES, "choices": CHOICES, "ladder": RUNGS}
    if type_ in needs:
        options.setdefault("choices", needs[type_])
    if type_ == "rows":
        options.setdefault("columns", (Column("wat", nl("Wat"), "text"), Column("op", nl("Op"), "date")))
    return FieldSpec(key, nl(f"Vraag {key}"), type_, **options)


def form(*fields: FieldSpec) -> FormSpec:
    return FormSpec(fields)


def if_(key: str, value: str) -> Compare:
    return Compare(FactRef("answer", (("field", key),)), Operator.IS, value)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), min_size=1, max_size=12)
LINES = TEXTS.map(str.strip).filter(lambda text: len(text.splitlines()) == 1)
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
FIRST_MOMENT = datetime(1937, 7, 2, tzinfo=UTC)
"""Until then the clocks of Amsterdam were not whole minutes from UTC."""
CLOCK_BACK = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
MOMENTS = st.one_of(
    st.integers(0, 80_000_000).map(lambda minutes: FIRST_MOMENT + timedelta(minutes=minutes)),
    st.integers(0, 120).map(lambda minutes: CLOCK_BACK + timedelta(minutes=minutes)),
)
NUMBERS = st.decimals(-999_999_999, 999_999_999, places=2).map(lambda number: number.normalize() + 0)


def keys(*choices: Choice) -> st.SearchStrategy[str]:
    return st.sampled_from([choice.key for choice in choices])


def answers_to(question: FieldSpec | Column, persons: Sequence[Person] = EVERYBODY) -> st.SearchStrategy[Answer]:
    """Answers that a question can have."""
    ids = st.sampled_from([person.id for person in persons])
    match question.type:
        case "text":
            return LINES
        case "long_text":
            return TEXTS.map(str.strip).filter(bool)
        case "yes_no":
            return st.sampled_from(["ja", "nee"])
        case "choice":
            return keys(*question.choices)
        case "choices":
            return st.frozensets(keys(*question.choices), min_size=1)
        case "date":
            return DAYS
        case "moment":
            return MOMENTS
        case "number":
            return NUMBERS
        case "person":
            return ids
        case "persons":
            return st.frozensets(ids, min_size=1)
        case "file":
            return st.builds(FileAnswer, st.just("doc-1"), LINES.map(lambda name: name[:200]))
        case "ladder":
            return keys(*RUNGS).flatmap(_ladder)
        case "consent":
            return rows(CONSENT_COLUMNS, persons)
        case _:
            return rows(question.columns if isinstance(question, FieldSpec) else (), persons)


def _ladder(chosen: str) -> st.SearchStrategy[LadderAnswer]:
    order = ["t1", "t2", "t3"]
    below = order if chosen == "none" else order[: order.index(chosen)]
    reasons = [
        st.builds(
            Rejection,
            st.just(rung),
            st.just("") | TEXTS.map(str.strip),
            st.frozensets(keys(*REASON_KINDS), max_size=3),
        )
        for rung in below
    ]
    return st.tuples(*reasons).map(lambda given: LadderAnswer(chosen, given))


def rows(columns: Sequence[Column], persons: Sequence[Person]) -> st.SearchStrategy[tuple[RowAnswer, ...]]:
    """Rows with an identity, some cells without an answer, the first never."""

    def cells(given: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
        return tuple((column.key, value) for column, value in zip(columns, given, strict=True) if value is not None)

    each = st.tuples(
        *(
            answers_to(column, persons) if column.required or not place else st.none() | answers_to(column, persons)
            for place, column in enumerate(columns)
        )
    ).map(cells)
    return st.lists(each, min_size=1, max_size=3).map(
        lambda found: tuple(RowAnswer(f"r{number}", row) for number, row in enumerate(found))
    )


@st.composite
def columns(draw: st.DrawFn) -> tuple[Column, ...]:
    kinds = draw(st.lists(st.sampled_from(CELL_TYPES), min_size=1, max_size=4))
    return tuple(
        Column(
            f"c{number}",
            nl(f"Kolom {number}"),
            kind,
            choices=CHOICES if kind in ("choice", "choices") else (),
            required=draw(st.booleans()),
        )
        for number, kind in enumerate(kinds)
    )


@st.composite
def forms(draw: st.DrawFn) -> FormSpec:
    """Forms with every type of field; a question may look at a choice before it."""
    fields: list[FieldSpec] = []
    kinds = draw(st.lists(st.sampled_from(sorted(field_types())), min_size=1, max_size=8))
    for number, kind in enumerate(kinds):
        choosable = [spec for spec in fields if spec.type in ("choice", "yes_no")]
        condition = None
        branches: bool = draw(st.booleans())
        if choosable and branches:
            other = draw(st.sampled_from(choosable))
            options = ("ja", "nee") if other.type == "yes_no" else tuple(choice.key for choice in CHOICES)
            operator = draw(st.sampled_from([Operator.IS, Operator.IS_NOT]))
            condition = Compare(FactRef("answer", (("field", other.key),)), operator, draw(st.sampled_from(options)))
        each = branches and kind == "consent"
        fields.append(
            asked(
                f"v{number}",
                kind,
                required=draw(st.booleans()),
                may_be_unknown=draw(st.booleans()),
                shown_if=condition,
                **({"columns": draw(columns())} if kind == "rows" else {}),
                **({"each": FactRef("persons", (("group", "must_consent"),))} if each else {}),
            )
        )
    return FormSpec(tuple(fields))


HOSTILE = st.one_of(
    st.text(max_size=5),
    st.sampled_from(
        [
            "\x00",
            "\u202etxt.exe",
            "👪",
            "9" * 5000,
            "-1",
            "50",
            UNKNOWN_POSTED,
            "ja",
            "nee",
            "thuis",
            "t2",
            "p1",
            "31",
        ]
    ),
)
ENDINGS = (
    "",
    "__day",
    "__month",
    "__year",
    "__time",
    "__unknown",
    "__confirmed",
    "__count",
    "__add",
    "__remove_0",
    "__remove",
    "-0__key",
    "-1__key",
    "-0-c0",
    "-0-c1",
    "-0-c1__day",
    "-0-answer",
    "-0-on__year",
    "-t1-reason",
    "-t1-reason_kinds",
)
NAMES = st.one_of(
    st.builds(lambda number, ending: f"v{number}{ending}", st.integers(0, 9), st.sampled_from(ENDINGS)),
    st.sampled_from(["__asked", "csrfmiddlewaretoken", "v1'--", "\x00"]),
    st.text(max_size=8),
)
POSTS = st.one_of(
    st.dictionaries(NAMES, st.lists(HOSTILE, max_size=3), max_size=25),
    st.dictionaries(NAMES, st.one_of(HOSTILE, st.none(), st.integers(), st.lists(st.none())), max_size=25),
)
"""What may be sent: names with several values, or values that no browser sends."""
