"""The four fields of a deviation: one minute."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from padwijzer.forms.date_fields import DateBoxesField
from padwijzer.forms.form_context import Person
from padwijzer.forms.rendering import PadwijzerRenderer
from padwijzer.forms.widgets import DateBoxes, LongText, choice_widget
from padwijzer.workflows.actions.deviation import Deviation

LONGEST = 4_000
NOBODY = "nobody"


class DeviationForm(django_forms.Form):
    """
    Why it is done differently.

    Args:
        data: what was posted; None shows the form.
        colleagues: with whom it can have been talked over.
        today: the first day on which to look again.
        latest: the last day on which to look again.
    """

    default_renderer = PadwijzerRenderer

    reason = django_forms.CharField(
        label=gettext_lazy("Why is this better for this family?"),
        max_length=LONGEST,
        widget=LongText(rows=4),
        error_messages={"required": gettext_lazy("Write why this is better for this family.")},
    )
    family_view = django_forms.CharField(
        label=gettext_lazy("What does the family think of it?"),
        max_length=LONGEST,
        required=False,
        widget=LongText(rows=3),
    )
    colleague = django_forms.ChoiceField(
        label=gettext_lazy("With which colleague did you talk about it?"), required=False
    )
    look_again_on = DateBoxesField(
        label=gettext_lazy("When do we look at this again?"),
        widget=DateBoxes(),
        error_messages={"required": gettext_lazy("Fill in when we look at this again.")},
    )

    def __init__(self, data: Any = None, *, colleagues: Iterable[Person], today: date, latest: date) -> None:
        super().__init__(data, initial={"look_again_on": latest}, renderer=PadwijzerRenderer())
        self.today = today
        self.latest = latest
        people = tuple(colleagues)
        choices = [(it.id, it.name) for it in people]
        field = cast(django_forms.ChoiceField, self.fields["colleague"])
        if people:
            choices.append((NOBODY, _("With nobody yet")))
            field.widget = choice_widget(choices, details={it.id: it.details for it in people})
            field.choices = choices
        else:
            del self.fields["colleague"]
        self.fields["look_again_on"].help_text = _("Before or on %(day)s.") % {"day": self._latest_words()}

    def clean_look_again_on(self) -> date:
        """A day that still has to come, and not too far away."""
        day = self.cleaned_data["look_again_on"]
        if not isinstance(day, date) or day < self.today:
            raise ValidationError(_("Choose a day that still has to come."))
        if day > self.latest:
            raise ValidationError(_("Choose a day before or on %(day)s.") % {"day": self._latest_words()})
        return day

    def deviation(self) -> Deviation:
        """What was filled in; of a form that is valid."""
        colleague = self.cleaned_data.get("colleague") or ""
        return Deviation(
            reason=self.cleaned_data["reason"],
            family_view=self.cleaned_data["family_view"],
            colleague="" if colleague == NOBODY else colleague,
            look_again_on=self.cleaned_data["look_again_on"],
        )

    def _latest_words(self) -> str:
        return formats.date_format(self.latest, "j F Y")
