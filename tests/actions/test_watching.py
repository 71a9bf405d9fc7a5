"""What would break a safeguard is refused while the case runs; a reason helps only where the safeguard allows one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.add_member import add_member
from padwijzer.workflows.actions.claim_task import claim_task, delegate_task, release_task
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.open_track import open_track
from padwijzer.workflows.actions.run_clock import run_clock
from padwijzer.workflows.actions.save_draft import save_draft
from padwijzer.workflows.core.errors import Blocked, BreaksSafeguard, Conflict, DeviationNeeded, NotAllowed
from padwijzer.workflows.core.packs import national
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.search import prove
from padwijzer.workflows.core.proving.walking import CASE_BEGINS
from padwijzer.workflows.core.watching import WatchedStep
from padwijzer.workflows.models import Draft, Notice, RegisterRow, Task
from padwijzer.workflows.queries.releases import running_release
from padwijzer.workflows.queries.watches import past_steps
from tests.support.cases import a_user, an_organisation, at
from tests.support.clock import OPENED
from tests.support.guarded import NATIONAL_AND_LOCAL, Guarded, a_guarded_case, watched_by

pytestmark = pytest.mark.django_db
BOTH_LOOKS = ["home_first", "second_look_before_ladder"]


@pytest.fixture(autouse=True)
def _a_municipality_asks_more() -> Iterator[None]:
    with watched_by(NATIONAL_AND_LOCAL):
        yield


@pytest.fixture
def case() -> Guarded:
    return a_guarded_case()


def rows(case: Guarded, register: str) -> list[RegisterRow]:
    return list(RegisterRow.objects.filter(case=case.case, register=register).order_by("order"))


def safeguards_of(broken: BreaksSafeguard) -> list[str]:
    return [it.safeguard.key for it in broken.refusals]


# Refused


def test_a_decision_without_a_plan_is_refused_and_nothing_of_it_stays(case: Guarded) -> None:
    case.does("begin", how="besluit")
    task = case.task("decide")
    with pytest.raises(BreaksSafeguard) as refused:
        case.does("decide")
    assert safeguards_of(refused.value) == ["family_plan_before_decision"]
    assert refused.value.code == "breaks_safeguard"
    assert not refused.value.may_deviate
    assert case.task("decide").pk == task.pk
    assert not case.is_open("home")


def test_the_refusal_is_in_the_history_with_the_safeguard_that_it_names(case: Guarded) -> None:
    case.does("begin", how="besluit")
    with pytest.raises(BreaksSafeguard):
        case.does("decide")
    (told,) = case.events("task.refused")
    assert told["safeguards"] == ["family_plan_before_decision"]
    assert (told["activity"], told["grounds"]) == ("decide", ["C9"])


def test_what_was_typed_is_still_there_after_a_refusal(case: Guarded) -> None:
    case.does("begin", how="besluit")
    task = case.task("decide")
    save_draft(Acting(case.worker, at(OPENED, 11)), task.pk, {"iets": "getypt"})
    with pytest.raises(BreaksSafeguard):
        case.does("decide")
    assert Draft.objects.get(task=task, user=case.worker).values == {"iets": "getypt"}


def test_the_same_decision_is_made_after_the_plan(case: Guarded) -> None:
    case.does("begin", how="alles")
    case.does("plan")
    case.does("decide")
    assert case.is_open("home")
    assert case.events("task.refused") == []


def test_no_reason_is_good_enough_where_the_safeguard_allows_none(case: Guarded) -> None:
    case.does("begin", how="besluit")
    with pytest.raises(BreaksSafeguard):
        case.does("decide", deviation=case.because())
    assert rows(case, "deviation") == []


def test_skipping_what_nobody_may_skip_is_refused_and_told(case: Guarded) -> None:
    case.does("begin", how="alles")
    open_track(Acting(case.worker, at(OPENED)), case.case.pk, "V", "placement")
    case.does("placed")
    case.does("left")
    with pytest.raises(BreaksSafeguard) as refused:
        case.skips("look_back", case.because())
    assert safeguards_of(refused.value) == ["evaluation_is_never_skipped", "contact_before_closing"]
    (told,) = case.events("task.refused")
    assert told["safeguards"] == sorted(safeguards_of(refused.value))
    assert case.is_open("look_back")
    assert rows(case, "deviation") == []


def test_a_step_that_the_path_does_by_itself_afterwards_counts_too(case: Guarded) -> None:
    open_track(Acting(case.worker, at(OPENED)), case.case.pk, "V", "placement")
    case.does("placed")
    case.does("left")
    with pytest.raises(BreaksSafeguard) as refused:
        case.does("look_back")
    assert safeguards_of(refused.value) == ["contact_before_closing"]
    assert refused.value.refusals[0].step.activity == "closes"


def test_a_track_that_would_close_the_case_too_early_is_refused_and_told(case: Guarded) -> None:
    acting = Acting(case.worker, at(OPENED))
    open_track(acting, case.case.pk, "V", "placement")
    case.does("placed")
    with pytest.raises(BreaksSafeguard) as refused:
        open_track(acting, case.case.pk, "V", "close")
    assert safeguards_of(refused.value) == ["contact_before_closing"]
    (told,) = case.events("case.refused")
    assert told["safeguards"] == ["contact_before_closing"]
    assert not Task.objects.filter(case=case.case, activity="closes").exists()


def test_the_clock_leaves_alone_what_would_break_a_safeguard_and_tells_it_once() -> None:
    case = a_guarded_case("2026-11-02", born=date(2008, 11, 4))
    open_track(Acting(case.worker, at("2026-11-02")), case.case.pk, "V", "placement")
    case.does("placed")
    for day in ("2026-11-04", "2026-11-05"):
        assert run_clock(at(day)).is_right
    assert not Task.objects.filter(case=case.case, activity="closes").exists()
    assert case.events("case.refused")[0]["safeguards"] == ["contact_before_closing"]
    alarm = Notice.objects.get(case=case.case, source="safeguard:contact_before_closing")
    assert (alarm.kind, alarm.roles) == (Notice.Kind.ALARM, ",vap,")
    assert alarm.text.startswith("Nadat een plaatsing start, volgt een afspraak over contact")


# With a reason


def test_a_reason_is_asked_and_is_enough_where_the_safeguards_allow_one(case: Guarded) -> None:
    case.does("begin", how="ladder")
    with pytest.raises(BreaksSafeguard) as refused:
        case.does("ladder")
    assert safeguards_of(refused.value) == BOTH_LOOKS
    assert refused.value.may_deviate
    done = case.does("ladder", deviation=case.because())
    assert done.receipt
    assert case.is_open("begin")


def test_one_deviation_and_one_review_are_recorded_for_all_safeguards_at_once(case: Guarded) -> None:
    case.does("begin", how="ladder")
    case.does("ladder", deviation=case.because(look_again_on=date(2026, 12, 1)))
    (deviation,) = rows(case, "deviation")
    assert deviation.values["safeguards"] == BOTH_LOOKS
    assert deviation.values["step"] == "V.ladder"
    (duty,) = rows(case, "duty")
    assert {key: duty.values[key] for key in ("kind", "subject", "state", "due")} == {
        "kind": "deviation_review",
        "subject": str(deviation.pk),
        "state": "open",
        "due": "2026-12-01",
    }
    assert case.events("task.completed")[-1]["deviated"] == BOTH_LOOKS


def test_a_reason_that_nothing_asks_for_is_not_recorded(case: Guarded) -> None:
    case.does("begin", how="alles", deviation=case.because())
    assert rows(case, "deviation") == []
    assert "deviated" not in case.events("task.completed")[-1]


def test_what_was_deviated_from_is_not_asked_again(case: Guarded) -> None:
    case.does("begin", how="ladder")
    case.does("ladder", deviation=case.because())
    case.does("begin", how="ladder")
    case.does("ladder")
    assert len(rows(case, "deviation")) == 1


def test_skipping_with_a_reason_stands_for_what_must_happen_and_is_looked_back_on(case: Guarded) -> None:
    for step in ("begin", "plan", "decide"):
        case.does(step, how="alles" if step == "begin" else "")
    with pytest.raises(DeviationNeeded):
        case.skips("home")
    case.skips("home", case.because())
    case.does("second")
    case.does("ladder")
    assert len(rows(case, "deviation")) == 1
    assert case.is_open("look_again")


def test_who_may_not_deviate_cannot_do_so_from_a_safeguard(case: Guarded) -> None:
    helper = a_user("zorgaanbieder", name="Zoë Zorg", organisation=an_organisation("Zorg BV", "provider"))
    add_member(Acting(case.worker, at(OPENED)), case.case.pk, helper, "zorgaanbieder")
    case.does("begin", how="ladder")
    release_task(Acting(case.worker, at(OPENED, 11)), case.task("ladder").pk)
    with pytest.raises(NotAllowed):
        case.does("ladder", by=helper, deviation=case.because())
    with pytest.raises(BreaksSafeguard):
        case.does("ladder", by=helper)
    assert rows(case, "deviation") == []


def test_somebody_who_is_not_involved_learns_nothing_of_a_safeguard(case: Guarded) -> None:
    case.does("begin", how="besluit")
    with pytest.raises(NotAllowed):
        case.does("decide", by=a_user("jeugdconsulent", name="Vera Vreemd"))
    assert case.events("task.refused") == []


def test_of_two_who_deviate_at_once_the_second_hears_who_was_first(case: Guarded) -> None:
    case.does("begin", how="ladder")
    task, key = case.task("ladder").pk, str(uuid4())
    acting = Acting(case.worker, at(OPENED, 12))
    first = complete_task(acting, task, {}, form_key=key, deviation=case.because())
    assert complete_task(acting, task, {}, form_key=key, deviation=case.because()).receipt == first.receipt
    with pytest.raises(Conflict):
        complete_task(
            Acting(case.colleague, at(OPENED, 12)), task, {}, form_key=str(uuid4()), deviation=Deviation("Ik ook")
        )
    assert len(rows(case, "deviation")) == 1


# Looking back


def deviated(case: Guarded) -> Task:
    """The look back on a deviation that the worker of the case made."""
    case.does("begin", how="ladder")
    case.does("ladder", deviation=case.because())
    return case.task("look_again")


def test_the_look_back_is_nobodys_until_a_colleague_takes_it_up(case: Guarded) -> None:
    task = deviated(case)
    assert task.owner is None
    assert claim_task(Acting(case.colleague, at(OPENED, 12)), task.pk).owner_id == case.colleague.pk


def test_who_deviated_cannot_close_the_look_back_and_is_told_why(case: Guarded) -> None:
    task = deviated(case)
    with pytest.raises(Blocked, match="blocked") as refused:
        case.does("look_again", how="ja")
    assert "collega" in refused.value.sentence
    assert case.task("look_again").pk == task.pk
    assert rows(case, "duty")[0].values["state"] == "open"
    assert case.events("task.refused")[-1]["activity"] == "look_again"


def test_who_deviated_can_neither_take_up_the_look_back_nor_be_given_it(case: Guarded) -> None:
    task = deviated(case)
    with pytest.raises(Blocked):
        claim_task(Acting(case.worker, at(OPENED, 12)), task.pk)
    with pytest.raises(Blocked):
        delegate_task(Acting(case.colleague, at(OPENED, 12)), task.pk, case.worker)


def test_a_colleague_closes_it(case: Guarded) -> None:
    deviated(case)
    case.does("look_again", by=case.colleague, how="ja")
    (duty,) = rows(case, "duty")
    assert (duty.values["state"], duty.values["done_on"]) == ("done", OPENED)


# What is recorded, and what it costs


def test_the_history_says_which_steps_were_done_also_those_without_a_person(case: Guarded) -> None:
    case.does("begin", how="ladder")
    case.does("ladder", deviation=case.because())
    open_track(Acting(case.worker, at(OPENED)), case.case.pk, "V", "close")
    run = Task.objects.get(case=case.case, activity="closes").process.number
    assert past_steps(case.case) == (
        WatchedStep(1, "V", "begin"),
        WatchedStep(1, "V", "ladder", deviated=frozenset(BOTH_LOOKS)),
        WatchedStep(run, "V", "closes"),
    )


def test_only_a_step_that_can_break_something_reads_the_history_and_in_one_statement(case: Guarded) -> None:
    def statements(activity: str, how: str = "") -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            case.does(activity, how=how)
        return [
            it["sql"]
            for it in captured
            if it["sql"].startswith("SELECT") and '"envelope"' in it["sql"].split("FROM")[0]
        ]

    assert statements("begin", how="alles") == []
    assert statements("plan") == []
    assert len(statements("decide")) == 1


# With the proof


def test_a_counter_example_of_the_proof_is_refused_at_its_last_step_on_the_engine(case: Guarded) -> None:
    plan = running_release(case.case.release.digest).plan
    found = next(it for it in national().safeguards if it.key == "family_plan_before_decision")
    assert found.monitor is not None
    verdict = prove(Machine(plan, found.scope), found.monitor)
    assert verdict.run
    steps = [move.path[0] for move in verdict.run if move.path[0] != CASE_BEGINS]
    assert {what for what, *_ in steps} == {"complete"}
    *before, last = [activity for _what, _who, activity, _number in steps]
    for activity in before:
        case.does(activity, how="besluit" if activity == "begin" else "")
    with pytest.raises(BreaksSafeguard) as refused:
        case.does(last)
    assert safeguards_of(refused.value) == [found.key]
