"""Look again at a deviation, by somebody else than who deviated."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.permission import require
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.errors import InvalidAnswers, NotAllowed, Refused
from padwijzer.workflows.core.recording import RowChange
from padwijzer.workflows.engine.locking import lock_case


def review_deviation(acting: Acting, case_id: UUID, duty: str, finding: str) -> None:
    """
    Close the duty to look again at a deviation.

    Args:
        acting: who, and when.
        case_id: the case.
        duty: id of the row of the duty.
        finding: what was seen, in a sentence or two.

    Raises:
        NotAllowed: there is no such case or duty for this user.
        Refused: who deviated cannot judge that himself.
        InvalidAnswers: without a finding.
    """
    with transaction.atomic():
        case = lock_case(case_id)
        if case is None:
            raise NotAllowed
        require(acting, "review_deviation", case)
        work = Work(acting, case)
        row = next(
            (it for it in work.file().rows("duty") if it.id == duty and it.text("origin") == "deviation"), None
        )
        if row is None:
            raise NotAllowed
        if not finding.strip():
            raise InvalidAnswers({"finding": (_("Write what you saw."),)})
        deviation = work.file().row(row.text("subject"))
        if deviation is not None and deviation.text("by") and deviation.text("by") == work.own_person():
            raise Refused(_("A colleague looks again at this; you made the deviation yourself."), ground="R129")
        if row.text("state") != "open":
            return
        work.expect([RowChange("duty", row.id, {"state": "done", "done_on": acting.on}, is_new=False)])
        fields = work.write_rows()
        work.note("deviation.reviewed", {"duty": duty}, {**fields, "finding": finding.strip()})
        work.append()
