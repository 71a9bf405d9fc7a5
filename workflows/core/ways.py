"""
Ways on that can be taken at all, and what follows from that: which steps a line comes to, which calls can return.

`graph` counts every way on; this leaves out those of which it is certain that nobody can take them. What is said here
to be impossible is impossible; what is not said may be so all the same. Looked at are the choices of a step, its
blocking rules, what callers pass, the outcomes that a called definition returns, the states that a step can be in,
the rounds that are counted, facts with a closed list of values, and registers that no step fills. Not looked at:
dates, texts, what rows hold, and what must have been answered before a step is reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from padwijzer.forms.core.conditions import (
    UNKNOWN,
    Compare,
    Condition,
    Count,
    CountOperator,
    FactRef,
    Operator,
    Quantifier,
    Rows,
    Value,
    atoms,
)
from padwijzer.forms.core.schema import FieldSpec
from padwijzer.workflows.core.catalogues import Catalogue, values_of
from padwijzer.workflows.core.definition import (
    Activity,
    Call,
    Detour,
    Effect,
    Interrupt,
    Jump,
    Kind,
    Obligation,
    ProcessDefinition,
    RecordEvent,
    Return,
    Target,
)
from padwijzer.workflows.core.exits import (
    Atom,
    Beside,
    ExitStudy,
    can_hold,
    choices_of,
    constants,
    own_answer,
    study_exits,
)
from padwijzer.workflows.core.facts import Writer
from padwijzer.workflows.core.facts.round import COUNTED
from padwijzer.workflows.core.graph import leaves, main_starts, reachable, ways_on, within
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.scheduling import ROW_DAYS

WHOLE_STATES: Final = ("never", "open", "done")
"""How a definition as a whole can stand."""
FIRST: Final = 1
"""The round of a step that is open."""
ONLY_BY_STEPS: Final = frozenset({"agreement", "order", "placement", "sharing"})
"""Registers that nobody fills outside a step."""
EVENTS: Final[Mapping[RecordEvent, str]] = {event: register for event, (register, _) in ROW_DAYS.items()}
"""What can happen to the register to which it happens."""


class Ways:
    """
    The ways on of a release that can be taken. Everything is worked out when it is first asked.

    Args:
        release: the release.
        catalogue: the names that its definitions use.
    """

    def __init__(self, release: ReleaseSpec, catalogue: Catalogue) -> None:
        self.release = release
        self.catalogue = catalogue
        self._onward: dict[tuple[str, str, bool], tuple[tuple[str, Target], ...]] = {}
        self._following: dict[tuple[str, str], tuple[str, ...]] = {}
        self._studies: dict[tuple[str, str], ExitStudy | None] = {}
        self._parameters: dict[tuple[str, str], tuple[Value, ...]] = {}
        self._outcomes: dict[str, tuple[str, ...]] = {}
        self._ends: dict[str, bool] = {}
        self._weakened: frozenset[str] | None = None
        self._recorded: frozenset[str] | None = None
        self._met: dict[str, frozenset[str]] = {}

    # exits

    def study(self, definition: ProcessDefinition, activity: Activity) -> ExitStudy | None:
        """What is known of the exits of a step; None when there is too much to try."""
        key = (definition.key, activity.key)
        if key not in self._studies:
            asked = [exit_.when for exit_ in activity.exits if exit_.when is not None]
            asked += [rule.when for rule in activity.rules if rule.effect is Effect.BLOCK]
            beside = self.beside(definition, activity, asked, is_open=True)
            self._studies[key] = study_exits(activity, self.choices(activity), beside)
        return self._studies[key]

    def can_hold(self, definition: ProcessDefinition, activity: Activity | None, condition: Condition) -> bool:
        """Whether a condition of a step, or of a track (step None), can ever be true."""
        beside = self.beside(definition, activity, [condition], is_open=False)
        return can_hold(activity, condition, self.choices(activity), beside)

    def choices(self, activity: Activity | None) -> dict[str, Sequence[str]]:
        """Values by key of the choice and yes/no fields of a step."""
        fields = activity.fields if activity else ()
        return {field.key: values for field in fields if (values := self._choices(field))}

    def _choices(self, field: FieldSpec) -> tuple[str, ...]:
        return choices_of(field, self.catalogue.lists) if field.type in ("choice", "yes_no") else ()

    def onward(
        self, definition: ProcessDefinition, activity: Activity, *, skipping: bool = True
    ) -> tuple[tuple[str, Target], ...]:
        """
        The ways out of a step that can be taken, each with its place.

        Args:
            definition: that of the step.
            activity: the step.
            skipping: whether skipping it counts.
        """
        key = (definition.key, activity.key, skipping)
        if key not in self._onward:
            self._onward[key] = tuple(self._ways_out(definition, activity, skipping=skipping))
        return self._onward[key]

    def _ways_out(
        self, definition: ProcessDefinition, activity: Activity, *, skipping: bool
    ) -> Iterator[tuple[str, Target]]:
        study = self.study(definition, activity)
        never = study.never if study else ()
        opens = activity.available is None or self.can_hold(definition, activity, activity.available)
        passed = activity.available is not None and activity.obligation is Obligation.OPTIONAL
        last = len(activity.exits) - 1
        for index, exit_ in enumerate(activity.exits):
            if (opens and index not in never) or (passed and index == last):
                yield f"exits[{index}].to", exit_.target
        if skipping and opens and activity.skip is not None and self.may_skip(definition, activity):
            yield "skip", activity.skip
        if activity.unavailable is not None and activity.available is not None:
            yield "unavailable", activity.unavailable

    def following(self, definition: ProcessDefinition, key: str) -> tuple[str, ...]:
        """Keys of the steps of the same definition that can come next."""
        if (definition.key, key) not in self._following:
            targets = (target for _, target in self.onward(definition, definition.activity(key)))
            found = dict.fromkeys(following for target in targets if (following := within(definition, target)))
            self._following[definition.key, key] = tuple(found)
        return self._following[definition.key, key]

    def may_skip(self, definition: ProcessDefinition, activity: Activity) -> bool:
        """Whether a professional may skip a step, here or where a call makes it less binding."""
        if activity.kind in (Kind.AUTOMATIC, Kind.END) or not activity.skippable:
            return False
        able = self.catalogue.skipping
        if able is not None and able.isdisjoint(performer.role for performer in activity.performers):
            return False
        return activity.obligation is not Obligation.LAW or definition.key in self.weakened()

    def weakened(self) -> frozenset[str]:
        """Keys of the definitions of which a call, or a call further up, may make the steps less binding."""
        if self._weakened is None:
            weak = [call.definition for call in self.calls() if call.obligation not in (None, Obligation.LAW)]
            self._weakened = frozenset(reachable(weak, self._called_steps))
        return self._weakened

    def _called_steps(self, key: str) -> tuple[str, ...]:
        definition = self.release.definitions.get(key)
        activities = definition.activities if definition else ()
        return tuple(activity.call.definition for activity in activities if activity.call is not None)

    def calls(self) -> Iterator[Call]:
        """Every call of the release."""
        for definition in self.release.definitions.values():
            yield from (activity.call for activity in definition.activities if activity.call is not None)

    # calls

    def outcomes(self, key: str) -> tuple[str, ...]:
        """The outcomes with which a definition can return, in its own order; while it is looked at: all."""
        definition = self.release.definitions.get(key)
        if definition is None:
            return ()
        if key not in self._outcomes:
            self._outcomes[key] = definition.returns
            met = reachable((definition.start,), lambda step: self.following(definition, step))
            returned = {
                target.outcome
                for step in met
                for _, target in self.onward(definition, definition.activity(step))
                if isinstance(target, Return)
            }
            self._outcomes[key] = tuple(outcome for outcome in definition.returns if outcome in returned)
        return self._outcomes[key]

    def ends(self, key: str) -> bool:
        """Whether a run of a definition that begins at its start can come to an end; outside the release: yes."""
        definition = self.release.definitions.get(key)
        if definition is None:
            return True
        if key not in self._ends:
            self._ends[key] = True
            self._ends[key] = definition.start in self.ending(definition, through_calls=True)
        return self._ends[key]

    def ending(
        self, definition: ProcessDefinition, *, skipping: bool = True, through_calls: bool = False
    ) -> frozenset[str]:
        """
        Keys of the steps from which the line can come to an end, or to a form that stays open.

        Args:
            definition: that of the steps.
            skipping: whether skipping a step counts.
            through_calls: whether a call counts only when what it calls can return; else each does.
        """
        ways = {
            activity.key: [
                target
                for _, target in self.onward(definition, activity, skipping=skipping)
                if not through_calls or self._comes_back(activity)
            ]
            for activity in definition.activities
        }
        found = {
            activity.key
            for activity in definition.activities
            if activity.stays_open or any(leaves(definition, target) for target in ways[activity.key])
        }
        before: dict[str, list[str]] = {}
        for key, targets in ways.items():
            for target in targets:
                before.setdefault(within(definition, target), []).append(key)
        return frozenset(reachable(sorted(found), lambda key: before.get(key, ())))

    def _comes_back(self, activity: Activity) -> bool:
        call = activity.call
        waits = call is not None and call.for_each is None and call.goes_on_when is None
        return call is None or not waits or self.ends(call.definition)

    # who comes where

    def is_used(self, key: str) -> bool:
        """Whether a definition is begun at all, by a case or by something of another definition."""
        return self.begins_otherwise(key) or any(call.definition == key for call in self.calls())

    def is_entered(self, key: str, entry: str) -> bool:
        """Whether something leads to an entry of a definition: a jump, or a run that comes back from outside."""
        if not self.is_complete():
            return True
        return any(
            isinstance(target, Jump) and target.definition == key and target.activity == entry
            for definition in self.release.definitions.values()
            for activity in definition.activities
            for _, target in ways_on(activity)
        )

    def is_entered_again(self, key: str) -> bool:
        """Whether a definition can be entered from another one, and so once more in the same case."""
        return any(
            isinstance(target, Jump) and target.definition == key
            for other in self.release.definitions.values()
            if other.key != key
            for activity in other.activities
            for _, target in ways_on(activity)
        )

    def is_met(self, key: str, step: str, seen_from: str) -> bool:
        """
        Whether somebody can come to a step; outside the release: yes.

        Args:
            key: of its definition.
            step: its own.
            seen_from: key of the definition that asks, of which it is taken that somebody is there.
        """
        definition = self.release.definitions.get(key)
        if definition is None:
            return True
        if key not in self._met:
            starts = (*main_starts(definition), *(track.activity for track in definition.tracks if track.activity))
            known = {activity.key for activity in definition.activities}
            began = [start for start in starts if start in known]
            self._met[key] = frozenset(reachable(began, lambda at: self.following(definition, at)))
        return step in self._met[key] and (key == seen_from or self.is_used(key))

    # what is recorded

    def can_happen(self, event: RecordEvent) -> bool:
        """Whether something can happen to a register: a step records it, or people do outside a step."""
        register = EVENTS.get(event, "")
        return register not in ONLY_BY_STEPS or register in self.recorded()

    def can_be_known(self, fact: FactRef) -> bool:
        """Whether a fact can ever be anything but unknown, as far as that hangs on registers that only steps fill."""
        spec = self.catalogue.facts.get(fact.name)
        written = [writer for writer in (spec.writers if spec else ()) if writer != Writer.CLOCK]
        return not written or any(it not in ONLY_BY_STEPS or it in self.recorded() for it in written)

    def recorded(self) -> frozenset[str]:
        """Registers that steps of the release write into; those of a skeleton may write into any."""
        if self._recorded is None:
            known = self.release.definitions.values()
            written = {record.register for it in known for step in it.activities for record in step.records}
            lacks = not self.is_complete() or not all(definition.whole for definition in known)
            self._recorded = frozenset(written | ONLY_BY_STEPS if lacks else written)
        return self._recorded

    # what can be

    def beside(
        self, definition: ProcessDefinition, activity: Activity | None, asked: Sequence[Condition], *, is_open: bool
    ) -> Beside:
        """
        What is known of the facts that conditions read beside the choices of their own step.

        Args:
            definition: where they stand.
            activity: the step to which they belong; None for those of a track.
            asked: the conditions.
            is_open: whether the step is open when they are asked.
        """
        named: dict[FactRef, set[object]] = {}
        false: set[Atom] = set()
        for condition in asked:
            for atom in (*atoms(condition), *_hidden_by(activity, condition)):
                if isinstance(atom, Compare):
                    named.setdefault(atom.fact, set()).update(constants(atom.value))
                elif isinstance(atom, Rows) and _wants_a_row(atom.question) and self._has_no_row(activity, atom):
                    false.add(atom)
        values = {
            fact: known
            for fact, said in named.items()
            if (known := self._values(definition, activity, fact, said, is_open=is_open))
        }
        return Beside(values, frozenset(false))

    def _values(
        self,
        definition: ProcessDefinition,
        activity: Activity | None,
        fact: FactRef,
        said: set[object],
        *,
        is_open: bool,
    ) -> tuple[Value, ...]:
        """Everything a fact can be here; empty when that is not known."""
        spec = self.catalogue.facts.get(fact.name)
        match fact.name:
            case "parameter":
                return self.passed(definition.key, fact.argument("key"))
            case "outcome":
                call = activity.call if activity else None
                found = self.outcomes(call.definition) if call and call.for_each is None else ()
                return (*found, UNKNOWN) if found else ()
            case "answer":
                return self._answers(definition, activity, fact)
            case "round":
                mine = is_open and activity is not None and not fact.argument("since")
                own = mine and activity is not None and fact.argument("of") in _names(definition, activity)
                return tuple(range(FIRST if own else 0, COUNTED + 1))
            case "state":
                return self._states(definition, fact.argument("of"))
        if spec is None:
            return ()
        unknown = (UNKNOWN,) if spec.may_be_unknown else ()
        if spec.type in ("yes_no", "choice"):
            known = values_of(spec)
            return (*known, *unknown) if known else ()
        numbers = {value for value in said if isinstance(value, int)}
        if spec.type in ("number", "months") and numbers and len(numbers) == len(said):
            around = {near for number in numbers for near in (number - 1, number, number + 1) if near >= 0}
            return (*sorted(around), *unknown)
        return ()

    def _answers(self, definition: ProcessDefinition, activity: Activity | None, fact: FactRef) -> tuple[Value, ...]:
        if own_answer(fact):
            return ()
        step, dot, key = fact.argument("field").rpartition(".")
        owner = self._step(definition, step) if dot else activity
        field = owner.form.field(key) if owner else None
        known = self._choices(field) if field else ()
        return (*known, UNKNOWN) if known else ()

    def _states(self, definition: ProcessDefinition, of: str) -> tuple[Value, ...]:
        spec = self.catalogue.facts["state"]
        where = of.rpartition(".")[0] or definition.key
        home, step = self.release.definitions.get(where), self._step(definition, of)
        if step is None or home is None:
            whole = of in self.release.definitions and of not in {track.key for track in definition.tracks}
            return WHOLE_STATES if whole else spec.values
        return tuple(value for value in spec.values if value != "skipped" or self.may_skip(home, step))

    def _step(self, definition: ProcessDefinition, written: str) -> Activity | None:
        where, dot, key = written.rpartition(".")
        owner = self.release.definitions.get(where) if dot else definition
        return next((step for step in owner.activities if step.key == key), None) if owner else None

    def passed(self, key: str, parameter: str) -> tuple[Value, ...]:
        """Everything a parameter of a definition can be: what its callers pass, unknown when it begins otherwise."""
        if (key, parameter) not in self._parameters:
            definition = self.release.definitions[key]
            declared = next((known.values for known in definition.parameters if known.key == parameter), ())
            said = {dict(call.parameters).get(parameter, UNKNOWN) for call in self.calls() if call.definition == key}
            any_of_them = not said or not self.is_complete()
            lacks = any_of_them or UNKNOWN in said or self.begins_otherwise(key)
            known = tuple(value for value in declared if any_of_them or value in said)
            self._parameters[key, parameter] = (*known, UNKNOWN) if declared and lacks else known
        return self._parameters[key, parameter]

    def is_complete(self) -> bool:
        """Whether everything is here: nothing leads to a definition that is outside and may call one of these."""
        known = self.release.definitions
        return all(key in known for definition in known.values() for key, _ in definition.outside)

    def begins_otherwise(self, key: str) -> bool:
        """Whether a definition also begins without a step that calls it: by a case, a jump, a detour or a track."""
        if key == self.release.start:
            return True
        for definition in self.release.definitions.values():
            if any(track.definition == key for track in definition.tracks):
                return True
            for activity in definition.activities:
                targets = [target for _, target in ways_on(activity)]
                if any(isinstance(it, Jump | Interrupt | Detour) and it.definition == key for it in targets):
                    return True
        return False

    def _has_no_row(self, activity: Activity | None, asked: Rows) -> bool:
        """Whether no row is ever asked for: nothing records one, or none has an outcome that a call never has."""
        if asked.collection.register in ONLY_BY_STEPS - self.recorded():
            return True
        call = activity.call if activity else None
        if call is None or call.for_each is None or call.for_each.collection != asked.collection:
            return False
        known = self.outcomes(call.definition)
        every = asked.where is not None and asked.where.joined is Quantifier.ALL
        return bool(known) and any(
            part.column == "outcome"
            and part.operator in (Operator.IS, Operator.IN)
            and not isinstance(part.value, FactRef)
            and not set(constants(part.value)) & set(known)
            for part in (asked.where.parts if asked.where and every else ())
        )


def _wants_a_row(question: Quantifier | Count) -> bool:
    match question:
        case Quantifier.ANY:
            return True
        case Count(CountOperator.AT_LEAST, number):
            return number > 0
        case Count(CountOperator.MORE_THAN):
            return True
        case _:
            return False


def _hidden_by(activity: Activity | None, condition: Condition) -> Iterator[Atom]:
    """What decides whether the questions are shown that a condition reads."""
    fields = {field.key: field for field in (activity.fields if activity else ())}
    read: dict[str, None] = {}
    waiting: list[Condition] = [condition]
    while waiting:
        for atom in atoms(waiting.pop()):
            key = own_answer(atom.fact) if isinstance(atom, Compare) else ""
            if key in fields and key not in read:
                read[key] = None
                shown_if = fields[key].shown_if
                if shown_if is not None:
                    yield from atoms(shown_if)
                    waiting.append(shown_if)


def _names(definition: ProcessDefinition, activity: Activity) -> Mapping[str, None]:
    return dict.fromkeys((activity.key, f"{definition.key}.{activity.key}"))
