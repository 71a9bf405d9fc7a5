"""Throw away what one typed oneself for a step that somebody else does or did."""

from __future__ import annotations

from django.db import transaction

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.core.errors import NotAllowed
from padwijzer.workflows.models import Draft
from padwijzer.workflows.queries.inbox import drafts_for


def discard_draft(acting: Acting, draft_id: int) -> Draft:
    """
    Throw away a draft that was kept. It never was part of the case, so its history says nothing of it.

    Returns:
        The draft as it was.

    Raises:
        NotAllowed: there is no such draft of this user, or it belongs to a step that he has in hand.
    """
    with transaction.atomic():
        draft = drafts_for(acting.user, acting.today).select_for_update(of=("self",)).filter(pk=draft_id).first()
        if draft is None:
            raise NotAllowed
        Draft.objects.filter(pk=draft.pk).delete()
    return draft
