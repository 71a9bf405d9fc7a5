"""One definition inside its release, as the checks of `structure` look at it: what names mean, where things stand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from padwijzer.forms.core.conditions import Collection, Condition, FactRef, references
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.core.catalogues import Catalogue
from padwijzer.workflows.core.definition import (
    Activity,
    Before,
    Effect,
    FromFact,
    OnDate,
    PreviousRound,
    ProcessDefinition,
    RowsSource,
    TimeBefore,
    Track,
)
from padwijzer.workflows.core.exits import choices_of
from padwijzer.workflows.core.findings import Finding, Severity
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.ways import Ways


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A condition and where it stands.

    Args:
        where: its path in the JSON of the definition.
        condition: the condition.
        activity: the step to which it belongs; None for one of a track.
        called: whether the outcome of the step's call can be read there.
        warns: whether it is the condition of a rule that only warns.
    """

    where: str
    condition: Condition
    activity: Activity | None
    called: bool = False
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A fact or a collection that is read, and where. Args: as for `Asked`."""

    where: str
    reference: FactRef | Collection
    activity: Activity | None
    called: bool = False
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """
    A definition inside its release.

    Args:
        release: the release.
        definition: the definition that is looked at.
        catalogue: the names it may use.
        ways: the ways on of the release that can be taken.
    """

    release: ReleaseSpec
    definition: ProcessDefinition
    catalogue: Catalogue
    ways: Ways = dataclasses.field(repr=False, compare=False)

    def error(self, code: str, where: str, message: str, hint: str = "") -> Finding:
        """A finding that forbids publishing."""
        return Finding(f"structure.{code}", self.definition.key, where, message, hint)

    def warning(self, code: str, where: str, message: str, hint: str = "") -> Finding:
        """A finding that is said and forbids nothing."""
        return Finding(f"structure.{code}", self.definition.key, where, message, hint, Severity.WARNING)

    def activities(self) -> Iterator[tuple[str, Activity]]:
        """Every step with its place."""
        for index, activity in enumerate(self.definition.activities):
            yield f"activities[{index}]", activity

    def tracks(self) -> Iterator[tuple[str, Track]]:
        """Every track with its place."""
        for index, track in enumerate(self.definition.tracks):
            yield f"tracks[{index}]", track

    def other(self, key: str) -> ProcessDefinition | None:
        """The definition of that key, if the release has it."""
        return self.release.definitions.get(key)

    def is_outside(self, key: str) -> bool:
        """Whether a definition that the release lacks is declared to be outside."""
        return key not in self.release.definitions and key in dict(self.definition.outside)

    def place(self, written: str) -> Place:
        """The step that `activity` or `DEFINITION.activity` means."""
        definition, dot, activity = written.rpartition(".")
        return Place(definition if dot else self.definition.key, activity)

    def step(self, place: Place) -> Activity | None:
        """The step at a place, if there is one."""
        definition = self.other(place.definition)
        activities = definition.activities if definition else ()
        return next((activity for activity in activities if activity.key == place.activity), None)

    def field(self, activity: Activity | None, written: str) -> FieldSpec | None:
        """The field that `field` of this step, or `activity.field` of another one, means; None when there is none."""
        step, dot, key = written.rpartition(".")
        owner = self.step(self.place(step)) if dot else activity
        return owner.form.field(key) if owner else None

    def may_lack(self, activity: Activity | None, written: str) -> bool:
        """Whether the field may lack because its definition is a skeleton, or outside the release."""
        step, dot, _ = written.rpartition(".")
        if not dot:
            return not self.definition.whole
        key = self.place(step).definition
        definition = self.other(key)
        return self.is_outside(key) if definition is None else not definition.whole

    def choices(self, field: FieldSpec) -> tuple[str, ...]:
        """The values a choice or yes/no field can have; empty when they are not known."""
        return choices_of(field, self.catalogue.lists)

    def asked(self) -> Iterator[Asked]:
        """Every condition of the definition, with its place."""
        for where, activity in self.activities():
            yield from _asked_by(where, activity)
        for where, track in self.tracks():
            if track.possible_when is not None:
                yield Asked(f"{where}.possible_when", track.possible_when, None)

    def sources(self) -> Iterator[tuple[str, RowsSource, Activity | None]]:
        """Every list of rows for which something is done, with its place."""
        for where, activity in self.activities():
            if activity.call is not None and activity.call.for_each is not None:
                yield f"{where}.call.for_each", activity.call.for_each, activity
            for index, opens in enumerate(activity.opens):
                if opens.for_each is not None:
                    yield f"{where}.opens[{index}].for_each", opens.for_each, activity
        for where, track in self.tracks():
            if track.for_each is not None:
                yield f"{where}.for_each", track.for_each, None

    def named(self) -> Iterator[Named]:
        """Every fact and collection that the definition reads, with its place."""
        for asked in self.asked():
            for reference in references(asked.condition):
                yield Named(asked.where, reference, asked.activity, asked.called, asked.warns)
        for where, source, activity in self.sources():
            yield Named(where, source.collection, activity)
        for where, activity in self.activities():
            yield from _named_by(where, activity)
        for where, track in self.tracks():
            if isinstance(track.opens_by, TimeBefore):
                yield Named(f"{where}.opens_by", track.opens_by.fact, None)


def _asked_by(where: str, activity: Activity) -> Iterator[Asked]:
    called = activity.call is not None
    if activity.available is not None:
        yield Asked(f"{where}.available", activity.available, activity)
    if activity.call is not None and activity.call.goes_on_when is not None:
        yield Asked(f"{where}.call.goes_on_when", activity.call.goes_on_when, activity, called=True)
    for index, field in enumerate(activity.fields):
        if field.shown_if is not None:
            yield Asked(f"{where}.fields[{index}].shown_if", field.shown_if, activity)
    for index, rule in enumerate(activity.rules):
        yield Asked(f"{where}.rules[{index}].when", rule.when, activity, called, rule.effect is Effect.WARN)
    for index, record in enumerate(activity.records):
        if record.when is not None:
            yield Asked(f"{where}.records[{index}].when", record.when, activity, called)
    for index, opens in enumerate(activity.opens):
        if opens.when is not None:
            yield Asked(f"{where}.opens[{index}].when", opens.when, activity, called)
    for index, deadline in enumerate(activity.deadlines):
        for number, instead in enumerate(deadline.instead):
            yield Asked(f"{where}.deadlines[{index}].instead[{number}].when", instead.when, activity)
    for index, exit_ in enumerate(activity.exits):
        if exit_.when is not None:
            yield Asked(f"{where}.exits[{index}].when", exit_.when, activity, called)
    for index, notify in enumerate(activity.notify):
        if notify.when is not None:
            yield Asked(f"{where}.notify[{index}].when", notify.when, activity, called)


def _named_by(where: str, activity: Activity) -> Iterator[Named]:
    for index, field in enumerate(activity.fields):
        if field.each is not None:
            yield Named(f"{where}.fields[{index}].each", field.each, activity)
    for index, record in enumerate(activity.records):
        for column, source in record.set:
            if isinstance(source, FromFact):
                yield Named(f"{where}.records[{index}].set.{column}", source.fact, activity)
    for index, deadline in enumerate(activity.deadlines):
        anchors = [deadline.start, *(instead.start for instead in deadline.instead)]
        for anchor in anchors:
            start = anchor.fallback if isinstance(anchor, PreviousRound) else anchor
            if isinstance(start, OnDate | Before):
                yield Named(f"{where}.deadlines[{index}].from", start.fact, activity)
