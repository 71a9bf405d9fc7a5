"""Save one answer of an open step as final, before the rest: what counts from that answer begins on that day."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from padwijzer.forms.core.answers import Answers
from padwijzer.forms.core.field_types import Fault
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import (
    answer_fields,
    check_answers,
    keep_for_loser,
    open_task,
    step_ref,
    still_open,
)
from padwijzer.workflows.actions.deadlines import reschedule_deadlines
from padwijzer.workflows.actions.work import Work, new_id
from padwijzer.workflows.core.errors import Conflict, InvalidAnswers, NotAllowed
from padwijzer.workflows.core.rebuilding import ANSWERS
from padwijzer.workflows.core.recording import identified
from padwijzer.workflows.history.receipts import receipt
from padwijzer.workflows.queries.settled import settled, settled_fields


def answer_alone(
    acting: Acting, task_id: int, question: str, raw: Mapping[str, object], *, form_key: str = ""
) -> str:
    """
    Save the answer to one question as final; the step stays open, and its other questions are not judged.

    No rule of the step is asked: they are about the whole of it, and hold when it is completed. The same answer again
    is no new event; another answer replaces it from today on.

    Args:
        acting: who, and when.
        task_id: the task.
        question: key of a question that can be saved alone.
        raw: what was posted, that of other questions too: they decide whether this one is asked.
        form_key: idempotency key of the rendered form: handed in twice, it counts once.

    Returns:
        The receipt; for an answer that was final already, that of the time when it became so.

    Raises:
        NotAllowed: there is no such task for this user, or no such question.
        Conflict: somebody else was first; what was typed is kept as his draft.
        InvalidAnswers: the question has no right answer.
    """
    try:
        with transaction.atomic():
            return _answer(acting, task_id, question, raw, form_key)
    except Conflict:
        keep_for_loser(acting, task_id, raw)
        raise


def _answer(acting: Acting, task_id: int, question: str, raw: Mapping[str, object], form_key: str) -> str:
    held = open_task(acting, task_id, "perform_step")
    task = held.task
    work = Work(acting, task.case, held.roles, held.members)
    still_open(work, task, "")
    task.process = work.movement.run(task.process.number)
    activity = work.activity(task)
    if question not in settled_fields(activity):
        raise NotAllowed
    checked = check_answers(work, task, raw)
    faults = checked.faults.get(question, ())
    if not faults and question not in checked.answers.values:
        faults = (Fault("missing"),)
    if faults:
        raise InvalidAnswers({question: [it.sentence for it in faults]})
    only = Answers({question: checked.answers.values[question]})
    fields = answer_fields(activity, identified(only, new_id))
    before = settled(task.case, [(task, activity)]).get(task.pk, {}).get(question)
    if before is not None and (form_key in before.forms or fields[f"{ANSWERS}{question}"] == before.value):
        return receipt(before.hash)
    form = {"form": form_key} if form_key else {}
    work.note("task.answered", {**step_ref(work, task, activity), "field": question, **form}, fields)
    events = work.append()
    reschedule_deadlines(work)
    return receipt(bytes(events[0].hash))
