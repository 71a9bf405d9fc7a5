"""A step in words: what stands around it on every page, its rules and their grounds, what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from padwijzer.cms.work.safeguard_words import consent_safeguard, contact_safeguard
from padwijzer.cms.work.wording import child_words, due_words, in_one_line, short_day
from padwijzer.forms.core.schema import in_language, labelled
from padwijzer.forms.guide import GuidedForm
from padwijzer.forms.widgets import error_anchor
from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.definition import Effect, Obligation
from padwijzer.workflows.core.errors import Blocked
from padwijzer.workflows.core.rules import Acting as ActingRule
from padwijzer.workflows.history.describing import describe
from padwijzer.workflows.history.timeline import latest_of
from padwijzer.workflows.queries.grounds import Ground, in_words
from padwijzer.workflows.queries.inbox import Child
from padwijzer.workflows.queries.people import name_of
from padwijzer.workflows.queries.step_aside import (
    children_of,
    consents_of,
    contact_person_of,
    duties_of,
    help_at_hand,
    past_of,
)
from padwijzer.workflows.queries.steps import StepInCase

SHOWN: Final = 4
"""How many things that happened stand beside a step."""
LOOKED_THROUGH: Final = 12
"""Of how many of the last events those are taken; what somebody may not know is passed over."""
YOUTH: Final = 12
"""Age in years from which a child is called a youth."""
SHORT: Final = 28
"""Characters of a question in the progress bar."""


def title_of(step: StepInCase) -> str:
    """Title of a step."""
    return in_language(step.activity.title)


def day_words(day: date | None) -> str:
    """A day with its weekday, for example "vr 27 november 2026"; empty for none."""
    if day is None:
        return ""
    words = formats.date_format(day, "D j F Y")
    return words[0].lower() + words[1:]


def clock_words(moment: datetime) -> str:
    """When something was kept, for example "Laatst opgeslagen om 10:42 uur."."""
    local = timezone.localtime(moment)
    time = formats.time_format(local, "H:i")
    if local.date() == timezone.localdate():
        return _("Last saved at %(time)s.") % {"time": time}
    return _("Last saved on %(day)s at %(time)s.") % {"day": formats.date_format(local, "j F"), "time": time}


def frame(step: StepInCase) -> dict[str, Any]:
    """What every page of a step has around it: title, where it is, and what stands beside it."""
    number = step.case.number
    return {
        "step": step,
        "title": title_of(step),
        "case": step.case,
        "case_url": reverse("padwijzer:case", args=[step.case.pk]),
        "case_words": _("Case %(number)s") % {"number": number},
        "crumbs": [
            {"label": _("My tasks"), "url": reverse("padwijzer:tasks")},
            {
                "label": _("Case %(number)s") % {"number": number},
                "url": reverse("padwijzer:case", args=[step.case.pk]),
            },
        ],
    }


def beside(step: StepInCase) -> dict[str, Any]:
    """The side bar of a step."""
    return {
        "facts": facts(step),
        "safeguards": list(_safeguards(step)),
        "happened": list(_happened(step)),
        "timeline_url": reverse("padwijzer:timeline", args=[step.case.pk]) if step.may("see_history") else "",
    }


def _safeguards(step: StepInCase) -> Iterable[dict[str, Any]]:
    contact = contact_person_of(step)
    yield contact_safeguard(contact, is_chosen=bool(contact))
    yield from (consent_safeguard(it) for it in consents_of(step))
    for it in duties_of(step):
        due = _("before or on %(day)s") % {"day": short_day(it.due)} if it.due else ""
        yield {"title": it.title, "detail": in_one_line((it.about, due)), "state": "open"}


def facts(step: StepInCase) -> list[dict[str, Any]]:
    """Whom a step is about, when it must be done and who does it, for `components/facts.html`."""
    found: list[dict[str, Any]] = []
    children = children_of(step)
    if children:
        found.append({"key": _child_key(children), "value": ", ".join(child_words(it) for it in children)})
    if step.task.is_open and step.task.due is not None:
        due = step.task.due
        found.append(
            {
                "key": _("Ready before or on"),
                "value": day_words(local_day(due)),
                "status": "late" if due < step.at else "waiting",
                "status_words": due_words(due, step.at),
            }
        )
    who = name_of(step.task.owner) if step.task.is_open else name_of(step.task.completed_by)
    label = _("Done by") if not step.task.is_open else _("With")
    if who:
        found.append({"key": label, "value": who})
    contact = contact_person_of(step)
    if contact and contact != who:
        found.append({"key": _("Fixed contact person"), "value": contact})
    return found


def _child_key(children: Iterable[Child]) -> str:
    found = list(children)
    if len(found) > 1:
        return _("Children")
    age = found[0].age
    return _("Youth") if age is not None and age >= YOUTH else _("Child")


def _happened(step: StepInCase) -> Iterable[dict[str, Any]]:
    if step.task.is_open:
        mine = step.task.owner_id == step.user.pk
        yield {
            "title": title_of(step),
            "current": True,
            "who": _("with you") if mine else (name_of(step.task.owner) or step.performer_words()),
        }
    if not step.may("see_history"):
        return
    events = latest_of(step.case.stream, LOOKED_THROUGH)
    for it in past_of(step, events, SHOWN):
        yield {
            "title": describe(it.event.type, it.event.ref, it.naming),
            "when": it.event.at,
            "who": it.who,
        }


# Errors


def summary_links(form: BaseForm) -> list[dict[str, str]]:
    """
    What is not right on a page, for `components/error_summary.html`: each with the question it is about.

    A sentence such as "Answer this question." says nothing when it stands alone; one about a row names its row.
    """
    found = []
    for name in form.fields:
        bound = form[name]
        for error in form.errors.as_data().get(name, ()):
            has_place = bool(error.params and "row" in error.params)
            for words in error.messages:
                message = words if has_place else labelled(str(bound.label), words)
                found.append({"message": message, "href": f"#{error_anchor(bound, error)}"})
    loose = (words for error in form.errors.as_data().get(NON_FIELD_ERRORS, ()) for words in error.messages)
    return [*found, *({"message": words, "href": ""} for words in loose)]


# Grounds and rules


def grounds_of(step: StepInCase) -> list[Ground]:
    """What a step rests on, in words; what comes from a law first."""
    described = [it for it in in_words(step.activity.grounds) if it.words]
    return sorted(described, key=lambda it: not it.source)


def obligation_words(step: StepInCase) -> str:
    """How binding a step is, in a sentence."""
    match step.obligation:
        case Obligation.LAW:
            return _("The law asks for this step.")
        case Obligation.POLICY:
            return _("This step belongs to the way we work. You may deviate with a reason.")
        case _:
            return _("You choose whether this step is needed.")


def rule_lines(rules: Iterable[ActingRule]) -> list[dict[str, Any]]:
    """Rules that act, each with its ground in words. `may_deviate`: a reason is enough."""
    return [
        {
            "text": in_language(it.rule.text),
            "ground": _ground(it.rule.ground),
            "may_deviate": it.effect is Effect.DEVIATION,
        }
        for it in rules
    ]


def blocked_lines(blocked: Blocked) -> list[dict[str, Any]]:
    """What stands in the way, each with its ground in words."""
    return [{"text": text, "ground": _ground(ground), "may_deviate": False} for text, ground in blocked.reasons]


def helpers(step: StepInCase, roles: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Who can help, for `components/people.html`. Args: roles: slugs of others who can."""
    return [
        {
            "name": it.name,
            "initials": "".join(word[0] for word in (*it.name.split()[:1], *it.name.split()[1:][-1:])).upper(),
            "role": it.roles,
            "organisation": it.organisation,
        }
        for it in help_at_hand(step, roles)
    ]


def _ground(key: str) -> Ground | None:
    return next((it for it in in_words([key]) if it.words), None)


# Pages


def length_words(step: StepInCase, guided: GuidedForm) -> str:
    """How long a step takes, for example "ongeveer 5 minuten, hoogstens 4 pagina's"."""
    pages = guided.progress().total
    minutes = ngettext("about %(n)s minute", "about %(n)s minutes", step.activity.minutes) % {
        "n": step.activity.minutes
    }
    words = ngettext("%(n)s page", "%(n)s pages", pages)
    if guided.may_be_fewer:
        words = ngettext("at most %(n)s page", "at most %(n)s pages", pages)
    return f"{minutes}, {words % {'n': pages}}"


def short(question: str) -> str:
    """A question as it stands in the progress bar: cut at a word."""
    if len(question) <= SHORT:
        return question
    cut = question[:SHORT].rsplit(" ", 1)[0].rstrip(" ,.:;?(")
    return f"{cut}…"
