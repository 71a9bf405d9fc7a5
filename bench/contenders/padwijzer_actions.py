"""
Padwijzer: the workload as a definition, published as a release and walked through the actions.

Every call checks the permission, validates the form, looks at a rule, and writes a hash-chained history. The language
has one way of doing two things at once: p1 is on the main line, p2 is a track beside it, and h13 waits for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from bench.contenders import OpenStep, Trail
from bench.loading import Copied
from bench.workload import (
    AFTER_TRACKS,
    ARMS,
    DEADLINE_DAYS,
    DEADLINE_STEP,
    FORMS,
    ROLE_OF,
    ROLES,
    SEQUENCE,
    START,
    Answers,
)
from padwijzer.forms.core.conditions import Compare, Condition, FactRef, Operator, TermRef
from padwijzer.forms.core.schema import Choice, FieldSpec, Text
from padwijzer.permissions.models import Organisation, RoleAssignment
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.actions.open_case import open_case
from padwijzer.workflows.actions.publish_release import publish_release
from padwijzer.workflows.core.definition import (
    Activity,
    ByHand,
    Deadline,
    DeadlineClass,
    Effect,
    End,
    Exit,
    Goto,
    Kind,
    Moment,
    Obligation,
    Open,
    Opened,
    OpenTrack,
    Owner,
    Performer,
    ProcessDefinition,
    Rule,
    RunScope,
    Track,
)
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.terms import Duration, Term, Terms, Use, load_terms
from padwijzer.workflows.models import (
    OPEN,
    Case,
    Event,
    Head,
    Membership,
    Opening,
    PathRun,
    RegisterRow,
    RunningDeadline,
    Task,
)

ROLE_HERE: Final = dict(zip(ROLES, ("jeugdconsulent", "gezinscoach", "gedragswetenschapper"), strict=True))
TERM: Final = f"bench_{DEADLINE_DAYS}d"
COMPLETED: Final = "task.completed"
MOST_HOURS: Final = 40
FINISH: Final = "finish"


class Contender:
    def prepare(self, users: dict[str, Any]) -> None:
        self.users = users
        self.organisation = Organisation.objects.create(
            name="Gemeente Voorbeeld", kind=Organisation.Kind.MUNICIPALITY
        )
        for role, user in users.items():
            RoleAssignment.objects.create(
                user=user,
                organisation=self.organisation,
                role=ROLE_HERE[role],
                since=timezone.localdate() - timedelta(days=1),
            )
        publish_release(_acting(None), ReleaseSpec("W", {"W": definition()}), terms())

    def start(self, user: Any, answers: Answers) -> UUID:
        opened = open_case(_acting(user), self.organisation, raw=posted(answers))
        return UUID(str(opened.case.pk))

    def involve(self, case: UUID) -> None:
        for role, user in self.users.items():
            add_member(_acting(self.users[ROLES[0]]), case, user, ROLE_HERE[role])

    def complete(self, case: UUID, task: int, step: str, user: Any, answers: Answers) -> None:
        complete_task(_acting(user), task, posted(answers))

    def open_steps(self, case: UUID) -> Sequence[OpenStep]:
        found = Task.objects.filter(case=case, status__in=OPEN).order_by("pk").values_list("pk", "activity")
        return [OpenStep(task, step) for task, step in found]

    def trail(self, case: UUID) -> Trail:
        stored = Case.objects.get(pk=case)
        events = Event.objects.filter(stream=stored.stream)
        return Trail(
            steps=Task.objects.filter(case=case, outcome="done", flow_task_type="HUMAN").count(),
            forms=events.filter(openings__name="answers.summary").count(),
            records=sum(f'"type":"{COMPLETED}"' in event.envelope for event in events),
            is_over=stored.status == Case.Status.CLOSED and not self.open_steps(case),
        )

    def rows_of(self, case: UUID) -> Sequence[Copied]:
        stored = Case.objects.get(pk=case)
        stream = f"'case/' || bench_text('{case.hex}', c.n)"
        hashed = {
            "stream": stream,
            "prev": f"bench_hash({stream} || (t.seq - 1))",
            "hash": f"bench_hash({stream} || t.seq)",
        }
        events = Event.objects.filter(stream=stored.stream)
        return [
            Copied(Case.objects.filter(pk=case), {"number": "'J-0000-' || c.n"}),
            Copied(RegisterRow.objects.filter(case=case)),
            Copied(Membership.objects.filter(case=case)),
            Copied(PathRun.objects.filter(case=case)),
            Copied(Task.objects.filter(case=case)),
            Copied(RunningDeadline.objects.filter(case=case)),
            Copied(events, hashed),
            Copied(Opening.objects.filter(event__in=events)),
            Copied(Head.objects.filter(stream=stored.stream), {"stream": stream, "hash": hashed["hash"]}),
        ]


def _acting(user: Any) -> Acting:
    return Acting(user, timezone.now())


def posted(answers: Answers) -> dict[str, object]:
    """Answers as a browser posts them: texts."""
    return {key: _text(value) for key, value in answers.items()}


def _text(value: str | int | bool | date) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nee"
    return value.isoformat() if isinstance(value, date) else str(value)


def _nl(words: str) -> Text:
    return (("nl", words),)


def _answer(field: str, operator: Operator, value: str | int) -> Condition:
    return Compare(FactRef("answer", (("field", field),)), operator, value)


def _fields() -> tuple[FieldSpec, ...]:
    return (
        FieldSpec("summary", _nl("Samenvatting"), "text", required=True),
        FieldSpec("notes", _nl("Afspraken"), "long_text"),
        FieldSpec(
            "arm", _nl("Vervolg"), "choice", required=True, choices=tuple(Choice(key, _nl(key)) for key in ARMS)
        ),
        FieldSpec("on_date", _nl("Datum"), "date", required=True),
        FieldSpec("hours", _nl("Uren"), "number", required=True),
        FieldSpec("redo", _nl("Nog een keer"), "yes_no", required=True),
    )


def _exits(step: str) -> tuple[Exit, ...]:
    match step:
        case "h06":
            *first, last = ARMS.items()
            chosen = tuple(Exit(Goto(arm), _answer("arm", Operator.IS, key)) for key, arm in first)
            return (*chosen, Exit(Goto(last[1])))
        case "p1":
            return (Exit(Goto(AFTER_TRACKS)),)
        case "p2":
            return (Exit(End()),)
        case "h12":
            return (Exit(Goto("p1")),)
        case "h18":
            return Exit(Goto("h16"), _answer("redo", Operator.IS, "ja")), Exit(Goto(FINISH))
        case _ if step in ARMS.values():
            return (Exit(Goto("h07")),)
        case _:
            return (Exit(Goto(SEQUENCE[0] if step == START else SEQUENCE[SEQUENCE.index(step) + 1])),)


def _other_track_is_done() -> Condition:
    """Unknown until then, so that the step waits and does not leave."""
    return Compare(FactRef("completed_on", (("of", "W.p2"),)), Operator.AT_MOST, FactRef("today"))


def _step(key: str) -> Activity:
    joins = key == AFTER_TRACKS
    return Activity(
        key=key,
        reference=key,
        title=_nl(f"Stap {key}"),
        kind=Kind.FORM,
        obligation=Obligation.POLICY,
        skippable=False,
        performers=(Performer(ROLE_HERE[ROLE_OF[key]]),),
        fields=_fields(),
        rules=(Rule(_answer("hours", Operator.MORE, MOST_HOURS), Effect.BLOCK, _nl("Meer dan een week."), "bench"),),
        exits=_exits(key),
        available=_other_track_is_done() if joins else None,
        unavailable=Goto(FINISH) if joins else None,
        opens=(Open(OpenTrack("p2"), Moment.COMPLETING),) if key == "h12" else (),
        deadlines=(Deadline(TermRef(TERM), Opened(key)),) if key == DEADLINE_STEP else (),
    )


def definition() -> ProcessDefinition:
    """The workload as a definition of 25 steps."""
    finish = Activity(
        key=FINISH,
        reference=FINISH,
        title=_nl("Einde"),
        kind=Kind.END,
        obligation=Obligation.POLICY,
        exits=(Exit(End()),),
    )
    return ProcessDefinition(
        key="W",
        title=_nl("Werklast"),
        scope=RunScope.FAMILY,
        activities=(*(_step(key) for key in (START, *FORMS)), finish),
        tracks=(Track("p2", _nl("Spoor p2"), ByHand.ACTIVITY, Owner.RUN, activity="p2"),),
    )


def terms() -> Terms:
    """The terms that Padwijzer comes with, as every release has them, and the one of the workload."""
    shipped = load_terms((files("padwijzer") / "fixtures" / "terms.json").read_bytes())
    return Terms(
        (
            *shipped.values(),
            Term(
                key=TERM,
                duration=Duration.parse(f"{DEADLINE_DAYS}d"),
                kind=DeadlineClass.POLICY,
                use=Use.DEADLINE,
                text=_nl("Termijn van de werklast"),
                moves=False,
                moves_ground="beleid: schuift niet",
                ground=("bench",),
                source="bench/workload.py",
                certainty="beleidskeuze, geen wettelijk getal",
                verify=False,
            ),
        )
    )
