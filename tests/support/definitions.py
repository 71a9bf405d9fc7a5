"""Small definitions for tests: steps, exits and whole releases in a line or two."""

from collections.abc import Sequence
from typing import Any

from padwijzer.forms.core.conditions import Collection, Compare, Condition, FactRef, Operator, Truth
from padwijzer.forms.core.schema import Choice, FieldSpec, Text
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.definition import (
    Activity,
    ByHand,
    Call,
    End,
    Exit,
    Goto,
    Kind,
    Obligation,
    Owner,
    Performer,
    ProcessDefinition,
    RowsSource,
    RunScope,
    Target,
    Track,
)
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.semantics import Marking


def text(words: str) -> Text:
    """A Dutch text."""
    return (("nl", words),)


def answer(field: str, round_: str = "") -> FactRef:
    """The answer to a question of this step, or to `step.question`."""
    more = (("round", round_),) if round_ else ()
    return FactRef("answer", (("field", field), *more))


def is_(field: str, value: str) -> Compare:
    """The condition that a question was answered so."""
    return Compare(answer(field), Operator.IS, value)


def more_placements_than(number: int) -> Compare:
    """A condition about a register, different for each number."""
    return Compare(FactRef("placement_count", (("person", "child"),)), Operator.MORE, number)


def choice(key: str, *values: str, **more: Any) -> FieldSpec:
    """A required choice."""
    options = tuple(Choice(value, text(value)) for value in values or ("ja", "nee"))
    return FieldSpec(key, text(key), "choice", choices=options, **{"required": True, **more})


def exits(*ways: Target | str | tuple[Condition, Target | str]) -> tuple[Exit, ...]:
    """Ways on: a target or the key of a step, alone for *else* or after its condition."""
    made = []
    for way in ways or (End(),):
        when, target = way if isinstance(way, tuple) else (None, way)
        made.append(Exit(Goto(target) if isinstance(target, str) else target, when))
    return tuple(made)


def step(key: str, *ways: Target | str | tuple[Condition, Target | str], **more: Any) -> Activity:
    """A step, a form bound by law unless said otherwise; it ends its run when no way is given."""
    kind = more.pop("kind", Kind.CALL if "call" in more else Kind.FORM)
    by_itself = kind in (Kind.AUTOMATIC, Kind.CALL, Kind.END)
    filled: dict[str, Any] = {
        "reference": key.upper(),
        "title": text(key),
        "obligation": Obligation.LAW,
        "performers": () if by_itself else (Performer("vap"),),
        **more,
    }
    return Activity(key=key, kind=kind, exits=exits(*ways), **filled)


def calls(definition: str, **more: Any) -> Call:
    """A call; `for_each` names a register."""
    register = more.pop("for_each", "")
    source = RowsSource(Collection(register)) if register else None
    return Call(definition, for_each=source, **more)


def track(key: str, **more: Any) -> Track:
    """A track that a step opens and the family owns, unless said otherwise."""
    filled: dict[str, Any] = {"opens_by": ByHand.ACTIVITY, "owner": Owner.FAMILY, **more}
    return Track(key=key, title=text(key), **filled)


def definition(key: str, *steps: Activity, **more: Any) -> ProcessDefinition:
    """A definition about the family, unless said otherwise."""
    return ProcessDefinition(
        key=key, title=text(key), scope=more.pop("scope", RunScope.FAMILY), activities=steps, **more
    )


def release(*definitions: ProcessDefinition) -> ReleaseSpec:
    """A release that starts on the first definition."""
    return ReleaseSpec(definitions[0].key, {definition.key: definition for definition in definitions})


def plan(*definitions: ProcessDefinition) -> Plan:
    """The plan of a release that starts on the first definition; what is wrong with it fails the test."""
    made = compile_release(release(*definitions))
    assert isinstance(made, Plan), made
    return made


class Known:
    """
    A world in which what is true and which rows there are is simply given.

    Attributes:
        true, unknown: conditions that hold, or of which it is unknown whether they hold; every other is false.
        by_rows: ids of rows by register.
    """

    def __init__(
        self,
        *true: Condition,
        unknown: Sequence[Condition] = (),
        **rows: Sequence[str],
    ) -> None:
        self.true = list(true)
        self.unknown = list(unknown)
        self.by_rows = rows

    def truth(self, marking: Marking, run: int | None, activity: str, condition: Condition) -> Truth:
        if condition in self.unknown:
            return None
        return condition in self.true

    def rows(self, marking: Marking, run: int | None, activity: str, source: RowsSource) -> Sequence[str]:
        return self.by_rows.get(source.collection.register, ())
