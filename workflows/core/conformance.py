"""
Conformance: the safeguards over the recorded history of a case, the third use of each statement.

The proof walks a monitor over everything that can happen, the engine over what is about to happen, and this over
what happened: the same automata, which hear the same letters. A statement about each child, help or placement is
judged for each of those rows by itself. Where a monitor asks a condition, it is asked of the case as it was at that
event. A structural template reads each step that was done.

A debt that is still open when a case closes without the step for which it came too late stays a debt here: the
statement names that step, and it never came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from padwijzer.forms.core.conditions import evaluate
from padwijzer.forms.core.field_types.date import in_words
from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.case_file import Row
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.meanings import role_labels
from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.plan import ActivityPlan, Plan
from padwijzer.workflows.core.recorded import DoneStep, Flaw, Flawed, RecordedCase, RecordedDeviation
from padwijzer.workflows.core.safeguards import (
    BREACH,
    STEP,
    Deviable,
    Monitor,
    Scope,
    Structural,
    Watched,
    as_heard,
    skipped,
    with_answer,
)
from padwijzer.workflows.core.semantics import What

REGISTERS: Final[Mapping[Scope, str]] = MappingProxyType(
    {Scope.CHILD: "person", Scope.HELP: "help_item", Scope.MEASURE: "measure", Scope.PLACEMENT: "placement"}
)
"""Scope to the register whose rows it is about."""
ROWS: Final[Mapping[Scope, str]] = MappingProxyType(
    {
        Scope.FAMILY: "gezin",
        Scope.CHILD: "kind",
        Scope.HELP: "hulp",
        Scope.MEASURE: "maatregel",
        Scope.PLACEMENT: "plaatsing",
    }
)
"""Scope to what a row of it is called, before its number."""
FLAWS: Final[Mapping[Flaw, str]] = MappingProxyType(
    {
        Flaw.MISSING: "Voor gebeurtenis {seq} ontbreekt een gebeurtenis.",
        Flaw.IMPOSSIBLE: "Gebeurtenis {seq} past niet op wat ervoor gebeurde.",
        Flaw.CONSEQUENCE: "Wat er volgde op gebeurtenis {seq}, is niet wat het pad laat volgen.",
        Flaw.ERASED: "Van gebeurtenis {seq} is de inhoud vernietigd.",
    }
)


class Standing(StrEnum):
    """How a statement stands in one case."""

    KEPT = "kept"
    DEVIATED = "kept_by_deviation"
    OPEN = "open"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Mention:
    """
    A step that was done, as a judgement mentions it; no personal data.

    Args:
        seq: number of its event.
        at: when.
        actor: pseudonym of who did it, or set it going.
        role: the role in which, by its key; empty when that is not known, or the path did it by itself.
        what: completed, saved or skipped.
        by_person: whether a person did it.
        definition, version, activity: which step.
        title: of the step, in Dutch.
        run: number of its run.
        subject: id of the row that its run is about; empty for the family.
    """

    seq: int
    at: datetime
    actor: str
    role: str
    what: What
    by_person: bool
    definition: str
    version: int
    activity: str
    title: str
    run: int
    subject: str

    @property
    def sentence(self) -> str:
        """Which event, when, what and by whom, in one Dutch sentence."""
        who = f" door de rol {role_labels().get(self.role, self.role)}" if self.role else ""
        how = "gedaan" if self.by_person else "volgde vanzelf"
        if self.what is What.STEP_SKIPPED:
            how = "overgeslagen"
        return f"Gebeurtenis {self.seq} op {in_words(local_day(self.at))}: “{self.title}” {how}{who}."


@dataclass(frozen=True, slots=True)
class Deviated:
    """
    A step that was skipped, or done with a reason, instead of what must happen.

    Args:
        step: the step.
        deviation: the reasoned deviation with its review; None when no reason was recorded.
    """

    step: Mention
    deviation: RecordedDeviation | None

    @property
    def sentence(self) -> str:
        """Whether it was looked back on, in Dutch."""
        if self.deviation is None:
            return "Een reden is niet vastgelegd."
        review = self.deviation.review
        if review is None:
            again = self.deviation.look_again_on
            return f"Terugkijken moet nog{f', op {in_words(again)}' if again else ''}."
        who = "dezelfde persoon" if review.actor == self.deviation.actor else "iemand anders"
        return f"Op {in_words(local_day(review.at))} is erop teruggekeken door {who} (gebeurtenis {review.seq})."


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    How one statement stands for what it is about.

    Args:
        safeguard: key.
        statement: in Dutch.
        scope: about what it is.
        subject: id of the row; empty for the family.
        number: which row of its scope in this case, from 1; 0 for the family.
        standing: how it stands.
        fulfilled_by: the steps that did what must happen; of a debt, the last that paid it and those before.
        deviations: what was skipped instead, where the standing is that.
        owed_since: the step by which something is still owed; None when nothing is.
        broken_by: the step that broke it; None when it is not broken.
        why: what is lost, in one Dutch sentence; empty when it is not broken.
    """

    safeguard: str
    statement: str
    scope: Scope
    subject: str
    number: int
    standing: Standing
    fulfilled_by: tuple[Mention, ...] = ()
    deviations: tuple[Deviated, ...] = ()
    owed_since: Mention | None = None
    broken_by: Mention | None = None
    why: str = ""

    @property
    def arose(self) -> bool:
        """Whether anything happened that it is about."""
        return bool(self.fulfilled_by or self.deviations or self.owed_since or self.broken_by)

    @property
    def about(self) -> str:
        """What it is about, in Dutch: the family, or a row by its number."""
        return f"{ROWS[self.scope]} {self.number}" if self.number else ROWS[self.scope]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Why the standing is so, in Dutch: who did it, when, and which event that is."""
        if self.broken_by is not None:
            return (self.why, self.broken_by.sentence)
        if self.owed_since is not None:
            return ("Dit moet nog.", self.owed_since.sentence)
        if self.deviations:
            return tuple(it for deviated in self.deviations for it in (deviated.step.sentence, deviated.sentence))
        if self.fulfilled_by:
            return tuple(it.sentence for it in self.fulfilled_by)
        return ("Dit is nog niet aan de orde." if self.standing is Standing.OPEN else "Dit kwam niet voor.",)


@dataclass(frozen=True, slots=True)
class Conformance:
    """
    How a case stands to a pack of safeguards.

    Args:
        pack: key of the pack.
        version: what its makers call this state of it.
        digest: its SHA-256.
        judgements: in the order of the pack, and of the rows.
        flaws: what is wrong with the history itself.
        events: how many events were read.
    """

    pack: str
    version: str
    digest: str
    judgements: tuple[Judgement, ...]
    flaws: tuple[Flawed, ...] = ()
    events: int = 0

    @property
    def is_kept(self) -> bool:
        """Whether nothing is broken, and the history is whole."""
        return not self.flaws and not self.broken

    @property
    def broken(self) -> tuple[Judgement, ...]:
        """What is broken."""
        return tuple(it for it in self.judgements if it.standing is Standing.BROKEN)

    @property
    def flaw_sentences(self) -> tuple[str, ...]:
        """What is wrong with the history itself, in Dutch."""
        return tuple(FLAWS[it.flaw].format(seq=it.seq) for it in self.flaws)


@dataclass(frozen=True, slots=True)
class Heard:
    """
    What a monitor hears.

    Args:
        letter: as the monitor knows it; where a condition is asked, with its answer.
        plain: the same without that answer.
        step: by which.
    """

    letter: str
    plain: str
    step: DoneStep

    @property
    def is_instead(self) -> bool:
        """Whether what must happen is skipped or deviated from, for the row itself or around it."""
        return self.letter.lstrip("*").startswith(skipped(""))


def conformance(pack: Pack, plans: Mapping[str, Plan], case: RecordedCase) -> Conformance:
    """
    Judge a case by what is recorded of it.

    Args:
        pack: the safeguards.
        plans: digest to the release, of each on which steps were done.
        case: what is recorded.

    Returns:
        How each statement stands for each of what it is about.

    Raises:
        KeyError: a step was done on a release that is not given.
    """
    judge = _Judge(plans, case)
    judgements = tuple(it for safeguard in pack.safeguards for it in judge.all_of(safeguard))
    return Conformance(pack.key, pack.version, pack.digest, judgements, case.flaws, case.events)


def heard(
    monitor: Monitor, plans: Mapping[str, Plan], steps: Iterable[DoneStep], scope: Scope, row: Row | None
) -> Iterator[Heard]:
    """
    What a monitor hears of the steps that were done, as the prover hears them.

    Args:
        monitor: the statement.
        plans: digest to release.
        steps: in order.
        scope: about what the statement is.
        row: the row it is judged for; None for the family.
    """
    for step in steps:
        meanings = _plan_of(plans, step).activity.meanings
        was_skipped = step.what is What.STEP_SKIPPED
        for name in map(skipped, meanings) if was_skipped else (*meanings, STEP):
            plain = _letter(name, step, scope, row)
            if not plain:
                continue
            letter = plain
            if plain in monitor.asks:
                letter = with_answer(plain, holds=evaluate(monitor.asks[plain], step.lookup) is True)
            yield Heard(letter, plain, step)


def _letter(name: str, step: DoneStep, scope: Scope, row: Row | None) -> str:
    """What is heard of a step for a row; no row is the family."""
    return as_heard(name, scope, step.subject, row.id if row else "", row.text("child") if row else "")


def _plan_of(plans: Mapping[str, Plan], step: DoneStep) -> ActivityPlan:
    return plans[step.release].step(step.definition, step.activity)


@dataclass(frozen=True, slots=True)
class _Walked:
    """
    A monitor after a word.

    Args:
        state: where it is.
        fulfilled: what did what must happen.
        owed: by what it is owing; None when it is not.
        word: what it heard, up to a breach.
    """

    state: str
    fulfilled: tuple[Heard, ...]
    owed: Heard | None
    word: tuple[Heard, ...]

    def standing(self, *, is_closed: bool) -> Standing:
        if self.state == BREACH:
            return Standing.BROKEN
        if self.owed is not None:
            return Standing.OPEN
        return Standing.KEPT if self.fulfilled or is_closed else Standing.OPEN


class _Walker:
    """
    Walks a monitor over words.

    Args:
        monitor: the statement.
        safeguard: key of the safeguard that says it; a step that deviates from that with a reason is heard as
            skipping what must happen. Empty: no reason counts.
        instead: the letter of skipping that.

    Attributes:
        order: of its states; see `Monitor.order`.
        owing: states from which a word breaks it that does not break it from the start, and it can still be saved.
    """

    def __init__(self, monitor: Monitor, safeguard: str = "", instead: str = "") -> None:
        self.monitor = monitor
        self.safeguard, self.instead = safeguard, instead
        self.order = monitor.order
        self.owing = frozenset(filter(self._is_owing, monitor.states))

    def walked(self, word: Iterable[Heard]) -> _Walked:
        state, owed = self.monitor.start, None
        fulfilled: list[Heard] = []
        listened: list[Heard] = []
        for it in word:
            listened.append(it)
            after = self.monitor.after(state, it.letter)
            if after == BREACH and it.step.deviation and self.safeguard in it.step.deviated:
                state = self.monitor.after(state, self.instead)
                after = self.monitor.after(state, it.letter)
                fulfilled.append(Heard(self.instead, self.instead, it.step))
            if self._fulfils(state, after, it):
                fulfilled.append(it)
            if after not in self.owing:
                owed = None
            elif owed is None or after != state:
                owed = it
            state = after
            if state == BREACH:
                break
        return _Walked(state, tuple(fulfilled), owed, tuple(listened))

    def _fulfils(self, before: str, after: str, it: Heard) -> bool:
        """Whether a letter makes it better, answers as was asked, or is a step done that may not be skipped."""
        letters = self.monitor.letters
        if it.plain in self.monitor.asks:
            return it.letter == with_answer(it.plain, holds=True)
        if it.letter not in letters:
            return skipped(it.letter) in letters
        return (after, before) in self.order and (before, after) not in self.order

    def _is_owing(self, state: str) -> bool:
        start = self.monitor.start
        if state == BREACH or (state, start) in self.order:
            return False
        reached, new = {state}, {state}
        while new:
            new = {self.monitor.after(it, letter) for it in new for letter in self.monitor.letters} - reached
            reached |= new
        return any((it, start) in self.order for it in reached)


class _Judge:
    def __init__(self, plans: Mapping[str, Plan], case: RecordedCase) -> None:
        self.plans = plans
        self.case = case

    def all_of(self, safeguard: Safeguard) -> Iterator[Judgement]:
        if isinstance(safeguard.template, Structural):
            yield self.structural(safeguard, safeguard.template)
            return
        monitor = safeguard.watched()
        walker = strict = _Walker(monitor)
        if safeguard.deviation and isinstance(safeguard.template, Deviable):
            walker = _Walker(monitor, safeguard.key, skipped(safeguard.template.fulfilled_by[0]))
            strict = _Walker(replace(safeguard, deviation=False).watched())
        if safeguard.scope is Scope.FAMILY:
            yield self.watched(safeguard, walker, strict, None, 0)
            return
        rows = [row for row in self.case.rows.values() if row.register == REGISTERS[safeguard.scope]]
        for number, row in enumerate(rows, start=1):
            yield self.watched(safeguard, walker, strict, row, number)

    def watched(
        self, safeguard: Safeguard, walker: _Walker, strict: _Walker, row: Row | None, number: int
    ) -> Judgement:
        scope, closed = safeguard.scope, self.case.is_closed
        word = tuple(heard(walker.monitor, self.plans, self.case.steps, scope, row))
        found = walker.walked(word)
        standing = found.standing(is_closed=closed)
        deviations: tuple[Deviated, ...] = ()
        if standing is Standing.KEPT and strict is not walker:
            without = strict.walked(word)
            if without.standing(is_closed=closed) is Standing.KEPT and (without.fulfilled or not found.fulfilled):
                found = without
            else:
                standing = Standing.DEVIATED
                deviations = tuple(self.deviated(it.step) for it in found.fulfilled if it.is_instead)
        broken = found.word[-1] if standing is Standing.BROKEN else None
        why = ""
        if broken is not None and isinstance(safeguard.template, Watched):
            why = safeguard.template.lost([it.plain for it in found.word if it.plain.lstrip("*") != STEP], scope)
        return Judgement(
            safeguard=safeguard.key,
            statement=safeguard.statement,
            scope=scope,
            subject=row.id if row is not None else "",
            number=number,
            standing=standing,
            fulfilled_by=tuple(self.mention(it.step) for it in found.fulfilled if not it.is_instead),
            deviations=deviations,
            owed_since=self.mention(found.owed.step)
            if standing is Standing.OPEN and found.owed is not None
            else None,
            broken_by=self.mention(broken.step) if broken is not None else None,
            why=why,
        )

    def structural(self, safeguard: Safeguard, template: Structural) -> Judgement:
        about = [
            step
            for step in self.case.steps
            if not set(_plan_of(self.plans, step).activity.meanings).isdisjoint(template.what)
        ]
        broken = next((step for step in about if template.broken_by(step)), None)
        done = tuple(
            self.mention(it)
            for it in about
            if it.by_person and it.what is not What.STEP_SKIPPED and not template.broken_by(it)
        )
        standing = Standing.KEPT if done or self.case.is_closed else Standing.OPEN
        return Judgement(
            safeguard=safeguard.key,
            statement=safeguard.statement,
            scope=safeguard.scope,
            subject="",
            number=0,
            standing=standing if broken is None else Standing.BROKEN,
            fulfilled_by=done,
            broken_by=None if broken is None else self.mention(broken),
            why="" if broken is None else template.broken_by(broken),
        )

    def mention(self, step: DoneStep) -> Mention:
        plan = _plan_of(self.plans, step)
        return Mention(
            seq=step.seq,
            at=step.at,
            actor=step.actor,
            role=_role(plan.deciders, step),
            what=step.what,
            by_person=step.by_person,
            definition=step.definition,
            version=step.version,
            activity=step.activity,
            title=in_language(plan.activity.title),
            run=step.run,
            subject=step.subject or "",
        )

    def deviated(self, step: DoneStep) -> Deviated:
        return Deviated(self.mention(step), self.case.deviations.get(step.deviation))


def _role(deciders: Sequence[str], step: DoneStep) -> str:
    """In which role a person did a step: the first of its performers that he has, else any."""
    if not step.by_person:
        return ""
    return next((role for role in (*deciders, *sorted(step.roles)) if role in step.roles), "")
