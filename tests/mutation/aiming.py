"""
Which mutants come first: those that edit what a statement is about, and pairs of these.

A statement is about the steps with its meanings, what leads to these or runs them, the tracks that hold them open,
and the steps that record what it asks about. Which edit breaks it is not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from padwijzer.forms.core.conditions import Collection, references
from padwijzer.workflows.core.definition import Goto, OpenTrack
from padwijzer.workflows.core.packs import Safeguard
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.safeguards import meaning_of
from tests.mutation.operators import Mutant, both, order_of

FIRST, SECOND = "first", "second"
"""A step or track that a statement is about, and what is around it."""


def places_about(plan: Plan, safeguard: Safeguard) -> Mapping[str, str]:
    """
    The steps and tracks that a statement is about, as `V.family_plan`, with whether in the first or second place.

    Args:
        plan: the release.
        safeguard: the statement.
    """
    meanings = _meanings(safeguard)
    steps = [it for definition in plan.definitions.values() for it in definition.activities.values()]
    first = {(it.place.definition, it.place.activity) for it in steps if meanings & set(it.activity.meanings)}
    found = {f"{definition}.{key}": FIRST for definition, key in first}
    for key, track in plan.tracks.items():
        if track.body is not None and track.track.activity and (track.body.definition, track.body.activity) in first:
            found[key] = FIRST
        elif track.track.definition in {definition for definition, _ in first}:
            found.setdefault(key, SECOND)
    asked = _registers(safeguard)
    for each in steps:
        definition, activity = each.place.definition, each.activity
        leads = any(
            isinstance(way.target, Goto) and (definition, way.target.activity) in first for way in activity.exits
        )
        calls = activity.call is not None and activity.call.definition in {key for key, _ in first}
        records = asked & {record.register for record in activity.records}
        tracks = {f"{definition}.{it.what.track}" for it in activity.opens if isinstance(it.what, OpenTrack)}
        opens = not tracks.isdisjoint(found)
        if leads or calls or records or opens:
            found.setdefault(f"{definition}.{activity.key}", SECOND)
    return found


def _meanings(safeguard: Safeguard) -> set[str]:
    if safeguard.monitor is not None:
        return {meaning_of(letter) for letter in (*safeguard.monitor.letters, *safeguard.monitor.asks)}
    return {*getattr(safeguard.template, "what", ()), *getattr(safeguard.template, "when", ())}


def _registers(safeguard: Safeguard) -> set[str]:
    asks = safeguard.monitor.asks.values() if safeguard.monitor is not None else ()
    found = (reference for condition in asks for reference in references(condition))
    return {it.register for it in found if isinstance(it, Collection) and it.register} - {"children", "duty"}


def aimed(mutants: Iterable[Mutant], plan: Plan, safeguards: Sequence[Safeguard]) -> list[Mutant]:
    """
    The same mutants, those first that edit what one of these statements is about.

    Args:
        mutants: they keep their order otherwise.
        plan: the release.
        safeguards: the statements; each gets its turn.
    """
    given = list(mutants)
    about = [places_about(plan, it) for it in safeguards]
    queues = [
        [it for it in given if places.get(it.places[0]) == rank] for rank in (FIRST, SECOND) for places in about
    ]
    found: dict[str, Mutant] = {}
    for part in (queues[: len(about)], queues[len(about) :]):
        for number in range(max(map(len, part), default=0)):
            for queue in part:
                if number < len(queue):
                    found.setdefault(queue[number].sentence, queue[number])
    for it in given:
        found.setdefault(it.sentence, it)
    return list(found.values())


def pairs(mutants: Sequence[Mutant], plan: Plan, safeguards: Sequence[Safeguard], seed: int) -> Iterator[Mutant]:
    """
    Pairs of mutants that edit what one statement is about, at least one of them in the first place.

    Args:
        mutants: of which pairs are made.
        plan: the release.
        safeguards: the statements; each gets its turn.
        seed: of the order.
    """
    order = order_of(seed)
    turns: list[list[Mutant]] = []
    for safeguard in safeguards:
        about = places_about(plan, safeguard)
        one = [it for it in mutants if about.get(it.places[0]) == FIRST]
        other = [it for it in mutants if it.places[0] in about]
        chosen = [(a, b) for a, b in product(one, other) if a.sentence != b.sentence]
        order.shuffle(chosen)
        made = (both(a, b) for a, b in chosen)
        turns.append([it for it in made if it is not None])
    met: set[str] = set()
    while any(turns):
        for turn in turns:
            if turn:
                pair = turn.pop()
                if pair.sentence not in met:
                    met.add(pair.sentence)
                    yield pair
