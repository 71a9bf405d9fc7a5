"""
A release held against a pack of safeguards: a proof of it, or what is wrong, as a story with a repair.

The same is asked when staff publish, when somebody checks a file, and when the law changes: then a new pack is held
against the release that runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.core.catalogues import Catalogue
from padwijzer.workflows.core.compiling import check_release, compile_release
from padwijzer.workflows.core.findings import Finding, Severity
from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.records import Means, Proven
from padwijzer.workflows.core.proving.repairs import Repair, repairs
from padwijzer.workflows.core.proving.search import BOUND, Verdict, prove
from padwijzer.workflows.core.proving.stories import Story, quoted, step_title, story, where_of
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.safeguards import Scope, Structural, templates

TOO_LARGE: Final = "Dit is te groot om te bewijzen, dus het mag niet live. Wat te veel samenhangt: {what}."


@dataclass(frozen=True, slots=True)
class Broken(Finding):
    """
    A safeguard that a release does not keep, or of which that could not be decided.

    Args:
        safeguard: key of the safeguard.
        story: a shortest run that breaks it, as lines in Dutch; empty where there is none to tell.
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
        published: the release as it was before it was edited, to find repairs; None: that is not known.
        clock: seconds that rise, to tell how long each statement took.
        bound: how many states one statement may need.
        mend: whether to look for repairs.

    Returns:
        What was proven, and what was found.
    """
    found = check_release(spec, catalogue, allow_skeletons=allow_skeletons)
    plan = compile_release(spec, catalogue, allow_skeletons=allow_skeletons)
    if not isinstance(plan, Plan):
        return Checked(found, (), None)
    machines: dict[Scope, Machine] = {}
    verdicts: dict[str, Verdict] = {}
    judged: list[Judged] = []
    for safeguard in pack.safeguards:
        since = clock()
        one = _judged(plan, safeguard, machines, verdicts, bound)
        judged.append(replace(one, seconds=clock() - since))
    if mend:
        mends = partial(
            repairs,
            spec,
            others=[it.safeguard for it in judged if it.proven is not None],
            published=published,
            catalogue=catalogue,
            allow_skeletons=allow_skeletons,
        )
        judged = [_mended(it, machines, verdicts, mends) for it in judged]
    broken = tuple(finding for it in judged for finding in it.findings)
    return Checked((*found, *broken), tuple(judged), plan)


def _judged(
    plan: Plan, safeguard: Safeguard, machines: dict[Scope, Machine], verdicts: dict[str, Verdict], bound: int
) -> Judged:
    template, monitor = safeguard.template, safeguard.monitor
    if isinstance(template, Structural):
        findings = tuple(_made_wrong(plan, safeguard, place) for place in template.faults(plan))
        about = _about(plan, frozenset(template.what))
        proven = None if findings else _proven(safeguard, Means.MADE if about else Means.ABSENT)
        return Judged(safeguard, proven, findings, 0, 0.0, about)
    if monitor is None:
        message = "A template that is not structural has a monitor."
        raise TypeError(message)
    if safeguard.scope not in machines:
        machines[safeguard.scope] = Machine(plan, safeguard.scope)
    machine = machines[safeguard.scope]
    verdict = verdicts[safeguard.key] = prove(machine, monitor, bound)
    about = _about(
        plan, frozenset(letter.lstrip("*").removeprefix("skip:").rstrip("+-") for letter in monitor.letters)
    )
    if verdict.proven:
        means = Means.WALKED if not verdict.vacuous else Means.MADE if about else Means.ABSENT
        proven = replace(_proven(safeguard, means), slices=verdict.slices)
        return Judged(safeguard, proven, (), verdict.states, 0.0, about)
    if verdict.run:
        told = story(machine, safeguard, verdict)
        return Judged(safeguard, None, (_told(safeguard, told),), verdict.states, 0.0, about)
    tangled = sorted({name.split("@")[0].split(".")[0] for name in verdict.components})
    titles = ", ".join(quoted(in_language(plan.definition(key).title)) for key in tangled)
    finding = Broken(
        "safeguard.not_finished",
        tangled[0] if tangled else plan.start,
        "",
        safeguard.statement,
        TOO_LARGE.format(what=titles),
        safeguard=safeguard.key,
    )
    return Judged(safeguard, None, (finding,), verdict.states, 0.0, about)


def _mended(
    one: Judged,
    machines: Mapping[Scope, Machine],
    verdicts: Mapping[str, Verdict],
    mends: Callable[[Safeguard, Verdict, Story], tuple[Repair, ...]],
) -> Judged:
    """The same with a repair, where one is found."""
    verdict = verdicts.get(one.safeguard.key)
    if verdict is None or not verdict.run:
        return one
    told = story(machines[one.safeguard.scope], one.safeguard, verdict)
    for best in mends(one.safeguard, verdict, told)[:1]:
        advised = told.advising(best.advice, best.place, best.where)
        return replace(one, findings=(replace(_told(one.safeguard, advised), repair=best),))
    return one


def _told(safeguard: Safeguard, told: Story) -> Broken:
    return Broken(
        _code(safeguard),
        told.place.definition,
        told.where,
        safeguard.statement,
        " ".join(told.advice),
        safeguard=safeguard.key,
        story=told.text,
    )


def _made_wrong(plan: Plan, safeguard: Safeguard, place: Place) -> Broken:
    title = quoted(step_title(plan, place))
    return Broken(
        _code(safeguard),
        place.definition,
        where_of(plan, place),
        safeguard.statement,
        f"Verander de stap {title}.",
        safeguard=safeguard.key,
        story=(f"Bij de stap {title} is dit niet zeker.", f"Verander de stap {title}."),
    )


def _code(safeguard: Safeguard) -> str:
    return "safeguard." + next(key for key, kind in templates().items() if isinstance(safeguard.template, kind))


def _proven(safeguard: Safeguard, means: Means) -> Proven:
    return Proven(safeguard.key, safeguard.statement, safeguard.source, safeguard.certainty, means)


def _about(plan: Plan, meanings: frozenset[str]) -> frozenset[str]:
    return frozenset(
        key
        for key, definition in plan.definitions.items()
        if any(not meanings.isdisjoint(step.activity.meanings) for step in definition.activities.values())
    )
