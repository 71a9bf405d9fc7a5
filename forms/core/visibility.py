"""
Which questions are asked, given the answers so far.

A hidden question is not asked, not required and not kept, so a question that looks at it sees no answer. Questions
are decided in the order in which they look at each other; two questions that hide each other have no such order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Final, TypeAlias

from padwijzer.forms.core.conditions import (
    Collection,
    Condition,
    FactRef,
    Lookup,
    evaluate,
    references,
    term_references,
)
from padwijzer.forms.core.field_types import Answer
from padwijzer.forms.core.schema import FormSpec

LookupFor: TypeAlias = Callable[[Mapping[str, Answer]], Lookup]
"""Makes the lookup that conditions ask, for the answers given so far."""

FIELD_ARGUMENTS: Final = ("field", "on", "from", "to")
"""Arguments of facts that name a question."""
OF_THIS_STEP: Final = ("field:", "this_field:")
"""What stands before the name of a question in an argument that may also name a person or a group."""
RUNGS: Final = "rungs"
LADDER: Final = "ladder"


def visible(form: FormSpec, answers: Mapping[str, Answer], lookup_for: LookupFor) -> tuple[str, ...]:
    """
    The keys of the questions that are asked, in the order of the form.

    Args:
        form: what can be asked.
        answers: what was answered so far; answers to hidden questions are not looked at.
        lookup_for: makes a lookup out of the answers that count.

    Raises:
        ValueError: when questions hide each other in a circle (`circle`); no published form has one.
    """
    hidden: set[str] = set()
    decided: set[str] = set()
    for key in _order(form):
        condition = form_condition(form, key)
        if condition is not None:
            counted = {given: answer for given, answer in answers.items() if given in decided and given not in hidden}
            if evaluate(condition, lookup_for(counted)) is not True:
                hidden.add(key)
        decided.add(key)
    return tuple(field.key for field in form.fields if field.key not in hidden)


def circle(form: FormSpec) -> tuple[str, ...]:
    """Keys of questions that hide each other in a circle, the first one again at the end; empty for a good form."""
    try:
        TopologicalSorter(_graph(form)).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()


def looked_at(form: FormSpec, condition: Condition | None) -> frozenset[str]:
    """The keys of the questions of this form that a condition looks at, in this round."""
    names = {name for reference in references(condition) for name in _names(form, reference)}
    names |= {term.field for term in term_references(condition)}
    return frozenset(name for name in names if form.field(name) is not None)


def form_condition(form: FormSpec, key: str) -> Condition | None:
    """The condition under which a question is shown; None when it always is."""
    field = form.field(key)
    return field.shown_if if field else None


def _order(form: FormSpec) -> tuple[str, ...]:
    try:
        return tuple(TopologicalSorter(_graph(form)).static_order())
    except CycleError:
        message = f"The questions {', '.join(circle(form))} hide each other in a circle."
        raise ValueError(message) from None


def _graph(form: FormSpec) -> dict[str, frozenset[str]]:
    return {field.key: looked_at(form, field.shown_if) for field in form.fields}


def _names(form: FormSpec, reference: FactRef | Collection) -> Iterator[str]:
    if isinstance(reference, Collection):
        if reference.register == RUNGS:
            yield from (field.key for field in form.fields if field.type == LADDER)
        elif reference.round == "this":
            yield reference.field.split(".")[0]
        return
    if reference.argument("round", "this") != "this":
        return
    for argument, value in reference.arguments:
        text = value if isinstance(value, str) else ""
        for prefix in OF_THIS_STEP:
            if text.startswith(prefix):
                yield text.removeprefix(prefix)
        if argument in FIELD_ARGUMENTS:
            yield text.split(".")[0]
