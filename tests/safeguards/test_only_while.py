from datetime import date

import pytest

from padwijzer.forms.core.conditions import Collection, ColumnCompare, Filter, Operator, Quantifier, Rows, evaluate
from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.only_while import OnlyWhile
from tests.support.case_files import a_case, a_child, a_lookup, a_row

OPEN = Filter(Quantifier.ALL, (ColumnCompare("state", Operator.IS, "open"),))
NOTHING_IS_OPEN = Rows(Collection("duty"), Quantifier.NONE, OPEN)
CLOSING = OnlyWhile(("closing",), NOTHING_IS_OPEN, "staat er niets meer open", "De zaak sluit hier te vroeg.")


def test_what_happens_while_it_is_so_is_kept():
    assert CLOSING.monitor().judge(("closing+", "step"))


def test_what_happens_while_it_is_not_so_is_a_breach():
    assert not CLOSING.monitor().judge(("closing-", "step"))


def test_once_is_not_for_ever():
    assert not CLOSING.monitor().judge(("closing+", "step", "closing-", "step"))


def test_what_happens_for_more_than_the_row_is_a_breach_because_nothing_is_known_of_the_row():
    assert not CLOSING.monitor().judge(("*closing", "step"))


def test_skipping_it_is_kept():
    assert CLOSING.monitor().judge(("skip:closing", "*skip:closing"))


def test_nothing_else_waits():
    assert CLOSING.monitor().judge(("first_talk", "step", "*help_chosen", "step"))


def test_the_condition_is_asked_of_everything_that_waits():
    both = OnlyWhile(("closing", "measure_end"), NOTHING_IS_OPEN, "staat er niets meer open", "Te vroeg.").monitor()
    assert both.asks == {"closing": NOTHING_IS_OPEN, "measure_end": NOTHING_IS_OPEN}
    assert not both.judge(("closing+", "step", "measure_end-"))


@pytest.mark.parametrize(("kind", "holds"), [("ots", True), ("none", False)])
def test_it_is_about_what_the_register_shows(kind, holds):
    running = Filter(Quantifier.ALL, (ColumnCompare("running_measure", Operator.IS, "ots"),))
    condition = Rows(Collection("children"), Quantifier.ANY, running)
    asked = OnlyWhile(("gi_step",), condition, "loopt er een OTS", "Er loopt geen OTS.").monitor().asks["gi_step"]
    until = date(2027, 1, 10) if kind == "ots" else date(2026, 2, 10)
    measure = a_row("measure", "m", child="child", kind="ots", from_=date(2026, 1, 10), until=until)
    assert (evaluate(asked, a_lookup(a_case(a_child(), measure))) is True) is holds


@pytest.mark.parametrize("then", [(), ("closing", "closing")])
def test_something_waits_and_nothing_twice(then):
    with pytest.raises(ValueError, match="meaning"):
        OnlyWhile(then, NOTHING_IS_OPEN, "staat er niets meer open", "Te vroeg.")


def test_it_is_said_as_what_is_so_when_it_happens():
    assert CLOSING.statement() == "Als de zaak sluit, staat er niets meer open."


@pytest.mark.parametrize(
    ("heard", "scope", "lost"),
    [
        (("first_talk", "closing"), Scope.FAMILY, "De zaak sluit hier te vroeg."),
        (("first_talk", "*closing"), Scope.CHILD, "Deze stap gaat over meer dan dit kind."),
        (("*closing",), Scope.MEASURE, "Deze stap gaat over meer dan deze maatregel."),
    ],
)
def test_what_is_lost_is_what_is_so_instead(heard, scope, lost):
    assert CLOSING.lost(heard, scope) == lost
