"""A parent says no, consent is taken back, a rule stands in the way: the pages say so, and say what can be done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.journeys.conftest import Office
from tests.journeys.telling import EXPLAINED, FATHER, SHORT_PLAN, TODAY, consents
from tests.support.cases import Family, a_case, with_contact_person, with_help_chosen
from tests.support.walking import Walker, title_of, title_of_track

pytestmark = pytest.mark.once

AGO = TODAY - timedelta(days=3)


def asked_for_consent(office: Office) -> Family:
    """A case in which help is chosen and explained; next, everybody is asked."""
    family = with_help_chosen(a_case(office.anna, day=AGO), AGO)
    family.does(
        "municipal_decision",
        {
            "besluit": "ja",
            "besluit_uitleg": "Deze hulp past.",
            "besluit_van": TODAY.isoformat(),
            "besluit_tot": (TODAY + timedelta(days=180)).isoformat(),
            "eerste_evaluatie": (TODAY + timedelta(days=60)).isoformat(),
        },
        AGO,
    )
    family.does("who_consents", {"gezag_gecontroleerd_op": AGO.isoformat()}, AGO)
    family.does("explain", EXPLAINED, AGO)
    return family


def test_a_parent_says_no_and_nobody_can_just_replace_that_no(
    office: Office, somebody: Callable[..., Walker]
) -> None:
    family = asked_for_consent(office)
    anna = somebody(office.anna, pictures="refusal")
    anna.goes("case", family.case.pk)
    anna.does("D-TOEST", "answers", {**consents("akkoord", "nee"), "wens_anders": "Vader wil liever wachten."})
    assert title_of("D-TOEST", "no_full_consent") in anna.words
    anna.goes("consent", family.case.pk)
    father = anna.page.locator("main li", has_text=FATHER)
    assert "Nee" in father.inner_text()
    anna.finds_step("D-TOEST", "no_full_consent")
    anna.begins()
    anna.answers(
        {
            "t4_uitkomst": "weloverwogen_wens",
            "t4_voor": FATHER,
            "t4_reden": "Vader wil wachten.",
            "t4_beslisser": "Anna Bakker",
        }
    )
    assert "Dit kan alleen bij 12 tot en met 15 jaar." in anna.words
    anna.presses_main()
    assert anna.at == "step_check"
    assert "Dit kan alleen bij 12 tot en met 15 jaar." in anna.words
    assert "artikelen 7.3.4 en 7.3.5" in anna.words
    anna.goes("step_start", family.task("no_full_consent").pk)
    anna.presses_main()
    anna.goes("step", family.task("no_full_consent").pk, 1)
    anna.answers({"t4_uitkomst": "nog_praten"})
    anna.hands_in()
    anna.finds_step("D-TOEST", "answers")
    assert not anna.page.locator("main", has_text=title_of("D-WACHT", "plan_intake")).count()


def test_a_plan_that_the_family_does_not_want_is_stopped(office: Office, somebody: Callable[..., Walker]) -> None:
    family = with_contact_person(a_case(office.anna, day=AGO), AGO)
    family.does("choose_route", {"weg": "kort", "meer_domeinen": "nee"}, AGO)
    anna = somebody(office.anna, pictures="blocked")
    anna.goes("case", family.case.pk)
    anna.finds_step("V", "short_plan")
    anna.begins()
    anna.answers({**SHORT_PLAN, "gezin_eens": "nee"})
    assert "Zonder ja van het gezin is het plan niet klaar." in anna.words
    anna.presses_main()
    assert anna.at == "step_check"
    assert "Zonder ja van het gezin is het plan niet klaar." in anna.words
    assert family.task("short_plan").is_open


def test_a_light_start_with_a_heavy_question_asks_for_a_reason_and_goes_on(
    office: Office, somebody: Callable[..., Walker]
) -> None:
    family = with_contact_person(a_case(office.anna, day=AGO), AGO)
    anna = somebody(office.anna, pictures="deviation")
    anna.goes("case", family.case.pk)
    anna.finds_step("V", "choose_route")
    anna.begins()
    anna.answers({"weg": "kort", "meer_domeinen": "ja"})
    assert "Begin niet licht bij een zware vraag." in anna.words
    anna.presses_main()
    assert anna.at == "step_deviate"
    assert "Begin niet licht bij een zware vraag." in anna.words
    anna.presses_main()
    assert anna.faults
    anna.fills({"reason": "Het gezin wil nu eerst rust, en de school helpt al goed."})
    anna.presses_main()
    assert anna.at == "step_done"
    anna.back_to_case()
    assert title_of("V", "short_plan") in anna.words


def test_consent_is_taken_back_in_two_clicks_from_the_case(office: Office, somebody: Callable[..., Walker]) -> None:
    family = asked_for_consent(office)
    yes = [
        {"persoon": who, "antwoord": "akkoord", "datum": AGO.isoformat()} for who in (family.mother, family.father)
    ]
    family.does("answers", {"antwoorden": yes, "stem_kind": "Wil graag."}, AGO)
    anna = somebody(office.anna, width=390, pictures="withdrawal")
    anna.goes("case", family.case.pk)
    before = len(anna.visited)
    anna.presses(anna.page.locator("main a[href$='/starten/']").first)
    track = anna.page.locator("main li", has_text=title_of_track("V", "withdraw_consent"))
    anna.presses(track.get_by_role("button").first)
    assert len(anna.visited) == before + 2
    assert anna.at == "step_start"
    anna.begins()
    anna.answers({"intrek_persoon": FATHER, "intrek_woorden": "Ik wil dit niet meer."})
    anna.hands_in()
    anna.goes("consent", family.case.pk)
    assert "Ingetrokken" in anna.page.locator("main li", has_text=FATHER).first.inner_text()
