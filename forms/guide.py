"""
A guided form: the questions of a step over pages of one subject each, and the page on which answers are checked.

Pages are cut from the specification alone, so that they stay where they are while answers change: at most six
questions in order; rows, consents and a ladder have a page of their own; a question that looks at another starts a
new page, so that it never jumps into a page that somebody is filling in. A page on which nothing is asked is passed
over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

from padwijzer.forms.core.answers import Answers
from padwijzer.forms.core.field_types import Answer, show
from padwijzer.forms.core.schema import FieldSpec, FormSpec, Nature, in_language
from padwijzer.forms.core.visibility import OF_THIS_STEP, looked_at
from padwijzer.forms.raw_answers import columns_of
from padwijzer.forms.rendering import FormContext, Known, Reading

MOST_ON_A_PAGE: Final = 6
ALONE: Final = ("rows", "consent", "ladder")
"""Types of field that are a subject by themselves."""


@dataclass(frozen=True, slots=True)
class Page:
    """
    Some questions of a step.

    Args:
        key: its stable key: that of its first question.
        keys: keys of its questions, in order.
    """

    key: str
    keys: tuple[str, ...]


class PageState(StrEnum):
    """How a page stands; the words of the progress bar."""

    DONE = "done"
    CURRENT = "current"
    NOT_YET = "todo"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Progress:
    """
    Where somebody is. Counted over every page that can be asked here, so that no answer makes the count jump.

    Args:
        number: of this page, from 1; the page on which answers are checked is the last.
        total: number of pages, with that one.
        states: page and how it stands, in order, without that one.
    """

    number: int
    total: int
    states: tuple[tuple[Page, PageState], ...]


def pages(form: FormSpec) -> tuple[Page, ...]:
    """The pages of a step, in order; every question stands on exactly one."""
    found: list[list[str]] = []
    previous: FieldSpec | None = None
    for spec in form.fields:
        starts = previous is None or spec.type in ALONE or previous.type in ALONE
        if starts or _asks_about(form, spec) & set(found[-1]):
            found.append([])
        found[-1].append(spec.key)
        previous = spec
    return tuple(Page(part[0], tuple(part)) for run in found for part in _even(run))


@dataclass(frozen=True, slots=True)
class GuidedForm:
    """
    The pages of a step, given what was filled in so far.

    Args:
        all_pages: every page of the step, in order.
        shown: keys of the questions that are asked.
        open: keys of the questions that hold the step back.
        given: keys of the questions whose page was sent.
        looked_at: key of each page to the questions of this step that decide what is asked on it.
    """

    all_pages: tuple[Page, ...]
    shown: frozenset[str]
    open: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    looked_at: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, form: FormSpec, reading: Reading) -> GuidedForm:
        """The guided form of a step. Args: reading: what `rendering.read` made of the draft."""
        every = pages(form)
        decided_by = {
            page.key: frozenset().union(*(_asks_about(form, it) for it in form.fields if it.key in page.keys))
            for page in every
        }
        return cls(every, frozenset(reading.shown), reading.open, reading.given, decided_by)

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages on which something is asked, each with the questions that are asked."""
        narrowed = (Page(page.key, tuple(key for key in page.keys if key in self.shown)) for page in self.all_pages)
        return tuple(page for page in narrowed if page.keys)

    def page(self, key: str) -> Page | None:
        """The page of that key, when something is asked on it."""
        return next((page for page in self.pages if page.key == key), None)

    def page_of(self, question: str) -> Page | None:
        """The page on which a question is asked."""
        return next((page for page in self.pages if question in page.keys), None)

    def is_done(self, page: Page) -> bool:
        """Whether a page was sent with everything it asks, and nothing on it is wrong."""
        return set(page.keys) <= self.given and not self.open & set(page.keys)

    def resume(self) -> Page | None:
        """The first page that is not done; None when all are, and answers can be checked."""
        return next((page for page in self.pages if not self.is_done(page)), None)

    def after(self, key: str) -> Page | None:
        """
        The page to go to after one that is right.

        Returns:
            The next page; after the last one the first that is not done, because an answer can make a question
            appear on an earlier page; None for the page on which answers are checked.
        """
        place = self._place(key)
        later = (page for page in self.pages if self._place(page.key) > place)
        return next(later, None) or self.resume()

    def before(self, key: str) -> Page | None:
        """The page before one; None at the first."""
        place = self._place(key)
        earlier = [page for page in self.pages if self._place(page.key) < place]
        return earlier[-1] if earlier else None

    def progress(self, key: str = "") -> Progress:
        """Where somebody is. Args: key: of the page; empty for the page on which answers are checked."""
        possible = self._possible()
        keys = [page.key for page in possible]
        number = keys.index(key) + 1 if key in keys else len(keys) + 1
        return Progress(number, len(keys) + 1, tuple((page, self._state(page, key)) for page in possible))

    @property
    def may_be_fewer(self) -> bool:
        """Whether an answer can make a page of the progress superfluous."""
        return any(self.page(page.key) is None for page in self._possible())

    def _possible(self) -> tuple[Page, ...]:
        """The pages on which something is asked, and those on which an answer of this step can make it so."""
        asked = {page.key: page for page in self.pages}
        return tuple(
            asked.get(page.key, page) for page in self.all_pages if page.key in asked or self.looked_at.get(page.key)
        )

    def _state(self, page: Page, current: str) -> PageState:
        if page.key == current:
            return PageState.CURRENT
        if self.page(page.key) is None:
            return PageState.NOT_YET if self._may_come(page, current) else PageState.NOT_NEEDED
        return PageState.DONE if self.is_done(page) else PageState.NOT_YET

    def _may_come(self, page: Page, current: str) -> bool:
        """Whether an unasked page lies ahead, and not everything that decides about it was answered."""
        return self._place(page.key) > self._place(current) and not self.looked_at[page.key] <= self.given

    def _place(self, key: str) -> int:
        return next((place for place, page in enumerate(self.all_pages) if page.key == key), len(self.all_pages))


class LineState(StrEnum):
    """
    Whether a question was answered, with "weet ik niet" or not at all, or is still in the way.

    `KNOWN`: nothing was filled in, and what is known from earlier stays as it is.
    """

    ANSWERED = "answered"
    KNOWN = "known"
    UNKNOWN = "unknown"
    NOT_FILLED = "not_filled"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Line:
    """
    One question on the page where answers are checked.

    Args:
        key: key of the question.
        label: the question.
        lines: its answer as it is shown, line by line; empty when there is none.
        page: key of the page on which it can be changed.
        state: how it was answered.
    """

    key: str
    label: str
    lines: tuple[str, ...] = field(repr=False)
    page: str
    state: LineState


def summary(
    form: FormSpec, reading: Reading, context: FormContext, names: Mapping[str, str] | None = None
) -> tuple[Line, ...]:
    """
    What was filled in, to check before it becomes final: every question that is asked, in order.

    Args:
        form: what is asked.
        reading: what `rendering.read` made of the draft.
        context: what the form must know of its case.
        names: names of persons by id who are not in the context, for example who left the family.
    """
    spec_with_lists = context.filled(form)
    guided = GuidedForm.of(form, reading)
    everybody = {**(names or {}), **context.names()}
    return tuple(
        _line(
            spec,
            reading,
            everybody,
            page.key if (page := guided.page_of(spec.key)) else "",
            context.known.get(spec.key) if spec.nature is Nature.ATTRIBUTE else None,
        )
        for spec in spec_with_lists.fields
        if spec.key in reading.shown
    )


def _line(spec: FieldSpec, reading: Reading, names: Mapping[str, str], page: str, known: Known | None) -> Line:
    answers: Answers = reading.answers
    answer = answers.values.get(spec.key)
    if answer is None and known is not None and spec.key not in reading.open:
        return Line(spec.key, in_language(spec.label), _shown(known.value, spec, names), page, LineState.KNOWN)
    lines = () if answer is None else _shown(answer, spec, names)
    if spec.key in reading.open:
        state = LineState.WRONG
    elif answer is None:
        state = LineState.NOT_FILLED
    else:
        state = LineState.UNKNOWN if answers.says_unknown(spec.key) else LineState.ANSWERED
    return Line(spec.key, in_language(spec.label), lines, page, state)


def _shown(answer: Answer, spec: FieldSpec, names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(show(answer, spec, names).splitlines())


def _asks_about(form: FormSpec, spec: FieldSpec) -> frozenset[str]:
    """The questions of this step that a question looks at: when it is shown, and about whom it is asked."""
    groups = [spec.persons, *(column.persons for column in columns_of(spec))]
    groups += [spec.each.argument("group")] if spec.each else []
    named = {group.removeprefix(prefix) for group in groups for prefix in OF_THIS_STEP if group.startswith(prefix)}
    return looked_at(form, spec.shown_if) | named


def _even(run: list[str]) -> list[list[str]]:
    """A run of questions cut into as few pages as can be, all about as long."""
    parts = -(-len(run) // MOST_ON_A_PAGE)
    cuts = [round(part * len(run) / parts) for part in range(parts + 1)]
    return [run[start:end] for start, end in pairwise(cuts)]
