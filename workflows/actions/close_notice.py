"""Mark a task of a rule or an alarm as done."""

from __future__ import annotations

from django.db import transaction

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.permission import held_case
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.errors import NotAllowed
from padwijzer.workflows.models import Notice


def close_notice(acting: Acting, notice_id: int) -> Notice:
    """
    Mark a notice as done; done already changes nothing.

    Raises:
        NotAllowed: there is no such notice for this user.
    """
    with transaction.atomic():
        notice = Notice.objects.filter(pk=notice_id).first()
        if notice is None:
            raise NotAllowed
        case = held_case(acting, notice.case_id, "see_case")
        notice.refresh_from_db()
        if notice.done_at is None:
            notice.done_at, notice.done_by = acting.at, acting.user
            notice.save(update_fields=["done_at", "done_by"])
            work = Work(acting, case)
            work.note("notice.done", {"notice": notice.pk, "source": notice.source}, {})
            work.append()
    return notice
