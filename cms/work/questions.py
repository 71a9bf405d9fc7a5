"""
Pages: a new question. Whose it is, whether the family is known already, and the question itself.

Everything travels in posted forms, never in an address or a session: until the case is opened nothing is kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Final

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from padwijzer.cms.templatetags.padwijzer import error_links
from padwijzer.cms.work.doors import acting_of, door, form_key, page
from padwijzer.cms.work.wording import initials
from padwijzer.forms.core.conditions import Value
from padwijzer.forms.core.schema import in_language
from padwijzer.forms.date_fields import DateBoxesField
from padwijzer.forms.raw_answers import LONGEST_KEPT
from padwijzer.forms.rendering import PadwijzerRenderer, StepForm, build_form, posted, read
from padwijzer.forms.widgets import DateBoxes, ManyChoices, ShortText, choice_widget
from padwijzer.workflows.actions.open_case import NewPerson, Opening, open_case
from padwijzer.workflows.actions.record_look import record_look
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.errors import Blocked, DeviationNeeded, InvalidAnswers
from padwijzer.workflows.history.receipts import receipt
from padwijzer.workflows.queries import questions as reading

CHILD: Final = "kind"
PARENTS: Final = "ouders"
QUESTION: Final = "vraag"
"""What stands before the posted names of the three forms."""
STAGE: Final = "stap"
"""
Hidden field: what was handed in. `kind` looks for a known family, `ander` says that it is another one, `terug` goes
back to the child, `vraag` opens the case.
"""
MOST_CARRIED: Final = 200
LONGEST_NAME: Final = 120


class ChildForm(django_forms.Form):
    """
    Whose question it is.

    Args:
        today: the day in Europe/Amsterdam.
        organisations: for which a case can be opened; asked only when there are more.
    """

    default_renderer = PadwijzerRenderer
    prefix = CHILD
    NOT_YET: ClassVar[str] = "nog_niet"

    name = django_forms.CharField(
        label=gettext_lazy("Name of the child"),
        help_text=gettext_lazy("First and last name. Has the child no name yet? Write: baby, and the last name."),
        max_length=LONGEST_NAME,
        widget=ShortText(size="lg"),
        error_messages={
            "required": gettext_lazy("Write the name of the child."),
            "max_length": gettext_lazy("This name is too long. Write at most %(limit_value)d characters."),
        },
    )
    birth_date = DateBoxesField(
        label=gettext_lazy("Date of birth"),
        help_text=gettext_lazy("For example: 2 4 2017"),
        widget=DateBoxes(unknown=True),
        error_messages={"required": gettext_lazy("Fill in the date of birth, or tick that you do not know it.")},
    )
    expected = django_forms.MultipleChoiceField(
        label=gettext_lazy("Is the child not born yet?"),
        choices=[(NOT_YET, gettext_lazy("Not born yet. The date is when the birth is expected."))],
        required=False,
        widget=ManyChoices(),
    )

    def __init__(self, *args: Any, today: date, organisations: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.organisations = organisations
        if len(organisations) > 1:
            choices = [(str(it.pk), it.name) for it in organisations]
            self.fields["organisation"] = django_forms.ChoiceField(
                label=_("For which organisation?"),
                choices=choices,
                widget=choice_widget(choices),
                error_messages={"required": _("Choose the organisation.")},
            )

    def clean_name(self) -> str:
        """The name with single spaces; one letter is no name."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if len(name) < 2:
            raise django_forms.ValidationError(_("Write the whole name."))
        return name

    def clean(self) -> dict[str, Any]:
        """A birth lies behind us, an expected one before us."""
        data: dict[str, Any] = super().clean() or {}
        born = data.get("birth_date")
        if isinstance(born, date) and not self.is_expected and born > self.today:
            self.add_error(
                "birth_date", _("This day still has to come. Is the child not born yet? Then tick that below.")
            )
        if isinstance(born, date) and self.is_expected and born < self.today:
            self.add_error("birth_date", _("This day has passed. Is the child born? Then take the tick away."))
        return data

    @property
    def is_expected(self) -> bool:
        """Whether the child must still be born."""
        return self.NOT_YET in (self.cleaned_data.get("expected") or ())

    @property
    def born(self) -> date | None:
        """The day of birth, when it is known."""
        day = self.cleaned_data.get("birth_date")
        return day if isinstance(day, date) and not self.is_expected else None

    @property
    def organisation(self) -> Any:
        """Whose case it will be."""
        chosen = self.cleaned_data.get("organisation")
        return next((it for it in self.organisations if str(it.pk) == chosen), self.organisations[0])

    def columns(self) -> dict[str, Value]:
        """The child for the register of persons."""
        day = self.cleaned_data.get("birth_date")
        known: dict[str, Value] = {"birth_date": day} if isinstance(day, date) else {}
        birth = "expected" if self.is_expected else "known" if known else "unknown"
        return {"name": self.cleaned_data["name"], "kind": "child", "birth": birth, **known}

    def words(self) -> str:
        """The child in one line."""
        day = self.cleaned_data.get("birth_date")
        if not isinstance(day, date):
            when = _("not born yet") if self.is_expected else _("date of birth not known")
        else:
            when = (_("expected on %(day)s") if self.is_expected else _("born on %(day)s")) % {
                "day": formats.date_format(day, "j F Y")
            }
        return f"{self.cleaned_data['name']}, {when}"


class ParentsForm(django_forms.Form):
    """The parents, as far as they are known now."""

    default_renderer = PadwijzerRenderer
    prefix = PARENTS
    one = django_forms.CharField(
        label=gettext_lazy("Name of a parent"),
        help_text=gettext_lazy("You can add the parents later too, on the family page."),
        required=False,
        max_length=LONGEST_NAME,
        widget=ShortText(size="lg"),
    )
    other = django_forms.CharField(
        label=gettext_lazy("Name of the other parent"),
        required=False,
        max_length=LONGEST_NAME,
        widget=ShortText(size="lg"),
    )

    def names(self) -> list[str]:
        """The names that were filled in."""
        typed = (" ".join(str(self.cleaned_data.get(key) or "").split()) for key in ("one", "other"))
        return [name for name in typed if name]


@dataclass
class _Intake:
    """One request about a new question. Args: request: it; first: with what a case begins; organisations: whose."""

    request: HttpRequest
    first: reading.FirstStep
    organisations: tuple[Any, ...]
    stage: str = ""
    refusals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.acting = acting_of(self.request)
        self.stage = str(self.request.POST.get(STAGE, ""))

    # What was handed in

    @cached_property
    def key(self) -> str:
        """The idempotency key of the form that opens the case: the one that was posted, or a new one."""
        try:
            return str(uuid.UUID(str(self.request.POST.get("form_key", ""))))
        except ValueError:
            return form_key()

    @cached_property
    def child(self) -> ChildForm:
        """The form about the child."""
        data = self.request.POST if self.stage else None
        return ChildForm(data, today=self.acting.today, organisations=self.organisations)

    @cached_property
    def asks_here(self) -> bool:
        """Whether the first step can be answered before there is a case: a file has nowhere to go yet."""
        return bool(self.first.activity.fields) and all(it.type != "file" for it in self.first.activity.fields)

    @property
    def asks_parents(self) -> bool:
        """Whether the page with the question was posted."""
        return self.stage == QUESTION

    @cached_property
    def parents(self) -> ParentsForm:
        """The form about the parents; when the page was not handed in, it shows what was typed before."""
        if self.asks_parents:
            return ParentsForm(self.request.POST)
        typed = {key: self.request.POST.get(f"{PARENTS}-{key}", "") for key in ("one", "other")}
        return ParentsForm(initial=typed)

    @cached_property
    def question(self) -> StepForm | None:
        """The form of the first step; when the page was not handed in, it shows what was typed before."""
        if not self.asks_here:
            return None
        context = self.first.context({str(it.id): it.values for it in self.persons()}, self.acting.today)
        form = self.first.activity.form
        was_typed = any(name.startswith(f"{QUESTION}-") for name in self.request.POST)
        sent = build_form(form, context=context, data=self.request.POST if was_typed else None, prefix=QUESTION)
        if self.asks_parents or not was_typed:
            return sent
        return build_form(form, context=context, draft=posted(sent), prefix=QUESTION)

    def persons(self) -> list[NewPerson]:
        """The child, and the parents as far as they are right."""
        namespace = uuid.UUID(self.key)
        people = [NewPerson(self.child.columns(), str(uuid.uuid5(namespace, CHILD)))]
        if self.asks_parents and self.parents.is_valid():
            people += [
                NewPerson({"name": name, "kind": "parent"}, str(uuid.uuid5(namespace, f"{PARENTS}{number}")))
                for number, name in enumerate(self.parents.names())
            ]
        return people

    def carried(self, *prefixes: str) -> list[tuple[str, str]]:
        """What was posted under these prefixes, to be posted again."""
        found = [
            (name, value)
            for name, values in self.request.POST.lists()
            if name.startswith(tuple(f"{prefix}-" for prefix in prefixes))
            for value in values
            if len(value) <= LONGEST_KEPT
        ]
        return found[:MOST_CARRIED]

    # The pages

    def respond(self) -> HttpResponse:
        """The page that comes now, or the case that was opened."""
        if self.stage not in (CHILD, "ander", QUESTION) or not self.child.is_valid():
            return self.about_child()
        if self.stage == CHILD and (found := self.known()):
            return found
        return self.opened() if self.stage == QUESTION else self.about_question()

    def about_child(self) -> HttpResponse:
        """Whose question is it?"""
        is_wrong = self.stage not in ("", "terug") and bool(self.child.errors)
        form = self.child
        if self.stage == "terug":
            form.is_valid()
            form = ChildForm(
                initial={key: form[key].value() for key in form.fields},
                today=self.acting.today,
                organisations=self.organisations,
            )
        context = {
            "title": _("Which child is it about?"),
            "form": form,
            "has_errors": is_wrong,
            "carried": [*self.carried(QUESTION, PARENTS), *self._key_when_typed()],
            "number": 1,
            "total": 2,
        }
        return page(self.request, "new_question", context, status=422 if is_wrong else 200)

    def known(self) -> HttpResponse | None:
        """The families that may be this one; None when there is none."""
        families, more = reading.known_families(
            self.child.organisation,
            self.child.cleaned_data["name"],
            self.child.born,
            self.acting.user,
            self.acting.today,
        )
        if not families:
            return None
        for it in families:
            record_look(self.acting, it.case, "new_question")
        context = {
            "title": _("Do we know this family already?"),
            "lead": ngettext(
                "We found a case with this child. Look whether it is the same family.",
                "We found cases with this child. Look whether it is the same family.",
                len(families),
            ),
            "families": [_family(it) for it in families],
            "more": more,
            "carried": [*self.carried(CHILD, QUESTION, PARENTS), *self._key_when_typed()],
        }
        return page(self.request, "new_question_known", context)

    def about_question(self) -> HttpResponse:
        """What is the question?"""
        question, parents = self.question, self.parents
        is_sent = self.stage == QUESTION
        errors = [{"message": it, "href": ""} for it in self.refusals]
        newly: list[Any] = []
        if is_sent:
            errors += [*error_links(question), *error_links(parents)]
            newly = [question[key] for key in read(question).newly_asked] if question is not None else []
        context = {
            "title": in_language(self.first.activity.title),
            "lead": in_language(self.first.activity.instruction),
            "child": self.child.words(),
            "question": question,
            "parents": parents,
            "errors": errors,
            "has_errors": bool(errors),
            "newly": [] if errors else newly,
            "carried": self.carried(CHILD),
            "form_key": self.key,
            "number": 2,
            "total": 2,
        }
        return page(self.request, "new_question_question", context, status=422 if errors else 200)

    def opened(self) -> HttpResponse:
        """Open the case, or say what is not right yet."""
        question = self.question
        is_right = self.parents.is_valid()
        if question is not None:
            question.is_valid()
            is_right = is_right and read(question).is_complete
        if not is_right:
            return self.about_question()
        raw = None
        if question is not None:
            values = posted(question)["values"]
            shown = read(question).shown
            raw = {key: it for key, it in values.items() if key in shown} if isinstance(values, Mapping) else {}
        try:
            opening = open_case(
                self.acting, self.child.organisation, persons=self.persons(), raw=raw, form_key=self.key
            )
        except InvalidAnswers as invalid:
            self.refusals += [sentence for sentences in invalid.errors.values() for sentence in sentences]
            return self.about_question()
        except (Blocked, DeviationNeeded) as blocked:
            self.refusals += [str(reason[-2]) for reason in blocked.reasons]
            return self.about_question()
        if raw is None:
            return HttpResponseRedirect(reverse("padwijzer:step_start", args=[opening.task.pk]))
        messages.success(self.request, _done(opening, self.acting.user))
        return HttpResponseRedirect(reverse("padwijzer:case", args=[opening.case.pk]))

    def _key_when_typed(self) -> Iterable[tuple[str, str]]:
        return [("form_key", self.key)] if self.request.POST.get("form_key") else []


@door("open_case")
@require_http_methods(["GET", "HEAD", "POST"])
def new_question(request: HttpRequest) -> HttpResponse:
    """A new question: the child, a look whether the family is known, the question, and then the case is there."""
    acting = acting_of(request)
    first = reading.first_step()
    if first is None:
        return page(request, "new_question_unpublished", {"title": _("New question")})
    organisations = reading.organisations_that_open(acting.user, acting.today)
    if not organisations:
        raise Http404
    return _Intake(request, first, organisations).respond()


# Words


def _family(it: reading.KnownFamily) -> dict[str, Any]:
    contact = it.contact
    return {
        "child": it.child if it.age is None else _("%(name)s (%(age)s years)") % {"name": it.child, "age": it.age},
        "number": it.case.number,
        "status": it.case.get_status_display(),
        "is_open": it.case.status == "open",
        "team": ", ".join(it.team),
        "organisation": it.case.organisation.name,
        "url": reverse("padwijzer:case", args=[it.case.pk]) if it.is_mine else "",
        "contact": contact
        and {
            "name": contact.name,
            "initials": initials(contact.name),
            "role": contact.roles,
            "organisation": contact.organisation,
            "phone": contact.phone,
            "plain_phone": contact.phone.replace(" ", ""),
            "is_contact": it.has_contact_person,
        },
    }


def _done(opening: Opening, user: Any) -> str:
    """What was done, its receipt, and what happens next, by whom and when. No names of the family."""
    sentences = [_("Done. Case %(number)s is open.") % {"number": opening.case.number}]
    sentences += reading.outside_words(opening.case)
    if following := next(iter(reading.next_steps(opening.case, user)), None):
        sentences.append(_("Next: “%(step)s”.") % {"step": following.title})
        if following.is_mine:
            sentences.append(_("That step is with you."))
        elif following.holder:
            sentences.append(_("That step is with %(who)s.") % {"who": following.holder})
        else:
            sentences.append(_("It waits until somebody of the team takes it up; you can too."))
        if following.due is not None:
            day = formats.date_format(local_day(following.due), "j F Y")
            sentences.append(_("Do it before or on %(day)s.") % {"day": day})
    if code := _receipt(opening):
        sentences.append(_("Receipt code: %(code)s.") % {"code": code})
    return " ".join(sentences)


def _receipt(opening: Opening) -> str:
    """Of a form that was handed in twice: that of the first time."""
    if opening.completion is not None:
        return opening.completion.receipt
    completed = reading.hash_of_completion(opening.task)
    return "" if completed is None else receipt(completed)


urlpatterns: list[URLPattern] = [path("nieuwe-vraag/", new_question, name="new_question")]
