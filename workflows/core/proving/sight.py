"""
What the safeguards no longer see after an edit.

A safeguard looks at what steps are called, not at what they ask. A step that is no longer called what it was is not
seen: everything about it would be true, and proven. So an edit is held against the release before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.proving.search import harmful_letters
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import STEP, Structural, meaning_of


@dataclass(frozen=True, slots=True)
class OutOfSight:
    """
    A safeguard that no longer sees what it saw.

    Args:
        safeguard: the first that is about it.
        meaning: what was seen.
        definition: key of the definition where it was.
        activity: key of the step that is still there and is no longer called that; empty when no such step is left.
    """

    safeguard: Safeguard
    meaning: str
    definition: str
    activity: str


def out_of_sight(spec: ReleaseSpec, before: ReleaseSpec, pack: Pack) -> Iterator[OutOfSight]:
    """
    What an edit takes out of the sight of a pack.

    Args:
        spec: the release.
        before: the release as it was.
        pack: the safeguards.

    Returns:
        For each meaning that a definition had: a step that lost it while no other one got it, or that no step of the
        whole release has it any more. A definition that is gone altogether is not looked at.
    """
    watched: dict[str, Safeguard] = {}
    for safeguard in pack.safeguards:
        for meaning in _watched(safeguard):
            watched.setdefault(meaning, safeguard)
    seen = {it for definition in spec.definitions.values() for step in definition.activities for it in step.meanings}
    for key, old in before.definitions.items():
        if key not in spec.definitions:
            continue
        new = spec.definitions[key]
        for meaning, safeguard in watched.items():
            then = {step.key for step in old.activities if meaning in step.meanings}
            now = {step.key for step in new.activities if meaning in step.meanings}
            left = [step.key for step in new.activities if step.key in then - now]
            if left and len(now) < len(then):
                yield OutOfSight(safeguard, meaning, key, left[0])
            elif then and meaning not in seen:
                yield OutOfSight(safeguard, meaning, key, "")


def _watched(safeguard: Safeguard) -> frozenset[str]:
    """The meanings that a safeguard must see: those that can break it, not those that keep it."""
    if isinstance(safeguard.template, Structural):
        return frozenset(safeguard.template.what)
    return frozenset(map(meaning_of, harmful_letters(safeguard.watched()))) - {STEP}
