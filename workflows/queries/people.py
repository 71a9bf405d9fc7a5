"""People by name: colleagues, and known families found before a case is made."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from padwijzer.workflows.models import RegisterRow


def name_of(user: Any) -> str:
    """How a colleague is shown; empty for nobody."""
    if user is None:
        return ""
    return str(user.get_full_name() or user.get_username())


def known_persons(organisation: int, name: str, birth_date: date | None) -> QuerySet[RegisterRow]:
    """
    Persons in cases of an organisation with this name and birth date.

    Args:
        organisation: id of the organisation; other organisations' families are not found.
        name: whole name or its beginning, in any case; at least two letters find something.
        birth_date: the day; None finds by name alone.
    """
    words = name.strip().casefold()
    persons = RegisterRow.objects.filter(register="person", case__organisation=organisation).select_related("case")
    if birth_date is not None:
        persons = persons.filter(search_date=birth_date)
    if len(words) < 2:
        return persons.none() if birth_date is None else persons
    return persons.filter(search_name__startswith=words)
