"""
Term arithmetic: start, count back, stand still, extend, remind, come back. `now` and `today` are arguments.

Days, weeks, months and years are counted in Europe/Amsterdam from the day after the start, and end at 23:59:59 there.
Hours are real time, whatever the clock does. Moments that come out are in UTC, so that they compare exactly. The end
of a term that moves goes to the first day that is no Saturday, Sunday or public holiday (Algemene termijnenwet,
article 1).

Every date that is computed carries its explanation, and `recompute` finds the same date from the explanation alone.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from padwijzer.forms.core.field_types import msgid
from padwijzer.forms.core.nodes import Node, leave_out_defaults
from padwijzer.workflows.core.calendars import ONE_DAY, Calendar, Calendars, FreeDay, read_day
from padwijzer.workflows.core.errors import Refused
from padwijzer.workflows.core.terms import Duration, Term, Unit, read_duration

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
LAST_SECOND: Final = time(23, 59, 59)
DAYS_IN: Final = {Unit.DAYS: 1, Unit.WEEKS: 7}
MONTHS_IN_YEAR: Final = 12
EARLY: Final = 75
"""Percent of a term after which it warns, and of an interval after which the next round appears."""
SHORT: Final = 2
"""Days. A term that is not longer warns only at its end."""
TWO_WEEKS: Final = timedelta(weeks=2)


# Moments and days


def local_day(moment: date | datetime) -> date:
    """
    The day of a moment in Europe/Amsterdam; a day is itself.

    Raises:
        ValueError: for a moment without a time zone.
    """
    if not isinstance(moment, datetime):
        return moment
    return _aware(moment).astimezone(AMSTERDAM).date()


def start_of_day(day: date) -> datetime:
    """The first moment of that day in Europe/Amsterdam, in UTC."""
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """23:59:59 of that day in Europe/Amsterdam, in UTC."""
    return datetime.combine(day, LAST_SECOND, AMSTERDAM).astimezone(UTC)


def shift(day: date, duration: Duration, working_days: Calendar, *, sign: int = 1) -> date:
    """
    The day a duration after (`sign` 1) or before (`sign` -1) a day.

    Months and years keep the number of the day, or take the last day of a shorter month.

    Args:
        day: where to start; it is not counted.
        duration: in days or longer.
        working_days: the municipality's calendar, for working days.
        sign: 1 or -1.

    Raises:
        ValueError: for a duration in hours.
    """
    return _count(day, duration, working_days, sign).end


def day_of_age(birth: date, months: int) -> date:
    """
    The day on which somebody reaches an age.

    Somebody born on 29 February has the birthday on 1 March in a year without that day.

    Args:
        birth: day of birth.
        months: the age in whole months.
    """
    day, shortened = _add_months(birth, months)
    return day + ONE_DAY if shortened and _is_leap_day(birth) else day


def age_in_months(birth: date, on: date) -> int:
    """
    The age in whole months on a day.

    Raises:
        ValueError: for a day before the birth.
    """
    if on < birth:
        message = "Nobody has an age before the day of birth."
        raise ValueError(message)
    months = (on.year - birth.year) * MONTHS_IN_YEAR + on.month - birth.month
    return months if day_of_age(birth, months) <= on else months - 1


# The ledger


@dataclass(frozen=True, slots=True)
class Suspension:
    """
    A time in which a term stands still (opschorting, Awb article 4:15).

    Args:
        first: first day on which it stands still.
        until: first day on which it runs again; None while it stands still.
        ground: key of the suspension ground of the term.
        by: pseudonym of who entered it.
    """

    first: date
    until: date | None
    ground: str
    by: str

    def days(self, today: date | None) -> int:
        """How many days it stood still, counted to `today` while it lasts."""
        end = self.until or today
        if end is None:
            message = "A term that still stands still can only be computed with `today`."
            raise ValueError(message)
        return max(0, (end - self.first).days)


@dataclass(frozen=True, slots=True)
class Extension:
    """
    A term lengthened once, with notice (verdaging, Awb article 4:14).

    Args:
        duration: by how much.
        on: day of the decision.
        notice_on: day on which those concerned were told.
        by: pseudonym of who entered it.
    """

    duration: Duration
    on: date
    notice_on: date
    by: str


@dataclass(frozen=True, slots=True)
class StartCorrection:
    """
    A start that was corrected afterwards.

    Args:
        old: the start as it was.
        new: the start as it is.
        on: day of the correction.
        by: pseudonym of who entered it.
    """

    old: date
    new: date
    on: date
    by: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """
    What happened to one running term: it stood still, it was extended, its start was corrected.

    It holds no free text: why somebody did so is a field of the event in the history.

    Args:
        suspensions: oldest first; they do not overlap.
        extension: the one extension.
        corrections: oldest first.
    """

    suspensions: tuple[Suspension, ...] = ()
    extension: Extension | None = None
    corrections: tuple[StartCorrection, ...] = ()

    @property
    def open_suspension(self) -> Suspension | None:
        """The suspension that still lasts."""
        return next((entry for entry in self.suspensions if entry.until is None), None)

    def suspended_days(self, today: date | None = None) -> int:
        """How many days it stood still. Args: today: needed while it still does."""
        return sum(entry.days(today) for entry in self.suspensions)


EMPTY_LEDGER: Final = Ledger()


# What is computed


@dataclass(frozen=True, slots=True)
class Counted:
    """
    One stretch that was counted.

    Args:
        duration: how long.
        passed_over: free days that did not count, for working days.
        shortened: whether the month had no such day and its last day was taken.
        end: the day that was reached.
    """

    duration: Duration
    passed_over: tuple[FreeDay, ...]
    shortened: bool
    end: date


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    How a date was found: enough to find it again.

    Args:
        term: key of the term.
        start: the day or moment it was counted from.
        backwards: whether it was counted back from a date.
        counted: the term, and its extension when there is one.
        stood_still: days on which it stood still.
        still_standing: whether it stands still now, so that the date will still shift.
        moved_over: free days over which the end moved.
        calendar_complete: whether all free days of that year were known.
    """

    term: str
    start: date | datetime
    backwards: bool
    counted: tuple[Counted, ...]
    stood_still: int = 0
    still_standing: bool = False
    moved_over: tuple[FreeDay, ...] = ()
    calendar_complete: bool = True

    @property
    def in_hours(self) -> bool:
        """Whether it was counted in hours."""
        return self.counted[0].duration.unit is Unit.HOURS


@dataclass(frozen=True, slots=True)
class Due:
    """
    When something is due.

    Args:
        day: the last day, in Europe/Amsterdam.
        at: the last moment, in UTC.
        explanation: how it was found.
        appears_on: for a term before a date: the day on which the task appears.
        ledger: what happened to the term.
    """

    day: date
    at: datetime
    explanation: Explanation
    appears_on: date | None = None
    ledger: Ledger = EMPTY_LEDGER

    @property
    def provisional(self) -> bool:
        """Whether the term stands still, so that the date will still shift."""
        return self.explanation.still_standing


def start(
    term: Term,
    anchor: date | datetime,
    calendars: Calendars,
    ledger: Ledger = EMPTY_LEDGER,
    *,
    today: date | None = None,
) -> Due:
    """
    When a term ends that starts at an anchor.

    Args:
        term: the term.
        anchor: the day or moment from which it runs; hours need a moment.
        calendars: the statutory calendar and the municipality's working days.
        ledger: what happened to it since.
        today: needed while it stands still; its days so far are counted.

    Returns:
        The last day and moment, and how they were found.

    Raises:
        ValueError: for hours from a day without a time, a moment without a zone, or a ledger the term cannot have.
    """
    _refuse_ledger(term, ledger)
    if term.duration.unit is Unit.HOURS:
        return _start_hours(term, anchor)
    counted = [_count(local_day(anchor), term.duration, calendars.working_days)]
    if ledger.extension is not None:
        counted.append(_count(counted[0].end, ledger.extension.duration, calendars.working_days))
    stood_still = ledger.suspended_days(today)
    end = counted[-1].end + stood_still * ONE_DAY
    moved_over = calendars.statutory.free_run(end) if term.moves else ()
    end += len(moved_over) * ONE_DAY
    explanation = Explanation(
        term=term.key,
        start=anchor,
        backwards=False,
        counted=tuple(counted),
        stood_still=stood_still,
        still_standing=ledger.open_suspension is not None,
        moved_over=moved_over,
        calendar_complete=not term.moves or calendars.statutory.knows(end),
    )
    return Due(end, end_of_day(end), explanation, ledger=ledger)


def count_back(term: Term, day: date, calendars: Calendars) -> Due:
    """
    A term before a date: when the task appears; it is due on the date itself.

    Args:
        term: the term, in days or longer; it never moves (Atw article 1 paragraph 2).
        day: the date before which something is to be done, for example the last day of a measure.
        calendars: for working days.

    Raises:
        ValueError: for a term in hours.
    """
    counted = _count(day, term.duration, calendars.working_days, -1)
    return Due(day, end_of_day(day), Explanation(term.key, day, True, (counted,)), appears_on=counted.end)


def recompute(explanation: Explanation) -> datetime:
    """
    The moment again, from its explanation alone, without calendar, term or ledger.

    Returns:
        The last moment of the term; for a term before a date the first moment of the day on which the task appears.
    """
    if explanation.in_hours:
        return _moment(explanation.start) + timedelta(hours=explanation.counted[0].duration.amount)
    day = local_day(explanation.start)
    sign = -1 if explanation.backwards else 1
    for stretch in explanation.counted:
        if stretch.duration.unit is Unit.WORKING_DAYS:
            day += sign * (stretch.duration.amount + len(stretch.passed_over)) * ONE_DAY
        else:
            day, _ = _add(day, stretch.duration, sign)
    day += (explanation.stood_still + len(explanation.moved_over)) * ONE_DAY
    return start_of_day(day) if explanation.backwards else end_of_day(day)


# Standing still, extending, correcting


def suspend(term: Term, due: Due, *, first: date, ground: str, by: str) -> Ledger:
    """
    Let a running term stand still.

    Args:
        term: the term.
        due: how it runs now.
        first: first day on which it stands still.
        ground: key of one of the term's suspension grounds.
        by: pseudonym of who does it.

    Returns:
        The ledger with the suspension.

    Raises:
        Refused: when the term knows no such ground, does not run on that day, or stood still then already.
    """
    if ground not in {known.key for known in term.suspendable}:
        raise Refused(msgid("This term cannot stand still on this ground."), ground=_grounds(term))
    if not local_day(due.explanation.start) < first <= due.day:
        raise Refused(
            msgid("The term does not run on that day."), hint=msgid("Choose a day after its start, up to its end.")
        )
    for entry in due.ledger.suspensions:
        if entry.until is None or first < entry.until:
            raise Refused(msgid("The term already stands still on that day."), hint=msgid("Let it run again first."))
    entry = Suspension(first, None, ground, by)
    return replace(due.ledger, suspensions=(*due.ledger.suspensions, entry))


def resume(ledger: Ledger, *, until: date) -> Ledger:
    """
    Let a term run again.

    Args:
        ledger: a ledger with an open suspension.
        until: first day on which it runs again.

    Raises:
        Refused: when it does not stand still, or began to do so later.
    """
    entry = ledger.open_suspension
    if entry is None or until < entry.first:
        raise Refused(msgid("The term does not stand still on that day."))
    closed = tuple(replace(entry, until=until) if known is entry else known for known in ledger.suspensions)
    return replace(ledger, suspensions=closed)


def extend(term: Term, due: Due, *, duration: Duration, on: date, notice_on: date, by: str) -> Ledger:
    """
    Lengthen a term: once, before its end, with notice.

    Args:
        term: the term.
        due: how it runs now.
        duration: by how much, in days or longer.
        on: day of the decision.
        notice_on: day on which those concerned are told.
        by: pseudonym of who does it.

    Raises:
        Refused: when the term cannot be extended, was extended before, or has ended on one of the two days.
    """
    if not term.extendable or duration.unit is Unit.HOURS:
        raise Refused(msgid("This term cannot be extended."), ground=_grounds(term))
    if due.ledger.extension is not None:
        raise Refused(msgid("This term was extended before."), hint=msgid("Make a reasoned deviation instead."))
    if max(on, notice_on) > due.day:
        raise Refused(msgid("The term has ended."), hint=msgid("Decide and tell those concerned before its end."))
    return replace(due.ledger, extension=Extension(duration, on, notice_on, by))


def correct(ledger: Ledger, *, old: date, new: date, on: date, by: str) -> Ledger:
    """
    Note that the start of a term was corrected; an open deadline is then computed anew from the new start.

    Args:
        ledger: the ledger of the term.
        old: the start as it was.
        new: the start as it is.
        on: day of the correction.
        by: pseudonym of who does it.
    """
    return replace(ledger, corrections=(*ledger.corrections, StartCorrection(old, new, on, by)))


# As JSON


def write_explanation(explanation: Explanation) -> dict[str, object]:
    """An explanation as JSON values, defaults left out; `read_explanation` reads the same one back."""
    begin = explanation.start
    moment = isinstance(begin, datetime)
    return leave_out_defaults(
        {
            "term": explanation.term,
            "start": _moment(begin).isoformat() if moment else begin.isoformat(),
            "backwards": explanation.backwards,
            "counted": [
                leave_out_defaults(
                    {
                        "duration": str(stretch.duration),
                        "passed_over": _write_free_days(stretch.passed_over),
                        "shortened": stretch.shortened,
                        "end": stretch.end.isoformat(),
                    }
                )
                for stretch in explanation.counted
            ],
            "stood_still": explanation.stood_still or None,
            "still_standing": explanation.still_standing,
            "moved_over": _write_free_days(explanation.moved_over),
            "calendar_incomplete": not explanation.calendar_complete,
        }
    )


def read_explanation(node: Node) -> Explanation:
    """An explanation as `write_explanation` wrote it. Raises: Unreadable with the exact place of the first fault."""
    node.object(
        "backwards", "stood_still", "still_standing", "moved_over", "calendar_incomplete",
        required=("term", "start", "counted"),
    )  # fmt: skip
    return Explanation(
        term=node.child("term").key(),
        start=_read_start(node.child("start")),
        backwards=node.boolean("backwards", default=False),
        counted=node.child("counted").list(_read_counted, at_least=1),
        stood_still=node.child("stood_still").integer() if node.has("stood_still") else 0,
        still_standing=node.boolean("still_standing", default=False),
        moved_over=node.optional_list("moved_over", _read_free_day),
        calendar_complete=not node.boolean("calendar_incomplete", default=False),
    )


def write_ledger(ledger: Ledger) -> list[dict[str, object]]:
    """A ledger as a list of JSON entries; `read_ledger` reads the same one back."""
    written: list[dict[str, object]] = [
        leave_out_defaults(
            {
                "suspended_from": entry.first.isoformat(),
                "until": entry.until and entry.until.isoformat(),
                "ground": entry.ground,
                "by": entry.by,
            }
        )
        for entry in ledger.suspensions
    ]
    if (extension := ledger.extension) is not None:
        days = {"on": extension.on.isoformat(), "notice_on": extension.notice_on.isoformat()}
        written.append({"extended_by": str(extension.duration), **days, "by": extension.by})
    written.extend(
        {
            "corrected_from": entry.old.isoformat(),
            "to": entry.new.isoformat(),
            "on": entry.on.isoformat(),
            "by": entry.by,
        }
        for entry in ledger.corrections
    )
    return written


def read_ledger(node: Node) -> Ledger:
    """A ledger as `write_ledger` wrote it. Raises: Unreadable with the exact place of the first fault."""
    entries = node.list(_read_entry)
    extensions = [entry for entry in entries if isinstance(entry, Extension)]
    if len(extensions) > 1:
        node.refuse("A term is extended once.")
    return Ledger(
        tuple(entry for entry in entries if isinstance(entry, Suspension)),
        extensions[0] if extensions else None,
        tuple(entry for entry in entries if isinstance(entry, StartCorrection)),
    )


def _read_entry(node: Node) -> Suspension | Extension | StartCorrection:
    if node.has("suspended_from"):
        node.object("until", required=("suspended_from", "ground", "by"))
        until = read_day(node.child("until")) if node.has("until") else None
        return Suspension(
            read_day(node.child("suspended_from")), until, node.child("ground").key(), node.child("by").string()
        )
    if node.has("extended_by"):
        node.object(required=("extended_by", "on", "notice_on", "by"))
        duration = read_duration(node.child("extended_by"))
        days = read_day(node.child("on")), read_day(node.child("notice_on"))
        return Extension(duration, *days, node.child("by").string())
    node.object(required=("corrected_from", "to", "on", "by"))
    old, new, on = (read_day(node.child(key)) for key in ("corrected_from", "to", "on"))
    return StartCorrection(old, new, on, node.child("by").string())


def _read_start(node: Node) -> date | datetime:
    written = node.string()
    if "T" not in written:
        return read_day(node)
    moment: datetime | None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        node.refuse("A moment with its time zone was expected here.")
    return moment


def _read_counted(node: Node) -> Counted:
    node.object("passed_over", "shortened", required=("duration", "end"))
    return Counted(
        read_duration(node.child("duration")),
        node.optional_list("passed_over", _read_free_day),
        node.boolean("shortened", default=False),
        read_day(node.child("end")),
    )


def _read_free_day(node: Node) -> FreeDay:
    node.object(required=("day", "name"))
    return FreeDay(read_day(node.child("day")), node.child("name").string())


def _write_free_days(days: tuple[FreeDay, ...]) -> list[dict[str, str]]:
    return [{"day": free.day.isoformat(), "name": free.name} for free in days]


# States


class DeadlineState(StrEnum):
    """How a deadline stands."""

    WAITING = "waiting"
    """Its start is not known yet."""
    RUNNING = "running"
    SUSPENDED = "suspended"
    MET = "met"
    LATE = "late"
    CANCELLED = "cancelled"
    """Its step ended without being done."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a deadline stands. Args: state: now; late: whether it was ever late, which it stays."""

    state: DeadlineState
    late: bool = False


def standing(
    due: Due | None, *, now: datetime, done: date | datetime | None = None, cancelled_at: datetime | None = None
) -> Standing:
    """
    How a deadline stands.

    A deadline never completes, skips or opens anything by itself.

    Args:
        due: when it is due; None while its start is unknown.
        now: the present moment.
        done: when what it asks happened (not when it was recorded); a day counts from its first moment.
        cancelled_at: when its step ended without being done.
    """
    if due is None:
        return Standing(DeadlineState.WAITING if cancelled_at is None else DeadlineState.CANCELLED)
    if done is not None:
        late = _moment(done) > due.at
        return Standing(DeadlineState.LATE if late else DeadlineState.MET, late)
    if cancelled_at is not None:
        return Standing(DeadlineState.CANCELLED, not due.provisional and _aware(cancelled_at) > due.at)
    if due.provisional:
        return Standing(DeadlineState.SUSPENDED)
    late = _aware(now) > due.at
    return Standing(DeadlineState.LATE if late else DeadlineState.RUNNING, late)


# Reminders


class ReminderKind(StrEnum):
    """Why a term asks for attention."""

    APPEARS = "appears"
    HALFWAY = "halfway"
    EARLY = "early"
    TWO_WEEKS = "two_weeks"
    END = "end"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A moment at which a term asks for attention. Args: at: in UTC; kind: why."""

    at: datetime
    kind: ReminderKind


def reminders(
    due: Due,
    calendars: Calendars,
    *,
    until: datetime,
    after: datetime | None = None,
    percentages: Sequence[int] = (EARLY,),
) -> tuple[Reminder, ...]:
    """
    The reminders of an open deadline up to a moment.

    At each percentage of the term, at its end, and then after each further half of it; a term of at most two days
    only at its end. A term before a date: when it appears, half-way, two weeks before, and at the end. None while it
    stands still. With `after` the moment of recording, what had passed by then is left out: it is written down, never
    sent.

    Args:
        due: the deadline.
        calendars: for terms in working days, of which a percentage counts in working days.
        until: the last moment that is of interest, usually now.
        after: reminders at or before this moment are left out.
        percentages: at which parts of the term to warn, 1 to 99.

    Returns:
        In order of time; at one moment, one reminder.
    """
    if due.appears_on is None:
        found = _reminders_forward(due, calendars.working_days, percentages, until)
    else:
        found = _reminders_before(due, due.appears_on)
    standing_still = due.ledger.open_suspension
    stop = until if standing_still is None else min(until, start_of_day(standing_still.first))
    chosen: dict[datetime, Reminder] = {}
    for reminder in found:
        if (after is None or reminder.at > after) and reminder.at <= stop:
            chosen[reminder.at] = reminder
    return tuple(chosen[at] for at in sorted(chosen))


def _reminders_forward(
    due: Due, working_days: Calendar, percentages: Sequence[int], until: datetime
) -> Iterator[Reminder]:
    term = due.explanation
    if term.in_hours:
        yield from _reminders_in_hours(due, percentages, until)
        return
    in_working_days = all(stretch.duration.unit is Unit.WORKING_DAYS for stretch in term.counted)
    first_day = local_day(term.start)
    if in_working_days:
        length = sum(stretch.duration.amount for stretch in term.counted)
    else:
        length = (term.counted[-1].end - first_day).days

    def after_days(day: date, days: int) -> date:
        return working_days.count(day, days)[0] if in_working_days else day + days * ONE_DAY

    if length > SHORT:
        for percentage in percentages:
            day = after_days(first_day, length * percentage // 100)
            yield Reminder(start_of_day(_with_suspensions(day, due.ledger) + ONE_DAY), ReminderKind.EARLY)
    yield Reminder(due.at, ReminderKind.END)
    if length > SHORT:
        halves = 1
        while (at := end_of_day(after_days(due.day, -(-length * halves // 2)))) <= until:
            yield Reminder(at, ReminderKind.OVERDUE)
            halves += 1


def _reminders_in_hours(due: Due, percentages: Sequence[int], until: datetime) -> Iterator[Reminder]:
    length = timedelta(hours=due.explanation.counted[0].duration.amount)
    yield Reminder(due.at, ReminderKind.END)
    if length <= timedelta(days=SHORT):
        return
    for percentage in percentages:
        yield Reminder(due.at - length * (100 - percentage) / 100, ReminderKind.EARLY)
    at = due.at
    while (at := at + length / 2) <= until:
        yield Reminder(at, ReminderKind.OVERDUE)


def _reminders_before(due: Due, appears_on: date) -> Iterator[Reminder]:
    halfway = appears_on + (due.day - appears_on).days // 2 * ONE_DAY
    yield Reminder(start_of_day(halfway), ReminderKind.HALFWAY)
    if due.day - TWO_WEEKS > appears_on:
        yield Reminder(start_of_day(due.day - TWO_WEEKS), ReminderKind.TWO_WEEKS)
    yield Reminder(start_of_day(appears_on), ReminderKind.APPEARS)
    yield Reminder(due.at, ReminderKind.END)


def _with_suspensions(day: date, ledger: Ledger) -> date:
    for entry in sorted(ledger.suspensions, key=lambda known: known.first):
        if entry.until is not None and entry.first <= day:
            day += entry.days(None) * ONE_DAY
    return day


# Coming back


@dataclass(frozen=True, slots=True)
class Repeat:
    """
    How a step comes back.

    A fixed list counts from one start and does not drift when a round is late; `each` counts from the round before.

    Args:
        first: from the start to the first round.
        further: from the same start to the second, third … round.
        each: from the last round to the next, once the list is done; None when it ends with the list.
    """

    first: Duration
    further: tuple[Duration, ...] = ()
    each: Duration | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """
    A round that is to come.

    Args:
        number: 1 for the first.
        due: its last day.
        appears_on: the day on which it appears in the list of work: after 75 % of the interval.
    """

    number: int
    due: date
    appears_on: date


def next_round(repeat: Repeat, start_day: date, done: Sequence[date], working_days: Calendar) -> Round | None:
    """
    The round that is to come.

    A round that was done early counts when it was done in the last quarter of its interval, the days on which it
    stands in the list of work; done before that, it is an extra and the round is still to come.

    Args:
        repeat: how the step comes back.
        start_day: from when it counts.
        done: the days on which rounds were done, in any order.
        working_days: the municipality's calendar.

    Returns:
        The round, or None when the list is done and nothing comes back after it.
    """
    fixed = (repeat.first, *repeat.further)
    days = iter(sorted(done))
    previous = start_day
    number = 1
    while number <= len(fixed) or repeat.each is not None:
        if repeat.each is not None and number > len(fixed):
            due = shift(previous, repeat.each, working_days)
        else:
            due = shift(start_day, fixed[number - 1], working_days)
        interval = max(0, (due - previous).days)
        appears_on = previous + interval * EARLY // 100 * ONE_DAY
        counting = next((day for day in days if day >= appears_on), None)
        if counting is None:
            return Round(number, due, appears_on)
        previous = due if number < len(fixed) else counting
        number += 1
    return None


# In words

MONTHS: Final = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
DAYS: Final = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")


def explain(explanation: Explanation) -> str:
    """
    One sentence in plain Dutch that says how a date was found.

    Args:
        explanation: of `start` or `count_back`.

    Returns:
        For example: "Uiterlijk dinsdag 28 april 2026: dat is 8 weken na maandag 2 maart 2026; op maandag 27 april
        2026 (Koningsdag) mag de termijn niet eindigen, dus 1 dag later."
    """
    first = explanation.counted[0]
    if explanation.in_hours:
        begin = _moment(explanation.start)
        end = _in_words(recompute(explanation))
        return f"Uiterlijk {end}: dat is {first.duration.in_dutch()} na {_in_words(begin)}."
    begin_day = day_in_words(local_day(explanation.start))
    end_day = day_in_words(local_day(recompute(explanation)))
    if explanation.backwards:
        head = f"Vanaf {end_day}: dat is {first.duration.in_dutch()} voor {begin_day}"
    else:
        head = f"Uiterlijk {end_day}: dat is {first.duration.in_dutch()} na {begin_day}"
    return "; ".join((head, *_remarks(explanation))) + "."


def explain_age(birth: date, months: int) -> str:
    """One sentence in plain Dutch that says on which day an age is reached. Args: as for `day_of_age`."""
    years, rest = divmod(months, MONTHS_IN_YEAR)
    parts = [f"{years} jaar"] if years or not rest else []
    if rest:
        parts.append(Duration(rest, Unit.MONTHS).in_dutch())
    day = day_of_age(birth, months)
    sentence = f"Op {day_in_words(day)} is wie op {date_in_words(birth)} is geboren {' en '.join(parts)}"
    if _is_leap_day(birth) and day.day != birth.day:
        sentence += "; een verjaardag op 29 februari telt dan op 1 maart"
    return sentence + "."


def date_in_words(day: date) -> str:
    """A date in Dutch, for example `28 april 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_in_words(day: date) -> str:
    """A date in Dutch with its weekday, for example `dinsdag 28 april 2026`."""
    return f"{DAYS[day.weekday()]} {date_in_words(day)}"


def _in_words(moment: datetime) -> str:
    local = moment.astimezone(AMSTERDAM)
    return f"{day_in_words(local.date())} om {local:%H:%M} uur"


def _remarks(explanation: Explanation) -> Iterator[str]:
    for stretch in explanation.counted:
        if stretch is not explanation.counted[0]:
            yield f"de termijn is verlengd met {stretch.duration.in_dutch()}"
        if stretch.passed_over:
            yield _passed_over_in_words(stretch.passed_over)
        if stretch.shortened:
            yield f"{MONTHS[stretch.end.month - 1]} is korter, dus het wordt de laatste dag van die maand"
    if explanation.stood_still:
        yield f"de termijn stond {Duration(explanation.stood_still, Unit.DAYS).in_dutch()} stil"
    if explanation.still_standing:
        yield "de termijn staat nu stil, dus de datum schuift nog op"
    if explanation.moved_over:
        first, later = explanation.moved_over[0], len(explanation.moved_over)
        name = "" if first.name == DAYS[first.day.weekday()] else f" ({first.name})"
        yield (
            f"op {day_in_words(first.day)}{name} mag de termijn niet eindigen, "
            f"dus {Duration(later, Unit.DAYS).in_dutch()} later"
        )
    if not explanation.calendar_complete:
        yield "kijk na of er in dat jaar nog meer vrije dagen zijn"


def _passed_over_in_words(passed_over: tuple[FreeDay, ...]) -> str:
    named = [free for free in passed_over if free.name != DAYS[free.day.weekday()]]
    parts = [f"{free.name} ({date_in_words(free.day)})" for free in named]
    if len(named) < len(passed_over):
        parts.insert(0, "het weekend")
    if len(parts) == 1:
        return f"{parts[0]} telt niet mee"
    return f"{', '.join(parts[:-1])} en {parts[-1]} tellen niet mee"


# Counting


def _start_hours(term: Term, anchor: date | datetime) -> Due:
    if not isinstance(anchor, datetime):
        message = f"{term.key} runs in hours and needs a moment, not only a day."
        raise ValueError(message)
    at = _moment(anchor) + timedelta(hours=term.duration.amount)
    counted = Counted(term.duration, (), False, local_day(at))
    return Due(local_day(at), at, Explanation(term.key, anchor, False, (counted,)))


def _count(day: date, duration: Duration, working_days: Calendar, sign: int = 1) -> Counted:
    if duration.unit is Unit.WORKING_DAYS:
        end, passed_over = working_days.count(day, sign * duration.amount)
        return Counted(duration, passed_over, False, end)
    end, shortened = _add(day, duration, sign)
    return Counted(duration, (), shortened, end)


def _add(day: date, duration: Duration, sign: int) -> tuple[date, bool]:
    if duration.months is not None:
        return _add_months(day, sign * duration.months)
    if duration.unit not in DAYS_IN:
        message = f"A day cannot be shifted by {duration}."
        raise ValueError(message)
    return day + sign * duration.amount * DAYS_IN[duration.unit] * ONE_DAY, False


def _add_months(day: date, months: int) -> tuple[date, bool]:
    year, month = divmod(day.year * MONTHS_IN_YEAR + day.month - 1 + months, MONTHS_IN_YEAR)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)), day.day > last


def _is_leap_day(day: date) -> bool:
    return (day.month, day.day) == (2, 29)


def _moment(anchor: date | datetime) -> datetime:
    return _aware(anchor).astimezone(UTC) if isinstance(anchor, datetime) else start_of_day(anchor)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        message = "A moment needs a time zone."
        raise ValueError(message)
    return moment


def _grounds(term: Term) -> str:
    return ", ".join(term.ground)


def _refuse_ledger(term: Term, ledger: Ledger) -> None:
    known = {ground.key for ground in term.suspendable}
    if any(entry.ground not in known for entry in ledger.suspensions):
        message = f"{term.key} cannot stand still on one of these grounds."
        raise ValueError(message)
    if ledger.extension is not None and not term.extendable:
        message = f"{term.key} cannot be extended."
        raise ValueError(message)
