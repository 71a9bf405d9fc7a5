"""
Workload W: one process that every contender runs, and what is filled in on the way.

    start → h01 … h06 → one of xa, xb, xc → h07 … h12 → p1 beside p2, both → h13 … h18 → once back to h16 → end

Eighteen steps, three arms, two tracks, a start and an end: 25 steps in the definition. A case takes 25 calls: each is
one durable transaction with a form of six fields and an audit record. A term of 14 days is armed when h05 opens.
"""

from __future__ import annotations

from datetime import date
from typing import Final

ROLES: Final = ("worker", "lead", "review")
SEQUENCE: Final = tuple(f"h{number:02d}" for number in range(1, 19))
ARMS: Final = {"a": "xa", "b": "xb", "c": "xc"}
TRACKS: Final = ("p1", "p2")
START: Final = "start"
FORMS: Final = (*SEQUENCE, *ARMS.values(), *TRACKS)
ROLE_OF: Final = {START: ROLES[0]} | {step: ROLES[number % len(ROLES)] for number, step in enumerate(FORMS)}
DEADLINE_STEP: Final = "h05"
DEADLINE_DAYS: Final = 14
CALLS: Final = 25

PLAIN: Final = frozenset(SEQUENCE) - {"h04", "h05", "h06", "h12", "h18"}
"""Steps whose completion only opens the next one: no arm, no track, no loop, no term that starts or ends."""

LOOP: Final = ("h16", "h17", "h18")
HALFWAY: Final = 11
"""After so many calls a case stands at h10: what the cases that are there before the measuring look like."""

Answers = dict[str, str | int | bool | date]


def answers(step: str, *, again: bool = False) -> Answers:
    """
    What is filled in at a step: six fields, about 330 bytes as JSON; of an invented family.

    Args:
        step: key of the step.
        again: at h18: go back to h16.
    """
    return {
        "summary": f"Verslag van stap {step}, gesprek met gezin en school",
        "notes": "Afspraken: wekelijks contact met de begeleider; evaluatie over zes weken. " * 3,
        "arm": "b",
        "on_date": date(2026, 11, 21),
        "hours": 12,
        "redo": again,
    }


def next_steps(step: str, given: Answers) -> tuple[str, ...]:
    """
    What a hand-written service knows of the order: the steps that open; none at a track and at the end.

    Args:
        step: key of the completed step.
        given: its answers.
    """
    if step == "h06":
        return (ARMS[str(given["arm"])],)
    if step == "h12":
        return TRACKS
    if step in ARMS.values():
        return ("h07",)
    if step == "h18":
        return ("h16",) if given["redo"] else ()
    if step in TRACKS:
        return ()
    return (SEQUENCE[0] if step == START else SEQUENCE[SEQUENCE.index(step) + 1],)


AFTER_TRACKS: Final = "h13"
