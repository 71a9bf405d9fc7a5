"""Django widgets of the field types, in the look of the NL Design System.

Every widget works without a script, reads whatever is posted without an exception, and hands its field a plain value:
text, a list of texts, or for rows a list of mappings. So a draft can keep it as JSON.
With `unknown=True` a widget also offers "I do not know"; its value is then `UNKNOWN`.
A disabled widget shows the answer as text instead of a box that cannot be used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.forms.renderers import BaseRenderer, get_default_renderer
from django.utils import formats, timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from padwijzer.forms.date_parts import DateParts, clock_of

UNKNOWN = "__unknown__"
"""The value of the answer "I do not know"."""

MOST_RADIOS = 6
"""A choice with more options than this becomes a drop-down list."""

ANSWER_TEMPLATE = "padwijzer_forms/widgets/answer.html"

Options = Iterable[tuple[str, Any]]


def posted_text(data: Mapping[str, Any], name: str) -> str:
    """The last text posted under that name, or nothing, whatever was posted."""
    value = data.get(name)
    if isinstance(value, list | tuple):
        value = value[-1] if value else ""
    return value.strip() if isinstance(value, str) else ""


def posted_texts(data: Mapping[str, Any], name: str) -> list[str]:
    """All different texts posted under that name, in order."""
    getter = getattr(data, "getlist", None)
    values = getter(name) if getter else data.get(name)
    if isinstance(values, str):
        values = [values]
    if not isinstance(values, list | tuple):
        return []
    return list(dict.fromkeys(value for value in values if isinstance(value, str) and value))


def is_confirmed(data: Mapping[str, Any], name: str) -> bool:
    """Whether "this is still right" was ticked under a value that was filled in beforehand."""
    return bool(posted_text(data, f"{name}__confirmed"))


def error_anchor(bound: BoundField, error: ValidationError | None = None) -> str:
    """The id of the input that is wrong, for the link in the error summary.

    Args:
        bound: the field.
        error: its `params` may name the place: `part` of a date, `row` (from 0) and `column` of repeating rows.
    """
    identifier = bound.auto_id or bound.html_name
    widget = bound.field.widget
    place = getattr(error, "params", None)
    return widget.focus_id(identifier, place) if isinstance(widget, Answering) else identifier


class Answering(django_forms.Widget):
    """What every widget here shares.

    Args:
        unknown: whether "I do not know" is offered, as a tick box named `<name>__unknown`.
        size: how wide the box is: `xs`, `sm`, `md`, `lg` or `full`; it hints at the length of the answer.
    """

    offers_unknown_itself: ClassVar[bool] = False

    def __init__(self, *args: Any, unknown: bool = False, size: str = "", **kwargs: Any) -> None:
        self.unknown = unknown
        self.size = size
        super().__init__(*args, **kwargs)

    def focus_id(self, identifier: str, place: Mapping[str, Any] | None = None) -> str:
        """The id of the input that an error is about; `place` is what the error tells about that."""
        return identifier

    def shown(self, value: Any) -> list[str]:
        """The answer as lines of text."""
        return [str(value)] if value not in (None, "", [], UNKNOWN) else []

    def read(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What was posted, apart from "I do not know"."""
        return posted_text(data, name)

    def use_required_attribute(self, initial: Any) -> bool:
        """Never: an empty answer is refused by the server, in words, beside the field."""
        return False

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The plain value of what was posted; `UNKNOWN` wins from anything beside it."""
        if self.unknown and not self.offers_unknown_itself and posted_text(data, f"{name}__unknown"):
            return UNKNOWN
        return self.read(data, files, name)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether the field was not on the page."""
        return name not in data and f"{name}__unknown" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The context of the widget template, with `size`, `invalid` and `unknown` added."""
        is_unknown = value == UNKNOWN
        given = value if not is_unknown or self.offers_unknown_itself else None
        context: dict[str, Any] = super().get_context(name, given, attrs)
        widget = context["widget"]
        widget["size"] = self.size
        widget["invalid"] = "aria-invalid" in widget["attrs"]
        if self.unknown and not self.offers_unknown_itself:
            identifier = widget["attrs"].get("id") or ""
            widget["unknown"] = {
                "name": f"{name}__unknown",
                "id": f"{identifier or name}__unknown",
                "label_id": f"{identifier}_label" if identifier else "",
                "checked": is_unknown,
            }
        return context

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """The widget, or the answer as text where it is disabled."""
        context = self.get_context(name, value, attrs)
        template = str(self.template_name)
        if context["widget"]["attrs"].get("disabled"):
            template = ANSWER_TEMPLATE
            context["widget"] |= {"lines": self.shown(value), "is_unknown": value == UNKNOWN}
        return mark_safe((renderer or get_default_renderer()).render(template, context))  # noqa: S308 - a template


class ShortText(Answering, django_forms.TextInput):
    """One line of text. Reads `<name>`."""

    template_name = "padwijzer_forms/widgets/text.html"


class LongText(Answering, django_forms.Textarea):
    """More lines; the box grows with the text where the browser can. Reads `<name>`.

    Args:
        rows: height at the start, in lines.
    """

    template_name = "padwijzer_forms/widgets/textarea.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, rows: int = 5, **kwargs: Any) -> None:
        super().__init__(attrs={"cols": None, "rows": rows, **(attrs or {})}, **kwargs)

    def shown(self, value: Any) -> list[str]:
        """Line by line."""
        return str(value or "").splitlines() if value != UNKNOWN else []


class NumberBox(Answering, django_forms.TextInput):
    """A number, typed as text with the keyboard for numbers. Reads `<name>`; the value is the text.

    Args:
        decimal: whether a comma may stand in it.
        unit: what is counted, shown behind the box, for example "uur per week".
    """

    template_name = "padwijzer_forms/widgets/number.html"

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        *,
        decimal: bool = False,
        unit: str = "",
        size: str = "xs",
        **kwargs: Any,
    ) -> None:
        self.unit = unit
        mode = "decimal" if decimal else "numeric"
        super().__init__(attrs={"inputmode": mode, **(attrs or {})}, size=size, **kwargs)

    def shown(self, value: Any) -> list[str]:
        """The number and its unit."""
        return [f"{line} {self.unit}".rstrip() for line in super().shown(value)]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Adds `unit` and the id that ties it to the box."""
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["unit"] = self.unit
        if self.unit:
            widget["unit_id"] = f"{widget['attrs'].get('id') or name}_unit"
            described = f"{widget['attrs'].get('aria-describedby', '')} {widget['unit_id']}"
            widget["attrs"]["aria-describedby"] = described.strip()
        return context


class Choosing(Answering, django_forms.widgets.ChoiceWidget):
    """A widget with options; "I do not know" is the last of them.

    Args:
        details: a line under the label of an option, by its value; for persons: who they are.
    """

    offers_unknown_itself = True

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Options = (),
        *,
        details: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.details = dict(details or {})
        super().__init__(attrs, choices, **kwargs)

    def focus_id(self, identifier: str, place: Mapping[str, Any] | None = None) -> str:
        """The first option."""
        return f"{identifier}_0"

    def shown(self, value: Any) -> list[str]:
        """The labels of the chosen options."""
        chosen = {str(one) for one in (value if isinstance(value, list | tuple | set) else [value])}
        return [str(label) for key, label in self.choices if str(key) in chosen and key not in ("", UNKNOWN)]

    def optgroups(
        self, name: str, value: list[str], attrs: dict[str, Any] | None = None
    ) -> list[tuple[str | None, list[dict[str, Any]], int | None]]:
        """The options, the details of each, and "I do not know" at the end."""
        groups: list[Any] = super().optgroups(name, value, attrs)
        options = [option for _group, members, _index in groups for option in members]
        for option in options:
            option["detail"] = self.details.get(str(option["value"]), "")
        if self.unknown and all(option["value"] != UNKNOWN for option in options):
            index = len(groups)
            option = self.create_option(name, UNKNOWN, str(_("I do not know")), UNKNOWN in value, index, attrs=attrs)
            groups.append((None, [option | {"is_unknown": True}], index))
        return groups


class ChoiceRadios(Choosing, django_forms.RadioSelect):
    """One of a few options. Reads `<name>`.

    Args:
        inline: beside each other where there is room, for two or three short options.
    """

    template_name = "padwijzer_forms/widgets/options.html"

    def __init__(self, *args: Any, inline: bool = False, **kwargs: Any) -> None:
        self.inline = inline
        super().__init__(*args, **kwargs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Adds `inline`."""
        context = super().get_context(name, value, attrs)
        context["widget"]["inline"] = self.inline
        return context

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Without `aria-invalid`: ARIA 1.2 does not know it on one radio button; the group is described."""
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        option["attrs"].pop("aria-invalid", None)
        return option

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """The id of an option; the group itself has a legend instead of a label."""
        return "" if index is None else f"{id_}_{index}"


class YesNo(ChoiceRadios):
    """Yes or no. Reads `<name>`.

    Args:
        yes: the value of yes.
        no: the value of no.
    """

    def __init__(
        self, attrs: dict[str, Any] | None = None, *, yes: str = "ja", no: str = "nee", **kwargs: Any
    ) -> None:
        kwargs.setdefault("choices", [(yes, _("Yes")), (no, _("No"))])
        super().__init__(attrs, inline=True, **kwargs)


class ChoiceSelect(Choosing, django_forms.Select):
    """One of many options. Reads `<name>`. Starts with an empty option, so that nothing is chosen by accident."""

    template_name = "padwijzer_forms/widgets/select.html"

    def focus_id(self, identifier: str, place: Mapping[str, Any] | None = None) -> str:
        """The list itself."""
        return identifier

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Adds `needs_empty`: whether the template writes the empty option."""
        context = super().get_context(name, value, attrs)
        context["widget"]["needs_empty"] = all(str(key) != "" for key, _label in self.choices)
        return context


class ManyChoices(Choosing, django_forms.CheckboxSelectMultiple):
    """Any number of options. Reads every `<name>`; the value is a list, or `UNKNOWN` where that was ticked."""

    template_name = "padwijzer_forms/widgets/options.html"

    def read(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The ticked values."""
        chosen = posted_texts(data, name)
        return UNKNOWN if self.unknown and UNKNOWN in chosen else chosen

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Never: nothing ticked looks the same as not on the page."""
        return False

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """The id of an option; the group itself has a legend instead of a label."""
        return "" if index is None else f"{id_}_{index}"


def choice_widget(choices: Options, *, unknown: bool = False, details: Mapping[str, str] | None = None) -> Choosing:
    """Radio buttons for a few options, a drop-down list for many; also for the choice of one person."""
    options = list(choices)
    kind = ChoiceRadios if len(options) <= MOST_RADIOS else ChoiceSelect
    return kind(choices=options, unknown=unknown, details=details)


class DateBoxes(Answering, django_forms.MultiWidget):
    """A date in three boxes. Reads `<name>__day`, `<name>__month`, `<name>__year`; the value is text.

    `2026-11-21` is a date; half a date keeps what was typed (`DateParts`). `wrong_parts` tells the widget which boxes
    are wrong; empty means all of them.
    """

    template_name = "padwijzer_forms/widgets/date.html"
    use_fieldset = True
    parts: ClassVar[tuple[str, ...]] = ("day", "month", "year")
    labels: ClassVar[dict[str, Any]] = {
        "day": _("Day"),
        "month": _("Month"),
        "year": _("Year"),
        "time": _("Time"),
    }
    widths: ClassVar[dict[str, int]] = {"day": 2, "month": 2, "year": 4, "time": 5}

    def __init__(self, attrs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        self.wrong_parts: frozenset[str] = frozenset()
        boxes = {f"_{part}": self._box(part) for part in self.parts}
        super().__init__(widgets=boxes, attrs=attrs, **kwargs)

    def _box(self, part: str) -> django_forms.Widget:
        if part == "time":
            return django_forms.TimeInput(attrs={"type": "time"})
        mode = "text" if part == "month" else "numeric"
        return django_forms.TextInput(attrs={"inputmode": mode})

    def focus_id(self, identifier: str, place: Mapping[str, Any] | None = None) -> str:
        """The box that the error names as `part`, or the first wrong one."""
        parts = {(place or {}).get("part")} & set(self.parts) or self.wrong_parts
        wrong = [index for index, part in enumerate(self.parts) if part in parts]
        return f"{identifier}_{wrong[0] if wrong else 0}"

    def shown(self, value: Any) -> list[str]:
        """The date in words."""
        day = _as_date(value)
        return [formats.date_format(day, "j F Y")] if day else []

    def decompress(self, value: Any) -> list[str]:
        """What stands in each box."""
        parts = DateParts.of(timezone.localtime(value) if _is_aware(value) else value)
        return [parts.day, parts.month, parts.year]

    def read(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The text of the boxes."""
        return DateParts(**{part: posted_text(data, f"{name}__{part}") for part in ("day", "month", "year")}).text()

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether none of the boxes was on the page."""
        return all(f"{name}__{part}" not in data for part in (*self.parts, "unknown"))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Each box with its label, its width in signs and whether it is wrong."""
        context = super().get_context(name, value, attrs)
        whole = context["widget"]
        for part, box in zip(self.parts, whole["subwidgets"], strict=True):
            wrong = whole["invalid"] and (not self.wrong_parts or part in self.wrong_parts)
            box |= {"part": part, "label": self.labels[part], "width": self.widths[part], "invalid": wrong}
            box["attrs"].pop("aria-describedby", None)
            if not wrong:
                box["attrs"].pop("aria-invalid", None)
        return context


class MomentBoxes(DateBoxes):
    """A date and a time. Reads what `DateBoxes` reads and `<name>__time`; the value is `2026-11-21T10:30`."""

    parts: ClassVar[tuple[str, ...]] = ("day", "month", "year", "time")

    def shown(self, value: Any) -> list[str]:
        """The date in words, and the time."""
        clock = self.decompress(value)[3]
        return [_("%(day)s at %(time)s") % {"day": day, "time": clock} for day in super().shown(value)]

    def decompress(self, value: Any) -> list[str]:
        """What stands in each box."""
        if isinstance(value, datetime):
            local = timezone.localtime(value) if _is_aware(value) else value
            return [*super().decompress(value), f"{local:%H:%M}"]
        return [*super().decompress(value), clock_of(str(value or ""))]

    def read(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The text of the boxes."""
        day, clock = super().read(data, files, name), posted_text(data, f"{name}__time")[:20]
        return f"{day}T{clock}" if day or clock else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """A time that a time box cannot show, such as half a time or `02:30 (wintertijd)`, stands in a text box."""
        context = super().get_context(name, value, attrs)
        box = context["widget"]["subwidgets"][-1]
        if box["value"] and not re.fullmatch("[0-9]{2}:[0-9]{2}", str(box["value"])):
            box["type"] = "text"
        return context


def _is_aware(value: Any) -> bool:
    return isinstance(value, datetime) and timezone.is_aware(value)


def _as_date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return (timezone.localtime(value) if _is_aware(value) else value).date()
    try:
        return DateParts.of(value).date()
    except ValueError:
        return None


class FileUpload(Answering, django_forms.FileInput):
    """One file. Reads `<name>` from the files; `<name>__remove` says that the file already there is taken away.

    Args:
        accept: kinds of file for the browser's dialog, for example `.pdf,image/*`.
        limits: a sentence on what is accepted, for example "PDF of foto, hoogstens 10 MB".
    """

    template_name = "padwijzer_forms/widgets/file.html"

    def __init__(
        self, attrs: dict[str, Any] | None = None, *, accept: str = "", limits: str = "", **kwargs: Any
    ) -> None:
        self.limits = limits
        super().__init__(attrs={**({"accept": accept} if accept else {}), **(attrs or {})}, **kwargs)

    def read(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The uploaded file, or None."""
        found = files.get(name) if files else None
        return found if isinstance(found, UploadedFile) else None

    def is_removed(self, data: Mapping[str, Any], name: str) -> bool:
        """Whether the file that was already there is taken away."""
        return bool(posted_text(data, f"{name}__remove"))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether no file was sent."""
        return name not in (files or {})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Adds `limits`, `current`, the name of the file that is already there, and how to take it away."""
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget |= {"limits": self.limits, "current": self.shown(value), "remove_name": f"{name}__remove"}
        if self.limits:
            widget["limits_id"] = f"{widget['attrs'].get('id') or name}_limits"
            described = f"{widget['attrs'].get('aria-describedby', '')} {widget['limits_id']}"
            widget["attrs"]["aria-describedby"] = described.strip()
        return context

    def shown(self, value: Any) -> list[str]:
        """The name of the file."""
        name = getattr(value, "name", value)
        return [name] if isinstance(name, str) and name not in ("", UNKNOWN) else []


@dataclass(frozen=True, slots=True)
class RowColumn:
    """One question of a repeating row.

    Args:
        key: its key in the value of the row, and in the names that are posted.
        label: the words above it.
        widget: any widget of this module but rows and a file.
        required: an answer may not be missing; without it "(niet verplicht)" stands behind the label.
        help: a sentence under the label.
    """

    key: str
    label: Any
    widget: Answering
    required: bool = True
    help: Any = ""


class Rows(Answering):
    """Repeating rows of a few questions each.

    Reads `<name>__count`, `<name>-<i>-<column>`, and the hidden `<name>-<i>__key` of a row that is already kept.
    The buttons `<name>__add` and `<name>__remove_<i>` send the page; `pressed` tells the view that one of them was
    used, so that it shows the page again instead of judging it. The value is a list of mappings, one a row; a row
    that was kept before has `__key`. Assign `cell_errors`: the words beside a cell, by (row, column key).

    Args:
        columns: the questions of a row.
        row_name: what one row is, for example "Gesprek"; a number follows.
        add_label: words on the button that adds a row.
        least: rows that stand there at the start.
        most: no more rows than this are read or shown.
        titles: a heading for each row; with it the rows are fixed and none can be added or removed.
    """

    template_name = "padwijzer_forms/widgets/rows.html"
    use_fieldset = True

    def __init__(
        self,
        columns: Sequence[RowColumn],
        attrs: dict[str, Any] | None = None,
        *,
        row_name: Any = "",
        add_label: Any = "",
        least: int = 1,
        most: int = 30,
        titles: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        self.columns = tuple(columns)
        self.row_name = row_name or _("Row")
        self.add_label = add_label or _("Add a row")
        self.titles = tuple(titles)
        self.least = len(self.titles) or least
        self.most = len(self.titles) or most
        self.cell_errors: dict[tuple[int, str], str] = {}
        super().__init__(attrs, **kwargs)

    def focus_id(self, identifier: str, place: Mapping[str, Any] | None = None) -> str:
        """The cell that the error names as `row` and `column`, or the first wrong one, or the first."""
        order = [column.key for column in self.columns]
        wrong = sorted(self.cell_errors, key=lambda cell: (cell[0], order.index(cell[1])))
        row, key = wrong[0] if wrong else (0, order[0])
        if place and place.get("column") in order:
            row, key = int(place.get("row", 0)), str(place["column"])
        return self._widget_of(key).focus_id(f"{identifier}_{row}_{key}", place)

    def shown(self, value: Any) -> list[str]:
        """One text a row, with a line for each question and its answer."""
        return [text for row in _rows_of(value) if (text := "\n".join(self._answers(row)))]

    def filled(self, rows: Any) -> list[dict[str, Any]]:
        """The rows in which something was answered."""
        return [row for row in _rows_of(rows) if any(row.get(column.key) for column in self.columns)]

    def pressed(self, data: Mapping[str, Any], name: str) -> bool:
        """Whether the page was sent by a button that adds or removes a row."""
        count = self._count(data, name)
        buttons = [f"{name}__add", *(f"{name}__remove_{index}" for index in range(count))]
        return not self.titles and any(button in data for button in buttons)

    def read(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The rows as they stand after the button that was pressed."""
        rows = [
            self._row(data, files, f"{name}-{index}")
            for index in range(self._count(data, name))
            if self.titles or f"{name}__remove_{index}" not in data
        ]
        if f"{name}__add" in data and len(rows) < self.most:
            rows.append({})
        return rows

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether the rows were not on the page."""
        return f"{name}__count" not in data and f"{name}__unknown" not in data

    def format_value(self, value: Any) -> Any:
        """The rows as they are."""
        return value

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The rows with their cells, and the names of the buttons."""
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["attrs"].pop("aria-invalid", None)
        rows = _rows_of(value)[: self.most]
        rows += [{} for _missing in range(len(rows), self.least)]
        identifier = widget["attrs"].get("id") or name
        widget |= {
            "rows": [
                self._row_context(name, identifier, index, row, spare=len(rows) > self.least)
                for index, row in enumerate(rows)
            ],
            "count_name": f"{name}__count",
            "add_name": "" if self.titles or len(rows) >= self.most else f"{name}__add",
            "add_label": self.add_label,
            "next_row": f"{identifier}_row_{len(rows)}",
        }
        return context

    def _answers(self, row: Mapping[str, Any]) -> Iterator[str]:
        for column in self.columns:
            if lines := column.widget.shown(row.get(column.key)):
                mark = "" if str(column.label).endswith(("?", ":")) else ":"
                yield f"{column.label}{mark} {', '.join(lines)}"

    def _widget_of(self, key: str) -> Answering:
        return next(column.widget for column in self.columns if column.key == key)

    def _count(self, data: Mapping[str, Any], name: str) -> int:
        found = posted_text(data, f"{name}__count")
        return min(int(found), self.most) if re.fullmatch("[0-9]{1,4}", found) else 0

    def _row(self, data: Mapping[str, Any], files: Any, prefix: str) -> dict[str, Any]:
        row = {
            column.key: column.widget.value_from_datadict(data, files, f"{prefix}-{column.key}")
            for column in self.columns
        }
        key = posted_text(data, f"{prefix}__key")
        return row | ({"__key": key} if key else {})

    def _row_context(
        self, name: str, identifier: str, index: int, row: Mapping[str, Any], *, spare: bool
    ) -> dict[str, Any]:
        fixed = bool(self.titles)
        may_go = not fixed and (spare or bool(self.filled([row])))
        return {
            "id": f"{identifier}_row_{index}",
            "title": self.titles[index] if fixed else f"{self.row_name} {index + 1}",
            "key_name": f"{name}-{index}__key",
            "key": row.get("__key", ""),
            "remove_name": f"{name}__remove_{index}" if may_go else "",
            "cells": [self._cell_context(name, identifier, index, column, row) for column in self.columns],
        }

    def _cell_context(
        self, name: str, identifier: str, index: int, column: RowColumn, row: Mapping[str, Any]
    ) -> dict[str, Any]:
        cell_id = f"{identifier}_{index}_{column.key}"
        error = self.cell_errors.get((index, column.key), "")
        described = f"{cell_id}_helptext" if column.help else ""
        described = f"{described} {cell_id}_error".strip() if error else described
        grouped = column.widget.use_fieldset
        attrs: dict[str, Any] = {"id": cell_id}
        if described and not grouped:
            attrs["aria-describedby"] = described
        if error:
            attrs["aria-invalid"] = "true"
        shown = column.widget.get_context(f"{name}-{index}-{column.key}", row.get(column.key), attrs)
        return {
            "id": cell_id,
            "label": column.label,
            "label_for": column.widget.id_for_label(cell_id),
            "help": column.help,
            "required": column.required,
            "error": error,
            "described": described,
            "grouped": grouped,
            "widget": shown["widget"],
        }


def _rows_of(value: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
