from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation

ASKED = NoDeviation(("consent_asked",)).monitor()


def test_doing_it_is_kept():
    assert ASKED.judge(("consent_asked", "step"))


def test_not_coming_to_it_is_kept():
    assert ASKED.judge(("first_talk", "step", "closing", "step"))


def test_skipping_it_is_a_breach():
    assert not ASKED.judge(("skip:consent_asked",))


def test_skipping_it_around_the_row_is_a_breach():
    assert not ASKED.judge(("*skip:consent_asked",))


def test_skipping_something_else_is_kept():
    assert ASKED.judge(("skip:first_talk", "consent_asked", "step"))
