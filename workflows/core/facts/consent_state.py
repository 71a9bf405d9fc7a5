"""How consent stands for the help, placement or sharing that the run is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from padwijzer.forms.core.conditions import FactRef, Value
from padwijzer.workflows.core import consent
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law

if TYPE_CHECKING:
    from padwijzer.workflows.core.case_file import CaseLookup, Row

SHARING: Final = "sharing"

FACT = FactSpec(
    key="consent_state",
    type="choice",
    law=Law.KEEP,
    writers=("consent",),
    doc="How consent stands; complete only by an answer or replacing decision, lost by withdrawal, a no or closing.",
    arguments=(Argument("subject", ArgumentKind.ONE_OF, values=("this", SHARING)),),
    values=tuple(state.value for state in consent.ConsentState),
    may_be_unknown=False,
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """The state today; what was never asked, or is about nothing, is `not_asked`."""
    subject = _sharing(context) if ref.argument("subject", "this") == SHARING else context.subject
    if subject is None:
        return consent.ConsentState.NOT_ASKED.value
    return consent.consent_on(context.case_file, subject, context.case_file.today).state.value


def _sharing(context: CaseLookup) -> Row | None:
    """The sharing that consent was last asked for, with the party that this step names when it names one."""
    if context.subject is not None and context.subject.register == SHARING:
        return context.subject
    case_file = context.case_file
    asked = {row.text("subject") for row in case_file.rows("consent")}
    named = frozenset(person for answer in context.this_answers.values() for person in context.persons_in(answer))
    parties = named & {row.id for row in case_file.rows("person")}
    found = [
        row for row in case_file.rows(SHARING) if row.id in asked and (not parties or row.persons("with") & parties)
    ]
    return found[-1] if found else None
