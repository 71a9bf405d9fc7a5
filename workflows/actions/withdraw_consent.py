"""Take consent back in one go: saying no after all is not harder than saying yes was."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.claim_task import claim_task
from padwijzer.workflows.actions.complete_task import Completion, complete_task
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.actions.watching import guarded
from padwijzer.workflows.core.errors import Refused
from padwijzer.workflows.models import OPEN, Task
from padwijzer.workflows.queries.consents import Withdrawal


def withdraw_consent(
    acting: Acting,
    case_id: UUID,
    withdrawal: Withdrawal,
    subject: str,
    person: str,
    *,
    words: str = "",
    form_key: str = "",
) -> Completion:
    """
    Open the track on which consent is taken back, and complete its first step; both happen, or neither.

    Args:
        acting: who, and when.
        case_id: the case.
        withdrawal: how the release of the case takes consent back.
        subject: id of the row to which the consent was given.
        person: id of who takes it back.
        words: why, in the own words; nobody has to say that.
        form_key: idempotency key of the rendered form: handed in twice, it counts once.

    Raises:
        NotAllowed: there is no such case for this user, or it is not his to write down.
        Conflict: a colleague works on this already.
        Refused: nothing can be taken back now.
        InvalidAnswers: that person does not decide about it.
        BreaksSafeguard: what follows from it breaks a safeguard; the refusal is in the history.
        Blocked: a rule stands in the way.
    """

    def withdrawn() -> Completion:
        done = Task.objects.filter(case=case_id, activity=withdrawal.activity, form_key=form_key).first()
        if done is None or not form_key:
            open_track(acting, case_id, withdrawal.definition, withdrawal.track, subject=subject)
            done = Task.objects.filter(
                case=case_id, activity=withdrawal.activity, process__subject=subject, status__in=OPEN
            ).first()
        if done is None:
            raise Refused(_("This cannot be started now."))
        if done.is_open and done.owner_id is None:
            claim_task(acting, done.pk)
        answers = {withdrawal.person: person, **({withdrawal.words: words} if withdrawal.words and words else {})}
        return complete_task(acting, done.pk, answers, form_key=form_key)

    return guarded(acting, case_id, withdrawn)
