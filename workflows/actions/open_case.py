"""Open a case for a family: who is in it, the first question, and who works on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from padwijzer.forms.core.conditions import Value
from padwijzer.permissions.models import Organisation
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.complete_task import Completion, complete_task
from padwijzer.workflows.actions.consequences import follow_up
from padwijzer.workflows.actions.permission import require
from padwijzer.workflows.actions.work import Work, new_id
from padwijzer.workflows.core.errors import InvalidAnswers, Refused
from padwijzer.workflows.core.rebuilding import OPENER
from padwijzer.workflows.core.recording import RowChange
from padwijzer.workflows.core.semantics import StartCase
from padwijzer.workflows.engine.locking import lock_case
from padwijzer.workflows.models import Case, Membership, RegisterRow, Release, Task
from padwijzer.workflows.queries.people import name_of
from padwijzer.workflows.queries.releases import newest_release


@dataclass(frozen=True, slots=True)
class NewPerson:
    """
    A person for a new case.

    Args:
        values: columns of the register of persons, at least `name` and `kind`.
        id: an id of the caller's; default a new one.
    """

    values: Mapping[str, Value] = field(repr=False)
    id: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening did. Args: case: the case; task: its first step; completion: of that step, when answered."""

    case: Case
    task: Task
    completion: Completion | None = None


def open_case(
    acting: Acting,
    organisation: Organisation,
    *,
    persons: Sequence[NewPerson] = (),
    raw: Mapping[str, object] | None = None,
    form_key: str = "",
) -> Opening:
    """
    Open a case on the newest release; with answers, its first step is completed at once.

    Args:
        acting: who, and when.
        organisation: whose case it is.
        persons: who is in it from the start; others follow on the family page.
        raw: answers to the first step, as posted.
        form_key: idempotency key of the rendered form: handed in twice, there is one case.

    Returns:
        The case, its first task, and what completing that did.

    Raises:
        NotAllowed: the user may not open cases.
        Refused: nothing was published yet.
        InvalidAnswers, Blocked, DeviationNeeded: as `complete_task`; then there is no case.
    """
    require(acting, "open_case")
    release = newest_release()
    if release is None:
        raise Refused(_("No path has been published yet."))
    with transaction.atomic():
        Release.objects.select_for_update().order_by().filter(digest=release.digest).first()  # numbers, one at a time
        known = Case.objects.filter(opening_key=form_key).first() if form_key else None
        if known is not None:
            return Opening(known, Task.objects.filter(case=known).order_by("pk")[0])
        case = _new_case(acting, organisation, release, form_key)
        work = Work(acting, case)
        _people(work, persons)
        fields = work.write_rows()
        _opener(work)
        work.move(StartCase())
        work.note(
            "case.opened",
            {
                "followed": work.told(work.happened),
                "number": case.number,
                "organisation": organisation.pk,
                "release": work.release.number,
                "sha256": work.release.digest,
            },
            fields,
        )
        follow_up(work, None)
        work.append()
        task = Task.objects.select_related("process").filter(case=case).order_by("pk")[0]
        completion = None if raw is None else complete_task(acting, task.pk, raw, form_key=form_key)
    return Opening(case, task, completion)


def _new_case(acting: Acting, organisation: Organisation, release: Release, form_key: str) -> Case:
    year = acting.on.year
    this_year = Case.objects.filter(number__startswith=f"J-{year}-")
    newest = this_year.order_by(Length("number").desc(), "-number").values_list("number", flat=True).first()
    following = int(newest.rpartition("-")[2]) + 1 if newest else 1
    case = Case.objects.create(
        number=f"J-{year}-{following:04d}",
        release=release,
        organisation=organisation,
        opened_at=acting.at,
        opened_on=acting.on,
        opening_key=form_key or None,
    )
    locked = lock_case(case.pk)
    assert locked is not None  # noqa: S101 - it was made two lines above
    return locked


def _people(work: Work, persons: Sequence[NewPerson]) -> None:
    for person in persons:
        if not str(person.values.get("name") or "").strip():
            raise InvalidAnswers({"name": ("Write a name.",)})
    work.expect(RowChange("person", person.id or new_id(), dict(person.values), is_new=True) for person in persons)
    mine: dict[str, Value] = {"kind": "professional", "name": name_of(work.acting.user)}
    work.expect([RowChange("person", new_id(), {**mine, "user": str(work.acting.user.pk)}, is_new=True)])


def _opener(work: Work) -> None:
    me = RegisterRow.objects.filter(case=work.case, register="person").order_by("-order")[0]
    Membership.objects.create(
        case=work.case,
        user=work.acting.user,
        role=OPENER,
        organisation=work.case.organisation,
        person=me,
        since=work.acting.on,
    )
