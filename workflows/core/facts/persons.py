"""A group of persons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from padwijzer.forms.core.conditions import UNKNOWN, FactRef, Scalar, Value
from padwijzer.workflows.core import consent
from padwijzer.workflows.core.facts import Argument, ArgumentKind, FactSpec, Law, Writer
from padwijzer.workflows.core.facts.age import age_of
from padwijzer.workflows.core.facts.contact_person import contact_person_on

if TYPE_CHECKING:
    from datetime import date

    from padwijzer.workflows.core.case_file import CaseFile, CaseLookup

GROUPS: Final = (
    "children",
    "children_of_run",
    "parents",
    "authority_holders",
    "can_have_authority",
    "must_consent",
    "participants",
    "youths",
    "family",
    "professionals",
    "network",
    "contact_person",
)
THIS_FIELD: Final = "this_field:"
KINDS: Final = {
    "children": ("child",),
    "parents": ("parent",),
    "family": ("child", "parent", "family", "network"),
    "professionals": ("professional",),
    "network": ("family", "network"),
}
"""Group to the kinds of person in it. The family is with its own circle."""
YOUTH: Final = "age_12y"

FACT = FactSpec(
    key="persons",
    type="persons",
    law=Law.KEEP,
    writers=("person", "authority", "contact_person", "help_item", "consent", Writer.ANSWERS, Writer.CLOCK),
    doc="The persons of a group; it changes by an entry on the family page, a birthday, or a new contact person.",
    arguments=(Argument("group", ArgumentKind.GROUP, required=True),),
)


def value(context: CaseLookup, ref: FactRef) -> Value:
    """Their ids, possibly none; unknown for the persons of a question that was not answered."""
    group = ref.argument("group")
    if group.startswith(THIS_FIELD):
        answer = context.answer(group.removeprefix(THIS_FIELD))
        return UNKNOWN if answer is None else frozenset[Scalar](context.persons_in(answer))
    return frozenset[Scalar](members(context, group))


def members(context: CaseLookup, group: str) -> frozenset[str]:
    """The ids of a group. Raises: KeyError when there is no such group."""
    case_file, today = context.case_file, context.case_file.today
    match group:
        case "children_of_run":
            return context.children()
        case "authority_holders":
            return frozenset(
                person
                for child in context.children()
                for person in consent.authority_holders(case_file, child, today)
            )
        case "can_have_authority":
            # Who has it already stands there too: what the register says can always be confirmed.
            return consent.can_have_authority(case_file, today) | members(context, "authority_holders")
        case "must_consent":
            return consent.must_consent(case_file, context.subject, today) if context.subject else frozenset()
        case "participants":
            return _participants(context)
        case "youths":
            youth = case_file.times.age(YOUTH)
            everybody = _participants(context) if context.subject else context.children()
            return frozenset(
                person
                for person in everybody & _of_kind(case_file, "children", today)
                if isinstance(age := age_of(case_file, person, today), int) and age >= youth
            )
        case "contact_person":
            present = contact_person_on(case_file, today)
            return frozenset((present,)) if present else frozenset()
        case _:
            return _of_kind(case_file, group, today)


def group_on(context: CaseLookup, group: str, day: date) -> frozenset[str]:
    """The ids of a group as it was on a day, for what was done with it that day."""
    if group == "contact_person":
        present = contact_person_on(context.case_file, day)
        return frozenset((present,)) if present else frozenset()
    if group == "child":
        return context.children()
    return _of_kind(context.case_file, group, day)


def _participants(context: CaseLookup) -> frozenset[str]:
    subject = context.subject
    if subject is not None:
        return consent.receivers(context.case_file, subject, context.case_file.today)
    return context.children() | _of_kind(context.case_file, "parents", context.case_file.today)


def _of_kind(case_file: CaseFile, group: str, day: date) -> frozenset[str]:
    kinds = KINDS[group]
    return frozenset(row.id for row in case_file.rows("person") if row.text("kind") in kinds and row.lasts(day))
