"""Form fields behind the boxes of a date and of a moment: they say which box is wrong, and how it should be."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from padwijzer.forms.date_parts import DateParts, NoDateError, clock_of, read_time
from padwijzer.forms.widgets import UNKNOWN, DateBoxes, MomentBoxes

MESSAGES = {
    ("day", "missing"): _("Fill in the day."),
    ("day", "no_number"): _("Write the day as a number, for example 21."),
    ("day", "out_of_range"): _("Choose a day from 1 to 31."),
    ("day", "no_such_day"): _("This month does not have that day. Check the day and the month."),
    ("month", "missing"): _("Fill in the month."),
    ("month", "no_number"): _("Write the month as a number, for example 11."),
    ("month", "out_of_range"): _("Choose a month from 1 to 12."),
    ("year", "missing"): _("Fill in the year."),
    ("year", "no_number"): _("Write the year with 4 numbers, for example 2026."),
    ("year", "out_of_range"): _("Write the year with 4 numbers, for example 2026."),
    ("time", "missing"): _("Fill in the time."),
    ("time", "no_number"): _("Write the time as hours and minutes, for example 10:30."),
    ("time", "out_of_range"): _("Choose a time from 0:00 to 23:59."),
}


def _refusal(error: NoDateError) -> ValidationError:
    return ValidationError(MESSAGES[error.part, error.code], code=error.code, params={"part": error.part})


class DateBoxesField(django_forms.Field):
    """A date in three boxes. The cleaned value is a `date`, None, or `UNKNOWN` where the widget offers that.

    Errors carry `params["part"]`: the first wrong box, which the error summary links to.
    """

    widget = DateBoxes
    default_error_messages: ClassVar[dict[str, Any]] = {"required": _("Fill in the date.")}

    def to_python(self, value: Any) -> date | str | None:
        """The date of `2026-11-21`, or of what the boxes hold."""
        if value in self.empty_values or value == UNKNOWN or isinstance(value, date):
            return value or None
        try:
            return DateParts.of(value).date()
        except NoDateError as error:
            raise _refusal(error) from error

    def clean(self, value: Any) -> Any:
        """As `Field.clean`; the widget learns which box is wrong."""
        return _cleaned(self, super().clean, value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the boxes hold another date than before."""
        return DateParts.of(initial).text() != DateParts.of(data).text()


class MomentBoxesField(django_forms.Field):
    """A date in three boxes and a time. The cleaned value is an aware `datetime` in the current time zone."""

    widget = MomentBoxes
    default_error_messages: ClassVar[dict[str, Any]] = {"required": _("Fill in the date and the time.")}

    def to_python(self, value: Any) -> datetime | str | None:
        """The moment of `2026-11-21T10:30`, or of what the boxes hold."""
        if value in self.empty_values or value == UNKNOWN:
            return value or None
        if isinstance(value, datetime):
            return value if timezone.is_aware(value) else timezone.make_aware(value)
        try:
            day = DateParts.of(value).date()
            clock = read_time(clock_of(str(value)))
        except NoDateError as error:
            raise _refusal(error) from error
        return timezone.make_aware(datetime.combine(day, clock))

    def clean(self, value: Any) -> Any:
        """As `Field.clean`; the widget learns which box is wrong."""
        return _cleaned(self, super().clean, value)


def _cleaned(field: django_forms.Field, clean: Any, value: Any) -> Any:
    try:
        return clean(value)
    except ValidationError as error:
        part = (getattr(error, "params", None) or {}).get("part")
        field.widget.wrong_parts = frozenset({part}) if part else frozenset()
        raise
