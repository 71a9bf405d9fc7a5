"""
Separation of duties: nobody decides alone, because somebody in another role advises.

    "Bij een oordeel over veiligheid beslist niemand alleen: de gedragswetenschapper adviseert."
"""

from __future__ import annotations

from dataclasses import dataclass

from padwijzer.workflows.core.meanings import people, thing
from padwijzer.workflows.core.plan import Place, Plan
from padwijzer.workflows.core.recorded import DoneStep
from padwijzer.workflows.core.safeguards import Meanings, Role, apart, steps_with
from padwijzer.workflows.core.semantics import What


@dataclass(frozen=True, slots=True)
class SeparationOfDuties:
    """
    Every step with one of these meanings is done by somebody, with the advice of somebody in another role.

    Args:
        what: what nobody does alone.
        adviser: the role that advises.

    Raises:
        ValueError: when a meaning stands twice or there is none.
    """

    what: Meanings
    adviser: Role

    def __post_init__(self) -> None:
        apart(self.what)

    def statement(self) -> str:
        """What it says, in Dutch."""
        return f"Bij {thing(self.what)} beslist niemand alleen: de {people((self.adviser,))} adviseert."

    def faults(self, plan: Plan) -> tuple[Place, ...]:
        """The steps that nobody does, without that adviser, or whose adviser may decide too."""
        return tuple(
            step.place
            for step in steps_with(plan, self.what)
            if not step.deciders or self.adviser in step.deciders or self.adviser not in step.advisers
        )

    def broken_by(self, done: DoneStep) -> str:
        """
        Why a step that was done breaks it: somebody else in that role is not named in it.

        Where the step asks for nobody, that such a person was involved in the case is all that is recorded.
        """
        adviser = people((self.adviser,))
        if done.what is What.STEP_SKIPPED:
            return ""
        if not done.by_person:
            return "Niemand deed deze stap, dus ook niet met advies."
        if done.named is None:
            return "" if self.adviser in done.beside else f"Er was toen geen {adviser} bij deze zaak betrokken."
        return "" if any(self.adviser in roles for roles in done.named) else f"Een {adviser} is hier niet genoemd."
