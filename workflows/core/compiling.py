"""
Compiling: a release becomes findings, or a plan. There is no other way to get a plan.

The checks of the structure stand in `structure`, one file for each sort of question.
"""

from __future__ import annotations

from types import MappingProxyType

from padwijzer.forms.core.conditions import Collection, Condition, FactRef, references
from padwijzer.workflows.core import reading
from padwijzer.workflows.core.catalogues import Catalogue
from padwijzer.workflows.core.definition import (
    Activity,
    Completed,
    Effect,
    Interrupt,
    Jump,
    OpenDuty,
    OpenTrack,
    ProcessDefinition,
    Track,
)
from padwijzer.workflows.core.facts import Writer
from padwijzer.workflows.core.findings import Finding, Severity
from padwijzer.workflows.core.graph import body, called_by, ways_on
from padwijzer.workflows.core.plan import ActivityPlan, DefinitionPlan, DutyPlan, Place, Plan, TrackPlan
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.scopes import Scope
from padwijzer.workflows.core.structure import checks
from padwijzer.workflows.core.ways import Ways


def check_release(
    spec: ReleaseSpec, catalogue: Catalogue | None = None, *, allow_skeletons: bool = False
) -> tuple[Finding, ...]:
    """
    Everything that is wrong with the structure of a release, at once.

    Args:
        spec: the release.
        catalogue: the names that definitions may use; None: facts and registers are checked, the rest is not.
        allow_skeletons: whether definitions that are not whole are let through, to be explored and not published.

    Returns:
        Findings, by definition and place.
    """
    known = catalogue or Catalogue()
    ways = Ways(spec, known)
    found: list[Finding] = []
    if spec.start not in spec.definitions:
        found.append(
            Finding(
                "structure.unknown_definition", spec.start, "start", f"The release has no `{spec.start}` to start on."
            )
        )
    for key, definition in spec.definitions.items():
        if key != definition.key:
            found.append(
                Finding("structure.key", key, "key", f"`{definition.key}` stands in the release as `{key}`.")
            )
        if not definition.whole and not allow_skeletons:
            message = f"`{key}` is a skeleton: fields, texts or terms still lack."
            found.append(Finding("structure.skeleton", key, "whole", message, "Fill it in, or leave it out."))
        scope = Scope(spec, definition, known, ways)
        for check in checks():
            found.extend(check(scope))
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: (finding.definition, finding.where, finding.code)))


def compile_release(
    spec: ReleaseSpec, catalogue: Catalogue | None = None, *, allow_skeletons: bool = False
) -> Plan | tuple[Finding, ...]:
    """
    A plan, or what stands in its way.

    Args:
        spec: the release.
        catalogue: the names that definitions may use.
        allow_skeletons: as in `check_release`.

    Returns:
        The plan when nothing forbids it (warnings do not), else every finding.
    """
    found = check_release(spec, catalogue, allow_skeletons=allow_skeletons)
    if any(finding.severity is Severity.ERROR for finding in found):
        return found
    return _Compiler(spec, catalogue or Catalogue()).plan()


class _Compiler:
    def __init__(self, spec: ReleaseSpec, catalogue: Catalogue) -> None:
        self.spec = spec
        self.catalogue = catalogue
        ways = Ways(spec, catalogue)
        self.scopes = {key: Scope(spec, definition, catalogue, ways) for key, definition in spec.definitions.items()}
        self.places = [
            (Place(key, activity.key), activity)
            for key, definition in spec.definitions.items()
            for activity in definition.activities
        ]
        self.duties = {place: self.duties_of(place, activity) for place, activity in self.places}
        self.named: dict[Place, list[FactRef | Collection]] = {place: [] for place, _ in self.places}
        for key, scope in self.scopes.items():
            for named in scope.named():
                if named.activity is not None:
                    self.named[Place(key, named.activity.key)].append(named.reference)

    def plan(self) -> Plan:
        definitions = {key: self.definition(definition) for key, definition in self.spec.definitions.items()}
        tracks = {track.key: track for definition in definitions.values() for track in definition.tracks.values()}
        emergencies = {
            target.definition: None
            for _, activity in self.places
            for _, target in ways_on(activity)
            if isinstance(target, Interrupt)
        }
        return Plan(
            self.spec.digest(),
            self.spec.start,
            MappingProxyType(definitions),
            MappingProxyType(tracks),
            tuple(sorted(emergencies)),
        )

    def definition(self, definition: ProcessDefinition) -> DefinitionPlan:
        key = definition.key
        leading = [(place, target) for place, activity in self.places for _, target in ways_on(activity)]
        return DefinitionPlan(
            definition=definition,
            digest=reading.digest(definition),
            activities=MappingProxyType(
                {
                    activity.key: self.activity(definition, index, activity)
                    for index, activity in enumerate(definition.activities)
                }
            ),
            tracks=MappingProxyType({track.key: self.track(definition, track) for track in definition.tracks}),
            callers=tuple(place for place, activity in self.places if key in called_by(activity)),
            jumped_from=tuple(
                dict.fromkeys(
                    place
                    for place, target in leading
                    if isinstance(target, Jump | Interrupt) and target.definition == key and place.definition != key
                )
            ),
            bodies=tuple(
                f"{other.key}.{track.key}"
                for other in self.spec.definitions.values()
                for track in other.tracks
                if track.definition == key
            ),
        )

    def activity(self, definition: ProcessDefinition, index: int, activity: Activity) -> ActivityPlan:
        place = Place(definition.key, activity.key)
        named = self.named[place]
        rows = {self.register(ref) for ref in named if isinstance(ref, Collection) and ref.register}
        specs = [self.catalogue.facts[ref.name] for ref in named if isinstance(ref, FactRef)]
        written = {key for spec in specs for key in spec.writers if key in self.catalogue.registers}
        return ActivityPlan(
            place=place,
            activity=activity,
            index=index,
            reads=tuple(sorted({read for ref in named if (read := _read_elsewhere(ref))})),
            facts=tuple(sorted({ref.name for ref in named if isinstance(ref, FactRef)})),
            needs=tuple(sorted(rows | written | {record.register for record in activity.records})),
            deciders=tuple(performer.role for performer in activity.performers if not performer.adviser),
            advisers=tuple(performer.role for performer in activity.performers if performer.adviser),
            timed_rules=tuple(
                number
                for number, rule in enumerate(activity.rules)
                if rule.effect in (Effect.TASK, Effect.ALARM) and is_timed(rule.when, self.catalogue)
            ),
            timed_availability=activity.available is not None and is_timed(activity.available, self.catalogue),
            duties=self.duties[place],
            discharges=tuple(
                dict.fromkeys(
                    (duty.kind, duty.opened_by)
                    for duties in self.duties.values()
                    for duty in duties
                    if place in duty.discharged_by
                )
            ),
            closes=tuple(self.closed_by(place)),
            on_track=tuple(
                f"{definition.key}.{track.key}"
                for track in definition.tracks
                if activity.key in body(definition, track)
            ),
        )

    def register(self, collection: Collection) -> str:
        return collection.register if collection.register in self.catalogue.registers else "person"

    def duties_of(self, place: Place, activity: Activity) -> tuple[DutyPlan, ...]:
        scope = self.scopes[place.definition]
        return tuple(
            DutyPlan(
                opens.what.duty,
                place,
                tuple(scope.place(written) for written in opens.what.discharged_by),
                opens.owner,
                opens.what.term,
            )
            for opens in activity.opens
            if isinstance(opens.what, OpenDuty)
        )

    def closed_by(self, place: Place) -> list[str]:
        return [
            f"{key}.{track.key}"
            for key, definition in self.spec.definitions.items()
            for track in definition.tracks
            for closer in track.closes_on
            if isinstance(closer, Completed) and self.scopes[key].place(closer.activity) == place
        ]

    def track(self, definition: ProcessDefinition, track: Track) -> TrackPlan:
        body_: Place | None = Place(definition.key, track.activity)
        if track.definition:
            other = self.spec.definitions.get(track.definition)
            body_ = Place(other.key, other.start) if other else None
        openers = tuple(
            Place(definition.key, activity.key)
            for activity in definition.activities
            if any(isinstance(opens.what, OpenTrack) and opens.what.track == track.key for opens in activity.opens)
        )
        return TrackPlan(definition.key, track, body_, openers)


def is_timed(condition: Condition, catalogue: Catalogue) -> bool:
    """Whether a condition can become true by the clock alone: it reads a fact that the clock can change."""
    specs = (catalogue.facts.get(ref.name) for ref in references(condition) if isinstance(ref, FactRef))
    return any(Writer.CLOCK in spec.writers for spec in specs if spec is not None)


def _read_elsewhere(reference: FactRef | Collection) -> str:
    written = reference.field if isinstance(reference, Collection) else ""
    if isinstance(reference, FactRef) and reference.name in ("answer", "answered_on"):
        written = reference.argument("field")
    return written if "." in written else ""
