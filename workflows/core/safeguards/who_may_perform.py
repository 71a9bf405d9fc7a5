"""
Who may perform: only some roles do it.

    "Alleen de rol jeugdconsulent of mandaathouder gaat over een besluit van de gemeente."
"""

from __future__ import annotations

from dataclasses import dataclass

from padwijzer.workflows.core.meanings import people, thing
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.recorded import DoneStep
from padwijzer.workflows.core.safeguards import Meanings, Roles, apart, steps_with
from padwijzer.workflows.core.semantics import What


@dataclass(frozen=True, slots=True)
class WhoMayPerform:
    """
    Whoever does a step with one of these meanings has one of these roles.

    Args:
        what: what only they do.
        roles: who.

    Raises:
        ValueError: when a meaning or a role stands twice, or a place is empty.
    """

    what: Meanings
    roles: Roles

    def __post_init__(self) -> None:
        apart(self.what)
        apart(self.roles)

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Alleen de rol {people(self.roles)} gaat over {thing(self.what)}."

    def faults(self, plan: Plan) -> tuple[Place, ...]:
        """The steps that another role may do too."""
        return tuple(step.place for step in steps_with(plan, self.what) if not set(step.deciders) <= set(self.roles))

    def broken_by(self, done: DoneStep) -> str:
        """Why a step that was done breaks it: nobody with one of the roles did it. Skipping is doing nothing."""
        if not done.by_person or done.what is What.STEP_SKIPPED or not done.roles.isdisjoint(self.roles):
            return ""
        return f"Dit deed iemand die toen niet de rol {people(self.roles)} had."
