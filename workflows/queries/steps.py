"""A step as its pages need it: what is asked, what is known already, what stands in the way, and what came of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext, ngettext

from padwijzer.forms.core.answers import Answers
from padwijzer.forms.core.conditions import Collection, Condition, Unknown, references
from padwijzer.forms.core.field_types import Answer
from padwijzer.forms.core.schema import FieldSpec, Nature, Scope, in_language
from padwijzer.forms.core.visibility import looked_at
from padwijzer.forms.form_context import EVERYBODY, FormContext, Known, Person
from padwijzer.permissions.policies import Involvement, RoleInCase, Viewer, may
from padwijzer.workflows.core.case_file import CaseFile, CaseLookup, Row
from padwijzer.workflows.core.consent import authority_holders
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.definition import Activity, Effect, Kind, Obligation
from padwijzer.workflows.core.facts import facts
from padwijzer.workflows.core.facts.age import age_of
from padwijzer.workflows.core.plan import ActivityPlan
from padwijzer.workflows.core.prefilling import Standing, standing
from padwijzer.workflows.core.rebuilding import ANSWERS
from padwijzer.workflows.core.recording import applied, changes, identified
from padwijzer.workflows.core.rules import Acting as ActingRule
from padwijzer.workflows.core.rules import acting_rules
from padwijzer.workflows.core.semantics import Marking, obligation_of
from padwijzer.workflows.models import Case, Draft, Membership, Opening, PathRun, Task
from padwijzer.workflows.queries.access import actor_of
from padwijzer.workflows.queries.case_files import answers_from, case_file
from padwijzer.workflows.queries.cases import members_of, names_seen
from padwijzer.workflows.queries.inbox import MONTHS_IN_YEAR, PERSON_TASK
from padwijzer.workflows.queries.markings import marking_of
from padwijzer.workflows.queries.people import name_of
from padwijzer.workflows.queries.releases import RunningRelease, running_release
from padwijzer.workflows.queries.settled import Settled, settled
from padwijzer.workflows.queries.timeline import CaseNames, Doer, EventSight, role_words
from padwijzer.workflows.queries.viewing import may_see_answer, may_see_cell, may_see_step, subject_of, viewers_of


class StepInCase:
    """
    One task with everything around it, read when it is asked for.

    Args:
        task: with its run, holder and case, whose release is at hand.
        user: who looks.
        at: now, with time zone.
    """

    def __init__(self, task: Task, user: Any, at: datetime) -> None:
        self.task = task
        self.case: Case = task.case
        self.user = user
        self.at = at
        self.on = local_day(at)
        self.release: RunningRelease = running_release(self.case.release.digest)
        self.plan: ActivityPlan = self.release.plan.step(task.process.definition, task.activity)
        self.activity: Activity = self.plan.activity

    # The case

    @cached_property
    def runs(self) -> list[PathRun]:
        """The runs of the case, by number; one query."""
        return list(PathRun.objects.filter(case=self.case).order_by("number"))

    @cached_property
    def marking(self) -> Marking:
        """How it is with the case."""
        return marking_of(self.case, self.runs)

    @cached_property
    def file(self) -> CaseFile:
        """The case, read as far as it is asked for."""
        return case_file(self.case, self.release, self.runs, self.marking, self.on)

    @cached_property
    def members(self) -> tuple[Membership, ...]:
        """Everybody's roles in the case; one query."""
        return members_of(self.case)

    @cached_property
    def viewers(self) -> tuple[Viewer, ...]:
        """The roles in which this user looks."""
        return viewers_of(self.case, self.user, self.on, case_file=self.file, memberships=self.members)

    @cached_property
    def names(self) -> dict[str, str]:
        """Id of each person to the name that this user may see."""
        return names_seen(self.file, self.viewers)

    @cached_property
    def about(self) -> tuple[str, str]:
        """Id of the child and of the help item that the run is about; empty for the family."""
        return subject_of(self.file, self.task.process.subject)

    def lookup(self, answers: Mapping[str, Answer] | None = None) -> CaseLookup:
        """What the conditions of the step ask. Args: answers: those being given."""
        return CaseLookup(self.file, self.task.process.number, self.activity.key, answers or {})

    # What this user may do

    @property
    def performers(self) -> frozenset[str]:
        """Slugs of the roles that may do it."""
        return frozenset(self.task.performers.strip(",").split(",")) - {""}

    @cached_property
    def may_see(self) -> bool:
        """Whether he may know of this step."""
        about, assignment = self.about
        roles = self.performers | {it.role for it in self.activity.performers}
        return may_see_step(self.viewers, self.activity, frozenset(roles), about=about, assignment=assignment)

    def may(self, action: str) -> bool:
        """Whether he may do something with this step. Args: action: key of a permission."""
        actor = actor_of(self.user, self.on)
        roles = tuple(
            RoleInCase(it.role, it.since, it.until, str(it.organisation_id) if it.organisation_id else "")
            for it in self.members
            if it.user_id == self.user.pk
        )
        holder = self.task.owner_id
        involvement = Involvement(
            on=self.on,
            roles=roles,
            organisation=str(self.case.organisation_id),
            performers=self.performers,
            holder="" if holder is None else (actor.id if holder == self.user.pk else "somebody else"),
            closed=self.case.status == Case.Status.CLOSED,
            now=self.at,
        )
        return bool(may(actor, action, involvement))

    @cached_property
    def is_open(self) -> bool:
        """Whether it can be done now: it is open, and its run does not stand still."""
        return (
            self.task.is_open and self.task.flow_task_type == PERSON_TASK and self.task.process.standing == "running"
        )

    @cached_property
    def may_perform(self) -> bool:
        """Whether he may fill it in now."""
        return self.is_open and self.may("perform_step")

    @cached_property
    def may_decide(self) -> bool:
        """Whether he may take the decision, where the step is one."""
        return self.activity.kind is not Kind.DECISION or self.may("take_decision")

    @cached_property
    def obligation(self) -> Obligation:
        """How binding the step is here: a call may make the steps it calls less binding."""
        run = self.marking.run(self.task.process.number)
        return obligation_of(self.release.plan, self.marking, run, self.activity)

    @property
    def is_skippable(self) -> bool:
        """Whether the path allows that it is skipped."""
        activity = self.activity
        leads_on = activity.skip is not None or len(activity.exits) == 1
        return activity.skippable and leads_on and self.obligation is not Obligation.LAW

    def held(self) -> Iterator[Membership]:
        """The roles in the case that hold today."""
        return (it for it in self.members if it.since <= self.on and (it.until is None or self.on <= it.until))

    def performer_words(self) -> str:
        """The roles that may do the step, in words."""
        return role_words(it for it in self.task.performers.split(",") if it)

    def adviser_words(self) -> str:
        """The roles that advise, in words; empty for none."""
        return role_words(self.plan.advisers)

    # The form

    @cached_property
    def draft(self) -> Draft | None:
        """What this user filled in and did not hand in."""
        found: Draft | None = Draft.objects.filter(task=self.task, user=self.user).first()
        return found

    @property
    def drafted(self) -> Mapping[str, object]:
        """The draft as `forms.rendering` knows it; what a loser of a race typed has no pages."""
        values = self.draft.values if self.draft is not None else {}
        return values if isinstance(values.get("values"), Mapping) else {"values": values}

    @cached_property
    def alone(self) -> Mapping[str, Settled]:
        """The answers that were saved as final before the rest of the step, while it is open."""
        return settled(self.case, [(self.task, self.activity)]).get(self.task.pk, {}) if self.task.is_open else {}

    @property
    def given(self) -> Mapping[str, Answer]:
        """The same, as answers of the form."""
        return answers_from({key: it.value for key, it in self.alone.items()}, self.activity) if self.alone else {}

    @cached_property
    def context(self) -> FormContext:
        """What the questions must know of the case."""
        return FormContext(
            lookup_for=self.lookup,
            today=self.on,
            persons={EVERYBODY: tuple(self.people())},
            known=self.known(),
        )

    def people(self) -> Iterator[Person]:
        """Everybody in the case today, as somebody who can be chosen."""
        holders = {
            holder
            for row in self.file.rows("person")
            if row.text("kind") == "child"
            for holder in authority_holders(self.file, row.id, self.on)
        }
        for row in self.file.rows("person"):
            if row.lasts(self.on):
                name = self.names.get(row.id) or gettext("Somebody whose name you may not see")
                yield Person(row.id, name, self._details(row, has_authority=row.id in holders))

    def colleagues(self) -> tuple[Person, ...]:
        """The professionals in the case, without this user."""
        own = {str(it.person_id) for it in self.members if it.user_id == self.user.pk and it.person_id}
        professionals = {row.id for row in self.file.rows("person") if row.text("kind") == "professional"}
        return tuple(it for it in self.context.persons[EVERYBODY] if it.id in professionals - own)

    def known(self) -> dict[str, Known]:
        """
        What is known already: of each question about what stays true, the latest answer in this case.

        Where a register keeps it, what the register says today comes before every answer. Two queries and the
        registers, none for a form without such questions. Answers about another child, and those that this user may
        not see, are passed over.
        """
        asked = {it.key: it for it in self.activity.fields if it.nature is Nature.ATTRIBUTE}
        if not asked:
            return {}
        found = self._answered_before(asked)
        for key, spec in asked.items():
            held = standing(self.activity, spec, self.lookup(), self._may_see_cell) if self.activity.records else None
            if held is not None:
                found[key] = self._kept(held, found.get(key))
        return found

    def _may_see_cell(self, row: Row, column: str) -> bool:
        return may_see_cell(self.viewers, row, column)

    def _kept(self, held: Standing, before: Known | None) -> Known:
        """What a register keeps. Args: before: the latest answer; where that says the same, it is the source."""
        if before is not None and _told(before.value) == _told(held.answer):
            return replace(before, value=held.answer, stays=True)
        on = max(row.recorded_on for row in held.rows)
        return Known(held.answer, gettext("the page “The family”"), on, stays=True)

    def _answered_before(self, asked: Mapping[str, FieldSpec]) -> dict[str, Known]:
        stored = list(
            Opening.objects.filter(event__stream=self.case.stream, name__in=[f"{ANSWERS}{key}" for key in asked])
            .order_by("-event__seq")
            .values_list("event__seq", "name", "value")
        )
        if not stored:
            return {}
        tasks = {
            task.event: task
            for task in Task.objects.filter(case=self.case, event__in={seq for seq, _name, _value in stored})
            .exclude(pk=self.task.pk)
            .select_related("process", "completed_by")
        }
        found: dict[str, Known] = {}
        for seq, name, value in stored:
            key = name.removeprefix(ANSWERS)
            if key not in found and seq in tasks and (known := self._known(asked[key], tasks[seq], value)):
                found[key] = known
        return found

    def _known(self, spec: FieldSpec, task: Task, value: str) -> Known | None:
        activity = self.release.plan.activity(task.process.definition, task.activity)
        before = activity.form.field(spec.key)
        about, assignment = subject_of(self.file, task.process.subject)
        if before is None or before.type != spec.type or (spec.scope is Scope.CHILD and about != self.about[0]):
            return None
        if not may_see_answer(self.viewers, activity, before, about=about, assignment=assignment):
            return None
        answer = answers_from({spec.key: json.loads(value)}, replace(activity, fields=(before,))).get(spec.key)
        if answer is None or isinstance(answer, Unknown):
            return None
        source = gettext("“%(step)s”, by %(who)s") % {
            "step": in_language(activity.title),
            "who": name_of(task.completed_by) or gettext("somebody"),
        }
        return Known(answer, source, task.completed_on)

    def _details(self, row: Row, *, has_authority: bool) -> str:
        match row.text("kind"):
            case "child":
                years = self.age(row.id)
                if years is None:
                    return gettext("child")
                return ngettext("child, %(years)d year", "child, %(years)d years", years) % {"years": years}
            case "parent":
                return gettext("parent with authority") if has_authority else gettext("parent")
            case "professional":
                roles = [it.role for it in self.held() if str(it.person_id or "") == row.id]
                return role_words(roles) or row.text("function") or gettext("professional")
            case "family":
                return gettext("family")
            case "organisation":
                return gettext("organisation")
            case _:
                return gettext("own circle of the family")

    def age(self, person: str) -> int | None:
        """Age in whole years; None when it is not known."""
        months = age_of(self.file, person, self.on)
        return months // MONTHS_IN_YEAR if isinstance(months, int) else None

    # The history

    def naming(self, actors: Mapping[str, Doer] | None = None) -> CaseNames:
        """What the things of the case are called. Args: actors: pseudonym to who that is."""
        runs = {run.number: run.track or run.definition for run in self.runs}
        return CaseNames(self.release, self.file, runs=runs, actors=actors)

    def sight(self) -> EventSight:
        """What this user may see of the events of the case."""
        subjects = {run.number: run.subject for run in self.runs}
        return EventSight(self.file, self.viewers, self.naming(), subjects, self.names)

    # Rules

    def acting(self, answers: Answers) -> tuple[ActingRule, ...]:
        """
        The rules that act when the step is completed with these answers, on the case as it will be then.

        Args:
            answers: right answers to the questions that are asked.
        """
        if not self.activity.rules:
            return ()
        given, file = self.recorded(answers)
        lookup = replace(self.lookup(given.values), case_file=file)
        return tuple(it for it in acting_rules(self.activity, lookup) if not self._is_lifted(it))

    def recorded(self, answers: Answers) -> tuple[Answers, CaseFile]:
        """The same answers, each row with an identity, and the case with what completing the step would record."""
        if not self.activity.records:
            return answers, self.file
        given = identified(answers, _new_id)
        lookup = self.lookup(given.values)
        return given, applied(self.file, changes(self.activity, given, lookup, lookup.subject, _new_id))

    def standing(self) -> tuple[ActingRule, ...]:
        """The rules that block or ask for a reason whatever is filled in: they look at the case, not at this form."""
        held_back = (Effect.BLOCK, Effect.DEVIATION)
        return tuple(
            it
            for it in acting_rules(self.activity, self.lookup())
            if it.effect in held_back
            and not self._is_lifted(it)
            and not _looks_at_this_step(it.rule.when, self.activity)
        )

    def _is_lifted(self, acting: ActingRule) -> bool:
        return self.activity.unblockable and acting.effect is Effect.BLOCK


def _looks_at_this_step(condition: Condition, activity: Activity) -> bool:
    """Whether a condition looks at what is filled in here, or at a register into which that is written."""
    if looked_at(activity.form, condition):
        return True
    written = {it.register for it in activity.records}
    for reference in references(condition):
        sources = (reference.register,) if isinstance(reference, Collection) else facts()[reference.name].spec.writers
        if written & {str(source) for source in sources}:
            return True
    return False


def _told(answer: Answer) -> object:
    """What an answer says, whatever the identity and the order of its rows."""
    return frozenset(row.cells for row in answer) if isinstance(answer, tuple) else answer


def _new_id() -> str:
    return str(uuid.uuid4())
