"""Words that several pages share: children, terms, pages of a list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.queries.inbox import Child, Work


def child_words(child: Child) -> str:
    """First name and age, for example "Noor (9 jaar)"."""
    if child.age is None:
        return child.name
    return _("%(name)s (%(age)s years)") % {"name": child.name, "age": child.age}


def children_words(children: Iterable[Child]) -> str:
    """Children in one line, at most three by name."""
    words = [child_words(child) for child in children]
    if len(words) > 3:
        more = len(words) - 2
        words[2:] = [ngettext("and %(number)s more", "and %(number)s more", more) % {"number": more}]
    return ", ".join(words) or _("Family")


def short_day(day: date) -> str:
    """A day of about now, for example "wo 25 november"."""
    words = formats.date_format(day, "D j F")
    return words[0].lower() + words[1:]


def in_one_line(parts: Iterable[str]) -> str:
    """What there is to say, behind each other, beginning with a capital."""
    words = ", ".join(part for part in parts if part)
    return words[:1].upper() + words[1:]


def due_words(due: datetime | None, at: datetime) -> str:
    """How long there is, or how long it is too late, for example "nog 6 dagen"."""
    if due is None:
        return ""
    days = (local_day(due) - local_day(at)).days
    if due < at:
        if days == 0:
            time = formats.time_format(timezone.localtime(due), "H:i")
            return _("too late since %(time)s today") % {"time": time}
        return ngettext("%(days)s day too late", "%(days)s days too late", -days) % {"days": -days}
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}


def work_card(work: Work, at: datetime, url: str, action: str) -> dict[str, Any]:
    """A task for `components/task_card.html`. Args: url: where its button leads; action: words of the button."""
    meta = [_("This path stands still now.")] if work.rests else []
    return {
        "title": work.title,
        "url": url,
        "action_label": action,
        "about": children_words(work.children),
        "case_number": work.number,
        "path": work.path,
        "due": work.due,
        "due_words": due_words(work.due, at),
        "state": work.group.value,
        "meta": meta,
    }


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = name.split()
    return "".join(word[0] for word in dict.fromkeys([*words[:1], *words[-1:]])).upper()


def one_page(rows: Any, number: str, size: int) -> Any:
    """One page of a list; what is no number of a page is the first or the last. Args: rows: a queryset or list."""
    return Paginator(rows, size).get_page(number)
