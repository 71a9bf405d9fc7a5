"""From the first question to running help, through the pages alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.journeys.conftest import Office
from tests.journeys.telling import (
    DECISION,
    EXPLAINED,
    FATHER,
    FIRST_TALK,
    MOTHER,
    SHORT_PLAN,
    TODAY,
    asks_in,
    consents,
    hands_over,
    opens_a_case,
    says_who_has_authority,
)
from tests.support.walking import Walker

pytestmark = pytest.mark.once


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_first_question_to_running_help(office: Office, somebody: Callable[..., Walker], width: int) -> None:
    anna = somebody(office.anna, width=width, pictures=f"{width}-anna")
    opens_a_case(anna)
    anna.does("V", "first_talk", FIRST_TALK)
    anna.does("D-VAP", "choose_person", {"vap_persoon": "Anna Bakker"})
    anna.does("V", "choose_route", {"weg": "kort", "meer_domeinen": "nee"})
    anna.does("V", "short_plan", SHORT_PLAN)
    asks_in(anna, office.karim)
    asks_in(anna, office.bo, "Hulp Dichtbij")

    hands_over(anna, office.karim)
    karim = somebody(office.karim, width=width, pictures=f"{width}-karim")
    karim.does("V", "municipal_decision", DECISION)

    says_who_has_authority(anna, MOTHER)
    says_who_has_authority(anna, FATHER)
    anna.does("D-TOEST", "who_consents", {"gezag_gecontroleerd_op__confirmed": "1"})
    anna.does("D-TOEST", "explain", EXPLAINED)
    anna.does("D-TOEST", "answers", consents("akkoord", "akkoord"))

    bo = somebody(office.bo, width=width, pictures=f"{width}-bo")
    bo.does("D-WACHT", "plan_intake", {"intake_op": TODAY, "contra": "Geen"})
    bo.does("D-WACHT", "intake_outcome", {"uitkomst_intake": "past", "start_verwacht": TODAY + timedelta(days=7)})
    bo.does("D-WACHT", "help_begins", {"begonnen_op": TODAY})
    anna.does("V", "help_starts", {"contact_ritme": "w2", "contact_wie": "Anna Bakker"})
    anna.does("V", "help_runs", {"status_aanbieder": "goed"})
    anna.back_to_case()
    anna.presses(anna.page.locator("main a[href$='/gezin/']").first)
    assert "Loopt" in (anna.page.locator("main aside").text_content() or "")
