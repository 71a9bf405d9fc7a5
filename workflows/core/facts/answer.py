"""What was answered to a question: in this step, in an earlier round of it, or in another step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from padwijzer.forms.core.conditions import FactRef, Value
from padwijzer.forms.core.field_types import LadderAnswer, plain
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup

FACT = FactSpec(
    key="answer",
    type="any",
    law=Law.KEEP,
    writers=(Writer.ANSWERS,),
    doc="The answer to a question: fixed once its step is completed, until that step is done again.",
    arguments=(
        Argument("field", ArgumentKind.FIELD, required=True),
        Argument("round", ArgumentKind.ROUND, values=("this", "previous", "latest")),
    ),
)
CHOSEN = ".chosen"


def value(context: CaseLookup, ref: FactRef) -> Value:
    """The answer; unknown when there is none or it is "weet ik niet". `x.chosen` is the chosen rung of ladder `x`."""
    name = ref.argument("field")
    if name.endswith(CHOSEN):
        ladder = context.answer(name.removesuffix(CHOSEN), ref.argument("round", "this"))
        if isinstance(ladder, LadderAnswer):
            return ladder.chosen
    return plain(context.answer(name, ref.argument("round", "this")))
