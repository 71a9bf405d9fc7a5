"""Cases on a release that an edit robbed of safeguards: published without a proof, for the engine to refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from unittest.mock import patch

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member
from padwijzer.workflows.actions.complete_task import Completion, complete_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.skip_task import skip_task
from padwijzer.workflows.core.definition import (
    Activity,
    AtAge,
    ByHand,
    End,
    Kind,
    Obligation,
    OnEvent,
    Owner,
    Performer,
    ProcessDefinition,
    RecordEvent,
)
from padwijzer.workflows.core.packs import Pack, Safeguard, joined, national
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.response import Response
from padwijzer.workflows.core.watching import Watch
from padwijzer.workflows.models import OPEN, Case, Event, RegisterRow, Task
from padwijzer.workflows.queries import watches
from tests.support.cases import a_user, at
from tests.support.clock import OPENED, another_case, publish
from tests.support.definitions import choice, definition, is_, step, text, track

CONTACT = Safeguard(
    "contact_before_closing",
    Response(("placement_start",), ("contact_arrangement",), ("closing",)),
    Scope.FAMILY,
    ("C51",),
    "Afspraken van deze gemeente",
    "[S]",
    deviation=True,
)
NATIONAL_AND_LOCAL = joined(national(), Pack("local", "1", (CONTACT,)))
"""The national pack with one safeguard of a municipality, about what happens before a case closes."""
NOBODY = Pack("nobody", "1", ())
"""No safeguards at all: what breaks one is done all the same, for tests of what finds that afterwards."""
ASKED = {"begin": "hoe", "look_again": "terug_uitkomst"}
"""Step to its question."""
ROLES = tuple(map(Performer, ("jeugdconsulent", "vap", "zorgaanbieder")))


TITLES = {
    "begin": "Wat is er nodig?",
    "plan": "Plan van het gezin",
    "decide": "Besluit van de gemeente",
    "home": "Kan het thuis?",
    "second": "Iemand kijkt mee",
    "ladder": "Welke plek past?",
    "look_along": "Iemand kijkt mee",
    "placed": "Het kind gaat naar een plek",
    "left": "Het kind gaat weg",
    "look_back": "Terugkijken op de plek",
}


def done_by_all(key: str, *ways: Any, **more: Any) -> Activity:
    """A step of the way we work that everybody in these tests may do."""
    filled = {"title": text(TITLES[key]), "obligation": Obligation.POLICY, "performers": ROLES, "skippable": False}
    return step(key, *ways, **{**filled, **more})


def a_path() -> ProcessDefinition:
    """
    A path that can forget the plan of the family before the decision, and both looks before the ladder.

    `begin` chooses: everything in its order, the decision at once, the ladder at once, or the end. Beside it: a track
    that closes the case at once, by hand or when a child turns eighteen, and the look back on a deviation.
    """
    answers = choice("hoe", "alles", "besluit", "ladder", "stop")
    return definition(
        "V",
        done_by_all(
            "begin",
            (is_("hoe", "besluit"), "decide"),
            (is_("hoe", "ladder"), "ladder"),
            (is_("hoe", "stop"), End()),
            "plan",
            fields=(answers,),
        ),
        done_by_all("plan", "decide", meanings=("family_plan",)),
        done_by_all("decide", "home", meanings=("municipal_decision",)),
        done_by_all(
            "home", "second", meanings=("stay_home_considered",), obligation=Obligation.OPTIONAL, skippable=True
        ),
        done_by_all("second", "ladder", meanings=("second_look",), skippable=True),
        done_by_all("ladder", "begin", meanings=("ladder_choice",)),
        done_by_all("look_along", meanings=("second_look",)),
        done_by_all("placed", "left", meanings=("legal_ground", "placement_start")),
        done_by_all("left", "look_back", meanings=("placement_end",)),
        done_by_all("look_back", "closes", meanings=("evaluation_after_placement",), skippable=True),
        step("closes", kind=Kind.AUTOMATIC, meanings=("closing",)),
        tracks=(
            track("deviation_review", definition="D-AFWIJK", opens_by=OnEvent(RecordEvent.DEVIATION_MADE)),
            track("placement", activity="placed", opens_by=ByHand.HAND),
            replace(track("second_look", activity="look_along", opens_by=ByHand.HAND), title=text("Samen kijken")),
            track("close", activity="closes", opens_by=ByHand.HAND),
            track("come_of_age", activity="closes", opens_by=AtAge(216), owner=Owner.CHILD),
        ),
    )


@dataclass(frozen=True, slots=True)
class Guarded:
    """A case on that release. Args: case: the case; worker: who opened it; colleague: also a jeugdconsulent of it."""

    case: Case
    worker: Any
    colleague: Any

    def task(self, activity: str) -> Task:
        """The open task of a step."""
        found: Task = Task.objects.select_related("process").get(case=self.case, activity=activity, status__in=OPEN)
        return found

    def does(self, activity: str, *, how: str = "", by: Any = None, deviation: Deviation | None = None) -> Completion:
        """Complete an open step. Args: how: the answer to its only question; by: default who opened the case."""
        acting = Acting(by or self.worker, at(OPENED, 11))
        raw = {ASKED[activity]: how} if how else {}
        return complete_task(acting, self.task(activity).pk, raw, deviation=deviation)

    def skips(self, activity: str, deviation: Deviation | None = None) -> Completion:
        """Skip an open step."""
        return skip_task(Acting(self.worker, at(OPENED, 11)), self.task(activity).pk, deviation=deviation)

    def because(self, **more: Any) -> Deviation:
        """A reasoned deviation, talked over with the colleague."""
        person = RegisterRow.objects.get(case=self.case, register="person", values__user=str(self.colleague.pk))
        return Deviation("Het gezin heeft al lang genoeg gewacht", colleague=str(person.pk), **more)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """What the events of a type refer to, in order."""
        stored = Event.objects.filter(stream=self.case.stream).order_by("seq").values_list("envelope", flat=True)
        told = map(json.loads, stored)
        return [it["ref"] for it in told if it["type"] == kind]

    def is_open(self, activity: str) -> bool:
        """Whether a step can be done now."""
        return Task.objects.filter(case=self.case, activity=activity, status__in=OPEN).exists()


def a_guarded_case(day: str = OPENED, *, born: date = date(2017, 4, 2)) -> Guarded:
    """A case on a release of `a_path`, of two jeugdconsulenten; its first step is open."""
    publish(a_path(), shipped().definitions["D-AFWIJK"])
    worker = a_user("jeugdconsulent", "vap", name="Anna Bakker")
    colleague = a_user("jeugdconsulent", name="Bert de Boer")
    case = another_case(worker, born=born, day=day).case
    add_member(Acting(worker, at(day)), case.pk, colleague, "jeugdconsulent")
    return Guarded(case, worker, colleague)


@contextmanager
def watched_by(pack: Pack) -> Iterator[None]:
    """Let other safeguards than those of its release watch over every case. Args: pack: those; `NOBODY` for none."""
    with patch.object(watches, "Watch", lambda plan, _pack: Watch(plan, pack)):
        watches.watch_of.cache_clear()
        yield
    watches.watch_of.cache_clear()
