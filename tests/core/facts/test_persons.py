from datetime import date

import pytest

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.forms.core.field_types import RowAnswer
from padwijzer.workflows.core.facts.persons import GROUPS
from tests.support.case_files import a_case, a_child, a_lookup, a_parent, a_row, about, asked, has_authority

FAMILY = a_case(
    a_child("young", date(2020, 1, 1)),
    a_child("youth", date(2012, 1, 1)),
    a_parent("mother"),
    a_parent("father"),
    a_row("person", "aunt", kind="family"),
    a_row("person", "neighbour", kind="network"),
    a_row("person", "worker", kind="professional"),
    a_row("person", "nidos", kind="organisation"),
    a_row("person", "cousin", kind="family", birth_date=date(2010, 1, 1)),
    a_row("person", "gone", kind="network", until=date(2026, 1, 1)),
    has_authority("mother", "young"),
    has_authority("father", "youth"),
    a_row("contact_person", "c", person="worker", since=date(2026, 2, 1)),
    a_row("help_item", "help", for_kind="child", child="youth"),
    a_row("help_item", "together", for_kind="family", persons=frozenset({"young", "mother"})),
)


@pytest.mark.parametrize(
    ("group", "members"),
    [
        ("children", {"young", "youth"}),
        ("children_of_run", {"young", "youth"}),
        ("parents", {"mother", "father"}),
        ("authority_holders", {"mother", "father"}),
        ("can_have_authority", {"mother", "father", "aunt", "neighbour", "nidos"}),
        ("must_consent", set()),
        ("participants", {"young", "youth", "mother", "father"}),
        ("youths", {"youth"}),
        ("family", {"young", "youth", "mother", "father", "aunt", "neighbour", "cousin"}),
        ("professionals", {"worker"}),
        ("network", {"aunt", "neighbour", "cousin"}),
        ("contact_person", {"worker"}),
    ],
)
def test_a_group_of_a_run_about_the_family(group: str, members: set[str]) -> None:
    assert asked(a_lookup(FAMILY), "persons", group=group) == members


@pytest.mark.parametrize(
    ("subject", "group", "members"),
    [
        ("help", "children_of_run", {"youth"}),
        ("help", "authority_holders", {"father"}),
        ("help", "must_consent", {"youth", "father"}),
        ("help", "participants", {"youth"}),
        ("help", "youths", {"youth"}),
        ("help", "children", {"young", "youth"}),
        ("together", "participants", {"young", "mother"}),
        ("together", "must_consent", {"mother"}),
        ("together", "youths", set()),
        ("young", "children_of_run", {"young"}),
    ],
)
def test_a_group_of_a_run_about_one_help_or_child(subject: str, group: str, members: set[str]) -> None:
    assert asked(a_lookup(about(FAMILY, subject)), "persons", group=group) == members


def test_who_has_authority_already_can_have_it_whoever_that_is() -> None:
    case = a_case(a_child(), a_row("person", "worker", kind="professional"), has_authority("worker"))

    assert asked(a_lookup(case), "persons", group="can_have_authority") == {"worker"}


def test_the_persons_of_a_question_of_this_step() -> None:
    rows = (RowAnswer("", (("kind", "young"),)), RowAnswer("", (("kind", "youth"),)))

    assert asked(a_lookup(FAMILY, wie="aunt"), "persons", group="this_field:wie") == {"aunt"}
    assert asked(a_lookup(FAMILY, wie=frozenset({"a", "b"})), "persons", group="this_field:wie") == {"a", "b"}
    assert asked(a_lookup(FAMILY, wie=rows), "persons", group="this_field:wie") == {"young", "youth"}
    assert asked(a_lookup(FAMILY), "persons", group="this_field:wie") is UNKNOWN


@pytest.mark.parametrize("group", GROUPS)
def test_an_empty_group_is_empty_and_not_unknown(group: str) -> None:
    assert asked(a_lookup(a_case()), "persons", group=group) == frozenset()
