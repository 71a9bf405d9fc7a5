"""
The questions of a step with everything that was filled in so far: what is asked, what counts, what is wrong.

What was filled in stands in three layers: earlier answers, a draft above them, and above that what was sent now. What
is known of a family is shown beforehand, but counts only when it is confirmed or changed.
"""

from __future__ import annotations

import re
from collections.abc import Collection as Container
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any, Final, NamedTuple

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from padwijzer.forms.core import answers as core_answers
from padwijzer.forms.core.answers import Answers
from padwijzer.forms.core.conditions import (
    AnyOf,
    Collection,
    Compare,
    Condition,
    FactRef,
    Lookup,
    Operator,
    Unknown,
)
from padwijzer.forms.core.field_types import SENTENCES, Answer, Fault, FileAnswer, field_types, options
from padwijzer.forms.core.field_types.rows import KEY
from padwijzer.forms.core.field_types.yes_no import NO, YES
from padwijzer.forms.core.schema import FieldSpec, FormSpec, Nature
from padwijzer.forms.core.visibility import OF_THIS_STEP, visible
from padwijzer.forms.fault_sentences import error_of
from padwijzer.forms.form_context import FormContext, Known
from padwijzer.forms.question_widgets import QuestionWidgets
from padwijzer.forms.raw_answers import Draft, Raw, columns_of, is_empty, raw_of
from padwijzer.forms.row_widgets import KeptRows, PersonRows
from padwijzer.forms.uploads import Checked, UploadRefused, check
from padwijzer.forms.widgets import Answering, Choosing, FileUpload, ManyChoices, Rows, is_confirmed, posted_text

ASKED: Final = "__asked"
"""Hidden field: the questions that stood on the page, so that a new one is asked before it is missed."""
PENDING: Final = "new-upload"
"""Id of a file that was checked and must still be stored; no answer ever leaves with it."""
NOT_OURS: Final = ("csrfmiddlewaretoken",)
MOST_IGNORED: Final = 50
NAME_ENDINGS: Final = (
    r"(?:__(?:day|month|year|time|unknown|confirmed|count|add|remove|remove_[0-9]{1,4})"
    r"|-[0-9]{1,4}(?:__key|-[A-Za-z0-9_]{1,64})|-[A-Za-z0-9_]{1,64}-reason(?:_kinds)?)?"
)
"""What may stand behind the key of a question in a posted name; see `forms.widgets`."""
NOT_CONFIRMED = _("Say whether this is still right, or change it.")


class Prefilled(NamedTuple):
    """What `field.html` shows under an answer that is known from earlier."""

    source: str
    on: date | None
    confirm: bool
    confirmed: bool


class ShownWhen(NamedTuple):
    """For the script: the posted name, and the values (space-separated) that make a question appear."""

    name: str
    values: str


class Upload(NamedTuple):
    """A file that was sent and may be stored. Args: file: its content; checked: what it is."""

    file: UploadedFile
    checked: Checked


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What was sent with a form, judged.

    Args:
        answers: the answers that count and are right, of the whole step.
        faults: key of a question on this page to what is wrong with its answer.
        open: keys of all questions of the step that hold it back.
        shown: keys of all questions that are asked, in order.
        given: keys of the questions whose page was sent, now or before.
        newly_asked: keys on this page that became visible by what was sent; they are asked now.
        ignored: names that were sent and count for nothing: unknown ones and those of hidden questions.
        uploads: key to a new file, to be stored before its answer counts.
        pressed: whether a button inside the form was used: show the page again.
    """

    answers: Answers
    faults: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    shown: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    newly_asked: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    uploads: Mapping[str, Upload] = field(default_factory=dict, repr=False)
    pressed: bool = False

    @property
    def is_right(self) -> bool:
        """Whether this page can be left: nothing wrong, nothing new to ask, no file still to be stored."""
        return not (self.faults or self.newly_asked or self.uploads or self.pressed)

    @property
    def is_complete(self) -> bool:
        """Whether, as far as its form is concerned, the whole step can be completed."""
        return self.is_right and not self.open


class Asking:
    """
    The questions of a step with everything that was filled in so far.

    Args:
        spec: the questions; their lists are filled in.
        context: what they must know of the case.
        keys: the questions of this page.
        initial: answers that were given before in this step.
        draft: raw answers that were kept.
        data: what was sent, None when nothing was.
        files: the files that were sent.
        prefix: what stands before each posted name, with a hyphen.
        own: posted names of the page itself.
    """

    def __init__(
        self,
        spec: FormSpec,
        context: FormContext,
        *,
        keys: tuple[str, ...],
        initial: Mapping[str, Answer],
        draft: Draft,
        data: Mapping[str, Any] | None,
        files: Any,
        prefix: str,
        own: Container[str],
    ) -> None:
        self.spec = spec
        self.context = context
        self.keys = keys
        self.given_before = initial
        self.draft = draft
        self.data = data
        self.files = files
        self.prefix = f"{prefix}-" if prefix else ""
        self.own = own
        self.raw: dict[str, Raw] = {}
        self.widgets: dict[str, Answering] = {}
        self.confirmed: set[str] = set(draft.confirmed)
        self.uploads: dict[str, Upload] = {}
        self.upload_refusals: dict[str, UploadRefused] = {}
        self.pressed = False
        self._unsent: set[str] = set()
        self._read()

    def name(self, key: str) -> str:
        """The name under which a question is posted."""
        return f"{self.prefix}{key}"

    @cached_property
    def sent_asked(self) -> frozenset[str] | None:
        """The questions that stood on the page that was sent; None when it does not say."""
        if self.data is None or self.name(ASKED) not in self.data:
            return None
        return frozenset(posted_text(self.data, self.name(ASKED)).split(" "))

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The keys of all questions that are asked, given what was filled in."""
        return visible(self.spec, self._typed(), self.context.lookup_for)

    def asked_here(self) -> tuple[str, ...]:
        """The questions of this page that are asked."""
        return tuple(key for key in self.keys if key in self.shown)

    def fields(self) -> Iterator[tuple[str, django_forms.Field]]:
        """The Django fields of this page: of the questions that are asked, and those that the script may show."""
        for spec in self.spec.fields:
            toggle = self._toggle(spec) if spec.key in self.keys else None
            if spec.key in self.keys and (spec.key in self.shown or toggle):
                yield spec.key, self._field(spec, toggle)

    def shown_raw(self, key: str) -> Raw:
        """What stands in the boxes of a question: what was filled in, or what is known or usual."""
        spec = self._spec(key)
        raw = self.raw.get(key)
        if key not in self.raw:
            raw = self._beforehand(spec)
        if _is_pending(raw):
            return None
        widget = self.widgets[key]
        if isinstance(widget, KeptRows) and widget.carried:
            rows = _rows_in(raw)
            there = {row.get(KEY) for row in rows}
            return rows + [row for row in self._staying(spec) if row[KEY] not in there]
        return raw

    def judged(self) -> Reading:
        """What was filled in, judged by `forms.core`."""
        counted = {key: raw for spec in self.spec.fields if (raw := self._counting(key := spec.key)) is not None}
        checked = core_answers.validate(self.spec, counted, self.context.lookup_for)
        refusals = {key: (Fault("not_a_file"),) for key in self.upload_refusals if key in checked.shown}
        faults = {**checked.faults, **refusals}
        here = [key for key in self.keys if key in checked.shown]
        sent = self.sent_asked
        newly = tuple(key for key in here if sent is not None and key not in sent and self._is_untouched(key))
        uploads = {key: upload for key, upload in self.uploads.items() if key in checked.shown and key not in faults}
        answers = {key: value for key, value in checked.answers.values.items() if key not in {*uploads, *refusals}}
        return Reading(
            answers=Answers(answers),
            faults={key: faults[key] for key in here if key in faults and key not in newly},
            open=frozenset(faults),
            shown=checked.shown,
            given=frozenset(self.raw),
            newly_asked=newly,
            ignored=self._ignored(checked.shown),
            uploads=uploads,
            pressed=self.pressed,
        )

    def errors(self, key: str, faults: tuple[Fault, ...]) -> Iterator[ValidationError]:
        """The faults of one question, in words and with their place."""
        spec, raw = self._spec(key), self.raw.get(key)
        for fault in faults:
            instead = ""
            if key in self.upload_refusals and fault.code == "not_a_file":
                instead = str(self.upload_refusals[key].sentence)
            elif fault.code == "missing" and self._known(spec) and not is_empty(raw):
                instead = str(NOT_CONFIRMED)
            yield error_of(spec, fault, raw, self.widgets[key], instead)

    def to_draft(self) -> Draft:
        """Everything that was filled in; of a new file that is not stored, nothing."""
        values = {key: raw for key, raw in self.raw.items() if not _is_pending(raw)}
        return Draft(values, frozenset(self.confirmed))

    def keep_files(self, stored: Mapping[str, FileAnswer]) -> None:
        """Makes answers of new files that were stored."""
        for key in self.uploads.keys() & stored.keys():
            self.raw[key] = stored[key]
            del self.uploads[key]

    def _read(self) -> None:
        late = [spec for spec in self.spec.fields if _looks_at_this_step(spec)]
        for spec in self.spec.fields:
            if spec not in late:
                self._read_one(spec, None)
        if late:
            lookup = self._lookup()
            for spec in late:
                self._read_one(spec, lookup)

    def _read_one(self, spec: FieldSpec, lookup: Lookup | None) -> None:
        key = spec.key
        kept: Raw = None
        if key in self.draft.values:
            kept = self.draft.values[key]
        elif key in self.given_before:
            kept = raw_of(self.given_before[key], spec)
        known = self._known(spec)
        before = [row for source in (kept, known and raw_of(known.value, spec)) for row in _rows_in(source)]
        widgets = QuestionWidgets(self.context, lookup or self._bare_lookup)
        self.widgets[key] = widgets.make(spec, carried=self._staying(spec), before=before)
        is_kept = key in self.draft.values or key in self.given_before
        if self.data is None or key not in self.keys or not self._was_sent(key):
            if is_kept:
                self.raw[key] = kept
            return
        self.raw[key] = self._sent(key, kept)
        if is_confirmed(self.data, self.name(key)) and self._known(spec):
            self.confirmed.add(key)
        else:
            self.confirmed.discard(key)

    def _was_sent(self, key: str) -> bool:
        """Whether a question stood on the page that was sent, or was sent all the same."""
        data = self.data or {}
        if self.sent_asked is None or key in self.sent_asked:
            return True
        widget, name = self.widgets[key], self.name(key)
        return name in data or not (
            isinstance(widget, ManyChoices) or widget.value_omitted_from_data(data, self.files, name)
        )

    def _sent(self, key: str, kept: Raw) -> Raw:
        data, name, widget = self.data or {}, self.name(key), self.widgets[key]
        if isinstance(widget, Rows) and widget.pressed(data, name):
            self.pressed = True
        raw: Raw = widget.value_from_datadict(data, self.files, name)
        if not isinstance(widget, FileUpload) or isinstance(raw, str):
            return raw
        if isinstance(raw, UploadedFile):
            try:
                checked = check(raw, raw.name)
            except UploadRefused as refusal:
                self.upload_refusals[key] = refusal
                return kept
            self.uploads[key] = Upload(raw, checked)
            return FileAnswer(PENDING, checked.name)
        return None if widget.is_removed(data, name) else kept

    @cached_property
    def _bare_lookup(self) -> Lookup:
        return self.context.lookup_for({})

    def _lookup(self) -> Lookup:
        typed = self._typed()
        shown = visible(self.spec, typed, self.context.lookup_for)
        return self.context.lookup_for({key: value for key, value in typed.items() if key in shown})

    def _typed(self) -> dict[str, Answer]:
        typed: dict[str, Answer] = {}
        for spec in self.spec.fields:
            raw = self._counting(spec.key)
            value = None if raw is None else _parsed(raw, spec)
            if value is not None:
                typed[spec.key] = value
        return typed

    def _counting(self, key: str) -> Raw:
        """The raw answer that counts: a known one only when it was confirmed or changed."""
        raw = self.raw.get(key)
        spec = self._spec(key)
        known = self._known(spec)
        if known is None or key not in self.raw:
            return raw
        if key in self.confirmed:
            return raw_of(known.value, spec) if is_empty(raw) else raw
        return None if _parsed(raw, spec) == known.value else raw

    def _is_untouched(self, key: str) -> bool:
        """Whether nothing was filled in but what stood there beforehand."""
        spec = self._spec(key)
        raw = self.raw.get(key)
        if spec.each is not None and isinstance(raw, list):
            person = columns_of(spec)[0].key
            raw = [{cell: value for cell, value in row.items() if cell != person} for row in raw]
        return key not in self.confirmed and (is_empty(raw) or raw == self._beforehand(spec))

    def _known(self, spec: FieldSpec) -> Known | None:
        if spec.nature is not Nature.ATTRIBUTE or spec.key in self.given_before:
            return None
        return self.context.known.get(spec.key)

    def _beforehand(self, spec: FieldSpec) -> Raw:
        known = self._known(spec)
        if known is not None:
            return raw_of(known.value, spec)
        if spec.carried:
            return self._carried(spec)
        return self.context.today.isoformat() if spec.type == "date" and spec.default == "today" else None

    def _staying(self, spec: FieldSpec) -> list[dict[str, Any]]:
        """The rows that cannot be taken away here: carried ones, and known ones that are kept elsewhere."""
        if spec.carried:
            return self._carried(spec)
        known = self._known(spec)
        rows = _rows_in(raw_of(known.value, spec)) if known is not None and known.stays else []
        return [dict(row) for row in rows if KEY in row]

    def _carried(self, spec: FieldSpec) -> list[dict[str, Any]]:
        columns = {column.key: column for column in columns_of(spec)}
        return [
            {
                **{
                    key: raw_of(value, columns[key])
                    for key, value in row.items()
                    if key in columns and not isinstance(value, Unknown)
                },
                KEY: str(row["id"]),
            }
            for row in self._bare_lookup.rows(Collection(field=spec.carried, round="latest"))
            if row.get("id")
        ]

    def _spec(self, key: str) -> FieldSpec:
        spec = self.spec.field(key)
        if spec is None:
            message = f"This form has no question {key}."
            raise KeyError(message)
        return spec

    def _field(self, spec: FieldSpec, toggle: ShownWhen | None) -> django_forms.Field:
        widget = self.widgets[spec.key]
        field_class = import_string(field_types()[spec.type].field_class)
        choices = {"choices": widget.choices} if isinstance(widget, Choosing) else {}
        bare: Any = field_class(
            label=self.context.words(spec.label),
            help_text=self.context.words(spec.help),
            required=spec.required,
            widget=widget,
            **choices,
        )
        self.widgets[spec.key] = bare.widget  # Django made a copy, and that copy must learn what is wrong
        bare.shown_when = toggle
        bare.starts_hidden = spec.key not in self.shown
        known = self._known(spec)
        raw = self.raw.get(spec.key)
        if known is not None and (spec.key not in self.raw or _parsed(raw, spec) == known.value):
            bare.prefilled = Prefilled(known.source, known.on, confirm=True, confirmed=spec.key in self.confirmed)
        if isinstance(widget, PersonRows) and not widget.people:
            bare.condition_text = gettext(SENTENCES["nobody"])
        return bare

    def _toggle(self, spec: FieldSpec) -> ShownWhen | None:
        if spec.shown_if is None:
            return None
        simple = _simple(self.spec, spec.shown_if)
        if simple is None or simple[0] not in self.keys or not simple[1]:
            return None
        return ShownWhen(self.name(simple[0]), " ".join(simple[1]))

    def _ignored(self, shown: tuple[str, ...]) -> tuple[str, ...]:
        hidden = {key for key in self.keys if self.data and key not in shown and not is_empty(self.raw.get(key))}
        names = (name for source in (self.data, self.files) for name in source or () if not self._is_ours(name))
        unknown = {re.sub(r"[^A-Za-z0-9_.-]", "?", str(name)[:64]) for name in islice(names, MOST_IGNORED)}
        return tuple(sorted(hidden | unknown)[:MOST_IGNORED])

    def _is_ours(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        own = name in NOT_OURS or name in self.own or name == self.name(ASKED)
        return own or self._names.fullmatch(name) is not None

    @cached_property
    def _names(self) -> re.Pattern[str]:
        """Every name that a question of this page can post."""
        keys = "|".join(sorted(map(re.escape, self.keys), key=len, reverse=True)) or "(?!)"
        return re.compile(f"{re.escape(self.prefix)}(?:{keys}){NAME_ENDINGS}")


def _rows_in(raw: Raw) -> list[Mapping[str, Raw]]:
    return [row for row in raw if isinstance(row, Mapping)] if isinstance(raw, list | tuple) else []


def _is_pending(raw: Raw) -> bool:
    return isinstance(raw, FileAnswer) and raw.id == PENDING


def _parsed(raw: Raw, spec: FieldSpec) -> Answer | None:
    return core_answers.read(FormSpec((spec,)), {spec.key: raw})[0].values.get(spec.key)


def _looks_at_this_step(spec: FieldSpec) -> bool:
    groups = [spec.persons, *(column.persons for column in columns_of(spec))]
    groups += [spec.each.argument("group")] if spec.each else []
    return any(group.startswith(OF_THIS_STEP) for group in groups)


def _simple(form: FormSpec, condition: Condition) -> tuple[str, tuple[str, ...]] | None:
    """The one question that a condition looks at, and the choices that make it true; None when it asks more."""
    match condition:
        case Compare(FactRef("answer") as fact, operator, value) if fact.argument("round", "this") == "this":
            spec = form.field(fact.argument("field"))
            if spec is None or spec.type not in ("choice", "yes_no"):
                return None
            keys = tuple(choice.key for choice in options(spec)) if spec.type == "choice" else (YES, NO)
            named = value if isinstance(value, tuple) else (value,)
            if operator in (Operator.IS, Operator.IN):
                return spec.key, tuple(key for key in keys if key in named)
            if operator in (Operator.IS_NOT, Operator.NOT_IN) and all(isinstance(one, str) for one in named):
                return spec.key, tuple(key for key in keys if key not in named)
            return None
        case AnyOf(parts):
            found = [_simple(form, part) for part in parts]
            keys_of = {one[0] for one in found if one is not None}
            if None in found or len(keys_of) != 1:
                return None
            values = dict.fromkeys(value for one in found if one is not None for value in one[1])
            return keys_of.pop(), tuple(values)
        case _:
            return None
