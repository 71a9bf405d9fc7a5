"""
A release held against a pack of safeguards: a proof of it, or what is wrong, as a story with a repair.

The same is asked when staff publish, when somebody checks a file, and when the law changes: then a new pack is held
against the release that runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, TypedDict

from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.catalogues import Catalogue, shipped_catalogue
from padwijzer.workflows.core.compiling import check_release, compile_release
from padwijzer.workflows.core.errors import Unpublishable
from padwijzer.workflows.core.findings import Finding, Severity
from padwijzer.workflows.core.meanings import happens
from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.proving.faults import story_of_fault
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.records import Means, ProofRecord, Proven, record_of
from padwijzer.workflows.core.proving.repairs import Repair, repairs, repairs_of_fault
from padwijzer.workflows.core.proving.search import BOUND, Slice, Verdict, prove
from padwijzer.workflows.core.proving.sight import OutOfSight, out_of_sight
from padwijzer.workflows.core.proving.stories import Story, quoted, story, where_of
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import Scope, Structural, meaning_of, templates
from padwijzer.workflows.core.terms import Terms, write_terms

TOO_LARGE: Final = "Dit is te groot om te bewijzen, dus het mag niet live. Wat te veel samenhangt: {what}."


@dataclass(frozen=True, slots=True)
class Broken(Finding):
    """
    A safeguard that a release does not keep, or of which that could not be decided.

    Args:
        safeguard: key of the safeguard.
        story: a shortest run that breaks it, as lines in Dutch; empty where there is none to tell. Where its code is
            `safeguard.not_walked` it is no counter-example: the statement is not proven, but that run was not walked.
        repair: the smallest change that is proven to mend it.
    """

    safeguard: str = ""
    story: tuple[str, ...] = ()
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """
    One statement, held against a release.

    Args:
        safeguard: the statement.
        proven: how it was proven; None when it was not.
        findings: what is wrong; none when it is proven.
        states: how many states were looked at.
        seconds: how long that took on the clock that was given.
        about: keys of the definitions whose steps it is about.
    """

    safeguard: Safeguard
    proven: Proven | None
    findings: tuple[Broken, ...]
    states: int
    seconds: float
    about: frozenset[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """
    A release, held against a pack.

    Args:
        findings: everything that is wrong, structure first; warnings too.
        statements: every statement of the pack; none when the structure has an error.
        plan: the release, compiled; None when its structure has an error.
    """

    findings: tuple[Finding, ...]
    statements: tuple[Judged, ...]
    plan: Plan | None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What forbids publishing."""
        return tuple(it for it in self.findings if it.severity is Severity.ERROR)

    @property
    def proven(self) -> tuple[Proven, ...]:
        """The statements that were proven."""
        return tuple(it.proven for it in self.statements if it.proven is not None)


def check(
    spec: ReleaseSpec,
    pack: Pack,
    catalogue: Catalogue | None = None,
    *,
    allow_skeletons: bool = False,
    published: ReleaseSpec | None = None,
    clock: Callable[[], float] = lambda: 0.0,
    bound: int = BOUND,
    mend: bool = True,
) -> Checked:
    """
    Hold a release against a pack.

    Args:
        spec: the release.
        pack: the statements.
        catalogue: the names that definitions may use; default the shipped one.
        allow_skeletons: whether it may have definitions that are not whole yet.
        published: the release as it was before it was edited, to see what safeguards lose sight of, and to find
            repairs; None: that is not known.
        clock: seconds that rise, to tell how long each statement took.
        bound: how many states one statement may need.
        mend: whether to look for repairs.

    Returns:
        What was proven, and what was found.
    """
    plan = compile_release(spec, catalogue, allow_skeletons=allow_skeletons)
    if not isinstance(plan, Plan):
        return Checked(plan, (), None)
    court = _Court(plan, bound)
    judged: list[Judged] = []
    for safeguard in pack.safeguards:
        since = clock()
        one = court.judge(safeguard)
        judged.append(replace(one, seconds=clock() - since))
    if mend:
        beside = _Beside(
            others=[it.safeguard for it in judged if it.proven is not None],
            published=published,
            catalogue=catalogue,
            allow_skeletons=allow_skeletons,
        )
        judged = [replace(it, findings=tuple(court.mended(spec, it, beside))) for it in judged]
    found = check_release(spec, catalogue, allow_skeletons=allow_skeletons)
    if published is not None:
        found = (*found, *(_unseen(plan, spec, it) for it in out_of_sight(spec, published, pack)))
    broken = tuple(finding for it in judged for finding in it.findings)
    return Checked((*found, *broken), tuple(judged), plan)


@lru_cache(maxsize=8)
def proof_of(spec: ReleaseSpec, pack: Pack, terms: Terms, published: ReleaseSpec | None = None) -> ProofRecord:
    """
    The proof that a release keeps a pack; who asks again is not kept waiting.

    Args:
        spec: the release, all of it whole.
        pack: the statements.
        terms: every duration it uses.
        published: the release before it; None for the first.

    Raises:
        Unpublishable: with everything that was found, when an error is among it.
    """
    checked = check(spec, pack, replace(shipped_catalogue(), terms=terms), published=published, mend=False)
    if checked.errors:
        raise Unpublishable(checked.findings)
    return record_of(spec, pack, write_terms(terms), checked.proven)


class _Beside(TypedDict):
    """What repairs are found with."""

    others: list[Safeguard]
    published: ReleaseSpec | None
    catalogue: Catalogue | None
    allow_skeletons: bool


class _Court:
    """Judges the statements about one release. Args: plan: it; bound: how many states one statement may need."""

    def __init__(self, plan: Plan, bound: int) -> None:
        self.plan = plan
        self.bound = bound
        self.machines: dict[Scope, Machine] = {}
        self.refuted: dict[str, tuple[Verdict, Story]] = {}
        self.faults: dict[tuple[str, str, str], tuple[Place, Story]] = {}

    def judge(self, safeguard: Safeguard) -> Judged:
        """Hold one statement against the release; the seconds are left to who has a clock."""
        if isinstance(safeguard.template, Structural):
            return self._made(safeguard, safeguard.template)
        if safeguard.scope not in self.machines:
            self.machines[safeguard.scope] = Machine(self.plan, safeguard.scope)
        machine, monitor = self.machines[safeguard.scope], safeguard.watched()
        verdict = prove(machine, monitor, self.bound)
        told = story(machine, safeguard, verdict) if verdict.run else None
        if told is not None and not told.real:  # what is not followed may be what keeps it
            closer = prove(machine, monitor, self.bound, whole=True)
            verdict, told = (closer, None) if closer.proven else (verdict, told)
        about = self._about(frozenset(map(meaning_of, monitor.letters)))
        if verdict.proven:
            means = Means.WALKED if not verdict.vacuous else Means.MADE if about else Means.ABSENT
            return Judged(safeguard, _proven(safeguard, means, verdict.slices), (), verdict.states, 0.0, about)
        if told is not None:
            self.refuted[safeguard.key] = verdict, told
            return Judged(safeguard, None, (_told(safeguard, told),), verdict.states, 0.0, about)
        return Judged(safeguard, None, (self._not_finished(safeguard, verdict),), verdict.states, 0.0, about)

    def mended(self, spec: ReleaseSpec, one: Judged, beside: _Beside) -> Iterator[Broken]:
        """The findings about a statement, each with its repair where one is found."""
        safeguard = one.safeguard
        for finding in one.findings:
            if isinstance(safeguard.template, Structural):
                place, told = self.faults[safeguard.key, finding.definition, finding.where]
                found = repairs_of_fault(spec, safeguard, place, **beside)
            elif safeguard.key in self.refuted:
                verdict, told = self.refuted[safeguard.key]
                found = repairs(spec, safeguard, verdict, told, **beside)
            else:
                yield finding
                continue
            yield _told(safeguard, told, *found[:1])

    def _made(self, safeguard: Safeguard, template: Structural) -> Judged:
        findings = tuple(self._fault(safeguard, place) for place in template.faults(self.plan))
        about = self._about(frozenset(template.what))
        proven = None if findings else _proven(safeguard, Means.MADE if about else Means.ABSENT)
        return Judged(safeguard, proven, findings, 0, 0.0, about)

    def _fault(self, safeguard: Safeguard, place: Place) -> Broken:
        told = story_of_fault(self.plan, safeguard, place)
        finding = _told(safeguard, told)
        self.faults[safeguard.key, finding.definition, finding.where] = place, told
        return finding

    def _not_finished(self, safeguard: Safeguard, verdict: Verdict) -> Broken:
        tangled = sorted({name.split("@")[0].split(".")[0] for name in verdict.components})
        titles = ", ".join(quoted(in_language(self.plan.definition(key).title)) for key in tangled)
        return Broken(
            "safeguard.not_finished",
            tangled[0] if tangled else self.plan.start,
            "",
            safeguard.statement,
            TOO_LARGE.format(what=titles),
            safeguard=safeguard.key,
        )

    def _about(self, meanings: frozenset[str]) -> frozenset[str]:
        return frozenset(
            key
            for key, definition in self.plan.definitions.items()
            if any(not meanings.isdisjoint(step.activity.meanings) for step in definition.activities.values())
        )


def _unseen(plan: Plan, spec: ReleaseSpec, lost: OutOfSight) -> Broken:
    definition, happening = spec.definitions[lost.definition], happens((lost.meaning,))
    if not lost.activity:
        title = quoted(in_language(definition.title))
        story = (
            f"Bij geen enkele stap van {title} staat nog dat {happening}.",
            "Deze waarborg let daar dan niet meer op.",
            f"Zet bij een stap van {title} weer dat {happening}.",
        )
        where, repair = "", None
    else:
        step = definition.activity(lost.activity)
        title, place = quoted(in_language(step.title)), Place(lost.definition, lost.activity)
        advice = f"Zet bij de stap {title} weer dat {happening}."
        story = (
            f"De stap {title} is er nog. Er staat niet meer bij dat {happening}.",
            "Deze waarborg ziet de stap dan niet.",
            advice,
        )
        where = where_of(plan, place)
        called = replace(step, meanings=(*step.meanings, lost.meaning))
        steps = tuple(called if it is step else it for it in definition.activities)
        mended = {lost.definition: replace(definition, activities=steps)}
        repair = Repair((advice,), place, where, 1, 0, mended)
    return Broken(
        "safeguard.out_of_sight",
        lost.definition,
        where,
        lost.safeguard.statement,
        story[-1],
        safeguard=lost.safeguard.key,
        story=story,
        repair=repair,
    )


def _told(safeguard: Safeguard, told: Story, repair: Repair | None = None) -> Broken:
    if repair is not None:
        told = told.advising(repair.advice, repair.place, repair.where)
    is_shown = told.real or isinstance(safeguard.template, Structural)
    return Broken(
        _code(safeguard) if is_shown else "safeguard.not_walked",
        told.place.definition,
        told.where,
        safeguard.statement,
        " ".join(told.advice),
        safeguard=safeguard.key,
        story=told.text,
        repair=repair,
    )


def _code(safeguard: Safeguard) -> str:
    return "safeguard." + next(key for key, kind in templates().items() if isinstance(safeguard.template, kind))


def _proven(safeguard: Safeguard, means: Means, slices: tuple[Slice, ...] = ()) -> Proven:
    return Proven(safeguard.key, safeguard.statement, safeguard.source, safeguard.certainty, means, slices)
