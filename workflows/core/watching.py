"""
Watching a case: whether what is about to happen in it breaks a safeguard, and what would keep it.

A monitor hears of a case what it hears of a run in the proof. So a case on a release that is proven is never refused
anything here. What was done before and broke a safeguard all the same cannot be undone: a monitor goes on as if it
had not heard that, and speaks again when it is about to be broken again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from padwijzer.forms.core.conditions import Condition
from padwijzer.workflows.core.case_file import CaseFile
from padwijzer.workflows.core.definition import Detour, Goto, Jump, OpenTrack
from padwijzer.workflows.core.graph import needs_person, reachable, ways_on
from padwijzer.workflows.core.meanings import WORDS, happens, thing
from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.safeguards import (
    BREACH,
    STEP,
    Deviable,
    Meanings,
    Monitor,
    Scope,
    around,
    as_heard,
    skipped,
    steps_with,
    with_answer,
)
from padwijzer.workflows.core.safeguards.only_while import OnlyWhile
from padwijzer.workflows.core.safeguards.waits_for_consent import WaitsForConsent
from padwijzer.workflows.core.semantics import ActivityState, Happening, Marking, What

STEPS_DONE: Final = (What.STEP_COMPLETED, What.STEP_SAVED, What.STEP_SKIPPED)
"""What a monitor hears of; a save of a form that stays open counts as completing it."""
MAIN_EVENTS: Final = ("task.completed", "task.saved", "task.skipped")
"""Events of the history that say that a person did a step."""
BY_ITSELF: Final = "by_itself"
"""In what an event refers to: the steps that were completed without a person, in order."""
DEVIATED: Final = "deviated"
"""In what an event refers to: keys of the safeguards from which this step deviates with a reason."""
REGISTERS: Final = {
    Scope.CHILD: "person",
    Scope.HELP: "help_item",
    Scope.MEASURE: "measure",
    Scope.PLACEMENT: "placement",
}
"""In which register the rows are that a statement can be about."""
CONSENT_IS_ASKED: Final = ("consent_asked",)
"""What helps where consent is not complete: the template waits for what people say, and not for a step."""

Holds: TypeAlias = "Callable[[WatchedStep, Condition], bool]"
"""Whether a condition that a monitor asks of a step is true of it."""
Past: TypeAlias = "Callable[[], Sequence[WatchedStep]]"
"""The steps that a case did before, read when they are asked for."""


@dataclass(frozen=True, slots=True)
class WatchedStep:
    """
    A step of a case that was completed or skipped.

    Args:
        run: number of its run.
        definition: key of its definition.
        activity: its key.
        subject: id of the row that its run is about; None is the family.
        skipped: whether it was skipped.
        deviated: keys of the safeguards from which it deviates with a reason.
    """

    run: int
    definition: str
    activity: str
    subject: str | None = None
    skipped: bool = False
    deviated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Focus:
    """
    What a statement is about in a case.

    Args:
        row: id of the row; empty for the family, or for a row that is not there yet.
        child: id of the child whose row it is; empty where there is none.
    """

    row: str = ""
    child: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    A safeguard that a step would break.

    Args:
        safeguard: which.
        step: the step that would break it.
        focus: about what it would be broken.
        letter: what its monitor would hear.
        meaning: what would happen by that step; empty where any step would break it.
        missing: meanings any of which, happening first, would keep it; none when nothing would.
    """

    safeguard: Safeguard
    step: WatchedStep
    focus: Focus
    letter: str
    meaning: str
    missing: Meanings

    @property
    def why(self) -> str:
        """Why the step is refused, in Dutch."""
        return " ".join(filter(None, (self._would_happen(), self._lacks())))

    def _would_happen(self) -> str:
        if self.step.skipped:
            return f"U slaat dan {thing((self.meaning,))} over."
        return f"Nu zou dit gebeuren: {happens((self.meaning,))}." if self.meaning else ""

    def _lacks(self) -> str:
        if self.step.skipped and not self.missing:
            return ""
        if self.letter.startswith("*") and not self.missing:
            return "Dat geldt dan voor alles tegelijk, en dit moet voor ieder apart."
        if self.missing == CONSENT_IS_ASKED:
            return "Nog niet iedereen die ja moet zeggen, zei ja."
        if isinstance(self.safeguard.template, OnlyWhile):
            return self.safeguard.template.otherwise
        if self.missing:
            return f"Dit ontbreekt nog: {thing(self.missing)}."
        return "Dat past niet bij wat er eerder is gebeurd."


@dataclass(frozen=True, slots=True)
class WayToKeep:
    """
    A step that would keep a safeguard.

    Args:
        place: which.
        run: number of the run in which it is open now; 0 when it is not.
        track: key of a track, as `V.start_waiting`, that a person can open to come to it; empty for none.
    """

    place: Place
    run: int = 0
    track: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class WatchedSafeguard:
    """
    A safeguard over the cases of a release.

    Args:
        plan: the release.
        safeguard: the safeguard.
        monitor: its automaton.
    """

    plan: Plan
    safeguard: Safeguard
    monitor: Monitor

    def can_break(self, step: WatchedStep) -> bool:
        """Whether a step can break it, whatever happened before and whatever row its run is about."""
        breaking = {letter for (_, letter), after in self.monitor.moves.items() if after == BREACH}
        return not breaking.isdisjoint(self._letters_at_most(step))

    def _letters_at_most(self, step: WatchedStep) -> Iterator[str]:
        for name, _meaning in self._names(step):
            asked = name in self.monitor.asks
            yield from (with_answer(name, holds=it) for it in (True, False)) if asked else (name,)
            if self.safeguard.scope is not Scope.FAMILY:
                yield around(name)

    def refusal(
        self, past: Past, now: Sequence[WatchedStep], focuses: Iterable[Focus], holds: Holds
    ) -> Refusal | None:
        """The first breach of it, if any. Args: as for `Watch.refusals`."""
        before = past() if len(self.monitor.states) > len((self.monitor.start, BREACH)) else ()
        for focus in focuses:
            state = self.monitor.start
            for step in before:
                state, _ = self._after(state, step, focus, _held)
            for step in now:
                state, refusal = self._after(state, step, focus, holds)
                if refusal is not None:
                    return refusal
        return None

    def _after(self, state: str, step: WatchedStep, focus: Focus, holds: Holds) -> tuple[str, Refusal | None]:
        """The state after a step, with the first breach in it; what breaks it is not heard."""
        refusal = None
        for letter, meaning in self.letters(step, focus, holds):
            after = self._heard(state, letter, deviates=self.safeguard.key in step.deviated)
            if after != BREACH:
                state = after
            elif refusal is None:
                refusal = Refusal(self.safeguard, step, focus, letter, meaning, self._missing(state, letter))
        return state, refusal

    def _heard(self, state: str, letter: str, *, deviates: bool) -> str:
        """The state after a letter; a reasoned deviation counts as skipping what must happen."""
        after = self.monitor.after(state, letter)
        template = self.safeguard.template
        if after != BREACH or not deviates or not isinstance(template, Deviable):
            return after
        return self.monitor.after(self.monitor.after(state, skipped(template.fulfilled_by[0])), letter)

    def _missing(self, state: str, letter: str) -> Meanings:
        if isinstance(self.safeguard.template, WaitsForConsent) and not letter.startswith("*"):
            return CONSENT_IS_ASKED
        names = dict.fromkeys(name for _, name in self.monitor.moves if name in WORDS)
        return tuple(it for it in names if self.monitor.after(self.monitor.after(state, it), letter) != BREACH)

    def letters(self, step: WatchedStep, focus: Focus, holds: Holds) -> Iterator[tuple[str, str]]:
        """
        What the monitor hears of a step, in order, each letter with the meaning that it is of.

        Args:
            step: what was done.
            focus: about what the monitor is.
            holds: whether a condition that it asks is true.
        """
        for name, meaning in self._names(step):
            letter = as_heard(name, self.safeguard.scope, step.subject, focus.row, focus.child)
            asked = self.monitor.asks.get(letter)
            if asked is not None:
                letter = with_answer(name, holds=holds(step, asked))
            if letter:
                yield letter, meaning

    def _names(self, step: WatchedStep) -> Iterator[tuple[str, str]]:
        for meaning in self.plan.activity(step.definition, step.activity).meanings:
            yield (skipped(meaning) if step.skipped else meaning), meaning
        if not step.skipped:
            yield STEP, ""


class Watch:
    """
    The safeguards of a pack over the cases of a release.

    Args:
        plan: the release.
        pack: the safeguards.
    """

    def __init__(self, plan: Plan, pack: Pack) -> None:
        self.plan = plan
        self.watched = tuple(
            WatchedSafeguard(plan, it, monitor) for it in pack.safeguards if (monitor := it.monitor) is not None
        )
        ways = (
            WatchedStep(0, key, activity, skipped=skip)
            for key, definition in plan.definitions.items()
            for activity in definition.activities
            for skip in (False, True)
        )
        self._dangers = {
            (way.definition, way.activity, way.skipped): found
            for way in ways
            if (found := [it for it in self.watched if it.can_break(way)])
        }

    def refusals(
        self, past: Past, now: Sequence[WatchedStep], focuses: Callable[[Scope], Iterable[Focus]], holds: Holds
    ) -> tuple[Refusal, ...]:
        """
        The safeguards that steps break.

        Args:
            past: the steps that the case did before, in order; asked only when it makes a difference.
            now: the steps that follow, in order.
            focuses: about what a statement of a scope can be in this case; asked only when it makes a difference.
            holds: whether what a monitor asks of one of the steps that follow is true. Of earlier steps it was: they
                would have been refused.

        Returns:
            The first breach of each safeguard, in the order of the pack.
        """
        in_danger = [
            it for step in now for it in self._dangers.get((step.definition, step.activity, step.skipped), ())
        ]
        found = (it.refusal(past, now, focuses(it.safeguard.scope), holds) for it in self.watched if it in in_danger)
        return tuple(it for it in found if it is not None)

    def may_break(self, place: Place) -> bool:
        """Whether a step, or what can follow on it without a person, can break a safeguard; for what is foreseen."""
        roots = [track.body for track in self.plan.tracks.values() if track.by_itself and track.body is not None]
        led_to = reachable((place, *filter(self._goes_by_itself, roots)), self._follow)
        return any((it.definition, it.activity, skip) in self._dangers for it in led_to for skip in (False, True))

    def _follow(self, place: Place) -> Iterator[Place]:
        """What can be done without a person after a step: in its run, what it opens, and who called that run."""
        activity = self.plan.activity(place.definition, place.activity)
        bodies = (
            self.plan.tracks[f"{place.definition}.{it.what.track}"].body
            for it in activity.opens
            if isinstance(it.what, OpenTrack)
        )
        callers = self.plan.definitions[place.definition].callers
        found = (*_onward(self.plan, place), *(it for it in bodies if it is not None), *callers)
        return filter(self._goes_by_itself, found)

    def _goes_by_itself(self, place: Place) -> bool:
        return not needs_person(self.plan.activity(place.definition, place.activity))

    def wants_reason(self, definition: str, activity: str) -> bool:
        """Whether skipping a step stands in for what a safeguard asks, so that it needs a reason."""
        meanings = self.plan.activity(definition, activity).meanings
        return any(
            not set(meanings).isdisjoint(it.safeguard.template.fulfilled_by)
            for it in self.watched
            if it.safeguard.deviation and isinstance(it.safeguard.template, Deviable)
        )


def focuses(case_file: CaseFile, scope: Scope) -> tuple[Focus, ...]:
    """
    About what a statement of a scope can be in a case.

    A row that is not there yet counts too: what happens around it before it comes, it will have heard.
    """
    if scope is Scope.FAMILY:
        return (Focus(),)
    rows = case_file.rows(REGISTERS[scope])
    if scope is Scope.CHILD:
        return (*(Focus(row.id) for row in rows if row.text("kind") == "child"), Focus())
    children = [row.id for row in case_file.rows("person") if row.text("kind") == "child"]
    return (
        *(Focus(row.id, row.text("child")) for row in rows),
        *(Focus("", child) for child in children),
        Focus(),
    )


def done_in(marking: Marking, happened: Iterable[Happening], deviated: Iterable[str] = ()) -> tuple[WatchedStep, ...]:
    """
    The steps that were done by an event, in order.

    Args:
        marking: how it is with the case afterwards.
        happened: what followed from the event.
        deviated: keys of the safeguards from which they deviate with a reason.
    """
    return tuple(
        WatchedStep(
            it.run,
            marking.run(it.run).definition,
            it.activity,
            marking.run(it.run).subject,
            it.what is What.STEP_SKIPPED,
            frozenset(deviated),
        )
        for it in happened
        if it.what in STEPS_DONE
    )


def recorded_ref(steps: Sequence[WatchedStep], *, by_person: bool) -> dict[str, object]:
    """
    What an event says of the steps that it did, beside the step that it is about.

    Args:
        steps: of `done_in`, for everything that followed.
        by_person: whether the first of them is the step that the event is about.
    """
    others = steps[1:] if by_person else steps
    ref: dict[str, object] = {}
    if others:
        ref[BY_ITSELF] = [
            {
                "activity": it.activity,
                "definition": it.definition,
                "run": it.run,
                **({"subject": it.subject} if it.subject else {}),
            }
            for it in others
        ]
    deviated = sorted(frozenset().union(*(it.deviated for it in steps)))
    return {**ref, DEVIATED: deviated} if deviated else ref


def deviated_in(ref: Mapping[str, object]) -> frozenset[str]:
    """Keys of the safeguards from which an event deviates with a reason. Args: ref: what it refers to."""
    keys = ref.get(DEVIATED)
    return frozenset(map(str, keys)) if isinstance(keys, list) else frozenset()


def recorded_steps(events: Iterable[tuple[str, Mapping[str, object]]]) -> Iterator[WatchedStep]:
    """The steps that a case did. Args: events: type of each event of its stream and what it refers to, in order."""
    for kind, ref in events:
        keys = deviated_in(ref)
        if kind in MAIN_EVENTS:
            yield replace(_recorded(ref), skipped=kind == "task.skipped", deviated=keys)
        others = ref.get(BY_ITSELF)
        for it in others if isinstance(others, list) else ():
            yield replace(_recorded(it), deviated=keys)


def _recorded(ref: Mapping[str, object]) -> WatchedStep:
    run, subject = ref["run"], ref.get("subject")
    definition = str(ref["definition"]).partition("@")[0]
    return WatchedStep(
        run if isinstance(run, int) else 0, definition, str(ref["activity"]), str(subject) if subject else None
    )


# What would keep it


def ways_to_keep(plan: Plan, marking: Marking, refusal: Refusal) -> tuple[WayToKeep, ...]:
    """
    The steps that would keep a safeguard.

    Args:
        plan: the release.
        marking: how it is with the case.
        refusal: what would be broken.

    Returns:
        Those that are open; else those to which a track leads that a person can open; else every one of the release.
    """
    places = dict.fromkeys(step.place for step in steps_with(plan, refusal.missing))
    heard = (STEP, around(STEP)) if refusal.safeguard.shared else (STEP,)
    standing = ((Place(run.definition, run.position or ""), run) for run in marking.alive())
    is_open = [
        WayToKeep(place, run.number)
        for place, run in standing
        if place in places
        and run.state(place.activity) is ActivityState.OPEN
        and plan.call(place) is None
        and as_heard(STEP, refusal.safeguard.scope, run.subject, refusal.focus.row, refusal.focus.child) in heard
    ]
    tracks = [
        WayToKeep(place, track=track.key)
        for track in plan.tracks.values()
        if track.by_hand and track.body is not None
        for place in reachable((track.body,), lambda it: _onward(plan, it))
        if place in places
    ]
    return tuple(is_open or tracks or map(WayToKeep, places))


def _onward(plan: Plan, place: Place) -> Iterator[Place]:
    for _, target in ways_on(plan.activity(place.definition, place.activity)):
        match target:
            case Goto(key):
                yield Place(place.definition, key)
            case Jump(definition, key) if definition in plan:
                yield Place(definition, key or plan.definition(definition).start)
            case Detour(definition):
                yield Place(definition, plan.definition(definition).start)
            case _:
                pass
    call = plan.call(place)
    if call is not None:
        yield Place(call.definition, plan.definition(call.definition).start)


def _held(_step: WatchedStep, _condition: Condition) -> bool:
    return True
