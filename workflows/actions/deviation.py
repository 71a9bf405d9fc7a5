"""A reasoned deviation: what is written down, and the duty to look again that it opens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext

from padwijzer.forms.core.conditions import Scalar, Value
from padwijzer.permissions.separation import Deed, Duty, may_also
from padwijzer.workflows.actions.work import Work, new_id
from padwijzer.workflows.core.errors import Blocked, InvalidAnswers
from padwijzer.workflows.core.rebuilding import REVIEW
from padwijzer.workflows.core.recording import RowChange
from padwijzer.workflows.core.rules import Acting as ActingRule
from padwijzer.workflows.models import Case, Opening, Task

LOOK_AGAIN = "look_again_3m"
"""Term after which to look again at a deviation where the rule names none."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """
    Why it is done differently: four fields, one minute.

    Args:
        reason: why this is better for this family.
        family_view: what the family thinks of it.
        colleague: id of the person with whom it was talked over.
        look_again_on: when to look again.
    """

    reason: str = field(repr=False)
    family_view: str = field(default="", repr=False)
    colleague: str = ""
    look_again_on: date | None = None


def record_deviation(work: Work, task: Task, deviation: Deviation, rules: Sequence[ActingRule] = ()) -> None:
    """
    Take a deviation into the registers, with the duty to look again; from which safeguards, the work knows.

    Args:
        work: the case.
        task: the step.
        deviation: the four fields.
        rules: the rules it replaces, which say when to look again at the latest; also where no day was chosen.

    Raises:
        InvalidAnswers: without a reason, or with a day to look again that lies in the past or too far away.
    """
    errors: dict[str, tuple[str, ...]] = {}
    if not deviation.reason.strip():
        errors["reason"] = (gettext("Write why this is better for this family."),)
    terms = [it.rule.look_again or LOOK_AGAIN for it in rules] or [LOOK_AGAIN]
    days = (work.file().times.shift(work.acting.on, 1, term) for term in terms)
    latest = min(day for day in days if day is not None)
    look_again = deviation.look_again_on or latest
    if look_again < work.acting.on:
        errors["look_again_on"] = (gettext("Choose a day that still has to come."),)
    elif look_again > latest:
        latest_day = formats.date_format(latest, "j F Y")
        errors["look_again_on"] = (gettext("Choose a day before or on %(day)s.") % {"day": latest_day},)
    if errors:
        raise InvalidAnswers(errors)
    row = new_id()
    values: dict[str, Value] = {
        "step": f"{task.process.definition}.{task.activity}",
        "reason": deviation.reason.strip(),
        "on": work.acting.on,
        "look_again_on": look_again,
    }
    if deviation.family_view.strip():
        values["family_view"] = deviation.family_view.strip()
    if deviation.colleague:
        values["colleague"] = deviation.colleague
    if rules:
        values["rule"] = Decimal(rules[0].index)
    if work.deviated:
        values["safeguards"] = frozenset[Scalar](work.deviated)
    if me := work.own_person():
        values["by"] = me
    duty: dict[str, Value] = {
        "kind": REVIEW,
        "title": gettext("Look again at a deviation"),
        "origin": "deviation",
        "subject": row,
        "opened_on": work.acting.on,
        "due": look_again,
        "state": "open",
    }
    work.expect([RowChange("deviation", row, values, is_new=True), RowChange("duty", new_id(), duty, is_new=True)])


def require_colleague(work: Work) -> None:
    """
    Look whether what a step records closes the look back on a deviation of who does that step.

    Raises:
        Blocked: when it does; a colleague closes it.
    """
    for change in work.changed:
        if change.register == "duty" and change.values.get("state") == "done":
            duty = work.file().row(change.row)
            if duty is not None and duty.text("kind") == REVIEW:
                refuse_deviator(work.case, duty.text("subject"), work.acting.pseudonym())


def refuse_deviator(case: Case, deviation: str, who: str) -> None:
    """
    Look whether somebody made a deviation; one query.

    Args:
        case: the case.
        deviation: id of the row of the deviation.
        who: pseudonym of who would look back on it.

    Raises:
        Blocked: when he made it himself.
    """
    made = Opening.objects.filter(event__stream=case.stream, name=f"row.deviation.{deviation}")
    deeds = [Deed(Duty.DEVIATOR, json.loads(it)["actor"]) for it in made.values_list("event__envelope", flat=True)]
    if not may_also(Duty.DEVIATION_REVIEWER, who, deeds):
        sentence = gettext(
            "Whoever deviated does not close the look back. A colleague looks back on it and does that."
        )
        raise Blocked([(sentence, "R62")])
