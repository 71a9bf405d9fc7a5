"""The family page: a person, relation, authority, school or secret address is added or changed at any time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from padwijzer.forms.core.conditions import UNKNOWN, Unknown, Value
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.consequences import follow_up
from padwijzer.workflows.actions.permission import held_case
from padwijzer.workflows.actions.watching import guarded
from padwijzer.workflows.actions.work import Work, new_id
from padwijzer.workflows.core.errors import InvalidAnswers, NotAllowed
from padwijzer.workflows.core.recording import RowChange, happened, read_row, stored
from padwijzer.workflows.core.registers import registers
from padwijzer.workflows.core.semantics import Recheck

BY_HAND: Final = ("person", "relation", "authority", "meeting", "turning_point", "measure", "help_item")
"""Registers that people may fill in outside a step."""
NEVER_BY_HAND: Final = frozenset({"user"})
"""Columns that only an involvement fills in: whose account it is decides who gets which role."""
YES_NO: Final[Mapping[str, tuple[str, ...]]] = {"yes_no": ("ja", "nee")}
"""The answers to a question that has only two, by the type of the column."""


def change_register(
    acting: Acting, case_id: UUID, register: str, values: Mapping[str, Value], *, row: str = "", form_key: str = ""
) -> str:
    """
    Add a row to a register of a case, or change one.

    Args:
        acting: who, and when.
        case_id: the case.
        register: key of the register, one of `BY_HAND`.
        values: column to value; others stay.
        row: id of the row to change; empty adds one.
        form_key: idempotency key of the form that adds a row: handed in twice, there is one row.

    Returns:
        Id of the row.

    Raises:
        NotAllowed: there is no such case or row for this user.
        InvalidAnswers: a column that does not exist, or a value that it cannot hold.
        BreaksSafeguard: what follows from it breaks a safeguard; the refusal is in the history.
    """

    def changed() -> str:
        case = held_case(acting, case_id, "change_people")
        if register not in BY_HAND:
            raise NotAllowed
        work = Work(acting, case)
        before = work.file()
        _check(work, register, values, row)
        known = {it.id for it in before.rows(register)}
        if row and row not in known:
            raise NotAllowed
        id_ = row or (str(uuid5(case.pk, f"{register}/{form_key}")) if form_key else new_id())
        if not row and id_ in known:
            return id_
        work.expect([RowChange(register, id_, dict(values), is_new=not row)])
        events = happened(before, work.file())
        fields = work.write_rows()
        work.note("register.changed", {"register": register, "row": id_}, fields)
        work.move(Recheck())
        work.follow(events)
        work.add_ref("followed", work.told(work.happened))
        follow_up(work, None)
        work.append()
        return id_

    return guarded(acting, case_id, changed)


def _check(work: Work, register: str, values: Mapping[str, Value], row: str) -> None:
    spec = registers()[register]
    errors: dict[str, tuple[str, ...]] = {}
    for key, value in values.items():
        column = spec.column(key)
        if column is None or column.computed or key in NEVER_BY_HAND:
            errors[key] = (_("This cannot be filled in here."),)
        elif (choices := column.choices or YES_NO.get(column.type, ())) and value not in choices:
            errors[key] = (_("Choose one of the answers."),)
        elif column.type in ("person", "persons") and not _are_persons(work, value):
            errors[key] = (_("Choose somebody from the list."),)
        elif not _can_be_kept(register, key, value):
            errors[key] = (_("This cannot be filled in here."),)
    if register == "person":
        errors |= _about_a_person(work, values, row)
    if errors:
        raise InvalidAnswers(errors)


def _about_a_person(work: Work, values: Mapping[str, Value], row: str) -> dict[str, tuple[str, ...]]:
    errors: dict[str, tuple[str, ...]] = {}
    known = work.file().person(row)
    whole = {**(known.values if known else {}), **values}
    name, birth = whole.get("name", UNKNOWN), whole.get("birth_date")
    if (not row or "name" in values) and (isinstance(name, Unknown) or not str(name).strip()):
        errors["name"] = (_("Write a name."),)
    is_ahead = isinstance(birth, date) and birth > work.acting.today
    if is_ahead and whole.get("birth") != "expected" and values.keys() & {"birth", "birth_date"}:
        errors["birth_date"] = (_("This day still has to come. Choose that the birth is expected."),)
    return errors


def _are_persons(work: Work, value: Value) -> bool:
    return all(
        work.file().person(str(one)) is not None for one in (value if isinstance(value, frozenset) else [value])
    )


def _can_be_kept(register: str, key: str, value: Value) -> bool:
    """Whether a value is one of its column: what cannot be read back would close the case to everybody."""
    if isinstance(value, Unknown):
        return True
    try:
        kept = read_row("", register, stored(RowChange(register, "", {key: value}, is_new=False)), date.min)
    except ValueError:
        return False
    return key in kept.values and kept.values[key] == value and "\x00" not in str(value)
