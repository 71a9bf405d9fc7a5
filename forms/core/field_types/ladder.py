"""
A ladder: the rungs in order, the least invasive first; one is chosen, and each lower one is rejected with a reason.

The rungs are the choices of the field, in order; the choice `none`, if there is one, says that no rung fits. A reason
has its meaning beside it as keys, because nothing guesses a meaning from text. Rungs above the chosen one are not
asked and not kept. Whether a reason may lack is for the rules of the step to say, not for the type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from padwijzer.forms.core.field_types import (
    NONE_FITS,
    NOTHING,
    Answer,
    Domain,
    DomainKind,
    Fault,
    FieldType,
    Json,
    LadderAnswer,
    Parsed,
    Question,
    Rejection,
    refused,
)
from padwijzer.forms.core.field_types.choice import keys, labels
from padwijzer.forms.core.field_types.choices import as_set
from padwijzer.forms.core.field_types.text import cleaned
from padwijzer.forms.core.schema import Choice

LONGEST_REASON: Final = 5_000
REASON_KINDS: Final = tuple(
    Choice(key, (("nl", words),))
    for key, words in (
        ("veiligheid", "Veiligheid"),
        ("behandeling", "Behandeling die daar niet kan"),
        ("wens_kind", "Wens van het kind"),
        ("wens_ouder", "Wens van een ouder"),
        ("weigering", "Iemand weigert"),
        ("geld", "Geld"),
        ("niet_ingekocht", "Niet ingekocht"),
        ("geen_plek", "Nu geen plek"),
        ("praktisch", "Praktische reden"),
        ("onrust_kind", "Het kind wordt er onrustig van"),
        ("anders", "Anders"),
    )
)
"""What a reason can be about."""
KINDS: Final = frozenset(kind.key for kind in REASON_KINDS)


def rungs(question: Question) -> tuple[str, ...]:
    """The rungs of a ladder in order, without "none fits"."""
    return tuple(key for key in keys(question) if key != NONE_FITS)


def rungs_below(question: Question, chosen: str) -> tuple[str, ...]:
    """The rungs that are rejected by choosing one; all of them when none fits."""
    order = rungs(question)
    return order if chosen == NONE_FITS else order[: order.index(chosen)]


def _parse(raw: object, question: Question) -> Parsed:
    if raw is None or raw == "":
        return NOTHING
    if not isinstance(raw, Mapping):
        return refused("no_such_choice")
    chosen = raw.get("chosen")
    if chosen is None or chosen == "":
        return NOTHING
    if chosen not in keys(question):
        return refused("no_such_choice")
    given = _given(raw.get("below"))
    below: list[Rejection] = []
    faults: list[Fault] = []
    for number, rung in enumerate(rungs_below(question, chosen)):
        posted = given.get(rung, {})
        reason = cleaned(posted.get("reason"), LONGEST_REASON)
        kinds = as_set(posted.get("reason_kinds") or [])
        faults += [fault.at(number, "reason") for fault in reason.faults]
        if kinds is None or not kinds <= KINDS:
            faults.append(Fault("no_such_choice").at(number, "reason_kinds"))
            continue
        below.append(Rejection(rung, str(reason.value or ""), kinds))
    return Parsed(faults=tuple(faults)) if faults else Parsed(LadderAnswer(chosen, tuple(below)))


def _given(raw: object) -> dict[object, Mapping[str, object]]:
    rows = raw if isinstance(raw, list | tuple) else []
    return {row["rung"]: row for row in rows if isinstance(row, Mapping) and isinstance(row.get("rung"), str)}


def _to_json(answer: Answer, _question: Question) -> Json:
    if not isinstance(answer, LadderAnswer):
        return None
    return {
        "chosen": answer.chosen,
        "below": [
            {"rung": below.rung, "reason": below.reason, "reason_kinds": sorted(below.reason_kinds)}
            for below in answer.below
        ],
    }


def _show(answer: Answer, question: Question, _names: Mapping[str, str]) -> str:
    if not isinstance(answer, LadderAnswer):
        return ""
    words = labels(question)
    kinds = {kind.key: kind.label[0][1] for kind in REASON_KINDS}
    lines = [words.get(answer.chosen, answer.chosen)]
    for below in answer.below:
        about = ", ".join(label for key, label in kinds.items() if key in below.reason_kinds)
        why = f"{about}: {below.reason}" if about and below.reason else about or below.reason or "geen reden gegeven"
        lines.append(f"{words.get(below.rung, below.rung)} past niet ({why})")
    return "\n".join(lines)


def _schema(question: Question) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {
            "chosen": {"type": "string", "enum": list(keys(question))},
            "below": {
                "type": "array",
                "maxItems": len(rungs(question)),
                "items": {
                    "type": "object",
                    "properties": {
                        "rung": {"type": "string", "enum": list(rungs(question))},
                        "reason": {"type": "string", "maxLength": LONGEST_REASON},
                        "reason_kinds": {
                            "type": "array",
                            "uniqueItems": True,
                            "items": {"type": "string", "enum": [kind.key for kind in REASON_KINDS]},
                        },
                    },
                    "required": ["rung"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["chosen"],
        "additionalProperties": False,
    }


def _values(question: Question) -> Domain:
    return Domain(DomainKind.ONE, keys(question))


FIELD_TYPE = FieldType(
    key="ladder",
    parse=_parse,
    to_json=_to_json,
    show=_show,
    json_schema=_schema,
    values=_values,
    field_class="django.forms.Field",
    widget="Ladder",
    column=False,
)
