"""
A form specification to a Django form, and what was sent with it to answers.

The Django form asks and shows; it judges nothing. What was sent goes, raw, to `forms.core.answers`, and its faults
come back as sentences beside the question, the row or the cell: the same rules hold for the browser, a script and the
API. A hidden question is not asked, not required and not kept.

Without a script, a question that an answer on the same page makes visible is asked on a second pass: the page comes
back with it. With the script it appears at once. In a guided form (`forms.guide`) it comes on a page of its own.
"""

from __future__ import annotations

from collections.abc import Collection as Container
from collections.abc import Mapping
from typing import Any

from django import forms as django_forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates

from padwijzer.forms.asking import ASKED, Asking, Reading, Upload
from padwijzer.forms.core.field_types import Answer, FileAnswer
from padwijzer.forms.core.schema import FormSpec
from padwijzer.forms.form_context import FormContext, Known, Person
from padwijzer.forms.raw_answers import Draft

__all__ = [
    "FormContext",
    "Known",
    "PadwijzerRenderer",
    "Person",
    "Reading",
    "StepForm",
    "Upload",
    "build_form",
    "posted",
    "read",
]


class PadwijzerRenderer(DjangoTemplates):
    """Renders forms with the templates of `padwijzer_forms`; given to each form, so a host's own setting stays."""

    form_template_name = "padwijzer_forms/form.html"
    field_template_name = "padwijzer_forms/field.html"


class RawBoundField(BoundField):
    """A bound field that shows the raw answer of its question."""

    def value(self) -> Any:
        """What stands in the boxes; for the list of what is asked, what this page asks and not what was sent."""
        form = self.form
        return form.shown_raw(self.name) if isinstance(form, StepForm) else super().value()

    @property
    def said_below(self) -> tuple[str, ...]:
        """Those of its errors that stand beside a cell of their row already; above the rows they are not repeated."""
        cells = getattr(self.field.widget, "cell_errors", {})
        places = ((error, error.params or {}) for error in self.errors.as_data())
        return tuple(
            words for error, at in places if (at.get("row"), at.get("column")) in cells for words in error.messages
        )


class StepForm(django_forms.Form):
    """
    The questions of one page of a step. Made by `build_form`.

    Its errors are the faults of `forms.core`, in words; `read` gives the answers.
    """

    default_renderer = PadwijzerRenderer
    bound_field_class = RawBoundField

    def __init__(self, asking: Asking, *, data: Mapping[str, Any] | None, files: Any, prefix: str) -> None:
        self.asking = asking
        self.spec = asking.spec
        self._reading: Reading | None = None
        super().__init__(data, files, prefix=prefix or None, renderer=PadwijzerRenderer())
        for key, bare in asking.fields():
            self.fields[key] = bare
        if any(spec.shown_if for spec in self.spec.fields):
            self.fields[ASKED] = django_forms.CharField(required=False, widget=django_forms.HiddenInput())

    def shown_raw(self, key: str) -> Any:
        """What stands in the boxes of a question."""
        return " ".join(self.asking.asked_here()) if key == ASKED else self.asking.shown_raw(key)

    @property
    def reading(self) -> Reading:
        """What was sent, judged; of a page that was not sent, the draft."""
        if self._reading is None:
            self._reading = self.asking.judged()
        return self._reading

    def keep_files(self, stored: Mapping[str, FileAnswer]) -> None:
        """
        New files of `reading.uploads` are stored: from now on they are answers.

        Args:
            stored: key of a question to its stored file.
        """
        self.asking.keep_files(stored)
        self._reading = None

    @property
    def pressed(self) -> bool:
        """Whether the page was sent by a button of a question, such as "add a row"."""
        return self.asking.pressed

    def clean(self) -> dict[str, Any]:
        """The faults, as errors beside their question."""
        reading = self.reading
        for key in reading.faults if not reading.pressed else ():
            for error in self.asking.errors(key, reading.faults[key]):
                self.add_error(key if key in self.fields else None, error)
        return {}

    def _clean_fields(self) -> None:
        """Nothing: `forms.core` judges, so that the same rules hold for every way in."""

    def __repr__(self) -> str:
        return f"<StepForm of {len(self.fields)} fields>"


def build_form(
    form: FormSpec,
    *,
    context: FormContext,
    only: tuple[str, ...] = (),
    initial: Mapping[str, Answer] | None = None,
    draft: Mapping[str, object] | None = None,
    data: Mapping[str, Any] | None = None,
    files: Any = None,
    prefix: str = "",
    own: Container[str] = (),
) -> StepForm:
    """
    The Django form of a step, or of one page of it.

    Args:
        form: what is asked.
        context: what the questions must know of the case.
        only: keys of the questions of this page; empty for all.
        initial: answers that were given before in this step.
        draft: what `posted` gave before; it goes above `initial`.
        data: what was posted, for example `request.POST`; None shows the page.
        files: the files that were posted.
        prefix: what stands before each posted name, where a page has more than one form.
        own: names that the page itself posts, such as its buttons.

    Returns:
        The form. Its errors are sentences with their place; `read` gives the answers.

    Raises:
        ValueError: for a form that could not have been published.
        KeyError: when a list of choices does not exist.
    """
    spec = context.filled(form)
    keys = tuple(key for one in spec.fields if (key := one.key) in only or not only)
    asking = Asking(
        spec,
        context,
        keys=keys,
        initial=initial or {},
        draft=Draft.of(spec, draft),
        data=data,
        files=files,
        prefix=prefix,
        own=own,
    )
    return StepForm(asking, data=data, files=files if data is not None else None, prefix=prefix)


def read(form: StepForm) -> Reading:
    """What was sent with a form; of a form that was not sent, what its draft and earlier answers come to."""
    return form.reading


def posted(form: StepForm) -> dict[str, object]:
    """
    Everything that was filled in so far, right or wrong, as JSON for a draft.

    What its earlier draft had on other pages is kept. A new file is kept once `StepForm.keep_files` was told of it.
    """
    return form.asking.to_draft().to_json()
