"""
A run that breaks a safeguard, told as a story in Dutch (B1): who does what, what is lost, and which step to change.

It tells the run as the reference semantics walked it. Of the answers it names only those that the run needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from padwijzer.forms.core.nodes import Node, parse
from padwijzer.forms.core.schema import FieldSpec, in_language
from padwijzer.workflows.core.definition import Activity, Kind, Obligation, Owner, RunScope
from padwijzer.workflows.core.meanings import role_labels
from padwijzer.workflows.core.packs import Safeguard
from padwijzer.workflows.core.plan import WEAKER, Place, Plan
from padwijzer.workflows.core.proving.machine import REGISTERS, Aspect, Component, Machine, StartKind, Step
from padwijzer.workflows.core.proving.replay import DONE, SUBJECTS, Replayed, replayed, walked_alone
from padwijzer.workflows.core.proving.search import Move, Verdict, prove
from padwijzer.workflows.core.proving.walking import HIDDEN, Seen
from padwijzer.workflows.core.safeguards import (
    BREACH,
    STEP,
    THIS,
    Monitor,
    Scope,
    Watched,
    around,
    skipped,
    with_answer,
)
from padwijzer.workflows.core.semantics import (
    CloseTrack,
    Event,
    Happening,
    Marking,
    OpenedAs,
    OpenTrack,
    Recheck,
    RunMarking,
    What,
    opens_about,
)

CAUTION: Final = "Dit is niet stap voor stap nagelopen: het speelt ook bij iets anders in het gezin."
"""Said of a run that was not walked on the reference semantics."""
LONGEST: Final = 12
"""How many words of a title or a label are told."""
LONGEST_OF_TWO: Final = 7
"""The same where a sentence has two of them."""
OPEN: Final = 2
"""How many values are told apart of a question without choices: none, and something."""
ABOUT: Final[Mapping[RunScope, tuple[str, str]]] = MappingProxyType(
    {
        RunScope.CHILD: ("een kind", "een ander kind"),
        RunScope.HELP: ("een hulp", "een andere hulp"),
        RunScope.PLACEMENT: ("een plaatsing", "een andere plaatsing"),
        RunScope.DEVIATION: ("een afwijking", "een andere afwijking"),
    }
)
"""What a run is about, in Dutch; then the same beside the one that the statement is about."""
CALLED: Final[Mapping[str, str]] = MappingProxyType(
    {"vap": "Het vaste aanspreekpunt", "netwerk": "Iemand uit het netwerk"}
)
"""Who has a role, at the start of a sentence, where that is not its label after "de"."""
FOCUSES: Final = {
    RunScope.CHILD: Scope.CHILD,
    RunScope.HELP: Scope.HELP,
    RunScope.PLACEMENT: Scope.PLACEMENT,
}
"""How to look at a release to follow a run of a definition about a row."""

OWNERS: Final = {
    Owner.CHILD: Scope.CHILD,
    Owner.HELP: Scope.HELP,
    Owner.MEASURE: Scope.MEASURE,
    Owner.PLACEMENT: Scope.PLACEMENT,
}
"""The same by what owns its track."""
NEARER: Final = 5_000
"""How many states are looked at for a run that can be walked, where the one that was found cannot."""


class Doing(StrEnum):
    """What can happen in a story."""

    COMPLETED = "completed"
    SAVED = "saved"
    SKIPPED = "skipped"
    PASSED = "passed"
    OPENED = "opened"
    CLOSED = "closed"
    CRISIS = "crisis"
    OUTSIDE = "outside"
    BACK = "back"
    WENT_OVER = "went_over"
    APART = "apart"


BEGINNINGS: Final = {
    StartKind.HAND: Doing.OPENED,
    StartKind.ITSELF: Doing.OPENED,
    StartKind.EMERGENCY: Doing.CRISIS,
    StartKind.INTERRUPT: Doing.CRISIS,
}
"""What it is in a story that a component begins."""
DOINGS: Final = {
    What.STEP_COMPLETED: Doing.COMPLETED,
    What.STEP_SAVED: Doing.SAVED,
    What.STEP_SKIPPED: Doing.SKIPPED,
    What.STEP_PASSED: Doing.PASSED,
    What.WENT_OUTSIDE: Doing.OUTSIDE,
    What.CAME_BACK: Doing.BACK,
    What.RUN_JUMPED: Doing.WENT_OVER,
    What.RUN_SPLIT: Doing.APART,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that the run needs. Args: question: the label; answer: that of the choice; empty: left open."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Deed:
    """
    One thing that happens.

    Args:
        doing: what.
        run: number of the run to which it happens; 0 when that is not known.
        component: what does it.
        activity: the step; for coming back: where; empty for none.
        answers: what is filled in, as far as the run needs it.
        event: number of the event of which it is a part.
        exit: number of the exit that is taken after it; -1: the way of what is skipped or cannot be; None: none.
        by_hand: for a track: whether a person opens or closes it.
        letters: what the statement hears of it.
        goes_to: for going over: the definition.
        is_loose: whether nothing is known of where it stood, so that it may as well have been skipped.
    """

    doing: Doing
    run: int
    component: Component
    activity: str = ""
    answers: tuple[Answer, ...] = ()
    event: int = 0
    exit: int | None = None
    by_hand: bool = False
    letters: tuple[str, ...] = ()
    goes_to: str = ""
    is_loose: bool = False

    @property
    def place(self) -> Place:
        """The step where it happens."""
        return Place(self.component.definition, self.activity)


@dataclass(frozen=True, slots=True)
class Story:
    """
    A counter-example in Dutch.

    Args:
        lines: what happens, one line for each event that matters, each of one or more sentences.
        lost: the sentence that says what is lost.
        advice: the last sentences, each of which names a step to change.
        place: the step to change.
        where: its place in the JSON of its definition, for example `activities[3]`.
        short: the same in one line.
        real: whether the reference semantics walked the run. If not, it rests on a row beside what is in focus, whose
            steps the proof does not follow.
        deeds: what the lines tell, to find repairs.
        heard: the letters up to the breach.
    """

    lines: tuple[tuple[str, ...], ...]
    lost: str
    advice: tuple[str, ...]
    place: Place
    where: str
    short: str
    real: bool
    deeds: tuple[Deed, ...]
    heard: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every sentence in order."""
        return (*(sentence for line in self.lines for sentence in line), *self._caution, self.lost, *self.advice)

    @property
    def text(self) -> tuple[str, ...]:
        """Its lines as they are shown, the events numbered."""
        told = (f"{number}. {' '.join(line)}" for number, line in enumerate(self.lines, 1))
        return (*told, *self._caution, self.lost, *self.advice)

    @property
    def _caution(self) -> tuple[str, ...]:
        return () if self.real else (CAUTION,)

    def advising(self, advice: tuple[str, ...], place: Place, where: str) -> Story:
        """The same with other advice. Args: advice: sentences that name steps; place, where: the first of these."""
        return replace(self, advice=advice, place=place, where=where)


def story(machine: Machine, safeguard: Safeguard, verdict: Verdict) -> Story:
    """
    Tell the run that breaks a safeguard.

    Args:
        machine: the release as it was searched.
        safeguard: what is broken; one that is watched.
        verdict: what the search found, with a run.

    Returns:
        The story. Its advice is to change the step that goes wrong; `repairs` may know better.

    Raises:
        ValueError: when there is no run to tell.
    """
    monitor, template = safeguard.monitor, safeguard.template
    if monitor is None or not isinstance(template, Watched) or not verdict.run:
        message = "There is no run to tell."
        raise ValueError(message)
    seen_from, watching, found, walked = _walked(machine, monitor, verdict)
    reader = _Reader(seen_from, watching, found.components)
    deeds, heard = reader.up_to_the_breach(reader.deeds(walked) if walked else reader.guessed(found.run))
    if seen_from.scope is not machine.scope:
        heard = tuple(letter.removeprefix("*") for letter in heard)
    teller = _Teller(seen_from, watching, safeguard.scope, walked.marking if walked else None)
    lost = template.lost(heard, safeguard.scope)
    wrong = deeds[-1]
    title = quoted(step_title(machine.plan, wrong.place))
    return Story(
        lines=tuple(teller.lines(deeds)),
        lost=lost,
        advice=(f"Verander de stap {title}.",),
        place=wrong.place,
        where=where_of(machine.plan, wrong.place),
        short=f"Bij {title} gaat het mis. {lost}",
        real=walked is not None,
        deeds=tuple(deeds),
        heard=heard,
    )


def step_title(plan: Plan, place: Place) -> str:
    """What a step is called."""
    return in_language(plan.activity(place.definition, place.activity).title)


def where_of(plan: Plan, place: Place) -> str:
    """The place of a step in the JSON of its definition."""
    return f"activities[{plan.step(place.definition, place.activity).index}]"


def quoted(words: str, most: int = LONGEST) -> str:
    """Words between quotation marks, cut off after so many."""
    parts = words.split()
    return f"‘{' '.join(parts[:most])}…’" if len(parts) > most else f"‘{' '.join(parts)}’"


def _walked(
    machine: Machine, monitor: Monitor, verdict: Verdict
) -> tuple[Machine, Monitor, Verdict, Replayed | None]:
    """
    The run on the reference semantics, with how it was seen.

    A run about the family that rests on another row is looked for once more with that row in focus: then each step of
    that row is followed too. What cannot be walked then is looked for with one other row.
    """
    closed, walked = _replayed(machine, monitor, verdict)
    if walked is not None:
        return closed, monitor, verdict, walked
    wide = _nearby_too(monitor)
    for scope in _rows_in(machine, verdict.run) if machine.scope is Scope.FAMILY else ():
        nearer = Machine(machine.plan, scope)
        found = prove(nearer, wide, NEARER)
        if found.run:
            closed, walked = _replayed(nearer, wide, found)
            if walked is not None:
                return closed, wide, found, walked
    again = walked_alone(machine, monitor)
    return (machine, monitor, verdict, None) if again is None else (again[0], monitor, again[1], again[2])


def _replayed(machine: Machine, monitor: Monitor, verdict: Verdict) -> tuple[Machine, Replayed | None]:
    """The run on the reference semantics, where it can be with answers that are choices, and the machine so."""
    members = frozenset(it for it in machine.components if it.name in verdict.components)
    for seen_from in (_of_choices(machine), machine):
        walked = replayed(seen_from, monitor, members, verdict.run)
        if walked is not None:
            return seen_from, walked
    return machine, None


def _of_choices(machine: Machine) -> Machine:
    """
    The same machine, in which nobody gives an answer that is none of the choices of its question.

    The search leaves room for such an answer, as one may stand there from an older release. No form takes it, so a
    run is told without one where that can be.
    """
    asked = {name for step in machine.steps.values() for name, *_ in step.locals}
    other = {
        name: 1 << len(values) - 1
        for name, values in machine.sizes.items()
        if name in asked and len(values) > OPEN and values[-1] == "*"
    }

    def chosen(step: Step) -> Step:
        return replace(step, locals=tuple((it, must & ~other.get(it, 0), shown) for it, must, shown in step.locals))

    closed = copy(machine)
    closed.full = {name: mask & ~other.get(name, 0) for name, mask in machine.full.items()}
    closed.steps = {at: chosen(step) for at, step in machine.steps.items()}
    return closed


def _rows_in(machine: Machine, run: Sequence[Move]) -> tuple[Scope, ...]:
    """About what the runs are that a run about the family rests on, beside the family."""
    names = {it[0] for move in run for it in move.seen}
    for move in run:
        for what, who, _, _ in move.path:
            names |= {who, what.rpartition(":")[2]}
    scopes = [
        _row_of(machine.plan, it) for it in machine.components if it.name in names and it.aspect is not Aspect.FAMILY
    ]
    return tuple(dict.fromkeys(scopes))


def _row_of(plan: Plan, component: Component) -> Scope:
    """About what such a run is: what opens or owns its track, or its definition says."""
    track = plan.tracks[component.track] if component.track else None
    about = opens_about(track.track) if track is not None and track.by_itself else None
    scopes = (scope for scope, known in REGISTERS.items() if not set(known).isdisjoint(about or ()))
    scope = next(scopes, None)
    if scope is not None:
        return scope
    owner = track.track.owner if track is not None else None
    if owner in OWNERS:
        return OWNERS[owner]
    definition = plan.definition(component.definition)
    if definition.scope is RunScope.FAMILY and definition.per_child_from:
        return Scope.CHILD
    return FOCUSES.get(definition.scope, Scope.HELP)


def _nearby_too(monitor: Monitor) -> Monitor:
    """A statement about the family, to which what happens to a row in focus is all the same."""
    return replace(
        monitor,
        moves={
            **monitor.moves,
            **{(state, around(letter)): after for (state, letter), after in monitor.moves.items()},
        },
        asks={**monitor.asks, **{around(letter): asked for letter, asked in monitor.asks.items()}},
    )


class _Reader:
    """Makes deeds of a run."""

    def __init__(self, machine: Machine, monitor: Monitor, members: Sequence[str]) -> None:
        self.machine, self.monitor, self.members = machine, monitor, frozenset(members)
        self.by_name = {it.name: it for it in machine.components}

    def deeds(self, walked: Replayed) -> list[Deed]:
        """What happened on the reference semantics."""
        found: list[Deed] = []
        for number, (move, event) in enumerate(zip(walked.moves, walked.events, strict=True)):
            left = list(move.seen)
            for it in walked.happened[number]:
                if it.what is What.EXIT_TAKEN:
                    _take(found, it)
                    continue
                deed = self._deed(walked.marking, event, it, left)
                if deed is not None:
                    found.append(replace(deed, event=number))
        return found

    def guessed(self, run: Sequence[Move]) -> list[Deed]:
        """What happened as the search saw it."""
        found: list[Deed] = []
        for number, move in enumerate(run):
            left = list(move.seen)
            for what, who, activity, index in move.path:
                component = self.by_name.get(who)
                if component is None:
                    continue
                deed = None
                if what in ("exit", "skip", "save", "loose") and left and left[0][:2] == (who, activity):
                    seen = left.pop(0)
                    doing = DOINGS[next(it for it, how in DONE.items() if how == seen[2])]
                    letters = self._letters(component, activity, was_skipped=doing is Doing.SKIPPED)
                    deed = Deed(doing, 0, component, activity, self._answers(seen), exit=index, letters=letters)
                    deed = replace(deed, is_loose=what == "loose")
                elif what.startswith("start:"):
                    kind = StartKind(what.split(":")[1])
                    if kind in BEGINNINGS:
                        deed = Deed(BEGINNINGS[kind], 0, component, by_hand=kind is StartKind.HAND)
                elif what == "back":
                    deed = Deed(Doing.BACK, 0, component, activity)
                elif what == "pass":
                    deed = Deed(Doing.PASSED, 0, component, activity, exit=-1)
                if deed is not None:
                    found.append(replace(deed, event=number))
            found += [
                Deed(
                    DOINGS[What.STEP_COMPLETED],
                    0,
                    self.by_name[it[0]],
                    it[1],
                    self._answers(it),
                    number,
                    letters=self._letters(self.by_name[it[0]], it[1], was_skipped=False),
                )
                for it in left
            ]
        return found

    def up_to_the_breach(self, deeds: Sequence[Deed]) -> tuple[Sequence[Deed], tuple[str, ...]]:
        """The deeds up to the one that breaks the statement, and every letter up to the one that does."""
        last, heard = deeds[-1].event, []
        states = {self.monitor.start}
        for number, deed in enumerate(deeds, 1):
            is_over = deed.doing in (Doing.COMPLETED, Doing.SAVED)
            for letter in (*deed.letters, *([self.machine.letter(deed.component, STEP)] if is_over else ())):
                states = {self.monitor.after(state, it) for state in states for it in self._said(letter)}
                heard += [letter] if letter in deed.letters else []
                if deed.event == last and BREACH in states:
                    return deeds[:number], tuple(heard)
            states.discard(BREACH)
        skipping = self._skipping_one(deeds)
        return (deeds, tuple(heard)) if skipping is None else self.up_to_the_breach(skipping)

    def _skipping_one(self, deeds: Sequence[Deed]) -> Sequence[Deed] | None:
        """The same with one more that was skipped: of what is loose the search does not say whether it was."""
        for number, deed in enumerate(deeds):
            step = self.machine.steps.get((deed.component, deed.activity))
            if deed.is_loose and step is not None and step.skip is not None:
                letters = self._letters(deed.component, deed.activity, was_skipped=True)
                one = replace(deed, doing=Doing.SKIPPED, letters=letters, is_loose=False)
                return (*deeds[:number], one, *deeds[number + 1 :])
        return None

    def _said(self, letter: str) -> tuple[str, ...]:
        """The letter with what can be answered, where something is asked."""
        if letter not in self.monitor.asks:
            return (letter,)
        return with_answer(letter, holds=True), with_answer(letter, holds=False)

    def _deed(self, marking: Marking, event: Event, it: Happening, left: list[Seen]) -> Deed | None:
        if it.run == 0:
            return None
        run = marking.run(it.run)
        component = self.component(run)
        if component.name not in self.members:
            return None
        match it.what:
            case What.STEP_COMPLETED | What.STEP_SAVED | What.STEP_SKIPPED:
                seen = next((s for s in left if s[:3] == (component.name, it.activity, DONE[it.what])), None)
                if seen is not None:
                    left.remove(seen)
                letters = self._letters(component, it.activity, was_skipped=it.what is What.STEP_SKIPPED)
                answers = () if seen is None else self._answers(seen)
                return Deed(DOINGS[it.what], it.run, component, it.activity, answers, letters=letters)
            case What.STEP_PASSED | What.WENT_OUTSIDE | What.CAME_BACK | What.RUN_JUMPED | What.RUN_SPLIT:
                return Deed(DOINGS[it.what], it.run, component, it.activity, goes_to=it.name)
            case What.STEP_CANCELLED if isinstance(event, Recheck):
                return Deed(Doing.PASSED, it.run, component, it.activity)
            case What.TRACK_OPENED:
                by_hand = isinstance(event, OpenTrack) and self.machine.plan.tracks[it.name].by_hand
                return Deed(Doing.OPENED, it.run, component, by_hand=by_hand)
            case What.TRACK_CLOSED if isinstance(event, CloseTrack) and event.run == it.run:
                return Deed(Doing.CLOSED, it.run, component, by_hand=event.by_hand)
            case What.RUN_STARTED if run.opened_as is OpenedAs.INTERRUPT:
                return Deed(Doing.CRISIS, it.run, component)
        return None

    def component(self, run: RunMarking) -> Component:
        """What a run is, as the machine sees it."""
        aspect = next((it for it, subject in SUBJECTS.items() if subject == run.subject), Aspect.OTHER)
        is_step = bool(run.track) and bool(self.machine.plan.tracks[run.track].track.activity)
        return Component(run.definition, run.track if is_step else "", aspect)

    def _letters(self, component: Component, activity: str, *, was_skipped: bool) -> tuple[str, ...]:
        meanings = self.machine.plan.activity(component.definition, activity).meanings
        names = map(skipped, meanings) if was_skipped else meanings
        return tuple(letter for letter in (self.machine.letter(component, it) for it in names) if letter)

    def _answers(self, seen: Seen) -> tuple[Answer, ...]:
        who, activity, _, known = seen
        step = self.machine.steps[self.by_name[who], activity]
        fields = {field.key: field for field in step.activity.fields}
        asked = {name: (must, shown) for name, must, shown in step.locals}
        found = []
        for name, mask in known:
            must, shown = asked[name]
            hidden = shown is not None and mask == HIDDEN
            if mask != must and not hidden:
                field = fields[name.removeprefix(f"?{activity}.")]
                value = self._lowest(name, mask, required=field.required)
                found.append(Answer(in_language(field.label), _label(field, value)))
        return tuple(found)

    def _lowest(self, name: str, mask: int, *, required: bool) -> str:
        """The first value that is left; one that can be told before one that cannot, and none only when it must."""
        left = [value for number, value in enumerate(self.machine.sizes[name]) if mask >> number & 1]
        named = [value for value in left if value not in ("", "*")]
        if "" in left and not required:
            return ""
        return next(iter((*named, *left)))


@cache
def _who_may_deviate() -> frozenset[str]:
    """Keys of the roles that may."""
    roles = parse((files("padwijzer") / "fixtures" / "roles.json").read_bytes()).child("roles")
    return frozenset(key for key, role in roles.items() if "deviate" in role.child("permissions").list(Node.string))


def _take(deeds: list[Deed], taken: Happening) -> None:
    """Note which way on was taken after the last deed at a step."""
    for number in range(len(deeds) - 1, -1, -1):
        deed = deeds[number]
        if (deed.run, deed.activity) == (taken.run, taken.activity) and deed.exit is None:
            deeds[number] = replace(deed, exit=taken.number)
            return


def _label(field: FieldSpec, value: str) -> str:
    if field.type == "yes_no":
        return {"ja": "Ja", "nee": "Nee"}.get(value, "")
    return next((in_language(choice.label) for choice in field.choices if choice.key == value), value and "*")


class _Teller:
    """Makes lines of deeds."""

    def __init__(self, machine: Machine, monitor: Monitor, scope: Scope, marking: Marking | None) -> None:
        self.machine, self.scope, self.marking = machine, scope, marking
        self.plan = machine.plan
        self.alphabet = monitor.letters | monitor.asks.keys()

    def lines(self, deeds: Sequence[Deed]) -> Iterator[tuple[str, ...]]:
        """A line for each deed that matters; a part in which nothing does is one line."""
        last, acting = deeds[-1], {it.run for it in deeds if it.letters or it.answers or it.doing is Doing.COMPLETED}
        matters = {it.run for it in deeds if it is last or self._matters(it)}
        told_parts: set[int] = set()
        for deed in deeds:
            part = self._part(deed.run, matters)
            if part:
                if part not in told_parts:
                    told_parts.add(part)
                    yield (f"Het onderdeel {quoted(self._name(part))} wordt gedaan.",)
                continue
            if deed is not last and self._is_said_already(deed, told_parts):
                continue
            if deed.doing in (Doing.OPENED, Doing.CRISIS) and deed.run not in acting:
                continue
            if deed is last or self._matters(deed) or not self._goes_by_itself(deed):
                yield self._told(deed)

    def _matters(self, deed: Deed) -> bool:
        """Whether it carries an event of the statement, or answers that the run needs, or leaves the plain way."""
        return (
            bool(deed.answers)
            or not self.alphabet.isdisjoint((*deed.letters, *(f"{it}-" for it in deed.letters)))
            or deed.doing not in (Doing.COMPLETED, Doing.SAVED)
        )

    def _part(self, number: int, matters: set[int]) -> int:
        """The outermost called run that is over and in which nothing matters; 0 for none."""
        found = 0
        while number and self.marking is not None:
            run = self.marking.run(number)
            inside = {it.number for it in self.marking.runs if self._is_within(it, number)}
            is_called = run.opened_as in (OpenedAs.CALL, OpenedAs.DETOUR)
            if not is_called or run.parent is None or run.is_alive or inside & matters:
                break
            found, number = number, run.parent[0]
        return found

    def _is_within(self, run: RunMarking, number: int) -> bool:
        while run.number != number and run.parent is not None and self.marking is not None:
            run = self.marking.run(run.parent[0])
        return run.number == number

    def _is_said_already(self, deed: Deed, told_parts: set[int]) -> bool:
        """Whether it is the end of a step that called a part which was told as a whole."""
        if self.marking is None or self._matters(deed):
            return False
        parents = [self.marking.run(part).parent for part in told_parts]
        return (deed.run, deed.activity) in parents

    def _goes_by_itself(self, deed: Deed) -> bool:
        return deed.doing is Doing.COMPLETED and self._step(deed).kind in (Kind.AUTOMATIC, Kind.END)

    def _step(self, deed: Deed) -> Activity:
        return self.plan.activity(deed.component.definition, deed.activity)

    def _name(self, part: int) -> str:
        run = self.marking.run(part) if self.marking is not None else None
        return "" if run is None else in_language(self.plan.definition(run.definition).title)

    def _told(self, deed: Deed) -> tuple[str, ...]:
        about, answers = self._about(deed), deed.answers
        sentence = self._decided(deed)
        if sentence:
            answers = ()
        else:
            sentence = self._sentence(deed)
        if about:
            sentence = f"{about}{sentence[:1].lower()}{sentence[1:]}"
        return (sentence, *self._agreed(deed), *(it for one in answers for it in _asked(one)))

    def _decided(self, deed: Deed) -> str:
        """A decision whose only answer says all: its question is no more than its name."""
        if deed.doing is not Doing.COMPLETED or self._step(deed).kind is not Kind.DECISION or len(deed.answers) != 1:
            return ""
        (one,) = deed.answers
        if _is_question(one) or one.answer in ("", "*"):
            return ""
        return f"{self._who(deed)} beslist bij {quoted(self._title(deed), LONGEST_OF_TWO)}: {quoted(one.answer)}."

    def _agreed(self, deed: Deed) -> tuple[str, ...]:
        """What was agreed for when a case goes on elsewhere, as far as its path says so."""
        outside = dict(self.plan.definition(deed.component.definition).outside)
        if deed.doing is not Doing.OUTSIDE or deed.goes_to not in outside:
            return ()
        return (f"De afspraak is dan: {quoted(in_language(outside[deed.goes_to]))}",)

    def _who(self, deed: Deed) -> str:
        """Who may do this at a step: the first of its roles; to skip it, the first that may deviate."""
        roles = self.plan.step(deed.component.definition, deed.activity).deciders
        able = [it for it in roles if deed.doing is not Doing.SKIPPED or it in _who_may_deviate()]
        role = next(iter((*able, *roles)), "")
        if role in CALLED:
            return CALLED[role]
        return f"De {role_labels()[role]}" if role in role_labels() else "Iemand"

    def _about(self, deed: Deed) -> str:
        """Of what else than the statement is about a deed is."""
        definition, aspect = self.plan.definition(deed.component.definition), deed.component.aspect
        scope = RunScope.CHILD if definition.per_child_from else definition.scope
        if aspect is Aspect.FAMILY or scope is RunScope.FAMILY:
            return ""
        one, another = ABOUT[scope]
        if self.scope is Scope.FAMILY:
            return f"Bij {one}: "
        return f"Bij {another}: " if aspect is Aspect.OTHER else ""

    def _sentence(self, deed: Deed) -> str:
        title = quoted(self._title(deed))
        match deed.doing:
            case Doing.COMPLETED:
                return self._completed(deed, title)
            case Doing.SAVED:
                return f"{self._who(deed)} bewaart {title}."
            case Doing.SKIPPED:
                return f"{self._who(deed)} slaat {title} over{self._with_a_reason(deed)}."
            case Doing.PASSED:
                return f"{title} kan nu niet en valt weg."
            case Doing.OPENED:
                mine = deed.component.aspect is Aspect.FOCUS and self.scope is not Scope.FAMILY
                about = f" voor {THIS[self.scope]}" if mine else ""
                return f"Iemand opent {title}{about}." if deed.by_hand else f"{title} gaat open{about}."
            case Doing.CLOSED:
                return f"Iemand sluit {title}." if deed.by_hand else f"{title} sluit."
            case Doing.CRISIS:
                return f"Er is een crisis: {title} begint."
            case Doing.OUTSIDE:
                return "De zaak gaat buiten dit pad verder."
            case Doing.BACK if deed.activity:
                return f"De zaak komt terug bij {title}."
            case Doing.BACK:
                return "De zaak komt terug en gaat verder."
            case Doing.WENT_OVER:
                return f"De zaak gaat verder in {quoted(in_language(self.plan.definition(deed.goes_to).title))}."
            case Doing.APART:
                return "Elk kind gaat nu apart verder."

    def _completed(self, deed: Deed, title: str) -> str:
        match self._step(deed).kind:
            case Kind.FORM:
                return f"{self._who(deed)} vult {title} in."
            case Kind.DECISION:
                return f"{self._who(deed)} beslist bij {title}."
            case Kind.LADDER:
                return f"{self._who(deed)} kiest bij {title}."
            case Kind.WAIT:
                return f"Het wachten bij {title} is voorbij."
            case Kind.AUTOMATIC | Kind.END:
                return f"{title} gaat vanzelf."
            case Kind.CALL:
                return f"Het onderdeel {title} is klaar."

    def _title(self, deed: Deed) -> str:
        if deed.activity:
            return step_title(self.plan, deed.place)
        run = self.marking.run(deed.run) if self.marking is not None else None
        if run is not None and run.track:
            return in_language(self.plan.tracks[run.track].track.title)
        return in_language(self.plan.definition(deed.component.definition).title)

    def _with_a_reason(self, deed: Deed) -> str:
        """Skipping asks for a reason, unless the step is optional, itself or where it is called."""
        obligations = [self._step(deed).obligation]
        for place in self.plan.definitions[deed.component.definition].callers:
            call = self.plan.call(place)
            if call is not None and call.obligation is not None:
                obligations.append(call.obligation)
        return "" if max(obligations, key=WEAKER.index) is Obligation.OPTIONAL else ", met een reden"


def _is_question(one: Answer) -> bool:
    return one.question.rstrip().endswith("?")


def _asked(one: Answer) -> tuple[str, ...]:
    question = quoted(one.question)
    if one.answer in ("", "*"):
        return (f"Bij {question} vult {'iemand iets' if one.answer else 'niemand iets'} in.",)
    answer = quoted(one.answer)
    if len(one.question.split()) + len(one.answer.split()) > LONGEST + 2:
        return (f"De vraag is: {question}", f"Het antwoord is {answer}.")
    return (
        f"Het antwoord op {question} is {answer}." if _is_question(one) else f"De keuze bij {question} is {answer}.",
    )
