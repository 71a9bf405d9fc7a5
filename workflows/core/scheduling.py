"""
When the terms of an opened step run, until when, and when they ask for attention.

A definition says which term runs from what; the case says when that was. Put together they give a day, with its
explanation, or nothing yet: a start that is not known makes no clock.

Which start counts. An event of a register is that of the row the run is about; a run about a family or a child
takes what `facts.round.event_day` takes. The previous round is the last one that was dealt with: done, filled in
afterwards, or skipped with its reason. An answer of the step itself counts in its own round only.

Which term counts. A list that ends goes by the number of the round, as the exit that ends it does. What comes back
for ever goes by `deadlines.next_round`: a round done too early is an extra, and the round is still to come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from padwijzer.forms.core.conditions import FactRef, TermRef, Value, evaluate
from padwijzer.forms.core.field_types import plain
from padwijzer.workflows.core import deadlines
from padwijzer.workflows.core.calendars import ONE_DAY, Calendars
from padwijzer.workflows.core.case_file import CaseLookup, Row, Visit, VisitState
from padwijzer.workflows.core.consent import ConsentState, consent_on
from padwijzer.workflows.core.deadlines import (
    EARLY,
    EMPTY_LEDGER,
    DeadlineState,
    Due,
    Explanation,
    Ledger,
    Reminder,
    Repeat,
    day_of_age,
    local_day,
    next_round,
    recompute,
    shift,
    start_of_day,
)
from padwijzer.workflows.core.definition import (
    Activity,
    Anchor,
    Answered,
    AtAge,
    Before,
    Completed,
    Deadline,
    DeadlineClass,
    OnDate,
    OnEvent,
    Opened,
    PreviousRound,
    RecordEvent,
)
from padwijzer.workflows.core.facts.round import event_day
from padwijzer.workflows.core.terms import Duration, Term, Terms, Unit, Use

DEALT_WITH: Final = (VisitState.DONE, VisitState.AFTERWARDS, VisitState.SKIPPED)
OPEN_STATES: Final = (DeadlineState.WAITING, DeadlineState.RUNNING, DeadlineState.SUSPENDED)
"""States of a deadline that is computed anew when its start changes; the others keep what they are."""
FAR: Final = timedelta(weeks=2)
"""Longer than any row of free days in a calendar of working days."""

ROW_DAYS: Final[Mapping[RecordEvent, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        RecordEvent.HELP_MATCHED: ("help_item", ("matched_on",)),
        RecordEvent.HELP_STARTED: ("help_item", ("started_on",)),
        RecordEvent.HELP_STOPPED: ("help_item", ("ended_on",)),
        RecordEvent.MEASURE_STARTED: ("measure", ("ruling_on", "from")),
        RecordEvent.MEASURE_ENDED: ("measure", ("ended_on", "until")),
        RecordEvent.ORDER_ENDED: ("order", ("until",)),
        RecordEvent.PLACEMENT_STARTED: ("placement", ("started_on",)),
        RecordEvent.PLACEMENT_ENDED: ("placement", ("ended_on",)),
        RecordEvent.CAME_HOME: ("placement", ("ended_on",)),
        RecordEvent.DEVIATION_MADE: ("deviation", ("on",)),
    }
)
"""Event to the register and the columns, the first that is filled, that say when it happened to a row."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """
    One deadline of an opened step.

    Args:
        index: which deadline of the step.
        term: key of its term; empty while the choice or setting that names it is not known.
        start: the day it runs from; for a term before a date the day on which the task appears. None while that is
            not known yet.
        due: when it is due, and how that was found; None while its start is not known.
        reminders: when it asks for attention, its end included; what comes after the end is in `reminder`.
        appears_on: for what comes back, and for a term before a date: the day on which it appears in the list of
            work; None is at once.
    """

    index: int
    term: str
    start: date | None = None
    due: Due | None = None
    reminders: tuple[Reminder, ...] = ()
    appears_on: date | None = None

    @property
    def state(self) -> DeadlineState:
        """How it stands as long as its end has not come."""
        if self.due is None:
            return DeadlineState.WAITING
        return DeadlineState.SUSPENDED if self.due.provisional else DeadlineState.RUNNING


@dataclass(frozen=True, slots=True)
class Held:
    """
    A deadline as it stands.

    Args:
        index: which deadline of the step.
        term: key of its term.
        start: the day it runs from; None while that is not known.
        state: how it stands.
        ledger: what happened to it.
    """

    index: int
    term: str
    start: date | None
    state: DeadlineState
    ledger: Ledger = EMPTY_LEDGER


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """
    What a changed start makes of a deadline.

    Args:
        index: which deadline of the step.
        scheduled: how it runs now; None when it keeps its state and its dates.
        ledger: what happened to it, the correction included.
    """

    index: int
    scheduled: Scheduled | None
    ledger: Ledger


def schedule(
    activity: Activity,
    lookup: CaseLookup,
    *,
    definition: str,
    round: int,  # noqa: A002 - what the language calls it
    opened_on: date | datetime,
    terms: Terms,
    calendars: Calendars,
) -> tuple[Scheduled, ...]:
    """
    The deadlines of a step that was opened, or of which a start became known.

    Args:
        activity: the step.
        lookup: the case, seen from this step.
        definition: key of the definition of the step.
        round: which opening of the step in its run, from 1.
        opened_on: the day or moment at which it was opened.
        terms: the terms of the release of the case.
        calendars: the statutory calendar and the municipality's working days.

    Returns:
        One for each deadline of the step, in order; none for a list of rounds that is done.
    """
    step = _Step(activity, lookup, definition, round, opened_on, terms, calendars)
    found = (step.scheduled(index, EMPTY_LEDGER, None) for index in range(len(activity.deadlines)))
    return tuple(it for it in found if it is not None)


def reschedule(
    activity: Activity,
    lookup: CaseLookup,
    held: Sequence[Held],
    *,
    definition: str,
    round: int,  # noqa: A002 - what the language calls it
    opened_on: date | datetime,
    terms: Terms,
    calendars: Calendars,
    on: date,
    by: str,
) -> tuple[Rescheduled, ...]:
    """
    What became of the deadlines of an open step, now that a start may have changed.

    An open deadline is computed anew and its ledger says so; one that is met, late or cancelled keeps its state and
    its dates, with a line in its ledger that the start was corrected.

    Args:
        activity: the step.
        lookup: the case, seen from this step.
        held: the deadlines of the step as they stand.
        definition: key of the definition of the step.
        round: which opening of the step in its run, from 1.
        opened_on: the day or moment at which it was opened.
        terms: the terms of the release of the case.
        calendars: the statutory calendar and the municipality's working days.
        on: the day of the change.
        by: pseudonym of who made it.

    Returns:
        Those that changed, in order.
    """
    step = _Step(activity, lookup, definition, round, opened_on, terms, calendars)
    changed: list[Rescheduled] = []
    for known in held:
        ledger = known.ledger
        fresh = step.scheduled(known.index, ledger, on, known.term) if known.index < len(activity.deadlines) else None
        if fresh is None or (fresh.start, fresh.term) == (known.start, known.term):
            continue
        if known.start is not None and fresh.start is not None and fresh.start != known.start:
            ledger = deadlines.correct(ledger, old=known.start, new=fresh.start, on=on, by=by)
        if known.state in OPEN_STATES:
            if fresh.due is not None:
                kept = fresh.due.ledger
                fresh = replace(fresh, due=replace(fresh.due, ledger=replace(kept, corrections=ledger.corrections)))
                ledger = replace(kept, corrections=ledger.corrections)
            changed.append(Rescheduled(known.index, fresh, ledger))
        elif ledger != known.ledger:
            changed.append(Rescheduled(known.index, None, ledger))
    return tuple(changed)


def duty_due(term: Term, opened_at: datetime, calendars: Calendars) -> Due:
    """
    When a duty is due that runs from the moment it was opened.

    Args:
        term: its term.
        opened_at: when it was opened.
        calendars: the statutory calendar and the municipality's working days.
    """
    anchor = opened_at if term.duration.unit is Unit.HOURS else local_day(opened_at)
    return deadlines.start(term, anchor, calendars)


def due_again(explanation: Explanation, ledger: Ledger = EMPTY_LEDGER) -> Due:
    """When something is due, from how that was found. Args: explanation, ledger: as they were kept."""
    if explanation.backwards:
        day = local_day(explanation.start)
        return Due(day, deadlines.end_of_day(day), explanation, local_day(recompute(explanation)), ledger)
    at = recompute(explanation)
    return Due(local_day(at), at, explanation, ledger=ledger)


def reminder(due: Due, number: int, calendars: Calendars, percentages: Sequence[int] = (EARLY,)) -> Reminder | None:
    """
    One reminder of a deadline, of all that it gives until it is closed.

    Args:
        due: the deadline.
        number: which, from 0: so many were given before it.
        calendars: for terms in working days.
        percentages: at which parts of the term it warns.

    Returns:
        The reminder; None when it gives no more, or none as long as it stands still.
    """
    known = deadlines.reminders(due, calendars, until=due.at, percentages=percentages)
    if number >= len(known):
        begin = due.explanation.start
        length = due.at - (begin if isinstance(begin, datetime) else start_of_day(begin))
        until = due.at + (number - len(known) + 1) * (length + FAR)
        known = deadlines.reminders(due, calendars, until=until, percentages=percentages)
    return known[number] if number < len(known) else None


@dataclass(frozen=True, slots=True)
class _Start:
    """From when a term runs. Args: term: which; at: from when; since: the end of the round before."""

    term: Term | None
    at: date | datetime | None
    since: date | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    activity: Activity
    lookup: CaseLookup
    definition: str
    round: int
    opened_on: date | datetime
    terms: Terms
    calendars: Calendars

    def scheduled(self, index: int, ledger: Ledger, today: date | None, term: str = "") -> Scheduled | None:
        """A deadline, or None when its list of rounds is done. Args: term: for which the ledger is."""
        begin = self._start_of(self.activity.deadlines[index])
        if begin is None:
            return None
        if begin.term is None or begin.at is None:
            return Scheduled(index, begin.term.key if begin.term else "")
        if begin.term.key != term:
            ledger = Ledger(corrections=ledger.corrections)
        due = self._due(begin.term, begin.at, begin.backwards, ledger, today)
        warn = self.activity.deadlines[index].warn
        appears_on = due.appears_on
        if begin.since is not None:
            interval = max(0, (due.day - begin.since).days)
            appears_on = begin.since + interval * EARLY // 100 * ONE_DAY
        return Scheduled(
            index=index,
            term=begin.term.key,
            start=due.appears_on if begin.backwards else local_day(due.explanation.start),
            due=due,
            reminders=deadlines.reminders(due, self.calendars, until=due.at, percentages=warn),
            appears_on=appears_on,
        )

    def _due(
        self,
        term: Term,
        at: date | datetime,
        backwards: bool,
        ledger: Ledger,
        today: date | None,
    ) -> Due:
        if backwards:
            return replace(deadlines.count_back(term, local_day(at), self.calendars), ledger=ledger)
        if term.duration.unit is Unit.HOURS:
            moment = at if isinstance(at, datetime) else start_of_day(at)
            return deadlines.start(term, moment, self.calendars, ledger, today=today)
        due = deadlines.start(term, local_day(at), self.calendars, ledger, today=today)
        months = term.duration.months
        if term.use is Use.AGE and months is not None and day_of_age(local_day(at), months) != due.day:
            # Born on 29 February: the birthday is on 1 March, in years without that day.
            return deadlines.start(term, local_day(at) + ONE_DAY, self.calendars, ledger, today=today)
        return due

    # which term, from when

    def _start_of(self, deadline: Deadline) -> _Start | None:
        for instead in deadline.instead:
            if evaluate(instead.when, self.lookup) is True:
                return self._plain(instead.term, instead.start)
        if isinstance(deadline.start, PreviousRound):
            return self._from_previous(deadline, deadline.start)
        if deadline.repeats_each:
            return self._for_ever(deadline)
        if deadline.repeats:
            return self._listed(deadline)
        return self._plain(deadline.term, deadline.start)

    def _plain(self, term: TermRef, anchor: Anchor) -> _Start:
        return _Start(self._term(term), self._anchor(anchor), backwards=isinstance(anchor, Before))

    def _from_previous(self, deadline: Deadline, anchor: PreviousRound) -> _Start:
        previous = self._last_round()
        if previous is None:
            return _Start(self._term(deadline.term), self._anchor(anchor.fallback))
        term = self.terms[deadline.repeats_each] if deadline.repeats_each else self._term(deadline.term)
        return _Start(term, previous, since=previous)

    def _listed(self, deadline: Deadline) -> _Start | None:
        first, at = self._term(deadline.term), self._anchor(deadline.start)
        if first is None or at is None:
            return _Start(first, at)
        listed = (first, *(self.terms[key] for key in deadline.repeats))
        day = local_day(at)
        number = self.round - sum(visit.opened_on < day and visit.round < self.round for visit in self._rounds())
        if number > len(listed):
            return None
        since = self._shifted(day, listed[number - 2]) if number > 1 else day
        return _Start(listed[number - 1], at, since=since)

    def _for_ever(self, deadline: Deadline) -> _Start:
        first, at = self._term(deadline.term), self._anchor(deadline.start)
        if first is None or at is None:
            return _Start(first, at)
        fixed = (first, *(self.terms[key] for key in deadline.repeats))
        each = self.terms[deadline.repeats_each]
        repeat = Repeat(first.duration, tuple(term.duration for term in fixed[1:]), each.duration)
        day = local_day(at)
        done = sorted(it for visit in self._dealt_with() if (it := visit.completed_on) is not None and it >= day)
        number, counted = 1, day
        for rounds in range(1, len(done) + 1):
            coming = next_round(repeat, day, done[:rounds], self.calendars.working_days)
            if coming is not None and coming.number > number:
                number, counted = coming.number, done[rounds - 1]
        if number > len(fixed):
            return _Start(each, counted, since=counted)
        return _Start(fixed[number - 1], at, since=self._shifted(day, fixed[number - 2]) if number > 1 else day)

    def _shifted(self, day: date, term: Term) -> date:
        return shift(day, term.duration, self.calendars.working_days)

    def _term(self, ref: TermRef) -> Term | None:
        if ref.key:
            return self.terms[ref.key]
        if ref.field:
            key = dict(ref.by_choice).get(str(plain(self.lookup.answer(ref.field))))
            return self.terms[key] if key else None
        written = self.lookup.case_file.settings.get(ref.setting)
        if not isinstance(written, str) or not written:
            return None
        return self.terms[written] if written in self.terms else _own_term(ref.setting, written)

    # from when

    def _anchor(self, anchor: Anchor) -> date | datetime | None:
        match anchor:
            case Opened(of):
                return self.opened_on if self._is_this(of) else _as_day(self._fact("opened_on", of))
            case Completed(of):
                return _as_day(self._fact("completed_on", of))
            case OnDate(fact) | Before(fact):
                return _as_day(self.lookup.fact(fact))
            case Answered(field, value):
                return self._answered(field, value)
            case OnEvent(event):
                return self._event(event)
            case AtAge(months):
                return self._age(months)
            case PreviousRound(fallback):
                return self._last_round() or self._anchor(fallback)

    def _is_this(self, element: str) -> bool:
        return element in (self.activity.key, f"{self.definition}.{self.activity.key}")

    def _fact(self, name: str, of: str) -> Value:
        return self.lookup.fact(FactRef(name, (("of", of),)))

    def _answered(self, field: str, value: object) -> date | None:
        if "." in field:
            answer, day = self.lookup.answer(field), self.lookup.answered_on(field)
        else:
            here = next((visit for visit in reversed(self._rounds()) if visit.round == self.round), None)
            saved = here.answers.get(field) if here else None
            answer = self.lookup.this_answers.get(field, saved)
            day = here.answered_on.get(field) if here else None
        if answer is None or (value is not None and plain(answer) != value):
            return None
        return day

    def _event(self, event: RecordEvent) -> date | None:
        if event is RecordEvent.TRACK_OPENED:
            days = [visit.opened_on for visit in self.lookup.case_file.visits if visit.run == self.lookup.run]
            return min((*days, local_day(self.opened_on)))
        row = self.lookup.subject
        if row is not None and event in (RecordEvent.CONSENT_COMPLETE, RecordEvent.CONSENT_WITHDRAWN):
            return self._consent_day(row, event)
        register, columns = ROW_DAYS.get(event, ("", ()))
        if row is None or row.register != register:
            return event_day(self.lookup, event)
        if event is RecordEvent.CAME_HOME and row.text("ended_to") != "home":
            return None
        day = next(filter(None, (row.day(column) for column in columns)), None)
        return day if day is not None and day <= self.lookup.case_file.today else None

    def _consent_day(self, subject: Row, event: RecordEvent) -> date | None:
        case_file = self.lookup.case_file
        rows = [row for row in case_file.rows("consent") if row.get("subject") == subject.id]
        if event is RecordEvent.CONSENT_WITHDRAWN:
            rows = [row for row in rows if row.text("kind") == "withdrawal"]
        elif consent_on(case_file, subject, case_file.today).state is not ConsentState.COMPLETE:
            return None
        days = (row.day("on") for row in rows)
        return max((day for day in days if day is not None and day <= case_file.today), default=None)

    def _age(self, months: int) -> date | None:
        child = self.lookup.person("child")
        row = self.lookup.case_file.person(child) if child else None
        birth = row.day("birth_date") if row else None
        return None if birth is None else day_of_age(birth, months)

    # rounds

    def _rounds(self) -> tuple[Visit, ...]:
        return tuple(
            visit
            for visit in self.lookup.case_file.visits
            if visit.run == self.lookup.run and visit.activity == self.activity.key
        )

    def _dealt_with(self) -> tuple[Visit, ...]:
        return tuple(visit for visit in self._rounds() if visit.state in DEALT_WITH and visit.round < self.round)

    def _last_round(self) -> date | None:
        days = [visit.completed_on for visit in self._dealt_with() if visit.completed_on is not None]
        return days[-1] if days else None


def _as_day(value: Value) -> date | datetime | None:
    return value if isinstance(value, date) else None


def _own_term(setting: str, written: str) -> Term | None:
    """The term that a municipality wrote as a duration in a setting; None when it is none."""
    try:
        duration = Duration.parse(written)
    except ValueError:
        return None
    return Term(
        key=setting,
        duration=duration,
        kind=DeadlineClass.POLICY,
        use=Use.DEADLINE,
        text=(),
        moves=False,
        moves_ground="beleid: schuift niet",
        ground=(),
        source="Instelling van de gemeente",
        certainty="beleidskeuze, geen wettelijk getal",
        verify=False,
    )
