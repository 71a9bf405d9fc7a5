"""The safeguards over the recorded history of a real case, as the query and the command for the auditor give it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.actions.change_register import change_register
from padwijzer.workflows.actions.complete_task import complete_task
from padwijzer.workflows.actions.deviation import Deviation
from padwijzer.workflows.actions.skip_task import skip_task
from padwijzer.workflows.core.conformance import Conformance, Judgement, Standing
from padwijzer.workflows.core.definition import Obligation, Performer
from padwijzer.workflows.core.errors import BreaksSafeguard, HistoryRefused
from padwijzer.workflows.core.packs import national
from padwijzer.workflows.core.recorded import Flaw
from padwijzer.workflows.core.releases import shipped
from padwijzer.workflows.history.timeline import PastEvent
from padwijzer.workflows.models import OPEN, Event, Release, Task
from padwijzer.workflows.queries.conformance import conformance_of, conformance_seen_by
from tests.support.cases import Family, a_case, a_release, a_user, at, with_help_chosen
from tests.support.clock import Clocked, another_case, publish
from tests.support.commands import managed
from tests.support.definitions import definition, step
from tests.support.guarded import NOBODY, a_guarded_case, watched_by
from tests.support.history import tampering
from tests.support.rebuilding import whole_history

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
ABOUT_ORDER = {it.key for it in national().safeguards if it.monitor is not None}
"""The safeguards over which a running case is watched; the others say how steps are made."""


def a_careless_case() -> Clocked:
    """A case on a path that asks nobody's view and decides without a plan, with the shipped way to look back."""
    release = shipped()
    review = tuple(it for it in release.definitions["V"].tracks if it.key == "deviation_review")
    by = {"performers": (Performer("jeugdconsulent"),)}
    publish(
        definition(
            "V",
            step("begin", "view", **by),
            step("view", "evaluate", meanings=("view_asked",), obligation=Obligation.POLICY, **by),
            step("evaluate", "decide", meanings=("measure_evaluation",), **by),
            step("decide", "last", meanings=("municipal_decision",), **by),
            step("last", **by),
            tracks=review,
        ),
        release.definitions["D-AFWIJK"],
    )
    return another_case()


def walked(case: Clocked) -> Clocked:
    """The view is skipped with a reason, then it is evaluated and decided, while nothing watches over the case."""
    case.does("begin", "2026-11-03")
    colleague = change_register(
        Acting(case.worker, at("2026-11-03")), case.case.pk, "person", {"name": "Karin Post", "kind": "professional"}
    )
    skip_task(
        Acting(case.worker, at("2026-11-04")),
        case.task("view").pk,
        deviation=Deviation("Zij is in het buitenland", colleague=colleague, look_again_on=date(2026, 12, 1)),
    )
    with watched_by(NOBODY):
        case.does("evaluate", "2026-11-05")
        case.does("decide", "2026-11-06")
    return case


def looked_back(case: Clocked, by: Any) -> None:
    task = Task.objects.get(case=case.case, activity="look_again", status__in=OPEN)
    complete_task(Acting(by, at("2026-12-01")), task.pk, {"terug_uitkomst": "ja"})


def of(found: Conformance, safeguard: str) -> Judgement:
    (only,) = [it for it in found.judgements if it.safeguard == safeguard]
    return only


def conforming(events: Sequence[PastEvent]) -> Conformance:
    return conformance_of(events, national())


def without(events: Sequence[PastEvent], *seqs: int) -> list[PastEvent]:
    return [it for it in events if it.seq not in seqs]


def renumbered(events: Sequence[PastEvent]) -> list[PastEvent]:
    return [replace(it, seq=seq) for seq, it in enumerate(events)]


def statement(safeguard: str) -> str:
    return next(it.statement for it in national().safeguards if it.key == safeguard)


def flaws(found: Conformance) -> set[Flaw]:
    return {it.flaw for it in found.flaws}


# What was recorded


def test_a_step_without_what_must_come_first_is_named_with_its_event_and_its_role():
    found = conforming(whole_history(walked(a_careless_case()).case))
    assert found.flaws == ()
    assert {it.safeguard for it in found.broken} == {"family_plan_before_decision", "plan_offered_under_measure"}
    broken = of(found, "family_plan_before_decision")
    assert broken.broken_by is not None
    assert broken.why.startswith("Er is hier nooit een plan van het gezin")
    assert broken.sentences == (
        broken.why,
        f"Gebeurtenis {broken.broken_by.seq} op 6 november 2026: “decide” gedaan door de rol jeugdconsulent.",
    )


def test_a_deviation_keeps_it_until_and_after_somebody_else_looked_back():
    case = walked(a_careless_case())
    open_ = of(conforming(whole_history(case.case)), "view_asked_under_measure")
    assert open_.standing is Standing.DEVIATED
    assert open_.sentences[-1] == "Terugkijken moet nog, op 1 december 2026."
    colleague = a_user("jeugdconsulent", name="Piet Post")
    Family(case.case, case.worker, case.child, "", "").joins(colleague, "jeugdconsulent", "2026-11-20")
    looked_back(case, colleague)
    reviewed = of(conforming(whole_history(case.case)), "view_asked_under_measure")
    (deviated,) = reviewed.deviations
    assert deviated.deviation is not None
    assert deviated.deviation.review is not None
    assert deviated.deviation.review.actor != deviated.deviation.actor
    assert "op 1 december 2026" in reviewed.sentences[-1].lower()
    assert "iemand anders" in reviewed.sentences[-1]


def test_the_shipped_path_is_kept_on_its_way_and_says_by_which_events():
    a_release()
    family = with_help_chosen(a_case())
    events = whole_history(family.case)
    found = conforming(events)
    assert found.is_kept
    assert found.events == len(events)
    (plan,) = of(found, "family_plan_before_decision").fulfilled_by
    assert (plan.definition, plan.activity, plan.version) == ("V", "short_plan", 1)
    assert events[plan.seq].ref["activity"] == "short_plan"


# A history that is not whole


def test_an_event_that_is_taken_out_is_missed_and_what_came_after_does_not_fit():
    events = whole_history(walked(a_careless_case()).case)
    evaluated = next(it.seq for it in events if it.ref.get("activity") == "evaluate")
    found = conforming(without(events, evaluated))
    assert not found.is_kept
    assert flaws(found) == {Flaw.MISSING, Flaw.IMPOSSIBLE}
    assert found.flaw_sentences[0] == f"Voor gebeurtenis {evaluated + 1} ontbreekt een gebeurtenis."


def test_a_step_that_does_not_fit_is_taken_at_its_word():
    events = whole_history(walked(a_careless_case()).case)
    found = conforming(without(events, *(it.seq for it in events if it.ref.get("activity") in ("begin", "view"))))
    broken = of(found, "family_plan_before_decision").broken_by
    assert broken is not None
    assert broken.activity == "decide"
    assert of(found, "view_asked_under_measure").standing is Standing.BROKEN


def test_numbering_it_anew_hides_nothing():
    events = whole_history(walked(a_careless_case()).case)
    evaluated = next(it.seq for it in events if it.ref.get("activity") == "evaluate")
    assert flaws(conforming(renumbered(without(events, evaluated)))) == {Flaw.IMPOSSIBLE}


def test_a_last_event_that_is_taken_out_is_not_missed_here_but_by_who_verifies_the_history():
    events = whole_history(walked(a_careless_case()).case)
    assert conforming(events[:-1]).flaws == ()


def test_what_followed_must_be_what_the_release_lets_follow():
    events = whole_history(walked(a_careless_case()).case)
    decided = next(it for it in events if it.ref.get("activity") == "decide")
    told = replace(decided, ref={**decided.ref, "followed": ["opened V.elsewhere#1"]})
    found = conforming([told if it is decided else it for it in events])
    assert [(it.flaw, it.seq) for it in found.flaws] == [(Flaw.CONSEQUENCE, decided.seq)]


def test_a_row_that_changed_without_having_been_there_does_not_fit():
    family = _shipped()
    change_register(
        Acting(family.worker, at("2026-11-03")),
        family.case.pk,
        "person",
        {"phone": "06 00 00 00 02"},
        row=family.mother,
    )
    events = whole_history(family.case)
    opened = replace(events[0], values={})
    assert Flaw.IMPOSSIBLE in flaws(conforming([opened, *events[1:]]))


def test_values_that_are_destroyed_leave_a_case_that_cannot_be_told():
    events = whole_history(walked(a_careless_case()).case)
    erased = replace(events[0], erased=frozenset({"row.person.x"}))
    assert flaws(conforming([erased, *events[1:]])) == {Flaw.ERASED}


def test_an_event_of_a_type_that_is_not_known_is_refused():
    events = whole_history(walked(a_careless_case()).case)
    with pytest.raises(HistoryRefused, match="unknown_type"):
        conforming([*events, replace(events[-1], seq=len(events), type="case.painted")])


@pytest.mark.parametrize("events", [[], ["no release"]])
def test_a_history_that_does_not_begin_with_its_release_cannot_be_read(events):
    family = _shipped()
    first = whole_history(family.case)[0]
    with pytest.raises(Release.DoesNotExist):
        conforming([replace(first, ref={}) for _ in events])


def _shipped() -> Family:
    a_release()
    return a_case()


# Who may see it


def test_who_works_on_the_whole_case_sees_every_judgement_and_what_is_wrong_with_the_history():
    case = walked(a_careless_case())
    events = whole_history(case.case)
    seen = conformance_seen_by(case.case, case.worker, TODAY, without(events, 3), national())
    assert seen is not None
    assert seen.withheld == 0
    assert seen.conformance.flaws
    assert len(seen.conformance.judgements) == len(conforming(events).judgements)


def test_who_is_not_involved_sees_nothing():
    case = walked(a_careless_case())
    stranger = a_user("jeugdconsulent", name="Wie Anders")
    assert conformance_seen_by(case.case, stranger, TODAY, whole_history(case.case), national()) is None


def test_who_may_see_the_history_but_not_the_whole_case_sees_no_judgement_about_steps_that_are_hidden():
    case = walked(a_careless_case())
    holder = a_user("mandaathouder", name="Mark Mandaat")
    Family(case.case, case.worker, case.child, "", "").joins(holder, "mandaathouder")
    events = whole_history(case.case)
    seen = conformance_seen_by(case.case, holder, TODAY, without(events, 3), national())
    assert seen is not None
    safeguards = {it.safeguard for it in seen.conformance.judgements}
    assert seen.withheld == len(conforming(events).judgements) - len(safeguards) > 0
    assert "family_plan_before_decision" not in safeguards
    assert "evaluation_is_never_skipped" in safeguards
    assert seen.conformance.flaws == ()


# The command


def run(*arguments: str) -> tuple[int, str]:
    return managed("conform_case", *arguments)


def test_the_command_says_that_a_case_is_kept_and_names_nobody():
    family = with_help_chosen(_shipped())
    for name in (family.case.number, str(family.case.pk)):
        status, text = run(name)
        assert status == 0
        assert "0 gebroken" in text
        assert f"): {statement('family_plan_before_decision')}" in text
        assert "“Kort plan” gedaan door de rol vast aanspreekpunt." in text
        assert not any(name in text for name in ("Noor", "Mirjam", "Paul", "Anna", "Bakker"))


def test_the_command_ends_with_status_1_at_a_breach():
    case = walked(a_careless_case())
    status, text = run("--json", case.case.number)
    *judgements, total = map(json.loads, text.splitlines())
    assert status == 1
    assert {it["safeguard"] for it in judgements if it["standing"] == "broken"} == {
        "family_plan_before_decision",
        "plan_offered_under_measure",
    }
    (deviated,) = [it for it in judgements if it["standing"] == "kept_by_deviation"]
    assert deviated["deviations"][0]["reasoned"] is True
    assert deviated["deviations"][0]["review"] is None
    assert total == {
        **total,
        "case": case.case.number,
        "kept": False,
        "broken": 2,
        "flaws": 0,
        "pack": "national",
        "sha256": national().digest,
    }


def test_the_command_ends_with_status_1_when_events_were_taken_out():
    family = with_help_chosen(_shipped())
    assert run(family.case.number)[0] == 0
    third = Event.objects.get(stream=family.case.stream, seq=3).pk
    with tampering() as cursor:
        cursor.execute("DELETE FROM padwijzer_workflows_opening WHERE event_id = %s", [third])
        cursor.execute("DELETE FROM padwijzer_workflows_event WHERE id = %s", [third])
        status, text = run(family.case.number)
    assert status == 1
    assert "Voor gebeurtenis 4 ontbreekt een gebeurtenis." in text


@pytest.mark.parametrize("name", ["J-1999-0001", "0b1d6a6e-5f0e-4c1a-9f57-3c7f0d3c2a11", "geen zaak"])
def test_the_command_ends_with_status_2_for_a_case_that_is_not_there(name):
    status, text = run(name)
    assert (status, text.splitlines()) == (
        2,
        [name, "  Deze zaak is er niet, of haar geschiedenis is niet te lezen."],
    )


def test_what_was_done_with_a_reason_is_kept_by_deviation_until_a_colleague_looked_back_and_after():
    case = a_guarded_case()
    case.does("begin", how="ladder")
    case.does("ladder", deviation=case.because(look_again_on=date(2026, 12, 1)))
    found = conforming(whole_history(case.case))
    assert found.flaws == ()
    assert not {it.safeguard for it in found.broken} & ABOUT_ORDER
    for safeguard in ("home_first", "second_look_before_ladder"):
        judged = of(found, safeguard)
        assert judged.standing is Standing.DEVIATED
        assert [it.step.activity for it in judged.deviations] == ["ladder"]
        assert judged.sentences[-1] == "Terugkijken moet nog, op 1 december 2026."
    case.does("look_again", by=case.colleague, how="ja")
    (deviated,) = of(conforming(whole_history(case.case)), "home_first").deviations
    assert deviated.deviation is not None
    assert deviated.deviation.review is not None


def test_what_the_engine_would_have_refused_is_what_is_broken_afterwards():
    case = a_guarded_case()
    case.does("begin", how="ladder")
    with pytest.raises(BreaksSafeguard) as refused:
        case.does("ladder")
    with watched_by(NOBODY):
        case.does("ladder")
    found = conforming(whole_history(case.case))
    assert {it.safeguard for it in found.broken} & ABOUT_ORDER == refused.value.safeguards
