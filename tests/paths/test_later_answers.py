"""An answer about one help that comes after the main line went on with another help leads somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import Completion, complete_task
from padwijzer.workflows.models import OPEN, Notice, PathRun, RegisterRow, Task
from tests.support.cases import Family, a_case, a_release, at, with_contact_person

pytestmark = pytest.mark.django_db

ALL_POINTS = ["wat", "waarom", "duur", "anders", "nee_zeggen"]
NO_WAITING = {"intake_op": "2026-11-12", "contra": "nee"}


class TwoHelps:
    """A case in which consent is asked to two kinds of help for one child."""

    def __init__(self, family: Family) -> None:
        self.family = family
        help_items = RegisterRow.objects.filter(case=family.case, register="help_item")
        self.rows = {str(it.values["kind"]): str(it.pk) for it in help_items}

    def does(self, kind: str, activity: str, raw: Mapping[str, object], day: str) -> Completion:
        """Complete the open step about one help."""
        tasks = Task.objects.filter(case=self.family.case, activity=activity, status__in=OPEN)
        task = tasks.get(process__subject=self.rows[kind])
        return complete_task(Acting(self.family.worker, at(day)), task.pk, raw)

    def are_asked(self, kind: str, father: str, day: str) -> None:
        """Who must say yes, the explanation, and what both parents answer about one help."""
        self.does(kind, "who_consents", {"gezag_gecontroleerd_op": day}, day)
        self.does(kind, "explain", {"uitgelegd": ALL_POINTS}, day)
        self.answers(kind, father, day)

    def answers(self, kind: str, father: str, day: str) -> None:
        """What both parents answer: mother always yes."""
        said = {self.family.mother: "akkoord", self.family.father: father}
        rows = [{"persoon": it, "antwoord": answer, "datum": day} for it, answer in said.items()]
        self.does(kind, "answers", {"antwoorden": rows, "stem_kind": "Goed"}, day)

    def is_no(self, kind: str, choice: str, day: str, **more: object) -> None:
        """What is done about a no. Args: choice: how to go on; more: other answers."""
        person = self.family.person_of(self.family.worker)
        given = {"t4_uitkomst": choice, "t4_reden": "Besproken", "t4_beslisser": person}
        self.does(kind, "no_full_consent", {**given, **more}, day)

    def waiting(self, kind: str) -> list[PathRun]:
        """The runs of intake and waiting about one help."""
        runs = PathRun.objects.filter(case=self.family.case, definition="D-WACHT", subject=self.rows[kind])
        return list(runs.order_by("number"))

    def told(self) -> list[str]:
        """The tasks that rules about a no made."""
        source = "rule:D-TOEST.no_full_consent"
        found = Notice.objects.filter(case=self.family.case, source__startswith=source, kind=Notice.Kind.TASK)
        return [it.text for it in found]


@pytest.fixture
def helps() -> TwoHelps:
    a_release()
    family = with_contact_person(a_case())
    day = "2026-11-05"
    family.does("choose_route", {"weg": "samen", "meer_domeinen": "nee"}, day)
    family.does("look_back", {}, day)
    family.does("understand_together", {"va_tekst": "Ruzie", "va_eens": "ja", "meedenkers": "nee"}, day)
    plan = {"fgp_keuze": "samen", "doelen": [{"doel": "Rust"}], "gezin_eens": "ja", "hulp_nodig": "ja"}
    family.does("family_plan", plan, day)
    chosen: list[dict[str, Any]] = [
        {"hulp": kind, "voor_soort": "child", "voor": family.child, "doel": "Rust"}
        for kind in ("gezinsbehandeling", "leefstijl")
    ]
    family.does("choose_help", {"hulp_lijst": chosen}, day)
    decision = {
        "besluit": "ja",
        "besluit_uitleg": "Er is hulp nodig",
        "besluit_van": day,
        "besluit_tot": "2027-05-01",
        "eerste_evaluatie": "2027-01-10",
    }
    family.does("municipal_decision", decision, day)
    return TwoHelps(family)


def test_a_yes_that_comes_later_starts_the_intake_of_that_help_once(helps: TwoHelps) -> None:
    helps.are_asked("gezinsbehandeling", "akkoord", "2026-11-06")
    assert [it.opened_as for it in helps.waiting("gezinsbehandeling")] == ["call"]
    helps.are_asked("leefstijl", "niet_bereikt", "2026-11-09")
    assert helps.waiting("leefstijl") == []
    helps.is_no("leefstijl", "nog_praten", "2026-11-10")
    helps.answers("leefstijl", "akkoord", "2026-11-16")
    (run,) = helps.waiting("leefstijl")
    assert (run.opened_as, run.track, run.standing) == ("track", "V.start_waiting_later", "running")
    assert [it.opened_as for it in helps.waiting("gezinsbehandeling")] == ["call"]
    helps.does("leefstijl", "plan_intake", NO_WAITING, "2026-11-17")


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ("ander_plan", "De andere hulp gaat door. Maak samen een ander plan voor deze hulp."),
        ("niet_starten", "De andere hulp gaat door en deze hulp begint niet. Kijk samen wat er nog nodig is."),
        ("zorgen", "Bespreek de zorgen over veiligheid eerst met het gezin zelf."),
    ],
)
def test_a_no_that_comes_later_is_a_task_of_the_contact_person(helps: TwoHelps, choice: str, words: str) -> None:
    helps.are_asked("gezinsbehandeling", "akkoord", "2026-11-06")
    helps.are_asked("leefstijl", "nee", "2026-11-09")
    reason: dict[str, object] = {"t4_reden_soort": ["veiligheid"]} if choice == "zorgen" else {}
    helps.is_no("leefstijl", choice, "2026-11-10", **reason)
    assert helps.told() == [words]
    assert helps.waiting("leefstijl") == []


def test_a_no_to_the_help_with_which_the_main_line_waits_is_no_task_beside_it(helps: TwoHelps) -> None:
    helps.are_asked("leefstijl", "nee", "2026-11-06")
    helps.is_no("leefstijl", "ander_plan", "2026-11-06")
    assert helps.told() == []


def test_a_no_from_before_the_main_line_went_on_is_told_when_help_starts(helps: TwoHelps) -> None:
    helps.are_asked("leefstijl", "nee", "2026-11-06")
    helps.is_no("leefstijl", "ander_plan", "2026-11-06")
    helps.are_asked("gezinsbehandeling", "akkoord", "2026-11-09")
    helps.does("gezinsbehandeling", "plan_intake", NO_WAITING, "2026-11-10")
    outcome = {"uitkomst_intake": "past", "start_verwacht": "2026-11-20"}
    helps.does("gezinsbehandeling", "intake_outcome", outcome, "2026-11-13")
    person = helps.family.person_of(helps.family.worker)
    rhythm = {"contact_ritme": "w1", "contact_wie": person}
    done = helps.family.does("help_starts", rhythm, "2026-11-16")
    assert any("is er geen ja" in sentence for sentence in done.warnings)
