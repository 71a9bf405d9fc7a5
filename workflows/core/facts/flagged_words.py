"""Whether a text contains a word of a list that staff keep. A reading aid: it may only stand in a warning."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Value
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

LIST: Final = "flagged_words"
"""Key of the setting that holds the words."""

FACT = FactSpec(
    key="flagged_words",
    type="yes_no",
    law=Law.FREE,
    writers=(Writer.ANSWERS, Writer.SETTINGS),
    doc="Whether a text contains a word of the list of staff.",
    arguments=(Argument("field", ArgumentKind.FIELD, required=True),),
    values=("ja", "nee"),
    in_proof=False,
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """`ja` or `nee`, whatever the capitals; unknown when the text is empty."""
    text = context.fact(FactRef("answer", (("field", ref.argument("field")),)))
    if not isinstance(text, str) or not text:
        return UNKNOWN
    flagged = context.case_file.settings.get(LIST, UNKNOWN)
    listed = flagged if isinstance(flagged, frozenset) else frozenset()
    return "ja" if any(_contains(text, word) for word in listed if isinstance(word, str) and word.strip()) else "nee"


def _contains(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word.strip().casefold())}(?!\w)", text.casefold()) is not None
