"""Steps as a history tells them, one in a line. Everybody here is invented."""

from datetime import UTC, datetime, timedelta
from typing import Any

from padwijzer.workflows.core.recorded import DoneStep
from padwijzer.workflows.core.semantics import What
from tests.support.case_files import a_case, a_lookup

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOTHING = a_lookup(a_case())


def done(name: str, seq: int = 0, **more: Any) -> DoneStep:
    """
    A step that a contact person completed, one event a day from 2 November 2026.

    Args:
        name: key of the step; `skip:` before it when it was skipped.
        seq: number of its event.
        more: what is otherwise.
    """
    filled: dict[str, Any] = {
        "at": MONDAY + timedelta(days=seq),
        "actor": "actor/7f3a",
        "roles": frozenset({"vap"}),
        "what": What.STEP_SKIPPED if name.startswith("skip:") else What.STEP_COMPLETED,
        "run": 1,
        "release": "",
        "definition": "V",
        "version": 3,
        "activity": name.removeprefix("skip:"),
        "subject": None,
        "by_person": True,
        "lookup": NOTHING,
        **more,
    }
    return DoneStep(seq=seq, **filled)
