"""
Forms of the family page: each changes one thing, with at most three questions.

Every form knows of which register its columns are, which columns it changes, and what it shows at first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Final

from django import forms as django_forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from padwijzer.cms.work.family_words import RELATION_CHOICES, SOURCE_CHOICES
from padwijzer.forms.core.conditions import UNKNOWN, Value
from padwijzer.forms.date_fields import DateBoxesField
from padwijzer.forms.rendering import PadwijzerRenderer
from padwijzer.forms.widgets import ChoiceRadios, DateBoxes, LongText, ManyChoices, ShortText, YesNo, choice_widget
from padwijzer.workflows.core.case_file import Row
from padwijzer.workflows.core.consent import ORGANISATION
from padwijzer.workflows.queries.family import FamilyInCase

LONGEST: Final = 120
UNBORN: Final = "unborn"
TOO_LONG: Final = gettext_lazy("This is too long. Write at most %(limit_value)d characters.")
STILL_TO_COME: Final = gettext_lazy("This day still has to come. Fill in today or an earlier day.")


def _text(label: Any, *, required: Any = "", size: str = "md", **kwargs: Any) -> django_forms.CharField:
    return django_forms.CharField(
        label=label,
        required=bool(required),
        max_length=LONGEST,
        widget=ShortText(size=size),
        error_messages={"required": required, "max_length": TOO_LONG},
        **kwargs,
    )


def _birth_date(*, required: bool = False) -> DateBoxesField:
    return DateBoxesField(
        label=gettext_lazy("Date of birth"),
        help_text=gettext_lazy("For example: 2 4 2017"),
        required=required,
        widget=DateBoxes(unknown=True),
        error_messages={"required": gettext_lazy("Fill in the date of birth, or tick that you do not know it.")},
    )


class FamilyForm(django_forms.Form):
    """
    One change on the family page.

    Args:
        family: the family.
        row: the row that is changed, or about which a row is added; None when a person is added.
    """

    default_renderer = PadwijzerRenderer
    register: ClassVar[str] = "person"
    about: ClassVar[str] = "person"
    """Register of the row that the address names."""
    adds: ClassVar[bool] = False
    columns: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str | Promise] = ""
    done: ClassVar[str | Promise] = ""
    button: ClassVar[str | Promise] = gettext_lazy("Save")

    def __init__(self, *args: Any, family: FamilyInCase, row: Row | None, **kwargs: Any) -> None:
        if row is not None and not self.adds:
            kwargs.setdefault("initial", self.initial_of(row))
        super().__init__(*args, **kwargs)
        self.family = family
        self.row = row

    @classmethod
    def fits(cls, family: FamilyInCase, row: Row) -> bool:
        """Whether this change can be made to a row: he may see everything that it would replace."""
        return cls.adds or family.may_see(row, cls.columns)

    @classmethod
    def initial_of(cls, row: Row) -> dict[str, Any]:
        """What stands in the boxes at first."""
        return {column: row.values.get(column) for column in cls.columns}

    def values(self) -> Mapping[str, Value]:
        """Column to what was filled in."""
        return {column: self.cleaned_data.get(column) or "" for column in self.columns}

    def day_before_today(self, key: str) -> date | None:
        """A day that was filled in; an error when it still has to come."""
        day = self.cleaned_data.get(key)
        if not isinstance(day, date):
            return None
        if day > self.family.on:
            self.add_error(key, str(STILL_TO_COME))
            return None
        return day


class PersonForm(FamilyForm):
    """Somebody is added."""

    adds = True
    title = gettext_lazy("Add somebody")
    done = gettext_lazy("The person was added.")
    button = gettext_lazy("Add this person")

    name = _text(
        gettext_lazy("Name"),
        required=gettext_lazy("Write a name."),
        size="lg",
        help_text=gettext_lazy("First and last name."),
    )
    kind = django_forms.ChoiceField(
        label=gettext_lazy("Who is it?"),
        choices=[
            ("child", gettext_lazy("Child")),
            (UNBORN, gettext_lazy("Child that is not born yet")),
            ("parent", pgettext_lazy("person", "Parent")),
            ("family", gettext_lazy("Other family member, for example a grandmother")),
            ("network", gettext_lazy("Somebody of their own network, for example a neighbour")),
            ("professional", gettext_lazy("Professional, for example a teacher or a doctor")),
            (ORGANISATION, gettext_lazy("Organisation that is the guardian, for example Nidos")),
        ],
        widget=ChoiceRadios(),
        error_messages={"required": gettext_lazy("Choose who it is.")},
    )
    birth_date = _birth_date()

    def clean(self) -> dict[str, Any]:
        """A child has a birth date, an expected one or an unknown one; nobody is added twice."""
        data: dict[str, Any] = super().clean() or {}
        day, kind = data.get("birth_date"), data.get("kind")
        if kind == "child" and not day and "birth_date" not in self.errors:
            self.add_error("birth_date", _("Fill in the date of birth, or tick that you do not know it."))
        if isinstance(day, date) and kind == UNBORN and day < self.family.on:
            self.add_error("birth_date", _("This day has passed. Is the child born? Then choose “Child”."))
        if isinstance(day, date) and kind and kind != UNBORN and day > self.family.on:
            self.add_error(
                "birth_date", _("This day still has to come. Choose “Child that is not born yet”, or another day.")
            )
        return data

    def values(self) -> Mapping[str, Value]:
        """Name, kind and what is known of the birth."""
        data = self.cleaned_data
        day, kind = data.get("birth_date"), data["kind"]
        known: dict[str, Value] = {"birth_date": day} if isinstance(day, date) else {}
        birth = "expected" if kind == UNBORN else "known" if known else "unknown"
        name = " ".join(str(data["name"]).split())
        return {"name": name, "kind": "child" if kind == UNBORN else kind, "birth": birth, **known}


class ContactForm(FamilyForm):
    """Name, number and language."""

    columns = ("name", "phone", "language")
    title = gettext_lazy("Name and contact")
    done = gettext_lazy("Name and contact were changed.")

    name = _text(gettext_lazy("Name"), required=gettext_lazy("Write a name."), size="lg")
    phone = django_forms.CharField(
        label=gettext_lazy("Telephone number"),
        required=False,
        max_length=40,
        widget=ShortText(size="md", attrs={"inputmode": "tel"}),
        error_messages={"max_length": TOO_LONG},
    )
    language = _text(
        gettext_lazy("Language"), help_text=gettext_lazy("In which language does this person like to talk?")
    )


class BirthForm(FamilyForm):
    """The day of birth."""

    columns = ("birth_date", "birth")
    title = gettext_lazy("Date of birth")
    done = gettext_lazy("The date of birth was changed.")
    NOT_YET: ClassVar[str] = "nog_niet"

    birth_date = _birth_date(required=True)
    expected = django_forms.MultipleChoiceField(
        label=gettext_lazy("Is the child not born yet?"),
        choices=[(NOT_YET, gettext_lazy("Not born yet. The date is when the birth is expected."))],
        required=False,
        widget=ManyChoices(),
    )

    @classmethod
    def initial_of(cls, row: Row) -> dict[str, Any]:
        """The day, and whether it is expected."""
        return {"birth_date": row.day("birth_date"), "expected": [cls.NOT_YET] * (row.text("birth") == "expected")}

    def clean(self) -> dict[str, Any]:
        """A birth lies behind us, an expected one before us."""
        data: dict[str, Any] = super().clean() or {}
        day = data.get("birth_date")
        is_expected = bool(data.get("expected"))
        if isinstance(day, date) and not is_expected and day > self.family.on:
            self.add_error(
                "birth_date", _("This day still has to come. Is the child not born yet? Then tick that below.")
            )
        if isinstance(day, date) and is_expected and day < self.family.on:
            self.add_error("birth_date", _("This day has passed. Is the child born? Then take the tick away."))
        return data

    def values(self) -> Mapping[str, Value]:
        """The day and what is known of it."""
        day = self.cleaned_data.get("birth_date")
        birth = "known" if isinstance(day, date) else "unknown"
        if self.cleaned_data.get("expected"):
            birth = "expected"
        return {"birth_date": day if isinstance(day, date) else UNKNOWN, "birth": birth}


class AddressForm(FamilyForm):
    """Where somebody lives."""

    columns = ("address", "secret_address", "lives_with")
    title = gettext_lazy("Address")
    done = gettext_lazy("The address was changed.")

    address = django_forms.CharField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=300,
        widget=LongText(rows=3),
        help_text=gettext_lazy("Street and number, postcode and town."),
        error_messages={"max_length": TOO_LONG},
    )
    secret_address = django_forms.ChoiceField(
        label=gettext_lazy("Must this address stay secret?"),
        help_text=gettext_lazy("For example after violence. Then only who must know it sees it."),
        choices=[("ja", gettext_lazy("Yes")), ("nee", gettext_lazy("No"))],
        widget=YesNo(),
        error_messages={"required": gettext_lazy("Say whether this address must stay secret.")},
    )
    lives_with = _text(
        gettext_lazy("Lives with"), size="lg", help_text=gettext_lazy("For example: both parents, by turns.")
    )


class SchoolForm(FamilyForm):
    """School."""

    columns = ("school", "attends_school")
    title = gettext_lazy("School")
    done = gettext_lazy("The school was changed.")

    school = _text(gettext_lazy("School or day care"), size="lg", help_text=gettext_lazy("Name and town."))
    attends_school = django_forms.ChoiceField(
        label=gettext_lazy("Does the child go to school?"),
        required=False,
        choices=[
            ("ja", gettext_lazy("Yes")),
            ("deels", gettext_lazy("A part of the time")),
            ("nee", gettext_lazy("No")),
        ],
        widget=ChoiceRadios(),
    )

    @classmethod
    def fits(cls, family: FamilyInCase, row: Row) -> bool:
        """Only children go to school here."""
        return row.text("kind") == "child" and super().fits(family, row)

    def values(self) -> Mapping[str, Value]:
        """The school; whether the child goes there stays as it was when nothing was chosen."""
        return {column: value for column, value in super().values().items() if column == "school" or value}


class RelationForm(FamilyForm):
    """A relation is added."""

    adds = True
    register = "relation"
    title = gettext_lazy("Add a relation")
    done = gettext_lazy("The relation was added.")
    button = gettext_lazy("Add this relation")

    kind = django_forms.ChoiceField(
        label=gettext_lazy("What is this person?"),
        choices=RELATION_CHOICES,
        widget=ChoiceRadios(choices=RELATION_CHOICES),
        error_messages={"required": gettext_lazy("Choose what this person is.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(self.family.people(but=self.row.id if self.row else "").items())
        self.fields["other"] = django_forms.ChoiceField(
            label=_("Of whom?"),
            choices=choices,
            widget=choice_widget(choices),
            error_messages={"required": _("Choose somebody."), "invalid_choice": _("Choose somebody from the list.")},
        )

    def values(self) -> Mapping[str, Value]:
        """Who is what of whom."""
        data = self.cleaned_data
        person = self.row.id if self.row else ""
        return {"person": person, "kind": data["kind"], "other": data["other"], "from": self.family.on}


class AuthorityForm(FamilyForm):
    """Somebody has authority over a child; the child and the kind are known."""

    adds = True
    register = "authority"
    kind: ClassVar[str] = "gezag"
    title = gettext_lazy("Parental authority")
    done = gettext_lazy("The authority was written down.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(self.family.can_have_authority(self.kind).items())
        self.fields = {
            "person": django_forms.ChoiceField(
                label=_("Who has it?"),
                choices=choices,
                widget=choice_widget(choices),
                error_messages={
                    "required": _("Choose somebody."),
                    "invalid_choice": _("Choose somebody from the list."),
                },
            ),
            **_how_known(self.family.on),
        }

    @classmethod
    def fits(cls, family: FamilyInCase, row: Row) -> bool:
        """Authority is over a child."""
        return row.text("kind") == "child"

    def clean(self) -> dict[str, Any]:
        """Nobody has the same authority twice; looking it up lies behind us."""
        data: dict[str, Any] = super().clean() or {}
        self.day_before_today("checked_on")
        person, child = data.get("person", ""), self.row.id if self.row else ""
        if person and self.family.has_authority(child, person):
            self.add_error("person", _("This person has authority over this child already."))
        return data

    def values(self) -> Mapping[str, Value]:
        """Over whom, who, what, and how we know."""
        data = self.cleaned_data
        child = self.row.id if self.row else ""
        known = {"source": data["source"], "checked_on": data["checked_on"]}
        return {"child": child, "person": data["person"], "kind": self.kind, **known}


class GuardianshipForm(AuthorityForm):
    """Somebody has guardianship over a child."""

    kind = "voogdij"
    title = gettext_lazy("Guardianship")
    done = gettext_lazy("The guardianship was written down.")


class CheckForm(FamilyForm):
    """Authority was looked up again."""

    register = "authority"
    about = "authority"
    columns = ("source", "checked_on")
    title = gettext_lazy("Authority looked up again")
    done = gettext_lazy("It was written down that the authority was looked up.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = _how_known(self.family.on)

    @classmethod
    def initial_of(cls, row: Row) -> dict[str, Any]:
        """Where it was looked up last; the day is today."""
        return {"source": row.text("source")}

    def clean(self) -> dict[str, Any]:
        """Looking it up lies behind us."""
        data: dict[str, Any] = super().clean() or {}
        self.day_before_today("checked_on")
        return data


class EndForm(FamilyForm):
    """Something ends: the row stays."""

    columns = ("until",)
    title = gettext_lazy("No longer in this case")
    done = gettext_lazy("It was written down that this person is no longer in the case. Nothing was thrown away.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"] = DateBoxesField(
            label=_("Until and including which day?"),
            initial=self.family.on,
            error_messages={"required": _("Fill in the last day.")},
        )

    @classmethod
    def initial_of(cls, row: Row) -> dict[str, Any]:
        """The last day is today."""
        return {}

    @classmethod
    def fits(cls, family: FamilyInCase, row: Row) -> bool:
        """A professional with an account leaves by ending the involvement."""
        return not row.text("user") and super().fits(family, row)

    def clean(self) -> dict[str, Any]:
        """The last day lies behind us, and not before the first."""
        data: dict[str, Any] = super().clean() or {}
        day = self.day_before_today("until")
        first = self.row.day("from") if self.row else None
        if day is not None and first is not None and day < first:
            self.add_error("until", _("This day lies before the first day."))
        return data


class EndAuthorityForm(EndForm):
    """Authority ends."""

    register = "authority"
    about = "authority"
    title = gettext_lazy("The authority ends")
    done = gettext_lazy("It was written down that the authority has ended.")


class EndRelationForm(EndForm):
    """A relation ends."""

    register = "relation"
    about = "relation"
    title = gettext_lazy("The relation ends")
    done = gettext_lazy("It was written down that the relation has ended.")


CHANGES: Final[Mapping[str, type[FamilyForm]]] = {
    "naam": ContactForm,
    "geboortedatum": BirthForm,
    "adres": AddressForm,
    "school": SchoolForm,
    "relatie": RelationForm,
    "gezag": AuthorityForm,
    "voogdij": GuardianshipForm,
    "uit-beeld": EndForm,
    "gezag-nagekeken": CheckForm,
    "gezag-eindigt": EndAuthorityForm,
    "relatie-eindigt": EndRelationForm,
}
"""Last part of the address of a change to its form."""


def _how_known(today: date) -> dict[str, django_forms.Field]:
    return {
        "source": django_forms.ChoiceField(
            label=_("How do you know?"),
            choices=SOURCE_CHOICES,
            widget=ChoiceRadios(choices=SOURCE_CHOICES),
            error_messages={"required": _("Choose how you know.")},
        ),
        "checked_on": DateBoxesField(
            label=_("On which day did you look it up or hear it?"),
            initial=today,
            error_messages={"required": _("Fill in the day on which you looked it up or heard it.")},
        ),
    }
