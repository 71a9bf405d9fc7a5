"""The first steps for who has no script, and for who has no mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.conftest import Office
from tests.journeys.keyboard import Keyboard
from tests.journeys.telling import BORN, CHILD, FATHER, FIRST_TALK, QUESTION, opens_a_case
from tests.support.walking import Mouse, Walker

pytestmark = pytest.mark.once


def walks_four_steps(walker: Walker) -> None:
    """A new question, the first talk, the contact person, and the way that fits."""
    opens_a_case(walker)
    walker.does("V", "first_talk", FIRST_TALK)
    walker.does("D-VAP", "choose_person", {"vap_persoon": "Anna Bakker"})
    walker.does("V", "choose_route", {"weg": "kort", "weg_waarom": "De vraag is duidelijk.", "meer_domeinen": "nee"})
    assert walker.at == "step_done"


def test_the_first_four_steps_need_no_script(office: Office, somebody: Callable[..., Walker]) -> None:
    walks_four_steps(somebody(office.anna, java_script_enabled=False))


def test_a_question_that_an_answer_brings_is_asked_without_a_script_too(
    office: Office, somebody: Callable[..., Walker]
) -> None:
    anna = somebody(office.anna, java_script_enabled=False)
    anna.goes("new_question")
    anna.fills({"kind-name": CHILD, "kind-birth_date": BORN})
    anna.presses_main()
    assert "vraag-gezin_weet_ervan" not in anna.fills({**QUESTION, "vraag-bron": "school"})
    anna.presses_main()
    assert anna.at == "new_question"
    assert anna.fills({"vraag-gezin_weet_ervan": "ja"})
    assert anna.page.locator("[name=ouders-other]").input_value() == FATHER
    anna.presses_main()
    assert anna.at == "case"


def test_the_first_four_steps_need_no_mouse(office: Office, somebody: Callable[..., Walker]) -> None:
    keyboard = Keyboard()
    walks_four_steps(somebody(office.anna, hands=keyboard))
    assert keyboard.troubles == []


def test_a_mistake_takes_the_focus_and_leads_to_its_question_by_keyboard(
    office: Office, somebody: Callable[..., Walker]
) -> None:
    keyboard = Keyboard()
    anna = somebody(office.anna, hands=keyboard)
    anna.goes("new_question")
    anna.presses_main()
    focused = anna.page.locator(":focus")
    assert "pw-error-summary" in (focused.get_attribute("class") or "")
    assert anna.page.title().startswith("Fout")
    anna.page.keyboard.press("Tab")
    anna.page.keyboard.press("Enter")
    assert focused.get_attribute("name") == "kind-name"
    anna.fills({"kind-name": CHILD, "kind-birth_date": BORN})
    anna.presses_main()
    assert anna.page.locator("[name=vraag-vraag]").is_visible()
    anna.hands = Mouse()
    anna.presses_main()
    assert len(anna.faults) >= 3
    assert "pw-error-summary" in (focused.get_attribute("class") or "")
    assert keyboard.troubles == []
