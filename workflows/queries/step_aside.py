"""What stands beside a step: terms, whom it is about, safeguards, what happened, who reads it, who can help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from padwijzer.forms.core.nodes import Node
from padwijzer.permissions.roles import RoleKind, shipped_roles
from padwijzer.workflows.core.deadlines import explain, read_explanation
from padwijzer.workflows.core.facts.contact_person import contact_person_on
from padwijzer.workflows.core.rebuilding import Told
from padwijzer.workflows.models import Membership, RunningDeadline
from padwijzer.workflows.queries.cases import CLOSED_DEADLINES, ConsentLine, DutyLine, consent_lines
from padwijzer.workflows.queries.inbox import Child
from padwijzer.workflows.queries.people import name_of
from padwijzer.workflows.queries.steps import StepInCase
from padwijzer.workflows.queries.timeline import CaseNames, actors_in, doers, role_words
from padwijzer.workflows.queries.viewing import may_see_answer, may_see_cell, viewers_of

E = TypeVar("E", bound=Told)
CONTACT: Final = "vap"
"""Role of the fixed contact person (vast aanspreekpunt)."""


@dataclass(frozen=True, slots=True)
class TermLine:
    """
    A term of a step.

    Args:
        due: when it ends; None while its start is not known.
        words: how that date was found, in a sentence.
        state: how it stands.
    """

    due: datetime | None
    words: str
    state: str


@dataclass(frozen=True, slots=True)
class Somebody:
    """Somebody who works on the case. Args: name: name; roles: in words; organisation: on whose behalf."""

    name: str
    roles: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class PastLine(Generic[E]):
    """Something that happened. Args: event: what; who: name of who did it; naming: what things are called."""

    event: E
    who: str
    naming: CaseNames


def terms_of(step: StepInCase) -> tuple[TermLine, ...]:
    """The terms of a step, the first due first; one query, none for a step without terms."""
    if not step.activity.deadlines:
        return ()
    rows = RunningDeadline.objects.filter(task=step.task).exclude(state__in=CLOSED_DEADLINES).order_by("due", "index")
    lines = [
        TermLine(row.due, explain(read_explanation(Node(row.explanation))) if row.explanation else "", row.state)
        for row in rows
    ]
    return tuple(sorted(lines, key=lambda it: it.due is None))


def children_of(step: StepInCase) -> tuple[Child, ...]:
    """Whom a step is about, as far as its user may see: the child of its run, or all children of the case."""
    about, _assignment = step.about
    rows = [row for row in step.file.rows("person") if row.text("kind") == "child" and row.id in step.names]
    meant = [row for row in rows if row.id == about] if about else rows
    return tuple(Child(first_name(step.names[row.id]), step.age(row.id)) for row in meant)


def contact_person_of(step: StepInCase) -> str:
    """Name of the fixed contact person; empty when there is none yet."""
    return step.names.get(contact_person_on(step.file, step.on), "")


def consents_of(step: StepInCase) -> tuple[ConsentLine, ...]:
    """How consent to each help and placement of the case stands, as far as its user may see it."""
    return consent_lines(step.file, step.viewers, step.names, step.on)


def duties_of(step: StepInCase) -> Iterator[DutyLine]:
    """What must still be done in the case, as far as its user may see it."""
    for row in step.file.rows("duty"):
        if row.text("state") == "open" and may_see_cell(step.viewers, row, "title"):
            yield DutyLine(row.text("title"), step.names.get(row.text("child"), ""), row.day("due"))


def past_of(step: StepInCase, events: Iterable[E], number: int) -> tuple[PastLine[E], ...]:
    """
    What happened in the case, as far as its user may know; one query.

    Args:
        step: the step beside which it stands.
        events: the newest first.
        number: at most so many.
    """
    sight = step.sight()
    seen = [it for it in events if sight.may_know(it)][:number]
    naming = step.naming(doers(actors_in(seen), step.members) if seen else {})
    return tuple(PastLine(it, naming.actor(it.actor), naming) for it in seen)


def readers_of(step: StepInCase) -> tuple[Somebody, ...]:
    """Which professionals in the case may see an answer of a step, by name; the others see that it was done."""
    roles = shipped_roles()
    about, assignment = step.about
    readers = []
    for held in _by_user(step.held()):
        if any(it.role in roles and roles[it.role].kind is RoleKind.FAMILY for it in held):
            continue
        looks = viewers_of(step.case, held[0].user, step.on, case_file=step.file, memberships=step.members)
        if any(
            may_see_answer(looks, step.activity, it, about=about, assignment=assignment)
            for it in step.activity.fields
        ):
            readers.append(_somebody(held))
    return tuple(sorted(readers, key=lambda it: it.name.casefold()))


def help_at_hand(step: StepInCase, roles: Iterable[str] = ()) -> tuple[Somebody, ...]:
    """
    Who can help where a rule stands in the way: the contact person, and who advises on the step or may do it.

    Args:
        step: the step.
        roles: slugs of others who can.
    """
    wanted = {CONTACT, *step.plan.advisers, *step.performers, *roles}
    others = [it for it in step.held() if it.role in wanted and it.user_id != step.user.pk]
    return tuple(_somebody(held) for held in _by_user(others))


def first_name(name: str) -> str:
    """The first name in a name."""
    words = name.split()
    return words[0] if words else ""


def _by_user(members: Iterable[Membership]) -> list[list[Membership]]:
    found: dict[int, list[Membership]] = {}
    for member in members:
        found.setdefault(member.user_id, []).append(member)
    return list(found.values())


def _somebody(held: Sequence[Membership]) -> Somebody:
    organisation = next((it.organisation.name for it in held if it.organisation), "")
    return Somebody(name_of(held[0].user), role_words(it.role for it in held), organisation)
