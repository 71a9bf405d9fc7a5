"""Complete a step, or save a form that stays open: answers, rules, registers, the way on, and the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from padwijzer.forms.core.answers import Answers, Checked, to_json, validate
from padwijzer.forms.core.field_types import with_lists
from padwijzer.forms.core.schema import in_language
from padwijzer.forms.lists import shipped_lists
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.consequences import follow_up
from padwijzer.workflows.actions.deviation import Deviation, record_deviation, require_colleague
from padwijzer.workflows.actions.permission import Permission, require
from padwijzer.workflows.actions.watching import SAFEGUARDS, attempted
from padwijzer.workflows.actions.work import Work, new_id
from padwijzer.workflows.core.case_file import CaseLookup
from padwijzer.workflows.core.definition import Activity, Effect
from padwijzer.workflows.core.errors import (
    Blocked,
    BreaksSafeguard,
    Conflict,
    DeviationNeeded,
    Impossible,
    InvalidAnswers,
    NotAllowed,
)
from padwijzer.workflows.core.rebuilding import ANSWERS
from padwijzer.workflows.core.recording import changes, happened, identified
from padwijzer.workflows.core.rules import Acting as ActingRule
from padwijzer.workflows.core.rules import acting_rules
from padwijzer.workflows.core.semantics import Complete, Happening, SaveOpen
from padwijzer.workflows.engine.locking import lock_case_of_task
from padwijzer.workflows.engine.nodes import DecisionNode
from padwijzer.workflows.history.receipts import receipt
from padwijzer.workflows.models import Draft, Event, Task
from padwijzer.workflows.queries.access import Member
from padwijzer.workflows.queries.people import name_of

PAGES = "values"
"""Where a draft that was kept page by page has its answers; another draft is its answers."""


@dataclass(frozen=True, slots=True)
class Completion:
    """
    What completing a step did.

    Args:
        task: id of the task.
        receipt: code of the event, for on paper.
        opened: ids of the tasks that this opened and that a person does.
        happened: everything that followed, in order; empty when the same form was handed in before.
        warnings: sentences of rules that warn.
        ignored: names of posted fields that the form does not show.
    """

    task: int
    receipt: str
    opened: tuple[int, ...] = ()
    happened: tuple[Happening, ...] = ()
    warnings: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def complete_task(
    acting: Acting,
    task_id: int,
    raw: Mapping[str, object],
    *,
    form_key: str = "",
    deviation: Deviation | None = None,
) -> Completion:
    """
    Complete a step; a form that stays open is saved instead.

    Args:
        acting: who, and when.
        task_id: the task.
        raw: field key to what was posted, texts, lists and mappings, or JSON.
        form_key: idempotency key of the rendered form: handed in twice, it counts once.
        deviation: why it is done differently, when rules of the step ask for that.

    Returns:
        What it did; for a form handed in before, the receipt of that time.

    Raises:
        NotAllowed: there is no such task for this user, or he may not deviate from a safeguard.
        Conflict: somebody else was first; what was typed is kept as his draft.
        InvalidAnswers: questions lack their answer.
        BreaksSafeguard: it breaks safeguards, and no reason was given or none is enough; the refusal is in the
            history.
        Blocked: rules stand in the way; the refusal is in the history.
        DeviationNeeded: it can be done with a reason.
    """
    try:
        return attempted(partial(_complete, acting, task_id, raw, deviation, form_key=form_key), deviation)
    except Conflict:
        keep_for_loser(acting, task_id, raw)
        raise
    except Blocked as blocked:
        note_refused_step(acting, task_id, blocked)
        raise


def _complete(
    acting: Acting,
    task_id: int,
    raw: Mapping[str, object],
    deviation: Deviation | None,
    deviated: frozenset[str],
    *,
    form_key: str = "",
) -> Completion:
    held = open_task(acting, task_id, "perform_step", form_key=form_key)
    task = held.task
    if not task.is_open:
        return same_again(task)
    if deviated:
        require(acting, "deviate", task.case, task)
    work = Work(acting, task.case, held.roles, held.members)
    work.deviated = deviated
    if not still_open(work, task, form_key):
        return same_again(task)
    task.process = work.movement.run(task.process.number)
    activity = work.activity(task)
    checked = check_answers(work, task, raw)
    if not checked.is_right:
        raise InvalidAnswers({key: [it.sentence for it in faults] for key, faults in checked.faults.items()})
    answers = identified(checked.answers, new_id)
    work.give(task, answers.values)
    before = work.file() if activity.records or activity.rules or deviated else None
    if activity.records:
        lookup = work.lookup(task.process.number, activity.key, answers.values)
        work.expect(changes(activity, answers, lookup, lookup.subject, new_id))
        require_colleague(work)
    rules = _judge(work, task, activity, answers, deviation) if activity.rules else []
    if deviation is not None:
        _deviate(work, task, deviation, [it for it in rules if it.effect is Effect.DEVIATION])
    fields: dict[str, Any] = answer_fields(activity, answers)
    if before is not None and work.changed:
        events = happened(before, work.file())
        fields |= work.write_rows()
    else:
        events = ()
    task.event = work.next_sequence()
    task.form_key = form_key
    number = task.process.number
    try:
        moved = work.move(SaveOpen(number) if activity.stays_open else Complete(number), task)
    except Impossible as impossible:
        raise Blocked([(_why_impossible(impossible.code), "")]) from None
    work.follow(events)
    warned = [it for it in rules if it.effect is Effect.WARN]
    work.note(
        "task.saved" if activity.stays_open else "task.completed",
        {
            **step_ref(work, task, activity),
            "followed": work.told(work.happened),
            **({"warned": [it.index for it in warned]} if warned else {}),
            **({"ignored": len(answers.apart)} if answers.apart else {}),
        },
        fields,
    )
    follow_up(work, task, rules)
    events_written = work.append()
    if held.has_draft:
        Draft.objects.filter(task=task, user=acting.user).delete()
    return Completion(
        task=task.pk,
        receipt=receipt(bytes(events_written[0].hash)),
        opened=tuple(it.pk for it in work.movement.opened if it.flow_task_type == "HUMAN"),
        happened=moved,
        warnings=tuple(in_language(it.rule.text) for it in warned),
        ignored=tuple(sorted(answers.apart)),
    )


@dataclass(frozen=True, slots=True)
class Held:
    """
    A task in the hands of somebody who may do something with it; its case is locked.

    Args:
        task: the task, with its run and its case.
        roles: his roles in the case.
        members: everybody's memberships of it.
    """

    task: Task
    roles: frozenset[str]
    members: tuple[Member, ...]

    @property
    def has_draft(self) -> bool:
        """Whether somebody kept a draft for it."""
        return bool(getattr(self.task, "has_draft", True))


def open_task(acting: Acting, task_id: int, action: str, *, form_key: str = "") -> Held:
    """
    Lock the case of a task and look whether this user may do something with it.

    Args:
        acting: who, and when.
        task_id: the task.
        action: key of a permission.
        form_key: with the key of the form that completed it, a finished task is no conflict.

    Raises:
        NotAllowed: there is no such task for this user.
        Conflict: it is no longer to be done, or a colleague has it.
    """
    task = lock_case_of_task(task_id)
    if task is None:
        raise NotAllowed
    permission = Permission(acting, task.case, task)
    permission.require("see_case")
    if not task.is_open and form_key and task.form_key == form_key and _is_performer(permission, task):
        return Held(task, permission.roles, permission.members)
    look_for_conflict(acting, permission, task, action)
    permission.require(action)
    if action == "perform_step" and isinstance(task.flow_task, DecisionNode):
        permission.require("take_decision")
    return Held(task, permission.roles, permission.members)


def look_for_conflict(acting: Acting, permission: Permission, task: Task, action: str) -> None:
    """
    Whether somebody else was first with a task.

    Args:
        acting: who, and when.
        permission: of who acts, in the case of the task.
        task: the task, with its holder and who completed it.
        action: key of a permission; a task that a colleague has can be handed on.

    Raises:
        NotAllowed: whose step it is, and who has it, is not for him to know.
        Conflict: it is no longer to be done, or a colleague has it.
    """
    if not _is_performer(permission, task):
        raise NotAllowed
    if not task.is_open:
        raise conflict_of(task)
    if task.owner_id not in (None, acting.user.pk) and action != "delegate_task":
        raise Conflict(_("Somebody else has taken up this step."), by=name_of(task.owner), at=task.assigned)


def _is_performer(permission: Permission, task: Task) -> bool:
    return bool(permission.roles & set(task.performers.split(",")))


def still_open(work: Work, task: Task, form_key: str) -> bool:
    """
    Whether the step is open now that the case is locked; the runs of the case were read after that.

    Returns:
        True; or False when this very form completed it while its twin waited.

    Raises:
        Conflict: somebody else completed it meanwhile.
    """
    run = work.movement.marking.run(task.process.number)
    if run.is_alive and run.position == task.activity and run.round(task.activity) == task.round:
        return True
    task.refresh_from_db(fields=["status", "form_key", "event", "completed_by", "finished"])
    if not task.is_open and form_key and task.form_key == form_key:
        return False
    raise conflict_of(task)


def conflict_of(task: Task) -> Conflict:
    """The conflict of who comes after a task was finished."""
    return Conflict(_("Somebody else has already done this step."), by=name_of(task.completed_by), at=task.finished)


def check_answers(work: Work, task: Task, raw: Mapping[str, object]) -> Checked:
    """What was posted, against the form of the step in this case."""
    activity = work.activity(task)
    form = with_lists(activity.form, shipped_lists())

    def lookup_for(answers: Mapping[str, Any]) -> CaseLookup:
        return work.lookup(task.process.number, activity.key, answers)

    return validate(form, raw, _Lazily(lookup_for) if _asks_nothing(activity) else lookup_for)


def step_ref(work: Work, task: Task, activity: Activity) -> dict[str, Any]:
    """Which step of which version of which definition: what an event refers to."""
    definition = task.process.definition
    return {
        "activity": activity.key,
        "definition": f"{definition}@{work.release.versions[definition]}",
        "release": work.release.number,
        "round": task.round,
        "run": task.process.number,
        "task": task.pk,
        **({"subject": task.process.subject} if task.process.subject else {}),
    }


def _judge(
    work: Work, task: Task, activity: Activity, answers: Answers, deviation: Deviation | None
) -> list[ActingRule]:
    """The rules that act; what blocks or needs a deviation is raised, in that order."""
    lookup = work.lookup(task.process.number, activity.key, answers.values)
    rules = list(acting_rules(activity, lookup))
    blocks = [] if activity.unblockable else [it for it in rules if it.effect is Effect.BLOCK]
    if blocks:
        raise Blocked([(in_language(it.rule.text), it.rule.ground) for it in blocks])
    needed = [it for it in rules if it.effect is Effect.DEVIATION]
    if needed and deviation is None:
        raise DeviationNeeded([(it.index, in_language(it.rule.text), it.rule.ground) for it in needed])
    return rules


def _deviate(work: Work, task: Task, deviation: Deviation, needed: Sequence[ActingRule]) -> None:
    """Record a deviation, where there is something to deviate from. Args: needed: the rules that ask for one."""
    if needed or work.deviated:
        record_deviation(work, task, deviation, needed)


def answer_fields(activity: Activity, answers: Answers) -> dict[str, Any]:
    """Answers as fields of an event, null for "weet ik niet". Args: activity: the step; answers: to its questions."""
    stored = to_json(activity.form, answers)
    values = stored["values"]
    unknown = stored["unknown"]
    assert isinstance(values, Mapping) and isinstance(unknown, list)  # noqa: S101, PT018 - what to_json promises
    return {
        **{f"{ANSWERS}{key}": value for key, value in values.items()},
        **{f"{ANSWERS}{key}": None for key in unknown},
    }


def _asks_nothing(activity: Activity) -> bool:
    return not any(
        field.shown_if or field.each or field.carried or field.type in ("person", "persons", "rows", "consent")
        for field in activity.fields
    )


class _Lazily:
    """Makes no lookup until it is asked: a form whose fields look at nothing needs no case."""

    def __init__(self, lookup_for: Any) -> None:
        self._lookup_for = lookup_for

    def __call__(self, answers: Mapping[str, Any]) -> Any:
        return _LazyLookup(self._lookup_for, answers)


class _LazyLookup:
    def __init__(self, lookup_for: Any, answers: Mapping[str, Any]) -> None:
        self._lookup_for = lookup_for
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lookup_for(self._answers), name)


def same_again(task: Task) -> Completion:
    """What completing gave when the same form was handed in before: its receipt, and nothing new."""
    event = Event.objects.get(stream=task.case.stream, seq=task.event or 0)
    return Completion(task=task.pk, receipt=receipt(bytes(event.hash)))


def _why_impossible(code: str) -> str:
    if code == "unknown_exit":
        return _("An answer on which the next step depends is missing.")
    return _("This step cannot be completed now: the case has moved on. Open it again from the case.")


def keep_for_loser(acting: Acting, task_id: int, raw: Mapping[str, object]) -> None:
    """
    Keep what the loser of a race typed, as his draft; nothing when there is no user or nothing was typed.

    What his draft has besides stays: an answer that is not right yet is never handed in, and is not lost either.
    """
    if acting.user is None or not raw:
        return
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(task_id=task_id, user=acting.user).first()
        values = dict(raw) if draft is None or PAGES in raw else _beside(draft.values, raw)
        Draft.objects.update_or_create(
            task_id=task_id, user=acting.user, defaults={"values": values, "saved_at": acting.at, "lost": True}
        )


def _beside(kept: Mapping[str, Any], raw: Mapping[str, object]) -> dict[str, object]:
    """A draft with answers put into it, in whichever of its two shapes it was kept."""
    if isinstance(kept.get(PAGES), Mapping):
        return {**kept, PAGES: {**kept[PAGES], **raw}}
    return {**kept, **raw}


def note_refused_step(acting: Acting, task_id: int, blocked: Blocked) -> None:
    """A refusal is a fact of its own: it is written after the refused step was rolled back."""
    with transaction.atomic():
        task = lock_case_of_task(task_id)
        if task is None:
            return
        work = Work(acting, task.case)
        activity = work.activity(task)
        grounds = sorted({ground for _sentence, ground in blocked.reasons if ground})
        keys = {SAFEGUARDS: sorted(blocked.safeguards)} if isinstance(blocked, BreaksSafeguard) else {}
        work.note("task.refused", {**step_ref(work, task, activity), "grounds": grounds, **keys}, {})
        work.append()
