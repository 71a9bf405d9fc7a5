"""Answers that were saved as final before the rest of their step: what they are, and since which day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from padwijzer.workflows.core.deadlines import local_day
from padwijzer.workflows.core.definition import Activity
from padwijzer.workflows.core.envelopes import read_moment
from padwijzer.workflows.core.rebuilding import ANSWERS
from padwijzer.workflows.models import Case, Opening, Task

SETTLED: Final = "task.answered"
"""Type of the event with which one answer of an open step becomes final."""


@dataclass(frozen=True, slots=True)
class Settled:
    """
    The present answer to a question, saved as final.

    Args:
        value: it, as JSON.
        on: the day on which this value was first saved; another value in between makes it new.
        hash: of the event that saved it then.
        forms: idempotency keys of all forms that saved this question.
    """

    value: Any = field(repr=False)
    on: date
    hash: bytes
    forms: frozenset[str]


def settled_fields(activity: Activity) -> tuple[str, ...]:
    """Keys of the questions of a step that can be saved alone."""
    return tuple(it.key for it in activity.fields if it.saved_alone)


def settled(case: Case, asked: Iterable[tuple[Task, Activity]]) -> dict[int, dict[str, Settled]]:
    """
    What was saved alone; one query, none where no question can be.

    Of a completed step, only what it was completed with: another answer there was given on the day of completion.

    Args:
        case: the case.
        asked: tasks of it, each with its step.

    Returns:
        Id of a task to key of a question to what was saved.
    """
    tasks = {task.pk: task for task, activity in asked if settled_fields(activity)}
    names = {f"{ANSWERS}{key}" for task, activity in asked for key in settled_fields(activity)}
    if not tasks:
        return {}
    rows = list(
        Opening.objects.filter(event__stream=case.stream, name__in=names)
        .order_by("event__seq")
        .values_list("event__seq", "event__hash", "event__envelope", "name", "value")
    )
    found: dict[int, dict[str, Settled]] = {}
    final = {(seq, name.removeprefix(ANSWERS)): json.loads(value) for seq, _hash, _envelope, name, value in rows}
    for _seq, digest, envelope, name, value in rows:
        event = json.loads(envelope)
        if event["type"] == SETTLED and event["ref"]["task"] in tasks:
            mine = found.setdefault(event["ref"]["task"], {})
            key = name.removeprefix(ANSWERS)
            mine[key] = _after(mine.get(key), json.loads(value), bytes(digest), event)
    return {
        pk: {
            key: it
            for key, it in mine.items()
            if (seq := tasks[pk].event) is None or final.get((seq, key)) == it.value
        }
        for pk, mine in found.items()
    }


def _after(before: Settled | None, value: Any, digest: bytes, event: Mapping[str, Any]) -> Settled:
    ref = event["ref"]
    forms = (before.forms if before else frozenset()) | {str(ref.get("form", ""))} - {""}
    if before is not None and before.value == value:
        return Settled(value, before.on, before.hash, forms)
    entered = ref.get("happened_on")
    on = date.fromisoformat(entered) if entered else local_day(read_moment(event["at"]))
    return Settled(value, on, digest, forms)
