"""The family page: what is added and changed by hand, what is refused, and what follows from it."""

import datetime as dt
from decimal import Decimal
from uuid import uuid4

import pytest

from padwijzer.forms.core.conditions import UNKNOWN
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import BY_HAND, change_register
from padwijzer.workflows.core.definition import OnEvent, Performer, RecordEvent
from padwijzer.workflows.core.errors import InvalidAnswers, NotAllowed
from padwijzer.workflows.core.registers import registers
from padwijzer.workflows.history.timeline import events_of
from padwijzer.workflows.models import Case, Event, Membership, RegisterRow, Task
from tests.support.cases import a_case, a_user, an_organisation, at
from tests.support.clock import publish, steps
from tests.support.definitions import step, track

pytestmark = pytest.mark.django_db

GRANDMOTHER = {"name": "Tilly de Wit", "kind": "family"}


@pytest.fixture
def family():
    publish(steps())
    return a_case()


def changed(family, register, values, *, by=None, day="2026-11-03", **more):
    return change_register(Acting(by or family.worker, at(day)), family.case.pk, register, values, **more)


def stored(row):
    return RegisterRow.objects.get(pk=row).values


def everything(family):
    rows = RegisterRow.objects.filter(case=family.case).order_by("order").values_list("pk", "values")
    return list(rows), Event.objects.count()


def last_event(family):
    return events_of(family.case.stream, lambda _type, _field: True)[-1]


# Adding and changing


def test_a_person_who_is_added_stands_in_the_register_and_in_the_history(family):
    row = changed(family, "person", GRANDMOTHER)
    assert stored(row) == GRANDMOTHER
    event = last_event(family)
    assert (event.type, event.ref["register"], event.ref["row"]) == ("register.changed", "person", row)
    assert event.values == {f"row.person.{row}": GRANDMOTHER}


def test_the_history_refers_to_a_row_and_never_says_who_it_is(family):
    changed(family, "person", {**GRANDMOTHER, "address": "Kerkstraat 1"})
    envelope = Event.objects.filter(stream=family.case.stream).order_by("-seq")[0].envelope
    assert "Tilly" not in envelope
    assert "Kerkstraat" not in envelope


def test_a_change_leaves_the_other_columns_as_they_were(family):
    changed(family, "person", {"school": "De Regenboog"}, row=family.child)
    assert stored(family.child) == {
        "name": "Noor de Wit",
        "kind": "child",
        "birth_date": "2017-04-02",
        "school": "De Regenboog",
    }
    assert last_event(family).values == {f"row.person.{family.child}": {"school": "De Regenboog"}}


def test_a_known_family_is_found_by_its_new_name_and_its_new_birth_date(family):
    changed(family, "person", {"name": "Noor Bos", "birth_date": dt.date(2017, 4, 3)}, row=family.child)
    row = RegisterRow.objects.get(pk=family.child)
    assert (row.search_name, row.search_date) == ("noor bos", dt.date(2017, 4, 3))


def test_a_row_of_another_register_is_no_person_to_be_found(family):
    row = changed(family, "turning_point", {"what": "Verhuisd", "child": family.child})
    assert RegisterRow.objects.get(pk=row).search_name == ""


def test_a_day_that_is_no_longer_known_is_taken_away(family):
    changed(family, "person", {"birth_date": UNKNOWN, "birth": "unknown"}, row=family.child)
    assert stored(family.child)["birth_date"] is None


def test_a_new_row_comes_after_those_that_are_there(family):
    first, second = changed(family, "person", GRANDMOTHER), changed(family, "person", GRANDMOTHER)
    orders = dict(RegisterRow.objects.filter(case=family.case).values_list("pk", "order"))
    others = [order for pk, order in orders.items() if str(pk) not in (first, second)]
    by_id = {str(pk): order for pk, order in orders.items()}
    assert max(others) < by_id[first] < by_id[second]


def test_a_row_is_dated_on_the_day_it_was_told(family):
    acting = Acting(family.worker, at("2026-11-06"), happened_on=dt.date(2026, 11, 4))
    row = change_register(acting, family.case.pk, "person", GRANDMOTHER)
    assert RegisterRow.objects.get(pk=row).recorded_on == dt.date(2026, 11, 4)


def test_the_same_form_handed_in_twice_adds_one_row(family):
    first = changed(family, "person", GRANDMOTHER, form_key="form-1")
    before = everything(family)
    assert changed(family, "person", {"name": "Iemand anders", "kind": "family"}, form_key="form-1") == first
    assert everything(family) == before


def test_one_form_adds_one_row_in_each_case_and_register(family):
    other = a_case(family.worker)
    mine = changed(family, "person", GRANDMOTHER, form_key="form-1")
    assert changed(other, "person", GRANDMOTHER, form_key="form-1") != mine
    assert changed(family, "turning_point", {"what": "Verhuisd"}, form_key="form-1") != mine


def test_two_forms_with_the_same_words_are_two_rows(family):
    rows = {changed(family, "person", GRANDMOTHER, form_key=key) for key in ("a", "b", "")}
    assert len(rows) == 3


# Who, and in what


@pytest.fixture
def strangers(family):
    """Everybody who may not change the people of this family."""
    elsewhere = a_user("jeugdconsulent", organisation=an_organisation("Gemeente Elders"))
    provider = a_user("zorgaanbieder", organisation=an_organisation("Zorg Dichtbij", "provider"))
    family.joins(provider, "zorgaanbieder")
    root = a_user("jeugdconsulent", is_superuser=True)
    family.joins(root, "jeugdconsulent")
    former = a_user("jeugdconsulent")
    family.joins(former, "jeugdconsulent")
    Membership.objects.filter(user=former).update(until=dt.date(2026, 11, 2))
    return {
        "the same role elsewhere": elsewhere,
        "another role in the case": provider,
        "superuser": root,
        "former": former,
    }


@pytest.mark.parametrize("who", ["the same role elsewhere", "another role in the case", "superuser", "former"])
def test_who_may_not_change_people_finds_no_such_case(family, strangers, who):
    before = everything(family)
    with pytest.raises(NotAllowed):
        changed(family, "person", GRANDMOTHER, by=strangers[who])
    assert everything(family) == before


def test_a_case_that_is_not_there_looks_like_one_that_one_may_not_see(family, strangers):
    acting = Acting(family.worker, at("2026-11-03"))
    with pytest.raises(NotAllowed) as unknown:
        change_register(acting, uuid4(), "person", GRANDMOTHER)
    with pytest.raises(NotAllowed) as forbidden:
        changed(family, "person", GRANDMOTHER, by=strangers["the same role elsewhere"])
    assert type(unknown.value) is type(forbidden.value)
    assert unknown.value.code == forbidden.value.code


@pytest.mark.parametrize("register", [*sorted(set(registers()) - set(BY_HAND)), "", "no_register"])
def test_a_register_that_steps_write_is_not_written_by_hand(family, register):
    with pytest.raises(NotAllowed):
        changed(family, register, {"reason": "weg"})


def test_every_register_by_hand_exists_and_lets_its_rows_be_changed():
    assert [key for key in BY_HAND if registers()[key].append_only] == []


def test_a_row_of_another_case_or_another_register_is_no_row(family):
    other = a_case(family.worker, child="Sam Smit")
    authority = str(RegisterRow.objects.filter(case=family.case, register="authority")[0].pk)
    before = everything(family), everything(other)
    for row in (other.child, authority, str(uuid4()), "x"):
        with pytest.raises(NotAllowed):
            changed(family, "person", {"name": "Weg"}, row=row)
    assert (everything(family), everything(other)) == before


def test_in_a_closed_case_nobody_is_changed(family):
    Case.objects.filter(pk=family.case.pk).update(status=Case.Status.CLOSED)
    with pytest.raises(NotAllowed):
        changed(family, "person", GRANDMOTHER)


# Wrong input


@pytest.mark.parametrize(
    ("register", "values", "wrong"),
    [
        ("person", {"kind": "family"}, "name"),
        ("person", {"name": "", "kind": "family"}, "name"),
        ("person", {"name": " \t ", "kind": "family"}, "name"),
        ("person", {"name": UNKNOWN, "kind": "family"}, "name"),
        ("person", {**GRANDMOTHER, "kind": "oma"}, "kind"),
        ("person", {**GRANDMOTHER, "kind": ""}, "kind"),
        ("person", {**GRANDMOTHER, "kind": ["family"]}, "kind"),
        ("person", {**GRANDMOTHER, "age": Decimal(12)}, "age"),
        ("person", {**GRANDMOTHER, "running_measure": "ots"}, "running_measure"),
        ("person", {**GRANDMOTHER, "user": "1"}, "user"),
        ("person", {**GRANDMOTHER, "haarkleur": "rood"}, "haarkleur"),
        ("person", {**GRANDMOTHER, "birth_date": "gisteren"}, "birth_date"),
        ("person", {**GRANDMOTHER, "birth_date": "1950-01-01"}, "birth_date"),
        ("person", {**GRANDMOTHER, "birth_date": ""}, "birth_date"),
        ("person", {**GRANDMOTHER, "birth_date": 1950}, "birth_date"),
        ("person", {**GRANDMOTHER, "birth_date": dt.date(2026, 11, 4)}, "birth_date"),
        ("person", {**GRANDMOTHER, "birth": "known", "birth_date": dt.date(2027, 2, 1)}, "birth_date"),
        ("person", {**GRANDMOTHER, "phone": 612345678}, "phone"),
        ("person", {**GRANDMOTHER, "phone": None}, "phone"),
        ("person", {**GRANDMOTHER, "phone": ["06"]}, "phone"),
        ("person", {**GRANDMOTHER, "phone": "06\x00"}, "phone"),
        ("person", {**GRANDMOTHER, "secret_address": "misschien"}, "secret_address"),
        ("authority", {"child": "niemand", "kind": "gezag"}, "child"),
        ("authority", {"child": "", "kind": "gezag"}, "child"),
        ("authority", {"child": UNKNOWN, "kind": "gezag"}, "child"),
        ("authority", {"kind": "omgang"}, "kind"),
        ("meeting", {"on": dt.date(2026, 11, 3), "participants": "niemand"}, "participants"),
        ("meeting", {"on": dt.date(2026, 11, 3), "participants": frozenset({"niemand"})}, "participants"),
        ("measure", {"kind": "gesloten"}, "kind"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_beside_its_question_and_nothing_is_written(family, register, values, wrong):
    before = everything(family)
    with pytest.raises(InvalidAnswers) as invalid:
        changed(family, register, values)
    assert set(invalid.value.errors) == {wrong}
    assert all(str(sentence) for sentences in invalid.value.errors.values() for sentence in sentences)
    assert everything(family) == before


def test_everything_that_is_wrong_is_said_at_once(family):
    with pytest.raises(InvalidAnswers) as invalid:
        changed(family, "person", {"name": "", "kind": "oma", "birth_date": dt.date(2030, 1, 1), "age": 3})
    assert set(invalid.value.errors) == {"name", "kind", "birth_date", "age"}


def test_a_row_of_another_register_is_no_person(family):
    authority = str(RegisterRow.objects.filter(case=family.case, register="authority")[0].pk)
    with pytest.raises(InvalidAnswers) as invalid:
        changed(family, "authority", {"child": family.child, "person": authority, "kind": "gezag"})
    assert set(invalid.value.errors) == {"person"}


def test_somebody_of_another_family_is_no_person(family):
    other = a_case(family.worker, child="Sam Smit")
    with pytest.raises(InvalidAnswers) as invalid:
        changed(family, "authority", {"child": other.child, "person": family.mother, "kind": "gezag"})
    assert set(invalid.value.errors) == {"child"}


def test_a_name_is_not_taken_away(family):
    with pytest.raises(InvalidAnswers):
        changed(family, "person", {"name": " "}, row=family.child)
    assert stored(family.child)["name"] == "Noor de Wit"


def test_who_is_born_today_is_born(family):
    row = changed(family, "person", {"name": "Baby", "kind": "child", "birth_date": dt.date(2026, 11, 3)})
    assert stored(row)["birth_date"] == "2026-11-03"


def test_a_birth_that_is_expected_lies_ahead_and_can_move(family):
    baby = {"name": "Baby", "kind": "child", "birth": "expected", "birth_date": dt.date(2027, 2, 1)}
    row = changed(family, "person", baby)
    changed(family, "person", {"birth_date": dt.date(2027, 2, 8)}, row=row)
    assert stored(row)["birth_date"] == "2027-02-08"


def test_a_child_that_is_born_has_no_birth_date_ahead(family):
    baby = {"name": "Baby", "kind": "child", "birth": "expected", "birth_date": dt.date(2027, 2, 1)}
    row = changed(family, "person", baby)
    with pytest.raises(InvalidAnswers) as invalid:
        changed(family, "person", {"birth": "known"}, row=row)
    assert set(invalid.value.errors) == {"birth_date"}


def test_what_was_refused_can_be_filled_in_again(family):
    with pytest.raises(InvalidAnswers):
        changed(family, "person", {**GRANDMOTHER, "kind": "oma"}, form_key="form-1")
    assert stored(changed(family, "person", GRANDMOTHER, form_key="form-1")) == GRANDMOTHER


# What follows


def test_a_measure_that_starts_opens_what_hangs_on_it_and_the_history_says_so():
    beside = step("beside", performers=(Performer("jeugdconsulent"),))
    hangs_on = track(
        "beside",
        activity="beside",
        opens_by=OnEvent(RecordEvent.MEASURE_STARTED),
        closes_on=(OnEvent(RecordEvent.MEASURE_ENDED),),
    )
    publish(steps(tracks=(hangs_on,), bodies=(beside,)))
    family = a_case()
    measure = {"child": family.child, "kind": "ots", "from": dt.date(2026, 11, 9), "until": dt.date(2027, 11, 8)}
    row = changed(family, "measure", measure, day="2026-11-09")
    assert family.task("beside").process.track == "V.beside"
    assert [it for it in last_event(family).ref["followed"] if it.startswith("track_opened")] == [
        "track_opened V.beside"
    ]
    changed(family, "measure", {"ended_on": dt.date(2026, 12, 1)}, row=row, day="2026-12-01")
    assert not Task.objects.filter(case=family.case, activity="beside", finished=None).exists()
    assert [it for it in last_event(family).ref["followed"] if it.startswith("track_closed")]


def test_a_change_that_nothing_waits_for_opens_nothing(family):
    tasks = Task.objects.filter(case=family.case).count()
    changed(family, "person", GRANDMOTHER)
    assert Task.objects.filter(case=family.case).count() == tasks
    assert last_event(family).ref["followed"] == []
