"""
Repairs of a release in which a run breaks a safeguard: made up from the story, tried, proven, and only then offered.

No repair touches a statement, and none that stands breaks another one or leaves a finding that was not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Final

from padwijzer.forms.core.conditions import (
    All,
    AnyOf,
    Collection,
    ColumnCompare,
    Compare,
    Condition,
    FactRef,
    Filter,
    Not,
    Operator,
    Quantifier,
    Rows,
)
from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.catalogues import Catalogue
from padwijzer.workflows.core.compiling import check_release, compile_release
from padwijzer.workflows.core.definition import (
    Activity,
    Effect,
    End,
    Exit,
    Goto,
    Moment,
    Open,
    OpenDuty,
    Owner,
    ProcessDefinition,
    Return,
    Rule,
    Track,
)
from padwijzer.workflows.core.graph import called_by, needs_person, ways_on
from padwijzer.workflows.core.meanings import thing
from padwijzer.workflows.core.packs import Safeguard
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.proving.faults import Lack, lacks
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.replay import states_along
from padwijzer.workflows.core.proving.search import Verdict, prove
from padwijzer.workflows.core.proving.stories import LONGEST_OF_TWO, Deed, Doing, Story, quoted, story
from padwijzer.workflows.core.reading import write_definition
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import (
    BREACH,
    STEP,
    Meanings,
    Monitor,
    Scope,
    Structural,
    demanding,
    latest,
    with_answer,
)
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation
from padwijzer.workflows.core.safeguards.not_coexistence import NotCoexistence
from padwijzer.workflows.core.safeguards.response import Response
from padwijzer.workflows.core.safeguards.standing_duty import StandingDuty
from padwijzer.workflows.core.safeguards.waits_for_consent import ASKED, WaitsForConsent

MOST: Final = 3
"""How many repairs are offered."""
TRIES: Final = 60
"""How many changes are tried; a count and not a time, so that the same repairs are found on every machine."""
SEARCHES: Final = 12
"""How many changes may turn out to leave another way to go wrong: to find that way takes long."""
LOOKING: Final = 2_000
"""How many states are looked at to see that something can happen still."""
STEPS_BACK: Final = 5
"""How many steps before the harmful one another step is put in between."""
IS_DONE: Final = ("done", "afterwards")
"""The states of a step that was done."""


@dataclass(frozen=True, slots=True)
class Repair:
    """
    A change of a release after which a safeguard is proven.

    Args:
        advice: it in Dutch, a sentence for each edit; each names the step to change.
        place: the first step to change.
        where: its place in the JSON of its definition.
        size: how many edits it takes.
        distance: how many things happen between the first edit and what goes wrong.
        definitions: the changed definitions by key.
    """

    advice: tuple[str, ...]
    place: Place
    where: str
    size: int
    distance: int
    definitions: Mapping[str, ProcessDefinition] = field(hash=False)

    def applied(self, spec: ReleaseSpec) -> ReleaseSpec:
        """The release with this change."""
        return ReleaseSpec(spec.start, {**spec.definitions, **self.definitions})

    @property
    def documents(self) -> dict[str, dict[str, object]]:
        """The changed definitions as JSON values, by key."""
        return {key: write_definition(definition) for key, definition in self.definitions.items()}


def repairs(
    spec: ReleaseSpec,
    safeguard: Safeguard,
    verdict: Verdict,
    told: Story,
    *,
    others: Iterable[Safeguard] = (),
    published: ReleaseSpec | None = None,
    catalogue: Catalogue | None = None,
    allow_skeletons: bool = False,
) -> tuple[Repair, ...]:
    """
    Changes after which a safeguard that is broken is proven.

    Args:
        spec: the release.
        safeguard: what is broken; one that is watched.
        verdict: what the search found, with a run that breaks it.
        told: the story of that run.
        others: safeguards that were proven, and must stay so.
        published: the release as it was before it was edited; None: that is not known.
        catalogue: the names that definitions may use.
        allow_skeletons: whether the release has definitions that are not whole yet.

    Returns:
        At most three, the smallest first. Each was tried: with it the safeguard is proven, and not because its event
        can no longer happen; no other is broken, and no finding is new.
    """
    checks = _Checks(spec, tuple(others), catalogue, allow_skeletons=allow_skeletons)
    trial = _Trial(checks, safeguard, verdict, _mending(safeguard, told))
    found: list[Repair] = []
    left: list[tuple[_Change, Callable[[], Story]]] = []
    for change in _changes(spec, safeguard, told, published):
        outcome = trial.of(change.spec)
        if outcome.stands:
            found.append(change.repair(spec))
        elif outcome.told is not None:
            left.append((change, outcome.told))
        if len(found) == MOST:
            break
    if not found:
        found += _of_two(spec, safeguard, trial, left)
    return tuple(sorted(found, key=lambda it: (it.size, it.distance)))


def repairs_of_fault(
    spec: ReleaseSpec,
    safeguard: Safeguard,
    place: Place,
    *,
    others: Iterable[Safeguard] = (),
    published: ReleaseSpec | None = None,
    catalogue: Catalogue | None = None,
    allow_skeletons: bool = False,
) -> tuple[Repair, ...]:
    """
    Changes after which a step is made as a safeguard says.

    Args:
        spec: the release.
        safeguard: what is broken; one that is structural.
        place: the step that breaks it.
        others: safeguards that were proven, and must stay so.
        published: the release as it was before it was edited; None: that is not known.
        catalogue: the names that definitions may use.
        allow_skeletons: whether the release has definitions that are not whole yet.
    """
    checks = _Checks(spec, tuple(others), catalogue, allow_skeletons=allow_skeletons)
    template, plan = safeguard.template, checks.plan(spec)
    if not isinstance(template, Structural) or plan is None:
        return ()
    made: list[_Change] = []
    for change in (*_put_back(spec, template, place, published), *_made_right(spec, lacks(plan, safeguard, place))):
        mended = checks.plan(change.spec) if all(change.spec != it.spec for it in made) else None
        if mended is not None and place not in template.faults(mended) and checks.others_hold(_Machines(mended)):
            made.append(change)
    return tuple(it.repair(spec) for it in made[:MOST])


def _made_right(spec: ReleaseSpec, wrong: tuple[Lack, ...]) -> Iterator[_Change]:
    """Everything that a step lacks, made right at once."""
    definitions = dict(spec.definitions)
    for it in wrong:
        definitions[it.place.definition] = it.mend(definitions[it.place.definition])
    if wrong:
        changed = ReleaseSpec(spec.start, definitions)
        yield _Change(changed, tuple(it.advice for it in wrong), wrong[0].place, len(wrong), 0)


def _put_back(
    spec: ReleaseSpec, template: Structural, place: Place, published: ReleaseSpec | None
) -> Iterator[_Change]:
    """The step as it was published, with its track; or where it is only missed, the step that is gone."""
    for key, before in published.definitions.items() if published is not None else ():
        now = spec.definitions.get(key)
        steps = {it.key: it for it in now.activities} if now is not None else {}
        for it in before.activities:
            here, title = Place(key, it.key), quoted(in_language(it.title), LONGEST_OF_TWO)
            if now is None or (here != place and set(template.what).isdisjoint(it.meanings)):
                continue
            if it.key not in steps:
                gone = ReleaseSpec(spec.start, {**spec.definitions, key: before})
                yield _Change(gone, (f"Zet de stap {title} terug.",), here, 1, 0)
                continue
            changed = _with(spec, {here: it})
            whole = replace(changed.definitions[key], tracks=_tracks_back(now, before, it.key))
            changed = ReleaseSpec(spec.start, {**changed.definitions, key: whole})
            yield _Change(changed, (f"Zet {title} terug zoals die stap was.",), here, 1, 0)


def _tracks_back(now: ProcessDefinition, before: ProcessDefinition, activity: str) -> tuple[Track, ...]:
    """The tracks of a definition, those with this step as their body as they were."""
    back = {it.key: it for it in before.tracks if it.activity == activity}
    kept = tuple(back.pop(it.key, it) for it in now.tracks if it.key in back or it.activity != activity)
    return (*kept, *back.values())


def _of_two(
    spec: ReleaseSpec, safeguard: Safeguard, trial: _Trial, left: Iterable[tuple[_Change, Callable[[], Story]]]
) -> Iterator[Repair]:
    """At most one repair that takes two changes, where one alone leaves another way to go wrong."""
    for first, told in left:
        for second in _changes(first.spec, safeguard, told()):
            both = replace(
                second,
                advice=(*first.advice, *second.advice),
                place=first.place,
                size=first.size + second.size,
                distance=max(first.distance, second.distance),
            )
            if trial.of(both.spec).stands:
                yield both.repair(spec)
                return


@dataclass(frozen=True, slots=True)
class _Change:
    """A change that is not proven. Args: spec: the release after it; the others as those of a repair."""

    spec: ReleaseSpec = field(hash=False)
    advice: tuple[str, ...]
    place: Place
    size: int
    distance: int

    def repair(self, before: ReleaseSpec) -> Repair:
        """The same as a repair of the release as it was before."""
        changed = {key: it for key, it in self.spec.definitions.items() if before.definitions.get(key) != it}
        keys = [it.key for it in self.spec.definitions[self.place.definition].activities]
        where = f"activities[{keys.index(self.place.activity)}]"
        return Repair(self.advice, self.place, where, self.size, self.distance, MappingProxyType(changed))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What comes of a change. Args: stands: whether it does; told: tells the run that still breaks the safeguard."""

    stands: bool
    told: Callable[[], Story] | None = None


class _Checks:
    """What every change is held to: no finding is new, and the other safeguards hold."""

    def __init__(
        self, spec: ReleaseSpec, others: tuple[Safeguard, ...], catalogue: Catalogue | None, *, allow_skeletons: bool
    ) -> None:
        self.others, self.catalogue, self.allow_skeletons = others, catalogue, allow_skeletons
        self.findings = self._findings(spec)

    def plan(self, spec: ReleaseSpec) -> Plan | None:
        """The plan of a release with a change; None when something is wrong with it that was not wrong before."""
        plan = compile_release(spec, self.catalogue, allow_skeletons=self.allow_skeletons)
        return plan if isinstance(plan, Plan) and not self._findings(spec) - self.findings else None

    def others_hold(self, machines: _Machines) -> bool:
        """Whether every other safeguard holds."""
        return all(self._holds(it, machines) for it in self.others)

    def _holds(self, safeguard: Safeguard, machines: _Machines) -> bool:
        if isinstance(safeguard.template, Structural):
            return not safeguard.template.faults(machines.plan)
        return safeguard.monitor is not None and prove(machines[safeguard.scope], safeguard.monitor).proven

    def _findings(self, spec: ReleaseSpec) -> Counter[tuple[str, str]]:
        found = check_release(spec, self.catalogue, allow_skeletons=self.allow_skeletons)
        return Counter((it.code, it.definition) for it in found)


class _Trial:
    """Tries changes, so many and no more."""

    def __init__(self, checks: _Checks, safeguard: Safeguard, verdict: Verdict, missing: Meanings) -> None:
        self.checks, self.safeguard, self.missing = checks, safeguard, missing
        self.known = [verdict]
        self.tried = 0

    def of(self, spec: ReleaseSpec) -> _Outcome:
        """What comes of a release with a change: its own statement first, and then the others."""
        monitor = self.safeguard.monitor
        if self.tried == TRIES or len(self.known) > SEARCHES or monitor is None:
            return _Outcome(stands=False)
        self.tried += 1
        plan = self.checks.plan(spec)
        if plan is None:
            return _Outcome(stands=False)
        machines = _Machines(plan)
        machine = machines[self.safeguard.scope]
        if any(_goes_on(machine, monitor, it) for it in self.known):
            return _Outcome(stands=False)
        verdict = prove(machine, monitor)
        if verdict.run:
            self.known.append(verdict)
            return _Outcome(stands=False, told=partial(story, machine, self.safeguard, verdict))
        if not verdict.proven or not self._can_happen(machine, monitor):
            return _Outcome(stands=False)
        return _Outcome(self.checks.others_hold(machines))

    def _can_happen(self, machine: Machine, monitor: Monitor) -> bool:
        """Whether what waits can happen still, so that it is not true of nothing; what is not found soon may."""
        if isinstance(self.safeguard.template, Absence | NoDeviation | NotCoexistence):
            return True
        moves = {at: after for at, after in monitor.moves.items() if at[1] not in self.missing}
        for meaning in monitor.asks:
            lacks, has = with_answer(meaning, holds=False), with_answer(meaning, holds=True)
            moves |= {(state, has): after for (state, letter), after in moves.items() if letter == lacks}
        verdict = prove(machine, replace(monitor, moves=moves), LOOKING)
        return not verdict.proven


def _goes_on(machine: Machine, monitor: Monitor, verdict: Verdict) -> bool:
    """Whether a run that is known to break the statement can still be walked: then there is nothing to search."""
    members = frozenset(it for it in machine.components if it.name in verdict.components)
    return states_along(machine, monitor, members, verdict.run) is not None


class _Machines(dict[Scope, Machine]):
    """The machine of a plan for each scope, made when it is asked for."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan

    def __missing__(self, scope: Scope) -> Machine:
        self[scope] = Machine(self.plan, scope)
        return self[scope]


def _changes(
    spec: ReleaseSpec, safeguard: Safeguard, told: Story, published: ReleaseSpec | None = None
) -> list[_Change]:
    """Changes that may mend what a story tells, each once, the smallest and nearest first."""
    maker = _Maker(spec, safeguard, told)
    made = [
        *maker.put_back(published or spec),
        *maker.without_skips(),
        *maker.leading_first(),
        *maker.between(),
        *maker.blocks(),
        *maker.duties(),
        *maker.closed(),
    ]
    found: list[_Change] = []
    for change in sorted(made, key=lambda it: (it.size, it.distance)):
        if change.spec != spec and all(change.spec != it.spec for it in found):
            found.append(change)
    return found


class _Maker:
    def __init__(self, spec: ReleaseSpec, safeguard: Safeguard, told: Story) -> None:
        self.spec, self.safeguard, self.told = spec, safeguard, told
        self.template = safeguard.template
        self.deeds = told.deeds
        self.missing = _mending(safeguard, told)

    # what there is

    def step(self, place: Place) -> Activity:
        return self.spec.definitions[place.definition].activity(place.activity)

    def title(self, place: Place) -> str:
        return quoted(in_language(self.step(place).title), LONGEST_OF_TWO)

    def distance(self, deed: Deed) -> int:
        return len(self.deeds) - 1 - self.deeds.index(deed)

    def steps_with(self, meanings: Iterable[str]) -> list[Place]:
        wanted = set(meanings)
        return [
            Place(key, it.key)
            for key, definition in self.spec.definitions.items()
            for it in definition.activities
            if wanted & set(it.meanings)
        ]

    def carriers(self, near: Place) -> list[Place]:
        """Other steps of its definition that give what is missing, by what they call too; the nearest first."""
        definition = self.spec.definitions[near.definition]
        keys = [it.key for it in definition.activities]
        found = [Place(near.definition, it.key) for it in definition.activities if self._gives(it)]
        here = keys.index(near.activity)
        return sorted((it for it in found if it != near), key=lambda it: abs(keys.index(it.activity) - here))

    def _gives(self, activity: Activity) -> bool:
        if set(activity.meanings) & set(self.missing):
            return True
        called = (self.spec.definitions.get(key) for key in called_by(activity))
        return any(self._gives(it) for definition in called if definition is not None for it in definition.activities)

    def change(
        self, advice: str, deed: Deed, edits: Mapping[Place, Activity], *, place: Place | None = None, size: int = 0
    ) -> _Change:
        spec = _with(self.spec, edits)
        return _Change(spec, (advice,), place or deed.place, size or len(edits), self.distance(deed))

    # changes

    def put_back(self, published: ReleaseSpec) -> Iterator[_Change]:
        """A step as it was, or what it was part of when it is gone."""
        for key, before in published.definitions.items():
            now = self.spec.definitions.get(key)
            if now is None or now == before:
                continue
            steps = {it.key: it for it in now.activities}
            for it in before.activities:
                place = Place(key, it.key)
                if it.key not in steps:
                    whole = ReleaseSpec(self.spec.start, {**self.spec.definitions, key: before})
                    title = quoted(in_language(it.title), LONGEST_OF_TWO)
                    yield _Change(whole, (f"Zet de stap {title} terug.",), place, 1, 0)
                elif steps[it.key] != it:
                    advice = f"Zet {self.title(place)} terug zoals die stap was."
                    yield self.change(advice, self.deeds[-1], {place: it}, place=place)

    def without_skips(self) -> Iterator[_Change]:
        """Nobody skips what was skipped."""
        for deed in self.deeds:
            if deed.doing is Doing.SKIPPED:
                step = replace(self.step(deed.place), skippable=False, skip=None)
                advice = f"Sta niet toe dat iemand {self.title(deed.place)} overslaat."
                yield self.change(advice, deed, {deed.place: step})

    def leading_first(self) -> Iterator[_Change]:
        """A way that was taken leads to a step that gives what is missing."""
        for deed in self.deeds:
            if deed.exit is None:
                continue
            for goal in self.carriers(deed.place):
                step = _led(self.step(deed.place), deed, Goto(goal.activity))
                if step is not None:
                    yield self.change(self._led_in_words(deed, goal), deed, {deed.place: step})

    def _led_in_words(self, deed: Deed, goal: Place) -> str:
        here, there = self.title(deed.place), self.title(goal)
        match deed.doing:
            case Doing.SKIPPED:
                return f"Laat wie {here} overslaat eerst naar {there} gaan."
            case Doing.PASSED:
                return f"Kan {here} niet? Ga dan eerst naar {there}."
            case _:
                return f"Laat {here} eerst naar {there} gaan."

    def between(self) -> Iterator[_Change]:
        """Every way to a step leads by one that gives what is missing."""
        for deed in self.deeds[-STEPS_BACK:]:
            if not deed.activity:
                continue
            steps = self.spec.definitions[deed.component.definition].activities
            for goal in self.carriers(deed.place):
                edits, size = {}, 0
                for step in steps:
                    if step.key == goal.activity:
                        continue
                    led, count = _led_around(step, deed.activity, Goto(goal.activity))
                    if count:
                        edits[Place(deed.component.definition, step.key)] = led
                        size += count
                if size > 1:
                    advice = f"Laat elke weg naar {self.title(deed.place)} eerst langs {self.title(goal)} gaan."
                    yield self.change(advice, deed, edits, size=size)

    def blocks(self) -> Iterator[_Change]:
        """A rule stands in the way until what is missing is there."""
        deed = self._last_by_person()
        if deed is None:
            return
        here = self.title(deed.place)
        asks = self.safeguard.monitor.asks if self.safeguard.monitor is not None else {}
        for asked in dict.fromkeys(asks.values()):
            text, advice = self.safeguard.statement, f"Voeg bij {here} een regel toe die dat tegenhoudt."
            if isinstance(self.template, WaitsForConsent):
                text = "Vraag eerst ieders toestemming."
                advice = f"Sta {here} pas toe als iedereen die ja moet zeggen, ja zegt."
            yield self.change(advice, deed, self._blocked(deed, Not(asked), text))
        if asks:
            return
        goals = self.carriers(deed.place)
        if goals:
            names = [in_language(self.step(it).title) for it in goals]
            text = f"Doe eerst {' of '.join(f'‘{it}’' for it in names)}."
            lacks: Condition = Not(_is_done(goals))
            triggers = [it for it in self._triggers() if it.definition == deed.place.definition]
            if triggers:
                lacks = All((_is_done(triggers), lacks))
            advice = f"Sta {here} pas toe als er {thing(self.missing)} is."
            yield self.change(advice, deed, self._blocked(deed, lacks, text))
        if isinstance(self.template, NotCoexistence):
            both = demanding(self.template.one), demanding(self.template.other)
            for side in both:
                earlier = [it.place for it in self.deeds[:-1] if set(it.letters) & set(side)]
                if earlier and earlier[-1].definition == deed.place.definition:
                    text = f"Dit kan niet meer na ‘{in_language(self.step(earlier[-1]).title)}’."
                    advice = f"Sta {here} niet meer toe na {self.title(earlier[-1])}."
                    yield self.change(advice, deed, self._blocked(deed, _is_done(earlier[-1:]), text))

    def _last_by_person(self) -> Deed | None:
        for deed in reversed(self.deeds):
            if deed.doing in (Doing.COMPLETED, Doing.SAVED) and needs_person(self.step(deed.place)):
                return None if self.step(deed.place).unblockable else deed
        return None

    def _blocked(self, deed: Deed, lacks: Condition, words: str) -> dict[Place, Activity]:
        """The step with the rule; where the step itself does no harm, only for the way that was taken."""
        step = self.step(deed.place)
        if deed != self.deeds[-1] and deed.exit is not None and len(step.exits) > 1:
            way = _way(step, deed.exit)
            if way is not None:
                lacks = All((way, lacks))
        rule = Rule(lacks, Effect.BLOCK, (("nl", words),), self.safeguard.ground[0], unknown_counts=True)
        return {deed.place: replace(step, rules=(*step.rules, rule))}

    def _triggers(self) -> list[Place]:
        """The steps that open the debt that was not paid."""
        match self.template:
            case StandingDuty(opened_by=when) | Response(when=when):
                return self.steps_with(latest(when, self.told.heard))
            case _:
                return []

    def duties(self) -> Iterator[_Change]:
        """A debt becomes a duty, which stands in the way until it is done."""
        triggers, deed = self._triggers(), self._last_by_person()
        paying = self.steps_with(self.missing)
        if not triggers or not paying or deed is None:
            return
        kind = f"owed_{paying[0].activity}"
        title = in_language(self.step(paying[0]).title)
        edits = {}
        for place in triggers:
            step = self.step(place)
            here = place.definition
            named = (it.activity if it.definition == here else f"{it.definition}.{it.activity}" for it in paying)
            duty = OpenDuty(kind, (("nl", title),), "", tuple(named))
            edits[place] = replace(step, opens=(*step.opens, Open(duty, Moment.COMPLETING, Owner.FAMILY)))
        stands = Filter(
            Quantifier.ALL,
            (ColumnCompare("kind", Operator.IS, kind), ColumnCompare("state", Operator.IS, "open")),
        )
        if deed.place in edits:
            return
        edits |= self._blocked(deed, Rows(Collection("duty"), Quantifier.ANY, stands), f"Doe eerst ‘{title}’.")
        advice = f"Laat {self.title(triggers[0])} een plicht openen tot {self.title(paying[0])} klaar is."
        yield self.change(advice, deed, edits, place=triggers[0])

    def closed(self) -> Iterator[_Change]:
        """A way that was taken is no more: an exit with a condition, or coming back at a step."""
        for deed in self.deeds:
            definition = self.spec.definitions[deed.component.definition]
            if deed.doing is Doing.BACK and deed.activity in definition.entries:
                entries = tuple(it for it in definition.entries if it != deed.activity)
                changed = {**self.spec.definitions, definition.key: replace(definition, entries=entries)}
                advice = f"Laat de zaak niet terugkomen bij {self.title(deed.place)}."
                spec = ReleaseSpec(self.spec.start, changed)
                yield _Change(spec, (advice,), deed.place, 2, self.distance(deed))
            if deed.doing not in (Doing.COMPLETED, Doing.SAVED) or deed.exit is None or deed.exit < 0:
                continue
            step = self.step(deed.place)
            taken = step.exits[deed.exit]
            if taken.when is not None and isinstance(taken.target, Goto):
                exits = tuple(it for number, it in enumerate(step.exits) if number != deed.exit)
                goal = self.title(Place(definition.key, taken.target.activity))
                advice = f"Haal de weg van {self.title(deed.place)} naar {goal} weg."
                yield self.change(advice, deed, {deed.place: replace(step, exits=exits)}, size=2)


def _with(spec: ReleaseSpec, edits: Mapping[Place, Activity]) -> ReleaseSpec:
    """The release with other steps in these places."""
    definitions = dict(spec.definitions)
    for key in {it.definition for it in edits}:
        steps = tuple(edits.get(Place(key, it.key), it) for it in definitions[key].activities)
        definitions[key] = replace(definitions[key], activities=steps)
    return ReleaseSpec(spec.start, definitions)


def _mending(safeguard: Safeguard, told: Story) -> Meanings:
    """Meanings that, had they happened just before the breach, would have kept the statement."""
    monitor = safeguard.monitor
    if isinstance(safeguard.template, WaitsForConsent) or monitor is None:
        return (ASKED,)
    state, last = monitor.start, STEP
    for letter in told.heard:
        after = monitor.after(state, letter)
        if after == BREACH:
            last = letter
            break
        state = after
    plain = sorted(it for it in monitor.letters - {STEP} if it.isidentifier())
    return tuple(it for it in plain if monitor.after(monitor.after(state, it), last) != BREACH)


def _led(step: Activity, deed: Deed, goal: Goto) -> Activity | None:
    """The step whose way that was taken leads to the goal; None when that way is not for us to lead elsewhere."""
    if deed.exit is not None and deed.exit >= 0:
        taken = step.exits[deed.exit]
        if not isinstance(taken.target, Goto | End | Return) or taken.target == goal:
            return None
        exits = tuple(Exit(goal, it.when) if number == deed.exit else it for number, it in enumerate(step.exits))
        return replace(step, exits=exits)
    if deed.doing is Doing.SKIPPED:
        return None if step.skip == goal else replace(step, skip=goal)
    return None if step.unavailable in (None, goal) else replace(step, unavailable=goal)


def _led_around(step: Activity, key: str, goal: Goto) -> tuple[Activity, int]:
    """The step whose ways to one step lead to another, and how many these are."""
    here = Goto(key)
    exits = tuple(replace(it, target=goal) if it.target == here else it for it in step.exits)
    skip = goal if step.skip == here else step.skip
    unavailable = goal if step.unavailable == here else step.unavailable
    count = sum(target == here for _, target in ways_on(step))
    return replace(step, exits=exits, skip=skip, unavailable=unavailable), count


def _way(step: Activity, number: int) -> Condition | None:
    """When an exit is taken, as far as one condition can say; None when that is not worth saying."""
    when = step.exits[number].when if number >= 0 else None
    if when is not None:
        return when
    before = tuple(it.when for it in step.exits[:-1] if it.when is not None)
    return Not(AnyOf(before)) if before and number == len(step.exits) - 1 else None


def _is_done(places: Iterable[Place]) -> Condition:
    """Whether one of these steps of the same run was done."""
    parts = tuple(Compare(FactRef("state", (("of", it.activity),)), Operator.IN, IS_DONE) for it in places)
    return parts[0] if len(parts) == 1 else AnyOf(parts)
