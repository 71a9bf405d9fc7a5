"""Template tags of the professionals' pages: icons, dates, and the blocks that wrap content.

The components of `padwijzer_cms/components/` are plain includes; the block tags here are for those with content of
the page inside: `card`, `notice` and `sidebar`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from padwijzer.forms.widgets import error_anchor

register = template.Library()

COMPONENTS = "padwijzer_cms/components"

ICONS = {
    "check": "M9.2 18.4 3 12.2l2.1-2.1 4.1 4.1L18.9 4.5 21 6.6z",
    "dot": "M12 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12z",
    "ring": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm0 2.4a5.6 5.6 0 1 1 0 11.2 5.6 5.6 0 0 1 0-11.2z",
    "dash": "M5 10.6h14v2.8H5z",
    "alert": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm-1.2 5h2.4v6.6h-2.4V7Zm1.2 11a1.5 1.5 "
    "0 1 1 0-3 1.5 1.5 0 0 1 0 3Z",
    "info": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm1.2 15h-2.4v-6.6h2.4V17ZM12 9a1.5 1.5 "
    "0 1 1 0-3 1.5 1.5 0 0 1 0 3Z",
    "warn": "M12 2.5 1.5 21h21L12 2.5Zm-1.2 7h2.4v5.2h-2.4V9.5Zm1.2 9a1.4 1.4 0 1 1 0-2.8 1.4 1.4 0 0 1 0 2.8Z",
    "block": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm-5 8.7h10v2.6H7v-2.6Z",
    "deviation": "M12 2.5 21.5 12 12 21.5 2.5 12 12 2.5Zm0 4L6.5 12l5.5 5.5 5.5-5.5L12 6.5Z",
    "ok": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm-1.6 14.5L6 12.1l1.7-1.7 2.7 2.7 5.9-5.9L18 8.9l-7.6 7.6Z",
    "clock": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm0 2.4a7.6 7.6 0 1 1 0 15.2 7.6 7.6 0 0 1 0-15.2Zm-1.2 "
    "2.8v5.6l4.4 2.6 1.2-2-3.2-1.9V7.2h-2.4Z",
    "person": "M12 3a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Zm0 10.8c4.7 0 8.5 2.4 8.5 "
    "5.4V21h-17v-1.8c0-3 3.8-5.4 8.5-5.4Z",
    "phone": "M6.6 2.8 10 7.1 8.2 9.8a13 13 0 0 0 6 6l2.7-1.8 4.3 3.4-1.7 3.8c-9 1-17.7-7.7-16.7-16.7l3.8-1.7Z",
    "mail": "M2.5 5h19v14h-19V5Zm2.4 3.2v8.4h14.2V8.2L12 13.6 4.9 8.2Zm1.6-.8L12 11.2l5.5-3.8h-11Z",
    "chevron": "m8.6 4.4 7.6 7.6-7.6 7.6-1.9-1.9 5.7-5.7-5.7-5.7 1.9-1.9Z",
    "signpost": "M10.8 2h2.4v2.5h5.4L22 7.7 18.6 11h-5.4v2h-2.4v-2H4V4.5h6.8V2Zm0 11.5h2.4v1h6.3v5.7h-6.3V22h-2.4"
    "v-1.8H5.4L2 17.3l3.4-2.8h5.4v-1Z",
}

STATUS_WORDS = {
    "done": _("Done"),
    "busy": _("Busy"),
    "todo": _("Not yet"),
    "not_needed": _("Not needed"),
    "late": _("Too late"),
    "waiting": _("Waiting"),
}
STATUS_ICONS = {
    "done": "check",
    "busy": "dot",
    "todo": "ring",
    "not_needed": "dash",
    "late": "alert",
    "waiting": "clock",
}

NOTICE_ICONS = {"info": "info", "ok": "ok", "warn": "warn", "block": "block", "deviation": "deviation"}
NOTICE_WORDS = {
    "info": _("Information"),
    "ok": _("Done"),
    "warn": pgettext_lazy("kind of notice", "Please note"),
    "block": _("You cannot go on yet"),
    "deviation": _("Deviation"),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon in the colour of the text. It says nothing to a screen reader: words stand beside it."""
    return format_html(
        '<svg class="pw-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path fill="currentColor" d="{}"/></svg>',
        ICONS[name],
    )


@register.filter
def status_words(status: str) -> Any:
    """The words of a status: done, busy, todo, not_needed, late or waiting."""
    return STATUS_WORDS[status]


@register.filter
def status_icon(status: str) -> str:
    """The icon that goes with a status."""
    return STATUS_ICONS[status]


@register.filter
def notice_words(kind: str) -> Any:
    """What kind of notice it is, in words, for who does not see its colour."""
    return NOTICE_WORDS[kind]


@register.filter
def notice_icon(kind: str) -> str:
    """The icon that goes with a kind of notice."""
    return NOTICE_ICONS[kind]


@register.simple_tag
def day(value: date | None, form: str = "D j F Y") -> SafeString | str:
    """A date as a `<time>` element, for example "vr 27 november 2026"; `form` is a Django date format."""
    if value is None:
        return ""
    local = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    iso = local.date().isoformat() if isinstance(local, datetime) else local.isoformat()
    words = formats.date_format(local, form)
    return format_html('<time datetime="{}">{}</time>', iso, words[0].lower() + words[1:])


@register.simple_tag
def moment(value: datetime | None) -> SafeString | str:
    """A moment as a `<time>` element, for example "27 november 2026, 10:42"."""
    if value is None:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    words = formats.date_format(local, "j F Y, H:i")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), words)


@register.simple_tag
def error_links(form: BaseForm | None) -> list[dict[str, Any]]:
    """The errors of a form for `error_summary.html`: the words, and a link to the first input that is wrong."""
    if form is None:
        return []
    order = {name: place for place, name in enumerate(form.fields, start=1)}
    by_field = sorted(form.errors.as_data().items(), key=lambda field: order.get(field[0], 0))
    return [
        {"message": words, "href": f"#{error_anchor(form[name], error)}" if name in order else ""}
        for name, errors in by_field
        for error in errors
        for words in error.messages
    ]


@register.simple_block_tag
def card(content: str, title: Any, *, level: int = 2, name: str = "") -> str:
    """A framed part of the page: `{% card "Waarborgen" %}…{% endcard %}`. `name` becomes its id."""
    context = {"title": title, "content": content, "level": level, "name": name}
    return render_to_string(f"{COMPONENTS}/card.html", context)


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: Any = "", *, level: int = 2) -> str:
    """A message: `{% notice "block" title %}…{% endnotice %}`; kinds: info, ok, warn, block, deviation."""
    context = {"kind": kind, "title": title, "content": content, "level": level}
    return render_to_string(f"{COMPONENTS}/notice.html", context)


@register.simple_block_tag
def sidebar(content: str, title: Any) -> str:
    """What belongs beside the work: a column where there is room, and on a phone a `<details>` above the form."""
    return render_to_string(f"{COMPONENTS}/sidebar.html", {"title": title, "content": content})
