"""How a case stands to the safeguards, judged over its recorded history alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.conf import settings

from padwijzer.permissions.policies import WHOLE_CASE, Viewer
from padwijzer.workflows.core.case_file import CaseFile, TermTimes
from padwijzer.workflows.core.conformance import Conformance, Judgement, Mention, conformance
from padwijzer.workflows.core.packs import Pack
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.rebuilding import Rebuilding, Told, recorded_case
from padwijzer.workflows.core.registers import registers
from padwijzer.workflows.models import Case, Membership, Pseudonym
from padwijzer.workflows.queries.case_files import answers_from, calendars
from padwijzer.workflows.queries.releases import running_release
from padwijzer.workflows.queries.viewing import (
    may_in_case,
    may_see_cell,
    may_see_step,
    registers_of,
    subject_of,
    viewers_of,
)


@dataclass(frozen=True, slots=True)
class SeenConformance:
    """
    How a case stands, as far as somebody may see it.

    Args:
        conformance: without what he may not see; what is wrong with the history itself only for the whole case.
        withheld: how many judgements there are besides.
    """

    conformance: Conformance
    withheld: int = 0


def conformance_of(events: Sequence[Told], pack: Pack | None = None) -> Conformance:
    """
    How a case stands to the safeguards. It looks at nothing of the case but its events.

    The settings of the municipality are taken as they are now: that they were changed stands in no history yet.

    Args:
        events: of the stream of the case, all of them in order, with their values.
        pack: the safeguards; default those of its release.

    Raises:
        Release.DoesNotExist: its release was never published here.
        HistoryRefused: there is an event of a type that is not known, or none that names the release.
    """
    release = running_release(_release_of(events))
    rebuilding = Rebuilding(
        release.plan,
        versions=release.versions,
        times=TermTimes(release.terms, calendars(), region=getattr(settings, "PADWIJZER_SCHOOL_REGION", "")),
        accounts=_accounts(events),
        settings=dict(getattr(settings, "PADWIJZER_SETTINGS", {})),
        read_answers=answers_from,
    )
    return conformance(pack or release.pack, {release.plan.digest: release.plan}, recorded_case(rebuilding, events))


def conformance_seen_by(
    case: Case, user: Any, on: date, events: Sequence[Told], pack: Pack | None = None
) -> SeenConformance | None:
    """
    How a case stands to the safeguards, limited to what somebody may see.

    Args:
        case: the case, with its release.
        user: who looks.
        on: the day in Europe/Amsterdam.
        events: of the stream of the case, all of them in order, with their values.
        pack: the safeguards; default those of its release.

    Returns:
        None when he may not see the history of this case at all.

    Raises:
        Release.DoesNotExist, HistoryRefused: as `conformance_of`.
    """
    memberships = tuple(Membership.objects.filter(case=case).select_related("organisation"))
    if not may_in_case(case, user, on, memberships, "see_history"):
        return None
    file = registers_of(case, on)
    sight = _Sight(
        running_release(case.release.digest).plan,
        file,
        viewers_of(case, user, on, case_file=file, memberships=memberships),
    )
    found = conformance_of(events, pack)
    seen = tuple(it for it in found.judgements if sight.may_know(it))
    flaws = found.flaws if sight.sees_all else ()
    return SeenConformance(replace(found, judgements=seen, flaws=flaws), len(found.judgements) - len(seen))


@dataclass(frozen=True, slots=True)
class _Sight:
    """What somebody may see. Args: plan: of the case; file: its registers; viewers: the roles in which he looks."""

    plan: Plan
    file: CaseFile
    viewers: tuple[Viewer, ...]

    @property
    def sees_all(self) -> bool:
        return any(viewer.role.slug in WHOLE_CASE for viewer in self.viewers)

    def may_know(self, it: Judgement) -> bool:
        """Whether he may know of every step that a judgement mentions, and of the row that it is about."""
        if self.sees_all:
            return True
        mentions = [*it.fulfilled_by, *(deviated.step for deviated in it.deviations)]
        mentions += [step for step in (it.owed_since, it.broken_by) if step is not None]
        return self._may_know_row(it.subject) and all(map(self._may_know_step, mentions))

    def _may_know_row(self, subject: str) -> bool:
        row = self.file.row(subject)
        if row is None:
            return not subject
        return any(may_see_cell(self.viewers, row, column.key) for column in registers()[row.register].columns)

    def _may_know_step(self, it: Mention) -> bool:
        activity = self.plan.activity(it.definition, it.activity)
        performers = frozenset(performer.role for performer in activity.performers)
        about, assignment = subject_of(self.file, it.subject)
        return may_see_step(self.viewers, activity, performers, about=about, assignment=assignment)


def _release_of(events: Sequence[Told]) -> str:
    """The digest of the release on which a case was opened, as its first event says; empty when it does not."""
    return str(events[0].ref.get("sha256", "")) if events else ""


def _accounts(events: Sequence[Told]) -> Mapping[str, str]:
    """Pseudonyms in events to the accounts they stand for, as the register of persons keeps them."""
    named = {str(event.ref[key]) for event in events for key in ("who", "to") if event.ref.get(key)}
    rows = Pseudonym.objects.filter(pseudonym__in=named | {event.actor for event in events}, user__isnull=False)
    return {pseudonym: str(user) for pseudonym, user in rows.values_list("pseudonym", "user")}
