"""The widget that asks a question, by the name that its field type gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from django.utils.translation import gettext_lazy as _

from padwijzer.forms.core.conditions import Lookup
from padwijzer.forms.core.field_types import NONE_FITS, Question, field_types, options
from padwijzer.forms.core.field_types.ladder import REASON_KINDS
from padwijzer.forms.core.field_types.rows import KEY, MOST
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.forms.form_context import FormContext
from padwijzer.forms.raw_answers import Raw, columns_of
from padwijzer.forms.row_widgets import KeptRows, Ladder, PersonRows
from padwijzer.forms.uploads import ACCEPT
from padwijzer.forms.widgets import (
    Answering,
    DateBoxes,
    FileUpload,
    LongText,
    ManyChoices,
    MomentBoxes,
    NumberBox,
    RowColumn,
    Rows,
    ShortText,
    YesNo,
    choice_widget,
)

Row: TypeAlias = Mapping[str, Raw]
UPLOAD_LIMITS: Final = _("A PDF, a photo, a Word or ODT document or a plain text, at most 20 MB.")


class QuestionWidgets:
    """
    Makes the widgets of a form.

    Args:
        context: labels and persons.
        lookup: who is in a group, given the answers so far.
    """

    def __init__(self, context: FormContext, lookup: Lookup) -> None:
        self.context = context
        self.lookup = lookup

    def make(self, question: Question, *, carried: Sequence[Row] = (), before: Sequence[Row] = ()) -> Answering:
        """
        The widget of a question, by the name that its field type gives.

        Args:
            question: a field or a column.
            carried: for rows: rows of an earlier step, which stay.
            before: for rows: other rows that were filled in before, and may keep their identity.

        Raises:
            LookupError: when there is no widget of that name.
        """
        unknown = isinstance(question, FieldSpec) and question.may_be_unknown
        match field_types()[question.type].widget:
            case "ShortText":
                return ShortText(unknown=unknown)
            case "LongText":
                return LongText(unknown=unknown)
            case "NumberBox":
                return NumberBox(decimal=True, unknown=unknown)
            case "YesNo":
                return YesNo(unknown=unknown)
            case "DateBoxes":
                return DateBoxes(unknown=unknown)
            case "MomentBoxes":
                return MomentBoxes(unknown=unknown)
            case "FileUpload":
                return FileUpload(accept=ACCEPT, limits=str(UPLOAD_LIMITS), unknown=unknown)
            case "choice_widget":
                choices, details = self._options(question)
                return choice_widget(choices, unknown=unknown, details=details)
            case "ManyChoices":
                choices, details = self._options(question)
                return ManyChoices(choices=choices, unknown=unknown, details=details)
            case "Ladder":
                return self._ladder(question, unknown=unknown)
            case "Rows" if isinstance(question, FieldSpec):
                return self._rows(question, carried, before, unknown=unknown)
            case name:
                message = f"No widget is known by the name {name} of the field type {question.type}."
                raise LookupError(message)

    def _options(self, question: Question) -> tuple[list[tuple[str, str]], dict[str, str]]:
        if question.type in ("person", "persons"):
            people = self.context.people(question.persons, self.lookup)
            return [(person.id, person.name) for person in people], {
                person.id: person.details for person in people if person.details
            }
        return [(choice.key, self.context.words(choice.label)) for choice in options(question)], {}

    def _ladder(self, question: Question, *, unknown: bool) -> Ladder:
        labels = {choice.key: self.context.words(choice.label) for choice in options(question)}
        none_fits = (NONE_FITS, labels[NONE_FITS]) if NONE_FITS in labels else None
        return Ladder(
            [(key, label) for key, label in labels.items() if key != NONE_FITS],
            reason_kinds=[(kind.key, self.context.words(kind.label)) for kind in REASON_KINDS],
            none_fits=none_fits,
            unknown=unknown,
        )

    def _rows(self, spec: FieldSpec, carried: Sequence[Row], before: Sequence[Row], *, unknown: bool) -> Rows:
        columns = [
            RowColumn(column.key, self.context.words(column.label), self.make(column), required=column.required)
            for column in columns_of(spec)
        ]
        rows = [*carried, *before]
        if spec.each is None:
            return KeptRows(
                columns,
                known=frozenset(str(row[KEY]) for row in rows if KEY in row),
                carried=frozenset(str(row[KEY]) for row in carried),
                most=MOST,
                unknown=unknown,
            )
        members = self.lookup.fact(spec.each)
        group = self.context.of(members if isinstance(members, frozenset) else frozenset())
        person = columns[0].key
        return PersonRows(
            columns[1:],
            people=[(one.id, f"{one.name} ({one.details})" if one.details else one.name) for one in group],
            person_column=person,
            row_ids={str(row[person]): str(row[KEY]) for row in reversed(rows) if KEY in row and person in row},
            unknown=unknown,
        )
