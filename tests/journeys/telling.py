"""What people do in the journeys, and what they answer. Everybody here is invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone

from padwijzer.workflows.core.deadlines import local_day
from tests.support.walking import Answer, Walker

TODAY: Final = local_day(timezone.now())
CHILD: Final = "Noor de Wit"
BORN: Final = date(TODAY.year - 9, 1, 15)
MOTHER: Final = "Mirjam de Wit"
FATHER: Final = "Paul de Wit"
QUESTION: Final[Mapping[str, Answer]] = {
    "vraag-vraag": "Er is vaak ruzie thuis.",
    "vraag-bron": "gezin",
    "vraag-nu_veilig": "ja",
    "ouders-one": MOTHER,
    "ouders-other": FATHER,
}
FIRST_TALK: Final[Mapping[str, Answer]] = {
    "ons_verhaal": "Wij willen dat het thuis weer rustig wordt.",
    "waarom_nu": "De school belde.",
    "wil_gezin": "Rust aan tafel.",
    "uitleg_steun": "ja",
}
SHORT_PLAN: Final[Mapping[str, Answer]] = {
    "doel": "Rust aan tafel.",
    "hulp_soort": "gezinsbehandeling",
    "hulp_voor": "child",
    "hulp_kind": CHILD,
    "gezin_eens": "ja",
    "fgp_gevraagd": "ja",
}
DECISION: Final[Mapping[str, Answer]] = {
    "besluit": "ja",
    "besluit_uitleg": "De vraag is duidelijk en deze hulp past.",
    "besluit_van": TODAY,
    "besluit_tot": TODAY + timedelta(days=180),
    "eerste_evaluatie": TODAY + timedelta(days=60),
}
EXPLAINED: Final[Mapping[str, Answer]] = {"uitgelegd": ["wat", "waarom", "duur", "anders", "nee_zeggen"]}


def consents(*answers: str) -> Mapping[str, Answer]:
    """What each parent answers today. Args: answers: of each in turn, such as `akkoord`."""
    rows = [{"antwoord": it, "datum": TODAY, "manier": "gesprek"} for it in answers]
    return {"antwoorden": rows, "stem_kind": "Noor wil graag rust."}


def opens_a_case(walker: Walker) -> None:
    """Take down a new question of a family that is not known."""
    walker.goes("tasks")
    walker.presses(walker.page.locator("nav a[href$='/nieuwe-vraag/']").first)
    walker.fills({"kind-name": CHILD, "kind-birth_date": BORN})
    walker.presses_main()
    walker.fills(QUESTION)
    walker.presses_main()
    assert walker.at == "case", walker.words


def asks_in(walker: Walker, user: Any, organisation: str = "") -> None:
    """From the page of the case: involve a colleague. Args: organisation: where he works, when not here."""
    walker.back_to_case()
    walker.presses(walker.page.locator("main a[href$='/wie/']").first)
    if organisation:
        walker.presses(walker.page.locator("main a", has_text=organisation).first)
    walker.fills({"who": user.get_full_name()})
    walker.presses_main()
    assert walker.at == "members", walker.faults


def hands_over(walker: Walker, user: Any) -> None:
    """From the page of the case: hand the step that is next over to a colleague who works on it."""
    walker.back_to_case()
    walker.presses(walker.page.locator("main a[href$='/overdragen/']").first)
    walker.fills({"colleague": user.get_full_name()})
    walker.presses_main()
    assert walker.at == "case", walker.faults


def says_who_has_authority(walker: Walker, parent: str) -> None:
    """From the page of the case: write down on the family page who has authority over the child."""
    walker.back_to_case()
    walker.presses(walker.page.locator("main a[href$='/gezin/']").first)
    walker.presses(walker.page.locator("main a[href$='/gezag/']").first)
    walker.fills({"person": parent, "source": "register", "checked_on": TODAY})
    walker.presses_main()
    assert walker.at == "family", walker.faults
