"""Write down that somebody looked at a case, before he sees it (NEN 7513; AVG article 5, paragraph 2)."""

from __future__ import annotations

from django.db import transaction

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.core.streams import reads_stream
from padwijzer.workflows.history.append import append
from padwijzer.workflows.models import Case


def record_look(acting: Acting, case: Case, page: str) -> None:
    """
    Record a look in the stream of who looked at a case.

    Args:
        acting: who looks, and when.
        case: at which case.
        page: name of the page; no personal data.
    """
    with transaction.atomic():
        append(reads_stream(case.pk), "case.looked_at", acting.pseudonym(), acting.at, ref={"page": page})
