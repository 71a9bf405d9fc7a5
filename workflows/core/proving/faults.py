"""A step that is not made as a structural safeguard says: what is lost, how a run comes there, and what mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from padwijzer.forms.core.conditions import Collection, ColumnCompare, Filter, Operator, Quantifier, Rows
from padwijzer.forms.core.field_types import NONE_FITS
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.definition import (
    Activity,
    Effect,
    Kind,
    Moment,
    Obligation,
    OnEvent,
    Open,
    OpenDuty,
    OpenTrack,
    Performer,
    ProcessDefinition,
    Rule,
    Track,
)
from padwijzer.workflows.core.meanings import happens, people
from padwijzer.workflows.core.packs import Safeguard
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import prove
from padwijzer.workflows.core.proving.stories import LONGEST_OF_TWO, Story, quoted, step_title, story, where_of
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import Structural, steps_with
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.ladder_order import LadderOrder
from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation
from padwijzer.workflows.core.safeguards.separation_of_duties import SeparationOfDuties
from padwijzer.workflows.core.safeguards.standing_track import EVENTS, StandingTrack
from padwijzer.workflows.core.safeguards.who_may_perform import WhoMayPerform

NEAR: Final = 2_000
"""How many states are looked at for a run to such a step; without one the story says what is lost, and no more."""
UNREASONED: Final = Filter(Quantifier.ALL, (ColumnCompare("reason", Operator.NOT_ANSWERED),))
"""The rungs of a ladder that were passed by without a reason."""

Mend: TypeAlias = Callable[[ProcessDefinition], ProcessDefinition]
"""Makes one thing right in a definition."""


@dataclass(frozen=True, slots=True)
class Lack:
    """
    One thing that is not made as a safeguard says.

    Args:
        place: the step to change.
        lost: what is lost by it, in one Dutch sentence.
        advice: what to change, in one Dutch sentence that names the step.
        mend: makes it right in the definition of that step; what nobody can make up stays as it is.
    """

    place: Place
    lost: str
    advice: str
    mend: Mend


def lacks(plan: Plan, safeguard: Safeguard, place: Place) -> tuple[Lack, ...]:
    """
    What a step lacks to be made as a structural safeguard says.

    Args:
        plan: the release.
        safeguard: what is broken.
        place: the step that breaks it.

    Returns:
        Everything that is wrong; together their mends make it right. None where no step of the release can be.
    """
    template = safeguard.template
    if isinstance(template, StandingTrack):
        return tuple(_standing(plan, template, place))
    step, title = plan.activity(place.definition, place.activity), _title(plan, place)
    match template:
        case WhoMayPerform():
            return (_of_other_roles(template, place, step, title),)
        case SeparationOfDuties():
            return (_of_one_alone(template, place, step, title),)
        case LadderOrder():
            return tuple(_of_a_ladder(safeguard, template, place, step, title))
        case _:
            return ()


def story_of_fault(plan: Plan, safeguard: Safeguard, place: Place) -> Story:
    """
    Tell of a step that is not made as a structural safeguard says, with a run that comes there when one is near.

    Args:
        plan: the release.
        safeguard: what is broken.
        place: the step.
    """
    wrong = lacks(plan, safeguard, place)
    title = quoted(step_title(plan, place))
    lost = wrong[0].lost if wrong else f"De stap {title} is niet zoals deze waarborg vraagt."
    change = wrong[0].place if wrong else place
    advice = tuple(it.advice for it in wrong) or (f"Verander de stap {title}.",)
    template = safeguard.template
    run = _run_to(plan, safeguard, template, place) if isinstance(template, Structural) else None
    return Story(
        lines=((safeguard.statement,),) if run is None else run.lines,
        lost=lost,
        advice=advice,
        place=change,
        where=where_of(plan, change),
        short=f"{safeguard.statement} {lost}",
        real=True,
        deeds=() if run is None else run.deeds,
        heard=() if run is None else run.heard,
    )


def _title(plan: Plan, place: Place) -> str:
    return quoted(step_title(plan, place), LONGEST_OF_TWO)


# a run


def _run_to(plan: Plan, safeguard: Safeguard, template: Structural, place: Place) -> Story | None:
    """A run that the reference semantics walked to where it goes wrong; None when none is near."""
    spec = ReleaseSpec(plan.start, {key: it.definition for key, it in plan.definitions.items()})
    if isinstance(template, StandingTrack):
        order: Absence | NoDeviation = Absence(template.when)
    else:
        step = plan.activity(place.definition, place.activity)
        meanings = tuple(it for it in template.what if it in step.meanings)
        skips = isinstance(template, LadderOrder) and _can_be_skipped(step)
        order = NoDeviation(meanings) if skips else Absence(meanings)
        spec = _meaning_only(spec, place, meanings, template)
    made = compile_release(spec, allow_skeletons=True)
    if not isinstance(made, Plan):
        return None
    machine = Machine(made, safeguard.scope)
    shown = replace(safeguard, template=order, deviation=False, shared=False)
    verdict = prove(machine, order.monitor(), NEAR)
    if not verdict.run:
        return None
    found = story(machine, shown, verdict)
    return found if found.real else None


def _meaning_only(spec: ReleaseSpec, place: Place, meanings: tuple[str, ...], template: Structural) -> ReleaseSpec:
    """The release in which only this step has these meanings; who may not do it comes first."""

    def alone(key: str, step: Activity) -> Activity:
        if Place(key, step.key) != place:
            return replace(step, meanings=tuple(it for it in step.meanings if it not in meanings))
        if not isinstance(template, WhoMayPerform):
            return step
        others = tuple(it for it in step.performers if not it.adviser and it.role not in template.roles)
        return replace(step, performers=(*others, *(it for it in step.performers if it not in others)))

    return ReleaseSpec(
        spec.start,
        {
            key: replace(it, activities=tuple(alone(key, step) for step in it.activities))
            for key, it in spec.definitions.items()
        },
    )


# what is wrong


def _of_other_roles(template: WhoMayPerform, place: Place, step: Activity, title: str) -> Lack:
    others = [it.role for it in step.performers if not it.adviser and it.role not in template.roles]
    kept = tuple(it for it in step.performers if it.adviser or it.role in template.roles)
    if all(it.adviser for it in kept):
        kept = (Performer(template.roles[0]), *kept)
    return Lack(
        place,
        f"De rol {people(others)} mag hier {title} doen.",
        f"Laat alleen de rol {people(template.roles)} {title} doen.",
        _changing(step, performers=kept),
    )


def _of_one_alone(template: SeparationOfDuties, place: Place, step: Activity, title: str) -> Lack:
    adviser = people((template.adviser,))
    kept = tuple(it for it in step.performers if it.role != template.adviser)
    lost = f"Bij {title} geeft geen {adviser} advies."
    if any(not it.adviser and it.role == template.adviser for it in step.performers):
        lost = f"Bij {title} kan de {adviser} alleen beslissen."
    elif all(it.adviser for it in kept):
        lost = f"Bij {title} is er niemand die beslist."
    return Lack(
        place,
        lost,
        f"Laat de {adviser} adviseren bij {title}, en een ander beslissen.",
        _changing(step, performers=(*kept, Performer(template.adviser, adviser=True))),
    )


def _of_a_ladder(
    safeguard: Safeguard, template: LadderOrder, place: Place, step: Activity, title: str
) -> Iterator[Lack]:
    if _can_be_skipped(step):
        yield _skipping(place, step, title)
    ladders = [it for it in step.fields if it.type == "ladder"]
    if step.kind is not Kind.LADDER or len(ladders) != 1:
        yield Lack(place, f"{title} is geen ladder.", f"Maak van {title} weer één ladder.", _left_alone)
        return
    (ladder,) = ladders
    if not ladder.required or ladder.shown_if is not None:
        yield Lack(
            place,
            f"Bij {title} hoeft niemand een plek te kiezen.",
            f"Maak de ladder bij {title} altijd verplicht.",
            _changing_field(step, ladder, required=True, shown_if=None),
        )
    if tuple(it.key for it in ladder.choices if it.key != NONE_FITS) != template.rungs:
        ordered = sorted(ladder.choices, key=lambda it: (*template.rungs, it.key).index(it.key))
        yield Lack(
            place,
            f"Bij {title} staan niet alle plekken van licht naar zwaar.",
            f"Zet bij {title} alle plekken, van licht naar zwaar.",
            _changing_field(step, ladder, choices=tuple(ordered)),
        )
    asked = Rows(Collection(field=ladder.key), Quantifier.ANY, UNREASONED)
    either = replace(asked, where=replace(UNREASONED, joined=Quantifier.ANY))
    if not any(it.effect is Effect.BLOCK and it.when in (asked, either) for it in step.rules):
        words = (("nl", "Leg eerst uit waarom een lichtere plek niet kan."),)
        rule = Rule(asked, Effect.BLOCK, words, safeguard.ground[0])
        yield Lack(
            place,
            f"Bij {title} kan de reden leeg blijven.",
            f"Vraag bij {title} een reden voor elke lichtere plek.",
            _changing(step, rules=(*step.rules, rule)),
        )


def _standing(plan: Plan, template: StandingTrack, place: Place) -> Iterator[Lack]:
    """What a track and its step lack; where there is no track, it is made."""
    body = _body(plan, template, place)
    if body is None:
        return
    definition, step, title = plan.definition(body.definition), plan.activity(*_key(body)), _title(plan, body)
    owner, event = EVENTS[template.event]
    of_each = event.split()[1]
    found = next((it for it in definition.tracks if it.activity == body.activity), None)
    track = found or Track(f"standing_{step.key}", step.title, OnEvent(template.event), owner, activity=step.key)

    def lack(lost: str, advice: str, mend: Mend) -> Lack:
        return Lack(body, lost, advice, mend)

    if track.opens_by != OnEvent(template.event) or found is None:
        yield lack(
            f"{title} gaat niet vanzelf open zodra {event}.",
            f"Laat {title} opengaan zodra {event}.",
            _opening(track, OnEvent(template.event)),
        )
    if track.owner is not owner:
        yield lack(
            f"Niet elke {of_each} heeft een eigen {title}.",
            f"Geef elke {of_each} een eigen {title}.",
            _standing_open(track, owner=owner),
        )
    if track.possible_when is not None or track.for_each is not None:
        yield lack(
            f"{title} gaat niet altijd open zodra {event}.",
            f"Laat {title} altijd opengaan, zonder voorwaarde.",
            _standing_open(track, possible_when=None, for_each=None),
        )
    kept = tuple(it for it in track.closes_on if template.may_close(plan, body.definition, it))
    if track.closed_by_hand or kept != track.closes_on:
        yield lack(
            f"{title} kan te vroeg sluiten.",
            f"Laat {title} open tot {_end(template)}.",
            _standing_open(track, closed_by_hand=False, closes_on=kept),
        )
    if not template.may_skip and _can_be_skipped(step):
        yield _skipping(body, step, title)
    if template.until and not step.stays_open:
        yield lack(
            f"{title} kan klaar zijn voordat {happens(template.until)}.",
            f"Laat {title} open tot {_end(template)}.",
            _changing(step, stays_open=True),
        )
    if not any(not it.adviser for it in step.performers):
        yield lack(f"Niemand mag {title} doen.", f"Zeg wie {title} doet.", _left_alone)
    if step.available is not None:
        yield lack(
            f"{title} kan soms niet.",
            f"Haal de voorwaarde bij {title} weg.",
            _changing(step, available=None, unavailable=None),
        )
    if not template.has_duty(step):
        others = (it for it in step.opens if not (isinstance(it.what, OpenDuty) and it.what.duty == template.duty))
        duty = Open(OpenDuty(template.duty, step.title, "", (step.key,)), Moment.OPENING, owner)
        yield lack(
            f"{title} is geen plicht.",
            f"Maak van {title} een plicht, tot die stap klaar is.",
            _changing(step, opens=(*others, duty)),
        )


def _body(plan: Plan, template: StandingTrack, place: Place) -> Place | None:
    """The step that must stand open: this one, or where it only makes that needed, the first that can be."""
    able = [it.place for it in steps_with(plan, template.what)]
    return place if place in able else next(iter(able), None)


def _key(place: Place) -> tuple[str, str]:
    return place.definition, place.activity


def _end(template: StandingTrack) -> str:
    if template.until_event is not None:
        return EVENTS[template.until_event][1].replace("een", "die", 1)
    return happens(template.until) if template.until else "die stap klaar is"


def _can_be_skipped(step: Activity) -> bool:
    return step.skippable and step.obligation is not Obligation.LAW


def _skipping(place: Place, step: Activity, title: str) -> Lack:
    return Lack(
        place,
        f"Iemand kan {title} overslaan.",
        f"Sta niet toe dat iemand {title} overslaat.",
        _changing(step, skippable=False, skip=None),
    )


# mends


def _left_alone(definition: ProcessDefinition) -> ProcessDefinition:
    """What only people can make right."""
    return definition


def _changing(step: Activity, **changes: Any) -> Mend:
    def mend(definition: ProcessDefinition) -> ProcessDefinition:
        steps = tuple(replace(it, **changes) if it.key == step.key else it for it in definition.activities)
        return replace(definition, activities=steps)

    return mend


def _changing_field(step: Activity, field: FieldSpec, **changes: Any) -> Mend:
    def mend(definition: ProcessDefinition) -> ProcessDefinition:
        fields = definition.activity(step.key).fields
        changed = tuple(replace(it, **changes) if it.key == field.key else it for it in fields)
        return _changing(step, fields=changed)(definition)

    return mend


def _standing_open(track: Track, **changes: Any) -> Mend:
    def mend(definition: ProcessDefinition) -> ProcessDefinition:
        if all(it.key != track.key for it in definition.tracks):
            return replace(definition, tracks=(*definition.tracks, replace(track, **changes)))
        tracks = tuple(replace(it, **changes) if it.key == track.key else it for it in definition.tracks)
        return replace(definition, tracks=tracks)

    return mend


def _opening(track: Track, event: OnEvent) -> Mend:
    """The event opens the track, and no step does any more."""

    def others(step: Activity) -> tuple[Open, ...]:
        return tuple(it for it in step.opens if not (isinstance(it.what, OpenTrack) and it.what.track == track.key))

    def mend(definition: ProcessDefinition) -> ProcessDefinition:
        steps = tuple(replace(it, opens=others(it)) for it in definition.activities)
        return _standing_open(track, opens_by=event)(replace(definition, activities=steps))

    return mend
