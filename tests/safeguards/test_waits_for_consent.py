import pytest

from padwijzer.forms.core.conditions import AnyOf, Compare, FactRef, Operator, evaluate
from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.waits_for_consent import WaitsForConsent
from tests.support.case_files import a_case, a_lookup, a_row, about

MEASURE = Compare(FactRef("subject", (("column", "regime"),)), Operator.IS, "measure")
HELP = WaitsForConsent(("start_of_help",), MEASURE, "bij een maatregel")


def test_with_consent_it_starts():
    assert HELP.monitor().judge(("start_of_help+", "step", "start_of_help+", "step"))


def test_without_consent_it_does_not():
    assert not HELP.monitor().judge(("start_of_help-", "step"))


def test_once_is_not_for_ever():
    assert not HELP.monitor().judge(("start_of_help+", "step", "start_of_help-", "step"))


def test_a_start_for_all_together_is_a_breach():
    assert not HELP.monitor().judge(("*start_of_help", "*step"))


def test_nothing_else_waits():
    assert HELP.monitor().judge(("help_chosen", "step", "closing", "step"))


def test_it_asks_for_consent_or_the_exemption():
    assert isinstance(HELP.monitor().asks["start_of_help"], AnyOf)
    assert WaitsForConsent(("start_of_help",)).monitor().asks == {
        "start_of_help": Compare(FactRef("consent_state"), Operator.IS, "complete")
    }


@pytest.mark.parametrize(("regime", "holds"), [("measure", True), ("voluntary", False), ("medical", False)])
def test_only_the_exemption_lets_help_start_without_anybody_having_said_yes(regime, holds):
    case = about(a_case(a_row("help_item", "help", regime=regime)), "help")
    assert (evaluate(HELP.monitor().asks["start_of_help"], a_lookup(case)) is True) == holds


def test_a_help_of_which_the_regime_is_not_known_is_not_exempt():
    case = about(a_case(a_row("help_item", "help")), "help")
    assert evaluate(HELP.monitor().asks["start_of_help"], a_lookup(case)) is not True


@pytest.mark.parametrize("exemption", [(MEASURE, ""), (None, "bij een maatregel")])
def test_an_exemption_is_said_and_meant(exemption):
    with pytest.raises(ValueError, match="its words"):
        WaitsForConsent(("start_of_help",), *exemption)


@pytest.mark.parametrize(
    ("heard", "lost"),
    [
        (("help_chosen", "start_of_help"), "Toestemming is hier nooit gevraagd."),
        (("consent_asked", "start_of_help"), "Niet iedereen die ja moet zeggen, zegt hier ja."),
        (("*consent_asked", "start_of_help"), "Niet iedereen die ja moet zeggen, zegt hier ja."),
        (
            ("consent_asked", "withdrawal_of_consent", "start_of_help"),
            "De toestemming is ingetrokken, en niet iedereen zegt weer ja.",
        ),
        (("consent_asked", "*start_of_help"), "Toestemming hoort bij deze hulp, maar deze stap gaat over meer."),
    ],
)
def test_what_is_lost_is_the_yes_that_lacks(heard, lost):
    assert HELP.lost(heard, Scope.HELP) == lost
