"""
Random releases that compile, and worlds that answer as they please.

A release has a main path V, sometimes a second path W, sub-processes D-A and D-B, a crisis D-C, tracks with either
body, calls once and for each row, detours, jumps inside and outside, interrupts, duties, loops, waiting steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from padwijzer.forms.core.conditions import Collection, Condition, FactRef, Truth
from padwijzer.workflows.core.definition import (
    Activity,
    AtAge,
    ByHand,
    Completed,
    Detour,
    End,
    Goto,
    Interrupt,
    Jump,
    Kind,
    Moment,
    Obligation,
    OnEvent,
    Open,
    OpenDuty,
    OpenTrack,
    Owner,
    ProcessDefinition,
    RecordEvent,
    Return,
    RowsSource,
    RunScope,
    Target,
    TimeBefore,
    Track,
)
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.semantics import (
    CloseTrack,
    ComeBack,
    Complete,
    EndOutside,
    Event,
    Marking,
    Recheck,
    SaveOpen,
    Skip,
    StartCase,
    StartEmergency,
)
from padwijzer.workflows.core.semantics import OpenTrack as TrackOpens
from tests.support.definitions import calls, choice, definition, is_, more_placements_than, release, step, text, track

WAYS = ("a", "b", "c")
ROWS = (None, *(RowsSource(Collection(register)) for register in ("help_item", "person", "measure")))
"""For what something is done: once, or for each of these."""
OPENERS = (
    ByHand.ACTIVITY,
    ByHand.HAND,
    OnEvent(RecordEvent.MEASURE_STARTED),
    OnEvent(RecordEvent.HELP_STARTED),
    AtAge(198),
    TimeBefore(FactRef("applied_on"), "renewal_3m"),
)
OUTSIDE = "X"
CRISIS = "D-C"
OWNERS = (Owner.RUN, Owner.FAMILY, Owner.CHILD, Owner.HELP)
SUBJECTS = ("r1", "r2", "r3")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the steps of one definition may do. Args: leads_to: targets outside it; detours, calls: definitions."""

    key: str
    leads_to: tuple[Target, ...]
    calls: tuple[str, ...]
    last: Target
    tracks: tuple[str, ...] = ()


@st.composite
def releases(draw: st.DrawFn) -> ReleaseSpec:
    """A release of one to five definitions that compiles."""
    has_crisis, has_second = draw(st.booleans()), draw(st.booleans())
    subs = ("D-A", "D-B")[: draw(st.integers(0, 2))]
    interrupts: tuple[Target, ...] = (Interrupt(CRISIS if has_crisis else OUTSIDE),)
    elsewhere: tuple[Target, ...] = (Jump("W"), Jump("W", "s0")) if has_second else ()
    made = [
        draw(_definition(Draft("V", (*interrupts, *elsewhere, Jump(OUTSIDE), Jump("V"), End()), subs, End(), subs)))
    ]
    if has_second:
        made.append(draw(_definition(Draft("W", (Jump("V"), End()), subs, Jump("V"), subs))))
    if has_crisis:
        made.append(draw(_definition(Draft(CRISIS, (Jump("V"), End()), subs, End()))))
    for index, key in enumerate(subs):
        deeper = subs[index + 1 :]
        made.append(draw(_definition(Draft(key, (Return("ok"),), deeper, Return("no")), returns=("ok", "no"))))
    return release(*made)


@st.composite
def _definition(draw: st.DrawFn, draft: Draft, **more: Any) -> ProcessDefinition:
    size = draw(st.integers(1, 4))
    tracks = draw(_tracks(draft, size))
    steps = [
        draw(_step(draft, index, size, [each for each in tracks if each.opens_by is ByHand.ACTIVITY]))
        for index in range(size)
    ]
    opened = {open_.what.track for each in steps for open_ in each.opens if isinstance(open_.what, OpenTrack)}
    kept = tuple(each for each in tracks if each.opens_by is not ByHand.ACTIVITY or each.key in opened)
    bodies = [draw(_body(each)) for each in kept if each.activity]
    scope = draw(st.sampled_from((RunScope.FAMILY, RunScope.CHILD)))
    apart = ""
    if draft.key in ("V", "W") and scope is RunScope.FAMILY and draw(st.booleans()):
        apart = f"s{size - 1}"
    return definition(
        draft.key, *steps, *bodies, tracks=kept, scope=scope, per_child_from=apart,
        entries=("s0",), outside=((OUTSIDE, text("Een ander neemt het over.")),), **more,
    )  # fmt: skip


@st.composite
def _step(draw: st.DrawFn, draft: Draft, index: int, size: int, tracks: Sequence[Track]) -> Activity:
    kinds = [Kind.FORM, Kind.FORM, Kind.DECISION, Kind.WAIT]
    if index:
        kinds += [Kind.AUTOMATIC]
        kinds += [Kind.CALL] * (2 * len(draft.calls))
    kind = draw(st.sampled_from(kinds))
    by_person = kind not in (Kind.AUTOMATIC, Kind.CALL)
    onward = [Goto(f"s{number}") for number in range(0 if by_person else index + 1, size)]
    targets: list[Target] = [
        *onward,
        *(target for target in draft.leads_to if by_person or not isinstance(target, Jump)),
    ]
    targets += [Detour(key) for key in draft.calls]
    else_ = (
        Goto(f"s{index + 1}")
        if index + 1 < size
        else (End() if draft.last == Jump("V") and not by_person else draft.last)
    )
    chosen = draw(st.lists(st.sampled_from(targets), max_size=2)) if targets else []
    ways = [
        (is_("weg", WAYS[number]) if by_person else more_placements_than(len(chosen) - number), target)
        for number, target in enumerate(chosen)
    ]
    more: dict[str, Any] = {"obligation": draw(st.sampled_from(tuple(Obligation)))}
    if by_person and ways:
        more["fields"] = (choice("weg", *WAYS),)
    if more["obligation"] is not Obligation.LAW and ways:
        more["skip"] = else_
    if index and index + 1 < size and draw(st.booleans()):
        more |= {"available": more_placements_than(5), "unavailable": Goto(f"s{index + 1}")}
    if kind is Kind.CALL:
        many = draw(st.booleans())
        more["call"] = calls(
            draw(st.sampled_from(draft.calls)),
            for_each=draw(st.sampled_from(("help_item", "person"))) if many else "",
            goes_on_when=more_placements_than(6) if many and draw(st.booleans()) else None,
            obligation=draw(st.sampled_from((None, Obligation.POLICY))),
        )
    more["opens"] = draw(_opens(draft, size, tracks))
    return step(f"s{index}", *ways, else_, kind=kind, **more)


@st.composite
def _opens(draw: st.DrawFn, draft: Draft, size: int, tracks: Sequence[Track]) -> tuple[Open, ...]:
    what: list[OpenTrack | OpenDuty] = [OpenTrack(each.key) for each in tracks]
    discharging = f"s{draw(st.integers(0, size - 1))}"
    what.append(OpenDuty("terug", text("Kijk terug"), "", (discharging,)))
    return tuple(
        Open(
            each,
            draw(st.sampled_from(tuple(Moment))),
            draw(st.sampled_from(OWNERS)),
            when=draw(st.sampled_from((None, more_placements_than(7)))),
            for_each=draw(st.sampled_from(ROWS)),
        )
        for each in draw(st.lists(st.sampled_from(what), max_size=2))
    )


@st.composite
def _tracks(draw: st.DrawFn, draft: Draft, size: int) -> tuple[Track, ...]:
    made = []
    for number in range(draw(st.integers(0, 2))):
        may_be_whole = bool(draft.tracks) and draw(st.booleans())
        whole = draw(st.sampled_from(draft.tracks)) if may_be_whole else ""
        closer = draw(st.sampled_from((Completed(f"s{size - 1}"), OnEvent(RecordEvent.MEASURE_ENDED), None)))
        made.append(
            track(
                f"t{number}",
                activity="" if whole else f"b{number}",
                definition=whole,
                opens_by=draw(st.sampled_from(OPENERS)),
                owner=draw(st.sampled_from(OWNERS)),
                closes_on=(closer,) if closer else (),
                closed_by_hand=True,
                possible_when=draw(st.sampled_from((None, more_placements_than(8)))),
                for_each=draw(st.sampled_from(ROWS)),
                handed_over=draw(st.booleans()),
            )
        )
    return tuple(made)


@st.composite
def _body(draw: st.DrawFn, each: Track) -> Activity:
    return (
        step(each.activity, kind=draw(st.sampled_from((Kind.FORM, Kind.AUTOMATIC))))
        if draw(st.booleans())
        else step(each.activity, stays_open=True)
    )


class Drawn:
    """A world that answers every question as hypothesis pleases, and remembers what it answered."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.said: list[object] = []

    def truth(self, marking: Marking, run: int | None, activity: str, condition: Condition) -> Truth:
        answer: Truth = self.data.draw(st.sampled_from((False, True, None)))
        self.said.append(answer)
        return answer

    def rows(self, marking: Marking, run: int | None, activity: str, source: RowsSource) -> Sequence[str]:
        found = self.data.draw(st.lists(st.sampled_from(SUBJECTS), max_size=3))
        self.said.append(found)
        return found


class Repeated:
    """A world that answers what was answered before, in that order."""

    def __init__(self, said: Sequence[object]) -> None:
        self.said = list(said)

    def truth(self, marking: Marking, run: int | None, activity: str, condition: Condition) -> Any:
        return self.said.pop(0)

    def rows(self, marking: Marking, run: int | None, activity: str, source: RowsSource) -> Any:
        return self.said.pop(0)


def events(spec: ReleaseSpec, marking: Marking) -> st.SearchStrategy[Event]:
    """Events that may be tried in a marking; not each of them is possible."""
    found: list[Event] = [Recheck(), StartCase(), StartEmergency(CRISIS), StartEmergency(CRISIS, "r1")]
    for run in marking.alive():
        found += [Complete(run.number)] * 4
        found += [
            Skip(run.number),
            SaveOpen(run.number),
            CloseTrack(run.number),
            CloseTrack(run.number, by_hand=True),
        ]
        found += [ComeBack(run.number), ComeBack(run.number, "s0"), EndOutside(run.number)]
        found += [
            TrackOpens(run.number, each.key, subject)
            for each in spec.definitions[run.definition].tracks
            for subject in (None, "r1")
        ]
    found += [
        TrackOpens(None, each.key, subject, key)
        for key, definition_ in spec.definitions.items()
        for each in definition_.tracks
        for subject in (None, "r2")
    ]
    return st.sampled_from(found)
