"""Form fields behind the boxes of a date and of a moment."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django import forms as django_forms

from padwijzer.forms.date_fields import DateBoxesField, MomentBoxesField
from padwijzer.forms.widgets import UNKNOWN, DateBoxes, error_anchor


class Meeting(django_forms.Form):
    on = DateBoxesField(widget=DateBoxes(unknown=True))
    at = MomentBoxesField(required=False)


def test_a_date_and_a_moment_are_cleaned() -> None:
    form = Meeting(
        {
            "on__day": "1",
            "on__month": "2",
            "on__year": "2026",
            "at__day": "21",
            "at__month": "11",
            "at__year": "2026",
            "at__time": "10:30",
        }
    )
    assert form.is_valid()
    moment = datetime(2026, 11, 21, 10, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
    assert form.cleaned_data == {"on": date(2026, 2, 1), "at": moment}


def test_not_knowing_is_an_answer() -> None:
    form = Meeting({"on__unknown": "1"})
    assert form.is_valid()
    assert form.cleaned_data == {"on": UNKNOWN, "at": None}


@pytest.mark.parametrize(
    ("day", "month", "year", "anchor"),
    [
        ("", "", "", "id_on_0"),
        ("1", "", "2026", "id_on_1"),
        ("1", "2", "26", "id_on_2"),
        ("30", "2", "2026", "id_on_0"),
    ],
)
def test_the_error_leads_to_the_wrong_box_and_only_that_box_is_marked(
    day: str, month: str, year: str, anchor: str
) -> None:
    form = Meeting({"on__day": day, "on__month": month, "on__year": year})
    assert not form.is_valid()
    [error] = form.errors.as_data()["on"]
    assert error_anchor(form["on"], error) == anchor
    marked = 3 if not (day or month or year) else 1
    assert str(form["on"]).count('aria-invalid="true"') == marked


def test_a_moment_without_a_time_is_refused_at_the_time() -> None:
    form = Meeting({"on__unknown": "1", "at__day": "21", "at__month": "11", "at__year": "2026"})
    assert not form.is_valid()
    assert error_anchor(form["at"], form.errors.as_data()["at"][0]) == "id_at_3"


def test_the_same_date_is_no_change() -> None:
    field = DateBoxesField()
    assert not field.has_changed(date(2026, 11, 21), "2026-11-21")
    assert field.has_changed(date(2026, 11, 21), "2026-11-22")
