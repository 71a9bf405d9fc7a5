"""Who looks at a case, and what an answer or a column is to him: values on which `permissions.policies` decides."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from padwijzer.forms.core.schema import FieldSpec
from padwijzer.permissions.policies import AgeBand, Child, FieldAccess, Part, Viewer
from padwijzer.permissions.roles import Privacy, Role
from padwijzer.workflows.core.case_file import CaseFile, Row
from padwijzer.workflows.core.consent import ADULT, ALONE, YOUTH, authority_holders
from padwijzer.workflows.core.definition import Activity
from padwijzer.workflows.core.facts.age import age_of
from padwijzer.workflows.core.registers import ColumnSpec

PART_OF_MEANING: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "family_plan": Part.PLAN,
        "help_chosen": Part.PLAN,
        "shared_history": Part.LESSONS,
        "municipal_decision": Part.DECISION,
        "consent_asked": Part.CONSENT,
        "explained": Part.CONSENT,
        "informed_consent": Part.CONSENT,
        "withdrawal_of_consent": Part.CONSENT,
        "evaluation": Part.EVALUATION,
        "evaluation_after_placement": Part.EVALUATION,
        "deviation": Part.DEVIATION,
        "deviation_review": Part.DEVIATION,
        "contact_person_chosen": Part.PEOPLE,
    }
)
"""Meaning of a step to the part of the file to which its answers belong; another step's belong to the file."""

PART_OF_REGISTER: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "person": Part.PEOPLE,
        "relation": Part.PEOPLE,
        "contact_person": Part.PEOPLE,
        "agreement": Part.AGREEMENTS,
        "consent": Part.CONSENT,
        "deviation": Part.DEVIATION,
        "help_item": Part.PLAN,
        "meeting": Part.CONVERSATIONS,
        "placement": Part.PLACEMENT,
    }
)
"""Register to the part of the file to which its rows belong; another one's belong to the file."""


def viewer_of(case_file: CaseFile, role: Role, person: str) -> Viewer:
    """
    A member of the family who looks at the case today, in one role.

    Args:
        case_file: the case.
        role: the role.
        person: id of the own row in the register of persons.
    """
    return Viewer(
        role=role,
        person=person,
        band=band_of(case_file, person),
        children=tuple(
            Child(row.id, band_of(case_file, row.id))
            for row in case_file.rows("person")
            if row.text("kind") == "child" and person in authority_holders(case_file, row.id, case_file.today)
        ),
    )


def band_of(case_file: CaseFile, person: str) -> AgeBand:
    """The age step of a person today."""
    months = age_of(case_file, person, case_file.today)
    if not isinstance(months, int):
        return AgeBand.UNKNOWN
    bands = ((ADULT, AgeBand.ADULT), (ALONE, AgeBand.ALONE), (YOUTH, AgeBand.TOGETHER))
    return next((band for term, band in bands if months >= case_file.times.age(term)), AgeBand.CHILD)


def access_to_answer(activity: Activity, field: FieldSpec, about: str) -> FieldAccess:
    """
    What an answer is to who looks at it.

    Args:
        activity: the step.
        field: the question.
        about: id of the child its run is about; empty for the family.
    """
    parts = (PART_OF_MEANING[meaning] for meaning in activity.meanings if meaning in PART_OF_MEANING)
    return FieldAccess(privacy=Privacy(field.privacy.value), part=next(parts, Part.FILE), about=about)


def access_to_column(row: Row, column: ColumnSpec) -> FieldAccess:
    """What a column of a row is to who looks at it. Args: row: of a register; column: one of its columns."""
    about = row.id if row.register == "person" else row.text("child")
    return FieldAccess(
        privacy=Privacy(column.privacy.value), part=PART_OF_REGISTER.get(row.register, Part.FILE), about=about
    )
