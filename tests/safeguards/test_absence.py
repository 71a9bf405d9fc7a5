from padwijzer.workflows.core.safeguards import Scope
from padwijzer.workflows.core.safeguards.absence import Absence

NEVER = Absence(("investigation_request",)).monitor()


def test_without_it_the_statement_is_kept():
    assert NEVER.judge(("application", "step", "closing", "step"))


def test_as_soon_as_it_happens_it_is_broken():
    assert not NEVER.judge(("application", "step", "investigation_request", "step"))


def test_also_what_happens_around_the_row_counts():
    assert not NEVER.judge(("*investigation_request",))


def test_skipping_it_is_not_its_happening():
    assert NEVER.judge(("skip:investigation_request",))


def test_what_is_lost_is_that_it_happened():
    lost = Absence(("investigation_request", "closing")).lost(("first_talk", "*closing"), Scope.HELP)
    assert lost == "Hier is een afronding, en dat mag nooit."
