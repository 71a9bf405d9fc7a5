"""What would follow when a step is done now, looked at without changing anything."""

from __future__ import annotations

from typing import Any

from padwijzer.forms.core.answers import Answers
from padwijzer.forms.core.conditions import Condition
from padwijzer.workflows.core.case_file import CaseFile
from padwijzer.workflows.core.errors import Impossible
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.recording import applied
from padwijzer.workflows.core.recording import happened as happened_to_registers
from padwijzer.workflows.core.semantics import (
    Complete,
    Event,
    Happening,
    Marking,
    Recheck,
    SaveOpen,
    Skip,
    World,
    step,
)
from padwijzer.workflows.core.watching import Refusal, WatchedStep, done_in, focuses
from padwijzer.workflows.core.worlds import CaseWorld
from padwijzer.workflows.queries.case_files import moved_on
from padwijzer.workflows.queries.steps import StepInCase
from padwijzer.workflows.queries.watches import past_steps, watch_of


def safeguards_ahead(in_case: StepInCase, answers: Answers | None) -> tuple[Refusal, ...]:
    """
    The safeguards that doing a step would break; none where the case cannot do it at all.

    Args:
        in_case: the step.
        answers: right answers to the questions that are asked; None skips the step.
    """
    watch = watch_of(in_case.release)
    if not watch.may_break(in_case.plan.place):
        return ()
    number = in_case.task.process.number
    if answers is None:
        ahead = _Ahead(in_case, in_case.file, Answers({}))
        event: Event = Skip(number)
    else:
        given, file = in_case.recorded(answers)
        ahead = _Ahead(in_case, file, given)
        event = SaveOpen(number) if in_case.activity.stays_open else Complete(number)
    recorded = happened_to_registers(in_case.file, ahead.file())
    try:
        ahead.move(event)
    except Impossible:
        return ()
    ahead.follow(recorded)
    ahead.follow_itself()

    def holds(done: WatchedStep, condition: Condition) -> bool:
        return ahead.truth(ahead.movement.marking, done.run, done.activity, condition) is True

    return watch.refusals(
        lambda: past_steps(in_case.case),
        done_in(ahead.movement.marking, ahead.happened),
        lambda scope: focuses(ahead.file(), scope),
        holds,
    )


class _Runs:
    """The runs of a case, as they would move."""

    def __init__(self, plan: Plan, marking: Marking) -> None:
        self.plan = plan
        self.marking = marking

    def happens(self, event: Event, world: World, *, task: Any = None) -> tuple[Happening, ...]:
        self.marking, happened = step(self.plan, self.marking, event, world)
        return happened


class _Ahead(CaseWorld):
    """A case as it would be. Args: in_case: the step; file: with what it records; given: its answers."""

    def __init__(self, in_case: StepInCase, file: CaseFile, given: Answers) -> None:
        self.in_case = in_case
        self.movement = _Runs(in_case.release.plan, in_case.marking)
        self.happened = []
        self.itself = []
        self._ids = 0
        self.answered = {(in_case.task.process.number, in_case.activity.key): given.values}
        self._file = file
        self._marking = in_case.marking

    @property
    def plan(self) -> Plan:
        return self.in_case.release.plan

    def file(self, marking: Marking | None = None) -> CaseFile:
        marking = marking or self.movement.marking
        if marking is not self._marking:
            self._file = moved_on(self._file, self.in_case.release, self.in_case.runs, marking)
            self._marking = marking
        return applied(self._file, [change for it in self.itself for change in it.changes])

    def follow_itself(self) -> None:
        """Open and close the tracks that hang on what steps record that no person does."""
        while self.itself:
            recorded = self.itself.pop(0)
            self.file()
            self._file = applied(self._file, recorded.changes)
            self.move(Recheck())
            self.follow(recorded.events)

    def new_id(self) -> str:
        self._ids += 1
        return f"ahead-{self._ids}"
