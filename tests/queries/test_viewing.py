from datetime import date

import pytest

from padwijzer.permissions.policies import AgeBand, Part, may_see
from padwijzer.permissions.roles import Privacy, shipped_roles
from padwijzer.workflows.core.case_file import CaseFile
from padwijzer.workflows.core.registers import registers
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.queries.viewing import (
    PART_OF_MEANING,
    PART_OF_REGISTER,
    access_to_answer,
    access_to_column,
    band_of,
    viewer_of,
)
from tests.support.case_files import a_case, a_child, a_row

pytestmark = pytest.mark.once

BORN = date(2010, 6, 1)
PARENT = shipped_roles()["ouder_gezag"]


def a_family(today: date) -> CaseFile:
    """Two parents, of whom the mother has authority; the father had it until 2020."""
    return a_case(
        a_child("child", BORN),
        a_row("person", "mother", kind="parent", address="Beukenhof 12"),
        a_row("person", "father", kind="parent"),
        a_row("authority", "a1", child="child", person="mother", kind="gezag", from_=BORN),
        a_row("authority", "a2", child="child", person="father", kind="gezag", from_=BORN, until=date(2020, 1, 1)),
        today=today,
    )


@pytest.mark.parametrize(
    ("today", "band"),
    [
        (date(2022, 5, 31), AgeBand.CHILD),
        (date(2022, 6, 1), AgeBand.TOGETHER),
        (date(2026, 5, 31), AgeBand.TOGETHER),
        (date(2026, 6, 1), AgeBand.ALONE),
        (date(2028, 5, 31), AgeBand.ALONE),
        (date(2028, 6, 1), AgeBand.ADULT),
    ],
)
def test_a_birthday_brings_the_next_age_step(today: date, band: AgeBand) -> None:
    assert band_of(a_family(today), "child") is band


def test_somebody_without_a_birth_date_is_in_no_age_step() -> None:
    assert band_of(a_family(date(2026, 1, 1)), "mother") is AgeBand.UNKNOWN


def test_only_who_has_authority_today_looks_as_a_parent_of_the_child() -> None:
    case_file = a_family(date(2022, 1, 1))
    assert [child.person for child in viewer_of(case_file, PARENT, "mother").children] == ["child"]
    assert viewer_of(case_file, PARENT, "father").children == ()


def test_a_parent_with_authority_sees_plan_and_decision_and_not_the_secret_address_of_the_other() -> None:
    case_file = a_family(date(2019, 1, 1))
    father, mother = (viewer_of(case_file, PARENT, person) for person in ("father", "mother"))
    path = shipped().definitions["V"]
    for step, question in (("short_plan", "doel"), ("municipal_decision", "besluit_uitleg")):
        activity = path.activity(step)
        field = next(it for it in activity.fields if it.key == question)
        assert may_see(father, access_to_answer(activity, field, ""))
    row, column = case_file.person("mother"), registers()["person"].column("address")
    if row is None or column is None:
        pytest.fail("The mother has an address.")
    assert not may_see(father, access_to_column(row, column))
    assert may_see(mother, access_to_column(row, column))


def test_from_16_a_parent_no_longer_sees_what_is_about_the_youth() -> None:
    activity = shipped().definitions["D-TOEST"].activity("answers")
    field = next(it for it in activity.fields if it.key == "stem_kind")
    access = access_to_answer(activity, field, "child")
    assert may_see(viewer_of(a_family(date(2026, 5, 31)), PARENT, "mother"), access)
    assert not may_see(viewer_of(a_family(date(2026, 6, 1)), PARENT, "mother"), access)


def test_an_answer_belongs_to_the_part_of_the_meaning_of_its_step() -> None:
    path = shipped().definitions["V"]
    plan, talk = path.activity("short_plan"), path.activity("first_talk")
    assert access_to_answer(plan, plan.fields[0], "child").part is Part.PLAN
    assert access_to_answer(plan, plan.fields[0], "child").about == "child"
    assert access_to_answer(talk, talk.fields[0], "").part is Part.FILE


def test_a_row_of_a_child_is_about_that_child_and_keeps_the_privacy_of_its_column() -> None:
    row, column = a_row("help_item", "help", child="child"), registers()["help_item"].column("goal")
    if column is None:
        pytest.fail("A help item has a goal.")
    access = access_to_column(row, column)
    assert (access.about, access.part, access.privacy) == ("child", Part.PLAN, Privacy.SPECIAL)


def test_only_meanings_and_registers_that_exist_belong_to_a_part() -> None:
    everything = shipped(include_skeletons=True).definitions.values()
    known = {meaning for it in everything for activity in it.activities for meaning in activity.meanings}
    assert PART_OF_MEANING.keys() <= known
    assert PART_OF_REGISTER.keys() <= registers().keys()
