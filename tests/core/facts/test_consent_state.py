from datetime import date
from typing import Any

from tests.support.case_files import a_case, a_child, a_lookup, a_parent, a_row, about, asked, has_authority

YES: dict[str, Any] = {"kind": "answer", "answer": "akkoord", "on": date(2026, 3, 2)}
PEOPLE = (a_child("child", date(2020, 1, 1)), a_parent("mother"), has_authority("mother"))


def test_is_that_of_the_subject_of_the_run() -> None:
    case = a_case(
        *PEOPLE,
        a_row("help_item", "help", child="child"),
        a_row("help_item", "other", child="child"),
        a_row("consent", "c", subject="help", person="mother", **YES),
    )

    assert asked(a_lookup(about(case, "help")), "consent_state") == "complete"
    assert asked(a_lookup(about(case, "other")), "consent_state") == "not_asked"


def test_of_nothing_is_not_asked_and_never_unknown() -> None:
    assert asked(a_lookup(a_case()), "consent_state") == "not_asked"
    assert asked(a_lookup(a_case()), "consent_state", subject="sharing") == "not_asked"


def test_of_a_sharing_is_that_of_the_party_that_the_step_names() -> None:
    case = a_case(
        *PEOPLE,
        a_row("person", "teacher", kind="professional"),
        a_row("person", "doctor", kind="professional"),
        a_row("sharing", "s1", with_="teacher"),
        a_row("sharing", "s2", with_="doctor"),
        a_row("sharing", "s3", with_="teacher"),
        a_row("consent", "c1", subject="s1", person="mother", **YES),
        a_row("consent", "c2", subject="s2", person="mother", **{**YES, "answer": "nee"}),
    )

    assert asked(a_lookup(case, deel_met="teacher"), "consent_state", subject="sharing") == "complete"
    assert asked(a_lookup(case, deel_met="doctor"), "consent_state", subject="sharing") == "refused"
    assert asked(a_lookup(case, deel_met="mother"), "consent_state", subject="sharing") == "not_asked"
    assert asked(a_lookup(about(case, "s2")), "consent_state", subject="sharing") == "refused"
