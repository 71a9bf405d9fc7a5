"""What follows from a step besides the way on: duties, deadlines, tasks and alarms, messages, who does what."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from padwijzer.forms.core.conditions import ALWAYS, Value
from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.actions.deadlines import (
    close_deadlines,
    due_of_duty,
    open_deadlines,
    open_duty_deadline,
    reschedule_deadlines,
)
from padwijzer.workflows.actions.watching import watch
from padwijzer.workflows.actions.work import Work, new_id
from padwijzer.workflows.core.deadlines import end_of_day
from padwijzer.workflows.core.definition import Effect, OpenDuty
from padwijzer.workflows.core.errors import Blocked
from padwijzer.workflows.core.rebuilding import CONTACT
from padwijzer.workflows.core.recording import RowChange
from padwijzer.workflows.core.rules import Acting as ActingRule
from padwijzer.workflows.core.semantics import Happening, What
from padwijzer.workflows.engine.running import hand_to
from padwijzer.workflows.models import OPEN, Case, Membership, Notice, RegisterRow, Task

CLOSING = "closing"
"""Meaning of the step in which a case is closed with follow-up."""


def follow_up(work: Work, task: Task | None, rules: Sequence[ActingRule] = ()) -> None:
    """
    Write what follows from everything that happened in this action.

    Args:
        work: the case; its event is noted but not yet appended.
        task: the step that was completed, if it was one.
        rules: the rules of that step that act.

    Raises:
        BreaksSafeguard: when what happened breaks a safeguard.
        Blocked: when a new fixed contact person has no account.
    """
    work.follow_itself()
    watch(work)
    _duties(work)
    _contact_person(work)
    close_deadlines(work)
    if work.written:
        reschedule_deadlines(work)
    open_deadlines(work, work.movement.opened)
    if task is not None:
        _notices(work, task, rules)
        _messages(work, task)
    _close_or_reopen(work)


def _duties(work: Work) -> None:
    opened = [it for it in work.happened if it.what is What.DUTY_OPENED]
    done = [it for it in work.happened if it.what is What.DUTY_DISCHARGED]
    if not opened and not done:
        return
    changes = [RowChange("duty", new_id(), _duty(work, it), is_new=True) for it in opened]
    for it in done:
        changes += [
            RowChange("duty", row.id, {"state": "done", "done_on": work.acting.on}, is_new=False)
            for row in work.file().rows("duty")
            if (row.text("kind"), row.text("state"), row.text("subject")) == (it.name, "open", it.subject or "")
        ]
    work.expect(changes)
    work.add_fields(work.write_rows())
    for it, change in zip(opened, changes, strict=False):
        term = _duty_plan(work, it).term
        if term:
            open_duty_deadline(work, RegisterRow.objects.get(pk=change.row), term)


def _duty_plan(work: Work, it: Happening) -> OpenDuty:
    activity = work.release.plan.activity(work.movement.marking.run(it.run).definition, it.activity)
    return next(o.what for o in activity.opens if isinstance(o.what, OpenDuty) and o.what.duty == it.name)


def _duty(work: Work, it: Happening) -> dict[str, Value]:
    plan = _duty_plan(work, it)
    values: dict[str, Value] = {
        "kind": it.name,
        "title": in_language(plan.title),
        "origin": "emergency" if plan.emergency else "path",
        "opened_on": work.acting.on,
        "state": "open",
    }
    if plan.term:
        values["due"] = due_of_duty(work, plan.term).day
    if it.subject:
        row = work.file().row(it.subject)
        values["subject"] = it.subject
        if row is not None and row.register == "person":
            values["child"] = it.subject
        elif row is not None and row.text("child"):
            values["child"] = row.text("child")
    return values


def _contact_person(work: Work) -> None:
    """
    A new fixed contact person is a member of the case from that day; the old one's role ends.

    Raises:
        Blocked: the person has no account: the role would end, its work would be nobody's, and nobody would know.
    """
    chosen = [change for change in work.written if change.register == "contact_person" and change.is_new]
    if not chosen:
        return
    person = RegisterRow.objects.filter(pk=str(chosen[-1].values["person"]), case=work.case).first()
    user = person.values.get("user") if person is not None else None
    if not user:
        sentence = _("This person cannot sign in here. Choose a colleague, or add that person to the case first.")
        raise Blocked([(sentence, "R81")])
    work.forget_members()
    before = Membership.objects.filter(case=work.case, role=CONTACT, until=None)
    before.exclude(user=user).update(until=work.acting.on)
    if before.filter(user=user).exists():
        return
    known = Membership.objects.filter(case=work.case, user=user).order_by("-since").first()
    Membership.objects.create(
        case=work.case,
        user_id=user,
        role=CONTACT,
        organisation_id=known.organisation_id if known else work.case.organisation_id,
        person=person,
        since=work.acting.on,
    )
    hers = Task.objects.filter(case=work.case, status__in=OPEN, performers__startswith=f",{CONTACT},")
    hand_to([task for task in hers.select_related("process") if task.flow_task_type == "HUMAN"], user)


def _notices(work: Work, task: Task, rules: Sequence[ActingRule]) -> None:
    notices = []
    for acting in rules:
        if acting.effect not in (Effect.TASK, Effect.ALARM):
            continue
        rule = acting.rule
        due = None
        if rule.term is not None:
            due = work.file().times.shift(work.acting.on, 1, rule.term.key)
        notices.append(
            Notice(
                case=work.case,
                task=task,
                kind=Notice.Kind.TASK if acting.effect is Effect.TASK else Notice.Kind.ALARM,
                source=rule_source(task, acting.index),
                occasion=occasion(task),
                text=in_language(rule.text),
                ground=rule.ground,
                roles=_roles(rule.to or tuple(task.performers.strip(",").split(",")[:1])),
                created_at=work.acting.at,
                holds_since=work.acting.on,
                due=None if due is None else end_of_day(due),
            )
        )
    _write(work, notices)


def _messages(work: Work, task: Task) -> None:
    if task.outcome not in ("done", "saved", "afterwards"):
        return
    activity = work.activity(task)
    notices = []
    for index, notify in enumerate(activity.notify):
        truth = work.truth(work.movement.marking, task.process.number, activity.key, notify.when or ALWAYS)
        if truth is True:
            notices.append(
                Notice(
                    case=work.case,
                    task=task,
                    kind=Notice.Kind.MESSAGE,
                    source=f"notify:{task.process.definition}.{task.activity}:{index}",
                    occasion=occasion(task),
                    text=in_language(notify.text),
                    roles=_roles(notify.to),
                    created_at=work.acting.at,
                )
            )
    _write(work, notices)


def _write(work: Work, notices: list[Notice]) -> None:
    if notices:
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
        work.add_ref("notices", [f"{notice.kind} {notice.source}" for notice in notices])


def rule_source(task: Task, index: int) -> str:
    """Name of a rule as the source of a notice."""
    return f"rule:{task.process.definition}.{task.activity}:{index}"


def occasion(task: Task) -> str:
    """What makes a notice of one source one of its kind: the run and the round."""
    return f"{task.process.number}:{task.round}"


def _roles(roles: Sequence[str]) -> str:
    return "".join(f",{role}" for role in roles) + ","


def _close_or_reopen(work: Work) -> None:
    case, marking = work.case, work.movement.marking
    completed = [it for it in work.happened if it.what is What.STEP_COMPLETED]
    closing = any(
        CLOSING in work.release.plan.activity(marking.run(it.run).definition, it.activity).meanings
        for it in completed
    )
    status = case.status
    if closing:
        status = Case.Status.CLOSED_WITH_FOLLOW_UP
    if status != Case.Status.OPEN and any(
        it.what is What.STEP_OPENED and marking.run(it.run).definition == work.release.plan.start
        for it in work.happened
    ):
        status = Case.Status.OPEN
    if not any(run.is_alive for run in marking.runs):
        status = Case.Status.CLOSED
    if status == case.status:
        return
    if case.status == Case.Status.OPEN:
        case.closed_on = work.acting.on
    case.status = status
    case.save(update_fields=["status", "closed_on"])
    work.add_ref("case", str(status))
