"""Widgets whose rows are given: one for each person, rows carried from an earlier step, the rungs of a ladder."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from padwijzer.forms.core.field_types.rows import KEY, MOST
from padwijzer.forms.widgets import UNKNOWN, Answering, LongText, ManyChoices, Options, RowColumn, Rows, posted_text

REASON = "reason"
REASON_KINDS = "reason_kinds"


class PersonRows(Rows):
    """
    One row for each person of a group; no row can be added or removed.

    The row is tied to its person by the hidden `<name>-<i>__key`, never by its place: somebody may join the family
    between the moment the page is shown and the moment it is sent.

    Args:
        columns: the questions of a row, without the person.
        people: id and name of each person, in order.
        person_column: key of the column that holds the person.
        row_ids: identity of the row of a person, where it was kept before.
    """

    def __init__(
        self,
        columns: Sequence[RowColumn],
        *,
        people: Sequence[tuple[str, str]],
        person_column: str,
        row_ids: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.people = tuple(identifier for identifier, _name in people)
        self.person_column = person_column
        self.row_ids = dict(row_ids or {})
        super().__init__(columns, titles=[name for _identifier, name in people], least=0, most=0, **kwargs)

    def focus_id(self, identifier: str, place: Mapping[str, Any] | None = None) -> str:
        """The cell that is wrong; the question itself where there is nobody to ask it about, or nothing to ask."""
        if not self.people or not self.columns:
            return f"{identifier}_field"
        return super().focus_id(identifier, place)

    def pressed(self, data: Mapping[str, Any], name: str) -> bool:
        """Never: there are no buttons."""
        return False

    def read(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """A row for each person, in order; what was posted about somebody else is not read."""
        posted = self.posted_persons(data, name)
        return [
            {
                self.person_column: person,
                **(self._cells(data, files, f"{name}-{posted[person]}") if person in posted else {}),
                **({KEY: self.row_ids[person]} if person in self.row_ids else {}),
            }
            for person in self.people
        ]

    def posted_persons(self, data: Mapping[str, Any], name: str) -> dict[str, int]:
        """Person to the number of the posted row, for the persons of the group."""
        found = {
            posted_text(data, f"{name}-{index}{KEY}"): index for index in reversed(range(self._count(data, name)))
        }
        return {person: found[person] for person in self.people if person in found}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The rows in the order of the persons, whatever the order of the answers."""
        rows = value if isinstance(value, list | tuple) else ()
        by_person = {str(row.get(self.person_column)): row for row in rows if isinstance(row, Mapping)}
        shown = [{**by_person.get(person, {}), KEY: person} for person in self.people]
        context = super().get_context(name, shown, attrs)
        if self.unknown:
            context["widget"]["unknown"]["checked"] = value == UNKNOWN
        return context

    def _count(self, data: Mapping[str, Any], name: str) -> int:
        found = posted_text(data, f"{name}__count")
        return min(int(found), MOST) if re.fullmatch("[0-9]{1,4}", found) else 0

    def _cells(self, data: Mapping[str, Any], files: Any, prefix: str) -> dict[str, Any]:
        return {key: value for key, value in self._row(data, files, prefix).items() if key != KEY}


class KeptRows(Rows):
    """
    Rows of which some were kept before: these keep their identity, and carried ones cannot be removed.

    Args:
        known: identities that a row may have; a row with another one is a new row.
        carried: identities of the rows that were carried from an earlier step.
    """

    def __init__(
        self,
        columns: Sequence[RowColumn],
        *,
        known: frozenset[str] = frozenset(),
        carried: frozenset[str] = frozenset(),
        **kwargs: Any,
    ) -> None:
        self.known = known | carried
        self.carried = carried
        super().__init__(columns, **kwargs)

    def pressed(self, data: Mapping[str, Any], name: str) -> bool:
        """Whether the page was sent by a button that adds a row, or removes one that may go."""
        return f"{name}__add" in data or any(
            f"{name}__remove_{index}" in data and not self._stays(data, name, index)
            for index in range(self._count(data, name))
        )

    def read(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The rows as they stand after the button that was pressed."""
        rows = [
            self._row(data, files, f"{name}-{index}")
            for index in range(self._count(data, name))
            if f"{name}__remove_{index}" not in data or self._stays(data, name, index)
        ]
        if f"{name}__add" in data and len(rows) < self.most:
            rows.append({})
        return rows

    def _stays(self, data: Mapping[str, Any], name: str, index: int) -> bool:
        return posted_text(data, f"{name}-{index}{KEY}") in self.carried

    def _row(self, data: Mapping[str, Any], files: Any, prefix: str) -> dict[str, Any]:
        row = super()._row(data, files, prefix)
        return row if row.get(KEY) in self.known else {key: value for key, value in row.items() if key != KEY}

    def _row_context(
        self, name: str, identifier: str, index: int, row: Mapping[str, Any], *, spare: bool
    ) -> dict[str, Any]:
        context = super()._row_context(name, identifier, index, row, spare=spare)
        return context | ({"remove_name": ""} if row.get(KEY) in self.carried else {})


class Ladder(Answering):
    """
    The rungs of a ladder, the least invasive first: one is chosen, and of each lower one is told why it does not fit.

    Reads `<name>`, and for each rung `<name>-<rung>-reason` and `<name>-<rung>-reason_kinds`. The value is
    `{"chosen": …, "below": [{"rung", "reason", "reason_kinds"}]}`. Assign `cell_errors` as for `Rows`; the row is the
    place of the rung.

    Args:
        rungs: key and label of each rung, in order.
        none_fits: key and label of the choice that no rung fits, if there is one.
        reason_kinds: what a reason can be about.
    """

    template_name = "padwijzer_forms/widgets/ladder.html"
    use_fieldset = True
    parts: ClassVar[tuple[str, ...]] = (REASON, REASON_KINDS)

    def __init__(
        self,
        rungs: Options,
        *,
        reason_kinds: Options,
        none_fits: tuple[str, Any] | None = None,
        attrs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.rungs = tuple(rungs)
        self.none_fits = none_fits
        self.cell_errors: dict[tuple[int, str], str] = {}
        self._asked: dict[str, tuple[Any, Answering]] = {
            REASON_KINDS: (_("What is the reason about?"), ManyChoices(choices=list(reason_kinds))),
            REASON: (_("Why does this not fit?"), LongText(rows=3)),
        }
        super().__init__(attrs, **kwargs)

    def focus_id(self, identifier: str, place: Mapping[str, Any] | None = None) -> str:
        """The reason that is wrong, or the first rung."""
        if place and place.get("column") in self.parts:
            rung = self.rungs[int(place.get("row", 0))][0]
            return self._asked[place["column"]][1].focus_id(f"{identifier}_{rung}_{place['column']}")
        return f"{identifier}_0"

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """The id of a rung; the group itself has a legend instead of a label."""
        return "" if index is None else f"{id_}_{index}"

    def shown(self, value: Any) -> list[str]:
        """The label of the chosen rung, and the reasons."""
        chosen = _chosen(value)
        lines = [str(label) for key, label in self._options() if key == chosen]
        reasons = _reasons(value)
        told = ((label, reasons.get(key, {}).get(REASON)) for key, label in self._below(chosen))
        return lines + [f"{label}: {reason}" for label, reason in told if reason]

    def read(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What was chosen and every reason that was typed; a reason above the chosen rung counts for nothing."""
        below = [
            {
                "rung": key,
                **{
                    part: self._asked[part][1].value_from_datadict(data, files, f"{name}-{key}-{part}")
                    for part in self.parts
                },
            }
            for key, _label in self._reasoned()
        ]
        return {
            "chosen": posted_text(data, name),
            "below": [row for row in below if row[REASON] or row[REASON_KINDS]],
        }

    def format_value(self, value: Any) -> Any:
        """The value as it is."""
        return value

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The rungs, each with its radio button and what is asked about it."""
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        identifier = widget["attrs"].get("id") or name
        chosen, reasons = _chosen(value), _reasons(value)
        below = [key for key, _label in self._below(chosen)]
        reasoned = [key for key, _label in self._reasoned()]
        widget["rungs"] = [
            {
                "key": key,
                "label": label,
                "id": f"{identifier}_{index}",
                "checked": key == chosen,
                "title": _("Why does “%(rung)s” not fit?") % {"rung": label},
                "open": key in below or key in reasons or any(row == index for row, _part in self.cell_errors),
                "cells": [
                    self._cell(f"{name}-{key}-{part}", f"{identifier}_{key}_{part}", (index, part), reasons.get(key))
                    for part in self._asked
                ]
                if key in reasoned
                else [],
            }
            for index, (key, label) in enumerate(self._options())
        ]
        return context

    def _options(self) -> tuple[tuple[str, Any], ...]:
        return self.rungs + ((self.none_fits,) if self.none_fits else ())

    def _reasoned(self) -> tuple[tuple[str, Any], ...]:
        return self.rungs if self.none_fits else self.rungs[:-1]

    def _below(self, chosen: str) -> tuple[tuple[str, Any], ...]:
        keys = [key for key, _label in self._options()]
        return self.rungs[: keys.index(chosen)] if chosen in keys else ()

    def _cell(
        self, name: str, identifier: str, place: tuple[int, str], row: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        label, widget = self._asked[place[1]]
        error = self.cell_errors.get(place, "")
        attrs: dict[str, Any] = {"id": identifier}
        if error:
            attrs["aria-invalid"] = "true"
            attrs |= {} if widget.use_fieldset else {"aria-describedby": f"{identifier}_error"}
        return {
            "id": identifier,
            "label": label,
            "error": error,
            "grouped": widget.use_fieldset,
            "widget": widget.get_context(name, (row or {}).get(place[1]), attrs)["widget"],
        }


def _chosen(value: Any) -> str:
    chosen = value.get("chosen") if isinstance(value, Mapping) else None
    return chosen if isinstance(chosen, str) else ""


def _reasons(value: Any) -> dict[str, Mapping[str, Any]]:
    below = value.get("below") if isinstance(value, Mapping) else None
    rows = below if isinstance(below, list | tuple) else ()
    return {row["rung"]: row for row in rows if isinstance(row, Mapping) and isinstance(row.get("rung"), str)}
