"""
Clocks: each deadline can run, and can be met.

How long a term is, is only looked at when the catalogue has the terms themselves; that it is longer than nothing is
seen to when they are read. Not looked at: how long the steps of a called definition take, and dates that people fill
in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from padwijzer.forms.core.conditions import (
    ALWAYS,
    All,
    AnyOf,
    Compare,
    Condition,
    FactRef,
    Offset,
    Operator,
    TermRef,
)
from padwijzer.workflows.core.definition import (
    Activity,
    Anchor,
    Answered,
    AtAge,
    Before,
    Completed,
    Deadline,
    Effect,
    Kind,
    OnDate,
    OnEvent,
    Opened,
    OpenTrack,
    PreviousRound,
)
from padwijzer.workflows.core.exits import own_answer
from padwijzer.workflows.core.findings import Finding
from padwijzer.workflows.core.graph import body, main_starts, reachable, successors
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.scopes import Scope
from padwijzer.workflows.core.structure.routes import OLDEST
from padwijzer.workflows.core.terms import Duration, Term, Unit

PAST: Final = frozenset(
    {
        "today",
        "applied_on",
        "opened_on",
        "completed_on",
        "answered_on",
        "contact_person_since",
        "placement_started_on",
    }
)
"""Facts that are a date of today or earlier."""
DAYS: Final[Mapping[Unit, tuple[float, float]]] = {
    Unit.HOURS: (1 / 24, 1 / 24),
    Unit.DAYS: (1, 1),
    Unit.WORKING_DAYS: (1, 14),
    Unit.WEEKS: (7, 7),
    Unit.MONTHS: (28, 31),
    Unit.YEARS: (365, 366),
}
"""Of a unit, the fewest and the most days that it can take; a row of free days is at most two weeks."""
WHOLE_MONTH: Final = 28
FROM_NOW: Final = {Operator.MORE, Operator.AT_LEAST}
UNTIL_NOW: Final = {Operator.LESS, Operator.AT_MOST}

Wait: TypeAlias = tuple[FactRef, TermRef]
"""A step cannot be done until this long after this date."""


def check(scope: Scope) -> Iterator[Finding]:
    """Deadlines that never run, that run too late to matter, or that have passed before the step can be done."""
    for where, activity in scope.activities():
        for index, deadline in enumerate(activity.deadlines):
            place = f"{where}.deadlines[{index}]"
            yield from _running(scope, place, activity, deadline)
            yield from _repeating(scope, place, activity, deadline)
            yield from _terms(scope, place, activity, deadline)
            yield from _variants(scope, place, deadline)
            yield from _waits(scope, place, activity, deadline)


def _running(scope: Scope, place: str, activity: Activity, deadline: Deadline) -> Iterator[Finding]:
    if activity.kind in (Kind.AUTOMATIC, Kind.END):
        yield scope.warning(
            "deadline_on_automatic", place, f"The step `{activity.key}` is done as soon as it opens.",
            "Put the deadline on a step that somebody does.",
        )  # fmt: skip
    wrong = [percentage for percentage in deadline.warn if not 1 <= percentage <= 99]
    if wrong:
        yield scope.error(
            "warn_out_of_range", f"{place}.warn", f"It would warn at {wrong[0]} % of the term.",
            "Name percentages from 1 to 99: before its end, after its start.",
        )  # fmt: skip
    anchors = [(f"{place}.from", deadline.start)]
    anchors += [(f"{place}.instead[{number}].from", it.start) for number, it in enumerate(deadline.instead)]
    for at, anchor in anchors:
        yield from _starting(scope, at, activity, anchor.fallback if isinstance(anchor, PreviousRound) else anchor)


def _starting(scope: Scope, at: str, activity: Activity, anchor: Anchor) -> Iterator[Finding]:
    """From what a term runs: that it can be, and before the step is done."""
    never = ""
    match anchor:
        case AtAge(months) if not 0 <= months <= OLDEST:
            never = f"Nobody reaches the age of {months} months"
        case OnEvent(event) if not scope.ways.can_happen(event):
            never = f"No step records that {event.value} happens"
        case OnDate(fact) | Before(fact) if not scope.ways.can_be_known(fact):
            never = f"No step records what `{fact.name}` is read from"
        case Answered(written, value) if value is not None and value not in _choices(scope, activity, written, value):
            never = f"`{value}` is no answer to `{written}`"
        case Opened(written) | Completed(written) if not _is_met(scope, written):
            never = f"Nobody comes to the step `{written}`"
        case Answered(written) if "." in written and not _is_met(scope, written.rpartition(".")[0]):
            never = f"Nobody comes to the step of `{written}`"
    if never:
        yield scope.error("deadline_never_starts", at, f"{never}, so this term never runs.", "Let it run from more.")
    elif _comes_after(scope, activity, anchor):
        yield scope.warning(
            "deadline_starts_too_late", at, "What this term runs from is only there when the step is done.",
            "Let it run from what comes before, or put it on the next step.",
        )  # fmt: skip
    if isinstance(anchor, Before) and anchor.fact.name in PAST:
        yield scope.error(
            "deadline_already_past", at, f"The date of `{anchor.fact.name}` is never later than today.",
            "Let the term run from that date, or count back from one that is still to come.",
        )  # fmt: skip


def _choices(scope: Scope, activity: Activity, written: str, value: object) -> Sequence[object]:
    field = scope.field(activity, written)
    return (scope.choices(field) if field else ()) or (value,)


def _is_met(scope: Scope, written: str) -> bool:
    place = scope.place(written)
    return scope.step(place) is None or scope.ways.is_met(place.definition, place.activity, scope.definition.key)


def _comes_after(scope: Scope, activity: Activity, anchor: Anchor) -> bool:
    """Whether what a term runs from cannot be before the step is done, in the same run."""
    if activity.stays_open:
        return False
    match anchor:
        case Opened(written):
            return not _can_be_before(scope, scope.place(written), activity, itself=True)
        case Completed(written):
            return not _can_be_before(scope, scope.place(written), activity, itself=False)
        case Answered(written) if "." in written:
            return not _can_be_before(scope, scope.place(written.rpartition(".")[0]), activity, itself=False)
        case Answered(written):
            return _is_answered_with_the_rest(activity, written)
        case OnDate(fact) if own_answer(fact):
            return _is_answered_with_the_rest(activity, own_answer(fact))
        case _:
            return False


def _is_answered_with_the_rest(activity: Activity, key: str) -> bool:
    field = activity.form.field(key)
    return field is not None and not field.saved_alone


def _can_be_before(scope: Scope, other: Place, activity: Activity, *, itself: bool) -> bool:
    definition = scope.definition
    if other == Place(definition.key, activity.key):
        return itself
    beside = {key for track in definition.tracks for key in body(definition, track)}
    again = not scope.ways.is_complete() or scope.ways.is_entered_again(definition.key)
    if (
        scope.step(other) is None
        or other.definition != definition.key
        or again
        or not beside.isdisjoint((other.activity, activity.key))
    ):
        return True
    return activity.key in reachable(successors(definition, other.activity), lambda key: successors(definition, key))


def _repeating(scope: Scope, place: str, activity: Activity, deadline: Deadline) -> Iterator[Finding]:
    if not deadline.repeats and not deadline.repeats_each:
        return
    at = f"{place}.repeats" if deadline.repeats else f"{place}.repeats_each"
    after = reachable(successors(scope.definition, activity.key), lambda key: successors(scope.definition, key))
    if activity.key not in after and not activity.stays_open:
        yield scope.warning(
            "repeat_never_comes", at, f"The step `{activity.key}` does not come back, and its term does.",
            "Lead a way back to it, or leave out the repeats.",
        )  # fmt: skip
    if deadline.repeats and isinstance(deadline.start, PreviousRound):
        yield scope.warning(
            "repeats_never_used", at, "A term from the previous round knows one length for each further round.",
            "Use `repeats_each`, or let the list run from one start.",
        )  # fmt: skip
    listed = [_term(scope, key) for key in (deadline.term.key, *deadline.repeats)]
    for first, then in pairwise(listed):
        if first is not None and then is not None and _never_longer(then.duration, first.duration):
            yield scope.error(
                "repeats_not_rising", at, f"The round of `{then.key}` is due no later than that of `{first.key}`.",
                "All run from the same start: put the shorter one first.",
            )  # fmt: skip


def _terms(scope: Scope, place: str, activity: Activity, deadline: Deadline) -> Iterator[Finding]:
    terms = [(place, deadline.term)]
    terms += [(f"{place}.instead[{number}]", it.term) for number, it in enumerate(deadline.instead)]
    for at, term in terms:
        field = scope.field(activity, term.field) if term.field else None
        left = [value for value in (scope.choices(field) if field else ()) if value not in dict(term.by_choice)]
        if left:
            yield scope.warning(
                "term_lacks_choice", f"{at}.term", f"With these answers no term runs: {', '.join(left)}.",
                "Name a term for each choice.",
            )  # fmt: skip


def _variants(scope: Scope, place: str, deadline: Deadline) -> Iterator[Finding]:
    """Variants below one that always counts, or that has the same condition; and the term itself below the first."""
    seen: list[Condition] = []
    below = [*(f"{place}.instead[{number}]" for number in range(1, len(deadline.instead))), f"{place}.term"]
    for number, instead in enumerate(deadline.instead):
        if instead.when in seen:
            yield scope.warning(
                "variant_never_used", f"{place}.instead[{number}]", "A variant above has the same condition.",
                "Remove one of both.",
            )  # fmt: skip
        seen.append(instead.when)
        if instead.when == ALWAYS:
            yield scope.warning(
                "variant_never_used",
                below[number],
                "The variant above it always counts.",
                "Give that one a condition.",
            )
            return


def _waits(scope: Scope, place: str, activity: Activity, deadline: Deadline) -> Iterator[Finding]:
    """Terms that have ended before the step opens, or before a rule lets it be done."""
    term = _term(scope, deadline.term.key)
    if term is None or deadline.instead or term.moves or term.suspendable or term.extendable:
        return
    since = _date_of(deadline.start)
    for fact, wait in _waits_of(activity):
        long = _term(scope, wait.key)
        if fact == since and long is not None and _surely_shorter(term.duration, long.duration):
            yield scope.error(
                "deadline_before_step", place,
                f"`{term.key}` has ended before the step can be done: that takes `{long.key}` from the same date.",
                "Make the term longer, or let the step be done sooner.",
            )  # fmt: skip
    youngest = max(_ages(scope, activity), default=0)
    if isinstance(deadline.start, AtAge) and youngest:
        months = term.duration.months
        most = months if months is not None else -(-_most_days(term.duration) // WHOLE_MONTH)
        if deadline.start.months + most < youngest:
            yield scope.error(
                "deadline_before_step", place, f"`{term.key}` has ended before the age of {youngest} months.",
                "Make the term longer, or let the step open sooner.",
            )  # fmt: skip


def _date_of(anchor: Anchor) -> FactRef | None:
    """The fact that is the date from which a term runs."""
    match anchor:
        case OnDate(fact):
            return fact
        case Opened(written):
            return FactRef("opened_on", (("of", written),))
        case Completed(written):
            return FactRef("completed_on", (("of", written),))
        case Answered(field, None):
            return FactRef("answered_on", (("field", field),))
        case _:
            return None


def _waits_of(activity: Activity) -> Iterator[Wait]:
    for atom in _parts(activity.available, All):
        yield from _wait(atom, FROM_NOW)
    for rule in activity.rules:
        if rule.effect is Effect.BLOCK and not rule.afterwards and not activity.unblockable:
            for atom in _parts(rule.when, AnyOf):
                yield from _wait(atom, UNTIL_NOW)


def _parts(condition: Condition | None, joined: type[All | AnyOf]) -> tuple[Condition, ...]:
    if condition is None:
        return ()
    return condition.parts if isinstance(condition, joined) else (condition,)


def _wait(condition: Condition, asked: set[Operator]) -> Iterator[Wait]:
    match condition:
        case Compare(FactRef("today"), operator, Offset(fact, 1, term)) if operator in asked:
            yield fact, term
        case Compare(fact, operator, Offset(FactRef("today"), -1, term)) if operator in _turned(asked):
            yield fact, term


def _turned(asked: set[Operator]) -> set[Operator]:
    return UNTIL_NOW if asked == FROM_NOW else FROM_NOW


def _ages(scope: Scope, activity: Activity) -> Iterator[int]:
    """Ages that the child must have before the step opens."""
    for atom in _parts(activity.available, All):
        match atom:
            case Compare(FactRef("age", (("person", "child"),)), Operator.AT_LEAST, int(months)):
                yield months
    on_main = reachable(main_starts(scope.definition), lambda key: successors(scope.definition, key))
    tracks = [track for track in scope.definition.tracks if activity.key in body(scope.definition, track)]
    by_steps = {opens.what for step in scope.definition.activities for opens in step.opens}
    opened = [
        track.opens_by.months
        for track in tracks
        if isinstance(track.opens_by, AtAge) and OpenTrack(track.key) not in by_steps
    ]
    if activity.key not in on_main and opened and len(opened) == len(tracks):
        yield min(opened)


def _term(scope: Scope, key: str) -> Term | None:
    terms = scope.catalogue.terms
    return terms.get(key) if isinstance(terms, Mapping) else None


def _least_days(duration: Duration) -> float:
    return duration.amount * DAYS[duration.unit][0]


def _most_days(duration: Duration) -> float:
    return duration.amount * DAYS[duration.unit][1]


def _never_longer(one: Duration, other: Duration) -> bool:
    """Whether a duration ends at the same time as another or before it, whenever both begin."""
    if one.unit is other.unit:
        return one.amount <= other.amount
    if one.months is not None and other.months is not None:
        return one.months <= other.months
    return _most_days(one) <= _least_days(other)


def _surely_shorter(one: Duration, other: Duration) -> bool:
    """Whether a duration ends before another, whenever both begin."""
    if one.unit is other.unit or (one.months is not None and other.months is not None):
        return not _never_longer(other, one)
    return _most_days(one) < _least_days(other)
