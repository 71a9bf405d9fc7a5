"""
Let time do its work: the one action of the clock. Nothing in a case moves by itself.

Two things happen. Deadlines ask for attention when their moment has come, in the order of those moments, however long
ago the clock last ran. And once a day each case is looked at for what hangs on the day: rules about today or an age,
steps that wait, tracks that open or close at an age, before a date, or because a measure or an order is over.

Each case is its own transaction, twice: first what asks for attention, then what moves. A case on which somebody
works right now is left to the next run; so two clocks at once share the cases between them, and the unique source
and occasion of a notice is the second fence. What cannot be done is told by its kind and number, and stops nothing
else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext, override

from padwijzer.forms.core.nodes import Node
from padwijzer.forms.core.schema import in_language
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import step_ref
from padwijzer.workflows.actions.consequences import follow_up, occasion, rule_source
from padwijzer.workflows.actions.deadlines import (
    ledger_of,
    next_signal,
    percentages_of,
    reschedule_deadlines,
)
from padwijzer.workflows.actions.watching import note_refusal
from padwijzer.workflows.actions.work import Work
from padwijzer.workflows.core.deadlines import (
    EARLY,
    Due,
    Reminder,
    ReminderKind,
    end_of_day,
    explain,
    local_day,
    read_explanation,
    start_of_day,
)
from padwijzer.workflows.core.definition import Effect, Rule
from padwijzer.workflows.core.errors import BreaksSafeguard, Impossible
from padwijzer.workflows.core.rules import acts
from padwijzer.workflows.core.scheduling import due_again, reminder
from padwijzer.workflows.core.semantics import Recheck
from padwijzer.workflows.core.timing import timed_events
from padwijzer.workflows.core.watching import Refusal
from padwijzer.workflows.models import Case, Notice, RunningDeadline, Task
from padwijzer.workflows.models.runs import UNFINISHED
from padwijzer.workflows.queries.case_files import calendars

log = logging.getLogger(__name__)
ENDED: Final = (ReminderKind.END, ReminderKind.OVERDUE)
CONTACT: Final = ",vap,"
"""For whom a message is about what nobody in particular performs."""
LANGUAGE: Final = "nl"
"""What is written to people stays as it was written; they read Dutch."""


@dataclass(frozen=True, slots=True)
class Failure:
    """
    What could not be done.

    Args:
        kind: `case` or `deadline`.
        id: which.
        error: name of the error, never its text.
    """

    kind: str
    id: str
    error: str


@dataclass(slots=True)
class ClockReport:
    """
    What a run of the clock did; no personal data.

    Args:
        warnings: notices that a term warns.
        alarms: notices that a term is over.
        rules: notices of rules that became true.
        moved: cases in which something moved.
        looked: cases that were looked at.
        busy: cases that somebody else worked on; the next run takes them.
        failures: what could not be done.
    """

    warnings: int = 0
    alarms: int = 0
    rules: int = 0
    moved: int = 0
    looked: int = 0
    busy: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether everything could be done."""
        return not self.failures


def run_clock(at: datetime) -> ClockReport:
    """
    Let everything happen of which the moment has come.

    Args:
        at: now, with time zone.

    Returns:
        What it did.
    """
    report = ClockReport()
    for case in _cases_with_signals(at):
        _one(report, case, _signal_case, at)
    for case in _cases_to_look_at(at):
        _one(report, case, _look_at_case, at)
    return report


def _one(report: ClockReport, case_id: UUID, do: Callable[[ClockReport, Case, datetime], None], at: datetime) -> None:
    """One case in one transaction; what it did counts only when that succeeds."""
    mine = ClockReport()
    try:
        with transaction.atomic():
            case = (
                Case.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("release")
                .filter(pk=case_id)
                .first()
            )
            if case is None:
                report.busy += 1
                return
            do(mine, case, at)
    except Exception as error:
        _fail(report, "case", str(case_id), error)
        return
    report.warnings += mine.warnings
    report.alarms += mine.alarms
    report.rules += mine.rules
    report.moved += mine.moved
    report.looked += mine.looked
    report.failures += mine.failures


def _fail(report: ClockReport, kind: str, id_: str, error: Exception) -> None:
    report.failures.append(Failure(kind, id_, type(error).__name__))
    log.error("clock: %s %s: %s", kind, id_, type(error).__name__)


# What asks for attention


def _cases_with_signals(at: datetime) -> list[UUID]:
    due = RunningDeadline.objects.filter(next_signal__lte=at)
    cases = due.values("case").annotate(first=Min("next_signal")).order_by("first", "case")
    return list(cases.values_list("case", flat=True))


@dataclass(frozen=True, slots=True)
class _Signal:
    """One reminder of one deadline. Args: late_entry: it lay before the start was recorded; told: people hear it."""

    row: RunningDeadline
    due: Due
    reminder: Reminder
    late_entry: bool
    told: bool

    @property
    def is_over(self) -> bool:
        return self.reminder.kind in ENDED


def _signal_case(report: ClockReport, case: Case, at: datetime) -> None:
    rows = list(
        RunningDeadline.objects.filter(case=case, next_signal__lte=at)
        .select_related("task__process", "duty")
        .order_by("pk")
    )
    if not rows:
        return
    work = Work(Acting(None, at), case)
    signals: list[_Signal] = []
    changed: list[RunningDeadline] = []
    for row in rows:
        try:
            found = [] if _is_settled(row) else _signals_of(work, row, at)
        except Exception as error:
            _fail(report, "deadline", str(row.pk), error)
            continue
        signals += found
        changed.append(row)
    signals.sort(key=lambda it: (it.reminder.at, it.row.pk))
    notices = []
    for it in signals:
        work.note("deadline.passed" if it.is_over else "deadline.warned", _ref(work, it), {})
        if it.told:
            notices.append(_notice(work, it))
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    RunningDeadline.objects.bulk_update(changed, ["state", "signalled", "next_signal"])
    work.append()
    report.alarms += sum(it.kind == Notice.Kind.ALARM for it in notices)
    report.warnings += sum(it.kind == Notice.Kind.WARNING for it in notices)


def _is_settled(row: RunningDeadline) -> bool:
    """Whether what it asks is done or dropped already; then it is closed as it stands."""
    if row.task is not None:
        settled = row.task.status not in UNFINISHED
        dropped = row.task.outcome == "cancelled"
        over = settled and row.due is not None and row.task.finished is not None and row.task.finished > row.due
    else:
        state = row.duty.values.get("state") if row.duty is not None else "cancelled"
        settled, dropped = state != "open", state == "cancelled"
        done_on = row.duty.values.get("done_on") if row.duty is not None else None
        over = bool(done_on) and row.due is not None and start_of_day(date.fromisoformat(str(done_on))) > row.due
    if settled:
        row.next_signal = None
        states = RunningDeadline.State
        row.state = states.CANCELLED if dropped else states.LATE if over else states.MET
    return settled


def _signals_of(work: Work, row: RunningDeadline, at: datetime) -> list[_Signal]:
    """What a deadline has to say by now; the row is moved on to what comes next."""
    due = due_again(read_explanation(Node(row.explanation)), ledger_of(row))
    percentages: tuple[int, ...] = (EARLY,)
    if row.task is not None:
        percentages = percentages_of(work.activity(row.task), row.index)
    found: list[Reminder] = []
    number = row.signalled
    while (it := reminder(due, number, calendars(), percentages)) is not None and it.at <= at:
        found.append(it)
        number += 1
    entered = [it for it in found if row.known_at is not None and it.at <= row.known_at]
    # Of what lay before its recording people hear one thing: that it is over. The rest is written down only.
    heard = next((it for it in reversed(entered) if it.kind in ENDED), None)
    row.signalled = number
    row.next_signal = next_signal(due, number, percentages)
    if due.at < at:
        row.state = RunningDeadline.State.LATE
    return [_Signal(row, due, it, it in entered, it not in entered or it is heard) for it in found]


def _ref(work: Work, signal: _Signal) -> dict[str, Any]:
    row, task = signal.row, signal.row.task
    where = {"duty": str(row.duty_id)} if task is None else step_ref(work, task, work.activity(task))
    return {
        "deadline": row.pk,
        "due": signal.due.at.isoformat(),
        "kind": signal.reminder.kind.value,
        "moment": signal.reminder.at.isoformat(),
        "term": row.term,
        **where,
        **({"entered_later": True} if signal.late_entry else {}),
    }


def _notice(work: Work, signal: _Signal) -> Notice:
    row, task = signal.row, signal.row.task
    if task is not None:
        what, roles = in_language(work.activity(task).title, LANGUAGE), task.performers
        where = f"{occasion(task)}:{task.activity}:{row.index}"
    else:
        what, roles = _about_duty(work, row)
        where = f"duty:{row.duty_id}"
    when = explain(signal.due.explanation)
    with override(LANGUAGE):
        over, soon = gettext("“%(what)s” is too late. %(when)s"), gettext("“%(what)s” is due soon. %(when)s")
    return Notice(
        case=work.case,
        task=task,
        kind=Notice.Kind.ALARM if signal.is_over else Notice.Kind.WARNING,
        source=f"deadline:{row.term}:{signal.reminder.kind.value}",
        occasion=f"{where}:{signal.reminder.at:%Y%m%dT%H%M%S}",
        text=(over if signal.is_over else soon) % {"what": what, "when": when},
        roles=roles if roles.strip(",") else CONTACT,
        created_at=work.acting.at,
        due=signal.due.at,
    )


def _about_duty(work: Work, row: RunningDeadline) -> tuple[str, str]:
    """What a duty is called, and who can discharge it."""
    kind = str(row.duty.values.get("kind")) if row.duty is not None else ""
    places = dict.fromkeys(
        place
        for definition in work.release.plan.definitions.values()
        for step in definition.activities.values()
        for duty in step.duties
        if duty.kind == kind
        for place in duty.discharged_by
        if place.definition in work.release.plan
    )
    roles = dict.fromkeys(
        role for place in places for role in work.release.plan.step(place.definition, place.activity).deciders
    )
    title = str(row.duty.values.get("title", "")) if row.duty is not None else ""
    return title, "".join(f",{role}" for role in roles) + ","


# What hangs on the day


def _cases_to_look_at(at: datetime) -> list[UUID]:
    cases = _to_look_at(at).order_by(F("clock_at").asc(nulls_first=True), "pk")
    return list(cases.values_list("pk", flat=True))


def _to_look_at(at: datetime) -> QuerySet[Case]:
    """Cases not looked at today, or in which a step was opened or done since."""
    today = start_of_day(local_day(at))
    last = OuterRef("clock_at")
    lately = Q(created__gte=today, created__gt=last) | Q(finished__gte=today, finished__gt=last)
    stale = Q(clock_at=None) | Q(clock_at__lt=today) | Exists(Task.objects.filter(lately, case=OuterRef("pk")))
    return Case.objects.exclude(status=Case.Status.CLOSED).filter(stale)


def _look_at_case(report: ClockReport, case: Case, at: datetime) -> None:
    if not _to_look_at(at).filter(pk=case.pk).exists():
        return
    work, report.moved = _let_time_pass(case, at)
    report.looked = 1
    changed = reschedule_deadlines(work)
    fired = _judge_again(work)
    report.rules = len(fired)
    if changed or fired:
        work.note(
            "clock.looked",
            {"deadlines": changed, "notices": [f"{notice.kind} {notice.source}" for notice in fired]},
            {},
        )
    work.append()
    Case.objects.filter(pk=case.pk).update(clock_at=at)


def _let_time_pass(case: Case, at: datetime) -> tuple[Work, int]:
    """
    Move what moves because time went by; nothing when that breaks a safeguard, and the contact person hears of it.

    Returns:
        The work on the case, and 1 when something moved, else 0.
    """
    work = Work(Acting(None, at), case)
    try:
        with transaction.atomic():
            return work, int(_move(work))
    except BreaksSafeguard as broken:
        work = Work(Acting(None, at), case)
        note_refusal(work, broken)
        Notice.objects.bulk_create(map(partial(_refusal_notice, work), broken.refusals), ignore_conflicts=True)
        return work, 0


def _refusal_notice(work: Work, refusal: Refusal) -> Notice:
    """The alarm that a safeguard keeps the clock from going on; told once for each step that it holds back."""
    step = refusal.step
    return Notice(
        case=work.case,
        kind=Notice.Kind.ALARM,
        source=f"safeguard:{refusal.safeguard.key}",
        occasion=f"{step.run}:{step.activity}",
        text=f"{refusal.safeguard.statement} {refusal.why}",
        ground=refusal.safeguard.ground[0],
        roles=CONTACT,
        created_at=work.acting.at,
    )


def _move(work: Work) -> bool:
    after = work.file()
    last = local_day(work.case.clock_at) if work.case.clock_at else work.case.opened_on
    before = replace(after, today=min(last, after.today))
    for event in timed_events(work.release.plan, work.movement.marking, before, after):
        try:
            work.move(event)
        except Impossible:
            continue  # it ended with another track, or is not for this row
    work.move(Recheck())
    followed = work.told(work.happened)
    if followed:
        days = {"on": after.today.isoformat(), "since": before.today.isoformat()}
        work.note("time.passed", {**days, "followed": followed}, {})
        follow_up(work, None)
    return bool(followed)


def _judge_again(work: Work) -> list[Notice]:
    """Rules of open steps that the clock can make true: told when they become so, and not again while they are."""
    plan = work.release.plan
    tasks = Task.objects.filter(case=work.case, status__in=UNFINISHED).select_related("process").order_by("pk")
    watched = [task for task in tasks if plan.step(task.process.definition, task.activity).timed_rules]
    if not watched:
        return []
    known: dict[str, list[Notice]] = {}
    for notice in Notice.objects.filter(case=work.case, source__startswith="rule:").order_by("pk"):
        known.setdefault(notice.source, []).append(notice)
    fired: list[Notice] = []
    over: list[int] = []
    for task in watched:
        step = plan.step(task.process.definition, task.activity)
        lookup = work.lookup(task.process.number, task.activity, {})
        for index in step.timed_rules:
            rule = step.activity.rules[index]
            told = [it for it in known.get(rule_source(task, index), ()) if _is_of(it, task)]
            holds = bool(told) and told[-1].holds_since is not None
            if acts(rule, lookup):
                if not holds:
                    fired.append(_rule_notice(work, task, index, rule, len(told)))
            elif holds:
                over.append(told[-1].pk)
    if over:
        Notice.objects.filter(pk__in=over).update(holds_since=None)
    Notice.objects.bulk_create(fired, ignore_conflicts=True)
    return fired


def _is_of(notice: Notice, task: Task) -> bool:
    """Whether a notice was given about this round of a step."""
    return notice.occasion == occasion(task) or notice.occasion.startswith(f"{occasion(task)}:")


def _rule_notice(work: Work, task: Task, index: int, rule: Rule, before: int) -> Notice:
    """The notice of a rule. Args: before: how often it was told in this round."""
    day = None
    if rule.term is not None:
        day = work.lookup(task.process.number, task.activity, {}).shifted(work.acting.on, 1, rule.term)
    roles = "".join(f",{role}" for role in rule.to) + "," if rule.to else task.performers
    return Notice(
        case=work.case,
        task=task,
        kind=Notice.Kind.TASK if rule.effect is Effect.TASK else Notice.Kind.ALARM,
        source=rule_source(task, index),
        occasion=f"{occasion(task)}:{before + 1}" if before else occasion(task),
        text=in_language(rule.text, LANGUAGE),
        ground=rule.ground,
        roles=roles if roles.strip(",") else CONTACT,
        created_at=work.acting.at,
        holds_since=work.acting.on,
        due=None if day is None else end_of_day(day),
    )
