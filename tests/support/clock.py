"""Cases on small releases of their own, to test deadlines and the clock with. Everybody here is invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any
from uuid import uuid4

from padwijzer.forms.core.conditions import TermRef
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import Completion, complete_task
from padwijzer.workflows.actions.open_case import NewPerson, open_case
from padwijzer.workflows.actions.publish_release import publish_release
from padwijzer.workflows.core.definition import (
    Activity,
    Anchor,
    ByHand,
    Completed,
    Deadline,
    Open,
    OpenDuty,
    Owner,
    Performer,
    ProcessDefinition,
    Track,
)
from padwijzer.workflows.core.terms import load_terms
from padwijzer.workflows.models import OPEN, Case, Task
from tests.support.cases import a_user, an_organisation, at
from tests.support.definitions import choice, definition, is_, release, step, text, track
from tests.support.publishing import without_a_proof

OPENED = "2026-11-02"


def deadline(term: str, start: Anchor, **more: Any) -> Deadline:
    """A term on a step."""
    return Deadline(TermRef(key=term), start, **more)


@dataclass(frozen=True, slots=True)
class Clocked:
    """A case on a small release. Args: case: the case; worker: who opened it and does all; child: its child."""

    case: Case
    worker: Any
    child: str

    def task(self, activity: str) -> Task:
        """The open task of a step."""
        found: Task = Task.objects.select_related("process").get(case=self.case, activity=activity, status__in=OPEN)
        return found

    def does(
        self,
        activity: str,
        day: str,
        raw: Mapping[str, object] | None = None,
        *,
        happened_on: date | None = None,
    ) -> Completion:
        """Complete an open step on a day."""
        acting = Acting(self.worker, at(day), happened_on)
        return complete_task(acting, self.task(activity).pk, raw or {})


def steps(
    *deadlines: Deadline,
    body: str = "",
    stays_open: bool = False,
    duty: str = "",
    ask: str = "",
    again: bool = False,
    **more: Any,
) -> ProcessDefinition:
    """
    A path of three steps: begin, watch, last.

    Args:
        deadlines: of `watch`, or of the body of the track.
        body: key of the step that is the body of a track opened by hand, which closes when `watch` is done.
        stays_open: whether that body is a form that stays open.
        duty: term of a duty that `watch` opens and discharges.
        ask: type of a question `dag` of `begin`.
        again: whether `watch` asks whether to do it again.
        more: what `watch` has besides; `tracks` and `bodies` belong to the path.
    """
    tracks: tuple[Track, ...] = more.pop("tracks", ())
    bodies: tuple[Activity, ...] = more.pop("bodies", ())
    jeugdconsulent = {"performers": (Performer("jeugdconsulent"),)}
    if duty:
        opened = OpenDuty("to_do", text("Kind gesproken"), duty, ("watch",))
        more["opens"] = (Open(opened, owner=Owner.FAMILY),)
    if body:
        tracks = (*tracks, track(body, activity=body, opens_by=ByHand.HAND, closes_on=(Completed("watch"),)))
        bodies = (*bodies, step(body, deadlines=deadlines, stays_open=stays_open, **jeugdconsulent))
        deadlines = ()
    ways: tuple[Any, ...] = ("last",)
    if again:
        ways = ((is_("again", "ja"), "watch"), "last")
        more["fields"] = (choice("again", "ja", "nee"),)
    fields = (FieldSpec("dag", text("Welke dag?"), ask),) if ask else ()
    return definition(
        "V",
        step("begin", "watch", fields=fields, **jeugdconsulent),
        step("watch", *ways, deadlines=deadlines, **{**jeugdconsulent, **more}),
        step("last", **jeugdconsulent),
        *bodies,
        tracks=tracks,
    )


def a_clocked_case(*deadlines: Deadline, born: date = date(2017, 4, 2), **more: Any) -> Clocked:
    """A case on a release of one path, `steps`, opened on 2 November 2026; its first step is open."""
    publish(steps(*deadlines, **more))
    return another_case(born=born)


def publish(*definitions: ProcessDefinition) -> None:
    """Publish a release of these definitions, with the terms that ship and without a proof."""
    terms = load_terms((files("padwijzer") / "fixtures" / "terms.json").read_bytes())
    with without_a_proof():
        publish_release(Acting(a_user(name="Pim Publiceerder"), at(OPENED, 8)), release(*definitions), terms)


def another_case(worker: Any = None, *, born: date = date(2017, 4, 2), day: str = OPENED) -> Clocked:
    """One more case on the newest release."""
    worker = worker or a_user("jeugdconsulent", "vap", name="Anna Bakker")
    child = str(uuid4())
    opening = open_case(
        Acting(worker, at(day, 9)),
        an_organisation(),
        persons=[NewPerson({"name": "Noor de Wit", "kind": "child", "birth_date": born}, child)],
    )
    return Clocked(opening.case, worker, child)
