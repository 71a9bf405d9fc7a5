"""Mark a task of a rule or an alarm as done."""

from __future__ import annotations

from django.db import transaction

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.permission import require
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.errors import NotAllowed
from padwijzer.workflows.engine.locking import lock_case
from padwijzer.workflows.models import Notice


def close_notice(acting: Acting, notice_id: int) -> Notice:
    """
    Mark a notice as done; done already changes nothing.

    Raises:
        NotAllowed: there is no such notice for this user.
    """
    with transaction.atomic():
        notice = Notice.objects.filter(pk=notice_id).first()
        case = None if notice is None else lock_case(notice.case_id)
        if notice is None or case is None:
            raise NotAllowed
        require(acting, "see_case", case)
        notice.refresh_from_db()
        if notice.done_at is None:
            notice.done_at, notice.done_by = acting.at, acting.user
            notice.save(update_fields=["done_at", "done_by"])
            work = Work(acting, case)
            work.note("notice.done", {"notice": notice.pk, "source": notice.source}, {})
            work.append()
    return notice
