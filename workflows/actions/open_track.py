"""Open a track by hand (withdraw consent, share information, choose a mentor …), and end one."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.consequences import follow_up
from padwijzer.workflows.actions.permission import held_case
from padwijzer.workflows.actions.watching import guarded
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.errors import Impossible, Refused
from padwijzer.workflows.core.semantics import CloseTrack, OpenTrack
from padwijzer.workflows.models import Case, PathRun, Task


def open_track(acting: Acting, case_id: UUID, definition: str, track: str, *, subject: str = "") -> tuple[Task, ...]:
    """
    Open a track by hand.

    Args:
        acting: who, and when.
        case_id: the case.
        definition: key of the definition that has the track.
        track: key of the track.
        subject: id of the row it is about, where it is about one.

    Returns:
        The tasks that it opened; none when it is open already.

    Raises:
        NotAllowed: there is no such case for this user.
        Refused: this track cannot be opened by hand now, or not about that row.
        BreaksSafeguard: what follows from it breaks a safeguard; the refusal is in the history.
    """

    def opened() -> tuple[Task, ...]:
        case = held_case(acting, case_id, "see_case")
        work = Work(acting, case)
        marking = work.movement.marking
        runs = [run for run in marking.alive() if run.definition == definition and not run.track]
        if case.status == Case.Status.CLOSED:
            raise Refused(_("This case is closed."))
        plan = work.release.plan.tracks.get(f"{definition}.{track}")
        own = (runs[0].subject if runs else None) or ""
        if plan is None or not plan.by_hand or (plan.track.for_each is None and subject not in ("", own)):
            raise Refused(_("This cannot be started now."))
        try:
            work.move(OpenTrack(runs[0].number if runs else None, track, subject or None, definition))
        except Impossible:
            raise Refused(_("This cannot be started now.")) from None
        if work.happened:
            ref = {"track": f"{definition}.{track}", **({"subject": subject} if subject else {})}
            work.note("track.opened", {**ref, "followed": work.told(work.happened)}, {})
            follow_up(work, None)
            work.append()
        return tuple(work.movement.opened)

    return guarded(acting, case_id, opened)


def close_track(acting: Acting, case_id: UUID, run: int) -> PathRun:
    """
    End a track by hand, where its definition allows that.

    Raises:
        NotAllowed: there is no such case for this user.
        Refused: this track cannot be ended by hand.
        BreaksSafeguard: what follows from it breaks a safeguard; the refusal is in the history.
    """

    def closed() -> PathRun:
        case = held_case(acting, case_id, "see_case")
        work = Work(acting, case)
        try:
            work.move(CloseTrack(run, by_hand=True))
        except Impossible:
            raise Refused(_("This cannot be ended by hand.")) from None
        work.note("track.closed", {"run": run, "followed": work.told(work.happened)}, {})
        follow_up(work, None)
        work.append()
        return work.movement.run(run)

    return guarded(acting, case_id, closed)
