"""
Releases that a proof must be able to carry, each of any size, with the statements that are proven of it.

    tracks      independent tracks of four steps beside one main line
    row         steps in a row; of every five one may go on two steps further and one may go back
    fields      steps of twelve fields; two thirds of the steps have a condition on what came before
    loop        a line that goes back to its beginning, with ten tracks that a person opens at any moment
    answers     a tangle: what each of the first steps left behind is needed together, and nothing less will do
    openers     a tangle: each track opens the next, so all are needed to know whether the last can run
    mutual      a tangle: each track opens all others

In each but the tangles every statement holds, and each is about something that can happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from padwijzer.forms.core.conditions import All, Compare, Condition, FactRef, Operator
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.core.definition import (
    Activity,
    ByHand,
    End,
    Goto,
    Moment,
    Open,
    OpenTrack,
    Owner,
    Track,
)
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import Monitor
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.existence import Existence
from padwijzer.workflows.core.safeguards.not_coexistence import NotCoexistence
from padwijzer.workflows.core.safeguards.precedence import Precedence
from padwijzer.workflows.core.safeguards.response import Response
from padwijzer.workflows.core.safeguards.succession import Succession
from tests.support.definitions import choice, definition, is_, release, step, track

LENGTH: Final = 4
"""How many steps a track has."""
ANY_TIME: Final = 10
FIELDS: Final = 12
VALUES: Final = ("a", "b", "c")
FIRST, THEN, CLOSING = "family_plan", "municipal_decision", "closing"


@dataclass(frozen=True, slots=True)
class Shape:
    """
    A release and what is proven of it.

    Args:
        release: the release.
        statements: name to what is proven, each about the family.
    """

    release: ReleaseSpec
    statements: dict[str, Monitor]


def pair(number: int) -> tuple[str, str]:
    """Meanings of which the first must come before the second; no other track or group of steps has them."""
    return f"plan_{number}", f"decision_{number}"


def body(number: int) -> Iterator[Activity]:
    """The steps of a track: its own pair, and what every track has too."""
    plan, decision = pair(number)
    meanings = (("seen",), (plan, FIRST), (), (decision, THEN))
    for place in range(LENGTH):
        onward = () if place + 1 == LENGTH else (f"t{number}_{place + 1}",)
        yield step(f"t{number}_{place}", *onward, meanings=meanings[place])


def tracks_beside(count: int) -> tuple[Track, ...]:
    """So many tracks."""
    return tuple(track(f"t{number}", activity=f"t{number}_0") for number in range(count))


def opening(*numbers: int) -> tuple[Open, ...]:
    """Opens these tracks, for the family, when the step is completed."""
    return tuple(Open(OpenTrack(f"t{number}"), Moment.COMPLETING, Owner.FAMILY) for number in numbers)


def own_pairs(count: int) -> dict[str, Monitor]:
    """A statement about each track or pair by itself."""
    pairs = {number: pair(number) for number in range(count)}
    return {
        f"pair {number}": Precedence((plan,), (decision,)).monitor() for number, (plan, decision) in pairs.items()
    }


def tracks(count: int) -> Shape:
    """So many independent tracks; or none, when help is refused."""
    line = definition(
        "V",
        step(
            "s0", (is_("weg", "a"), "s1"), "refused", fields=(choice("weg", "a", "b"),), meanings=("turning_point",)
        ),
        step("s1", "s2", opens=opening(*range(count))),
        *(step(f"s{number}", f"s{number + 1}") for number in range(2, 20)),
        step("s20", meanings=(CLOSING,)),
        step("refused", meanings=("refusal",)),
        *(each for number in range(count) for each in body(number)),
        tracks=tracks_beside(count),
    )
    return Shape(
        release(line),
        {
            **own_pairs(count),
            "in all": Precedence((FIRST,), (THEN,)).monitor(),
            "in all, anew": Precedence((FIRST,), (THEN,), again=("turning_point",)).monitor(),
            "not both": NotCoexistence(("refusal",), ("seen",)).monitor(),
        },
    )


def row(count: int) -> Shape:
    """So many steps in a row."""
    aside = {3: 2, 4: -3}
    middle = count // 10 * 5
    meanings = {0: FIRST, middle: "middle", count - 2: THEN, count - 1: CLOSING}
    steps = []
    for number in range(count):
        other = number + aside.get(number % 5, 0)
        leads = other != number and 0 < other < count - 1 and number + 1 < count
        ways: tuple[str | tuple[Condition, str], ...] = ((is_("weg", "a"), f"s{other}"),) if leads else ()
        ways += (f"s{number + 1}",) if number + 1 < count else ()
        questions = (choice("weg", "a", "b"),) if leads else ()
        told = (meanings[number],) if number in meanings else ()
        steps.append(step(f"s{number}", *ways, fields=questions, meanings=told))
    return Shape(
        release(definition("V", *steps)),
        {
            "before": Precedence((FIRST,), (THEN,)).monitor(),
            "middle": Existence(("middle",), (CLOSING,)).monitor(),
            "after": Response((FIRST,), (THEN,), (CLOSING,)).monitor(),
            "together": Succession((FIRST,), (THEN,), (CLOSING,)).monitor(),
        },
    )


def fields(count: int) -> Shape:
    """So many steps, by three: a question, a plan that may be passed over, a decision that needs the plan."""
    steps = []
    for number in range(0, count, 3):
        plan, decision = pair(number // 3)
        old = is_(f"s{number // 2 // 3 * 3}.f1", "b")
        skips = All((is_("f0", "a"), old)) if number else is_("f0", "a")
        onward = (f"s{number + 3}",) if number + 3 < count else ()
        steps += [
            step(f"s{number}", (skips, f"s{number + 2}"), f"s{number + 1}", fields=asked()),
            step(f"s{number + 1}", f"s{number + 2}", fields=asked(), meanings=(plan, FIRST)),
            step(
                f"s{number + 2}",
                *onward,
                fields=asked(),
                meanings=(decision,),
                available=done(f"s{number + 1}"),
                unavailable=Goto(onward[0]) if onward else End(),
            ),
        ]
    return Shape(release(definition("V", *steps)), own_pairs(count // 3))


def asked() -> tuple[FieldSpec, ...]:
    """The questions of a step: three must be answered, and the last five are asked only after a certain answer."""
    return tuple(
        choice(f"f{number}", *VALUES, required=number < 3, shown_if=is_("f0", "a") if number >= 7 else None)
        for number in range(FIELDS)
    )


def done(key: str) -> Compare:
    """The condition that a step was done."""
    return Compare(FactRef("state", (("of", key),)), Operator.IS, "done")


def loop(count: int) -> Shape:
    """A line of so many steps that begins again, and tracks beside it that a person opens at any moment."""
    meanings = {0: ("turning_point",), 1: ("line_plan",), count - 2: ("line_decision",)}
    last = count - 1
    return Shape(
        release(
            definition(
                "V",
                *(step(f"s{number}", f"s{number + 1}", meanings=meanings.get(number, ())) for number in range(last)),
                step(f"s{last}", (is_("weg", "a"), "s0"), "end", fields=(choice("weg", "a", "b"),)),
                step("end", meanings=(CLOSING,)),
                tracks=tuple(
                    track(f"t{number}", definition=f"T{number}", opens_by=ByHand.HAND) for number in range(ANY_TIME)
                ),
            ),
            *(definition(f"T{number}", *body(number)) for number in range(ANY_TIME)),
        ),
        {
            **own_pairs(ANY_TIME),
            "in all": Precedence((FIRST,), (THEN,)).monitor(),
            "each round": Precedence(("line_plan",), ("line_decision",), again=("turning_point",)).monitor(),
            "line": Existence(("line_decision",), (CLOSING,)).monitor(),
        },
    )


def answers(count: int) -> Shape:
    """So many steps that may be passed over, each looked at twice later; never can the two looks differ."""
    asking = [
        each
        for number in range(count)
        for each in (
            step(f"ask{number}", (is_("weg", "a"), f"do{number}"), after("ask", number, count, "look0"),
                 fields=(choice("weg", "a", "b"),)),
            step(f"do{number}", after("ask", number, count, "look0")),
        )
    ]  # fmt: skip
    looking = [
        each
        for number in range(count)
        for each in (
            step(f"look{number}", (done(f"do{number}"), after("look", number, count, "end")), f"wait{number}"),
            step(f"wait{number}", (done(f"do{number}"), "odd"), after("look", number, count, "end")),
        )
    ]
    line = definition("V", *asking, *looking, step("odd", "end", meanings=("refusal",)), step("end"))
    return Shape(release(line), {"never odd": Absence(("refusal",)).monitor()})


def after(key: str, number: int, count: int, last: str) -> str:
    """The next of these, or the last."""
    return f"{key}{number + 1}" if number + 1 < count else last


def openers(count: int) -> Shape:
    """So many tracks of which each opens the next one with its first step; the last needs what only the first has."""
    steps = []
    for number in range(count):
        first, *others = body(number)
        further = opening(number + 1) if number + 1 < count else ()
        steps += [replace(first, opens=further), *(replace(it, meanings=()) for it in others)]
    steps[0] = replace(steps[0], meanings=(FIRST,))
    steps[-1] = replace(steps[-1], meanings=(THEN,))
    line = definition("V", step("s0", "s1", opens=opening(0)), step("s1"), *steps, tracks=tracks_beside(count))
    return Shape(release(line), {"first before last": Precedence((FIRST,), (THEN,)).monitor()})


def mutual(count: int) -> Shape:
    """So many tracks of which each opens all others with its first step; the last needs what only the first has."""
    steps = []
    for number in range(count):
        first, *others = (replace(it, meanings=()) for it in body(number))
        steps += [replace(first, opens=opening(*(it for it in range(count) if it != number))), *others]
    steps[0] = replace(steps[0], meanings=(FIRST,))
    steps[-1] = replace(steps[-1], meanings=(THEN,))
    line = definition("V", step("s0", "s1", opens=opening(0)), step("s1"), *steps, tracks=tracks_beside(count))
    return Shape(release(line), {"first before last": Precedence((FIRST,), (THEN,)).monitor()})


SHAPES: Final[dict[str, Callable[[int], Shape]]] = {
    "tracks": tracks, "row": row, "fields": fields, "loop": loop,
    "answers": answers, "openers": openers, "mutual": mutual,
}  # fmt: skip

STATES: Final = {
    ("tracks", 5): 1_460, ("tracks", 10): 3_770, ("tracks", 17): 8_432, ("tracks", 40): 35_480,
    ("row", 100): 404, ("row", 250): 1_004, ("row", 500): 2_004, ("row", 1_000): 4_004,
    ("fields", 12): 108, ("fields", 30): 630, ("fields", 60): 2_460,
    ("loop", 10): 194, ("loop", 25): 239, ("loop", 50): 314,
    ("answers", 4): 1_345, ("answers", 6): 11_300, ("answers", 16): 100_002,
    ("openers", 3): 148, ("openers", 5): 3_279, ("openers", 10): 100_001,
    ("mutual", 3): 149, ("mutual", 5): 3_271, ("mutual", 10): 100_002, ("mutual", 20): 32_172,
}  # fmt: skip
"""How many states the prover looks at, of all statements together."""

NOT_FINISHED: Final = frozenset({("answers", 16), ("openers", 10), ("mutual", 10), ("mutual", 20)})
"""Where it gives up, as it must."""
