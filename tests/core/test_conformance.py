"""Each statement over a recorded history: kept, kept by a deviation, open or broken, and by which event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import UNKNOWN, Collection, FactRef, TermRef, Value
from padwijzer.forms.core.field_types import LadderAnswer
from padwijzer.workflows.core.case_file import Row
from padwijzer.workflows.core.conformance import Conformance, Judgement, Standing, conformance, heard
from padwijzer.workflows.core.meanings import WORDS
from padwijzer.workflows.core.packs import Pack, Safeguard
from padwijzer.workflows.core.proving.machine import Aspect, Component, Machine
from padwijzer.workflows.core.recorded import DoneStep, Flaw, Flawed, RecordedCase, RecordedDeviation, Review
from padwijzer.workflows.core.safeguards import STEP, Deviable, Scope, Template, around, skipped, with_answer
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.chain_precedence import ChainPrecedence
from padwijzer.workflows.core.safeguards.coexistence import Coexistence
from padwijzer.workflows.core.safeguards.existence import Existence
from padwijzer.workflows.core.safeguards.init import Init
from padwijzer.workflows.core.safeguards.ladder_order import LadderOrder
from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation
from padwijzer.workflows.core.safeguards.not_coexistence import NotCoexistence
from padwijzer.workflows.core.safeguards.precedence import Precedence
from padwijzer.workflows.core.safeguards.response import Response
from padwijzer.workflows.core.safeguards.separation_of_duties import SeparationOfDuties
from padwijzer.workflows.core.safeguards.standing_duty import StandingDuty
from padwijzer.workflows.core.safeguards.succession import Succession
from padwijzer.workflows.core.safeguards.waits_for_consent import WaitsForConsent
from padwijzer.workflows.core.safeguards.who_may_perform import WhoMayPerform
from padwijzer.workflows.core.semantics import What
from tests.safeguards.test_every_template import EXAMPLES, MONITORS, WATCHED
from tests.support.definitions import definition, plan, step
from tests.support.recorded import MONDAY
from tests.support.recorded import done as a_step

MEANINGS = sorted(WORDS)
PLAN = plan(
    definition(
        "V",
        step("plain", MEANINGS[0]),
        *(step(key, after, meanings=(key,)) for key, after in zip(MEANINGS, [*MEANINGS[1:], "last"], strict=True)),
        step("last"),
    )
)
FIRST, SECOND, CHILD = (
    Row("first", "help_item", {"child": "child"}, date(2026, 11, 2)),
    Row("second", "help_item", {"child": "other"}, date(2026, 11, 2)),
    Row("child", "person", {"kind": "child"}, date(2026, 11, 2)),
)
HELP_ROWS = {row.id: row for row in (CHILD, FIRST, SECOND)}


class Consented:
    """
    A case in which consent to what a run is about is complete and no measure runs, or in which it is the other way
    round; None when nobody knows.
    """

    def __init__(self, *, complete: bool | None) -> None:
        self.complete = complete

    def fact(self, ref: FactRef) -> Value:
        assert ref.name == "consent_state"
        if self.complete is None:
            return UNKNOWN
        return "complete" if self.complete else "not_asked"

    def rows(self, collection: Collection) -> Sequence[Mapping[str, Value]]:
        assert collection == Collection("children")
        if self.complete is None:
            return [{"running_measure": UNKNOWN}]
        return [{"running_measure": "none" if self.complete else "ots"}]

    def shifted(self, day: date, sign: int, term: TermRef) -> date | None:
        raise AssertionError(term)


def done(name: str, seq: int = 0, *, complete: bool | None = False, **more: Any) -> DoneStep:
    """A step with a meaning (`plain` has none); `skip:` before it when it was skipped."""
    return a_step(name, seq, **{"release": PLAN.digest, "lookup": Consented(complete=complete), **more})


def history(*names: str, **more: Any) -> tuple[DoneStep, ...]:
    """Steps in this order, numbered from 0."""
    return tuple(done(name, seq, **more) for seq, name in enumerate(names))


def a_safeguard(
    template: Template, scope: Scope = Scope.FAMILY, *, deviation: bool = False, shared: bool = False
) -> Safeguard:
    return Safeguard("it", template, scope, ("C1",), "bron", "[A]", deviation=deviation, shared=shared)


def found(safeguard: Safeguard, case: RecordedCase) -> Conformance:
    return conformance(Pack("test", "1", (safeguard,)), {PLAN.digest: PLAN}, case)


def judged(template: Template, *names: str, deviation: bool = False, closed: bool = False, **more: Any) -> Judgement:
    """How a statement about the family stands after these steps."""
    case = RecordedCase(history(*names), is_closed=closed, **more)
    (only,) = found(a_safeguard(template, deviation=deviation), case).judgements
    return only


def seqs(judgement: Judgement) -> list[int]:
    return [it.seq for it in judgement.fulfilled_by]


# Each template


@pytest.mark.parametrize(
    ("template", "names", "fulfilled"),
    [
        (ChainPrecedence(("legal_ground",), ("placement_start",)), ["legal_ground", "placement_start"], [0]),
        (
            Coexistence(("mentor_chosen",), ("first_talk",), ("closing",)),
            ["mentor_chosen", "first_talk", "closing"],
            [1],
        ),
        (Existence(("first_talk",)), ["plain", "first_talk", "closing"], [1]),
        (Init(("application",)), ["application", "plain"], [0]),
        (NoDeviation(("consent_asked",)), ["consent_asked", "consent_asked"], [0, 1]),
        (Precedence(("family_plan",), ("municipal_decision",)), ["family_plan", "municipal_decision"], [0]),
        (
            Response(("placement_start",), ("contact_arrangement",), ("closing",)),
            ["placement_start", "contact_arrangement", "closing"],
            [1],
        ),
        (
            StandingDuty(("placement_end",), ("evaluation_after_placement",), ("closing",)),
            ["placement_end", "evaluation_after_placement", "placement_end", "evaluation_after_placement"],
            [1, 3],
        ),
        (
            Succession(("crisis_report",), ("afterwards_list",), ("closing",)),
            ["crisis_report", "afterwards_list", "closing"],
            [1],
        ),
        (WhoMayPerform(("municipal_decision",), ("vap",)), ["plain", "municipal_decision"], [1]),
    ],
    ids=lambda it: type(it).__name__ if not isinstance(it, list) else "",
)
def test_what_is_kept_names_the_events_that_fulfilled_it(template, names, fulfilled):
    judgement = judged(template, *names)
    assert (judgement.standing, seqs(judgement)) == (Standing.KEPT, fulfilled)
    assert judgement.broken_by is None


@pytest.mark.parametrize(
    ("template", "names"),
    [
        (Absence(("investigation_request",)), ["plain", "investigation_request"]),
        (ChainPrecedence(("legal_ground",), ("placement_start",)), ["legal_ground", "plain", "placement_start"]),
        (Coexistence(("mentor_chosen",), ("first_talk",), ("closing",)), ["mentor_chosen", "closing"]),
        (Existence(("first_talk",)), ["plain", "closing"]),
        (Init(("application",)), ["plain"]),
        (NoDeviation(("consent_asked",)), ["consent_asked", "skip:consent_asked"]),
        (
            NotCoexistence(("ordinary_support",), ("investigation_request",)),
            ["ordinary_support", "investigation_request"],
        ),
        (Precedence(("family_plan",), ("municipal_decision",)), ["municipal_decision"]),
        (Response(("placement_start",), ("contact_arrangement",), ("closing",)), ["placement_start", "closing"]),
        (
            StandingDuty(("placement_end",), ("evaluation_after_placement",), ("closing",)),
            ["placement_end", "evaluation_after_placement", "placement_end", "closing"],
        ),
        (Succession(("crisis_report",), ("afterwards_list",), ("closing",)), ["afterwards_list"]),
        (WhoMayPerform(("municipal_decision",), ("mandaathouder",)), ["plain", "municipal_decision"]),
    ],
    ids=lambda it: type(it).__name__ if not isinstance(it, list) else "",
)
def test_what_is_broken_names_the_event_where_it_broke_and_what_is_lost(template, names):
    judgement = judged(template, *names, "plain")
    assert judgement.standing is Standing.BROKEN
    assert judgement.broken_by is not None
    assert judgement.broken_by.seq == len(names) - 1
    assert judgement.why.endswith(".")
    assert judgement.sentences == (judgement.why, judgement.broken_by.sentence)


DEVIATED = [
    (Existence(("first_talk",)), ["skip:first_talk", "closing"]),
    (Precedence(("family_plan",), ("municipal_decision",)), ["skip:family_plan", "municipal_decision"]),
    (
        Response(("placement_start",), ("contact_arrangement",), ("closing",)),
        ["placement_start", "skip:contact_arrangement", "closing"],
    ),
    (
        StandingDuty(("placement_end",), ("evaluation_after_placement",), ("closing",)),
        ["placement_end", "skip:evaluation_after_placement", "closing"],
    ),
]
each_deviated = pytest.mark.parametrize(
    ("template", "names"), DEVIATED, ids=[type(it).__name__ for it, _ in DEVIATED]
)


def deviating(template: Template, names: Sequence[str], deviation: RecordedDeviation | None) -> Judgement:
    """How a statement stands when the step that was skipped recorded this deviation."""
    steps = tuple(
        replace(it, deviation=deviation.id) if deviation and it.what is What.STEP_SKIPPED else it
        for it in history(*names)
    )
    case = RecordedCase(steps, deviations={} if deviation is None else {deviation.id: deviation})
    (only,) = found(a_safeguard(template, deviation=True), case).judgements
    return only


REASONED = RecordedDeviation("row", 1, MONDAY, "actor/7f3a", date(2026, 12, 24))
REVIEWED = replace(REASONED, review=Review(9, MONDAY + timedelta(days=30), "actor/0001"))


def test_every_template_that_can_be_deviated_from_is_asked_that():
    assert {type(it) for it, _ in DEVIATED} == {type(it) for it in EXAMPLES.values() if isinstance(it, Deviable)}


@each_deviated
def test_a_deviation_keeps_it_and_its_review_still_stands_open(template, names):
    judgement = deviating(template, names, REASONED)
    assert judgement.standing is Standing.DEVIATED
    assert [it.deviation for it in judgement.deviations] == [REASONED]
    assert judgement.fulfilled_by == ()
    assert judgement.sentences[-1] == "Terugkijken moet nog, op 24 december 2026."


@each_deviated
def test_a_deviation_that_was_looked_back_on_says_when_and_by_another_or_the_same(template, names):
    judgement = deviating(template, names, REVIEWED)
    assert judgement.sentences[-1] == "Op 2 december 2026 is erop teruggekeken door iemand anders (gebeurtenis 9)."
    same = replace(REVIEWED, review=Review(9, MONDAY, REVIEWED.actor))
    assert "door dezelfde persoon" in deviating(template, names, same).sentences[-1]


@each_deviated
def test_skipping_without_a_reason_is_said_to_be_so(template, names):
    judgement = deviating(template, names, None)
    assert judgement.standing is Standing.DEVIATED
    assert judgement.sentences[-1] == "Een reden is niet vastgelegd."


@each_deviated
def test_where_no_deviation_is_allowed_skipping_breaks_it(template, names):
    assert judged(template, *names).standing is Standing.BROKEN


@each_deviated
def test_who_skips_it_and_then_does_it_needs_no_deviation(template, names):
    skip = next(name for name in names if name.startswith("skip:"))
    place = names.index(skip)
    both = [*names[: place + 1], skip.removeprefix("skip:"), *names[place + 1 :]]
    judgement = judged(template, *both, deviation=True)
    assert (judgement.standing, seqs(judgement)) == (Standing.KEPT, [place + 1])


# Consent, and each row by itself


def consent(*steps: DoneStep) -> list[Judgement]:
    case = RecordedCase(steps, HELP_ROWS)
    return list(found(a_safeguard(WaitsForConsent(("start_of_help",)), Scope.HELP), case).judgements)


def test_of_two_helps_only_the_one_that_started_without_consent_is_broken():
    first, second = consent(
        done("start_of_help", 4, subject="first", complete=True), done("start_of_help", 7, subject="second")
    )
    assert (first.standing, first.subject, first.about, seqs(first)) == (Standing.KEPT, "first", "hulp 1", [4])
    assert (second.standing, second.subject, second.about) == (Standing.BROKEN, "second", "hulp 2")
    assert second.broken_by is not None
    assert second.broken_by.seq == 7


def test_a_condition_is_asked_of_the_case_as_it_was_at_that_event():
    first, _ = consent(
        done("start_of_help", 1, subject="first", complete=True), done("start_of_help", 2, subject="first")
    )
    assert first.broken_by is not None
    assert first.broken_by.seq == 2


def test_consent_of_which_nothing_is_known_is_no_consent():
    first, _ = consent(done("start_of_help", 1, subject="first", complete=None))
    assert first.standing is Standing.BROKEN


def test_help_that_starts_for_all_together_or_for_the_child_is_a_breach_for_each_it_is_around():
    first, second = consent(done("start_of_help", 1, subject="child", complete=True))
    assert (first.standing, second.standing) == (Standing.BROKEN, Standing.OPEN)
    assert all(it.standing is Standing.BROKEN for it in consent(done("start_of_help", 1, complete=True)))


def test_each_child_each_measure_and_each_placement_is_judged_by_itself():
    rows = {
        row.id: row
        for row in (
            CHILD,
            Row("brother", "person", {"kind": "child"}, date(2026, 11, 2)),
            Row("place", "placement", {"child": "child"}, date(2026, 11, 2)),
            Row("ots", "measure", {"child": "child"}, date(2026, 11, 2)),
        )
    }
    case = RecordedCase((done("first_talk", 3, subject="child"),), rows)
    children = found(a_safeguard(Existence(("first_talk",)), Scope.CHILD), case).judgements
    assert [(it.subject, it.standing) for it in children] == [
        ("child", Standing.KEPT),
        ("brother", Standing.OPEN),
    ]
    placements = found(a_safeguard(Existence(("first_talk",)), Scope.PLACEMENT), case).judgements
    assert [(it.about, it.standing) for it in placements] == [("plaatsing 1", Standing.OPEN)]
    measures = found(a_safeguard(Existence(("first_talk",)), Scope.MEASURE), case).judgements
    assert [(it.about, it.standing) for it in measures] == [("maatregel 1", Standing.OPEN)]


# Open


def test_what_is_still_owed_is_open_and_names_the_event_since_which():
    response = Response(("placement_start",), ("contact_arrangement",), ("closing",))
    judgement = judged(response, "placement_start", "contact_arrangement", "placement_start", "plain")
    assert judgement.standing is Standing.OPEN
    assert judgement.owed_since is not None
    assert judgement.owed_since.seq == 2
    assert judgement.sentences[0] == "Dit moet nog."


def test_a_debt_stays_one_when_the_case_closes_another_way():
    response = Response(("placement_start",), ("contact_arrangement",), ("closing",))
    assert judged(response, "placement_start", closed=True).standing is Standing.OPEN


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_what_has_not_arisen_is_open_while_the_case_is_and_kept_when_it_closed(name):
    case = RecordedCase(history(), HELP_ROWS)
    scope = Scope.HELP if name == "waits_for_consent" else Scope.FAMILY
    safeguard = a_safeguard(EXAMPLES[name], scope)
    for closed, standing in ((False, Standing.OPEN), (True, Standing.KEPT)):
        for judgement in found(safeguard, replace(case, is_closed=closed)).judgements:
            assert (judgement.standing, judgement.arose) == (standing, False)


def test_of_two_that_may_not_both_happen_the_first_is_no_debt():
    never = NotCoexistence(("ordinary_support",), ("investigation_request",))
    assert judged(never, "ordinary_support").owed_since is None


# Structural templates


def structural(template: Template, *steps: DoneStep) -> Judgement:
    (only,) = found(a_safeguard(template), RecordedCase(steps)).judgements
    return only


def test_what_nobody_did_or_was_skipped_fulfils_no_structural_statement():
    who = WhoMayPerform(("municipal_decision",), ("mandaathouder",))
    assert structural(who, done("municipal_decision", by_person=False)).standing is Standing.OPEN
    assert structural(who, done("skip:municipal_decision")).standing is Standing.OPEN


@pytest.mark.parametrize(
    ("template", "right", "wrong"),
    [
        (
            LadderOrder(("ladder_choice",), ("t1", "t2")),
            done("ladder_choice", 3, ladder=LadderAnswer("t1")),
            done("skip:ladder_choice", 4),
        ),
        (
            SeparationOfDuties(("safety_judgement",), "gedragswetenschapper"),
            done("safety_judgement", 3, named=(frozenset({"gedragswetenschapper"}),)),
            done("safety_judgement", 4, named=()),
        ),
        (
            WhoMayPerform(("municipal_decision",), ("vap",)),
            done("municipal_decision", 3),
            done("municipal_decision", 4, roles=frozenset({"zorgaanbieder"})),
        ),
    ],
    ids=["ladder_order", "separation_of_duties", "who_may_perform"],
)
def test_a_structural_template_is_kept_and_broken_by_what_was_done(template, right, wrong):
    kept = structural(template, done("plain", 2), right)
    assert (kept.standing, seqs(kept), kept.why) == (Standing.KEPT, [3], "")
    broken = structural(template, right, wrong)
    assert broken.broken_by is not None
    assert (broken.standing, broken.broken_by.seq, seqs(broken)) == (Standing.BROKEN, 4, [3])
    assert broken.why == template.broken_by(wrong)


# What is said


def test_who_fulfilled_it_when_and_by_which_event_is_said_without_a_name():
    judgement = judged(Existence(("first_talk",)), "plain", "first_talk")
    assert judgement.sentences == (
        "Gebeurtenis 1 op 3 november 2026: “first_talk” gedaan door de rol vast aanspreekpunt.",
    )
    (mention,) = judgement.fulfilled_by
    assert (mention.actor, mention.role, mention.version) == ("actor/7f3a", "vap", 3)


def test_what_the_path_does_by_itself_is_done_by_no_role():
    case = RecordedCase((done("first_talk", 1, by_person=False),))
    (judgement,) = found(a_safeguard(Existence(("first_talk",))), case).judgements
    assert judgement.sentences == ("Gebeurtenis 1 op 3 november 2026: “first_talk” volgde vanzelf.",)


def test_a_case_is_kept_when_nothing_is_broken_and_its_history_is_whole():
    kept = found(a_safeguard(Existence(("first_talk",))), RecordedCase(history("first_talk")))
    assert kept.is_kept
    flawed = replace(kept, flaws=(Flawed(Flaw.MISSING, 4),))
    assert not flawed.is_kept
    assert flawed.flaw_sentences == ("Voor gebeurtenis 4 ontbreekt een gebeurtenis.",)
    assert not found(a_safeguard(Existence(("first_talk",))), RecordedCase(history("closing"))).is_kept


def test_a_step_on_a_release_that_is_not_given_cannot_be_judged():
    case = RecordedCase((done("first_talk", release="another"),))
    with pytest.raises(KeyError):
        found(a_safeguard(Existence(("first_talk",))), case)


# The same reading as the prover


@pytest.mark.parametrize("scope", [Scope.HELP, Scope.CHILD, Scope.FAMILY])
def test_it_hears_what_the_machine_of_the_prover_hears(scope):
    machine = Machine(PLAN, scope)
    row = {Scope.HELP: FIRST, Scope.CHILD: CHILD, Scope.FAMILY: None}[scope]
    subjects = {Aspect.FAMILY: None, Aspect.FOCUS: row.id if row else None, Aspect.OTHER: "second"}
    if scope is Scope.HELP:
        subjects[Aspect.CHILD] = "child"
    monitor = MONITORS["init"]
    for aspect, subject in subjects.items():
        if aspect is Aspect.FOCUS and row is None:
            continue
        letters = [
            it.letter for it in heard(monitor, {PLAN.digest: PLAN}, [done("closing", subject=subject)], scope, row)
        ]
        component = Component("V", "", aspect)
        expected = [machine.letter(component, name) for name in ("closing", STEP)]
        assert letters == [it for it in expected if it]


SUBJECTS = ("first", "second", "child", None)
Word: TypeAlias = list[tuple[str, str | None, bool | None]]
"""Steps by their meaning: each with what it is about, and whether consent is complete then."""


def words(name: str) -> st.SearchStrategy[Word]:
    """Steps with meanings that a monitor listens to, and without."""
    letters = MONITORS[name].letters | set(MONITORS[name].asks)
    used = sorted({it.removeprefix("*").removeprefix("skip:").rstrip("+-") for it in letters} - {STEP})
    names = st.sampled_from([*used, *map(skipped, used), "plain"])
    complete = st.sampled_from([True, False, None])
    return st.lists(st.tuples(names, st.sampled_from(SUBJECTS), complete), max_size=10)


def letters_of(name: str, steps: Word, scope: Scope) -> tuple[str, ...]:
    """The word of these steps for the first help, or the family, spelled from what the monitors say of letters."""
    asks, word = MONITORS[name].asks, []
    for step_, subject, complete in steps:
        near = scope is Scope.FAMILY or subject == "first"
        if not near and subject == "second":
            continue
        if not step_.startswith("skip:") and near and step_ in asks:
            word += [with_answer(step_, holds=complete is True), STEP]
        elif step_ == "plain":
            word.append(STEP if near else around(STEP))
        elif step_.startswith("skip:"):
            word.append(step_ if near else around(step_))
        else:
            word += [step_, STEP] if near else [around(step_), around(STEP)]
    return tuple(word)


@pytest.mark.once
@pytest.mark.parametrize("name", MONITORS)
@given(data=st.data(), scope=st.sampled_from([Scope.FAMILY, Scope.HELP]), closed=st.booleans())
def test_it_is_broken_exactly_when_the_monitor_says_so(name, data, scope, closed):
    steps = data.draw(words(name))
    template, _, more = name.partition(", ")
    deviation, shared = more in ("forgiving", "both"), more in ("shared", "both")
    safeguard = a_safeguard(WATCHED[template], scope, deviation=deviation, shared=shared)
    done_steps = tuple(
        done(step_, seq, subject=subject, complete=complete) for seq, (step_, subject, complete) in enumerate(steps)
    )
    case = RecordedCase(done_steps, {"first": FIRST}, is_closed=closed)
    (judgement,) = found(safeguard, case).judgements
    kept = MONITORS[name].judge(letters_of(name, steps, scope))
    assert (judgement.standing is not Standing.BROKEN) is kept
    if not kept:
        assert judgement.broken_by is not None
        assert judgement.why
        before = steps[: judgement.broken_by.seq]
        assert MONITORS[name].judge(letters_of(name, before, scope))
