"""The desk at which somebody works on one step: what he filled in so far, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from padwijzer.cms.work.doors import acting_of
from padwijzer.forms.core.field_types import FileAnswer
from padwijzer.forms.guide import GuidedForm, Line, Page, summary
from padwijzer.forms.raw_answers import raw_of, storable
from padwijzer.forms.rendering import Reading, StepForm, build_form, posted
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.save_draft import save_draft
from padwijzer.workflows.actions.upload_document import remove_document, upload_document
from padwijzer.workflows.core.errors import NotAllowed
from padwijzer.workflows.models import Draft
from padwijzer.workflows.queries.steps import StepInCase

LATER: Final = "later"
"""Name of the button "save and continue later"."""
PAGE: Final = "__page"
"""Name of the hidden field that says which page of the step was sent."""
ALONE: Final = "alone"
"""Name of the button that saves one answer as final; its value is the key of the question."""
SHOW_FAULTS: Final = "nakijken"
"""In an address: show what is not right yet of a page that was kept before."""


class Desk:
    """
    What somebody filled in for a step, and where he is in it.

    Args:
        step: the step.
    """

    def __init__(self, step: StepInCase) -> None:
        self.step = step
        self.spec = step.context.filled(step.activity.form)

    @cached_property
    def reading(self) -> Reading:
        """Everything that was kept so far, judged."""
        return self._form((), None, None).reading

    @cached_property
    def guided(self) -> GuidedForm:
        """The pages of the step."""
        return GuidedForm.of(self.spec, self.reading)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every question that is asked, with what was answered."""
        return summary(self.spec, self.reading, self.step.context)

    # Where

    def page(self, number: int) -> Page | None:
        """The page of that number, with all its questions; None when the step has no such page."""
        found = self.guided.all_pages
        return found[number - 1] if 1 <= number <= len(found) else None

    def is_asked(self, page: Page) -> bool:
        """Whether something is asked on a page, given the answers so far."""
        return self.guided.page(page.key) is not None

    def url(self, page: Page | None, *, faults: bool = False) -> str:
        """The address of a page; of the page on which answers are checked for None."""
        task = self.step.task.pk
        if page is None:
            return reverse("padwijzer:step_check", args=[task])
        number = [it.key for it in self.guided.all_pages].index(page.key) + 1
        return reverse("padwijzer:step", args=[task, number]) + (f"?{SHOW_FAULTS}=1" if faults else "")

    def resume(self) -> Page | None:
        """Where to go on: the page where he was, when it is not done; else the first page that is not."""
        draft = self.step.draft
        kept = self.guided.page(draft.page) if draft is not None and draft.page else None
        return kept if kept is not None and not self.guided.is_done(kept) else self.guided.resume()

    # One page

    def form(self, page: Page, *, data: Any = None, files: Any = None) -> StepForm:
        """The form of a page. Args: data: what was sent, None to show it; files: the files that were sent."""
        return self._form(page.keys, data, files)

    def _form(self, keys: tuple[str, ...], data: Any, files: Any) -> StepForm:
        return build_form(
            self.spec,
            context=self.step.context,
            only=keys,
            initial=self.step.given,
            draft=self.step.drafted,
            data=data,
            files=files,
            own=(LATER, PAGE, ALONE, "form_key"),
        )

    def judged_form(self, page: Page) -> StepForm:
        """The form of a page with the faults of what was kept before beside its questions."""
        form = self.form(page)
        form.is_bound = True  # what was kept is judged as if it were sent now; `forms.core` judges, not Django
        return form

    def keep(self, request: HttpRequest, page: Page, form: StepForm, *, at: str = "") -> Draft:
        """
        Keep what was sent with a page, right or wrong: its files and its draft.

        Args:
            request: the request.
            page: the page.
            form: of `form`, with what was sent.
            at: key of the page where to go on; default this one.

        Raises:
            Conflict: somebody else did the step meanwhile; it is kept all the same.
        """
        acting = acting_of(request)
        task = self.step.task.pk
        before = self._files(self.step.drafted)
        stored = {}
        for key, upload in form.reading.uploads.items():
            document = upload_document(acting, task, key, upload.file, upload.checked.name)
            stored[key] = FileAnswer(str(document.pk), document.name)
        if stored:
            form.keep_files(stored)
        values = posted(form)
        draft = save_draft(acting, task, values, page=at or page.key)
        for gone in before - self._files(values):
            self._remove(acting, gone)
        return draft

    def _files(self, draft: Mapping[str, object]) -> set[str]:
        """Ids of the files in a draft."""
        values = draft.get("values")
        kept = values if isinstance(values, Mapping) else {}
        files = (kept.get(it.key) for it in self.spec.fields if it.type == "file")
        return {str(it["id"]) for it in files if isinstance(it, Mapping) and it.get("id")}

    def _remove(self, acting: Acting, document: str) -> None:
        with suppress(NotAllowed, ValueError):  # a file of an earlier step stays what it is
            remove_document(acting, self.step.task.pk, UUID(document))

    # All of it

    def answers(self) -> dict[str, object]:
        """The right answers to everything that is asked, for `complete_task`."""
        given = self.reading.answers.values
        return {it.key: storable(raw_of(given[it.key], it)) for it in self.spec.fields if it.key in given}

    def first_wrong(self) -> Page | None:
        """The first page with an answer that is missing or wrong; None when there is none."""
        return next((it for it in self.guided.pages if self.reading.open & set(it.keys)), None)
