"""Skip a step: freely when it is optional, with a reasoned deviation when it is policy, never when it is law."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext as _

from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import (
    Completion,
    note_refused_step,
    open_task,
    same_again,
    step_ref,
    still_open,
)
from padwijzer.workflows.actions.consequences import follow_up
from padwijzer.workflows.actions.deviation import Deviation, record_deviation
from padwijzer.workflows.actions.watching import attempted
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.definition import Effect
from padwijzer.workflows.core.errors import Blocked, DeviationNeeded, Impossible, Refused
from padwijzer.workflows.core.plan import Place
from padwijzer.workflows.core.recording import Happened, happened
from padwijzer.workflows.core.rules import acting_rules
from padwijzer.workflows.core.semantics import Skip, obligation_of
from padwijzer.workflows.history.receipts import receipt
from padwijzer.workflows.queries.watches import needs_reason

WHOLE_STEP = -1
"""Number that stands for the whole step where rules are numbered."""


def skip_task(acting: Acting, task_id: int, *, form_key: str = "", deviation: Deviation | None = None) -> Completion:
    """
    Skip a step.

    Args:
        acting: who, and when.
        task_id: the task.
        form_key: idempotency key of the rendered form.
        deviation: why, for a step that is policy, or that stands for what a safeguard asks.

    Raises:
        NotAllowed: there is no such task for this user.
        Conflict: it was done already.
        Refused: the law, or the step itself, says that it may not be skipped.
        BreaksSafeguard: it breaks safeguards, and no reason was given or none is enough; the refusal is in the
            history.
        Blocked: a rule of the step stands in the way; skipping never lifts one.
        DeviationNeeded: a reason is needed.
    """
    try:
        return attempted(partial(_skip, acting, task_id, form_key, deviation), deviation)
    except Blocked as blocked:
        note_refused_step(acting, task_id, blocked)
        raise


def _skip(
    acting: Acting, task_id: int, form_key: str, deviation: Deviation | None, deviated: frozenset[str]
) -> Completion:
    held = open_task(acting, task_id, "deviate", form_key=form_key)
    task = held.task
    work = Work(acting, task.case, held.roles)
    work.deviated = deviated
    if not task.is_open or not still_open(work, task, form_key):
        return same_again(task)
    task.process = work.movement.run(task.process.number)
    activity = work.activity(task)
    lookup = work.lookup(task.process.number, activity.key, {})
    blocks = [it.rule for it in acting_rules(activity, lookup) if it.effect is Effect.BLOCK]
    if blocks:
        raise Blocked([(in_language(rule.text), rule.ground) for rule in blocks])
    fields = {}
    run = work.movement.marking.run(task.process.number)
    wants_reason = needs_reason(
        work.release,
        Place(task.process.definition, activity.key),
        obligation_of(work.plan, work.movement.marking, run, activity),
    )
    if wants_reason and deviation is None:
        ground = activity.grounds[0] if activity.grounds else ""
        raise DeviationNeeded([(WHOLE_STEP, _("Say why this step is skipped."), ground)])
    events: tuple[Happened, ...] = ()
    if deviation is not None and (wants_reason or deviated):
        before = work.file()
        record_deviation(work, task, deviation)
        events = happened(before, work.file())
        fields = work.write_rows()
    task.event = work.next_sequence()
    task.form_key = form_key
    try:
        work.move(Skip(task.process.number), task)
    except Impossible:
        raise Refused(_("This step may not be skipped."), ground=", ".join(activity.grounds)) from None
    work.follow(events)
    work.note("task.skipped", {**step_ref(work, task, activity), "followed": work.told(work.happened)}, fields)
    follow_up(work, task)
    stored = work.append()
    opened = tuple(it.pk for it in work.movement.opened)
    return Completion(task.pk, receipt(bytes(stored[0].hash)), opened, tuple(work.happened))
